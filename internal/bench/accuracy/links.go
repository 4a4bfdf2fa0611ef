package main

import (
	"fmt"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// link is one link of the world: an article, or something less, that points to us.
type link struct {
	story  string // the kind of case it is counted under
	page   string // host and path, one spelling
	target string // path of ours
	earned *pitch // nil = no pitch did
	either bool   // follows from a placement without being one: neither right nor wrong
	on     day.Day
	intl   bool
	www    bool // the host has a www. name
	amp    bool

	title, anchor, author string
	kind                  backlinks.Kind
	nofollow, ugc         bool

	first    day.Day // when the first provider saw it; None = never or undated
	second   day.Day
	undated  bool
	pageOnly bool
	lost     day.Day
	byFirst  bool
	bySecond bool
}

// publish puts a link into the world on a day and has the providers find it. It
// is nil when nobody has found it by today.
func (w *world) publish(l *link, on day.Day) *link {
	l.on = on
	l.byFirst, l.bySecond = w.maybe(seenByFirst), w.maybe(seenBySecond)
	l.first, l.second = on+w.crawl(), on+w.crawl()
	l.byFirst, l.bySecond = l.byFirst && l.first <= today, l.bySecond && l.second <= today
	if l.page == "" || on > today || !l.byFirst && !l.bySecond {
		return nil
	}
	l.lost = day.None
	if w.maybe(laterLost) {
		if gone := max(l.first, l.second) + w.days(200, 0.8); gone < today {
			l.lost = gone
		}
	}
	if w.maybe(undatedLink) {
		l.undated = true
	} else if w.maybe(pageDateOnly) {
		l.pageOnly, l.byFirst, l.bySecond = true, false, true
	}
	if l.kind == "" {
		l.kind = backlinks.KindText
		if w.maybe(0.05) {
			l.kind = backlinks.KindImage
		}
	}
	if w.maybe(titleMissing) {
		l.title = ""
	}
	if !w.maybe(authorReported) {
		l.author = ""
	}
	l.nofollow = l.nofollow || w.maybe(0.2)
	w.links = append(w.links, l)
	return l
}

// crawl is how long a provider takes to see a link.
func (w *world) crawl() day.Day {
	switch {
	case w.maybe(crawlVerySlow):
		return 60 + day.Day(w.r.IntN(340))
	case w.maybe(crawlSlow):
		return w.days(20, 0.6)
	}
	return w.days(2.5, 0.8)
}

// tell is the story of a pitch.
func (w *world) tell(p *pitch) {
	if !p.lands {
		return
	}
	o := p.outlet
	on := p.truly + w.days(editorMedian, editorSigma)
	author := w.one(o.staff...)
	if p.contact != "" && w.maybe(0.6) {
		author = p.contact
	}
	at := w.place(o, on)
	l := &link{
		story: w.storyOf(p, at, on), page: at, target: w.landsOn(p), earned: p, intl: o.intl, www: o.domainKind() && o.sub == "",
		amp: o.amp && w.maybe(ampCopy*4), author: author,
	}
	w.headline(l, p.campaign, namesSubject)
	w.anchorFor(l, p)
	main := *l
	if w.publish(l, on) == nil {
		return
	}
	p.live = "https://" + at
	w.moreOf(p, main, on)
}

// storyOf names the case that makes a placement hard to attribute.
func (w *world) storyOf(p *pitch, at string, on day.Day) string {
	o := p.outlet
	switch {
	case o.kind == "bare platform":
		return "platform pitched without an author"
	case strings.HasPrefix(o.kind, "editions") && !strings.Contains(at, o.hosts[0]), o.kind == "moved" && on >= o.since:
		name := "country edition"
		if o.kind == "moved" {
			name = "moved publication"
		}
		if !o.alias {
			return name + ", no alias"
		}
		return name + ", alias"
	case strings.HasSuffix(o.kind, "platform") && !strings.HasPrefix(at, o.hosts[0]):
		return "author, elsewhere on the platform"
	case strings.HasSuffix(o.kind, "platform"):
		return "author on a platform"
	case o.kind == "private suffix":
		return "subdomain of a hosting firm"
	case o.intl:
		return "international name"
	case len(o.sent) > 1:
		return "several pitches to the outlet"
	case o.sub != "":
		return "subdomain"
	}
	return "one pitch, own domain"
}

// place makes the address of an article of an outlet.
func (w *world) place(o *outlet, on day.Day) string {
	host := o.current(on)
	slug := w.slug()
	switch o.kind {
	case "bare platform":
		return w.anyAuthor(host) + "/" + slug
	case "host platform":
		return host + w.one("/p/", "/2025/03/", "/") + slug
	case "path platform":
		if w.maybe(elsewhereOnPlatform) {
			switch root, _, _ := strings.Cut(host, "/"); root {
			case "medium.com":
				return root + "/sample-" + w.slug() + "/" + slug
			case "linkedin.com":
				return root + "/pulse/" + slug
			case "youtube.com":
				return root + "/watch?v=" + slug
			}
		}
		return host + "/" + slug
	case "editions":
		if w.maybe(onOtherEdition) {
			host = o.hosts[1]
		}
	}
	return o.sub + host + w.one("/", "/2025/", "/news/", "/blog/", "/business/money/") + slug
}

// anyAuthor is somebody's place on a platform.
func (w *world) anyAuthor(host string) string {
	name := "sample-" + w.slug()
	switch host {
	case "medium.com":
		return host + "/@" + name
	case "linkedin.com":
		return host + w.one("/pulse", "/in/"+name)
	case "quora.com":
		return host + "/profile/" + name
	}
	return name + "." + host
}

func (w *world) landsOn(p *pitch) string {
	asked := p.target
	if asked == "" {
		asked = p.campaign.targets[0]
	}
	switch n := w.r.Float64(); {
	case n < toAskedPage:
		return strings.TrimSuffix(asked, "/")
	case n < toAskedPage+toFrontPage:
		return ""
	}
	return w.pages[w.r.IntN(len(w.pages))]
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// headline gives the page a title: about the campaign with chance p, else about anything.
func (w *world) headline(l *link, c *campaign, p float64) {
	if c != nil && w.maybe(p) {
		l.title = capital(w.words(c, 2+w.r.IntN(3))) + w.one("", ", says a survey", ": what changes", " explained")
	} else {
		l.title = fmt.Sprintf("%s %s and %s %s", w.one(plain...), w.one(things...), w.one(topics...), w.one(things...))
	}
	if site, _, _ := strings.Cut(l.page, "/"); w.maybe(0.5) {
		l.title += w.one(" - ", " | ") + site
	}
}

func (w *world) anchorFor(l *link, p *pitch) {
	switch n := w.r.Float64(); {
	case p != nil && p.anchor != "" && n < 0.5:
		l.anchor = p.anchor
	case p != nil && n < 0.4:
		l.anchor = w.one("the ", "a ", "Brand’s ") + w.words(p.campaign, 2) + w.one(" survey", " report", " figures")
	default:
		l.anchor = w.one(stockAnchors...)
	}
}

// moreOf makes what else follows from a placement.
func (w *world) moreOf(p *pitch, main link, on day.Day) {
	o := p.outlet
	also := func(story string, on day.Day, change func(*link)) {
		l := main
		l.story = story
		change(&l)
		w.publish(&l, on)
	}
	if w.maybe(secondTarget) {
		also(main.story, on, func(l *link) { l.target, l.anchor = w.otherPage(main.target), w.one(stockAnchors...) })
	}
	if w.maybe(seriesArticle) {
		also("a series out of one pitch", on+w.days(25, 0.6), func(l *link) { l.page = w.place(o, on); w.headline(l, p.campaign, namesSubject) })
	}
	if o.kind == "editions" && w.maybe(onBothEditions) {
		other := o.hosts[0]
		if strings.HasPrefix(main.page, other) {
			other = o.hosts[1]
		}
		story := "country edition, no alias"
		if o.alias {
			story = "country edition, alias"
		}
		if other == o.hosts[0] {
			story = "several pitches to the outlet"
		}
		also(story, on+day.Day(w.r.IntN(3)), func(l *link) { _, path, _ := strings.Cut(main.page, "/"); l.page = other + "/" + path })
	}
	if o.domainKind() && w.maybe(derivedPage) {
		also("list page of a placement", on+day.Day(w.r.IntN(4)), func(l *link) {
			l.either, l.amp = true, false
			l.page = o.current(on) + w.one("/tag/"+w.one(topics...), "/category/"+w.one(plain...), "/author/"+w.one(things...), "/page/3", "")
		})
	}
	if o.domainKind() && w.maybe(feedEntry) {
		also("list page of a placement", on, func(l *link) { l.page, l.kind, l.either = o.current(on)+"/feed", backlinks.KindRSS, true })
	}
	if w.maybe(syndicated) {
		w.syndicate(main, on)
	}
	if w.maybe(secondMention) {
		also("mentioned again on its own", on+20+w.days(120, 0.7), func(l *link) {
			l.earned, l.page = nil, w.place(o, on)
			l.target = w.organicTarget(l.on)
			w.headline(l, nil, 0)
			w.anchorFor(l, nil)
		})
	}
}

// syndicate has other outlets take an article over.
func (w *world) syndicate(main link, on day.Day) {
	for range 1 + w.r.IntN(5) {
		l := main
		l.earned, l.story, l.amp, l.intl = nil, "copy at an outlet nobody pitched", false, false
		_, path, _ := strings.Cut(main.page, "/")
		l.page, l.www = fmt.Sprintf("%s-%s-%d.example/%s", w.one(plain...), w.one(things...), 500_000+w.next(), path), true
		if w.maybe(copyAtPitched) {
			if o := w.outlets[w.r.IntN(len(w.outlets))]; o != main.earned.outlet {
				l.story, l.page, l.www = "copy at an outlet that was pitched", w.place(o, on), o.domainKind() && o.sub == ""
			}
		}
		w.publish(&l, on+day.Day(w.r.IntN(6)))
	}
}

func (w *world) otherPage(than string) string {
	if than != "" && w.maybe(0.6) {
		return ""
	}
	for {
		if p := w.pages[w.r.IntN(len(w.pages))]; p != than {
			return p
		}
	}
}

// told reports that the workspace holds what anybody would need to find the
// pitch: the name of the outlet that the page is under, or its address, and a
// day of sending that is not later than the link.
func (l *link) told() bool {
	p, o := l.earned, l.earned.outlet
	if p.live == "https://"+l.page {
		return true
	}
	if seen := l.seen(); p.recorded.Known() && seen.Known() && p.recorded > seen+3 || o.kind == "bare platform" {
		return false
	}
	known := []string{o.current(p.truly)}
	if o.alias {
		known = o.hosts
	}
	host, _, _ := strings.Cut(l.page, "/")
	for _, k := range known {
		folder := strings.Contains(k, "/")
		if folder && strings.HasPrefix(l.page, k+"/") || !folder && (host == k || strings.HasSuffix(host, "."+k)) {
			return true
		}
	}
	return false
}
