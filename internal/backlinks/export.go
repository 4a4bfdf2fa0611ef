package backlinks

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/tabular"
)

// ExportOptions are for reading an export file; the zero value is for uploads.
type ExportOptions struct {
	MaxRows int // 0 = tabular.DefaultMaxRows
	// DateOrder is a person's answer for dates like 03/04/2026, which a file has
	// after a round trip through a spreadsheet. AnyOrder finds it from the rows.
	DateOrder tabular.DateOrder
}

// ExportReader gives the links of one export file. It is not safe for
// concurrent use.
type ExportReader struct {
	table  *tabular.Reader
	format *exportFormat
	at     [columnCount]int // where a field stands in a row, -1 = not in the file
	order  tabular.DateOrder

	ahead    []tabular.Row // rows read to find the date order
	aheadErr error

	notes     []RowError
	noteCount int
}

// RowError is what is wrong with one row; the next one can be read.
type RowError struct {
	Line   int
	Column string // the column's name in the file, "" for the row as a whole
	Value  string // what stands there
	Reason string // "is not a date"
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d, %s: %s", e.Line, e.Column, e.Reason)
}

const keptNotes = 1000

// ReportName says which tool's report has such a header, in words: "Ahrefs'
// referring IPs report". "" for headers that belong to none that is known.
func ReportName(header []string) string {
	if f, _ := formatOf(header); f != nil {
		return f.name
	}
	return ""
}

