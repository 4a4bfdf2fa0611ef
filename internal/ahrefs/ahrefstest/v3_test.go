package ahrefstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"landed/internal/day"
)

// askV3 sends one request; params are name, value, name, value …
func askV3(s *Server, path string, params ...string) *httptest.ResponseRecorder {
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	r := httptest.NewRequest(http.MethodGet, "/v3/"+path+"?"+strings.ReplaceAll(q.Encode(), "+", "%20"), nil)
	r.Header.Set("Authorization", "Bearer "+Token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func stampOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// v3World has, on the 15th of February at noon: five links, one lost, one come back,
// one that is not indexed yet, and one of tomorrow.
func v3World(now *time.Time) *World {
	w := NewWorld(func() time.Time { return *now })
	back := Link{From: "https://back.test/5", To: "https://example.com/p", DR: 5, Anchor: "back", Dofollow: true,
		FirstSeenAt: stampOf("2025-11-01T10:00:00Z"), LostAt: stampOf("2025-12-01T10:00:00Z"), Reason: "link_removed"}
	again := back
	again.FirstSeenAt, again.LostAt, again.Reason = stampOf("2026-02-14T08:00:00Z"), time.Time{}, ""
	w.Add(
		Link{From: "https://a.test/1", To: "https://example.com/p", Anchor: "guide", DR: 10.5, Dofollow: true,
			FirstSeenAt: stampOf("2026-01-10T03:00:00Z"), PageSeen: stampOf("2020-01-01T00:00:00Z")},
		Link{From: "https://b.test/2", To: "http://example.com/p/q", Anchor: "Guide", DR: 50, UGC: true,
			FirstSeenAt: stampOf("2026-02-10T03:00:00Z")},
		Link{From: "https://www.b.test/3", To: "https://www.example.com/", DR: 30, Dofollow: true, Kind: "redirect",
			FirstSeenAt: stampOf("2026-02-10T03:00:00Z")},
		Link{From: "https://c.test/4", To: "https://example.com/p", Anchor: "old", DR: 70, Dofollow: true,
			FirstSeenAt: stampOf("2025-01-01T00:00:00Z"), LostAt: stampOf("2026-02-01T06:00:00Z"), Reason: "noindex"},
		back, again,
		Link{From: "https://late.test/6", To: "https://example.com/p", FirstSeenAt: stampOf("2026-02-12T00:00:00Z"), Late: 96 * time.Hour},
		Link{From: "https://tomorrow.test/7", To: "https://example.com/p", FirstSeenAt: stampOf("2026-02-16T00:00:00Z")},
	)
	return w
}

func newV3(now *time.Time) *Server {
	s := New(v3World(now))
	s.Sets, s.PerMinute, s.Plan = V3, 0, Enterprise
	return s
}

const (
	links  = "site-explorer/all-backlinks"
	hosts  = "site-explorer/refdomains"
	labels = "site-explorer/anchors"
)

// sources are the last digits of url_from, in the order of the answer.
func sources(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	out := ""
	for _, u := range strings.Fields(column(t, w, "url_from")) {
		out += u[len(u)-1:]
	}
	return out
}

func TestV3Links(t *testing.T) {
	now := feb
	s := newV3(&now)
	where := func(field, is string) string { return fmt.Sprintf(`{"field":%q,"is":%s}`, field, is) }
	tests := []struct {
		params string // name=value name=value, beside select, order_by, target and aggregation
		want   string
	}{
		{"", "12345"},
		{"history=all_time", "12345"},
		{"history=live", "1235"},
		{"history=since:2026-02-01", "12345"},
		{"history=since:2026-02-02", "1235"},
		{"mode=domain", "1245"}, // the host alone
		{"mode=subdomains", "12345"},
		{"mode=exact target=https://example.com/p", "145"},
		{"mode=prefix target=example.com/p", "1245"},
		{"protocol=http", "2"},
		{"limit=2", "12"},
		{"aggregation=1_per_domain", "1245"},
		{"where=" + where("domain_rating_source", `["gte",30]`), "234"},
		{"where=" + where("domain_rating_source", `["lt",10.5]`), "5"},
		{"where=" + where("is_lost", `["eq",true]`), "4"},
		{"where=" + where("is_dofollow", `["neq",true]`), "2"},
		{"where=" + where("anchor", `["substring","uid"]`), "12"},
		{"where=" + where("anchor", `["prefix","G"]`), "2"},
		{"where=" + where("anchor", `["isubstring","GUI"]`), "12"},
		{"where=" + where("anchor", `["suffix","ck"]`), "5"},
		{"where=" + where("anchor", `["regex","^[a-g]"]`), "15"},
		{"where=" + where("anchor", `"empty"`), "3"},
		{"where=" + where("last_seen", `"is_null"`), "1235"},
		{"where=" + where("last_seen", `["neq","2020-01-01"]`), "4"}, // null passes nothing else
		{"where=" + where("last_seen", `["gt","2026-02-01T06:00:00Z"]`), ""},
		{"where=" + where("last_seen", `["gte","2026-02-01T06:00:00Z"]`), "4"},
		{"where=" + where("first_seen_link", `["gte","2026-02-10"]`), "23"}, // 5 came back, found long ago
		{"where=" + where("first_seen_link", `["eq","2026-01-10T03:00:00Z"]`), "1"},
		{"where=" + where("first_seen", `["lt","2021-01-01"]`), "1"}, // the trap: the page's date
		{"where=" + where("discovered_status", `["eq","linkrestored"]`), "5"},
		{"where=" + where("lost_reason", `["eq","noindex"]`), "4"},
		{"where=" + where("link_type", `["eq","redirect"]`), "3"},
		{"where=" + where("len_url_redirect", `["gt",0]`), "3"},
		{"where=" + where("is_ugc", `["eq",true]`), "2"},
		{`where={"field":"languages","list_is":{"any":["eq","en"]}}`, "12345"},
		{`where={"field":"redirect_kind","list_is":{"any":["eq",301]}}`, "3"},
		{`where={"not":` + where("is_lost", `["eq",true]`) + `}`, "1235"},
		{`where={"and":[` + where("is_dofollow", `["eq",true]`) + `,` + where("domain_rating_source", `["gt",20]`) + `]}`, "34"},
		{`where={"or":[` + where("is_lost", `["eq",true]`) + `,{"and":[` + where("is_ugc", `["eq",true]`) + `]}]}`, "24"},
	}
	for _, tt := range tests {
		q := url.Values{"select": {"url_from"}, "order_by": {"url_from_plain"}, "target": {"example.com"}, "aggregation": {"all"}}
		for p := range strings.FieldsSeq(tt.params) {
			name, value, _ := strings.Cut(p, "=")
			q.Set(name, value)
		}
		var flat []string
		for name, v := range q {
			flat = append(flat, name, v[0])
		}
		w := askV3(s, links, flat...)
		if w.Code != 200 {
			t.Errorf("%s: %d %s", tt.params, w.Code, w.Body)
			continue
		}
		got := []byte(sources(t, w))
		slices.Sort(got)
		if string(got) != tt.want {
			t.Errorf("%s: %s, want %s", tt.params, got, tt.want)
		}
	}
}

func TestV3OrderAndShownFields(t *testing.T) {
	now := feb
	s := newV3(&now)
	for order, want := range map[string]string{
		"domain_rating_source:desc":            "42315",
		"domain_rating_source":                 "51324",
		"first_seen_link:asc,url_from:desc":    "45132",
		"first_seen_link:asc,url_from_plain":   "45123",
		"last_seen:desc,domain_rating_source":  "45132",
		"is_lost,domain_rating_source:desc":    "23154",
		"anchor:desc,domain_rating_source:asc": "41523",
	} {
		w := askV3(s, links, "target", "example.com", "aggregation", "all", "select", "url_from", "order_by", order)
		if got := sources(t, w); got != want {
			t.Errorf("%s: %s, want %s", order, got, want)
		}
	}
	w := askV3(s, links, "target", "example.com", "select", "url_from,last_seen,lost_reason,drop_reason,first_seen,first_seen_link,discovered_status,is_lost",
		"where", `{"field":"domain_rating_source","is":["eq",70]}`)
	want := `{"backlinks":[{"discovered_status":null,"drop_reason":null,"first_seen":"2024-`
	if got := w.Body.String(); !strings.HasPrefix(got, want) || !strings.Contains(got, `"first_seen_link":"2025-01-01T00:00:00Z","is_lost":true,"last_seen":"2026-02-01T06:00:00Z","lost_reason":"noindex"`) {
		t.Errorf("%s", got)
	}
}

func TestV3Refusals(t *testing.T) {
	now := feb
	s := newV3(&now)
	s.Plan = Plan{Name: "Standard", Rows: 250, Without: []string{"anchors"}}
	base := "site-explorer/all-backlinks?target=example.com&select=url_from"
	esc := url.QueryEscape
	tests := []struct {
		path   string
		status int
		want   string
	}{
		{base, 200, ""},
		{base + "&limit=250", 200, ""},
		{base + "&limit=251", 400, "at most 250 rows per request"},
		{base + "&limit=0", 400, "limit"},
		{base + "&offset=0", 400, "unexpected parameter 'offset'"},
		{base + "&select=url_to", 400, "repeated"},
		{base + "&mode=host", 400, "mode"},
		{base + "&protocol=ftp", 400, "protocol"},
		{base + "&aggregation=none", 400, "aggregation"},
		{base + "&history=since", 400, "history"},
		{base + "&history=since:2026-02-31", 400, "history"},
		{base + "&timeout=soon", 400, "timeout"},
		{base + "&output=csv", 400, "output"},
		{base + "&where=domain_rating_source>=30", 400, "percent-encoded"},
		{base + ",colour", 400, "'colour' not found"},
		{base + ",is_homepage_link", 400, "'is_homepage_link' not found"},
		{base + ",link_group_count&aggregation=all", 400, "link_group_count"},
		{base + "&order_by=link_group_count", 400, "order_by"},
		{base + "&order_by=url_from:up", 400, "order_by"},
		{base + "&order_by=is_homepage_link", 400, "order_by"},
		{"site-explorer/all-backlinks?target=example.com", 400, "missing required parameter 'select'"},
		{"site-explorer/all-backlinks?select=url_from", 400, "missing required parameter 'target'"},
		{"site-explorer/all-backlinks?select=url_from&target=nowhere", 400, "target"},
		{"site-explorer/domain-rating?target=example.com", 400, "'date'"},
		{"site-explorer/domain-rating?target=example.com&date=today", 400, "date"},
		{"site-explorer/refdomains-history?target=example.com&date_from=2026-02-02&date_to=2026-02-01", 400, "after"},
		{"site-explorer/anchors?target=example.com&select=anchor", 403, "does not include"},
		{"site-explorer/overview?target=example.com&mode=domain&select=domain_rating", 404, "not found"},
		{"subscription-info/limits-and-usage", 200, ""},
		{"subscription-info/limits-and-usage?target=a.test", 400, "unexpected"},
	}
	for _, w := range []string{
		`is_lost=true`, `null`, `[]`, `{}`, `{"and":[]}`, `{"and":{}}`, `{"xor":[]}`, `{"not":[]}`,
		`{"field":"is_lost"}`, `{"field":"is_lost","is":["eq","true"]}`, `{"field":"is_lost","is":["gt",true]}`,
		`{"field":"is_lost","is":["eq"]}`, `{"field":"is_lost","is":"eq"}`, `{"field":"colour","is":["eq","red"]}`,
		`{"field":"anchor","is":["gte",3]}`, `{"field":"anchor","is":["regex","("]}`, `{"field":"anchor","is":["like","x"]}`,
		`{"field":"domain_rating_source","is":["gte","30"]}`, `{"field":"domain_rating_source","is":["substring","3"]}`,
		`{"field":"last_seen","is":["gte","yesterday"]}`, `{"field":"languages","is":["eq","en"]}`,
		`{"field":"anchor","list_is":{"any":["eq","x"]}}`, `{"field":"is_lost","is":["eq",true],"and":[]}`,
		`{"field":"is_lost","is":"empty"}`,
	} {
		tests = append(tests, struct {
			path   string
			status int
			want   string
		}{base + "&where=" + esc(w), 400, "bad where"})
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/v3/"+tt.path, nil)
		r.Header.Set("Authorization", "Bearer "+Token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var said struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code != tt.status || !strings.Contains(said.Error, tt.want) {
			t.Errorf("%s: %d %s, want %d %q", tt.path, w.Code, w.Body, tt.status, tt.want)
		}
	}
}

func TestV3Groups(t *testing.T) {
	now := feb
	s := newV3(&now)
	tests := []struct {
		path   string
		params []string
		want   string
	}{
		{hosts, []string{"select", "domain,links_to_target,dofollow_links,last_seen,new_links,lost_links", "history", "since:2026-02-01", "order_by", "domain"},
			`{"refdomains":[` +
				`{"dofollow_links":1,"domain":"a.test","last_seen":null,"links_to_target":1,"lost_links":0,"new_links":0},` +
				`{"dofollow_links":1,"domain":"b.test","last_seen":null,"links_to_target":2,"lost_links":0,"new_links":2},` +
				`{"dofollow_links":1,"domain":"back.test","last_seen":null,"links_to_target":1,"lost_links":0,"new_links":0},` +
				`{"dofollow_links":1,"domain":"c.test","last_seen":"2026-02-01T06:00:00Z","links_to_target":1,"lost_links":1,"new_links":0}]}`},
		{hosts, []string{"select", "domain,domain_rating,first_seen", "history", "live", "where", `{"field":"domain_rating","is":["gte",50]}`},
			`{"refdomains":[{"domain":"b.test","domain_rating":50,"first_seen":"2026-02-10T03:00:00Z"}]}`},
		{hosts, []string{"select", "domain", "where", `{"field":"link_type","is":["eq","redirect"]}`}, `{"refdomains":[{"domain":"b.test"}]}`},
		{labels, []string{"select", "anchor,refdomains,refpages,top_domain_rating", "order_by", "top_domain_rating:desc", "limit", "2"},
			`{"anchors":[{"anchor":"old","refdomains":1,"refpages":1,"top_domain_rating":70},{"anchor":"Guide","refdomains":1,"refpages":1,"top_domain_rating":50}]}`},
	}
	for _, tt := range tests {
		w := askV3(s, tt.path, append(tt.params, "target", "example.com")...)
		if w.Body.String() != tt.want {
			t.Errorf("%v: %s, want %s", tt.params, w.Body, tt.want)
		}
	}
}

func TestV3FiguresAndHistory(t *testing.T) {
	now := feb
	s := newV3(&now)
	s.World.SetOverview("example.com", func(d day.Day) Overview {
		return Overview{DomainRating: 30.5 + float64(d-day.Date(2026, 1, 1)), Backlinks: -1, ReferringDomains: -1, OrganicTraffic: 1200, OrganicKeywords: 240}
	})
	tests := []struct{ path, params, want string }{
		{"site-explorer/domain-rating", "date=2026-01-02", `{"domain_rating":{"ahrefs_rank":4692251,"domain_rating":31.5}}`},
		{"site-explorer/backlinks-stats", "date=2026-02-15", `{"metrics":{"all_time":5,"all_time_refdomains":4,"live":4,"live_refdomains":3}}`},
		{"site-explorer/backlinks-stats", "date=2026-01-15", `{"metrics":{"all_time":3,"all_time_refdomains":3,"live":2,"live_refdomains":2}}`},
		{"site-explorer/metrics", "date=2026-02-15", `{"metrics":{"org_cost":66000,"org_keywords":240,"org_keywords_1_3":20,"org_traffic":1200,"paid_cost":null,"paid_keywords":0,"paid_pages":0,"paid_traffic":0}}`},
		{"site-explorer/domain-rating-history", "date_from=2025-12-15 date_to=2026-02-01",
			`{"domain_ratings":[{"date":"2026-01-01","domain_rating":30.5},{"date":"2026-02-01","domain_rating":61.5}]}`},
		{"site-explorer/domain-rating-history", "date_from=2026-02-14 date_to=2026-03-01 history_grouping=daily",
			`{"domain_ratings":[{"date":"2026-02-14","domain_rating":74.5},{"date":"2026-02-15","domain_rating":75.5}]}`},
		// back.test is there in November, away in December and January, there again.
		{"site-explorer/refdomains-history", "date_from=2025-11-01",
			`{"refdomains":[{"date":"2025-11-01","refdomains":2},{"date":"2025-12-01","refdomains":1},{"date":"2026-01-01","refdomains":1},{"date":"2026-02-01","refdomains":1}]}`},
		{"site-explorer/refdomains-history", "date_from=2026-02-01 history_grouping=weekly",
			`{"refdomains":[{"date":"2026-02-02","refdomains":1},{"date":"2026-02-09","refdomains":1}]}`},
	}
	for _, tt := range tests {
		params := []string{"target", "example.com"}
		for p := range strings.FieldsSeq(tt.params) {
			name, value, _ := strings.Cut(p, "=")
			params = append(params, name, value)
		}
		if w := askV3(s, tt.path, params...); w.Body.String() != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.path, tt.params, w.Body, tt.want)
		}
	}
}
