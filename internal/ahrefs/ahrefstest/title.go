package ahrefstest

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// titleOf makes a page's title of the last part of its address, as the words of a
// title stand in the addresses of most pages.
func titleOf(from, host string) string {
	u, err := url.Parse(from)
	if err != nil {
		return host
	}
	slug := strings.TrimSuffix(path.Base(u.Path), path.Ext(u.Path))
	words := strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == '-' || r == '_' || r == '/' || r == '.' }), " ")
	if words == "" {
		return host
	}
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
