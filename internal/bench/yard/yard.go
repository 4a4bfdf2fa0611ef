// Package yard is what the yardsticks share: the tightest plain reading of the
// generated files, and matching by a map in memory. It follows the rules of
// attribution only as far as the generated truth needs, shares no code with the
// product, and so says how fast the same answer could be had.
package yard

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// graceDays is how many days after the link was seen a pitch may be logged.
const graceDays = 3

// Pitch is a row of the pitch list, as far as matching needs it.
type Pitch struct {
	Ref  string
	Sent string // YYYY-MM-DD, "" for drafts
	sent int    // days
}

// Link is a row of the export. The strings are valid until the next row.
type Link struct {
	Source, Target, Anchor, Title string
	First, Last, Lost             string
	Nofollow                      bool
}

// Outcome is what a yardstick prints, as JSON.
type Outcome struct {
	Links, Matched int
	Wrong          int // rows that differ from the truth; -1 when it was not read
}

// Matcher finds the pitch of a link.
type Matcher struct {
	byKey map[string][]Pitch
	keys  map[string]string // host -> outlet key, because hosts repeat
}

// ReadPitches reads the pitch list.
func ReadPitches(path string) (*Matcher, error) {
	m := &Matcher{byKey: map[string][]Pitch{}, keys: map[string]string{}}
	err := rows(path, []string{"id", "outlet", "status", "sent_on"}, func(c []string) {
		if c[2] == "draft" {
			return
		}
		k := m.key(c[1])
		m.byKey[k] = append(m.byKey[k], Pitch{Ref: strings.Clone(c[0]), Sent: strings.Clone(c[3]), sent: days(c[3])})
	})
	for _, list := range m.byKey {
		slices.SortFunc(list, func(a, b Pitch) int { return b.sent - a.sent })
	}
	return m, err
}

// Match is the reference of the latest pitch that the link can come from, or "".
func (m *Matcher) Match(l *Link) string {
	list := m.byKey[m.key(l.Source)]
	if len(list) == 0 {
		return ""
	}
	first := days(l.First)
	for _, p := range list {
		if p.sent <= first+graceDays {
			return p.Ref
		}
	}
	return ""
}

// Links calls f with every row of an export, in UTF-8 with commas or UTF-16LE with tabs.
func Links(path string, f func(*Link)) error {
	var l Link
	names := []string{"Referring page URL", "Target URL", "Anchor", "Referring page title", "First seen", "Last seen", "Lost", "Nofollow"}
	return rows(path, names, func(c []string) {
		l = Link{Source: c[0], Target: c[1], Anchor: c[2], Title: c[3], First: c[4], Last: c[5], Lost: c[6], Nofollow: c[7] == "true"}
		f(&l)
	})
}

// Wrong counts the references, by row, that differ from the truth.
func Wrong(path string, got []string) (int, error) {
	i, wrong := 0, 0
	err := rows(path, []string{"pitch_ref"}, func(c []string) {
		if i >= len(got) || got[i] != c[0] {
			wrong++
		}
		i++
	})
	return wrong + max(0, len(got)-i), err
}

// rows reads a table and hands over the named columns.
func rows(path string, names []string, f func(cells []string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in, comma, err := decoded(file)
	if err != nil {
		return err
	}
	r := csv.NewReader(in)
	r.Comma, r.ReuseRecord = comma, true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := make([]int, len(names))
	for i, n := range names {
		if at[i] = slices.Index(header, n); at[i] < 0 {
			return fmt.Errorf("%s has no column %q", path, n)
		}
	}
	cells := make([]string, len(names))
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, j := range at {
			cells[i] = rec[j]
		}
		f(cells)
	}
}

// days counts the days of a date like 2026-03-01, alone or before a time.
func days(s string) int {
	if len(s) < 10 {
		return -1 << 30
	}
	d := func(i int) int { return int(s[i] - '0') }
	y, m, day := d(0)*1000+d(1)*100+d(2)*10+d(3), d(5)*10+d(6), d(8)*10+d(9)
	if m <= 2 { // the year begins in March, so that the leap day is its last
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + day
}
