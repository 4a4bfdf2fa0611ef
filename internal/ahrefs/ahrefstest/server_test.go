package ahrefstest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"landed/internal/day"
)

// ask sends one request to the handler.
func ask(s *Server, query, token string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/v3/site-explorer/"+query, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// column is one field of all rows, as text.
func column(t *testing.T, w *httptest.ResponseRecorder, field string) string {
	t.Helper()
	var in map[string][]map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &in); err != nil || len(in) != 1 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	var out []string
	for _, rows := range in {
		for _, r := range rows {
			out = append(out, fmt.Sprint(r[field]))
		}
	}
	return strings.Join(out, " ")
}

func testWorld(now *time.Time) *World {
	w := NewWorld(func() time.Time { return *now })
	w.Add(
		Link{From: "https://a.test/1", To: "https://example.com/p", DR: 10, FirstSeen: day.Date(2026, 1, 10), Dofollow: true},
		Link{From: "https://b.test/2", To: "https://example.com/p/q", DR: 50, FirstSeen: day.Date(2026, 2, 10)},
		Link{From: "https://www.b.test/3", To: "https://www.example.com/", DR: 30, FirstSeen: day.Date(2026, 1, 20),
			LostOn: day.Date(2026, 2, 20), Reason: "noindex", Dofollow: true},
	)
	return w
}

var feb = time.Date(2026, 2, 15, 12, 0, 0, 0, time.UTC)

func TestQuestions(t *testing.T) {
	now := feb
	s := New(testWorld(&now))
	s.PerMinute = 0
	const all = "all-backlinks?target=example.com&mode=domain&select=url_from"
	const lost = "lost-backlinks?target=example.com&mode=domain&select=url_from"
	tests := []struct {
		query  string
		status int
		want   string // the column url_from, or a part of the error
	}{
		{all, 200, "https://a.test/1 https://b.test/2 https://www.b.test/3"},
		{all + "&order_by=domain_rating_source:desc", 200, "https://b.test/2 https://www.b.test/3 https://a.test/1"},
		{all + "&order_by=first_seen%3Aasc&limit=1&offset=1", 200, "https://www.b.test/3"},
		{all + "&offset=3", 200, ""},
		{all + "&where=is_dofollow%3Dtrue", 200, "https://a.test/1 https://www.b.test/3"},
		{all + "&where=domain_rating_source%3E%3D30", 200, "https://b.test/2 https://www.b.test/3"},
		{all + "&where=domain_rating_source%3C30", 200, "https://a.test/1"},
		{all + "&where=domain_rating_source!%3D30", 200, "https://a.test/1 https://b.test/2"},
		{strings.Replace(all, "example.com&mode=domain", "https%3A%2F%2Fexample.com%2Fp&mode=exact", 1), 200, "https://a.test/1"},
		{strings.Replace(all, "example.com&mode=domain", "example.com%2Fp&mode=prefix", 1), 200, "https://a.test/1 https://b.test/2"},
		{strings.Replace(all, "example.com", "www.example.com", 1), 200, "https://www.b.test/3"},
		{strings.Replace(all, "example.com", "ample.com", 1), 200, ""},
		{lost + "&date_from=2026-02-01&date_to=2026-02-28", 200, ""}, // lost on the 20th, and it is the 15th

		{all + "&where=domain_rating_source>=30", 400, "encoding"},
		{all + "&x=%zz", 400, "encoding"},
		{all + "&where=anchor2%3Dx", 400, "bad where"},
		{all + "&where=is_dofollow%3Dperhaps", 400, "bad where"},
		{all + "&order_by=domain_rating_source", 400, "order_by"},
		{all + "&order_by=nothing:asc", 400, "order_by"},
		{all + "&limit=0", 400, "limit"},
		{all + "&limit=1001", 400, "limit"},
		{all + "&offset=-1", 400, "offset"},
		{all + "&date_from=2026-01-01", 400, "unknown parameter"},
		{all + "&mode=exact", 400, "repeated"},
		{all + ",colour", 400, "unknown column"},
		{"all-backlinks?target=example.com&mode=domain", 400, "missing parameter \\\"select"},
		{"all-backlinks?mode=domain&select=url_from", 400, "missing parameter \\\"target"},
		{"all-backlinks?target=example.com&mode=subdomains&select=url_from", 400, "bad target or mode"},
		{"all-backlinks?target=https%3A%2F%2Fexample.com&mode=domain&select=url_from", 400, "bad target or mode"},
		{"all-backlinks?target=a%20b.com&mode=domain&select=url_from", 400, "bad target or mode"},
		{lost, 400, "missing parameter"},
		{lost + "&date_from=2026-02-02&date_to=2026-02-01", 400, "bad date"},
		{lost + "&date_from=2026-02-02&date_to=soon", 400, "bad date"},
		{"overview?target=example.com&mode=domain&select=domain_rating&limit=1", 400, "unknown parameter"},
		{"anchors?target=example.com", 404, "not found"},
	}
	for _, tt := range tests {
		w := ask(s, tt.query, Token)
		if w.Code != tt.status {
			t.Errorf("%s: %d %s", tt.query, w.Code, w.Body)
		} else if w.Code != 200 && !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %s, want %q", tt.query, w.Body, tt.want)
		} else if w.Code == 200 && column(t, w, "url_from") != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, w.Body, tt.want)
		}
	}
}

