package store

import (
	"fmt"
	"strings"

	"landed/internal/day"
)

// inList is how many values one IN list holds: SQLite allows 32,766 arguments,
// but the text of the statement is parsed each time.
const inList = 500

// marks prints ($from, $from+1, …), n of them.
func marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i == 0 {
			b.WriteByte('(')
		} else {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	b.WriteByte(')')
	return b.String()
}

func anys[T any](vs []T) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dayOf reads a stored day; what only this package writes cannot be malformed.
func dayOf(s string) day.Day {
	d, _ := day.Parse(s)
	return d
}
