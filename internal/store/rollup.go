package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
)

// Figures are the counts that dashboards and totals show, of one day or of all.
type Figures struct {
	LinksNew, LinksLost                            int
	Credited, Confirmed, Suggested                 int // links
	Placements, Unconfirmed, PlacementsLost        int // source pages; Unconfirmed of Placements
	DomainsNew, DomainsOutreach, DomainsUnreviewed int // Organic is the rest
}

func (f *Figures) fields() []any {
	return []any{&f.LinksNew, &f.LinksLost, &f.Credited, &f.Confirmed, &f.Suggested,
		&f.Placements, &f.Unconfirmed, &f.PlacementsLost, &f.DomainsNew, &f.DomainsOutreach, &f.DomainsUnreviewed}
}

// Organic is the new domains that no pitch claims.
func (f Figures) Organic() int { return f.DomainsNew - f.DomainsOutreach - f.DomainsUnreviewed }

// Add sums two Figures.
func (f *Figures) Add(g Figures) {
	to, from := f.fields(), g.fields()
	for i := range to {
		*to[i].(*int) += *from[i].(*int)
	}
}

const figureColumns = `links_new, links_lost, credited, confirmed, suggested, placements, unconfirmed, placements_lost, domains_new, domains_outreach, domains_unreviewed`

// fewDays is up to where the days are counted one by one. Above it, one pass
// over the indexes is cheaper.
const fewDays = 60

// rollup counts the given days of a site anew and writes those that changed,
// then the site's totals. Counting again, rather than adding differences,
// leaves no way to drift.
func rollup(ctx context.Context, tx *sql.Tx, site int64, days map[string]bool) error {
	return rollupFirst(ctx, tx, site, days, nil)
}

