package web

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/store"
	"landed/internal/testkit"
)

// spend puts requests and units on a run's page of links.
func (a *app) spend(run store.SyncRun, units int, requests ...store.SyncRequest) {
	a.t.Helper()
	page := store.SyncPage{Run: run.ID, Site: run.SiteID, Step: "overview", Next: "2", Cost: backlinks.Cost{Requests: max(1, len(requests)), Units: units}, Requests: requests}
	if err := a.Store.SaveSnapshotPage(a.t.Context(), page, backlinks.Snapshot{On: 20000, Provider: "ahrefs", Metric: "DR"}); err != nil {
		a.t.Fatal(err)
	}
}

func TestCancelASync(t *testing.T) {
	a, _ := syncApp(t)
	run := a.beginRun(1)
	b := a.as(auth.Manager)
	res := b.Get(syncPath(run.ID)).Want(200)
	if got := strings.TrimSpace(res.Find(".acts form button").Text()); got != "Cancel this sync" {
		t.Fatalf("%q", got)
	}
	if b.Get("/sync").Find(`.card form[action="`+syncPath(run.ID)+`/cancel"]`).Length() != 1 {
		t.Error("the list has no button")
	}
	for _, role := range []auth.Role{auth.Viewer, auth.Staff} {
		a.as(role).Post(syncPath(run.ID) + "/cancel").Want(403)
	}
	b.Post("/sync/runs/99/cancel").Want(404)
	b.Post(syncPath(run.ID) + "/cancel").To(syncPath(run.ID))
	res = b.Get(syncPath(run.ID)).Want(200).Has("ends after the page it is at", "Maya Manager asked for it")
	if res.Find(`form[action$="/cancel"]`).Length() != 0 {
		t.Error("it can be cancelled twice")
	}
	a.endRun(run, store.SyncEnd{State: store.SyncCancelled, Message: "Kept: nothing yet."})
	res = b.Get(syncPath(run.ID)).Want(200)
	if res.Text(".lead .bdg") != "Cancelled" || !strings.HasPrefix(res.Text("#run .note"), "This sync was cancelled by Maya Manager. Kept:") {
		t.Errorf("%q, %q", res.Text(".lead .bdg"), res.Text("#run .note"))
	}
	b.Post(syncPath(run.ID) + "/cancel").Want(409).Has("This sync is over")
	queued, _, err := a.Store.QueueRun(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	b.Post(syncPath(queued.ID)+"/cancel", "back", "/sync").To("/sync")
	if got := testkit.Rows(t, a.Store, fmt.Sprint(`SELECT state, cancel_by FROM sync_run WHERE id = `, queued.ID)); got != "cancelled | Maya Manager" {
		t.Error(got)
	}
	if got := testkit.Rows(t, a.Store, `SELECT actor, subject FROM audit WHERE action = 'sync_cancel' ORDER BY id LIMIT 1`); got != "Maya Manager | fern.example" {
		t.Error(got)
	}
}

func TestRequestsOfARun(t *testing.T) {
	a, _ := syncApp(t)
	run := a.beginRun(1)
	at := a.clock.Now()
	list := []store.SyncRequest{
		{At: at, Endpoint: "site-explorer/domain-rating", Status: 200, OK: true, Outcome: "answered", Rows: 1, Units: 50, Ms: 420},
		{At: at, Endpoint: "site-explorer/all-backlinks", Status: 200, OK: true, Outcome: "answered", Rows: 30, Cached: true, Ms: 90},
		{At: at, Endpoint: "site-explorer/all-backlinks", Status: 429, Outcome: "too many " + attack},
		{At: at, Endpoint: "site-explorer/all-backlinks", Outcome: "no answer came"},
		{At: at, Endpoint: "site-explorer/all-backlinks", Status: 200, Outcome: "unusable"},
	}
	for range requestPage {
		list = append(list, list[0])
	}
	a.spend(run, 2600, list...)
	b := a.as(auth.Manager)
	res := b.Get(syncPath(run.ID)).Want(200)
	var got []string
	for i := range 5 {
		row := res.Find("#rq tbody tr").Eq(i)
		got = append(got, strings.Join(strings.Fields(row.Find(".bdg").Text()+"|"+row.Find("td[data-l=Rows]").Text()+"|"+row.Find("td[data-l=Units]").Text()), " "))
	}
	if want := "[Answered|1|50 From its cache|30|0, cached Refused, 429||0 No answer||0 Not usable||0]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if res.Find("#rq tbody tr").Length() != requestPage || res.Find("#rq script").Length() != 0 || !strings.Contains(res.Text("#rq"), "Overviewsite-explorer/domain-rating") {
		t.Error(res.Text("#rq"))
	}
	next := res.Find("#requests a[rel=next]").AttrOr("href", "")
	part := b.Do(testkit.Request{Path: next, HTMX: true, Header: map[string]string{"HX-Target": "requests"}}).Want(200)
	if part.Find("#rq tbody tr").Length() != 5 || part.Find("#run").Length() != 0 || part.Find("a[rel=prev]").AttrOr("href", "") != syncPath(run.ID) {
		t.Errorf("%q: %s", next, part.Body)
	}
}

