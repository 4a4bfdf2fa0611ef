package report

import (
	"landed/internal/day"
)

// MinCases is how many cases a rate, a median or a share needs to be printed.
const MinCases = 5

// Figures are counts of a span of days.
type Figures struct {
	Links, LinksLost                    int
	Placements, Unconfirmed, Lost       int // Unconfirmed of Placements; Lost are placements
	Suggested                           int // links that wait for a person
	Domains, Outreach, DomainsUndecided int
}

// Split is new referring domains by who brought them. The parts sum to the whole.
func (f Figures) Split() Split {
	return Split{Outreach: f.Outreach, Unreviewed: f.DomainsUndecided, Organic: f.Domains - f.Outreach - f.DomainsUndecided}
}

// Split is a whole in three parts.
type Split struct{ Outreach, Unreviewed, Organic int }

// Total is the whole.
func (s Split) Total() int { return s.Outreach + s.Unreviewed + s.Organic }

// Percents are whole percentages of the parts that sum to 100 (to 0 of nothing):
// what rounding leaves over goes to the largest remainders.
func (s Split) Percents() Split {
	parts := [3]int{s.Outreach, s.Unreviewed, s.Organic}
	total := s.Total()
	if total <= 0 {
		return Split{}
	}
	var pct, rest [3]int
	left := 100
	for i, n := range parts {
		pct[i], rest[i] = n*100/total, n*100%total
		left -= pct[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i] > rest[best] {
				best = i
			}
		}
		pct[best]++
		rest[best] = -1
	}
	return Split{pct[0], pct[1], pct[2]}
}

// Rate is a share of cases.
type Rate struct{ Part, Of int }

// Known reports whether there are enough cases to speak of a rate.
func (r Rate) Known() bool { return r.Of >= MinCases }

// Percent is 0 to 100; 0 without cases.
func (r Rate) Percent() float64 {
	if r.Of <= 0 {
		return 0
	}
	return float64(r.Part) / float64(r.Of) * 100
}

// MonthFigures are those of one month, or of the piece of it in the span.
type MonthFigures struct {
	Span
	Figures
}

// Fill gives every month of a span, those without a row with zeros. rows are by
// Month.
func Fill(s Span, rows map[string]Figures) []MonthFigures {
	months := Months(s)
	out := make([]MonthFigures, len(months))
	for i, m := range months {
		out[i] = MonthFigures{m, rows[Month(m.From)]}
	}
	return out
}

// BarSpan is what monthly bars show beside a period: the period's months, and at
// least a year of them, so that a quarter stands among its neighbours. Nothing
// before first is shown unless the period itself begins there.
func BarSpan(p Period, first day.Day) Span {
	from := min(p.From, addMonths(FirstOfMonth(p.To), -11))
	if first.Known() {
		from = max(from, min(p.From, FirstOfMonth(first)))
	}
	return Span{from, p.To}
}

// Reading is one day's figure.
type Reading struct {
	Day   day.Day
	Value float64
}

// Change is the difference of the last and the first reading in a span; ok only
// with two of them.
func Change(rs []Reading, s Span) (diff float64, from day.Day, ok bool) {
	var first, last Reading
	n := 0
	for _, r := range rs {
		if !s.Has(r.Day) {
			continue
		}
		if n == 0 {
			first = r
		}
		last = r
		n++
	}
	return last.Value - first.Value, first.Day, n > 1
}