// rollupFirst is rollup with all rows of the site at hand; nil counts those of the
// database.
func rollupFirst(ctx context.Context, tx *sql.Tx, site int64, days map[string]bool, first *firstImport) error {
	if len(days) == 0 {
		return nil
	}
	sorted := slices.Sorted(maps.Keys(days))
	ranges := make([][2]string, 0, fewDays)
	if len(sorted) > fewDays {
		ranges = append(ranges, [2]string{sorted[0], sorted[len(sorted)-1]})
	} else {
		for _, d := range sorted {
			ranges = append(ranges, [2]string{d, d})
		}
	}
	for _, r := range ranges {
		if err := rollupRange(ctx, tx, site, r[0], r[1], first); err != nil {
			return err
		}
	}
	if err := rollupTouches(ctx, tx, site, days, first); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO site_total (site_id, `+figureColumns+`)
		SELECT $1, COALESCE(SUM(links_new), 0), COALESCE(SUM(links_lost), 0), COALESCE(SUM(credited), 0), COALESCE(SUM(confirmed), 0), COALESCE(SUM(suggested), 0),
			COALESCE(SUM(placements), 0), COALESCE(SUM(unconfirmed), 0), COALESCE(SUM(placements_lost), 0),
			COALESCE(SUM(domains_new), 0), COALESCE(SUM(domains_outreach), 0), COALESCE(SUM(domains_unreviewed), 0)
		FROM daily WHERE site_id = $1
		ON CONFLICT (site_id) DO UPDATE SET links_new = excluded.links_new, links_lost = excluded.links_lost, credited = excluded.credited,
			confirmed = excluded.confirmed, suggested = excluded.suggested, placements = excluded.placements, unconfirmed = excluded.unconfirmed,
			placements_lost = excluded.placements_lost, domains_new = excluded.domains_new, domains_outreach = excluded.domains_outreach,
			domains_unreviewed = excluded.domains_unreviewed`, site)
	return err
}

func rollupRange(ctx context.Context, tx *sql.Tx, site int64, from, to string, first *firstImport) error {
	now, lost, err := countDays(ctx, tx, site, from, to, first)
	if err != nil {
		return err
	}
	if err := saveLost(ctx, tx, first.bulkConn(), site, from, to, lost); err != nil {
		return err
	}
	old := map[string]Figures{}
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var d string
		var f Figures
		err := rows.Scan(append([]any{&d}, f.fields()...)...)
		old[d] = f
		return err
	}, `SELECT day, `+figureColumns+` FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3`, site, from, to)
	if err != nil {
		return err
	}
	for d := range old {
		if _, ok := now[d]; !ok {
			if _, err := tx.ExecContext(ctx, `DELETE FROM daily WHERE site_id = $1 AND day = $2`, site, d); err != nil {
				return err
			}
		}
	}
	maps.DeleteFunc(now, func(d string, f *Figures) bool { o, ok := old[d]; return ok && o == *f })
	return inBulk(ctx, tx, first.bulkConn(), insertDaily, slices.Sorted(maps.Keys(now)), func(b *bulk, d string) {
		b.ints(site)
		b.texts(d)
		for _, p := range now[d].fields() {
			b.ints(int64(*p.(*int)))
		}
	})
}

var insertDaily = `INSERT INTO daily (site_id, day, ` + figureColumns + `) VALUES ` + marks(1, 2+len((&Figures{}).fields())) + `
	ON CONFLICT (site_id, day) DO UPDATE SET links_new = excluded.links_new, links_lost = excluded.links_lost, credited = excluded.credited,
	confirmed = excluded.confirmed, suggested = excluded.suggested, placements = excluded.placements, unconfirmed = excluded.unconfirmed,
	placements_lost = excluded.placements_lost, domains_new = excluded.domains_new, domains_outreach = excluded.domains_outreach,
	domains_unreviewed = excluded.domains_unreviewed`

// credit counts credited or suggested links; lead says that they count as
// placements.
func (f *Figures) credit(state State, lead bool, n int) {
	switch state {
	case StateSuggested:
		f.Suggested += n
		return
	case StateConfirmed:
		f.Confirmed += n
	case StateAuto:
		if lead {
			f.Unconfirmed += n
		}
	default:
		return
	}
	f.Credited += n
	if lead {
		f.Placements += n
	}
}

// dayFigures are figures by day.
type dayFigures map[string]*Figures

func (d dayFigures) on(day string) *Figures {
	f := d[day]
	if f == nil {
		f = &Figures{}
		d[day] = f
	}
	return f
}

// countDays counts from the rows themselves, and lists the placements lost. Each
// query walks one index range.
func countDays(ctx context.Context, q querier, site int64, from, to string, first *firstImport) (dayFigures, []lostPlacement, error) {
	if first != nil {
		days, lost := first.between(from, to)
		return days, lost, nil
	}
	days := dayFigures{}
	count := func(set func(f *Figures, part string, n int), query string) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var d, part string
			var n int
			err := rows.Scan(&d, &part, &n)
			set(days.on(d), part, n)
			return err
		}, query, site, from, to)
	}
	err := countSeen(ctx, q, site, from, to, days)
	if err != nil {
		return nil, nil, err
	}
	err = count(func(f *Figures, _ string, n int) { f.LinksLost = n },
		`SELECT lost_on, '', COUNT(*) FROM link WHERE site_id = $1 AND lost_on <> '' AND lost_on BETWEEN $2 AND $3 GROUP BY lost_on`)
	if err != nil {
		return nil, nil, err
	}
	err = count(func(f *Figures, part string, n int) {
		state, lead := strings.CutSuffix(part, " lead")
		f.credit(State(state), lead, n)
	}, `SELECT first_seen, CASE WHEN lead THEN state || ' lead' ELSE state END, COUNT(*) FROM credit
		WHERE site_id = $1 AND state IN ('auto', 'confirmed', 'suggested') AND first_seen BETWEEN $2 AND $3 GROUP BY 1, 2`)
	if err != nil {
		return nil, nil, err
	}
	lost, err := lostPlacements(ctx, q, site, from, to)
	for _, l := range lost {
		days.on(l.day).PlacementsLost++
	}
	return days, lost, err
}

// countSeen counts links and referring domains by the day on which they were first seen.
func countSeen(ctx context.Context, q querier, site int64, from, to string, days dayFigures) error {
	count := func(set func(f *Figures, class string, n int), query string) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var seen int64
			var class string
			var n int
			err := rows.Scan(&seen, &class, &n)
			set(days.on(seenOn(seen)), class, n)
			return err
		}, query, seenOf(site, from), seenOf(site, to))
	}
	err := count(func(f *Figures, _ string, n int) { f.LinksNew = n },
		`SELECT seen, '', COUNT(*) FROM link WHERE seen BETWEEN $1 AND $2 GROUP BY seen`)
	if err != nil {
		return err
	}
	return count(func(f *Figures, class string, n int) {
		f.DomainsNew += n
		switch class {
		case "outreach":
			f.DomainsOutreach = n
		case "unreviewed":
			f.DomainsUnreviewed = n
		}
	}, `SELECT seen, class, COUNT(*) FROM refdomain WHERE seen BETWEEN $1 AND $2 GROUP BY seen, class`)
}
