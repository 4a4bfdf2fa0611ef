package browser

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// What all tests share: the program, one browser and the demo. Each test works
// in a window with cookies of its own.
var (
	binary   string
	chromium context.Context
	sample   *server
)

func TestMain(m *testing.M) {
	if os.Getenv("LANDED_BROWSER") != "1" {
		os.Exit(m.Run())
	}
	code, err := withAll(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser tests:", err)
		code = 1
	}
	os.Exit(code)
}

// needBrowser skips a test where there is none.
func needBrowser(t *testing.T) {
	t.Helper()
	if os.Getenv("LANDED_BROWSER") != "1" {
		t.Skip("LANDED_BROWSER is not 1")
	}
}

func withAll(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "landed-browser-*")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "landed")
	build := exec.Command("go", "build", "-o", binary, "../../cmd/server")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w\n%s", err, out)
	}
	// The demo builds its year of data while the browser starts.
	type started struct {
		s   *server
		err error
	}
	demo := make(chan started, 1)
	go func() {
		s, err := start(saysPassword, "demo", "--addr", "127.0.0.1:0")
		demo <- started{s, err}
	}()
	stop, err := startChromium(filepath.Join(dir, "profile"))
	d := <-demo
	if d.s != nil {
		defer d.s.stop()
	}
	if err != nil {
		return 1, fmt.Errorf("chromium: %w", err)
	}
	defer stop()
	if d.err != nil {
		return 1, d.err
	}
	sample = d.s
	code := run()
	return code, sample.died()
}

func startChromium(profile string) (stop func(), err error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(profile),
		chromedp.Flag("no-sandbox", true), // it refuses to start for root otherwise
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("force-device-scale-factor", "1"),
		chromedp.Flag("lang", "en-GB"),
		chromedp.CombinedOutput(io.Discard))
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	stop = func() { end(); endAlloc() }
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	chromium = ctx
	return stop, nil
}
