package attribution

import (
	"cmp"
	"slices"

	"landed/internal/day"
)

// An article that is published once often appears again on outlets that take
// it over: a news agency's clients, partners, aggregators, scrapers. Such
// copies are links that nobody earned one by one.

// CopyDays is how many days apart copies of one article are first seen at most.
const CopyDays = 3

// Article is one link on a page, as grouping copies sees it. Links with the
// same Page are one article.
type Article struct {
	LinkID    int64
	Page      int64  // the source page, any number that tells pages apart
	PageKey   string // page key of the source
	Outlet    string // outlet key of the source; "" never groups by its text
	TargetKey string
	Title     string // of the source page
	Anchor    string
	Canonical string  // page key that the source names as its canonical address, "" = none or unknown
	FirstSeen day.Day // None never groups by its text
	PitchID   int64   // that the link is credited to, 0 = none
}

// CopyReason says how a copy was recognised.
type CopyReason string

const (
	CopyCanonical CopyReason = "canonical"   // the page names the original as its canonical address
	CopyTitle     CopyReason = "same_title"  // same title, near in time
	CopyAnchor    CopyReason = "same_anchor" // same anchor and target, near in time, titles not at odds
)

// Sentence says in plain English how the copy was recognised, without a full stop.
func (r CopyReason) Sentence() string {
	switch r {
	case CopyCanonical:
		return "The page names the original as its source address"
	case CopyTitle:
		return "Another outlet showed the same title within three days"
	case CopyAnchor:
		return "Another outlet showed the same anchor and target within three days"
	}
	return string(r)
}

// Copy is a page that repeats the article of another page.
type Copy struct {
	Page     int64
	Original int64 // a Page that is no copy itself
	By       CopyReason
}

// Copies finds the pages that repeat an article of another outlet, sorted by
// Page. It does not depend on the order of links. own are names of the site
// itself, such as its host and its brand: a text that says little else is what
// anybody writes who links to it.
//
// A page is a copy of an original when it names it as its canonical address,
// or when another outlet first showed it within [CopyDays] of it with the same
// title, or the same anchor on a link to the same target. The original
// is a credited placement, the nearest in time where there are several, else
// the page seen first; ties go to the lowest LinkID. It is always the original
// that is compared, never another copy, so that no chain of look-alikes grows.
//
// What is grouped is counted less, so doubt groups nothing: texts must have
// three rare words that are not the site's name, addresses in them do not
// count, equal anchors under titles of different subjects are no copies, an
// anchor that keeps returning for longer than [stockDays] is a phrase and not an
// article, and a page that is credited to a pitch of its own was earned by that pitch,
// even where the text is the same press release.
func Copies(links []Article, own []string) []Copy {
	g := grouping{own: ownWords(own), anchors: make(map[string]string)}
	g.read(links)
	g.dropStock()
	slices.SortFunc(g.pages, func(a, b *article) int {
		return cmp.Or(first(a.pitch != 0, b.pitch != 0), cmp.Compare(a.seen, b.seen), cmp.Compare(a.link, b.link))
	})
	for _, a := range g.pages {
		g.place(a)
	}
	return g.copies()
}

// stockDays is for how long one article's anchor may keep turning up.
const stockDays = 30

// article is one page with all its links to us.
type article struct {
	page, link int64 // link is the lowest of its links
	key        string
	outlet     string
	canonical  string
	seen       day.Day
	pitch      int64
	title      string // what is compared, "" when it says too little
	fullTitle  string
	subject    []string // see grouping.subject
	texts      []string // anchors with their targets that say enough

	of *article
	by CopyReason
}

type grouping struct {
	own     map[string]bool
	anchors map[string]string // folded, by anchor
	folded  []byte            // memory that is used again for each text
	pages   []*article
	byKey   map[string]*article
	titles  map[string]*originals
	texts   map[string]*originals
}

// originals with one text in common, both lists in the order of their days.
type originals struct{ credited, others []*article }

func (g *grouping) read(links []Article) {
	byPage := make(map[int64]*article, len(links))
	g.byKey = make(map[string]*article)
	g.titles, g.texts = make(map[string]*originals), make(map[string]*originals)
	sorted := make([]*Article, len(links)) // so that what a page takes from its links is in no doubt
	for i := range links {
		sorted[i] = &links[i]
	}
	slices.SortFunc(sorted, func(a, b *Article) int { return cmp.Compare(a.LinkID, b.LinkID) })
	for _, l := range sorted {
		a := byPage[l.Page]
		if a == nil {
			a = &article{page: l.Page, link: l.LinkID, key: l.PageKey, outlet: l.Outlet, seen: day.None}
			byPage[l.Page] = a
			g.pages = append(g.pages, a)
			if l.PageKey != "" {
				g.byKey[l.PageKey] = a
			}
		}
		g.join(a, l)
	}
}

