package ahrefstest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"landed/internal/day"
)

// Load says how large a generated world is. The same Load gives the same world.
type Load struct {
	Sites  int     // hosts SiteName(0) … SiteName(Sites-1)
	Before int     // links of each site from the year before Start, all alive at Start
	New    int     // links found a week, for each site
	Lost   int     // links lost a week, for each site, once it has so many
	Back   int     // links that come back a week, for each site, of those lost before
	Weeks  int     // from Start
	Start  day.Day // the first day of the first week
	Seed   uint64
}

// SiteName is the host of a generated site.
func SiteName(n int) string { return fmt.Sprintf("site%04d.example", n) }

// generator makes one site's links.
type generator struct {
	load  Load
	rand  *rand.Rand
	site  string
	serie int
	links []Link
	alive []int // places in links
	gone  []int
}

// Generate fills a world with sites whose links come and go. Of the links a tenth
// are not dofollow, and a few are images, redirects, canonicals, sponsored or spam.
// All of one day are found in a few crawls, so timestamps are shared. DR and traffic
// of each site grow slowly.
func Generate(w *World, load Load) {
	for n := range load.Sites {
		g := &generator{load: load, site: SiteName(n), rand: rand.New(rand.NewPCG(load.Seed, uint64(n)))}
		for range load.Before {
			g.find(load.Start - 1 - day.Day(g.rand.IntN(365)))
		}
		for week := range load.Weeks {
			g.week(load.Start + day.Day(7*week))
		}
		w.Add(g.links...)
		base := 20 + 50*g.rand.Float64()
		w.SetOverview(g.site, func(d day.Day) Overview {
			grown := float64(d-load.Start) / 100
			return Overview{DomainRating: float64(int(10*min(95, max(0, base+grown)))) / 10, Backlinks: -1, ReferringDomains: -1,
				OrganicTraffic: 1000 + int64(max(0, grown)*100), OrganicKeywords: 300}
		})
	}
}

// week finds, loses and restores links. Losses come from links older than the
// week, so that no link is found and lost between two weekly looks.
func (g *generator) week(from day.Day) {
	lost := min(g.load.Lost, len(g.alive))
	back := min(g.load.Back, len(g.gone))
	for range lost {
		g.lose(from + day.Day(g.rand.IntN(7)))
	}
	for range back {
		g.restore(from + day.Day(g.rand.IntN(7)))
	}
	for range g.load.New {
		g.find(from + day.Day(g.rand.IntN(7)))
	}
}

var anchorsOfLoad = []string{"guide", "this report", "Example", "read more"}

// crawlTime is one of a few moments of a day.
func (g *generator) crawlTime(on day.Day) time.Time {
	return on.Time().Add(moment(g.rand.Uint64()))
}

func (g *generator) find(on day.Day) {
	g.serie++
	r := g.rand.IntN(100)
	outlet := g.rand.IntN(4000)
	l := Link{
		From:   fmt.Sprintf("https://outlet%05d.test/%s/%d", outlet, g.site, g.serie),
		To:     fmt.Sprintf("https://%s/page/%d", g.site, g.rand.IntN(20)),
		Anchor: anchorsOfLoad[g.rand.IntN(len(anchorsOfLoad))],
		DR:     float64(outlet*7919%950) / 10, FirstSeen: on, FirstSeenAt: g.crawlTime(on), Dofollow: r >= 10,
		UGC: r < 3, Sponsored: r == 3 || r == 4, Spam: r == 50,
	}
	switch {
	case r >= 60 && r < 65:
		l.Kind = "image"
	case r == 65 || r == 66:
		l.Kind = "redirect"
	case r == 67:
		l.Kind = "canonical"
	}
	g.alive = append(g.alive, len(g.links))
	g.links = append(g.links, l)
}

var reasonsOfLoad = []struct{ reason, v3 string }{
	{"link_removed", "removedfromhtml"}, {"broken", "notfound"}, {"broken", "pageerror"},
	{"noindex", "noindex"}, {"redirect", "pageredirected"}, {"", "notcanonical"},
}

func (g *generator) lose(on day.Day) {
	i := g.rand.IntN(len(g.alive))
	place := g.alive[i]
	g.alive = append(g.alive[:i], g.alive[i+1:]...)
	l := &g.links[place]
	l.LostOn, l.LostAt = on, g.crawlTime(on)
	if !l.LostAt.After(l.FirstSeenAt) {
		l.LostAt = l.FirstSeenAt.Add(time.Second)
		l.LostOn = day.Of(l.LostAt)
	}
	if g.rand.IntN(10) == 0 {
		l.DropReason = "tooold"
	} else {
		why := reasonsOfLoad[g.rand.IntN(len(reasonsOfLoad))]
		l.Reason, l.LostReason = why.reason, why.v3
	}
	g.gone = append(g.gone, place)
}

// restore gives a lost link a further life.
func (g *generator) restore(on day.Day) {
	i := g.rand.IntN(len(g.gone))
	l := g.links[g.gone[i]]
	found := g.crawlTime(on)
	if !found.After(l.LostAt) {
		return
	}
	g.gone = append(g.gone[:i], g.gone[i+1:]...)
	l.FirstSeen, l.FirstSeenAt = on, found
	l.LostOn, l.LostAt, l.Reason, l.LostReason, l.DropReason = day.None, time.Time{}, "", "", ""
	g.alive = append(g.alive, len(g.links))
	g.links = append(g.links, l)
}
