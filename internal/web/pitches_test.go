package web

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
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

var commandLine = store.By{Name: "command line"}

// pitchDay is a day before the clock's.
func pitchDay(ago int) days.Day { return days.Of(testkit.Start) - days.Day(ago) }

// addPitch stores a pitch of the staff account, which has the id 3.
func (a *app) addPitch(outlet, subject string, more func(*pitches.Pitch)) pitches.Pitch {
	a.t.Helper()
	p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: outlet}, Subject: subject, Status: pitches.Pitched, SentOn: pitchDay(40), OwnerID: 3, Source: "typed"}
	if more != nil {
		more(&p)
	}
	p, err := a.Store.CreatePitch(a.t.Context(), commandLine, p)
	if err != nil {
		a.t.Fatal(err)
	}
	return p
}

// addLink stores a link from a page.
func (a *app) addLink(source string, more func(*backlinks.Link)) {
	a.t.Helper()
	l := backlinks.Link{SourceURL: source, TargetURL: "https://fern.example/guide", Anchor: "the guide", Title: "What they wrote", Kind: backlinks.KindText,
		Nofollow: backlinks.No, Authority: 64, Metric: backlinks.DR, FirstSeen: pitchDay(30), LastSeen: pitchDay(1), Provider: "ahrefs"}
	if more != nil {
		more(&l)
	}
	links := func(yield func(backlinks.Link, error) bool) { yield(l, nil) }
	if _, err := a.Store.SaveLinks(a.t.Context(), 1, links, false, nil); err != nil {
		a.t.Fatal(err)
	}
}

func texts(s *goquery.Selection) (list []string) {
	s.Each(func(_ int, x *goquery.Selection) { list = append(list, strings.Join(strings.Fields(x.Text()), " ")) })
	return list
}

func TestPitchListFilters(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll 100% explained", func(p *pitches.Pitch) { p.Campaign = "Spring"; p.SentOn = pitchDay(1) })
	a.addPitch("beta.example", "Hiring", func(p *pitches.Pitch) { p.OwnerID = 2; p.FollowUpOn = pitchDay(2); p.SentOn = pitchDay(2) })
	a.addPitch("gamma.example", "Overtime", func(p *pitches.Pitch) { p.Status = pitches.Landed; p.SentOn = pitchDay(50); p.LandedOn = pitchDay(10) })
	a.addPitch("delta.example", "Draft", func(p *pitches.Pitch) { p.Status = pitches.Draft; p.SentOn = 0; p.Contact = "Ann Lee" })
	b := a.as(auth.Staff)
	for query, want := range map[string]string{
		"":                                "alpha.example beta.example gamma.example delta.example",
		"?owner=me":                       "alpha.example gamma.example delta.example",
		"?owner=2":                        "beta.example",
		"?due=1":                          "beta.example",
		"?status=landed":                  "gamma.example",
		"?status=nonsense":                "alpha.example beta.example gamma.example delta.example",
		"?campaign=Spring":                "alpha.example",
		"?q=0%25":                         "alpha.example",
		"?q=ANN":                          "delta.example",
		"?q=_":                            "",
		"?from=" + pitchDay(2).String():   "alpha.example beta.example",
		"?to=" + pitchDay(30).String():    "gamma.example delta.example",
		"?from=yesterday":                 "alpha.example beta.example gamma.example delta.example",
		"?outlet=2":                       "beta.example",
		"?placed=1":                       "",
		"?status=pitched&campaign=Spring": "alpha.example",
	} {
		t.Run(query, func(t *testing.T) {
			for _, htmx := range []bool{false, true} {
				res := b.Do(testkit.Request{Path: "/pitches" + query, HTMX: htmx}).Want(200)
				if got := strings.Join(texts(res.Find("#list td.dom")), " "); got != want {
					t.Errorf("HTMX %v: %q, want %q", htmx, got, want)
				}
				if whole := strings.Contains(res.Body, "<html"); whole == htmx {
					t.Errorf("HTMX %v: a whole page is %v", htmx, whole)
				}
				if want == "" && res.Text("#list h2") != "No pitch matches these filters" {
					t.Error("an empty list does not say that the filters are why")
				}
			}
		})
	}
	page := b.Get("/pitches?owner=me&status=landed").Want(200)
	if got := texts(page.Find(".chip")); !slices.Equal(got, []string{"Landed", "Owner: Mine"}) {
		t.Errorf("chips %q", got)
	}
	if href, _ := page.Find(".chip").First().Attr("href"); href != "/pitches?owner=me" {
		t.Errorf("the first chip leads to %q", href)
	}
	if got := texts(b.Get("/pitches").Find("#views a")); !slices.Equal(got, []string{"All 4", "Mine 3", "Follow-up due 1", "Waiting for reply 2", "Accepted 0", "Landed 1"}) {
		t.Errorf("views %q", got)
	}
	res := b.Do(testkit.Request{Path: "/pitches?q=&status=landed&owner=&from=", HTMX: true})
	if got := res.Header.Get("HX-Push-Url"); got != "/pitches?status=landed" {
		t.Errorf("address after filtering %q", got)
	}
	if res.Find(`#pitch-views[hx-swap-oob]`).Length() != 1 || res.Find(`#pitch-export[hx-swap-oob]`).Length() != 1 {
		t.Error("views and export do not follow the filter")
	}
}

