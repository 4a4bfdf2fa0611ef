package tabular

import (
	"bytes"
	"strings"
)

// span is one cell of a record: where its text stands in the record.
type span struct {
	from, to int
	doubled  bool // it holds "" for "
}

// cell is the text of s. text begins at base of the record.
func (s span) cell(text string, base int) string {
	cell := text[s.from-base : s.to-base]
	if s.doubled {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	return cell
}

type scanState int

const (
	scanDone  scanState = iota
	scanOpen            // a quoted cell goes on in the next line
	scanStray           // a quote where RFC 4180 allows none
)

// scanStrict splits b, one record without its line end, by RFC 4180. It goes on
// after the spans found already, at offset at. On scanOpen, at is where the open
// cell begins, so that the caller can add a line and go on from there.
func scanStrict(b []byte, delim byte, spans []span, at int) ([]span, int, scanState) {
	quoted := bytes.IndexByte(b[at:], '"') >= 0
	for {
		if at < len(b) && b[at] == '"' {
			s, next, state := scanQuoted(b, delim, at)
			if state != scanDone {
				return spans, at, state
			}
			spans = append(spans, s)
			if next > len(b) {
				return spans, next, scanDone
			}
			at = next
			continue
		}
		end := len(b)
		if quoted {
			for i, c := range b[at:] {
				if c == delim {
					end = at + i
					break
				}
				if c == '"' {
					return spans, at, scanStray
				}
			}
		} else if i := bytes.IndexByte(b[at:], delim); i >= 0 {
			end = at + i
		}
		spans = append(spans, span{from: at, to: end})
		if end == len(b) {
			return spans, end, scanDone
		}
		at = end + 1
	}
}

// scanQuoted reads the quoted cell at b[at]. next is where the next cell
// begins, len(b)+1 if this was the last.
func scanQuoted(b []byte, delim byte, at int) (s span, next int, state scanState) {
	s.from = at + 1
	i := s.from
	for {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return s, at, scanOpen
		}
		i += j + 1
		switch {
		case i == len(b) || b[i] == delim:
			s.to = i - 1
			return s, i + 1, scanDone
		case b[i] == '"':
			s.doubled = true
			i++
		default:
			return s, at, scanStray
		}
	}
}

// splitLenient splits one damaged line into the cells it most likely had. Of
// three readings the first that has width cells wins: quotes that end before a
// delimiter count and others are text; the last open quote runs to the end of
// the line; quotes mean nothing. width 0 takes the first reading.
func splitLenient(line string, delim byte, width int) []string {
	first := splitQuotes(line, delim, false)
	if width == 0 || len(first) == width {
		return first
	}
	for _, cells := range [][]string{splitQuotes(line, delim, true), splitPlain(line, delim)} {
		if len(cells) == width {
			return cells
		}
	}
	return first
}

// splitQuotes goes by a quote that begins a cell and the next one before a
// delimiter. A cell whose quote never ends is cut at the next delimiter, or
// takes all the rest when toEnd is set.
func splitQuotes(line string, delim byte, toEnd bool) []string {
	var cells []string
	endless := false // a search to the end of the line that fails is not repeated
	for {
		body := strings.TrimLeft(line, " ")
		if strings.HasPrefix(body, `"`) && !endless {
			n, ok := closingQuote(body, delim)
			endless = !ok
			if ok {
				cells = append(cells, strings.ReplaceAll(body[1:n], `""`, `"`))
				if n+1 >= len(body) {
					return cells
				}
				line = body[n+2:]
				continue
			}
			if toEnd {
				return append(cells, strings.ReplaceAll(body[1:], `""`, `"`))
			}
		}
		cell, rest, more := strings.Cut(line, string(delim))
		cells = append(cells, strings.TrimPrefix(cell, `"`))
		if !more {
			return cells
		}
		line = rest
	}
}

// closingQuote finds the quote that ends the cell which begins body.
func closingQuote(body string, delim byte) (int, bool) {
	for i := 1; i < len(body); i++ {
		j := strings.IndexByte(body[i:], '"')
		if j < 0 {
			return 0, false
		}
		i += j
		if i+1 == len(body) || body[i+1] == delim {
			return i, true
		}
		if body[i+1] == '"' {
			i++
		}
	}
	return 0, false
}

func splitPlain(line string, delim byte) []string {
	cells := strings.Split(line, string(delim))
	for i, c := range cells {
		cells[i] = strings.Trim(c, `"`)
	}
	return cells
}

// likeRecord reports whether a line inside a quoted cell looks like a record of
// the table, which means that the quote before it was never closed. Prose has
// commas too, but a space follows them, or they stand within a number, or at the
// end of a line ("Dear Ann,").
func likeRecord(line []byte, delim byte, width int) bool {
	if width < 2 {
		return false
	}
	n := 0
	line = trimCR(line)
	for i, c := range line {
		if c != delim {
			continue
		}
		if i+1 < len(line) && line[i+1] == ' ' || c == ',' && (thousands(line, i) || width < 4 && i+1 == len(line)) {
			continue
		}
		n++
	}
	return n >= width-1
}

// thousands reports whether the comma at i stands as in "1,000".
func thousands(b []byte, i int) bool {
	return digitAt(b, i-1) && digitAt(b, i+1) && digitAt(b, i+2) && digitAt(b, i+3) && !digitAt(b, i+4)
}

func digitAt(b []byte, i int) bool {
	return i >= 0 && i < len(b) && b[i] >= '0' && b[i] <= '9'
}

// swallowed reports whether a cell of a record that takes several lines holds
// a line which looks like a record of its own.
func swallowed(record []byte, spans []span, delim byte, width int) bool {
	for _, s := range spans {
		text := record[s.from:s.to]
		for {
			_, rest, more := bytes.Cut(text, []byte{'\n'})
			if !more {
				break
			}
			line, _, _ := bytes.Cut(rest, []byte{'\n'})
			if likeRecord(line, delim, width) {
				return true
			}
			text = rest
		}
	}
	return false
}
