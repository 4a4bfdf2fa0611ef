package ahrefs

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"landed/internal/backlinks"
)

// world makes n links whose dates fall on few moments, whose sources often link to
// several pages, and of which some pairs come twice.
func linkSet(r *rand.Rand, n, moments, sources, targets int) (rows []map[string]any, want []string) {
	seen := map[string]bool{}
	for range n {
		from := fmt.Sprintf("https://s%d.test/%s", r.IntN(sources), []string{"a", "B", "c?x=1&y=\"2\"", "é"}[r.IntN(4)])
		to := fmt.Sprintf("https://example.com/%d", r.IntN(targets))
		at := fmt.Sprintf("2026-02-%02dT10:00:0%dZ", 1+r.IntN(moments)%28, r.IntN(2))
		pair := from + " > " + to
		if seen[pair] {
			// The same pair again, at the same moment: one link for us.
			for _, row := range rows {
				if row["url_from"] == from && row["url_to"] == to {
					at = row["first_seen_link"].(string)
				}
			}
		} else {
			want = append(want, pair)
		}
		seen[pair] = true
		rows = append(rows, v3Row(from, to, at))
	}
	slices.Sort(want)
	return rows, want
}

// The union of the pages is the set of links and none comes twice, whatever the
// size of a page and however many links share a moment.
func TestPagesAreTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 2, 3, 7, 100, 250} {
		for round := range 12 {
			n := r.IntN(60) + size*round/4
			rows, want := linkSet(r, n, 1+r.IntN(5), 1+r.IntN(20), 1+r.IntN(8))
			v := &vendor{t: t, rows: rows}
			if round%3 == 1 {
				v.fold = strings.ToLower // a server need not sort as we would
			}
			c := v.client(pageSize(size))
			got, err := pages(t, 3*n+5, func(cursor string) (backlinks.LinkPage, error) {
				w := month
				w.Cursor = cursor
				return c.NewLinks(t.Context(), w)
			})
			if err != nil {
				t.Fatalf("size %d, %d rows: %v", size, n, err)
			}
			if !slices.Equal(named(got), want) {
				t.Fatalf("size %d, %d rows: %d links, want %d", size, n, len(got), len(want))
			}
		}
	}
}

// A whole page of one moment, of one source, and of one pair.
func TestPagesOfOneMoment(t *testing.T) {
	const at = "2026-02-10T00:00:00Z" // a server may know days only
	for _, tt := range []struct {
		name  string
		pairs func(i int) (from, to string)
	}{
		{"many sources", func(i int) (string, string) {
			return fmt.Sprintf("https://s%04d.test/", i), "https://example.com/"
		}},
		{"one source", func(i int) (string, string) {
			return "https://s.test/", fmt.Sprintf("https://example.com/%04d", i)
		}},
		{"one pair", func(int) (string, string) { return "https://s.test/", "https://example.com/" }},
	} {
		for _, size := range []int{1, 2, 3, 100, 250} {
			v := &vendor{t: t}
			links := map[string]bool{}
			for i := range 2*size + 1 {
				from, to := tt.pairs(i)
				links[from+to] = true
				v.rows = append(v.rows, v3Row(from, to, at))
			}
			v.rows = append(v.rows, v3Row("https://before.test/", "https://example.com/", "2026-02-09T23:59:59Z"),
				v3Row("https://after.test/", "https://example.com/", "2026-02-10T00:00:01Z"))
			c := v.client(pageSize(size))
			got, err := pages(t, 5*size+10, func(cursor string) (backlinks.LinkPage, error) {
				w := month
				w.Cursor = cursor
				return c.NewLinks(t.Context(), w)
			})
			if err != nil || len(got) != len(links)+2 || len(slices.Compact(named(got))) != len(got) {
				t.Errorf("%s, %d rows a page: %d links, want %d; %v", tt.name, size, len(got), len(links)+2, err)
			}
		}
	}
}

// Competitors' sources: domains of one rank, more than a page holds, come once each
// though a domain has several links.
func TestSourcesOfOneRank(t *testing.T) {
	for _, size := range []int{1, 2, 3, 10} {
		v := &vendor{t: t}
		for i := range 25 {
			row := v3Row(fmt.Sprintf("https://s%02d.test/", i), "https://example.com/", "2026-02-10T00:00:00Z")
			row["ahrefs_rank_source"], row["root_name_source"] = 100+i/12, fmt.Sprintf("s%02d.test", i)
			v.rows = append(v.rows, row)
		}
		c := v.client(pageSize(size))
		got, err := pages(t, 100, func(cursor string) (backlinks.LinkPage, error) {
			return c.AllLinks(t.Context(), site, 30, cursor)
		})
		if err != nil || len(got) != 25 || len(slices.Compact(named(got))) != 25 {
			t.Errorf("size %d: %d links, %v", size, len(got), err)
		}
		if q := v.asked[0]; q["order_by"] != "ahrefs_rank_source:asc" || strings.Contains(q["select"], "root_name_source") {
			t.Errorf("the first page asks for more than it needs: %v", q)
		}
	}
}

