package report

import (
	"math"
	"slices"

	"landed/internal/day"
)

// Wilson is the 95 % interval of a share after Wilson (1927), in per cent: it
// stays within 0 and 100 and holds for few cases and for extreme shares, where
// the usual one does not. Of no cases it is everything.
func Wilson(r Rate) (low, high float64) {
	if r.Of <= 0 {
		return 0, 100
	}
	const z = 1.959963984540054
	n, p := float64(r.Of), float64(r.Part)/float64(r.Of)
	mid, wide := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return math.Max(0, (mid-wide)/(1+z*z/n)) * 100, math.Min(1, (mid+wide)/(1+z*z/n)) * 100
}

// thresholds are the scores that the page of accuracy compares.
var thresholds = []int{95, 90, 85, 80, 75, 70, 65, 60}

// Proposals counts links by the score that the rules gave them, 0 to 100, where
// the score alone decides whether a link is credited automatically.
type Proposals struct {
	Right, Wrong [101]int // decided by people
	Open         [101]int // not decided
}

// Outcome is what a threshold would have credited.
type Outcome struct {
	At           int
	Right, Wrong int
	Open         int
}

// Decided are the links of an outcome that people have decided on; Part of it
// are the wrong ones.
func (o Outcome) Decided() Rate { return Rate{o.Wrong, o.Right + o.Wrong} }

// WhatIf says what would have been credited from 95, 90 … 60 on, and from the
// threshold that the workspace has now. Highest first.
func (p *Proposals) WhatIf(now int) []Outcome {
	list := thresholds
	if !slices.Contains(list, now) && now > 0 && now <= 100 {
		list = append(slices.Clone(list), now)
		slices.SortFunc(list, func(a, b int) int { return b - a })
	}
	out := make([]Outcome, 0, len(list))
	for _, at := range list {
		o := Outcome{At: at}
		for score := at; score <= 100; score++ {
			o.Right += p.Right[score]
			o.Wrong += p.Wrong[score]
			o.Open += p.Open[score]
		}
		out = append(out, o)
	}
	return out
}

// DayCount is how many there are of a day.
type DayCount struct {
	Day day.Day
	N   int
}

// MedianAge is the age in days that half of them have at least reached, and how
// many there are with a day. list is in the order of days.
func MedianAge(list []DayCount, today day.Day) (days, n int) {
	for _, c := range list {
		if c.Day.Known() {
			n += c.N
		}
	}
	left := (n + 1) / 2
	for i := len(list) - 1; i >= 0; i-- { // the youngest first
		if !list[i].Day.Known() {
			continue
		}
		if left -= list[i].N; left <= 0 {
			return max(0, int(today-list[i].Day)), n
		}
	}
	return 0, n
}
