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
	d, ok := parse(s)
	if !ok {
		return None, fmt.Errorf("%q is not a date like 2026-03-01", s)
	}
	return d, nil
}

// parse is time.Parse of time.DateOnly at a tenth of its cost: an import asks for
// several days a row.
func parse(s string) (Day, bool) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return None, false
	}
	year, ok := number(s[:4])
	month, okMonth := number(s[5:7])
	d, okDay := number(s[8:])
	if !ok || !okMonth || !okDay || month < 1 || month > 12 || d < 1 || d > 31 {
		return None, false
	}
	if year < 1970 || year > 2099 { // rare, and not every fourth of these years is a leap year
		t := time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
		return Of(t), t.Day() == d
	}
	days, length := (year-1970)*365+(year-1969)/4+before[month-1]+d-1, before[month]-before[month-1]
	switch {
	case year%4 != 0:
	case month == 2:
		length++
	case month > 2:
		days++
	}
	return Day(days), d <= length
}

// before is the days before each month of a common year, and before its end.
var before = [13]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// number reads digits alone.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
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
