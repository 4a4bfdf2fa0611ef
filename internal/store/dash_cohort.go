package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"landed/internal/day"
	"landed/internal/pitches"
)

// firstDay and lastDay stand around every known day; ” is before them.
const firstDay, lastDay = "0", "9999-12-31"

// cohortKey names a row of pitch_cohort within a site.
type cohortKey struct {
	month          string
	owner          int64
	name, campaign string
}

func cohortOf(p *pitches.Pitch) cohortKey {
	return newCohortKey(p.SentOn.String(), p.OwnerID, p.OwnerName, p.Campaign)
}

// newCohortKey leaves out the name of an owner with an account: names change.
func newCohortKey(sent string, owner int64, name, campaign string) cohortKey {
	if owner != 0 {
		name = ""
	}
	return cohortKey{sent[:min(len(sent), len("2026-03"))], owner, name, campaign}
}

// Cohort is what became of the pitches that one person sent in one month for
// one campaign. Each step of the way holds those that got further.
type Cohort struct {
	Month      string // "2026-03"
	OwnerID    int64  // 0 for an owner without an account
	Owner      string
	Campaign   string
	Sent       int
	Replied    int // with any answer, a decline among them
	Accepted   int
	Placed     int              // with a credited link
	Links      int              // credited links
	Live       int              // credited links that are live and followed today
	Delays     []int            // days from sending to the first credited link, where both days are known
	CostByCoin map[string]int64 // hundredths by currency

	key         cohortKey
	first, last string
}

// same compares what was counted with what was kept.
func (c *Cohort) same(d *Cohort) bool {
	return c.first == d.first && c.last == d.last && c.Sent == d.Sent && c.Replied == d.Replied && c.Accepted == d.Accepted && c.Placed == d.Placed &&
		c.Links == d.Links && c.Live == d.Live && slices.Equal(c.Delays, d.Delays) && reflect.DeepEqual(c.CostByCoin, d.CostByCoin)
}

// cohortPitch is what a cohort counts of a pitch.
type cohortPitch struct {
	id             int64
	key            cohortKey
	sent, firstHit string
	status         pitches.Status
	replied        bool
	cents          int64
	currency       string
	links, live    int
}

// countCohorts counts the pitches sent between two days from their rows; with
// only, those of one cohort.
func countCohorts(ctx context.Context, q querier, site int64, from, to string, only *cohortKey) (map[cohortKey]*Cohort, error) {
	list, err := cohortPitches(ctx, q, site, from, to, only)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	byID := make(map[int64]*cohortPitch, len(list))
	for i := range list {
		byID[list[i].id] = &list[i]
	}
	hit := func(rows *sql.Rows) error {
		var id int64
		var seen, lost string
		var rel int64
		if err := rows.Scan(&id, &seen, &lost, &rel); err != nil {
			return err
		}
		if p := byID[id]; p != nil {
			p.hit(seen, lost, rel)
		}
		return nil
	}
	const credits = `SELECT c.pitch_id, c.first_seen, l.lost_on, l.rel FROM credit c JOIN link l ON l.id = c.link_id WHERE c.state IN ('auto', 'confirmed') AND c.`
	if len(list) > 2*inList {
		err = each(ctx, q, hit, credits+`site_id = $1`, site)
	} else {
		for part := range slices.Chunk(slices.Sorted(maps.Keys(byID)), inList) {
			if err = each(ctx, q, hit, credits+`pitch_id IN `+marks(1, len(part)), anys(part)...); err != nil {
				break
			}
		}
	}
	if err != nil {
		return nil, err
	}
	out := map[cohortKey]*Cohort{}
	for i := range list {
		p := &list[i]
		if out[p.key] == nil {
			out[p.key] = &Cohort{key: p.key}
		}
		out[p.key].add(p)
	}
	for _, c := range out {
		slices.Sort(c.Delays)
	}
	return out, nil
}

func cohortPitches(ctx context.Context, q querier, site int64, from, to string, only *cohortKey) ([]cohortPitch, error) {
	query, args := `SELECT id, sent_on, owner_id, owner_name, campaign, status, replied_on <> '', cost_cents, currency FROM pitch
		WHERE site_id = $1 AND deleted_at = '' AND sent_on BETWEEN $2 AND $3 AND status <> 'draft'`, []any{site, from, to}
	if only != nil {
		query += ` AND owner_id = $4 AND campaign = $5`
		args = append(args, only.owner, only.campaign)
	}
	var list []cohortPitch
	err := each(ctx, q, func(rows *sql.Rows) error {
		var p cohortPitch
		var owner int64
		var name, campaign string
		err := rows.Scan(&p.id, &p.sent, &owner, &name, &campaign, (*string)(&p.status), &p.replied, &p.cents, &p.currency)
		if p.key = newCohortKey(p.sent, owner, name, campaign); only == nil || p.key == *only {
			list = append(list, p)
		}
		return err
	}, query, args...)
	return list, err
}

// hit notes a credited link.
func (p *cohortPitch) hit(seen, lost string, rel int64) {
	p.links++
	if lost == "" && followed(rel) {
		p.live++
	}
	if seen != "" && (p.firstHit == "" || seen < p.firstHit) {
		p.firstHit = seen
	}
}

// followed says that the link is known to pass on credit, as LinkFilter.Follow does.
func followed(rel int64) bool { return rel%3 == 1 && rel/3%3 != 2 && rel/9%3 != 2 }

