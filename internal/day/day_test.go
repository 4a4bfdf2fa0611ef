package day

import (
	"testing"
	"time"
)

// FuzzParse holds the parser against that of the standard library.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-03-01", "2024-02-29", "2023-02-29", "1969-12-31", "0001-01-01", "1970-01-01", "2000-03-01", "2100-03-01", "0000-01-01", "2026-00-10", "2026-13-10", "2026-04-31",
		"2026-04-00", "2026-4-01", "2026-04-1", "2026-04-011", "2026/04/01", "+026-04-01", "2026-0a-01", "2026-01-0\u0661", "-", "2026-12-32"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parse(s)
		want, err := time.Parse(time.DateOnly, s)
		if ok != (err == nil) || ok && got != Of(want) {
			t.Errorf("parse(%q) = %v, %v; the library says %v, %v", s, got, ok, want, err)
		}
	})
}

// TestParseEveryDay is that for all days that can be met.
func TestParseEveryDay(t *testing.T) {
	for d := Date(1969, 1, 1); d < Date(2101, 1, 1); d++ {
		if got, ok := parse(d.Time().Format(time.DateOnly)); d != None && (got != d || !ok) {
			t.Fatalf("parse(%v) = %v, %v", d, got, ok)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Day
		fail bool
	}{
		{in: ""},
		{in: "2026-03-01", want: Date(2026, 3, 1)},
		{in: "2026-03-01 12:30:00", want: Date(2026, 3, 1)},
		{in: "2026-03-01T12:30:00Z", want: Date(2026, 3, 1)},
		{in: "2026-03-01x12:30:00", fail: true},
		{in: "1 March 2026", fail: true},
		{in: "2026-02-30", fail: true},
	} {
		got, err := Parse(c.in)
		if got != c.want || (err != nil) != c.fail {
			t.Errorf("Parse(%q) = %v, %v", c.in, got, err)
		}
	}
}
