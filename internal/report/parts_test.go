package report

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDecimals(t *testing.T) {
	for _, tc := range []struct {
		parts  []int64
		whole  int64
		places int
		want   []string
	}{
		{[]int64{7, 5}, 2, 1, []string{"3.5", "2.5"}},
		{[]int64{6, 0}, 2, 1, []string{"3", "0"}},
		{[]int64{1, 1, 1}, 3, 1, []string{"0.4", "0.3", "0.3"}}, // not 0.3 three times: they share one
		{[]int64{1, 1, 1}, 3, 3, []string{"0.334", "0.333", "0.333"}},
		{[]int64{2, 1}, 3, 1, []string{"0.7", "0.3"}},
		{[]int64{1}, 3, 1, []string{"0.3"}}, // alone it need not be whole
		{nil, 3, 1, []string{}},
		{[]int64{1, 20}, 20, 2, []string{"0.05", "1"}},
	} {
		if got := Decimals(tc.parts, tc.whole, tc.places); !slices.Equal(got, tc.want) {
			t.Errorf("%v of %d: %q, want %q", tc.parts, tc.whole, got, tc.want)
		}
	}
}

// What is printed sums to the whole number of things, however they are shared.
func TestDecimalsSum(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		n := 1 + r.IntN(9)
		whole, things := int64(720720), int64(1+r.IntN(50))
		parts, left := make([]int64, n), things*whole
		for i := range n - 1 {
			parts[i] = r.Int64N(left + 1)
			left -= parts[i]
		}
		parts[n-1] = left
		sum := new(big.Rat)
		for _, text := range Decimals(parts, whole, 1) {
			v, ok := new(big.Rat).SetString(text)
			if !ok {
				t.Fatalf("%q is no number", text)
			}
			sum.Add(sum, v)
		}
		if sum.Cmp(new(big.Rat).SetInt64(things)) != 0 {
			t.Fatalf("%v of %d sum to %s, want %d", parts, whole, sum, things)
		}
	}
}
