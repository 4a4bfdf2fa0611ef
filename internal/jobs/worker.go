package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"landed/internal/fault"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	queueNet  = "network"
	queueData = "data"
)

// args is what a job carries: an id and nothing that could grow old.
type args interface {
	river.JobArgs
	id() int64
}

type (
	syncArgs      struct{ Site int64 }
	importArgs    struct{ Import int64 }
	attributeArgs struct{ Site int64 }
	rulesArgs     struct{ Change int64 }
	dueArgs       struct{}
)

func (syncArgs) Kind() string      { return KindSync }
func (importArgs) Kind() string    { return KindImport }
func (attributeArgs) Kind() string { return KindAttribute }
func (rulesArgs) Kind() string     { return KindRules }
func (dueArgs) Kind() string       { return kindDue }

func (a syncArgs) id() int64      { return a.Site }
func (a importArgs) id() int64    { return a.Import }
func (a attributeArgs) id() int64 { return a.Site }
func (a rulesArgs) id() int64     { return a.Change }
func (dueArgs) id() int64         { return 0 }

func once(queue string) river.InsertOpts {
	return river.InsertOpts{Queue: queue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: notYetDone}}
}

func (syncArgs) InsertOpts() river.InsertOpts      { return once(queueNet) }
func (importArgs) InsertOpts() river.InsertOpts    { return once(queueData) }
func (attributeArgs) InsertOpts() river.InsertOpts { return once(queueData) }
func (rulesArgs) InsertOpts() river.InsertOpts     { return once(queueData) }
func (dueArgs) InsertOpts() river.InsertOpts       { return once(queueData) }

// Later is an error for "not now": the job is put off until Until, which does
// not count as a try.
type Later struct {
	Until time.Time
	Err   error
}

func (e *Later) Error() string {
	return fmt.Sprintf("not before %s: %v", e.Until.Format(time.RFC3339), e.Err)
}
func (e *Later) Unwrap() error { return e.Err }

// RetryAt is Until.
func (e *Later) RetryAt() time.Time { return e.Until }

// leastWait keeps a job that is always put off to the past from spinning.
const leastWait = time.Second

// Any package's error can put a job off or give it up by having these methods.
type (
	later interface {
		error
		RetryAt() time.Time
	}
	permanent interface {
		error
		Permanent() bool
	}
)

// worker works one kind of job.
type worker[T args] struct {
	river.WorkerDefaults[T]
	client *Client
	do     func(context.Context, int64) error
	quits  bool // stops at a safe place by itself when its context ends, so Stop ends it
}

// NextRetry waits 60 s after the first failure, then twice as long each time.
func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	return time.Now().Add(firstRetry << max(0, job.Attempt-1))
}

// Work does the job and tells River what its error means.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if w.quits {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(w.client.quit, cancel)()
	}
	err := w.safely(ctx, job.Args.id())
	if err == nil {
		return nil
	}
	log := w.client.work.Log.With("kind", job.Kind, "id", job.Args.id(), "try", job.Attempt)
	if e, ok := errors.AsType[later](err); ok {
		wait := max(leastWait, e.RetryAt().Sub(w.client.work.Now()))
		if ctx.Err() != nil {
			wait = 0 // it was Stop that put it off
		}
		log.InfoContext(ctx, "job put off", "wait", wait.Round(time.Second), "error", err.Error())
		return river.JobSnooze(wait)
	}
	if errors.Is(ctx.Err(), context.Canceled) && !errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely) {
		// Cut off by Stop: no fault of the job's, and it goes on after the next start.
		return river.JobSnooze(0)
	}
	if !giveUp(err) && job.Attempt < job.MaxAttempts {
		log.WarnContext(ctx, "job failed and will be tried again", "error", err.Error())
		return err
	}
	log.ErrorContext(ctx, "job failed for good", "error", err.Error())
	if w.client.work.GaveUp != nil {
		w.client.work.GaveUp(ctx, job.Kind, job.Args.id(), err)
	}
	return river.JobCancel(err)
}

// errPanic is a bug: the same would happen again.
var errPanic = errors.New("panic")

func (w *worker[T]) safely(ctx context.Context, id int64) (err error) {
	defer func() {
		if v := recover(); v != nil {
			w.client.work.Log.ErrorContext(ctx, "job panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, v)
		}
	}()
	if w.do == nil {
		return fault.New(fault.Invalid, "This server does not do such work.")
	}
	return w.do(ctx, id)
}

// giveUp reports whether trying again by itself is of no use.
func giveUp(err error) bool {
	if errors.Is(err, errPanic) {
		return true
	}
	if e, ok := errors.AsType[permanent](err); ok {
		return e.Permanent()
	}
	switch fault.KindOf(err) {
	case fault.Internal, fault.TooMany, fault.Unavailable:
		return false
	}
	return true
}

// onlyWarnings leaves out River's reports on itself.
type onlyWarnings struct{ slog.Handler }

func (h onlyWarnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h onlyWarnings) WithAttrs(a []slog.Attr) slog.Handler {
	return onlyWarnings{h.Handler.WithAttrs(a)}
}

func (h onlyWarnings) WithGroup(name string) slog.Handler {
	return onlyWarnings{h.Handler.WithGroup(name)}
}
