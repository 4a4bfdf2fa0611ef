package web

import (
	"fmt"
	"strconv"
	"time"

	"landed/internal/day"
	"landed/internal/store"
	"landed/templates"
)

// grouped writes 1284 as "1,284".
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted is "1 pitch" or "1,284 pitches": n with the word for it.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// totalText is "1,284", or "1,000+" when that is as far as was counted.
func totalText(t store.Total) string {
	if t.AtLeast {
		return grouped(t.N) + "+"
	}
	return grouped(t.N)
}

// longDay is "24 Nov 2026"; shortDay leaves this year out, for dense cells.
func longDay(d day.Day) templates.Time {
	return templates.Time{ISO: d.String(), Text: dayText(d, "2 Jan 2006")}
}

func shortDay(d, today day.Day) templates.Time {
	if d.Time().Year() != today.Time().Year() {
		return longDay(d)
	}
	return templates.Time{ISO: d.String(), Text: dayText(d, "2 Jan"), Title: dayText(d, "2 Jan 2006")}
}

func dayText(d day.Day, layout string) string {
	if !d.Known() {
		return ""
	}
	return d.Time().Format(layout)
}

// money is "$214", "€99.50" or "214 CHF"; cents only if there are any.
func money(cents int64, currency string) string {
	text := grouped(int(cents / 100))
	if cents%100 != 0 {
		text += fmt.Sprintf(".%02d", cents%100)
	}
	if sign := map[string]string{"USD": "$", "": "$", "EUR": "€", "GBP": "£"}[currency]; sign != "" {
		return sign + text
	}
	return text + " " + currency
}

// drText is an authority as lists show it, and its band.
func drText(authority float64, metric string) (score, band string) {
	if metric == "" && authority == 0 {
		return "", ""
	}
	switch {
	case authority >= 70:
		band = "a"
	case authority >= 50:
		band = "b"
	}
	return strconv.Itoa(int(authority + 0.5)), band
}

// percent has one decimal, none from 100.
func percent(part, of int) string {
	p := float64(part) / float64(of) * 100
	if p >= 99.95 {
		return "100%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}

// ago is how long before today a day was, as sentences say it.
func ago(d, today day.Day) string {
	switch n := int(today - d); {
	case n < 0:
		return "on " + longDay(d).Text
	case n == 0:
		return "today"
	case n == 1:
		return "yesterday"
	default:
		return grouped(n) + " days ago"
	}
}

func instantTime(t time.Time) templates.Time {
	t = t.UTC()
	return templates.Time{ISO: t.Format(time.RFC3339), Text: t.Format("2 Jan 2006, 15:04"), Title: t.Format("2 Jan 2006, 15:04") + " UTC"}
}
