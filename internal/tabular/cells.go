package tabular

import "strings"

// Safe makes a cell of an export harmless for spreadsheets, which take text that
// begins with = + - @ or a control character for a formula: it gets a ' in
// front. Pure numbers stay as they are. Unsafe takes the ' away again.
func Safe(cell string) string {
	if isFormula(cell) {
		return "'" + cell
	}
	return cell
}

// Unsafe undoes Safe: for every s, Unsafe(Safe(s)) is s.
func Unsafe(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && isFormula(cell[1:]) {
		return cell[1:]
	}
	return cell
}

// isFormula looks behind leading quotes, so that text which begins with '= by
// itself gets one more and comes back as it was.
func isFormula(s string) bool {
	t := strings.TrimLeft(s, "'")
	return t != "" && strings.IndexByte("=+-@\t\r\n\x00", t[0]) >= 0 && !isNumber(t)
}

// isNumber takes "-12", "+3.5", "-1,234.50", "-4%" and "-1.5e-7".
func isNumber(s string) bool {
	s = strings.TrimSuffix(s, "%")
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	mantissa, exponent, has := strings.Cut(strings.ToLower(s), "e")
	if has {
		exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "+"), "-")
		if exponent == "" || strings.Trim(exponent, "0123456789") != "" {
			return false
		}
	}
	return strings.Trim(mantissa, "0123456789.,") == "" && strings.ContainsAny(mantissa, "0123456789") &&
		mantissa[0] != ','
}

// Null reports whether a cell only says that there is no value: empty, a dash,
// "N/A", "null", or -1, which Majestic writes for an unknown rank. It is meant
// for dates, numbers and flags; an anchor text may well be "-".
func Null(cell string) bool {
	if len(cell) > 8 {
		return false
	}
	cell = strings.TrimSpace(cell)
	if cell != "" && strings.IndexByte("-nN\xe2", cell[0]) < 0 { // how none of these words begins
		return false
	}
	switch strings.ToLower(cell) {
	case "", "-", "--", "--%", "–", "—", "null", "n/a", "na", "none", "nil", "-1":
		return true
	}
	return false
}
