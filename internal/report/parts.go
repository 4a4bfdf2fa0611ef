package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Decimals prints shares of things that several have a part in, as "3.5". parts
// are counted in whole-ths. Rounding to the given decimal places never makes
// the printed figures sum to anything but the printed sum of parts: what is left
// over goes to the largest remainders, then to the first.
func Decimals(parts []int64, whole int64, places int) []string {
	unit := int64(1)
	for range places {
		unit *= 10
	}
	n, rest := make([]int64, len(parts)), make([]int64, len(parts))
	sum, given := int64(0), int64(0)
	order := make([]int, len(parts))
	for i, p := range parts {
		n[i], rest[i], order[i] = p*unit/whole, p*unit%whole, i
		sum, given = sum+p, given+n[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	left := (sum*unit+whole/2)/whole - given
	out := make([]string, len(parts))
	for i, at := range order {
		if int64(i) < left {
			n[at]++
		}
	}
	for i := range n {
		out[i] = decimal(n[i], unit, places)
	}
	return out
}

// decimal prints n units without zeros at the end.
func decimal(n, unit int64, places int) string {
	text := strconv.FormatInt(n/unit, 10)
	if n%unit == 0 {
		return text
	}
	digits := strconv.FormatInt(n%unit+unit, 10)[1:]
	return text + "." + strings.TrimRight(digits[:places], "0")
}
