package ahrefs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
)

// fakeV3 starts the fake in the set "v3" and a client of it.
func fakeV3(t *testing.T, change func(*ahrefstest.Server), options ...func(*Options)) (*ahrefstest.Server, *Client) {
	t.Helper()
	options = append([]func(*Options){func(o *Options) { o.Set = V3 }}, options...)
	srv, client, _ := setUp(t, options...)
	srv.Sets, srv.Plan, srv.ShuffleTies, srv.CacheFor, srv.MonthlyUnits = ahrefstest.V3, ahrefstest.Enterprise, true, 0, 0
	if change != nil {
		change(srv)
	}
	return srv, client
}

// february is a month's links of crowd.example: many share a moment, a third are
// lost in it, a few come back. It gives the pairs that each job must find.
func february(w *ahrefstest.World, n int, r *rand.Rand) (found, lost, back []string) {
	for i := range n {
		domain := r.IntN(40)
		l := ahrefstest.Link{From: fmt.Sprintf("https://s%03d.test/%d", domain, i), To: fmt.Sprintf("https://www.crowd.example/%d", r.IntN(5)),
			Anchor: fmt.Sprint("anchor ", r.IntN(9)), DR: float64(30 + domain%3), Dofollow: i%3 > 0,
			FirstSeenAt: time.Date(2026, 2, 2+r.IntN(3), 4*r.IntN(2), 0, 0, 0, time.UTC)}
		pair := l.From + " > " + l.To
		found = append(found, pair)
		if i%3 == 0 {
			l.LostAt, l.Reason = time.Date(2026, 2, 12+r.IntN(2), 3, 0, 0, 0, time.UTC), "link_removed"
			if i%9 > 0 {
				lost = append(lost, pair)
			} else {
				again := l
				again.FirstSeenAt, again.LostAt, again.Reason = l.LostAt.AddDate(0, 0, 3), time.Time{}, ""
				w.Add(again)
				back = append(back, pair)
			}
		}
		w.Add(l)
	}
	slices.Sort(found)
	slices.Sort(lost)
	slices.Sort(back)
	return found, lost, back
}

var crowd = backlinks.Target{Host: "crowd.example", Mode: backlinks.ModeDomain}

func TestV3AgainstTheFake(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{1, 2, 3, 100, 250} {
		n := min(3*size+20, 400)
		srv, c := fakeV3(t, nil, pageSize(size))
		found, lost, back := february(srv.World, n, r)
		w := backlinks.Window{Target: crowd, From: month.From, To: month.To}
		units := 0
		all := func(ask func(backlinks.Window) (backlinks.LinkPage, error)) []string {
			links, err := pages(t, 4*n, func(cursor string) (backlinks.LinkPage, error) {
				one := w
				one.Cursor = cursor
				p, err := ask(one)
				units += p.Cost.Units
				return p, err
			})
			if err != nil {
				t.Fatal(err)
			}
			return named(links)
		}
		for _, tt := range []struct {
			name string
			got  []string
			want []string
		}{
			{"new", all(func(w backlinks.Window) (backlinks.LinkPage, error) { return c.NewLinks(t.Context(), w) }), found},
			{"lost", all(func(w backlinks.Window) (backlinks.LinkPage, error) { return c.LostLinks(t.Context(), w) }), lost},
			{"lost, whole", all(func(w backlinks.Window) (backlinks.LinkPage, error) {
				w.Whole = true
				return c.LostLinks(t.Context(), w)
			}), lost},
			{"live", all(func(w backlinks.Window) (backlinks.LinkPage, error) {
				return c.AllLinks(t.Context(), crowd, 0, w.Cursor)
			}), slices.DeleteFunc(slices.Clone(found), func(p string) bool { return slices.Contains(lost, p) })},
		} {
			if !slices.Equal(tt.got, tt.want) {
				t.Errorf("%s, %d rows a page: %d links, want %d", tt.name, size, len(tt.got), len(tt.want))
			}
		}
		// The fake dates the visit of a link that came back by its second life.
		w.From, w.To = day.Date(2026, 2, 14), day.Date(2026, 3, 2)
		got := all(func(w backlinks.Window) (backlinks.LinkPage, error) { return c.RestoredLinks(t.Context(), w) })
		if !slices.Equal(got, back) {
			t.Errorf("restored, %d rows a page: %d links, want %d", size, len(got), len(back))
		}
		checkGroups(t, c, size, found, lost, &units)
		if units != srv.UnitsUsed() {
			t.Errorf("%d units counted, %d charged", units, srv.UnitsUsed())
		}
	}
}

