package store

import (
	"context"
	"database/sql"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// saveReadings fills the snapshots of past days. added counts days that had none.
// A row is touched only where it says something new, so that asking again for
// what is known writes nothing.
func (s *Store) saveReadings(ctx context.Context, tx *sql.Tx, site int64, provider string, readings []backlinks.Reading) (added int, err error) {
	stmt, err := tx.PrepareContext(ctx, saveReading)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	now, months := stamp(s.Now()), map[string]day.Day{}
	for _, r := range readings {
		if !r.On.Known() || r.Authority < 0 && r.RefDomains < 0 {
			continue
		}
		res, err := stmt.ExecContext(ctx, site, r.On.String(), provider, r.Authority, string(r.Metric), int64(r.RefDomains), now)
		if err != nil {
			return added, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return added, err
		}
		if n == 0 {
			continue
		}
		added++
		months[r.On.String()[:len("2006-01")]] = r.On
	}
	for _, on := range months {
		if err := rollupSnapshots(ctx, tx, site, provider, on); err != nil {
			return added, err
		}
	}
	return added, nil
}

const saveReading = `INSERT INTO snapshot (site_id, on_day, provider, authority, metric, backlinks, refdomains, organic_traffic, organic_keywords, fetched_at)
	VALUES ($1, $2, $3, $4, $5, -1, $6, -1, -1, $7)
	ON CONFLICT (site_id, provider, on_day) DO UPDATE SET
		authority = CASE WHEN excluded.authority >= 0 THEN excluded.authority ELSE snapshot.authority END,
		refdomains = CASE WHEN excluded.refdomains >= 0 THEN excluded.refdomains ELSE snapshot.refdomains END,
		fetched_at = excluded.fetched_at
	WHERE snapshot.metric = excluded.metric AND (excluded.authority >= 0 AND snapshot.authority <> excluded.authority
		OR excluded.refdomains >= 0 AND snapshot.refdomains <> excluded.refdomains)`
