package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestScreenshots draws every page, light and dark, wide and narrow, into the
// folder that LANDED_SCREENSHOTS names: NAME-WIDTH-THEME.png.
func TestScreenshots(t *testing.T) {
	needBrowser(t)
	dir := os.Getenv("LANDED_SCREENSHOTS")
	if dir == "" {
		t.Skip("LANDED_SCREENSHOTS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	draw := func(b *tab) {
		name := filepath.Base(b.t.Name())
		for _, v := range []struct {
			show   func(*tab, string)
			suffix string
		}{{(*tab).at1440, "-1440"}, {(*tab).at390, "-390"}} {
			for _, scheme := range []string{"light", "dark"} {
				v.show(b, scheme)
				b.picture(filepath.Join(dir, name+v.suffix+"-"+scheme+".png"))
			}
		}
	}
	b := openTab(t, sample)
	b.as("admin")
	walk(t, b, demoScenes(), draw)
	s := serve(t, "localhost:0")
	walk(t, openTab(t, s), doorScenes(s), draw)

	// The one in the README shows the first screen and no more.
	b.at1440("light")
	b.open("/dashboard")
	b.still()
	r := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	b.must(os.WriteFile(filepath.Join(dir, "dashboard.png"), r.Data, 0o644))
}

// picture writes the whole page, not only what the window shows of it. On a
// phone the window grows with it, or the bars at its foot would stand in the
// middle; what lies over the page stays as it is.
func (b *tab) picture(file string) {
	b.t.Helper()
	if eval[bool](b, "innerWidth < 720 && !document.querySelector('dialog[open], :popover-open')") {
		b.size(phone, eval[int64](b, "document.documentElement.scrollHeight"))
		b.still()
	}
	r := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true)})
	b.must(os.WriteFile(file, r.Data, 0o644))
}
