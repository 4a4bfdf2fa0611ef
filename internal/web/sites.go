package web

import (
	"cmp"
	"fmt"
	"net/http"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/report"
	"landed/internal/store"
	"landed/templates"
)

func sitePath(id int64) string { return fmt.Sprintf("/sites/%d", id) }

func (s *Server) listSites(w http.ResponseWriter, r *http.Request) error {
	return s.sitesPage(w, r, http.StatusOK, "", "")
}

func (s *Server) sitesPage(w http.ResponseWriter, r *http.Request, status int, typed, message string) error {
	list, err := s.Store.Sites(r.Context())
	if err != nil {
		return err
	}
	v := templates.Sites{CSRF: s.csrfToken(w, r), CanAdd: s.currentUser(r).Role.AtLeast(auth.Admin), Host: typed, Error: message,
		Lead: counted(len(list), "site whose backlinks are watched.", "sites whose backlinks are watched.")}
	for _, site := range list {
		row, err := s.siteRow(r, site)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	return s.show(w, r, Page{Title: "Sites", Nav: "sites", Status: status, Body: templates.SitesPage(v)})
}

func (s *Server) siteRow(r *http.Request, site store.Site) (templates.SiteRow, error) {
	id := fmt.Sprint(site.ID)
	row := templates.SiteRow{Host: site.Host, Href: sitePath(site.ID), Dashboard: "/dashboard?site=" + id, RefDomains: "–", Reading: templates.Time{Text: "none yet"}}
	t, err := s.Store.Totals(r.Context(), site.ID)
	if err != nil {
		return row, err
	}
	row.Links = grouped(t.LinksNew)
	row.Placements = templates.Linked{Text: grouped(t.Placements), Href: "/backlinks?placements=1&site=" + id}
	if t.Unconfirmed > 0 {
		row.Unconfirmed = grouped(t.Unconfirmed) + " not confirmed yet"
	}
	last, err := s.Store.LatestSnapshots(r.Context(), site.ID, 1)
	if err != nil || len(last) == 0 {
		return row, err
	}
	row.DR, row.Band = drText(last[0].Authority, string(last[0].Metric))
	row.RefDomains, row.Reading = saidCount(last[0].RefDomains), longDay(last[0].On)
	return row, nil
}

func (s *Server) createSite(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("host")
	site, err := s.Store.CreateSite(r.Context(), typed)
	if message := fault.FieldsOf(err)["host"]; message != "" {
		return s.sitesPage(w, r, http.StatusUnprocessableEntity, cut(typed, 2000), message)
	}
	if err != nil {
		return err
	}
	if err := s.Store.Audit(r.Context(), s.by(r), "site_created", site.Host, ""); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: site.Host + " added"})
	return s.redirect(w, r, sitePath(site.ID))
}

// snapshotRows is how many snapshots the page of a site lists; the CSV has all.
const snapshotRows = 14

func (s *Server) showSite(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	src, err := s.loadChart(w, r, site, report.Months24)
	if err != nil {
		return err
	}
	list, err := s.Store.LatestSnapshots(r.Context(), site.ID, snapshotRows+1)
	if err != nil {
		return err
	}
	t, err := s.Store.Totals(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := templates.SiteDetail{Host: site.Host, Dashboard: fmt.Sprintf("/dashboard?site=%d", site.ID), CSV: sitePath(site.ID) + "/snapshots.csv",
		RefDomains: src.refDomains(2), Authority: src.authority(2), Metric: cmp.Or(string(src.history.Metric), "DR"),
		Lead: "Each diamond is a placement that went live. Hover, or tab to it, to see the pitch."}
	if len(src.marks) == 0 {
		v.Lead = "What the provider reads of the site, day by day. Placements will be marked on the curves."
	}
	if len(list) > snapshotRows {
		v.More = fmt.Sprintf("The latest %d", snapshotRows)
	}
	for i, n := range list[:min(len(list), snapshotRows)] {
		v.Snapshots = append(v.Snapshots, snapshotRow(n, list[i+1:]))
	}
	v.Facts = siteFacts(site, src.history, t, day.Of(s.Now()))
	return s.show(w, r, Page{Title: site.Host, Nav: "sites", Body: templates.SitePage(v)})
}

// saidCount is a count of the provider's; a history says only some of them.
func saidCount(n int64) string {
	if n < 0 {
		return "–"
	}
	return grouped(int(n))
}

// snapshotRow compares a snapshot with the one before it by the same provider.
func snapshotRow(n backlinks.Snapshot, older []backlinks.Snapshot) templates.SnapshotRow {
	row := templates.SnapshotRow{Day: longDay(n.On), RefDomains: saidCount(n.RefDomains), Backlinks: saidCount(n.Backlinks), Traffic: saidCount(n.OrganicTraffic),
		Keywords: saidCount(n.OrganicKeywords), Source: providerName(n.Provider), Authority: "–"}
	if n.Metric != "" && n.Authority >= 0 {
		row.Authority = fmt.Sprintf("%.1f", n.Authority)
	}
	for _, o := range older {
		if o.Provider == n.Provider && o.RefDomains >= 0 && n.RefDomains >= 0 {
			diff := int(n.RefDomains - o.RefDomains)
			row.Change, row.Trend = diffText(diff), cmp.Compare(diff, 0)
			break
		}
	}
	return row
}

func siteFacts(site store.Site, h store.History, t store.Figures, today day.Day) []templates.Fact {
	counts := site.Host
	switch site.Mode {
	case backlinks.ModeDomain, backlinks.ModeSubdomains:
		counts += ", *." + site.Host
	}
	facts := []templates.Fact{{Label: "Counts as this site", Value: counts, Mono: true}}
	source := "No provider has been asked yet"
	if h.Provider != "" {
		source = providerName(h.Provider) + ", last read on " + instantTime(h.FetchedAt).Text + " UTC"
	}
	facts = append(facts, templates.Fact{Label: "Source of the charts", Value: source})
	if h.First.Known() {
		facts = append(facts, templates.Fact{Label: "History since", Value: longDay(h.First).Text})
	}
	id := fmt.Sprint("&site=", site.ID)
	return append(facts,
		templates.Fact{Label: "Links stored", Value: grouped(t.LinksNew), Href: "/backlinks?state=all" + id},
		templates.Fact{Label: "Placements", Value: grouped(t.Placements), Href: "/backlinks?placements=1" + id},
		templates.Fact{Label: "Referring domains stored", Value: grouped(t.DomainsNew), Href: "/domains?class=all" + id},
		templates.Fact{Label: "Added", Value: longDay(day.Of(site.CreatedAt)).Text})
}
