package main

import (
	"fmt"
	"math"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// organicTarget is where links go that nobody asked for.
func (w *world) organicTarget(on day.Day) string {
	switch n := w.r.Float64(); {
	case n < organicToFront:
		return ""
	case n < organicToFront+organicToCampaign:
		for range 20 { // a study that is out there
			if c := w.campaigns[w.r.IntN(len(w.campaigns))]; c.from <= on && on <= c.to+120 {
				return c.targets[w.r.IntN(len(c.targets))]
			}
		}
	}
	// Few pages get most of the links.
	n := int(math.Pow(w.r.Float64(), 2) * float64(len(w.pages)))
	return w.pages[n]
}

func (w *world) campaignOf(target string) *campaign {
	for i := range w.campaigns {
		for _, t := range w.campaigns[i].targets {
			if t == target {
				return &w.campaigns[i]
			}
		}
	}
	return nil
}

// organic makes a link that no pitch earned.
func (w *world) organic(story, page string, on day.Day) *link {
	l := &link{story: story, page: page, target: w.organicTarget(on)}
	w.headline(l, w.campaignOf(l.target), 0.5)
	w.anchorFor(l, nil)
	l.author = w.person()
	if w.maybe(notEditorialShare) {
		l.story += ", not editorial"
		l.kind = []backlinks.Kind{backlinks.KindRedirect, backlinks.KindCanonical, backlinks.KindRSS, backlinks.KindFrame}[w.r.IntN(4)]
	}
	return l
}

// withoutUs is what an outlet that was pitched does on its own.
func (w *world) withoutUs(o *outlet) {
	perYear := othersPerYear
	if o.regular {
		perYear = regularPerYear
	}
	from := begin - 365
	for n := w.count(perYear * float64(int(today)-int(from)) / 365); n > 0; n-- {
		on := w.between(from, today)
		l := w.organic(w.organicStory(o, on), w.place(o, on), on)
		l.www, l.intl = o.domainKind() && o.sub == "", o.intl
		if w.maybe(0.5) {
			l.author = w.one(o.staff...)
		}
		w.publish(l, on)
	}
	if o.kind == "host platform" || o.kind == "path platform" || o.kind == "bare platform" {
		w.strangers(o)
	}
	if !o.domainKind() {
		return
	}
	if w.maybe(ugcOutlets) {
		w.users(o)
	}
	if w.maybe(sectionOutlets) {
		w.sections(o)
	}
	if w.maybe(templateOutlets) {
		w.template(o)
	}
	if w.maybe(lookAlikes) {
		on := o.sent[0].truly + w.days(20, 1)
		w.publish(w.organic("look-alike host", w.one("the-real-"+o.hosts[0], o.hosts[0]+".net-"+w.slug()+".test")+"/"+w.slug(), on), on)
	}
}

// organicStory says how an outlet's own link lies to its pitches.
func (w *world) organicStory(o *outlet, on day.Day) string {
	story := "linked before any pitch"
	for _, p := range o.sent {
		switch {
		case p.status == "draft" || on < p.truly-3:
		case on <= p.truly+180:
			return "linked on its own within 180 days"
		default:
			story = "linked on its own later"
		}
	}
	return story
}

// count draws a whole number with a given mean.
func (w *world) count(mean float64) int {
	n, p := 0, math.Exp(-mean)
	for x := w.r.Float64(); x > p; x *= w.r.Float64() {
		n++
	}
	return n
}

// strangers are other authors on the platform of an outlet that was pitched.
func (w *world) strangers(o *outlet) {
	other := *o
	for range 1 + w.r.IntN(2*strangersPerAuthor) {
		on := o.sent[0].truly + day.Day(w.r.IntN(200)-60)
		switch o.kind {
		case "host platform":
			other.hosts = []string{"sample-" + w.slug() + "." + afterDot(o.hosts[0])}
		case "path platform":
			other.hosts = []string{pathPlatform(o.hosts[0]) + "sample-" + w.slug()}
		}
		w.publish(w.organic("a stranger on the same platform", w.place(&other, on), on), on)
	}
}

func afterDot(host string) string {
	for i := range len(host) {
		if host[i] == '.' {
			return host[i+1:]
		}
	}
	return host
}

func pathPlatform(host string) string {
	for _, p := range pathPlatforms {
		if len(host) > len(p) && host[:len(p)] == p && p != "medium.com/" {
			return p
		}
	}
	return "medium.com/"
}

// users are comments and forum posts on an outlet that was pitched.
func (w *world) users(o *outlet) {
	for range 1 + w.r.IntN(6) {
		on := w.between(o.sent[0].truly-120, today)
		page := o.hosts[0] + "/" + w.slug()
		if w.maybe(ugcPath) {
			page = o.hosts[0] + w.one("/forum/t/", "/community/", "/user/", "/comments/") + w.slug()
		}
		l := w.organic("written by users", page, on)
		l.ugc, l.www, l.nofollow = w.maybe(ugcMarked), true, w.maybe(0.7)
		w.publish(l, on)
	}
}

// sections are hosts of an outlet that its editors do not write.
func (w *world) sections(o *outlet) {
	sub := w.one("jobs", "forum", "support", "community")
	if w.maybe(sectionSwitchedOff) {
		o.off = sub
	}
	for range 1 + w.r.IntN(4) {
		on := w.between(o.sent[0].truly-60, today)
		l := w.organic("a section that is no publication", sub+"."+o.hosts[0]+"/"+w.slug(), on)
		w.headline(l, nil, 0)
		w.publish(l, on)
	}
}

// template is a footer or sidebar that appears on many pages at once.
func (w *world) template(o *outlet) {
	on := w.between(o.sent[0].truly-30, today)
	target, anchor := w.organicTarget(on), w.one("Brand", "Partners", "brand.example", "our friends at Brand")
	for range 5 + w.r.IntN(90) {
		l := w.organic("footer or sidebar", o.hosts[0]+"/"+w.one("a/", "news/", "")+w.slug(), on)
		l.target, l.anchor, l.kind, l.story = target, anchor, backlinks.KindText, "footer or sidebar"
		w.headline(l, nil, 0) // the pages are about anything
		w.publish(l, on+day.Day(w.r.IntN(40)))
	}
}

func (w *world) neverPitched() {
	on := w.between(begin-365, today)
	l := w.organic("an outlet nobody pitched", fmt.Sprintf("%s-%s-%d.example/%s", w.one(plain...), w.one(things...), 1_000_000+w.next(), w.slug()), on)
	l.www = true
	w.publish(l, on)
}
