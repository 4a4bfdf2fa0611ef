// Package sync pulls a site's overview, new links, lost links and referring
// domains from a provider. Each page is saved together with the place where the
// next one begins, so that a run that was killed goes on there: nothing is
// lost, nothing counted twice. A link is lost only on the provider's word.
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

// The steps of a run, in their order.
const (
	Overview   = "overview"
	NewLinks   = "new_links"
	LostLinks  = "lost_links"
	RefDomains = "refdomains"
)

const (
	firstDays = 365           // how far back the first run of a site looks
	overlap   = 3             // whole days that are asked for again, because providers add to days that have ended
	maxPages  = 2000          // in one call of Run
	deadline  = 2 * time.Hour // of one call of Run
	fresh     = store.ResumeWithin
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

	FirstDays int           // 0 = 365
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

// Run syncs a site. An unfinished run younger than a day goes on where its last
// saved page ended, with the same windows; otherwise a new one begins. report
// may be nil.
//
// The error is a fault whose message says what happened, what was kept and what
// comes next; the same stands in the run. In its chain is a *Waiting when the
// run is to go on later, else a *Failure for what the provider refused. A sync
// of the site that is under way elsewhere gives a Conflict and no run.
func (s *Syncer) Run(ctx context.Context, site int64, report func(Progress)) (Result, error) {
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
	if res.Run, res.Resumed, err = s.open(ctx, res.Site); err != nil {
		return res, err
	}
	p := &pull{Syncer: s, site: res.Site, run: &res.Run, report: report, resumed: res.Resumed}
	err = p.all(ctx)
	if again, readErr := s.Store.Run(context.WithoutCancel(ctx), res.Run.ID); readErr == nil {
		res.Run = again
	}
	return res, err
}

// RunAll syncs sites one after another, so that they share the provider's pace.
// A site that fails does not keep the others from their turn, but a limit of the
// provider's and the end of ctx do. The error joins those of the sites.
func (s *Syncer) RunAll(ctx context.Context, sites []store.Site, report func(Progress)) ([]Result, error) {
	var out []Result
	var all error
	for _, site := range sites {
		res, err := s.Run(ctx, site.ID, report)
		out = append(out, res)
		if err == nil {
			continue
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", site.Host, err))
		if _, waits := errors.AsType[*Waiting](err); waits || ctx.Err() != nil {
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

// open finds the run to go on with, or starts one.
func (s *Syncer) open(ctx context.Context, site store.Site) (run store.SyncRun, resumed bool, err error) {
	last, ok, err := s.Store.LastRun(ctx, site.ID)
	if err != nil {
		return run, false, err
	}
	// One without steps was only asked for: StartRun takes it over.
	if ok && last.State != store.SyncDone && len(last.Steps) > 0 {
		if s.now().Sub(last.StartedAt) < fresh {
			run, err = s.Store.ResumeRun(ctx, last.ID, 0)
			return run, true, err
		}
		if last.State.Open() {
			err = s.Store.FinishRun(ctx, last.ID, store.SyncEnd{State: store.SyncFailed,
				Message: "It was interrupted and not taken up again within a day. " + kept(last) + " A new sync has taken its place."})
			if err != nil {
				return run, false, err
			}
		}
	}
	marks, err := s.Store.SyncMarks(ctx, site.ID)
	if err != nil {
		return run, false, err
	}
	run, err = s.Store.StartRun(ctx, store.NewRun{Site: site.ID, Steps: s.steps(marks), Provider: s.Provider.Name()})
	return run, false, err
}

// steps plans a run. Windows end today: what is new today is worth showing, but
// only days that have ended count as pulled.
func (s *Syncer) steps(marks map[string]day.Day) []store.SyncStep {
	today := day.Of(s.now())
	window := func(name string) store.SyncStep {
		first := s.FirstDays
		if first <= 0 {
			first = firstDays
		}
		from := today - day.Day(first)
		if mark, ok := marks[name]; ok {
			from = min(mark+1-overlap, today)
		}
		return store.SyncStep{Name: name, From: from, To: today}
	}
	return []store.SyncStep{{Name: Overview}, window(NewLinks), window(LostLinks), {Name: RefDomains}}
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