// What a page may not look like: each would lose or double links without a word.
func TestPagesThatAreNotWhatWasAsked(t *testing.T) {
	rows := func() (out []map[string]any) {
		for i := range 9 {
			out = append(out, v3Row(fmt.Sprintf("https://s%d.test/", i), "https://example.com/", fmt.Sprintf("2026-02-%02dT08:00:00Z", 1+i)))
		}
		return out
	}
	row := func(from, at string) string {
		return fmt.Sprintf(`{"url_from":%q,"url_to":"https://example.com/","first_seen_link":%q}`, from, at)
	}
	list := func(rows ...string) []byte { return []byte(`{"backlinks":[` + strings.Join(rows, ",") + `]}`) }
	for _, tt := range []struct {
		name  string
		at    int // the request that is answered so
		body  []byte
		error string
	}{
		{"an empty second page", 2, list(), "does not begin with the row"},
		{"a second page that begins later", 2, list(row("https://s5.test/", "2026-02-06T08:00:00Z")), "does not begin with the row"},
		{"a second page that begins earlier", 2, list(row("https://s0.test/", "2026-02-01T08:00:00Z")), "does not begin with the row"},
		{"the other order", 1, list(row("https://b.test/", "2026-02-06T08:00:00Z"), row("https://a.test/", "2026-02-05T08:00:00Z")), "not in the order"},
		{"more rows than asked for", 1, list(row("https://a.test/", "2026-02-05T08:00:00Z"), row("https://b.test/", "2026-02-05T08:00:00Z"),
			row("https://c.test/", "2026-02-05T08:00:00Z"), row("https://d.test/", "2026-02-05T08:00:00Z")), "4 rows where 3"},
		{"a row from outside the window", 1, list(row("https://a.test/", "2026-03-01T00:00:00Z")), "outside 2026-02-01 to 2026-02-28"},
		{"a row without its date", 1, list(`{"url_from":"https://a.test/","url_to":"https://example.com/"}`), "first_seen_link is missing"},
		{"a row with an unreadable date", 1, list(row("https://a.test/", "soon")), "not a"},
		{"a bare list", 1, []byte(`[]`), "expected"},
		{"another list's name", 1, []byte(`{"refdomains":[]}`), "expected backlinks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := &vendor{t: t, rows: rows(), change: func(n int) []byte {
				if n == tt.at {
					return tt.body
				}
				return nil
			}}
			c := v.client(pageSize(3))
			_, err := pages(t, 10, func(cursor string) (backlinks.LinkPage, error) {
				w := month
				w.Cursor = cursor
				return c.NewLinks(t.Context(), w)
			})
			checkKind(t, err, BadAnswer)
			if err != nil && !strings.Contains(err.Error(), tt.error) {
				t.Errorf("%v does not say %q", err, tt.error)
			}
		})
	}
}

func checkKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	if e, ok := err.(*Error); !ok || e.Kind != kind {
		t.Fatalf("error %v, want one of kind %q", err, kind)
	}
}

// A server that cuts its answers to a plan's limit without saying so.
func TestSilentlyCutAnswers(t *testing.T) {
	v := &vendor{t: t, cut: 100}
	for i := range 240 {
		v.rows = append(v.rows, v3Row(fmt.Sprintf("https://s%03d.test/", i), "https://example.com/", fmt.Sprintf("2026-02-%02dT08:%02d:00Z", 1+i/10, i%10)))
	}
	c := v.client()
	got, err := pages(t, 10, func(cursor string) (backlinks.LinkPage, error) {
		w := month
		w.Cursor = cursor
		return c.NewLinks(t.Context(), w)
	})
	if err != nil || len(got) != 240 {
		t.Errorf("%d links, %v", len(got), err)
	}
}