func TestPitchListBeforeAnyPitch(t *testing.T) {
	a := newApp(t)
	res := a.as(auth.Staff).Get("/pitches").Want(200).Has("No pitches yet")
	if res.Find(`.empty a[href="/pitches/new"]`).Length() != 1 {
		t.Error("the empty list does not lead to the form")
	}
	if a.as(auth.Viewer).Get("/pitches").Want(200).Find(`a[href="/pitches/new"]`).Length() != 0 {
		t.Error("a viewer is led to a form that is closed to them")
	}
}

func TestPitchListPages(t *testing.T) {
	a := newApp(t)
	for i := range 2*pitchesPerPage + 7 {
		a.addPitch(fmt.Sprintf("o%03d.example", i), "Same day", nil)
	}
	b := a.as(auth.Viewer)
	var seen []string
	res := b.Get("/pitches").Want(200)
	for range 3 {
		seen = append(seen, texts(res.Find("td.dom"))...)
		next, more := res.Find(`a[rel=next]`).Attr("href")
		if !more {
			break
		}
		res = b.Get(next).Want(200)
	}
	if len(seen) != 2*pitchesPerPage+7 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != len(seen) {
		t.Errorf("%d pitches on three pages, want each of %d once", len(seen), 2*pitchesPerPage+7)
	}
	prev, _ := res.Find(`a[rel=prev]`).Attr("href")
	back := texts(b.Get(prev).Want(200).Find("td.dom"))
	if !slices.Equal(back, seen[pitchesPerPage:2*pitchesPerPage]) {
		t.Error("Newer does not lead to the page before")
	}
	b.Get("/pitches?after=nonsense").Want(422)
}

func TestViewersReadOnly(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", func(p *pitches.Pitch) { p.CostCents = 12345; p.Currency = "USD" })
	b := a.as(auth.Viewer)
	list := b.Get("/pitches").Want(200)
	if list.Find("select.pill, #bulk, td.sel").Length() != 0 || list.Text(".bdg.pitched") != "Pitched" {
		t.Error("a viewer gets controls that are not for them")
	}
	one := b.Get("/pitches/1").Want(200).Lacks("123.45")
	if one.Find(`main form[method=post]`).Length() != 0 {
		t.Error("a viewer gets forms on a pitch")
	}
	b.Get("/pitches.csv").Want(200).Lacks("123.45", "Cost")
}

