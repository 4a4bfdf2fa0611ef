package store

import (
	"context"
	"database/sql"

	"landed/internal/day"
)

// Lists and figures walk the links and the referring domains of a site by the day on
// which they were first seen. Their column seen holds site and day as one number that
// orders as the two do; first_seen is what is shown. An index that begins with a
// number which differs from row to row takes two thirds of the time to make of one
// that begins with the site and a text.
const (
	seenBits = 22              // for the day
	lastSeen = 1<<seenBits - 1 // in the year 11483
	yearZero = 719528          // days from the beginning of the year 0, with which texts of days begin, to 1970
)

// seenOf is the column seen of what was first seen on a day, "" for an unknown one,
// which comes before all others. A text that is no day, such as firstDay, comes next.
func seenOf(site int64, on string) int64 {
	n := int64(0)
	if on != "" {
		n = 1
		if d, err := day.Parse(on); err == nil {
			n = min(max(int64(d)+yearZero, 1), lastSeen)
		}
	}
	return site<<seenBits | n
}

// seenOn is the day of a value of seen, as first_seen has it.
func seenOn(seen int64) string {
	if seen &= lastSeen; seen == 0 {
		return ""
	}
	return day.Day(seen - yearZero).String()
}

// seenBetween is the first and the last value of seen in a site's period. None leaves
// its end open; before the first day is what has no known one.
func seenBetween(site int64, from, to day.Day) (first, last int64) {
	if first, last = seenOf(site, from.String()), seenOf(site, to.String()); to == day.None {
		last = site<<seenBits | lastSeen
	}
	return first, last
}

// seen narrows to a site's period by the column seen, in whose order the rows are
// walked. A page behind the place after in the list, or with back before it, begins at
// that place, which the database must not overlook for the end of the period: a unary
// plus keeps it from beginning there.
func (w *where) seen(column string, site int64, from, to day.Day, after string, back bool) {
	lower, upper := column, column
	switch {
	case after != "" && back:
		lower = `+` + column
	case after != "":
		upper = `+` + column
	}
	first, last := seenBetween(site, from, to)
	w.add(lower+` >= ? AND `+upper+` <= ?`, first, last)
}

// checkSeen finds what stands in lists where its day does not belong.
func (s *Store) checkSeen(ctx context.Context) (found []Problem, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var what, on string
		var site, seen int64
		err := rows.Scan(&what, &site, &on, &seen)
		if err == nil && seen != seenOf(site, on) && len(found) < problemsAtMost {
			found = append(found, Problem{what + " was first seen on “" + on + "” and stands in lists as if on “" + seenOn(seen) + "”"})
		}
		return err
	}, `SELECT 'link ' || id, site_id, first_seen, seen FROM link UNION ALL SELECT 'referring domain ' || domain, site_id, first_seen, seen FROM refdomain`)
	return found, err
}
