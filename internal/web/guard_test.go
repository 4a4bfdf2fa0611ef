package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/testkit"

	"github.com/go-chi/chi/v5"
)

func contextWith(r *http.Request, v *visit) context.Context {
	return context.WithValue(r.Context(), visitKey{}, v)
}

func TestForgedForms(t *testing.T) {
	a := newApp(t)
	b, other := a.as(auth.Staff), a.as(auth.Admin)
	name := func() string { return testkit.Rows(t, a.Store, `SELECT name FROM account WHERE role = 'staff'`) }
	before := name()
	send := func(q testkit.Request) int {
		if q.Path == "" {
			q.Path = "/settings/name"
		}
		if q.Form == nil {
			q.Form = testkit.Form("name", "Changed")
		}
		return b.Do(q).Status
	}
	for what, q := range map[string]testkit.Request{
		"no token":               {Form: testkit.Form("name", "Changed", "csrf", "")},
		"a wrong token":          {Form: testkit.Form("name", "Changed", "csrf", strings.Repeat("A", 43))},
		"somebody else's token":  {Form: testkit.Form("name", "Changed", "csrf", other.CSRF)},
		"a token in the address": {Form: testkit.Form("name", "Changed", "csrf", "")},
		"another site":           {Header: map[string]string{"Sec-Fetch-Site": "cross-site"}},
		"a sibling site":         {Header: map[string]string{"Sec-Fetch-Site": "same-site"}},
		"another origin":         {Header: map[string]string{"Origin": "https://evil.example"}},
		"no origin at all":       {Header: map[string]string{"Origin": "null"}},
	} {
		if what == "a token in the address" {
			q.Path = "/settings/name?csrf=" + b.CSRF
		}
		if got := send(q); got != 403 {
			t.Errorf("%s: %d", what, got)
		}
	}
	if name() != before {
		t.Fatal("a forged form got through")
	}
	if got := send(testkit.Request{Form: testkit.Form("name", "By header", "csrf", ""), Header: map[string]string{"X-CSRF-Token": b.CSRF}}); got != 303 {
		t.Error("the token as a header:", got)
	}
	if got := send(testkit.Request{Header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"}}); got != 303 {
		t.Error("same origin as the browser says:", got)
	}
}

func TestSignInFormNeedsATokenToo(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	b.Post("/signin", "email", email(auth.Admin), "password", goodPassword).Want(403)
	b.Get("/signin")
	anonymous := b.CSRF
	b.Post("/signin", "email", email(auth.Admin), "password", goodPassword).To("/")
	b.Get("/settings")
	if b.CSRF == anonymous {
		t.Error("the token from before signing in works after it")
	}
	signedIn := b.CSRF
	b.Post("/signout")
	b.Get("/signin")
	b.Post("/signin", "email", email(auth.Admin), "password", goodPassword).To("/")
	b.Do(testkit.Request{Path: "/settings/name", Form: testkit.Form("name", "X", "csrf", signedIn)}).Want(403)
}

// A form that was open when the session ended is sent again after signing in.
func TestHalfWrittenFormSurvives(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	form := testkit.Form("name", "Half written", "csrf", b.CSRF)
	a.clock.Forward(61 * time.Minute)
	b.Do(testkit.Request{Path: "/settings/name", Form: form}).Want(401).Has("reload this page").Lacks(`action="/signin"`)
	res := b.Do(testkit.Request{Path: "/settings/name", Form: form, HTMX: true}).Want(401)
	if res.Header.Get("HX-Redirect") != "" || !strings.Contains(res.Header.Get("HX-Trigger"), "signed out") || res.Body != "" {
		t.Error("HTMX must keep the form:", res.Header)
	}
	a.enter(b, email(auth.Staff)).To("/")
	b.Do(testkit.Request{Path: "/settings/name", Form: form}).To("/settings")
}

func TestExpiredFragmentLeadsToSignIn(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	for current, want := range map[string]string{
		"http://localhost:8080/pitches?status=landed": "/signin?next=%2Fpitches%3Fstatus%3Dlanded",
		"https://evil.example//evil.example/x":        "/signin",
		"nonsense":                                    "/signin",
		"":                                            "/signin",
	} {
		res := b.Do(testkit.Request{Path: "/settings", HTMX: true, Header: map[string]string{"HX-Current-URL": current}}).Want(401)
		if got := res.Header.Get("HX-Redirect"); got != want || res.Body != "" {
			t.Errorf("%q: %q %q", current, got, res.Body)
		}
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
	for _, path := range []string{"/settings", "/signin", "/nothing", "/settings/users", "/healthz", "/signout"} {
		h := b.Get(path).Header
		for name, value := range want {
			if got := h.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if h.Get("Permissions-Policy") == "" || h.Get("Server") != "" || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, h)
		}
		if path != "/healthz" && !strings.Contains(strings.Join(h.Values("Vary"), ","), "HX-Request") {
			t.Errorf("%s: Vary %v", path, h.Values("Vary"))
		}
	}
	b.Get("/settings").Lacks("style=", "<style", "onclick", "hx-on")
}

func TestErrorPages(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	if got := b.Get("/nothing/here").Want(404).Text("h1"); got != "There is no page at this address" {
		t.Error(got)
	}
	b.Get("/nothing").Has(`id="nav-settings"`) // within the frame
	if got := b.Get("/settings/users").Want(403).Text("h1"); got != "Your role does not allow this" {
		t.Error(got)
	}
	a.browser().Get("/nothing").Want(404).Lacks(`id="nav-settings"`)
	res := b.Do(testkit.Request{Path: "/settings/users", HTMX: true}).Want(403)
	if !strings.Contains(res.Header.Get("HX-Trigger"), "Your role does not allow this") || strings.Contains(res.Body, "<html") {
		t.Error(res.Header, res.Body)
	}
	// A boosted link and a page from htmx's history are whole pages.
	for _, h := range []string{"HX-Boosted", "HX-History-Restore-Request"} {
		b.Do(testkit.Request{Path: "/settings", HTMX: true, Header: map[string]string{h: "true"}}).Want(200).Has("<html")
	}
	b.Do(testkit.Request{Path: "/settings", HTMX: true}).Want(200).Lacks("<html").Has("Where you are signed in")
}

// try runs a handler behind the whole chain as a signed-in viewer.
func try(a *app, b *testkit.Browser, rt Route) *testkit.Response {
	rt.Method, rt.Pattern = get, "/try"
	if rt.Body != 0 {
		rt.Method = post
	}
	if rt.Role == auth.NoRole {
		rt.Role = auth.Viewer
	}
	a.router.Method(rt.Method, rt.Pattern, a.chain(rt))
	return b.Get("/try")
}

func TestFaultsBecomeStatuses(t *testing.T) {
	secret := errors.New("SELECT * FROM account: /var/lib/landed.db")
	for want, err := range map[int]error{
		422: fault.Field("x", "Type a number."), 404: fault.New(fault.NotFound, "No pitch."), 409: fault.New(fault.Conflict, "Tom changed it."),
		403: fault.New(fault.Forbidden, "Not you."), 413: fault.New(fault.TooLarge, "big"), 503: fault.Wrap(secret, fault.Unavailable, "The disk is full."), 500: secret,
	} {
		a := newApp(t)
		b := a.as(auth.Viewer)
		res := try(a, b, Route{Handler: func(http.ResponseWriter, *http.Request) error { return err }}).Want(want)
		res.Lacks("SELECT", "/var/lib")
		if want == 500 || want == 503 {
			id := res.Text("code")
			if !strings.HasPrefix(id, "req_") || !strings.Contains(a.log.String(), id) || !strings.Contains(a.log.String(), "SELECT") {
				t.Errorf("%d: the log does not help with %q:\n%s", want, id, a.log)
			}
		} else if message := fault.Message(err); want != 413 && !strings.Contains(res.Body, message) {
			t.Errorf("%d: %q is not shown", want, message)
		}
	}
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	res := try(a, b, Route{Handler: func(http.ResponseWriter, *http.Request) error { panic("secret plan") }}).Want(500)
	res.Lacks("secret plan", "goroutine").Has("Landed could not finish that")
	if l := a.log.String(); !strings.Contains(l, "secret plan") || !strings.Contains(l, "guard_test.go") {
		t.Error("no stack in the log:", l)
	}
	b.Get("/settings").Want(200)
}

func TestRenderErrorIsAnErrorPage(t *testing.T) {
	a := newApp(t)
	res := try(a, a.as(auth.Viewer), Route{Handler: func(w http.ResponseWriter, r *http.Request) error {
		return a.show(w, r, Page{Title: "x", Body: failing{}})
	}}).Want(500)
	res.Lacks("half a page")
}

type failing struct{}

func (failing) Render(_ context.Context, w io.Writer) error {
	io.WriteString(w, "half a page")
	return errors.New("broken")
}

func TestBodies(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	b.Get("/signin")
	b.Post("/signin", "email", "a@b.example", "password", strings.Repeat("x", 900_000)).Want(413)
	b.Post("/signin", "email", "a\x00@b.example", "password", "x").Want(422)
	b.Post("/signin", "email", "a\xff@b.example", "password", "x").Want(422)
	b.Do(testkit.Request{Path: "/signin", Body: strings.NewReader("%zz=1"), Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).Want(422)
	b.Do(testkit.Request{Path: "/signin", Body: strings.NewReader("--x\r\nbroken"), Header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}).Want(422)
	b.Do(testkit.Request{Path: "/signin", Body: strings.NewReader("{}"), Header: map[string]string{"Content-Type": "application/json"}}).Want(403)
	// Strangers cannot make the server read a form of a page they may not use.
	b.Do(testkit.Request{Path: "/settings/name", Body: neverRead{t}}).Want(401)
}

type neverRead struct{ t *testing.T }

func (n neverRead) Read([]byte) (int, error) {
	n.t.Error("the body was read")
	return 0, io.EOF
}

func TestCostlyRoutes(t *testing.T) {
	a := newApp(t)
	b, other := a.as(auth.Admin), a.as(auth.Manager)
	for i := range 20 {
		if res := b.Get("/settings/audit.csv"); res.Status != 200 {
			t.Fatalf("%d: %d", i, res.Status)
		}
	}
	if b.Get("/settings/audit.csv").Want(429).Header.Get("Retry-After") != "3" {
		t.Error("no Retry-After")
	}
	other.Get("/settings/audit.csv").Want(403)
	a.clock.Forward(3 * time.Second)
	b.Get("/settings/audit.csv").Want(200)
}

func TestCompression(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	for accept, want := range map[string]string{"gzip": "gzip", "br, GZIP;q=0.5, zstd": "gzip", "": "", "identity": "", "br, zstd": "", "gzip;q=0, br": "",
		"gzip; q=0.000": "", "gzip;q=x": "", "x-gzip": ""} {
		res := b.Do(testkit.Request{Path: "/settings", Header: map[string]string{"Accept-Encoding": accept}}).Want(200)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q", accept, got)
		}
	}
	a.router.Method(get, "/stream", a.chain(Route{Role: auth.Viewer, Stream: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/event-stream")
		_, err := io.WriteString(w, strings.Repeat("data: x\n\n", 1000))
		return errors.Join(err, http.NewResponseController(w).Flush())
	}}))
	res := b.Do(testkit.Request{Path: "/stream", Header: map[string]string{"Accept-Encoding": "gzip, zstd"}}).Want(200)
	if res.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(res.Body, "data: x") {
		t.Error("an event stream was compressed")
	}
}

