package weburl

import "strings"

// Scope says how much of a site an outlet key covers.
type Scope int

const (
	ScopeDomain Scope = iota // a registrable domain with all its subdomains
	ScopeHost                // one host: an author's subdomain of a platform
	ScopePath                // host and path prefix: an author's folder on a platform
	ScopeBare                // a platform with no author named: never enough to credit a link
)

// String is the scope's name as stored and logged.
func (s Scope) String() string {
	switch s {
	case ScopeDomain:
		return "domain"
	case ScopeHost:
		return "host"
	case ScopePath:
		return "path"
	}
	return "bare"
}

// OutletKey is the identity of a publication. Two addresses belong to the same
// outlet exactly when their Keys are equal.
type OutletKey struct {
	Key      string // "example.com", "ann.substack.com", "medium.com/@ann"; lower case
	Scope    Scope
	Platform string // row of the platform table that applied ("medium.com", "blogspot.*"), else ""
}

// Page is a parsed source or target URL.
type Page struct {
	// Host in ASCII (IDNA), lower case, without port, trailing dot and leading
	// www., m., amp. and mobile. labels.
	Host string
	// Domain is the referring domain: the registrable domain by the public
	// suffix list, private section included, but by its ICANN section alone on
	// hosts of the platform table (ann.substack.com has substack.com).
	Domain string
	Outlet OutletKey
	// Path is the normalised path, query and "#!" fragment; "" for the home page.
	Path string

	key string // Host, a port other than 80 and 443, Path
}

// Key is the page key: equal for two URLs that are the same page. It is the
// host, a port other than 80 and 443, the path and the query, all ASCII.
func (p Page) Key() string {
	if p.key == "" {
		return p.Host + p.Path
	}
	return p.key
}

// AppendKey appends the page key to b, and allocates nothing if b has room.
func (p *Page) AppendKey(b []byte) []byte {
	if p.key != "" {
		return append(b, p.key...)
	}
	return append(append(b, p.Host...), p.Path...)
}

// PageKey is the page key of raw, the same as Page(raw).Key() with any platform
// table. It fails as [Platforms.Page] does.
func PageKey(raw string) (string, error) {
	a, err := parse(raw)
	if err != nil {
		return "", refuse(raw, err)
	}
	return a.key, nil
}

// Page parses the URL of a link, with or without scheme. Copies of a page (AMP
// caches, machine translations, web caches and archives) give the page inside.
// Addresses that name no public host are refused with a fault.Invalid error
// that names the input: IP addresses, localhost, names without a dot, public
// suffixes, credentials before the host, schemes other than http and https.
func (t *Platforms) Page(rawURL string) (Page, error) {
	a, err := parse(rawURL)
	if err != nil {
		return Page{}, refuse(rawURL, err)
	}
	return t.page(a), nil
}

// Outlet parses what a person typed for an outlet: a domain, a URL with or
// without scheme, or an e-mail address, of which the part after @ counts.
// It refuses what [Platforms.Page] refuses.
func (t *Platforms) Outlet(typed string) (Page, error) {
	s := strings.TrimSpace(typed)
	if i := strings.LastIndexByte(s, '<'); i >= 0 && strings.HasSuffix(s, ">") {
		s = strings.TrimSpace(s[i+1 : len(s)-1]) // "Ann <ann@example.com>"
	}
	if host, ok := mailHost(s); ok {
		s = host
	}
	a, err := parse(s)
	if err != nil {
		return Page{}, refuse(typed, err)
	}
	return t.page(a), nil
}

// mailHost is the part after @ of an e-mail address. A colon or slash before
// the @ makes it something else: credentials, or a handle in a path.
func mailHost(s string) (string, bool) {
	if hasPrefixFold(s, "mailto:") {
		s, _, _ = strings.Cut(s[len("mailto:"):], "?")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || strings.ContainsAny(s[:at], `:/\?#@ `) || strings.ContainsAny(s[at:], `:/\?#`) {
		return "", false
	}
	return s[at+1:], true
}

func (t *Platforms) page(a address) Page {
	p := Page{Host: a.host(), Path: a.path(), Domain: a.domain(), key: a.key}
	p.Outlet = OutletKey{Key: p.Domain}
	if m, ok := t.find(p.Host); ok {
		p.Domain = icannDomain(p.Host)
		p.Outlet = m.outlet(a)
	} else if a.bareSuffix() {
		// "github.io" itself: authors live below it, none is named.
		p.Outlet = OutletKey{Key: p.Host, Scope: ScopeBare, Platform: p.Host}
	}
	return p
}
