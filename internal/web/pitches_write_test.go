package web

import (
	"database/sql"
	"net/url"
	"slices"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/pitches"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

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

// No page marks an outlet yet; the mark is set where it is kept.
func TestDoNotContact(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", nil)
	db, err := sql.Open("sqlite", "file:"+a.Store.Path()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE outlet SET do_not_contact = TRUE`); err != nil {
		t.Fatal(err)
	}
	offer := []string{"outlet", "alpha.example", "subject", "Hiring"}
	staff, manager := a.as(auth.Staff), a.as(auth.Manager)
	if staff.Post("/pitches", offer...).Want(422).Find("input[name=anyway]").Length() != 0 {
		t.Error("staff are offered to override the mark")
	}
	staff.Post("/pitches", append(offer, "anyway", "1")...).Want(422)
	if manager.Post("/pitches", offer...).Want(422).Find("input[name=anyway]").Length() != 1 {
		t.Error("a manager cannot override the mark")
	}
	manager.Post("/pitches", append(offer, "anyway", "1")...).To("/pitches")
	if got := staff.Get("/outlets/lookup?outlet=alpha.example").Text("p.err"); !strings.HasPrefix(got, "Marked do not contact.") {
		t.Errorf("the look-up says %q", got)
	}
}
