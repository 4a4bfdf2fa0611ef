// Package tabular reads foreign tables as people have them: CSV, TSV, semicolons
// or pipes, in UTF-8, UTF-16 or Windows-1252, with lines before the header and
// with broken quotes. It gives rows with line numbers, as a stream.
//
// A file is read strictly, by RFC 4180. Where that fails, the line at fault is
// read by itself and reported as Damage, and reading goes on with the next line:
// lenient readers let an unclosed quote swallow the lines after it instead.
package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"landed/internal/fault"
)

// The limits that hold where Options leave them at 0.
const (
	DefaultMaxRows    = 200_000
	DefaultMaxColumns = 200
	DefaultMaxCell    = 32 << 10 // bytes
)

const (
	headerWithin = 30   // lines, within which the header must begin
	maxCellLines = 100  // more lines than this in one cell are an unclosed quote
	oddCellLines = 3    // more line ends in a cell are believed only if the record has the header's width
	keptDamage   = 1000 // damaged lines that are kept for the person; all are counted
	rawDamage    = 500  // bytes kept of a damaged line
	firstWindow  = 256 << 10
	chunkSize    = 32 << 10

	// noDelimiter stands for "one column": a list of addresses may hold commas.
	noDelimiter = 0x1F
)

// ErrNoHeader is in the chain of Open's error when no line is a header.
var ErrNoHeader = errors.New("no header row")

// Options say what a table may look like. The zero value takes the first line
// that is not empty as the header.
type Options struct {
	// IsHeader says whether the trimmed cells of one of the first 30 lines are
	// the header. Nil takes the first line that is not empty.
	IsHeader func(cells []string) bool
	// AnyHeader falls back on the first line when IsHeader takes none, so that a
	// person can map unknown columns.
	AnyHeader bool
	// Delimiter is an ASCII character; 0 finds it from the header line.
	Delimiter rune

	MaxRows, MaxColumns, MaxCell int // 0 = the defaults; MaxCell is in bytes
}

// Row is one row of the table. Cells is overwritten by the next call of Next;
// its strings stay as they are, but each keeps some 32 kB of the file in
// memory, so clone what outlives the row.
//
// Cells has at least the header's width: a short row is filled up with "". A
// damaged row may be wider.
type Row struct {
	Line    int // of the row's first line, from 1
	Cells   []string
	Damaged bool // reported in Damage
	Found   int  // cells that the file really has in this row, empty ones at the end aside if too many
}

// Damage is one line that could not be read as it should. The row was given all
// the same, as it was most likely meant.
type Damage struct {
	Line   int
	Reason string // for the person: "a quote is never closed"
	Raw    string // the line, cut to 500 bytes
}

// Format is what was found out about a file, for the person to check.
type Format struct {
	Encoding  string // "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252"
	Delimiter rune   // 0 when there is one column only
	Preamble  int    // lines before the header
	BadBytes  int    // bytes that are no character of the encoding, so far
}

// String is "UTF-16LE, tab".
func (f Format) String() string {
	name := map[rune]string{'\t': "tab", ',': "comma", ';': "semicolon", '|': "pipe", 0: "one column"}[f.Delimiter]
	if name == "" {
		name = fmt.Sprintf("delimiter %q", f.Delimiter)
	}
	return f.Encoding + ", " + name
}

// Reader gives the rows of one table. It is not safe for concurrent use.
type Reader struct {
	opts     Options
	dec      *decoder
	buf      []byte // buf[pos:end] is decoded and not yet read
	pos, end int
	eof      bool

	delim    byte
	header   []string
	preamble int
	line     int // of buf[pos]
	rows     int

	spans   []span
	needed  []run // the columns that Need names; nil = all
	cells   []string
	chunk   strings.Builder
	damage  []Damage
	damaged int
}

