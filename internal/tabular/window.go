package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"landed/internal/fault"
)

// lineEnd is the offset from r.pos of the line end at or after off, or of the
// end of the file.
func (r *Reader) lineEnd(off int) (int, error) {
	from := min(off, r.end-r.pos) // off may stand behind a last line without a line end
	for {
		if i := bytes.IndexByte(r.buf[r.pos+from:r.end], '\n'); i >= 0 {
			return from + i, nil
		}
		from = r.end - r.pos
		if r.eof {
			return from, nil
		}
		limit := r.opts.MaxColumns*(r.opts.MaxCell+3) + firstWindow
		if from > limit {
			line := r.line + bytes.Count(r.buf[r.pos:r.pos+off], []byte{'\n'})
			return 0, fault.New(fault.TooLarge, "Line %d is longer than %d bytes.", line, limit)
		}
		if err := r.fill(2 * limit); err != nil {
			return 0, err
		}
	}
}

// fill decodes more of the file, up to a window of limit bytes.
func (r *Reader) fill(limit int) error {
	if r.pos > 0 && len(r.buf)-r.end < len(r.buf)/2 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if len(r.buf)-r.end < len(r.buf)/4 && len(r.buf) < limit {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.dec.Read(r.buf[r.end:])
	r.end += n
	if errors.Is(err, io.EOF) {
		r.eof = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read table at line %d: %w", r.line, err)
	}
	return nil
}

// consume moves on behind a record of size bytes and its line end.
func (r *Reader) consume(size, lines int) {
	r.pos = min(r.pos+size+1, r.end)
	r.line += lines
}

const (
	unclosed = "a quote is never closed"
	stray    = "a quote stands where none may stand"
)

// record finds the cells of the record at r.pos+off and leaves them in r.spans,
// relative to the record. size is its length without the line end, lines how
// many lines it takes. why says what is damaged, in which case only the first
// line is known to belong together. width 0 stands for "not known yet".
func (r *Reader) record(off int, delim byte, width int) (size, lines int, why string, err error) {
	r.spans = r.spans[:0]
	at, from := 0, off
	for lines = 1; ; lines++ {
		n, err := r.lineEnd(from)
		if err != nil {
			return 0, 0, "", err
		}
		if lines > 1 && n == from && r.pos+n == r.end { // no line was left to add
			return 0, 0, unclosed, nil
		}
		size = n - off
		b := trimCR(r.buf[r.pos+off : r.pos+n])
		var state scanState
		r.spans, at, state = scanStrict(b, delim, r.spans, at)
		switch {
		case state == scanStray && lines == 1:
			return 0, 0, stray, nil
		case state == scanStray:
			return 0, 0, unclosed, nil
		case state == scanDone && lines == 1:
			return size, 1, "", nil
		case state == scanDone:
			odd := lines > oddCellLines+1 && (width < 2 || width != len(r.spans))
			if odd || swallowed(b, r.spans, delim, width) {
				return 0, 0, unclosed, nil
			}
			return size, lines, "", nil
		}
		if r.pos+n >= r.end && r.eof || lines > maxCellLines || len(b)-at > r.opts.MaxCell {
			return 0, 0, unclosed, nil
		}
		// A line that lies wholly within the open cell is looked at right away: the
		// quote may not end for a long time.
		if lines > 1 && at < from-off && likeRecord(r.buf[r.pos+from:r.pos+n], delim, width) {
			return 0, 0, unclosed, nil
		}
		from = n + 1
	}
}
