package web

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/provider"
	"landed/internal/secret"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

var stepsOfRun = []store.SyncStep{
	{Name: "overview"},
	{Name: "new_links", From: day.Date(2026, 2, 20), To: day.Date(2026, 3, 1)},
	{Name: "lost_links", From: day.Date(2026, 2, 20), To: day.Date(2026, 3, 1)},
	{Name: "refdomains"},
}

// syncApp has a provider whose jobs are only written down in asked.
func syncApp(t *testing.T) (a *app, asked *[]int64) {
	t.Helper()
	a, asked = newApp(t), new([]int64)
	a.EnqueueSync = func(_ context.Context, site int64) (bool, error) {
		*asked = append(*asked, site)
		return true, nil
	}
	a.SyncEvery = 7 * oneDay
	a.ask("a-token-of-the-environment-f2c9", "")
	return a, asked
}

// ask gives the server a provider at base ("" = its own address) and, unless "", a
// token from the environment.
func (a *app) ask(token, base string) {
	a.t.Helper()
	d, err := provider.New(provider.Options{Store: a.Store, Keys: secret.Source{File: filepath.Join(a.dir, secret.FileName)}, Token: token, BaseURL: base, Log: a.Log, PerMinute: 1 << 20})
	if err != nil {
		a.t.Fatal(err)
	}
	a.Provider = d
}

// beginRun starts a run of a site.
func (a *app) beginRun(site int64) store.SyncRun {
	a.t.Helper()
	run, err := a.Store.StartRun(a.t.Context(), store.NewRun{Site: site, Steps: stepsOfRun})
	if err != nil {
		a.t.Fatal(err)
	}
	return run
}

// pullLinks saves the first page of new links with n of them.
func (a *app) pullLinks(run store.SyncRun, n int, next string) {
	a.t.Helper()
	var links []backlinks.Link
	for i := range n {
		links = append(links, backlinks.Link{SourceURL: fmt.Sprintf("https://news%d.example/story", i), TargetURL: "https://fern.example/", FirstSeen: day.Date(2026, 2, 21), Provider: "ahrefs"})
	}
	page := store.SyncPage{Run: run.ID, Site: run.SiteID, Step: "new_links", Next: next, Cost: backlinks.Cost{Requests: 2, Units: 150}}
	if _, err := a.Store.SaveLinkPage(a.t.Context(), page, links); err != nil {
		a.t.Fatal(err)
	}
}

func (a *app) endRun(run store.SyncRun, end store.SyncEnd) {
	a.t.Helper()
	if err := a.Store.FinishRun(a.t.Context(), run.ID, end); err != nil {
		a.t.Fatal(err)
	}
}

func (a *app) addSite(host string) int64 {
	a.t.Helper()
	site, err := a.Store.CreateSite(a.t.Context(), host)
	if err != nil {
		a.t.Fatal(err)
	}
	return site.ID
}

const attack = `<script>alert(1)</script>`

