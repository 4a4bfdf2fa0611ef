package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// SyncState is where a sync run or one of its steps stands. Steps are never
// waiting or cancelled.
type SyncState string

const (
	SyncQueued    SyncState = "queued"
	SyncRunning   SyncState = "running"
	SyncWaiting   SyncState = "waiting" // put off, by the provider's limit or a shutdown
	SyncDone      SyncState = "done"
	SyncFailed    SyncState = "failed"
	SyncCancelled SyncState = "cancelled"
)

// Open reports whether a run may still go on by itself: a site has one such run
// at most.
func (s SyncState) Open() bool {
	return s == SyncQueued || s == SyncRunning || s == SyncWaiting
}

// SyncRun is one pull of a site's data from a provider, with its steps in order.
type SyncRun struct {
	ID         int64      `json:"id"`
	SiteID     int64      `json:"site_id"`
	State      SyncState  `json:"state"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt time.Time  `json:"finished_at,omitzero"`
	WaitUntil  time.Time  `json:"wait_until,omitzero"` // of a waiting run; zero = until somebody starts it
	Message    string     `json:"message,omitempty"`   // for people: what went wrong, what was kept, what comes next
	Requests   int        `json:"requests"`
	Units      int        `json:"units"` // as far as the provider says them
	Steps      []SyncStep `json:"steps"`
}

// SyncStep is one list or figure that a run pulls, page by page.
type SyncStep struct {
	Name     string    `json:"step"`
	From     day.Day   `json:"-"` // the window asked for, both ends included; None where there is none
	To       day.Day   `json:"-"`
	Cursor   string    `json:"-"` // where the next page starts
	State    SyncState `json:"state"`
	Rows     int       `json:"rows"`     // answered by the provider, repeats too
	New      int       `json:"new"`      // links or referring domains not known before
	Lost     int       `json:"lost"`     // links that were live here before
	Credited int       `json:"credited"` // links credited automatically that were not before
	Requests int       `json:"requests"`
	Units    int       `json:"units"`
}

// Step is the run's step of a name; the zero step when it has none.
func (r SyncRun) Step(name string) SyncStep {
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	return SyncStep{}
}

const syncColumns = `id, site_id, state, started_at, finished_at, wait_until, message, requests, units`

// StartRun opens a run with its steps, the one that QueueRun made if there is
// one. A site with another open run gives a Conflict.
func (s *Store) StartRun(ctx context.Context, site int64, steps []SyncStep) (SyncRun, error) {
	run := SyncRun{SiteID: site, State: SyncRunning, StartedAt: s.Now().UTC().Truncate(time.Second), Steps: slices.Clone(steps)}
	err := s.tx(ctx, "start sync", func(tx *sql.Tx) error {
		asked, err := askedFor(ctx, tx, site)
		if err != nil {
			return err
		}
		if err := noOpenRun(ctx, tx, site, asked); err != nil {
			return err
		}
		if run.ID = asked; asked == 0 {
			run.ID, err = nextID(ctx, tx, "sync_run")
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sync_run (id, site_id, state, started_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, started_at = excluded.started_at`,
			run.ID, site, string(SyncRunning), stamp(run.StartedAt))
		for i := range run.Steps {
			step := &run.Steps[i]
			step.State = SyncQueued
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO sync_step (run_id, step, seq, from_on, to_on, state) VALUES ($1, $2, $3, $4, $5, $6)`,
					run.ID, step.Name, i+1, step.From.String(), step.To.String(), string(SyncQueued))
			}
		}
		return err
	})
	return run, err
}

// ResumeRun makes an unfinished run the site's running one again; its steps keep
// their windows and cursors. A run that is done, or a site with another open
// run, gives a Conflict.
func (s *Store) ResumeRun(ctx context.Context, id int64) (SyncRun, error) {
	err := s.tx(ctx, "resume sync", func(tx *sql.Tx) error {
		var site int64
		var state string
		if err := tx.QueryRowContext(ctx, `SELECT site_id, state FROM sync_run WHERE id = $1`, id).Scan(&site, &state); err != nil {
			return err
		}
		if SyncState(state) == SyncDone {
			return fault.New(fault.Conflict, "This sync is finished.")
		}
		if err := noOpenRun(ctx, tx, site, id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = $2, finished_at = '', wait_until = '', message = '' WHERE id = $1`, id, string(SyncRunning))
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE sync_step SET state = $2 WHERE run_id = $1 AND state = $3`, id, string(SyncQueued), string(SyncFailed))
		}
		return err
	})
	if err != nil {
		return SyncRun{}, err
	}
	return s.Run(ctx, id)
}

func noOpenRun(ctx context.Context, tx *sql.Tx, site, except int64) error {
	var open bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sync_run WHERE site_id = $1 AND state IN ('queued', 'running', 'waiting') AND id <> $2)`, site, except).Scan(&open)
	if err == nil && open {
		return fault.New(fault.Conflict, "A sync of this site is not finished yet.")
	}
	return err
}

