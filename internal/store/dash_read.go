package store

import (
	"context"
	"database/sql"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
)

const figureSums = `COALESCE(SUM(links_new), 0), COALESCE(SUM(links_lost), 0), COALESCE(SUM(credited), 0), COALESCE(SUM(confirmed), 0), COALESCE(SUM(suggested), 0),
	COALESCE(SUM(placements), 0), COALESCE(SUM(unconfirmed), 0), COALESCE(SUM(placements_lost), 0),
	COALESCE(SUM(domains_new), 0), COALESCE(SUM(domains_outreach), 0), COALESCE(SUM(domains_unreviewed), 0)`

// Sum adds up the figures of the days between two days, both included.
func (s *Store) Sum(ctx context.Context, site int64, from, to day.Day) (Figures, error) {
	var f Figures
	err := s.read.QueryRowContext(ctx, `SELECT `+figureSums+` FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3`,
		site, from.String(), to.String()).Scan(f.fields()...)
	return f, classify(err, "sum figures")
}

// Monthly adds up the figures of the days between two days by month
// ("2026-03"). Months without any are missing.
func (s *Store) Monthly(ctx context.Context, site int64, from, to day.Day) (map[string]Figures, error) {
	out := map[string]Figures{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var month string
		var f Figures
		err := rows.Scan(append([]any{&month}, f.fields()...)...)
		out[month] = f
		return err
	}, `SELECT substr(day, 1, 7), `+figureSums+` FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3 GROUP BY 1`, site, from.String(), to.String())
	return out, classify(err, "figures by month")
}

// FirstDay is the first day of which anything is known of a site: a link, a
// snapshot or a pitch; None when there is nothing.
func (s *Store) FirstDay(ctx context.Context, site int64) (day.Day, error) {
	first := ""
	earlier := func(query string, args ...any) error {
		var on string
		err := s.read.QueryRowContext(ctx, query, args...).Scan(&on)
		if err == nil && (first == "" || on < first) {
			first = on
		}
		if err == sql.ErrNoRows {
			return nil
		}
		return err
	}
	err := earlier(`SELECT day FROM daily WHERE site_id = $1 AND day > '' ORDER BY day LIMIT 1`, site)
	if err == nil {
		err = earlier(`SELECT first_on FROM pitch_month WHERE site_id = $1 ORDER BY month LIMIT 1`, site)
	}
	if err != nil {
		return 0, classify(err, "first day")
	}
	err = s.providers(ctx, site, func(provider string) error {
		return earlier(`SELECT on_day FROM snapshot WHERE site_id = $1 AND provider = $2 ORDER BY on_day LIMIT 1`, site, provider)
	})
	return dayOf(first), classify(err, "first day")
}

// providers hands f each provider that wrote a snapshot of a site. A skip scan
// by hand: each step asks the index for the next name.
func (s *Store) providers(ctx context.Context, site int64, f func(provider string) error) error {
	for last := ""; ; {
		err := s.read.QueryRowContext(ctx, `SELECT provider FROM snapshot WHERE site_id = $1 AND provider > $2 ORDER BY provider LIMIT 1`, site, last).Scan(&last)
		if err == sql.ErrNoRows {
			return nil
		}
		if err == nil {
			err = f(last)
		}
		if err != nil {
			return err
		}
	}
}

// LatestSnapshots lists a site's snapshots newest first, at most limit of them.
func (s *Store) LatestSnapshots(ctx context.Context, site int64, limit int) ([]backlinks.Snapshot, error) {
	var out []backlinks.Snapshot
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var n backlinks.Snapshot
		var on string
		err := rows.Scan(&on, &n.Provider, &n.Authority, (*string)(&n.Metric), &n.Backlinks, &n.RefDomains, &n.OrganicTraffic, &n.OrganicKeywords)
		n.On = dayOf(on)
		out = append(out, n)
		return err
	}, `SELECT on_day, provider, authority, metric, backlinks, refdomains, organic_traffic, organic_keywords
		FROM snapshot WHERE site_id = $1 ORDER BY on_day DESC, provider LIMIT $2`, site, limit)
	return out, classify(err, "latest snapshots")
}

// DataAsOf is when a provider or a file last told something of a site; the zero
// time when that is not known.
func (s *Store) DataAsOf(ctx context.Context, site int64) (time.Time, error) {
	return kept(ctx, fact{what: "as of", id: site}, func() (time.Time, error) { return s.dataAsOf(ctx, site) })
}

