package ahrefs

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// Endpoints of the set "v3"; all-backlinks has its name in both sets.
const (
	epRating        = "site-explorer/domain-rating"
	epStats         = "site-explorer/backlinks-stats"
	epMetrics       = "site-explorer/metrics"
	epRatingHistory = "site-explorer/domain-rating-history"
	epRefHistory    = "site-explorer/refdomains-history"
	epV3RefDomains  = "site-explorer/refdomains"
	epAnchors       = "site-explorer/anchors"
	epLimits        = "subscription-info/limits-and-usage"
)

// v3 is the endpoint set that the vendor publishes. Its lists have neither offset
// nor total and are paged by key, see page.go.
type v3 struct {
	*caller
	pageSize int
}

// v3Target refuses nothing but an empty target: the set has all four modes.
//
// Landed's domain is a whole site, as it is in the set "playbook". In this set the
// word means the bare host, without www and every other subdomain, so a site is
// asked for as "subdomains".
func v3Target(endpoint string, t backlinks.Target) (url.Values, error) {
	target := strings.TrimSpace(t.Host)
	if target == "" {
		return nil, refuse(endpoint, "the target is empty")
	}
	mode := t.Mode
	switch mode {
	case backlinks.ModeExact, backlinks.ModePrefix, backlinks.ModeSubdomains:
	case backlinks.ModeDomain:
		mode = backlinks.ModeSubdomains
	default:
		return nil, refuse(endpoint, "the mode %q is not one of exact, prefix, domain and subdomains", string(t.Mode))
	}
	return url.Values{"target": {target}, "mode": {string(mode)}}, nil
}

// fetch gets one answer and reads it; what cannot be read is an unusable answer.
func fetch[T any](ctx context.Context, v *v3, endpoint string, q url.Values, read func(body []byte) (T, error)) (T, backlinks.Cost, error) {
	var none T
	body, cost, err := v.get(ctx, endpoint, q)
	if err != nil {
		return none, cost, err
	}
	out, err := read(body)
	if err != nil {
		return none, cost, v.unusable(endpoint, body, err)
	}
	return out, cost, nil
}

// overview is all three parts. When one fails, the others are lost with it; a
// caller that minds asks for them one by one, see parts.
func (v *v3) overview(ctx context.Context, t backlinks.Target, on day.Day) (backlinks.Snapshot, backlinks.Cost, error) {
	return v.parts(ctx, t, on, backlinks.AllParts)
}

func (v *v3) parts(ctx context.Context, t backlinks.Target, on day.Day, parts backlinks.Parts) (backlinks.Snapshot, backlinks.Cost, error) {
	today := day.Of(v.now())
	if !on.Known() || on > today {
		on = today
	}
	s := backlinks.Snapshot{On: on, Backlinks: -1, RefDomains: -1, OrganicTraffic: -1, OrganicKeywords: -1, Provider: Name}
	var sum backlinks.Cost
	for _, p := range []struct {
		part     backlinks.Parts
		endpoint string
		envelope string
		read     func(*row, *backlinks.Snapshot)
	}{
		{backlinks.AuthorityPart, epRating, "domain_rating", readRating},
		{backlinks.LinkPart, epStats, "metrics", readStats},
		{backlinks.TrafficPart, epMetrics, "metrics", readTraffic},
	} {
		if parts&p.part == 0 {
			continue
		}
		q, err := v3Target(p.endpoint, t)
		if err != nil {
			return backlinks.Snapshot{}, sum, err
		}
		if p.endpoint == epRating {
			q.Del("mode") // a domain's rating has no mode
		}
		q.Set("date", on.String())
		_, cost, err := fetch(ctx, v, p.endpoint, q, func(body []byte) (struct{}, error) {
			r, err := objectIn(body, p.envelope)
			if err != nil {
				return struct{}{}, err
			}
			p.read(r, &s)
			return struct{}{}, r.err
		})
		if sum = sum.Add(cost); err != nil {
			return backlinks.Snapshot{}, sum, err
		}
	}
	return s, sum, nil
}

// objectIn is the object of an answer, under exactly this name.
func objectIn(body []byte, envelope string) (*row, error) {
	answer, err := parse(body)
	if err != nil {
		return nil, err
	}
	_, v, err := under(answer, []string{envelope})
	if err != nil {
		return nil, err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%q should be an object but is %s", envelope, describe(v))
	}
	return &row{fields: fields}, nil
}

// rowsIn is the list of an answer, under exactly this name: a bare list, which the
// other set may send, is not an answer here.
func rowsIn(body []byte, envelope string) ([]any, error) {
	answer, err := parse(body)
	if err != nil {
		return nil, err
	}
	name, v, err := under(answer, []string{envelope})
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%q should be a list but is %s", name, describe(v))
	}
	return list, nil
}

func readRating(r *row, s *backlinks.Snapshot) {
	s.Authority, s.Metric = r.need("domain_rating", 100), backlinks.DR
}

func readStats(r *row, s *backlinks.Snapshot) {
	s.Backlinks, s.RefDomains = r.needCount("live"), r.needCount("live_refdomains")
}

