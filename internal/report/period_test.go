package report

import (
	"math/rand/v2"
	"testing"
	"time"

	"landed/internal/day"
	"landed/internal/fault"
)

func d(s string) day.Day {
	v, err := day.Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, from, to, today, first string
		want, before                 string // "from to"
		got                          string // the period's name
	}{
		{"", "", "", "2026-11-24", "", "2026-10-01 2026-11-24", "2026-07-01 2026-08-24", Quarter},
		{"nonsense", "", "", "2026-11-24", "", "2026-10-01 2026-11-24", "2026-07-01 2026-08-24", Quarter},
		{"q", "", "", "2026-01-01", "", "2026-01-01 2026-01-01", "2025-10-01 2025-10-01", Quarter},
		{"q", "", "", "2026-12-31", "", "2026-10-01 2026-12-31", "2026-07-01 2026-09-30", Quarter},
		{"q", "", "", "2026-05-31", "", "2026-04-01 2026-05-31", "2026-01-01 2026-02-28", Quarter},
		{"lq", "", "", "2026-02-10", "", "2025-10-01 2025-12-31", "2025-07-01 2025-09-30", LastQuarter},
		{"3m", "", "", "2026-11-24", "", "2026-09-01 2026-11-24", "2026-06-01 2026-08-24", Months3},
		{"12m", "", "", "2026-11-24", "", "2025-12-01 2026-11-24", "2024-12-01 2025-11-24", Months12},
		{"12m", "", "", "2024-02-29", "", "2023-03-01 2024-02-29", "2022-03-01 2023-02-28", Months12},
		{"24m", "", "", "2026-11-30", "", "2024-12-01 2026-11-30", "2022-12-01 2024-11-30", Months24},
		{"all", "", "", "2026-11-24", "2019-05-05", "2019-05-05 2026-11-24", " ", All},
		{"all", "", "", "2026-11-24", "", "2026-11-24 2026-11-24", " ", All},
		{"", "2026-03-05", "2026-03-14", "2026-11-24", "", "2026-03-05 2026-03-14", "2026-02-23 2026-03-04", Custom},
		{"12m", "2026-03-05", "", "2026-03-06", "", "2026-03-05 2026-03-06", "2026-03-03 2026-03-04", Custom},
		{"", "", "2026-03-14", "2026-11-24", "2026-03-13", "2026-03-13 2026-03-14", " ", Custom},
		{"q", "", "", "2026-11-24", "2026-07-01", "2026-10-01 2026-11-24", "2026-07-01 2026-08-24", Quarter},
		{"q", "", "", "2026-11-24", "2026-07-02", "2026-10-01 2026-11-24", " ", Quarter},
	} {
		first := day.None
		if c.first != "" {
			first = d(c.first)
		}
		p, err := Cut(c.name, c.from, c.to, d(c.today), first)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if got := p.From.String() + " " + p.To.String(); got != c.want || p.Name != c.got {
			t.Errorf("%q on %s: %s %s, want %s", c.name, c.today, p.Name, got, c.want)
		}
		if got := p.Before.From.String() + " " + p.Before.To.String(); got != c.before {
			t.Errorf("%q on %s: before it %s, want %s", c.name, c.today, got, c.before)
		}
	}
}

func TestCutRefuses(t *testing.T) {
	for _, c := range []struct{ from, to, field string }{
		{"yesterday", "", "from"}, {"2026-02-30", "", "from"}, {"2026-01-01", "soon", "to"},
		{"2026-02-02", "2026-02-01", "to"}, {"0001-01-01", "", "from"}, {"2026-01-01", "9999-01-01", "from"},
	} {
		_, err := Cut("", c.from, c.to, d("2026-11-24"), day.None)
		if fault.FieldsOf(err)[c.field] == "" {
			t.Errorf("%q to %q: %v, want a message for %s", c.from, c.to, err, c.field)
		}
	}
}

// Whatever the day: a named period ends by today, its months are a partition of
// it, and the one before ends before it begins.
func TestPeriodsHoldOnEveryDay(t *testing.T) {
	for today := d("2023-01-01"); today < d("2028-03-01"); today++ {
		for _, name := range Periods {
			p, err := Cut(name, "", "", today, d("2016-02-29"))
			if err != nil || !p.Known() || p.To > today || p.Name != name {
				t.Fatalf("%s on %s: %+v %v", name, today, p, err)
			}
			if p.Before.Known() && p.Before.To >= p.From || name != All && !p.Before.Known() {
				t.Fatalf("%s on %s: before it %+v", name, today, p.Before)
			}
			if diff := p.Days() - p.Before.Days(); name != All && (diff < -4 || diff > 4) {
				t.Fatalf("%s on %s has %d days, before it %d", name, today, p.Days(), p.Before.Days())
			}
			next := p.From
			for _, m := range Months(p.Span) {
				if m.From != next || m.To < m.From || Month(m.From) != Month(m.To) {
					t.Fatalf("%s on %s: month %+v after %s", name, today, m, next)
				}
				next = m.To + 1
			}
			if next != p.To+1 {
				t.Fatalf("%s on %s: months end on %s", name, today, next-1)
			}
		}
	}
}

func TestBarSpanHoldsThePeriod(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		first := d("2015-01-01") + day.Day(r.IntN(4000))
		today := first + day.Day(r.IntN(3000))
		p, _ := Cut(Periods[r.IntN(len(Periods))], "", "", today, first)
		s := BarSpan(p, first)
		if s.From > p.From || s.To != p.To || len(Months(s)) > max(12, len(Months(p.Span))) {
			t.Fatalf("%+v, first %s: bars %s to %s", p, first, s.From, s.To)
		}
	}
	p, _ := Cut("q", "", "", day.Date(2026, time.November, 24), day.None)
	if n := len(Months(BarSpan(p, day.None))); n != 12 {
		t.Errorf("a quarter stands among %d months", n)
	}
}
