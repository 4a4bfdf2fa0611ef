// Package day has the calendar day that providers and pitch lists speak of: a
// UTC date without a time, so that no zone can shift it.
package day

import (
	"fmt"
	"time"
)

// Day counts days since 1970-01-01 UTC. The zero value means "not known".
// (1970-01-01 itself cannot be held; no backlink is that old.)
type Day int32

// None is the unknown day.
const None Day = 0

// Of is the UTC calendar day of an instant; the zero time gives None.
func Of(t time.Time) Day {
	if t.IsZero() {
		return None
	}
	s := t.Unix()
	if s < 0 && s%86400 != 0 {
		return Day(s/86400 - 1)
	}
	return Day(s / 86400)
}

// Date is the day of a calendar date.
func Date(year int, month time.Month, d int) Day {
	return Of(time.Date(year, month, d, 0, 0, 0, 0, time.UTC))
}

// Parse reads "2026-03-01", alone or at the start of a timestamp
// ("2026-03-01 12:30:00", "2026-03-01T12:30:00Z"). Empty gives None.
func Parse(s string) (Day, error) {
	if s == "" {
		return None, nil
	}
	if len(s) > 10 && (s[10] == ' ' || s[10] == 'T') {
		s = s[:10]
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return None, fmt.Errorf("%q is not a date like 2026-03-01", s)
	}
	return Of(t), nil
}

// Time is the day's first instant in UTC; None gives the zero time.
func (d Day) Time() time.Time {
	if d == None {
		return time.Time{}
	}
	return time.Unix(int64(d)*86400, 0).UTC()
}

// String is "2026-03-01", or "" for None.
func (d Day) String() string {
	if d == None {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// Known reports whether the day is set.
func (d Day) Known() bool { return d != None }
