package web

import (
	"encoding/csv"
	"fmt"
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

// withAssists has seven placements of Bo. Three of them Ann had a part in, whose
// pitches were sent first.
func withAssists(t *testing.T) *app {
	a := newApp(t)
	ctx, by := t.Context(), store.By{Name: "command line"}
	site, err := a.Store.Site(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	today := days.Of(testkit.Start)
	var links []backlinks.Link
	for i := range 7 {
		host := fmt.Sprintf("outlet-%d.example", i)
		for _, p := range []struct {
			who  string
			sent int
		}{{"Ann", 40}, {"Bo", 12}} {
			if p.who == "Ann" && i > 2 {
				continue
			}
			_, err := a.Store.CreatePitch(ctx, by, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: host}, Subject: p.who + " on ferns", Status: pitches.Accepted,
				SentOn: today - days.Day(p.sent), OwnerName: p.who, Campaign: "Ferns", TargetURL: "https://fern.example/guide"})
			if err != nil {
				t.Fatal(err)
			}
		}
		links = append(links, backlinks.Link{SourceURL: "https://" + host + "/ferns", TargetURL: "https://fern.example/guide", Title: "Ferns", Provider: "ahrefs", FirstSeen: today - 2, LastSeen: today - 2})
	}
	if _, err := a.Store.SaveLinks(ctx, site.ID, linksOf(links), false, nil); err != nil {
		t.Fatal(err)
	}
	page, err := a.Store.ListLinks(ctx, store.LinkFilter{Site: site.ID, Limit: 50, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Rows { // the two persons contest each other: somebody says that it was Bo
		pitch, err := a.Store.SuggestPitches(ctx, site.ID, l.Domain, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pitch {
			if p.OwnerName == "Bo" {
				if _, err := a.Store.Decide(ctx, by, l.ID, store.Confirm, p.ID, l.Credit.Version, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return a
}

func TestWhoEarnedThePlacements(t *testing.T) {
	a := withAssists(t)
	for _, tc := range []struct{ query, current, rows, rest string }{
		{"", "Last touch", "Bo 7 100.0%", "All 7"},
		{"model=last", "Last touch", "Bo 7 100.0%", "All 7"},
		{"model=nonsense", "Last touch", "Bo 7 100.0%", "All 7"},
		{"model=first", "First touch", "Bo 4 57.1%, Ann 3 42.9%", "All 7"},
		{"model=linear", "Linear", "Bo 5.5 78.6%, Ann 1.5 21.4%", "All 7"},
		{"model=linear&who=c", "Linear", "Ferns 7 100.0%", "All 7"},
		{"model=first&p=lq", "First touch", "", ""},
	} {
		page := a.as(auth.Viewer).Get("/dashboard?" + tc.query).Want(200)
		var rows []string
		page.Find("#earned tbody tr").Each(func(_ int, s *goquery.Selection) {
			s.Find(".av").Remove()
			var cells []string
			s.Find("th, td").Each(func(_ int, c *goquery.Selection) { cells = append(cells, strings.TrimSpace(c.Text())) })
			rows = append(rows, strings.TrimSpace(strings.Join(cells, " ")))
		})
		got := strings.Join(rows, ", ")
		want := tc.rows
		if tc.rest != "" {
			want += ", " + tc.rest
		}
		if got != want {
			t.Errorf("?%s: %q, want %q", tc.query, got, want)
		}
		if got := page.Text("#earned [aria-label='Credit goes to'] [aria-current]"); got != tc.current {
			t.Errorf("?%s: the page says %q, want %q", tc.query, got, tc.current)
		}
		part := a.as(auth.Viewer).Do(testkit.Request{Path: "/dashboard/earned?" + tc.query, HTMX: true}).Want(200)
		if part.Find("#earned").Length() != 1 || part.Find("h1").Length() != 0 {
			t.Errorf("?%s: HTMX got more than the card", tc.query)
		}
	}
	a.as(auth.Viewer).Get("/dashboard/earned?model=linear").Want(303).To("/dashboard?model=linear")
	a.as(auth.Viewer).Get("/dashboard/earned?from=nonsense").Want(422)
	rows := a.as(auth.Viewer).Get("/dashboard/placements?person=Ann&model=linear").Want(200)
	rows.Has("Placements of Ann", "1 of 2", "Assist")
	if n := rows.Find("tbody tr").Length(); n != 3 {
		t.Errorf("Ann's 1.5 placements lead to %d rows, want 3", n)
	}
	a.as(auth.Viewer).Get("/dashboard/placements?person=Ann&model=last").Want(200).Has("No placement here")
	a.as(auth.Viewer).Get("/dashboard/placements?owner=x").Want(422)
	a.browser().Get("/dashboard/earned.csv").Want(303)
	file := a.as(auth.Viewer).Get("/dashboard/earned.csv?model=linear").Want(200)
	got, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	if err != nil || len(got) != 3 || strings.Join(got[1], " ") != "Bo linear_touch 2026-01-01 2026-03-01 5.5" || strings.Join(got[2], " ") != "Ann linear_touch 2026-01-01 2026-03-01 1.5" {
		t.Errorf("CSV %q, %v", got, err)
	}
}
