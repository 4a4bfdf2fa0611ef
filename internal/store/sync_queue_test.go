package store_test

import (
	"testing"
	"time"

	"landed/internal/store"
	"landed/internal/testkit"
)

const runRows = `SELECT id, state, (SELECT COUNT(*) FROM sync_step WHERE run_id = sync_run.id), message FROM sync_run ORDER BY id`

func TestAskingForASync(t *testing.T) {
	wait := store.SyncEnd{State: store.SyncWaiting, WaitUntil: testkit.Start.Add(time.Hour), Message: "Later."}
	fail := store.SyncEnd{State: store.SyncFailed, Step: "overview", Message: "No."}
	for name, tt := range map[string]struct {
		before       *store.SyncEnd // how an earlier run ended; nil = there is none, running = not at all
		running      bool
		age          time.Duration
		queued       bool
		rows, undone string // after QueueRun, after UnqueueRun
	}{
		"never synced":    {queued: true, rows: "1 | queued | 0 | ", undone: ""},
		"done before":     {before: &store.SyncEnd{State: store.SyncDone}, queued: true, rows: "1 | done | 3 | \n2 | queued | 0 | ", undone: "1 | done | 3 | "},
		"waiting":         {before: &wait, queued: true, rows: "1 | queued | 3 | Later.", undone: "1 | waiting | 3 | Later."},
		"failed just now": {before: &fail, age: time.Hour, queued: true, rows: "1 | queued | 3 | No.", undone: "1 | failed | 3 | No."},
		"failed long ago": {before: &fail, age: 25 * time.Hour, queued: true, rows: "1 | failed | 3 | No.\n2 | queued | 0 | ", undone: "1 | failed | 3 | No."},
		"running":         {running: true, rows: "1 | running | 3 | ", undone: "1 | running | 3 | "},
	} {
		t.Run(name, func(t *testing.T) {
			st, clock, site := syncedSite(t)
			if tt.before != nil || tt.running {
				run := startRun(t, st, site)
				if tt.before != nil {
					finishRun(t, st, run.ID, *tt.before)
				}
			}
			clock.Forward(tt.age)
			run, queued, err := st.QueueRun(t.Context(), site)
			if err != nil || queued != tt.queued {
				t.Fatalf("%+v, %v, %v", run, queued, err)
			}
			if got := testkit.Rows(t, st, runRows); got != tt.rows {
				t.Errorf("asked:\n%s\nwant\n%s", got, tt.rows)
			}
			again, twice, err := st.QueueRun(t.Context(), site)
			if err != nil || twice || again.ID != run.ID {
				t.Errorf("a second time: %+v, %v, %v", again, twice, err)
			}
			if err := st.UnqueueRun(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
			if got := testkit.Rows(t, st, runRows); got != tt.undone {
				t.Errorf("taken back:\n%s\nwant\n%s", got, tt.undone)
			}
		})
	}
}

func TestTheRunThatWasAskedForIsTheOneThatStarts(t *testing.T) {
	st, clock, site := syncedSite(t)
	asked, _, err := st.QueueRun(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	clock.Forward(time.Minute)
	run := startRun(t, st, site)
	if run.ID != asked.ID || len(run.Steps) != 3 {
		t.Errorf("%+v", run)
	}
	if got, err := st.Run(t.Context(), run.ID); err != nil || got.State != store.SyncRunning || !got.StartedAt.Equal(clock.Now()) || len(got.Steps) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := st.UnqueueRun(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, st, runRows); got != "1 | running | 3 | " {
		t.Errorf("a run that has begun was taken back: %s", got)
	}
}

func TestSiteSyncs(t *testing.T) {
	st, _, site := syncedSite(t)
	if _, err := st.CreateSite(t.Context(), "another.example"); err != nil {
		t.Fatal(err)
	}
	finishRun(t, st, startRun(t, st, site).ID, store.SyncEnd{State: store.SyncDone})
	finishRun(t, st, startRun(t, st, site).ID, store.SyncEnd{State: store.SyncFailed})
	list, err := st.SiteSyncs(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if x := list[0]; x.Site.Host != "another.example" || x.Last.ID != 0 || x.Done.ID != 0 {
		t.Errorf("%+v", x)
	}
	if x := list[1]; x.Last.ID != 2 || x.Last.State != store.SyncFailed || x.Done.ID != 1 || len(x.Done.Steps) != 3 {
		t.Errorf("%+v", x)
	}
}
