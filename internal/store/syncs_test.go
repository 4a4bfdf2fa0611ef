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

var syncSteps = []store.SyncStep{
	{Name: "overview"},
	{Name: "new_links", From: day.Date(2026, 2, 1), To: day.Date(2026, 3, 1)},
	{Name: "refdomains"},
}

func syncedSite(t *testing.T) (*store.Store, *testkit.Clock, int64) {
	t.Helper()
	st, clock := open(t)
	site, err := st.CreateSite(t.Context(), "example.com")
	if err != nil {
		t.Fatal(err)
	}
	return st, clock, site.ID
}

func startRun(t *testing.T, st *store.Store, site int64) store.SyncRun {
	t.Helper()
	run, err := st.StartRun(t.Context(), store.NewRun{Site: site, Steps: syncSteps})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func finishRun(t *testing.T, st *store.Store, run int64, end store.SyncEnd) {
	t.Helper()
	if err := st.FinishRun(t.Context(), run, end); err != nil {
		t.Fatal(err)
	}
}

func linkFrom(n int) backlinks.Link {
	return backlinks.Link{SourceURL: fmt.Sprintf("https://news%d.example/a", n), TargetURL: "https://example.com/", FirstSeen: day.Date(2026, 2, 10), Provider: "ahrefs"}
}

const stepRows = `SELECT step, state, cursor, row_count, new_count, requests, units FROM sync_step WHERE run_id = $1 ORDER BY seq`

func TestSyncRunFromStartToEnd(t *testing.T) {
	st, clock, site := syncedSite(t)
	run := startRun(t, st, site)
	page := store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Next: "2", Cost: backlinks.Cost{Requests: 1, Units: 3}, Mark: day.Date(2026, 2, 28)}
	out, err := st.SaveLinkPage(t.Context(), page, []backlinks.Link{linkFrom(1), linkFrom(2)})
	if err != nil || out.New != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if marks, err := st.SyncMarks(t.Context(), site); err != nil || len(marks) != 0 {
		t.Errorf("marked before the last page: %v, %v", marks, err)
	}
	page.After, page.Next = "2", ""
	if out, err = st.SaveLinkPage(t.Context(), page, []backlinks.Link{linkFrom(2), linkFrom(3)}); err != nil || out.New != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	page = store.SyncPage{Run: run.ID, Site: site, Step: "refdomains", Cost: backlinks.Cost{Requests: 2}}
	if added, err := st.SaveRefDomainPage(t.Context(), page, []backlinks.RefDomain{{Domain: "news1.example"}, {Domain: "other.example"}}); err != nil || added != 1 {
		t.Fatalf("%d, %v", added, err)
	}
	page = store.SyncPage{Run: run.ID, Site: site, Step: "overview"}
	if err := st.SaveSnapshotPage(t.Context(), page, backlinks.Snapshot{On: day.Date(2026, 3, 1), Provider: "ahrefs", Backlinks: 9}); err != nil {
		t.Fatal(err)
	}
	clock.Forward(time.Minute)
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone})

	want := "overview | done |  | 1 | 0 | 0 | 0\nnew_links | done |  | 4 | 3 | 2 | 6\nrefdomains | done |  | 2 | 1 | 2 | 0"
	if got := testkit.Rows(t, st, stepRows, run.ID); got != want {
		t.Errorf("steps\n%s\nwant\n%s", got, want)
	}
	got, ok, err := st.LastRun(t.Context(), site)
	if err != nil || !ok || got.State != store.SyncDone || got.Requests != 4 || got.Units != 6 || len(got.Steps) != 3 {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if got.FinishedAt.Sub(got.StartedAt) != time.Minute || got.Step("new_links").From != day.Date(2026, 2, 1) {
		t.Errorf("%+v", got)
	}
	if marks, err := st.SyncMarks(t.Context(), site); err != nil || len(marks) != 1 || marks["new_links"] != day.Date(2026, 2, 28) {
		t.Errorf("%v, %v", marks, err)
	}
	if n := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); n != "3" {
		t.Errorf("%s links", n)
	}
}

