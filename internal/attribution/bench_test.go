package attribution

import (
	"fmt"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

const benchKeys, benchLinks, benchPitches = 10_000, 100_000, 10_000

// benchWorld has 10 links on each of 10,000 outlets. text adds titles,
// authors, anchors and subjects, as a provider with all fields has them.
func benchWorld(text bool) (map[string][]Link, []Pitch) {
	links := make(map[string][]Link, benchKeys)
	for i := range benchLinks {
		key := fmt.Sprintf("outlet%d.example", i%benchKeys)
		l := Link{
			ID: int64(i + 1), TargetKey: "oursite.example/report", Kind: backlinks.KindText,
			Source: weburl.Page{
				Host: key, Domain: key, Outlet: weburl.OutletKey{Key: key}, Path: fmt.Sprintf("/2026/05/story-%d", i),
			},
			FirstSeen: sent + day.Day(i%120), Anchor: "the report",
		}
		if text {
			l.Anchor = "State of Payroll report"
			l.Title = "The quiet three per cent: what payroll mistakes cost small firms"
			l.Author = "Ann B. Lee"
		}
		links[key] = append(links[key], l)
	}
	ps := make([]Pitch, benchPitches)
	for i := range ps {
		key := fmt.Sprintf("outlet%d.example", i%benchKeys)
		ps[i] = Pitch{
			ID: int64(i + 1), OwnerID: int64(i % 5), Campaign: "spring", Host: key, Key: key,
			SentOn: sent, Status: pitches.Replied, TargetKey: "oursite.example/report",
		}
		if text {
			ps[i].Subject, ps[i].Anchor = "Why payroll errors cost small firms 3% of revenue", "payroll report"
			ps[i].Contact = "Ann Lee"
		}
	}
	return links, ps
}

// BenchmarkDecide attributes all of it, the index included: one operation is
// 100,000 links against 10,000 pitches.
func BenchmarkDecide(b *testing.B) {
	for _, text := range []bool{false, true} {
		b.Run(fmt.Sprintf("text=%v", text), func(b *testing.B) {
			links, ps := benchWorld(text)
			r := DefaultRules(today)
			b.ReportAllocs()
			for b.Loop() {
				x := NewIndex(ps)
				found := 0
				for key, ls := range links {
					for _, d := range r.Decide(ls, x.For(key), nil) {
						if d.Best.PitchID != 0 {
							found++
						}
					}
				}
				if found != benchLinks {
					b.Fatalf("%d links found their pitch", found)
				}
			}
		})
	}
}

// BenchmarkCrowded is one outlet with 2,000 links and 200 pitches, the worst
// shape: every pair is weighed. One operation is 400,000 pairs.
func BenchmarkCrowded(b *testing.B) {
	links, ps := benchWorld(true)
	var ls []Link
	for i := range 200 {
		for _, l := range links[fmt.Sprintf("outlet%d.example", i)] {
			l.Source.Outlet.Key, l.Source.Host = "outlet0.example", "outlet0.example"
			ls = append(ls, l)
		}
	}
	ps = ps[:200]
	for i := range ps {
		ps[i].Key, ps[i].Host = "outlet0.example", "outlet0.example"
	}
	b.ReportAllocs()
	for b.Loop() {
		DefaultRules(today).Decide(ls, ps, nil)
	}
}

// Links of outlets that nobody pitched cost their Decision and nothing else.
func TestNoCandidatesNoAllocations(t *testing.T) {
	var ls []Link
	for i := range 1000 {
		ls = append(ls, linkFrom(t, int64(i), "https://example.com/a"))
	}
	others := []Pitch{pitchTo(t, 1, "example.org"), pitchTo(t, 2, "example.net")}
	r := DefaultRules(today)
	if n := testing.AllocsPerRun(20, func() { r.Decide(ls, nil, nil) }); n > 2 {
		t.Errorf("%v allocations without pitches", n)
	}
	if n := testing.AllocsPerRun(20, func() { r.Decide(ls, others, nil) }); n > 3 {
		t.Errorf("%v allocations with pitches to other outlets", n)
	}
}
