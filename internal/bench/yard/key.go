package yard

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// authorHosts give each author a subdomain.
var authorHosts = []string{".substack.com", ".wordpress.com", ".blogspot.co.uk"}

// key is the outlet key of a URL or a host.
func (m *Matcher) key(s string) string {
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	host, path := s, ""
	if i := strings.IndexByte(s, '/'); i >= 0 {
		host, path = s[:i], s[i+1:]
	}
	if host == "medium.com" { // the author is the first folder
		author, _, _ := strings.Cut(path, "/")
		return "medium.com/" + author
	}
	if k, ok := m.keys[host]; ok {
		return k
	}
	k := strings.TrimPrefix(strings.ToLower(host), "www.")
	if !authorHost(k) {
		if d, err := publicsuffix.EffectiveTLDPlusOne(k); err == nil {
			k = d
		}
	}
	k = strings.Clone(k)
	m.keys[strings.Clone(host)] = k
	return k
}

func authorHost(host string) bool {
	for _, h := range authorHosts {
		if strings.HasSuffix(host, h) {
			return true
		}
	}
	return false
}