func TestHealth(t *testing.T) {
	a := newApp(t)
	if got := a.browser().Get("/healthz").Want(200); got.Body != "ok\n" || len(got.Header.Values("Set-Cookie")) != 0 {
		t.Error(got.Body, got.Header)
	}
	a.Healthy = func(context.Context) error { return errors.New("the backup is old") }
	a.browser().Get("/healthz").Want(200) // for a moment the last answer stands
	a.clock.Forward(healthFor)
	if got := a.browser().Get("/healthz").Want(503); got.Body != "not ok\n" {
		t.Error(got.Body)
	}
	a.Healthy = nil
	a.Store.Close()
	a.clock.Forward(healthFor)
	a.browser().Get("/healthz").Want(503)
	a.browser().Get("/signin").Want(200) // a page that needs no data
}

func TestCurrentSite(t *testing.T) {
	a := newApp(t)
	if _, err := a.Store.CreateSite(t.Context(), "second.example"); err != nil {
		t.Fatal(err)
	}
	b := a.as(auth.Viewer)
	shown := func(path string) string {
		got, _ := b.Get(path).Want(200).Find(`button[popovertarget="pop-site"]`).Attr("aria-label")
		return got
	}
	if got := shown("/settings"); got != "Site: fern.example" {
		t.Error(got)
	}
	for _, path := range []string{"/settings?site=2", "/settings", "/settings?site=99", "/settings?site=x"} {
		if got := shown(path); got != "Site: second.example" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestRealServer(t *testing.T) {
	a := newApp(t)
	hs := NewHTTPServer("127.0.0.1:0", a, slog.New(slog.DiscardHandler))
	if hs.ReadHeaderTimeout != 5*time.Second || hs.ReadTimeout != 30*time.Second || hs.WriteTimeout != time.Minute || hs.IdleTimeout != 2*time.Minute || hs.MaxHeaderBytes != 32<<10 {
		t.Errorf("%+v", hs)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go hs.Serve(l)
	t.Cleanup(func() { hs.Close() })
	for raw, want := range map[string]string{
		"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n":                                                                   "200",
		"GET /healthz HTTP/1.1\r\n\r\n":                                                                              "400",
		"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab":                       "400",
		"GET /" + strings.Repeat("a", 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n":                                      "431",
		"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 200_000) + "\r\n\r\n":                          "431",
		"GET /static/../settings HTTP/1.1\r\nHost: x\r\n\r\n":                                                        "404",
		"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x": "403",
	} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(5 * time.Second))
		go io.WriteString(c, raw)
		answer := make([]byte, 12)
		if _, err := io.ReadFull(c, answer); err != nil {
			t.Errorf("%.60q: %v", raw, err)
		}
		if got := string(answer[9:]); got != want {
			t.Errorf("%.60q: %s, want %s", raw, got, want)
		}
		c.Close()
	}
}

func TestLogLeavesOutSecrets(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: Redact}))
	uerr := &url.Error{Op: "Get", URL: "https://api.example/v3?target=x.example&key=SECRET1&api_key=SECRET2&access_token=SECRET3", Err: errors.New("refused")}
	log.Info("x", "authorization", "SECRET4", "Cookie", "SECRET5", "session_token", "SECRET6", "password", "SECRET7",
		"err", uerr, "wrapped", errors.Join(errors.New("sync"), uerr), "header", "Authorization: Bearer SECRET8",
		"path", "/invite/SECRET9SECRET9SECRET9", "dsn", "postgres://landed:SECRET10@db.example/x", slog.Group("req", "Set-Cookie", "SECRET11", "note", "Bearer SECRET12"),
		"forged", "line one\nlevel=ERROR msg=forged")
	got := out.String()
	if strings.Contains(got, "SECRET") {
		t.Error(got)
	}
	if !strings.Contains(got, "target=x.example") || strings.Count(got, "\n") != 1 {
		t.Error("too much is gone, or a line was forged:", got)
	}
}

func TestRequestsAreLoggedWithoutTheirSecrets(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Admin)
	link := b.Post("/settings/users", "name", "New", "email", "new@fern.example", "role", "staff").Want(200)
	secret := token(t, link.Body, "http://localhost:8080/invite/")
	a.browser().Get("/invite/" + secret).Want(200)
	l := a.log.String()
	for _, s := range []string{secret, goodPassword, b.Cookies["landed"].Value, b.CSRF} {
		if strings.Contains(l, s) {
			t.Error("the log has a secret")
		}
	}
	if !strings.Contains(l, "route=/invite/{token}") {
		t.Error(l)
	}
}

func TestServeHTTPIsAHandler(t *testing.T) {
	a := newApp(t)
	rec := httptest.NewRecorder()
	a.ServeHTTP(rec, httptest.NewRequest("GET", "/static/nothing.css", nil))
	if rec.Code != 404 || chi.RouteContext(context.Background()) != nil {
		t.Error(rec.Code)
	}
}
