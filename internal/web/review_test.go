package web

import (
	"context"
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

// withQueue is a workspace with n links that wait, of an outlet each; those with
// an even number are of pitches of the staff account.
func withQueue(t testing.TB, n int) *app {
	t.Helper()
	a := newApp(t)
	ctx, by := context.Background(), store.By{AccountID: 3, Name: "Maya Outreach"}
	for i := range n {
		_, err := a.Store.CreatePitch(ctx, by, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: fmt.Sprintf("paper%d.example", i)}, Subject: fmt.Sprintf("Story %d", i),
			Status: pitches.Pitched, SentOn: days.Date(2025, 10, 1), OwnerID: int64(3 - i%2), Contact: "Ann Vale"})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := a.Store.SaveLinks(ctx, 1, func(yield func(backlinks.Link, error) bool) {
		for i := range n {
			if !yield(backlinks.Link{SourceURL: fmt.Sprintf("https://paper%d.example/story", i), TargetURL: "https://fern.example/", Title: fmt.Sprintf("Page %d", i), Anchor: "ferns",
				Authority: float64(90 - i), Metric: backlinks.DR, FirstSeen: days.Date(2026, 1, 20), LastSeen: days.Date(2026, 2, 20), Provider: "ahrefs"}, nil) {
				return
			}
		}
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// caseForm are the hidden values of the form that decides.
func caseForm(r *testkit.Response) (action string, fields []string) {
	form := r.Find("form#decide").First()
	action, _ = form.Attr("action")
	for _, name := range []string{"link", "version"} {
		v, _ := form.Find("input[name=" + name + "]").Attr("value")
		fields = append(fields, name, v)
	}
	return action, fields
}

func current(r *testkit.Response) string { return r.Text(".q a[aria-current] b") }

func TestReviewQueue(t *testing.T) {
	a := withQueue(t, 6)
	b := a.as(auth.Staff)
	page := b.Get("/review").Want(200)
	if got := page.Text("nav.side [aria-current=page]"); got != "Review6 waiting" {
		t.Errorf("navigation %q", got)
	}
	if got := current(page); got != "paper0.example" { // equal scores: the highest DR first
		t.Errorf("first %s", got)
	}
	page.Has("6 left", "Page 0", "Story 0", "Ann Vale", "1 Oct 2025", `data-key="y"`, `data-key="d"`, `data-key="r"`, `data-key="s"`, `data-key="z"`, `data-key="o"`, `data-key="m"`, `data-key="l"`)
	if n := page.Find("#why-h ~ ul.ev > li .w").Length(); n < 3 {
		t.Errorf("%d reasons with points", n)
	}
	for path, want := range map[string]string{
		"/review?mine=1":               "paper0.example paper2.example paper4.example",
		"/review?q=www.paper3.example": "paper3.example",
		"/review?band=likely":          "paper0.example paper1.example paper2.example paper3.example paper4.example paper5.example",
		"/review?band=strong":          "",
		"/review?band=contested":       "",
		"/review?band=possible":        "",
		"/review?from=2026-01-21":      "",
		"/review?mine=1&to=2026-01-20": "paper0.example paper2.example paper4.example",
	} {
		res := b.Get(path).Want(200)
		var got []string
		res.Find(".q b").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if want == "" {
			res.Has("Nothing waits under these filters")
		}
		if strings.Contains(path, "?") && res.Find("a.chip").Length() == 0 {
			t.Errorf("%s has no chip", path)
		}
	}
	b.Get("/review?band=sure").Want(422)
	b.Get("/review?from=soon").Want(422)
	b.Get("/review?q=paper").Want(422).Has("No such outlet")
	b.Get("/review?link=99").Want(404)
	a.as(auth.Viewer).Get("/review").Want(403)
	if got := a.as(auth.Viewer).Get("/backlinks").Find("#nav-review").Length(); got != 0 {
		t.Error("a viewer is led to the queue")
	}
}

func TestReviewDecisions(t *testing.T) {
	a := withQueue(t, 4)
	b := a.as(auth.Staff)
	htmx := func(path string, form ...string) *testkit.Response {
		return b.Do(testkit.Request{Method: "POST", Path: path, HTMX: true, Form: testkit.Form(form...)})
	}
	page := b.Get("/review?mine=").Want(200)
	action, fields := caseForm(page)
	next := htmx(action, append(fields, "kind", "confirm", "note", "They told me")...).Want(200)
	if current(next) != "paper1.example" || next.Find("#rv").Length() != 1 || next.Find("h1").Length() != 0 {
		t.Errorf("not the next case:\n%s", next.Body)
	}
	next.Has("3 of 4 left", `id="nav-review-n"`, `id="rv-live"`, "Now: paper1.example")
	if !strings.Contains(next.Header.Get("HX-Trigger"), "Confirmed: Story 0, paper0.example") {
		t.Error(next.Header.Get("HX-Trigger"))
	}
	// The same form again is somebody else's by now: nothing changes, and what happened is said.
	stale := htmx(action, append(fields, "kind", "reject")...).Want(409)
	stale.Has("Not saved", "Confirmed by a person", "Maya Outreach", "You asked for: not ours")
	if got := a.credit("https://paper0.example/story"); got != "confirmed 1 landed" {
		t.Error(got)
	}
	// Without script: a redirect to the next one.
	action, fields = caseForm(next)
	next = b.Post(action, append(fields, "kind", "reject")...).Want(303)
	next = b.Get(next.Header.Get("Location")).Want(200)
	if current(next) != "paper2.example" {
		t.Errorf("after the redirect at %s", current(next))
	}
	next.Has("2 of 4 left", "Marked as not ours, paper1.example")
	// Skip goes on and comes back to the top at the end.
	skip, _ := next.Find("#rv-s").Attr("href")
	next = b.Get(skip).Want(200)
	if current(next) != "paper3.example" {
		t.Errorf("skipped to %s", current(next))
	}
	action, fields = caseForm(next)
	next = htmx(action, append(fields, "kind", "spam")...).Want(200)
	if current(next) != "paper2.example" {
		t.Errorf("after the last one at %s, want the skipped one", current(next))
	}
	// Reassign to a pitch that is searched for.
	find, _ := next.Find("#rv-q").Attr("hx-get")
	found := b.Do(testkit.Request{Path: find + "&typed=tory+3", HTMX: true}).Want(200)
	if found.Find("#rv-found li").Length() != 1 {
		t.Error(found.Body)
	}
	action, fields = caseForm(next)
	done := htmx(action, append(fields, "kind", "reassign", "pitch", "4")...).Want(200)
	done.Has("All done")
	if got := a.credit("https://paper2.example/story"); got != "confirmed 4 landed" {
		t.Error(got)
	}
	// Undo, one after the other, the latest first.
	for i, want := range []string{"paper2.example", "paper3.example", "paper1.example", "paper0.example"} {
		res := htmx("/review/undo?of=4").Want(200)
		if current(res) != want {
			t.Errorf("undo %d: at %s, want %s", i, current(res), want)
		}
	}
	htmx("/review/undo").Want(409).Has("nothing of yours to undo")
	b.Post("/review/undo").Want(409).Has("<h1")
	if got := testkit.Rows(t, a.Store, `SELECT state, COUNT(*) FROM credit GROUP BY 1`); got != "suggested | 4" {
		t.Error(got)
	}
	for _, bad := range [][]string{{"kind", "own"}, {"kind", "confirm", "link", "x", "version", "1"}, {"kind", "reassign", "link", "1", "version", "1"}} {
		htmx("/review/decide", bad...).Want(422)
	}
	a.as(auth.Viewer).Post("/review/decide", fields...).Want(403)
}

func TestReviewContestedLink(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Staff)
	res := b.Get("/review?band=contested").Want(200)
	res.Has("Two pitches claim this link", "Ferns in winter", "Ferns on a balcony", `data-key="2"`, `data-key="c"`)
	look, _ := res.Find("#rv-look").Attr("href")
	other := b.Get(look).Want(200)
	pitch, _ := other.Find("form#decide input[name=pitch]").Attr("value")
	if kind, _ := other.Find("#rv-y").Attr("value"); kind != "reassign" || pitch == "" || other.Find("#rv-d").Length() != 0 {
		t.Errorf("the next candidate is confirmed by %q of pitch %q", kind, pitch)
	}
	action, fields := caseForm(other)
	b.Post(action, append(fields, "kind", "reassign", "pitch", pitch)...).Want(303)
	if got := a.credit("https://weekly.example/winter"); got != "confirmed "+pitch+" landed" {
		t.Error(got)
	}
}

func TestDecideAll(t *testing.T) {
	a := withQueue(t, 5)
	b := a.as(auth.Staff)
	b.Get("/review").Want(200).Has("/review/all?kind=confirm")
	b.Get("/review/all").Want(422)
	b.Get("/review/all?kind=spam").Want(422)
	page := b.Get("/review/all?kind=confirm&mine=1").Want(200)
	if got := page.Text("h1"); got != "Confirm 3 links" {
		t.Error(got)
	}
	page.Has("3 pitches of fern.example will be set to landed", "My pitches’", "paper4.example")
	sum, _ := page.Find("input[name=sum]").Attr("value")
	b.Post("/review/all?mine=1", "kind", "confirm", "sum", "other").Want(409).Has("Nothing was decided", "Confirm 3 links")
	b.Post("/review/all?mine=1", "kind", "confirm", "sum", sum, "note", "checked by eye").To("/review?mine=1")
	after := b.Get("/review").Want(200)
	after.Has("3 links confirmed", "2 left")
	undo, _ := after.Find(".toast form").Attr("action")
	if got := testkit.Rows(t, a.Store, `SELECT state, COUNT(*) FROM credit GROUP BY 1`); got != "confirmed | 3\nsuggested | 2" {
		t.Error(got)
	}
	b.Post(undo, "back", "/review?mine=1").To("/review?mine=1")
	b.Get("/review").Want(200).Has("Undone: confirm, 3 links", "5 left")
	b.Post(undo).Want(303)
	b.Get("/review").Want(200).Has("undone or decided again already")
	b.Post("/review/all/9999/undo").Want(404)
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM pitch WHERE status = 'pitched'`); got != "5" {
		t.Errorf("%s pitches are as before", got)
	}
	a.as(auth.Viewer).Post("/review/all", "kind", "confirm", "sum", sum).Want(403)
}

func TestMarkOutlets(t *testing.T) {
	a := withQueue(t, 3)
	b := a.as(auth.Staff)
	page := b.Get("/review").Want(200)
	action, fields := caseForm(page)
	next := b.Do(testkit.Request{Path: action, HTMX: true, Form: testkit.Form(append(fields, "kind", "partner", "whole", "1", "note", "We swap posts")...)}).Want(200)
	if current(next) != "paper1.example" || !strings.Contains(next.Header.Get("HX-Trigger"), "paper0.example marked as a partner") {
		t.Error(next.Header.Get("HX-Trigger"))
	}
	marks := b.Get("/domains/marks").Want(200)
	marks.Has("1 outlet", "paper0.example", "We swap posts", "Maya Outreach")
	b.Get(linkPath(a.linkOf("https://paper0.example/story").ID)).Want(200).Has("Every link of paper0.example is marked as a partner’s")
	b.Get("/backlinks?state=partner").Want(200).Has("Page 0", "A partner’s")
	for _, bad := range [][]string{{}, {"outlet", "no outlet", "kind", "spam"}, {"outlet", "paper1.example", "kind", "nice"}, {"outlet", "medium.com", "kind", "spam"}} {
		res := b.Post("/domains/marks", bad...).Want(422)
		if len(bad) > 0 && res.Find(`#mk-outlet[value="`+bad[1]+`"]`).Length() != 1 {
			t.Errorf("%v: what was typed is gone", bad)
		}
		if res.Find(".err").Length() == 0 {
			t.Errorf("%v: no message", bad)
		}
	}
	b.Post("/domains/marks", "outlet", "paper1.example", "kind", "spam").To("/domains/marks")
	end, _ := marks.Find(`form[action$="/end"]`).Attr("action")
	b.Post(end).To("/domains/marks")
	b.Get("/domains/marks").Want(200).Has("no longer marked as a partner’s: 1 link is credited or suggested again", "Ended by Maya Outreach")
	b.Post(end).To("/domains/marks")
	b.Get("/domains/marks").Has("taken this mark away already")
	if got := testkit.Rows(t, a.Store, `SELECT state, COUNT(*) FROM credit GROUP BY 1`); got != "spam | 1\nsuggested | 2" {
		t.Error(got)
	}
	v := a.as(auth.Viewer)
	if n := v.Get("/domains/marks").Want(200).Find(`form[action^="/domains/marks"]`).Length(); n != 0 {
		t.Errorf("a viewer gets %d forms", n)
	}
	v.Post("/domains/marks", "outlet", "paper2.example", "kind", "spam").Want(403)
}

