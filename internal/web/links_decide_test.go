package web

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/testkit"
)

func TestDecideOnALink(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Staff)
	const night = "https://news.journal.example/night"
	l := a.linkOf(night)
	if got := a.credit(night); got != "suggested 2 pitched" {
		t.Fatal(got)
	}
	page := linkPath(l.ID)
	res := b.Get(page).Want(200)
	res.Has("Ferns at night", "Waits for a person", "Not ours", "Confirm", `data-key="y"`)
	version := fmt.Sprint(l.Credit.Version)
	decide := func(htmx bool, fields ...string) *testkit.Response {
		return b.Do(testkit.Request{Method: "POST", Path: page + "/decide", HTMX: htmx, Form: testkit.Form(fields...)})
	}
	undo := func(r *testkit.Response) string {
		_, rest, _ := strings.Cut(r.Header.Get("HX-Trigger"), `"undo":"`)
		path, _, ok := strings.Cut(strings.ReplaceAll(rest, `\u0026`, "&"), `"`)
		if !ok {
			t.Fatal("no undo in ", r.Header.Get("HX-Trigger"))
		}
		return path
	}

	done := decide(true, "kind", "confirm", "version", version, "note", "They wrote to us").Want(200)
	if done.Find("#case").Length() != 1 || done.Find("h1").Length() != 0 {
		t.Error("not the part that is swapped")
	}
	done.Has("Confirmed by a person", "They wrote to us")
	if got := a.credit(night); got != "confirmed 2 landed" {
		t.Error(got)
	}
	// Whoever still looks at the suggestion is told of both, and nothing changes.
	stale := decide(true, "kind", "reject", "version", version).Want(409)
	stale.Has("Now: Confirmed by a person, Ferns at night", "Maya Outreach", "You asked for: not ours")
	decide(false, "kind", "reassign", "pitch", "1", "version", version).Want(409).Has("<h1", "You asked for: reassign to pitch 1")
	if got := a.credit(night); got != "confirmed 2 landed" {
		t.Error(got)
	}
	b.Do(testkit.Request{Method: "POST", Path: undo(done), Form: testkit.Form("back", "/backlinks?state=suggested")}).To("/backlinks?state=suggested")
	if got := a.credit(night); got != "suggested 2 pitched" {
		t.Error("undone: ", got)
	}
	// Reassign, reject, and back again.
	now := func() string { return fmt.Sprint(a.linkOf(night).Credit.Version) }
	decide(false, "kind", "reassign", "pitch", "1", "version", now(), "back", "/pitches/1").To("/pitches/1")
	if got := a.credit(night); got != "confirmed 1 landed" {
		t.Error(got)
	}
	rejected := decide(true, "kind", "reject", "version", now()).Want(200)
	if got := a.credit(night); strings.HasSuffix(got, " 1 landed") {
		t.Error(got)
	}
	b.Do(testkit.Request{Method: "POST", Path: undo(rejected), Form: testkit.Form()}).To(page)
	if got := a.credit(night); got != "confirmed 1 landed" {
		t.Error(got)
	}
	if log := testkit.Rows(t, a.Store, `SELECT kind, who FROM decision ORDER BY id`); log != "confirm | Maya Outreach\nundo | Maya Outreach\nreassign | Maya Outreach\nreject | Maya Outreach\nundo | Maya Outreach" {
		t.Error(log)
	}
	for _, bad := range [][]string{{"kind", "own", "version", now()}, {"kind", "reassign", "version", now()}, {"kind", "reassign", "version", now(), "pitch", "x"},
		{"kind", "confirm"}, {"kind", "confirm", "version", "-1"}, {"kind", "confirm", "version", now(), "note", strings.Repeat("x", 501)}} {
		decide(false, bad...).Want(422)
	}
	decide(false, "kind", "reassign", "version", now(), "pitch", "999").Want(404)
	b.Post("/links/99/decide", "kind", "confirm", "version", "0").Want(404)
	a.as(auth.Viewer).Post(page+"/decide", "kind", "confirm", "version", now()).Want(403)
}

func TestLinkPage(t *testing.T) {
	a := withLinks(t)
	b := a.as(auth.Staff)
	winter := linkPath(a.linkOf("https://weekly.example/winter").ID)
	res := b.Get(winter).Want(200)
	if n := res.Find("#others-h ~ ul > li").Length(); n != 1 {
		t.Errorf("%d other pitches", n)
	}
	res.Has("Contested", "Reassign to this")
	// The search for a pitch, swapped in and as a page.
	found := b.Do(testkit.Request{Path: winter + "/pitches?q=jour", HTMX: true}).Want(200)
	if found.Find("#found li").Length() != 1 || found.Find("h1").Length() != 0 || found.Find(`input[name=pitch][value="2"]`).Length() != 1 {
		t.Error(found.Body)
	}
	b.Get(winter+"/pitches?q=at+night").Want(200).Has("<h1", "Ferns at night")
	b.Get(winter + "/pitches?q=%25").Want(200).Has("No pitch of this site says all of that")
	a.as(auth.Viewer).Get(winter + "/pitches?q=jour").Want(200).Lacks("/decide")
	b.Get("/links/99").Want(404)
	b.Get("/links/x").Want(404)
	stranger := b.Get(linkPath(a.linkOf("https://stranger.example/2").ID)).Want(200)
	stranger.Has("What Ahrefs said of the loss", "tooold", "Dropped: too old", "From no pitch")
	if stranger.Find(`a[href="https://stranger.example/2"][rel~=noopener][rel~=nofollow]`).Length() == 0 {
		t.Error("the source cannot be opened")
	}
	d := b.Get("/domains/weekly.example").Want(200)
	if d.Find("#list tbody tr").Length() != 1 || d.Find("[aria-labelledby=dp-h] tbody tr").Length() != 2 {
		t.Error(d.Body)
	}
	b.Get("/domains/nowhere.example").Want(404)
	b.Get("/domains/%2e%2e%2fsettings").Want(404)
}
