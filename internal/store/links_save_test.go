package store_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

func d(s string) day.Day {
	v, err := day.Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

// link is a live followed text link to the site's home page.
func link(from, first string) backlinks.Link {
	return backlinks.Link{SourceURL: from, TargetURL: "https://brand.example/", Anchor: "Brand", Kind: backlinks.KindText,
		Nofollow: backlinks.No, Authority: 50, Metric: backlinks.DR, FirstSeen: d(first), LastSeen: d(first), Provider: "ahrefs"}
}

func seq(links ...backlinks.Link) iter.Seq2[backlinks.Link, error] {
	return func(yield func(backlinks.Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func addSite(t *testing.T, st *store.Store) store.Site {
	t.Helper()
	site, err := st.CreateSite(t.Context(), "brand.example")
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func save(t *testing.T, st *store.Store, site store.Site, links ...backlinks.Link) store.LinkOutcome {
	t.Helper()
	out, err := st.SaveLinks(t.Context(), site.ID, seq(links...), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole(t, st)
	return out
}

// whole fails the test when any stored figure disagrees with its rows.
func whole(t *testing.T, st *store.Store) {
	t.Helper()
	found, err := st.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Error(p.What)
	}
}

func with(l backlinks.Link, change func(*backlinks.Link)) backlinks.Link {
	change(&l)
	return l
}

func lost(l backlinks.Link, on string, why backlinks.LostReason) backlinks.Link {
	l.LostOn, l.LostReason, l.LostSaid = d(on), why, string(why)
	return l
}

const linkState = `SELECT source_url, anchor, first_seen, last_seen, lost_on, lost_reason FROM link ORDER BY source_url`

func TestOneLinkHoweverItIsSpelt(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	a := link("http://www.outlet.example/post/?utm_source=x", "2026-01-05")
	out := save(t, st, site, a, with(a, func(l *backlinks.Link) { l.SourceURL = "https://outlet.example/post" }))
	if out.New != 1 || out.Repeats != 1 {
		t.Errorf("new %d, repeats %d; want 1 and 1", out.New, out.Repeats)
	}
	out = save(t, st, site, with(a, func(l *backlinks.Link) {
		l.SourceURL, l.Provider, l.FirstSeen, l.LastSeen = "https://outlet.example/post/#top", "other", d("2026-01-02"), d("2026-02-01")
	}))
	if out.New != 0 || out.Changed != 1 {
		t.Errorf("a second provider: new %d, changed %d; want 0 and 1", out.New, out.Changed)
	}
	want := "http://www.outlet.example/post/?utm_source=x | Brand | 2026-01-02 | 2026-02-01 |  | "
	if got := testkit.Rows(t, st, linkState); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := testkit.Rows(t, st, `SELECT provider, first_seen, last_seen FROM sighting ORDER BY provider`),
		"ahrefs | 2026-01-05 | 2026-01-05\nother | 2026-01-02 | 2026-02-01"; got != want {
		t.Errorf("sightings\n%s\nwant\n%s", got, want)
	}
}

func TestSameFileTwiceChangesNothing(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	a := link("https://a.example/x", "2026-01-05")
	file := []backlinks.Link{a, lost(link("https://b.example/y", "2026-01-06"), "2026-02-01", backlinks.PageGone),
		with(a, func(l *backlinks.Link) { l.Anchor = "Another anchor" }), // the page links twice
		with(a, func(l *backlinks.Link) { l.Anchor, l.LastSeen = "Newer", d("2026-02-02") })}
	save(t, st, site, file...)
	const all = `SELECT * FROM link ORDER BY id`
	before := testkit.Rows(t, st, all)
	for range 2 {
		out := save(t, st, site, file...)
		if out.New+out.Changed != 0 || out.Same != 2 {
			t.Errorf("again: %+v; want 2 unchanged", out)
		}
		slices.Reverse(file)
	}
	if after := testkit.Rows(t, st, all); after != before {
		t.Errorf("rows changed\n%s\n%s", before, after)
	}
}

func TestLossAndReturnInAnyOrder(t *testing.T) {
	base := link("https://a.example/x", "2026-01-05")
	gone := lost(with(base, func(l *backlinks.Link) { l.LastSeen = d("2026-01-20") }), "2026-01-25", backlinks.LinkRemoved)
	back := with(base, func(l *backlinks.Link) { l.LastSeen = d("2026-02-10") })
	overlap := base // a pull of new links says it again, without a word about the loss
	for _, tc := range []struct {
		name   string
		states []backlinks.Link
		want   string
	}{
		{"lost", []backlinks.Link{base, gone}, "2026-01-05 | 2026-01-20 | 2026-01-25 | link_removed"},
		{"an old report does not bring it back", []backlinks.Link{base, gone, overlap}, "2026-01-05 | 2026-01-20 | 2026-01-25 | link_removed"},
		{"seen later: back", []backlinks.Link{base, gone, back}, "2026-01-05 | 2026-02-10 |  | "},
		{"an old loss does not take it again", []backlinks.Link{base, back, gone}, "2026-01-05 | 2026-02-10 |  | "},
		{"lost without a day", []backlinks.Link{with(base, func(l *backlinks.Link) { l.LostReason = backlinks.NoIndex })}, "2026-01-05 | 2026-01-05 | 2026-01-05 | noindex"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			st, _ := open(t)
			site := addSite(t, st)
			for _, s := range tc.states {
				save(t, st, site, s)
			}
			if got := testkit.Rows(t, st, `SELECT first_seen, last_seen, lost_on, lost_reason FROM link`); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if n := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); n != "1" {
				t.Errorf("%s rows for one link", n)
			}
		})
	}
}

func TestReinstatedLinkKeepsItsCredit(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-01")
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
	l := link("https://outlet.example/post", "2026-01-10")
	save(t, st, site, l)
	save(t, st, site, lost(l, "2026-01-20", backlinks.PageGone))
	out := save(t, st, site, with(l, func(l *backlinks.Link) { l.LastSeen = d("2026-02-01") }))
	if out.Reinstated != 1 {
		t.Errorf("reinstated %d, want 1", out.Reinstated)
	}
	if got, want := testkit.Rows(t, st, `SELECT pitch_id, state FROM credit`), rowOf(p.ID, "auto"); got != want {
		t.Errorf("credit %s, want %s", got, want)
	}
	if got := testkit.Rows(t, st, `SELECT kind FROM link_event ORDER BY id`); got != "lost\nreinstated" {
		t.Errorf("history %q", got)
	}
}

func TestUnkeyableSourceIsKeptWithTheReason(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	out := save(t, st, site, link("http://192.0.2.7/x", "2026-01-05"), link("http://user:pass@outlet.example/", "2026-01-05"))
	if out.New != 2 || out.Unkeyed != 2 {
		t.Fatalf("%+v; want 2 new, both without a key", out)
	}
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Rows {
		if r.Unkeyed == "" || r.Outlet != "" {
			t.Errorf("%s: outlet %q, reason %q", r.SourceURL, r.Outlet, r.Unkeyed)
		}
	}
}

func TestABrokenSourceLeavesNothing(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	cut := errors.New("the file is cut")
	broken := func(yield func(backlinks.Link, error) bool) {
		if yield(link("https://a.example/", "2026-01-05"), nil) {
			yield(backlinks.Link{}, cut)
		}
	}
	if _, err := st.SaveLinks(t.Context(), site.ID, broken, false, nil); !errors.Is(err, cut) {
		t.Fatalf("error %v, want the source's", err)
	}
	if got := testkit.Rows(t, st, `SELECT (SELECT COUNT(*) FROM link), (SELECT COUNT(*) FROM refdomain), (SELECT COUNT(*) FROM daily)`); got != "0 | 0 | 0" {
		t.Errorf("left behind: %s", got)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'link'`); got != "3" {
		t.Errorf("%s indexes on link, want 3", got)
	}
}

func TestDryRunCountsAndKeepsNothing(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-01")
	links := []backlinks.Link{link("https://outlet.example/post", "2026-01-10"), link("https://else.example/", "2026-01-10")}
	dry, err := st.SaveLinks(t.Context(), site.ID, seq(links...), true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); got != "0" {
		t.Fatalf("a dry run stored %s links", got)
	}
	if wet := save(t, st, site, links...); wet != dry {
		t.Errorf("dry run said %+v, import did %+v", dry, wet)
	}
}

func TestFiguresOfDomains(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-01")
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"), link("https://news.outlet.example/2", "2026-01-12"),
		link("https://ann.substack.com/p/x", "2026-01-10"), link("https://bob.substack.com/p/x", "2026-01-11"))
	want := "outlet.example | 2026-01-10 | outreach | 2 | 2\nsubstack.com | 2026-01-10 | organic | 2 | 2"
	if got := testkit.Rows(t, st, `SELECT domain, first_seen, class, links, live_links FROM refdomain ORDER BY domain`); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	added, err := st.SaveRefDomains(t.Context(), site.ID, []backlinks.RefDomain{
		{Domain: "outlet.example", Links: 9, FirstSeen: d("2025-12-01"), Authority: 61, Metric: backlinks.DR}, {Domain: "new.example", Links: 1, FirstSeen: d("2026-01-02")}})
	if err != nil || added != 1 {
		t.Fatalf("added %d, %v; want 1", added, err)
	}
	whole(t, st)
	want = "new.example | 2026-01-02 | 1\noutlet.example | 2025-12-01 | 9\nsubstack.com | 2026-01-10 | -1"
	if got := testkit.Rows(t, st, `SELECT domain, first_seen, said_links FROM refdomain ORDER BY domain`); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func logPitch(t *testing.T, st *store.Store, site store.Site, outlet, sent string) pitches.Pitch {
	t.Helper()
	p, err := st.CreatePitch(t.Context(), admin, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: outlet}, Subject: "An idea", Status: pitches.Pitched, SentOn: d(sent)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCreateSite(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	for typed, kind := range map[string]fault.Kind{"https://www.Brand.example/about": fault.Conflict, "": fault.Invalid, "192.0.2.1": fault.Invalid, "co.uk": fault.Invalid} {
		if _, err := st.CreateSite(t.Context(), typed); fault.KindOf(err) != kind {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if got, err := st.SiteByHost(t.Context(), "WWW.brand.example."); err != nil || got.ID != site.ID {
		t.Errorf("by host: %v, %v", got, err)
	}
	if _, err := st.SiteByHost(t.Context(), "other.example"); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "other.example") {
		t.Errorf("an unknown site: %v", err)
	}
}

// A loss says nothing new of the domain: the rating that a later link brought stays.
func TestLossLeavesTheRatingOfItsDomain(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	old := link("https://outlet.example/old", "2026-01-10")
	old.Authority, old.Metric = 40, backlinks.DR
	newer := link("https://outlet.example/new", "2026-02-10")
	newer.Authority, newer.Metric = 55, backlinks.DR
	save(t, st, site, old)
	save(t, st, site, newer)
	old.LostOn, old.LostReason = d("2026-02-20"), backlinks.LinkRemoved
	save(t, st, site, old)
	if got := testkit.Rows(t, st, `SELECT authority, live_links FROM refdomain`); got != "55.0 | 1" && got != "55 | 1" {
		t.Errorf("authority and live links %s, want 55 and 1", got)
	}
	newer.Authority, newer.LastSeen = 58, d("2026-03-01")
	save(t, st, site, newer)
	if got := testkit.Rows(t, st, `SELECT authority FROM refdomain`); got != "58.0" && got != "58" {
		t.Errorf("authority %s, want 58", got)
	}
}

// The first link of a domain is the earliest, in whatever order links come, also where
// a provider has seen the domain before any of them.
func TestFirstLinkOfADomainSeenBefore(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	_, err := st.SaveRefDomains(t.Context(), site.ID, []backlinks.RefDomain{{Domain: "club.example", Links: 9, FirstSeen: d("2025-12-01")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2026-03-10", "2026-01-10", "2026-02-10"} {
		save(t, st, site, link("https://club.example/"+day, day))
	}
	got := testkit.Rows(t, st, `SELECT r.first_seen, l.source_url, r.links FROM refdomain r JOIN link l ON l.id = r.first_link_id`)
	if want := "2025-12-01 | https://club.example/2026-01-10 | 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
