package weburl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// slowAddress follows the WHATWG URL standard where a browser would repair
// the input: stray white space, backslashes, missing or surplus slashes.
func slowAddress(raw string) (address, error) {
	if len(raw) > maxURL {
		return address{}, errTooLong
	}
	s, err := cutScheme(clean(raw))
	if err != nil {
		return address{}, err
	}
	host, port, rest, err := cutAuthority(s)
	if err != nil {
		return address{}, err
	}
	host, err = toASCII(host)
	if err != nil {
		return address{}, err
	}
	var room [512]byte // most keys fit: one allocation, for the string
	b := append(room[:0], host...)
	if port != "" {
		b = append(append(b, ':'), port...)
	}
	pathAt := len(b)
	b = appendRest(b, rest)
	return address{key: string(b), hostLen: len(host), pathAt: pathAt}, nil
}

// clean drops what browsers ignore: white space, control characters and a
// byte order mark around a URL, tabs and line breaks inside it.
func clean(raw string) string {
	s := strings.TrimFunc(raw, func(r rune) bool {
		return r <= ' ' || r == '\ufeff' || r >= utf8.RuneSelf && unicode.IsSpace(r)
	})
	if !strings.ContainsAny(s, "\t\r\n") {
		return s
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
}

// cutScheme returns what follows "http:", "https:" and the slashes, or s itself
// when it starts with a host.
func cutScheme(s string) (string, error) {
	n := 0
	for n < len(s) && (is(s[n], inHost) || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || s[n] == '+') {
		n++
	}
	if n == len(s) || s[n] != ':' {
		if strings.HasPrefix(s, "/") || strings.HasPrefix(s, `\`) {
			if len(s) < 2 || s[1] != '/' && s[1] != '\\' {
				return "", errNoHost
			}
			return s[2:], nil
		}
		return s, nil
	}
	after := s[n+1:]
	if strings.EqualFold(s[:n], "http") || strings.EqualFold(s[:n], "https") {
		return strings.TrimLeft(after, `/\`), nil
	}
	digits := 0
	for digits < len(after) && after[digits] >= '0' && after[digits] <= '9' {
		digits++
	}
	// "example.com:8080/x" and "example.com:/x" have a port, not a scheme.
	ends := digits == len(after) || strings.IndexByte(`/\?#`, after[digits]) >= 0
	emptyPort := strings.IndexByte(s[:n], '.') >= 0 && !strings.HasPrefix(after, "//")
	if n > 0 && ends && (digits > 0 || emptyPort) {
		return s, nil
	}
	if strings.IndexByte(after, '@') >= 0 && !strings.HasPrefix(after, "//") {
		return "", errUserinfo // "user:pass@example.com"
	}
	return "", refusal("only http and https addresses count")
}

const (
	errNoHost   = refusal("it names no host")
	errUserinfo = refusal("it carries a user name before the host")
	errPort     = refusal("its port is not a number up to 65535")
	errIP       = refusal("an IP address is not a publication")
)

// cutAuthority splits off the host, the port when it is not 80 or 443, and
// what follows. http and https are one site here, so both ports are dropped.
func cutAuthority(s string) (host, port, rest string, err error) {
	if i := strings.IndexAny(s, `/\?#`); i >= 0 {
		s, rest = s[:i], s[i:]
	}
	switch {
	case strings.IndexByte(s, '@') >= 0:
		return "", "", "", errUserinfo
	case strings.HasPrefix(s, "["):
		return "", "", "", errIP
	}
	host, port, _ = strings.Cut(s, ":")
	if host == "" {
		return "", "", "", errNoHost
	}
	port, err = normalPort(port)
	return host, port, rest, err
}

func normalPort(p string) (string, error) {
	n := 0
	for i := range len(p) {
		if p[i] < '0' || p[i] > '9' {
			if strings.IndexByte(p, ':') >= 0 {
				return "", errIP // "::1" without brackets
			}
			return "", errPort
		}
		if n = n*10 + int(p[i]-'0'); n > 65535 {
			return "", errPort
		}
	}
	p = strings.TrimLeft(p, "0")
	if p == "80" || p == "443" {
		return "", nil
	}
	return p, nil
}
