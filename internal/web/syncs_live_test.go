package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

// The golden file shows what a change of a template changes in the page.
func TestSyncPageGolden(t *testing.T) {
	a, _ := syncApp(t)
	moss := a.addSite("moss.example")
	run := a.beginRun(1)
	a.pullLinks(run, 3, "")
	a.clock.Forward(48 * time.Second)
	a.endRun(run, store.SyncEnd{State: store.SyncDone})
	a.endRun(a.beginRun(moss), store.SyncEnd{State: store.SyncFailed, Step: "overview", Message: "The provider refused the token. Nothing had been saved yet."})
	b := a.as(auth.Manager)
	got, err := goquery.OuterHtml(b.Get("/sync").Want(200).Find("#sync"))
	if err != nil {
		t.Fatal(err)
	}
	got = strings.ReplaceAll(strings.ReplaceAll(got, b.CSRF, "CSRF"), "><", ">\n<")
	const file = "testdata/sync.golden"
	if *updateGolden {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page has changed:\n%s", got)
	}
}

// stream opens a run's events as a browser that is signed in.
func (a *app) stream(b *testkit.Browser, path string) *bufio.Scanner {
	a.t.Helper()
	srv := httptest.NewServer(a)
	a.t.Cleanup(srv.Close)
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, srv.URL+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, c := range b.Cookies {
		req.AddCookie(c)
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		a.t.Fatalf("%d, %v", res.StatusCode, res.Header)
	}
	return bufio.NewScanner(res.Body)
}

// event reads the next event; "" at the end of the stream.
func event(t *testing.T, s *bufio.Scanner) (name, data string) {
	t.Helper()
	for s.Scan() {
		switch line := s.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data += line[6:]
		case line == "":
			return name, data
		default:
			t.Fatalf("line %q", line)
		}
	}
	return "", ""
}

func TestSyncProgressStream(t *testing.T) {
	a, _ := syncApp(t)
	run := a.beginRun(1)
	b := a.as(auth.Manager)
	path := b.Get(syncPath(run.ID)).Find("[sse-connect]").AttrOr("sse-connect", "")
	events := a.stream(b, path)
	if name, data := event(t, events); name != "progress" || !strings.Contains(data, "0 requests") {
		t.Fatalf("%s %s", name, data)
	}
	a.pullLinks(run, 3, "2")
	if name, data := event(t, events); name != "progress" || !strings.Contains(data, "150 units") {
		t.Fatalf("%s %s", name, data)
	}
	a.endRun(run, store.SyncEnd{State: store.SyncDone})
	if name, data := event(t, events); name != "done" || !strings.Contains(data, `hx-get="/sync/runs/1"`) || !strings.Contains(data, `hx-target="#run"`) {
		t.Fatalf("%s %s", name, data)
	}
	if name, data := event(t, events); name != "" {
		t.Fatalf("after the end: %s %s", name, data)
	}
}

// A page that shows another state than there is now is renewed at once.
func TestStreamOfAStateThatIsOver(t *testing.T) {
	a, _ := syncApp(t)
	run, _, err := a.Store.QueueRun(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	b := a.as(auth.Manager)
	path := b.Get("/sync").Find("[sse-connect]").AttrOr("sse-connect", "")
	a.beginRun(run.SiteID)
	if name, data := event(t, a.stream(b, path)); name != "done" || !strings.Contains(data, `hx-get="/sync"`) || !strings.Contains(data, `hx-target="#sync"`) {
		t.Fatalf("%s %s", name, data)
	}
}
