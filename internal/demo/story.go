package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/pitches"
)

const (
	span  = 730 // days of links before today
	ahead = 400 // days that the world goes on after it
)

// story is all that happens to one site, written before any of it is stored.
type story struct {
	profile
	r     *rand.Rand
	seed  uint64
	today day.Day
	began day.Day // the first day of outreach
	since day.Day // the first day with Landed

	names   []string // of outlets, not used yet
	urls    map[string]bool
	organic []outlet
	links   []ahrefstest.Link
	pitches []*planned
	landed  int // landings so far
	plain   int // of these, on the outlet's own host
}

// outlet is a publication of the story.
type outlet struct {
	name, key string
	base      string // of its pages
	authority float64
	first     day.Day // of its links, for those that came by themselves
}

// newStory writes the story of a site; the same seed and day write the same.
func newStory(p profile, seed uint64, today day.Day) *story {
	s := &story{profile: p, seed: seed, today: today, began: today - day.Day(7*p.weeks-1), since: today - day.Day(7*p.used-1), urls: map[string]bool{}}
	s.r = rand.New(rand.NewPCG(seed, uint64(len(p.host))))
	s.campaigns = slices.Clone(p.campaigns)
	for i := range s.campaigns {
		if strings.Contains(s.campaigns[i].name, "%d") {
			s.campaigns[i].name = fmt.Sprintf(s.campaigns[i].name, today.Time().Year())
		}
	}
	for _, a := range outletFirst {
		for _, b := range outletSecond {
			s.names = append(s.names, a+" "+b)
		}
	}
	s.r.Shuffle(len(s.names), func(i, j int) { s.names[i], s.names[j] = s.names[j], s.names[i] })
	s.grow()
	s.pitch()
	slices.SortStableFunc(s.pitches, func(a, b *planned) int { return int(a.logged - b.logged) })
	return s
}

// newOutlet takes an unused name. skew above 1 makes weak outlets more common.
func (s *story) newOutlet(from, to, skew float64) outlet {
	name := s.names[len(s.names)-1]
	s.names = s.names[:len(s.names)-1]
	host := strings.ToLower(strings.ReplaceAll(name, " ", ""))
	if s.r.IntN(12) == 0 {
		host += ".test"
	} else {
		host += ".example"
	}
	base := "https://" + host
	switch s.r.IntN(10) {
	case 0, 1, 2, 3:
		base = "https://www." + host
	case 4:
		base = "http://" + host
	}
	authority := math.Round(from + (to-from)*math.Pow(s.r.Float64(), skew))
	return outlet{name: name, key: host, base: base, authority: authority}
}

// dr is an outlet's rating on a day: it drifts by a few points over the years.
func (s *story) dr(o outlet, on day.Day) float64 {
	drift := float64(len(o.name)%7-2) * float64(on-s.today) / span
	return min(max(math.Round(o.authority+drift), 0), 95)
}

// grow adds the links that nobody asked for: old ones, two years of growth with
// a few days on which many came at once, and those of the days to come.
func (s *story) grow() {
	for range s.old {
		s.addOutlet(s.today - span - 20 - day.Day(s.r.IntN(900)))
	}
	var bursts []day.Day
	for range 5 {
		bursts = append(bursts, s.today-day.Day(30+s.r.IntN(span-60)))
	}
	for i := range s.profile.organic {
		// The inverse of a density that grows from 0.6 to 1.4 over the time.
		at := (math.Sqrt(0.36+1.6*s.r.Float64()) - 0.6) / 0.8
		on := s.today - span + day.Day(at*span)
		if i%4 == 0 {
			on = min(bursts[s.r.IntN(len(bursts))]+day.Day(s.r.ExpFloat64()*5), s.today)
		}
		s.addOutlet(on)
	}
	s.roll()
	for on := s.today - 1; on < s.today+ahead; on++ {
		for n := s.organicADay(); n > 0 && len(s.names) > s.pitched+20; n-- {
			s.addOutlet(on)
		}
	}
}

// organicADay is how many outlets come by themselves on a day from now on. One
// is certain, so that a sync on any later day has news to bring.
func (s *story) organicADay() int {
	if s.profile.organic > 200 {
		return 1 + s.r.IntN(2)
	}
	return 1
}

// addOutlet makes an outlet that begins to link on a day, often more than once.
func (s *story) addOutlet(first day.Day) {
	o := s.newOutlet(4, 82, 1.9)
	o.first = first
	s.organic = append(s.organic, o)
	for on := first; ; on += 5 + day.Day(s.r.ExpFloat64()*70) {
		s.live(ahrefstest.Link{From: s.source(o, on), To: s.ours(pick(s.r, s.pages)), Anchor: s.anchor(""),
			DR: s.dr(o, on), FirstSeen: on, Dofollow: s.r.IntN(100) < 78})
		if s.r.IntN(100) < 45 || on > s.today+ahead {
			return
		}
	}
}

// roll is an outlet that names us beside every article: many pages with one
// anchor and one target, which attribution takes for a template.
func (s *story) roll() {
	o := s.newOutlet(20, 40, 1)
	on := s.today - 300
	for range 30 {
		s.links = append(s.links, ahrefstest.Link{From: s.source(o, on), To: s.ours("/"), Anchor: s.brand, DR: s.dr(o, on), FirstSeen: on, Dofollow: true})
		on += day.Day(s.r.IntN(6))
	}
}

var lossReasons = []string{"link_removed", "link_removed", "link_removed", "broken", "broken", "redirect", "noindex"}

// live adds a link with the rest of its life: some are lost, a few of them come
// back. One that comes back does so long enough after its loss that a sync has
// seen it gone.
func (s *story) live(l ahrefstest.Link) {
	if s.r.IntN(100) >= 17 {
		s.links = append(s.links, l)
		return
	}
	l.LostOn = l.FirstSeen + 20 + day.Day(s.r.ExpFloat64()*150)
	l.Reason = pick(s.r, lossReasons)
	s.links = append(s.links, l)
	if l.LostOn > s.since+7 && s.r.IntN(100) < 18 {
		l.FirstSeen, l.LostOn, l.Reason = l.LostOn+21+day.Day(s.r.IntN(40)), day.None, ""
		s.links = append(s.links, l)
	}
}

func (s *story) ours(page string) string { return "https://" + s.host + page }

// source is the address of a new page of an outlet.
func (s *story) source(o outlet, on day.Day) string {
	for {
		slug := pick(s.r, slugWords) + "-" + pick(s.r, slugWords) + "-" + pick(s.r, slugWords)
		u := o.base + "/" + slug
		switch s.r.IntN(5) {
		case 0:
			u = o.base + on.Time().Format("/2006/01/") + slug
		case 1:
			u = o.base + "/articles/" + slug + "/"
		}
		if !s.urls[u] {
			s.urls[u] = true
			return u
		}
	}
}

// anchor is a link's text; asked is what a pitch asked for, "" for none.
func (s *story) anchor(asked string) string {
	switch n := s.r.IntN(10); {
	case n < 4 && asked != "":
		return asked
	case n < 6:
		return s.brand
	case n < 7:
		return s.host
	case n < 8:
		return "https://" + s.host + "/"
	}
	return pick(s.r, genericAnchors)
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// planned is a pitch with what becomes of it.
type planned struct {
	pitch  pitches.Pitch // as it is logged
	logged day.Day
	owner  int // of the team
	moves  []move

	givenUp day.Day // closed without a reply, together with others; None = never
	id      int64   // once it is logged
}

// move is a later change of a pitch.
type move struct {
	on   day.Day
	do   func(*pitches.Pitch)
	note string
}