func (s *Store) dataAsOf(ctx context.Context, site int64) (time.Time, error) {
	latest := ""
	for _, query := range []string{
		`SELECT finished_at FROM sync_run WHERE site_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 1`,
		`SELECT finished_at FROM import WHERE id > 0 AND site_id = $1 AND kind = 'links' AND state = 'done' ORDER BY id DESC LIMIT 1`, // from the latest back
	} {
		var at string
		if err := s.read.brief().QueryRowContext(ctx, query, site).Scan(&at); err != nil && err != sql.ErrNoRows {
			return time.Time{}, classify(err, "time of the data")
		}
		latest = max(latest, at)
	}
	return instant(latest), nil
}

// LostPlacements counts the credited placements lost between two days by reason.
func (s *Store) LostPlacements(ctx context.Context, site int64, from, to day.Day) (map[backlinks.LostReason]int, error) {
	out := map[backlinks.LostReason]int{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var reason backlinks.LostReason
		var n int
		err := rows.Scan((*string)(&reason), &n)
		out[reason] = n
		return err
	}, `SELECT reason, COUNT(*) FROM placement_lost WHERE site_id = $1 AND day BETWEEN $2 AND $3 GROUP BY reason`, site, from.String(), to.String())
	return out, classify(err, "losses by reason")
}

// MarkDay says how many placements went live, and were lost, on one day.
type MarkDay struct {
	Day          day.Day
	Landed, Lost int
	Unconfirmed  int // of Landed
}

// MarkDays lists the days between two days on which a placement went live or
// was lost, oldest first.
func (s *Store) MarkDays(ctx context.Context, site int64, from, to day.Day) ([]MarkDay, error) {
	var out []MarkDay
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var m MarkDay
		var on string
		err := rows.Scan(&on, &m.Landed, &m.Lost, &m.Unconfirmed)
		m.Day = dayOf(on)
		out = append(out, m)
		return err
	}, `SELECT day, placements, placements_lost, unconfirmed FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND placements + placements_lost > 0 ORDER BY day`,
		site, from.String(), to.String())
	return out, classify(err, "days of placements")
}

// MarksOn lists the placements that went live, or with lost those that were
// lost, on the given days.
func (s *Store) MarksOn(ctx context.Context, site int64, days []day.Day, lost bool) ([]Mark, error) {
	if len(days) == 0 {
		return nil, nil
	}
	args := []any{site}
	for _, d := range days {
		args = append(args, d.String())
	}
	query := `SELECT c.link_id, c.pitch_id, c.first_seen, COALESCE(o.key, ''), COALESCE(p.subject, ''), l.authority, c.state
		FROM credit c JOIN link l ON l.id = c.link_id LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id
		WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed') AND c.first_seen IN ` + marks(2, len(days)) + ` AND c.lead`
	if lost {
		query = `SELECT c.link_id, c.pitch_id, x.day, COALESCE(o.key, ''), COALESCE(p.subject, ''), l.authority, c.state
			FROM placement_lost x JOIN credit c ON c.link_id = x.link_id JOIN link l ON l.id = x.link_id LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id
			WHERE x.site_id = $1 AND x.day IN ` + marks(2, len(days))
	}
	var out []Mark
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		m := Mark{Lost: lost}
		var on, state string
		err := rows.Scan(&m.LinkID, &m.PitchID, &on, &m.Outlet, &m.Subject, &m.Authority, &state)
		m.On, m.Confirmed = dayOf(on), State(state) == StateConfirmed
		out = append(out, m)
		return err
	}, query, args...)
	return out, classify(err, "placements")
}

// WinRates counts the pitches sent between two days, and those of them with a
// credited link, by person, or by campaign. Only OwnerID, Owner, Campaign, Sent
// and Placed of a Cohort are filled.
func (s *Store) WinRates(ctx context.Context, site int64, from, to day.Day, campaigns bool) ([]Cohort, error) {
	query := `SELECT owner_id, COALESCE((SELECT a.name FROM account a WHERE a.id = owner_id), owner_name), '', MIN(first_on), MAX(last_on), SUM(sent), SUM(placed)
		FROM pitch_cohort WHERE site_id = $1 AND month BETWEEN $2 AND $3 GROUP BY owner_id, owner_name`
	if campaigns {
		query = `SELECT 0, '', campaign, MIN(first_on), MAX(last_on), SUM(sent), SUM(placed)
			FROM pitch_cohort WHERE site_id = $1 AND month BETWEEN $2 AND $3 GROUP BY campaign`
	}
	since, until := from.String(), to.String()
	var out []Cohort
	whole := true
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var c Cohort
		err := rows.Scan(&c.OwnerID, &c.Owner, &c.Campaign, &c.first, &c.last, &c.Sent, &c.Placed)
		whole = whole && c.first >= since && c.last <= until
		out = append(out, c)
		return err
	}, query, site, since[:min(7, len(since))], until[:min(7, len(until))])
	if err != nil || whole {
		return out, classify(err, "win rates")
	}
	return s.Cohorts(ctx, site, from, to) // the period cuts a month
}
