package browser

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// scene is one page in one state. Its name is that of its screenshots.
type scene struct {
	name string
	path string
	then func(b *tab) // what is done on the page; nil for nothing
}

// demoScenes are what an administrator of the demo can see. Pages of single
// things are found through the lists.
func demoScenes() []scene {
	scenes := []scene{
		{"dashboard", "/dashboard", nil},
		{"dashboard-campaigns", "/dashboard?by=c", nil},
		{"dashboard-period-menu", "/dashboard", opens("pop-period")},
		{"dashboard-wrong-days", "/dashboard?from=2026-09-09&to=2026-01-01", nil},
		{"dashboard-linear", "/dashboard?model=linear&who=c&copies=1&p=12m", nil},
		{"dashboard-placements", "/dashboard/placements?model=linear", nil},
		{"dashboard-copies", "/dashboard/copies", nil},
		{"accuracy", "/reports/accuracy", nil},
		{"accuracy-links", "/reports/accuracy/links", nil},
		{"pitches-overdue", "/pitches?overdue=1", nil},
		{"sites", "/sites", nil},
		{"site", "/sites/1", nil},
		{"backlinks", "/backlinks", nil},
		{"backlinks-suggested", "/backlinks?state=suggested", nil},
		{"review", "/review", nil},
		{"review-contested", "/review?band=contested", nil},
		{"review-clear", "/review?band=likely", nil},
		{"review-no-match", "/review?q=no-such-outlet.example", nil},
		{"review-reassign", "/review", func(b *tab) { b.until(calm); b.key("r"); b.until("document.querySelector('#reassign').open") }},
		{"review-mark", "/review", opens("pop-mark")},
		{"review-all", "/review/all?kind=confirm", nil},
		{"review-unpitched", "/review/unpitched", nil},
		{"pitch-for-link", "/review", follows("#rv-log")},
		{"marks", "/domains/marks", nil},
		{"marks-wrong", "/domains/marks", wrong("form[action='/domains/marks']")},
		{"decisions", "/settings/decisions", nil},
		{"backlinks-no-match", "/backlinks?q=no-such-domain.example", nil},
		{"lost", "/lost", nil},
		{"lost-placements", "/lost?placements=1", nil},
		{"domains", "/domains", nil},
		{"domain", "/domains", follows("#list tbody a[href^='/domains/']")},
		{"competitors", "/competitors", nil},
		{"competitors-not-pitched", "/competitors?pitched=no", nil},
		{"competitors-wrong", "/competitors", wrong("form[action='/competitors']")},
		{"link-suggested", "/backlinks?state=suggested", follows("#list tbody a[href^='/links/']")},
		{"link-credited", "/backlinks?state=credited", follows("#list tbody a[href^='/links/']")},
		{"link-none", "/backlinks?state=none", follows("#list tbody a[href^='/links/']")},
		{"link-evidence", "/backlinks?state=credited", opensFirst("#list tbody a[data-why]")},
		{"sync", "/sync", nil},
		{"sync-run", "/sync", follows("#list tbody a")},
		{"sync-month", "/sync", func(b *tab) { b.press("#units summary"); b.follow("#units table a") }},
		{"sync-history", "/sync/history?of=1", nil},
		{"settings-provider", "/settings/provider", nil},
		{"settings-provider-wrong", "/settings/provider", func(b *tab) {
			b.fill("#pv-t", "two words")
			b.press("#pv-tok [type=submit]")
			b.has("#pv-t-e", "API token")
		}},
		{"settings-sync", "/settings/sync", nil},
		{"settings-sync-wrong", "/settings/sync", wrong("form[action='/settings/sync/budget']")},
		{"schedule", "/settings/sync/1", nil},
		{"schedule-wrong", "/settings/sync/1", wrong("form[action='/settings/sync/1']")},
		{"menu", "/menu", nil},
		{"settings", "/settings", nil},
		{"settings-wrong-password", "/settings", wrong("form[action='/settings/password']")},
		{"users", "/settings/users", nil},
		{"users-wrong-invitation", "/settings/users", wrong("form[action='/settings/users']")},
		{"audit", "/settings/audit", nil},
		{"outlets", "/outlets", nil},
		{"outlets-no-match", "/outlets?q=no-such-outlet.example", nil},
		{"outlet", "/outlets", follows("#list tbody a.main-l")},
		{"outlet-wrong", "/outlets", func(b *tab) {
			b.follow("#list tbody a.main-l")
			b.fill("#o-a", "no domain")
			b.leads(func() { b.key(kb.Enter) })
			b.has("[role=alert]", "")
		}},
		{"matching", "/settings/matching", nil},
		{"platforms", "/settings/platforms", nil},
		{"platform-change", "/settings/platforms?host=medium.com", nil},
		{"rules-preview", "/settings/matching", func(b *tab) {
			b.fill("#m-credit_at", "97")
			b.leads(func() { b.key(kb.Enter) })
			b.until("document.querySelector('#ch-n')")
		}},
		{"not-found", "/no/such/page", nil},
		{"keys-dialog", "/settings", func(b *tab) { b.key("?"); b.until("document.querySelector('#keys').open") }},
		{"account-menu", "/settings", opens("pop-me")},
	}
	return append(scenes, workScenes()...)
}

