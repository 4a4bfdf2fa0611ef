package store

import (
	"cmp"
	"math/rand"
	"slices"
	"testing"
)

// Many things are put in the same order as few, whatever their ids have in common.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, id := range []func() int64{
		func() int64 { return 7 },
		func() int64 { return r.Int63n(3) },
		func() int64 { return r.Int63() },
		func() int64 { return r.Int63() &^ 0xff00ff00 },
		func() int64 { return 1<<62 + r.Int63n(1000)<<16 },
	} {
		for _, n := range []int{0, 1, byDigits - 1, byDigits, byDigits + 1, 5000} {
			ids, want := make([]int64, n), make([]int, n)
			for i := range ids {
				ids[i], want[i] = id(), i
			}
			slices.SortStableFunc(want, func(a, b int) int { return cmp.Compare(ids[a], ids[b]) })
			if got := orderOf(n, func(i int) int64 { return ids[i] }); !slices.Equal(got, want) {
				t.Errorf("%d ids such as %v are in another order", n, ids[:min(n, 3)])
			}
		}
	}
}
