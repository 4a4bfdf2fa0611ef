package weburl

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"landed/internal/fault"
)

// PlatformRow is one platform as an admin edits it: a site where many authors
// publish under one registrable domain.
type PlatformRow struct {
	// Host is the platform's host ("medium.com", "sites.google.com"), or a name
	// with every country ending ("blogspot.*").
	Host string
	// SameAs is the Host of the row whose keys this one shares ("x.com" for
	// "twitter.com"), or "".
	SameAs string
	// Subdomains says what stands before Host: "author" (each has one), "front"
	// (the platform in another dress, as old.reddit.com) or "own" (a section
	// of its own, keyed by host, as docs.github.com). "" is "own".
	Subdomains string
	// Paths are patterns of author folders, the first that fits counts. "*" is
	// any segment, "@*" one with that start. Without "*" the folder is shared
	// by all authors and names none ("/pulse").
	Paths []string
	// Reserved are first segments and subdomains that are no author's.
	Reserved []string
	// Fronts are subdomains that are the platform itself whatever Subdomains says.
	Fronts []string
}

// Platforms is a table of platform hosts, fixed once made.
type Platforms struct {
	rows   []PlatformRow
	byHost map[string]*platform
	wild   []*platform // Host ends in ".*"
	shares map[string][]string
}

type platform struct {
	PlatformRow
	patterns [][]string
}

//go:embed platforms.csv
var seed string

// Default is the table that ships with Landed.
func Default() *Platforms { return shipped() }

var shipped = sync.OnceValue(func() *Platforms {
	t, err := NewPlatforms(readSeed(seed))
	if err != nil {
		panic("weburl: the embedded platform table is broken: " + err.Error())
	}
	return t
})

func readSeed(text string) []PlatformRow {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil {
		panic("weburl: the embedded platform table is broken: " + err.Error())
	}
	rows := make([]PlatformRow, 0, len(records))
	for _, f := range records[1:] {
		rows = append(rows, PlatformRow{
			Host: f[0], SameAs: f[1], Subdomains: f[2],
			Paths: strings.Fields(f[3]), Reserved: strings.Fields(f[4]), Fronts: strings.Fields(f[5]),
		})
	}
	return rows
}

// Rows is a copy of the table, in its order.
func (t *Platforms) Rows() []PlatformRow {
	rows := slices.Clone(t.rows)
	for i := range rows {
		rows[i].Paths = slices.Clone(rows[i].Paths)
		rows[i].Reserved = slices.Clone(rows[i].Reserved)
		rows[i].Fronts = slices.Clone(rows[i].Fronts)
	}
	return rows
}

// NewPlatforms makes a table of rows. A row that cannot work gives a
// fault.Invalid error that names it.
func NewPlatforms(rows []PlatformRow) (*Platforms, error) {
	t := &Platforms{byHost: make(map[string]*platform, len(rows))}
	for _, row := range rows {
		p, err := compile(row)
		if err != nil {
			return nil, err
		}
		if _, twice := t.byHost[p.Host]; twice {
			return nil, fault.New(fault.Invalid, "platform %q stands in the table twice", row.Host)
		}
		t.byHost[p.Host] = p
		t.rows = append(t.rows, p.PlatformRow)
	}
	for _, p := range t.byHost {
		if q := t.byHost[p.SameAs]; p.SameAs != "" && (q == nil || q.SameAs != "" || strings.HasSuffix(q.Host, "*")) {
			return nil, fault.New(fault.Invalid, "platform %q shares keys with %q, which is no row with keys of its own", p.Host, p.SameAs)
		}
		if p.SameAs != "" && strings.HasSuffix(p.Host, "*") {
			return nil, fault.New(fault.Invalid, "platform %q has many hosts and cannot share keys with %q", p.Host, p.SameAs)
		}
	}
	t.shares = map[string][]string{}
	for _, row := range t.rows {
		if row.SameAs != "" {
			t.shares[row.SameAs] = append(t.shares[row.SameAs], icannDomain(row.Host))
		}
		if strings.HasSuffix(row.Host, ".*") {
			t.wild = append(t.wild, t.byHost[row.Host])
			delete(t.byHost, row.Host)
		}
	}
	return t, nil
}

