package ahrefstest

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func headers(w *httptest.ResponseRecorder) string {
	h := w.Header()
	return strings.Join([]string{h.Get("x-api-rows"), h.Get("x-api-units-cost-row"), h.Get("x-api-units-cost-total"),
		h.Get("x-api-units-cost-total-actual"), h.Get("x-api-cache")}, " ")
}

func TestV3Prices(t *testing.T) {
	now := feb
	s := newV3(&now)
	many := NewWorld(func() time.Time { return now })
	Generate(many, Load{Sites: 1, Before: 100, Start: s.World.Today() - 700})
	s.World = many
	tests := []struct {
		path   string
		params []string
		want   string
	}{
		{links, []string{"select", "url_from,url_to", "limit", "10"}, "10 2 50 50 miss"},
		{links, []string{"select", "url_from,url_to", "limit", "26"}, "26 2 52 52 miss"},
		{links, []string{"limit", "26", "select", "url_from,url_to"}, "26 2 52 0 hit"}, // the order of names is no matter
		{links, []string{"select", "url_from,url_to,url_from", "order_by", "url_from", "limit", "27"}, "27 2 54 54 miss"},
		{links, []string{"select", "url_from", "order_by", "first_seen_link", "limit", "30",
			"where", `{"and":[{"field":"domain_rating_source","is":["gte",0]},{"field":"url_from","is":["prefix","h"]}]}`}, "30 3 90 90 miss"},
		{links, []string{"select", "url_from,traffic,class_c", "limit", "4"}, "4 16 64 64 miss"},
		{links, []string{"select", "url_from", "where", `{"field":"url_from","is":["prefix","x"]}`}, "0 1 50 50 miss"},
		{labels, []string{"select", "anchor,refdomains"}, "4 6 50 50 miss"},
		{"site-explorer/metrics", []string{"date", "2026-02-15"}, "1 44 50 50 miss"},
		{"site-explorer/domain-rating-history", []string{"date_from", "2024-02-16", "history_grouping", "weekly"}, "104 2 208 208 miss"},
		{"site-explorer/refdomains-history", []string{"date_from", "2024-02-16", "history_grouping", "weekly"}, "104 6 624 624 miss"},
		{limitsPath, nil, "1 0 0 0 no_cache"},
	}
	units := 0
	for _, tt := range tests {
		params := tt.params
		if tt.path != limitsPath {
			params = append(params, "target", SiteName(0))
		}
		w := askV3(s, tt.path, params...)
		if got := headers(w); got != tt.want {
			t.Errorf("%s %v: %q, want %q: %.200s", tt.path, tt.params, got, tt.want, w.Body)
		}
		r := s.Requests()[len(s.Requests())-1]
		units += r.Units
		if r.Status != 200 || r.Endpoint != tt.path {
			t.Errorf("recorded %+v", r)
		}
	}
	if s.UnitsUsed() != units {
		t.Errorf("%d units used, %d recorded", s.UnitsUsed(), units)
	}
	if w := askV3(s, "site-explorer/domain-rating", "target", "yep.com", "date", "2026-02-15"); headers(w) != "1 2 0 0 miss" {
		t.Errorf("a free target: %s", headers(w))
	}
}

