package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/report"
	"landed/internal/store"
	"landed/templates"
)

func (s *Server) dashboardRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/dashboard", Role: auth.Viewer, Handler: s.showDashboard},
		{Method: get, Pattern: "/dashboard.csv", Role: auth.Viewer, Handler: s.exportDashboard, Costly: true},
		{Method: get, Pattern: "/dashboard/win", Role: auth.Viewer, Handler: s.showWinRate},
		{Method: get, Pattern: "/dashboard/earned", Role: auth.Viewer, Handler: s.showEarned},
		{Method: get, Pattern: "/dashboard/earned.csv", Role: auth.Viewer, Handler: s.exportEarned, Costly: true},
		{Method: get, Pattern: "/dashboard/placements", Role: auth.Viewer, Handler: s.showParts},
		{Method: get, Pattern: "/dashboard/copies", Role: auth.Viewer, Handler: s.listCopies},

		{Method: get, Pattern: "/sites", Role: auth.Viewer, Handler: s.listSites},
		{Method: post, Pattern: "/sites", Role: auth.Admin, Handler: s.createSite},
		{Method: get, Pattern: "/sites/{id}", Role: auth.Viewer, Handler: s.showSite},
		{Method: get, Pattern: "/sites/{id}/dashboard", Role: auth.Viewer, Handler: s.goDashboard},
		{Method: get, Pattern: "/sites/{id}/chart/{figure}", Role: auth.Viewer, Handler: s.showChart},
		{Method: get, Pattern: "/sites/{id}/snapshots.csv", Role: auth.Viewer, Handler: s.exportSnapshots, Costly: true},
	}
}

// dashQuery is what the address of a dashboard asks for.
type dashQuery struct {
	site  store.Site
	query url.Values // the parameters that mean something, for links to the same
	p     report.Period
	first day.Day // of which anything is known; None for nothing at all
	today day.Day
	err   error // the days asked for cannot be; p is then the usual period
}

var dashParams = []string{"p", "from", "to", "range", "by", "who", "model", "copies"}

func (s *Server) readDashboard(ctx context.Context, site store.Site, in url.Values) (dashQuery, error) {
	q := dashQuery{site: site, query: keepParams(in, dashParams), today: day.Of(s.Now())}
	var err error
	if q.first, err = s.Store.FirstDay(ctx, site.ID); err != nil {
		return q, err
	}
	if q.p, q.err = report.Cut(in.Get("p"), in.Get("from"), in.Get("to"), q.today, q.first); q.err != nil {
		q.p, err = report.Cut("", "", "", q.today, q.first)
	}
	return q, err
}

// copies says that the address asks for copies of placements to be counted too.
func (q dashQuery) copies() bool { return q.query.Get("copies") == "1" }

// at is the address of the dashboard with parameters changed.
func (q dashQuery) at(change ...string) string { return listAddress("/dashboard", q.query, change...) }

// rowsIn is the address of a list of what happened in a span. It is asked for
// hundreds of times by one page, hence no url.Values.
func rowsIn(path string, s report.Span, more ...string) string {
	b := make([]byte, 0, 96)
	b = append(append(b, path...), '?')
	for i := 0; i+1 < len(more); i += 2 {
		b = append(append(append(append(b, more[i]...), '='), url.QueryEscape(more[i+1])...), '&')
	}
	b = append(append(b, "from="...), s.From.String()...)
	return string(append(append(b, "&to="...), s.To.String()...))
}

// dashData is what the store knows of a period.
type dashData struct {
	now, before report.Figures
	months      []report.MonthFigures
	bars        report.Span
	sent        report.Funnel   // of the pitches of the period
	groups      []report.Group  // of them, by person or campaign
	earned      []earnedBy      // the placements of the period, by whose they are
	year        []report.Cohort // by month, of the span of the bars
	copies      int             // of placements, in the period; only when they are asked for
	lost        map[backlinks.LostReason]int
	history     store.History
	marks       markData
	chart       report.Span
	asOf        time.Time
}

