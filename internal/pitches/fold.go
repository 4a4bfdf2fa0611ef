package pitches

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"landed/internal/tabular"
)

// fold reduces a header or a word to what people mean by it: lower case, no
// diacritics, letters and digits of any script, all else one space.
// "Date_de  Relance" and "date-de-relance" fold alike, and "À contacter" to
// "a contacter". A lone "#" or "№", used for row numbers, becomes "#".
func fold(s string) string {
	if isASCII(s) { // most cells are, and what follows is slow
		return foldASCII(s)
	}
	return foldAny(s)
}

func foldAny(s string) string {
	if t := strings.TrimSpace(s); t == "#" || t == "№" || t == "N°" || t == "Nº" {
		return "#"
	}
	var b strings.Builder
	gap := false
	add := func(r rune) {
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r):
			// a combining accent, or an emoji's variation selector
		case r == 'ß':
			add('s')
			add('s')
		case r == 'ø':
			add('o')
		case r == 'ł':
			add('l')
		case r == 'æ':
			add('a')
			add('e')
		case r == 'œ':
			add('o')
			add('e')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			add(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// foldASCII is fold for text in which letters stand for themselves.
func foldASCII(s string) string {
	if folded(s) {
		return s
	}
	if strings.TrimSpace(s) == "#" {
		return "#"
	}
	var room [64]byte
	b := room[:0]
	gap := false
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if !alnum(c) {
			gap = true
			continue
		}
		if gap && len(b) > 0 {
			b = append(b, ' ')
		}
		gap = false
		b = append(b, c)
	}
	return string(b)
}

// folded reports that ASCII text is its own fold.
func folded(s string) bool {
	for i := range len(s) {
		if !alnum(s[i]) && (s[i] != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// alnum is for lower-case ASCII.
func alnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldsLonger reports that s folds to more than n letters and digits, looking no
// further than it must. False says nothing.
func foldsLonger(s string, n int) bool {
	for i := range len(s) {
		if c := s[i]; alnum(c) || 'A' <= c && c <= 'Z' {
			if n--; n < 0 {
				return true
			}
		}
	}
	return false
}

// squash is fold without spaces.
func squash(s string) string { return strings.ReplaceAll(fold(s), " ", "") }

// clean trims a cell, with the spaces that spreadsheets leave (no-break, zero
// width), and takes off the apostrophe that our own exports put before a cell
// that a spreadsheet would run as a formula.
func clean(s string) string {
	if n := len(s); n == 0 || plainEdge(s[0]) && plainEdge(s[n-1]) {
		return s // nothing to trim, and no apostrophe
	}
	return trim(tabular.Unsafe(trim(s)))
}

func plainEdge(c byte) bool { return c > ' ' && c < 0x7f && c != '\'' }

func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
	})
}

// cut shortens s to at most n bytes at a rune border, with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
