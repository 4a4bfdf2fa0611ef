package weburl

import (
	"bytes"
	"slices"
	"strings"
)

// appendRest appends the normal form of what follows the authority.
func appendRest(b []byte, rest string) []byte {
	rest, fragment, _ := strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	b = appendPath(b, path)
	b = appendQuery(b, query)
	// "#!/x" was how script-built sites named pages; other fragments are places
	// within a page.
	if len(fragment) > 1 && fragment[0] == '!' {
		b = append(b, "#!"...)
		b = appendEncoded(b, fragment[1:], inQuery)
	}
	return b
}

// appendPath resolves "." and "..", then makes one slash of many and cuts the
// endings that mean the same page. path is empty or starts with a slash.
func appendPath(b []byte, path string) []byte {
	base := len(b)
	for len(path) > 0 {
		path = path[1:]
		seg := path
		if i := strings.IndexAny(path, `/\`); i >= 0 {
			seg = path[:i]
		}
		path = path[len(seg):]
		start := len(b)
		b = appendEncoded(append(b, '/'), seg, inPath)
		switch string(b[start+1:]) {
		case ".":
			b = b[:start]
		case "..":
			// As in browsers an empty segment counts here: a//.. is a/.
			b = b[:base+max(0, bytes.LastIndexByte(b[base:start], '/'))]
		}
	}
	w := base
	for r := base; r < len(b); r++ {
		if b[r] == '/' && w > base && b[w-1] == '/' {
			continue
		}
		b[w] = b[r]
		w++
	}
	return b[:base+trimmed(b[base:w])]
}

// pair is one name=value of a query, as offsets into a buffer.
type pair struct{ start, name, end int }

// appendQuery keeps the pairs that choose content, sorted by name. Pairs of one
// name stay in their order: servers take the first or the last of them.
func appendQuery(b []byte, query string) []byte {
	base := len(b)
	var room [16]pair
	pairs := room[:0]
	sorted := true
	for query != "" {
		var part string
		part, query, _ = strings.Cut(query, "&")
		if part == "" {
			continue
		}
		start := len(b)
		b = appendEncoded(append(b, '&'), part, inQuery)
		p := pair{start: start, end: len(b)}
		p.name = start + 1 + nameLen(b[start+1:])
		if tracking(b[start+1 : p.name]) {
			b = b[:start]
			continue
		}
		if n := len(pairs); n > 0 && sorted {
			q := pairs[n-1]
			sorted = bytes.Compare(b[q.start:q.name], b[p.start:p.name]) <= 0
		}
		pairs = append(pairs, p)
	}
	if !sorted {
		sortPairs(b, base, pairs)
	}
	if len(b) > base {
		b[base] = '?'
	}
	return b
}

func sortPairs(b []byte, base int, pairs []pair) {
	old := slices.Clone(b[base:])
	slices.SortStableFunc(pairs, func(p, q pair) int {
		return bytes.Compare(old[p.start-base:p.name-base], old[q.start-base:q.name-base])
	})
	at := base
	for _, p := range pairs {
		at += copy(b[at:], old[p.start-base:p.end-base])
	}
}

func nameLen(part []byte) int {
	if i := bytes.IndexByte(part, '='); i >= 0 {
		return i
	}
	return len(part)
}

// tracking reports the parameters that say where a visitor came from, not
// which page it is.
func tracking(name []byte) bool {
	for _, prefix := range [...]string{"utm_", "mc_"} {
		if len(name) >= len(prefix) && foldEqual(name[:len(prefix)], prefix) {
			return true
		}
	}
	for _, whole := range [...]string{"ref", "gclid", "fbclid", "amp", "ref_src", "igshid", "spm"} {
		if foldEqual(name, whole) {
			return true
		}
	}
	return false
}

// foldEqual compares with lower, which is ASCII in lower case.
func foldEqual(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func hasPrefixFold(s, lower string) bool {
	return len(s) >= len(lower) && strings.EqualFold(s[:len(lower)], lower)
}

const upperHex = "0123456789ABCDEF"

// appendEncoded appends s with every byte outside set percent-encoded, escapes
// of unreserved characters decoded and the others in upper case. In a path
// "%40" is "@" as well: author names on platforms come in both spellings. A "%"
// that starts no escape becomes "%25", or decoding could make an escape of it.
func appendEncoded(b []byte, s string, set uint8) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case is(c, set):
			b = append(b, c)
		case c == '%' && i+2 < len(s) && is(s[i+1], hexDigit) && is(s[i+2], hexDigit):
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if is(c, unreserved) || c == '@' && set == inPath {
				b = append(b, c)
			} else {
				b = append(b, '%', upperHex[c>>4], upperHex[c&15])
			}
		default:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
