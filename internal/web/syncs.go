package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/provider"
	"landed/internal/store"
	"landed/templates"
)

// source is the provider as it stands; the zero State, which is not ready, when
// there is nothing to ask.
func (s *Server) source(ctx context.Context) (provider.State, error) {
	if s.Provider == nil || s.EnqueueSync == nil {
		return provider.State{}, nil
	}
	return s.Provider.State(ctx)
}

func (s *Server) syncRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/sync", Role: auth.Manager, Handler: s.showSyncs},
		{Method: post, Pattern: "/sync", Role: auth.Manager, Handler: s.startSync, Costly: true},
		{Method: get, Pattern: "/sync/history", Role: auth.Manager, Handler: s.showHistory},
		{Method: post, Pattern: "/sync/runs/{id}/cancel", Role: auth.Manager, Handler: s.cancelSync},
		{Method: get, Pattern: "/sync/runs/{id}", Role: auth.Manager, Handler: s.showSyncRun},
		{Method: get, Pattern: "/sync/runs/{id}/events", Role: auth.Manager, Handler: s.streamSyncRun, Stream: true},
	}
}

// syncPage is the number of runs on a page.
const syncPage = 25

// After how many seconds a page without script looks again.
const (
	syncRefresh     = 5
	syncRefreshWait = 60 // while a run waits for the provider's limit
)

func syncPath(run int64) string { return "/sync/runs/" + strconv.FormatInt(run, 10) }

// showSyncs is where the syncs of all sites stand, and the runs so far.
func (s *Server) showSyncs(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	of, _ := strconv.ParseInt(q.Get("of"), 10, 64)         // anything else is all sites
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // anything else starts at the newest
	list := runList{of: max(of, 0), before: max(before, 0), month: q.Get("month")}
	if _, err := time.Parse("2006-01", list.month); err != nil {
		list.month = ""
	}
	ctx := r.Context()
	all, err := s.Store.SiteSyncs(ctx)
	if err != nil {
		return err
	}
	runs, next, err := s.Store.Runs(ctx, store.RunFilter{Site: list.of, Month: list.month, Before: list.before, Limit: syncPage})
	if err != nil {
		return err
	}
	schedules, err := s.Store.Schedules(ctx)
	if err != nil {
		return err
	}
	units, budget, err := s.unitsView(ctx, all)
	if err != nil {
		return err
	}
	site, _, err := s.currentSite(w, r)
	if err != nil {
		return err
	}
	from, err := s.source(ctx)
	if err != nil {
		return err
	}
	v := templates.SyncPage{CSRF: s.csrfToken(w, r), NoToken: !from.Ready(), Problem: from.Problem, Runs: s.syncRuns(all, runs, list, next),
		Notes: budgetNotes(budget), Units: units}
	if s.currentUser(r).Role.AtLeast(s.access[providerPath]) {
		v.Settings, v.Budget = providerPath, syncSettingsPath
		if units != nil {
			units.Change = templates.Link{Label: "Change the budget", Href: syncSettingsPath}
		}
	}
	s.syncSites(ctx, &v, all, schedules, site)
	if units != nil && from.Report != nil && from.Report.Account != nil {
		units.Account = accountText(*from.Report.Account, from.TestedAt)
	}
	v.Source, v.Pace = s.syncSource(from, s.currentUser(r))
	p := Page{Title: "Sync", Nav: "sync", Body: templates.SyncPageBody(v), Part: templates.SyncRunList(v.Runs)}
	if r.Header.Get("HX-Target") == "sync" {
		p.Part = p.Body
	}
	p.SSE = len(v.Jobs) > 0
	for _, x := range all {
		p.Refresh = soonest(p.Refresh, refreshOf(x.Last.State))
	}
	return s.show(w, r, p)
}

// refreshOf is when to look again at a run: never at one that has ended.
func refreshOf(st store.SyncState) int {
	switch {
	case st == store.SyncWaiting:
		return syncRefreshWait
	case st.Open():
		return syncRefresh
	}
	return 0
}

