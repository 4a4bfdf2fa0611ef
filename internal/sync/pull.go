package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	can     abilities
	lines   []store.SyncRequest // of the page in flight
	oneGo   bool                // the list of everything that lives began in this call
}

var (
	errGone     = fault.New(fault.Unavailable, "The provider does not serve this step any more: its endpoint set was changed.")
	errDeadline = fault.New(fault.Unavailable, "The sync took too long and was stopped.")
	errPages    = fault.New(fault.Unavailable, "The provider has more pages than a sync may ask for at once.")
	// ErrCancelled ends a run that somebody has cancelled.
	ErrCancelled = fault.New(fault.Conflict, "The sync was cancelled.")
	errRepeat    = fault.New(fault.Unavailable, "The provider sent the same page twice, so that its pages cannot be told apart.")
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
			_ = p.fail(ctx, at, store.SyncEnd{}, errors.New("panic"))
		}
	}()
	for i := range p.run.Steps {
		if at = i; p.run.Steps[i].State == store.SyncDone {
			continue
		}
		if cost, err := p.step(limited, i); err != nil {
			finished = true
			switch {
			case ctx.Err() != nil && !fault.Is(err, fault.Conflict) && !errors.Is(err, ErrCancelled):
				err = context.Canceled // whatever the caller's cause: the sync was told to stop
			case ctx.Err() == nil && limited.Err() != nil:
				err = errDeadline
			}
			return p.fail(ctx, i, store.SyncEnd{Cost: cost, Requests: p.lines}, err)
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
		p.lines = nil
		if cancelled, err := p.Store.CancelAsked(ctx, p.run.ID); err != nil || cancelled {
			return backlinks.Cost{}, cmp.Or(err, error(ErrCancelled))
		}
		rows, err := p.reserve(ctx, *step)
		if err != nil {
			return backlinks.Cost{}, err
		}
		page, err := p.ask(p.watch(ctx), *step, rows)
		p.complete(*step, page, err)
		if err != nil {
			return page.cost, err
		}
		if !first && page.rows > 0 && page.sum == before || page.next == step.Cursor && page.next != "" {
			return page.cost, errRepeat
		}
		if first && page.rows == 0 && page.next == "" && step.Cursor == "" {
			if err := p.expectNone(ctx, *step); err != nil {
				return page.cost, err
			}
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

// manyRows are so many that a list which should have them is not empty by chance.
const manyRows = 20

// expectNone refuses an empty list where earlier runs brought many rows.
func (p *pull) expectNone(ctx context.Context, step store.SyncStep) error {
	past, err := p.Store.PastSteps(ctx, p.site.ID, step.Name, pastRuns)
	if err != nil {
		return err
	}
	n, known := expected(step, past)
	// Nothing is concluded from an empty list of these two, and their days stay asked for.
	if !known || n < manyRows || step.Name == Restored || isSources(step.Name) {
		return nil
	}
	return &Failure{permanent: true, Err: fault.New(fault.Unavailable, "The provider sent an empty list of %s, where about %d were to be expected. It was not believed, and nothing was changed.", stepName(step.Name), n)}
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
	readings []backlinks.Reading
	rows     int
	next     string
	cost     backlinks.Cost
	sum      uint64 // of what identifies the rows
}

// ask sends the request of the step's next page, of at most rows rows (0 = as many
// as the provider gives).
func (p *pull) ask(ctx context.Context, step store.SyncStep, rows int) (page, error) {
	target := p.site.Target()
	window := backlinks.Window{Target: target, From: step.From, To: step.To, Cursor: step.Cursor, MaxRows: rows,
		Whole: step.Name == LostLinks && !step.Settled.Known()}
	switch step.Name {
	case Overview:
		n, cost, err := p.Provider.Overview(ctx, target, cmp.Or(step.To, p.run.Step(NewLinks).To))
		return page{snapshot: n, rows: 1, cost: cost}, err
	case NewLinks:
		return linkPage(p.Provider.NewLinks(ctx, window))
	case LostLinks:
		return linkPage(p.Provider.LostLinks(ctx, window))
	case Restored:
		if p.can.restorer == nil {
			return page{}, errGone
		}
		// Verified again, a link leaves a window that has an end.
		window.To = window.From + 3650
		return linkPage(p.can.restorer.RestoredLinks(ctx, window))
	case AllLinks:
		return linkPage(p.Provider.AllLinks(ctx, target, 0, step.Cursor))
	case AuthorityHistory, RefDomainHistory:
		if p.can.historian == nil {
			return page{}, errGone
		}
		ask := p.can.historian.AuthorityHistory
		if step.Name == RefDomainHistory {
			ask = p.can.historian.RefDomainHistory
		}
		readings, cost, err := ask(ctx, target, step.From, step.To)
		return page{readings: readings, rows: len(readings), cost: cost}, err
	}
	if of, ok := store.ParseSourceStep(step.Name); ok {
		return p.askSources(ctx, of, step, rows)
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
	where := store.SyncPage{Run: p.run.ID, Site: p.site.ID, Step: step.Name, After: step.Cursor, Next: a.next, Cost: a.cost,
		Requests: p.lines, Mark: p.mark(*step, a), Settled: step.Settled}
	added := 0
	var err error
	of, sources := store.ParseSourceStep(step.Name)
	switch {
	case sources:
		added, err = p.Store.SaveSourcePage(ctx, where, of.Host, a.links)
	case step.Name == Overview:
		err = p.Store.SaveSnapshotPage(ctx, where, a.snapshot)
	case step.Name == AuthorityHistory, step.Name == RefDomainHistory:
		err = p.Store.SaveHistoryPage(ctx, where, p.Provider.Name(), a.readings)
	case step.Name == RefDomains:
		added, err = p.Store.SaveRefDomainPage(ctx, where, a.domains)
	default:
		var out store.LinkOutcome
		where.Listing = p.listing(*step)
		out, err = p.Store.SaveLinkPage(ctx, where, a.links)
		added = out.New
		step.Lost += out.Lost
		err = p.notBelieved(ctx, step, err)
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

// watch collects a line of each request.
func (p *pull) watch(ctx context.Context) context.Context {
	return backlinks.Watch(ctx, func(r backlinks.Request) {
		line := store.SyncRequest{At: r.At, Endpoint: r.Endpoint, Status: r.Status, OK: r.Err == nil, Rows: max(0, r.Rows), Units: r.Units,
			Cached: r.Cached, Ms: int(r.Took.Milliseconds()), Outcome: "answered"}
		if r.Err != nil {
			line.Outcome = fault.Message(r.Err)
		}
		p.lines = append(p.lines, line)
	})
}

// complete says in the last line what became of its answer. A provider that tells
// nothing of its requests has one line for all.
func (p *pull) complete(step store.SyncStep, a page, err error) {
	if len(p.lines) == 0 {
		if a.cost.Requests == 0 {
			return
		}
		p.lines = append(p.lines, store.SyncRequest{At: p.now(), Endpoint: step.Name, OK: true, Rows: a.rows, Units: a.cost.Units})
	}
	last := &p.lines[len(p.lines)-1]
	switch {
	case err != nil && last.OK:
		last.OK, last.Outcome = false, happened(err)
	case err == nil && a.next != "":
		last.Outcome = fmt.Sprintf("%d rows, more to come", a.rows)
	case err == nil:
		last.Outcome = fmt.Sprintf("%d rows, all there are", a.rows)
	}
	if last.OK && last.Rows == 0 {
		last.Rows = a.rows
	}
}

func (p *pull) tell(i int) {
	if p.report == nil {
		return
	}
	step := p.run.Steps[i]
	p.report(Progress{Site: p.site, RunID: p.run.ID, Resumed: p.resumed, Step: step.Name, StepNo: i + 1, Steps: len(p.run.Steps),
		Rows: step.Rows, New: step.New, Done: step.State == store.SyncDone})
}