func figuresOf(f store.Figures) report.Figures {
	return report.Figures{Links: f.LinksNew, LinksLost: f.LinksLost, Placements: f.Placements, Unconfirmed: f.Unconfirmed, Lost: f.PlacementsLost,
		Suggested: f.Suggested, Domains: f.DomainsNew, Outreach: f.DomainsOutreach, DomainsUndecided: f.DomainsUnreviewed}
}

func cohortsOf(list []store.Cohort) []report.Cohort {
	out := make([]report.Cohort, len(list))
	for i, c := range list {
		out[i] = report.Cohort{Month: c.Month, OwnerID: c.OwnerID, Owner: c.Owner, Campaign: c.Campaign, Funnel: report.Funnel{Sent: c.Sent, Replied: c.Replied,
			Accepted: c.Accepted, Placed: c.Placed, Links: c.Links, Live: c.Live, Delays: c.Delays, Costs: c.CostByCoin}}
	}
	return out
}

// loadDashboard reads rollups and index ranges alone; how many links and pitches
// there are beside the period does not matter.
func (s *Server) loadDashboard(ctx context.Context, q dashQuery) (d dashData, err error) {
	id := q.site.ID
	d.bars, d.chart = report.BarSpan(q.p, q.first), q.chartSpan()
	byDay, err := s.Store.MarkDays(ctx, id, min(d.bars.From, d.chart.From), max(d.bars.To, d.chart.To))
	if err != nil {
		return d, err
	}
	d.months = barMonths(d.bars, byDay)
	now, err := s.Store.Sum(ctx, id, q.p.From, q.p.To)
	if err != nil {
		return d, err
	}
	d.now = figuresOf(now)
	if q.p.Before.Known() {
		before, err := s.Store.Sum(ctx, id, q.p.Before.From, q.p.Before.To)
		if err != nil {
			return d, err
		}
		d.before = figuresOf(before)
	}
	if d.year, d.sent, err = s.loadCohorts(ctx, q, d.bars); err != nil {
		return d, err
	}
	if d.groups, err = s.loadGroups(ctx, q); err != nil {
		return d, err
	}
	if d.earned, err = s.loadEarned(ctx, q); err != nil {
		return d, err
	}
	if q.copies() {
		if d.copies, err = s.Store.CountCopies(ctx, id, q.p.From, q.p.To); err != nil {
			return d, err
		}
	}
	if d.lost, err = s.Store.LostPlacements(ctx, id, q.p.From, q.p.To); err != nil {
		return d, err
	}
	if d.asOf, err = s.Store.DataAsOf(ctx, id); err != nil {
		return d, err
	}
	if d.history, err = s.Store.History(ctx, id, d.chart.From, d.chart.To); err != nil {
		return d, err
	}
	if len(d.history.Readings) > 2 { // fewer are no curve, and marks have nothing to stand on
		if d.marks, err = s.nameMarks(ctx, id, d.chart, byDay); err != nil {
			return d, err
		}
	}
	for _, t := range []time.Time{d.history.FetchedAt, d.asOf} {
		if t.After(d.asOf) {
			d.asOf = t
		}
	}
	if d.asOf.IsZero() { // nothing from a provider: the figures say what is stored now
		d.asOf = s.Now()
	}
	return d, nil
}

// loadCohorts reads the months of a span that holds the period, and the sum of
// the period. They are read once where the period has whole months of the span.
func (s *Server) loadCohorts(ctx context.Context, q dashQuery, span report.Span) (all []report.Cohort, sum report.Funnel, err error) {
	list, err := s.Store.CohortMonths(ctx, q.site.ID, span.From, span.To)
	if err != nil {
		return nil, sum, err
	}
	all = cohortsOf(list)
	if q.p.From != report.FirstOfMonth(q.p.From) && q.p.From != span.From {
		list, err := s.Store.CohortMonths(ctx, q.site.ID, q.p.From, q.p.To)
		return all, report.Sum(cohortsOf(list)), err
	}
	first := report.Month(q.p.From)
	return all, report.Sum(slices.DeleteFunc(slices.Clone(all), func(c report.Cohort) bool { return c.Month < first })), nil
}

