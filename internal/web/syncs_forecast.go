package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

// Forecast is what a sync is going to take.
type Forecast struct {
	Requests, Units int
	// AtLeast is set where nothing speaks for a part of it yet.
	AtLeast bool
	// Known is false when nobody could say: what past runs took is shown instead.
	Known bool
}

func (f Forecast) String() string {
	out := "≈ " + counted(f.Requests, "request", "requests")
	if f.Units > 0 {
		out += ", ≈ " + counted(f.Units, "unit", "units")
	}
	if f.AtLeast {
		out = counted(f.Requests, "request", "requests") + " or more"
		if f.Units > 0 {
			out += ", " + counted(f.Units, "unit", "units") + " or more"
		}
	}
	return out
}

// label is a button's word with what pressing it costs.
func (f Forecast) label(word string) string {
	switch {
	case f.Units == 0:
		return word
	case f.AtLeast:
		return word + ", " + grouped(f.Units) + " units or more"
	}
	return word + ", about " + counted(f.Units, "unit", "units")
}

// forecastSites is for how many sites of a page the provider's prices are reckoned
// with: it takes some reads each. The others are told by their last run.
const forecastSites = 50

// forecast says what the next sync of a site takes: by the provider's prices, or
// in proportion to its last run.
func (s *Server) forecast(ctx context.Context, x store.SiteSync) Forecast {
	if s.Forecast != nil && !taken(x.Last, s.Now()) {
		if f, err := s.Forecast(ctx, x.Site.ID, 0); err == nil && f.Known {
			return f
		}
	}
	return syncForecast(x, s.Now())
}

// historyYears are the spans that are offered.
var historyYears = []int{3, 5, 10}

// showHistory offers years of history with what each costs.
func (s *Server) showHistory(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, _ := strconv.ParseInt(r.URL.Query().Get("of"), 10, 64) // 0 is no site
	site, err := s.Store.Site(ctx, id)
	if err != nil {
		return err
	}
	from, err := s.source(ctx)
	if err != nil {
		return err
	}
	v := templates.SyncHistory{Site: site.Host, Lead: "A first sync brings two years of ratings and referring domains. More is asked for once, and only if you say so."}
	switch {
	case !from.Ready():
		v.Note = templates.Note{Kind: "bad", Title: "Nothing can be asked.", Text: fault.Message(notReady(from))}
	case from.Detected == "playbook":
		v.Note = templates.Note{Kind: "info", Title: "There is no history to ask for.", Text: "The endpoint set “playbook” knows a site’s figures of today alone."}
	default:
		token := s.csrfToken(w, r)
		for _, years := range historyYears {
			v.Rows = append(v.Rows, s.yearsRow(ctx, site, years, token))
		}
	}
	return s.show(w, r, Page{Title: "History of " + site.Host, Nav: "sync", Body: templates.SyncHistoryPage(v)})
}

func (s *Server) yearsRow(ctx context.Context, site store.Site, years int, token string) templates.SyncYears {
	row := templates.SyncYears{Label: counted(years, "year", "years"), Since: s.Now().UTC().AddDate(-years, 0, 0).Format("January 2006"), Cost: "Not known yet"}
	f := Forecast{}
	if s.Forecast != nil {
		if got, err := s.Forecast(ctx, site.ID, years); err == nil && got.Known {
			f, row.Cost = got, got.String()
			if got.Requests == 0 {
				row.Cost = "Nothing: it is there already"
			}
		}
	}
	row.Get = templates.PostButton{Action: "/sync", CSRF: token, Label: f.label("Bring it"), Class: "s", Aria: f.label("Bring it") + ": " + row.Label + " of history",
		Hidden: []templates.Option{{Label: "site", Value: strconv.FormatInt(site.ID, 10)}, {Label: "years", Value: strconv.Itoa(years)}}}
	return row
}

// askedYears reads the field "years": none, or one of those that are offered.
func askedYears(r *http.Request) (int, error) {
	text := r.PostFormValue("years")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(historyYears, n) {
		return 0, fault.New(fault.Invalid, "History is brought for 3, 5 or 10 years.")
	}
	return n, nil
}

