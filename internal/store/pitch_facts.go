package store

import (
	"context"
	"database/sql"

	"landed/internal/attribution"
	"landed/internal/day"
)

// CountPitches is how many pitches a filter has, exact up to a thousand.
func (s *Store) CountPitches(ctx context.Context, f PitchFilter) (Total, error) {
	t, err := s.pitchTotal(ctx, f)
	return t, classify(err, "count pitches")
}

// recentPitches is how far back the forms look for what was typed before.
const recentPitches = 200

// RecentTargets lists the pages of ours that the latest pitches of a site asked
// links to, at most 20.
func (s *Store) RecentTargets(ctx context.Context, site int64) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var target string
		err := rows.Scan(&target)
		if target != "" && !seen[target] && len(out) < 20 {
			seen[target] = true
			out = append(out, target)
		}
		return err
	}, `SELECT target_url FROM pitch WHERE site_id = $1 AND deleted_at = '' ORDER BY sent_on DESC, id DESC LIMIT $2`, site, recentPitches)
	return out, classify(err, "recent targets")
}

// Assist is a link that a pitch may have helped to earn: the rules gave it
// enough points, another pitch more.
type Assist struct {
	LinkRow
	Score   int
	Reasons []attribution.Reason
}

// scanMore hands further columns to a scan function that knows only its own.
type scanMore struct {
	row  scanner
	more []any
}

func (x scanMore) Scan(dest ...any) error { return x.row.Scan(append(dest, x.more...)...) }

// PitchAssists lists links in which a pitch is a runner-up, best first, at most
// 20. It goes by the domains that the pitch may claim, because assists are
// kept by link.
func (s *Store) PitchAssists(ctx context.Context, site, pitch int64) ([]Assist, error) {
	var out []Assist
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var a Assist
		var reasons string
		var err error
		a.LinkRow, err = s.scanLinkRow(scanMore{rows, []any{&a.Score, &reasons}})
		a.Reasons = readReasons(reasons)
		out = append(out, a)
		return err
	}, `SELECT `+linkRowColumns+`, x.score, x.reasons FROM pitch_domain pk CROSS JOIN link l ON l.domain_id = pk.domain_id AND l.site_id = $2
		JOIN assist x ON x.link_id = l.id AND x.pitch_id = pk.pitch_id LEFT JOIN credit c ON c.link_id = l.id`+linkJoins+`
		WHERE pk.pitch_id = $1 ORDER BY x.score DESC, l.id LIMIT 20`, pitch, site)
	return out, classify(err, "assists of pitch")
}

// OutletRecord is how pitches of a site to one outlet went.
type OutletRecord struct {
	Pitches, Landed int
	LastSent        day.Day
}

// OutletRecord counts a site's pitches to an outlet.
func (s *Store) OutletRecord(ctx context.Context, site, outlet int64) (OutletRecord, error) {
	var o OutletRecord
	var last string
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN status = 'landed' THEN 1 ELSE 0 END), 0), COALESCE(MAX(sent_on), '')
		FROM pitch WHERE outlet_id = $1 AND deleted_at = '' AND site_id = $2 AND status <> 'draft'`, outlet, site).Scan(&o.Pitches, &o.Landed, &last)
	o.LastSent = dayOf(last)
	return o, classify(err, "record of outlet")
}

// PitchWithLinks is one pitch with the number of its links, as in a list.
func (s *Store) PitchWithLinks(ctx context.Context, id int64) (PitchRow, error) {
	p, err := s.Pitch(ctx, id)
	if err != nil {
		return PitchRow{}, err
	}
	rows := []PitchRow{{Pitch: p}}
	err = s.countPitchLinks(ctx, rows)
	return rows[0], classify(err, "links of pitch")
}
