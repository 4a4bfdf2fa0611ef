package templates_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"landed/static"
	. "landed/templates"
)

const token = "token-<&\">"

func shell(current, title string) Shell {
	v := Shell{
		Title: title, CSRF: token, NewPitch: "/pitches/new",
		Site: SiteSwitch{Current: "fernhill.example", Options: []SiteOption{
			{Name: "fernhill.example", Href: "/sites/1/dashboard", Current: true}, {Name: "quay.example", Href: "/sites/2/dashboard"},
		}},
		Sync:  SyncState{Text: "Synced 06:12", Title: "Last sync 24 Nov, 06:12", Href: "/sync"},
		User:  User{Name: "Ana Example", Role: "Manager", Initials: "AE"},
		Flash: []Toast{{Text: "Status set to Landed", Undo: "/undo/7", Back: "/pitches"}},
	}
	v.Nav, v.Foot, v.Tabs = MainNav(current, map[string]int{"review": 1012, "lost": 3})
	return v
}

// within renders a component with the others as its children.
func within(c templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

var statuses = []Option{{"draft", "Draft"}, {"pitched", "Pitched"}, {"replied", "Replied"}, {"accepted", "Accepted"}, {"landed", "Landed"}, {"declined", "Declined"}}

func row(id int, title, outlet, dr, band, status string) templ.Component {
	n := strconv.Itoa(id)
	subject := title + ", " + outlet
	return templ.Join(
		templ.Raw(`<tr id="p-`+n+`">`), Tick(n, subject),
		templ.Raw(`<td class="max full o0"><a class="main-l trunc" dir="auto" href="/pitches/`+n+`">`+title+`</a></td><td class="full o0 dom"><a class="url" href="/outlets/1">`+outlet+`</a></td><td>`),
		DR(dr, band), templ.Raw(`</td><td>`),
		StatusSelect(StatusPill{ID: n, Value: status, Options: statuses, Subject: subject, Action: "/pitches/" + n + "/status", Target: "#p-" + n, CSRF: token}),
		templ.Raw(`</td><td class="nw hide">`), Who(Person{Name: "Ana", Initials: "AE", Color: id}),
		templ.Raw(`</td><td class="nw num" data-l="Pitched">`), When(Time{ISO: "2026-11-04", Text: "4 Nov", Title: "4 Nov 2026"}),
		templ.Raw(`</td><td class="full max2">`),
		WhyLink(Why{Href: "/links/" + n, Conf: Confidence{"Strong", 92, ""}, State: "suggested"}),
		WhyPart(evidence),
		templ.Raw(`</td></tr>`),
	)
}

var evidence = []Evidence{
	{Text: "Link is on example.com, the outlet of this pitch", Points: "+40", Kind: "y"},
	{Text: "It points to the page we asked for,", Code: "/research/state-of-payroll", Points: "+25", Kind: "y"},
	{Text: "An older pitch to this outlet is also open", Points: "−2", Kind: "o"},
	{Text: "The page is older than the pitch", Points: "−30", Kind: "x"},
}

func pitchesPage() templ.Component {
	title := "Hiring slowed in 41 of 50 states: the payroll data"
	return within(Page(shell("pitches", "Pitches")),
		within(Head(PageHead{Title: "Pitches", LeadWith: templ.Raw("219 pitched this quarter, 38 landed: a win rate of <b>17.4%</b>."),
			Actions: []Link{{Label: "Import CSV", Href: "/import", Icon: "upload"}}}),
			within(PopMenu(Menu{ID: "export", Label: "Export", Icon: "download"}), MenuLink("file-text", "CSV of this view", "/pitches.csv"))),
		Views("Saved views", []View{{"All", "/pitches", "1,284", true}, {"Mine", "/pitches?owner=me", "312", false}}),
		within(FilterBar(Filters{Action: "/pitches", Label: "Search pitches", Placeholder: "Search title, outlet, contact", Hidden: []Option{{"mine", "view"}}}),
			FilterSelect("status", "Status", "", append([]Option{{"", "Any status"}}, statuses...)),
			within(PopMenu(Menu{ID: "more", Label: "More filters", Icon: "list-filter", Start: true, Wide: true}), Checkbox(Check{Name: "nolink", Label: "Landed without a confirmed link"}))),
		Chips([]Chip{{"pitched since 1 Sep 2026", "/pitches?since="}}, "/pitches"),
		templ.Raw(`<div class="listbox" id="list"><div class="card">`),
		within(TableBox(Table{Label: "Pitches"}),
			templ.Raw(`<thead><tr>`), TickAll(),
			Columns([]Column{{Label: "Pitch", Href: "?sort=title"}, {Label: "Outlet", Href: "?sort=outlet"}, {Label: "DR", Href: "?sort=dr"}, {Label: "Status"}, {Label: "Owner"}, {Label: "Pitched", Href: "?sort=sent", Sort: "descending"}, {Label: "Match"}}),
			templ.Raw(`</tr></thead><tbody data-rows>`),
			row(1280, "Why payroll errors cost small firms 3% of revenue", "ledger.example", "78", "a", "landed"),
			row(1279, title, "remotework.example", "64", "b", "pitched"), row(1278, title, "saasnotes.example", "", "", "replied"),
			row(1277, title, "hr.example", "41", "", "accepted"), row(1276, title, "late.example", "41", "", "draft"),
			templ.Raw(`</tbody>`)),
		PagerBar(Pager{Text: "26 to 50 of 1,284", Newer: "/pitches?before=1", Older: "/pitches?after=2"}),
		templ.Raw(`</div>`),
		within(BulkBar(Bulk{Action: "/pitches/bulk", CSRF: token, Label: "Change the selected pitches"}), templ.Raw(`<button class="btn pri s" type="submit">Apply</button>`)),
		templ.Raw(`</div>`),
		within(Dialog("save-view", "Save this view"), templ.Raw(`<p>Body</p>`)),
	)
}

func golden(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "internal", "web", "chart", "testdata", name+".golden"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "/static/icons.svg", static.URL("icons.svg"))
}