// join adds what one more link says of its page.
func (g *grouping) join(a *article, l *Article) {
	if l.FirstSeen.Known() && (!a.seen.Known() || l.FirstSeen < a.seen) {
		a.seen = l.FirstSeen
	}
	if a.pitch == 0 {
		a.pitch = l.PitchID
	}
	if a.canonical == "" && l.Canonical != a.key {
		a.canonical = l.Canonical
	}
	if a.fullTitle == "" && l.Title != "" {
		a.fullTitle, a.title = l.Title, g.headline(l.Title)
	}
	if text := g.anchor(l.Anchor); text != "" {
		if text += "\x00" + l.TargetKey; !slices.Contains(a.texts, text) {
			a.texts = append(a.texts, text)
		}
	}
}

// dropStock forgets anchors that keep returning, such as those of a badge.
func (g *grouping) dropStock() {
	type span struct{ from, to day.Day }
	spans := make(map[string]span)
	for _, a := range g.pages {
		for _, t := range a.texts {
			s, ok := spans[t]
			switch {
			case !a.seen.Known():
				continue
			case !ok:
				s = span{a.seen, a.seen}
			}
			spans[t] = span{min(s.from, a.seen), max(s.to, a.seen)}
		}
	}
	for _, a := range g.pages {
		a.texts = slices.DeleteFunc(a.texts, func(t string) bool { return int(spans[t].to)-int(spans[t].from) > stockDays })
	}
}

// place makes a a copy of an original that was placed before it, or one that
// others may be copies of.
func (g *grouping) place(a *article) {
	if c := g.byKey[a.canonical]; c != nil && g.mayCopy(a, c) {
		a.of, a.by = c, CopyCanonical
		return
	}
	if a.outlet == "" || !a.seen.Known() {
		return
	}
	if a.title != "" {
		g.take(a, g.titles[a.title], CopyTitle)
	}
	for _, t := range a.texts {
		g.take(a, g.texts[t], CopyAnchor)
	}
	if a.of != nil {
		return
	}
	if a.title != "" {
		offer(g.titles, a.title, a)
	}
	for _, t := range a.texts {
		offer(g.texts, t, a)
	}
}

// offer lets later pages be copies of a, unless an original of the same outlet
// stands for it already: a site may repeat a text on all of its pages.
func offer(in map[string]*originals, text string, a *article) {
	o := in[text]
	if o == nil {
		o = &originals{}
		in[text] = o
	}
	list := &o.others
	if a.pitch != 0 {
		list = &o.credited
	}
	if n := len(*list); n > 0 {
		last := (*list)[n-1]
		if last.outlet == a.outlet && last.pitch == a.pitch && a.apart(last) <= CopyDays {
			return
		}
	}
	*list = append(*list, a)
}

// take looks for a better original among those with the same text.
func (g *grouping) take(a *article, from *originals, by CopyReason) {
	if from == nil {
		return
	}
	for _, o := range from.credited {
		g.consider(a, o, by)
	}
	for _, o := range slices.Backward(from.others) { // all seen before a, the latest first
		if a.apart(o) > CopyDays {
			return
		}
		g.consider(a, o, by)
	}
}

func (g *grouping) consider(a, o *article, by CopyReason) {
	switch {
	case o.outlet == a.outlet || a.apart(o) > CopyDays:
	case a.pitch != 0 && a.pitch != o.pitch:
	case by == CopyAnchor && !g.sameSubject(a, o):
	case a.of == nil || a.nearer(o, a.of):
		a.of, a.by = o, by
	}
}

// nearer reports that o is the better original for a than p.
func (a *article) nearer(o, p *article) bool {
	credited := o.pitch != 0 && p.pitch != 0
	return cmp.Or(
		first(o.pitch != 0, p.pitch != 0),
		first(credited && a.apart(o) < a.apart(p), credited && a.apart(p) < a.apart(o)),
		cmp.Compare(o.seen, p.seen),
		cmp.Compare(o.link, p.link),
	) < 0
}

func (a *article) apart(o *article) int {
	n := int(a.seen) - int(o.seen)
	return max(n, -n)
}

// mostHops bounds chains of canonical addresses, which honest pages do not form.
const mostHops = 8

// mayCopy refuses a canonical address that would take a pitch's placement from
// it, and one that leads back to where it came from.
func (g *grouping) mayCopy(a, c *article) bool {
	if a.pitch != 0 && a.pitch != c.pitch {
		return false
	}
	for range mostHops {
		if c == nil || c == a {
			break
		}
		c = g.byKey[c.canonical]
	}
	return c == nil
}

func (g *grouping) copies() []Copy {
	var out []Copy
	for _, a := range g.pages {
		if a.of == nil {
			continue
		}
		root := a.of
		for root.of != nil { // canonical addresses form no cycle, see mayCopy
			root = root.of
		}
		out = append(out, Copy{Page: a.page, Original: root.page, By: a.by})
	}
	slices.SortFunc(out, func(a, b Copy) int { return cmp.Compare(a.Page, b.Page) })
	return out
}
