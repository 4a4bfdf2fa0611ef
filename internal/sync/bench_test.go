package sync

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/store"
	"landed/internal/testkit"
)

// clock moves by sleeping and by hand.
type clock struct {
	mu  stdsync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.forward(d)
	return ctx.Err()
}

// bench is a store, the provider's server and a syncer between them.
type bench struct {
	t     *testing.T
	st    *store.Store
	srv   *ahrefstest.Server
	world *ahrefstest.World
	clock *clock
	site  store.Site
	sync  *Syncer
	// beforeRequest, if set, is called with the number of each request from 1.
	beforeRequest func(n int)
	sent          int
	hasty         bool // gives up soon on a server that hangs
	spent         *int // units of the month when the test first set a budget
}

// RoundTrip counts requests on their way to the server.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	b.sent++
	if b.beforeRequest != nil {
		b.beforeRequest(b.sent)
	}
	if b.hasty {
		return hasty().RoundTrip(r)
	}
	return patient().RoundTrip(r)
}

// hasty has its limits in milliseconds, so that a hanging server does not take a
// test's time; on a busy machine it may give up on one that is only slow.
var hasty, patient = transport(200 * time.Millisecond), transport(10 * time.Second)

// transport uses no connection again: on one that breaks off, it would itself ask a
// second time.
func transport(limit time.Duration) func() *http.Transport {
	return stdsync.OnceValue(func() *http.Transport {
		return &http.Transport{DialContext: (&net.Dialer{Timeout: time.Second}).DialContext, ResponseHeaderTimeout: limit, DisableKeepAlives: true}
	})
}

func newBench(t *testing.T, change ...func(*ahrefs.Options)) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}}
	b.world = ahrefstest.NewWorld(b.clock.Now)
	fill(b.world)
	b.srv = ahrefstest.NewServer(b.world)
	t.Cleanup(b.srv.Close)
	b.srv.Now, b.srv.PerMinute = b.clock.Now, 0
	b.st = testkit.Store(t)
	b.st.Now = b.clock.Now
	var err error
	if b.site, err = b.st.CreateSite(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	o := ahrefs.Options{BaseURL: b.srv.URL(), Token: ahrefstest.Token, HTTP: b, Now: b.clock.Now, Sleep: b.clock.sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000, PageSize: 3}
	for _, f := range change {
		f(&o)
	}
	client, err := ahrefs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.sync = &Syncer{Store: b.st, Provider: client, Now: b.clock.Now, LockDir: t.TempDir(),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
	return b
}

// fill makes a world whose every list has several pages of 3 rows: 8 new links,
// 5 lost ones of which two are among the new, 9 referring domains.
func fill(w *ahrefstest.World) {
	for i := range 8 {
		l := ahrefstest.Link{From: fmt.Sprintf("https://news%d.example/story", i), To: "https://example.com/guide", Anchor: fmt.Sprint("anchor ", i),
			DR: float64(20 + 5*i), FirstSeen: day.Date(2026, 2, 3+3*i), Dofollow: i%2 == 0}
		if i < 2 {
			l.LostOn, l.Reason = day.Date(2026, 2, 20+i), "link_removed"
		}
		w.Add(l)
	}
	for i := range 3 {
		w.Add(ahrefstest.Link{From: fmt.Sprintf("https://old%d.example/page", i), To: "https://example.com/", DR: 30,
			FirstSeen: day.Date(2024, 1, 1+i), LostOn: day.Date(2026, 2, 10+i), Reason: "broken"})
		w.Add(ahrefstest.Link{From: fmt.Sprintf("https://stays%d.example/page", i), To: "https://www.example.com/", DR: 40, FirstSeen: day.Date(2024, 5, 1+i), Dofollow: true})
	}
	w.SetOverview("example.com", func(day.Day) ahrefstest.Overview {
		return ahrefstest.Overview{DomainRating: 42, Backlinks: -1, ReferringDomains: -1, OrganicTraffic: 1200, OrganicKeywords: 300}
	})
}

func (b *bench) run() (Result, error) { return b.sync.Run(b.t.Context(), b.site.ID, nil) }

func (b *bench) mustRun() Result {
	b.t.Helper()
	res, err := b.run()
	if err != nil {
		b.t.Fatal(err)
	}
	if res.Run.State != store.SyncDone {
		b.t.Fatalf("the run is %s", res.Run.State)
	}
	return res
}

// rows is everything that a sync leaves behind, save instants and runs.
func (b *bench) rows() string {
	return testkit.Dump(b.t, b.st,
		`SELECT * FROM link ORDER BY id`,
		`SELECT link_id, kind, from_value, to_value FROM link_event ORDER BY link_id, kind, from_value, to_value`,
		`SELECT * FROM refdomain ORDER BY id`,
		`SELECT on_day, provider, authority, metric, backlinks, refdomains, organic_traffic, organic_keywords FROM snapshot ORDER BY on_day`,
		`SELECT * FROM daily ORDER BY site_id, day`,
		`SELECT * FROM site_total ORDER BY site_id`,
		`SELECT * FROM credit ORDER BY link_id`,
		`SELECT step, on_day FROM sync_mark ORDER BY step`,
		`SELECT * FROM source_domain ORDER BY id`,
		`SELECT domain_id, competitor_id, source_url, target_url, anchor, nofollow, first_seen, found_on, seen_on FROM competitor_source ORDER BY domain_id, competitor_id`)
}

func (b *bench) links() string {
	return testkit.Rows(b.t, b.st, `SELECT source_url, first_seen, lost_on, lost_reason FROM link ORDER BY source_url`)
}

// faultless is what the database holds after a sync without any fault, and how
// many requests that took.
func faultless(t *testing.T) (rows string, requests int) {
	b := newBench(t)
	b.mustRun()
	return b.rows(), b.sent
}

func sameRows(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("the database differs:\n got %s\nwant %s", a, b)
		}
	}
}
