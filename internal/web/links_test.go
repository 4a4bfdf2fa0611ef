package web

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

var updateGolden = flag.Bool("update", false, "write the golden files of pages anew")

// withLinks is a workspace with pitches to four outlets and links of six.
func withLinks(t testing.TB) *app {
	t.Helper()
	a := newApp(t)
	fillLinks(t, a.Store)
	return a
}

func fillLinks(t testing.TB, st *store.Store) {
	t.Helper()
	ctx, by := context.Background(), store.By{AccountID: 3, Name: "Maya Staff"}
	pitch := func(outlet, subject string, sent days.Day, owner int64) {
		_, err := st.CreatePitch(ctx, by, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Key: outlet, Host: outlet}, Subject: subject, Status: pitches.Pitched, SentOn: sent,
			OwnerID: owner, TargetURL: "https://fern.example/guide", Contact: "Ann Vale", Campaign: "Spring"})
		if err != nil {
			t.Fatal(err)
		}
	}
	pitch("paper.example", "Ferns in the city", days.Date(2026, 1, 10), 3)   // 1: its link is credited
	pitch("journal.example", "Ferns at night", days.Date(2025, 11, 2), 3)    // 2: its link is suggested
	pitch("weekly.example", "Ferns in winter", days.Date(2026, 1, 20), 3)    // 3 and 4 contest one link
	pitch("weekly.example", "Ferns on a balcony", days.Date(2026, 1, 21), 2) // 4
	pitch("gone.example", "Ferns that went", days.Date(2025, 12, 1), 2)      // 5: credited and lost
	links := []backlinks.Link{
		{SourceURL: "https://paper.example/city", Title: "City ferns", Anchor: "a guide", FirstSeen: days.Date(2026, 1, 15)},
		{SourceURL: "https://paper.example/city", TargetURL: "https://fern.example/shop", Title: "City ferns", Anchor: "shop", FirstSeen: days.Date(2026, 1, 15)},
		{SourceURL: "https://news.journal.example/night", TargetURL: "https://fern.example/shop", Title: "<script>alert(1)</script>", Anchor: "=1+1", FirstSeen: days.Date(2026, 2, 1), Authority: 30},
		{SourceURL: "https://weekly.example/winter", Title: "Winter", Anchor: "fern", FirstSeen: days.Date(2026, 1, 25)},
		{SourceURL: "https://gone.example/x", Title: "Went", FirstSeen: days.Date(2025, 12, 5), LostOn: days.Date(2026, 2, 10), LostReason: backlinks.PageGone, LostSaid: "notfound"},
		{SourceURL: "https://stranger.example/1", Title: "Organic", Anchor: "ferns", Nofollow: backlinks.Yes, FirstSeen: days.Date(2026, 2, 20)},
		{SourceURL: "https://stranger.example/2", Title: "Dropped", FirstSeen: days.Date(2025, 6, 1), LostOn: days.Date(2026, 1, 3), LostReason: backlinks.IndexDropped, LostSaid: "tooold"},
		{SourceURL: "https://old.example/2", Title: "Failing", FirstSeen: days.Date(2025, 6, 1), LostOn: days.Date(2026, 1, 3), LostReason: backlinks.PageError, LostSaid: "pageerror"},
	}
	_, err := st.SaveLinks(ctx, 1, func(yield func(backlinks.Link, error) bool) {
		for _, l := range links {
			if l.TargetURL == "" {
				l.TargetURL = "https://fern.example/guide"
			}
			if l.Nofollow == backlinks.Unknown {
				l.Nofollow = backlinks.No
			}
			if l.Authority == 0 {
				l.Authority = 72
			}
			l.Kind, l.Metric, l.Provider = backlinks.KindText, backlinks.DR, "ahrefs"
			if !l.LostOn.Known() {
				l.LastSeen = days.Date(2026, 2, 27)
			}
			if !yield(l, nil) {
				return
			}
		}
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// linkOf is the id of the link of a source page.
func (a *app) linkOf(source string) store.LinkRow {
	a.t.Helper()
	var found store.LinkRow
	err := a.Store.EachLink(context.Background(), 1, func(l store.LinkRow) error {
		if l.SourceURL == source {
			found = l
		}
		return nil
	})
	if err != nil || found.ID == 0 {
		a.t.Fatalf("no link of %s: %v", source, err)
	}
	return found
}

// credit is state and pitch of a link, and the pitch's status.
func (a *app) credit(source string) string {
	a.t.Helper()
	c := a.linkOf(source).Credit
	status := ""
	if p, err := a.Store.Pitch(context.Background(), c.PitchID); err == nil {
		status = string(p.Status)
	}
	return fmt.Sprintf("%s %d %s", c.State, c.PitchID, status)
}

func TestLinkLists(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Viewer)
	for _, c := range []struct {
		path   string
		rows   int
		titles string // of the rows, in order
	}{
		{"/backlinks", 8, "Organic, <script>alert(1)</script>, Winter"},
		{"/backlinks?state=all", 8, ""},
		{"/backlinks?state=credited", 3, ""},
		{"/backlinks?placements=1", 2, "City ferns, Went"},
		{"/backlinks?placements=1&unreviewed=1", 2, ""},
		{"/backlinks?state=suggested", 2, ""},
		{"/backlinks?state=confirmed", 0, ""},
		{"/backlinks?state=rejected", 0, ""},
		{"/backlinks?state=none", 3, "Organic"},
		{"/backlinks?q=str", 2, "Organic, Dropped"},
		{"/backlinks?q=https://stranger.example/1", 2, ""},
		{"/backlinks?domain=stranger.example", 2, ""},
		{"/backlinks?domain=strange", 0, ""},
		{"/backlinks?dr=50", 7, ""},
		{"/backlinks?rel=follow", 7, ""},
		{"/backlinks?live=1", 5, ""},
		{"/backlinks?pitch=1", 2, ""},
		{"/backlinks?from=2026-02-01&to=2026-02-28", 2, ""},
		{"/backlinks?state=suggested&dr=50&q=w", 1, "Winter"},
		{"/lost", 3, "Went"},
		{"/lost?placements=1", 1, "Went"},
		{"/lost?reason=page_error", 1, "Failing"},
		{"/lost?reason=index_dropped&from=2026-01-01&to=2026-01-31", 1, "Dropped"},
		{"/lost?placements=1&from=2026-01-01&to=2026-01-31", 0, ""},
		{"/domains", 6, ""},
		{"/domains?class=outreach", 2, ""},
		{"/domains?class=unreviewed", 2, ""},
		{"/domains?class=organic&q=str", 1, ""},
		{"/domains?class=outreach&from=2026-01-01&to=2026-01-31", 1, ""},
	} {
		for _, htmx := range []bool{false, true} {
			res := b.Do(testkit.Request{Path: c.path, HTMX: htmx}).Want(200)
			if n := res.Find("#list tbody tr").Length(); n != c.rows {
				t.Errorf("%s: %d rows, want %d", c.path, n, c.rows)
			}
			if htmx == (res.Find("h1").Length() > 0) {
				t.Errorf("%s htmx %v: not the right part of the page", c.path, htmx)
			}
			var titles []string
			res.Find("#list tbody a.main-l[href^='/links/']").Each(func(_ int, s *goquery.Selection) { titles = append(titles, s.Text()) })
			if !strings.HasPrefix(strings.Join(titles, ", "), c.titles) {
				t.Errorf("%s: %q", c.path, titles)
			}
			if c.rows == 0 && res.Find("#list .empty h2").Length() != 1 {
				t.Errorf("%s: nothing says why the list is empty", c.path)
			}
			res.Lacks("<script>alert")
		}
	}
	for _, bad := range []string{"/backlinks?state=x", "/backlinks?dr=x", "/backlinks?pitch=-1", "/backlinks?from=yesterday", "/backlinks?after=x", "/domains?class=x", "/lost?to=32", "/domains?after=x"} {
		b.Get(bad).Want(422)
	}
}

func TestLinkListWords(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Staff)
	res := b.Get("/lost").Want(200)
	res.Has("Page not found", "Ahrefs says “notfound”", "Dropped: too old", "The index let it go", "Server error at last visit", "after 67 days")
	if n := b.Get("/lost?placements=1").Find("dl.reasons .kpi").Length(); n != 1 {
		t.Errorf("%d reasons of lost placements", n)
	}
	res = b.Get("/backlinks?state=suggested")
	if got := res.Text("nav.side [aria-current=page]"); got == "" || strings.HasPrefix(got, "Review") {
		t.Error(got)
	}
	suggested, _ := res.Find("#list a[data-why]").First().Attr("href")
	evidence := testkit.Request{Path: suggested + "/why", HTMX: true, Header: map[string]string{"HX-Current-URL": "https://landed.example/backlinks?state=suggested"}}
	part := b.Do(evidence).Want(200)
	if n := part.Find(`form[action$="/decide"]`).Length(); n != 2 {
		t.Errorf("%d forms to decide on a suggestion", n)
	}
	if back, _ := part.Find(`input[name="back"]`).Attr("value"); back != "/backlinks?state=suggested" {
		t.Errorf("a decision returns to %q", back)
	}
	if n := a.as(auth.Viewer).Do(evidence).Want(200).Find(`form[action$="/decide"]`).Length(); n != 0 {
		t.Errorf("a viewer gets %d forms to decide", n)
	}
	if res := b.Get(suggested + "/why").Want(303); res.Header.Get("Location") != suggested {
		t.Errorf("without HTMX the evidence is at %q", res.Header.Get("Location"))
	}
	sum := 0
	href, _ := b.Get("/backlinks?q=paper&pitch=1").Find("#list tbody tr a[data-why]").First().Attr("href")
	b.Do(testkit.Request{Path: href + "/why", HTMX: true}).Want(200).Find(".ev .w").Each(func(_ int, s *goquery.Selection) {
		n := 0
		fmt.Sscan(strings.ReplaceAll(s.Text(), "−", "-"), &n)
		sum += n
	})
	if want := a.linkOf("https://paper.example/city").Credit.Score; min(sum, 100) != want {
		t.Errorf("the reasons add up to %d, the score is %d", sum, want)
	}
}