func TestLogAPitch(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	page := b.Get("/pitches/new").Want(200)
	if page.Find(`form[action="/pitches"] [hx-post]`).Length() != 0 || page.Find("#np-outlet[autofocus]").Length() != 1 {
		t.Error("the page is not a plain form that starts at the outlet")
	}
	b.Post("/pitches", "outlet", "https://www.Alpha.example/blog", "subject", "Payroll errors", "campaign", "Spring", "follow_up_in", "7", "status", "pitched", "sent_on", "2026-03-01").To("/pitches")
	b.Get("/pitches").Has("Pitch to ", "alpha.example saved", `action="/pitches/1/delete"`)
	got := testkit.Rows(t, a.Store, `SELECT p.subject, o.key, p.campaign, p.status, p.sent_on, p.follow_up_on, p.owner_id, p.source FROM pitch p JOIN outlet o ON o.id = p.outlet_id`)
	if want := "Payroll errors | alpha.example | Spring | pitched | 2026-03-01 | 2026-03-08 | 3 | typed"; got != want {
		t.Errorf("stored %q, want %q", got, want)
	}
	if v, _ := b.Get("/pitches/new").Find("#np-campaign").Attr("value"); v != "Spring" {
		t.Errorf("the next form has the campaign %q", v)
	}
	b.Post("/pitches", "outlet", "beta.example", "subject", "x", "then", "new").To("/pitches/new")
}

func TestLogAPitchInTheDialog(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	target := map[string]string{"HX-Target": "new-pitch-body"}
	form := b.Do(testkit.Request{Path: "/pitches/new", HTMX: true, Header: target}).Want(200).Lacks("<html", "<h1")
	if form.Find(`form[hx-post="/pitches"][hx-target="#new-pitch-body"]`).Length() != 1 || form.Find("#dnp-outlet[autofocus]").Length() != 1 {
		t.Error("not the form of the dialog")
	}
	post := func(fields ...string) *testkit.Response {
		return b.Do(testkit.Request{Path: "/pitches", Form: testkit.Form(append(fields, "dialog", "1")...), HTMX: true, Header: target})
	}
	bad := post("outlet", "the ledger post", "subject", "Payroll <b>", "cost", "9").Want(422)
	if bad.Text("#sum a") != "Outlet" || bad.Find(`#dnp-outlet[aria-invalid=true]`).Length() != 1 {
		t.Error("the form does not lead to the wrong field")
	}
	if v, _ := bad.Find("#dnp-subject").Attr("value"); v != "Payroll <b>" {
		t.Errorf("what was typed came back as %q", v)
	}
	again := post("outlet", "alpha.example", "subject", "Payroll", "campaign", "Spring", "then", "new").Want(201)
	if v, _ := again.Find("#dnp-campaign").Attr("value"); v != "Spring" {
		t.Errorf("the campaign was not kept: %q", v)
	}
	if v, _ := again.Find("#dnp-outlet").Attr("value"); v != "" {
		t.Errorf("the next form starts with the outlet %q", v)
	}
	if h := again.Header.Get("HX-Trigger"); !strings.Contains(h, "landed:pitches") || strings.Contains(h, "landed:close") {
		t.Errorf("events %s", h)
	}
	if h := post("outlet", "beta.example", "subject", "Hiring").Want(201).Header.Get("HX-Trigger"); !strings.Contains(h, "landed:close") {
		t.Errorf("events %s", h)
	}
}

