package store_test

import (
	"fmt"
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestUnitsAreCountedForEverything(t *testing.T) {
	st, clock, site := syncedSite(t)
	run := startRun(t, st, site)
	req := store.SyncRequest{At: testkit.Start, Endpoint: "all-backlinks", Status: 200, OK: true, Outcome: "2 rows", Rows: 2, Units: 60, Ms: 12}
	page := store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Next: "2", Cost: backlinks.Cost{Requests: 2, Units: 60},
		Requests: []store.SyncRequest{{At: testkit.Start, Endpoint: "all-backlinks", Status: 500, Outcome: "server error"}, req}, Settled: day.Date(2026, 2, 11)}
	if out, err := st.SaveLinkPage(t.Context(), page, []backlinks.Link{linkFrom(1), linkFrom(2)}); err != nil || out.Late != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	clock.Forward(31 * 24 * time.Hour)
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncFailed, Step: "new_links", Cost: backlinks.Cost{Requests: 1, Units: 50}, Requests: []store.SyncRequest{{At: clock.Now(), Endpoint: "x", Outcome: "cut"}}})
	list, next, err := st.SyncRequests(t.Context(), run.ID, 0, 2)
	if err != nil || len(list) != 2 || next != list[1].ID || list[0].Step != "new_links" || list[0].OK || list[1].Rows != 2 || !list[1].At.Equal(testkit.Start) {
		t.Errorf("%+v, %d, %v", list, next, err)
	}
	if list, next, err = st.SyncRequests(t.Context(), run.ID, next, 2); err != nil || len(list) != 1 || next != 0 {
		t.Errorf("%+v, %d, %v", list, next, err)
	}
	for _, of := range []int64{0, site} {
		if units, err := st.Units(t.Context(), of, "2026-01", "2026-12"); err != nil || fmt.Sprint(units) != "[{2026-03 1 2 60} {2026-04 1 1 50}]" {
			t.Errorf("%v, %v", units, err)
		}
	}
	got, err := st.Run(t.Context(), run.ID)
	if err != nil || got.Units != 110 || got.Requests != 3 || got.Step("new_links").Late != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBudgetWarns(t *testing.T) {
	st, _, site := syncedSite(t)
	if b, err := st.BudgetState(t.Context()); err != nil || b.Left != -1 || b.Warn || b.SyncBudget != store.DefaultSyncBudget || b.ResetsAt.Format("2006-01-02") != "2026-04-01" {
		t.Errorf("%+v, %v", b, err)
	}
	run := startRun(t, st, site)
	for _, tt := range []struct {
		cap, percent, left int
		warn               bool
	}{{100, 80, 21, false}, {99, 80, 20, false}, {98, 80, 19, true}, {79, 100, 0, true}, {50, 80, 0, true}} {
		if err := st.SetSyncBudget(t.Context(), store.CommandLine, store.SyncBudget{MonthUnits: tt.cap, WarnPercent: tt.percent}); err != nil {
			t.Fatal(err)
		}
		if tt.cap == 100 {
			finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone, Step: "overview", Cost: backlinks.Cost{Requests: 1, Units: 79}})
		}
		if b, err := st.BudgetState(t.Context()); err != nil || b.Left != tt.left || b.Warn != tt.warn || b.Units != 79 {
			t.Errorf("%+v: %+v, %v", tt, b, err)
		}
	}
	for field, b := range map[string]store.SyncBudget{"month_units": {MonthUnits: -1, WarnPercent: 1}, "run_units": {RunUnits: 2_000_000_000, WarnPercent: 1}, "warn_percent": {}} {
		if err := st.SetSyncBudget(t.Context(), store.CommandLine, b); fault.FieldsOf(err)[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestReserve(t *testing.T) {
	st, _, site := syncedSite(t)
	other, err := st.CreateSite(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.SetSyncBudget(t.Context(), store.CommandLine, store.SyncBudget{MonthUnits: 1000, WarnPercent: 80}); err != nil {
		t.Fatal(err)
	}
	a, err := st.StartRun(t.Context(), store.NewRun{Site: site, Steps: syncSteps, CapUnits: 400})
	if err != nil {
		t.Fatal(err)
	}
	b, err := st.StartRun(t.Context(), store.NewRun{Site: other.ID, Steps: syncSteps})
	if err != nil {
		t.Fatal(err)
	}
	reserve := func(run int64, want int, ok bool, price int) store.SyncWait {
		t.Helper()
		why, err := st.Reserve(t.Context(), run, func(left int) (int, bool) {
			if left != want {
				t.Errorf("%d left, want %d", left, want)
			}
			return price, ok
		})
		if err != nil {
			t.Fatal(err)
		}
		return why
	}
	if why := reserve(a.ID, 400, true, 300); why != "" {
		t.Error(why)
	}
	if why := reserve(b.ID, 700, true, 500); why != "" { // what the other run has reserved is gone
		t.Error(why)
	}
	if why := reserve(a.ID, 400, false, 0); why != store.WaitRun {
		t.Error(why)
	}
	finishRun(t, st, b.ID, store.SyncEnd{State: store.SyncDone, Step: "overview", Cost: backlinks.Cost{Requests: 1, Units: 900}})
	if why := reserve(a.ID, 100, false, 0); why != store.WaitMonth {
		t.Error(why)
	}
	finishRun(t, st, a.ID, store.SyncEnd{State: store.SyncWaiting, WaitFor: store.WaitRun, Step: "overview", Cost: backlinks.Cost{Requests: 1, Units: 60}})
	if _, err := st.ResumeRun(t.Context(), a.ID, 30); err != nil {
		t.Fatal(err)
	}
	if why := reserve(a.ID, 30, true, 30); why != "" { // a new sitting counts from here
		t.Error(why)
	}
}

// Readings of two lists meet in one snapshot a day, and asking again for what is
// known writes nothing.
func TestHistoryFillsSnapshots(t *testing.T) {
	st, clock, site := syncedSite(t)
	on := func(n int) day.Day { return day.Date(2026, 1, 5) + day.Day(7*n) }
	full := backlinks.Snapshot{On: on(2), Provider: "ahrefs", Metric: backlinks.DR, Authority: 42, RefDomains: 9, Backlinks: 77, OrganicTraffic: 5, OrganicKeywords: 6}
	if err := st.SaveSnapshot(t.Context(), site, full); err != nil {
		t.Fatal(err)
	}
	save := func(step string, readings []backlinks.Reading) {
		t.Helper()
		run, err := st.StartRun(t.Context(), store.NewRun{Site: site, Steps: []store.SyncStep{{Name: step}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.SaveHistoryPage(t.Context(), store.SyncPage{Run: run.ID, Site: site, Step: step}, "ahrefs", readings); err != nil {
			t.Fatal(err)
		}
		finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone})
	}
	authority := []backlinks.Reading{{On: on(0), Authority: 40, Metric: backlinks.DR, RefDomains: -1}, {On: on(1), Authority: 41, Metric: backlinks.DR, RefDomains: -1}, {On: on(2), Authority: 43, Metric: backlinks.DR, RefDomains: -1}, {Authority: 1}}
	domains := []backlinks.Reading{{On: on(1), Authority: -1, Metric: backlinks.DR, RefDomains: 7}, {On: on(2), Authority: -1, Metric: backlinks.DR, RefDomains: 8}, {On: on(4), Authority: -1, Metric: backlinks.DR, RefDomains: 10}}
	const rows = `SELECT on_day, authority, metric, refdomains, backlinks, organic_traffic FROM snapshot ORDER BY on_day`
	want := `2026-01-05 | 40 | DR | -1 | -1 | -1
2026-01-12 | 41 | DR | 7 | -1 | -1
2026-01-19 | 43 | DR | 8 | 77 | 5
2026-02-02 | -1 | DR | 10 | -1 | -1`
	save("authority_history", authority)
	save("refdomain_history", domains)
	if got := testkit.Rows(t, st, rows); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	before := testkit.Rows(t, st, `SELECT * FROM snapshot`)
	clock.Forward(time.Hour)
	save("authority_history", authority)
	if got := testkit.Rows(t, st, `SELECT * FROM snapshot`); got != before {
		t.Errorf("nothing new was written:\n%s\nbefore\n%s", got, before)
	}
	h, err := st.History(t.Context(), site, on(0), on(9))
	if err != nil || len(h.Readings) != 4 || h.Readings[0].RefDomains != -1 || h.Readings[3].Authority != -1 {
		t.Errorf("%+v, %v", h, err)
	}
	if bad, err := st.Verify(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("%v, %v", bad, err)
	}
}

// Lines of requests go after 400 days; the run and its units stay.
func TestOldRequestsAreSwept(t *testing.T) {
	st, clock, site := syncedSite(t)
	first := st.Now()
	for i := range 2 {
		run := startRun(t, st, site)
		page := store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Requests: []store.SyncRequest{{At: st.Now(), Endpoint: "all-backlinks", Status: 200, OK: true, Outcome: "no row"}}}
		if _, err := st.SaveLinkPage(t.Context(), page, nil); err != nil {
			t.Fatal(i, err)
		}
		if err := st.FinishRun(t.Context(), run.ID, store.SyncEnd{State: store.SyncDone}); err != nil {
			t.Fatal(err)
		}
		clock.Forward(399 * 24 * time.Hour)
	}
	clock.Forward(first.Sub(st.Now()) + 401*24*time.Hour)
	if err := st.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*), MIN(run_id) = MAX(run_id) AND MIN(run_id) = (SELECT MAX(id) FROM sync_run) FROM sync_request`); got != "1 | 1" {
		t.Errorf("lines left, of the last run alone: %s", got)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM sync_run`); got != "2" {
		t.Errorf("%s runs, want 2", got)
	}
}
