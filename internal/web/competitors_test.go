package web

import (
	"context"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// rivals are two competitors of fern.example and three domains that link to them,
// one of which was pitched.
func rivals(t *testing.T) *app {
	t.Helper()
	a := newApp(t)
	ctx, by := t.Context(), store.By{Name: "Maya"}
	fillRivals(ctx, t, a.Store, by)
	p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: "daily.example"}, Subject: "Ferns", Status: pitches.Pitched, SentOn: days.Date(2026, 2, 1)}
	if _, err := a.Store.ImportPitches(ctx, by, 1, []pitches.Pitch{p}, nil, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

func fillRivals(ctx context.Context, t *testing.T, st *store.Store, by store.By) {
	t.Helper()
	links := []backlinks.Link{
		{SourceURL: "https://weekly.example/list", Authority: 71, Metric: backlinks.DR, Anchor: "=1+1", Nofollow: backlinks.Yes, FirstSeen: days.Date(2026, 2, 9)},
		{SourceURL: "https://daily.example/list", Authority: 55, Metric: backlinks.DR},
		{SourceURL: "javascript:alert(1)", Authority: 50, Metric: backlinks.DR},
		{SourceURL: "https://gazette.example/<script>", Authority: 33, Metric: backlinks.DR},
	}
	var steps []store.SyncStep
	for _, host := range []string{"rival.example", "second.example"} {
		c, err := st.AddCompetitor(ctx, by, 1, host)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, store.SyncStep{Name: store.SourceStep{Host: c.Host, Floor: c.Floor}.String()})
	}
	run, err := st.StartRun(ctx, store.NewRun{Site: 1, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	for i, host := range []string{"rival.example", "second.example"} {
		if _, err := st.SaveSourcePage(ctx, store.SyncPage{Run: run.ID, Site: 1, Step: steps[i].Name}, host, links[:4-3*i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.FinishRun(ctx, run.ID, store.SyncEnd{State: store.SyncDone}); err != nil {
		t.Fatal(err)
	}
}

func TestCompetitorLists(t *testing.T) {
	a := rivals(t)
	viewer := a.as(auth.Viewer)
	for path, rows := range map[string]int{"/competitors": 3, "/competitors?pitched=no": 2, "/competitors?competitor=second.example": 1, "/competitors?q=we": 1, "/competitors?q=no": 0} {
		for _, htmx := range []bool{false, true} {
			res := viewer.Do(testkit.Request{Path: path, HTMX: htmx}).Want(200).Lacks("<script>alert", "javascript:")
			if n := res.Find("#list tbody tr").Length(); n != rows || htmx == (res.Find("h1").Length() > 0) {
				t.Errorf("%s, htmx %v: %d rows, want %d", path, htmx, n, rows)
			}
			if rows == 0 && res.Find("#list .empty h2").Length() != 1 {
				t.Errorf("%s: nothing says why the list is empty", path)
			}
		}
	}
	for _, bad := range []string{"/competitors?competitor=other.example", "/competitors?pitched=x", "/competitors?after=x"} {
		viewer.Get(bad).Want(422)
	}
	page := viewer.Get("/competitors").Has("weekly.example", "rival.example", "second.example", "nofollow")
	if n := page.Find("form[method=post][action^='/competitors']").Length() + page.Find("#list a[href^='/pitches/new']").Length(); n != 0 {
		t.Errorf("%d things that a viewer cannot do", n)
	}
	page = a.as(auth.Staff).Get("/competitors").Want(200)
	if n := page.Find("#list a[href='/pitches/new?outlet=weekly.example']").Length(); n != 1 {
		t.Errorf("%d ways to pitch", n)
	}
	if n := page.Find("#list a[href='/pitches/1']").Length(); n != 1 {
		t.Errorf("%d links to the pitch", n)
	}
	csv := viewer.Get("/competitors.csv?pitched=no").Want(200).Body
	if lines := strings.Count(csv, "\n"); lines != 4 || strings.Contains(csv, "daily.example") || strings.Contains(csv, ",=1+1") {
		t.Errorf("%d lines\n%s", lines, csv)
	}
}

func TestCompetitorsAreAddedAndRemoved(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Manager)
	b.Get("/competitors").Want(200).Has("No competitor yet")
	for typed, says := range map[string]string{"": "", "two words": "two words", "fern.example": "own site"} {
		res := b.Post("/competitors", "host", typed).Want(422).Has(says)
		if v, _ := res.Find("#cp-host").Attr("value"); v != typed || res.Find("#cp-host[aria-invalid=true]").Length() != 1 {
			t.Errorf("%q became %q", typed, v)
		}
	}
	b.Post("/competitors", "host", "https://www.rival.example/pricing").To("/competitors")
	b.Get("/competitors").Has("rival.example", "No such domain yet", "Added")
	b.Post("/competitors", "host", "rival.example").Want(422).Has("already")
	for _, typed := range []string{"", "x", "0", "101"} {
		b.Post("/competitors/floor", "floor", typed).Want(422).Has("1 to 100")
	}
	b.Post("/competitors/floor", "floor", "45").To("/competitors")
	if v, _ := b.Get("/competitors").Find("#cp-floor").Attr("value"); v != "45" {
		t.Errorf("from DR %s", v)
	}
	b.Post("/competitors/1/remove").To("/competitors")
	b.Post("/competitors/1/remove").Want(404)
	b.Get("/competitors").Has("No competitor yet")
	a.as(auth.Staff).Post("/competitors", "host", "rival.example").Want(403)
}

func TestSyncPageNamesTheSourcesStep(t *testing.T) {
	a := rivals(t)
	a.as(auth.Manager).Get("/sync/runs/1").Want(200).Has("Sources of rival.example").Lacks("sources:30")
}
