package tabular

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"landed/internal/day"
)

// DateOrder says how the dates of one column are to be read that do not speak
// for themselves, like 03/04/2026.
type DateOrder int

const (
	AnyOrder   DateOrder = iota // every date of the column can be read one way only
	DayFirst                    // 03/04/2026 is the 3rd of April
	MonthFirst                  // 03/04/2026 is the 4th of March
	Ambiguous                   // both orders fit, or neither fits all: a person has to say
)

func (o DateOrder) String() string {
	switch o {
	case DayFirst:
		return "day first"
	case MonthFirst:
		return "month first"
	case Ambiguous:
		return "ambiguous"
	}
	return "any"
}

// ErrAmbiguousDate is in the chain of ParseDay's error for a date that both
// orders fit, while the order is not known.
var ErrAmbiguousDate = errors.New("day or month first is not clear")

// Dates finds out the date order of one column from all its cells. The zero
// value is ready.
type Dates struct {
	day, month int // cells that fit this order only
	dots       int // cells like 03.04.2026, which nearly everybody writes day first
	both       int
	example    string
}

// Add looks at one cell; what is no date, or clear by itself, changes nothing.
func (d *Dates) Add(cell string) {
	p, ok := splitNumeric(unquoted(cell))
	if !ok || p.yearFirst {
		return
	}
	asDay, asMonth := validDate(p.year, p.b, p.a), validDate(p.year, p.a, p.b)
	switch {
	case asDay && asMonth && p.a == p.b:
	case asDay && asMonth && p.sep == '.':
		d.dots++
	case asDay && asMonth:
		d.both++
		if d.example == "" {
			d.example = strings.Clone(cell)
		}
	case asDay:
		d.day++
	case asMonth:
		d.month++
	}
}

// Order is what the cells so far allow.
func (d *Dates) Order() DateOrder {
	switch {
	case d.day > 0 && d.month > 0:
		return Ambiguous
	case d.day > 0:
		return DayFirst
	case d.month > 0:
		return MonthFirst
	case d.both > 0:
		return Ambiguous
	case d.dots > 0:
		return DayFirst
	}
	return AnyOrder
}

// Example is the first cell that both orders fit, to be shown with the question.
func (d *Dates) Example() string { return d.example }

// The years a date may have; others are typing errors or mean "none".
const firstYear, lastYear = 1971, 2199

// ParseDay reads one date cell: ISO, day or month first with / - or dots, "Sep
// 15, 2026", "15 Sep 2026", "2025年8月3日", Unix seconds or milliseconds, or an Excel
// serial number. A time of day after it is left out; only with an offset it
// decides the UTC day. A Null cell gives day.None. Dates outside the years 1971
// to 2199 and relative ones ("3 days ago") are errors.
func ParseDay(cell string, order DateOrder) (day.Day, error) {
	if d, ok := isoDay(cell); ok {
		return d, nil
	}
	s := unquoted(cell)
	if Null(s) {
		return day.None, nil
	}
	if len(s) > 80 {
		return day.None, notADate(cell)
	}
	if p, ok := splitNumeric(s); ok {
		return p.day(cell, order)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return dayOf(t, cell)
	}
	if d, ok := numberDay(s); ok {
		return d, nil
	}
	if d, ok := wordDay(s); ok {
		return d, nil
	}
	return day.None, notADate(cell)
}

// unquoted is a cell without the quotation marks that some programs put around
// dates, or an apostrophe in front, so that they stay texts.
func unquoted(cell string) string { return strings.Trim(strings.TrimSpace(cell), "'\"") }

func notADate(cell string) error {
	return fmt.Errorf("“%s” is not a date", clip(cell))
}

func dayOf(t time.Time, cell string) (day.Day, error) {
	t = t.UTC()
	if !validDate(t.Year(), int(t.Month()), t.Day()) {
		return day.None, notADate(cell)
	}
	return day.Of(t), nil
}

