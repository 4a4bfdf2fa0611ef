package main

import (
	"bufio"
	"os"
	"strings"
	"unicode/utf16"
)

// layout is how a table is written.
type layout int

const (
	plainCSV  layout = iota // UTF-8, commas, quotes where needed
	quotedCSV               // UTF-8, commas, every cell quoted
	utf16TSV                // UTF-16LE with a mark, tabs, every cell quoted
)

// table writes rows; the first error is kept until close.
type table struct {
	file *os.File
	w    *bufio.Writer
	kind layout
	line []byte
	wide []byte
}

func create(path string, kind layout) (*table, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	t := &table{file: f, w: bufio.NewWriterSize(f, 1<<20), kind: kind}
	if kind == utf16TSV {
		t.w.WriteString("\xff\xfe")
	}
	return t, nil
}

func (t *table) row(cells []string) {
	t.line = t.line[:0]
	for i, c := range cells {
		if i > 0 {
			if t.kind == utf16TSV {
				t.line = append(t.line, '\t')
			} else {
				t.line = append(t.line, ',')
			}
		}
		if t.kind == plainCSV && !strings.ContainsAny(c, ",\"\n\r") {
			t.line = append(t.line, c...)
			continue
		}
		t.line = append(t.line, '"')
		for j := range len(c) {
			if c[j] == '"' {
				t.line = append(t.line, '"')
			}
			t.line = append(t.line, c[j])
		}
		t.line = append(t.line, '"')
	}
	t.line = append(t.line, '\n')
	if t.kind != utf16TSV {
		t.w.Write(t.line)
		return
	}
	t.wide = t.wide[:0]
	for _, r := range string(t.line) {
		if r < 0x10000 {
			t.wide = append(t.wide, byte(r), byte(r>>8))
			continue
		}
		a, b := utf16.EncodeRune(r)
		t.wide = append(t.wide, byte(a), byte(a>>8), byte(b), byte(b>>8))
	}
	t.w.Write(t.wide)
}

func (t *table) close() error {
	err := t.w.Flush()
	if e := t.file.Close(); err == nil {
		err = e
	}
	return err
}