// SyncEnd is how a run stops, for good or for now.
type SyncEnd struct {
	State     SyncState
	Step      string         // the step that it stopped at; "" after the last
	Cost      backlinks.Cost // of the request that failed
	WaitUntil time.Time
	Message   string
}

// FinishRun writes down how a run stopped. What its pages saved stays.
func (s *Store) FinishRun(ctx context.Context, id int64, end SyncEnd) error {
	return s.tx(ctx, "finish sync", func(tx *sql.Tx) error {
		finished := s.Now()
		if end.State.Open() {
			finished = time.Time{}
		}
		if end.State == SyncFailed {
			_, err := tx.ExecContext(ctx, `UPDATE sync_step SET state = $3 WHERE run_id = $1 AND (step = $2 OR state = 'running') AND state <> 'done'`,
				id, end.Step, string(SyncFailed))
			if err != nil {
				return err
			}
		}
		if err := spend(ctx, tx, id, end.Step, end.Cost); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = $2, finished_at = $3, wait_until = $4, message = $5 WHERE id = $1`,
			id, string(end.State), stamp(finished), stamp(end.WaitUntil), end.Message)
		return err
	})
}

func spend(ctx context.Context, tx *sql.Tx, run int64, step string, cost backlinks.Cost) error {
	if cost == (backlinks.Cost{}) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE sync_step SET requests = requests + $3, units = units + $4 WHERE run_id = $1 AND step = $2`, run, step, cost.Requests, cost.Units)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE sync_run SET requests = requests + $2, units = units + $3 WHERE id = $1`, run, cost.Requests, cost.Units)
	return err
}

// Run is one run with its steps.
func (s *Store) Run(ctx context.Context, id int64) (SyncRun, error) {
	runs, err := s.syncRuns(ctx, `SELECT `+syncColumns+` FROM sync_run WHERE id = $1`, id)
	if err == nil && len(runs) == 0 {
		return SyncRun{}, fault.New(fault.NotFound, "There is no sync %d.", id)
	}
	if err != nil {
		return SyncRun{}, classify(err, "sync run")
	}
	return runs[0], nil
}

// LastRun is a site's newest run; ok is false when it never had one.
func (s *Store) LastRun(ctx context.Context, site int64) (run SyncRun, ok bool, err error) {
	runs, err := s.syncRuns(ctx, `SELECT `+syncColumns+` FROM sync_run WHERE site_id = $1 ORDER BY id DESC LIMIT 1`, site)
	if err != nil || len(runs) == 0 {
		return SyncRun{}, false, classify(err, "last sync")
	}
	return runs[0], true, nil
}

// Runs lists the runs of a site (0 = of all) newest first, those before a run's
// id (0 = from the newest). next is what to pass as before for the page that
// follows; 0 when there is none.
func (s *Store) Runs(ctx context.Context, site, before int64, limit int) (runs []SyncRun, next int64, err error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	query, args := `SELECT `+syncColumns+` FROM sync_run WHERE id < $1 ORDER BY id DESC LIMIT $2`, []any{before, limit + 1}
	if site != 0 {
		query, args = `SELECT `+syncColumns+` FROM sync_run WHERE site_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2`, append(args, site)
	}
	runs, err = s.syncRuns(ctx, query, args...)
	if len(runs) > limit {
		runs = runs[:limit]
		next = runs[limit-1].ID
	}
	return runs, next, classify(err, "list syncs")
}

// syncRuns reads runs, and the steps of all of them in one query.
func (s *Store) syncRuns(ctx context.Context, query string, args ...any) ([]SyncRun, error) {
	var runs []SyncRun
	at := map[int64]int{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var r SyncRun
		var started, finished, wait string
		err := rows.Scan(&r.ID, &r.SiteID, (*string)(&r.State), &started, &finished, &wait, &r.Message, &r.Requests, &r.Units)
		r.StartedAt, r.FinishedAt, r.WaitUntil = instant(started), instant(finished), instant(wait)
		at[r.ID] = len(runs)
		runs = append(runs, r)
		return err
	}, query, args...)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	ids := make([]int64, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var run int64
		var p SyncStep
		var from, to string
		err := rows.Scan(&run, &p.Name, &from, &to, &p.Cursor, (*string)(&p.State), &p.Rows, &p.New, &p.Lost, &p.Credited, &p.Requests, &p.Units)
		p.From, p.To = dayOf(from), dayOf(to)
		r := &runs[at[run]]
		r.Steps = append(r.Steps, p)
		return err
	}, `SELECT run_id, step, from_on, to_on, cursor, state, row_count, new_count, lost_count, credit_count, requests, units
		FROM sync_step WHERE run_id IN `+marks(1, len(ids))+` ORDER BY run_id, seq`, anys(ids)...)
	return runs, err
}

// SyncMarks is the last day that was pulled whole, by step; a step that never
// was is absent.
func (s *Store) SyncMarks(ctx context.Context, site int64) (map[string]day.Day, error) {
	out := map[string]day.Day{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var step, on string
		err := rows.Scan(&step, &on)
		out[step] = dayOf(on)
		return err
	}, `SELECT step, on_day FROM sync_mark WHERE site_id = $1`, site)
	return out, classify(err, "sync marks")
}

// SitesDue lists the sites without a finished run that started after done, and
// without any other that started after tried.
func (s *Store) SitesDue(ctx context.Context, done, tried time.Time) ([]int64, error) {
	var out []int64
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT id FROM site WHERE NOT EXISTS (SELECT 1 FROM sync_run WHERE site_id = site.id AND
		(state = 'done' AND started_at > $1 OR state <> 'done' AND started_at > $2)) ORDER BY id`, stamp(done), stamp(tried))
	return out, classify(err, "sites to sync")
}

