package tabular

import (
	"strings"
	"unicode"

	"landed/internal/day"
)

// months has the names of the months by which people write dates, without dots:
// English, German, French, Spanish, Italian, Portuguese and Dutch.
var months = monthTable(
	"jan january januar janvier janv enero ene gennaio gen janeiro januari jänner",
	"feb february februar février fevrier févr fevr fév fev febrero febbraio fevereiro februari",
	"mar march märz maerz mär mars marzo março marco maart mrt mrz",
	"apr april avril avr abril abr aprile",
	"may mai mayo maggio mag maio mei",
	"jun june juni juin junio giugno giu junho",
	"jul july juli juillet juil julio luglio lug julho",
	"aug august août aout agosto ago augustus",
	"sep sept september septembre septiembre settembre set setembro",
	"oct october oktober okt octobre octubre ottobre ott outubro out",
	"nov november novembre noviembre novembro",
	"dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)

func monthTable(names ...string) map[string]int {
	table := make(map[string]int)
	for i, line := range names {
		for name := range strings.FieldsSeq(line) {
			table[name] = i + 1
		}
	}
	return table
}

// wordDay reads dates with a month's name ("Sep 15, 2026", "Tuesday, 15th of
// September 2026", "15-Sep-26") and with the signs for year, month and day
// ("2025年8月3日", "2025년 8월 3일"). Every word has to be accounted for, so that
// "Sep 15, 2026 or later" is no date.
func wordDay(s string) (day.Day, bool) {
	if y, m, d, ok := signedDate(s); ok {
		return civil(y, m, d), validDate(y, m, d)
	}
	if i := strings.IndexByte(s, ':'); i > 0 { // cut a time of day
		j := strings.LastIndexAny(s[:i], " T,")
		if j < 0 || !clockTime(strings.TrimSuffix(s[j+1:], " GMT")) {
			return day.None, false
		}
		s = s[:j]
	}
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",.-/", r)
	})
	var y, m, d int
	for _, w := range words {
		n, isNumber := digits(strings.TrimRight(w, "stndrh"))
		switch {
		case months[w] > 0 && m == 0:
			m = months[w]
		case isNumber && len(w) == 4 && w[3] <= '9' && y == 0:
			y = n
		case isNumber && d == 0 && n >= 1 && n <= 31:
			d = n
		case isNumber && len(w) == 2 && y == 0 && m > 0 && d > 0:
			y = 2000 + n
		case w == "of" || w == "de" || w == "at" || weekday(w):
		default:
			return day.None, false
		}
	}
	if !validDate(y, m, d) {
		return day.None, false
	}
	return civil(y, m, d), true
}

func weekday(w string) bool {
	switch w {
	case "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday",
		"fri", "friday", "sat", "saturday", "sun", "sunday":
		return true
	}
	return false
}

// signedDate reads the East Asian way of writing a date.
func signedDate(s string) (y, m, d int, ok bool) {
	s = strings.ReplaceAll(s, " ", "")
	for _, signs := range [][3]string{{"年", "月", "日"}, {"년", "월", "일"}} {
		year, rest, ok1 := strings.Cut(s, signs[0])
		month, rest, ok2 := strings.Cut(rest, signs[1])
		dayText, rest, ok3 := strings.Cut(rest, signs[2])
		if !ok1 || !ok2 || !ok3 || rest != "" && !clockTime(rest) {
			continue
		}
		y, ok1 = digits(year)
		m, ok2 = digits(month)
		d, ok3 = digits(dayText)
		return y, m, d, ok1 && ok2 && ok3
	}
	return 0, 0, 0, false
}