func TestUnitsByMonthAndSite(t *testing.T) {
	a, _ := syncApp(t)
	moss := a.addSite("moss.example")
	b := a.as(auth.Admin)
	if b.Get("/sync").Find("#units, #un").Length() != 0 {
		t.Error("a chart of nothing")
	}
	old := a.beginRun(1)
	a.spend(old, 700)
	a.endRun(old, store.SyncEnd{State: store.SyncDone})
	a.clock.Forward(31 * oneDay) // April
	b = a.as(auth.Admin)
	for site, units := range map[int64]int{1: 100, moss: 2300} {
		run := a.beginRun(site)
		a.spend(run, units)
		a.endRun(run, store.SyncEnd{State: store.SyncDone})
	}
	res := b.Get("/sync").Want(200)
	if got := res.Text("#un .num"); got != "2,400 units spent; no cap is set" {
		t.Error(got)
	}
	if got := res.Text("#us tbody tr"); got != "moss.example2,30012,3001" {
		t.Error(got)
	}
	if got := res.Find("#units table a").Last().AttrOr("href", ""); got != "/sync?month=2026-04#rn" {
		t.Errorf("the newest month leads to %q", got)
	}
	if got := res.Find("#us tbody a").First().AttrOr("href", ""); got != fmt.Sprintf("/sync?month=2026-04&of=%d#rn", moss) {
		t.Error(got)
	}
	only := b.Get("/sync?month=2026-03").Want(200)
	if only.Find("#rn tbody tr").Length() != 1 || !strings.Contains(only.Text("#rn header"), "begun in March 2026") {
		t.Error(only.Text("#rn"))
	}
	if got := b.Get(fmt.Sprint("/sync?month=2026-04&of=", moss)).Find("#rn tbody tr").Length(); got != 1 {
		t.Errorf("%d runs", got)
	}
	b.Get("/sync?month=x").Want(200)
}

