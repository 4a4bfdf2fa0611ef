package ahrefs

import (
	"slices"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// leastUnits is what any request of the set "v3" costs at least, also one without
// rows. Only subscription-info is free.
const leastUnits = 50

// dear are the fields that cost more than one unit, by endpoint, as the vendor's
// description of each field says. Names that no request here uses are listed as
// well: a field added to a request is then priced without a second thought.
var dear = map[string]map[string]int{
	epAll: {"class_c": 5, "refdomains_source": 5, "refdomains_source_domain": 5, "refdomains_target_domain": 5,
		"traffic": 10, "traffic_domain": 10},
	epV3RefDomains: {"dofollow_refdomains": 5, "refdomains": 5, "traffic_domain": 10, "traffic_page": 10},
	epAnchors:      {"refdomains": 5, "refdomains_source": 5, "traffic_domain": 10, "traffic_page": 10},
	epStats:        {"all_time_refdomains": 5, "live_refdomains": 5},
	epMetrics:      {"org_cost": 10, "org_traffic": 10, "paid_cost": 10, "paid_traffic": 10},
	epRefHistory:   {"refdomains": 5},
}

// whole are the fields of the endpoints that have no select: all are paid.
var whole = map[string][]string{
	epRating:        {"ahrefs_rank", "domain_rating"},
	epStats:         {"all_time", "all_time_refdomains", "live", "live_refdomains"},
	epMetrics:       {"org_cost", "org_keywords", "org_keywords_1_3", "org_traffic", "paid_cost", "paid_keywords", "paid_pages", "paid_traffic"},
	epRatingHistory: {"date", "domain_rating"},
	epRefHistory:    {"date", "refdomains"},
}

// unitsOfRow is the price of one row: the sum over its distinct fields.
func unitsOfRow(endpoint string, fields []string) int {
	fields = slices.Clone(fields)
	slices.Sort(fields)
	sum := 0
	for _, f := range slices.Compact(fields) {
		if p, ok := dear[endpoint][f]; ok {
			sum += p
		} else {
			sum++
		}
	}
	return sum
}

// unitsOfRequest is the vendor's price for an answer of rows rows.
func unitsOfRequest(rows, rowUnits int) int { return max(leastUnits, rows*rowUnits) }

// pricing is what a job's requests look like to the one who pays.
type pricing struct {
	rowUnits int
	paged    bool // limit and further pages; else one answer has it all
	ends     []string
}

// priced finds the pricing of a job from the very requests that it sends.
func priced(job backlinks.Job) (pricing, bool) {
	t := backlinks.Target{Host: "example.com", Mode: backlinks.ModeDomain}
	w := backlinks.Window{Target: t, From: day.Date(2026, 1, 1), To: day.Date(2026, 1, 7)}
	var a ask
	var err error
	switch job {
	case backlinks.JobNewLinks:
		a, err = askNew(w)
	case backlinks.JobLostLinks:
		a, err = askLost(w)
	case backlinks.JobRestoredLinks:
		a, err = askRestored(w)
	case backlinks.JobRefDomains:
		a, err = askRefDomains(t)
	case backlinks.JobAllLinks:
		a, err = askAll(t)
	case backlinks.JobSources:
		a, err = askSources(t, 30)
	case backlinks.JobNewSources:
		a, err = askNewSources(w, 30)
	case backlinks.JobAnchors:
		a, err = askAnchors(t)
	case backlinks.JobOverview:
		return pricing{ends: []string{epRating, epStats, epMetrics}}, true
	case backlinks.JobAuthority:
		return pricing{ends: []string{epRating}}, true
	case backlinks.JobLinkCounts:
		return pricing{ends: []string{epStats}}, true
	case backlinks.JobTraffic:
		return pricing{ends: []string{epMetrics}}, true
	case backlinks.JobAuthorityHistory:
		return pricing{rowUnits: unitsOfRow(epRatingHistory, whole[epRatingHistory])}, true
	case backlinks.JobRefDomainHistory:
		return pricing{rowUnits: unitsOfRow(epRefHistory, whole[epRefHistory])}, true
	default:
		return pricing{}, false
	}
	if err != nil {
		return pricing{}, false
	}
	return pricing{rowUnits: unitsOfRow(a.endpoint, a.fields()), paged: true}, true
}

// of is the price of rows rows at most pageRows at once. A page that is full is
// followed by one that begins with its last row again, so a page of n rows brings
// n-1, and the row at each border is paid twice.
func (p pricing) of(rows, pageRows int) backlinks.Cost {
	rows = max(0, rows)
	if len(p.ends) > 0 {
		var c backlinks.Cost
		for _, e := range p.ends {
			c = c.Add(backlinks.Cost{Requests: 1, Units: unitsOfRequest(1, unitsOfRow(e, whole[e]))})
		}
		return c
	}
	if !p.paged || rows < pageRows {
		return backlinks.Cost{Requests: 1, Units: unitsOfRequest(rows, p.rowUnits)}
	}
	brings := max(1, pageRows-1)
	last := (rows - 1) % brings // rows of the last page but its first
	full := (rows - 1 - last) / brings
	return backlinks.Cost{Requests: full + 1,
		Units: full*unitsOfRequest(pageRows, p.rowUnits) + unitsOfRequest(last+1, p.rowUnits)}
}