func soonest(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// startSync asks for a site's sync. It is one job however often it is pressed;
// a run that waits is brought forward.
func (s *Server) startSync(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	from, err := s.source(ctx)
	if err != nil {
		return err
	}
	if !from.Ready() {
		return notReady(from)
	}
	id, _ := strconv.ParseInt(r.PostFormValue("site"), 10, 64) // 0 is no site
	site, err := s.Store.Site(ctx, id)
	if err != nil {
		return err
	}
	years, err := askedYears(r)
	if err != nil {
		return err
	}
	full, err := askedFull(r)
	if err != nil {
		return err
	}
	added, err := s.requestSync(r, site, store.Asked{Cause: store.CauseManual, By: s.by(r), Years: years, EveryLink: full})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Sync of %s started", site.Host)
	if full {
		text = fmt.Sprintf("Check of every link of %s started", site.Host)
	}
	if !added {
		text = fmt.Sprintf("The sync of %s is running already", site.Host)
	} else if err := s.Store.Audit(ctx, s.by(r), "sync_started", site.Host, ""); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: text})
	return s.redirectBack(w, r, "/sync")
}

// notReady says why nothing can be asked.
func notReady(from provider.State) error {
	if from.Problem != "" {
		return fault.New(fault.Conflict, "%s", from.Problem)
	}
	return provider.ErrNoToken
}

// requestSync writes down that a sync is wanted, then enqueues it. In this order the
// job finds what was written; what nobody is going to begin is taken back.
func (s *Server) requestSync(r *http.Request, site store.Site, asked store.Asked) (added bool, err error) {
	ctx := context.WithoutCancel(r.Context()) // a closed tab must not leave half of it
	run, queued, err := s.Store.AskRun(ctx, site.ID, asked)
	if err != nil {
		return false, err
	}
	if !queued && asked.EveryLink && !run.EveryLink {
		return false, fault.New(fault.Conflict, "A sync of %s is not finished yet. Its links can be checked when it is.", site.Host)
	}
	if !queued && asked.Years > run.Years {
		return false, fault.New(fault.Conflict, "A sync of %s is not finished yet. More history can be brought when it is.", site.Host)
	}
	added, err = s.EnqueueSync(ctx, site.ID)
	if queued && (err != nil || !added) {
		err = errors.Join(err, s.Store.UnqueueRun(ctx, run.ID))
	}
	return added, err
}

// showSyncRun is one run: its steps, what happened, and what comes next.
func (s *Server) showSyncRun(w http.ResponseWriter, r *http.Request) error {
	run, site, err := s.syncRun(r)
	if err != nil {
		return err
	}
	from, err := s.source(r.Context())
	if err != nil {
		return err
	}
	v := s.runView(run, site)
	if s.runAgain(&v, run); !from.Ready() {
		v.Again = templates.PostButton{}
	}
	if v.Again.Label != "" {
		all, err := s.Store.SiteSyncs(r.Context())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(x store.SiteSync) bool { return x.Last.ID == run.ID })
		if i < 0 { // it is history: the site's newest run is what goes on
			v.Again = templates.PostButton{}
		} else {
			v.Again.CSRF, v.Cost = s.csrfToken(w, r), "“"+v.Again.Label+"” takes "+s.forecast(r.Context(), all[i]).String()+"."
		}
	}
	if run.State == store.SyncWaiting && run.WaitFor.Budget() && s.currentUser(r).Role.AtLeast(s.access[syncSettingsPath]) {
		v.Budget = syncSettingsPath
	}
	v.Stop = stopButton(run, site.Host, s.csrfToken(w, r), "")
	if v.Requests, err = s.requestsView(r, run); err != nil {
		return err
	}
	p := Page{Title: v.Title, Nav: "sync", Body: templates.SyncRunBody(v), SSE: v.Events != "", Refresh: refreshOf(run.State)}
	if r.Header.Get("HX-Target") == "requests" {
		p.Part = templates.SyncRequestList(v.Requests)
	}
	return s.show(w, r, p)
}

// syncRun reads the run of the path with its site.
func (s *Server) syncRun(r *http.Request) (run store.SyncRun, site store.Site, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return run, site, err
	}
	if run, err = s.Store.Run(r.Context(), id); err != nil {
		return run, site, err
	}
	site, err = s.Store.Site(r.Context(), run.SiteID)
	return run, site, err
}
