package ahrefstest

import (
	"slices"
	"time"

	"landed/internal/day"
)

var listParams = []string{"timeout", "limit", "order_by", "where", "protocol", "mode", "history"}

// v3Endpoints are the paths of the set V3.
var v3Endpoints = map[string]v3Endpoint{
	"site-explorer/domain-rating": {
		key: "domain_rating", required: []string{"target", "date"}, answer: domainRating,
	},
	"site-explorer/backlinks-stats": {
		key: "metrics", required: []string{"target", "date"}, optional: []string{"protocol", "mode"}, answer: backlinksStats,
	},
	"site-explorer/metrics": {
		key: "metrics", required: []string{"target", "date"},
		optional: []string{"mode", "protocol", "country", "volume_mode", "traffic_mode"}, answer: metrics,
	},
	"site-explorer/domain-rating-history": {
		key: "domain_ratings", required: []string{"target", "date_from"},
		optional: []string{"date_to", "history_grouping"}, answer: domainRatingHistory,
	},
	"site-explorer/refdomains-history": {
		key: "refdomains", required: []string{"target", "date_from"},
		optional: []string{"date_to", "history_grouping", "mode", "protocol"}, answer: refdomainsHistory,
	},
	"site-explorer/all-backlinks": {
		key: "backlinks", required: []string{"target", "select"}, optional: append([]string{"aggregation"}, listParams...),
		answer: allBacklinks,
	},
	"site-explorer/refdomains": {
		key: "refdomains", required: []string{"target", "select"}, optional: listParams, answer: refdomains,
	},
	"site-explorer/anchors": {
		key: "anchors", required: []string{"target", "select"}, optional: listParams, answer: anchors,
	},
	limitsPath: {key: "limits_and_usage", free: true},
}

const limitsPath = "subscription-info/limits-and-usage"

func allBacklinks(q *asked) (reply, error) {
	return choose(q, backlinkColumns, q.links(), func(rows []*backlink) []*backlink {
		by := q.params.Get("aggregation")
		if by == "" {
			by = "similar_links"
		}
		return aggregate(rows, by)
	})
}

func refdomains(q *asked) (reply, error) {
	return choose(q, refdomainColumns, groupBy(q.links(), byRoot, q.span), asTheyAre)
}

func anchors(q *asked) (reply, error) {
	return choose(q, anchorColumns, groupBy(q.links(), byAnchor, q.span), asTheyAre)
}

func asTheyAre(rows []*group) []*group { return rows }

// overviewOn is what SetOverview says of the target's host, where the target is
// a whole site.
func (q *asked) overviewOn(d day.Day) Overview {
	o := Overview{Backlinks: -1, ReferringDomains: -1}
	q.world.mu.RLock()
	of := q.world.overviews[q.target.host]
	q.world.mu.RUnlock()
	if of != nil && (q.target.mode == "domain" || q.target.mode == "host") {
		o = of(d)
	}
	return o
}

func domainRating(q *asked) (reply, error) {
	dr := q.overviewOn(q.to).DomainRating
	return reply{content: record{"domain_rating": dr, "ahrefs_rank": rank(dr)}, rows: 1, price: 2}, nil
}

func backlinksStats(q *asked) (reply, error) {
	o := q.overviewOn(q.to)
	all := q.links()
	end := q.to.Time().AddDate(0, 0, 1)
	all = slices.DeleteFunc(all, func(b *backlink) bool { return !b.firstSeen.Before(end) })
	live := slices.DeleteFunc(slices.Clone(all), func(b *backlink) bool { return !b.liveAt(end) })
	now := record{
		"live": len(live), "live_refdomains": len(groupBy(live, byRoot, span{})),
		"all_time": len(all), "all_time_refdomains": len(groupBy(all, byRoot, span{})),
	}
	for name, said := range map[string]int64{"live": o.Backlinks, "live_refdomains": o.ReferringDomains} {
		if said >= 0 {
			now[name] = int(said)
			now["all_time"+name[len("live"):]] = max(int(said), now["all_time"+name[len("live"):]].(int))
		}
	}
	return reply{content: now, rows: 1, price: 12}, nil
}

func metrics(q *asked) (reply, error) {
	o := q.overviewOn(q.to)
	return reply{rows: 1, price: 44, content: record{
		"org_traffic": o.OrganicTraffic, "org_keywords": o.OrganicKeywords, "org_keywords_1_3": o.OrganicKeywords / 12,
		"org_cost": o.OrganicTraffic * 55, "paid_cost": nil, "paid_keywords": 0, "paid_pages": 0, "paid_traffic": 0,
	}}, nil
}

// days are the points of a history between two days: each day, each Monday or
// each first of a month.
func (q *asked) days() []day.Day {
	var out []day.Day
	for d := q.from; d <= q.to; d++ {
		t := d.Time()
		switch q.group {
		case "daily":
		case "weekly":
			if t.Weekday() != time.Monday {
				continue
			}
		default:
			if t.Day() != 1 {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

func domainRatingHistory(q *asked) (reply, error) {
	out := []record{}
	for _, d := range q.days() {
		out = append(out, record{"date": d.String(), "domain_rating": q.overviewOn(d).DomainRating})
	}
	return reply{content: out, rows: len(out), price: 2}, nil
}

// refdomainsHistory counts the domains with a link that lived on each day.
func refdomainsHistory(q *asked) (reply, error) {
	days := q.days()
	q.span = span{}
	domains := groupBy(q.links(), byRoot, q.span)
	out := []record{}
	for _, d := range days {
		n := int(q.overviewOn(d).ReferringDomains)
		if n < 0 {
			n = 0
			end := d.Time().AddDate(0, 0, 1)
			for _, g := range domains {
				if slices.ContainsFunc(g.links, func(b *backlink) bool { return b.liveAt(end) }) {
					n++
				}
			}
		}
		out = append(out, record{"date": d.String(), "refdomains": n})
	}
	return reply{content: out, rows: len(out), price: 6}, nil
}

// usage is the free answer about the subscription and the key.
func (s *Server) usage(token string) record {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.World.now().UTC()
	expires := s.KeyExpires
	if expires.IsZero() {
		expires = now.AddDate(1, 0, 0).Truncate(24 * time.Hour)
	}
	limit := func(n int) any {
		if n <= 0 {
			return nil
		}
		return n
	}
	month := s.month()
	return record{
		"subscription":            s.Plan.Name,
		"units_limit_workspace":   limit(s.MonthlyUnits),
		"units_usage_workspace":   s.used[month],
		"units_limit_api_key":     limit(s.KeyUnits),
		"units_usage_api_key":     s.used[month+" "+token],
		"usage_reset_date":        time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		"api_key_expiration_date": expires.UTC().Format(time.RFC3339),
	}
}