func TestPitchFormRefuses(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Manager)
	for field, typed := range map[string]string{"outlet": "localhost", "subject": " ", "status": "won", "type": "spam", "sent_on": "1.3.2026", "email": "ann@", "target": "not a page",
		"cost": "free-ish", "currency": "DOLLARS", "owner": "99", "campaign": strings.Repeat("x", 300)} {
		t.Run(field, func(t *testing.T) {
			f := url.Values{"outlet": {"alpha.example"}, "subject": {"Payroll"}, "cost": {""}}
			f.Set(field, typed)
			res := b.Do(testkit.Request{Path: "/pitches", Form: f}).Want(422)
			if res.Find("#np-"+field+"[aria-invalid=true]").Length() != 1 {
				t.Errorf("the field is not marked; the summary says %q", texts(res.Find("#sum")))
			}
		})
	}
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM pitch`); got != "0" {
		t.Errorf("%s pitches stored", got)
	}
}

func TestOutletLookUp(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll errors", func(p *pitches.Pitch) { p.Status = pitches.NoReply; p.SentOn = pitchDay(41) })
	a.addPitch("beta.example", "Hiring", func(p *pitches.Pitch) { p.SentOn = pitchDay(3) })
	a.addLink("https://gamma.example/a", nil)
	b := a.as(auth.Staff)
	for typed, want := range map[string][]string{
		"alpha.example":            {"okk", "Maya Outreach pitched them 41 days ago: “Payroll errors”, no reply. Open that pitch"},
		"https://www.beta.example": {"warnk", "Maya Outreach pitched them 3 days ago: “Hiring”, no answer yet. Open that pitch"},
		"gamma.example":            {"okk", "Nobody has pitched gamma.example yet. 1 live link from them to fern.example, the first since 30 Jan 2026."},
		"medium.com":               {"warnk", "Nobody has pitched medium.com yet. Many authors write on medium.com. Add the author’s page, so that their links can be told apart."},
		"the ledger post":          {"err", ""},
		"":                         {"", ""},
	} {
		res := b.Do(testkit.Request{Path: "/outlets/lookup?outlet=" + url.QueryEscape(typed), HTMX: true}).Want(200)
		if got := strings.Join(texts(res.Find("p")), " "); want[1] != "" && got != want[1] {
			t.Errorf("%s: %q, want %q", typed, got, want[1])
		}
		if want[0] != "" && res.Find("p."+want[0]).Length() == 0 {
			t.Errorf("%s: no line of kind %s in %s", typed, want[0], res.Body)
		}
	}
	if got := b.Get("/outlets/lookup?list=1&outlet=Al"); got.Find("option").Length() != 1 || !strings.Contains(got.Body, `value="alpha.example"`) {
		t.Errorf("suggestions %s", got.Body)
	}
}

func TestProbableMistakesAreHeldBack(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll errors", nil)
	b := a.as(auth.Staff)
	twice := b.Post("/pitches", "outlet", "alpha.example", "subject", "payroll  ERRORS").Want(422)
	if twice.Find(`input[name=anyway]`).Length() != 1 {
		t.Error("there is no way to log it all the same")
	}
	b.Post("/pitches", "outlet", "alpha.example", "subject", "payroll errors", "anyway", "1").To("/pitches")
}

func TestStatusInTheRow(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", nil)
	b := a.as(auth.Staff)
	post := func(fields ...string) *testkit.Response {
		return b.Do(testkit.Request{Path: "/pitches/1/status", Form: testkit.Form(fields...), HTMX: true})
	}
	status := func() string {
		return testkit.Rows(t, a.Store, `SELECT status, landed_on, version FROM pitch`)
	}
	row := post("status", "landed", "version", "1").Want(200).Lacks("<html")
	if v, _ := row.Find("tr#p-1.new select option[selected]").Attr("value"); v != "landed" && !strings.Contains(row.Body, `id="p-1"`) {
		t.Errorf("not the row: %s", row.Body)
	}
	if got := status(); got != "landed | 2026-03-01 | 2" {
		t.Errorf("stored %s", got)
	}
	undo := row.Header.Get("HX-Trigger")
	if !strings.Contains(undo, `"text":"Status set to Landed"`) {
		t.Errorf("events %s", undo)
	}
	stale := post("status", "replied", "version", "1", "note", "x").Want(409)
	if !strings.Contains(stale.Body, `id="p-1"`) || !strings.Contains(stale.Header.Get("HX-Trigger"), `"bad":true`) {
		t.Error("a stale row is not answered with the row as it is")
	}
	if ask := post("status", "pitched", "version", "2").Want(422); ask.Find(`input[name=note]`).Length() != 1 {
		t.Errorf("going back does not ask why: %s", ask.Body)
	}
	b.Post("/pitches/1/status", "status", "pitched").Want(422).Has("<html", "Why does it go back from Landed to Pitched?")
	post("status", "nonsense").Want(422)
	post("status", "pitched", "version", "2", "note", "They took it back").Want(200)
	if got := status(); !strings.HasPrefix(got, "pitched") {
		t.Errorf("stored %s", got)
	}
	b.Get("/pitches/1").Has("They took it back")
	if b.Do(testkit.Request{Path: "/pitches/1/row", HTMX: true}).Want(200).Find("select.pill").Length() != 0 {
		t.Log("rows parse without a table")
	}
	b.Get("/pitches/1/row").To("/pitches/1")
}

func TestBulkAndUndo(t *testing.T) {
	a := newApp(t)
	for _, o := range []string{"alpha.example", "beta.example", "gamma.example"} {
		a.addPitch(o, "Payroll", nil)
	}
	all := func() string {
		return testkit.Rows(t, a.Store, `SELECT id, status, owner_id, follow_up_on, closed_on FROM pitch ORDER BY id`)
	}
	before := all()
	b := a.as(auth.Staff)
	form := testkit.Form("id", "1", "id", "2", "id", "2", "status", "no_reply", "owner", "2", "back", "/pitches?status=pitched")
	res := b.Do(testkit.Request{Path: "/pitches/bulk", Form: form, HTMX: true}).Want(200)
	if got := texts(res.Find("#list td.dom")); !slices.Equal(got, []string{"gamma.example"}) {
		t.Errorf("the list after the change has %q", got)
	}
	if want := "1 | no_reply | 2 |  | 2026-03-01\n2 | no_reply | 2 |  | 2026-03-01\n3 | pitched | 3 |  | "; all() != want {
		t.Errorf("stored\n%s", all())
	}
	b.Post("/pitches/undo/nonsense").Want(409)
	address := token(t, res.Header.Get("HX-Trigger"), `"undo":"`)
	if _, err := a.Store.MoveStatus(t.Context(), commandLine, 2, 2, pitches.Withdrawn, ""); err != nil {
		t.Fatal(err)
	}
	b.Post(address, "back", "/pitches?status=pitched").To("/pitches?status=pitched")
	b.Get("/pitches").Has("1 pitch put back; 1 pitch was changed since and left alone")
	if got, want := strings.Split(all(), "\n")[0], strings.Split(before, "\n")[0]; got != want {
		t.Errorf("after undoing %q, before %q", got, want)
	}
	b.Post(address).Want(409)
}

