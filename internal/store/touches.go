package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sort"

	"landed/internal/attribution"
	"landed/internal/day"
)

// touchKey names a row of touch_month within a site. Its fields are those that
// were frozen with the credit.
type touchKey struct {
	month           string
	owner           int64
	ownerName, name string // name is of the campaign
}

// touchSum is what a key has of placements, in parts of attribution.Whole for
// each of attribution.Models.
type touchSum struct {
	first, last string
	parts       [3]int64
}

// placement is one with all pitches that had a part in it; the credited one
// comes first.
type placement struct {
	link      int64
	firstSeen string
	touches   []attribution.Touch
	frozen    []frozen
}

const placementsOf = ` FROM credit c %s WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed') AND c.lead AND c.first_seen BETWEEN $2 AND $3`

// add gives the placement one more pitch that had a part in it.
func (p *placement) add(pitch int64, f frozen, credited bool) {
	p.touches = append(p.touches, attribution.Touch{PitchID: pitch, SentOn: dayOf(f.sentOn), Credited: credited})
	p.frozen = append(p.frozen, f)
}

// placements reads the placements first seen between two days, in no order.
func placements(ctx context.Context, q querier, site int64, from, to string) (map[int64]*placement, error) {
	out := map[int64]*placement{}
	read := func(credited bool, query string) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var link, pitch int64
			var seen string
			var f frozen
			if err := rows.Scan(&link, &seen, &pitch, &f.owner, &f.ownerName, &f.campaign, &f.sentOn); err != nil {
				return err
			}
			p := out[link]
			if p == nil {
				p = &placement{link: link, firstSeen: seen}
				out[link] = p
			}
			p.add(pitch, f, credited)
			return nil
		}, query, site, from, to)
	}
	err := read(true, `SELECT c.link_id, c.first_seen, c.pitch_id, c.owner_id, c.owner_name, c.campaign, c.sent_on`+fmt.Sprintf(placementsOf, ``))
	if err == nil {
		err = read(false, `SELECT c.link_id, c.first_seen, a.pitch_id, a.owner_id, a.owner_name, a.campaign, a.sent_on`+
			fmt.Sprintf(placementsOf, `JOIN assist a ON a.link_id = c.link_id`)+` ORDER BY a.link_id, a.pitch_id`)
	}
	return out, err
}

// countTouches counts from the credits themselves.
func countTouches(ctx context.Context, q querier, site int64, from, to string) (map[touchKey]touchSum, error) {
	list, err := placements(ctx, q, site, from, to)
	return sumTouches(list), err
}

func sumTouches(list map[int64]*placement) map[touchKey]touchSum {
	sums := touchSums{}
	for _, p := range list {
		sums.add(p)
	}
	return sums
}

type touchSums map[touchKey]touchSum

// add adds a placement.
func (s touchSums) add(p *placement) {
	one := [1][3]int64{{attribution.Whole, attribution.Whole, attribution.Whole}}
	parts := one[:] // of each touch
	if len(p.touches) > 1 || !p.touches[0].Credited {
		parts = make([][3]int64, len(p.touches))
		for m, model := range attribution.Models {
			for i, n := range attribution.Shares(model, p.touches) {
				parts[i][m] = n
			}
		}
	}
	for i, of := range parts {
		if of == ([3]int64{}) {
			continue
		}
		f := p.frozen[i]
		k := touchKey{p.firstSeen[:min(len(p.firstSeen), len("2026-03"))], f.owner, f.ownerName, f.campaign}
		sum, ok := s[k]
		if !ok || p.firstSeen < sum.first {
			sum.first = p.firstSeen
		}
		sum.last = max(sum.last, p.firstSeen)
		for m := range sum.parts {
			sum.parts[m] += of[m]
		}
		s[k] = sum
	}
}

// fewMonths is up to where months are counted one by one; above it, one pass
// over the credits between the first and the last is cheaper.
const fewMonths = 4

// rollupTouches counts the months of the given days anew; first is as for
// rollupFirst.
func rollupTouches(ctx context.Context, tx *sql.Tx, site int64, days map[string]bool, first *firstImport) error {
	if first != nil {
		return saveTouches(ctx, tx, site, "", lastDay, first.touches())
	}
	set := map[string]bool{}
	for d := range days {
		set[d[:min(len(d), len("2026-03"))]] = true
	}
	months := slices.Sorted(maps.Keys(set))
	if len(months) > fewMonths {
		return rollupTouchRange(ctx, tx, site, months[0], months[len(months)-1])
	}
	for _, m := range months {
		if err := rollupTouchRange(ctx, tx, site, m, m); err != nil {
			return err
		}
	}
	return nil
}

// monthEnd is behind every day of a month; ” is a month of its own.
func monthEnd(month string) string {
	if month == "" {
		return ""
	}
	return month + "-99"
}

func rollupTouchRange(ctx context.Context, tx *sql.Tx, site int64, from, to string) error {
	now, err := countTouches(ctx, tx, site, from, monthEnd(to))
	if err != nil {
		return err
	}
	return saveTouches(ctx, tx, site, from, to, now)
}

