package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// byKeyboard walks to a button and presses it.
func (b *tab) byKeyboard(css string) {
	b.t.Helper()
	b.tabTo(css)
	b.key(kb.Enter)
}

// firstLink opens the page of the first link of a list.
func (b *tab) firstLink(list string) (path string) {
	b.t.Helper()
	b.open(list)
	b.follow("#list tbody a[href^='/links/']")
	b.until("location.pathname.startsWith('/links/')")
	return eval[string](b, "location.pathname")
}

// Confirm, undo, reject, undo, reassign, undo, with Tab and Enter alone. A
// decision changes the state that the page and its log show.
func TestDecideOnALink(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("staff")
	path := b.firstLink("/backlinks?state=suggested")
	state := ".pairing .mid"
	before := b.text(state)

	b.byKeyboard("button[name=kind][value=confirm]")
	b.has(".toast", "Confirmed: ")
	b.has("#decisions", "Confirmed")
	b.byKeyboard("button[name=kind][value=undo]")
	b.has(".toast", "Undone")
	b.until("document.querySelector(" + quoted(state) + ").textContent.replace(/\\s+/g, ' ').trim() === " + quoted(before))

	b.byKeyboard("button[name=kind][value=reject]")
	b.has(".toast", "Marked as not ours")
	b.has("#decisions", "Not ours")
	b.byKeyboard("button[name=kind][value=undo]")
	b.until("document.querySelector(" + quoted(state) + ").textContent.replace(/\\s+/g, ' ').trim() === " + quoted(before))

	b.tabTo("#reassign-q")
	b.key("article")
	b.until("document.querySelector('#found form button')")
	b.byKeyboard("#found form button")
	b.has(".toast", "Reassigned to ")
	b.has("#decisions", "Reassigned")

	// It is in the store, not only on this page; and the toast's Undo works.
	b.open(path)
	b.has("#decisions", "Reassigned")
	b.byKeyboard("button[name=kind][value=undo]")
	b.has("#decisions", "Undone")
}

// The same from the page of the pitch.
func TestDecideOnAPitch(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("staff")
	b.firstLink("/backlinks?state=suggested")
	b.follow(".pairing a[href^='/pitches/']")
	b.at("/pitches/")
	b.until("document.querySelector('#links form input[name=kind][value=confirm]')")
	row := eval[string](b, "'#' + document.querySelector('#links form:has(input[value=confirm]) button').closest('tr').id")

	b.leads(func() { b.byKeyboard(row + " form:has(input[name=kind][value=confirm]) button") })
	b.has(".toast", "Confirmed: ")
	b.has(row, "confirmed")
	b.leads(func() { b.byKeyboard(".toast:last-child form button") })
	b.has(row+" form button", "Not ours")
	b.leads(func() { b.byKeyboard(row + " form:has(input[name=kind][value=reject]) button") })
	b.has(".toast", "Marked as not ours")
	b.until("!document.querySelector(" + quoted(row) + ")")
	b.leads(func() { b.byKeyboard(".toast:last-child form button") })
	b.has(row+" form button", "Confirm")
}
