package sync

import (
	"context"
	"errors"
	"hash/fnv"
	"io"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
)

// pull is one call of Run, past its start.
type pull struct {
	*Syncer
	site    store.Site
	run     *store.SyncRun
	report  func(Progress)
	resumed bool
	pages   int
}

var (
	errDeadline = fault.New(fault.Unavailable, "The sync took too long and was stopped.")
	errPages    = fault.New(fault.Unavailable, "The provider has more pages than a sync may ask for at once.")
	errRepeat   = fault.New(fault.Unavailable, "The provider sent the same page twice, so that its pages cannot be told apart.")
)

// all pulls every step that is not done and writes down how the run ended.
func (p *pull) all(ctx context.Context) error {
	limit := p.Deadline
	if limit <= 0 {
		limit = deadline
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, errDeadline)
	defer cancel()
	at := -1
	finished := false
	defer func() {
		if !finished { // a panic: say so in the run, then let it go on to whoever logs it
			_ = p.fail(ctx, at, backlinks.Cost{}, errors.New("panic"))
		}
	}()
	for i := range p.run.Steps {
		if at = i; p.run.Steps[i].State == store.SyncDone {
			continue
		}
		if cost, err := p.step(limited, i); err != nil {
			finished = true
			switch {
			case ctx.Err() != nil && !fault.Is(err, fault.Conflict):
				err = context.Canceled // whatever the caller's cause: the sync was told to stop
			case ctx.Err() == nil && limited.Err() != nil:
				err = errDeadline
			}
			return p.fail(ctx, i, cost, err)
		}
	}
	finished = true
	return p.done(ctx)
}

func (p *pull) done(ctx context.Context) error {
	err := p.Store.FinishRun(context.WithoutCancel(ctx), p.run.ID, store.SyncEnd{State: store.SyncDone})
	if err == nil {
		p.log().InfoContext(ctx, "sync done", "site", p.site.Host, "run", p.run.ID, "new_links", p.run.Step(NewLinks).New)
	}
	return err
}

// step pulls the pages of a step. The cost beside an error is that of the
// request that failed; the pages before have theirs saved with them.
func (p *pull) step(ctx context.Context, i int) (backlinks.Cost, error) {
	step := &p.run.Steps[i]
	var before uint64
	for first := true; ; first = false {
		if p.pages++; p.pages > p.maxPages() {
			return backlinks.Cost{}, &Failure{permanent: true, Err: errPages}
		}
		page, err := p.ask(ctx, *step)
		if err != nil {
			return page.cost, err
		}
		if !first && page.rows > 0 && page.sum == before || page.next == step.Cursor && page.next != "" {
			return page.cost, errRepeat
		}
		before = page.sum
		// What has arrived is paid for: it is saved even if ctx has just ended.
		if err := p.save(context.WithoutCancel(ctx), step, page); err != nil {
			return page.cost, err
		}
		p.tell(i)
		if page.next == "" {
			return backlinks.Cost{}, nil
		}
		if err := ctx.Err(); err != nil {
			return backlinks.Cost{}, err
		}
	}
}

func (p *pull) maxPages() int {
	if p.MaxPages > 0 {
		return p.MaxPages
	}
	return maxPages
}

// page is an answer of any step.
type page struct {
	links    []backlinks.Link
	domains  []backlinks.RefDomain
	snapshot backlinks.Snapshot
	rows     int
	next     string
	cost     backlinks.Cost
	sum      uint64 // of what identifies the rows
}

// ask sends the request of the step's next page.
func (p *pull) ask(ctx context.Context, step store.SyncStep) (page, error) {
	target := p.site.Target()
	window := backlinks.Window{Target: target, From: step.From, To: step.To, Cursor: step.Cursor}
	switch step.Name {
	case Overview:
		n, cost, err := p.Provider.Overview(ctx, target, p.run.Step(NewLinks).To)
		return page{snapshot: n, rows: 1, cost: cost}, err
	case NewLinks:
		return linkPage(p.Provider.NewLinks(ctx, window))
	case LostLinks:
		return linkPage(p.Provider.LostLinks(ctx, window))
	}
	d, err := p.Provider.RefDomains(ctx, target, step.Cursor)
	sum := fnv.New64a()
	for _, r := range d.Domains {
		_, _ = io.WriteString(sum, r.Domain+"\n")
	}
	return page{domains: d.Domains, rows: len(d.Domains), next: d.Next, cost: d.Cost, sum: sum.Sum64()}, err
}

func linkPage(l backlinks.LinkPage, err error) (page, error) {
	sum := fnv.New64a()
	for _, r := range l.Links {
		_, _ = io.WriteString(sum, r.SourceURL+"\n"+r.TargetURL+"\n")
	}
	return page{links: l.Links, rows: len(l.Links), next: l.Next, cost: l.Cost, sum: sum.Sum64()}, err
}

// save keeps a page and moves the step on in the database, then here.
func (p *pull) save(ctx context.Context, step *store.SyncStep, a page) error {
	where := store.SyncPage{Run: p.run.ID, Site: p.site.ID, Step: step.Name, After: step.Cursor, Next: a.next, Cost: a.cost}
	if step.To.Known() {
		where.Mark = step.To - 1
	}
	added := 0
	var err error
	switch step.Name {
	case Overview:
		err = p.Store.SaveSnapshotPage(ctx, where, a.snapshot)
	case RefDomains:
		added, err = p.Store.SaveRefDomainPage(ctx, where, a.domains)
	default:
		var out store.LinkOutcome
		out, err = p.Store.SaveLinkPage(ctx, where, a.links)
		added = out.New
		step.Lost += out.Lost
	}
	if err != nil {
		return err
	}
	step.Cursor, step.Rows, step.New, step.State = a.next, step.Rows+a.rows, step.New+added, store.SyncRunning
	if a.next == "" {
		step.State = store.SyncDone
	}
	return nil
}

func (p *pull) tell(i int) {
	if p.report == nil {
		return
	}
	step := p.run.Steps[i]
	p.report(Progress{Site: p.site, RunID: p.run.ID, Resumed: p.resumed, Step: step.Name, StepNo: i + 1, Steps: len(p.run.Steps),
		Rows: step.Rows, New: step.New, Done: step.State == store.SyncDone})
}