func TestBudgetPage(t *testing.T) {
	a, _ := syncApp(t)
	for _, role := range []auth.Role{auth.Viewer, auth.Staff, auth.Manager} {
		b := a.as(role)
		b.Get(syncSettingsPath).Want(403)
		b.Get(syncSettingsPath + "/1").Want(403)
		b.Post(syncSettingsPath+"/budget", "month_units", "1").Want(403)
		b.Post(syncSettingsPath+"/1", "days", "7").Want(403)
	}
	run := a.beginRun(1)
	a.spend(run, 850)
	a.endRun(run, store.SyncEnd{State: store.SyncDone})
	b := a.as(auth.Admin)
	res := b.Get(syncSettingsPath).Want(200).Has("850 units spent this month")
	seen := res.Find("input[name=seen]").AttrOr("value", "")
	wrong := b.Post(syncSettingsPath+"/budget", "seen", seen, "month_units", "lots", "run_units", "-1", "warn_percent", "80").Want(422)
	if wrong.Find("#bg-m").AttrOr("value", "") != "lots" || wrong.Find("#bg-m[aria-invalid=true]").Length() != 1 {
		t.Error(wrong.Text("#bg"))
	}
	wrong = b.Post(syncSettingsPath+"/budget", "seen", seen, "month_units", "1000", "run_units", "-1", "warn_percent", "80").Want(422)
	if wrong.Find("#bg-r[aria-invalid=true]").Length() != 1 {
		t.Error(wrong.Text("#bg"))
	}
	b.Post(syncSettingsPath+"/budget", "seen", seen, "month_units", "1,000", "run_units", "0", "warn_percent", "80 %").To(syncSettingsPath)
	stale := b.Post(syncSettingsPath+"/budget", "seen", seen, "month_units", "5", "run_units", "0", "warn_percent", "80").Want(409)
	if stale.Find("#bg-m").AttrOr("value", "") != "1000" || !strings.Contains(stale.Text("#sum"), "Somebody changed the budget") {
		t.Error(stale.Text("main"))
	}
	for _, path := range []string{syncSettingsPath, "/sync"} {
		if got := b.Get(path).Text(".note.warn"); !strings.HasPrefix(got, "85% of the month’s units are spent. 850 of 1,000; 150 are left until 1 April 2026.") {
			t.Errorf("%s: %q", path, got)
		}
	}
	if got := a.as(auth.Manager).Get("/sync"); got.Text(".note.warn") == "" || got.Find(`a[href="`+syncSettingsPath+`"]`).Length() != 0 {
		t.Error("the manager's warning leads where managers may not go, or is not there")
	}
	run = a.beginRun(1)
	a.spend(run, 200)
	if got := b.Get("/sync").Text("#sync > .note.bad"); !strings.HasPrefix(got, "The month’s units are spent.") {
		t.Error(got)
	}
}

func TestSchedulePage(t *testing.T) {
	a, _ := syncApp(t)
	b := a.as(auth.Admin)
	res := b.Get(syncSettingsPath + "/1").Want(200)
	seen := res.Find("input[name=seen]").AttrOr("value", "")
	form := func(change ...string) []string {
		return append([]string{"seen", seen, "days", "14", "weekday", "3", "hour", "22", "zone", "Europe/Vienna"}, change...)
	}
	bad := form()
	bad[9] = "Vienna"
	wrong := b.Post(syncSettingsPath+"/1", bad...).Want(422)
	if wrong.Find("#sc-z[aria-invalid=true]").AttrOr("value", "") != "Vienna" || wrong.Find("#sc-d option[selected]").AttrOr("value", "") != "14" {
		t.Error(wrong.Text("#sc"))
	}
	for i, value := range map[int]string{3: "3", 5: "9", 7: "24"} {
		bad := form()
		bad[i] = value
		b.Post(syncSettingsPath+"/1", bad...).Want(422)
	}
	b.Post(syncSettingsPath+"/77", form()...).Want(404)
	b.Post(syncSettingsPath+"/1", form("paused", "on")...).To(syncSettingsPath)
	res = b.Get(syncSettingsPath).Want(200).Has("Schedule of fern.example saved")
	if got := res.Text("#sc tbody tr"); got != "fern.exampleEvery two weeks, Wednesdays at 22:00, Europe/Vienna PausedPausedChange" {
		t.Error(got)
	}
	b.Post(syncSettingsPath+"/1", form()...).Want(409).Has("Somebody changed this schedule")
	if got := a.as(auth.Manager).Get("/sync").Text("#st tbody td[data-l=Next]"); !strings.HasPrefix(got, "Paused") {
		t.Error(got)
	}
	a.SyncEvery = 0
	b.Get(syncSettingsPath).Want(200).Has("Nothing is synced by itself")
}

