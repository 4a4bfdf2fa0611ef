package attribution

import (
	"slices"
	"testing"

	"landed/internal/day"
)

func TestShares(t *testing.T) {
	d := day.Date(2026, 3, 1)
	credited, early, late, undated := Touch{7, d, true}, Touch{3, d - 9, false}, Touch{9, d + 2, false}, Touch{1, day.None, false}
	for _, tc := range []struct {
		name    string
		model   Model
		touches []Touch
		want    []int64
	}{
		{"alone, last", LastTouch, []Touch{credited}, []int64{Whole}},
		{"alone, linear", Linear, []Touch{credited}, []int64{Whole}},
		{"last is the credited one, whoever was later", LastTouch, []Touch{late, credited, early}, []int64{0, Whole, 0}},
		{"unknown model", "best", []Touch{late, credited}, []int64{0, Whole}},
		{"first", FirstTouch, []Touch{credited, late, early}, []int64{0, 0, Whole}},
		{"first: without a date comes last", FirstTouch, []Touch{undated, credited}, []int64{0, Whole}},
		{"first: same day, lowest id", FirstTouch, []Touch{{8, d, false}, credited}, []int64{0, Whole}},
		{"linear", Linear, []Touch{credited, early}, []int64{Whole / 2, Whole / 2}},
		{"linear of three", Linear, []Touch{credited, early, late}, []int64{240240, 240240, 240240}},
		{"nothing credited", Linear, []Touch{early, late}, []int64{0, 0}},
		{"nobody", FirstTouch, nil, []int64{}},
	} {
		if got := Shares(tc.model, tc.touches); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// However many share, nothing is lost, and the order does not matter.
func TestSharesSum(t *testing.T) {
	for n := 1; n <= 40; n++ {
		list := make([]Touch, n)
		for i := range list {
			list[i] = Touch{PitchID: int64(100 - i), SentOn: day.Date(2026, 1, 1+i%5), Credited: i == n/2}
		}
		turned := slices.Clone(list)
		slices.Reverse(turned)
		for _, m := range Models {
			a, b := Shares(m, list), Shares(m, turned)
			slices.Reverse(b)
			sum := int64(0)
			for _, p := range a {
				sum += p
			}
			if sum != Whole || !slices.Equal(a, b) {
				t.Fatalf("%s of %d: %v, sum %d; turned %v", m, n, a, sum, b)
			}
		}
	}
}
