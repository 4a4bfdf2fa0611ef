package weburl

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"landed/internal/fault"
)

// maxURL bounds what is parsed, in bytes. Browsers and providers stop far
// below; the bound keeps hostile input cheap.
const maxURL = 16 << 10

// address is a page key together with where its parts lie.
type address struct {
	key     string
	hostLen int
	pathAt  int // > hostLen when there is a port
	suffix  int // length of the public suffix at the end of the host
}

func (a address) host() string { return a.key[:a.hostLen] }
func (a address) path() string { return a.key[a.pathAt:] }

// bareSuffix reports that the host is itself a suffix of the private section.
func (a address) bareSuffix() bool { return a.suffix == a.hostLen }

// domain is the registrable domain, private section included; for a host that
// is a private suffix, the registrable domain by the ICANN section.
func (a address) domain() string {
	h := a.host()
	if a.bareSuffix() {
		return icannDomain(h)
	}
	cut := a.hostLen - a.suffix - 1
	return h[strings.LastIndexByte(h[:cut], '.')+1:]
}

// parse normalises raw and unwraps copies.
func parse(raw string) (address, error) {
	a, err := parseOne(raw)
	if err != nil {
		return address{}, err
	}
	// Each inner address comes from the normal form of the outer one, so that
	// the key of a key is that key, also where the inside is not a page.
	for range 5 {
		in, ok := a.inner()
		if !ok {
			return a, nil
		}
		b, err := parseOne(in)
		if err != nil {
			return a, nil
		}
		a = b
	}
	if _, ok := a.inner(); ok {
		return address{}, refusal("a copy of a copy, too many times over")
	}
	return a, nil
}

const errTooLong = refusal("longer than 16 kB")

func parseOne(raw string) (address, error) {
	a, ok := fastAddress(raw)
	if !ok {
		var err error
		if a, err = slowAddress(raw); err != nil {
			return address{}, err
		}
	}
	if err := checkHost(a.host()); err != nil {
		return address{}, err
	}
	// "https://"+key must stay within the bound that raw had to keep.
	if len(a.key) > maxURL-len("https://") {
		return address{}, errTooLong
	}
	return a.settle()
}

// settle finds the public suffix and drops the leading labels that only say
// how a page is served.
func (a address) settle() (address, error) {
	ps, icann := publicsuffix.PublicSuffix(a.host())
	a.suffix = len(ps)
	if a.bareSuffix() && icann {
		return address{}, refusal("a public suffix, under which anybody may register a name")
	}
	for {
		n := serviceLabel(a.key)
		left := a.hostLen - n
		// On a private suffix "m" may be an author, but "www" is the platform.
		if n == 0 || left < a.suffix || left == a.suffix && (icann || n != len("www.")) {
			return a, nil
		}
		if left == a.suffix && !isPrivateSuffix(ps) {
			return a, nil // "www.example": the suffix is no listed one
		}
		a.key, a.hostLen, a.pathAt = a.key[n:], left, a.pathAt-n
	}
}

func serviceLabel(key string) int {
	if key[0] != 'w' && key[0] != 'm' && key[0] != 'a' {
		return 0
	}
	for _, l := range [...]string{"www.", "m.", "amp.", "mobile."} {
		if strings.HasPrefix(key, l) {
			return len(l)
		}
	}
	return 0
}

// isPrivateSuffix reports a suffix below a listed one, as "github.io" is. A
// name of one label that no rule knows is its own suffix and is not private.
func isPrivateSuffix(ps string) bool { return strings.IndexByte(ps, '.') >= 0 }

// icannDomain is the registrable domain by the ICANN section alone.
func icannDomain(host string) string {
	suffix, _ := publicsuffix.PublicSuffix(host)
	for {
		// The flag is asked for the suffix itself: of a longer name it speaks
		// of the last node looked at, not of the one that matched.
		_, icann := publicsuffix.PublicSuffix(suffix)
		_, parent, ok := strings.Cut(suffix, ".")
		if icann || !ok {
			break
		}
		suffix, _ = publicsuffix.PublicSuffix(parent)
	}
	if len(suffix) >= len(host) {
		return host
	}
	return host[strings.LastIndexByte(host[:len(host)-len(suffix)-1], '.')+1:]
}

// refusal is why an address cannot be used. Exported functions name the input.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(raw string, why error) error {
	const most = 120
	if len(raw) > most {
		raw = strings.ToValidUTF8(raw[:most], "") + "…"
	}
	return fault.New(fault.Invalid, "%q is not a usable web address: %s", raw, why)
}