// checkGroups reads the lists of domains, sources and anchors.
func checkGroups(t *testing.T, c *Client, size int, found, lost []string, units *int) {
	t.Helper()
	live := map[string]bool{}
	for _, pair := range found {
		if !slices.Contains(lost, pair) {
			live[strings.TrimPrefix(pair[:strings.Index(pair, ".test")], "https://")] = true
		}
	}
	var domains, sources, anchors []string
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := c.RefDomains(t.Context(), crowd, cursor)
		if err != nil {
			t.Fatal(err)
		}
		*units += p.Cost.Units
		for _, d := range p.Domains {
			domains = append(domains, d.Domain)
		}
		cursor = p.Next
	}
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := c.AllLinks(t.Context(), crowd, 30, cursor)
		if err != nil {
			t.Fatal(err)
		}
		*units += p.Cost.Units
		for _, l := range p.Links {
			sources = append(sources, l.SourceURL[:strings.Index(l.SourceURL, ".test")])
		}
		cursor = p.Next
	}
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := c.Anchors(t.Context(), crowd, cursor)
		if err != nil {
			t.Fatal(err)
		}
		*units += p.Cost.Units
		for _, a := range p.Anchors {
			anchors = append(anchors, a.Text)
		}
		cursor = p.Next
	}
	for name, got := range map[string][]string{"domains": domains, "sources": sources} {
		slices.Sort(got)
		if len(got) != len(live) || len(slices.Compact(got)) != len(live) {
			t.Errorf("%s, %d rows a page: %d, want %d", name, size, len(got), len(live))
		}
	}
	slices.Sort(anchors)
	if n := len(anchors); n == 0 || n > 9 || len(slices.Compact(anchors)) != n {
		t.Errorf("anchors, %d rows a page: %q", size, anchors)
	}
}

// The price told beforehand is what the fake, which reckons by itself, charges.
func TestV3PricesAgainstTheFake(t *testing.T) {
	srv, c := fakeV3(t, nil)
	february(srv.World, 90, rand.New(rand.NewPCG(5, 6)))
	w := backlinks.Window{Target: crowd, From: month.From, To: month.To}
	for _, tt := range []struct {
		job backlinks.Job
		ask func() error
	}{
		{backlinks.JobNewLinks, func() error { _, err := c.NewLinks(t.Context(), w); return err }},
		{backlinks.JobLostLinks, func() error { _, err := c.LostLinks(t.Context(), w); return err }},
		{backlinks.JobRestoredLinks, func() error { _, err := c.RestoredLinks(t.Context(), w); return err }},
		{backlinks.JobAllLinks, func() error { _, err := c.AllLinks(t.Context(), crowd, 0, ""); return err }},
		{backlinks.JobSources, func() error { _, err := c.AllLinks(t.Context(), crowd, 30, ""); return err }},
		{backlinks.JobNewSources, func() error { _, err := c.NewSources(t.Context(), w, 30); return err }},
		{backlinks.JobRefDomains, func() error { _, err := c.RefDomains(t.Context(), crowd, ""); return err }},
		{backlinks.JobAnchors, func() error { _, err := c.Anchors(t.Context(), crowd, ""); return err }},
		{backlinks.JobOverview, func() error { _, _, err := c.Overview(t.Context(), crowd, month.To); return err }},
		{backlinks.JobAuthority, func() error {
			_, _, err := c.Snapshot(t.Context(), crowd, month.To, backlinks.AuthorityPart)
			return err
		}},
		{backlinks.JobAuthorityHistory, func() error {
			_, _, err := c.AuthorityHistory(t.Context(), crowd, month.To-730, month.To)
			return err
		}},
		{backlinks.JobRefDomainHistory, func() error {
			_, _, err := c.RefDomainHistory(t.Context(), crowd, month.To-730, month.To)
			return err
		}},
	} {
		sent, used := len(srv.Requests()), srv.UnitsUsed()
		if err := tt.ask(); err != nil {
			t.Errorf("%s: %v", tt.job, err)
			continue
		}
		requests := srv.Requests()[sent:]
		if got, want := (backlinks.Cost{Requests: len(requests), Units: srv.UnitsUsed() - used}), c.Price(tt.job, requests[0].Rows); got != want {
			t.Errorf("%s of %d rows: charged %+v, told %+v", tt.job, requests[0].Rows, got, want)
		}
	}
}

