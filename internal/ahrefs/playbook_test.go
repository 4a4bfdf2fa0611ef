package ahrefs

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
)

func link(from, to, anchor string, dr float64) backlinks.Link {
	return backlinks.Link{SourceURL: from, TargetURL: to, Anchor: anchor, Authority: dr, Metric: backlinks.DR, Provider: "ahrefs"}
}

func with(l backlinks.Link, change func(*backlinks.Link)) backlinks.Link {
	change(&l)
	return l
}

// Each operation against the fake server: what it asks, to the letter, and what
// it makes of the answer.
func TestOperations(t *testing.T) {
	guide := link("https://news.example.org/a?x=1&y=2", "https://example.com/guide", "the “guide” & more", 71.5)
	guide.Nofollow = backlinks.No
	want := map[string]struct {
		query string
		got   any
	}{
		"Overview": {
			"mode=domain&select=domain_rating%2Cbacklinks%2Creferring_domains%2Corganic_traffic%2Corganic_keywords&target=example.com",
			backlinks.Snapshot{On: day.Of(monday), Authority: 42.5, Metric: backlinks.DR, Backlinks: 2, RefDomains: 2,
				OrganicTraffic: 1200, OrganicKeywords: 1, Provider: "ahrefs"},
		},
		"NewLinks": {
			"date_from=2026-02-01&date_to=2026-02-28&limit=200&mode=domain&offset=0&order_by=first_seen%3Adesc" +
				"&select=url_from%2Curl_to%2Cdomain_rating_source%2Canchor%2Cfirst_seen%2Cis_dofollow&target=example.com",
			[]backlinks.Link{
				with(link("https://blog.example.net/b", "https://example.com/guide", "guide", 28), func(l *backlinks.Link) {
					l.Nofollow, l.FirstSeen = backlinks.Yes, day.Date(2026, 2, 10)
				}),
				with(guide, func(l *backlinks.Link) { l.FirstSeen = day.Date(2026, 2, 3) }),
			},
		},
		"LostLinks": {
			"date_from=2026-02-01&date_to=2026-02-28&limit=200&mode=domain&offset=0" +
				"&select=url_from%2Curl_to%2Cdomain_rating_source%2Canchor%2Clast_seen%2Creason&target=example.com",
			[]backlinks.Link{
				with(link("https://news.example.org/old", "https://www.example.com/", "Example", 71.5), func(l *backlinks.Link) {
					l.LastSeen, l.LostOn = day.Date(2026, 2, 20), day.Date(2026, 2, 20)
					l.LostReason, l.LostSaid = backlinks.LinkRemoved, "link_removed"
				}),
				with(link("https://gone.test/p", "https://example.com/", "", 12), func(l *backlinks.Link) {
					l.LastSeen, l.LostOn = day.Date(2026, 2, 1), day.Date(2026, 2, 1)
					l.LostReason, l.LostSaid = backlinks.PageGone, "broken"
				}),
			},
		},
		"RefDomains": {
			"limit=500&mode=domain&offset=0&order_by=domain_rating%3Adesc&select=domain%2Cdomain_rating%2Cbacklinks%2Cfirst_seen%2Clast_seen&target=example.com",
			[]backlinks.RefDomain{
				{Domain: "example.org", Authority: 71.5, Metric: backlinks.DR, Links: 1, FirstSeen: day.Date(2026, 2, 3), LastSeen: day.Of(monday)},
				{Domain: "example.net", Authority: 28, Metric: backlinks.DR, Links: 1, FirstSeen: day.Date(2026, 2, 10), LastSeen: day.Of(monday)},
			},
		},
		"AllLinks exact": {
			"limit=500&mode=exact&offset=0&order_by=domain_rating_source%3Adesc" +
				"&select=url_from%2Cdomain_rating_source%2Canchor%2Cfirst_seen%2Clast_seen%2Chttp_code%2Cis_dofollow" +
				"&target=https%3A%2F%2Fexample.com%2Fguide&where=is_dofollow%3Dtrue",
			[]backlinks.Link{with(guide, func(l *backlinks.Link) {
				l.FirstSeen, l.LastSeen, l.HTTPCode = day.Date(2026, 2, 3), day.Of(monday), 200
			})},
		},
		"AllLinks sources": {
			"limit=500&mode=domain&offset=0&order_by=domain_rating_source%3Adesc" +
				"&select=url_from%2Cdomain_rating_source%2Canchor%2Curl_to%2Cis_dofollow&target=example.com&where=domain_rating_source%3E%3D30",
			[]backlinks.Link{guide},
		},
	}
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			srv, client, _ := setUp(t)
			got, requests, err := op.run(t.Context(), client)
			if err != nil || requests != 1 {
				t.Fatalf("%d requests, error %v", requests, err)
			}
			if !reflect.DeepEqual(got, want[op.name].got) {
				t.Errorf("got\n%+v, want\n%+v", got, want[op.name].got)
			}
			r := srv.Requests()[0]
			if r.RawQuery != want[op.name].query {
				t.Errorf("query\n%s, want\n%s", r.RawQuery, want[op.name].query)
			}
			if r.Method != http.MethodGet || r.Path != "/v3/site-explorer/"+op.endpoint || !r.Authorized {
				t.Errorf("request %+v", r)
			}
		})
	}
}

