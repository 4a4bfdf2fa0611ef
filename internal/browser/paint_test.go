package browser

import (
	"os"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/performance"
)

// TestPaint says what the main pages ask of a browser, when LANDED_PAINT is 1:
// medians of first visits and of later ones. It measures and judges nothing.
func TestPaint(t *testing.T) {
	needBrowser(t)
	if os.Getenv("LANDED_PAINT") != "1" {
		t.Skip("LANDED_PAINT is not 1")
	}
	b := openTab(t, sample)
	b.as("admin")
	call(b, performance.Enable, performance.EnableParams{})
	for _, path := range []string{"/dashboard", "/backlinks", "/pitches", "/review"} {
		for _, first := range []bool{true, false} {
			const visits = 15
			var paint, script, all [visits]float64
			for i := range visits {
				if first {
					call(b, network.ClearBrowserCache, cdp.Empty{})
				}
				b.open("about:blank")
				before := b.spent()
				b.open(path)
				b.until(painted)
				b.still()
				after := b.spent()
				paint[i] = eval[float64](b, painted+".startTime")
				script[i] = 1000 * (after["ScriptDuration"] - before["ScriptDuration"])
				all[i] = 1000 * (after["TaskDuration"] - before["TaskDuration"])
			}
			t.Logf("%-10s first visit %-5t: first paint %5.1f ms, script %4.1f ms, main thread %5.1f ms", path, first, half(paint[:]), half(script[:]), half(all[:]))
		}
	}
}

// painted is when something of the page was first drawn.
const painted = `performance.getEntriesByName("first-contentful-paint")[0]`

// spent is what the page's main thread did so far, in seconds.
func (b *tab) spent() map[string]float64 {
	b.t.Helper()
	m := map[string]float64{}
	for _, x := range call(b, performance.GetMetrics, cdp.Empty{}).Metrics {
		m[x.Name] = x.Value
	}
	return m
}

// half is the median.
func half(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