func TestV3LearnsThePlansRows(t *testing.T) {
	for _, set := range []Set{V3, Auto} {
		srv, c := fakeV3(t, func(s *ahrefstest.Server) { s.Plan = ahrefstest.Lite }, func(o *Options) { o.Set = set })
		found, _, _ := february(srv.World, 250, rand.New(rand.NewPCG(7, 8)))
		requests := 0
		got, err := pages(t, 9, func(cursor string) (backlinks.LinkPage, error) {
			p, err := c.NewLinks(t.Context(), backlinks.Window{Target: crowd, From: month.From, To: month.To, Cursor: cursor})
			requests += p.Cost.Requests
			return p, err
		})
		if err != nil || !slices.Equal(named(got), found) || requests != len(srv.Requests()) {
			t.Errorf("%s: %d links in %d requests, %d counted; %v", set, len(got), len(srv.Requests()), requests, err)
		}
		refused := 0
		for _, r := range srv.Requests() {
			if r.Status != 200 {
				refused++
			}
		}
		// With auto, the plan was read from the account and nothing had to be refused.
		if want := map[Set]int{V3: 1, Auto: 0}[set]; refused != want {
			t.Errorf("%s: %d requests refused, want %d", set, refused, want)
		}
	}
}

func TestAutoAgainstTheFake(t *testing.T) {
	for sets, want := range map[ahrefstest.Sets]Set{ahrefstest.Playbook: Playbook, ahrefstest.V3: V3, ahrefstest.Both: V3} {
		srv, c := fakeV3(t, func(s *ahrefstest.Server) { s.Sets = sets }, func(o *Options) { o.Set = Auto })
		if _, err := c.NewLinks(t.Context(), month); err != nil || c.Set() != want || len(srv.Requests()) != 2 {
			t.Errorf("%v: %s after %d requests, %v", sets, c.Set(), len(srv.Requests()), err)
		}
	}
}

// Faults in the middle of a list: what comes after them is the same set.
func TestV3FaultsInAList(t *testing.T) {
	for name, f := range map[string]ahrefstest.Fault{
		"429": ahrefstest.TooMany(""), "500": ahrefstest.Status(500, "oops"), "broken off": ahrefstest.Drop(), "cut": ahrefstest.CutJSON(),
		"null": ahrefstest.Null(), "{}": ahrefstest.EmptyObject(), "null list": ahrefstest.NullList(), "HTML": ahrefstest.HTML(),
		"empty list": ahrefstest.Body("application/json", `{"backlinks":[]}`), "other case": ahrefstest.OtherCase("url_from"),
		"wrong types": ahrefstest.WrongTypes("last_seen"), "no date": ahrefstest.WithoutField("last_seen"),
	} {
		t.Run(name, func(t *testing.T) {
			srv, c := fakeV3(t, nil, pageSize(7))
			_, lost, _ := february(srv.World, 90, rand.New(rand.NewPCG(9, 10)))
			srv.FaultAt(2, f)
			var got []backlinks.Link
			failed := 0
			for cursor, more := "", true; more; more = cursor != "" {
				p, err := c.LostLinks(t.Context(), backlinks.Window{Target: crowd, From: month.From, To: month.To, Cursor: cursor})
				if err != nil {
					if failed++; failed > 1 {
						t.Fatal(err)
					}
					continue // again from the last complete page; cursor is not empty here
				}
				got, cursor = append(got, p.Links...), p.Next
			}
			if !slices.Equal(named(got), lost) {
				t.Errorf("%d losses, want %d", len(got), len(lost))
			}
		})
	}
}
