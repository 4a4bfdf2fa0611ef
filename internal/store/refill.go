package store

import (
	"context"
	"database/sql"
)

// staleFigures is the setting by which a migration asks for the figures that are
// kept with the writes to be counted from the rows: a migration knows only SQL,
// and counting them takes more.
const staleFigures = "figures.stale"

// refill counts what a migration could not, once. It and the end of its being
// asked for are one transaction, so that a program that dies does it again.
func (s *Store) refill(ctx context.Context) error {
	_, stale, err := config(ctx, s.read, staleFigures)
	if err != nil || !stale {
		return err
	}
	return s.tx(ctx, "count figures", func(tx *sql.Tx) error {
		var sites []int64
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			sites = append(sites, id)
			return err
		}, `SELECT id FROM site ORDER BY id`)
		for _, site := range sites {
			t := newTouched()
			if err == nil {
				err = s.findCopies(ctx, tx, site, &t)
			}
			if err == nil {
				err = rollup(ctx, tx, site, t.days)
			}
			if err == nil {
				err = rollupTouchRange(ctx, tx, site, "", lastDay)
			}
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM config WHERE key = $1`, staleFigures)
		return err
	})
}
