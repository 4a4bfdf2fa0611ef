package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"landed/internal/day"
)

// Attribute decides the links of a site again: those of every referring domain
// that a pitch may claim, or with full of every one there is, and
// then counts all figures anew. Both end in the same credits; full also mends
// what should not have happened. It commits every fraction of a second, each
// time with figures that agree, and lets others write in between. One that was
// cut off goes on where it stopped. progress, if not nil, is told domains done and all.
func (s *Store) Attribute(ctx context.Context, site int64, full bool, progress func(done, of int)) (CreditChanges, error) {
	var total CreditChanges
	args := []any{site}
	query := `SELECT DISTINCT domain_id FROM pitch_domain WHERE pitch_id IN (SELECT id FROM pitch WHERE site_id = $1 AND deleted_at = '') ORDER BY domain_id`
	if full {
		first, last := seenBetween(site, day.None, day.None)
		query, args = `SELECT id FROM refdomain WHERE seen BETWEEN $1 AND $2 ORDER BY id`, []any{first, last}
	}
	var ids []int64
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	if err != nil {
		return total, classify(err, "referring domains")
	}
	run := fullRun{s, ctx, site}
	done := 0
	if full {
		if done, err = run.resume(ids); err != nil {
			return total, classify(err, "attribute")
		}
	}
	var p pace
	for done < len(ids) {
		begun := time.Now()
		err := s.tx(ctx, "attribute", func(tx *sql.Tx) error {
			n, a, err := s.decideSome(ctx, tx, site, ids[done:], &p)
			if err != nil {
				return err
			}
			total.add(a.out)
			if done += n; full {
				err = run.reached(tx, ids[done-1])
			}
			return err
		})
		if err == nil {
			err = breathe(ctx, begun)
		}
		if err != nil {
			return total, err
		}
		if progress != nil {
			progress(done, len(ids))
		}
	}
	if full {
		err = run.recount()
	}
	return total, err
}

// fullRun is a full attribution of one site, which remembers how far it came.
// What it has passed stays right: whatever changes there later is decided by
// who changes it.
type fullRun struct {
	*Store
	ctx  context.Context
	site int64
}

// key names the setting that holds the version of the rules and the last
// referring domain that a run has passed. There is none between runs.
func (r fullRun) key() string { return fmt.Sprintf("attribute.%d", r.site) }

// resume gives how many of ids an earlier run under the same rules has passed.
func (r fullRun) resume(ids []int64) (int, error) {
	text, ok, err := config(r.ctx, r.read, r.key())
	if err != nil || !ok {
		return 0, err
	}
	set, err := r.rulesetIn(r.ctx, r.read)
	if err != nil {
		return 0, err
	}
	var version, last int64
	if _, err := fmt.Sscan(text, &version, &last); err != nil || version != set.version {
		return 0, nil // of other rules: from the start
	}
	at, found := slices.BinarySearch(ids, last)
	return at + btoi(found), nil
}

func (r fullRun) reached(tx *sql.Tx, id int64) error {
	set, err := r.rulesetIn(r.ctx, tx)
	if err != nil {
		return err
	}
	return setConfig(r.ctx, tx, r.key(), fmt.Sprint(set.version, " ", id))
}