// isoDay is the fast way for "2026-03-01" and "2026-03-01 12:30:00", which
// nearly all exports have.
func isoDay(s string) (day.Day, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || len(s) > 19 || len(s) > 10 && s[10] != ' ' && s[10] != 'T' {
		return day.None, false
	}
	y, ok1 := digits(s[:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || !validDate(y, m, d) || len(s) > 10 && !clockTime(s[11:]) {
		return day.None, false
	}
	return civil(y, m, d), true
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, s != "" && len(s) < 10
}

func validDate(y, m, d int) bool {
	if y < firstYear || y > lastYear || m < 1 || m > 12 || d < 1 {
		return false
	}
	return d <= 28 || d <= daysIn(y, m)
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// civil counts the days since 1970-01-01 in a year that begins in March, so
// that the leap day comes last; for years after 1970.
func civil(y, m, d int) day.Day {
	if m <= 2 {
		y--
		m += 12
	}
	return day.Day(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468)
}

// numeric is a date of three numbers.
type numeric struct {
	year, a, b int // a and b are month and day, or day and month
	sep        byte
	yearFirst  bool
}

// splitNumeric reads 3/4/2026, 03-04-26, 3.4.2026, 2026/3/4, each with or
// without a time of day behind it.
func splitNumeric(s string) (numeric, bool) {
	var p numeric
	var n [3]int
	var width [3]int
	rest := s
	for i := range n {
		w := 0
		for w < len(rest) && w < 5 && rest[w]-'0' <= 9 {
			w++
		}
		v, ok := digits(rest[:w])
		if !ok {
			return p, false
		}
		n[i], width[i], rest = v, w, rest[w:]
		if i == 2 {
			break
		}
		if rest == "" || rest[0] != '/' && rest[0] != '-' && rest[0] != '.' || i == 1 && rest[0] != p.sep {
			return p, false
		}
		p.sep, rest = rest[0], rest[1:]
	}
	if rest != "" && !clockTime(strings.TrimLeft(strings.TrimPrefix(rest, ","), " T")) || rest != "" && strings.IndexByte(" T,", rest[0]) < 0 {
		return p, false
	}
	switch {
	case width[0] == 4 && width[1] <= 2 && width[2] <= 2:
		p.yearFirst, p.year, p.a, p.b = true, n[0], n[1], n[2]
	case width[0] <= 2 && width[1] <= 2 && width[2] == 4:
		p.year, p.a, p.b = n[2], n[0], n[1]
	case width[0] <= 2 && width[1] <= 2 && width[2] == 2:
		p.year, p.a, p.b = 2000+n[2], n[0], n[1]
	default:
		return p, false
	}
	return p, true
}

// clockTime takes "12:30", "12:30:00", "12:30:00.5", "2:30 PM" and "12:30:00 UTC".
func clockTime(s string) bool {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "Z"), " UTC")
	if n := len(s); n > 3 && s[n-1]|0x20 == 'm' && (s[n-2]|0x20 == 'a' || s[n-2]|0x20 == 'p') {
		s = strings.TrimRight(s[:n-2], " ")
	}
	if len(s) < 4 || len(s) > 18 || s[0]-'0' > 9 {
		return false
	}
	colons := 0
	for i := range len(s) {
		switch {
		case s[i] == ':':
			colons++
		case s[i] != '.' && s[i]-'0' > 9:
			return false
		}
	}
	return colons == 1 || colons == 2
}

// day reads the numbers in the given order.
func (p numeric) day(cell string, order DateOrder) (day.Day, error) {
	asMonth, asDay := validDate(p.year, p.a, p.b), validDate(p.year, p.b, p.a)
	switch {
	case p.yearFirst && asMonth:
		return civil(p.year, p.a, p.b), nil
	case p.yearFirst || !asMonth && !asDay:
		return day.None, notADate(cell)
	case order == DayFirst && !asDay, order == MonthFirst && !asMonth:
		return day.None, fmt.Errorf("“%s” is not a date with the %s", clip(cell), order)
	case order == AnyOrder || order == Ambiguous:
		if asDay && asMonth && p.a != p.b && (p.sep != '.' || order == Ambiguous) {
			return day.None, fmt.Errorf("“%s”: %w", clip(cell), ErrAmbiguousDate)
		}
	}
	if asDay && order != MonthFirst {
		return civil(p.year, p.b, p.a), nil
	}
	return civil(p.year, p.a, p.b), nil
}

// numberDay reads 20260915, Unix seconds (9 or 10 digits), Unix milliseconds
// (12 or 13) and Excel serials, which count days since 1899-12-30 and may have
// the time as a fraction.
func numberDay(s string) (day.Day, bool) {
	if n, ok := digits(s); ok && len(s) == 8 {
		y, m, d := n/10000, n/100%100, n%100
		return civil(y, m, d), validDate(y, m, d)
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || s[0] == '+' || strings.Trim(s, "0123456789.,") != "" {
		return day.None, false
	}
	var days float64
	whole, _, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	switch len(whole) {
	case 5:
		days = math.Floor(f) - 25569
		if f < 26299 { // before 1972: a number of something else
			return day.None, false
		}
	case 9, 10:
		days = math.Floor(f / 86400)
	case 12, 13:
		days = math.Floor(f / 86400e3)
	default:
		return day.None, false
	}
	d := day.Day(days)
	t := d.Time()
	return d, validDate(t.Year(), int(t.Month()), t.Day())
}
