package main

import "testing"

// The promises of docs/measurements.md, at the smallest sizes.
func TestSyncIsCheap(t *testing.T) {
	for _, sites := range []int{1, 3} {
		r, err := measure(t.Context(), sites, 12)
		if err != nil {
			t.Fatal(err)
		}
		for what, ok := range map[string]bool{
			"at most a tenth above the least":           r.units <= 1.1*r.leastUnits,
			"units within 1.05 of the model":            r.units <= 1.05*modelUnits,
			"requests within 1.05 of it":                r.requests <= 1.05*modelRequests,
			"no request too many in a minute":           r.refused == 0,
			"nothing stored for nothing new":            r.quiet,
			"no faster and hardly slower than the pace": sites == 1 || r.pace <= 1.05,
		} {
			if !ok {
				t.Errorf("%d sites, %s: %+v", sites, what, r)
			}
		}
	}
}
