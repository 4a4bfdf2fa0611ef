package tabular

import (
	"errors"
	"testing"
	"time"

	"landed/internal/day"
)

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"":                "",
		"plain":           "plain",
		"=1+1":            "'=1+1",
		"+49 30 1234":     "'+49 30 1234",
		"-":               "'-",
		"@name":           "'@name",
		"\tx":             "'\tx",
		"\rx":             "'\rx",
		"\nx":             "'\nx",
		"\x00x":           "'\x00x",
		"-5":              "-5",
		"+3.5":            "+3.5",
		"-1,234.50":       "-1,234.50",
		"-4%":             "-4%",
		"-1.5e-7":         "-1.5e-7",
		"-1+cmd|' /C'!A0": "'-1+cmd|' /C'!A0",
		"-1e":             "'-1e",
		"'=1":             "''=1",
		"'quoted'":        "'quoted'",
	} {
		if got := Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
		if back := Unsafe(Safe(in)); back != in {
			t.Errorf("%q came back as %q", in, back)
		}
	}
	if got := Unsafe("'tis"); got != "'tis" {
		t.Errorf("Unsafe took a quote that Safe had not put there: %q", got)
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"=1", "''=1", "'-5", "-5", "+", "'\t", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back := Unsafe(Safe(s)); back != s {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestNull(t *testing.T) {
	for _, s := range []string{"", " ", "-", "--", "--%", "null", "NULL", "N/A", "-1"} {
		if !Null(s) {
			t.Errorf("%q is a value", s)
		}
	}
	for _, s := range []string{"0", "1", "no", "false", "nulls", "–5"} {
		if Null(s) {
			t.Errorf("%q is no value", s)
		}
	}
}

func TestParseDay(t *testing.T) {
	const bad, unclear = "bad", "unclear"
	for _, tc := range []struct {
		in    string
		order DateOrder
		want  string
	}{
		{"2026-03-01", AnyOrder, "2026-03-01"},
		{"2026-03-01 12:30:00", MonthFirst, "2026-03-01"},
		{"2026-03-01T12:30:00Z", DayFirst, "2026-03-01"},
		{"2026-03-01T12:30:00.123Z", DayFirst, "2026-03-01"},
		{"2026-03-01T23:30:00-05:00", AnyOrder, "2026-03-02"},
		{"2024-02-29", AnyOrder, "2024-02-29"},
		{"2026-02-29", AnyOrder, bad},
		{"2025-01-XX", AnyOrder, bad},
		{"2026/3/4", AnyOrder, "2026-03-04"},
		{"20260915", AnyOrder, "2026-09-15"},
		{"03/04/2026", DayFirst, "2026-04-03"},
		{"03/04/2026", MonthFirst, "2026-03-04"},
		{"03/04/2026 14:05", MonthFirst, "2026-03-04"},
		{"3/4/2026, 2:05 PM", DayFirst, "2026-04-03"},
		{"03/04/2026", AnyOrder, unclear},
		{"03/04/2026", Ambiguous, unclear},
		{"03/03/2026", Ambiguous, "2026-03-03"},
		{"15/09/2026", AnyOrder, "2026-09-15"},
		{"15/09/2026", MonthFirst, bad},
		{"9/15/26", DayFirst, bad},
		{"9/15/26", MonthFirst, "2026-09-15"},
		{"03.04.2026", AnyOrder, "2026-04-03"},
		{"03.04.2026", MonthFirst, "2026-03-04"},
		{"32/13/2026", DayFirst, bad},
		{"Sep 15, 2026", AnyOrder, "2026-09-15"},
		{"15 Sep 2026", AnyOrder, "2026-09-15"},
		{"15-Sep-26", AnyOrder, "2026-09-15"},
		{"Tuesday, 15th of September 2026", AnyOrder, "2026-09-15"},
		{"Tue, 15 Sep 2026 10:11:12 GMT", AnyOrder, "2026-09-15"},
		{"15. März 2026", AnyOrder, "2026-03-15"},
		{"1 août 2026", AnyOrder, "2026-08-01"},
		{"Sep 31, 2026", AnyOrder, bad},
		{"Sep 2026", AnyOrder, bad},
		{"Sep 15, 2026 or later", AnyOrder, bad},
		{"2025年8月3日", AnyOrder, "2025-08-03"},
		{"2025年8月3日 14:05", AnyOrder, "2025-08-03"},
		{"2025년 8월 3일", AnyOrder, "2025-08-03"},
		{"1789430400", AnyOrder, "2026-09-15"},
		{"1789430400000", AnyOrder, "2026-09-15"},
		{"46280", AnyOrder, "2026-09-15"},
		{"46280.75", AnyOrder, "2026-09-15"},
		{"46280,75", AnyOrder, "2026-09-15"},
		{"", AnyOrder, ""},
		{" -- ", AnyOrder, ""},
		{"N/A", AnyOrder, ""},
		{"14 小时前", AnyOrder, bad},
		{"3 days ago", AnyOrder, bad},
		{"2026", AnyOrder, bad},
		{"12345", AnyOrder, bad},
		{"1970-01-01", AnyOrder, bad},
		{"0000-00-00", AnyOrder, bad},
		{"12:30", AnyOrder, bad},
		{"yesterday", AnyOrder, bad},
	} {
		got, err := ParseDay(tc.in, tc.order)
		switch {
		case tc.want == unclear:
			if !errors.Is(err, ErrAmbiguousDate) {
				t.Errorf("ParseDay(%q, %v) = %v, %v, want ambiguous", tc.in, tc.order, got, err)
			}
		case tc.want == bad:
			if err == nil || errors.Is(err, ErrAmbiguousDate) {
				t.Errorf("ParseDay(%q, %v) = %v, %v, want an error", tc.in, tc.order, got, err)
			}
		case err != nil || got.String() != tc.want:
			t.Errorf("ParseDay(%q, %v) = %v, %v, want %s", tc.in, tc.order, got, err, tc.want)
		}
	}
}

// Every day of the calendar must come out as the standard library counts it.
func TestParseDayAgreesWithTheCalendar(t *testing.T) {
	for at := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() <= lastYear; at = at.AddDate(0, 0, 1) {
		got, err := ParseDay(at.Format(time.DateOnly), AnyOrder)
		if err != nil || got != day.Of(at) {
			t.Fatalf("%v: got %v, %v", at, got, err)
		}
	}
}

func TestDates(t *testing.T) {
	for name, tc := range map[string]struct {
		cells   []string
		want    DateOrder
		example string
	}{
		"iso":             {[]string{"2026-03-04", "", "2026-03-05 10:00:00"}, AnyOrder, ""},
		"day first":       {[]string{"03/04/2026", "15/04/2026 10:00"}, DayFirst, "03/04/2026"},
		"month first":     {[]string{"3/4/26", "12/25/26", "Sep 15, 2026"}, MonthFirst, "3/4/26"},
		"both fit":        {[]string{"", "03/04/2026", "05/06/2026"}, Ambiguous, "03/04/2026"},
		"mixed":           {[]string{"15/04/2026", "04/15/2026"}, Ambiguous, ""},
		"same either way": {[]string{"03/03/2026"}, AnyOrder, ""},
		"dots":            {[]string{"03.04.2026", "05.06.2026"}, DayFirst, ""},
		"dots, American":  {[]string{"03.04.2026", "9.15.2026"}, MonthFirst, ""},
		"quoted":          {[]string{"'15/04/2026", "\"03/04/2026\""}, DayFirst, "\"03/04/2026\""},
		"text":            {[]string{"n/a", "soon", "2025-01-XX"}, AnyOrder, ""},
	} {
		var d Dates
		for _, c := range tc.cells {
			d.Add(c)
		}
		if d.Order() != tc.want || d.Example() != tc.example {
			t.Errorf("%s: %v, example %q", name, d.Order(), d.Example())
		}
	}
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2026-03-01", "03/04/2026", "Sep 15, 2026", "2025年8月3日", "1789430400", "46280.5", "15-Sep-26", "3/4/26 1:00 pm", "--", "\"2/1/00"} {
		f.Add(s, 0)
	}
	f.Fuzz(func(t *testing.T, s string, order int) {
		o := DateOrder(order & 3)
		d, err := ParseDay(s, o)
		if err != nil && d.Known() || err == nil && d.Known() && (d.Time().Year() < firstYear || d.Time().Year() > lastYear) {
			t.Fatalf("ParseDay(%q, %v) = %v, %v", s, o, d, err)
		}
		if again, err := ParseDay(d.String(), o); err != nil || again != d {
			t.Fatalf("%q gave %v, which reads as %v, %v", s, d, again, err)
		}
		var c Dates
		c.Add(s)
		if errors.Is(err, ErrAmbiguousDate) && o != Ambiguous && c.Order() != Ambiguous {
			t.Fatalf("%q is ambiguous, but the column is %v", s, c.Order())
		}
	})
}
