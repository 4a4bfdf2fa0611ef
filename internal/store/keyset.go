package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
)

// cursor is a row's place in an order by text, then id: a page starts after it.
type cursor struct {
	text string
	id   int64
}

func (c cursor) String() string { return c.text + "~" + strconv.FormatInt(c.id, 10) }

// parseCursor reads a cursor from a URL. It is the end of a list's link, not a
// secret: any text and id are harmless.
func parseCursor(s string) (cursor, error) {
	text, id, ok := strings.Cut(s, "~")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || len(text) > 300 {
		return cursor{}, errNoPage()
	}
	return cursor{text, n}, nil
}

func errNoPage() error {
	return fault.New(fault.Invalid, "This page of the list does not exist. Go back to its first page.")
}

// order is the columns by which a list goes, both descending. The place in it that a
// cursor names is always a text and an id, so that a link to a page stays one.
type order struct {
	by, id string
	seen   int64 // not 0: by is the column seen of rows of this site, and cursors have the day, as first_seen does
}

// value is the place of a cursor in the column by.
func (o order) value(c cursor) (any, error) {
	if o.seen == 0 {
		return c.text, nil
	}
	if _, err := day.Parse(c.text); err != nil {
		return nil, errNoPage()
	}
	return seenOf(o.seen, c.text), nil
}

// keyset runs a list's query for one page in its order and finds the cursors of its
// neighbours. fetch gets " ORDER BY …" and how many rows to read, one more than the
// page; trim cuts and turns what it kept.
func (s *Store) keyset(_ context.Context, w *where, after string, back bool, limit int, by order,
	fetch func(order string, limit int) ([]cursor, error), trim func(keep int, reverse bool), prev, next *string) error {
	if after != "" {
		c, err := parseCursor(after)
		if err != nil {
			return err
		}
		op := "<"
		if back {
			op = ">"
		}
		value, err := by.value(c)
		if err != nil {
			return err
		}
		w.add(fmt.Sprintf(`(%s, %s) %s (?, ?)`, by.by, by.id, op), value, c.id)
	}
	way := "DESC"
	if back {
		way = "ASC"
	}
	rows, err := fetch(fmt.Sprintf(` ORDER BY %s %s, %s %s`, by.by, way, by.id, way), limit+1)
	if err != nil {
		return err
	}
	more := len(rows) > limit
	keep := min(len(rows), limit)
	rows = rows[:keep]
	if back {
		slices.Reverse(rows)
	}
	trim(keep, back)
	if keep == 0 {
		return nil
	}
	if back && more || !back && after != "" {
		*prev = rows[0].String()
	}
	if !back && more || back {
		*next = rows[keep-1].String()
	}
	return nil
}

// trim cuts a page to size and turns one that was read backwards.
func trim[T any](rows []T, keep int, reverse bool) []T {
	rows = rows[:keep]
	if reverse {
		slices.Reverse(rows)
	}
	return rows
}
