// Package sync pulls a site's links, referring domains, figures and their history
// from a provider, as cheaply as the provider's prices allow (plan.go). Each page
// is saved together with the place where the next one begins, so that a run that
// was killed goes on there: nothing is lost, nothing counted twice. A link is lost
// on the provider's word, or when two whole lists of everything that lives lacked it
// (listing.go); the absence of a link from any other answer says nothing.
package sync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	stdsync "sync"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
)

const (
	maxPages = 2000          // in one call of Run
	deadline = 2 * time.Hour // of one call of Run
	fresh    = store.ResumeWithin
)

// Store is what a Syncer needs of the store.
type Store interface {
	Site(ctx context.Context, id int64) (store.Site, error)
	SyncMarks(ctx context.Context, site int64) (map[string]day.Day, error)
	LastRun(ctx context.Context, site int64) (store.SyncRun, bool, error)
	StartRun(ctx context.Context, n store.NewRun) (store.SyncRun, error)
	ResumeRun(ctx context.Context, id int64, capUnits int) (store.SyncRun, error)
	FinishRun(ctx context.Context, id int64, end store.SyncEnd) error
	Run(ctx context.Context, id int64) (store.SyncRun, error)
	SaveLinkPage(ctx context.Context, p store.SyncPage, links []backlinks.Link) (store.LinkOutcome, error)
	SaveRefDomainPage(ctx context.Context, p store.SyncPage, domains []backlinks.RefDomain) (added int, err error)
	SaveSnapshotPage(ctx context.Context, p store.SyncPage, n backlinks.Snapshot) error
	SaveHistoryPage(ctx context.Context, p store.SyncPage, provider string, readings []backlinks.Reading) error
	Competitors(ctx context.Context, site int64) ([]store.Competitor, error)
	SaveSourcePage(ctx context.Context, p store.SyncPage, host string, links []backlinks.Link) (added int, err error)
	CancelAsked(ctx context.Context, id int64) (bool, error)
	SyncBudget(ctx context.Context) (store.SyncBudget, error)
	BudgetState(ctx context.Context) (store.BudgetState, error)
	Reserve(ctx context.Context, run int64, price func(left int) (int, bool)) (store.SyncWait, error)
	Schedule(ctx context.Context, site int64) (store.Schedule, error)
	PastSteps(ctx context.Context, site int64, step string, limit int) ([]store.PastStep, error)
	LastCheck(ctx context.Context, site int64, step string) (store.PastStep, bool, error)
	DropListing(ctx context.Context, run int64) error
	LiveLinks(ctx context.Context, site int64, provider string) (int, error)
	History(ctx context.Context, site int64, from, to day.Day) (store.History, error)
}

var _ Store = (*store.Store)(nil)

// Syncer syncs sites with one provider. Store and Provider are needed, the zero
// values of the rest are the defaults. It is safe for concurrent use.
type Syncer struct {
	Store    Store
	Provider backlinks.Provider
	Now      func() time.Time // nil = time.Now
	Log      *slog.Logger     // nil = silent

	// LockDir is where a lock file for each site keeps other processes away; ""
	// keeps only this Syncer's own calls apart.
	LockDir string

	FirstDays int           // how far back the first run of a site looks for links; 0 = 365
	MaxPages  int           // 0 = 2000
	Deadline  time.Duration // 0 = 2 h

	mu   stdsync.Mutex
	busy map[int64]bool
}

// Progress is told after each saved page.
type Progress struct {
	Site    store.Site
	RunID   int64
	Resumed bool
	Step    string
	StepNo  int // from 1
	Steps   int
	Rows    int // of this step so far
	New     int // of these, not known before
	Done    bool
}

// Result is what a call of Run did.
type Result struct {
	Site    store.Site    `json:"-"`
	Run     store.SyncRun `json:"run"` // also beside an error, once a run was opened
	Resumed bool          `json:"resumed"`
}

// Run syncs a site: RunAs for a command.
func (s *Syncer) Run(ctx context.Context, site int64, report func(Progress)) (Result, error) {
	return s.RunAs(ctx, site, store.Asked{Cause: store.CauseCommand, By: store.CommandLine}, report)
}

// RunAsked is Run for a worker: it begins the run that is in the database, and does
// nothing when that one was cancelled in the meantime.
func (s *Syncer) RunAsked(ctx context.Context, site int64) (Result, error) {
	last, ok, err := s.Store.LastRun(ctx, site)
	if err != nil || ok && last.State == store.SyncCancelled {
		return Result{Run: last}, err
	}
	return s.RunAs(ctx, site, store.Asked{}, nil)
}