// workScenes are those about pitches and imports.
func workScenes() []scene {
	return []scene{
		{"pitches", "/pitches", nil},
		{"pitches-selected", "/pitches", func(b *tab) { b.focus("thead .sel input"); b.key(" "); b.has("[data-count]", "selected") }},
		{"pitches-filtered", "/pitches?status=landed", nil},
		{"pitches-no-match", "/pitches?q=no+such+pitch", nil},
		{"pitches-more-filters", "/pitches", opens("pop-more-filters")},
		{"pitch", "/pitches?status=landed&placed=1", follows("#list a.main-l")},
		{"pitch-menu", "/pitches", func(b *tab) { b.follow("#list a.main-l"); opens("pop-pitch-more")(b) }},
		{"pitch-edit", "/pitches", func(b *tab) {
			b.follow("#list a.main-l")
			b.follow("a[href$='/edit']")
		}},
		{"pitch-edit-wrong", "/pitches", func(b *tab) {
			b.follow("#list a.main-l")
			b.follow("a[href$='/edit']")
			b.fill("#content input[name=subject]", "")
			b.fill("#content input[name=outlet]", "no outlet")
			b.leads(func() { b.key(kb.Enter) })
			b.has("[role=alert]", "")
		}},
		{"pitch-new", "/pitches/new", nil},
		{"pitch-new-wrong", "/pitches/new", wrong("form[action='/pitches']")},
		{"pitch-dialog", "/pitches", func(b *tab) { b.key("n"); b.until("document.activeElement.id === 'dnp-outlet'") }},
		{"pitch-dialog-wrong", "/pitches", func(b *tab) {
			b.key("n")
			b.until("document.activeElement.id === 'dnp-outlet'")
			b.key(kb.Enter, chromedp.ModifierCtrl)
			b.until("document.activeElement.matches('dialog .note[role=alert]')")
		}},
		{"import", "/import", nil},
		{"import-links", "/import?kind=links", nil},
		{"import-wrong", "/import", wrong("form[action='/import']")},
		{"import-map", "", func(b *tab) { b.upload("pitches", "list.csv", unlikeAny(pitchList)); b.has("h1", "Match your columns") }},
		{"import-check", "", func(b *tab) { b.checked(unlikeAny(pitchList)) }},
		{"import-done", "", func(b *tab) {
			b.checked(unlikeAny(pitchList))
			if b.count("form[action$='/run']") > 0 {
				b.follow("form[action$='/run'] [data-primary]")
				b.has("h1", "Imported")
			}
		}},
		{"import-refused", "", func(b *tab) { b.upload("links", "refips.csv", refIPs); b.has("main", "referring IPs") }},
	}
}

// unlikeAny gives a list a header that no remembered mapping fits.
func unlikeAny(list string) string {
	out := ""
	for i, line := range strings.Split(strings.TrimSpace(list), "\n") {
		first := "Nr"
		if i > 0 {
			first = strconv.Itoa(i)
		}
		out += first + ";" + line + "\n"
	}
	return out
}

// checked takes a list as far as its dry run.
func (b *tab) checked(list string) {
	b.t.Helper()
	b.upload("pitches", "list.csv", list)
	b.follow("button[name=go][value=check]")
	b.has("h1", "Check before saving")
}