// askedFull reads the field "full": whether every link is to be checked.
func askedFull(r *http.Request) (bool, error) {
	switch r.PostFormValue("full") {
	case "":
		return false, nil
	case "1":
		return true, nil
	}
	return false, fault.New(fault.Invalid, "Every link is checked, or none.")
}

// checkButton asks for a list of everything that lives. There is none while a sync
// is under way.
func (s *Server) checkButton(ctx context.Context, x store.SiteSync, token string) templates.PostButton {
	if x.Last.State.Open() || x.Done.ID == 0 {
		return templates.PostButton{}
	}
	b := templates.PostButton{Action: "/sync", CSRF: token, Label: "Check every link", Hidden: []templates.Option{
		{Label: "site", Value: strconv.FormatInt(x.Site.ID, 10)}, {Label: "full", Value: "1"}}}
	if s.ForecastCheck != nil {
		if f, err := s.ForecastCheck(ctx, x.Site.ID); err == nil && f.Known {
			b.Label = f.label(b.Label)
		}
	}
	return b
}

// cancelSync stops a run for good. One that is running ends after the page in
// flight; what it has saved stays.
func (s *Server) cancelSync(w http.ResponseWriter, r *http.Request) error {
	run, site, err := s.syncRun(r)
	if err != nil {
		return err
	}
	now, err := s.Store.CancelRun(r.Context(), s.by(r), run.ID)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Sync of %s cancelled", site.Host)
	if now.State == store.SyncRunning {
		text = fmt.Sprintf("The sync of %s ends after the page it is at", site.Host)
	}
	s.flash(r, templates.Toast{Text: text})
	return s.redirectBack(w, r, syncPath(run.ID))
}

// stopButton cancels a run that is open, unless somebody has asked for it already.
func stopButton(run store.SyncRun, host, token, back string) templates.PostButton {
	if !run.State.Open() || !run.CancelAt.IsZero() {
		return templates.PostButton{}
	}
	b := templates.PostButton{Action: syncPath(run.ID) + "/cancel", CSRF: token, Label: "Cancel this sync", Class: "s", Aria: "Cancel this sync of " + host}
	if back != "" {
		b.Hidden = []templates.Option{{Label: "back", Value: back}}
	}
	return b
}

// requestPage is how many requests of a run are listed at once.
const requestPage = 50

// requestsView is a page of a run's requests.
func (s *Server) requestsView(r *http.Request, run store.SyncRun) (templates.SyncRequests, error) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // anything else starts at the first
	list, next, err := s.Store.SyncRequests(r.Context(), run.ID, max(after, 0), requestPage)
	if err != nil {
		return templates.SyncRequests{}, err
	}
	v := templates.SyncRequests{Pager: templates.Pager{NewerLabel: "First", OlderLabel: "Later", Target: "#requests"}}
	if next != 0 {
		v.Pager.Older = fmt.Sprint(syncPath(run.ID), "?after=", next)
	}
	if after > 0 {
		v.Pager.Newer = syncPath(run.ID)
	}
	for _, q := range list {
		v.Rows = append(v.Rows, requestRow(q))
	}
	return v, nil
}

func requestRow(q store.SyncRequest) templates.SyncRequest {
	row := templates.SyncRequest{When: templates.Time{ISO: q.At.UTC().Format(time.RFC3339), Text: q.At.UTC().Format("15:04:05"), Title: whenTime(q.At).Title},
		Step: stepName(q.Step), Endpoint: q.Endpoint, State: "good", StateText: "Answered", Outcome: q.Outcome, Rows: grouped(q.Rows), Units: grouped(q.Units),
		Took: fmt.Sprintf("%.1f s", float64(q.Ms)/1000)}
	switch {
	case q.Cached:
		row.StateText, row.Units = "From its cache", "0, cached"
	case !q.OK && q.Status == 0:
		row.State, row.StateText, row.Rows = "fail", "No answer", ""
	case !q.OK:
		row.State, row.StateText, row.Rows = "fail", fmt.Sprintf("Refused, %d", q.Status), ""
		if q.Status == http.StatusOK {
			row.StateText = "Not usable"
		}
	}
	return row
}
