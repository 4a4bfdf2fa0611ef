package backlinks

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"landed/internal/fault"
)

func FuzzExport(f *testing.F) {
	f.Add([]byte(table("\t", fullHeader, fullRow(nil))))
	f.Add([]byte(utf16LE(table("\t", fullHeader, fullRow(map[string]string{"Lost": "2026-01-01 00:00:00", "Drop reason": "tooold"})))))
	f.Add([]byte("Referring page URL,Links To,Lost,First seen\nhttps://a.example,https://b.example,03/04/2026,\"x\n"))
	f.Add([]byte("Subnet,Links to target\n1,2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := OpenExport(strings.NewReader(string(data)), ExportOptions{MaxRows: 1000})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		before := 0
		for {
			var l Link
			line, err := x.Next(&l)
			if _, ok := errors.AsType[*RowError](err); !ok && err != nil {
				if err != io.EOF && fault.KindOf(err) == fault.Internal {
					t.Fatalf("not a fault: %v", err)
				}
				return
			}
			if line <= before {
				t.Fatalf("line %d after %d", line, before)
			}
			before = line
			if err == nil && (l.SourceURL == "" || l.TargetURL == "" || l.Authority < 0 || l.Authority > 100 || l.Provider == "") {
				t.Fatalf("line %d: %+v", line, l)
			}
		}
	})
}

func benchExport(b *testing.B, encode func(string) string, delim string) {
	const n = 20_000
	rows := [][]string{fullHeader}
	for i := range n {
		rows = append(rows, fullRow(map[string]string{
			"Referring page URL": fmt.Sprintf("https://site%d.example/2026/a-guide-to-example-%d", i%5000, i),
			"Left context":       strings.Repeat("words before ", 9), "Right context": strings.Repeat("words behind ", 9),
			"Page category": "Travel > Tourist destinations > Example resorts; Entertainment > Other", "Page type": "Article > Story",
		}))
	}
	text := table(delim, rows...)
	data := encode(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		x, err := OpenExport(strings.NewReader(data), ExportOptions{})
		if err != nil {
			b.Fatal(err)
		}
		var l Link
		for err == nil {
			_, err = x.Next(&l)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkExportCSV(b *testing.B) { benchExport(b, func(s string) string { return s }, ",") }

func BenchmarkExportUTF16TSV(b *testing.B) { benchExport(b, utf16LE, "\t") }
