package store

import (
	"context"
	"database/sql"
	"errors"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// SyncPage is one answered page of a step: where it was asked, where the next
// one starts, and what it cost.
type SyncPage struct {
	Run, Site   int64
	Step        string
	After, Next string // cursors; Next "" = this was the last page
	Cost        backlinks.Cost
	Requests    []SyncRequest // the lines of the requests that the page took
	Mark        day.Day       // the day up to which the step is whole once its last page is saved
	Settled     day.Day       // links new to us from before this day are late; None = not asked
	Listing     *Listing      // the page is one of a list of everything that lives; else nil
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
		w.settled = p.Settled.String()
		if p.Listing != nil {
			if err := w.beginListing(p); err != nil {
				return counted, err
			}
		}
		_, err = w.take(&linkSource{parcel: links, next: func() ([]backlinks.Link, error, bool) { return nil, nil, false }})
		if err == nil && p.Listing != nil && p.Next == "" {
			err = w.judge(*p.Listing, p.Run, day.Of(s.Now()).String())
		}
		if err == nil {
			err = w.finish()
		}
		out = w.out
		return SyncStep{Rows: len(links), New: out.New, Lost: out.Lost, Credited: out.Credits.Credited, Late: out.Late, Missed: out.Missed}, err
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

// SaveHistoryPage is the same for readings of a target's past, which come in one
// page. A reading says a score or a count; the other, where a day has it already,
// stays.
func (s *Store) SaveHistoryPage(ctx context.Context, p SyncPage, provider string, readings []backlinks.Reading) error {
	return s.savePage(ctx, p, func(tx *sql.Tx) (SyncStep, error) {
		added, err := s.saveReadings(ctx, tx, p.Site, provider, readings)
		return SyncStep{Rows: len(readings), New: added}, err
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
		_, err = tx.ExecContext(ctx, `UPDATE sync_step SET row_count = row_count + $3, new_count = new_count + $4, lost_count = lost_count + $5, credit_count = credit_count + $6,
			late_count = late_count + $7, missed_count = missed_count + $8 WHERE run_id = $1 AND step = $2`, p.Run, p.Step, c.Rows, c.New, c.Lost, c.Credited, c.Late, c.Missed)
		if err != nil {
			return err
		}
		if err := s.spend(ctx, tx, p.Run, p.Step, p.Cost, p.Requests); err != nil {
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