func compile(row PlatformRow) (*platform, error) {
	bad := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "platform %q: "+format, append([]any{row.Host}, args...)...)
	}
	probe, any := strings.CutSuffix(row.Host, ".*")
	if any {
		probe += ".com"
	}
	a, err := parse(probe)
	if err != nil || a.path() != "" || a.pathAt != a.hostLen {
		return nil, bad("the host must look like example.com or example.*")
	}
	p := &platform{PlatformRow: PlatformRow{
		Host: a.host(), SameAs: strings.ToLower(row.SameAs), Subdomains: row.Subdomains,
		Paths: slices.Clone(row.Paths), Reserved: lower(row.Reserved), Fronts: lower(row.Fronts),
	}}
	if any {
		p.Host = strings.TrimSuffix(p.Host, "com") + "*"
	}
	switch row.Subdomains {
	case "":
		p.Subdomains = "own"
	case "author", "front", "own":
	default:
		return nil, bad("subdomains must be author, front or own, not %q", row.Subdomains)
	}
	for _, pattern := range row.Paths {
		segs := strings.Split(pattern, "/")
		if len(segs) < 2 || segs[0] != "" || slices.Contains(segs[1:], "") {
			return nil, bad("the path pattern %q must look like /in/* or /@*", pattern)
		}
		p.patterns = append(p.patterns, lower(segs[1:]))
	}
	return p, nil
}

func lower(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ToLower(w)
	}
	return out
}

// match is a platform together with the host it was found at.
type match struct {
	*platform
	at string // the row's host, or for "blogspot.*" the one with the ending
}

// find looks host and its parents up, the longest first.
func (t *Platforms) find(host string) (match, bool) {
	for s := host; ; {
		dot := strings.IndexByte(s, '.')
		if dot < 0 {
			return match{}, false
		}
		if p := t.byHost[s]; p != nil {
			return match{p, s}, true
		}
		for _, p := range t.wild {
			ending, ok := strings.CutPrefix(s, p.Host[:len(p.Host)-1])
			if !ok {
				continue
			}
			// blogspot.example.com is nobody's platform.
			if ps, icann := publicsuffix.PublicSuffix(ending); icann && ps == ending {
				return match{p, s}, true
			}
		}
		s = s[dot+1:]
	}
}

// outlet is the outlet key of an address on the platform.
func (m match) outlet(a address) OutletKey {
	host := a.host()
	sub := strings.TrimSuffix(host[:len(host)-len(m.at)], ".")
	root, name := m.at, m.Host
	if m.SameAs != "" {
		root, name = m.SameAs, m.SameAs
	}
	if sub != "" && m.Subdomains != "front" && !slices.Contains(m.Fronts, sub) {
		if m.Subdomains == "author" && slices.Contains(m.Reserved, sub) {
			return OutletKey{Key: root, Scope: ScopeBare, Platform: name}
		}
		return OutletKey{Key: host, Scope: ScopeHost, Platform: name}
	}
	end, scope := m.folder(a.path())
	prefix := strings.ToLower(a.path()[:end])
	key := root + prefix
	if whole := a.key[:min(a.pathAt+end, len(a.key))]; whole == key {
		key = whole // shares memory: no copy of plain addresses is kept
	}
	return OutletKey{Key: key, Scope: scope, Platform: name}
}

// folder is the length of the author's folder at the start of path.
func (m match) folder(path string) (end int, scope Scope) {
	for _, pattern := range m.patterns {
		if end, named, ok := m.fit(path, pattern); ok && named {
			return end, ScopePath
		} else if ok {
			return end, ScopeBare
		}
	}
	return 0, ScopeBare
}

func (m match) fit(path string, pattern []string) (end int, named, ok bool) {
	for i, want := range pattern {
		if end >= len(path) || path[end] != '/' {
			return 0, false, false
		}
		seg := path[end+1:]
		if n := strings.IndexAny(seg, "/?#"); n >= 0 {
			seg = seg[:n]
		}
		start, isAny := strings.CutSuffix(want, "*")
		switch {
		case !isAny && !strings.EqualFold(seg, want),
			isAny && (len(seg) <= len(start) || !hasPrefixFold(seg, start)),
			i == 0 && want == "*" && slices.Contains(m.Reserved, strings.ToLower(seg)):
			return 0, false, false
		}
		named = named || isAny
		end += 1 + len(seg)
	}
	return end, named, true
}
