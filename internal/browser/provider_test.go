package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
)

// fakeProvider is a server of the published endpoint set with links to fern.example.
// A server that is started after it asks it.
func fakeProvider(t *testing.T) *ahrefstest.Server {
	t.Helper()
	w := ahrefstest.NewWorld(nil)
	today := day.Of(time.Now())
	for i := range 40 {
		w.Add(ahrefstest.Link{From: fmt.Sprintf("https://paper%d.example/story", i), To: "https://fern.example/", FirstSeen: today - day.Day(3*i) - 2, Dofollow: i%4 > 0, DR: 40, Anchor: "ferns"})
	}
	w.SetOverview("fern.example", func(day.Day) ahrefstest.Overview {
		return ahrefstest.Overview{DomainRating: 41.5, Backlinks: 40, ReferringDomains: 40}
	})
	srv := ahrefstest.NewServer(w)
	srv.Sets = ahrefstest.V3
	t.Cleanup(srv.Close)
	t.Setenv("LANDED_AHREFS_BASE_URL", srv.URL())
	return srv
}

// An admin enters a token, sees what the account has, starts a sync, watches it,
// and cancels another one that waits for its turn.
func TestTokenToSync(t *testing.T) {
	needBrowser(t)
	fakeProvider(t)
	s := serve(t, "127.0.0.1:0", []string{"user", "add", adminEmail, "--role", "admin", "--password-stdin"}, []string{"site", "add", "fern.example"}, []string{"site", "add", "moss.example"})
	b := openTab(t, s)
	b.signIn(adminEmail, adminPassword)

	b.open("/sync")
	b.has(".empty", "No API token is set")
	b.open("/settings/provider")
	b.excuse("status of 422")
	b.fill("#pv-t", "a-mistyped-token-0000")
	b.press("#pv-tok [type=submit]")
	b.has("#pv-t-e", "does not accept the API token")
	b.fill("#pv-t", ahrefstest.Token)
	b.press("#pv-tok [type=submit]")
	b.has("#pv .bdg", "Connected")
	b.has("#pv-a", "150,000")
	b.has("#pv-e .sub", "v3")
	if got := eval[string](b, "document.documentElement.outerHTML"); strings.Contains(got, ahrefstest.Token) {
		t.Error("the page has the token")
	}
	b.press("form[action$='/test'] button")
	b.has(".toast", "The connection works")

	b.open("/sync")
	b.has(".acts", "units") // the price is on the button
	b.follow(".acts form[action='/sync'] button")
	b.until("document.querySelector('main progress')")
	b.follow("#st form[action='/sync'] button") // moss.example waits behind it
	b.has(".toast", "Sync of moss.example started")
	b.follow("form[action$='/cancel'] button[aria-label$='moss.example']")
	b.has(".toast", "moss.example cancelled")
	b.until("[...document.querySelectorAll('#st tbody tr')].some(r => r.textContent.includes('moss.example') && r.textContent.includes('Cancelled'))")
	// The page renews itself until the other one is done.
	b.until("[...document.querySelectorAll('#st tbody tr')].some(r => r.textContent.includes('fern.example') && r.textContent.includes('Done'))")
	b.has("#units", "fern.example")

	b.open("/sync?of=1")
	b.follow("#list tbody a")
	b.has("#steps", "History of the rating")
	b.has("#rq", "site-explorer/")
	b.has("#rq", "Answered")
}