// A number of the dashboard opens exactly the rows that it counts.
func TestListsHaveTheCountedRows(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Manager)
	for _, p := range [][2]days.Day{{days.Date(2026, 1, 1), days.Date(2026, 1, 31)}, {days.Date(2026, 2, 1), days.Date(2026, 2, 28)}, {days.Date(2025, 1, 1), days.Date(2026, 12, 31)}} {
		f, err := a.Store.Sum(t.Context(), 1, p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		reasons, err := a.Store.LostPlacements(t.Context(), 1, p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		span := "&from=" + p[0].String() + "&to=" + p[1].String()
		for path, want := range map[string]int{"/backlinks?state=all": f.LinksNew, "/backlinks?state=credited": f.Credited, "/backlinks?placements=1": f.Placements,
			"/backlinks?placements=1&unreviewed=1": f.Unconfirmed, "/backlinks?state=suggested": f.Suggested, "/backlinks?state=confirmed": f.Confirmed,
			"/lost?state=all": f.LinksLost, "/lost?placements=1": f.PlacementsLost, "/lost?placements=1&reason=page_gone": reasons["page_gone"],
			"/domains?class=all": f.DomainsNew, "/domains?class=outreach": f.DomainsOutreach, "/domains?class=unreviewed": f.DomainsUnreviewed, "/domains?class=organic": f.Organic()} {
			if n := b.Get(path + span).Want(200).Find("#list tbody tr").Length(); n != want {
				t.Errorf("%s%s: %d rows, counted %d", path, span, n, want)
			}
		}
	}
}

func TestLinkExports(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Viewer)
	for path, rows := range map[string]int{"/backlinks.csv": 8, "/backlinks.csv?placements=1": 2, "/lost.csv?reason=page_gone": 1, "/domains.csv?class=organic": 2} {
		res := b.Get(path).Want(200)
		all, err := csv.NewReader(strings.NewReader(res.Body)).ReadAll()
		if err != nil || len(all) != rows+1 {
			t.Errorf("%s: %d rows, %v", path, len(all)-1, err)
		}
		if !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment; filename=landed-") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error(res.Header)
		}
	}
	b.Get("/backlinks.csv").Has(",'=1+1,")
	b.Get("/backlinks.csv?dr=x").Want(422)
	if got := testkit.Rows(t, a.Store, `SELECT DISTINCT action FROM audit WHERE action = 'exported'`); got != "exported" {
		t.Error("exports are not in the audit log")
	}
}

