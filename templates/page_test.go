package templates_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	. "landed/templates"
)

// every page, whatever stands on it
func TestPagesKeepTheRules(t *testing.T) {
	for name, c := range pages(t) {
		t.Run(name, func(t *testing.T) {
			d := render(t, c)
			checkPolicy(t, d)
			checkForms(t, d)
			checkHeadings(t, d)
			checkReferences(t, d)
		})
	}
}

// checkPolicy finds what a strict Content-Security-Policy would block.
func checkPolicy(t *testing.T, d *goquery.Document) {
	t.Helper()
	d.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") ||
				strings.HasPrefix(strings.ToLower(a.Val), "javascript:") || a.Key == "hx-vals" && strings.HasPrefix(a.Val, "js:") ||
				a.Key == "hx-trigger" && strings.Contains(a.Val, "[") {
				t.Errorf("<%s %s=%q>", goquery.NodeName(s), a.Key, a.Val)
			}
		}
	})
	if n := d.Find("style").Length(); n > 0 {
		t.Errorf("%d <style> elements", n)
	}
	d.Find("script").Each(func(_ int, s *goquery.Selection) {
		src, ok := s.Attr("src")
		if typ, _ := s.Attr("type"); !ok && typ != "application/json" {
			t.Errorf("inline script: %.60s", s.Text())
		} else if ok && !strings.HasPrefix(src, "/static/") {
			t.Errorf("script from %s", src)
		}
	})
}

func checkForms(t *testing.T, d *goquery.Document) {
	t.Helper()
	d.Find("form").Each(func(_ int, s *goquery.Selection) {
		method, action := s.AttrOr("method", ""), s.AttrOr("action", "")
		got := s.Find("input[name=csrf]").AttrOr("value", "")
		switch {
		case action == "":
			t.Error("a form without action")
		case method == "post" && got != token:
			t.Errorf("form %s has the token %q", action, got)
		case method == "get" && got != "":
			t.Errorf("form %s would put the token into the address", action)
		}
		if post := s.AttrOr("hx-post", action); post != action {
			t.Errorf("form posts to %s with script and to %s without", post, action)
		}
		if s.Find("button[type=submit], button:not([type])").Length() == 0 {
			t.Errorf("form %s cannot be sent without script", action)
		}
	})
	d.Find("[hx-post]").Each(func(_ int, s *goquery.Selection) {
		if s.Closest("form").Length() == 0 {
			t.Error("hx-post outside a form does nothing without script")
		}
	})
	d.Find("button").Each(func(_ int, s *goquery.Selection) {
		if _, ok := s.Attr("type"); !ok {
			t.Errorf("button %q has no type", strings.TrimSpace(s.Text()))
		}
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			t.Error("a button without a name")
		}
	})
	d.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && d.Find(`label[for="`+id+`"]`).Length() == 0 {
			t.Errorf("control %s %q has no label", goquery.NodeName(s), s.AttrOr("name", ""))
		}
	})
}

// checkHeadings wants one h1 and no level left out.
func checkHeadings(t *testing.T, d *goquery.Document) {
	t.Helper()
	if n := d.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1", n)
	}
	last := 1
	d.Find("main").Find("h1,h2,h3,h4").Each(func(_ int, s *goquery.Selection) {
		level := int(goquery.NodeName(s)[1] - '0')
		if level > last+1 {
			t.Errorf("%q jumps from h%d to h%d", s.Text(), last, level)
		}
		last = level
	})
}

// checkReferences wants ids once, and every reference to point at one.
func checkReferences(t *testing.T, d *goquery.Document) {
	t.Helper()
	ids := map[string]bool{}
	d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("id %q stands twice", id)
		}
		ids[id] = true
	})
	for _, attr := range []string{"for", "aria-describedby", "aria-labelledby", "popovertarget", "data-reveal", "list", "data-dialog"} {
		d.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(attr, "")) {
				if !ids[id] {
					t.Errorf("%s=%q points at nothing", attr, id)
				}
			}
		})
	}
	d.Find(`a[href^="#"], [hx-target^="#"]`).Each(func(_ int, s *goquery.Selection) {
		for _, ref := range []string{s.AttrOr("href", ""), s.AttrOr("hx-target", "")} {
			if id, ok := strings.CutPrefix(ref, "#"); ok && !ids[id] {
				t.Errorf("%s points at nothing", ref)
			}
		}
	})
}

func TestShell(t *testing.T) {
	v := shell("review", "Review")
	v.Theme, v.KeysOff, v.SSE, v.Refresh = "dark", true, true, 5
	d := render(t, within(Page(v), Head(PageHead{Title: "Review"})))
	html := d.Find("html")
	if html.AttrOr("lang", "") != "en" || html.AttrOr("data-theme", "") != "dark" || html.AttrOr("data-keys", "") != "off" {
		t.Error("attributes of <html>: ", html.Get(0).Attr)
	}
	if got := d.Find("title").Text(); got != "Review · Landed" {
		t.Errorf("title %q", got)
	}
	if s := d.Find(`nav[aria-label=Main] a[aria-current=page]`); s.Length() != 1 || s.AttrOr("id", "") != "nav-review" {
		t.Errorf("%d current links", s.Length())
	}
	if got := strings.Join(strings.Fields(d.Find("#nav-review-n").Text()), " "); got != "1,012 waiting" {
		t.Errorf("count %q", got)
	}
	if _, hidden := d.Find("#nav-pitches-n").Attr("hidden"); !hidden {
		t.Error("a count of 0 is shown")
	}
	if got := d.Find("body").AttrOr("hx-headers", ""); got != `{"X-CSRF-Token":"token-\u003c\u0026\"\u003e"}` {
		t.Errorf("hx-headers %s", got)
	}
	if d.Find(`script[src*="htmx-ext-sse"]`).Length() != 1 || !strings.Contains(d.Find("noscript").Text(), `http-equiv="refresh"`) && d.Find(`noscript meta[http-equiv=refresh]`).Length() != 1 {
		t.Error("a page with a job has no SSE or no way without script")
	}
	if d.Find(`[data-theme-set=dark][aria-pressed=true]`).Length() != 1 || d.Find(`[data-theme-set][aria-pressed=true]`).Length() != 1 {
		t.Error("the theme in use is not marked")
	}
	if d.Find(`form[action="/signout"][method=post]`).Length() != 1 {
		t.Error("no sign-out")
	}
	if first := d.Find("body").Children().First(); !first.Is("a.skip") {
		t.Error("the skip link does not come first")
	}
}