func TestSyncPageIsSavedOnceAndWithItsCursor(t *testing.T) {
	st, _, site := syncedSite(t)
	run := startRun(t, st, site)
	other, err := st.CreateSite(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	page := store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Next: "1"}
	if _, err := st.SaveLinkPage(t.Context(), page, []backlinks.Link{linkFrom(1)}); err != nil {
		t.Fatal(err)
	}
	before := testkit.Rows(t, st, stepRows, run.ID)
	for name, p := range map[string]store.SyncPage{
		"the same page again": page,
		"a page ahead":        {Run: run.ID, Site: site, Step: "new_links", After: "9"},
		"no such step":        {Run: run.ID, Site: site, Step: "nonsense"},
		"no such run":         {Run: 99, Site: site, Step: "new_links", After: "1"},
		"another site":        {Run: run.ID, Site: other.ID, Step: "new_links", After: "1"},
	} {
		if _, err := st.SaveLinkPage(t.Context(), p, []backlinks.Link{linkFrom(2)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncCancelled})
	if _, err := st.SaveLinkPage(t.Context(), store.SyncPage{Run: run.ID, Site: site, Step: "new_links", After: "1"}, []backlinks.Link{linkFrom(2)}); !fault.Is(err, fault.Conflict) {
		t.Errorf("of a cancelled run: %v", err)
	}
	if got := testkit.Rows(t, st, stepRows, run.ID); got != before {
		t.Errorf("steps\n%s\nwant\n%s", got, before)
	}
	if n := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); n != "1" {
		t.Errorf("%s links", n)
	}
}

func TestOneOpenRunPerSite(t *testing.T) {
	st, _, site := syncedSite(t)
	run := startRun(t, st, site)
	for _, state := range []store.SyncState{store.SyncRunning, store.SyncWaiting} {
		if state != store.SyncRunning {
			finishRun(t, st, run.ID, store.SyncEnd{State: state})
		}
		if _, err := st.StartRun(t.Context(), store.NewRun{Site: site, Steps: syncSteps}); !fault.Is(err, fault.Conflict) {
			t.Errorf("beside a run that is %s: %v", state, err)
		}
	}
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncFailed})
	startRun(t, st, site)
	if _, err := st.ResumeRun(t.Context(), run.ID, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("resumed beside an open run: %v", err)
	}
}

func TestResumeKeepsWhatWasSaved(t *testing.T) {
	st, clock, site := syncedSite(t)
	run := startRun(t, st, site)
	page := store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Next: "1", Cost: backlinks.Cost{Requests: 1, Units: 2}}
	if _, err := st.SaveLinkPage(t.Context(), page, []backlinks.Link{linkFrom(1)}); err != nil {
		t.Fatal(err)
	}
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncFailed, Step: "new_links", Cost: backlinks.Cost{Requests: 4}, Message: "Down."})
	failed, err := st.Run(t.Context(), run.ID)
	if err != nil || failed.Message != "Down." || failed.Requests != 5 || failed.Units != 2 || failed.FinishedAt.IsZero() || failed.Step("new_links").State != store.SyncFailed {
		t.Errorf("%+v, %v", failed, err)
	}
	if s := failed.Step("overview").State; s != store.SyncQueued {
		t.Errorf("a step that was not reached is %s", s)
	}
	clock.Forward(time.Hour)
	got, err := st.ResumeRun(t.Context(), run.ID, 0)
	if err != nil || got.State != store.SyncRunning || got.Message != "" || !got.FinishedAt.IsZero() || !got.StartedAt.Equal(run.StartedAt) {
		t.Errorf("%+v, %v", got, err)
	}
	if s := got.Step("new_links"); s.Cursor != "1" || s.State != store.SyncQueued || s.Rows != 1 || s.To != day.Date(2026, 3, 1) {
		t.Errorf("%+v", s)
	}
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncWaiting, WaitUntil: clock.Now().Add(time.Minute)})
	if got, err = st.Run(t.Context(), run.ID); err != nil || got.WaitUntil.Sub(clock.Now()) != time.Minute || !got.FinishedAt.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone})
	if _, err := st.ResumeRun(t.Context(), run.ID, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("a finished run was resumed: %v", err)
	}
	if _, err := st.ResumeRun(t.Context(), 99, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such run: %v", err)
	}
}

