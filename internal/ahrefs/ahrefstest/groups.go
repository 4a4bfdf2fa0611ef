package ahrefstest

import (
	"cmp"
	"slices"
	"time"
)

// group is a referring domain, or an anchor, with its links in the period.
type group struct {
	name        string
	links       []*backlink
	fresh, lost int // in the period
}

// groupBy groups the links that a period holds, in the order of their names.
func groupBy(links []*backlink, name func(*backlink) string, s span) []*group {
	by := map[string]*group{}
	for _, b := range links {
		g := by[name(b)]
		if g == nil {
			g = &group{name: name(b)}
			by[g.name] = g
		}
		g.links = append(g.links, b)
		if s.counts(b.firstSeen) {
			g.fresh++
		}
		if s.counts(b.lastSeen) {
			g.lost++
		}
	}
	out := make([]*group, 0, len(by))
	for _, g := range by {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.name, b.name) })
	return out
}

func byRoot(b *backlink) string   { return b.root }
func byAnchor(b *backlink) string { return b.Anchor }

func (g *group) firstSeen() any {
	first := g.links[0].firstSeen
	for _, b := range g.links {
		first = earlier(first, b.firstSeen)
	}
	return at(first)
}

// lastSeen is null while one link lives.
func (g *group) lastSeen() any {
	var last time.Time
	for _, b := range g.links {
		if b.live() {
			return nil
		}
		if b.lastSeen.After(last) {
			last = b.lastSeen
		}
	}
	return at(last)
}

func (g *group) rating() float64 {
	top := 0.0
	for _, b := range g.links {
		top = max(top, b.DR)
	}
	return top
}

func (g *group) number(of func(*backlink) bool) int {
	n := 0
	for _, b := range g.links {
		if of(b) {
			n++
		}
	}
	return n
}

// different counts the distinct values of the links.
func (g *group) different(of func(*backlink) string) int {
	seen := map[string]bool{}
	for _, b := range g.links {
		seen[of(b)] = true
	}
	return len(seen)
}

func dofollow(b *backlink) bool { return b.Dofollow }
func spam(b *backlink) bool     { return b.Spam }

// linked lifts a column of the links into the where of their groups.
func linked(name string) field[*group] {
	c := backlinkColumns[name]
	return field[*group]{kind: c.kind, price: c.price, use: whereOnly, of: func(g *group) any {
		values := make(each, 0, len(g.links))
		for _, b := range g.links {
			values = append(values, c.of(b))
		}
		return values
	}}
}

// common are the columns that refdomains and anchors share.
func common(own table[*group]) table[*group] {
	for _, name := range []string{"discovered_status", "drop_reason", "is_content", "is_dofollow", "is_homepage_link",
		"is_nofollow", "is_non_html", "is_sponsored", "is_ugc", "languages", "len_url_redirect", "link_type",
		"links_external", "lost_reason", "noindex", "positions", "positions_source_domain", "powered_by", "snippet_left", "snippet_right",
		"source_page_author", "title", "traffic_domain", "url_from", "url_redirect", "url_redirect_with_target", "url_to"} {
		if _, has := own[name]; !has {
			own[name] = linked(name)
		}
	}
	own["first_seen"] = field[*group]{of: (*group).firstSeen, kind: moments}
	own["last_seen"] = field[*group]{of: (*group).lastSeen, kind: moments}
	own["is_spam"] = field[*group]{of: func(g *group) any { return g.number(spam) > 0 }, kind: truth}
	own["links_to_target"] = field[*group]{of: func(g *group) any { return len(g.links) }, kind: number}
	own["dofollow_links"] = field[*group]{of: func(g *group) any { return g.number(dofollow) }, kind: number}
	own["new_links"] = field[*group]{of: func(g *group) any { return g.fresh }, kind: number}
	own["lost_links"] = field[*group]{of: func(g *group) any { return g.lost }, kind: number}
	own["linked_domains"] = linked("linked_domains_source_page")
	own["root_domain_name"] = linked("root_name_source")
	own["traffic_page"] = linked("traffic")
	return own
}

// ofFirst takes a value of the domain from any of its links.
func ofFirst(name string) func(*group) any {
	c := backlinkColumns[name]
	return func(g *group) any { return c.of(g.links[0]) }
}

var refdomainColumns = common(table[*group]{
	"domain":                  {of: func(g *group) any { return g.name }},
	"domain_rating":           {of: func(g *group) any { return g.rating() }, kind: number},
	"dofollow_linked_domains": {of: ofFirst("linked_domains_source_domain"), kind: number},
	"dofollow_refdomains":     {of: ofFirst("refdomains_source_domain"), kind: number, price: 5},
	"ip_source":               {of: ofFirst("ip_source")},
	"is_root_domain":          {of: constant[*group](true), kind: truth},
	"positions_source_domain": {of: ofFirst("positions_source_domain"), kind: number},
	"traffic_domain":          {of: ofFirst("traffic_domain"), kind: number, price: 10},
	"anchor":                  linked("anchor"),
	"port_source":             linked("port_source"),
	"port_target":             linked("port_target"),
	"refdomains":              linked("refdomains_source"),
})

var anchorColumns = common(table[*group]{
	"anchor":            {of: func(g *group) any { return g.name }},
	"refdomains":        {of: func(g *group) any { return g.different(byRoot) }, kind: number, price: 5},
	"refpages":          {of: func(g *group) any { return g.different(func(b *backlink) string { return b.From }) }, kind: number},
	"top_domain_rating": {of: func(g *group) any { return g.rating() }, kind: number},
	"domain_rating":     linked("domain_rating_source"),
	"is_root_domain":    linked("is_root_source"),
	"refdomains_source": linked("refdomains_source"),
})
