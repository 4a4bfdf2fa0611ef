package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"landed/internal/attribution"
	"landed/internal/backlinks"
	"landed/internal/bench/yard"
	calendar "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

func parseDay(t *testing.T, s string) calendar.Day {
	t.Helper()
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rulePitches(t *testing.T, w *world) []attribution.Pitch {
	t.Helper()
	var out []attribution.Pitch
	for i, p := range w.pitches {
		page, err := weburl.Default().Outlet(p.outlet)
		if err != nil {
			t.Fatal(err)
		}
		target, err := weburl.PageKey(p.target)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, attribution.Pitch{
			ID: int64(i + 1), OutletID: int64(i + 1), Campaign: p.campaign, Host: page.Host, Key: page.Outlet.Key,
			Scoped:   page.Outlet.Scope == weburl.ScopeHost || page.Outlet.Scope == weburl.ScopePath,
			Unscoped: page.Outlet.Scope == weburl.ScopeBare,
			SentOn:   parseDay(t, p.sent.String()), Status: pitches.Status(p.status), TargetKey: target,
			Subject: p.subject, Contact: p.contact,
		})
	}
	return out
}

func ruleLink(t *testing.T, i int, l link) attribution.Link {
	t.Helper()
	page, err := weburl.Default().Page(l.source)
	if err != nil {
		t.Fatal(err)
	}
	target, err := weburl.PageKey(l.target)
	if err != nil {
		t.Fatal(err)
	}
	return attribution.Link{
		ID: int64(i + 1), Source: page, TargetKey: target, Anchor: l.anchor, Title: l.title,
		Kind: backlinks.Kind(l.kind), UGC: backlinks.TriOf(l.ugc), FirstSeen: parseDay(t, l.stamp(l.first)),
	}
}

// The truth that the generator writes down is what the rules of attribution say.
func TestTruthFollowsTheRules(t *testing.T) {
	const n, rows = 1_000, 10_000
	w := newWorld(7, n)
	all := rulePitches(t, w)
	index := attribution.NewIndex(all)
	groups := map[string][]attribution.Link{}
	truth := map[int64]link{}
	for i := range rows {
		l := w.link(i, rows)
		r := ruleLink(t, i, l)
		groups[r.Source.Outlet.Key] = append(groups[r.Source.Outlet.Key], r)
		truth[r.ID] = l
	}
	rules := attribution.DefaultRules(calendar.Date(2026, 9, 1))
	seen := map[string]int{}
	for key, links := range groups {
		for _, d := range rules.Decide(links, index.For(key), nil) {
			want, ref, band := truth[d.LinkID], "", "none"
			if d.Band == attribution.Credited || d.Band == attribution.Suggested {
				ref, band = w.pitches[d.Best.PitchID-1].ref, "found"
			}
			if band != want.band || ref != want.ref {
				t.Errorf("%s first seen %s (%s): the rules say %s %q, score %d %v; the truth says %s %q",
					want.source, want.first, want.why, d.Band, ref, d.Best.Score, d.Best.Reasons, want.band, want.ref)
			}
			seen[want.why]++
		}
	}
	for _, why := range []string{"earned", "late", "preexisting", "draft", "declined", "another author of the platform",
		"looks like a pitched outlet", "never pitched"} {
		if seen[why] < 5 {
			t.Errorf("only %d links of the kind %q", seen[why], why)
		}
	}
}

func files(t *testing.T, o options) map[string][32]byte {
	t.Helper()
	o.out = t.TempDir()
	if err := generate(o); err != nil {
		t.Fatal(err)
	}
	out := map[string][32]byte{}
	for _, name := range []string{linksCSV, linksUTF16, pitchesCSV, truthCSV} {
		b, err := os.ReadFile(filepath.Join(o.out, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = sha256.Sum256(b)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	o := options{links: 500, pitches: 60, seed: 3, utf16: true}
	a, b := files(t, o), files(t, o)
	o.seed = 4
	c := files(t, o)
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs between two runs with one seed", name)
		}
		if a[name] == c[name] {
			t.Errorf("%s is the same with another seed", name)
		}
	}
}

// Both encodings hold the same rows, and the yardstick matches them as the truth does.
func TestYardstickFindsTheTruth(t *testing.T) {
	o := options{links: 3000, pitches: 300, seed: 5, utf16: true, out: t.TempDir()}
	if err := generate(o); err != nil {
		t.Fatal(err)
	}
	m, err := yard.ReadPitches(filepath.Join(o.out, pitchesCSV))
	if err != nil {
		t.Fatal(err)
	}
	var got [2][]yard.Link
	for i, name := range []string{linksCSV, linksUTF16} {
		var refs []string
		err := yard.Links(filepath.Join(o.out, name), func(l *yard.Link) {
			refs = append(refs, m.Match(l))
			got[i] = append(got[i], *l)
		})
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := yard.Wrong(filepath.Join(o.out, truthCSV), refs)
		if err != nil || wrong != 0 {
			t.Errorf("%s: %d of %d rows differ from the truth, %v", name, wrong, len(refs), err)
		}
	}
	if len(got[0]) != o.links || len(got[1]) != o.links {
		t.Fatalf("%d and %d rows, want %d", len(got[0]), len(got[1]), o.links)
	}
	for i := range got[0] {
		if got[0][i] != got[1][i] {
			t.Fatalf("row %d: %+v in UTF-8, %+v in UTF-16", i, got[0][i], got[1][i])
		}
	}
}
