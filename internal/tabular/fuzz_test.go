package tabular

import (
	"encoding/binary"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"landed/internal/fault"
)

// What encoding/csv reads strictly must come out the same, and no input may
// panic, hang, or give text that is not UTF-8.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\r\n\"x\";\"y\"\"z\"\r\n", "a\tb\r1\t2\r", "\xEF\xBB\xBFa|b\n1|2",
		"\xFF\xFE" + utf16Bytes(binary.LittleEndian, "a\tb\n\"1\"\t🎉\n"), "\xFF\xFEa\x00,\x00\n\x00\xd8",
		"a,b,c\n1,\"2\n3,4,5\n6,7,\"8\n", "a,b\ncaf\xe9,\x00\n", "sep=;\na;b\n", "\"a\nb\",c\n1,2,3\n", "a,b,c\n,1,\n\"x\"\"\",,\na,b,c\na,b,\n,,\n", "a,b\n\"x\r\n", "a\n\"\"\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Open(strings.NewReader(string(data)), Options{MaxRows: 1000})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		var rows [][]string
		line := 0
		for {
			row, err := r.Next()
			if err != nil {
				if err != io.EOF && fault.KindOf(err) == fault.Internal {
					t.Fatalf("not a fault: %v", err)
				}
				break
			}
			if row.Line <= line || len(row.Cells) < len(r.Header()) {
				t.Fatalf("line %d after %d with %d cells", row.Line, line, len(row.Cells))
			}
			line = row.Line
			for _, c := range row.Cells {
				if !utf8.ValidString(c) || strings.IndexByte(c, 0) >= 0 {
					t.Fatalf("cell %q is not clean text", c)
				}
			}
			rows = append(rows, slices.Clone(row.Cells))
		}
		sameAsStandard(t, string(data), r, rows)
		sameNeeded(t, string(data), r, rows)
	})
}

// sameNeeded reads the text again for every other column only: rows, their needed
// cells and the damage must be the same.
func sameNeeded(t *testing.T, text string, all *Reader, rows [][]string) {
	r, err := Open(strings.NewReader(text), Options{MaxRows: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var columns []int
	for c := len(text) % 2; c < len(r.Header()); c += 2 {
		columns = append(columns, c)
	}
	r.Need(columns...)
	for i, want := range rows {
		row, err := r.Next()
		if err != nil || len(row.Cells) != len(want) {
			t.Fatalf("row %d of %d: %v, %d cells instead of %d", i, len(rows), err, len(row.Cells), len(want))
		}
		for _, c := range columns {
			if row.Cells[c] != want[c] {
				t.Fatalf("row %d, column %d: %q instead of %q", i, c, row.Cells[c], want[c])
			}
		}
	}
	if _, err := r.Next(); err == nil || !slices.Equal(r.Damage(), all.Damage()) {
		t.Fatalf("%v, damage %v instead of %v", err, r.Damage(), all.Damage())
	}
}

// sameAsStandard compares with encoding/csv where both read strictly and the
// header stands in line 1.
func sameAsStandard(t *testing.T, text string, r *Reader, rows [][]string) {
	f := r.Format()
	if r.DamageCount() > 0 || f.Encoding != encUTF8 || f.Preamble > 0 || f.Delimiter == 0 || f.BadBytes > 0 ||
		strings.ContainsAny(text, "\r\uFEFF") || f.Delimiter == '\n' || len(rows) >= 1000 {
		return
	}
	std := csv.NewReader(strings.NewReader(text))
	std.Comma, std.FieldsPerRecord = f.Delimiter, -1
	all, err := std.ReadAll()
	if err != nil || len(all) == 0 || r.line < 2 {
		return
	}
	var want [][]string
	for _, cells := range all[1:] {
		if allEmpty(cells) || r.repeatsHeader(cells) {
			continue
		}
		for len(cells) > len(r.header) && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		want = append(want, cells)
	}
	if len(want) != len(rows) {
		t.Fatalf("%d rows, encoding/csv has %d", len(rows), len(want))
	}
	for i := range want {
		if !slices.Equal(want[i], rows[i]) {
			t.Fatalf("row %d: %q, encoding/csv has %q", i, rows[i], want[i])
		}
	}
}