func TestLogPitchForALink(t *testing.T) {
	a := withQueue(t, 2)
	b := a.as(auth.Staff)
	_, err := a.Store.SaveLinks(t.Context(), 1, func(yield func(backlinks.Link, error) bool) {
		yield(backlinks.Link{SourceURL: "https://paper0.example/old", TargetURL: "https://fern.example/guide", Title: "Ferns of old", Author: "Ann Vale", FirstSeen: days.Date(2025, 6, 1), Provider: "ahrefs"}, nil)
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	list := b.Get("/review/unpitched").Want(200)
	if n := list.Find("#list tbody tr").Length(); n != 1 {
		t.Fatalf("%d links without a pitch", n)
	}
	l := a.linkOf("https://paper0.example/old")
	b.Get(linkPath(l.ID)).Want(200).Has("You know this outlet", "Log the pitch that earned it")
	href, _ := list.Find(`#list a[href^="/pitches/new"]`).Attr("href")
	form := b.Get(href).Want(200)
	for name, want := range map[string]string{"outlet": "paper0.example", "subject": "Ferns of old", "target": "https://fern.example/guide", "contact": "Ann Vale", "link": fmt.Sprint(l.ID), "version": "0",
		"sent_on": ""} {
		if got, _ := form.Find(`form[action="/pitches"] input[name=` + name + `]`).Attr("value"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	fields := []string{"link", fmt.Sprint(l.ID), "version", "0", "back", "/review/unpitched", "outlet", "paper0.example", "status", "pitched", "target", "https://fern.example/guide"}
	b.Post("/pitches", append(fields, "subject", "")...).Want(422).Has("For the link from")
	b.Post("/pitches", append(fields, "subject", "Ferns of old", "sent_on", "2025-05-20")...).To("/review/unpitched")
	if got := a.credit("https://paper0.example/old"); got != "confirmed 3 landed" {
		t.Error(got)
	}
	b.Get("/review/unpitched").Want(200).Has("the link credited to it", "Every link is explained")
	if got := testkit.Rows(t, a.Store, `SELECT sent_on, landed_on, live_url, source FROM pitch WHERE id = 3`); got != "2025-05-20 | 2025-06-01 | https://paper0.example/old | link" {
		t.Error(got)
	}
	b.Post("/pitches", append(fields, "subject", "Ferns twice", "sent_on", "2025-05-20")...).Want(409).Has("Confirmed by a person")
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM pitch`); got != "3" {
		t.Errorf("%s pitches", got)
	}
}

func TestDecisionLog(t *testing.T) {
	a := withQueue(t, 3)
	b := a.as(auth.Staff)
	for _, kind := range []string{"confirm", "reject"} {
		action, fields := caseForm(b.Get("/review"))
		b.Post(action, append(fields, "kind", kind, "note", "=1+1")...).Want(303)
	}
	admin := a.as(auth.Admin)
	res := admin.Get("/settings/decisions").Want(200)
	if n := res.Find("#log tbody tr").Length(); n != 2 {
		t.Fatalf("%d lines", n)
	}
	res.Has("paper0.example/story", "Maya Outreach", "confirmed: Story 0", "proposed: suggested 73%")
	for path, want := range map[string]int{"?kind=reject": 1, "?who=3": 2, "?who=1": 0, "?in=1": 2, "?from=2026-03-02": 0, "?to=2026-03-01": 2} {
		if n := admin.Get("/settings/decisions" + path).Want(200).Find("#log tbody tr").Length(); n != want {
			t.Errorf("%s: %d lines, want %d", path, n, want)
		}
	}
	admin.Get("/settings/decisions?kind=maybe").Want(422)
	file := admin.Get("/settings/decisions.csv?kind=confirm").Want(200)
	if lines := strings.Split(strings.TrimSpace(file.Body), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "'=1+1") {
		t.Error(file.Body)
	}
	a.as(auth.Manager).Get("/settings/decisions").Want(403)
	a.as(auth.Manager).Get("/settings/decisions.csv").Want(403)
	b.Get("/pitches/1").Want(200).Has("Decisions", "Maya Outreach")
}
