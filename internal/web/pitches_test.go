package web

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"os"
	"regexp"
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

// The page of the list with a pitch of each kind, as it is printed.
func TestPitchListGolden(t *testing.T) {
	a := newApp(t)
	for i, st := range pitches.Statuses {
		a.addPitch(fmt.Sprintf("o%d.example", i), "Offer "+st.Label(), func(p *pitches.Pitch) {
			p.Status, p.SentOn, p.Campaign = st, pitchDay(400*(i%2)+i), []string{"Spring", ""}[i%2]
			p.Outlet.Authority, p.Outlet.Metric = float64(40+5*i), "DR"
			if st == pitches.Pitched {
				p.FollowUpOn = pitchDay(1)
			}
		})
	}
	res := a.as(auth.Staff).Get("/pitches?owner=me").Want(200)
	got, err := goquery.OuterHtml(res.Find("main"))
	if err != nil {
		t.Fatal(err)
	}
	got = regexp.MustCompile(`(name="csrf" value=")[^"]*`).ReplaceAllString(got, "${1}TOKEN")
	got = regexp.MustCompile(`(/static/\w+)\.\w+(\.\w+)`).ReplaceAllString(got, "$1$2")
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
	const file = "testdata/pitches.golden"
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
		t.Errorf("the list is not as in %s; run with -update and look at the difference", file)
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

func TestPitchShowsItsLinks(t *testing.T) {
	a := newApp(t)
	a.addPitch("alpha.example", "Payroll", func(p *pitches.Pitch) { p.TargetURL = "https://fern.example/guide"; p.Status = pitches.Accepted })
	a.addLink("https://alpha.example/quiet", nil)
	a.addLink("https://alpha.example/gone", func(l *backlinks.Link) {
		l.LostOn, l.LostReason = pitchDay(2), backlinks.PageGone
		l.Title = "<script>alert(1)</script>"
	})
	page := a.as(auth.Staff).Get("/pitches/1").Want(200).Lacks("<script>alert")
	if got := page.Text("#links .sub"); got != "1 live, 1 lost" {
		t.Errorf("the heading says %q", got)
	}
	if page.Text("#links .bdg.lost") != "Lost 27 Feb" || !strings.Contains(page.Text("#links"), "Page not found") {
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
