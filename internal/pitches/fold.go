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

// squash is fold without spaces.
func squash(s string) string { return strings.ReplaceAll(fold(s), " ", "") }

// clean trims a cell, with the spaces that spreadsheets leave (no-break, zero
// width), and takes off the apostrophe that our own exports put before a cell
// that a spreadsheet would run as a formula.
func clean(s string) string { return trim(tabular.Unsafe(trim(s))) }

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
