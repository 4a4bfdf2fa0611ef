package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

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
	if err == nil {
		err = creditHits(ctx, q, site, cohortsByID(list))
	}
	return cohortsOf(list), err
}

func cohortsByID(list []cohortPitch) map[int64]*cohortPitch {
	byID := make(map[int64]*cohortPitch, len(list))
	for i := range list {
		byID[list[i].id] = &list[i]
	}
	return byID
}

// creditHits reads the credited links of pitches.
func creditHits(ctx context.Context, q querier, site int64, byID map[int64]*cohortPitch) error {
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
	if len(byID) > 2*inList {
		return each(ctx, q, hit, credits+`site_id = $1`, site)
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(byID)), inList) {
		if err := each(ctx, q, hit, credits+`pitch_id IN `+marks(1, len(part)), anys(part)...); err != nil {
			return err
		}
	}
	return nil
}

// cohortsOf puts pitches with their links together.
func cohortsOf(list []cohortPitch) map[cohortKey]*Cohort {
	out := map[cohortKey]*Cohort{}
	for i := range list {
		addToCohort(out, &list[i])
	}
	for _, c := range out {
		slices.Sort(c.Delays)
	}
	return out
}

func addToCohort(cohorts map[cohortKey]*Cohort, p *cohortPitch) {
	c := cohorts[p.key]
	if c == nil {
		c = &Cohort{key: p.key}
		cohorts[p.key] = c
	}
	c.add(p)
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

func jsonOf[T []int | map[string]int64](v T) string {
	if len(v) == 0 {
		return ""
	}
	b, _ := json.Marshal(v) // numbers always marshal
	return string(b)
}

// readCohorts reads the kept cohorts of the months between two days.
func readCohorts(ctx context.Context, q querier, site int64, from, to string) ([]*Cohort, error) {
	return scanCohorts(ctx, q, `SELECT k.month, k.owner_id, k.owner_name, k.campaign, COALESCE(a.name, k.owner_name), k.first_on, k.last_on,
			k.sent, k.replied, k.accepted, k.placed, k.links, k.live, k.delays, k.costs
		FROM pitch_cohort k LEFT JOIN account a ON a.id = k.owner_id WHERE k.site_id = $1 AND k.month BETWEEN $2 AND $3`, site, from, to)
}

// readMonths reads the sums of the cohorts of the months between two days.
func readMonths(ctx context.Context, q querier, site int64, from, to string) ([]*Cohort, error) {
	return scanCohorts(ctx, q, `SELECT month, 0, '', '', '', first_on, last_on, sent, replied, accepted, placed, links, live, delays, costs
		FROM pitch_month WHERE site_id = $1 AND month BETWEEN $2 AND $3`, site, from, to)
}

func scanCohorts(ctx context.Context, q querier, query string, site int64, from, to string) ([]*Cohort, error) {
	var out []*Cohort
	err := each(ctx, q, func(rows *sql.Rows) error {
		c := &Cohort{}
		var delays, costs string
		err := rows.Scan(&c.key.month, &c.key.owner, &c.key.name, &c.key.campaign, &c.Owner, &c.first, &c.last,
			&c.Sent, &c.Replied, &c.Accepted, &c.Placed, &c.Links, &c.Live, &delays, &costs)
		if err == nil {
			c.Delays, err = readDelays(delays)
		}
		if err == nil && costs != "" {
			err = json.Unmarshal([]byte(costs), &c.CostByCoin)
		}
		out = append(out, c)
		return err
	}, query, site, from[:min(7, len(from))], to[:min(7, len(to))])
	return out, err
}

// readDelays reads a JSON list of whole numbers; a page reads hundreds of them.
func readDelays(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	out := make([]int, 0, strings.Count(s, ",")+1)
	for part := range strings.SplitSeq(strings.Trim(s, "[]"), ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Cohorts lists what became of the pitches sent between two days (both
// included), by month, person and campaign in no order. Months that the period
// cuts are counted from the pitches themselves.
func (s *Store) Cohorts(ctx context.Context, site int64, from, to day.Day) ([]Cohort, error) {
	out, err := s.cohorts(ctx, site, from.String(), to.String(), readCohorts, func(now map[cohortKey]*Cohort) []*Cohort { return slices.Collect(maps.Values(now)) })
	return out, classify(err, "pitches by month and person")
}

// CohortMonths is Cohorts without persons and campaigns: one a month.
func (s *Store) CohortMonths(ctx context.Context, site int64, from, to day.Day) ([]Cohort, error) {
	out, err := s.cohorts(ctx, site, from.String(), to.String(), readMonths, func(now map[cohortKey]*Cohort) []*Cohort {
		return slices.Collect(maps.Values(sumCohorts(slices.Collect(maps.Values(now)))))
	})
	return out, classify(err, "pitches by month")
}

func (s *Store) cohorts(ctx context.Context, site int64, from, to string, read func(context.Context, querier, int64, string, string) ([]*Cohort, error),
	list func(map[cohortKey]*Cohort) []*Cohort) ([]Cohort, error) {
	kept, err := read(ctx, s.read, site, from, to)
	if err != nil {
		return nil, err
	}
	cut := map[string]bool{}
	names := map[int64]string{}
	for _, c := range kept {
		names[c.key.owner] = c.Owner
		if c.first < from || c.last > to {
			cut[c.key.month] = true
		}
	}
	out := make([]Cohort, 0, len(kept))
	for _, c := range kept {
		if !cut[c.key.month] {
			out = append(out, c.named(c.Owner))
		}
	}
	for m := range cut {
		now, err := countCohorts(ctx, s.read, site, max(from, m), min(to, m+"-99"), nil)
		if err != nil {
			return nil, err
		}
		for _, c := range list(now) {
			name := c.key.name
			if c.key.owner != 0 {
				name = names[c.key.owner]
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