// saveTouches makes touch_month hold exactly these between two months.
func saveTouches(ctx context.Context, tx *sql.Tx, site int64, from, to string, now map[touchKey]touchSum) error {
	old, err := readTouches(ctx, tx, site, from, to)
	if err != nil {
		return err
	}
	for k := range old {
		if _, ok := now[k]; ok {
			continue
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM touch_month WHERE site_id = $1 AND month = $2 AND owner_id = $3 AND owner_name = $4 AND campaign = $5`,
			site, k.month, k.owner, k.ownerName, k.name)
		if err != nil {
			return err
		}
	}
	for k, n := range now {
		if n == old[k] {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO touch_month (site_id, month, owner_id, owner_name, campaign, first_on, last_on, last_parts, first_parts, linear_parts)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (site_id, month, owner_id, owner_name, campaign) DO UPDATE SET first_on = excluded.first_on,
			last_on = excluded.last_on, last_parts = excluded.last_parts, first_parts = excluded.first_parts, linear_parts = excluded.linear_parts`,
			site, k.month, k.owner, k.ownerName, k.name, n.first, n.last, n.parts[0], n.parts[1], n.parts[2])
		if err != nil {
			return err
		}
	}
	return nil
}

func readTouches(ctx context.Context, q querier, site int64, from, to string) (map[touchKey]touchSum, error) {
	out := map[touchKey]touchSum{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var k touchKey
		var n touchSum
		err := rows.Scan(&k.month, &k.owner, &k.ownerName, &k.name, &n.first, &n.last, &n.parts[0], &n.parts[1], &n.parts[2])
		out[k] = n
		return err
	}, `SELECT month, owner_id, owner_name, campaign, first_on, last_on, last_parts, first_parts, linear_parts FROM touch_month
		WHERE site_id = $1 AND month BETWEEN $2 AND $3`, site, from, to)
	return out, err
}

// checkTouches compares touch_month with the credits that it is made from.
func (s *Store) checkTouches(ctx context.Context, site Site) ([]Problem, error) {
	now, err := countTouches(ctx, s.read, site.ID, "", lastDay)
	if err != nil {
		return nil, err
	}
	kept, err := readTouches(ctx, s.read, site.ID, "", lastDay)
	if err != nil || maps.Equal(now, kept) {
		return nil, err
	}
	return []Problem{{"the placements of " + site.Host + " by person and campaign do not agree with its credits; run “landed attribute --full”"}}, nil
}

// Touched is what one person has of the placements of a campaign, in parts of
// attribution.Whole, by the order of attribution.Models.
type Touched struct {
	OwnerID  int64 // 0 for an owner without an account
	Owner    string
	Campaign string
	Parts    [3]int64
}

// Touches says whose the placements first seen between two days (both included)
// are, in each way of crediting. For each way the parts sum to whole placements.
// Months that the period cuts are counted from the credits themselves.
func (s *Store) Touches(ctx context.Context, site int64, from, to day.Day) ([]Touched, error) {
	first, last := from.String(), to.String()
	kept, err := readTouches(ctx, s.read, site, first[:min(7, len(first))], last[:min(7, len(last))])
	if err != nil {
		return nil, classify(err, "placements by person")
	}
	cut := map[string]bool{}
	for k, n := range kept {
		if n.first < first || n.last > last {
			cut[k.month] = true
		}
	}
	sums := map[touchKey][3]int64{}
	add := func(k touchKey, n touchSum) {
		k.month = ""
		sum := sums[k]
		for i := range sum {
			sum[i] += n.parts[i]
		}
		sums[k] = sum
	}
	for k, n := range kept {
		if !cut[k.month] {
			add(k, n)
		}
	}
	for m := range cut {
		now, err := countTouches(ctx, s.read, site, max(first, m), min(last, monthEnd(m)))
		if err != nil {
			return nil, classify(err, "placements by person")
		}
		for k, n := range now {
			add(k, n)
		}
	}
	return s.nameTouches(ctx, sums)
}

func (s *Store) nameTouches(ctx context.Context, sums map[touchKey][3]int64) ([]Touched, error) {
	names := map[int64]string{}
	for k := range sums {
		if k.owner != 0 {
			names[k.owner] = ""
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(names)), inList) {
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			var id int64
			var name string
			err := rows.Scan(&id, &name)
			names[id] = name
			return err
		}, `SELECT id, name FROM account WHERE id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, classify(err, "names of people")
		}
	}
	out := make([]Touched, 0, len(sums))
	for k, parts := range sums {
		t := Touched{OwnerID: k.owner, Owner: k.ownerName, Campaign: k.name, Parts: parts}
		if k.owner != 0 {
			t.Owner = names[k.owner]
		}
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		return slices.Compare([]string{a.Owner, a.Campaign, fmt.Sprint(a.OwnerID)}, []string{b.Owner, b.Campaign, fmt.Sprint(b.OwnerID)}) < 0
	})
	return out, nil
}