func readTraffic(r *row, s *backlinks.Snapshot) {
	s.OrganicTraffic, s.OrganicKeywords = r.needCount("org_traffic"), r.needCount("org_keywords")
}

// need is a number that must be there.
func (r *row) need(name string, most float64) float64 {
	f, known := r.number(name, most)
	if !known {
		r.fail(name, "is missing; there is %s", describe(r.fields))
	}
	return f
}

func (r *row) needCount(name string) int64 {
	n, known := r.count(name, maxCount)
	if !known {
		r.fail(name, "is missing; there is %s", describe(r.fields))
	}
	return n
}

func (v *v3) authorityHistory(ctx context.Context, t backlinks.Target, from, to day.Day) ([]backlinks.Reading, backlinks.Cost, error) {
	return v.history(ctx, epRatingHistory, t, from, to, "domain_ratings", func(r *row) backlinks.Reading {
		return backlinks.Reading{On: r.needDay("date"), Authority: r.need("domain_rating", 100), Metric: backlinks.DR, RefDomains: -1}
	})
}

func (v *v3) refDomainHistory(ctx context.Context, t backlinks.Target, from, to day.Day) ([]backlinks.Reading, backlinks.Cost, error) {
	return v.history(ctx, epRefHistory, t, from, to, "refdomains", func(r *row) backlinks.Reading {
		return backlinks.Reading{On: r.needDay("date"), Authority: -1, Metric: backlinks.DR, RefDomains: int(r.needCount("refdomains"))}
	})
}

// history is weekly: daily readings cost seven times as much and a chart of two
// years has no place for them.
func (v *v3) history(ctx context.Context, endpoint string, t backlinks.Target, from, to day.Day, envelope string, read func(*row) backlinks.Reading) ([]backlinks.Reading, backlinks.Cost, error) {
	q, err := v3Target(endpoint, t)
	if err != nil {
		return nil, backlinks.Cost{}, err
	}
	if !from.Known() || !to.Known() || from > to {
		return nil, backlinks.Cost{}, refuse(endpoint, "the days from %q to %q are no window", from, to)
	}
	if endpoint == epRatingHistory {
		q.Del("mode")
	}
	q.Set("date_from", from.String())
	q.Set("date_to", to.String())
	q.Set("history_grouping", "weekly")
	return fetch(ctx, v, endpoint, q, func(body []byte) ([]backlinks.Reading, error) {
		list, err := rowsIn(body, envelope)
		if err != nil {
			return nil, err
		}
		out, err := readRows(list, read)
		slices.SortStableFunc(out, func(a, b backlinks.Reading) int { return int(a.On - b.On) })
		for i := 1; err == nil && i < len(out); i++ {
			if out[i].On == out[i-1].On {
				err = fmt.Errorf("%s comes twice", out[i].On)
			}
		}
		return out, err
	})
}

// needDay is a day that must be there.
func (r *row) needDay(name string) day.Day {
	r.key(name)
	return r.date(name)
}

// account is free of units. What is not said is -1 or None; a subscription with
// neither name nor figures is not one.
func (v *v3) account(ctx context.Context) (backlinks.Account, backlinks.Cost, error) {
	a, cost, err := fetch(ctx, v, epLimits, url.Values{}, readAccount)
	if err == nil {
		v.gate.hintRows(rowsOfPlan(a.Plan))
	}
	return a, cost, err
}

func readAccount(body []byte) (backlinks.Account, error) {
	r, err := objectIn(body, "limits_and_usage")
	if err != nil {
		return backlinks.Account{}, err
	}
	count := func(name string) int64 {
		n, known := r.count(name, maxCount)
		if !known {
			return -1
		}
		return n
	}
	a := backlinks.Account{
		Plan:       cut(r.text("subscription"), 100),
		UnitsLimit: count("units_limit_workspace"), UnitsUsed: count("units_usage_workspace"),
		KeyUnitsLimit: count("units_limit_api_key"), KeyUnitsUsed: count("units_usage_api_key"),
		ResetOn: r.date("usage_reset_date"), KeyExpiresOn: r.date("api_key_expiration_date"),
	}
	if r.err == nil && a.Plan == "" && a.UnitsLimit < 0 && a.UnitsUsed < 0 && a.KeyUnitsUsed < 0 && !a.ResetOn.Known() {
		r.fail("limits_and_usage", "says nothing; there is %s", describe(r.fields))
	}
	return a, r.err
}

// planRows are the most rows of one request, by plan. A limit that is refused says
// the truth; this only saves the refusal.
var planRows = []planLimit{{"enterprise", 1000}, {"advanced", 500}, {"standard", 250}, {"lite", 100}}

type planLimit struct {
	word string
	rows int
}

// rowsOfPlan is 0 for a plan without a known name. Enterprise has no limit: a
// thousand rows are what one answer comfortably holds.
func rowsOfPlan(plan string) int {
	plan = strings.ToLower(plan)
	for _, p := range planRows {
		if strings.Contains(plan, p.word) {
			return p.rows
		}
	}
	return 0
}
