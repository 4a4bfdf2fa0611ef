package report

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"

	"landed/internal/day"
)

// Cohort is what became of the pitches that one person sent in one month for one
// campaign. Each step holds those that got further: Sent ≥ Replied ≥ Accepted ≥
// Placed.
type Cohort struct {
	Month    string // "2026-03"
	OwnerID  int64  // 0 for an owner without an account
	Owner    string
	Campaign string
	Funnel
}

// Funnel counts pitches by how far they got, and what they brought and cost.
type Funnel struct {
	Sent, Replied, Accepted, Placed int
	Links, Live                     int              // credited links; those live and followed today
	Delays                          []int            // days from sending to the first credited link
	Costs                           map[string]int64 // hundredths by currency
}

// Add sums two funnels. Lists and maps of neither are shared with the sum.
func (f *Funnel) Add(g Funnel) {
	f.Delays, f.Costs = slices.Clone(f.Delays), maps.Clone(f.Costs)
	f.include(&g)
}

// include is Add for a sum that owns its list and map already.
func (f *Funnel) include(g *Funnel) {
	f.Sent += g.Sent
	f.Replied += g.Replied
	f.Accepted += g.Accepted
	f.Placed += g.Placed
	f.Links += g.Links
	f.Live += g.Live
	f.Delays = append(f.Delays, g.Delays...)
	for currency, n := range g.Costs {
		if f.Costs == nil {
			f.Costs = map[string]int64{}
		}
		f.Costs[currency] += n
	}
}

// Rate is the placement rate: pitches with a credited placement of those sent.
func (f Funnel) Rate() Rate { return Rate{f.Placed, f.Sent} }

// Sum is the funnel of all cohorts together.
func Sum(cohorts []Cohort) Funnel {
	var f Funnel
	for i := range cohorts {
		f.include(&cohorts[i].Funnel)
	}
	return f
}

// CohortMonth is one month of sending.
type CohortMonth struct {
	Span
	Funnel
	// Open says that the last of its pitches are younger than links usually
	// take: the rate will still rise.
	Open bool
}

// ByMonth puts the cohorts of a span together by month; months in which nothing
// was sent are there with zeros. usual is UsualDelay, today the day it is.
func ByMonth(s Span, cohorts []Cohort, usual int, today day.Day) []CohortMonth {
	rows := map[string][]Cohort{}
	for _, c := range cohorts {
		rows[c.Month] = append(rows[c.Month], c)
	}
	var out []CohortMonth
	for _, m := range Months(s) {
		row := CohortMonth{Span: m, Funnel: Sum(rows[Month(m.From)])}
		row.Open = row.Sent > 0 && m.To+day.Day(usual) > today
		out = append(out, row)
	}
	return out
}

// Group is the pitches of one person or one campaign.
type Group struct {
	ID   int64  // of a person with an account
	Name string // "" for none
	Funnel
}

// ByOwner and ByCampaign put cohorts together, those with most pitches first.
func ByOwner(cohorts []Cohort) []Group {
	return group(cohorts, func(c *Cohort) Group { return Group{ID: c.OwnerID, Name: c.Owner} })
}

func ByCampaign(cohorts []Cohort) []Group {
	return group(cohorts, func(c *Cohort) Group { return Group{Name: c.Campaign} })
}

func group(cohorts []Cohort, of func(*Cohort) Group) []Group {
	type key struct {
		id   int64
		name string
	}
	at := map[key]int{}
	var out []Group
	for i := range cohorts {
		g := of(&cohorts[i])
		k := key{g.ID, g.Name}
		if k.id != 0 {
			k.name = ""
		}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, g)
		}
		out[n].include(&cohorts[i].Funnel)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(b.Placed, a.Placed), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) < 0
	})
	return out
}

// TimeToLink says how long links took. Pitches without a link are censored: a
// link of theirs would take longer than we have seen, so their share is part of
// the answer.
type TimeToLink struct {
	N                 int // pitches whose time is known
	Low, Median, High int // quartiles in days; valid with Known
	Censored          Rate
}

// Known reports whether there are enough cases for quartiles.
func (t TimeToLink) Known() bool { return t.N >= MinCases }

// Delay gives the times of the pitches of a funnel.
func Delay(f Funnel) TimeToLink {
	t := TimeToLink{N: len(f.Delays), Censored: Rate{f.Sent - f.Placed, f.Sent}}
	if t.N == 0 {
		return t
	}
	d := slices.Sorted(slices.Values(f.Delays))
	t.Low, t.Median, t.High = quantile(d, 1), quantile(d, 2), quantile(d, 3)
	return t
}

// quantile is the smallest value that at least q quarters of the cases do not
// exceed: a day that was really seen, not one between two.
func quantile(sorted []int, q int) int {
	return sorted[max(0, (len(sorted)*q+3)/4-1)]
}

// unknownDelay stands for the usual delay while too few links have been seen:
// links that outreach earns mostly show within a quarter.
const unknownDelay = 90

// UsualDelay is the time by which three of four links that pitches earned had
// shown, in days.
func UsualDelay(delays []int) int {
	t := Delay(Funnel{Delays: delays})
	if !t.Known() {
		return unknownDelay
	}
	return max(1, t.High)
}

// Money is what pitches cost, in one currency.
type Money struct {
	Cents    int64
	Currency string
}

// Cost is the money spent on pitches and what it bought. Sums in different
// currencies are never added up.
type Cost struct {
	Spent        []Money // by currency, by name
	PerPlacement Money   // valid with Placements
	PerLive      Money   // valid with Live
	Placements   bool
	Live         bool
}

// CostOf divides what the pitches cost by the placements they got, and by the
// links of theirs that are live and followed today. Pitches without a recorded
// cost count as free. With two currencies, or fewer than MinCases placements or
// links, there is no quotient.
func CostOf(f Funnel) Cost {
	var c Cost
	for _, currency := range slices.Sorted(maps.Keys(f.Costs)) {
		if f.Costs[currency] != 0 {
			c.Spent = append(c.Spent, Money{f.Costs[currency], currency})
		}
	}
	if len(c.Spent) != 1 {
		return c
	}
	m := c.Spent[0]
	if c.Placements = f.Placed >= MinCases; c.Placements {
		c.PerPlacement = Money{divide(m.Cents, f.Placed), m.Currency}
	}
	if c.Live = f.Live >= MinCases; c.Live {
		c.PerLive = Money{divide(m.Cents, f.Live), m.Currency}
	}
	return c
}

// divide rounds half up.
func divide(cents int64, n int) int64 { return (cents + int64(n)/2) / int64(n) }