func TestV3Cache(t *testing.T) {
	now := feb
	s := newV3(&now)
	ask := func() string {
		return strings.Join(strings.Fields(headers(askV3(s, links, "target", "example.com", "select", "url_from")))[3:], " ")
	}
	var got []string
	got = append(got, ask(), ask())
	now = now.Add(10*time.Minute + time.Second)
	got = append(got, ask(), ask())
	s.World.Add(Link{From: "https://new.test/8", To: "https://example.com/", FirstSeen: s.World.Today() - 1})
	got = append(got, ask(), ask())
	s.ClearCache()
	got = append(got, ask())
	s.CacheFor = 0
	s.ClearCache()
	got = append(got, ask(), ask())
	want := []string{"50 miss", "0 hit", "50 miss", "0 hit", "50 miss", "0 hit", "50 miss", "50 no_cache", "50 no_cache"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestV3Allowances(t *testing.T) {
	now := feb
	s := newV3(&now)
	s.MonthlyUnits, s.KeyUnits, s.CacheFor = 150, 100, 0
	s.KeyExpires = stampOf("2026-03-20T00:00:00Z")
	s.AllowToken("second")
	ask := func() int { return askV3(s, links, "target", "example.com", "select", "url_from").Code }
	usage := func() string {
		w := askV3(s, limitsPath)
		var in struct {
			Limits map[string]any `json:"limits_and_usage"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &in); err != nil {
			return w.Body.String()
		}
		out, _ := json.Marshal(in.Limits)
		return string(out)
	}
	if got := []int{ask(), ask(), ask()}; !slices.Equal(got, []int{200, 200, 403}) {
		t.Errorf("the key's cap: %v", got)
	}
	want := `{"api_key_expiration_date":"2026-03-20T00:00:00Z","subscription":"Enterprise","units_limit_api_key":100,"units_limit_workspace":150,` +
		`"units_usage_api_key":100,"units_usage_workspace":100,"usage_reset_date":"2026-03-01"}`
	if got := usage(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	s.KeyUnits = 0
	if got := []int{ask(), ask()}; !slices.Equal(got, []int{200, 403}) {
		t.Errorf("the workspace's allowance: %v", got)
	}
	now = stampOf("2026-03-01T00:00:00Z")
	if got := ask(); got != 200 {
		t.Errorf("a new month: %d", got)
	}
	now = stampOf("2026-03-20T00:00:00Z")
	if got := ask(); got != 401 {
		t.Errorf("an expired key: %d", got)
	}
}

func TestV3Pace(t *testing.T) {
	clock := NewClock(feb)
	now := feb
	s := newV3(&now)
	s.Now, s.PerMinute = clock.Now, 60
	ask := func() *httptest.ResponseRecorder { return askV3(s, limitsPath) }
	for n := range 60 {
		if w := ask(); w.Code != 200 {
			t.Fatalf("request %d: %d", n+1, w.Code)
		}
	}
	if w := ask(); w.Code != 429 || w.Header().Get("Retry-After") != "" || !strings.Contains(w.Body.String(), `{"error":`) {
		t.Errorf("the 61st: %d %v %s", w.Code, w.Header(), w.Body)
	}
	_ = clock.Sleep(t.Context(), time.Minute)
	s.Throttle = func(_ time.Time, inLastMinute int) bool { return inLastMinute >= 2 }
	if got := []int{ask().Code, ask().Code, ask().Code}; !slices.Equal(got, []int{200, 200, 429}) {
		t.Errorf("under load: %v", got)
	}
}

// A link dated days ago may come into the index only now; an overlap must catch it.
func TestV3LateLinks(t *testing.T) {
	now := feb
	s := newV3(&now)
	s.CacheFor = 0
	ask := func() string {
		return sources(t, askV3(s, links, "target", "example.com", "select", "url_from", "order_by", "first_seen_link", "aggregation", "all",
			"where", `{"field":"first_seen_link","is":["gt","2026-02-10T03:00:00Z"]}`))
	}
	before := ask()
	now = stampOf("2026-02-16T00:00:00Z")
	if after := ask(); before != "" || after != "67" {
		t.Errorf("%q, then %q", before, after)
	}
}

// With both sets on, each question is answered by the set that knows its words.
func TestBothSetsOnOneServer(t *testing.T) {
	now := feb
	s := newV3(&now)
	s.Sets = Both
	for path, want := range map[string]string{
		"all-backlinks?target=example.com&mode=domain&select=url_from&offset=0&limit=1":                        "backlinks",
		"all-backlinks?target=example.com&select=url_from_plain&history=live&limit=1":                          "url_from_plain",
		"overview?target=example.com&mode=domain&select=backlinks":                                             "overview",
		"domain-rating?target=example.com&date=2026-02-15":                                                     "ahrefs_rank",
		"refdomains?target=example.com&select=domain":                                                          "refdomains",
		"referring-domains?target=example.com&mode=domain&select=domain":                                       "referring_domains",
		"new-backlinks?target=example.com&mode=domain&select=url_from&date_from=2026-02-01&date_to=2026-02-02": "new_backlinks",
	} {
		if w := ask(s, path, Token); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	s.Sets = Playbook
	if w := askV3(s, limitsPath); w.Code != 404 {
		t.Errorf("the playbook has no limits endpoint: %d", w.Code)
	}
}