func TestMarkOnlyMovesOn(t *testing.T) {
	st, _, site := syncedSite(t)
	for _, d := range []day.Day{day.Date(2026, 2, 20), day.Date(2026, 2, 10)} {
		run := startRun(t, st, site)
		if _, err := st.SaveLinkPage(t.Context(), store.SyncPage{Run: run.ID, Site: site, Step: "new_links", Mark: d}, nil); err != nil {
			t.Fatal(err)
		}
		finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone})
	}
	if marks, err := st.SyncMarks(t.Context(), site); err != nil || marks["new_links"] != day.Date(2026, 2, 20) {
		t.Errorf("%v, %v", marks, err)
	}
}

func TestRunsInPages(t *testing.T) {
	st, _, site := syncedSite(t)
	other, err := st.CreateSite(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		run := startRun(t, st, []int64{site, other.ID}[i%2])
		finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncDone})
	}
	ids := func(site int64) (out []int64) {
		for before := int64(0); ; {
			runs, next, err := st.Runs(t.Context(), store.RunFilter{Site: site, Before: before, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range runs {
				out = append(out, r.ID)
				if len(r.Steps) != len(syncSteps) {
					t.Errorf("run %d has the steps %v", r.ID, r.Steps)
				}
			}
			if before = next; next == 0 {
				return out
			}
		}
	}
	if got := fmt.Sprint(ids(0), ids(site), ids(other.ID), ids(77)); got != "[5 4 3 2 1] [5 3 1] [4 2] []" {
		t.Error(got)
	}
	if _, ok, err := st.LastRun(t.Context(), 77); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if _, err := st.Run(t.Context(), 77); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// A run that is begun late, or taken up, has an old id; the list goes by the start.
func TestRunsAreListedByTheirStart(t *testing.T) {
	st, clock, site := syncedSite(t)
	other, err := st.CreateSite(t.Context(), "another.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := st.QueueRun(t.Context(), other.ID); err != nil { // run 1
		t.Fatal(err)
	}
	clock.Forward(time.Hour)
	finishRun(t, st, startRun(t, st, site).ID, store.SyncEnd{State: store.SyncDone}) // run 2
	clock.Forward(time.Hour)
	finishRun(t, st, startRun(t, st, other.ID).ID, store.SyncEnd{State: store.SyncDone}) // run 1 begins
	clock.Forward(31 * 24 * time.Hour)
	finishRun(t, st, startRun(t, st, site).ID, store.SyncEnd{State: store.SyncDone}) // run 3, in April
	for _, tt := range []struct {
		f    store.RunFilter
		want string
	}{
		{store.RunFilter{Limit: 9}, "[3 1 2] 0"},
		{store.RunFilter{Limit: 2}, "[3 1] 1"},
		{store.RunFilter{Limit: 2, Before: 1}, "[2] 0"},
		{store.RunFilter{Limit: 2, Before: 77}, "[] 0"},
		{store.RunFilter{Limit: 9, Month: "2026-03"}, "[1 2] 0"},
		{store.RunFilter{Limit: 1, Month: "2026-03"}, "[1] 1"},
		{store.RunFilter{Limit: 1, Month: "2026-03", Before: 1}, "[2] 0"},
		{store.RunFilter{Limit: 9, Month: "2026-04", Site: site}, "[3] 0"},
		{store.RunFilter{Limit: 9, Month: "2026-05"}, "[] 0"},
		{store.RunFilter{Limit: 9, Site: other.ID}, "[1] 0"},
	} {
		runs, next, err := st.Runs(t.Context(), tt.f)
		ids := []int64{}
		for _, r := range runs {
			ids = append(ids, r.ID)
		}
		if got := fmt.Sprint(ids, " ", next); err != nil || got != tt.want {
			t.Errorf("%+v: %s, want %s, %v", tt.f, got, tt.want, err)
		}
	}
	if _, _, err := st.Runs(t.Context(), store.RunFilter{Month: "March"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
