package ahrefs

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// script answers each request by its path and remembers it.
type script struct {
	answers map[string]string // the end of a path -> body
	status  int
	asked   []*http.Request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r)
	w := httptest.NewRecorder()
	w.Header().Set("X-Api-Units-Cost-Total-Actual", "50")
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	fmt.Fprint(w, s.answers[name])
	return w.Result(), nil
}

func (s *script) queries() (out []string) {
	for _, r := range s.asked {
		q := strings.TrimPrefix(r.URL.Path, "/v3/")
		for _, k := range slices.Sorted(maps.Keys(r.URL.Query())) {
			q += " " + k + "=" + strings.Join(r.URL.Query()[k], "|")
		}
		out = append(out, q)
	}
	return out
}

func (s *script) client(t *testing.T, set Set) *Client {
	t.Helper()
	c := &clock{now: monday}
	client, err := New(Options{Token: "token-of-a-test", Set: set, HTTP: s, Now: c.Now, Sleep: c.Sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var week = backlinks.Window{Target: site, From: day.Date(2026, 2, 23), To: day.Date(2026, 3, 1)}

// v3Operation is a method of the client, what it asks to the letter, and what it makes
// of an answer.
type v3Operation struct {
	name    string
	answers map[string]string
	list    string // the envelope, when it is a list
	asks    []string
	run     func(context.Context, *Client) (any, backlinks.Cost, error)
	want    any
}

const v3LinkRow = `{"url_from":"https://news.example.org/a?x=1&y=2","url_to":"https://www.example.com/guide","anchor":"the “guide”",
	"title":"News","source_page_author":"A. Writer","link_type":"image","is_nofollow":true,"is_ugc":true,"is_sponsored":false,
	"domain_rating_source":71.5,"first_seen_link":"2026-02-28T23:30:00Z","last_visited":"2026-03-01T01:00:00Z","http_code":200,
	"last_seen":null,"is_lost":false,"ahrefs_rank_source":900,"discovered_status":"linkrestored"}`

const v3LostRow = `{"url_from":"https://news.example.org/old","url_to":"https://www.example.com/","last_seen":"2026-02-24T06:00:00Z",
	"lost_reason":"removedfromhtml","drop_reason":null,"is_lost":true}`

func v3Link(change func(*backlinks.Link)) backlinks.Link {
	l := backlinks.Link{SourceURL: "https://news.example.org/a?x=1&y=2", TargetURL: "https://www.example.com/guide", Anchor: "the “guide”",
		Title: "News", Author: "A. Writer", Kind: backlinks.KindImage, Nofollow: backlinks.Yes, UGC: backlinks.Yes, Sponsored: backlinks.No,
		Authority: 71.5, Metric: backlinks.DR, HTTPCode: 200, FirstSeen: day.Date(2026, 2, 28), LastSeen: day.Date(2026, 3, 1), Provider: Name}
	if change != nil {
		change(&l)
	}
	return l
}

func linkAnswer(row string) map[string]string {
	return map[string]string{"all-backlinks": `{"backlinks":[` + row + `]}`}
}

const fieldsOfNew = "url_from,url_to,anchor,title,source_page_author,link_type,is_nofollow,is_ugc,is_sponsored,domain_rating_source,first_seen_link"

var v3Operations = []v3Operation{
	{name: "Overview", asks: []string{
		"site-explorer/domain-rating date=2026-03-01 target=example.com",
		"site-explorer/backlinks-stats date=2026-03-01 mode=subdomains target=example.com",
		"site-explorer/metrics date=2026-03-01 mode=subdomains target=example.com",
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		s, cost, err := c.Overview(ctx, site, day.Date(2026, 3, 1))
		return s, cost, err
	}, want: backlinks.Snapshot{On: day.Date(2026, 3, 1), Authority: 42.5, Metric: backlinks.DR, Backlinks: 900, RefDomains: 70,
		OrganicTraffic: 1200, OrganicKeywords: 30, Provider: Name},
	},
	{name: "Snapshot of the rating", asks: []string{"site-explorer/domain-rating date=2026-03-02 target=example.com"},
		run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
			s, cost, err := c.Snapshot(ctx, site, day.Date(2026, 5, 1), backlinks.AuthorityPart) // in the future
			return s, cost, err
		}, want: backlinks.Snapshot{On: day.Of(monday), Authority: 42.5, Metric: backlinks.DR, Backlinks: -1, RefDomains: -1,
			OrganicTraffic: -1, OrganicKeywords: -1, Provider: Name},
	},
	{name: "AuthorityHistory", list: "domain_ratings",
		asks: []string{"site-explorer/domain-rating-history date_from=2026-02-23 date_to=2026-03-01 history_grouping=weekly target=example.com"},
		run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
			r, cost, err := c.AuthorityHistory(ctx, site, week.From, week.To)
			return r, cost, err
		}, want: []backlinks.Reading{{On: day.Date(2026, 2, 16), Authority: 41, Metric: backlinks.DR, RefDomains: -1}, {On: day.Date(2026, 2, 23), Authority: 42.5, Metric: backlinks.DR, RefDomains: -1}}},
	{name: "RefDomainHistory", list: "refdomains",
		asks: []string{"site-explorer/refdomains-history date_from=2026-02-23 date_to=2026-03-01 history_grouping=weekly mode=subdomains target=example.com"},
		run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
			r, cost, err := c.RefDomainHistory(ctx, site, week.From, week.To)
			return r, cost, err
		}, want: []backlinks.Reading{{On: day.Date(2026, 2, 23), Authority: -1, Metric: backlinks.DR, RefDomains: 70}}},
	{name: "NewLinks", list: "backlinks", answers: linkAnswer(v3LinkRow), asks: []string{
		"site-explorer/all-backlinks aggregation=all history=since:2026-02-23 limit=500 mode=subdomains" +
			" order_by=first_seen_link:asc,url_from:asc,url_to:asc select=" + fieldsOfNew + " target=example.com" +
			` where={"and":[{"field":"first_seen_link","is":["gte","2026-02-23T00:00:00Z"]},{"field":"first_seen_link","is":["lt","2026-03-02T00:00:00Z"]}]}`,
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.NewLinks(ctx, week)
		return p.Links, p.Cost, err
	}, want: []backlinks.Link{v3Link(nil)}},
	{name: "LostLinks", list: "backlinks", answers: linkAnswer(v3LostRow), asks: []string{
		"site-explorer/all-backlinks aggregation=all history=since:2026-02-23 limit=500 mode=subdomains" +
			" order_by=last_seen:asc,url_from:asc,url_to:asc select=url_from,url_to,last_seen,lost_reason,drop_reason,is_lost target=example.com" +
			` where={"and":[{"field":"last_seen","is":["gte","2026-02-23T00:00:00Z"]},{"and":[{"field":"last_seen","is":["lt","2026-03-02T00:00:00Z"]},{"field":"is_lost","is":["eq",true]}]}]}`,
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.LostLinks(ctx, week)
		return p.Links, p.Cost, err
	}, want: []backlinks.Link{{SourceURL: "https://news.example.org/old", TargetURL: "https://www.example.com/", Provider: Name,
		LostOn: day.Date(2026, 2, 24), LostReason: backlinks.LinkRemoved, LostSaid: "removedfromhtml"}}},
	{name: "RestoredLinks", list: "backlinks", answers: linkAnswer(v3LinkRow), asks: []string{
		"site-explorer/all-backlinks aggregation=all history=since:2026-02-23 limit=500 mode=subdomains" +
			" order_by=last_visited:asc,url_from:asc,url_to:asc select=url_from,url_to,last_visited,discovered_status,is_lost target=example.com" +
			` where={"and":[{"field":"last_visited","is":["gte","2026-02-23T00:00:00Z"]},{"and":[{"field":"last_visited","is":["lt","2026-03-02T00:00:00Z"]},` +
			`{"field":"discovered_status","is":["eq","linkrestored"]},{"field":"is_lost","is":["eq",false]}]}]}`,
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.RestoredLinks(ctx, week)
		return p.Links, p.Cost, err
	}, want: []backlinks.Link{v3Link(nil)}},
	{name: "AllLinks of a placement", list: "backlinks", answers: linkAnswer(v3LinkRow), asks: []string{
		"site-explorer/all-backlinks aggregation=all history=live limit=500 mode=exact order_by=first_seen_link:asc,url_from:asc,url_to:asc" +
			" select=last_visited,http_code," + fieldsOfNew + " target=https://www.example.com/guide",
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.AllLinks(ctx, backlinks.Target{Host: "https://www.example.com/guide", Mode: backlinks.ModeExact}, 0, "")
		return p.Links, p.Cost, err
	}, want: []backlinks.Link{v3Link(nil)}},
	{name: "AllLinks of a competitor", list: "backlinks", answers: linkAnswer(v3LinkRow), asks: []string{
		"site-explorer/all-backlinks aggregation=1_per_domain history=live limit=500 mode=subdomains order_by=ahrefs_rank_source:asc" +
			" select=url_from,url_to,anchor,link_type,is_nofollow,domain_rating_source,ahrefs_rank_source target=rival.example" +
			` where={"and":[{"field":"domain_rating_source","is":["gte",30]},{"or":[{"field":"link_type","is":["eq","text"]},{"field":"link_type","is":["eq","image"]}]}]}`,
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.AllLinks(ctx, backlinks.Target{Host: "rival.example", Mode: backlinks.ModeDomain}, 30, "")
		return p.Links, p.Cost, err
	}, want: []backlinks.Link{v3Link(nil)}},
	{name: "RefDomains", list: "refdomains", asks: []string{
		"site-explorer/refdomains history=live limit=500 mode=subdomains order_by=first_seen:asc,domain:asc" +
			" select=domain,domain_rating,links_to_target,first_seen target=example.com",
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.RefDomains(ctx, site, "")
		return p.Domains, p.Cost, err
	}, want: []backlinks.RefDomain{{Domain: "example.org", Authority: 71.5, Metric: backlinks.DR, Links: 4, FirstSeen: day.Date(2026, 2, 25)}}},
	{name: "NewRefDomains", list: "refdomains", asks: []string{
		"site-explorer/refdomains history=live limit=500 mode=subdomains order_by=first_seen:asc,domain:asc" +
			" select=domain,domain_rating,links_to_target,first_seen target=example.com" +
			` where={"and":[{"field":"first_seen","is":["gte","2026-02-23T00:00:00Z"]},{"field":"first_seen","is":["lt","2026-03-02T00:00:00Z"]}]}`,
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.NewRefDomains(ctx, week)
		return p.Domains, p.Cost, err
	}, want: []backlinks.RefDomain{{Domain: "example.org", Authority: 71.5, Metric: backlinks.DR, Links: 4, FirstSeen: day.Date(2026, 2, 25)}}},
	{name: "Anchors", list: "anchors", asks: []string{
		"site-explorer/anchors history=live limit=500 mode=subdomains order_by=links_to_target:desc,anchor:asc" +
			" select=anchor,links_to_target,dofollow_links target=example.com",
	}, run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
		p, err := c.Anchors(ctx, site, "")
		return p.Anchors, p.Cost, err
	}, want: []backlinks.Anchor{{Text: "guide", Links: 9, Dofollow: 4}, {Text: "", Links: 2, Dofollow: 2}}},
	{name: "Account", asks: []string{"subscription-info/limits-and-usage"},
		run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
			a, cost, err := c.Account(ctx)
			return a, cost, err
		}, want: backlinks.Account{Plan: "Standard", UnitsLimit: 150_000, UnitsUsed: 61_240, KeyUnitsLimit: -1, KeyUnitsUsed: 12,
			ResetOn: day.Date(2026, 4, 1), KeyExpiresOn: day.Date(2026, 11, 30)}},
}

