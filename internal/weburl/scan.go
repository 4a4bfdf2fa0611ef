package weburl

import "strings"

// Classes of bytes. What is not in a class is percent-encoded in that place.
const (
	inHost  = 1 << iota // lower-case host name
	inPath              // RFC 3986 pchar, without "%"
	inQuery             // pchar, "/" and "?"; without "'", which browsers encode
	unreserved
	hexDigit
)

var class = func() (t [256]uint8) {
	mark := func(s string, c uint8) {
		for i := range len(s) {
			t[s[i]] |= c
		}
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c] = inHost | inPath | inQuery | unreserved
		t[c-'a'+'A'] = inPath | inQuery | unreserved
	}
	mark("0123456789", inHost|inPath|inQuery|unreserved|hexDigit)
	mark("-._", inHost)
	mark("-._~", inPath|inQuery|unreserved)
	mark("!$&()*+,;=:@", inPath|inQuery)
	mark("'", inPath)
	mark("/?", inQuery)
	mark("abcdefABCDEF", hexDigit)
	return t
}()

func is(c byte, set uint8) bool { return class[c]&set != 0 }

// fastAddress handles the addresses that most exports consist of, http or
// https with a lower-case host and a clean path, as substrings of raw. On
// anything else it gives up and slowAddress, the authority on all rules, runs.
// Both must agree: a test compares them.
func fastAddress(raw string) (address, bool) {
	at := schemeLen(raw)
	if at == 0 || len(raw) > maxURL {
		return address{}, false
	}
	s := raw[at:]
	n := 0
	for n < len(s) && is(s[n], inHost) {
		n++
	}
	if n == 0 || s[n-1] == '.' || strings.Contains(s[:n], "xn--") {
		return address{}, false
	}
	end, ok := cleanPath(s, n)
	if !ok {
		return address{}, false
	}
	return address{key: s[:n+trimmed(s[n:end])], hostLen: n, pathAt: n}, true
}

// schemeLen is the length of "http://" or "https://" at the start of raw, or 0.
func schemeLen(raw string) int {
	switch {
	case strings.HasPrefix(raw, "https://"):
		return len("https://")
	case strings.HasPrefix(raw, "http://"):
		return len("http://")
	}
	return 0
}

// cleanPath finds where the path that starts at s[i:] ends, and whether it is
// in normal form but for its tail. A plain fragment is left out; a query, an
// escape, an empty or dotted segment is for the slow path.
func cleanPath(s string, i int) (end int, ok bool) {
	if i < len(s) && s[i] != '/' && s[i] != '#' {
		return 0, false
	}
	for ; i < len(s); i++ {
		c := s[i]
		if is(c, inPath) {
			if c == '.' && s[i-1] == '/' {
				return 0, false
			}
			continue
		}
		switch {
		case c == '/' && s[i-1] != '/':
		case c == '#' && !strings.HasPrefix(s[i:], "#!"):
			// Line breaks are cut out before anything else is looked at, so
			// "#\n!" is a "#!" after all.
			return i, !strings.ContainsAny(s[i:], "\t\r\n")
		default:
			return 0, false
		}
	}
	return i, true
}

// trimmed is the length of path without the endings that mean the same page:
// a slash, an index file, an amp folder.
func trimmed[T string | []byte](path T) int {
	n := len(path)
	for {
		before := n
		if n > 0 && path[n-1] == '/' {
			n--
		}
		for _, tail := range [...]string{"/amp", "/index.html", "/index.htm", "/index.php"} {
			if n >= len(tail) && path[n-1] == tail[len(tail)-1] && string(path[n-len(tail):n]) == tail {
				n -= len(tail)
			}
		}
		if n == before {
			return n
		}
	}
}