func dashboardPage(t testing.TB) templ.Component {
	return within(Page(shell("dashboard", "Dashboard")),
		within(Head(PageHead{Title: "Outreach brought 34 of 112 new referring domains", Lead: "fernhill.example, 1 October to 24 November 2026. Counts confirmed links; 12 more wait for review."}),
			within(PopMenu(Menu{ID: "period", Label: "This quarter", Icon: "calendar", Caret: true}), MenuLink("check", "This quarter", "?p=q"))),
		KPIs([]KPI{
			{ID: "placed", Label: "Placements landed", Value: "38", Change: "+9", Trend: 1, Note: "on last quarter", Href: "/backlinks?state=confirmed", Means: "Links confirmed as from a pitch, first seen in the period. As of 24 Nov 2026, 06:12."},
			{Label: "New referring domains", Value: "112", Change: "−21", Trend: -1, Note: "on last quarter"},
			{Label: "From outreach", Value: "30%", Note: "34 of 112 domains"}, {Label: "Win rate", Value: "17.4%", Note: "38 of 219 pitches"},
			{Label: "Cost per link", Value: "$214"}, {Label: "Placements lost", Value: "5", Note: "3 can be asked for", Bad: true},
		}),
		templ.Raw(`<section class="card"><div class="body">`), Figure(golden(t, "year")), templ.Raw(`</div></section><div class="cols even">`),
		within(CardBox(Card{ID: "funnel", Title: "From pitch to link", Sub: "this quarter", Link: Link{Label: "All pitches", Href: "/pitches"}}),
			templ.Raw(`<div class="body">`), Funnel([]FunnelStep{{"Pitched", "219", 100, "/pitches"}, {"Replied", "96", 44, ""}, {"Accepted", "58", 26, ""}, {"Landed", "38", 17, ""}}), templ.Raw(`</div>`)),
		within(CardBox(Card{ID: "bars", Title: "Per month"}), templ.Raw(`<div class="body">`), Figure(golden(t, "bars")), templ.Raw(`</div>`)),
		templ.Raw(`</div><div class="cols even"><section class="card"><div class="body">`), Figure(golden(t, "rating")), templ.Raw(`</div></section><section class="card"><div class="body">`),
		Figure(golden(t, "gap")), templ.Raw(`</div></section></div>`),
		templ.Raw(`<section class="card"><div class="body">`), Figure(strings.NewReplacer(`"rd"`, `"rd2"`, "#rd", "#rd2", "pop-rd", "pop-rd2").Replace(golden(t, "rival"))), templ.Raw(`</div></section>`),
	)
}

