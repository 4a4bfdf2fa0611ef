package templates

import (
	"strconv"
	"strings"
)

// group writes 1284 as "1,284".
func group(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func words(s string) []string { return strings.Fields(s) }

// trendClass is the class of a change: better, worse, or neither.
func trendClass(trend int) string {
	switch {
	case trend > 0:
		return "up"
	case trend < 0:
		return "down"
	}
	return ""
}

// describedBy joins the ids of a field's error and help, the error first, as
// that is what to hear before anything else.
func describedBy(f Field) string {
	var ids []string
	if f.Err != "" {
		ids = append(ids, f.ID+"-e")
	}
	if f.Help != "" {
		ids = append(ids, f.ID+"-h")
	}
	return strings.Join(ids, " ")
}

// needALook is the heading of a form's error summary.
func needALook(n int) string {
	names := []string{"", "One field needs", "Two fields need", "Three fields need", "Four fields need", "Five fields need"}
	if n < len(names) {
		return names[n] + " another look"
	}
	return strconv.Itoa(n) + " fields need another look"
}
