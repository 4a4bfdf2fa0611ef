package store

import (
	"context"
	"database/sql"
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

	Provider  string    `json:"provider,omitempty"`
	Endpoints string    `json:"endpoints,omitempty"` // the provider's endpoint set, where it has several
	Cause     SyncCause `json:"cause,omitempty"`
	AccountID int64     `json:"-"` // who asked for it
	Who       string    `json:"who,omitempty"`
	Years     int       `json:"years,omitempty"`      // of history that were asked for; 0 = as usual
	EveryLink bool      `json:"every_link,omitempty"` // it lists everything that lives as well
	// Forecast is what the run was expected to cost when it began; -1 = nobody could say.
	Forecast backlinks.Cost `json:"forecast"`
	CapUnits int            `json:"cap_units,omitempty"` // most units of one sitting; 0 = no cap
	CapFrom  int            `json:"-"`                   // Units when the sitting began
	WaitFor  SyncWait       `json:"wait_for,omitempty"`
	CancelAt time.Time      `json:"cancel_at,omitzero"` // when somebody asked to stop it
	CancelBy string         `json:"cancel_by,omitempty"`
}

// SyncCause is why a run was begun; "" is a run from before that was noted.
type SyncCause string

const (
	CauseSchedule SyncCause = "schedule"
	CauseManual   SyncCause = "manual"
	CauseCommand  SyncCause = "command"
)

// SyncWait is what a waiting run waits for.
type SyncWait string

const (
	WaitProvider SyncWait = "provider" // it refuses requests for a while
	WaitMonth    SyncWait = "month"    // the month's units are spent
	WaitRun      SyncWait = "run"      // the units of one sitting are spent
	WaitStop     SyncWait = "stop"     // the program was told to end
)

// Budget reports whether it is the budget that the run waits for.
func (w SyncWait) Budget() bool { return w == WaitMonth || w == WaitRun }

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
	// Settled is up to where (not included) earlier runs had pulled the window whole;
	// Late counts links new to us from before that day.
	Settled day.Day `json:"-"`
	Late    int     `json:"late,omitempty"`
	Missed  int     `json:"missed,omitempty"` // links that a whole list lacked for the first time
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

const syncColumns = `id, site_id, state, started_at, finished_at, wait_until, message, requests, units, provider, endpoints, cause, account_id, who, years,
	forecast_requests, forecast_units, cap_units, cap_from, wait_for, cancel_at, cancel_by, every_link`

// NewRun is a run about to begin.
type NewRun struct {
	Site      int64
	Steps     []SyncStep
	Provider  string
	Endpoints string
	Asked     Asked          // by whom and why; what QueueRun noted goes before it
	Forecast  backlinks.Cost // -1 = nobody can say
	CapUnits  int            // most units of one sitting; 0 = no cap
}

// StartRun opens a run with its steps, the one that QueueRun made if there is
// one. A site with another open run gives a Conflict.
func (s *Store) StartRun(ctx context.Context, n NewRun) (SyncRun, error) {
	var id int64
	err := s.tx(ctx, "start sync", func(tx *sql.Tx) error {
		asked, err := askedFor(ctx, tx, n.Site)
		if err != nil {
			return err
		}
		if err := noOpenRun(ctx, tx, n.Site, asked); err != nil {
			return err
		}
		if id = asked; asked == 0 {
			if id, err = s.askRun(ctx, tx, n.Site, n.Asked); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE sync_run SET state = $2, started_at = $3, provider = $4, endpoints = $5, forecast_requests = $6, forecast_units = $7, cap_units = $8, every_link = every_link OR $9
			WHERE id = $1`, id, string(SyncRunning), stamp(s.Now()), n.Provider, n.Endpoints, n.Forecast.Requests, n.Forecast.Units, n.CapUnits, n.Asked.EveryLink)
		if err == nil {
			err = dropListing(ctx, tx, n.Site) // of a run that cannot go on any more
		}
		for i, step := range n.Steps {
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO sync_step (run_id, step, seq, from_on, to_on, state, settled_on) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
					id, step.Name, i+1, step.From.String(), step.To.String(), string(SyncQueued), step.Settled.String())
			}
		}
		return err
	})
	if err != nil {
		return SyncRun{}, err
	}
	return s.Run(ctx, id)
}

// ResumeRun makes an unfinished run the site's running one again; its steps keep
// their windows and cursors. A run that is done, or a site with another open
// run, gives a Conflict.
//
// A run that waited for units begins a new sitting, with capUnits for it; any
// other goes on with what its cap leaves.
func (s *Store) ResumeRun(ctx context.Context, id int64, capUnits int) (SyncRun, error) {
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
		_, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = $2, finished_at = '', wait_until = '', message = '', reserved_units = 0, cap_units = $3,
			cap_from = CASE WHEN wait_for IN ('month', 'run') THEN units ELSE cap_from END, wait_for = '', cancel_at = '', cancel_by = '' WHERE id = $1`, id, string(SyncRunning), capUnits)
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
	Requests  []SyncRequest  // the lines of these requests
	WaitUntil time.Time
	WaitFor   SyncWait
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
		if err := s.spend(ctx, tx, id, end.Step, end.Cost, end.Requests); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = $2, finished_at = $3, wait_until = $4, message = $5, wait_for = $6, reserved_units = 0 WHERE id = $1`,
			id, string(end.State), stamp(finished), stamp(end.WaitUntil), end.Message, string(end.WaitFor))
		return err
	})
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
	runs, err := kept(ctx, fact{what: "last run", id: site}, func() ([]SyncRun, error) {
		return s.syncRuns(ctx, `SELECT `+syncColumns+` FROM sync_run WHERE site_id = $1 ORDER BY id DESC LIMIT 1`, site)
	})
	if err != nil || len(runs) == 0 {
		return SyncRun{}, false, classify(err, "last sync")
	}
	return runs[0], true, nil
}

// syncRuns reads runs, and the steps of all of them in one query.
func (s *Store) syncRuns(ctx context.Context, query string, args ...any) ([]SyncRun, error) {
	var runs []SyncRun
	at := map[int64]int{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var r SyncRun
		var started, finished, wait, cancel string
		err := rows.Scan(&r.ID, &r.SiteID, (*string)(&r.State), &started, &finished, &wait, &r.Message, &r.Requests, &r.Units,
			&r.Provider, &r.Endpoints, (*string)(&r.Cause), &r.AccountID, &r.Who, &r.Years, &r.Forecast.Requests, &r.Forecast.Units,
			&r.CapUnits, &r.CapFrom, (*string)(&r.WaitFor), &cancel, &r.CancelBy, &r.EveryLink)
		r.StartedAt, r.FinishedAt, r.WaitUntil, r.CancelAt = instant(started), instant(finished), instant(wait), instant(cancel)
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
		var from, to, settled string
		err := rows.Scan(&run, &p.Name, &from, &to, &p.Cursor, (*string)(&p.State), &p.Rows, &p.New, &p.Lost, &p.Credited, &p.Requests, &p.Units, &settled, &p.Late, &p.Missed)
		p.From, p.To, p.Settled = dayOf(from), dayOf(to), dayOf(settled)
		r := &runs[at[run]]
		r.Steps = append(r.Steps, p)
		return err
	}, `SELECT run_id, step, from_on, to_on, cursor, state, row_count, new_count, lost_count, credit_count, requests, units, settled_on, late_count, missed_count
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
