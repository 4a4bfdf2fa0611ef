package store

import (
	"context"
	"time"

	"landed/internal/fault"
)

// RunFilter picks runs for a list. Zero values pick all.
type RunFilter struct {
	Site   int64
	Month  string // 2026-03: those that began in this calendar month (UTC)
	Before int64  // those after the run of this id in the list; a run that is gone picks none
	Limit  int
}

const (
	runsOfAll  = `SELECT ` + syncColumns + ` FROM sync_run WHERE (started_at, id) < ($1, $2) AND started_at >= $3 ORDER BY started_at DESC, id DESC LIMIT $4`
	runsOfSite = `SELECT ` + syncColumns + ` FROM sync_run WHERE site_id = $5 AND (started_at, id) < ($1, $2) AND started_at >= $3 ORDER BY started_at DESC, id DESC LIMIT $4`
)

// Runs lists runs, those that began last first: a run that is taken up again, or
// that waited to begin, keeps an old id. next is what to pass as Before for the
// page that follows; 0 when there is none. A month that is none is Invalid.
func (s *Store) Runs(ctx context.Context, f RunFilter) (runs []SyncRun, next int64, err error) {
	last, id, from := "9999", int64(1<<63-1), ""
	if f.Month != "" {
		start, err := time.Parse("2006-01", f.Month)
		if err != nil {
			return nil, 0, fault.New(fault.Invalid, "%q is not a month like 2026-03.", f.Month)
		}
		from, last, id = stamp(start), stamp(start.AddDate(0, 1, 0)), 0
	}
	if f.Before != 0 {
		var before string
		err := s.read.QueryRowContext(ctx, `SELECT started_at FROM sync_run WHERE id = $1`, f.Before).Scan(&before)
		if err != nil {
			err = classify(err, "list syncs")
			if fault.Is(err, fault.NotFound) {
				err = nil
			}
			return nil, 0, err
		}
		if last, id = before, f.Before; f.Month != "" && last < from {
			return nil, 0, nil
		}
	}
	query, args := runsOfAll, []any{last, id, from, f.Limit + 1}
	if f.Site != 0 {
		query, args = runsOfSite, append(args, f.Site)
	}
	runs, err = s.syncRuns(ctx, query, args...)
	if len(runs) > f.Limit {
		runs = runs[:f.Limit]
		next = runs[f.Limit-1].ID
	}
	return runs, next, classify(err, "list syncs")
}
