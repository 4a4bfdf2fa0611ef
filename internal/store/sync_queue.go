package store

import (
	"context"
	"database/sql"
	"time"

	"landed/internal/fault"
)

// ResumeWithin is how long after its start an unfinished run is taken up again
// instead of a new one.
const ResumeWithin = 24 * time.Hour

// Asked is who wants a run, and why.
type Asked struct {
	Cause SyncCause
	By    By
	Years int // of history to bring as well; 0 = as usual
	// EveryLink asks for a full check: a list of everything that lives as well.
	EveryLink bool
}

// QueueRun is AskRun for somebody who pressed a button and is not named.
func (s *Store) QueueRun(ctx context.Context, site int64) (run SyncRun, queued bool, err error) {
	return s.AskRun(ctx, site, Asked{Cause: CauseManual})
}

// AskRun writes down that a sync of the site was asked for, so that every page
// can say so until it begins: the site's unfinished run if it may still be taken
// up, else a new one without steps, which StartRun takes over. queued is false
// when a run of the site is queued or running already; the run is that one.
func (s *Store) AskRun(ctx context.Context, site int64, a Asked) (run SyncRun, queued bool, err error) {
	last, ok, err := s.LastRun(ctx, site)
	if err != nil {
		return last, false, err
	}
	if ok && (last.State == SyncQueued || last.State == SyncRunning) {
		return last, false, nil
	}
	again := ok && (last.State == SyncWaiting || last.State == SyncFailed && s.Now().Sub(last.StartedAt) < ResumeWithin) && a.Years <= last.Years && (last.EveryLink || !a.EveryLink)
	err = s.tx(ctx, "ask for a sync", func(tx *sql.Tx) error {
		if again {
			// wait_until and finished_at stay for UnqueueRun; ResumeRun empties them.
			res, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = 'queued' WHERE id = $1 AND state = $2`, last.ID, string(last.State))
			return oneRow(res, err)
		}
		if err := noOpenRun(ctx, tx, site, 0); err != nil {
			return err
		}
		last = SyncRun{SiteID: site, StartedAt: s.Now().UTC().Truncate(time.Second), Cause: a.Cause, AccountID: a.By.AccountID, Who: a.By.Name, Years: a.Years, EveryLink: a.EveryLink}
		last.ID, err = s.askRun(ctx, tx, site, a)
		return err
	})
	if fault.Is(err, fault.Conflict) { // it began in the meantime
		run, _, err = s.LastRun(ctx, site)
		return run, false, err
	}
	last.State = SyncQueued
	return last, err == nil, err
}

func (s *Store) askRun(ctx context.Context, tx *sql.Tx, site int64, a Asked) (int64, error) {
	id, err := nextID(ctx, tx, "sync_run")
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sync_run (id, site_id, state, started_at, cause, account_id, who, years, every_link) VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8)`,
		id, site, stamp(s.Now()), string(a.Cause), a.By.AccountID, a.By.Name, a.Years, a.EveryLink)
	return id, err
}

func oneRow(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		return fault.New(fault.Conflict, "It has changed in the meantime.")
	}
	return err
}

// UnqueueRun takes back what QueueRun wrote, when nobody is going to begin it. A
// run that has begun is left alone.
func (s *Store) UnqueueRun(ctx context.Context, id int64) error {
	return s.tx(ctx, "take back a sync", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sync_run WHERE id = $1 AND state = 'queued' AND NOT EXISTS (SELECT 1 FROM sync_step WHERE run_id = $1)`, id)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sync_run SET state = CASE WHEN finished_at <> '' THEN 'failed' ELSE 'waiting' END WHERE id = $1 AND state = 'queued'`, id)
		return err
	})
}

// askedFor is the site's run that QueueRun made and nobody has begun; 0 when
// there is none.
func askedFor(ctx context.Context, tx *sql.Tx, site int64) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM sync_run WHERE site_id = $1 AND state = 'queued'
		AND NOT EXISTS (SELECT 1 FROM sync_step WHERE run_id = sync_run.id)`, site).Scan(&id)
	if err == sql.ErrNoRows {
		err = nil
	}
	return id, err
}

// CancelRun asks a run to stop: one that is queued or waits is cancelled at once,
// one that is running stops after the page in flight. What it has saved stays. A
// run that is over gives a Conflict.
func (s *Store) CancelRun(ctx context.Context, by By, id int64) (SyncRun, error) {
	err := s.tx(ctx, "cancel sync", func(tx *sql.Tx) error {
		var state, host string
		err := tx.QueryRowContext(ctx, `SELECT r.state, s.host FROM sync_run r JOIN site s ON s.id = r.site_id WHERE r.id = $1`, id).Scan(&state, &host)
		if err != nil {
			return err
		}
		if !SyncState(state).Open() {
			return fault.New(fault.Conflict, "This sync is over.")
		}
		now := stamp(s.Now())
		_, err = tx.ExecContext(ctx, `UPDATE sync_run SET cancel_at = $2, cancel_by = $3 WHERE id = $1`, id, now, by.Name)
		if err == nil && SyncState(state) != SyncRunning {
			_, err = tx.ExecContext(ctx, `UPDATE sync_run SET state = 'cancelled', finished_at = $2, wait_until = '', wait_for = '',
				message = 'It was cancelled before it went on. What had been saved stays.' WHERE id = $1`, id, now)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "sync_cancel", host, "")
	})
	if err != nil {
		return SyncRun{}, err
	}
	return s.Run(ctx, id)
}

// CancelAsked reports whether somebody wants the run to stop.
func (s *Store) CancelAsked(ctx context.Context, id int64) (bool, error) {
	var at string
	err := s.read.QueryRowContext(ctx, `SELECT cancel_at FROM sync_run WHERE id = $1`, id).Scan(&at)
	return at != "", classify(err, "sync run")
}

// SiteSync is where a site's syncs stand. A run with ID 0 never was.
type SiteSync struct {
	Site Site
	Last SyncRun // the newest
	Done SyncRun // the newest that is done
}

// SiteSyncs lists all sites by host with their newest runs.
func (s *Store) SiteSyncs(ctx context.Context) ([]SiteSync, error) {
	sites, err := s.Sites(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]SiteSync, len(sites))
	for i, site := range sites {
		out[i].Site = site
		if out[i].Last, _, err = s.LastRun(ctx, site.ID); err != nil {
			return nil, err
		}
		if out[i].Done = out[i].Last; out[i].Last.State == SyncDone {
			continue
		}
		runs, err := s.syncRuns(ctx, lastDone, site.ID)
		if err != nil {
			return nil, classify(err, "last finished sync")
		}
		out[i].Done = SyncRun{}
		if len(runs) > 0 {
			out[i].Done = runs[0]
		}
	}
	return out, nil
}

const lastDone = `SELECT ` + syncColumns + ` FROM sync_run WHERE site_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 1`
