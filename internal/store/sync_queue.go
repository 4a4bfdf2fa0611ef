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

// QueueRun writes down that a sync of the site was asked for, so that every page
// can say so until it begins: the site's unfinished run if it may still be taken
// up, else a new one without steps, which StartRun takes over. queued is false
// when a run of the site is queued or running already; the run is that one.
func (s *Store) QueueRun(ctx context.Context, site int64) (run SyncRun, queued bool, err error) {
	last, ok, err := s.LastRun(ctx, site)
	if err != nil {
		return last, false, err
	}
	if ok && (last.State == SyncQueued || last.State == SyncRunning) {
		return last, false, nil
	}
	again := ok && (last.State == SyncWaiting || last.State == SyncFailed && s.Now().Sub(last.StartedAt) < ResumeWithin)
	err = s.tx(ctx, "ask for a sync", func(tx *sql.Tx) error {
		if again {
			// wait_until and finished_at stay for UnqueueRun; ResumeRun empties them.
			res, err := tx.ExecContext(ctx, `UPDATE sync_run SET state = 'queued' WHERE id = $1 AND state = $2`, last.ID, string(last.State))
			return oneRow(res, err)
		}
		if err := noOpenRun(ctx, tx, site, 0); err != nil {
			return err
		}
		last = SyncRun{SiteID: site, StartedAt: s.Now().UTC().Truncate(time.Second)}
		if last.ID, err = nextID(ctx, tx, "sync_run"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sync_run (id, site_id, state, started_at) VALUES ($1, $2, 'queued', $3)`, last.ID, site, stamp(last.StartedAt))
		return err
	})
	if fault.Is(err, fault.Conflict) { // it began in the meantime
		run, _, err = s.LastRun(ctx, site)
		return run, false, err
	}
	last.State = SyncQueued
	return last, err == nil, err
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
