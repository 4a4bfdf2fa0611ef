package auth

import (
	"net/url"
	"strings"
)

// SafeNext gives back next when it is an absolute path on this site, with its
// query, and "/" otherwise. It parses instead of testing prefixes, and refuses
// every shape that some browser reads as another host: "//host", "/\host",
// control characters (browsers drop TAB, CR and LF inside a URL) and spaces at
// the ends, which are trimmed on the way.
func SafeNext(next string) string {
	const home = "/"
	if !strings.HasPrefix(next, "/") || len(next) > 2048 || strings.ContainsRune(next, '\\') {
		return home
	}
	for _, c := range next {
		if c <= ' ' || c == 0x7f || c == '\uFFFD' {
			return home
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	// The decoded path counts too: "/%2fhost" must not turn into "//host" in
	// whatever cleans paths between us and the browser.
	if !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n\t\x00") {
		return home
	}
	clean := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	return clean.String()
}
