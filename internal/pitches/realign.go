package pitches

import (
	"fmt"
	"slices"
	"strings"
)

// realign puts a row in order that has more cells than the header, or cells in
// columns where they cannot belong. Nearly always a comma in a text was not
// quoted, so the cells behind it moved to the right: the text is joined again
// where that makes the typed columns (dates, addresses, status) fit, else what
// is too much goes to the notes.
func (r *reading) realign(cells []string) []string {
	width := r.pl.width
	for len(cells) > width && clean(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	over := len(cells) - width
	if width == 0 || over <= 0 && (over < 0 || r.plausible(cells)) {
		return cells
	}
	if joined := r.rejoin(cells, over); joined != nil {
		return joined
	}
	if over == 0 {
		return cells
	}
	out := append([]string(nil), cells[:width]...)
	rest := strings.Join(cells[width:], ", ")
	if c, ok := r.pl.column(FieldNotes); ok {
		out[c.Index] = joinLines(clean(out[c.Index]), rest)
		r.warn(c, "%s; added to the notes.", tooMany(over))
		return out
	}
	c := newColumn(ColumnMap{Index: width})
	r.warn(c, "%s. Kept as extra.", tooMany(over))
	r.keep(c, rest)
	return out
}

func tooMany(over int) string {
	if over == 1 {
		return "the row has one cell more than the header"
	}
	return fmt.Sprintf("the row has %d cells more than the header", over)
}

// rejoin tries each text column, notes first. Empty cells at the end are cut by
// readers, so the text may have had a few commas more than the row is too wide.
// A row that is not too wide at all was only torn if the parts begin with the
// space that follows a comma.
func (r *reading) rejoin(cells []string, over int) []string {
	for n := max(over, 1); n <= over+3; n++ {
		padded := append(slices.Clone(cells), make([]string, n-over)...)
		for _, f := range []Field{FieldNotes, FieldSubject, FieldAnchor, FieldOutlet, FieldContact, FieldTags, FieldExtra} {
			for _, c := range r.pl.cols {
				if c.Field != f || c.Index+n >= len(padded) {
					continue
				}
				if !torn(padded[c.Index+1:c.Index+n+1], over == 0) {
					continue
				}
				if joined := joinAt(padded, c.Index, n); r.plausible(joined) {
					r.warn(c, "a comma was not quoted; the text was joined again.")
					return joined
				}
			}
		}
	}
	return nil
}

// torn reports whether parts may be the rest of a text.
func torn(parts []string, spaced bool) bool {
	for _, p := range parts {
		t := clean(p)
		if t == "" || isWebAddress(t) || isEmail(t) || isDateCell(t) || spaced && !strings.HasPrefix(p, " ") {
			return false
		}
	}
	return true
}

// joinAt joins the cell at i with the over cells behind it.
func joinAt(cells []string, i, over int) []string {
	out := append([]string(nil), cells[:i]...)
	out = append(out, strings.Join(cells[i:i+over+1], ","))
	return append(out, cells[i+over+1:]...)
}

// plausible reports whether each typed column holds what it should, or nothing.
func (r *reading) plausible(cells []string) bool {
	for _, c := range r.pl.cols {
		s := clean(cells[c.Index])
		if s == "" {
			continue
		}
		ok := true
		switch {
		case c.day != nil:
			ok = isDateCell(s)
		case c.Field == FieldEmail:
			ok = isEmail(s)
		case c.Field == FieldOutletURL || c.Field == FieldLiveURL:
			ok = isWebAddress(s)
		case c.Field == FieldTarget:
			ok = isWebAddress(s) || pathCell().MatchString(s)
		case c.Field == FieldStatus:
			ok = r.pl.statusOf(s).known
		}
		if !ok && !null(s) {
			return false
		}
	}
	return true
}
