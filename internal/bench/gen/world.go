package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// ownHost is the site that the made-up links point to.
const ownHost = "brand.example"

// day counts days since 1970.
type day int

func date(year int, month time.Month, d int) day {
	return day(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) String() string {
	if d == 0 {
		return ""
	}
	return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
}

// Pitches are sent within firstPitch and a year; all of it lies in the past, so
// that no pitch is dated in the future.
var firstPitch = date(2024, time.June, 3)

const pitchDays = 360

// secondAfter is how many days later an outlet is pitched again. It is past the
// first window of 30 days, so that the later pitch is ahead by more than a tie.
const secondAfter = 37

// outlet is one publication, reachable by an own domain or by a place on a platform.
type outlet struct {
	kind   string // "domain", "substack", "medium", "wordpress", "blogspot"
	name   string // domain, or author
	dr     float64
	sent   day    // of the first pitch; 0 = draft
	again  bool   // pitched a second time
	status string // of the last pitch
	page   int    // the page of ours that was asked for
	refs   [2]string
	given  int // links it got so far
}

// world is everything that was made up from one seed.
type world struct {
	rng     *rand.Rand
	outlets []outlet // pitched ones
	live    []int    // indexes of outlets whose links are credited
	silent  []int    // drafts and declined
	pages   []string // of ours; the first is the home page
	pitches []pitch
}

type pitch struct {
	ref, outlet, contact, email, campaign, subject, kind, status, target, owner string
	sent                                                                        day
}

func newWorld(seed uint64, pitches int) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x1a4ded))}
	w.pages = append(w.pages, "/")
	for i := range 40 {
		w.pages = append(w.pages, fmt.Sprintf("/guides/%s-%s-%d", pick(w.rng, adjectives), pick(w.rng, nouns), i))
	}
	n := max(1, pitches*9/10)
	w.outlets = make([]outlet, n)
	for i := range w.outlets {
		w.outlets[i] = w.newOutlet(i, i < pitches-n)
	}
	for i := range w.outlets {
		w.addPitch(i, false)
	}
	for i := range w.outlets {
		if w.outlets[i].again {
			w.addPitch(i, true)
		}
		switch w.outlets[i].status {
		case "draft", "declined":
			w.silent = append(w.silent, i)
		default:
			w.live = append(w.live, i)
		}
	}
	return w
}

func (w *world) newOutlet(i int, again bool) outlet {
	o := outlet{
		kind: "domain", name: domain(w.rng, i), again: again,
		dr: float64(w.rng.IntN(900)) / 10, page: 1 + w.rng.IntN(len(w.pages)-1),
		sent: firstPitch + day(w.rng.IntN(pitchDays)), status: weighted(w.rng, statuses),
	}
	if k := weighted(w.rng, kinds); k != "domain" {
		o.kind, o.name = k, author(w.rng, i)
	}
	if again {
		o.status = "pitched"
	}
	if o.status == "draft" {
		o.sent = 0
	}
	return o
}

var statuses = []choice{{"pitched", 40}, {"no_reply", 22}, {"replied", 10}, {"accepted", 6}, {"landed", 12}, {"declined", 7}, {"draft", 3}}

var kinds = []choice{{"domain", 90}, {"substack", 4}, {"medium", 3}, {"wordpress", 2}, {"blogspot", 1}}

func (w *world) addPitch(i int, second bool) {
	o := &w.outlets[i]
	p := pitch{
		ref: fmt.Sprintf("P-%06d", len(w.pitches)+1), outlet: w.typed(o),
		contact: pick(w.rng, firstNames) + " " + pick(w.rng, lastNames),
		// Both pitches to an outlet have one owner and campaign: otherwise they could contest each other.
		campaign: campaigns[i%len(campaigns)], owner: owners[i%len(owners)],
		subject: pick(w.rng, subjects), kind: pick(w.rng, pitchKinds), status: o.status,
		target: "https://" + ownHost + w.pages[o.page], sent: o.sent,
	}
	if o.kind == "domain" {
		p.email = "desk@" + o.name
	}
	if second {
		p.sent += secondAfter
		o.refs[1] = p.ref
	} else {
		o.refs[0] = p.ref
	}
	w.pitches = append(w.pitches, p)
}

// typed is an outlet as different people write it into a list.
func (w *world) typed(o *outlet) string {
	if o.kind != "domain" {
		return o.page0()
	}
	switch w.rng.IntN(6) {
	case 0:
		return "https://www." + o.name + "/write-for-us?utm_source=list"
	case 1:
		return "http://" + o.name + "/"
	case 2:
		return "www." + o.name
	case 3:
		return upperFirst(o.name)
	}
	return o.name
}

// page0 is the front page of an outlet on a platform.
func (o *outlet) page0() string {
	switch o.kind {
	case "substack":
		return "https://" + o.name + ".substack.com"
	case "medium":
		return "https://medium.com/@" + o.name
	case "wordpress":
		return o.name + ".wordpress.com"
	}
	return "http://" + o.name + ".blogspot.co.uk/"
}

func writePitches(path string, w *world) error {
	t, err := create(path, plainCSV)
	if err != nil {
		return err
	}
	t.row([]string{"id", "outlet", "contact", "email", "campaign", "subject", "type", "status", "target", "sent_on", "owner"})
	for _, p := range w.pitches {
		t.row([]string{p.ref, p.outlet, p.contact, p.email, p.campaign, p.subject, p.kind, p.status, p.target, p.sent.String(), p.owner})
	}
	return t.close()
}
