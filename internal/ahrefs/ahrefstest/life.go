package ahrefstest

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// backlink is a link as V3 tells it at one moment: its lives put together.
type backlink struct {
	Link                    // the latest life that has begun
	firstSeen     time.Time // of the first life, also when the link came back
	pageSeen      time.Time
	lastSeen      time.Time // found lost; zero while it lives
	visited       time.Time // last verified live
	restored      bool
	fresh         bool // found by the last crawl of its page
	hash          uint64
	host, root    string // of the source
	toHost        string
	toRoot        string
	count         int // links that this one stands for, by aggregation
	scheme, toWay string
	lives         []life
}

// life is from a link's finding to its loss; a zero end = not lost.
type life struct{ from, to time.Time }

const (
	crawlsADay = 8
	recrawl    = 7 * 24 * time.Hour // how often a page with a link is visited
)

// moment is the time of day of one of the day's crawls.
func moment(hash uint64) time.Duration {
	return time.Duration(hash%crawlsADay)*3*time.Hour + 72*time.Minute + 9*time.Second
}

func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // a hash does not fail
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

func (l Link) firstAt() time.Time {
	if !l.FirstSeenAt.IsZero() {
		return l.FirstSeenAt.UTC()
	}
	return l.FirstSeen.Time().Add(moment(hashOf(l.From, l.To)))
}

// lostAt is zero for a link that lives on.
func (l Link) lostAt() time.Time {
	if !l.LostAt.IsZero() {
		return l.LostAt.UTC()
	}
	if !l.LostOn.Known() {
		return time.Time{}
	}
	at := l.LostOn.Time().Add(moment(hashOf(l.To, l.From, "lost")))
	if first := l.firstAt(); !at.After(first) {
		return first.Add(time.Second)
	}
	return at
}

// backlinks gives what the index holds about a target at a moment, lost links
// too. Two lives of one kind of link between two pages are one link that came back.
func (w *World) backlinks(t target, now time.Time) []*backlink {
	shown := w.linksTo(t, func(l Link) bool { return !l.firstAt().Add(l.Late).After(now) })
	by := map[[3]string]*backlink{}
	var out []*backlink
	for _, l := range shown {
		key := [3]string{l.From, l.To, l.Kind}
		b := by[key]
		if b == nil {
			b = &backlink{Link: l, firstSeen: l.firstAt(), count: 1, lives: []life{{l.firstAt(), l.lostAt()}}}
			by[key] = b
			out = append(out, b)
			continue
		}
		b.lives = append(b.lives, life{l.firstAt(), l.lostAt()})
		b.restored = true
		b.firstSeen = earlier(b.firstSeen, l.firstAt())
		if l.firstAt().After(b.Link.firstAt()) {
			b.Link = l
		}
	}
	for _, b := range out {
		b.settle(now)
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// settle derives what depends on the moment.
func (b *backlink) settle(now time.Time) {
	b.hash = hashOf(b.From, b.To)
	b.scheme, b.toWay = scheme(b.From), scheme(b.To)
	b.host, b.toHost = hostOf(b.From), hostOf(b.To)
	b.root, b.toRoot = registrable(b.host), registrable(b.toHost)
	b.pageSeen = b.PageSeen.UTC()
	if b.PageSeen.IsZero() {
		b.pageSeen = b.firstSeen.Add(-time.Duration(1+b.hash%400) * 24 * time.Hour)
	}
	until, began := now, b.firstAt()
	if lost := b.lostAt(); !lost.IsZero() && !lost.Add(b.Late).After(now) {
		b.lastSeen, until = lost, lost.Add(-time.Second)
	}
	if until.Before(began) {
		until = began
	}
	visits := until.Sub(began) / recrawl
	b.visited = began.Add(visits * recrawl)
	b.fresh = visits == 0 && b.lastSeen.IsZero()
}

func (b *backlink) live() bool { return b.lastSeen.IsZero() }

// liveAt says whether the link lived at another moment.
func (b *backlink) liveAt(t time.Time) bool {
	return slices.ContainsFunc(b.lives, func(l life) bool {
		return l.from.Before(t) && (l.to.IsZero() || !l.to.Before(t))
	})
}

func (b *backlink) kind() string { return cmp.Or(b.Kind, "text") }

// discovered is null for a link whose page was crawled again since.
func (b *backlink) discovered() any {
	switch {
	case b.restored:
		return "linkrestored"
	case !b.fresh:
		return nil
	case b.pageSeen.Equal(b.firstSeen):
		return "pagefound"
	}
	return "linkfound"
}

var lostReasons = map[string]string{
	"broken": "notfound", "noindex": "noindex", "redirect": "pageredirected", "link_removed": "removedfromhtml",
}

// lostReason is null for a live link and for one that the index dropped.
func (b *backlink) lostReason() any {
	if b.live() || b.DropReason != "" {
		return nil
	}
	return cmp.Or(b.LostReason, lostReasons[b.Reason], "removedfromhtml")
}

func (b *backlink) dropReason() any {
	if b.live() || b.DropReason == "" {
		return nil
	}
	return b.DropReason
}

func scheme(s string) string {
	way, _, _ := strings.Cut(s, "://")
	return way
}

// span is the value of the parameter history.
type span struct {
	live  bool
	since time.Time // zero = of all time
}

// holds says whether a link belongs to a report with this history.
func (s span) holds(b *backlink) bool {
	return b.live() || !s.live && !b.lastSeen.Before(s.since)
}

// counts says whether something that happened at a moment is new or lost in the period.
func (s span) counts(at time.Time) bool {
	return !s.live && !at.IsZero() && !at.Before(s.since)
}

// aggregate puts links together: the strongest source, then the oldest link,
// stands for its group.
func aggregate(links []*backlink, by string) []*backlink {
	if by == "all" {
		return links
	}
	links = slices.Clone(links)
	slices.SortStableFunc(links, func(a, b *backlink) int {
		return cmp.Or(cmp.Compare(b.DR, a.DR), a.firstSeen.Compare(b.firstSeen), cmp.Compare(a.From, b.From))
	})
	groups := map[[3]string]*backlink{}
	var out []*backlink
	for _, b := range links {
		key := [3]string{b.root}
		if by == "similar_links" {
			key = [3]string{b.root, b.Anchor, b.To}
		}
		if g := groups[key]; g != nil {
			g.count++
			continue
		}
		groups[key] = b
		out = append(out, b)
	}
	return out
}
