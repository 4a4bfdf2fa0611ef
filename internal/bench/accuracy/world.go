package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"landed/internal/day"
	"landed/internal/pitches"
)

var (
	begin = day.Date(2024, time.June, 1)
	today = day.Date(2026, time.March, 1)
)

// world is a workspace and what is true of it. Truth is the story that is told
// while the world is made; the rules are never asked.
type world struct {
	r         *rand.Rand
	campaigns []campaign
	pages     []string // paths of ours, the front page first
	outlets   []*outlet
	pitches   []*pitch
	links     []*link
	serial    int
}

type campaign struct {
	name       string
	from, to   day.Day
	topic      []string
	targets    []string
	anchorText string
}

// outlet is a publication that was pitched.
type outlet struct {
	kind    string   // "domain", "host platform", "path platform", "private suffix", "editions", "moved", "bare platform"
	hosts   []string // where it publishes, the current or main one first; with a path for author folders
	since   day.Day  // of a moved one: when the second host took over
	alias   bool     // somebody has entered the other host
	dated   bool
	sub     string // publishes on this subdomain
	amp     bool
	regular bool
	staff   []string
	intl    bool
	off     string // a section that is switched off
	sent    []*pitch
}

type pitch struct {
	ref, owner, contact, subject, anchor string
	campaign                             *campaign
	outlet                               *outlet
	target                               string  // path, "" = not named
	truly                                day.Day // sent
	recorded                             day.Day // as the list has it
	status                               pitches.Status
	closed                               day.Day
	bounced                              bool
	live                                 string
	lands                                bool
}

func newWorld(seed uint64, outlets int) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 0xacc))}
	w.pages = []string{""}
	for range 24 {
		w.pages = append(w.pages, "/"+w.one("guides", "blog", "product")+"/"+w.slug())
	}
	for i := range 8 {
		w.campaigns = append(w.campaigns, w.newCampaign(i))
	}
	for i := range outlets {
		w.outlets = append(w.outlets, w.newOutlet(i))
	}
	for _, o := range w.outlets {
		w.pitchTo(o)
	}
	for _, p := range w.pitches {
		w.tell(p)
	}
	for _, o := range w.outlets {
		w.withoutUs(o)
	}
	for range int(float64(outlets) * neverPitchedPerOutlet) {
		w.neverPitched()
	}
	for _, p := range w.pitches {
		w.record(p)
	}
	for _, l := range w.links {
		l.nameByRecord()
	}
	return w
}

// Chance and choice.

func (w *world) maybe(p float64) bool { return w.r.Float64() < p }

func (w *world) one(from ...string) string { return from[w.r.IntN(len(from))] }

// days draws from a log-normal distribution.
func (w *world) days(median, sigma float64) day.Day {
	return day.Day(median * math.Exp(sigma*w.r.NormFloat64()))
}

func (w *world) between(from, to day.Day) day.Day {
	return from + day.Day(w.r.IntN(max(1, int(to)-int(from))))
}

func (w *world) next() int { w.serial++; return w.serial }

func (w *world) slug() string {
	return fmt.Sprintf("%s-%s-%d", w.one(plain...), w.one(things...), w.next())
}

func (w *world) person() string { return w.one(firstNames...) + " " + w.one(lastNames...) }

func (w *world) newCampaign(i int) campaign {
	length := (int(today) - int(begin)) / 6
	c := campaign{from: begin + day.Day(i*(int(today)-int(begin)-length)/8)}
	c.to = c.from + day.Day(length)
	perm := w.r.Perm(len(topics))
	for _, n := range perm[:7] {
		c.topic = append(c.topic, topics[n])
	}
	c.name = fmt.Sprintf("%s %s %d", c.topic[0], w.one("study", "launch", "guide"), i+1)
	for range 1 + w.r.IntN(3) {
		t := fmt.Sprintf("/%s/%s-%s-%d", w.one("research", "guides"), c.topic[0], c.topic[1+w.r.IntN(6)], w.next())
		c.targets, w.pages = append(c.targets, t), append(w.pages, t)
	}
	c.anchorText = c.topic[0] + " " + c.topic[1]
	return c
}