func TestReadersCannotLogPitches(t *testing.T) {
	v := shell("pitches", "Pitches")
	v.NewPitch = ""
	d := render(t, within(Page(v), Head(PageHead{Title: "Pitches"})))
	if d.Find(`[data-dialog=new-pitch], #new-pitch`).Length() != 0 {
		t.Error("the form is offered to a role that cannot use it")
	}
}

func TestSignInLoadsNoHTMX(t *testing.T) {
	if render(t, signinPage()).Find(`script[src*="htmx"]`).Length() != 0 {
		t.Error("the sign-in page loads what it does not need")
	}
}

func TestField(t *testing.T) {
	d := render(t, statesPage(t))
	in := d.Find("#e-o")
	if got := in.AttrOr("aria-describedby", ""); got != "e-o-e e-o-h" {
		t.Errorf("aria-describedby %q", got)
	}
	if in.AttrOr("aria-invalid", "") != "true" || in.AttrOr("value", "") != "the ledger post" || in.AttrOr("hx-get", "") == "" {
		t.Error("attributes: ", in.Get(0).Attr)
	}
	if _, ok := in.Attr("required"); !ok {
		t.Error("not required")
	}
	if _, ok := d.Find("#e-c").Attr("required"); ok {
		t.Error("required without being asked for")
	}
	if _, ok := d.Find("#e-p").Attr("value"); ok {
		t.Error("a password was printed back")
	}
	if got := d.Find("#e-n").Text(); got != "<b>typed</b>" {
		t.Errorf("textarea %q", got)
	}
	if got := d.Find("#e-s option[selected]").AttrOr("value", ""); got != "landed" {
		t.Errorf("selected %q", got)
	}
	if got := strings.Join(strings.Fields(d.Find("#sum").Text()), " "); got != "Two fields need another look Outlet, Cost" {
		t.Errorf("summary %q", got)
	}
	if d.Find("#sum").AttrOr("role", "") != "alert" || d.Find("#sum").AttrOr("tabindex", "") != "-1" {
		t.Error("the summary is not read out")
	}
}

func TestNothingToSayPrintsNothing(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"form errors": FormErrors("", "", nil), "chips": Chips(nil, "/"), "hidden": Hidden(nil),
	} {
		var b bytes.Buffer
		if err := c.Render(t.Context(), &b); err != nil || b.Len() > 0 {
			t.Errorf("%s: %q, %v", name, b.String(), err)
		}
	}
	if d := render(t, PagerBar(Pager{Text: "3 links"})); d.Find("nav").Length() != 0 {
		t.Error("pages of one page")
	}
}

func TestOutOfBandCountsReachBothBars(t *testing.T) {
	var b bytes.Buffer
	if err := CountsOOB(NavItem{ID: "review", Count: 11, Waits: true}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<template>`, `id="nav-review-n" hx-swap-oob="true"`, `id="tab-review-n" hx-swap-oob="true"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	d := render(t, pitchesPage())
	if d.Find("#nav-review-n, #tab-review-n").Length() != 2 {
		t.Error("the page has no such counts")
	}
}

func TestErrorsNameTheRequest(t *testing.T) {
	for _, code := range []int{400, 403, 404, 413, 429, 500, 503} {
		d := render(t, within(PlainPage(bare("x")), ErrorBody(ErrorFor(code, "req_1"))))
		if shown := strings.Contains(d.Find("main").Text(), "req_1"); shown == (code == 403 || code == 404 || code == 429) {
			t.Errorf("%d: request shown: %t", code, shown)
		}
		if strings.TrimSpace(d.Find("h1").Text()) == "" {
			t.Errorf("%d: no words", code)
		}
	}
}

func TestLockedStatusIsABadge(t *testing.T) {
	d := render(t, StatusSelect(StatusPill{ID: "1", Value: "landed", Options: statuses, Locked: true}))
	if d.Find("form").Length() != 0 || d.Find(".bdg.landed").Text() != "Landed" {
		t.Error(d.Html())
	}
}

// An icon that is not in the sprite is an empty square nobody reports.
func TestIconsExist(t *testing.T) {
	sprite, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllStringSubmatch(string(sprite), -1) {
		known[m[1]] = true
	}
	for name, c := range pages(t) {
		render(t, c).Find("use").Each(func(_ int, s *goquery.Selection) {
			if _, id, _ := strings.Cut(s.AttrOr("href", ""), "#"); !known[id] {
				t.Errorf("%s: no icon %q", name, id)
			}
		})
	}
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:Icon\(|Icon: +|MenuLink\()"([^"]+)"`).FindAllStringSubmatch(string(src), -1) {
			if !known[m[1]] {
				t.Errorf("%s: no icon %q", f, m[1])
			}
		}
	}
}
