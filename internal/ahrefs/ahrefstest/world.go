package ahrefstest

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"landed/internal/day"
)

// Link is one backlink and its whole life. The fields from FirstSeenAt on are
// what only the set V3 tells apart; each may be left at its zero value.
type Link struct {
	From, To  string // URLs with scheme
	Anchor    string
	DR        float64 // of the source's domain
	FirstSeen day.Day // invisible before this day
	LostOn    day.Day // the day it was found lost; None = it lives on
	Reason    string  // broken, noindex, redirect or link_removed; for lost links
	Dofollow  bool
	HTTPCode  int // 0 is served as 200

	// FirstSeenAt and LostAt are the same with the time of day; zero = one of
	// eight crawls a day, chosen by the addresses, so that links share timestamps.
	// They set FirstSeen and LostOn where those are None.
	FirstSeenAt, LostAt time.Time
	PageSeen            time.Time     // when the page was discovered; zero = 1 to 400 days before the link
	Late                time.Duration // how long after FirstSeenAt and LostAt the index shows it
	Kind                string        // link_type; "" = text
	UGC, Sponsored      bool
	Nofollow            bool // beside UGC or Sponsored; without them, not Dofollow says it
	Spam                bool
	LostReason          string // in the words of V3; "" = from Reason
	DropReason          string // the index dropped it; then there is no lost_reason
}

// Overview is what the overview endpoint says about a host. A negative Backlinks
// or ReferringDomains is replaced by the count of the World's live links.
type Overview struct {
	DomainRating     float64
	Backlinks        int64
	ReferringDomains int64
	OrganicTraffic   int64
	OrganicKeywords  int64
}

// World is what there is to see on the day of its clock: links not yet first
// seen are invisible, links lost later still live. Moving the clock moves the
// world. It is safe for concurrent use.
type World struct {
	now       func() time.Time
	mu        sync.RWMutex
	links     []Link
	byRoot    map[string][]int // registrable domain of the target -> links
	version   int              // changes with the content
	overviews map[string]func(day.Day) Overview
}

// NewWorld makes an empty world; nil now means time.Now.
func NewWorld(now func() time.Time) *World {
	if now == nil {
		now = time.Now
	}
	return &World{now: now, byRoot: map[string][]int{}, overviews: map[string]func(day.Day) Overview{}}
}

// Add adds links. A link that comes back after it was lost is added twice, with
// the days of each life.
func (w *World) Add(links ...Link) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	for _, l := range links {
		if !l.FirstSeen.Known() {
			l.FirstSeen = day.Of(l.FirstSeenAt)
		}
		if !l.LostOn.Known() {
			l.LostOn = day.Of(l.LostAt)
		}
		root := registrable(hostOf(l.To))
		w.byRoot[root] = append(w.byRoot[root], len(w.links))
		w.links = append(w.links, l)
	}
}

// Vanish takes all links from the sources away as if they had never been: no list
// tells of their loss.
func (w *World) Vanish(from ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	for root, of := range w.byRoot {
		w.byRoot[root] = slices.DeleteFunc(of, func(i int) bool { return slices.Contains(from, w.links[i].From) })
	}
}

// SetOverview says what the overview of a host is on each day; without it the
// counts come from the links, and the rest is 0.
func (w *World) SetOverview(host string, of func(day.Day) Overview) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	w.overviews[strings.ToLower(host)] = of
}

// Today is the day of the world's clock.
func (w *World) Today() day.Day { return day.Of(w.now()) }

func (l Link) visible(today day.Day) bool { return l.FirstSeen <= today }

func (l Link) live(today day.Day) bool {
	return l.visible(today) && (!l.LostOn.Known() || l.LostOn > today)
}

// linksTo gives the links to a target that pass keep, in the order of Add.
func (w *World) linksTo(t target, keep func(Link) bool) []Link {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []Link
	for _, i := range w.byRoot[registrable(hostOf(t.host))] {
		if l := w.links[i]; keep(l) && t.covers(l.To) {
			out = append(out, l)
		}
	}
	return out
}

func (w *World) liveLinks(t target, today day.Day) []Link {
	return w.linksTo(t, func(l Link) bool { return l.live(today) })
}

func (w *World) newLinks(t target, from, to, today day.Day) []Link {
	return w.linksTo(t, func(l Link) bool {
		return l.visible(today) && from <= l.FirstSeen && l.FirstSeen <= to
	})
}

func (w *World) lostLinks(t target, from, to, today day.Day) []Link {
	return w.linksTo(t, func(l Link) bool {
		return l.visible(today) && !l.live(today) && from <= l.LostOn && l.LostOn <= to
	})
}

type refDomain struct {
	domain    string
	dr        float64
	backlinks int
	firstSeen day.Day
}

// refDomains derives the referring domains from the live links, by name.
func (w *World) refDomains(t target, today day.Day) []refDomain {
	by := map[string]*refDomain{}
	for _, l := range w.liveLinks(t, today) {
		name := registrable(hostOf(l.From))
		d := by[name]
		if d == nil {
			d = &refDomain{domain: name, firstSeen: l.FirstSeen}
			by[name] = d
		}
		d.backlinks++
		d.dr = max(d.dr, l.DR)
		d.firstSeen = min(d.firstSeen, l.FirstSeen)
	}
	out := make([]refDomain, 0, len(by))
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[name])
	}
	return out
}

func (w *World) overview(t target, today day.Day) Overview {
	w.mu.RLock()
	of := w.overviews[t.host]
	w.mu.RUnlock()
	o := Overview{Backlinks: -1, ReferringDomains: -1}
	if of != nil {
		o = of(today)
	}
	if o.Backlinks < 0 {
		o.Backlinks = int64(len(w.liveLinks(t, today)))
	}
	if o.ReferringDomains < 0 {
		o.ReferringDomains = int64(len(w.refDomains(t, today)))
	}
	return o
}

// target is what a request asks about.
type target struct {
	mode string
	host string // lower case
	rest string // path and query, for the modes exact and prefix
}

// parseTarget reports whether target and mode make sense together.
func parseTarget(text, mode string) (target, bool) {
	if text == "" || strings.ContainsAny(text, " \t\r\n") {
		return target{}, false
	}
	switch mode {
	case "exact", "prefix":
		host, rest := split(text)
		return target{mode, host, rest}, host != ""
	case "domain":
		if strings.ContainsAny(text, "/?#@:") || !strings.Contains(text, ".") {
			return target{}, false
		}
		return target{mode: mode, host: strings.ToLower(text)}, true
	}
	return target{}, false
}

func (t target) covers(to string) bool {
	host, rest := split(to)
	switch t.mode {
	case "exact":
		return host == t.host && rest == t.rest
	case "prefix":
		return host == t.host && strings.HasPrefix(rest, t.rest)
	case "host":
		return host == t.host
	}
	return host == t.host || strings.HasSuffix(host, "."+t.host)
}

// split gives host and the rest of a URL, with or without its scheme.
func split(s string) (host, rest string) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", ""
	}
	rest = u.EscapedPath()
	if rest == "" {
		rest = "/"
	}
	if u.RawQuery != "" {
		rest += "?" + u.RawQuery
	}
	return strings.ToLower(u.Host), rest
}

func hostOf(s string) string {
	host, _ := split(s)
	return host
}

func registrable(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}
