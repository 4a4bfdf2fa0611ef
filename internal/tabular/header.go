package tabular

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"landed/internal/fault"
)

// candidate is one line near the top that may be the header.
type candidate struct {
	cells     []string
	delim     byte
	off, size int // where the record stands, from r.pos
	skipped   int // lines before it
	lines     int // lines that it takes
}

// findHeader looks at the first lines, takes the header and moves on behind it.
func (r *Reader) findHeader() error {
	var seen []candidate
	off := 0
	for i := range headerWithin {
		n, err := r.lineEnd(off)
		if err != nil {
			return err
		}
		if r.pos+off >= r.end {
			break
		}
		line := trimCR(r.buf[r.pos+off : r.pos+n])
		if d, ok := excelHint(line); ok && i == 0 && r.opts.Delimiter == 0 {
			r.opts.Delimiter = d
		} else if len(line) > 0 {
			c, err := r.candidateAt(off, n)
			if err != nil {
				return err
			}
			c.skipped = i
			if !allEmpty(c.cells) {
				if r.opts.IsHeader != nil && r.opts.IsHeader(c.cells) {
					return r.accept(c)
				}
				seen = append(seen, c)
			}
		}
		off = n + 1
	}
	if len(seen) == 0 {
		return fault.Wrap(ErrNoHeader, fault.Invalid, "The file has no rows.")
	}
	if r.opts.IsHeader != nil && !r.opts.AnyHeader {
		return fault.Wrap(ErrNoHeader, fault.Invalid, "None of the first %d lines is a known header. The first one begins with “%s”.", headerWithin, clip(seen[0].cells[0]))
	}
	return r.accept(firstHeader(seen))
}

// candidateAt reads the record at off, whose first line ends at n.
func (r *Reader) candidateAt(off, n int) (candidate, error) {
	line := trimCR(r.buf[r.pos+off : r.pos+n])
	c := candidate{off: off, delim: byte(r.opts.Delimiter)}
	if c.delim == 0 {
		c.delim = sniffDelimiter(line)
	}
	size, lines, why, err := r.record(off, c.delim, 0)
	if err != nil {
		return c, err
	}
	if why == "" {
		c.size, c.lines = size, lines
		r.take(r.buf[r.pos+off : r.pos+off+size])
	} else {
		c.size, c.lines = n-off, 1
		raw := string(trimCR(r.buf[r.pos+off : r.pos+n]))
		r.cells = append(r.cells[:0], splitLenient(raw, c.delim, 0)...)
	}
	for _, cell := range r.cells {
		c.cells = append(c.cells, strings.Clone(strings.Trim(strings.TrimSpace(cell), "\uFEFF")))
	}
	return c, nil
}

func (r *Reader) accept(c candidate) error {
	line := c.skipped + 1
	if len(c.cells) > r.opts.MaxColumns {
		return fault.New(fault.TooLarge, "The header in line %d has %d columns; at most %d are read.", line, len(c.cells), r.opts.MaxColumns)
	}
	r.cells = c.cells
	if err := r.checkCells(line); err != nil {
		return err
	}
	r.header, r.delim, r.preamble = c.cells, c.delim, c.skipped
	r.cells = nil
	r.consume(c.off+c.size, c.skipped+c.lines)
	return nil
}

// firstHeader is the first line, unless that is a title: one cell alone, with a
// line of several names below it.
func firstHeader(seen []candidate) candidate {
	if filled(seen[0].cells) == 1 {
		for _, c := range seen[1:min(len(seen), 6)] {
			if filled(c.cells) >= 3 && !strings.Contains(strings.Join(c.cells, " "), "://") {
				return c
			}
		}
	}
	return seen[0]
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if c != "" {
			n++
		}
	}
	return n
}

// excelHint reads "sep=;", with which Excel marks the delimiter of a CSV file.
func excelHint(line []byte) (rune, bool) {
	s := strings.Trim(string(line[:min(len(line), 10)]), `"`)
	if len(s) == 5 && strings.EqualFold(s[:4], "sep=") && s[4] < 0x80 && s[4] != '"' {
		return rune(s[4]), true
	}
	return 0, false
}

// sniffDelimiter takes the most frequent of tab, semicolon, comma and pipe,
// counted outside quotes; in a line with an odd quote everywhere.
func sniffDelimiter(line []byte) byte {
	const known = "\t;,|"
	var outside, all [len(known)]int
	quoted := false
	for _, b := range line {
		if b == '"' {
			quoted = !quoted
			continue
		}
		if i := strings.IndexByte(known, b); i >= 0 {
			all[i]++
			if !quoted {
				outside[i]++
			}
		}
	}
	counts := outside
	if quoted {
		counts = all
	}
	best, most := byte(noDelimiter), 0
	for i, n := range counts {
		if n > most {
			best, most = known[i], n
		}
	}
	return best
}

// oldMacLines reports whether lines end in a lone CR, as Excel for the Mac
// writes "CSV (Macintosh)"; such files may have LF within cells.
func oldMacLines(text []byte) bool {
	if bytes.IndexByte(text, '\r') < 0 {
		return false
	}
	quoted := false
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			return false
		case b == '\r':
			return i+1 == len(text) || text[i+1] != '\n'
		}
	}
	return bytes.IndexByte(text, '\n') < 0
}

// Fingerprint names a header, so that the mapping a person made for one file is
// found again for the next one of the same kind. Case and spaces do not matter,
// the order of the columns does.
func Fingerprint(header []string) string {
	h := sha256.New()
	for _, cell := range header {
		name := strings.ToLower(strings.Join(strings.Fields(cell), " "))
		fmt.Fprintf(h, "%d:%s", len(name), name)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// clip shortens foreign text for a message.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
