package weburl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// SafeHref returns what may stand in an href attribute (still to be escaped as
// HTML text), or false when raw must be shown as plain text. Only absolute http
// and https URLs pass whose host is a public name in every reader's eyes: no
// user name, no backslash or escape in the host, no control characters
// anywhere. Spaces, quotes and angle brackets come back percent-encoded.
func SafeHref(raw string) (string, bool) {
	s := strings.TrimSpace(raw)
	if len(s) > maxURL || !printable(s) && (!utf8.ValidString(s) || strings.ContainsFunc(s, invisible)) {
		return "", false
	}
	n := len("http://")
	switch {
	case hasPrefixFold(s, "https://"):
		n = len("https://")
	case !hasPrefixFold(s, "http://"):
		return "", false
	}
	authority := s[n:]
	if i := strings.IndexAny(authority, `/?#`); i >= 0 {
		authority = authority[:i]
	}
	if strings.ContainsAny(authority, `@\%`) {
		return "", false
	}
	host, _, _, err := cutAuthority(authority)
	if err != nil {
		return "", false
	}
	if host, err = toASCII(host); err != nil || checkHost(host) != nil {
		return "", false
	}
	// The scheme in lower case, so that nothing downstream has to fold it.
	return strings.ToLower(s[:n]) + hrefEscaper.Replace(s[n:]), true
}

var hrefEscaper = strings.NewReplacer(" ", "%20", `"`, "%22", "'", "%27", "<", "%3C", ">", "%3E", "`", "%60", `\`, "%5C")

// invisible reports control and formatting characters (line breaks, NUL,
// direction overrides), which hide what an address says.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// Display is raw for people: without scheme, www and the home page's slash,
// international names in Unicode unless they mix scripts or imitate Latin
// letters; those stay in punycode. What does not parse comes back as it is,
// invisible characters made visible. The result is text, never a link target.
func Display(raw string) string {
	s, err := cutScheme(clean(raw))
	if err != nil {
		return visible(raw)
	}
	host, port, rest, err := cutAuthority(s)
	if err != nil {
		return visible(raw)
	}
	if host, err = toASCII(host); err != nil || checkHost(host) != nil {
		return visible(raw)
	}
	if short, ok := strings.CutPrefix(host, "www."); ok && strings.IndexByte(short, '.') > 0 {
		host = short
	}
	if strings.Contains(host, "xn--") {
		host = unicodeHost(host)
	}
	if port != "" {
		host += ":" + port
	}
	if rest == "/" || rest == `\` {
		rest = ""
	}
	return host + visible(rest)
}

// printable says that all of s is visible ASCII or blanks, as most addresses are.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func visible(s string) string {
	if printable(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func unicodeHost(host string) string {
	labels := strings.Split(host, ".")
	top, _ := idna.Display.ToUnicode(labels[len(labels)-1])
	for i, l := range labels {
		if u, err := idna.Display.ToUnicode(l); err == nil && honest(u, top) {
			labels[i] = u
		}
	}
	return strings.Join(labels, ".")
}

// lookalikes are the Cyrillic and Greek letters that pass for Latin ones.
const lookalikes = "асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмтвнαιορνυχκτ"

// honest reports a label of one script, or of the scripts one language mixes,
// that is not made of lookalikes alone under a Latin top-level domain.
func honest(label, top string) bool {
	scripts := map[string]bool{}
	fake := true
	for _, r := range label {
		if r < utf8.RuneSelf {
			if r >= 'a' && r <= 'z' {
				scripts["Latin"] = true
				fake = false
			}
			continue
		}
		// Symbols and emoji belong to no script and can imitate punctuation.
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '・' {
			return false
		}
		fake = fake && strings.ContainsRune(lookalikes, r)
		if s := scriptOf(r); s != "Common" && s != "Inherited" {
			scripts[s] = true
		}
	}
	latinTop := strings.IndexFunc(top, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	return !(fake && latinTop) && oneLanguage(scripts)
}

func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Common"
}

// oneLanguage is the rule of Unicode TS 39 called "highly restrictive": Latin
// goes with the scripts of Japanese, Korean or Chinese, nothing else mixes.
func oneLanguage(scripts map[string]bool) bool {
	if len(scripts) <= 1 {
		return true
	}
	for _, language := range [...]string{"Latin Han Hiragana Katakana", "Latin Han Hangul", "Latin Han Bopomofo"} {
		all := true
		for s := range scripts {
			all = all && strings.Contains(language, s)
		}
		if all {
			return true
		}
	}
	return false
}