func TestSyncRunInEachState(t *testing.T) {
	for name, tt := range map[string]struct {
		end     *store.SyncEnd // nil = it runs
		queued  bool
		badge   string
		note    string
		refresh string
		again   string
	}{
		"queued":  {queued: true, badge: "Waiting for its turn", refresh: "5"},
		"running": {badge: "Running", refresh: "5"},
		"waiting": {end: &store.SyncEnd{State: store.SyncWaiting, WaitUntil: testkit.Start.Add(3 * time.Hour), Message: "Too many requests. " + attack}, badge: "Put off", refresh: "60",
			note: "Waiting until 12:00:00 UTC, 1 Mar 2026. Too many requests. " + attack, again: "Go on from here"},
		"failed": {end: &store.SyncEnd{State: store.SyncFailed, Step: "new_links", Message: attack + " Kept: the first 3 new links."}, badge: "Failed",
			note: "This sync failed. " + attack + " Kept: the first 3 new links.", again: "Go on from here"},
		"done": {end: &store.SyncEnd{State: store.SyncDone}, badge: "Done"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := syncApp(t)
			var run store.SyncRun
			if tt.queued {
				run, _, _ = a.Store.QueueRun(t.Context(), 1)
			} else {
				run = a.beginRun(1)
				a.pullLinks(run, 3, "2")
			}
			a.clock.Forward(48 * time.Second)
			if tt.end != nil {
				a.endRun(run, *tt.end)
			}
			b := a.as(auth.Manager)
			res := b.Get(syncPath(run.ID)).Want(200)
			if got := res.Text(".lead .bdg"); got != tt.badge {
				t.Errorf("badge %q", got)
			}
			if tt.note != "" && res.Text("#run .note") != tt.note {
				t.Errorf("note %q", res.Text("#run .note"))
			}
			if res.Find("#content script").Length() != 0 {
				t.Error("the message became HTML")
			}
			if got := res.Find("noscript meta[http-equiv=refresh]").AttrOr("content", ""); got != tt.refresh && !strings.Contains(res.Body, `http-equiv="refresh" content="`+tt.refresh+`"`) {
				t.Errorf("refresh %q, want %q", got, tt.refresh)
			}
			if open := tt.refresh != ""; (res.Find("[sse-connect]").Length() == 1) != open {
				t.Errorf("listens: %v", !open)
			}
			if got := strings.TrimSpace(res.Find(`.acts form[action="/sync"] button`).Text()); got != tt.again {
				t.Errorf("button %q", got)
			}
			if tt.again != "" && !strings.Contains(res.Text(".lead"), "takes 4 requests or more") {
				t.Errorf("no estimate: %q", res.Text(".lead"))
			}
			if !tt.queued && res.Find("#steps tbody tr").Length() != 4 {
				t.Error("steps are missing")
			}
			if part := b.Do(testkit.Request{Path: syncPath(run.ID), HTMX: true}).Want(200); part.Find("#run").Length() != 1 || part.Find("nav").Length() > 1 {
				t.Error("HTMX got a page")
			}
			list := b.Get("/sync").Want(200)
			if got := list.Text("#rn tbody .bdg"); got != tt.badge {
				t.Errorf("in the list %q", got)
			}
			if list.Find("#content script").Length() != 0 || (list.Find(".job").Length() == 1) != (tt.refresh != "") {
				t.Error("the list: script or job")
			}
		})
	}
}

func TestStepsSayWhatTheyDid(t *testing.T) {
	a, _ := syncApp(t)
	run := a.beginRun(1)
	a.pullLinks(run, 3, "2")
	res := a.as(auth.Manager).Get(syncPath(run.ID)).Want(200)
	var cells []string
	res.Find("#steps tbody tr").Eq(1).Children().Each(func(_ int, c *goquery.Selection) { cells = append(cells, strings.TrimSpace(c.Text())) })
	if got := strings.Join(cells, "|"); got != "New links|20 Feb 2026 to 1 Mar 2026|Running|3|+3||2|150" {
		t.Errorf("%q", got)
	}
	if got := res.Text("#steps .job"); !strings.HasPrefix(got, "Overview, step 1 of 4 2 requests, 150 units") {
		t.Errorf("%q", got)
	}
}

