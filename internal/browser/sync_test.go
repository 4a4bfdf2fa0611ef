package browser

import "testing"

// A sync is started by hand, shows its progress, ends, and is still there when
// the page is loaded again.
func TestSyncNow(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("manager")
	b.open("/sync")
	before := b.count("#list tbody tr")
	newest := eval[string](b, "document.querySelector('#list tbody a').getAttribute('href')")
	b.follow("main form[action='/sync'] button")
	b.has(".toast", "started")

	isNew := "(a => a && a.getAttribute('href') !== " + quoted(newest) + ")(document.querySelector('#list tbody a'))"
	b.until(isNew)
	// The page renews itself: nobody reloads it.
	b.until("document.querySelector('#list tbody tr .bdg').textContent === 'Done'")
	b.until("!document.querySelector('main progress')")

	b.open("/sync")
	b.until(isNew)
	if after := b.count("#list tbody tr"); after < before {
		t.Errorf("%d runs are listed, %d before", after, before)
	}
	b.follow("#list tbody a")
	b.has("h1", "Sync of ")
	b.has("#steps", "New links")
	b.has("#steps", "Done")
}
