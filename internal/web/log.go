package web

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// NewLogger makes a logger of text lines that leaves out secrets.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: Redact}))
}

const redacted = "[redacted]"

var (
	secretNames = regexp.MustCompile(`(?i)^(authorization|proxy-authorization|cookie|set-cookie|x-csrf-token|csrf|.*token|.*password|.*secret|api[-_]?key|key)$`)
	secretTexts = []struct {
		needs string // one of these is in every match; to look for it takes less than the search
		find  *regexp.Regexp
		put   string
	}{
		// Parameters of URLs, also inside the text of a *url.Error, which prints the whole URL.
		{`=`, regexp.MustCompile(`(?i)\b((?:[a-z_]*token|api[-_]?key|key|secret|password|csrf|sig|signature)=)[^&\s"'#]+`), "${1}" + redacted},
		{" \t\n\f\r", regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]+`), "${1} " + redacted},
		{`:=`, regexp.MustCompile(`(?i)((?:set-)?cookie|authorization|x-csrf-token)(["']?\s*[:=]\s*)[^\n]+`), "${1}${2}" + redacted},
		{`/`, regexp.MustCompile(`(/(?:invite|r)/)[A-Za-z0-9_-]{16,}`), "${1}" + redacted},
		{`@`, regexp.MustCompile(`(://[^/\s:@"]+:)[^/\s@"]+@`), "${1}" + redacted + "@"},
	}
)

// Redact is a slog.HandlerOptions.ReplaceAttr that takes secrets out of
// attributes: by the attribute's name, and by what texts and errors contain.
func Redact(_ []string, a slog.Attr) slog.Attr {
	if secretNames.MatchString(a.Key) && a.Value.Kind() != slog.KindGroup {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(a.Value.String()))
	case slog.KindAny:
		if a.Key == slog.LevelKey || a.Key == slog.SourceKey {
			return a
		}
		return slog.String(a.Key, scrub(a.Value.String()))
	}
	return a
}

func scrub(s string) string {
	for _, t := range secretTexts {
		if strings.ContainsAny(s, t.needs) {
			s = t.find.ReplaceAllString(s, t.put)
		}
	}
	return s
}
