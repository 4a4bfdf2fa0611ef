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
)

// Copies stand under their placement on the pages of link, pitch and dashboard, and
// an export says whose they are.
func TestCopiesOfPlacements(t *testing.T) {
	a := newApp(t)
	ctx, by, today := t.Context(), store.By{Name: "command line"}, days.Of(testkit.Start)
	p, err := a.Store.CreatePitch(ctx, by, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: "paper.example"}, Subject: "Ferns", Status: pitches.Accepted, SentOn: today - 20, TargetURL: "https://fern.example/guide"})
	if err != nil {
		t.Fatal(err)
	}
	var links []backlinks.Link
	for i, host := range []string{"paper.example", "copier.example", "mirror.example", "archive.example"} {
		links = append(links, backlinks.Link{SourceURL: "https://" + host + "/ferns", TargetURL: "https://fern.example/guide", Title: "Ferns survive another frozen winter", Provider: "ahrefs",
			FirstSeen: today - 10 + days.Day(i*i), LastSeen: today}) // the last one is nine days later
	}
	if _, err := a.Store.SaveLinks(ctx, 1, linksOf(links), false, nil); err != nil {
		t.Fatal(err)
	}
	of := map[string]store.LinkRow{}
	page, err := a.Store.ListLinks(ctx, store.LinkFilter{Site: 1, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Rows {
		of[strings.TrimSuffix(strings.TrimPrefix(l.SourceURL, "https://"), "/ferns")] = l
	}
	b := a.as(auth.Manager)
	original := b.Get(linkPath(of["paper.example"].ID)).Want(200)
	if n := original.Find("#copies tbody tr, section[aria-labelledby='copies-h'] tbody tr").Length(); n != 1 {
		t.Errorf("the placement shows %d copies, want 1", n)
	}
	b.Get(linkPath(of["copier.example"].ID)).Want(200).Has("A copy of a placement", "paper.example/ferns", "Another outlet showed the same title within three days")
	b.Get(linkPath(of["mirror.example"].ID)).Want(200).Lacks("A copy of a placement") // four days later
	b.Get(fmt.Sprint("/pitches/", p.ID)).Want(200).Has("Copies of its placements", "copier.example/ferns").Lacks("mirror.example")
	b.Get("/dashboard").Want(200).Lacks("k-co\"")
	with := b.Get("/dashboard?copies=1").Want(200).Has("2 pages with the placements")
	href := with.Find(".kpi:nth-child(2) dd a").AttrOr("href", "")
	if n := b.Get(href).Want(200).Has("1 copy of placements").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%s lists %d copies, want 1", href, n)
	}
	if n := b.Do(testkit.Request{Path: href, HTMX: true}).Want(200).Find("#list tbody tr").Length(); n != 1 {
		t.Errorf("HTMX got %d copies", n)
	}
	b.Get("/dashboard/copies?from=2020-01-01&to=2020-02-01").Want(200).Has("No copy here")
	b.Get("/dashboard/copies?from=x").Want(422)
	rows, err := csv.NewReader(strings.NewReader(b.Get("/backlinks.csv").Want(200).Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := len(rows[0]) - 1
	if rows[0][last] != "copy_of_link_id" {
		t.Fatalf("the last column is %q", rows[0][last])
	}
	for _, r := range rows[1:] {
		want := ""
		if strings.Contains(r[1], "copier") {
			want = fmt.Sprint(of["paper.example"].ID)
		}
		if r[last] != want {
			t.Errorf("%s is a copy of %q, want %q", r[1], r[last], want)
		}
	}
}