func TestAllLinksOfADomainHasNoFilter(t *testing.T) {
	srv, client, _ := setUp(t)
	page, err := client.AllLinks(t.Context(), site, 0, "")
	if err != nil || len(page.Links) != 2 {
		t.Fatalf("%d links, %v; want the dofollow and the nofollow one", len(page.Links), err)
	}
	q := srv.Requests()[0].Query
	if q.Has("where") || !strings.Contains(q.Get("select"), "url_to") {
		t.Errorf("query %v", q)
	}
}

func TestAllEnvelopes(t *testing.T) {
	keys := map[string][]string{
		"overview":          {"overview", "metrics", ""},
		"new-backlinks":     {"backlinks", "new_backlinks", ""},
		"lost-backlinks":    {"backlinks", "lost_backlinks", ""},
		"referring-domains": {"refdomains", "referring_domains", ""},
		"all-backlinks":     {"backlinks", "all_backlinks", ""},
	}
	for _, op := range operations {
		for _, key := range append(keys[op.endpoint], "data") {
			srv, client, _ := setUp(t)
			srv.Envelope = func(string) string { return key }
			got, _, err := op.run(t.Context(), client)
			if key != "data" && (err != nil || got == nil) {
				t.Errorf("%s under %q: %v, %v", op.name, key, got, err)
			}
			if key == "data" && (err == nil || !strings.Contains(err.Error(), `"data"`) || got != nil) {
				t.Errorf("%s under %q: %v, %v; want an error that names it", op.name, key, got, err)
			}
		}
	}
}

// Every row comes exactly once, and Next is empty only after the last.
func TestPagingIsComplete(t *testing.T) {
	target := backlinks.Target{Host: "many.example", Mode: backlinks.ModeDomain}
	w := backlinks.Window{Target: target, From: day.Date(2026, 2, 1), To: day.Date(2026, 2, 28)}
	for _, n := range []int{0, 1, 49, 50, 51, 100, 123} {
		srv, client, _ := setUp(t, func(o *Options) { o.PageSize = 50 })
		manyLinks(srv.World, n)
		pages := map[string]func(cursor string) ([]string, string, error){
			"new": func(cursor string) ([]string, string, error) {
				w.Cursor = cursor
				return sources(client.NewLinks(t.Context(), w))
			},
			"lost": func(cursor string) ([]string, string, error) {
				w.Cursor = cursor
				return sources(client.LostLinks(t.Context(), w))
			},
			"all": func(cursor string) ([]string, string, error) {
				return sources(client.AllLinks(t.Context(), target, 0, cursor))
			},
			"domains": func(cursor string) ([]string, string, error) {
				p, err := client.RefDomains(t.Context(), target, cursor)
				var names []string
				for _, d := range p.Domains {
					names = append(names, d.Domain)
				}
				return names, p.Next, err
			},
		}
		for name, page := range pages {
			seen, requests := map[string]int{}, 0
			for cursor := ""; requests == 0 || cursor != ""; requests++ {
				items, next, err := page(cursor)
				if err != nil {
					t.Fatal(name, n, err)
				}
				for _, s := range items {
					seen[s]++
				}
				cursor = next
			}
			if len(seen) != n || requests != n/50+1 {
				t.Errorf("%s of %d: %d distinct in %d requests", name, n, len(seen), requests)
			}
			for s, times := range seen {
				if times != 1 {
					t.Errorf("%s of %d: %s came %d times", name, n, s, times)
				}
			}
		}
	}
}

func sources(p backlinks.LinkPage, err error) ([]string, string, error) {
	var urls []string
	for _, l := range p.Links {
		urls = append(urls, l.SourceURL)
	}
	return urls, p.Next, err
}