// OpenExport finds out which report a file is. A file that is not a backlink
// export, or one of a tool that is not read, is refused with a fault.Invalid
// that says in words what it is. If its dates can be read both ways, the error
// has the form field "date_order" and ExportOptions.DateOrder decides.
func OpenExport(r io.Reader, o ExportOptions) (*ExportReader, error) {
	table, err := tabular.Open(r, tabular.Options{
		MaxRows:   o.MaxRows,
		AnyHeader: true,
		IsHeader: func(cells []string) bool {
			f, _ := formatOf(cells)
			return f != nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("open export: %w", err)
	}
	format, names := formatOf(table.Header())
	if format == nil || !format.readable() {
		return nil, refuse(format, table.Header())
	}
	x := &ExportReader{table: table, format: format, order: o.DateOrder}
	for c := range columnCount {
		x.at[c] = -1
		for _, name := range format.columns[c] {
			if i, ok := names[name]; ok && x.at[c] < 0 {
				x.at[c] = i
			}
		}
	}
	table.Need(slices.DeleteFunc(slices.Clone(x.at[:]), func(i int) bool { return i < 0 })...)
	return x, x.findOrder()
}

// refuse says what a file is that is not read.
func refuse(f *exportFormat, header []string) error {
	var names []string
	for _, h := range header {
		if h != "" && len(names) < 3 {
			names = append(names, strings.ToValidUTF8(h[:min(len(h), 40)], ""))
		}
	}
	columns := strings.Join(names, ", ")
	if len(header) > len(names) {
		columns += ", …"
	}
	if f == nil {
		return fault.New(fault.Invalid, "This is no backlink export that Landed knows (%s). Export “Backlinks” from Ahrefs' Site Explorer.", columns)
	}
	return fault.New(fault.Invalid, "This is %s (%s), %s", f.name, columns, f.refusal)
}

// The rows that are looked at before the first one is given: a few always, many
// if there are dates whose order is not clear.
const (
	aheadShort = 20
	aheadLong  = 5000
)

// findOrder reads ahead until the order of the dates is clear.
func (x *ExportReader) findOrder() error {
	if x.order == tabular.DayFirst || x.order == tabular.MonthFirst {
		return nil
	}
	var dates tabular.Dates
	for i := range aheadLong {
		if i >= aheadShort && dates.Order() != tabular.Ambiguous {
			break
		}
		row, err := x.table.Next()
		if err != nil {
			x.aheadErr = err
			break
		}
		row.Cells = slices.Clone(row.Cells)
		x.ahead = append(x.ahead, row)
		for _, c := range []column{colFirstSeen, colLastSeen, colLost} {
			dates.Add(x.cell(row.Cells, c))
		}
	}
	x.order = dates.Order()
	switch {
	case x.order != tabular.Ambiguous:
		return nil
	case dates.Example() == "":
		return fault.Field("date_order", "Say how the dates are written: some have the day first, others the month.")
	}
	return fault.Field("date_order", "Say how the dates are written: in “%s” it is not clear whether the day or the month comes first.", dates.Example())
}

// Format says in words what the file is: "Ahrefs backlinks, UTF-16LE, tab, 37
// columns".
func (x *ExportReader) Format() string {
	return fmt.Sprintf("%s, %v, %d columns", x.format.name, x.table.Format(), len(x.table.Header()))
}

// Provider is the Link.Provider of all links of the file.
func (x *ExportReader) Provider() string { return x.format.provider }

// Damage lists lines with broken quotes or of the wrong width, the first 1,000.
// Those of the wrong width come out of Next as errors too.
func (x *ExportReader) Damage() []tabular.Damage { return x.table.Damage() }

// Notes lists cells that could not be read and were taken as not reported, while
// their row was kept: the first 1,000 of them.
func (x *ExportReader) Notes() []RowError { return x.notes }

// NoteCount is how many such cells there were.
func (x *ExportReader) NoteCount() int { return x.noteCount }

// Next reads the next link into l and says in which line it stands. A *RowError
// leaves l undefined and reading can go on; io.EOF and any other error end it.
func (x *ExportReader) Next(l *Link) (line int, err error) {
	row, err := x.row()
	if errors.Is(err, io.EOF) {
		return 0, io.EOF
	}
	if err != nil {
		return 0, fmt.Errorf("read export: %w", err)
	}
	if width := len(x.table.Header()); row.Found != width {
		// Which cell is missing nobody knows, so none can be trusted.
		return row.Line, &RowError{
			Line: row.Line, Value: clip(strings.Join(row.Cells, " ")),
			Reason: fmt.Sprintf("it has %d cells where the header has %d", row.Found, width),
		}
	}
	*l = Link{Provider: x.format.provider}
	if err := x.read(row, l); err != nil {
		return row.Line, err
	}
	return row.Line, nil
}

func (x *ExportReader) row() (tabular.Row, error) {
	if len(x.ahead) > 0 {
		row := x.ahead[0]
		x.ahead = x.ahead[1:]
		return row, nil
	}
	if x.aheadErr != nil {
		return tabular.Row{}, x.aheadErr
	}
	return x.table.Next()
}

// cell is the text of a field, "" if the file has no such column.
func (x *ExportReader) cell(cells []string, c column) string {
	if i := x.at[c]; i >= 0 {
		return cells[i]
	}
	return ""
}

func (x *ExportReader) read(row tabular.Row, l *Link) error {
	cells := row.Cells
	for _, c := range []column{colSource, colTarget} {
		if tabular.Null(x.cell(cells, c)) {
			return x.rowError(row, c, "has no address")
		}
	}
	l.SourceURL, l.TargetURL = strings.TrimSpace(x.cell(cells, colSource)), strings.TrimSpace(x.cell(cells, colTarget))
	l.Anchor, l.Title, l.Author = x.cell(cells, colAnchor), x.cell(cells, colTitle), x.cell(cells, colAuthor)
	for _, a := range []struct { // blanks of any kind are cut off only here
		c    column
		text string
	}{{colSource, l.SourceURL}, {colTarget, l.TargetURL}} {
		if a.text == "" {
			return x.rowError(row, a.c, "has no address")
		}
	}
	l.Kind = kindOf(x.cell(cells, colKind))
	for _, f := range []struct {
		c    column
		into *Tri
	}{{colNofollow, &l.Nofollow}, {colUGC, &l.UGC}, {colSponsored, &l.Sponsored}} {
		var ok bool
		if *f.into, ok = triOf(x.cell(cells, f.c)); !ok {
			x.note(row, f.c, "is neither true nor false")
		}
	}
	var ok bool
	if l.Authority, l.Metric, ok = x.authority(x.cell(cells, colAuthority)); !ok {
		x.note(row, colAuthority, "is not a figure from 0 to 100")
	}
	if l.HTTPCode, ok = httpCode(x.cell(cells, colHTTPCode)); !ok {
		x.note(row, colHTTPCode, "is not an HTTP code")
	}
	for _, f := range []struct {
		c    column
		into *day.Day
	}{{colFirstSeen, &l.FirstSeen}, {colLastSeen, &l.LastSeen}} {
		var err error
		if *f.into, err = x.day(cells, f.c); err != nil {
			x.note(row, f.c, "is not a date")
		}
	}
	return x.readLoss(row, l)
}

// readLoss tells live links from lost ones. A restored link keeps the words for
// its last loss in some exports, so without a date of loss, or seen after it, it
// lives.
func (x *ExportReader) readLoss(row tabular.Row, l *Link) error {
	lost, err := x.day(row.Cells, colLost)
	if err != nil {
		return x.rowError(row, colLost, "is not a date, so it is not clear whether the link lives")
	}
	restored := strings.EqualFold(x.cell(row.Cells, colDiscovered), ahrefsRestored)
	if restored && (!lost.Known() || l.LastSeen > lost) {
		return nil
	}
	l.LostOn = lost
	status := x.cell(row.Cells, colLostStatus)
	drop := x.cell(row.Cells, colDropReason)
	switch {
	case !tabular.Null(status):
		l.LostReason, l.LostSaid = LostReasonUnsaid, status
		if r, ok := x.format.reasons[fold(status)]; ok {
			l.LostReason = r
		}
	case !tabular.Null(drop):
		l.LostReason, l.LostSaid = IndexDropped, drop
	case lost.Known():
		l.LostReason = LostReasonUnsaid
	}
	return nil
}

func (x *ExportReader) rowError(row tabular.Row, c column, reason string) *RowError {
	e := &RowError{Line: row.Line, Reason: reason, Value: clip(x.cell(row.Cells, c))}
	if i := x.at[c]; i >= 0 {
		e.Column = x.table.Header()[i]
	}
	return e
}

func (x *ExportReader) note(row tabular.Row, c column, reason string) {
	x.noteCount++
	if len(x.notes) < keptNotes {
		x.notes = append(x.notes, *x.rowError(row, c, reason))
	}
}

// clip copies the beginning of foreign text, so that an error does not keep a
// block of the file in memory.
func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return strings.Clone(s)
}
