package store

import (
	"context"
	"database/sql"
	"fmt"

	"landed/internal/day"
)

// DayFigures are the figures of one day.
type DayFigures struct {
	Day day.Day
	Figures
}

// Daily lists the days between from and to (both included) on which anything
// happened, oldest first.
func (s *Store) Daily(ctx context.Context, site int64, from, to day.Day) ([]DayFigures, error) {
	var out []DayFigures
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var d DayFigures
		var on string
		err := rows.Scan(append([]any{&on}, d.fields()...)...)
		d.Day = dayOf(on)
		out = append(out, d)
		return err
	}, `SELECT day, `+figureColumns+` FROM daily WHERE site_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day`, site, from.String(), to.String())
	return out, classify(err, "daily figures")
}

// Mark is a credited placement on a chart: when it went live, or was lost.
type Mark struct {
	LinkID, PitchID int64
	On              day.Day
	Lost            bool
	Outlet, Subject string
	Authority       float64
	Confirmed       bool
}

// marksAtMost is more than a chart can show; a longer period shows its latest.
const marksAtMost = 1000

// Marks lists the placements that went live, and those that were lost, between
// two days.
func (s *Store) Marks(ctx context.Context, site int64, from, to day.Day) ([]Mark, error) {
	var out []Mark
	read := func(lost bool, query string) error {
		return each(ctx, s.read, func(rows *sql.Rows) error {
			m := Mark{Lost: lost}
			var on, state string
			err := rows.Scan(&m.LinkID, &m.PitchID, &on, &m.Outlet, &m.Subject, &m.Authority, &state)
			m.On, m.Confirmed = dayOf(on), State(state) == StateConfirmed
			out = append(out, m)
			return err
		}, query, site, from.String(), to.String())
	}
	err := read(false, fmt.Sprintf(`SELECT c.link_id, c.pitch_id, c.first_seen, COALESCE(o.key, ''), COALESCE(p.subject, ''), l.authority, c.state
		FROM credit c JOIN link l ON l.id = c.link_id LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id
		WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed') AND c.first_seen BETWEEN $2 AND $3 AND c.lead
		ORDER BY c.first_seen DESC, c.link_id DESC LIMIT %d`, marksAtMost))
	if err != nil {
		return nil, classify(err, "placements")
	}
	err = read(true, fmt.Sprintf(`SELECT c.link_id, c.pitch_id, l.lost_on, COALESCE(o.key, ''), COALESCE(p.subject, ''), l.authority, c.state
		FROM link l JOIN credit c ON c.link_id = l.id LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id
		WHERE l.site_id = $1 AND l.lost_on <> '' AND l.lost_on BETWEEN $2 AND $3 AND c.state IN ('auto', 'confirmed') AND c.lead
		ORDER BY l.lost_on DESC, l.id DESC LIMIT %d`, marksAtMost))
	return out, classify(err, "lost placements")
}

// LostByReason counts the links lost between two days by their reason; with
// credited only those that a pitch earned.
func (s *Store) LostByReason(ctx context.Context, site int64, from, to day.Day, placements bool) (map[string]int, error) {
	out := map[string]int{}
	query := `SELECT l.lost_reason, COUNT(*) FROM link l WHERE l.site_id = $1 AND l.lost_on <> '' AND l.lost_on BETWEEN $2 AND $3 GROUP BY l.lost_reason`
	if placements {
		query = `SELECT l.lost_reason, COUNT(*) FROM link l JOIN credit c ON c.link_id = l.id
			WHERE l.site_id = $1 AND l.lost_on <> '' AND l.lost_on BETWEEN $2 AND $3 AND c.state IN ('auto', 'confirmed') AND c.lead GROUP BY l.lost_reason`
	}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var reason string
		var n int
		err := rows.Scan(&reason, &n)
		out[reason] = n
		return err
	}, query, site, from.String(), to.String())
	return out, classify(err, "losses by reason")
}

// DomainRow is one referring domain of a list.
type DomainRow struct {
	Domain    string
	FirstSeen day.Day
	Class     string // outreach, unreviewed, organic
	Links     int    // stored here
	LiveLinks int
	SaidLinks int // as the provider counts; -1 = it has not said
	Authority float64
	Metric    string
	FirstLink int64
}

// DomainFilter says which referring domains a list shows.
type DomainFilter struct {
	Site     int64
	Class    string
	From, To day.Day
	Prefix   string
	After    string
	Back     bool
	Limit    int
}

// DomainPage is one page of referring domains.
type DomainPage struct {
	Rows       []DomainRow
	Prev, Next string
	Total      Total
}