// RunAs syncs a site. An unfinished run that is not older than a day, or that waited
// for units, goes on where its last saved page ended, with the same windows;
// otherwise a new one begins. report may be nil.
//
// The error is a fault whose message says what happened, what was kept and what
// comes next; the same stands in the run. In its chain is a *Waiting when the
// run is to go on later, else a *Failure for what the provider refused, or
// ErrCancelled. A sync of the site that is under way elsewhere gives a Conflict and
// no run.
func (s *Syncer) RunAs(ctx context.Context, site int64, asked store.Asked, report func(Progress)) (Result, error) {
	var res Result
	var err error
	if res.Site, err = s.Store.Site(ctx, site); err != nil {
		return res, err
	}
	release, err := s.lock(res.Site)
	if err != nil {
		return res, err
	}
	defer release()
	p := &pull{Syncer: s, site: res.Site, run: &res.Run, report: report}
	if err = p.open(ctx, asked); err == nil {
		err = p.all(ctx)
	} else if res.Run.ID != 0 {
		err = p.fail(ctx, -1, store.SyncEnd{}, err)
	}
	res.Resumed = p.resumed
	if again, readErr := s.Store.Run(context.WithoutCancel(ctx), res.Run.ID); res.Run.ID != 0 && readErr == nil {
		res.Run = again
	}
	return res, err
}

// RunAll syncs sites one after another, so that they share the provider's pace.
// A site that fails does not keep the others from their turn, nor does one that has
// used up its own units; a limit of the provider's, the end of the month's units and
// the end of ctx do. The error joins those of the sites.
func (s *Syncer) RunAll(ctx context.Context, sites []store.Site, asked store.Asked, report func(Progress)) ([]Result, error) {
	var out []Result
	var all error
	for _, site := range sites {
		res, err := s.RunAs(ctx, site.ID, asked, report)
		out = append(out, res)
		if err == nil {
			continue
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", site.Host, err))
		if w, waits := errors.AsType[*Waiting](err); waits && w.For != store.WaitRun || ctx.Err() != nil {
			break
		}
	}
	return out, all
}

// lock keeps a second sync of the site away. The lock ends with the process, so
// whoever holds it knows that an open run in the database is nobody's.
func (s *Syncer) lock(site store.Site) (release func(), err error) {
	conflict := fault.New(fault.Conflict, "A sync of %s is running already.", site.Host)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[site.ID] {
		return nil, conflict
	}
	unlock := func() {}
	if s.LockDir != "" {
		var ok bool
		unlock, ok, err = lockFile(filepath.Join(s.LockDir, fmt.Sprintf("sync-%d.lock", site.ID)))
		if err != nil {
			return nil, fmt.Errorf("lock the sync of %s: %w", site.Host, err)
		}
		if !ok {
			return nil, conflict
		}
	}
	if s.busy == nil {
		s.busy = map[int64]bool{}
	}
	s.busy[site.ID] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, site.ID)
		unlock()
	}, nil
}

// open finds the run to go on with, or starts one. A run beside an error is one
// that was started and cannot go on.
func (p *pull) open(ctx context.Context, asked store.Asked) error {
	budget, err := p.Store.SyncBudget(ctx)
	if err != nil {
		return err
	}
	last, ok, err := p.Store.LastRun(ctx, p.site.ID)
	if err != nil {
		return err
	}
	// One without steps was only asked for: StartRun takes it over.
	if ok && last.State != store.SyncDone && last.State != store.SyncCancelled && len(last.Steps) > 0 {
		serves := last.EveryLink || !asked.EveryLink
		if serves && (p.now().Sub(lastSign(last)) < fresh || last.WaitFor.Budget()) {
			p.resumed = true
			run, err := p.Store.ResumeRun(ctx, last.ID, budget.RunUnits)
			if err != nil {
				return err
			}
			*p.run = run
			return p.learn(ctx)
		}
		if last.State.Open() {
			why := "It was interrupted and not taken up again within a day. "
			if !serves {
				why = "It was not finished when a check of every link was asked for. "
			}
			err = p.Store.FinishRun(ctx, last.ID, store.SyncEnd{State: store.SyncFailed, Message: why + kept(last) + " A new sync has taken its place."})
			if err != nil {
				return err
			}
		}
	}
	n := store.NewRun{Site: p.site.ID, Provider: p.Provider.Name(), Asked: asked, CapUnits: budget.RunUnits, Forecast: backlinks.Cost{Requests: -1, Units: -1}}
	if ok && last.State == store.SyncQueued && len(last.Steps) == 0 {
		asked.Years, asked.EveryLink = max(asked.Years, last.Years), asked.EveryLink || last.EveryLink
		n.Asked = asked
	}
	plan, planErr := p.plan(ctx, p.site, asked)
	if planErr == nil {
		p.can, n.Steps, n.Endpoints, n.Forecast = plan.can, plan.Steps, plan.Endpoints, plan.cost()
	}
	run, err := p.Store.StartRun(context.WithoutCancel(ctx), n)
	if err != nil {
		return err
	}
	*p.run = run
	return planErr
}

// learn finds out what the provider can do, for a run that was planned before.
func (p *pull) learn(ctx context.Context) (err error) {
	p.can, err = abilitiesOf(ctx, p.Provider)
	return err
}

// lastSign is when a run that is not done was last heard of.
func lastSign(r store.SyncRun) time.Time {
	if r.FinishedAt.After(r.StartedAt) {
		return r.FinishedAt
	}
	return r.StartedAt
}

func (s *Syncer) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	return time.Now().UTC()
}

func (s *Syncer) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}