// Open finds out the encoding, the delimiter and the header. The error is a
// fault of kind Invalid or TooLarge if it is the file's, with ErrNoHeader in its
// chain if no line is a header; else it is r's own.
func Open(r io.Reader, o Options) (*Reader, error) {
	if o.MaxRows <= 0 {
		o.MaxRows = DefaultMaxRows
	}
	if o.MaxColumns <= 0 {
		o.MaxColumns = DefaultMaxColumns
	}
	if o.MaxCell <= 0 {
		o.MaxCell = DefaultMaxCell
	}
	if o.Delimiter < 0 || o.Delimiter > 127 || o.Delimiter == '"' || o.Delimiter == '\n' || o.Delimiter == '\r' {
		return nil, fault.New(fault.Invalid, "%q cannot separate columns.", o.Delimiter)
	}
	dec, err := newDecoder(r)
	if err != nil {
		return nil, err
	}
	x := &Reader{opts: o, dec: dec, buf: make([]byte, firstWindow), line: 1}
	for x.end < headSize && !x.eof {
		if err := x.fill(firstWindow); err != nil {
			return nil, err
		}
	}
	if oldMacLines(x.buf[:x.end]) {
		x.end = dec.foldCR(x.buf[:x.end])
		dec.oldMac = true
	}
	if err := x.findHeader(); err != nil {
		return nil, err
	}
	return x, nil
}

// Need says which columns of the header the caller looks at, from 0. The cells of others
// may be "" from then on: copying them is much of what reading a row costs. What a
// row is, and what is wrong with it, still follows from all of its cells.
func (r *Reader) Need(columns ...int) {
	r.needed = []run{}
	for _, c := range slices.Sorted(slices.Values(columns)) {
		if n := len(r.needed); n > 0 && c <= r.needed[n-1].to+1 {
			r.needed[n-1].to = c
		} else {
			r.needed = append(r.needed, run{c, c})
		}
	}
}

// run is some columns side by side; to is the last one.
type run struct{ from, to int }

// Header is the header's cells, trimmed.
func (r *Reader) Header() []string { return r.header }

// Format says how the file is read. Whether it is UTF-8 or Windows-1252 may turn
// out only at its first accent, so ask again at the end.
func (r *Reader) Format() Format {
	f := Format{Encoding: r.dec.encoding, Preamble: r.preamble, BadBytes: r.dec.badBytes}
	if r.delim != noDelimiter {
		f.Delimiter = rune(r.delim)
	}
	return f
}

// Damage lists the damaged lines met so far, the first 1,000 of them.
func (r *Reader) Damage() []Damage { return r.damage }

// DamageCount is how many damaged lines there were so far.
func (r *Reader) DamageCount() int { return r.damaged }

// Next gives the next row that is not empty and does not repeat the header, and
// io.EOF after the last one. Any other error ends the reading: a limit of
// Options (a fault that names the line), or an error of the source.
func (r *Reader) Next() (Row, error) {
	for {
		row, err := r.next()
		if err != nil {
			return Row{}, err
		}
		if row.Line == 0 || allEmpty(row.Cells) || r.repeatsHeader(row.Cells) {
			continue
		}
		if r.rows++; r.rows > r.opts.MaxRows {
			return Row{}, fault.New(fault.TooLarge, "The file has more than %d rows (line %d). Split it and import the parts.", r.opts.MaxRows, row.Line)
		}
		return row, r.fitWidth(&row)
	}
}

// next reads one record; a blank line gives a Row without a line number.
func (r *Reader) next() (Row, error) {
	n, err := r.lineEnd(0)
	if err != nil {
		return Row{}, err
	}
	if r.pos == r.end {
		return Row{}, io.EOF
	}
	if len(trimCR(r.buf[r.pos:r.pos+n])) == 0 {
		r.consume(n, 1)
		return Row{}, nil
	}
	width := len(r.header)
	size, lines, why, err := r.record(0, r.delim, width)
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: r.line}
	if why == "" {
		r.take(r.buf[r.pos : r.pos+size])
		r.consume(size, lines)
	} else {
		raw := string(trimCR(r.buf[r.pos : r.pos+n]))
		r.cells = append(r.cells[:0], splitLenient(raw, r.delim, width)...)
		row.Damaged = true
		r.report(r.line, why, raw)
		r.consume(n, 1)
	}
	row.Cells = r.cells
	return row, r.checkCells(row.Line)
}