func (s *Server) loadGroups(ctx context.Context, q dashQuery) ([]report.Group, error) {
	campaigns := q.query.Get("by") == "c"
	list, err := s.Store.WinRates(ctx, q.site.ID, q.p.From, q.p.To, campaigns)
	if campaigns {
		return report.ByCampaign(cohortsOf(list)), err
	}
	return report.ByOwner(cohortsOf(list)), err
}

// barMonths sums the placements of days by month.
func barMonths(s report.Span, byDay []store.MarkDay) []report.MonthFigures {
	out := report.Fill(s, nil)
	i := 0
	for _, d := range byDay {
		for i < len(out)-1 && d.Day > out[i].To {
			i++
		}
		if out[i].Has(d.Day) {
			out[i].Placements += d.Landed
			out[i].Unconfirmed += d.Unconfirmed
		}
	}
	return out
}

func (s *Server) showDashboard(w http.ResponseWriter, r *http.Request) error {
	site, sites, err := s.currentSite(w, r)
	if err != nil {
		return err
	}
	if len(sites) == 0 {
		return s.show(w, r, Page{Title: "Dashboard", Nav: "dashboard", Body: noSites(s.currentUser(r).Role)})
	}
	q, err := s.readDashboard(r.Context(), site, r.URL.Query())
	if err != nil {
		return err
	}
	page := Page{Title: "Dashboard", Nav: "dashboard", Status: http.StatusOK}
	if q.err != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	v := q.frame()
	if !q.first.Known() {
		v.Title, v.None = "Nothing to report yet", nothingYet(s.currentUser(r).Role)
		page.Body = templates.DashboardPage(v)
		return s.show(w, r, page)
	}
	d, err := s.loadDashboard(r.Context(), q)
	if err != nil {
		return err
	}
	q.fill(&v, d, s.currentUser(r).Role)
	page.Body = templates.DashboardPage(v)
	return s.show(w, r, page)
}

// showWinRate is the card of win rates alone.
func (s *Server) showWinRate(w http.ResponseWriter, r *http.Request) error {
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
	if !isHTMX(r) { // the address was opened by hand: the whole page has the same choice
		return s.redirect(w, r, q.at())
	}
	groups, err := s.loadGroups(r.Context(), q)
	if err != nil {
		return err
	}
	return s.part(w, r, http.StatusOK, templates.WinCard(q.win(groups)))
}

func (s *Server) goDashboard(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	return s.redirect(w, r, listAddress("/dashboard", keepParams(r.URL.Query(), dashParams), "site", fmt.Sprint(site.ID)))
}

func (s *Server) pathSite(r *http.Request) (store.Site, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return store.Site{}, err
	}
	return s.Store.Site(r.Context(), id)
}

func noSites(role auth.Role) templateBody {
	e := templates.Empty{Title: "No site yet", Text: "An admin adds the domain that your pitches ask links to."}
	if role.AtLeast(auth.Admin) {
		e.Text, e.Action = "Add the domain that your pitches ask links to.", templates.Link{Label: "Add a site", Href: "/sites", Class: "pri"}
	}
	return templates.NoDashboard(e)
}

func nothingYet(role auth.Role) *templates.Empty {
	e := &templates.Empty{Title: "No links and no pitches yet", Text: "The first figures show as soon as links are synced or imported, or a pitch is logged."}
	if role.AtLeast(auth.Staff) {
		e.Action = templates.Link{Label: "Import a file", Href: "/import", Class: "pri", Icon: "upload"}
	}
	return e
}

// fieldError is the message of a fault for a field of a form.
func fieldError(err error, field string) string { return fault.FieldsOf(err)[field] }

// sentence is what stands in a note: the messages of a fault, one after another.
func sentence(err error) string {
	var all []string
	for _, name := range []string{"from", "to"} {
		if m := fieldError(err, name); m != "" {
			all = append(all, m)
		}
	}
	return strings.Join(all, " ")
}