// words draws n of the campaign's topic words in order.
func (w *world) words(c *campaign, n int) string {
	at := w.r.Perm(len(c.topic))[:n]
	slices.Sort(at)
	var out []string
	for _, i := range at {
		out = append(out, c.topic[i])
	}
	return strings.Join(out, " ")
}

func (w *world) newOutlet(i int) *outlet {
	o := &outlet{kind: "domain", amp: w.maybe(0.15), regular: w.maybe(regularShare)}
	for range 1 + w.r.IntN(6) {
		o.staff = append(o.staff, w.person())
	}
	name := fmt.Sprintf("%s-%s-%d", w.one(plain...), w.one(things...), i)
	n := w.r.Float64()
	under := func(share float64) bool { n -= share; return n < 0 }
	switch {
	case under(shareHostPlatform):
		o.kind, o.hosts = "host platform", []string{"sample-" + name + "." + w.one(hostPlatforms...)}
	case under(sharePathPlatform):
		p := pathPlatforms[w.r.IntN(len(pathPlatforms))]
		o.kind, o.hosts = "path platform", []string{p + "sample-" + name}
	case under(sharePrivateSuffix):
		o.kind, o.hosts = "private suffix", []string{"sample-" + name + "." + w.one("github.io", "netlify.app", "pages.dev")}
	case under(shareEditions):
		o.kind, o.hosts = "editions", []string{name + ".example", name + ".test"}
	case under(shareMoved):
		o.kind, o.hosts = "moved", []string{name + ".example", "the" + name + ".test"}
		o.since = w.between(begin+60, today-60)
	case under(shareBare):
		o.kind, o.hosts = "bare platform", []string{w.one("medium.com", "linkedin.com", "substack.com", "quora.com")}
	default:
		if o.hosts = []string{name + ".example"}; under(shareInternational) {
			o.intl, o.hosts = true, []string{w.one("bücher", "größe", "journée", "niños", "обзор") + "-" + name + ".example"}
		}
		if w.maybe(shareSubdomain) {
			o.sub = w.one("blog.", "news.", "magazine.")
		}
	}
	if o.kind == "editions" || o.kind == "moved" {
		o.alias, o.dated = w.maybe(aliasConfigured), w.maybe(aliasDated)
	}
	return o
}

// domainKind reports an outlet with a domain of its own.
func (o *outlet) domainKind() bool {
	return o.kind == "domain" || o.kind == "editions" || o.kind == "moved"
}

// current is the host on which the outlet publishes on a day.
func (o *outlet) current(on day.Day) string {
	if o.kind == "moved" && on >= o.since {
		return o.hosts[1]
	}
	return o.hosts[0]
}

// pitchTo sends an outlet its pitches: mostly one, one after the other or two at once.
func (w *world) pitchTo(o *outlet) {
	n := 1
	for _, more := range []float64{0.32, 0.38, 0.35} {
		if !w.maybe(more) {
			break
		}
		n++
	}
	at := w.between(begin, today-20)
	for range n {
		p := &pitch{ref: fmt.Sprintf("P%05d", len(w.pitches)+1), outlet: o, truly: at}
		w.write(p)
		o.sent, w.pitches = append(o.sent, p), append(w.pitches, p)
		if at += w.days(90, 0.8); w.maybe(atOnce) {
			at = p.truly + day.Day(w.r.IntN(10))
		}
		if at >= today {
			return
		}
	}
}

