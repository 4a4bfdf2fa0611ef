package report

import (
	"math"
	"testing"

	"landed/internal/day"
)

// The intervals are those of Newcombe (1998), table I, method 3, and of R's
// prop.test without continuity correction.
func TestWilson(t *testing.T) {
	for _, tc := range []struct {
		part, of  int
		low, high float64
	}{
		{81, 263, 25.53, 36.62}, {15, 148, 6.24, 16.05}, {0, 20, 0, 16.11}, {1, 29, 0.61, 17.18}, {10, 10, 72.25, 100}, {0, 0, 0, 100},
	} {
		low, high := Wilson(Rate{tc.part, tc.of})
		if math.Abs(low-tc.low) > 0.006 || math.Abs(high-tc.high) > 0.006 {
			t.Errorf("%d of %d: %.2f to %.2f, want %.2f to %.2f", tc.part, tc.of, low, high, tc.low, tc.high)
		}
	}
}

func TestWhatIf(t *testing.T) {
	var p Proposals
	p.Right[100], p.Right[85], p.Wrong[84], p.Open[60], p.Right[59] = 3, 2, 1, 7, 50
	want := map[int]Outcome{95: {95, 3, 0, 0}, 85: {85, 5, 0, 0}, 80: {80, 5, 1, 0}, 60: {60, 5, 1, 7}, 84: {84, 5, 1, 0}}
	for _, o := range p.WhatIf(84) {
		if w, ok := want[o.At]; ok && o != w {
			t.Errorf("at %d: %+v, want %+v", o.At, o, w)
		}
	}
	if n, m := len(p.WhatIf(84)), len(p.WhatIf(85)); n != m+1 {
		t.Errorf("%d and %d thresholds", n, m)
	}
	if r := (Outcome{80, 5, 1, 9}).Decided(); r != (Rate{1, 6}) {
		t.Errorf("wrong of decided %+v", r)
	}
}

func TestMedianAge(t *testing.T) {
	d := day.Date(2026, 3, 10)
	for _, tc := range []struct {
		list    []DayCount
		days, n int
	}{
		{nil, 0, 0},
		{[]DayCount{{day.None, 9}}, 0, 0},
		{[]DayCount{{d - 4, 1}}, 4, 1},
		{[]DayCount{{day.None, 9}, {d - 30, 1}, {d - 10, 1}, {d, 1}}, 10, 3},
		{[]DayCount{{d - 30, 5}, {d, 4}}, 30, 9},
		{[]DayCount{{d + 3, 1}}, 0, 1}, // a provider's clock may be ahead
	} {
		if days, n := MedianAge(tc.list, d); days != tc.days || n != tc.n {
			t.Errorf("%v: %d days of %d, want %d of %d", tc.list, days, n, tc.days, tc.n)
		}
	}
}
