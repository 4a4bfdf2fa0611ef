package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a condition may take to come true. It is long because
// nothing waits for it to pass.
const patience = 10 * time.Second

// tab is a window with cookies of its own. What goes wrong ends the test.
type tab struct {
	*watch
	t    *testing.T
	ctx  context.Context
	base string
}

// openTab opens a window on a server and checks at the end of the test that
// nothing was complained about in it.
func openTab(t *testing.T, s *server) *tab {
	t.Helper()
	w := &watch{}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.hear))
	b := &tab{watch: w, t: t, ctx: ctx, base: s.base}
	t.Cleanup(func() {
		if t.Failed() {
			b.leaveTrace()
		}
		cancel()
	})
	t.Cleanup(func() { b.quiet() })
	b.must(chromedp.Do(ctx))
	// A window in the background draws no focus otherwise.
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.size(1440, 900)
	return b
}

// within is the same window for a subtest, whose failures are its own.
func (b *tab) within(t *testing.T) *tab {
	c := *b
	c.t = t
	return &c
}

// leaveTrace says where a failed test was.
func (b *tab) leaveTrace() {
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	b.t.Logf("the window was at %s", at)
	dir := os.Getenv("LANDED_SCREENSHOTS")
	if dir == "" {
		return
	}
	if png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot()); err == nil {
		os.WriteFile(filepath.Join(dir, "failed-"+strings.ReplaceAll(b.t.Name(), "/", "-")+".png"), png, 0o644)
	}
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func call[P, R any](b *tab, cmd cdp.Command[P, R], p P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, cmd, p)
	b.must(err)
	return r
}

// size sets the window; below 720 px it is a phone with a finger for a pointer.
func (b *tab) size(width, height int64) {
	b.t.Helper()
	phone := width < 720
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: phone})
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
}

// look sets what the system prefers: "light" or "dark". Pages are still.
func (b *tab) look(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// open loads a page, given as a path or as a whole address.
func (b *tab) open(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(path)))
}

// eval runs an expression in the page.
func eval[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%v in %s", err, js)
	}
	return v
}

// until waits for an expression to be true. A page that is just being replaced
// answers with an error, which is no answer.
func (b *tab) until(js string) {
	b.t.Helper()
	var last error
	for begun := time.Now(); time.Since(begun) < patience; {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		if ok {
			return
		}
		if last = err; errors.Is(err, context.Canceled) {
			break
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText.replace(/\s+/g, " ").slice(0, 300)`))
	b.t.Fatalf("never true: %s (%v)\n%s", js, last, text)
}

// leads does what loads another page and waits until that is complete.
func (b *tab) leads(act func()) {
	b.t.Helper()
	eval[bool](b, "window.before = true")
	act()
	b.until("!window.before && document.readyState === 'complete'")
}

// has waits until an element shows with this text in it.
func (b *tab) has(css, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("[...document.querySelectorAll(%s)].some(e => e.checkVisibility() && e.textContent.replace(/\\s+/g, ' ').includes(%s))", quoted(css), quoted(text)))
}

// at waits until the address begins with a path.
func (b *tab) at(path string) {
	b.t.Helper()
	b.until(fmt.Sprintf("(location.pathname + location.search).startsWith(%s) && document.readyState === 'complete'", quoted(path)))
}

// text is the text of the first element that a selector finds.
func (b *tab) text(css string) string {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%s)", quoted(css)))
	return strings.Join(strings.Fields(eval[string](b, fmt.Sprintf("document.querySelector(%s).textContent", quoted(css)))), " ")
}

func (b *tab) count(css string) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf("document.querySelectorAll(%s).length", quoted(css)))
}

// calm is true when htmx has put in what it fetched and listens to it, which it
// does some milliseconds after it shows.
const calm = "document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"

// focus puts the focus on an element as a program would: for journeys that are
// not about the keyboard.
func (b *tab) focus(css string) {
	b.t.Helper()
	b.until(calm)
	b.until(fmt.Sprintf("(e => e && (e.focus(), document.activeElement === e))(document.querySelector(%s))", quoted(css)))
}

// press focuses a button or link and presses Enter. Clicks at a point get lost
// while a page slides in; keys do not.
func (b *tab) press(css string) {
	b.t.Helper()
	b.focus(css)
	b.key(kb.Enter)
}

// follow presses what leads to another page.
func (b *tab) follow(css string) {
	b.t.Helper()
	b.leads(func() { b.press(css) })
}

// fill types a text into a field in place of what is there.
func (b *tab) fill(css, text string) {
	b.t.Helper()
	b.focus(css)
	eval[bool](b, "(document.activeElement.value = '', true)")
	b.key(text)
}

// choose takes an option of a select, as a person with a mouse does.
func (b *tab) choose(css, value string) {
	b.t.Helper()
	b.until(calm)
	b.until(fmt.Sprintf(`(e => e && (e.value = %[2]s, e.value === %[2]s) && e.dispatchEvent(new Event('change', {bubbles: true})))(document.querySelector(%[1]s))`, quoted(css), quoted(value)))
}

// key types. In the text, the characters of package kb are keys.
func (b *tab) key(keys string, with ...chromedp.Modifier) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(keys, chromedp.KeyModifiers(with...), asKeyboards)))
}

// asKeyboards makes a key go down as a keyboard's does: a script that takes the
// key for itself then keeps its character out of the field it moves on to.
func asKeyboards(p *input.DispatchKeyEventParams) {
	if p.Type == kb.KeyDown {
		p.Type = kb.KeyRawDown
	}
}

// tabTo presses Tab until an element has the focus, which shows that it can be
// reached by keyboard.
func (b *tab) tabTo(css string) {
	b.t.Helper()
	for range 300 {
		b.key(kb.Tab)
		if eval[bool](b, fmt.Sprintf("document.activeElement.matches(%s)", quoted(css))) {
			return
		}
	}
	b.t.Fatalf("300 times Tab do not lead to %s", css)
}

// signIn opens the sign-in page and fills it in.
func (b *tab) signIn(email, password string) {
	b.t.Helper()
	b.open("/signin")
	b.fill("#email", email)
	b.fill("#pw", password)
	b.leads(func() { b.key(kb.Enter) })
	b.until("document.querySelector('nav.side, nav.tabbar')")
}

// as signs in to the demo with a role.
func (b *tab) as(role string) {
	b.t.Helper()
	b.signIn(sample.accounts[role], sample.password)
}

// quoted is a string of JavaScript.
func quoted(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(out)
}