func statesPage(t testing.TB) templ.Component {
	body := func(c ...templ.Component) templ.Component {
		return templ.Join(append(append([]templ.Component{templ.Raw(`<div class="body">`)}, c...), templ.Raw(`</div>`))...)
	}
	form := templ.Join(
		templ.Raw(`<form class="body form" action="/pitches" method="post" novalidate>`), CSRF(token),
		FormErrors("", "", []FieldMessage{{ID: "e-o", Label: "Outlet"}, {ID: "e-c", Label: "Cost"}}),
		within(Input(Field{ID: "e-o", Name: "outlet", Label: "Outlet", Value: "the ledger post", Required: true, Err: "Enter a domain, such as example.com", Help: "Where it should appear.", Options: []Option{{"ledger.example", "DR 78"}}, Attrs: templ.Attributes{"hx-get": "/outlets/lookup"}})),
		templ.Raw(`<div class="two">`),
		Select(Field{ID: "e-s", Name: "status", Label: "Status", Value: "landed", Options: statuses}),
		Input(Field{ID: "e-c", Name: "cost", Label: "Cost", Optional: "USD, optional", Value: "free", InputMode: "decimal", Err: "Enter an amount such as 350 or 350.00, or leave it empty"}),
		templ.Raw(`</div>`),
		Input(Field{ID: "e-p", Name: "password", Type: "password", Label: "Password", Value: "must not be printed", Autocomplete: "new-password"}),
		Textarea(Field{ID: "e-n", Name: "notes", Label: "Notes", Value: "<b>typed</b>"}),
		Radios(Choice{Legend: "Follow up in", Name: "fu", Value: "7", Options: []Option{{"3", "3 days"}, {"7", "7 days"}}}),
		Checkbox(Check{Name: "remember", Label: "Remember these choices", Checked: true}),
		templ.Raw(`<div class="rowx"><button class="btn pri" type="submit" data-primary>Save pitch</button></div></form>`))
	return within(Page(shell("", "States")),
		Head(PageHead{Title: "States", Crumbs: []Link{{Label: "Pitches", Href: "/pitches"}, {Label: "States"}}, Lead: "Every component.",
			Steps: []Step{{Label: "Upload", Done: true}, {Label: "Match columns", Current: true}, {Label: "Check"}}}),
		templ.Raw(`<div class="cols even">`), within(CardBox(Card{ID: "s1", Title: "Form with errors"}), form),
		templ.Raw(`<div class="stack">`),
		within(CardBox(Card{ID: "s2", Title: "Messages"}), body(
			NoteBox(Note{Kind: "info", Title: "DR is read tonight", Text: "Until then they show no tier."}),
			within(NoteBox(Note{Kind: "warn", Title: "Somebody changed this pitch while you were editing", Text: "The status is now Accepted.", Alert: true}), templ.Raw(`<a href="?theirs">Keep theirs</a>`)),
			NoteBox(Note{Kind: "bad", Title: "The source did not answer", Text: "Showing what was read on 23 Nov."}), NoteBox(Note{Kind: "good", Title: "Token replaced", Text: "Tested with a free call."}))),
		within(CardBox(Card{ID: "s3", Title: "Job"}), body(
			JobBox(Job{ID: "job", Title: "Referring domains", Of: "1,020 of about 1,356", Value: 1020, Max: 1356, Help: "2,410 units used. About 1 minute left.", Events: "/sync/runs/1/events"}),
			Bar([]Share{{40.5, ""}, {11, "b3"}}), PostForm(PostButton{Action: "/sync", CSRF: token, Label: "Sync now", Icon: "refresh-cw"}))),
		within(CardBox(Card{ID: "s4", Title: "Badges"}), body(templ.Raw(`<p class="rowx">`), Badge("draft", "Draft"), Badge("pitched", "Pitched"), Badge("replied", "Replied"), Badge("accepted", "Accepted"), Badge("landed", "Landed"), Badge("lost", "Lost"), Badge("due", "Due today"), Badge("good", "Done"), Badge("fail", "Failed"), Tag("dofollow", true), Tag("nofollow", false),
			DR("82", "a"), DR("58", "b"), DR("12", ""), Conf(Confidence{"Strong", 92, ""}), Conf(Confidence{"Likely", 71, "mid"}), Conf(Confidence{"Weak", 41, "low"}), templ.Raw(`</p>`),
			Facts([]Fact{{Label: "Pitched before", Value: "7 times"}, {Label: "Page", Value: "/research", Mono: true}}, false))),
		templ.Raw(`</div></div><div class="cols even">`),
		within(CardBox(Card{ID: "s5", Title: "Why"}), body(EvidenceList(evidence))),
		within(CardBox(Card{ID: "s6", Title: "History"}), body(Timeline([]Event{
			{State: "landed", Icon: "gem", Strong: "Landed.", Text: "Link confirmed by Ana Example", Time: Time{ISO: "2026-11-13T08:41:00Z", Text: "13 Nov 2026, 08:41"}, Sub: "9 days after the pitch"},
			{State: "replied", Icon: "reply", Strong: "Reply", Text: "logged", Time: Time{Text: "6 Nov 2026"}, Quote: "Love the angle."},
			{State: "pitched", Icon: "send", Strong: "Pitched", Text: "by email", Time: Time{Text: "4 Nov 2026"}}}))),
		within(CardBox(Card{ID: "s7", Title: "Nothing"}), EmptyState(Empty{Title: "No pitch yet", Text: "Log what you sent, or import your list.", Action: Link{Label: "Log a pitch", Href: "/pitches/new", Class: "pri"}, Level: 3})),
		within(CardBox(Card{ID: "s8", Title: "Too little data"}), body(Figure(golden(t, "empty")))),
		templ.Raw(`</div>`), MenuList(shell("", "").Nav, shell("", "").Foot),
	)
}

