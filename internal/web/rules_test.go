package web

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
)

// ruled is a workspace with one outlet, a pitch to it and the link it earned.
func ruled(t *testing.T) *app {
	t.Helper()
	a := newApp(t)
	site, err := a.Store.Site(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Store.CreatePitch(t.Context(), store.CommandLine, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "outlet.example"}, Subject: "Ferns in winter",
		Anchor: "ferns 0", Status: pitches.Pitched, SentOn: day.Date(2026, 1, 1), OwnerID: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Store.SaveLinks(t.Context(), site.ID, func(yield func(backlinks.Link, error) bool) {
		for i, source := range []string{"https://outlet.example/a", "https://jobs.outlet.example/b", "https://other.example/c"} {
			yield(backlinks.Link{SourceURL: source, TargetURL: "https://fern.example/", Anchor: fmt.Sprint("ferns ", i), Kind: backlinks.KindText, FirstSeen: day.Date(2026, 1, 10), LastSeen: day.Date(2026, 2, 1), Provider: "ahrefs"}, nil)
		}
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRulePagesAndRoles(t *testing.T) {
	a := ruled(t)
	c, err := a.Store.ProposeSubdomains(t.Context(), store.CommandLine, 1, []string{"jobs"})
	if err != nil {
		t.Fatal(err)
	}
	admin := changePath(c.ID)
	for _, x := range []struct {
		path     string
		least    auth.Role
		selector string
	}{
		{"/outlets", auth.Staff, "#list td a[href='/outlets/1']"},
		{"/outlets?q=out", auth.Staff, "#list td a[href='/outlets/1']"},
		{"/outlets?q=zzz", auth.Staff, "#list .empty"},
		{"/outlets?view=blocked", auth.Staff, "#list .empty"},
		{"/outlets/1", auth.Staff, "#op table a"},
		{"/settings/matching", auth.Admin, "input[name='weights.same_host'][value='60']"},
		{"/settings/platforms", auth.Admin, "#pt td .mono"},
		{"/settings/platforms?host=medium.com", auth.Admin, "#p-host[value='medium.com']"},
		{admin, auth.Manager, "#change"},
	} {
		for _, role := range []auth.Role{auth.Viewer, auth.Staff, auth.Manager, auth.Admin} {
			res := a.as(role).Get(x.path)
			if !role.AtLeast(x.least) {
				res.Want(403)
				continue
			}
			if res.Want(200); res.Find(x.selector).Length() == 0 {
				t.Errorf("%s as %s has no %s", x.path, role, x.selector)
			}
		}
	}
	staff := a.as(auth.Staff)
	staff.Post("/outlets/1/aliases", "alias", "other.example").Want(403)
	if page := staff.Get("/outlets/1").Want(200); page.Find("form[action$='/aliases']").Length() != 0 {
		t.Error("staff see the form of aliases")
	}
}

func TestChangeThresholdInPages(t *testing.T) {
	a := ruled(t)
	b := a.as(auth.Admin)
	if res := b.Post("/settings/matching", "credit_at", "many").Want(422); res.Find("#m-credit_at[value='many'][aria-invalid]").Length() != 1 {
		t.Error("what was typed is gone")
	}
	b.Post("/settings/matching", "credit_at", "101").Want(422)
	b.Post("/settings/matching", "credit_at", "85").Want(422)
	path := b.Post("/settings/matching", "credit_at", "97").Want(303).Header.Get("Location")
	page := b.Get(path).Want(200)
	if text := page.Find("#ch-n").Text(); !strings.Contains(text, "1 become suggestions") {
		t.Errorf("preview says %q", text)
	}
	if text := page.Find("#ex-lost").Text(); !strings.Contains(text, "outlet.example/a") || !strings.Contains(text, "Ferns in winter") {
		t.Errorf("examples %q", text)
	}
	a.as(auth.Manager).Post(path + "/apply").Want(403)
	b.Post(path + "/apply").Want(303).To(path)
	page = b.Get(path).Want(200)
	if page.Find("form[action$='/undo']").Length() != 1 || a.Store.Rules().CreditAt != 97 {
		t.Error("not applied")
	}
	b.Post(path + "/apply").Want(409)
	undo := b.Post(path + "/undo").Want(303).Header.Get("Location")
	if b.Get(undo).Want(200); a.Store.Rules().CreditAt != 85 || a.Store.Rules().Version != 3 {
		t.Errorf("rules %+v", a.Store.Rules())
	}
	b.Post(path + "/undo").Want(409)
	if text := b.Get("/settings/matching").Want(200).Find("#rh").Text(); !strings.Contains(text, "97 to 85") && !strings.Contains(text, "85 to 97") {
		t.Errorf("history %q", text)
	}
	if text := b.Get("/settings/audit").Want(200).Find("body").Text(); !strings.Contains(text, "rules_rules") {
		t.Error("the audit log does not say so")
	}
}

func TestAliasesAndSubdomainsInPages(t *testing.T) {
	a := ruled(t)
	b := a.as(auth.Manager)
	if res := b.Post("/outlets/1/aliases", "alias", "nowhere", "from", "2026-01-01").Want(422); res.Find("#o-a[value='nowhere']").Length() != 1 || res.Find("#o-f[value='2026-01-01']").Length() != 1 {
		t.Error("what was typed is gone")
	}
	b.Post("/outlets/1/aliases", "alias", "b.example", "from", "soon").Want(422)
	path := b.Post("/outlets/1/aliases", "alias", "other.example").Want(303).Header.Get("Location")
	b.Post(path + "/apply").Want(303)
	o, err := a.Store.Outlet(t.Context(), 1)
	if err != nil || len(o.Aliases) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	b.Post("/outlets/1/aliases", "do", "end", "index", "0", "alias", "else.example").Want(409)
	path = b.Post("/outlets/1/aliases", "do", "end", "index", "0", "alias", "other.example").Want(303).Header.Get("Location")
	b.Post(path + "/apply").Want(303)
	if o, _ = a.Store.Outlet(t.Context(), 1); o.Aliases[0].To != day.Date(2026, 3, 1) {
		t.Errorf("ended %+v", o.Aliases)
	}
	path = b.Post("/outlets/1/subdomains", "do", "add", "subdomain", "jobs").Want(303).Header.Get("Location")
	if text := b.Get(path).Want(200).Find("#ch-n").Text(); !strings.Contains(text, "Lost1") && !strings.Contains(text, "No longer suggested1") {
		t.Errorf("preview %q", text)
	}
	b.Post(path + "/drop").Want(303).To("/outlets/1")
	b.Post("/outlets/1/subdomains", "do", "add", "subdomain", "no such").Want(422)
}

func TestOutletContact(t *testing.T) {
	a := ruled(t)
	b := a.as(auth.Staff)
	if res := b.Post("/outlets/1", "name", "The Outlet", "no_contact", "on").Want(422); res.Find("#o-n[value='The Outlet']").Length() != 1 || res.Find("#o-r[aria-invalid]").Length() != 1 {
		t.Error("the reason was not asked for")
	}
	b.Post("/outlets/1", "name", "The Outlet", "no_contact", "on", "person", "Dana", "reason", "Asked to be left alone").Want(303).To("/outlets/1")
	if text := b.Get("/outlets/1").Want(200).Find(".note.bad").Text(); !strings.Contains(text, "Asked to be left alone (Dana).") {
		t.Errorf("note %q", text)
	}
	if text := b.Get("/outlets/lookup?outlet=outlet.example").Want(200).Find("body").Text(); !strings.Contains(text, "Asked to be left alone (Dana).") {
		t.Errorf("look-up %q", text)
	}
	if b.Get("/outlets?view=blocked").Want(200).Find("#list td a[href='/outlets/1']").Length() != 1 {
		t.Error("not among those not to contact")
	}
}

func TestPlatformsInPages(t *testing.T) {
	a := ruled(t)
	b := a.as(auth.Admin)
	if res := b.Post("/settings/platforms", "do", "put", "host", "com", "subdomains", "author").Want(422); res.Find("#p-host[value='com'][aria-invalid]").Length() != 1 {
		t.Error("what was typed is gone")
	}
	path := b.Post("/settings/platforms", "do", "put", "host", "outlet.example", "subdomains", "author", "paths", "/@*").Want(303).Header.Get("Location")
	if text := b.Get(path).Want(200).Find("#ch-n").Text(); !strings.Contains(text, "another outlet’s") && !strings.Contains(text, "another outlet's") {
		t.Errorf("preview %q", text)
	}
	b.Post(path + "/apply").Want(303)
	if page, err := a.Store.Platforms().Page("https://outlet.example/@ann/x"); err != nil || page.Outlet.Key != "outlet.example/@ann" {
		t.Errorf("%+v, %v", page, err)
	}
	path = b.Post("/settings/platforms", "do", "remove", "host", "medium.com").Want(303).Header.Get("Location")
	b.Post(path + "/apply").Want(303)
	if b.Get("/settings/platforms").Want(200).Find("form input[value='restore']").Length() != 1 {
		t.Error("no way to restore a row")
	}
	if found, err := a.Store.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}
