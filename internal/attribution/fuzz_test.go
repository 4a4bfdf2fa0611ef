package attribution

import (
	"reflect"
	"slices"
	"testing"

	"landed/internal/day"
)

func FuzzDecide(f *testing.F) {
	for seed := range 8 {
		f.Add(randomBytes(seed, 300))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		w := newWorld(b)
		checkInvariants(t, w)
		want := byLink(w.decide())
		slices.Reverse(w.links)
		slices.Reverse(w.pitches)
		if got := byLink(w.decide()); !reflect.DeepEqual(got, want) {
			t.Errorf("reversed: %+v\nwant %+v", got, want)
		}
	})
}

func FuzzFold(f *testing.F) {
	f.Add("Founder’s 1,500 Größe", "payroll")
	f.Add("\xff\xfe", "e\u0301")
	f.Add("\xf3ȗ", "")
	f.Fuzz(func(t *testing.T, s, sub string) {
		b := appendFolded(nil, s, false)
		if again := appendFolded(nil, string(b), false); string(again) != string(b) {
			t.Errorf("%q folds to %q, and that to %q", s, b, again)
		}
		// A text contains itself, and names are in no order.
		a, c := nameWords(s+" "+sub), nameWords(sub+" "+s)
		if len(a) > 1 && !sameName(a, c) {
			t.Errorf("%q and %q are two names", a, c)
		}
	})
}

// checkInvariants holds for any input.
func checkInvariants(t *testing.T, w *world) {
	t.Helper()
	ds := w.decide()
	if len(ds) != len(w.links) {
		t.Fatalf("%d decisions for %d links", len(ds), len(w.links))
	}
	for i, d := range ds {
		l := w.links[i]
		if d.LinkID != l.ID {
			t.Errorf("decision %d is of link %d, not %d", i, d.LinkID, l.ID)
		}
		if d.Best.PitchID == 0 {
			if !reflect.DeepEqual(d, Decision{LinkID: l.ID, Band: NoBand}) {
				t.Errorf("nothing found, yet %+v", d)
			}
			continue
		}
		checkBand(t, w.rules, l, d)
		last := d.Best.Score
		seen := []int64{d.Best.PitchID}
		checkCandidate(t, w, l, d.Best)
		for _, a := range d.Assists {
			checkCandidate(t, w, l, a)
			if a.Score < w.rules.SuggestAt || a.Score > last || slices.Contains(seen, a.PitchID) {
				t.Errorf("assist %+v of %+v", a, d)
			}
			last, seen = a.Score, append(seen, a.PitchID)
		}
	}
}

func checkBand(t *testing.T, r Rules, l Link, d Decision) {
	t.Helper()
	has := parts(d.Best)
	_, pre := has[Preexisting]
	asks := d.Contested
	doubts := []Code{NoDate, UndatedLink, UnscopedPlatform, NotEditorial, Unspecific, Doubted, OtherSection, LinkedBefore}
	for _, c := range doubts {
		_, ok := has[c]
		asks = asks || ok
	}
	want := r.band(d.Best.Score)
	if want == Credited && asks {
		want = Suggested
	}
	if pre {
		want = NoBand
	}
	if _, ok := has[ContestedRunnerUp]; d.Band != want || ok != d.Contested {
		t.Errorf("link %+v: want band %s in %+v", l, want, d)
	}
}

// checkCandidate explains a score by its reasons alone.
func checkCandidate(t *testing.T, w *world, l Link, c Candidate) {
	t.Helper()
	if c.Score < 0 || c.Score > 100 {
		t.Errorf("score %d", c.Score)
	}
	i := slices.IndexFunc(w.pitches, func(p Pitch) bool { return p.ID == c.PitchID })
	if i < 0 || w.refused(l.ID, c.PitchID) || !w.pitches[i].Status.Sent() {
		t.Errorf("pitch %d is no candidate of link %d", c.PitchID, l.ID)
		return
	}
	p := w.pitches[i]
	if l.Source.Key() != p.LiveKey && !slices.Contains(Keys(p), l.Source.Outlet.Key) {
		t.Errorf("pitch %+v has no claim on %+v", p, l)
	}
	sum, limit := 0, 100
	seen := make(map[Code]bool)
	for _, r := range c.Reasons {
		sum += r.Points
		switch r.Code {
		case Preexisting:
			limit = min(limit, w.rules.Weights.PreexistingCap)
		case NoDate:
			limit = min(limit, w.rules.Weights.NoDateCap)
		case UnscopedPlatform:
			limit = min(limit, w.rules.Weights.UnscopedCap)
		}
		if seen[r.Code] || Sentence(r) == "" || Sentence(r) == string(r.Code) {
			t.Errorf("reason %+v", r)
		}
		seen[r.Code] = true
	}
	if want := min(max(sum, 0), 100, limit); c.Score != want {
		t.Errorf("score %d, reasons say %d: %+v", c.Score, want, c.Reasons)
	}
	hosts := []Code{ExactLiveURL, SameHost, PlatformScope, SameDomain, OutletAlias}
	if !slices.Contains(hosts, c.Reasons[0].Code) {
		t.Errorf("first reason %+v", c.Reasons[0])
	}
	// The day rules, in other words than the code has them.
	if first := firstDay(l); first != day.None && p.SentOn != day.None && !seen[ExactLiveURL] {
		if late := int(p.SentOn)-int(first) > w.rules.GraceDays; late != seen[Preexisting] {
			t.Errorf("sent %v, seen %v: preexisting %v", p.SentOn, first, seen[Preexisting])
		}
	}
}

func firstDay(l Link) day.Day {
	if l.FirstSeen.Known() {
		return l.FirstSeen
	}
	return l.PageFirstSeen
}