// SyncPage is one answered page of a step: where it was asked, where the next
// one starts, and what it cost.
type SyncPage struct {
	Run, Site   int64
	Step        string
	After, Next string // cursors; Next "" = this was the last page
	Cost        backlinks.Cost
	Mark        day.Day // the day up to which the step is whole once its last page is saved
}

// SaveLinkPage saves the links of a page as SaveLinks does, together with the
// cursor. If the run is not running, or its step stands elsewhere than at
// After, nothing is saved and the error is a Conflict: another process has
// gone on with it.
func (s *Store) SaveLinkPage(ctx context.Context, p SyncPage, links []backlinks.Link) (LinkOutcome, error) {
	var out LinkOutcome
	err := s.savePage(ctx, p, func(tx *sql.Tx) (counted SyncStep, err error) {
		w, err := s.newLinkWriter(ctx, tx, nil, p.Site, false)
		if err != nil {
			return counted, err
		}
		i := 0
		_, err = w.take(func() (l backlinks.Link, err error, more bool) {
			if i == len(links) {
				return l, nil, false
			}
			i++
			return links[i-1], nil, true
		})
		if err == nil {
			err = w.finish()
		}
		out = w.out
		return SyncStep{Rows: len(links), New: out.New, Lost: out.Lost, Credited: out.Credits.Credited}, err
	})
	return out, err
}

// SaveRefDomainPage is the same for referring domains; added counts the new ones.
func (s *Store) SaveRefDomainPage(ctx context.Context, p SyncPage, domains []backlinks.RefDomain) (added int, err error) {
	err = s.savePage(ctx, p, func(tx *sql.Tx) (SyncStep, error) {
		added, err = s.saveRefDomains(ctx, tx, p.Site, domains)
		return SyncStep{Rows: len(domains), New: added}, err
	})
	return added, err
}

// SaveSnapshotPage is the same for the overview, which has one page.
func (s *Store) SaveSnapshotPage(ctx context.Context, p SyncPage, n backlinks.Snapshot) error {
	return s.savePage(ctx, p, func(tx *sql.Tx) (SyncStep, error) {
		return SyncStep{Rows: 1}, s.saveSnapshot(ctx, tx, p.Site, n)
	})
}

// errStale ends a page's transaction when the step stands elsewhere.
var errStale = errors.New("the step is not where this page begins")

// savePage moves the step on and saves the page's rows in one transaction, so
// that a process that dies has saved both or neither.
func (s *Store) savePage(ctx context.Context, p SyncPage, save func(*sql.Tx) (SyncStep, error)) error {
	return s.tx(ctx, "save sync page", func(tx *sql.Tx) error {
		state := SyncRunning
		if p.Next == "" {
			state = SyncDone
		}
		res, err := tx.ExecContext(ctx, `UPDATE sync_step SET cursor = $4, state = $5 WHERE run_id = $1 AND step = $2 AND cursor = $3 AND state <> 'done'
			AND EXISTS (SELECT 1 FROM sync_run WHERE id = $1 AND site_id = $6 AND state = 'running')`, p.Run, p.Step, p.After, p.Next, string(state), p.Site)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fault.Wrap(errors.Join(errStale, err), fault.Conflict, "Another process has gone on with this sync")
		}
		c, err := save(tx)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sync_step SET row_count = row_count + $3, new_count = new_count + $4, lost_count = lost_count + $5, credit_count = credit_count + $6
			WHERE run_id = $1 AND step = $2`, p.Run, p.Step, c.Rows, c.New, c.Lost, c.Credited)
		if err != nil {
			return err
		}
		if err := spend(ctx, tx, p.Run, p.Step, p.Cost); err != nil {
			return err
		}
		if state != SyncDone || !p.Mark.Known() {
			return nil
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sync_mark (site_id, step, on_day) VALUES ($1, $2, $3)
			ON CONFLICT (site_id, step) DO UPDATE SET on_day = CASE WHEN excluded.on_day > sync_mark.on_day THEN excluded.on_day ELSE sync_mark.on_day END`,
			p.Site, p.Step, p.Mark.String())
		return err
	})
}
