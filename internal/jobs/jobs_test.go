package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// open opens a client on a store's file; the test ends it.
func open(t *testing.T, st *store.Store, work Work) *Client {
	t.Helper()
	work.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	c, err := Open(t.Context(), st.Path(), work)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func start(t *testing.T, c *Client) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
}

func stop(t *testing.T, c *Client) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// added enqueues and reports whether that made a job.
func added(t *testing.T) func(bool, error) bool {
	return func(n bool, err error) bool {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited 30 s for %s", what)
		panic("unreachable")
	}
}

// ended hands out the jobs whose state has just been written.
func ended(t *testing.T, c *Client) <-chan *river.Event {
	t.Helper()
	events, cancel := c.river.Subscribe(river.EventKindJobCompleted, river.EventKindJobCancelled, river.EventKindJobFailed, river.EventKindJobSnoozed)
	t.Cleanup(cancel)
	return events
}

// note sends what a job was called with.
func note(to chan<- string, kind string) func(context.Context, int64) error {
	return func(_ context.Context, id int64) error {
		to <- fmt.Sprint(kind, " ", id)
		return nil
	}
}

func TestEnqueuedBeforeARestartIsWorkedAfterIt(t *testing.T) {
	st, ran := testkit.Store(t), make(chan string, 3)
	work := Work{Sync: note(ran, "sync"), Import: note(ran, "import"), Attribute: note(ran, "attribute")}
	c := open(t, st, work)
	add := added(t)
	add(c.EnqueueSync(t.Context(), 7))
	add(c.EnqueueImport(t.Context(), 8))
	add(c.EnqueueAttribute(t.Context(), 9))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, open(t, st, work))
	got := map[string]bool{}
	for range 3 {
		got[receive(t, ran, "a job")] = true
	}
	for _, want := range []string{"sync 7", "import 8", "attribute 9"} {
		if !got[want] {
			t.Errorf("%s did not run: %v", want, got)
		}
	}
}

func TestOneJobPerSite(t *testing.T) {
	st, began, release := testkit.Store(t), make(chan int64), make(chan bool)
	c := open(t, st, Work{Sync: func(_ context.Context, id int64) error {
		began <- id
		<-release
		return nil
	}})
	add := added(t)
	if !add(c.EnqueueSync(t.Context(), 1)) || add(c.EnqueueSync(t.Context(), 1)) {
		t.Error("a queued sync was queued again")
	}
	done := ended(t, c)
	start(t, c)
	receive(t, began, "the sync")
	if add(c.EnqueueSync(t.Context(), 1)) {
		t.Error("a running sync was queued again")
	}
	if !add(c.EnqueueSync(t.Context(), 2)) {
		t.Error("another site's sync was refused")
	}
	release <- true
	receive(t, done, "its end")
	if id := receive(t, began, "the other site"); id != 2 {
		t.Errorf("site %d ran", id)
	}
	if !add(c.EnqueueSync(t.Context(), 1)) {
		t.Error("a finished sync cannot be queued again")
	}
	release <- true
	receive(t, began, "the first site again")
	release <- true
}

func TestPutOff(t *testing.T) {
	st, ran := testkit.Store(t), make(chan bool, 2)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	results := []error{fmt.Errorf("sync: %w", &Later{Until: until, Err: errors.New("too many requests")}), nil}
	c := open(t, st, Work{Sync: func(context.Context, int64) error {
		ran <- true
		err := results[0]
		results = results[1:]
		return err
	}})
	done := ended(t, c)
	start(t, c)
	add := added(t)
	add(c.EnqueueSync(t.Context(), 1))
	receive(t, ran, "the sync")
	job := receive(t, done, "its end").Job
	if job.State != rivertype.JobStateScheduled || job.Attempt != 0 || job.ScheduledAt.Sub(until).Abs() > 5*time.Second {
		t.Errorf("state %s, attempt %d, at %s; want scheduled, 0, %s", job.State, job.Attempt, job.ScheduledAt, until)
	}
	if !add(c.EnqueueSync(t.Context(), 1)) {
		t.Error("a sync that waits was not brought forward")
	}
	receive(t, ran, "the sync brought forward")
	if job := receive(t, done, "its end").Job; job.State != rivertype.JobStateCompleted {
		t.Errorf("state %s", job.State)
	}
}

type stubborn bool

func (stubborn) Error() string     { return "refused" }
func (s stubborn) Permanent() bool { return bool(s) }

func TestWhatAnErrorMeans(t *testing.T) {
	tests := []struct {
		name  string
		fails func() error
		state rivertype.JobState
	}{
		{"our own failure", func() error { return errors.New("x") }, rivertype.JobStateRetryable},
		{"the provider is down", func() error { return fault.New(fault.Unavailable, "x") }, rivertype.JobStateRetryable},
		{"says it may pass", func() error { return fault.Wrap(stubborn(false), fault.Conflict, "x") }, rivertype.JobStateRetryable},
		{"says it will not", func() error { return fault.Wrap(stubborn(true), fault.Unavailable, "x") }, rivertype.JobStateCancelled},
		{"cannot be read", func() error { return fault.New(fault.Invalid, "x") }, rivertype.JobStateCancelled},
		{"gone", func() error { return fault.New(fault.NotFound, "x") }, rivertype.JobStateCancelled},
		{"running elsewhere", func() error { return fault.New(fault.Conflict, "x") }, rivertype.JobStateCancelled},
		{"panic", func() error { panic("x") }, rivertype.JobStateCancelled},
	}
	st := testkit.Store(t)
	gaveUp := map[int64]string{}
	c := open(t, st, Work{
		Import: func(_ context.Context, id int64) error { return tests[id].fails() },
		GaveUp: func(_ context.Context, kind string, id int64, _ error) { gaveUp[id] = kind },
	})
	done := ended(t, c)
	start(t, c)
	for i, tt := range tests {
		before := time.Now()
		added(t)(c.EnqueueImport(t.Context(), int64(i)))
		job := receive(t, done, tt.name).Job
		if job.State != tt.state {
			t.Errorf("%s: %s, want %s", tt.name, job.State, tt.state)
		}
		if wait := job.ScheduledAt.Sub(before); tt.state == rivertype.JobStateRetryable && (wait < 59*time.Second || wait > 90*time.Second) {
			t.Errorf("%s: tried again after %s", tt.name, wait)
		}
		if told := gaveUp[int64(i)] == KindImport; told != (tt.state == rivertype.JobStateCancelled) {
			t.Errorf("%s: given up %v", tt.name, told)
		}
	}
}

