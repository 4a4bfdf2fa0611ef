package tabular

import (
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
)

// exportText is a table like an Ahrefs export: 36 quoted columns, about 900
// bytes a row.
func exportText(rows int, delim string) string {
	header := make([]string, 36)
	row := make([]string, 36)
	for i := range header {
		header[i] = fmt.Sprintf(`"Column %d"`, i)
		row[i] = `""`
	}
	var b strings.Builder
	b.WriteString(strings.Join(header, delim) + "\n")
	for i := range rows {
		row[0] = fmt.Sprintf(`"A guide to the best of example number %d, and what to look for"`, i)
		row[1] = fmt.Sprintf(`"https://site%d.example/blog/2026/03/a-guide-to-the-best-of-example-%d"`, i%5000, i)
		row[2], row[3], row[4], row[5] = `"en"`, `"wordpress"`, `"200"`, fmt.Sprintf(`"%d"`, i%90)
		for k := 6; k < 13; k++ {
			row[k] = fmt.Sprintf(`"%d"`, i*k)
		}
		row[13] = fmt.Sprintf(`"https://www.ours.example/products/%d"`, i%300)
		row[14], row[15], row[16] = `"`+strings.Repeat("words before the link ", 5)+`"`, `"our example"`, `"`+strings.Repeat("words behind it – ", 6)+`"`
		row[19], row[29] = `"text"`, `"pagefound"`
		for k := 20; k < 27; k++ {
			row[k] = `"false"`
		}
		row[30], row[31] = `"2025-03-01 10:11:12"`, `"2026-03-01 10:11:12"`
		row[33], row[34], row[35] = `"Jane Example"`, `"Article > Story"`, `"Travel > Tourist destinations > Example resorts; Entertainment > Other"`
		b.WriteString(strings.Join(row, delim) + "\n")
	}
	return b.String()
}

const benchRows = 20_000

func benchRead(b *testing.B, text string, parsed int) {
	b.SetBytes(int64(parsed))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(strings.NewReader(text), Options{})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			if _, err := r.Next(); err != nil {
				break
			}
			n++
		}
		if n != benchRows || r.DamageCount() != 0 {
			b.Fatalf("%d rows, %d damaged", n, r.DamageCount())
		}
	}
}

// The bytes a second are those of the table as UTF-8, so that the encodings
// compare.
func BenchmarkReadQuotedCSV(b *testing.B) {
	text := exportText(benchRows, ",")
	benchRead(b, text, len(text))
}

func BenchmarkReadPlainTSV(b *testing.B) {
	text := strings.ReplaceAll(exportText(benchRows, "\t"), `"`, "")
	benchRead(b, text, len(text))
}

func BenchmarkReadUTF16TSV(b *testing.B) {
	text := exportText(benchRows, "\t")
	benchRead(b, "\xFF\xFE"+utf16Bytes(binary.LittleEndian, text), len(text))
}

func BenchmarkReadDamaged(b *testing.B) {
	text := strings.ReplaceAll(exportText(benchRows, ","), `"our example"`, `our "example"`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := Open(strings.NewReader(text), Options{})
		for err == nil {
			_, err = r.Next()
		}
		if r.DamageCount() != benchRows {
			b.Fatal(r.DamageCount())
		}
	}
}

// The yardstick: encoding/csv with ReuseRecord, without line numbers, recovery
// or encodings.
func BenchmarkStandardCSV(b *testing.B) {
	text := exportText(benchRows, ",")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(strings.NewReader(text))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkParseDay(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseDay("2026-03-01 10:11:12", AnyOrder); err != nil {
			b.Fatal(err)
		}
	}
}