func TestSyncNow(t *testing.T) {
	a, asked := syncApp(t)
	b := a.as(auth.Manager)
	page := b.Get("/sync").Want(200).Has("4 requests or more", "fern.example has not been synced yet", "Ahrefs", "Found out at the first request").Lacks("f2c9")
	if page.Find(".acts form input[name=site]").AttrOr("value", "") != "1" {
		t.Fatal("the button does not say which site")
	}
	b.Post("/sync", "site", "1").To("/sync")
	res := b.Get("/sync").Want(200).Has("Sync of fern.example started", "A sync is under way", "Syncing…")
	if len(*asked) != 1 || res.Text("#st tbody .bdg") != "Waiting for its turn" || res.Find(".job progress").Length() != 1 {
		t.Errorf("%v\n%s", *asked, res.Text("#sync"))
	}
	if got := testkit.Rows(t, a.Store, `SELECT action, subject FROM audit WHERE action = 'sync_started'`); got != "sync_started | fern.example" {
		t.Error(got)
	}
	a.EnqueueSync = func(context.Context, int64) (bool, error) { return false, nil }
	run := a.beginRun(1)
	if run.ID != 1 {
		t.Errorf("run %d instead of the one that was asked for", run.ID)
	}
	b.Post("/sync", "site", "1", "back", syncPath(run.ID)).To(syncPath(run.ID))
	b.Get("/sync").Has("The sync of fern.example is running already")
	if got := testkit.Rows(t, a.Store, `SELECT state FROM sync_run`); got != "running" {
		t.Errorf("runs %q", got)
	}
	b.Post("/sync", "site", "77").Want(404)
	b.Post("/sync", "site", "x").Want(404)
	if got := b.Do(testkit.Request{Path: "/sync", Form: testkit.Form("site", "1"), HTMX: true}).Want(200).Header.Get("HX-Redirect"); got != "/sync" {
		t.Errorf("HTMX goes to %q", got)
	}
}

func TestASyncThatCannotBeQueuedLeavesNothing(t *testing.T) {
	a, _ := syncApp(t)
	a.EnqueueSync = func(context.Context, int64) (bool, error) { return false, errors.New("the disk is full") }
	b := a.as(auth.Admin)
	b.Post("/sync", "site", "1").Want(500).Lacks("disk")
	if got := testkit.Rows(t, a.Store, `SELECT * FROM sync_run`); got != "" {
		t.Errorf("left %s", got)
	}
	a.endRun(a.beginRun(1), store.SyncEnd{State: store.SyncFailed, Message: "Because."})
	a.EnqueueSync = func(context.Context, int64) (bool, error) { return false, nil }
	b.Post("/sync", "site", "1").Want(303)
	if got := testkit.Rows(t, a.Store, `SELECT state, message FROM sync_run`); got != "failed | Because." {
		t.Errorf("left %s", got)
	}
}

func TestSyncWithoutAProvider(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Manager)
	res := b.Get("/sync").Want(200).Has("LANDED_AHREFS_TOKEN", `href="/import?kind=links"`)
	if res.Find(`form[action="/sync"]`).Length() != 0 || res.Find("input[type=password]").Length() != 0 {
		t.Error("something can be started or typed")
	}
	b.Post("/sync", "site", "1").Want(409).Has("LANDED_AHREFS_TOKEN")
	a.endRun(a.beginRun(1), store.SyncEnd{State: store.SyncFailed}) // as the command line leaves it
	if got := b.Get("/sync").Text("#rn tbody .bdg"); got != "Failed" {
		t.Errorf("%q", got)
	}
	b.Get("/sync/runs/1").Want(200).Lacks("Go on from here")
	a.EnqueueSync = func(context.Context, int64) (bool, error) { return true, nil }
	a.ask("a-token-of-the-environment-f2c9", "")
	b.Get("/sync/runs/1").Want(200).Has("Go on from here")
	a.endRun(a.beginRun(1), store.SyncEnd{State: store.SyncDone})
	b.Get("/sync/runs/1").Want(200).Lacks("Go on from here") // a newer one took its place
}