func (w *world) write(p *pitch) {
	last := len(p.outlet.sent) - 1
	c := &w.campaigns[w.r.IntN(len(w.campaigns))]
	for try := 0; try < 40 && (p.truly < c.from || p.truly > c.to); try++ {
		c = &w.campaigns[w.r.IntN(len(w.campaigns))]
	}
	p.campaign, p.owner = c, w.one(owners...)
	if last >= 0 && w.maybe(sameOwner) {
		p.owner = p.outlet.sent[last].owner
	}
	if w.maybe(namesContact) {
		p.contact = w.one(p.outlet.staff...)
		if last >= 0 && p.outlet.sent[last].contact != "" && w.maybe(sameContact) {
			p.contact = p.outlet.sent[last].contact
		}
	} else if w.maybe(0.3) {
		p.contact = w.one("News desk", "Editorial team", "")
	}
	if w.maybe(namesTarget) {
		p.target = c.targets[w.r.IntN(len(c.targets))]
		if w.maybe(0.1) {
			p.target = "/"
		}
	}
	p.subject = w.one("Story idea: ", "", "For your readers: ", "New data: ", "Guest post: ") + w.words(c, 3+w.r.IntN(3)) + w.one("", " in 2025", ", a survey", " by region")
	if w.maybe(asksAnchor) {
		p.anchor = c.anchorText
	}
	switch {
	case w.maybe(shareDraft):
		p.status = pitches.Draft
	case w.maybe(shareBounced):
		p.bounced = true
	default:
		p.lands = w.maybe(landsPerPitch)
	}
}

// record writes down what the team knows of a pitch when the story is over.
func (w *world) record(p *pitch) {
	p.recorded = p.truly
	switch {
	case w.maybe(sentMissing):
		p.recorded = day.None
	case w.maybe(sentWrongYear):
		p.recorded += 365
	case w.maybe(loggedLate):
		p.recorded = min(p.recorded+1+day.Day(w.r.IntN(14)), today)
	}
	if p.status == pitches.Draft {
		p.recorded = day.None
		return
	}
	knows := p.lands && p.live != "" // it is out there, and somebody may have noticed
	if !knows {
		p.live = ""
	}
	p.status = pitches.Status(w.weighted("pitched", 40, "no_reply", 32, "replied", 10, "declined", 11, "accepted", 4, "withdrawn", 3))
	if knows {
		p.status = pitches.Status(w.weighted("landed", 30, "accepted", 25, "replied", 20, "pitched", 20, "no_reply", 3, "declined", 2))
		if p.status != pitches.Landed || !w.maybe(liveRecorded) {
			p.live = ""
		} else if w.maybe(liveIsFront) {
			p.live = "https://" + p.outlet.current(p.truly) + "/"
		}
	}
	if p.status == pitches.Declined && w.maybe(0.7) {
		p.closed = min(p.truly+w.days(6, 1), today)
	} else {
		p.closed = day.None
	}
	if p.bounced {
		p.status = pitches.Pitched
	}
}

// weighted draws one of the words, each followed by its weight.
func (w *world) weighted(from ...any) string {
	total := 0
	for i := 1; i < len(from); i += 2 {
		total += from[i].(int)
	}
	n := w.r.IntN(total)
	for i := 1; ; i += 2 {
		if n -= from[i].(int); n < 0 {
			return from[i-1].(string)
		}
	}
}

// nameByRecord counts a placement under what the team's list or the calendar
// says of its pitch, where that makes the case harder than its outlet does.
func (l *link) nameByRecord() {
	p := l.earned
	if p == nil || l.either || strings.HasSuffix(l.story, "no alias") || p.outlet.kind == "bare platform" {
		return
	}
	seen := l.seen()
	switch {
	case !p.recorded.Known() || p.recorded > today:
		l.story = "pitch without a date, or in the future"
	case !seen.Known() || l.pageOnly:
		l.story = "link without a day of its own"
	case p.recorded > seen+3:
		l.story = "logged more than three days after the link"
	case p.status == pitches.Declined:
		l.story = "declined, and published all the same"
	case seen > p.recorded+180:
		l.story = "seen after more than 180 days"
	}
}

// seen is the first day on which a provider says to have seen the link.
func (l *link) seen() day.Day {
	switch {
	case l.undated:
		return day.None
	case l.byFirst && l.bySecond:
		return min(l.first, l.second)
	case l.byFirst:
		return l.first
	}
	return l.second
}
