package sync

import (
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/store"
	"landed/internal/testkit"
)

// A run that a page asked for is the one that is pulled, with all its steps.
func TestRunThatWasAskedForIsTakenOver(t *testing.T) {
	want, _ := faultless(t)
	b := newBench(t)
	asked, queued, err := b.st.QueueRun(t.Context(), b.site.ID)
	if err != nil || !queued {
		t.Fatal(queued, err)
	}
	b.clock.forward(time.Minute)
	res := b.mustRun()
	if res.Run.ID != asked.ID || res.Resumed || len(res.Run.Steps) != 4 {
		t.Errorf("%+v", res.Run)
	}
	if got := testkit.Rows(t, b.st, `SELECT COUNT(*) FROM sync_run`); got != "1" {
		t.Errorf("%s runs", got)
	}
	sameRows(t, b.rows(), want)
}

// One that stopped keeps its steps when it is asked for again.
func TestRunThatStoppedIsAskedForAgain(t *testing.T) {
	b := newBench(t)
	b.srv.FaultAt(4, ahrefstest.Null())
	first, err := b.run()
	if err == nil {
		t.Fatal("no error")
	}
	asked, queued, err := b.st.QueueRun(t.Context(), b.site.ID)
	if err != nil || !queued || asked.ID != first.Run.ID {
		t.Fatal(asked, queued, err)
	}
	if res := b.mustRun(); !res.Resumed || res.Run.ID != first.Run.ID || res.Run.State != store.SyncDone {
		t.Errorf("%+v", res.Run)
	}
}
