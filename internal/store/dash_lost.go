package store

import (
	"context"
	"database/sql"
	"slices"

	"landed/internal/day"
)

// lostPlacement is a row of placement_lost.
type lostPlacement struct {
	day    string
	link   int64
	reason string
}

// lostPlacements finds the placements lost between two days from the links.
func lostPlacements(ctx context.Context, q querier, site int64, from, to string) ([]lostPlacement, error) {
	var out []lostPlacement
	err := each(ctx, q, func(rows *sql.Rows) error {
		var l lostPlacement
		err := rows.Scan(&l.day, &l.link, &l.reason)
		out = append(out, l)
		return err
	}, `SELECT l.lost_on, l.id, l.lost_reason FROM link l JOIN credit c ON c.link_id = l.id
		WHERE l.site_id = $1 AND l.lost_on <> '' AND l.lost_on BETWEEN $2 AND $3 AND c.state IN ('auto', 'confirmed') AND c.lead`, site, from, to)
	return out, err
}

func savedLost(ctx context.Context, q querier, site int64, from, to string) (map[lostPlacement]bool, error) {
	out := map[lostPlacement]bool{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var l lostPlacement
		err := rows.Scan(&l.day, &l.link, &l.reason)
		out[l] = true
		return err
	}, `SELECT day, link_id, reason FROM placement_lost WHERE site_id = $1 AND day BETWEEN $2 AND $3`, site, from, to)
	return out, err
}

// saveLost makes placement_lost hold exactly the given ones between two days.
func saveLost(ctx context.Context, tx *sql.Tx, conn *sql.Conn, site int64, from, to string, now []lostPlacement) error {
	old, err := savedLost(ctx, tx, site, from, to)
	if err != nil {
		return err
	}
	keep := make(map[lostPlacement]bool, len(now))
	for _, l := range now {
		keep[l] = true
	}
	for l := range old {
		if keep[l] {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM placement_lost WHERE site_id = $1 AND day = $2 AND link_id = $3`, site, l.day, l.link); err != nil {
			return err
		}
	}
	now = slices.DeleteFunc(now, func(l lostPlacement) bool { return old[l] })
	return inBulk(ctx, tx, conn, `INSERT INTO placement_lost (site_id, day, link_id, reason) VALUES ($1, $2, $3, $4)`, now, func(b *bulk, l lostPlacement) {
		b.ints(site)
		b.texts(l.day)
		b.ints(l.link)
		b.texts(l.reason)
	})
}

// checkCopies compares the tables that dashboards read with the rows they are
// made from. lost is what lostPlacements finds.
func (s *Store) checkCopies(ctx context.Context, site Site, lost []lostPlacement) ([]Problem, error) {
	const mend = " do not agree with its rows; run “landed attribute --full”"
	var found []Problem
	saved, err := savedLost(ctx, s.read, site.ID, "", lastDay)
	if err != nil {
		return nil, err
	}
	for _, l := range lost {
		if !saved[l] {
			found = append(found, Problem{"the lost placements of " + site.Host + " on " + l.day + mend})
		}
		delete(saved, l)
	}
	for l := range saved {
		found = append(found, Problem{"the lost placements of " + site.Host + " on " + l.day + mend})
	}
	now, err := countCohorts(ctx, s.read, site.ID, firstDay, lastDay, nil)
	if err != nil {
		return nil, err
	}
	kept, err := readCohorts(ctx, s.read, site.ID, "", lastDay)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		n := now[k.key]
		if n == nil || !n.same(k) {
			found = append(found, Problem{"the pitches of " + site.Host + " sent in " + k.key.month + mend})
		}
		delete(now, k.key)
	}
	for k := range now {
		found = append(found, Problem{"the pitches of " + site.Host + " sent in " + k.month + mend})
	}
	months, err := readMonths(ctx, s.read, site.ID, "", lastDay)
	if err != nil {
		return nil, err
	}
	sums := sumCohorts(kept)
	for _, m := range months {
		if n := sums[m.key.month]; n == nil || !n.same(m) {
			found = append(found, Problem{"the pitches of " + site.Host + " sent in " + m.key.month + mend})
		}
		delete(sums, m.key.month)
	}
	for m := range sums {
		found = append(found, Problem{"the pitches of " + site.Host + " sent in " + m + mend})
	}
	return s.checkHistory(ctx, site, found)
}

// CountLostPlacements counts the placements lost between two days.
func (s *Store) CountLostPlacements(ctx context.Context, site int64, from, to day.Day) (int, error) {
	first, last := from.String(), to.String()
	n, err := kept(ctx, fact{"lost placements", site, first + last}, func() (n int, err error) {
		err = s.read.brief().QueryRowContext(ctx, `SELECT COALESCE(SUM(placements_lost), 0) FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3`, site, first, last).Scan(&n)
		return n, err
	})
	return n, classify(err, "count lost placements")
}
