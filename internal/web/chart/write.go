package chart

import (
	"html"
	"math"
	"strconv"
	"strings"
	"time"

	"landed/internal/day"
)

// buf collects markup. s takes trusted markup, t escapes text.
type buf struct{ b []byte }

func (w *buf) s(parts ...string) *buf {
	for _, p := range parts {
		w.b = append(w.b, p...)
	}
	return w
}

func (w *buf) t(text string) *buf { return w.s(html.EscapeString(text)) }

// f appends a number with a fixed count of decimals.
func (w *buf) f(v float64, decimals int) *buf {
	w.b = strconv.AppendFloat(w.b, v, 'f', decimals, 64)
	return w
}

func (w *buf) n(v int) *buf {
	w.b = strconv.AppendInt(w.b, int64(v), 10)
	return w
}

// href writes an address inside quotes. Anything that is neither a path of
// ours nor http(s) becomes "#", so that a model made from foreign data cannot
// carry a script.
func (w *buf) href(address string) *buf {
	lower := strings.ToLower(address)
	ours := strings.HasPrefix(address, "/") || strings.HasPrefix(address, "?") || strings.HasPrefix(address, "#")
	if !ours && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") {
		address = "#"
	}
	return w.t(address)
}

// value writes a figure in words of people.
func (f Format) value(v float64) string {
	if f == Rating {
		if r := math.Round(v*10) / 10; r != math.Trunc(r) {
			return strconv.FormatFloat(r, 'f', 1, 64)
		}
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return group(int64(math.Round(v)))
}

// change is a signed figure with a real minus sign; no change is a bare 0.
func (f Format) change(v float64) string {
	var abs string
	if f == Rating {
		abs = strconv.FormatFloat(math.Abs(v), 'f', 1, 64)
	} else {
		abs = group(int64(math.Round(math.Abs(v))))
	}
	switch {
	case abs == "0" || abs == "0.0":
		return "0"
	case v < 0:
		return "−" + abs
	}
	return "+" + abs
}

// group writes 1356 as 1,356.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// date is "24 Nov 2026".
func date(d day.Day) string { return d.Time().Format("2 Jan 2006") }

func firstOfMonth(d day.Day) day.Day {
	t := d.Time()
	return day.Date(t.Year(), t.Month(), 1)
}

func nextMonth(d day.Day) day.Day {
	t := d.Time()
	return day.Date(t.Year(), t.Month()+1, 1)
}

// month is the short name; January is written as its year by the x axis.
func month(t time.Time) string { return t.Format("Jan") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group(int64(n)) + " " + many
}
