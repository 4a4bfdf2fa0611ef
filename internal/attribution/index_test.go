package attribution

import (
	"slices"
	"testing"

	"landed/internal/pitches"
)

func TestKeys(t *testing.T) {
	p := Pitch{
		Key: "bbc.co.uk", LiveKey: "example.com/a", LiveOutlet: "example.com",
		Aliases: []pitches.Alias{{Key: "bbc.com"}, {Key: "bbc.co.uk"}, {Key: ""}, {Key: "bbc.com", From: sent}},
	}
	if got := Keys(p); !slices.Equal(got, []string{"bbc.co.uk", "bbc.com", "example.com"}) {
		t.Errorf("%q", got)
	}
	p.LiveKey = ""
	if got := Keys(p); !slices.Equal(got, []string{"bbc.co.uk", "bbc.com"}) {
		t.Errorf("without a live URL: %q", got)
	}
	if got := Keys(Pitch{}); len(got) != 0 {
		t.Errorf("an empty pitch: %q", got)
	}
}

func TestIndex(t *testing.T) {
	a, b := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.org")
	c := pitchTo(t, 3, "example.com")
	b.Aliases = []pitches.Alias{{Key: "example.com"}}
	a.LiveKey, a.LiveOutlet = "example.net/x", "example.net"
	x := NewIndex([]Pitch{a, b, c})
	for key, want := range map[string][]int64{
		"example.com": {1, 2, 3}, "example.org": {2}, "example.net": {1}, "example.edu": nil, "": nil,
	} {
		var got []int64
		for _, p := range x.For(key) {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, want) || x.Has(key) != (want != nil) {
			t.Errorf("%q: %v, Has %v; want %v", key, got, x.Has(key), want)
		}
	}
	if NewIndex(nil).Has("example.com") || len(NewIndex(nil).For("example.com")) != 0 {
		t.Error("an empty index has something")
	}
}

// A pitch is found under each of its Keys, and nowhere else.
func TestIndexAgreesWithKeys(t *testing.T) {
	for seed := range 200 {
		w := newWorld(randomBytes(seed, 400))
		x := NewIndex(w.pitches)
		found := make(map[int64]int)
		for key := range x.spans {
			for _, p := range x.For(key) {
				if !slices.Contains(Keys(p), key) {
					t.Fatalf("seed %d: pitch %d under %q", seed, p.ID, key)
				}
				found[p.ID]++
			}
		}
		for _, p := range w.pitches {
			if found[p.ID] != len(Keys(p)) {
				t.Fatalf("seed %d: pitch %d under %d keys of %d", seed, p.ID, found[p.ID], len(Keys(p)))
			}
		}
	}
}
