package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Change a threshold, see what that would do, apply it, undo it. The job's page
// goes from one state to the next by itself.
func TestChangeAThreshold(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("admin")
	b.excuse("status of 422")
	b.open("/settings/matching")
	b.fill("#m-credit_at", "101")
	b.leads(func() { b.key(kb.Enter) })
	b.has("[role=alert]", "Credited from")
	b.fill("#m-credit_at", "98")
	b.leads(func() { b.key(kb.Enter) })
	b.until("location.pathname.startsWith('/rules/')")
	b.until("document.querySelector('#ch-n')")
	b.has("#ch-n", "become suggestions")
	b.has("#ex-lost", "credited")
	change := eval[string](b, "location.pathname")

	b.byKeyboard("form[action$='/apply'] button")
	b.until("document.querySelector(\"form[action$='/undo']\")")
	b.has(".phead", "Version 2 of the rules")
	b.open("/settings/matching")
	b.has("#rh", "85 to 98 points")
	b.until("document.querySelector('#m-credit_at').value === '98'")

	b.open(change)
	b.byKeyboard("form[action$='/undo'] button")
	b.until("location.pathname !== " + quoted(change))
	b.until("document.querySelector(\"form[action$='/undo']\")")
	b.has(".phead", "Version 3 of the rules")
	b.open("/settings/matching")
	b.until("document.querySelector('#m-credit_at').value === '85'")
	b.open("/settings/audit")
	b.has("main", "rules_rules_undone")
}