// recount counts every day and every referring domain of a site from its rows,
// each kind of figure in a transaction of its own.
func (r fullRun) recount() error {
	var ids []int64
	first, last := seenBetween(r.site, day.None, day.None)
	err := each(r.ctx, r.read, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM refdomain WHERE seen BETWEEN $1 AND $2`, first, last)
	if err != nil {
		return classify(err, "referring domains")
	}
	for part := range slices.Chunk(ids, 20_000) {
		err := r.counted(func(tx *sql.Tx) error {
			t := newTouched()
			a, err := r.newAttributor(r.ctx, tx, nil, r.site, &t)
			if err != nil {
				return err
			}
			for _, id := range part {
				a.classes[id] = true
			}
			if err := a.classify(); err != nil {
				return err
			}
			return rollup(r.ctx, tx, r.site, t.days)
		})
		if err != nil {
			return err
		}
	}
	for _, count := range []func(tx *sql.Tx) error{
		func(tx *sql.Tx) error {
			t := newTouched() // all days are counted next
			return r.findCopies(r.ctx, tx, r.site, &t)
		},
		func(tx *sql.Tx) error { return rollupRange(r.ctx, tx, r.site, "", lastDay, nil) },
		func(tx *sql.Tx) error { return recountCohorts(r.ctx, tx, r.site, nil) },
		func(tx *sql.Tx) error { return rollupTouchRange(r.ctx, tx, r.site, "", lastDay) },
		func(tx *sql.Tx) error { return recountVerdicts(r.ctx, tx, r.site) },
		func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(r.ctx, `DELETE FROM config WHERE key = $1`, r.key()); err != nil {
				return err
			}
			return rollup(r.ctx, tx, r.site, map[string]bool{"": true}) // one day is enough to sum the totals
		},
	} {
		if err := r.counted(count); err != nil {
			return err
		}
	}
	return nil
}

func (r fullRun) counted(count func(tx *sql.Tx) error) error {
	begun := time.Now()
	if err := r.tx(r.ctx, "count figures", count); err != nil {
		return err
	}
	return breathe(r.ctx, begun)
}

// Problem is one thing that Verify found wrong.
type Problem struct {
	What string
}

// Verify looks for damage and for figures that do not agree with the rows they
// are made from. It changes nothing.
func (s *Store) Verify(ctx context.Context) ([]Problem, error) {
	var found []Problem
	note := func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		if text != "ok" {
			found = append(found, Problem{text})
		}
		return err
	}
	if err := each(ctx, s.read, note, `PRAGMA integrity_check(20)`); err != nil {
		return nil, classify(err, "integrity")
	}
	for _, q := range invariants {
		if err := each(ctx, s.read, note, q); err != nil {
			return nil, classify(err, "invariants")
		}
	}
	for _, check := range []func(context.Context) ([]Problem, error){s.checkSeen, s.checkKeys} {
		more, err := check(ctx)
		if err != nil {
			return nil, classify(err, "keys")
		}
		found = append(found, more...)
	}
	sites, err := s.Sites(ctx)
	if err != nil {
		return nil, err
	}
	for _, site := range sites {
		more, err := s.checkFigures(ctx, site)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
		for _, check := range []func(context.Context, Site) ([]Problem, error){s.checkVerdicts, s.checkTouches, s.checkSyndication} {
			if more, err = check(ctx, site); err != nil {
				return nil, classify(err, "check copies")
			}
			found = append(found, more...)
		}
	}
	return found, nil
}

// invariants each select a sentence per violation, 20 at the most.
var invariants = []string{
	`SELECT 'table ' || "table" || ', row ' || COALESCE(rowid, 0) || ' points to no row of ' || parent FROM pragma_foreign_key_check LIMIT 20`,
	`SELECT 'link ' || c.link_id || ' is credited to pitch ' || c.pitch_id || ', which was rejected for it' FROM credit c JOIN rejection r
		ON r.link_id = c.link_id AND r.pitch_id = c.pitch_id LIMIT 20`,
	`SELECT 'link ' || c.link_id || ' is credited to a pitch of another site' FROM credit c JOIN pitch p ON p.id = c.pitch_id WHERE p.site_id <> c.site_id LIMIT 20`,
	`SELECT 'link ' || c.link_id || ' is ' || c.state || ', although ' || m.key || ' is marked as ' || m.kind FROM outlet_mark m
		JOIN link l ON l.domain_id = m.domain_id AND l.key_id = m.key_id AND l.site_id = m.site_id JOIN credit c ON c.link_id = l.id
		WHERE m.ended_at = '' AND c.state IN ('auto', 'suggested', 'possible') LIMIT 20`,
	`SELECT 'link ' || c.link_id || ' is marked without anybody having said so' FROM credit c WHERE c.state IN ('owned', 'partner', 'spam') AND c.decided_by = 0
		AND NOT EXISTS (SELECT 1 FROM link l JOIN outlet_mark m ON m.site_id = l.site_id AND m.key_id = l.key_id AND m.ended_at = '' AND m.kind = c.state WHERE l.id = c.link_id) LIMIT 20`,
	`SELECT 'link ' || c.link_id || ' waits at the wrong place in the queue' FROM credit c JOIN link l ON l.id = c.link_id WHERE c.state IN ('suggested', 'possible')
		AND c.worth <> c.score * 1001 + CAST((CASE WHEN l.authority > 100 THEN 100 WHEN l.authority < 0 THEN 0 ELSE l.authority END) * 10 + 0.5 AS INTEGER) LIMIT 20`,
	`SELECT 'link ' || link_id || ' does not wait and has a place in the queue' FROM credit WHERE worth <> 0 AND state NOT IN ('suggested', 'possible') LIMIT 20`,
	`SELECT 'page ' || page_id || ' counts as ' || COUNT(*) || ' placements' FROM credit WHERE lead AND state IN ('auto', 'confirmed')
		GROUP BY site_id, page_id HAVING COUNT(*) > 1 LIMIT 20`,
	`SELECT 'the credit of link ' || c.link_id || ' has another first_seen than the link' FROM credit c JOIN link l ON l.id = c.link_id
		WHERE c.first_seen <> l.first_seen LIMIT 20`,
	`SELECT 'pitch status ' || t.status || ' of site ' || t.site_id || ' is counted ' || t.n || ' times' FROM pitch_total t
		WHERE t.n <> (SELECT COUNT(*) FROM pitch p WHERE p.site_id = t.site_id AND p.status = t.status AND p.deleted_at = '') LIMIT 20`,
	`SELECT 'referring domain ' || r.domain || ' of site ' || r.site_id || ' counts ' || r.links || ' links' FROM refdomain r
		WHERE r.links <> (SELECT COUNT(*) FROM link l WHERE l.domain_id = r.id) LIMIT 20`,
	`SELECT 'referring domain ' || r.domain || ' of site ' || r.site_id || ' counts ' || r.live_links || ' live links' FROM refdomain r
		WHERE r.live_links <> (SELECT COUNT(*) FROM link l WHERE l.domain_id = r.id AND l.lost_on = '') LIMIT 20`,
}

func (s *Store) checkFigures(ctx context.Context, site Site) ([]Problem, error) {
	now, lost, err := countDays(ctx, s.read, site.ID, "", lastDay, nil)
	if err != nil {
		return nil, classify(err, "count figures")
	}
	found, err := s.checkCopies(ctx, site, lost)
	if err != nil {
		return nil, classify(err, "count figures")
	}
	var sum Figures
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var d string
		var f Figures
		if err := rows.Scan(append([]any{&d}, f.fields()...)...); err != nil {
			return err
		}
		sum.Add(f)
		if n := now[d]; n == nil || *n != f {
			found = append(found, Problem{"the figures of " + site.Host + " on “" + d + "” do not agree with its rows; run “landed attribute --full”"})
		}
		delete(now, d)
		return nil
	}, `SELECT day, `+figureColumns+` FROM daily WHERE site_id = $1 ORDER BY day`, site.ID)
	if err != nil {
		return nil, classify(err, "figures")
	}
	for d := range now {
		found = append(found, Problem{"the figures of " + site.Host + " on “" + d + "” are missing; run “landed attribute --full”"})
	}
	total, err := s.Totals(ctx, site.ID)
	if err == nil && total != sum {
		found = append(found, Problem{"the totals of " + site.Host + " are not the sum of its days; run “landed attribute --full”"})
	}
	return found, err
}
