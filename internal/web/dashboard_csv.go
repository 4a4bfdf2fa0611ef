package web

import (
	"net/http"
	"strconv"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/report"
)

// exportDashboard sends the period by month. Costs are left out: a file goes on
// to people whose role nobody checks.
func (s *Server) exportDashboard(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readDashboard(r.Context(), site, r.URL.Query())
	if err != nil {
		return err
	}
	if q.err != nil {
		return q.err
	}
	byMonth, err := s.Store.Monthly(r.Context(), site.ID, q.p.From, q.p.To)
	if err != nil {
		return err
	}
	rows := map[string]report.Figures{}
	for m, f := range byMonth {
		rows[m] = figuresOf(f)
	}
	cohorts, _, err := s.loadCohorts(r.Context(), q, q.p.Span)
	if err != nil {
		return err
	}
	sent := report.ByMonth(q.p.Span, cohorts, 0, q.today)
	head := []string{"month", "from", "to", "links_new", "links_lost", "placements", "placements_unconfirmed", "placements_lost", "domains_new", "domains_outreach", "domains_unreviewed",
		"domains_organic", "pitches_sent", "pitches_replied", "pitches_accepted", "pitches_placed", "median_days_to_link"}
	return s.sendCSV(w, r, "months", site, head, func(row func(...string) error) error {
		for i, m := range report.Fill(q.p.Span, rows) {
			split, f := m.Split(), sent[i].Funnel
			cells := []string{report.Month(m.From), m.From.String(), m.To.String()}
			for _, n := range []int{m.Links, m.LinksLost, m.Placements, m.Unconfirmed, m.Lost, m.Domains, split.Outreach, split.Unreviewed, split.Organic, f.Sent, f.Replied, f.Accepted, f.Placed} {
				cells = append(cells, strconv.Itoa(n))
			}
			median := ""
			if t := report.Delay(f); t.Known() {
				median = strconv.Itoa(t.Median)
			}
			if err := row(append(cells, median)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// exportSnapshots sends all snapshots of a site, oldest first.
func (s *Server) exportSnapshots(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	list, err := s.Store.Snapshots(r.Context(), site.ID, day.None, day.None)
	if err != nil {
		return err
	}
	head := []string{"date", "provider", "authority", "authority_metric", "referring_domains", "backlinks", "organic_traffic", "organic_keywords"}
	return s.sendCSV(w, r, "snapshots", site, head, func(row func(...string) error) error {
		for _, n := range list {
			if err := row(snapshotCells(n)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// saidText leaves a count that the provider has not said empty.
func saidText(n int64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func snapshotCells(n backlinks.Snapshot) []string {
	return []string{n.On.String(), n.Provider, authorityText(n.Authority, string(n.Metric)), string(n.Metric), saidText(n.RefDomains), saidText(n.Backlinks),
		saidText(n.OrganicTraffic), saidText(n.OrganicKeywords)}
}
