package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// An empty workspace on plain http on this machine, without any switch: set-up
// link, first account, first site, out and in again.
func TestFirstRun(t *testing.T) {
	needBrowser(t)
	s := serve(t, "localhost:0")
	b := openTab(t, s)

	b.open("/")
	b.at("/signin")
	b.has(".note", "not set up yet")

	b.open(s.setup)
	b.has("h1", "Create the first account")
	b.fill("#s-n", "Ada Fern")
	b.fill("#s-e", adminEmail)
	b.fill("#s-p", "too short")
	b.excuse("status of 422")
	b.follow("[data-primary]")
	b.has("#s-p-e", "15")
	if got := eval[string](b, "document.querySelector('#s-e').value"); got != adminEmail {
		t.Errorf("after an error the address is %q", got)
	}
	b.fill("#s-p", adminPassword)
	b.follow("[data-primary]")

	b.at("/setup/site")
	b.fill("#st-h", "https://www.fern.example/shop")
	b.follow("[data-primary]")
	b.until("document.querySelector('nav.side')")
	b.open("/pitches")
	b.has(".empty", "No pitches yet")
	b.quiet()

	b.press("[popovertarget='pop-me']")
	b.follow("form[action='/signout'] button")
	b.at("/signin")
	b.open("/pitches")
	b.at("/signin")

	b.fill("#email", adminEmail)
	b.fill("#pw", "not the password at all")
	b.leads(func() { b.key(kb.Enter) })
	b.has(".note.bad", "do not match")
	b.fill("#pw", adminPassword)
	b.leads(func() { b.key(kb.Enter) })
	b.at("/pitches")

	b.excuse("status of 404")
	b.open(s.setup)
	b.has("h1", "")
	if b.count("form[action='/setup/account']") != 0 {
		t.Error("the set-up link still works after the first account was made")
	}
}
