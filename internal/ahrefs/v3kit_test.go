package ahrefs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"landed/internal/backlinks"
)

// vendor answers the lists of the set "v3" over rows of its own, as simply as
// can be: where, order_by, limit and select, and equal rows in a random order. It
// is apart from the fake of ahrefstest, so that the two do not share a mistake.
type vendor struct {
	t        *testing.T
	mu       sync.Mutex
	rows     []map[string]any
	envelope string
	most     int                 // rows a request; more is refused in words
	cut      int                 // rows an answer is cut to, without a word
	fold     func(string) string // how text compares
	change   func(n int) []byte  // an answer in place of the n-th
	asked    []map[string]string // queries
}

func (v *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	q := map[string]string{"endpoint": strings.TrimPrefix(r.URL.Path, "/v3/")}
	for k, s := range r.URL.Query() {
		q[k] = s[0]
	}
	v.asked = append(v.asked, q)
	body, status := v.answer(q)
	if v.change != nil {
		if b := v.change(len(v.asked)); b != nil {
			body = b
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body)))}, nil
}

func (v *vendor) answer(q map[string]string) ([]byte, int) {
	limit, err := strconv.Atoi(q["limit"])
	if err != nil {
		v.t.Errorf("limit %q", q["limit"])
	}
	if v.most > 0 && limit > v.most {
		return fmt.Appendf(nil, `{"error":"limit %d is above the %d rows that the plan allows"}`, limit, v.most), 400
	}
	var where any
	if w := q["where"]; w != "" {
		if err := json.Unmarshal([]byte(w), &where); err != nil {
			v.t.Errorf("where %q: %v", w, err)
		}
	}
	var out []map[string]any
	for _, i := range rand.Perm(len(v.rows)) {
		if where == nil || v.holds(where.(map[string]any), v.rows[i]) {
			out = append(out, v.rows[i])
		}
	}
	slices.SortStableFunc(out, func(a, b map[string]any) int { return v.order(q["order_by"], a, b) })
	if v.cut > 0 {
		limit = min(limit, v.cut)
	}
	out = out[:min(limit, len(out))]
	picked := make([]map[string]any, len(out))
	for i, row := range out {
		picked[i] = map[string]any{}
		for _, f := range strings.Split(q["select"], ",") {
			if _, has := row[f]; !has {
				row[f] = nil
			}
			picked[i][f] = row[f]
		}
	}
	b, _ := json.Marshal(map[string]any{v.envelope: picked})
	return b, 200
}

func (v *vendor) order(by string, a, b map[string]any) int {
	for _, f := range strings.Split(by, ",") {
		name, dir, _ := strings.Cut(f, ":")
		c := v.compare(a[name], b[name])
		if dir == "desc" {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (v *vendor) compare(a, b any) int {
	if s, ok := a.(string); ok {
		t := b.(string)
		if v.fold != nil && strings.Contains(s, "/") { // an address, not a time
			s, t = v.fold(s), v.fold(t)
		}
		return cmp.Compare(s, t)
	}
	if x, ok := a.(bool); ok {
		if x == b.(bool) {
			return 0
		}
		return 1
	}
	return cmp.Compare(toFloat(a), toFloat(b))
}

func toFloat(a any) float64 {
	switch a := a.(type) {
	case int:
		return float64(a)
	case float64:
		return a
	}
	return 0
}

func (v *vendor) holds(w, row map[string]any) bool {
	for word, part := range w {
		switch word {
		case "and":
			return !slices.ContainsFunc(part.([]any), func(p any) bool { return !v.holds(p.(map[string]any), row) })
		case "or":
			return slices.ContainsFunc(part.([]any), func(p any) bool { return v.holds(p.(map[string]any), row) })
		case "not":
			return !v.holds(part.(map[string]any), row)
		}
	}
	is, value := w["is"].([]any), row[w["field"].(string)]
	if value == nil {
		return false
	}
	c := v.compare(value, is[1])
	return map[string]bool{"eq": c == 0, "neq": c != 0, "gt": c > 0, "gte": c >= 0, "lt": c < 0, "lte": c <= 0}[is[0].(string)]
}

// client is a client of the set "v3" that asks the vendor.
func (v *vendor) client(change ...func(*Options)) *Client {
	v.t.Helper()
	if v.envelope == "" {
		v.envelope = "backlinks"
	}
	c := &clock{now: monday}
	o := Options{Token: "token-of-a-test", Set: V3, HTTP: v, Now: c.Now, Sleep: c.Sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000}
	for _, f := range change {
		f(&o)
	}
	client, err := New(o)
	if err != nil {
		v.t.Fatal(err)
	}
	return client
}

func pageSize(n int) func(*Options) { return func(o *Options) { o.PageSize = n } }

// v3Row is a row of all-backlinks.
func v3Row(from, to, firstSeen string) map[string]any {
	return map[string]any{"url_from": from, "url_to": to, "anchor": "a", "title": "t", "source_page_author": nil,
		"link_type": "text", "is_nofollow": false, "is_ugc": false, "is_sponsored": false, "domain_rating_source": 50.0,
		"first_seen_link": firstSeen, "last_seen": nil, "is_lost": false}
}

// pages follows a list of links to its end.
func pages(t *testing.T, limit int, next func(cursor string) (backlinks.LinkPage, error)) ([]backlinks.Link, error) {
	t.Helper()
	var all []backlinks.Link
	cursor := ""
	for range limit {
		p, err := next(cursor)
		if err != nil {
			return all, err
		}
		all = append(all, p.Links...)
		if cursor = p.Next; cursor == "" {
			return all, nil
		}
	}
	t.Fatalf("no end after %d pages", limit)
	return nil, nil
}

// named are the pairs of addresses of links, sorted; equal ones stay.
func named(links []backlinks.Link) []string {
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = l.SourceURL + " > " + l.TargetURL
	}
	slices.Sort(out)
	return out
}