func TestServerThatIgnoresPaging(t *testing.T) {
	srv, client, _ := setUp(t, func(o *Options) { o.PageSize = 2 })
	rows := `{"backlinks":[` + strings.TrimSuffix(strings.Repeat(`{"url_from":"https://a.test/","url_to":"https://example.com/"},`, 3), ",") + `]}`
	srv.AlwaysFault("", ahrefstest.Body("application/json", rows))
	page, err := client.NewLinks(t.Context(), month)
	if err != nil || len(page.Links) != 3 || page.Next != "3" {
		t.Fatalf("first page: %+v, %v", page, err)
	}
	w := month
	w.Cursor = page.Next
	if page, err = client.NewLinks(t.Context(), w); kindOf(err) != BadAnswer || len(page.Links) != 0 {
		t.Errorf("second page: %+v, %v; want a refusal, or paging never ends", page, err)
	}
}

func TestMinAuthorityHoldsWhateverTheServerSends(t *testing.T) {
	srv, client, _ := setUp(t)
	srv.AlwaysFault("", ahrefstest.Body("application/json", `[
		{"url_from":"https://a.test/","url_to":"https://x.test/","domain_rating_source":30},
		{"url_from":"https://b.test/","url_to":"https://x.test/","domain_rating_source":29.9},
		{"url_from":"https://c.test/","url_to":"https://x.test/","domain_rating_source":null}]`))
	urls, _, err := sources(client.AllLinks(t.Context(), site, 30, ""))
	if err != nil || len(urls) != 1 || urls[0] != "https://a.test/" {
		t.Errorf("%v, %v", urls, err)
	}
}

// What cannot be asked is refused before anything is sent.
func TestRefusedQuestions(t *testing.T) {
	srv, client, _ := setUp(t)
	ctx := t.Context()
	window := func(change func(*backlinks.Window)) backlinks.Window {
		w := month
		change(&w)
		return w
	}
	errs := map[string]error{}
	_, _, errs["empty target"] = client.Overview(ctx, backlinks.Target{Mode: backlinks.ModeDomain}, day.None)
	_, errs["subdomains"] = client.RefDomains(ctx, backlinks.Target{Host: "example.com", Mode: backlinks.ModeSubdomains}, "")
	_, errs["cursor"] = client.RefDomains(ctx, site, "-1")
	_, errs["no from"] = client.NewLinks(ctx, window(func(w *backlinks.Window) { w.From = day.None }))
	_, errs["backwards"] = client.LostLinks(ctx, window(func(w *backlinks.Window) { w.To = w.From - 1 }))
	_, errs["mode"] = client.AllLinks(ctx, backlinks.Target{Host: "example.com"}, 0, "")
	for name, err := range errs {
		if kindOf(err) != BadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(srv.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestCost(t *testing.T) {
	header := func(name, v string) ahrefstest.Fault {
		return ahrefstest.Mangle(func(a *ahrefstest.Answer) { a.Header.Set(name, v) })
	}
	tests := map[string]struct {
		fault ahrefstest.Fault
		quiet bool
		want  backlinks.Cost
	}{
		"as said":           {nil, false, backlinks.Cost{Requests: 1, Units: 2}},
		"cached":            {header("X-Api-Units-Cost-Total-Actual", "0"), false, backlinks.Cost{Requests: 1}},
		"rounded up":        {header("X-Api-Units-Cost-Total-Actual", "2.5"), false, backlinks.Cost{Requests: 1, Units: 3}},
		"price only":        {header("X-Api-Units-Cost-Total", "4"), true, backlinks.Cost{Requests: 1, Units: 4}},
		"not said":          {nil, true, backlinks.Cost{Requests: 1}},
		"nonsense":          {header("X-Api-Units-Cost-Total-Actual", "-7"), true, backlinks.Cost{Requests: 1}},
		"beside a failure":  {ahrefstest.CutJSON(), false, backlinks.Cost{Requests: 1, Units: 2}},
		"with a second try": {ahrefstest.Status(500, "oops"), false, backlinks.Cost{Requests: 2, Units: 2}},
	}
	for name, tt := range tests {
		srv, client, _ := setUp(t)
		srv.NoUnits = tt.quiet
		if tt.fault != nil {
			srv.FaultAt(1, tt.fault)
		}
		if page, _ := client.NewLinks(t.Context(), month); page.Cost != tt.want {
			t.Errorf("%s: %+v, want %+v", name, page.Cost, tt.want)
		}
	}
}
