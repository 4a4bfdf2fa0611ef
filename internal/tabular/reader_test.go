package tabular

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"landed/internal/fault"
)

// utf16Bytes encodes s with the given byte order.
func utf16Bytes(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// dump reads a whole table as "line:cell|cell" lines.
func dump(t *testing.T, r *Reader) []string {
	t.Helper()
	var rows []string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%d:%s", row.Line, strings.Join(row.Cells, "|")))
	}
}

func open(t *testing.T, text string, o Options) *Reader {
	t.Helper()
	r, err := Open(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEncodings(t *testing.T) {
	const text = "Site,Anchor\nexample.com,Zürich – “čaj” 🎉\n日本.example,x\n"
	want := []string{"2:example.com|Zürich – “čaj” 🎉", "3:日本.example|x"}
	for name, tc := range map[string]struct{ bytes, encoding string }{
		"UTF-8":          {text, "UTF-8"},
		"UTF-8 BOM":      {"\uFEFF" + text, "UTF-8"},
		"UTF-16LE BOM":   {"\xFF\xFE" + utf16Bytes(binary.LittleEndian, text), "UTF-16LE"},
		"UTF-16BE BOM":   {"\xFE\xFF" + utf16Bytes(binary.BigEndian, text), "UTF-16BE"},
		"UTF-16LE plain": {utf16Bytes(binary.LittleEndian, text), "UTF-16LE"},
		"UTF-16BE plain": {utf16Bytes(binary.BigEndian, text), "UTF-16BE"},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, src := range map[string]io.Reader{
				"whole":    strings.NewReader(tc.bytes),
				"bytewise": iotest.OneByteReader(strings.NewReader(tc.bytes)),
			} {
				r, err := Open(src, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got := dump(t, r); !slices.Equal(got, want) {
					t.Errorf("%s: got %q", kind, got)
				}
				if f := r.Format(); f.Encoding != tc.encoding || f.BadBytes != 0 {
					t.Errorf("%s: format %+v", kind, f)
				}
			}
		})
	}
}

func TestWindows1252IsFoundAtTheFirstAccent(t *testing.T) {
	// The accent comes long after the block that decides about UTF-16.
	text := "Site;Note\n" + strings.Repeat("example.com;plain\n", 20_000) + "example.com;caf\xe9 \x80 5 \x93quoted\x94\n"
	r := open(t, text, Options{})
	rows := dump(t, r)
	if got, want := rows[len(rows)-1], "20002:example.com|café € 5 “quoted”"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f := r.Format(); f.Encoding != "Windows-1252" {
		t.Errorf("format %v", f)
	}
}

func TestOneCutCharacterKeepsUTF8(t *testing.T) {
	r := open(t, "Site,Note\na.example,žluťoučký k\xc5\nb.example,kůň\n", Options{})
	want := []string{"2:a.example|žluťoučký k\uFFFD", "3:b.example|kůň"}
	if got := dump(t, r); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if f := r.Format(); f.Encoding != "UTF-8" || f.BadBytes != 1 {
		t.Errorf("format %+v", f)
	}
}

func TestCharactersAcrossBlocks(t *testing.T) {
	for pad := range 8 {
		text := "Site,Note\n" + strings.Repeat("x", pad) + "," + strings.Repeat("é日🎉", 3000) + "\n"
		for i := range 40 {
			text += fmt.Sprintf("%d,%s\n", i, strings.Repeat("ž🎉a", 2000))
		}
		for name, b := range map[string]string{
			"utf8":  text,
			"utf16": "\xFF\xFE" + utf16Bytes(binary.LittleEndian, text),
		} {
			r := open(t, b, Options{MaxCell: 1 << 20})
			n := 0
			for {
				row, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(row.Cells[1], "\uFFFD") {
					t.Fatalf("%s, pad %d: line %d has a broken character", name, pad, row.Line)
				}
				n++
			}
			if n != 41 {
				t.Errorf("%s: %d rows", name, n)
			}
		}
	}
}

func TestLineEndsAndDelimiters(t *testing.T) {
	want := []string{"2:a.example|x, y; z|1", "3:b.example||2"}
	for _, delim := range []string{"\t", ",", ";", "|"} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			for _, last := range []string{"", end} {
				lines := []string{`Site` + delim + `"Note, or; text"` + delim + `N`, `a.example` + delim + `"x, y; z"` + delim + `1`, `b.example` + delim + delim + `2`}
				r := open(t, strings.Join(lines, end)+last, Options{})
				if got := dump(t, r); !slices.Equal(got, want) {
					t.Errorf("%q %q: got %q, damage %v", delim, end, got, r.Damage())
				}
				if f := r.Format(); string(f.Delimiter) != delim {
					t.Errorf("%q: delimiter %q", delim, f.Delimiter)
				}
			}
		}
	}
}

