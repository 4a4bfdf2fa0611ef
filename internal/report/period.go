package report

import (
	"time"

	"landed/internal/day"
	"landed/internal/fault"
)

// Names of the periods that an address can ask for.
const (
	Quarter     = "q" // this quarter up to today: the default
	LastQuarter = "lq"
	Months3     = "3m" // this month and the two before it, up to today
	Months6     = "6m"
	Months12    = "12m"
	Months24    = "24m"
	All         = "all"
	Custom      = "custom" // from and to are given
)

// Periods are the named periods in the order of menus.
var Periods = []string{Quarter, LastQuarter, Months3, Months6, Months12, Months24, All}

var monthsOf = map[string]int{Months3: 3, Months6: 6, Months12: 12, Months24: 24}

// Span is a run of days, both ends included. The zero Span is none.
type Span struct{ From, To day.Day }

// Known reports whether the span has days.
func (s Span) Known() bool { return s.From.Known() && s.To >= s.From }

// Days is how many days the span has.
func (s Span) Days() int {
	if !s.Known() {
		return 0
	}
	return int(s.To-s.From) + 1
}

// Has reports whether a day lies in the span.
func (s Span) Has(d day.Day) bool { return d.Known() && d >= s.From && d <= s.To }

// Period is what a dashboard shows, and what it is compared with.
type Period struct {
	Name string
	Span
	// Before is as long a piece of time before it: the same days of the
	// quarter or months before, so that a quarter of 55 days so far is held
	// against 55 days; for custom days as many days right before. None for All,
	// and when nothing is known of its first day: growth from no knowledge is
	// none.
	Before Span
}

// Cut finds a period. name "" is Quarter, or Custom when from or to is given as
// 2026-03-01. first is the first day of which anything is known (None: nothing
// is), where All begins and which a missing from stands for; a missing to is
// today. It is Invalid, in the field "from" or "to", when a custom day is no
// date or the days are the wrong way round.
func Cut(name, from, to string, today, first day.Day) (Period, error) {
	p, err := periodOf(name, from, to, today, first)
	if first.Known() && first > p.Before.From {
		p.Before = Span{}
	}
	return p, err
}

func periodOf(name, from, to string, today, first day.Day) (Period, error) {
	if from != "" || to != "" {
		return custom(from, to, today, first)
	}
	p := Period{Name: name}
	switch n := monthsOf[name]; {
	case n > 0:
		p.Span = Span{addMonths(FirstOfMonth(today), 1-n), today}
		p.Before = shift(p.Span, -n)
	case name == All:
		p.Span = Span{today, today}
		if first.Known() && first < today {
			p.From = first
		}
	case name == LastQuarter:
		start := addMonths(quarterOf(today), -3)
		p.Span = Span{start, quarterOf(today) - 1}
		p.Before = Span{addMonths(start, -3), start - 1}
	default:
		p.Name = Quarter
		p.Span = Span{quarterOf(today), today}
		p.Before = shift(p.Span, -3)
	}
	return p, nil
}

func custom(from, to string, today, first day.Day) (Period, error) {
	p := Period{Name: Custom, Span: Span{first, today}}
	if from != "" {
		d, err := day.Parse(from)
		if err != nil || !d.Known() {
			return p, fault.Field("from", "“%s” is not a date like 2026-03-01.", cut(from))
		}
		p.From = d
	}
	if to != "" {
		d, err := day.Parse(to)
		if err != nil || !d.Known() {
			return p, fault.Field("to", "“%s” is not a date like 2026-03-01.", cut(to))
		}
		p.To = d
	}
	if !p.From.Known() {
		p.From = p.To
	}
	if p.To < p.From {
		return p, fault.Field("to", "The last day lies before the first one.")
	}
	if first := day.Date(1990, time.January, 1); p.From < first || p.To > day.Date(2200, time.January, 1) {
		return p, fault.Field("from", "Choose days between 1990 and 2200.")
	}
	p.Before = Span{p.From - day.Day(p.Days()), p.From - 1}
	return p, nil
}

// cut keeps what a person typed short enough for a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// FirstOfMonth is the first day of a day's month.
func FirstOfMonth(d day.Day) day.Day {
	t := d.Time()
	return day.Date(t.Year(), t.Month(), 1)
}

// LastOfMonth is the last day of a day's month.
func LastOfMonth(d day.Day) day.Day { return addMonths(FirstOfMonth(d), 1) - 1 }

func quarterOf(d day.Day) day.Day {
	t := d.Time()
	return day.Date(t.Year(), t.Month()-(t.Month()-1)%3, 1)
}

// addMonths moves a day by months; where the month is too short it is its last
// day, as people expect of "a month ago" on the 31st.
func addMonths(d day.Day, n int) day.Day {
	t := d.Time()
	first := day.Date(t.Year(), t.Month()+time.Month(n), 1)
	last := first.Time().AddDate(0, 1, -1).Day()
	return first + day.Day(min(t.Day(), last)-1)
}

// shift moves a span that begins on the first of a month. A span that ends with
// its month still does so afterwards.
func shift(s Span, months int) Span {
	to := addMonths(s.To, months)
	if s.To == LastOfMonth(s.To) {
		to = LastOfMonth(to)
	}
	return Span{addMonths(s.From, months), to}
}

// Months lists the months that a span touches, as spans cut to it.
func Months(s Span) []Span {
	var out []Span
	for at := s.From; s.Known() && at <= s.To; {
		end := min(LastOfMonth(at), s.To)
		out = append(out, Span{at, end})
		at = end + 1
	}
	return out
}

// Month is the name of a day's month as rows have it: "2026-03".
func Month(d day.Day) string { return d.Time().Format("2006-01") }
