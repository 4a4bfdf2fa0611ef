package weburl

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"landed/internal/fault"
)

// Override is what a workspace changes of the table: a row added, a row in the
// place of a shipped one with the same Host, or a shipped row taken out.
type Override struct {
	PlatformRow
	Removed bool // only Host counts
}

// With is the table changed by overrides, the first of two with the same Host.
// An override that cannot work gives a fault.Invalid error that names it.
func (t *Platforms) With(overrides []Override) (*Platforms, error) {
	rows := t.Rows()
	for i, o := range overrides {
		host := platformHost(o.Host)
		if slices.ContainsFunc(overrides[:i], func(p Override) bool { return platformHost(p.Host) == host }) {
			continue
		}
		at := slices.IndexFunc(rows, func(r PlatformRow) bool { return r.Host == host })
		switch {
		case o.Removed && at >= 0:
			rows = slices.Delete(rows, at, at+1)
		case o.Removed:
		case at >= 0:
			rows[at] = o.PlatformRow
		default:
			rows = append(rows, o.PlatformRow)
		}
	}
	return NewPlatforms(rows)
}

// platformHost is the form of a row's Host that tables are made of; what has
// none is given back as it is.
func platformHost(host string) string {
	p, err := compile(PlatformRow{Host: host})
	if err != nil {
		return host
	}
	return p.Host
}

// CheckPlatform validates one row as a person types it and gives it in the form
// that a table keeps. Errors are fault.Invalid with the field host, subdomains
// or paths. On top of what [NewPlatforms] refuses it refuses rows that would
// change nothing or make one outlet of unrelated sites.
func CheckPlatform(row PlatformRow) (PlatformRow, error) {
	row.Host = strings.TrimSpace(row.Host)
	if host, ok := strings.CutPrefix(row.Host, "*."); ok {
		return row, fault.Field("host", "Enter %s without the star: subdomains are chosen below.", host)
	}
	if _, err := compile(PlatformRow{Host: row.Host}); err != nil {
		return row, fault.Field("host", "Enter a host such as example.com, or example.* for every country's ending.")
	}
	if s := row.Subdomains; s != "" && s != "author" && s != "front" && s != "own" {
		return row, fault.Field("subdomains", "Choose what stands before the host.")
	}
	p, err := compile(row)
	if err != nil {
		return row, fault.Field("paths", "Each pattern begins with a slash, such as /@* or /in/*.")
	}
	if ps, icann := publicsuffix.PublicSuffix(p.Host); icann && ps == p.Host {
		return row, fault.Field("host", "Anybody may register a name under %s: it is no platform.", p.Host)
	}
	return p.PlatformRow, nil
}

// Rekeyed tells of a referring domain whether tables a and b may key its pages
// differently. It says no only where they cannot; the pages of the domains it
// says yes to stay among those in whichever way they are keyed.
func Rekeyed(a, b *Platforms) func(domain string) bool {
	plain, wild := map[string]bool{}, map[string]bool{}
	mark := func(host string) {
		if name, ok := strings.CutSuffix(host, "*"); ok {
			wild[name] = true
		} else {
			plain[icannDomain(host)] = true
		}
	}
	differ := func(a, b *Platforms) {
		for _, r := range a.rows {
			if !slices.ContainsFunc(b.rows, r.equal) {
				mark(r.Host)
			}
		}
	}
	differ(a, b)
	differ(b, a)
	return func(domain string) bool {
		if plain[icannDomain(domain)] {
			return true
		}
		for s := domain; len(wild) > 0; {
			for name := range wild {
				if strings.HasPrefix(s, name) {
					return true
				}
			}
			_, rest, ok := strings.Cut(s, ".")
			if !ok {
				break
			}
			s = rest
		}
		return false
	}
}

// Group is the part of the web that a domain cannot leave, however a platform
// table keys it: its registrable domain by the public suffixes of registries.
func Group(domain string) string { return icannDomain(domain) }

func (r PlatformRow) equal(q PlatformRow) bool {
	return r.Host == q.Host && r.SameAs == q.SameAs && r.Subdomains == q.Subdomains &&
		slices.Equal(r.Paths, q.Paths) && slices.Equal(r.Reserved, q.Reserved) && slices.Equal(r.Fronts, q.Fronts)
}

// Domains lists the referring domains that can hold pages of an outlet: that of
// the page its key names, and those of platforms that share its platform's keys
// (for "x.com/ann" also twitter.com).
func (t *Platforms) Domains(key Page) []string {
	if key.Domain == "" {
		return nil
	}
	return append([]string{key.Domain}, t.shares[key.Outlet.Platform]...)
}
