package pitches

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"landed/internal/tabular"
)

// FuzzPlain holds the short ways against the expressions and the long ways that
// they stand in for.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "#", " # ", "a", "A b", " a", "a ", "a  b", "Date_de  Relance", "\x15a\x11", "N/A", "TBD", "x'y",
		"ann@example.com", "Ann.Lee+pr@mail.example.co", "a@b.c", "a@b.cd.", "@b.cd", "a@.cd", "a@@b.cd", "mailto:a@b.cd", "a@b_.cd", "a\x11@b.cd", "a@b.c\x7fd",
		"Ann Lee <ann@example.com>", "2026-04-30", "2026-99-99", "2026-4-30", "2026-04-3X",
		"https://a.b", "http://.b", "https://a.", "https://a", "https://a b.c", "HTTPS://a.b/c", "https://é.example",
		"a.example", "a-.example", "-a.example", "a.b.c", "a.1b", "a.12", "a..bc", "a.bc.", "a--b.example", "a.xn--p1ai", "A.example", "B-c.Example", "a.EXAMPLE", "a\x11.example", "a.example/p", "12.03.2026",
		"'=1", "'a'", "\u200ba", "a\u00a0", "\x00a", "naïve", "ﷺ", "K"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := fold(s), foldAny(s); got != want {
			t.Errorf("fold(%q) = %q, the long way %q", s, got, want)
		}
		if n := utf8.RuneCountInString(squash(s)); foldsLonger(s, 7) && n <= 7 {
			t.Errorf("%q is said to fold to more than 7 letters, and folds to %d", s, n)
		}
		if got, want := clean(s), trim(unsafeTrimmed(s)); got != want {
			t.Errorf("clean(%q) = %q, the long way %q", s, got, want)
		}
		if got, want := isEmail(s), emailCell().MatchString(s); got != want {
			t.Errorf("isEmail(%q) = %v", s, got)
		}
		if got, want := validEmail(s), emailForm().MatchString(s); got != want {
			t.Errorf("validEmail(%q) = %v", s, got)
		}
		if got, want := isWebAddress(s), schemeCell().MatchString(s) || domainCell().MatchString(s); got != want {
			t.Errorf("isWebAddress(%q) = %v", s, got)
		}
		if got, want := isDateCell(s), dateCell().MatchString(s); got != want {
			t.Errorf("isDateCell(%q) = %v", s, got)
		}
		if plainAddress(s) && !schemeCell().MatchString(s) || plainDomain(s) && !domainCell().MatchString(s) {
			t.Errorf("%q is no plain address", s)
		}
		if at := emailInText().FindStringIndex(s); plainEmail(s) && (!emailForm().MatchString(s) || at == nil || at[0] != 0 || at[1] != len(s)) {
			t.Errorf("%q is no plain e-mail address", s)
		}
	})
}

// unsafeTrimmed is the inside of clean without its short way.
func unsafeTrimmed(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
	})
	return tabular.Unsafe(s)
}