func TestCheckEveryLinkButton(t *testing.T) {
	a, _ := syncApp(t)
	a.ForecastCheck = func(context.Context, int64) (Forecast, error) {
		return Forecast{Requests: 9, Units: 4200, Known: true}, nil
	}
	b := a.as(auth.Manager)
	if b.Get("/sync").Find("input[name=full]").Length() != 0 {
		t.Error("offered before the first sync")
	}
	run := a.beginRun(1)
	b.Post("/sync", "site", "1", "full", "1").Want(409).Has("is not finished yet")
	b.Post("/sync", "site", "1", "years", "5").Want(409).Has("More history can be brought when it is")
	if err := a.Store.FinishRun(t.Context(), run.ID, store.SyncEnd{State: store.SyncDone}); err != nil {
		t.Fatal(err)
	}
	form := b.Get("/sync").Find("form:has(input[name=full])")
	if got := strings.TrimSpace(form.Find("button").Text()); got != "Check every link, about 4,200 units" {
		t.Errorf("%q", got)
	}
	b.Post("/sync", "site", "1", "full", "x").Want(422)
	a.as(auth.Staff).Post("/sync", "site", "1", "full", "1").Want(403)
	b.Post("/sync", "site", "1", "full", "1").To("/sync")
	if got := testkit.Rows(t, a.Store, `SELECT state, every_link FROM sync_run ORDER BY id DESC LIMIT 1`); got != "queued | 1" {
		t.Error(got)
	}
	b.Get("/sync").Want(200).Has("Check of every link of")
	run = a.beginRun(1)
	if got := b.Get(syncPath(run.ID)).Text(".lead"); !strings.Contains(got, "by Maya Manager, to check every link") {
		t.Error(got)
	}
}

func TestForecastOnTheButtons(t *testing.T) {
	a, _ := syncApp(t)
	var asked []int
	a.Forecast = func(_ context.Context, site int64, years int) (Forecast, error) {
		asked = append(asked, years)
		return Forecast{Requests: 3 + years, Units: 310 + 100*years, Known: true}, nil
	}
	b := a.as(auth.Manager)
	if got := strings.TrimSpace(b.Get("/sync").Find(".acts form button").Text()); got != "Sync now, about 310 units" {
		t.Errorf("%q", got)
	}
	res := b.Get("/sync/history?of=1").Want(200)
	if got := res.Text("#hy tbody tr"); got != "3 yearsMarch 2023≈ 6 requests, ≈ 610 unitsBring it, about 610 units" {
		t.Error(got)
	}
	b.Get("/sync/history?of=9").Want(404)
	a.as(auth.Staff).Get("/sync/history?of=1").Want(403)
	b.Post("/sync", "site", "1", "years", "4").Want(422)
	b.Post("/sync", "site", "1", "years", "5").To("/sync")
	if got := testkit.Rows(t, a.Store, `SELECT cause, who, years FROM sync_run`); got != "manual | Maya Manager | 5" {
		t.Error(got)
	}
	run := a.beginRun(1)
	if got := b.Get(syncPath(run.ID)).Text(".lead"); !strings.Contains(got, "by Maya Manager, for 5 years of history") {
		t.Error(got)
	}
	if len(asked) < 4 || asked[0] != 0 {
		t.Errorf("asked for %v", asked)
	}
	a.ask("", "")
	b.Get("/sync/history?of=1").Want(200).Has("Nothing can be asked")
}

func TestWaitingRunSaysWhyAndUntilWhen(t *testing.T) {
	a, _ := syncApp(t)
	run := a.beginRun(1)
	a.endRun(run, store.SyncEnd{State: store.SyncWaiting, WaitFor: store.WaitMonth, WaitUntil: testkit.Start.AddDate(0, 1, 0), Message: "The month’s units are spent. Kept: 3 new links."})
	b := a.as(auth.Admin)
	res := b.Get(syncPath(run.ID)).Want(200)
	if got := res.Text("#run .note"); !strings.Contains(got, "Waiting until 09:00:00 UTC, 1 Apr 2026") || !strings.Contains(got, "Kept: 3 new links") || !strings.Contains(got, "Change the budget") {
		t.Error(got)
	}
	if res.Find(`#run .note a[href="`+syncSettingsPath+`"]`).Length() != 1 {
		t.Error("no way to the budget")
	}
}
