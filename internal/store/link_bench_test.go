package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// benchLinks is how many links the benchmarks list from.
const benchLinks = 100_000

var benchToday = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// linkBench is a store with 100,000 links of one site over three years, one in
// three lost, and 3,000 pitches to some of the 20,000 domains. It is made once
// and only read.
var linkBench = sync.OnceValues(func() (*Store, error) { return fillLinks(benchDir, benchLinks, 3000) })

// fillLinks makes a store in a directory with that many links and pitches, the
// same ones each time.
func fillLinks(dir string, links, sent int) (*Store, error) {
	ctx := context.Background()
	st, err := Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	st.Now = func() time.Time { return benchToday }
	site, err := st.CreateSite(ctx, "fern.example")
	if err != nil {
		return nil, err
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var list []pitches.Pitch
	for i := range sent {
		domain := i % (links / 5)
		list = append(list, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Key: fmt.Sprintf("paper%d.example", domain), Host: fmt.Sprintf("paper%d.example", domain)},
			Subject: fmt.Sprintf("Story %d", i), Status: pitches.Pitched, SentOn: day.Date(2024, 1, 1) + day.Day(rnd.IntN(700)), OwnerID: 1, Campaign: fmt.Sprint("Campaign ", i%10)})
	}
	if _, err := st.ImportPitches(ctx, By{Name: "bench"}, site.ID, list, nil, nil); err != nil {
		return nil, err
	}
	_, err = st.SaveLinks(ctx, site.ID, func(yield func(backlinks.Link, error) bool) {
		for i := range links {
			if !yield(benchLink(rnd, i, links), nil) {
				return
			}
		}
	}, false, nil)
	return st, err
}

func benchLink(rnd *rand.Rand, i, links int) backlinks.Link {
	domain := int(rnd.ExpFloat64() * float64(links/20))
	l := backlinks.Link{SourceURL: fmt.Sprintf("https://paper%d.example/story/%d", domain, i), TargetURL: fmt.Sprintf("https://fern.example/page/%d", rnd.IntN(40)),
		Anchor: fmt.Sprintf("our report %d", i%900), Title: fmt.Sprintf("A page about ferns, number %d", i), Kind: backlinks.KindText, Nofollow: backlinks.TriOf(i%4 == 0),
		Authority: float64(domain % 95), Metric: backlinks.DR, FirstSeen: day.Date(2023, 3, 1) + day.Day(rnd.IntN(1090)), LastSeen: day.Date(2026, 2, 27), Provider: "ahrefs"}
	if i%3 == 0 {
		l.LostOn, l.LostReason, l.LostSaid = l.FirstSeen+day.Day(1+rnd.IntN(1090)), backlinks.PageGone, "notfound"
		l.LastSeen = l.FirstSeen
	}
	return l
}

func BenchmarkListLinks(b *testing.B) {
	st, err := linkBench()
	if err != nil {
		b.Fatal(err)
	}
	from, to := day.Date(2025, 6, 1), day.Date(2025, 8, 31)
	deep := deepPage(b, st, LinkFilter{Site: 1}, day.Date(2023, 6, 1))
	for _, c := range []struct {
		name string
		f    LinkFilter
	}{
		{"first", LinkFilter{}}, {"deep", LinkFilter{After: deep}},
		{"credited", LinkFilter{Credited: true}}, {"placements_period", LinkFilter{Placements: true, From: from, To: to}},
		{"suggested", LinkFilter{State: StateSuggested}}, {"none", LinkFilter{State: "none"}},
		{"domain_few", LinkFilter{Domain: "paper9001.example", Exact: true}}, {"domain_prefix", LinkFilter{Domain: "paper9"}},
		{"domain_credited", LinkFilter{Domain: "paper12.example", Credited: true}},
		{"pitch", LinkFilter{Pitch: 12}}, {"follow", LinkFilter{Follow: true}}, {"dr70", LinkFilter{MinDR: 70}}, {"dr94", LinkFilter{MinDR: 94}},
		{"lost", LinkFilter{Lost: true}}, {"lost_placements", LinkFilter{Lost: true, Placements: true}}, {"lost_reason", LinkFilter{Lost: true, Reason: backlinks.PageGone, From: from, To: to}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.f.Site = 1
			for b.Loop() {
				if _, err := st.ListLinks(b.Context(), c.f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func deepPage(tb testing.TB, st *Store, f LinkFilter, on day.Day) string {
	f.To = on
	p, err := st.ListLinks(tb.Context(), f)
	if err != nil || p.Next == "" {
		tb.Fatal("no deep page", err)
	}
	return p.Next
}
