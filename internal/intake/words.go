package intake

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"landed/internal/pitches"
	"landed/internal/store"
)

// StatusWord is a word of a list's status column and what it means so far.
type StatusWord struct {
	Word   string
	Rows   int
	Status pitches.Status
	Known  bool // false: the pitch gets its status from its dates, the word goes to the notes
}

// wordLimit keeps a column of prose that was taken for a status from filling
// the form.
const wordLimit = 50

// Words are the words of the status column of m, unknown ones first, then the
// frequent ones, at most 50. Of a list that Inspect read they are those of its
// first rows.
func (l List) Words(m *pitches.Mapping) []StatusWord {
	col, ok := m.Column(pitches.FieldStatus)
	if !ok {
		return nil
	}
	at := map[string]int{}
	var out []StatusWord
	for _, r := range l.all {
		if col.Index >= len(r) {
			continue
		}
		w := strings.TrimSpace(r[col.Index])
		if w == "" || len(w) > 300 {
			continue
		}
		key := strings.ToLower(w)
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key] = i
			s, known := m.Status(w)
			out = append(out, StatusWord{Word: strings.Clone(w), Status: s, Known: known})
		}
		out[i].Rows++
	}
	slices.SortStableFunc(out, func(a, b StatusWord) int {
		if a.Known != b.Known {
			return cmp.Compare(known(a), known(b))
		}
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Word, b.Word))
	})
	return out[:min(len(out), wordLimit)]
}

func known(w StatusWord) int {
	if w.Known {
		return 1
	}
	return 0
}

// Examples are the first different cells of a column that are not empty, at
// most n.
func (l List) Examples(column, n int) []string {
	var out []string
	for _, r := range l.Sample {
		if column >= len(r) {
			continue
		}
		if c := strings.TrimSpace(r[column]); c != "" && !slices.Contains(out, c) {
			if out = append(out, c); len(out) == n {
				break
			}
		}
	}
	return out
}

// Preview reads the first rows as o says, without a look at the pitches that
// are there already: every row that can be read is new. Rows that are no pitch
// are left out.
func Preview(ctx context.Context, st *store.Store, site store.Site, l List, o PitchesOptions, n int) ([]pitches.Verdict, error) {
	plan, err := planner(ctx, st, site, o, func(string) (*pitches.Pitch, bool) { return nil, false })
	if err != nil {
		return nil, err
	}
	var out []pitches.Verdict
	for i, cells := range l.Sample {
		if v := plan.Row(l.lines[i], cells); v.Kind != pitches.RowSkipped {
			if out = append(out, v); len(out) == n {
				break
			}
		}
	}
	return out, nil
}