func (c *Cohort) add(p *cohortPitch) {
	c.Sent++
	placed := p.links > 0
	accepted := placed || p.status == pitches.Accepted || p.status == pitches.Landed
	c.Accepted += btoi(accepted)
	c.Replied += btoi(accepted || p.replied || p.status == pitches.Replied || p.status == pitches.Declined)
	c.Placed += btoi(placed)
	c.Links += p.links
	c.Live += p.live
	if p.firstHit != "" {
		c.Delays = append(c.Delays, max(0, int(dayOf(p.firstHit)-dayOf(p.sent))))
	}
	if p.cents != 0 {
		if c.CostByCoin == nil {
			c.CostByCoin = map[string]int64{}
		}
		c.CostByCoin[p.currency] += p.cents
	}
	if c.first == "" || p.sent < c.first {
		c.first = p.sent
	}
	c.last = max(c.last, p.sent)
}

// fewCohorts is up to where cohorts are counted one by one; above it, one pass
// over the site's pitches is cheaper.
const fewCohorts = 40

// rollupCohorts counts the cohorts anew that a transaction touched: those of its
// pitches, of the pitches that its domains' links are credited to, and those
// that pitches have left.
func rollupCohorts(ctx context.Context, tx *sql.Tx, site int64, t *touched, left map[cohortKey]bool) error {
	delete(t.pitches, 0)
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
		return recountCohorts(ctx, tx, site)
	}
	for k := range cohorts {
		now, err := countCohorts(ctx, tx, site, k.month, k.month+"-99", &k)
		if err != nil {
			return err
		}
		if err := saveCohort(ctx, tx, site, k, now[k]); err != nil {
			return err
		}
	}
	return nil
}

// recountCohorts counts all cohorts of a site.
func recountCohorts(ctx context.Context, tx *sql.Tx, site int64) error {
	now, err := countCohorts(ctx, tx, site, firstDay, lastDay, nil)
	if err != nil {
		return err
	}
	old, err := readCohorts(ctx, tx, site, "", lastDay)
	if err != nil {
		return err
	}
	for _, c := range old {
		n := now[c.key]
		delete(now, c.key)
		if n != nil && n.same(c) {
			continue
		}
		if err := saveCohort(ctx, tx, site, c.key, n); err != nil {
			return err
		}
	}
	for k, c := range now {
		if err := saveCohort(ctx, tx, site, k, c); err != nil {
			return err
		}
	}
	return nil
}

// saveCohort writes a cohort; nil takes its row away.
func saveCohort(ctx context.Context, tx *sql.Tx, site int64, k cohortKey, c *Cohort) error {
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

func jsonOf[T []int | map[string]int64](v T) string {
	if len(v) == 0 {
		return ""
	}
	b, _ := json.Marshal(v) // numbers always marshal
	return string(b)
}

// readCohorts reads the kept cohorts of the months between two days.
func readCohorts(ctx context.Context, q querier, site int64, from, to string) ([]*Cohort, error) {
	var out []*Cohort
	err := each(ctx, q, func(rows *sql.Rows) error {
		c := &Cohort{}
		var delays, costs string
		err := rows.Scan(&c.key.month, &c.key.owner, &c.key.name, &c.key.campaign, &c.Owner, &c.first, &c.last,
			&c.Sent, &c.Replied, &c.Accepted, &c.Placed, &c.Links, &c.Live, &delays, &costs)
		if err == nil && delays != "" {
			err = json.Unmarshal([]byte(delays), &c.Delays)
		}
		if err == nil && costs != "" {
			err = json.Unmarshal([]byte(costs), &c.CostByCoin)
		}
		out = append(out, c)
		return err
	}, `SELECT k.month, k.owner_id, k.owner_name, k.campaign, COALESCE(a.name, k.owner_name), k.first_on, k.last_on,
			k.sent, k.replied, k.accepted, k.placed, k.links, k.live, k.delays, k.costs
		FROM pitch_cohort k LEFT JOIN account a ON a.id = k.owner_id WHERE k.site_id = $1 AND k.month BETWEEN $2 AND $3`,
		site, from[:min(7, len(from))], to[:min(7, len(to))])
	return out, err
}

// Cohorts lists what became of the pitches sent between two days (both
// included), by month, person and campaign in no order. Months that the period
// cuts are counted from the pitches themselves.
func (s *Store) Cohorts(ctx context.Context, site int64, from, to day.Day) ([]Cohort, error) {
	since, until := from.String(), to.String()
	kept, err := readCohorts(ctx, s.read, site, since, until)
	if err != nil {
		return nil, classify(err, "pitches by month")
	}
	cut := map[string]bool{}
	names := map[int64]string{}
	for _, c := range kept {
		names[c.key.owner] = c.Owner
		if c.first < since || c.last > until {
			cut[c.key.month] = true
		}
	}
	var out []Cohort
	for _, c := range kept {
		if !cut[c.key.month] {
			out = append(out, c.named(c.Owner))
		}
	}
	for m := range cut {
		now, err := countCohorts(ctx, s.read, site, max(since, m), min(until, m+"-99"), nil)
		if err != nil {
			return nil, classify(err, "pitches by month")
		}
		for k, c := range now {
			name := k.name
			if k.owner != 0 {
				name = names[k.owner]
			}
			out = append(out, c.named(name))
		}
	}
	return out, nil
}

func (c *Cohort) named(owner string) Cohort {
	d := *c
	d.Month, d.OwnerID, d.Owner, d.Campaign = c.key.month, c.key.owner, owner, c.key.campaign
	return d
}
