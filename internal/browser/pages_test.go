package browser

import (
	"fmt"
	"testing"
)

// Every page, light and dark, on a desk and on a phone: no rule of axe broken,
// nothing to scroll sideways, no error and nothing blocked by the policy.
func TestPages(t *testing.T) {
	needBrowser(t)
	scenes := demoScenes()
	// Two windows at once, because most of the time goes into axe.
	for i := range 2 {
		t.Run(fmt.Sprint("demo", i), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, sample)
			b.as("admin")
			half := scenes[:len(scenes)/2]
			if i == 1 {
				half = scenes[len(scenes)/2:]
			}
			walk(t, b, half, (*tab).check)
		})
	}
	t.Run("door", func(t *testing.T) {
		t.Parallel()
		s := serve(t, "localhost:0")
		walk(t, openTab(t, s), doorScenes(s), (*tab).check)
	})
}

// byColour are the rules that a theme can break.
var byColour = []string{"color-contrast", "link-in-text-block"}

func (b *tab) check() {
	b.t.Helper()
	report := func(where string, found []violation) {
		for _, v := range found {
			b.t.Errorf("%s: %s", where, v)
		}
	}
	report("1440 light", b.axe())
	b.at1440("dark")
	report("1440 dark", b.axe(byColour...))
	b.at390("dark")
	report("390 dark", b.axe(byColour...))
	b.at390("light")
	report("390 light", b.axe())
	b.fits(phone)
	b.show(smallPhone, 780, "light")
	b.fits(smallPhone)
}

// fits fails the test when the page is wider than its window, and names what
// stands out.
func (b *tab) fits(width int) {
	b.t.Helper()
	if got := eval[int](b, "document.documentElement.scrollWidth"); got > width {
		who := eval[[]string](b, fmt.Sprintf(`[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > %d && e.checkVisibility() && !e.firstElementChild && !e.closest('.tw, .views, svg, .tabbar'))
			.slice(0, 3).map(e => e.outerHTML.slice(0, 120))`, width))
		b.t.Errorf("%d px wide on a window of %d: %q", got, width, who)
	}
}
