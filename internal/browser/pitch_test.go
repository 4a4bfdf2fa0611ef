package browser

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A pitch is logged with the keyboard alone, from a list, and shows in it.
func TestLogAPitchByKeyboard(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("staff")
	b.open("/pitches")

	begun := time.Now()
	b.key("n")
	b.until("document.activeElement.id === 'dnp-outlet'")
	b.key("morningledger.example")
	b.tabTo("#dnp-subject")
	b.key("What 9,000 payslips say about overtime")
	b.key(kb.Enter, chromedp.ModifierCtrl)
	b.until("!document.querySelector('dialog[open]')")
	b.has(".toast", "Pitch to morningledger.example saved")
	b.has("#list tr", "What 9,000 payslips say about overtime")
	t.Logf("from n to the row in the list: %s", time.Since(begun).Round(time.Millisecond))

	t.Run("another one", func(t *testing.T) {
		b := b.within(t)
		b.key("n")
		b.until("document.activeElement.id === 'dnp-outlet' && document.activeElement.value === ''")
		b.key("saturdayreview.example")
		b.tabTo("#dnp-subject")
		b.key("Hiring slowed in 41 of 50 states")
		b.tabTo("button[name=then][value=new]")
		b.key(kb.Enter)
		b.has(".toast", "Pitch to saturdayreview.example saved")
		b.until("document.querySelector('dialog[open] #dnp-outlet').value === ''")
		b.has("#list tr", "Hiring slowed in 41 of 50 states")
		b.key(kb.Escape)
		b.until("!document.querySelector('dialog[open]')")
	})
	t.Run("what is wrong is said", func(t *testing.T) {
		b := b.within(t)
		b.excuse("status of 422")
		b.key("n")
		b.until("document.activeElement.id === 'dnp-outlet'")
		b.key("not an outlet")
		b.key(kb.Enter, chromedp.ModifierCtrl)
		b.until("document.activeElement.matches('dialog .note[role=alert]')")
		b.until("document.querySelector('#dnp-outlet[aria-invalid=true]').value === 'not an outlet'")
		b.key(kb.Escape)
		b.until("!document.querySelector('dialog[open]')")
	})
}

var pitchID = regexp.MustCompile(`^/pitches/(\d+)`)

// logPitch logs a pitch through the page without the dialog and returns its id.
func logPitch(b *tab, outlet, title string) string {
	b.t.Helper()
	b.open("/pitches/new")
	b.fill("#np-outlet", outlet)
	b.fill("#np-subject", title)
	b.leads(func() { b.key(kb.Enter, chromedp.ModifierCtrl) })
	b.at("/pitches")
	link := fmt.Sprintf("[...document.querySelectorAll('#list a.main-l')].find(a => a.textContent === %s)", quoted(title))
	b.until(link)
	return pitchID.FindStringSubmatch(eval[string](b, link+".getAttribute('href')"))[1]
}

func TestChangeAndDeleteAPitch(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("staff")
	id := logPitch(b, "quietgazette.example", "The remote-tax checklist CFOs forget")

	status := "document.querySelector('#st-" + id + "').value"
	b.focus("#st-" + id)
	b.choose("#st-"+id, "replied")
	b.has(".toast", "Status set to Replied")
	b.until("document.querySelector('#p-" + id + "').classList.contains('new') && " + status + " === 'replied'")
	b.until("document.activeElement.id === 'st-" + id + "'")
	b.leads(func() { b.press(".toast:last-child form button") })
	b.has(".toast", "1 pitch put back")
	b.until(status + " === 'pitched'")

	b.open("/pitches/" + id)
	b.press("[popovertarget='pop-pitch-more']")
	b.follow("#pop-pitch-more form[action$='/delete'] button")
	b.at("/pitches")
	b.has(".toast", "Pitch "+id+" deleted")
	if b.count("#p-"+id) != 0 {
		t.Error("a deleted pitch is in the list")
	}
	b.follow(".toast:last-child form button")
	b.at("/pitches/" + id)
	b.has(".toast", "Pitch "+id+" is back")
	b.open("/pitches")
	b.until("document.querySelector('#p-" + id + "')")
}
