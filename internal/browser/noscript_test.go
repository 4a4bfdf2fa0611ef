package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// Everything that matters works where scripts do not run.
func TestWithoutScript(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.as("manager")
	if eval[bool](b, "document.documentElement.classList.contains('js')") {
		t.Fatal("scripts run")
	}

	t.Run("filter and pages", func(t *testing.T) {
		b := b.within(t)
		b.open("/pitches")
		first := b.text("#list tbody tr")
		b.follow("#list a[rel=next]")
		if at := eval[string](b, "location.search"); !strings.Contains(at, "after=") {
			t.Errorf("the next page is at %q", at)
		}
		if got := b.text("#list tbody tr"); got == first {
			t.Errorf("the next page begins with the same pitch, %s", got)
		}
		b.open("/pitches")
		b.choose("form.filters select[name=status]", "declined")
		b.follow("form.filters button.nojs-only")
		b.until("location.search.includes('status=declined')")
		b.until("[...document.querySelectorAll('#list select.pill')].every(s => s.value === 'declined')")
	})
	t.Run("log a pitch", func(t *testing.T) {
		b := b.within(t)
		b.open("/pitches")
		b.follow("a[data-dialog='new-pitch']")
		b.at("/pitches/new")
		b.fill("#np-outlet", "plaingazette.example")
		b.fill("#np-subject", "Written without script")
		b.leads(func() { b.key(kb.Enter) })
		b.at("/pitches")
		b.has(".toast", "Pitch to plaingazette.example saved")
		b.has("#list", "Written without script")
	})
	t.Run("decide", func(t *testing.T) {
		b := b.within(t)
		b.firstLink("/backlinks?state=suggested")
		b.follow("button[name=kind][value=confirm]")
		b.has("#decisions", "Confirmed")
		b.follow("button[name=kind][value=undo]")
		b.has("#decisions", "Undone")
	})
	t.Run("sync page", func(t *testing.T) {
		b := b.within(t)
		b.open("/sync")
		b.has("h1", "Sync")
		b.until("document.querySelectorAll('#list tbody tr').length > 0")
	})
}
