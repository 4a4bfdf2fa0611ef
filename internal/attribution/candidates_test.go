package attribution

import (
	"slices"
	"testing"

	"landed/internal/day"
	"landed/internal/pitches"
)

// Vector 12 within one run: a refused pair is no candidate and no rival.
func TestRejectedPair(t *testing.T) {
	l := linkFrom(t, 1, "https://example.com/a")
	a, b := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
	b.SentOn = sent + 2
	no := func(link, pitch int64) bool { return link == 1 && pitch == 2 }
	r := DefaultRules(today)
	d := r.Decide([]Link{l}, []Pitch{a, b}, no)[0]
	if d.Best.PitchID != 1 || parts(d.Best)[OnlyPitch] != 8 || len(d.Assists) != 0 {
		t.Fatalf("%+v", d)
	}
	l2 := l
	l2.ID = 2
	if d := r.Decide([]Link{l2}, []Pitch{a, b}, no)[0]; d.Best.PitchID != 2 {
		t.Fatalf("another link of the same page: %+v", d)
	}
}

func TestDraftsAndSwitchedOffHosts(t *testing.T) {
	p := pitchTo(t, 1, "example.com")
	p.SwitchedOff = []string{"jobs", "forum.example.com", ""}
	for host, want := range map[string]bool{
		"example.com": true, "jobs.example.com": false, "eu.jobs.example.com": false,
		"myjobs.example.com": true, "forum.example.com": false, "blog.example.com": true,
	} {
		if got := decideOne(t, linkFrom(t, 1, "https://"+host+"/a"), p).Best.PitchID == 1; got != want {
			t.Errorf("%s: candidate %v, want %v", host, got, want)
		}
	}
	l := linkFrom(t, 1, "https://jobs.example.com/a")
	p.LiveKey = l.Source.Key()
	if d := decideOne(t, l, p); d.Best.Score != 100 {
		t.Errorf("a recorded live URL counts on a host that is switched off: %+v", d)
	}
	p.Status = pitches.Draft
	if d := decideOne(t, linkFrom(t, 1, "https://example.com/a"), p); d.Best.PitchID != 0 {
		t.Errorf("draft: %+v", d)
	}
}

func TestAliasDates(t *testing.T) {
	for _, c := range []struct {
		name           string
		from, to, seen day.Day
		want           bool
	}{
		{"open", day.None, day.None, sent + 10, true},
		{"first day", sent + 10, day.None, sent + 10, true},
		{"before it", sent + 11, day.None, sent + 10, false},
		{"last day", day.None, sent + 10, sent + 10, true},
		{"after it", day.None, sent + 9, sent + 10, false},
		{"link without a date", sent + 11, sent + 20, day.None, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, p := linkFrom(t, 1, "https://bbc.com/a"), pitchTo(t, 7, "bbc.co.uk")
			l.FirstSeen = c.seen
			p.Aliases = []pitches.Alias{{Key: "other.example"}, {Key: "bbc.com", From: c.from, To: c.to}}
			if got := decideOne(t, l, p).Best.PitchID == 7; got != c.want {
				t.Fatalf("candidate %v, want %v", got, c.want)
			}
		})
	}
}

func TestCandidatesListsWhatDecideWeighed(t *testing.T) {
	l := linkFrom(t, 5, "https://example.com/a")
	a, b, old := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com"), pitchTo(t, 3, "example.com")
	b.Bounced, old.SentOn = true, l.FirstSeen+90
	got := DefaultRules(today).Candidates(5, []Link{l}, []Pitch{old, b, a, pitchTo(t, 4, "example.org")}, nil)
	ids := make([]int64, len(got))
	for i, c := range got {
		ids[i] = c.PitchID
	}
	if !slices.Equal(ids, []int64{1, 2, 3}) || got[1].Score != 50 || got[2].Score != 30 {
		t.Fatalf("%+v", got)
	}
	got = DefaultRules(today).Candidates(5, []Link{l}, []Pitch{old, a}, nil)
	if _, ok := parts(got[1])[OnlyPitch]; ok || parts(got[0])[OnlyPitch] != 8 {
		t.Errorf("one in time, one too late: %+v", got)
	}
	if DefaultRules(today).Candidates(6, []Link{l}, []Pitch{a}, nil) != nil {
		t.Error("a link that is not there has candidates")
	}
}

// Decisions share memory; what a caller appends to one must not reach another.
func TestDecisionsAreApart(t *testing.T) {
	links := []Link{linkFrom(t, 1, "https://example.com/a"), linkFrom(t, 2, "https://example.com/b")}
	p := pitchTo(t, 1, "example.com")
	ds := DefaultRules(today).Decide(links, []Pitch{p}, nil)
	_ = append(ds[0].Best.Reasons, Reason{Code: "x"})
	if ds[1].Best.Reasons[0].Code != SameHost {
		t.Errorf("%+v", ds[1])
	}
	q := pitchTo(t, 2, "example.org")
	x := NewIndex([]Pitch{p, q})
	for _, key := range []string{p.Key, q.Key} {
		_ = append(x.For(key), Pitch{ID: 99})
	}
	if x.For(p.Key)[0].ID != 1 || x.For(q.Key)[0].ID != 2 {
		t.Error("an append reached another key of the index")
	}
}