func TestBulkRefuses(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", func(p *pitches.Pitch) { p.Status = pitches.Landed })
	a.addPitch("beta.example", "Payroll", nil)
	b := a.as(auth.Staff)
	before := testkit.Rows(t, a.Store, `SELECT * FROM pitch`)
	for name, f := range map[string]url.Values{
		"nothing ticked":     testkit.Form("status", "landed"),
		"nothing chosen":     testkit.Form("id", "1"),
		"back without a why": testkit.Form("id", "2", "id", "1", "status", "replied"),
		"unknown owner":      testkit.Form("id", "1", "owner", "99"),
		"unknown status":     testkit.Form("id", "1", "status", "won"),
		"another pitch":      testkit.Form("id", "2", "id", "77", "status", "landed"),
	} {
		res := b.Do(testkit.Request{Path: "/pitches/bulk", Form: f, HTMX: true})
		if res.Status != 422 && res.Status != 404 || res.Header.Get("HX-Reswap") != "none" {
			t.Errorf("%s: %d, swap %q", name, res.Status, res.Header.Get("HX-Reswap"))
		}
	}
	if testkit.Rows(t, a.Store, `SELECT * FROM pitch`) != before {
		t.Error("something was changed")
	}
}

func TestEditPitch(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", func(p *pitches.Pitch) { p.CostCents = 5000; p.Currency = "EUR"; p.Bounced = true; p.Notes = "one\ntwo" })
	b := a.as(auth.Staff)
	values := func(res *testkit.Response) url.Values {
		f := url.Values{}
		res.Find("main form input[name], main form textarea[name]").Each(func(_ int, x *goquery.Selection) {
			name, _ := x.Attr("name")
			if typ, _ := x.Attr("type"); typ == "checkbox" {
				if _, on := x.Attr("checked"); !on {
					return
				}
			}
			v, _ := x.Attr("value")
			if goquery.NodeName(x) == "textarea" {
				v = x.Text()
			}
			f.Add(name, v)
		})
		res.Find("main form select").Each(func(_ int, x *goquery.Selection) {
			name, _ := x.Attr("name")
			v, _ := x.Find("option[selected]").Attr("value")
			f.Add(name, v)
		})
		return f
	}
	first := values(b.Get("/pitches/1/edit").Want(200).Lacks("50.00", "Cost"))
	row := `SELECT subject, status, cost_cents, currency, bounced, notes, owner_id FROM pitch`
	before := testkit.Rows(t, a.Store, row)
	b.Do(testkit.Request{Path: "/pitches/1/edit", Form: first}).To("/pitches/1")
	if got := testkit.Rows(t, a.Store, row); got != before {
		t.Errorf("saving the form as it came changed %q into %q", before, got)
	}
	stale := url.Values{}
	for k, v := range first {
		stale[k] = slices.Clone(v)
	}
	stale.Set("subject", "My subject")
	now := values(b.Get("/pitches/1/edit"))
	now.Set("subject", "Their subject")
	b.Do(testkit.Request{Path: "/pitches/1/edit", Form: now}).To("/pitches/1")

	clash := b.Do(testkit.Request{Path: "/pitches/1/edit", Form: stale}).Want(409).Has("Maya Outreach changed this pitch", "Their subject (theirs), My subject (yours)")
	mine := values(clash)
	if mine.Get("subject") != "My subject" {
		t.Errorf("what was typed is lost: %q", mine.Get("subject"))
	}
	b.Do(testkit.Request{Path: "/pitches/1/edit", Form: mine}).To("/pitches/1")
	if got := testkit.Rows(t, a.Store, `SELECT subject FROM pitch`); got != "My subject" {
		t.Errorf("saving mine stored %q", got)
	}
	back := values(b.Get("/pitches/1/edit"))
	back.Set("status", "draft")
	if res := b.Do(testkit.Request{Path: "/pitches/1/edit", Form: back}).Want(422); res.Find("#ep-note[aria-invalid=true]").Length() != 1 {
		t.Error("going back does not ask for a note")
	}
}

