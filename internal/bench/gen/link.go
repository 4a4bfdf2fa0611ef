package main

import (
	"fmt"
	"strconv"
	"time"
)

// columns are those of the current backlink export of Ahrefs.
var columns = []string{
	"Referring page title", "Referring page URL", "Language", "Platform", "Referring page HTTP code", "Domain rating", "UR",
	"Domain traffic", "Referring domains", "Linked domains", "External links", "Page traffic", "Keywords", "Target URL",
	"Left context", "Anchor", "Right context", "Redirect Chain URLs", "Redirect Chain status codes", "Type", "Is spam",
	"Content", "Nofollow", "UGC", "Sponsored", "Rendered", "Raw", "Lost status", "Drop reason", "Discovered status",
	"First seen", "Last seen", "Lost", "Author", "Page type", "Page category", "Links in group",
}

// link is one row and what is true of it.
type link struct {
	source, target, title, anchor, left, right, language string
	dr                                                   float64
	first, last, lost                                    day
	lostStatus, dropReason, found                        string
	kind                                                 string
	nofollow, ugc                                        bool
	numbers                                              [7]int
	clock                                                int // second of the day

	ref  string // the pitch that earned it, "" for none
	band string // found (credited or suggested, which hangs on the outlet's other links too), none
	why  string
}

// maxPerOutlet keeps the links of a pitched outlet under the 20 pages from which
// the same anchor and target count as a template.
const maxPerOutlet = 15

var lastCrawl = date(2026, time.March, 1)

var cases = []choice{
	{"earned", 220}, {"late", 10}, {"preexisting", 40}, {"silent", 30}, {"stranger", 50}, {"lookalike", 30}, {"organic", 620},
}

// link makes row i of n.
func (w *world) link(i, n int) link {
	l := link{
		target: w.target(w.rng.IntN(len(w.pages))), language: pick(w.rng, languages), dr: float64(w.rng.IntN(900)) / 10,
		title:  fmt.Sprintf("%s %s, %s %s", upperFirst(pick(w.rng, adjectives)), pick(w.rng, nouns), pick(w.rng, adjectives), pick(w.rng, nouns)),
		anchor: pick(w.rng, anchors), left: pick(w.rng, before), right: pick(w.rng, after),
		kind: "text", found: "pagefound", nofollow: w.rng.IntN(4) == 0, band: "none", clock: w.rng.IntN(86400),
		first: firstPitch - 300 + day(w.rng.IntN(pitchDays+500)),
	}
	for j := range l.numbers {
		l.numbers[j] = w.rng.IntN(1 << (4 + 2*j))
	}
	switch what := weighted(w.rng, cases); what {
	case "earned", "late", "preexisting":
		w.fromPitched(&l, i, what)
	case "silent":
		if len(w.silent) == 0 {
			w.organic(&l, i, n)
			break
		}
		o := &w.outlets[w.silent[w.rng.IntN(len(w.silent))]]
		if l.source, l.why = w.article(o, i, ""), o.status; o.status == "declined" {
			// A declined pitch would still be suggested for a later link, so the link is older.
			l.first = o.sent - 10 - day(w.rng.IntN(300))
		}
		w.sometimesUGC(&l)
	case "stranger":
		o := outlet{kind: []string{"substack", "medium", "wordpress", "blogspot"}[w.rng.IntN(4)], name: author(w.rng, 10_000_000+w.rng.IntN(n))}
		l.source, l.why = w.article(&o, i, ""), "another author of the platform"
		w.sometimesUGC(&l)
	case "lookalike":
		w.lookalike(&l, i)
	default:
		w.organic(&l, i, n)
	}
	w.fate(&l)
	return l
}

// fromPitched makes a link from an outlet that was pitched.
func (w *world) fromPitched(l *link, i int, what string) {
	o := &w.outlets[w.live[w.rng.IntN(len(w.live))]]
	if o.given++; o.given > maxPerOutlet {
		w.organic(l, i, i+1)
		return
	}
	l.dr, l.why = o.dr, what
	last, ref := o.sent, o.refs[0]
	if o.again {
		last, ref = o.sent+secondAfter, o.refs[1]
	}
	switch {
	case what == "preexisting":
		l.source = w.article(o, i, "")
		l.first = o.sent - 10 - day(w.rng.IntN(700))
		w.sometimesUGC(l)
		return
	case what == "late" && o.kind == "domain" && o.status == "pitched" && !o.again:
		// same host 60, over 180 days 0, target 15, only pitch 8: 83, a person decides.
		l.source, l.target = w.article(o, i, "www."), w.target(o.page)
		l.first, l.ref, l.band = last+181+day(w.rng.IntN(100)), ref, "found"
		return
	}
	l.ref, l.band, l.why = ref, "found", "earned"
	l.first = last - 3 + day(w.rng.IntN(33)) // from the grace days to the end of the first window
	if o.kind != "domain" {
		l.source, l.target = w.article(o, i, ""), w.target(o.page)
		return
	}
	switch n := w.rng.IntN(10); {
	case n < 2: // another subdomain: 50 + 20 + 15 and perhaps 8
		l.source, l.target = w.article(o, i, []string{"blog.", "news.", "magazine."}[w.rng.IntN(3)]), w.target(o.page)
	case n < 3 && !o.again: // another page of ours: 60 + 20 + 8
		l.source = w.article(o, i, "www.")
	case n < 5 && !o.again: // 31 to 180 days: 60 + 5 or 12 + 15 + 8
		l.source, l.target = w.article(o, i, ""), w.target(o.page)
		l.first = last + 31 + day(w.rng.IntN(150))
	default:
		l.source, l.target = w.article(o, i, []string{"", "www."}[w.rng.IntN(2)]), w.target(o.page)
	}
}