func TestWhoMaySeeSyncs(t *testing.T) {
	a, asked := syncApp(t)
	run := a.beginRun(1)
	for _, role := range []auth.Role{auth.Viewer, auth.Staff} {
		b := a.as(role)
		for _, path := range []string{"/sync", syncPath(run.ID), syncPath(run.ID) + "/events"} {
			b.Get(path).Want(403)
		}
		b.Post("/sync", "site", "1").Want(403)
		res := b.Get("/settings").Want(200)
		if res.Find(`a[href="/sync"]`).Length() != 0 || res.Text(".top .sync") != "Syncing…" {
			t.Errorf("%v: %q", role, res.Text(".top .sync"))
		}
	}
	if len(*asked) != 0 {
		t.Error("somebody started a sync")
	}
	b := a.as(auth.Admin)
	b.Get("/sync").Want(200).Has("ends in …f2c9")
	for _, path := range []string{"/sync/runs/99", "/sync/runs/99/events", "/sync/runs/x"} {
		b.Get(path).Want(404)
	}
}

func TestTopBarSaysHowTheLastSyncWent(t *testing.T) {
	a, _ := syncApp(t)
	b := a.as(auth.Manager)
	bar := func() string {
		s := b.Get("/settings").Find(".top .sync")
		return strings.TrimSpace(s.Text())
	}
	if got := bar(); got != "" {
		t.Errorf("never synced: %q", got)
	}
	for _, tt := range []struct {
		end  store.SyncEnd
		want string
	}{
		{store.SyncEnd{State: store.SyncDone}, "Synced 09:00"},
		{store.SyncEnd{State: store.SyncFailed}, "Sync failed"},
		{store.SyncEnd{State: store.SyncWaiting, WaitUntil: testkit.Start.Add(time.Hour)}, "Sync waiting"},
	} {
		a.endRun(a.beginRun(1), tt.end)
		if got := bar(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestNavigationCounts(t *testing.T) {
	a := newApp(t)
	today := day.Of(a.clock.Now())
	insert := `INSERT INTO daily (site_id, day, links_new, links_lost, credited, confirmed, suggested, placements, unconfirmed, placements_lost, domains_new, domains_outreach, domains_unreviewed)
		VALUES (1, $1, 0, 0, 0, 0, 0, 0, 0, $2, 0, 0, 0)`
	testkit.Exec(t, a.Store, insert, (today - 29).String(), 2)
	testkit.Exec(t, a.Store, insert, (today - 30).String(), 40)
	testkit.Exec(t, a.Store, `INSERT INTO site_total (site_id, links_new, links_lost, credited, confirmed, suggested, placements, unconfirmed, placements_lost, domains_new, domains_outreach, domains_unreviewed)
		VALUES (1, 0, 0, 0, 0, 7, 0, 0, 42, 0, 0, 0)`)
	got, err := a.navCounts(t.Context(), 1)
	if err != nil || got["review"] != 7 || got["lost"] != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := a.navCounts(t.Context(), 0); err != nil || len(got) != 0 {
		t.Errorf("without a site: %v, %v", got, err)
	}
}

func TestRunsByPageAndSite(t *testing.T) {
	a, _ := syncApp(t)
	other := a.addSite("moss.example")
	for range syncPage {
		a.endRun(a.beginRun(1), store.SyncEnd{State: store.SyncDone})
	}
	a.endRun(a.beginRun(other), store.SyncEnd{State: store.SyncDone})
	b := a.as(auth.Manager)
	first := b.Get("/sync").Want(200)
	next := first.Find("#list a[rel=next]").AttrOr("href", "")
	if first.Find("#rn tbody tr").Length() != syncPage || next != "/sync?before=2" {
		t.Fatalf("next %q", next)
	}
	second := b.Do(testkit.Request{Path: next, HTMX: true}).Want(200)
	if second.Find("#rn tbody tr").Length() != 1 || second.Find("#sync").Length() != 0 || second.Find("a[rel=prev]").AttrOr("href", "") != "/sync" {
		t.Errorf("second page\n%s", second.Body)
	}
	only := b.Get(fmt.Sprint("/sync?of=", other)).Want(200)
	if only.Find("#rn tbody tr").Length() != 1 || only.Text("#rn .seg [aria-current]") != "moss.example" {
		t.Errorf("by site\n%s", only.Text("#rn"))
	}
	b.Get("/sync?of=-3&before=x").Want(200)
	b.Get("/sync?of=99").Want(200).Has("No run matches")
	if whole := b.Do(testkit.Request{Path: "/sync", HTMX: true, Header: map[string]string{"HX-Target": "sync"}}); whole.Find("#sync #list").Length() != 1 {
		t.Error("the end of a run does not renew the page")
	}
}

func TestForecast(t *testing.T) {
	now := testkit.Start
	step := func(name string, from, to day.Day, requests, units int) store.SyncStep {
		return store.SyncStep{Name: name, From: from, To: to, Requests: requests, Units: units, State: store.SyncDone}
	}
	today := day.Of(now)
	done := store.SyncRun{ID: 1, State: store.SyncDone, StartedAt: now.Add(-7 * oneDay), Steps: []store.SyncStep{
		step("overview", day.None, day.None, 1, 50),
		step("new_links", today-107, today-8, 50, 1000), // 100 days; the next asks for 12
		step("lost_links", today-107, today-8, 1, 0),
		step("refdomains", day.None, day.None, 4, 200)}}
	stopped := store.SyncRun{ID: 2, State: store.SyncFailed, StartedAt: now.Add(-time.Hour), Steps: []store.SyncStep{
		step("overview", day.None, day.None, 1, 50),
		{Name: "new_links", From: today - 11, To: today, Requests: 2, Units: 20, State: store.SyncFailed},
		{Name: "lost_links", From: today - 11, To: today, State: store.SyncQueued},
		{Name: "refdomains", State: store.SyncQueued}}}
	old := stopped
	old.StartedAt = now.Add(-25 * time.Hour)
	for name, tt := range map[string]struct {
		in   store.SiteSync
		want string
	}{
		"never":                {store.SiteSync{}, "4 requests or more"},
		"after a full one":     {store.SiteSync{Last: done, Done: done}, "≈ 12 requests, ≈ 370 units"},
		"going on":             {store.SiteSync{Last: stopped, Done: done}, "≈ 9 requests, ≈ 300 units"},
		"too old to go on":     {store.SiteSync{Last: old, Done: done}, "≈ 12 requests, ≈ 370 units"},
		"going on, first ever": {store.SiteSync{Last: stopped}, "3 requests or more"},
	} {
		if got := syncForecast(tt.in, now).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// What the page promises is when store.DueSyncs lets the sync begin.
func TestNextSyncIsWhenItIsDue(t *testing.T) {
	a, _ := syncApp(t)
	a.endRun(a.beginRun(1), store.SyncEnd{State: store.SyncDone})
	plan, err := a.Store.SetSchedule(t.Context(), store.CommandLine, store.Schedule{SiteID: 1, Days: 7, Weekday: time.Thursday, Hour: 5, Zone: "Europe/Vienna"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	b := a.as(auth.Manager)
	said := b.Get("/sync").Want(200).Find("#st tbody tr").First().Find("td[data-l=Next]")
	next, err := time.Parse(time.RFC3339, said.Find("time").AttrOr("datetime", ""))
	if err != nil || !next.Equal(plan.NextAt) || next.Format(time.RFC3339) != "2026-03-05T04:00:00Z" {
		t.Fatalf("%s, %v", next, err)
	}
	if got := strings.TrimSpace(said.Find(".sub").Text()); got != "Every week, Thursdays at 05:00, Europe/Vienna" {
		t.Error(got)
	}
	a.clock.Forward(next.Sub(a.clock.Now()) - time.Second)
	if due, err := a.Store.DueSyncs(t.Context(), 7); err != nil || len(due) != 0 {
		t.Errorf("too early: %v, %v", due, err)
	}
	a.clock.Forward(time.Second)
	if due, err := a.Store.DueSyncs(t.Context(), 7); err != nil || len(due) != 1 {
		t.Errorf("not due at %s: %v, %v", next, due, err)
	}
}
