package pitches

import "strings"

// The expressions that tell cells apart take microseconds a cell, and an import
// asks dozens of times a row. What follows answers for the plain forms that
// nearly all cells have, and agrees with the expressions there; the rest is left
// to them.

// isEmail reports what emailCell takes: an address and nothing else.
func isEmail(c string) bool {
	return strings.IndexByte(c, '@') >= 0 && (plainEmail(c) || emailCell().MatchString(c))
}

// validEmail reports what emailForm takes: an address that a pitch may have.
func validEmail(s string) bool {
	return strings.IndexByte(s, '@') >= 0 && (plainEmail(s) || emailForm().MatchString(s))
}

// isDateCell reports what dateCell takes: the form of a date.
func isDateCell(c string) bool { return plainDate(c) || dateCell().MatchString(c) }

// plainEmail reports an address of ASCII letters, digits and the signs that no
// expression gives a meaning: emailCell, emailForm and emailInText take all of it.
func plainEmail(c string) bool {
	at, dot := -1, -1
	for i := range len(c) {
		switch b := c[i]; {
		case alnum(b|0x20) && b > ' ', b == '-', b == '_', b == '+':
		case b == '@' && at < 0 && i > 0:
			at = i
		case b == '.':
			dot = i
		default:
			return false
		}
	}
	return at > 0 && dot > at+1 && len(c)-dot > 2
}

// plainDate reports a date such as 2026-04-30, whatever its numbers.
func plainDate(c string) bool {
	if len(c) != len("2026-04-30") || c[4] != '-' || c[7] != '-' {
		return false
	}
	for i := range len(c) {
		if (c[i] < '0' || c[i] > '9') && i != 4 && i != 7 {
			return false
		}
	}
	return true
}

// plainAddress reports an address of http or https in ASCII, with a dot within.
// schemeCell takes it.
func plainAddress(c string) bool {
	rest, ok := strings.CutPrefix(c, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(c, "http://"); !ok {
			return false
		}
	}
	dot := false
	for i := range len(rest) {
		if rest[i] <= ' ' || rest[i] >= 0x7f {
			return false
		}
		dot = dot || rest[i] == '.' && i > 0 && i < len(rest)-1
	}
	return dot
}

// plainDomain reports a bare domain in ASCII, without a port or path.
// domainCell takes it.
func plainDomain(c string) bool {
	label, dots, letters := 0, 0, true // since the last dot
	for i := range len(c) {
		switch b := c[i]; {
		case alnum(b|0x20) && b > ' ':
			label++
			letters = letters && b > '9'
		case b == '-' && label > 0 && i+1 < len(c) && c[i+1] != '.':
			label++
			letters = false
		case b == '.' && label > 0:
			dots++
			label, letters = 0, true
		default:
			return false
		}
	}
	return dots > 0 && letters && 2 <= label && label <= 24
}