func TestLastTryGivesUp(t *testing.T) {
	var told error
	c := &Client{quit: t.Context(), work: Work{Log: slog.New(slog.DiscardHandler), Now: time.Now,
		GaveUp: func(_ context.Context, _ string, _ int64, err error) { told = err }}}
	why := errors.New("still down")
	w := &worker[syncArgs]{client: c, do: func(context.Context, int64) error { return why }}
	for try := 1; try <= maxTries; try++ {
		job := &river.Job[syncArgs]{JobRow: &rivertype.JobRow{Kind: KindSync, Attempt: try, MaxAttempts: maxTries}, Args: syncArgs{Site: 3}}
		err := w.Work(t.Context(), job)
		if _, cancelled := errors.AsType[*river.JobCancelError](err); cancelled != (try == maxTries) || (told != nil) != (try == maxTries) {
			t.Errorf("try %d: %v, told %v", try, err, told)
		}
		if wait, want := time.Until(w.NextRetry(job)), time.Minute<<(try-1); (wait - want).Abs() > 5*time.Second {
			t.Errorf("try %d waits %s, want %s", try, wait, want)
		}
	}
}

func TestJobOfADeadProcessIsTakenUpAtOnce(t *testing.T) {
	st, began, never := testkit.Store(t), make(chan int64, 1), make(chan bool)
	dead := open(t, st, Work{Import: func(_ context.Context, id int64) error {
		began <- id
		<-never
		return nil
	}})
	start(t, dead)
	t.Cleanup(func() { close(never) })
	added(t)(dead.EnqueueImport(t.Context(), 4))
	receive(t, began, "the first try")
	ran := make(chan string, 1)
	start(t, open(t, st, Work{Import: note(ran, "import")}))
	if got := receive(t, ran, "the second try"); got != "import 4" {
		t.Error(got)
	}
}

func TestStopLetsAnImportFinish(t *testing.T) {
	st, began, release, finished := testkit.Store(t), make(chan bool), make(chan bool), make(chan bool, 1)
	c := open(t, st, Work{Import: func(ctx context.Context, _ int64) error {
		began <- true
		<-release
		finished <- ctx.Err() == nil
		return nil
	}})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	added(t)(c.EnqueueImport(t.Context(), 1))
	receive(t, began, "the import")
	stopped := make(chan error, 1)
	go func() { stopped <- c.Stop(context.Background()) }()
	<-c.quit.Done()
	select {
	case <-stopped:
		t.Error("stopped while the import ran")
	default:
	}
	release <- true
	if err := receive(t, stopped, "the stop"); err != nil {
		t.Error(err)
	}
	if !receive(t, finished, "the import's end") {
		t.Error("the import was cut off")
	}
}

func TestStopEndsASyncAndTheNextStartTakesItUp(t *testing.T) {
	st, began := testkit.Store(t), make(chan bool)
	c := open(t, st, Work{Sync: func(ctx context.Context, _ int64) error {
		began <- true
		<-ctx.Done()
		return fmt.Errorf("sync: %w", ctx.Err())
	}})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	added(t)(c.EnqueueSync(t.Context(), 5))
	receive(t, began, "the sync")
	before := time.Now()
	stop(t, c)
	if took := time.Since(before); took > stopGrace {
		t.Errorf("stopping took %s", took)
	}
	ran := make(chan string, 1)
	start(t, open(t, st, Work{Sync: note(ran, "sync")}))
	if got := receive(t, ran, "the sync again"); got != "sync 5" {
		t.Error(got)
	}
}

func TestStopCutsOffWhatDoesNotEnd(t *testing.T) {
	st, began := testkit.Store(t), make(chan bool)
	c := open(t, st, Work{Attribute: func(ctx context.Context, _ int64) error {
		began <- true
		<-ctx.Done()
		return ctx.Err()
	}})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	added(t)(c.EnqueueAttribute(t.Context(), 6))
	receive(t, began, "the work")
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Stop(now); err != nil {
		t.Error(err)
	}
	ran := make(chan string, 1)
	start(t, open(t, st, Work{Attribute: note(ran, "attribute")}))
	if got := receive(t, ran, "the work again"); got != "attribute 6" {
		t.Error(got)
	}
}

func TestDueSitesAreSyncedByThemselves(t *testing.T) {
	ran := make(chan string, 2)
	start(t, open(t, testkit.Store(t), Work{Sync: note(ran, "sync"),
		Due: func(context.Context) ([]int64, error) {
			return []int64{11, 12}, errors.New("and one that could not be asked")
		}}))
	a, b := receive(t, ran, "a sync"), receive(t, ran, "another")
	if a == b || a != "sync 11" && b != "sync 11" {
		t.Errorf("%s, %s", a, b)
	}
}