// take fills r.cells from the spans of one record.
func (r *Reader) take(record []byte) {
	r.cells = r.cells[:0]
	if r.takeNeeded(record) {
		return
	}
	r.cells = r.cells[:0]
	text := r.keep(record)
	for _, s := range r.spans {
		r.cells = append(r.cells, s.cell(text, 0))
	}
}

// takeNeeded leaves out what Need does not name. It gives up where that could change
// what becomes of the row: its width is wrong, a cell is too long, all that is needed
// is empty, or the row may repeat the header.
func (r *Reader) takeNeeded(record []byte) bool {
	if len(r.needed) == 0 || len(r.spans) != len(r.header) {
		return false
	}
	for _, s := range r.spans {
		if s.to-s.from > r.opts.MaxCell {
			return false
		}
	}
	for _, n := range r.needed {
		for len(r.cells) < n.from {
			r.cells = append(r.cells, "")
		}
		base := r.spans[n.from].from
		text := r.keep(record[base:r.spans[n.to].to])
		for _, s := range r.spans[n.from : n.to+1] {
			r.cells = append(r.cells, s.cell(text, base))
		}
	}
	for len(r.cells) < len(r.spans) {
		r.cells = append(r.cells, "")
	}
	first := r.needed[0].from
	return !allEmpty(r.cells) && strings.TrimSpace(r.cells[first]) != r.header[first]
}

// keep copies what stands in the buffer. The records of a block share one string: a
// copy for each of them would cost an allocation a row. A Builder never changes what
// it has given out.
func (r *Reader) keep(b []byte) string {
	if r.chunk.Cap()-r.chunk.Len() < len(b) {
		r.chunk.Reset()
		r.chunk.Grow(max(chunkSize, len(b)))
	}
	from := r.chunk.Len()
	r.chunk.Write(b)
	return r.chunk.String()[from:]
}

// fitWidth fills a short row up, cuts empty cells beyond the header and reports
// a wrong width once.
func (r *Reader) fitWidth(row *Row) error {
	width := len(r.header)
	for len(row.Cells) > width && row.Cells[len(row.Cells)-1] == "" {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	row.Found = len(row.Cells)
	if row.Found != width && !row.Damaged {
		row.Damaged = true
		r.report(row.Line, fmt.Sprintf("%d cells where the header has %d", row.Found, width), r.rejoin(row.Cells))
	}
	for len(row.Cells) < width {
		row.Cells = append(row.Cells, "")
	}
	r.cells = row.Cells
	return nil
}

func (r *Reader) rejoin(cells []string) string {
	return strings.Join(cells, string(rune(r.delim)))
}

// checkCells refuses what is over the limits.
func (r *Reader) checkCells(line int) error {
	if len(r.cells) > r.opts.MaxColumns {
		return fault.New(fault.TooLarge, "Line %d has %d columns; at most %d are read.", line, len(r.cells), r.opts.MaxColumns)
	}
	for i, c := range r.cells {
		if len(c) > r.opts.MaxCell {
			return fault.New(fault.TooLarge, "Line %d, column %d holds %d bytes; a cell may have %d.", line, i+1, len(c), r.opts.MaxCell)
		}
	}
	return nil
}

func (r *Reader) repeatsHeader(cells []string) bool {
	if len(cells) < len(r.header) || strings.TrimSpace(cells[0]) != r.header[0] {
		return false
	}
	for i, h := range r.header {
		if strings.TrimSpace(cells[i]) != h {
			return false
		}
	}
	return true
}

func (r *Reader) report(line int, reason, raw string) {
	r.damaged++
	if len(r.damage) >= keptDamage {
		return
	}
	if len(raw) > rawDamage {
		raw = strings.ToValidUTF8(raw[:rawDamage], "") + "…"
	}
	r.damage = append(r.damage, Damage{Line: line, Reason: reason, Raw: strings.Clone(raw)})
}

func allEmpty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func trimCR(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\r")) }
