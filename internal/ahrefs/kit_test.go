package ahrefs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
)

var (
	monday = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	site   = backlinks.Target{Host: "example.com", Mode: backlinks.ModeDomain}
	month  = backlinks.Window{Target: site, From: day.Date(2026, 2, 1), To: day.Date(2026, 2, 28)}
)

// clock is a clock that only sleeping moves.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration // whole milliseconds; shorter ones are only pace
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	if ms := d.Round(time.Millisecond); ms > 0 {
		c.waits = append(c.waits, ms)
	}
	return ctx.Err()
}

// setUp starts a server over sampleWorld and a client whose pace is not felt.
func setUp(t *testing.T, change ...func(*Options)) (*ahrefstest.Server, *Client, *clock) {
	t.Helper()
	c := &clock{now: monday}
	srv := ahrefstest.NewServer(sampleWorld(c.Now))
	t.Cleanup(srv.Close)
	srv.Now, srv.PerMinute = c.Now, 0
	o := Options{
		BaseURL: srv.URL(), Token: ahrefstest.Token, Now: c.Now, Sleep: c.Sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000,
	}
	for _, f := range change {
		f(&o)
	}
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return srv, client, c
}

func sampleWorld(now func() time.Time) *ahrefstest.World {
	w := ahrefstest.NewWorld(now)
	w.Add(
		ahrefstest.Link{From: "https://news.example.org/a?x=1&y=2", To: "https://example.com/guide", Anchor: "the “guide” & more",
			DR: 71.5, FirstSeen: day.Date(2026, 2, 3), Dofollow: true},
		ahrefstest.Link{From: "https://blog.example.net/b", To: "https://example.com/guide", Anchor: "guide",
			DR: 28, FirstSeen: day.Date(2026, 2, 10), Dofollow: false},
		ahrefstest.Link{From: "https://news.example.org/old", To: "https://www.example.com/", Anchor: "Example",
			DR: 71.5, FirstSeen: day.Date(2025, 5, 1), LostOn: day.Date(2026, 2, 20), Reason: "link_removed", Dofollow: true, HTTPCode: 200},
		ahrefstest.Link{From: "https://gone.test/p", To: "https://example.com/", DR: 12,
			FirstSeen: day.Date(2025, 6, 1), LostOn: day.Date(2026, 2, 1), Reason: "broken", HTTPCode: 404},
		ahrefstest.Link{From: "https://later.test/p", To: "https://example.com/", DR: 90, FirstSeen: day.Date(2026, 4, 1)},
		ahrefstest.Link{From: "https://else.test/p", To: "https://other.test/", DR: 90, FirstSeen: day.Date(2026, 2, 5)},
	)
	w.SetOverview("example.com", func(d day.Day) ahrefstest.Overview {
		return ahrefstest.Overview{DomainRating: 42.5, Backlinks: -1, ReferringDomains: -1, OrganicTraffic: 1200, OrganicKeywords: int64(d - day.Date(2026, 3, 1))}
	})
	return w
}

// operation is one of the six, with what it returned as comparable text.
type operation struct {
	name     string
	endpoint string
	list     bool
	key      string // a field without which a row is useless
	run      func(context.Context, *Client) (any, int, error)
}

var operations = []operation{
	{"Overview", "overview", false, "domain_rating", func(ctx context.Context, c *Client) (any, int, error) {
		s, cost, err := c.Overview(ctx, site, day.Of(monday))
		if s.Provider == "" {
			return nil, cost.Requests, err
		}
		return s, cost.Requests, err
	}},
	{"NewLinks", "new-backlinks", true, "url_from", func(ctx context.Context, c *Client) (any, int, error) {
		return linksOf(c.NewLinks(ctx, month))
	}},
	{"LostLinks", "lost-backlinks", true, "url_to", func(ctx context.Context, c *Client) (any, int, error) {
		return linksOf(c.LostLinks(ctx, month))
	}},
	{"RefDomains", "referring-domains", true, "domain", func(ctx context.Context, c *Client) (any, int, error) {
		p, err := c.RefDomains(ctx, site, "")
		if len(p.Domains) == 0 {
			return nil, p.Cost.Requests, err
		}
		return p.Domains, p.Cost.Requests, err
	}},
	{"AllLinks exact", "all-backlinks", true, "url_from", func(ctx context.Context, c *Client) (any, int, error) {
		return linksOf(c.AllLinks(ctx, backlinks.Target{Host: "https://example.com/guide", Mode: backlinks.ModeExact}, 0, ""))
	}},
	{"AllLinks sources", "all-backlinks", true, "url_to", func(ctx context.Context, c *Client) (any, int, error) {
		return linksOf(c.AllLinks(ctx, site, 30, ""))
	}},
}

func linksOf(p backlinks.LinkPage, err error) (any, int, error) {
	if len(p.Links) == 0 {
		return nil, p.Cost.Requests, err
	}
	return p.Links, p.Cost.Requests, err
}

// handlerTransport calls a handler without a network, so that it works inside a
// synctest bubble.
type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// roundTrip is a transport from a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func equalWaits(t *testing.T, got []time.Duration, want ...time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("waited %v, want %v", got, want)
	}
}

// manyLinks adds n new links, each from its own domain.
func manyLinks(w *ahrefstest.World, n int) {
	for i := range n {
		w.Add(ahrefstest.Link{
			From: fmt.Sprintf("https://s%04d.test/p", i), To: "https://many.example/", DR: float64(i % 100),
			FirstSeen: day.Date(2026, 2, 1+i%28), Dofollow: true,
		})
		w.Add(ahrefstest.Link{
			From: fmt.Sprintf("https://l%04d.test/p", i), To: "https://many.example/", DR: float64(i % 100),
			FirstSeen: day.Date(2025, 1, 1), LostOn: day.Date(2026, 2, 1+i%28), Reason: "noindex",
		})
	}
}
