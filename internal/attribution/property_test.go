package attribution

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// world is one site's links and pitches, built from bytes so that the fuzzer
// and the property tests share it. Values are drawn from small sets, so that
// collisions are the rule.
type world struct {
	bytes    []byte
	rules    Rules
	links    []Link // mostly of one key, as Decide wants them
	pitches  []Pitch
	rejected map[[2]int64]bool
}

func newWorld(b []byte) *world {
	w := &world{bytes: b, rules: DefaultRules(today), rejected: make(map[[2]int64]bool)}
	if w.n(2) == 0 {
		w.rules = CarefulRules(today)
	}
	w.rules.TemplatePages = 2
	if w.n(4) == 0 { // a workspace with thresholds of its own
		w.rules.CreditAt, w.rules.SuggestAt, w.rules.PossibleAt = w.n(101), w.n(101), w.n(101)
		w.rules.ContestedWithin, w.rules.GraceDays = w.n(20), w.n(10)
	}
	if w.n(4) == 0 { // and with points of its own
		for _, s := range w.rules.Settings()[10:] {
			*s.Value = s.Min + w.n(s.Max-s.Min+1)
		}
	}
	for i := range w.n(9) {
		w.links = append(w.links, w.link(int64(i+1)))
	}
	for i := range w.n(7) {
		w.pitches = append(w.pitches, w.pitch(int64(i+1)))
	}
	for range w.n(4) {
		w.rejected[[2]int64{int64(w.n(9)), int64(w.n(7))}] = true
	}
	return w
}

func randomBytes(seed, n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(seed), 41))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// n draws a number below limit; exhausted input gives zeros.
func (w *world) n(limit int) int {
	if len(w.bytes) == 0 {
		return 0
	}
	v := int(w.bytes[0]) % limit
	w.bytes = w.bytes[1:]
	return v
}

func pick[T any](w *world, from ...T) T { return from[w.n(len(from))] }

// day draws a day around sent, and now and then none.
func (w *world) day() day.Day {
	if w.n(6) == 0 {
		return day.None
	}
	return sent + day.Day(w.n(250)-30)
}

func (w *world) text() string {
	if w.n(8) == 0 { // bytes as they come, broken UTF-8 included
		n := min(w.n(12), len(w.bytes))
		s := string(w.bytes[:n])
		w.bytes = w.bytes[n:]
		return s
	}
	return pick(w, "", "payroll report", "Payroll REPORTS 9,000", "here", "firms’ payroll", "Größe")
}

func (w *world) link(id int64) Link {
	l := Link{
		ID: id, TargetKey: pick(w, "oursite.example", "oursite.example/x", "oursite.example/y", ""),
		Anchor: w.text(), Title: w.text(), Author: pick(w, "", "Ann Lee", "Lee, Ann", "Ann", "News desk"),
		Kind: pick(w, backlinks.KindText, backlinks.KindImage, backlinks.KindUnknown, backlinks.KindRedirect, backlinks.KindRSS),
		UGC:  backlinks.Tri(w.n(3)), FirstSeen: w.day(), PageFirstSeen: w.day(),
	}
	l.Source = weburl.Page{
		Host: pick(w, "example.com", "example.com", "blog.example.com", "jobs.example.com"), Domain: "example.com",
		Path: pick(w, "", "/a", "/b", "/c", "/forum/1", "/tag/x", "/feed", "//x//"),
	}
	l.Source.Outlet = weburl.OutletKey{Key: pick(w, "example.com", "example.com", "example.com", "example.net", "")}
	l.Source.Outlet.Scope = pick(w, weburl.ScopeDomain, weburl.ScopeDomain, weburl.ScopeHost, weburl.ScopeBare)
	return l
}

func (w *world) pitch(id int64) Pitch {
	p := Pitch{
		ID: id, OwnerID: int64(w.n(2)), Campaign: pick(w, "", "spring"),
		Host:   pick(w, "example.com", "blog.example.com", ""),
		Key:    pick(w, "example.com", "example.com", "example.com", "example.net", "example.org", ""),
		Scoped: w.n(6) == 0, Unscoped: w.n(6) == 0, Bounced: w.n(5) == 0,
		SentOn: w.day(), ClosedOn: w.day(), Status: pitches.Statuses[w.n(len(pitches.Statuses))],
		TargetKey: pick(w, "", "oursite.example", "oursite.example/x"),
		Anchor:    w.text(), Subject: w.text(), Contact: pick(w, "", "Ann Lee", "Ann"),
	}
	if w.n(3) == 0 {
		p.Aliases = append(p.Aliases, pitches.Alias{Key: pick(w, "example.com", "example.net"), From: w.day(), To: w.day()})
	}
	if w.n(5) == 0 {
		p.LiveKey, p.LiveOutlet = pick(w, "example.com/a", "blog.example.com/b", "example.com"), "example.com"
	}
	if w.n(5) == 0 {
		p.SwitchedOff = []string{"jobs"}
	}
	return p
}

func (w *world) refused(link, pitch int64) bool { return w.rejected[[2]int64{link, pitch}] }

func (w *world) decide() []Decision { return w.rules.Decide(w.links, w.pitches, w.refused) }

// byLink makes decisions comparable whatever the order of the links was.
func byLink(ds []Decision) map[int64]Decision {
	m := make(map[int64]Decision, len(ds))
	for _, d := range ds {
		m[d.LinkID] = d
	}
	return m
}

