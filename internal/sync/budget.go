package sync

import (
	"context"
	"fmt"
	"sort"
	"time"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
)

// unpriced is what a request of a provider without a price list is taken to cost
// at most.
const unpriced = 5

// pagePrice is what a page of a step costs at most, and how many rows it may then
// have; ok is false when left units (-1 = no cap) do not pay for a page. A page
// of links can be made as small as the units that are left.
func (p *pull) pagePrice(step store.SyncStep, left int) (units, rows int, ok bool) {
	if !p.can.rich() {
		return unpriced, 0, left < 0 || left >= unpriced
	}
	price := func(n int) int { return p.can.pricer.Price(job(step), n).Units }
	full := p.can.pricer.PageRows(job(step))
	switch {
	case step.Name == AuthorityHistory || step.Name == RefDomainHistory:
		units = price(int(step.To-step.From)/week + 2)
	case full <= 1:
		units = price(1)
	default:
		// A full page's own price: Price counts the page that follows as well.
		units = price(full-1) + (price(full-1)+full-2)/(full-1)
	}
	if left < 0 || units <= left {
		return units, 0, true
	}
	if step.Name != NewLinks && step.Name != LostLinks && step.Name != Restored && job(step) != backlinks.JobNewSources {
		return units, 0, false
	}
	rows = sort.Search(full-1, func(n int) bool { return price(n+1) > left })
	if rows < 2 { // a page brings the row at its border again
		return units, 0, false
	}
	return price(rows), rows, true
}

// spent is a cap that stands in the way.
type spent struct {
	why   store.SyncWait
	state store.BudgetState
	cap   int // of the sitting
	until time.Time
}

func (e *spent) Error() string { return "the cap of units is reached: " + string(e.why) }

// Unwrap is the sentence for people.
func (e *spent) Unwrap() error {
	if e.why == store.WaitMonth {
		return fault.New(fault.Unavailable, "The month’s cap of %d units leaves %d, too few for the next request.", e.state.MonthUnits, e.state.Left)
	}
	return fault.New(fault.Unavailable, "The cap of %d units a run leaves too few for the next request.", e.cap)
}

func (e *spent) next() string {
	if e.why == store.WaitMonth {
		return fmt.Sprintf("It goes on from there on %s, or when the cap is raised.", e.until.Format("2 January 2006"))
	}
	return fmt.Sprintf("It goes on from there on %s UTC, when it is started, or when the cap is raised.", e.until.Format("2 January 2006 15:04"))
}

// reserve sets units aside for the next page and says how many rows it may have, 0
// = as many as the provider gives.
func (p *pull) reserve(ctx context.Context, step store.SyncStep) (rows int, err error) {
	why, err := p.Store.Reserve(ctx, p.run.ID, func(left int) (units int, ok bool) {
		units, rows, ok = p.pagePrice(step, left)
		return units, ok
	})
	if err != nil || why == "" {
		return rows, err
	}
	e := &spent{why: why, cap: p.run.CapUnits}
	if e.state, err = p.Store.BudgetState(ctx); err != nil {
		return 0, err
	}
	e.until = e.state.ResetsAt
	if why == store.WaitRun {
		c, err := p.Store.Schedule(ctx, p.site.ID)
		if err != nil {
			return 0, err
		}
		if e.until = c.NextAt; c.Paused || !e.until.After(p.now()) {
			e.until = p.now().AddDate(0, 0, week).Truncate(time.Minute)
		}
	}
	return 0, e
}