func TestOnlySelectedFieldsAreAnswered(t *testing.T) {
	now := feb
	w := ask(New(testWorld(&now)), "all-backlinks?target=example.com&mode=domain&select=url_from,http_code&limit=1", Token)
	if got, want := w.Body.String(), `{"backlinks":[{"http_code":200,"url_from":"https://a.test/1"}]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Moving the clock makes links appear and go.
func TestWorldMovesWithItsClock(t *testing.T) {
	now := feb
	s := New(testWorld(&now))
	s.World.SetOverview("Example.com", func(d day.Day) Overview {
		return Overview{DomainRating: float64(d - day.Date(2026, 1, 1)), Backlinks: -1, ReferringDomains: -1}
	})
	window := "-backlinks?target=example.com&mode=domain&select=url_from,first_seen&date_from=2026-01-10&date_to=2026-02-20"
	steps := []struct {
		on                   day.Day
		all, fresh, lost, ov string
	}{
		{day.Date(2026, 1, 9), "", "", "", `{"overview":{"backlinks":0,"domain_rating":8,"referring_domains":0}}`},
		{day.Date(2026, 1, 10), "https://a.test/1", "https://a.test/1", "", `{"overview":{"backlinks":1,"domain_rating":9,"referring_domains":1}}`},
		{day.Date(2026, 2, 19), "https://a.test/1 https://b.test/2 https://www.b.test/3", "https://a.test/1 https://b.test/2 https://www.b.test/3", "",
			`{"overview":{"backlinks":3,"domain_rating":49,"referring_domains":2}}`},
		{day.Date(2026, 2, 20), "https://a.test/1 https://b.test/2", "https://a.test/1 https://b.test/2 https://www.b.test/3", "https://www.b.test/3",
			`{"overview":{"backlinks":2,"domain_rating":50,"referring_domains":2}}`},
	}
	for _, step := range steps {
		now = step.on.Time().Add(time.Hour)
		all := column(t, ask(s, "all-backlinks?target=example.com&mode=domain&select=url_from", Token), "url_from")
		fresh := column(t, ask(s, "new"+window, Token), "url_from")
		lost := column(t, ask(s, "lost"+window, Token), "url_from")
		ov := ask(s, "overview?target=example.com&mode=domain&select=domain_rating,backlinks,referring_domains", Token).Body.String()
		if all != step.all || fresh != step.fresh || lost != step.lost || ov != step.ov {
			t.Errorf("%s: all %q, new %q, lost %q, overview %s", step.on, all, fresh, lost, ov)
		}
	}
	lost := ask(s, "lost-backlinks?target=example.com&mode=domain&select=url_from,last_seen,reason&date_from=2026-02-20&date_to=2026-02-20", Token)
	if column(t, lost, "last_seen") != "2026-02-20T00:00:00Z" || column(t, lost, "reason") != "noindex" {
		t.Errorf("both ends of a window count: %s", lost.Body)
	}
}

func TestReferringDomains(t *testing.T) {
	now := feb
	w := ask(New(testWorld(&now)), "referring-domains?target=example.com&mode=domain&select=domain,domain_rating,backlinks,first_seen,last_seen&order_by=domain_rating:desc", Token)
	want := `{"referring_domains":[` +
		`{"backlinks":2,"domain":"b.test","domain_rating":50,"first_seen":"2026-01-20T00:00:00Z","last_seen":"2026-02-15T00:00:00Z"},` +
		`{"backlinks":1,"domain":"a.test","domain_rating":10,"first_seen":"2026-01-10T00:00:00Z","last_seen":"2026-02-15T00:00:00Z"}]}`
	if w.Body.String() != want {
		t.Errorf("%s, want %s", w.Body, want)
	}
}

const good = "overview?target=example.com&mode=domain&select=domain_rating"

func TestLimits(t *testing.T) {
	now := feb
	s := New(testWorld(&now))
	s.Now = func() time.Time { return now }
	s.PerMinute, s.MonthlyUnits = 3, 8
	codes := func(n int) (out []int) {
		for range n {
			out = append(out, ask(s, good, Token).Code)
		}
		return out
	}
	steps := []struct {
		after time.Duration
		want  []int
	}{
		{0, []int{200}},
		{30 * time.Second, []int{200, 200, 429}},
		{29 * time.Second, []int{429}},
		{time.Second, []int{200, 429}}, // the window slides: one place is free
		{time.Hour, []int{402}},
		{15 * 24 * time.Hour, []int{200}}, // a new month, new units
	}
	for i, step := range steps {
		now = now.Add(step.after)
		if got := codes(len(step.want)); !slices.Equal(got, step.want) {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	if s.UnitsUsed() != 2 {
		t.Errorf("%d units in the new month", s.UnitsUsed())
	}
}

func TestTokensRequestsAndHeaders(t *testing.T) {
	now := feb
	s := New(testWorld(&now))
	s.AllowToken("second")
	s.ExpireToken("old")
	for token, want := range map[string]int{Token: 200, "second": 200, "": 401, "unknown": 401, "old": 401} {
		if w := ask(s, good, token); w.Code != want {
			t.Errorf("%q: %d", token, w.Code)
		}
	}
	w := ask(s, good, Token, "Accept-Encoding", "gzip")
	if w.Header().Get("X-Api-Units-Cost-Total-Actual") != "2" || w.Header().Get("X-Api-Rows") != "1" {
		t.Errorf("headers %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); err != nil || !json.Valid(body) {
		t.Errorf("%s, %v", body, err)
	}
	requests := s.Requests()
	last := requests[len(requests)-1]
	if len(requests) != 6 || !last.Authorized || last.Query.Get("target") != "example.com" || last.Header.Get("Authorization") != "" {
		t.Errorf("%d requests, last %+v", len(requests), last)
	}
}

func TestFaultPlan(t *testing.T) {
	now := feb
	s := New(testWorld(&now))
	s.FaultAt(2, Status(500, "second"))
	s.FaultOn("overview", HTML(), TooMany("9"))
	s.AlwaysFault("anchors", Status(403, "plan"))
	var got []string
	for _, path := range []string{good, good, good, good, "anchors", "anchors"} {
		w := ask(s, path, Token)
		got = append(got, fmt.Sprintf("%d%s%.9s", w.Code, w.Header().Get("Retry-After"), w.Body))
	}
	want := []string{"200<!doctype", `500{"error":`, `4299{"error":`, `200{"overvie`, `403{"error":`, `403{"error":`}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.AlwaysFault("anchors", nil)
	if w := ask(s, "anchors", Token); w.Code != 404 {
		t.Errorf("after the fault: %d", w.Code)
	}
}