func TestDeleteAndRestore(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", nil)
	b := a.as(auth.Staff)
	b.Post("/pitches/1/delete").To("/pitches")
	b.Get("/pitches").Has("Pitch 1 deleted", `action="/pitches/1/restore"`, "No pitches yet")
	b.Get("/pitches/1").Want(404)
	b.Post("/pitches/1/restore").To("/pitches/1")
	b.Get("/pitches/1").Want(200)
}

func TestNotes(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", nil)
	b := a.as(auth.Staff)
	note := func(fields ...string) *testkit.Response {
		return b.Do(testkit.Request{Path: "/pitches/1/note", Form: testkit.Form(fields...), HTMX: true})
	}
	res := note("note", "Runs <mid> next week").Want(200)
	if res.Text("li blockquote") != "Runs <mid> next week" || res.Find("textarea[hx-swap-oob]").Length() != 1 {
		t.Errorf("answer %s", res.Body)
	}
	if empty := note("note", "  ").Want(422); empty.Header.Get("HX-Retarget") != "#nt-e" {
		t.Error("the message would land in the history")
	}
	if got := note("note", "Love it", "kind", "reply").Want(200).Header.Get("HX-Redirect"); got != "/pitches/1" {
		t.Errorf("after a reply led to %q", got)
	}
	if got := texts(b.Get("/pitches/1").Find("#tl blockquote")); !slices.Equal(got, []string{"Love it", "Runs <mid> next week"}) {
		t.Errorf("history %q", got)
	}
	if got := testkit.Rows(t, a.Store, `SELECT status, replied_on FROM pitch`); got != "replied | 2026-03-01" {
		t.Errorf("stored %s", got)
	}
}

