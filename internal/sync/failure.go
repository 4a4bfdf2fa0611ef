package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/fault"
	"landed/internal/store"
)

// Waiting is a run that was put off. It goes on when Run is called at Until or
// later.
type Waiting struct {
	Until time.Time
	For   store.SyncWait
	Err   error
}

func (e *Waiting) Error() string {
	return fmt.Sprintf("put off until %s: %v", e.Until.Format(time.RFC3339), e.Err)
}
func (e *Waiting) Unwrap() error { return e.Err }

// RetryAt is when to call Run again.
func (e *Waiting) RetryAt() time.Time { return e.Until }

// Failure is a run that failed. Its pages are kept.
type Failure struct {
	permanent bool
	Err       error
}

func (e *Failure) Error() string { return e.Err.Error() }
func (e *Failure) Unwrap() error { return e.Err }

// Permanent reports whether trying again by itself is of no use: somebody has to
// change something first.
func (e *Failure) Permanent() bool { return e.permanent }

// fail writes down why the run stopped at step i and gives the error for it.
func (p *pull) fail(ctx context.Context, i int, end store.SyncEnd, err error) error {
	cancelled := errors.Is(err, ErrCancelled)
	if fault.Is(err, fault.Conflict) && !cancelled {
		return err // the run is another process's now
	}
	if end.State = store.SyncFailed; i >= 0 {
		end.Step = p.run.Steps[i].Name
	}
	cause, next := error(&Failure{permanent: permanent(err), Err: err}), "The next sync within a day goes on from there."
	over, isSpent := errors.AsType[*spent](err)
	switch wait := p.wait(err); {
	case cancelled:
		end.State, next = store.SyncCancelled, "The next sync asks again for what is missing."
		cause = err
	case errors.Is(err, context.Canceled):
		end.State, end.WaitFor, next = store.SyncWaiting, store.WaitStop, "It goes on from there when it is started again."
		cause = &Waiting{Until: p.now(), For: store.WaitStop, Err: err}
	case isSpent:
		end.State, end.WaitFor, end.WaitUntil, next = store.SyncWaiting, over.why, over.until, over.next()
		cause = &Waiting{Until: over.until, For: over.why, Err: err}
	case wait > 0:
		end.WaitFor = store.WaitProvider
		end.State, end.WaitUntil = store.SyncWaiting, p.now().Add(wait).Truncate(time.Second).Add(time.Second)
		next = fmt.Sprintf("It can go on from there at %s UTC.", end.WaitUntil.Format("2006-01-02 15:04:05"))
		cause = &Waiting{Until: end.WaitUntil, For: store.WaitProvider, Err: err}
	}
	end.Message = strings.Join([]string{happened(err), kept(*p.run), next}, " ")
	if saveErr := p.Store.FinishRun(context.WithoutCancel(ctx), p.run.ID, end); saveErr != nil {
		cause = errors.Join(cause, saveErr)
	}
	p.log().WarnContext(ctx, "sync stopped", "site", p.site.Host, "run", p.run.ID, "step", end.Step, "state", string(end.State), "error", err.Error())
	kind := fault.Unavailable
	switch {
	case cancelled:
		kind = fault.Conflict
	case fault.KindOf(err) == fault.Invalid:
		kind = fault.Invalid
	}
	return fault.Wrap(cause, kind, "%s", end.Message)
}

// wait is how long the provider wants to be left alone; 0 when that is not what
// stopped the run, or when the run is too old to be worth waiting for.
func (p *pull) wait(err error) time.Duration {
	e, ok := errors.AsType[*ahrefs.Error](err)
	if !ok || e.Kind != ahrefs.RateLimited {
		return 0
	}
	// One that waited for units is older, and worth more: its pages are paid for.
	if p.run.CapFrom == 0 && p.now().Add(e.RetryAfter).Sub(p.run.StartedAt) >= fresh {
		return 0
	}
	return max(e.RetryAfter, time.Second)
}

// permanent reports whether asking the same again cannot help.
func permanent(err error) bool {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.permanent
	}
	if e, ok := errors.AsType[*ahrefs.Error](err); ok {
		switch e.Kind {
		case ahrefs.BadRequest, ahrefs.Unauthorized, ahrefs.UnitsExhausted, ahrefs.Forbidden, ahrefs.NotFound:
			return true
		}
	}
	return false
}

func happened(err error) string {
	if errors.Is(err, context.Canceled) {
		return "The sync was stopped before it was finished."
	}
	return fault.Message(err)
}

var stepNames = map[string]string{Overview: "the overview", NewLinks: "new links", LostLinks: "lost links", RefDomains: "referring domains",
	Restored: "links that came back", AuthorityHistory: "weeks of authority history", RefDomainHistory: "weeks of referring-domain history",
	AllLinks: "live links"}

func stepName(step string) string {
	if of, ok := store.ParseSourceStep(step); ok {
		return "sources of " + of.Host
	}
	return stepNames[step]
}

// kept says in a sentence what a run has saved.
func kept(run store.SyncRun) string {
	var parts []string
	for _, s := range run.Steps {
		name := stepName(s.Name)
		switch {
		case s.State == store.SyncDone && s.Name == Overview:
			parts = append(parts, name)
		case s.State == store.SyncDone:
			parts = append(parts, fmt.Sprintf("all %s (%d)", name, s.Rows))
		case s.Rows > 0:
			parts = append(parts, fmt.Sprintf("the first %d %s", s.Rows, name))
		}
	}
	if len(parts) == 0 {
		return "Nothing had been saved yet."
	}
	return "Kept: " + strings.Join(parts, ", ") + "."
}