func TestLinkPager(t *testing.T) {
	a := newApp(t)
	const n = 120
	_, err := a.Store.SaveLinks(t.Context(), 1, func(yield func(backlinks.Link, error) bool) {
		for i := range n {
			if !yield(backlinks.Link{SourceURL: fmt.Sprintf("https://p%d.example/", i), TargetURL: "https://fern.example/", FirstSeen: days.Date(2025, 1, 1) + days.Day(i/7)}, nil) {
				return
			}
		}
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := a.as(auth.Viewer)
	for _, first := range []string{"/backlinks", "/domains"} {
		var forth, back []string
		read := func(path, rel string, to *[]string) {
			for path != "" {
				res := b.Get(path).Want(200)
				*to = append(*to, strings.Join(res.Find("#list tbody tr td:first-child a.main-l").Map(func(_ int, s *goquery.Selection) string { return s.Text() }), " "))
				next, _ := res.Find(`#list a[rel="` + rel + `"]`).Attr("href")
				if next == "" {
					path = ""
					if rel == "next" {
						if prev, _ := res.Find(`#list a[rel=prev]`).Attr("href"); prev != "" {
							*to = append(*to, prev)
						}
					}
					return
				}
				path = next
			}
		}
		read(first, "next", &forth)
		if len(forth) != 4 {
			t.Fatalf("%s: %d pages", first, len(forth)-1)
		}
		read(forth[3], "prev", &back)
		if len(back) != 2 || back[0] != forth[1] || back[1] != forth[0] {
			t.Errorf("%s: going back shows other rows", first)
		}
	}
}

func TestHrefsOfForeignAddresses(t *testing.T) {
	a := newApp(t)
	for _, evil := range []string{"javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "https://user@host.example/"} {
		_, err := a.Store.SaveLinks(t.Context(), 1, func(yield func(backlinks.Link, error) bool) {
			yield(backlinks.Link{SourceURL: evil, TargetURL: "https://fern.example/", FirstSeen: days.Date(2025, 1, 1)}, nil)
		}, false, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	b := a.as(auth.Staff)
	pages := []string{"/backlinks"}
	b.Get("/backlinks").Find("#list a.main-l").Each(func(_ int, s *goquery.Selection) {
		href, _ := s.Attr("href")
		pages = append(pages, href)
	})
	if len(pages) != 5 {
		t.Fatal(pages)
	}
	for _, p := range pages {
		b.Get(p).Want(200).Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			href, _ := s.Attr("href")
			if u, err := url.Parse(href); err != nil || u.Scheme != "" && u.Scheme != "https" || u.User != nil {
				t.Errorf("%s: href %q", p, href)
			}
		})
	}
}

// Run with -update after a change that is meant.
func TestBacklinksGolden(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Staff)
	csrf := b.CSRF
	got := b.Do(testkit.Request{Path: "/backlinks?state=suggested", HTMX: true}).Want(200).Body
	got = strings.ReplaceAll(got, csrf, "CSRF")
	got = strings.ReplaceAll(got, "><", ">\n<")
	const file = "testdata/backlinks-suggested.golden"
	if *updateGolden {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the list has changed:\n%s", got)
	}
}