func TestHeader(t *testing.T) {
	known := func(cells []string) bool { return slices.Contains(cells, "URL") }
	for name, tc := range map[string]struct {
		text     string
		o        Options
		header   []string
		preamble int
		first    string
	}{
		"preamble":          {"----\nInbound Links for,site.example\nFilters:,a+b\n----\n\nURL, Title ,PA\nx.example,T,5\n", Options{IsHeader: known}, []string{"URL", "Title", "PA"}, 5, "7:x.example|T|5"},
		"empty first line":  {",,\nURL,Anchor,\nx.example,A,\n", Options{}, []string{"URL", "Anchor", ""}, 1, "3:x.example|A|"},
		"title line":        {"Outreach 2026\n\nSite;Owner;Status\nx.example;Ann;sent\n", Options{}, []string{"Site", "Owner", "Status"}, 2, "4:x.example|Ann|sent"},
		"sep hint":          {"sep=|\nSite|a,b,c,d\nx.example|1\n", Options{}, []string{"Site", "a,b,c,d"}, 1, "3:x.example|1"},
		"fixed delimiter":   {"Site,x;Note\na,b;c\n", Options{Delimiter: ';'}, []string{"Site,x", "Note"}, 0, "2:a,b|c"},
		"one column":        {"Linking page\nhttps://x.example/a,b,c\n", Options{}, []string{"Linking page"}, 0, "2:https://x.example/a,b,c"},
		"header over lines": {"Site,\"Contact\n(email)\",URL\nx.example,a,b\n", Options{IsHeader: known}, []string{"Site", "Contact\n(email)", "URL"}, 0, "3:x.example|a|b"},
		"any header":        {"Platz,Wert\nx.example,5\n", Options{IsHeader: known, AnyHeader: true}, []string{"Platz", "Wert"}, 0, "2:x.example|5"},
		"repeated header":   {"URL,N\nURL,N\nx.example,5\n", Options{}, []string{"URL", "N"}, 0, "3:x.example|5"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, tc.text, tc.o)
			if !slices.Equal(r.Header(), tc.header) {
				t.Errorf("header %q", r.Header())
			}
			if f := r.Format(); f.Preamble != tc.preamble {
				t.Errorf("preamble %d, want %d", f.Preamble, tc.preamble)
			}
			if got := dump(t, r); len(got) != 1 || got[0] != tc.first {
				t.Errorf("got %q, want %q", got, tc.first)
			}
		})
	}
}

func TestQuotedCells(t *testing.T) {
	r := open(t, "Site,Note,N\n\"a.example\",\"he said \"\"hi\"\", ok\",1\n\n  \nb.example,\"one\r\ntwo, or three\n\nfour\nfive\nsix\",2\n,,\nc.example,\"\",\"3\"\n", Options{})
	want := []string{
		`2:a.example|he said "hi", ok|1`,
		"5:b.example|one\r\ntwo, or three\n\nfour\nfive\nsix|2",
		"12:c.example||3",
	}
	if got := dump(t, r); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if d := r.Damage(); len(d) != 0 {
		t.Errorf("damage %+v", d)
	}
}

func TestLimits(t *testing.T) {
	wide := strings.Repeat("x,", 10) + "x"
	for name, tc := range map[string]struct {
		text string
		kind fault.Kind
		says string
	}{
		"empty":         {"", fault.Invalid, "empty"},
		"only blanks":   {"\n \n,,\n", fault.Invalid, "no rows"},
		"rows":          {"a,b\n" + strings.Repeat("1,2\n", 6), fault.TooLarge, "more than 5 rows (line 7)"},
		"columns":       {"a,b\n1,2\n" + wide + "\n", fault.TooLarge, "Line 3 has 11 columns"},
		"header":        {wide + "\n", fault.TooLarge, "header in line 1 has 11"},
		"cell":          {"a,b\n1,2\n1," + strings.Repeat("y", 101) + "\n", fault.TooLarge, "Line 3, column 2"},
		"endless line":  {"a,b\n" + strings.Repeat("y", 2<<20), fault.TooLarge, "Line 2"},
		"workbook":      {"PK\x03\x04 and so on", fault.Invalid, "Excel workbook"},
		"pdf":           {"%PDF-1.7", fault.Invalid, "PDF"},
		"bytes":         {"a\x00\x00b\x00c\x00\x00\x00", fault.Invalid, "not a text table"},
		"unknown table": {"x,y\n1,2\n", fault.Invalid, "known header"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{MaxRows: 5, MaxColumns: 10, MaxCell: 100}
			if name == "unknown table" {
				o.IsHeader = func([]string) bool { return false }
			}
			r, err := Open(strings.NewReader(tc.text), o)
			for err == nil {
				_, err = r.Next()
			}
			if !fault.Is(err, tc.kind) || !strings.Contains(fault.Message(err), tc.says) {
				t.Errorf("got %v (kind %d), want %q", err, fault.KindOf(err), tc.says)
			}
		})
	}
}

