package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// fewCohorts is up to where cohorts are counted one by one; above it, one pass
// over the site's pitches is cheaper.
const fewCohorts = 40

// rollupCohorts counts the cohorts anew that a transaction touched: those of its
// pitches, of the pitches that its domains' links are credited to, and those
// that pitches have left. first is as for rollupFirst.
func rollupCohorts(ctx context.Context, tx *sql.Tx, site int64, t *touched, left map[cohortKey]bool, first *firstImport) error {
	delete(t.pitches, 0)
	if first != nil && len(t.pitches) > fewCohorts {
		return recountCohorts(ctx, tx, site, first)
	}
	cohorts := map[cohortKey]bool{}
	for k := range left {
		if k.month != "" {
			cohorts[k] = true
		}
	}
	add := func(ids []int64, open, end string) error {
		for part := range slices.Chunk(ids, inList) {
			if len(cohorts) > fewCohorts {
				return nil
			}
			err := each(ctx, tx, func(rows *sql.Rows) error {
				var sent, name, campaign string
				var owner int64
				err := rows.Scan(&sent, &owner, &name, &campaign)
				cohorts[newCohortKey(sent, owner, name, campaign)] = true
				return err
			}, `SELECT DISTINCT p.sent_on, p.owner_id, p.owner_name, p.campaign FROM pitch p WHERE p.site_id = $1 AND p.sent_on <> '' AND p.id IN `+open+marks(2, len(part))+end,
				append([]any{site}, anys(part)...)...)
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(slices.Collect(maps.Keys(t.pitches)), ``, ``); err != nil {
		return err
	}
	err := add(slices.Collect(maps.Keys(t.domains)), `(SELECT c.pitch_id FROM link l JOIN credit c ON c.link_id = l.id WHERE l.domain_id IN `, `)`)
	if err != nil {
		return err
	}
	if len(cohorts) > fewCohorts {
		return recountCohorts(ctx, tx, site, nil)
	}
	months := map[string]bool{}
	for k := range cohorts {
		now, err := countCohorts(ctx, tx, site, k.month, k.month+"-99", &k)
		if err != nil {
			return err
		}
		if err := saveCohort(ctx, tx, site, k, now[k]); err != nil {
			return err
		}
		months[k.month] = true
	}
	return rollupMonths(ctx, tx, site, months)
}

// rollupMonths sums the cohorts of the given months.
func rollupMonths(ctx context.Context, tx *sql.Tx, site int64, months map[string]bool) error {
	for m := range months {
		list, err := readCohorts(ctx, tx, site, m, m)
		if err != nil {
			return err
		}
		if err := saveMonth(ctx, tx, site, m, sumCohorts(list)[m]); err != nil {
			return err
		}
	}
	return nil
}

// sumCohorts sums cohorts by month.
func sumCohorts(list []*Cohort) map[string]*Cohort {
	out := map[string]*Cohort{}
	for _, c := range list {
		month := c.key.month
		if out[month] == nil {
			out[month] = &Cohort{key: cohortKey{month: month}}
		}
		out[month].sum(c)
	}
	for _, c := range out {
		slices.Sort(c.Delays)
	}
	return out
}

func (c *Cohort) sum(d *Cohort) {
	c.Sent += d.Sent
	c.Replied += d.Replied
	c.Accepted += d.Accepted
	c.Placed += d.Placed
	c.Links += d.Links
	c.Live += d.Live
	c.Delays = append(c.Delays, d.Delays...)
	for currency, cents := range d.CostByCoin {
		if c.CostByCoin == nil {
			c.CostByCoin = map[string]int64{}
		}
		c.CostByCoin[currency] += cents
	}
	if c.first == "" || d.first < c.first {
		c.first = d.first
	}
	c.last = max(c.last, d.last)
}

// recountCohorts counts all cohorts of a site.
func recountCohorts(ctx context.Context, tx *sql.Tx, site int64, first *firstImport) error {
	if first != nil {
		first.hits(cohortsByID(first.pitches))
		return saveCohorts(ctx, tx, site, cohortsOf(first.pitches))
	}
	list, err := cohortPitches(ctx, tx, site, firstDay, lastDay, nil)
	if err != nil {
		return err
	}
	return recountCohortsOf(ctx, tx, site, list)
}

// recountCohortsOf is recountCohorts for a site whose sent pitches are at hand.
func recountCohortsOf(ctx context.Context, tx *sql.Tx, site int64, list []cohortPitch) error {
	if err := creditHits(ctx, tx, site, cohortsByID(list)); err != nil {
		return err
	}
	return saveCohorts(ctx, tx, site, cohortsOf(list))
}

// saveCohorts makes pitch_cohort and pitch_month hold exactly these.
func saveCohorts(ctx context.Context, tx *sql.Tx, site int64, now map[cohortKey]*Cohort) error {
	old, err := readCohorts(ctx, tx, site, "", lastDay)
	if err != nil {
		return err
	}
	x := &prepared{Tx: tx, stmts: map[string]*sql.Stmt{}}
	defer x.close()
	months := sumCohorts(slices.Collect(maps.Values(now)))
	for _, c := range old {
		if months[c.key.month] == nil {
			months[c.key.month] = nil // to be taken away
		}
		n := now[c.key]
		delete(now, c.key)
		if n != nil && n.same(c) {
			continue
		}
		if err := saveCohort(ctx, x, site, c.key, n); err != nil {
			return err
		}
	}
	for k, c := range now {
		if err := saveCohort(ctx, x, site, k, c); err != nil {
			return err
		}
	}
	for m, c := range months {
		if err := saveMonth(ctx, x, site, m, c); err != nil {
			return err
		}
	}
	return nil
}

// execer is a transaction, or one whose statements are prepared once.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// prepared is a transaction that executes the same few statements many times.
type prepared struct {
	*sql.Tx
	stmts map[string]*sql.Stmt
}

func (x *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt := x.stmts[query]
	if stmt == nil {
		var err error
		if stmt, err = x.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
		x.stmts[query] = stmt
	}
	return stmt.ExecContext(ctx, args...)
}

func (x *prepared) close() {
	for _, stmt := range x.stmts {
		stmt.Close()
	}
}

// saveCohort writes a cohort; nil takes its row away.
func saveCohort(ctx context.Context, tx execer, site int64, k cohortKey, c *Cohort) error {
	if c == nil {
		_, err := tx.ExecContext(ctx, `DELETE FROM pitch_cohort WHERE site_id = $1 AND month = $2 AND owner_id = $3 AND owner_name = $4 AND campaign = $5`,
			site, k.month, k.owner, k.name, k.campaign)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO pitch_cohort (site_id, month, owner_id, owner_name, campaign, first_on, last_on, sent, replied, accepted, placed, links, live, delays, costs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (site_id, month, owner_id, owner_name, campaign) DO UPDATE SET first_on = excluded.first_on, last_on = excluded.last_on, sent = excluded.sent,
			replied = excluded.replied, accepted = excluded.accepted, placed = excluded.placed, links = excluded.links, live = excluded.live,
			delays = excluded.delays, costs = excluded.costs`,
		site, k.month, k.owner, k.name, k.campaign, c.first, c.last, c.Sent, c.Replied, c.Accepted, c.Placed, c.Links, c.Live, jsonOf(c.Delays), jsonOf(c.CostByCoin))
	return err
}

func saveMonth(ctx context.Context, tx execer, site int64, month string, c *Cohort) error {
	if c == nil {
		_, err := tx.ExecContext(ctx, `DELETE FROM pitch_month WHERE site_id = $1 AND month = $2`, site, month)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO pitch_month (site_id, month, first_on, last_on, sent, replied, accepted, placed, links, live, delays, costs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (site_id, month) DO UPDATE SET first_on = excluded.first_on, last_on = excluded.last_on, sent = excluded.sent,
			replied = excluded.replied, accepted = excluded.accepted, placed = excluded.placed, links = excluded.links, live = excluded.live,
			delays = excluded.delays, costs = excluded.costs`,
		site, month, c.first, c.last, c.Sent, c.Replied, c.Accepted, c.Placed, c.Links, c.Live, jsonOf(c.Delays), jsonOf(c.CostByCoin))
	return err
}
