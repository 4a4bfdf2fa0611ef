package pitches

import (
	"slices"
	"strings"
)

// Mapping says what to do with each column of a list and each status word. It
// is JSON, kept per header fingerprint so that a list is mapped once.
type Mapping struct {
	Columns []ColumnMap `json:"columns"`
	// StatusMap overrides MapStatus for this list. Keys are folded words, as
	// Mapping.SetStatus makes them.
	StatusMap map[string]Status `json:"status_map,omitempty"`
}

// ColumnMap is one column of a list.
type ColumnMap struct {
	Index  int    `json:"index"` // from 0
	Header string `json:"header"`
	Field  Field  `json:"field"`
	// Why is the reason for the guess, a sentence for the mapping form.
	Why  string `json:"why,omitempty"`
	Sure Sure   `json:"sure,omitempty"`
	// DateOrder is how 03/04/2026 is meant; Ambiguous says that the cells alone
	// do not tell. They are kept for every column, so that a column which a
	// person sends to a date later has them too.
	DateOrder DateOrder `json:"date_order,omitempty"`
	Ambiguous bool      `json:"ambiguous,omitempty"`
	Example   string    `json:"example,omitempty"`  // a cell that both orders fit
	Answered  bool      `json:"answered,omitempty"` // a person said the order
}

// Sure is how sure a guess is.
type Sure string

const (
	SureYes    Sure = "sure"   // name and cells agree
	SureLikely Sure = "likely" // one of them says so
	SureGuess  Sure = "guess"  // worth a look
)

// Dropped reports a column that holds credentials by its name. Such a column is
// never kept, previewed or written to a file of refused rows, whatever Field says.
func (c ColumnMap) Dropped() bool { return secret(c.Header) || c.Why == whySecret }

// SetField sends column index to f. Another column that had f, and cannot share
// it, is kept as extra. Columns with credentials stay dropped.
func (m *Mapping) SetField(index int, f Field) {
	for i := range m.Columns {
		c := &m.Columns[i]
		switch {
		case c.Dropped():
			c.Field = FieldIgnore
		case c.Index == index:
			c.Field, c.Why, c.Sure = f, "You chose it.", SureYes
		case c.Field == f && !f.shared():
			c.Field, c.Why, c.Sure = FieldExtra, "Another column has its field.", SureYes
		}
	}
}

// SetDateOrder answers how dates of column index are meant.
func (m *Mapping) SetDateOrder(index int, o DateOrder) {
	for i := range m.Columns {
		if m.Columns[i].Index == index {
			m.Columns[i].DateOrder, m.Columns[i].Answered = o, o != ""
		}
	}
}

// SetStatus sets what a status word of this list means.
func (m *Mapping) SetStatus(word string, s Status) {
	if m.StatusMap == nil {
		m.StatusMap = map[string]Status{}
	}
	m.StatusMap[statusKey(word)] = s
}

// Status is what a status word means in this list: what was set for it, else
// what MapStatus knows.
func (m *Mapping) Status(word string) (Status, bool) {
	if s, ok := m.StatusMap[statusKey(word)]; ok && s.Valid() {
		return s, true
	}
	return MapStatus(word)
}

// Column is the first column that goes to f.
func (m *Mapping) Column(f Field) (ColumnMap, bool) {
	for _, c := range m.Columns {
		if c.Field == f && !c.Dropped() {
			return c, true
		}
	}
	return ColumnMap{}, false
}

// NeedsDateOrder lists the columns whose dates can be read in two ways and for
// which nobody has said which.
func (m *Mapping) NeedsDateOrder() []ColumnMap {
	var out []ColumnMap
	for _, c := range m.Columns {
		if c.Field.IsDate() && c.Ambiguous && c.DateOrder == "" && !c.Dropped() {
			out = append(out, c)
		}
	}
	return out
}

// UnknownStatuses lists the status words of rows that neither the mapping nor
// MapStatus knows, each once, sorted, at most 100: the person says once what
// they mean.
func (m *Mapping) UnknownStatuses(rows [][]string) []string {
	col, ok := m.Column(FieldStatus)
	if !ok {
		return nil
	}
	seen := map[string]string{}
	for _, r := range rows {
		if col.Index >= len(r) {
			continue
		}
		w := clean(r[col.Index])
		if w == "" || len(w) > maxStatusWord {
			continue
		}
		if _, ok := m.Status(w); !ok && seen[statusKey(w)] == "" && len(seen) < 100 {
			seen[statusKey(w)] = w
		}
	}
	out := make([]string, 0, len(seen))
	for _, w := range seen {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// Redact is a copy of a row without the cells of dropped columns, for previews
// and for the file of refused rows.
func (m *Mapping) Redact(cells []string) []string {
	out := slices.Clone(cells)
	for _, c := range m.Columns {
		if c.Dropped() && c.Index < len(out) {
			out[c.Index] = ""
		}
	}
	return out
}

// kept reports a column that is read: no dropped, ignored or unknown one.
func (c ColumnMap) kept() bool {
	return c.Field != FieldIgnore && c.Field.Valid() && !c.Dropped() && c.Index >= 0
}

// name is the column as messages speak of it.
func (c ColumnMap) name() string {
	if h := strings.TrimSpace(c.Header); h != "" {
		return cut(h, 80)
	}
	return "column " + columnLetter(c.Index)
}

// columnLetter is a spreadsheet's name for a column: 0 is A, 26 is AA.
func columnLetter(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