func TestSourceErrorComesThrough(t *testing.T) {
	boom := errors.New("boom")
	src := io.MultiReader(strings.NewReader("a,b\n"+strings.Repeat("1,2\n", 100_000)), iotest.ErrReader(boom))
	r, err := Open(src, Options{})
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

func TestStringsOutliveTheRow(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d,\"v%d\"\n", i, i)
	}
	r := open(t, text.String(), Options{})
	var kept []string
	for {
		row, err := r.Next()
		if err != nil {
			break
		}
		kept = append(kept, row.Cells[1])
	}
	for i, s := range kept {
		if s != fmt.Sprintf("v%d", i) {
			t.Fatalf("row %d became %q", i, s)
		}
	}
}

func TestFingerprint(t *testing.T) {
	a := Fingerprint([]string{"Page URL", "Anchor"})
	if b := Fingerprint([]string{" page  url ", "ANCHOR"}); a != b {
		t.Error("case and spaces changed the fingerprint")
	}
	for _, other := range [][]string{{"Anchor", "Page URL"}, {"Page URLAnchor"}, {"Page URL", "Anchor", ""}} {
		if Fingerprint(other) == a {
			t.Errorf("%q has the same fingerprint", other)
		}
	}
}

// Real exports of other tools, where they are at hand.
func TestRealFiles(t *testing.T) {
	dir := realDir(t)
	for name, tc := range map[string]struct {
		header, format string
		preamble, rows int
	}{
		"moz-inbound-*.csv":              {"URL", "UTF-8, comma", 9, 9268},
		"majestic-refdomains-2013.csv":   {"Position", "UTF-8, comma", 0, 154},
		"huntnews360.com-backlinks.csv":  {"Page ascore", "UTF-8, comma", 0, 389},
		"*-Latest links-2026-05-18.csv":  {"Linking page", "UTF-8, comma", 0, 43},
		"www.caldea.com-backlinks-*.csv": {"Referring page title", "UTF-16LE, tab", 0, 1508},
		"www.caldea.com-refips-*.csv":    {"Subnet", "UTF-16LE, tab", 0, 1084},
	} {
		t.Run(name, func(t *testing.T) {
			found, _ := filepath.Glob(filepath.Join(dir, name))
			if len(found) != 1 {
				t.Skipf("no %s", name)
			}
			f, err := os.Open(found[0])
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			r, err := Open(f, Options{IsHeader: func(cells []string) bool { return cells[0] == tc.header }})
			if err != nil {
				t.Fatal(err)
			}
			rows := dump(t, r)
			if len(rows) != tc.rows || r.Format().String() != tc.format || r.Format().Preamble != tc.preamble {
				t.Errorf("%d rows, %v, %d lines before the header", len(rows), r.Format(), r.Format().Preamble)
			}
			for _, d := range r.Damage() {
				t.Errorf("damage: %+v", d)
			}
		})
	}
}

func realDir(t *testing.T) string {
	dir := os.Getenv("LANDED_REAL_DIR")
	if dir == "" {
		dir = "../../../shared/real"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no real files here")
	}
	return dir
}

// Cells that nobody needs are left out, but a row is still judged by all of them.
func TestNeed(t *testing.T) {
	r := open(t, "a,b,c,d\n1,\"2,\"\"\",3,4\n,left,,out\na,b,c,d\na,B,c,d\n,,,\n5,6,7\n", Options{})
	r.Need(2, 0)
	want := []string{"2:1||3|", "3:|left||out", "5:a|B|c|d", "7:5|6|7|"}
	if got := dump(t, r); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if r.DamageCount() != 1 {
		t.Error(r.Damage())
	}
	long := open(t, "a,b\n1,"+strings.Repeat("x", 50)+"\n", Options{MaxCell: 20})
	long.Need(0)
	if _, err := long.Next(); fault.KindOf(err) != fault.TooLarge {
		t.Error("a long cell that is not needed:", err)
	}
}
