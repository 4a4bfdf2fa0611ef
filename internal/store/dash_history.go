package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// Reading is one figure of a snapshot.
type Reading struct {
	Day        day.Day
	Authority  float64
	RefDomains int
}

// History is the snapshots of one provider. Scores of two providers, or of two
// scales, are no one line, so the one that wrote the latest snapshot is taken.
type History struct {
	Provider  string
	Metric    backlinks.Metric
	FetchedAt time.Time // of the latest
	First     day.Day   // of all, also before the days asked for
	Readings  []Reading // between the days asked for, oldest first
}

// History reads the snapshots of a site between two days.
func (s *Store) History(ctx context.Context, site int64, from, to day.Day) (History, error) {
	var h History
	var latest string
	err := s.providers(ctx, site, func(provider string) error {
		var on, fetched, first string
		var metric backlinks.Metric
		err := s.read.QueryRowContext(ctx, `SELECT on_day, metric, fetched_at, (SELECT MIN(on_day) FROM snapshot m WHERE m.site_id = $1 AND m.provider = $2)
			FROM snapshot n WHERE site_id = $1 AND provider = $2 ORDER BY on_day DESC LIMIT 1`, site, provider).Scan(&on, (*string)(&metric), &fetched, &first)
		if on > latest {
			latest = on
			h = History{Provider: provider, Metric: metric, FetchedAt: instant(fetched), First: dayOf(first)}
		}
		return err
	})
	if err != nil || latest == "" {
		return h, classify(err, "latest snapshot")
	}
	since, until := from.String(), to.String()
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var month, text string
		if err := rows.Scan(&month, &text); err != nil {
			return err
		}
		return readReadings(month, text, func(r Reading) {
			if r.Day >= from && r.Day <= to {
				h.Readings = append(h.Readings, r)
			}
		})
	}, `SELECT month, readings FROM snapshot_month WHERE site_id = $1 AND provider = $2 AND metric = $3 AND month BETWEEN $4 AND $5 ORDER BY month`,
		site, h.Provider, string(h.Metric), since[:min(7, len(since))], until[:min(7, len(until))])
	return h, classify(err, "snapshots")
}

// readReadings reads a row of snapshot_month.
func readReadings(month, text string, f func(Reading)) error {
	first, err := day.Parse(month + "-01")
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		on, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		authority, domains, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(on)
		if err != nil {
			return fmt.Errorf("readings of %s: %w", month, err)
		}
		r := Reading{Day: first + day.Day(n-1)}
		if r.Authority, err = strconv.ParseFloat(authority, 64); err != nil {
			return fmt.Errorf("readings of %s: %w", month, err)
		}
		if r.RefDomains, err = strconv.Atoi(domains); err != nil {
			return fmt.Errorf("readings of %s: %w", month, err)
		}
		f(r)
	}
	return nil
}

// snapshotMonth gives the rows of snapshot_month for one provider's month, by
// metric, from the snapshots.
func snapshotMonth(ctx context.Context, q querier, site int64, provider, month string) (map[string]string, error) {
	out := map[string]string{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var on, metric string
		var authority float64
		var domains int64
		err := rows.Scan(&on, &metric, &authority, &domains)
		if err == nil {
			n := int(dayOf(on).Time().Day())
			out[metric] += fmt.Sprintf("%d %s %d\n", n, strconv.FormatFloat(authority, 'f', -1, 64), domains)
		}
		return err
	}, `SELECT on_day, metric, authority, refdomains FROM snapshot WHERE site_id = $1 AND provider = $2 AND on_day BETWEEN $3 AND $4 ORDER BY on_day`,
		site, provider, month+"-01", month+"-31")
	return out, err
}

// rollupSnapshots writes snapshot_month anew for one provider's month.
func rollupSnapshots(ctx context.Context, tx *sql.Tx, site int64, provider string, on day.Day) error {
	month := on.Time().Format("2006-01")
	now, err := snapshotMonth(ctx, tx, site, provider, month)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM snapshot_month WHERE site_id = $1 AND provider = $2 AND month = $3`, site, provider, month); err != nil {
		return err
	}
	for metric, text := range now {
		if _, err := tx.ExecContext(ctx, `INSERT INTO snapshot_month (site_id, provider, metric, month, readings) VALUES ($1, $2, $3, $4, $5)`,
			site, provider, metric, month, text); err != nil {
			return err
		}
	}
	return nil
}

// checkHistory compares snapshot_month with the snapshots it is made from.
func (s *Store) checkHistory(ctx context.Context, site Site, found []Problem) ([]Problem, error) {
	n, kept := map[string]int{}, map[string]int{}
	count := func(provider, metric string, r Reading, to map[string]int) {
		to[fmt.Sprint(provider, metric, r)]++
	}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var provider, metric, on string
		var r Reading
		err := rows.Scan(&provider, &metric, &on, &r.Authority, &r.RefDomains)
		r.Day = dayOf(on)
		count(provider, metric, r, n)
		return err
	}, `SELECT provider, metric, on_day, authority, refdomains FROM snapshot WHERE site_id = $1`, site.ID)
	if err != nil {
		return nil, err
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var provider, metric, month, text string
		if err := rows.Scan(&provider, &metric, &month, &text); err != nil {
			return err
		}
		return readReadings(month, text, func(r Reading) { count(provider, metric, r, kept) })
	}, `SELECT provider, metric, month, readings FROM snapshot_month WHERE site_id = $1`, site.ID)
	if err != nil {
		return nil, err
	}
	for k := range n {
		if kept[k] != n[k] {
			found = append(found, Problem{"a snapshot of " + site.Host + " is not in its history: " + k})
		}
	}
	if len(kept) != len(n) {
		found = append(found, Problem{"the history of " + site.Host + " has more readings than there are snapshots"})
	}
	return found, nil
}