func (w *world) organic(l *link, i, n int) {
	o := outlet{kind: "domain", name: domain(w.rng, 20_000_000+w.rng.IntN(max(1, n/12)))}
	l.source, l.why = w.article(&o, i, []string{"", "www.", "blog."}[w.rng.IntN(3)]), "never pitched"
	if w.rng.IntN(12) == 0 {
		l.kind = []string{"image", "redirect"}[w.rng.IntN(2)]
	}
	w.sometimesUGC(l)
}

// lookalike makes a host that contains a pitched outlet's domain and is another one.
func (w *world) lookalike(l *link, i int) {
	o := w.outlets[w.rng.IntN(len(w.outlets))]
	if o.kind != "domain" {
		w.organic(l, i, i+1)
		return
	}
	if o.name = "evil" + o.name; w.rng.IntN(2) == 0 {
		o.name = o.name[len("evil"):] + "." + domain(w.rng, 30_000_000+i)
	}
	l.source, l.why = w.article(&o, i, ""), "looks like a pitched outlet"
}

// article is the address of page i of an outlet; i keeps every link apart.
func (w *world) article(o *outlet, i int, sub string) string {
	slug := fmt.Sprintf("%s-%s-%s-%d", pick(w.rng, adjectives), pick(w.rng, nouns), pick(w.rng, adjectives), i)
	switch o.kind {
	case "substack":
		return "https://" + o.name + ".substack.com/p/" + slug
	case "medium":
		return "https://medium.com/@" + o.name + "/" + slug
	case "wordpress":
		return "https://" + o.name + ".wordpress.com/2025/03/04/" + slug + "/"
	case "blogspot":
		return "http://" + o.name + ".blogspot.co.uk/2025/03/" + slug + ".html"
	}
	scheme := "https://"
	if w.rng.IntN(10) == 0 {
		scheme = "http://"
	}
	switch w.rng.IntN(4) {
	case 0:
		return scheme + sub + o.name + "/" + slug
	case 1:
		return scheme + sub + o.name + "/2025/" + slug + "/"
	case 2:
		return scheme + sub + o.name + "/story/" + slug + ".html?utm_medium=social"
	}
	return scheme + sub + o.name + "/magazine/" + slug + "/"
}

// target writes one page of ours in one of the ways in which crawlers report it.
func (w *world) target(page int) string {
	switch w.rng.IntN(8) {
	case 0:
		return "http://" + ownHost + w.pages[page]
	case 1:
		return "https://www." + ownHost + w.pages[page]
	case 2:
		return "https://" + ownHost + w.pages[page] + "?utm_campaign=a"
	}
	return "https://" + ownHost + w.pages[page]
}

// sometimesUGC marks links that no pitch earned; on others it would cost points.
func (w *world) sometimesUGC(l *link) { l.ugc = w.rng.IntN(15) == 0 }

// fate says when the link was last seen, and whether it is gone.
func (w *world) fate(l *link) {
	l.last = min(lastCrawl, l.first+1+day(w.rng.IntN(600)))
	if w.rng.IntN(7) != 0 {
		if w.rng.IntN(8) == 0 {
			l.found = "linkrestored"
		}
		return
	}
	l.lost = l.last + 1 + day(w.rng.IntN(20))
	if w.rng.IntN(3) == 0 {
		l.dropReason = weighted(w.rng, []choice{{"tooold", 20}, {"disallowed", 1}, {"nxdomain", 1}})
		return
	}
	l.lostStatus = weighted(w.rng, []choice{{"pageredirected", 66}, {"removedfromhtml", 57}, {"pageerror", 49}, {"notfound", 49}, {"lostredirect", 17}, {"notcanonical", 9}, {"noindex", 8}})
}

func (l *link) httpCode() string {
	switch l.lostStatus {
	case "notfound":
		return "404"
	case "pageerror":
		return "403"
	case "pageredirected":
		return "301"
	}
	if l.dropReason != "" {
		return "0"
	}
	return "200"
}

func (l *link) stamp(d day) string {
	if d == 0 {
		return ""
	}
	return time.Unix(int64(d)*86400+int64(l.clock), 0).UTC().Format(time.DateTime)
}

func (l *link) cells() []string {
	flag := strconv.FormatBool
	n := func(i int) string { return strconv.Itoa(l.numbers[i]) }
	return []string{
		l.title, l.source, l.language, "", l.httpCode(), strconv.FormatFloat(l.dr, 'f', -1, 64), n(0),
		n(6), n(1), n(2), n(3), n(5), n(4), l.target,
		l.left, l.anchor, l.right, "", "", l.kind, "false",
		"true", flag(l.nofollow), flag(l.ugc), "false", "false", "true", l.lostStatus, l.dropReason, l.found,
		l.stamp(l.first), l.stamp(l.last), l.stamp(l.lost), "", "Article > Story", "", "1",
	}
}