var v3Answers = map[string]string{
	"domain-rating":         `{"domain_rating":{"domain_rating":42.5,"ahrefs_rank":null}}`,
	"backlinks-stats":       `{"metrics":{"live":900,"live_refdomains":70,"all_time":2000,"all_time_refdomains":90}}`,
	"metrics":               `{"metrics":{"org_traffic":1200,"org_keywords":30,"org_cost":null,"paid_cost":null}}`,
	"domain-rating-history": `{"domain_ratings":[{"date":"2026-02-23","domain_rating":42.5},{"date":"2026-02-16","domain_rating":41.0}]}`,
	"refdomains-history":    `{"refdomains":[{"date":"2026-02-23","refdomains":70}]}`,
	"refdomains":            `{"refdomains":[{"domain":"example.org","domain_rating":71.5,"links_to_target":4,"first_seen":"2026-02-25T01:02:03Z"}]}`,
	"anchors":               `{"anchors":[{"anchor":"guide","links_to_target":9,"dofollow_links":4},{"anchor":"","links_to_target":2,"dofollow_links":2}]}`,
	"limits-and-usage": `{"limits_and_usage":{"subscription":"Standard","units_limit_workspace":150000,"units_usage_workspace":61240,
		"units_limit_api_key":null,"units_usage_api_key":12,"usage_reset_date":"2026-04-01","api_key_expiration_date":"2026-11-30T12:00:00Z"}}`,
}

func (op v3Operation) script() *script {
	answers := maps.Clone(v3Answers)
	maps.Copy(answers, op.answers)
	return &script{answers: answers}
}

// v3Paths are what the client speaks of the set.
var v3Paths = []string{epRating, epStats, epMetrics, epRatingHistory, epRefHistory, epAll, epV3RefDomains, epAnchors, epLimits}
