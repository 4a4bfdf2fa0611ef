package demo

import (
	"math"
	"math/rand/v2"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/weburl"
)

// census is how many links and referring domains live on each day. The
// provider would count the same from its links, for every question anew.
type census struct {
	first          day.Day
	links, domains []int64
}

func count(links []ahrefstest.Link, platforms *weburl.Platforms) census {
	c := census{}
	var last day.Day
	for i, l := range links {
		if i == 0 || l.FirstSeen < c.first {
			c.first = l.FirstSeen
		}
		last = max(last, l.FirstSeen, l.LostOn)
	}
	c.links, c.domains = make([]int64, last-c.first+1), make([]int64, last-c.first+1)
	seen := map[string][]bool{}
	for _, l := range links {
		page, err := platforms.Page(l.From)
		if err != nil {
			continue // the story makes no such address
		}
		days := seen[page.Domain]
		if days == nil {
			days = make([]bool, len(c.links))
			seen[page.Domain] = days
		}
		end := last + 1
		if l.LostOn.Known() {
			end = l.LostOn
		}
		for i := l.FirstSeen - c.first; i < end-c.first; i++ {
			c.links[i]++
			if !days[i] {
				days[i] = true
				c.domains[i]++
			}
		}
	}
	return c
}

func (c census) on(d day.Day) (links, domains int64) {
	i := min(d-c.first, day.Day(len(c.links)-1))
	if i < 0 {
		return 0, 0
	}
	return c.links[i], c.domains[i]
}

// overview gives what the provider says of the site on each day.
func (s *story) overview(c census) func(day.Day) ahrefstest.Overview {
	return func(on day.Day) ahrefstest.Overview {
		t := min(max(float64(on-s.today+span)/span, 0), 1.6)
		noise := rand.New(rand.NewPCG(s.seed+uint64(len(s.host)), uint64(on/6)))
		curve := t + 0.06*math.Sin(9*t)
		season := 1 + 0.12*math.Sin(2*math.Pi*float64(on)/365)
		traffic := s.traffic * (0.3 + 0.7*t) * season * (0.96 + 0.08*noise.Float64())
		o := ahrefstest.Overview{
			DomainRating:    math.Round(s.drFrom + (s.drTo-s.drFrom)*curve + 0.8*noise.Float64() - 0.4),
			OrganicTraffic:  int64(traffic),
			OrganicKeywords: int64(traffic / 6.5 * (0.97 + 0.06*noise.Float64())),
		}
		o.Backlinks, o.ReferringDomains = c.on(on)
		return o
	}
}