func TestPitchShowsItsLinks(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", func(p *pitches.Pitch) { p.TargetURL = "https://fern.example/guide"; p.Status = pitches.Accepted })
	a.addLink("https://alpha.example/quiet", nil)
	a.addLink("https://alpha.example/gone", func(l *backlinks.Link) { l.LostOn, l.LostReason = pitchDay(2), backlinks.PageGone; l.Title = "<script>alert(1)</script>" })
	page := a.as(auth.Staff).Get("/pitches/1").Want(200).Lacks("<script>alert")
	if got := page.Text("#links .sub"); got != "1 live, 1 lost" {
		t.Errorf("the heading says %q", got)
	}
	if page.Text("#links .bdg.lost") != "Lost 27 Feb 2026" || !strings.Contains(page.Text("#links"), "Page not found") {
		t.Error("the lost link is not marked")
	}
	if page.Find("details .ev li").Length() < 3 {
		t.Error("there are no reasons")
	}
	form := page.Find(`form[action^="/links/"]`).First()
	for _, name := range []string{"csrf", "kind", "version", "back"} {
		if form.Find("[name="+name+"]").Length() != 1 {
			t.Errorf("the form to decide has no %s", name)
		}
	}
	if got := a.as(auth.Viewer).Get("/pitches").Text("td .bdg.lost"); got != "1 of 2 lost" {
		t.Errorf("the list says %q", got)
	}
}

func TestForeignTextIsText(t *testing.T) {
	a := newApp(t)
	evil := `"><img src=x onerror=alert(1)>`
	a.addPitch("alpha.example", evil, func(p *pitches.Pitch) {
		p.Contact, p.Campaign, p.Notes, p.Anchor, p.DeclineReason, p.Ref = evil, evil, evil, evil, evil, evil
		p.LiveURL, p.TargetURL, p.Tags, p.Email = "https://alpha.example/?q="+evil, "javascript:alert(1)", []string{evil}, `a"b@alpha.example`
	})
	b := a.as(auth.Manager)
	for _, path := range []string{"/pitches", "/pitches?q=" + url.QueryEscape(evil) + "&campaign=" + url.QueryEscape(evil), "/pitches/1", "/pitches/1/edit", "/pitches/new?from=1",
		"/pitches/new?outlet=" + url.QueryEscape(evil), "/outlets/lookup?outlet=" + url.QueryEscape(evil)} {
		res := b.Get(path)
		if res.Find("img").Length() != 0 || res.Find(`a[href^="javascript"]`).Length() != 0 {
			t.Errorf("%s: foreign text became markup", path)
		}
	}
}

func TestExportOfPitches(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "=cmd|' /C calc'!A0", func(p *pitches.Pitch) { p.CostCents = 12345; p.Currency = "USD" })
	a.addPitch("beta.example", "Hiring", func(p *pitches.Pitch) { p.Status = pitches.Replied })
	for role, costs := range map[auth.Role]bool{auth.Staff: false, auth.Manager: true} {
		res := a.as(role).Get("/pitches.csv?status=pitched").Want(200)
		if !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error("headers do not make it a file")
		}
		rows, err := csv.NewReader(strings.NewReader(res.Body)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if i := slices.Index(rows[0], "Pitch title"); i < 0 || rows[1][i] != "'=cmd|' /C calc'!A0" {
			t.Errorf("the title is %q", rows[1])
		}
		if has := slices.Contains(rows[0], "Cost"); has != costs {
			t.Errorf("%v: costs are %v", role, has)
		}
	}
}

func TestPitchEventsHideCosts(t *testing.T) {
	e := pitches.Event{Kind: "edited", To: "Cost, Notes"}
	if got := withoutCosts(e).To; got != "Notes" {
		t.Errorf("left %q", got)
	}
	if got := withoutCosts(pitches.Event{Kind: "status", To: "landed"}).To; got != "landed" {
		t.Errorf("left %q", got)
	}
}

func TestMoney(t *testing.T) {
	for want, in := range map[string]struct {
		cents int64
		code  string
	}{"$214": {21400, "USD"}, "€1,099.50": {109950, "EUR"}, "214 CHF": {21400, "CHF"}, "$0.05": {5, ""}} {
		if got := money(in.cents, in.code); got != want {
			t.Errorf("%d %s: %q, want %q", in.cents, in.code, got, want)
		}
	}
}
