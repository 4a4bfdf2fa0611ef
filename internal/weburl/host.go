package weburl

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// lookup maps names as browsers do before they resolve them. Unlike
// idna.Lookup it keeps "_", which real author subdomains contain; checkHost
// refuses the other characters that no name has.
var lookup = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.CheckJoiners(true),
	idna.BidiRule(),
)

const (
	errHostChar = refusal("its host has a character that no host name has")
	errHostLong = refusal("its host is longer than 253 characters")
)

// toASCII gives the lower-case ASCII form of a host, without a trailing dot.
// What it returns still has to pass checkHost.
func toASCII(host string) (string, error) {
	if strings.IndexByte(host, '%') >= 0 {
		h, err := url.PathUnescape(host)
		if err != nil {
			return "", errHostChar
		}
		host = h
	}
	// Punycode costs the square of the length; no usable host comes near this.
	if len(host) > 1024 {
		return "", errHostLong
	}
	if !utf8.ValidString(host) {
		return "", errHostChar
	}
	plain := true
	for i := range len(host) {
		plain = plain && host[i] < utf8.RuneSelf
	}
	if plain { // IDNA lower-cases the others, by its own table
		host = strings.ToLower(host)
	}
	if !plain || strings.Contains(host, "xn--") {
		h, err := lookup.ToASCII(host)
		if err != nil {
			return "", refusal("its host is not a valid international domain name")
		}
		host = h
	}
	return strings.TrimSuffix(host, "."), nil
}

// checkHost refuses what is no public host name: h is lower-case ASCII.
func checkHost(h string) error {
	if len(h) > 253 {
		return errHostLong
	}
	label := 0 // where the current label starts
	for i := 0; i <= len(h); i++ {
		if i < len(h) && h[i] != '.' {
			if !is(h[i], inHost) {
				return errHostChar
			}
			continue
		}
		switch n := i - label; {
		case len(h) == 0:
			return errNoHost
		case n == 0:
			return refusal("its host has an empty part between two dots")
		case n > 63:
			return refusal("its host has a part longer than 63 characters")
		}
		if i < len(h) {
			label = i + 1
		}
	}
	switch last := h[label:]; {
	case numeric(last):
		// The WHATWG rule: a name that ends in a number is an IPv4 address,
		// also in the shapes 0x7f.1 and 2130706433, or it is nothing.
		return errIP
	case last == "localhost":
		return refusal("localhost is not a publication")
	case label == 0:
		return refusal("its host has no dot")
	}
	return nil
}

func numeric(label string) bool {
	hex, isHex := strings.CutPrefix(label, "0x")
	if isHex {
		label = hex
	}
	for i := range len(label) {
		if c := label[i]; c > '9' && !(isHex && is(c, hexDigit)) || c < '0' {
			return false
		}
	}
	return true
}