func bare(title string) Bare { return Bare{Title: title, CSRF: token} }

func signinPage() templ.Component {
	return within(AuthPage(bare("Sign in")),
		templ.Raw(`<div class="stack s"><h1>Sign in</h1><p class="lead">landed.example</p></div>`),
		NoteBox(Note{Kind: "bad", Title: "That email and password do not match.", Text: "2 tries left.", Alert: true}),
		templ.Raw(`<form class="form" action="/signin" method="post">`), CSRF(token),
		Input(Field{ID: "email", Name: "email", Label: "Email", Type: "email", Autocomplete: "username", Required: true}),
		Input(Field{ID: "pw", Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password", Required: true, Autofocus: true, Err: "Check the password and try again."}),
		templ.Raw(`<button class="btn pri l block" type="submit" data-primary>Sign in</button></form>`))
}

func pages(t testing.TB) map[string]templ.Component {
	return map[string]templ.Component{
		"pitches": pitchesPage(), "dashboard": dashboardPage(t), "states": statesPage(t), "signin": signinPage(),
		"404":  within(Page(shell("", "Not found")), ErrorBody(ErrorFor(404, ""))),
		"500":  within(PlainPage(Bare{Title: "Something failed", CSRF: token, Home: "/"}), ErrorBody(ErrorFor(500, "req_01JD8W2M4K"))),
		"busy": within(PlainPage(bare("Busy")), ErrorBody(ErrorFor(503, "req_1"))),
	}
}

func render(t testing.TB, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	d, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestWriteGallery puts the pages into a directory to be looked at in a
// browser: LANDED_GALLERY=/tmp/gallery go test ./templates -run Gallery
func TestWriteGallery(t *testing.T) {
	dir := os.Getenv("LANDED_GALLERY")
	if dir == "" {
		t.Skip("LANDED_GALLERY is not set")
	}
	for name, c := range pages(t) {
		var b bytes.Buffer
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".html"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
