package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
	landedsync "landed/internal/sync"
)

const (
	newLinks  = 50
	lostLinks = 10
	before    = 100 // links that a site had

	// The price model that syncs are held against: 50 new links at 12 units, 10 lost
	// ones at 6, and two requests at the floor of 50, all of it every week.
	modelUnits    = 760
	modelRequests = 4
)

// least is what a week of a site costs at least by the provider's prices if all is
// to be there that the product shows: each new and each lost link once, with the
// fields that are stored and used, and a reading of both histories for each week,
// asked for every fourth week, because four weeks of readings cost no more than
// one. Nothing is in it for looking twice, for links that come back, for the
// overview, or for days that are not over: what a sync spends on these is what the
// ratio shows above 1.
func least(p backlinks.Pricer) (units, requests float64) {
	history := float64(p.Price(backlinks.JobAuthorityHistory, 4).Units + p.Price(backlinks.JobRefDomainHistory, 4).Units)
	return float64(p.Price(backlinks.JobNewLinks, newLinks).Units+p.Price(backlinks.JobLostLinks, lostLinks).Units) + history/4, 2 + 2.0/4
}

// result is of one week and site, on average of all after the first contact.
type result struct {
	units, leastUnits, requests, leastRequests float64
	firstUnits, firstRequests, idleUnits       float64
	longest                                    time.Duration // of all sites' syncs of a week
	pace                                       float64       // longest against its requests at 60 a minute
	refused                                    int           // 429
	quiet                                      bool          // a repeated sync stored nothing
}

// start is a Monday at the hour of the usual schedule.
var start = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// direct is a transport without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// play is a workspace of some sites and its provider.
type play struct {
	clock  *ahrefstest.Clock
	server *ahrefstest.Server
	store  *store.Store
	sync   *landedsync.Syncer
	sites  []store.Site
	seen   int // requests that sum has counted
}

func newPlay(ctx context.Context, dir string, sites, weeks int) (*play, error) {
	p := &play{clock: ahrefstest.NewClock(start)}
	world := ahrefstest.NewWorld(p.clock.Now)
	ahrefstest.Generate(world, ahrefstest.Load{Sites: sites, Before: before, New: newLinks, Lost: lostLinks, Weeks: weeks + 1, Start: day.Of(start), Seed: 1})
	p.server = ahrefstest.New(world)
	p.server.Sets, p.server.Now, p.server.MonthlyUnits = ahrefstest.V3, p.clock.Now, 0
	client, err := ahrefs.New(ahrefs.Options{BaseURL: "http://127.0.0.1/v3", Token: ahrefstest.Token, Set: ahrefs.V3, HTTP: direct{p.server}, Now: p.clock.Now, Sleep: p.clock.Sleep})
	if err != nil {
		return nil, err
	}
	if p.store, err = store.Open(ctx, dir); err != nil {
		return nil, err
	}
	p.store.Now = p.clock.Now
	for n := range sites {
		site, err := p.store.CreateSite(ctx, ahrefstest.SiteName(n))
		if err != nil {
			return nil, err
		}
		p.sites = append(p.sites, site)
	}
	p.sync = &landedsync.Syncer{Store: p.store, Provider: client, Now: p.clock.Now}
	return p, nil
}

// week is what syncing all sites once took.
type week struct {
	units, requests, refused int
	took                     time.Duration
}

func (p *play) round(ctx context.Context) (w week, err error) {
	from := p.clock.Now()
	if _, err := p.sync.RunAll(ctx, p.sites, store.Asked{Cause: store.CauseSchedule}, nil); err != nil {
		return w, err
	}
	w.took = p.clock.Now().Sub(from)
	all := p.server.Requests()
	for _, r := range all[p.seen:] {
		w.units += r.Units
		w.requests++
		if r.Status == http.StatusTooManyRequests {
			w.refused++
		}
	}
	p.seen = len(all)
	return w, nil
}

func measure(ctx context.Context, sites, weeks int) (r result, err error) {
	dir, err := os.MkdirTemp("", "landed-sync-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	p, err := newPlay(ctx, dir, sites, weeks)
	if err != nil {
		return r, err
	}
	defer p.store.Close()
	p.sync.FirstDays = 365
	w, err := p.round(ctx)
	if err != nil {
		return r, err
	}
	n := float64(sites)
	r.firstUnits, r.firstRequests, r.refused = float64(w.units)/n, float64(w.requests)/n, w.refused
	units, requests := 0, 0
	for i := 1; i <= weeks; i++ {
		p.clock.Advance(start.AddDate(0, 0, 7*i).Sub(p.clock.Now()))
		if w, err = p.round(ctx); err != nil {
			return r, err
		}
		units, requests, r.refused = units+w.units, requests+w.requests, r.refused+w.refused
		if w.took > r.longest {
			r.longest, r.pace = w.took, w.took.Seconds()/max(1, float64(w.requests))
		}
	}
	r.units, r.requests = float64(units)/n/float64(weeks), float64(requests)/n/float64(weeks)
	r.leastUnits, r.leastRequests = least(p.sync.Provider.(backlinks.Pricer))
	return r, p.again(ctx, dir, &r)
}

// again syncs once more when there is nothing new.
func (p *play) again(ctx context.Context, dir string, r *result) error {
	before, err := digest(ctx, dir)
	if err != nil {
		return err
	}
	p.server.ClearCache()
	w, err := p.round(ctx)
	if err != nil {
		return err
	}
	after, err := digest(ctx, dir)
	r.idleUnits, r.quiet = float64(w.units)/float64(len(p.sites)), before == after
	return err
}

// digest is of all that a sync may store, its own records aside.
func digest(ctx context.Context, dir string) (string, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return "", err
	}
	defer db.Close()
	sum := sha256.New()
	for _, q := range []string{
		`SELECT id, anchor, rel, first_seen, last_seen, lost_on, authority FROM link ORDER BY id`,
		`SELECT id, kind, at, link_id, from_value, to_value, 0 FROM link_event ORDER BY id`,
		`SELECT id, first_seen, links, live_links, authority, said_links, class FROM refdomain ORDER BY id`,
		`SELECT site_id, on_day, authority, refdomains, backlinks, fetched_at, 0 FROM snapshot ORDER BY site_id, on_day`,
		`SELECT site_id, day, links_new, links_lost, credited, domains_new, 0 FROM daily ORDER BY site_id, day`,
	} {
		rows, err := db.QueryContext(ctx, q)
		if err != nil {
			return "", err
		}
		for rows.Next() {
			v := make([]any, 7)
			if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6]); err != nil {
				rows.Close()
				return "", err
			}
			fmt.Fprintln(sum, v...)
		}
		if err := rows.Err(); err != nil {
			return "", err
		}
		rows.Close()
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
