package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"landed/internal/fault"
)

// CleanEmail gives an address in the form accounts keep it: trimmed and in
// lower case. It checks the shape only; whether mail arrives nobody knows.
func CleanEmail(typed string) (string, error) {
	s := strings.ToLower(strings.TrimSpace(typed))
	local, domain, ok := strings.Cut(s, "@")
	bad := !ok || local == "" || domain == "" || len(s) > 254 || !utf8.ValidString(s) ||
		strings.Contains(domain, "@") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") ||
		strings.ContainsFunc(s, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>,;:"()[]\`, r)
		})
	if bad {
		return "", fault.Field("email", "Type an address like maya@example.com.")
	}
	return s, nil
}

// CleanName gives a person's name, trimmed: 1 to 100 characters on one line.
func CleanName(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	switch {
	case s == "":
		return "", fault.Field("name", "Type your name.")
	case utf8.RuneCountInString(s) > 100:
		return "", fault.Field("name", "Use 100 characters or less.")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", fault.Field("name", "A name is one line of text.")
	}
	return s, nil
}