func eachWorld(t *testing.T, check func(t *testing.T, seed int, w *world)) {
	t.Helper()
	for seed := range 3000 {
		check(t, seed, newWorld(randomBytes(seed, 600)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestInvariants(t *testing.T) {
	bands := make(map[Band]int)
	codes := make(map[Code]int)
	eachWorld(t, func(t *testing.T, _ int, w *world) {
		checkInvariants(t, w)
		for _, d := range w.decide() {
			bands[d.Band]++
			for _, r := range d.Best.Reasons {
				codes[r.Code]++
			}
		}
	})
	// Properties of worlds in which nothing happens would prove nothing.
	for _, b := range []Band{Credited, Suggested, Possible, NoBand} {
		if bands[b] < 50 {
			t.Errorf("only %d links %s", bands[b], b)
		}
	}
	for _, c := range Codes {
		if codes[c] < 20 {
			t.Errorf("only %d times %s", codes[c], c)
		}
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed int, w *world) {
		want := byLink(w.decide())
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		for range 3 {
			rng.Shuffle(len(w.links), func(i, j int) { w.links[i], w.links[j] = w.links[j], w.links[i] })
			rng.Shuffle(len(w.pitches), func(i, j int) { w.pitches[i], w.pitches[j] = w.pitches[j], w.pitches[i] })
			if got := byLink(w.decide()); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		}
	})
}

func TestUnrelatedPitchChangesNothing(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed int, w *world) {
		want := w.decide()
		other := w.pitch(99)
		other.Key, other.Aliases, other.LiveKey = "unrelated.example", nil, "unrelated.example/a"
		w.pitches = slices.Insert(w.pitches, seed%(len(w.pitches)+1), other)
		if got := w.decide(); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

// A pitch that came too late changes no link that had a candidate in time.
func TestTooLatePitchChangesNothing(t *testing.T) {
	eachWorld(t, func(t *testing.T, _ int, w *world) {
		want := w.decide()
		late := w.pitch(99)
		late.LiveKey, late.SentOn = "", sent+5000
		w.pitches = append(w.pitches, late)
		for i, got := range w.decide() {
			_, pre := parts(want[i].Best)[Preexisting]
			dated := w.links[i].FirstSeen.Known() || w.links[i].PageFirstSeen.Known()
			if dated && want[i].Best.PitchID != 0 && !pre && !reflect.DeepEqual(got, want[i]) {
				t.Errorf("got %+v\nwant %+v", got, want[i])
			}
		}
	})
}

func TestLinksOfOtherKeysChangeNothing(t *testing.T) {
	eachWorld(t, func(t *testing.T, _ int, w *world) {
		mixed := byLink(w.decide())
		all := w.links
		for _, key := range []string{"example.com", "example.net", ""} {
			w.links = slices.DeleteFunc(slices.Clone(all), func(l Link) bool { return l.Source.Outlet.Key != key })
			for id, got := range byLink(w.decide()) {
				if !reflect.DeepEqual(got, mixed[id]) {
					t.Errorf("got %+v\nwant %+v", got, mixed[id])
				}
			}
		}
	})
}

// What the Index leaves out could not have changed anything.
func TestIndexLosesNoCandidate(t *testing.T) {
	eachWorld(t, func(t *testing.T, _ int, w *world) {
		all := w.pitches
		x := NewIndex(all)
		for _, key := range []string{"example.com", "example.net"} {
			w.links = slices.DeleteFunc(newWorld(nil).links, func(Link) bool { return true })
			for i := range 4 {
				l := w.link(int64(i + 1))
				l.Source = weburl.Page{Host: key, Domain: key, Path: "/a", Outlet: weburl.OutletKey{Key: key}}
				w.links = append(w.links, l)
			}
			w.pitches = all
			want := w.decide()
			w.pitches = x.For(key)
			if got := w.decide(); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		}
	})
}

var bandRank = map[Band]int{NoBand: 0, Possible: 1, Suggested: 2, Credited: 3}

// Stricter thresholds never make a band stronger and never move a credit.
func TestStricterThresholds(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed int, w *world) {
		before := w.decide()
		w.rules.CreditAt += seed % 13
		w.rules.PossibleAt += seed % 5
		for i, d := range w.decide() {
			if bandRank[d.Band] > bandRank[before[i].Band] || d.Best.PitchID != before[i].Best.PitchID {
				t.Errorf("from %+v\nto %+v", before[i], d)
			}
		}
	})
}

// What a decider was used for before changes nothing, and what it gives holds
// until it is used again.
func TestDeciderForgets(t *testing.T) {
	d := Rules{}.Decider()
	eachWorld(t, func(t *testing.T, seed int, w *world) {
		d.run.rules = w.rules
		got := d.Decide(w.links, w.pitches, w.refused)
		if want := w.decide(); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: %+v\nwant %+v", seed, got, want)
		}
	})
}

// A decider that has seen as much before needs no memory.
func TestDeciderAllocatesOnce(t *testing.T) {
	l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 1, "example.com")
	l.Title, l.Author, p.Anchor, p.Contact = "The quiet cost of payroll errors", "Ann Lee", "a report", "Ann B. Lee"
	links, ps := []Link{l}, []Pitch{p, p}
	ps[1].ID = 2
	d := DefaultRules(today).Decider()
	if n := testing.AllocsPerRun(20, func() { d.Decide(links, ps, nil) }); n > 2 { // what some reasons say in words
		t.Errorf("%v allocations", n)
	}
}