func TestLimitIsLearntFromARefusal(t *testing.T) {
	v := &vendor{t: t, most: 100}
	for i := range 250 {
		v.rows = append(v.rows, v3Row(fmt.Sprintf("https://s%03d.test/", i), "https://example.com/", fmt.Sprintf("2026-02-%02dT08:%02d:00Z", 1+i/10, i%10)))
	}
	gate := NewGate(1_000_000)
	share := func(o *Options) { o.Gate = gate }
	c := v.client(share)
	requests := 0
	got, err := pages(t, 10, func(cursor string) (backlinks.LinkPage, error) {
		w := month
		w.Cursor = cursor
		p, err := c.NewLinks(t.Context(), w)
		requests += p.Cost.Requests
		return p, err
	})
	if err != nil || len(got) != 250 || requests != len(v.asked) || requests != 4 {
		t.Errorf("%d links in %d requests (%d counted), %v", len(got), len(v.asked), requests, err)
	}
	if n := c.PageRows(backlinks.JobNewLinks); n != 100 {
		t.Errorf("%d rows a page afterwards", n)
	}
	// Another client of the token knows it too.
	if _, err := v.client(share).NewLinks(t.Context(), month); err != nil || len(v.asked) != 5 {
		t.Errorf("%d requests, %v", len(v.asked), err)
	}
}

func TestRefusedRows(t *testing.T) {
	for _, tt := range []struct {
		status int
		said   string
		want   int
	}{
		{400, "limit is too large: your plan (Lite) allows at most 100 rows per request", 100},
		{403, "The limit of 500 exceeds the maximum of 250 for your plan.", 250},
		{400, "limit: maximum is 1,000", 0}, // not below what was asked for
		{400, "bad limit", 0},
		{400, "bad where: 100", 0},
		{403, "API units limit reached: 100 units left", 0},
		{429, "rate limit: 60", 0},
		{500, "100 rows", 0},
	} {
		if got := refusedRows(&Error{Status: tt.status, Said: tt.said}, 500); got != tt.want {
			t.Errorf("%d %q: %d, want %d", tt.status, tt.said, got, tt.want)
		}
	}
	if refusedRows(context.Canceled, 500) != 0 || refusedRows(nil, 500) != 0 {
		t.Error("not an answer at all")
	}
}

func TestMaxRowsLowersThePage(t *testing.T) {
	v := &vendor{t: t}
	for i := range 9 {
		v.rows = append(v.rows, v3Row(fmt.Sprintf("https://s%d.test/", i), "https://example.com/", fmt.Sprintf("2026-02-%02dT08:00:00Z", 1+i)))
	}
	w := month
	w.MaxRows = 4
	p, err := v.client().NewLinks(t.Context(), w)
	if err != nil || v.asked[0]["limit"] != "4" || len(p.Links) != 3 || p.Next == "" {
		t.Errorf("%d links after asking for %s, next %q, %v", len(p.Links), v.asked[0]["limit"], p.Next, err)
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	v := &vendor{t: t}
	for i := range 3 {
		v.rows = append(v.rows, v3Row(fmt.Sprintf("https://s%d.test/", i), "https://example.com/", fmt.Sprintf("2026-02-%02dT08:00:00Z", 1+i)))
	}
	c := v.client(pageSize(2))
	p, err := c.NewLinks(t.Context(), month)
	if err != nil || p.Next == "" {
		t.Fatal(p, err)
	}
	sent := len(v.asked)
	other := month
	other.To--
	for _, tt := range []struct {
		w      backlinks.Window
		cursor string
	}{
		{month, "200"}, // of the other set
		{month, "v3."}, {month, "v3.!!"}, {month, p.Next + "A"}, {month, strings.Repeat("v3.", maxCursor)},
		{other, p.Next},
	} {
		tt.w.Cursor = tt.cursor
		_, err := c.NewLinks(t.Context(), tt.w)
		checkKind(t, err, BadRequest)
	}
	if _, err := c.LostLinks(t.Context(), backlinks.Window{Target: site, From: month.From, To: month.To, Cursor: p.Next}); err == nil {
		t.Error("a cursor of new links was taken for losses")
	}
	if len(v.asked) != sent {
		t.Error("something was sent")
	}
}

func FuzzCursor(f *testing.F) {
	keys := byLinkDate("first_seen_link")
	for _, c := range []cursor{{}, {At: []string{"2026-02-01T00:00:00Z"}}, {At: []string{"2026-02-01", "a", "b"}, After: true}} {
		s, _ := c.seal("q")
		f.Add(s)
	}
	f.Add("v3." + base64.RawURLEncoding.EncodeToString([]byte(`{"q":"q","k":["2026-02-01","x","y","z"]}`)))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := openCursor(s, "q", keys)
		if err != nil {
			return
		}
		if s != "" && (len(c.At) == 0 || len(c.At) > len(keys)) {
			t.Fatalf("%q gives %v", s, c)
		}
		if got := c.where(keys).String(); s != "" && !strings.Contains(got, "first_seen_link") {
			t.Fatalf("%q asks for %s", s, got)
		}
		again, err := c.seal("q")
		if err != nil {
			return
		}
		if back, err := openCursor(again, "q", keys); s != "" && (err != nil || !slices.Equal(back.At, c.At)) {
			t.Fatalf("%q does not come back: %v %v", s, back, err)
		}
	})
}