// doorScenes are what there is before an account, and at once after it.
func doorScenes(s *server) []scene {
	return []scene{
		{"signin-not-set-up", "/signin", nil},
		{"setup", s.setup, nil},
		{"setup-wrong", s.setup, wrong("form[action='/setup/account']")},
		{"setup-site", s.setup, func(b *tab) {
			b.fill("#s-n", "Ada Fern")
			b.fill("#s-e", adminEmail)
			b.fill("#s-p", adminPassword)
			b.follow("[data-primary]")
			b.at("/setup/site")
		}},
		{"setup-site-wrong", "/setup/site", func(b *tab) {
			b.fill("#st-h", "not a host")
			b.follow("[data-primary]")
			b.has(".err", "")
		}},
		{"empty-dashboard", "/setup/site", func(b *tab) {
			b.fill("#st-h", "fern.example")
			b.follow("[data-primary]")
			b.until("document.querySelector('nav.side')")
		}},
		{"empty-pitches", "/pitches", nil},
		{"empty-backlinks", "/backlinks", nil},
		{"empty-review", "/review", nil},
		{"empty-lost", "/lost", nil},
		{"empty-domains", "/domains", nil},
		{"empty-sync", "/sync", nil},
		{"empty-site", "/sites/1", nil},
		{"invite", "/settings/users", func(b *tab) {
			b.fill("#inv-n", "Tom Reyes")
			b.fill("#inv-e", "tom@fern.example")
			b.leads(func() { b.key(kb.Enter) })
			b.until("document.querySelector('[data-link]')")
			b.open(eval[string](b, "document.querySelector('[data-link]').value"))
			b.has("h1", "Choose a password")
		}},
		{"signin", "/settings", func(b *tab) {
			b.press("[popovertarget='pop-me']")
			b.follow("form[action='/signout'] button")
		}},
		{"signin-wrong", "/signin", func(b *tab) {
			b.fill("#email", adminEmail)
			b.fill("#pw", "not the password at all")
			b.leads(func() { b.key(kb.Enter) })
			b.has(".note.bad", "do not match")
		}},
	}
}

func follows(css string) func(*tab) { return func(b *tab) { b.follow(css) } }

// opens presses the button of a menu.
func opens(id string) func(*tab) {
	return opensFirst("[popovertarget='" + id + "']")
}

func opensFirst(css string) func(*tab) {
	return func(b *tab) {
		b.press(css)
		b.until("document.querySelector(':popover-open')")
	}
}

// wrong sends a form with nothing in it.
func wrong(css string) func(*tab) {
	return func(b *tab) {
		b.until("document.querySelector(" + quoted(css) + ")")
		b.leads(func() {
			eval[bool](b, `(f => {
				f.noValidate = true;
				f.querySelectorAll('input:not([type=hidden],[type=radio],[type=checkbox])').forEach(i => { i.value = ''; });
				f.requestSubmit(f.querySelector('[data-primary]'));
				return true;
			})(document.querySelector(`+quoted(css)+`))`)
		})
	}
}

// expected complaints: pages that are asked for to be refused.
var expected = []string{"status of 422", "status of 404", "status of 400"}

// walk brings up one scene after the other.
func walk(t *testing.T, b *tab, scenes []scene, visit func(b *tab)) {
	b.excuse(expected...)
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			b := b.within(t)
			b.size(1440, 900)
			b.look("light")
			if s.path != "" {
				b.open(s.path)
			}
			if s.then != nil {
				s.then(b)
			}
			b.still()
			visit(b)
			b.quiet()
		})
	}
}

// still waits until nothing on the page moves or loads.
func (b *tab) still() {
	b.t.Helper()
	b.until(calm + ` && document.fonts.status === 'loaded'
		&& document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)`)
}

// width is of a window: a desk and two phones.
const desk, phone, smallPhone = 1440, 390, 360

func (b *tab) at1440(scheme string) { b.show(desk, 900, scheme) }
func (b *tab) at390(scheme string)  { b.show(phone, 844, scheme) }

func (b *tab) show(width, height int64, scheme string) {
	b.t.Helper()
	b.size(width, height)
	b.look(scheme)
	b.still()
}
