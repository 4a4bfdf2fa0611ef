package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/testkit"
)

func TestSignInAndOut(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	b.Get("/settings?x=1").To("/signin?next=%2Fsettings%3Fx%3D1")
	b.Get("/signin?next=%2Fsettings%3Fx%3D1").Want(200).Has(`name="next" value="/settings?x=1"`)
	b.Post("/signin", "email", " ADMIN@fern.example", "password", goodPassword, "next", "/settings?x=1").To("/settings?x=1")
	page := b.Get("/settings").Want(200).Has("Maya Admin", "admin@fern.example")
	if cc := page.Header.Values("Cache-Control"); cc[0] != "no-store" {
		t.Error("a signed-in page may be cached:", cc)
	}
	stolen := b.Cookies["landed"]
	out := b.Post("/signout").To("/signin")
	if out.Header.Get("Clear-Site-Data") != `"cache"` || b.Cookies["landed"] != nil {
		t.Error("the browser keeps its cookie or cache")
	}
	b.Cookies["landed"] = stolen
	b.Get("/settings").To("/signin?next=%2Fsettings")
	if got := testkit.Rows(t, a.Store, `SELECT action, actor, subject, address FROM audit WHERE action LIKE 'sign%' ORDER BY id`); got !=
		"signin | Maya Admin | admin@fern.example | 192.0.2.10\nsignout | Maya Admin | admin@fern.example | 192.0.2.10" {
		t.Error(got)
	}
}

func TestSignOutNeedsAPost(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	b.Get("/signout").Want(405)
	b.Get("/settings").Want(200)
}

func TestWrongSignIns(t *testing.T) {
	a := newApp(t)
	if _, err := a.Store.SetDisabled(t.Context(), a.by(nilRequest(t)), 4, true); err != nil {
		t.Fatal(err)
	}
	var known http.Header
	for i, tt := range []struct{ email, password string }{
		{email(auth.Admin), "wrong password here"},
		{"nobody@fern.example", "wrong password here"},
		{email(auth.Viewer), goodPassword}, // deactivated
		{email(auth.Admin), goodPassword + " "},
		{email(auth.Admin), strings.Repeat("x", 5000)},
		{"", ""},
		{strings.Repeat("e", 3000), "x"},
		{"' OR 1=1 --", "x"},
	} {
		b := a.browser()
		b.Get("/signin")
		res := b.Post("/signin", "email", tt.email, "password", tt.password).Want(422).Has("That email and password do not match.")
		if i == 0 {
			known = res.Header
		}
		for name := range known {
			if res.Header.Get(name) == "" {
				t.Errorf("%q: no header %s", cut(tt.email, 30), name)
			}
		}
		if len(res.Header) != len(known) || b.Cookies["landed"] != nil {
			t.Errorf("%q: differs from a known address: %v", cut(tt.email, 30), res.Header)
		}
	}
	if strings.Contains(testkit.Rows(t, a.Store, `SELECT subject FROM audit WHERE action = 'signin_failed'`), "OR 1=1") {
		t.Error("the audit log keeps what an unknown person typed")
	}
}

// nilRequest is a request outside the chain, for calls that only want its context.
func nilRequest(t *testing.T) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGuessingIsThrottled(t *testing.T) {
	a := newApp(t)
	known := a.as(auth.Staff) // its browser is remembered
	b := a.browser()
	b.Get("/signin")
	form := testkit.Form("email", email(auth.Staff), "password", "wrong password here", "csrf", b.CSRF)
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for range 48 {
		one := testkit.NewBrowser(t, a)
		one.Cookies["landed-form"] = b.Cookies["landed-form"]
		all.Go(func() {
			res := one.Do(testkit.Request{Path: "/signin", Form: form})
			mu.Lock()
			counts[res.Status]++
			mu.Unlock()
		})
	}
	all.Wait()
	if counts[422] != 10 || counts[429] != 38 {
		t.Fatalf("of 48 wrong guesses at once: %v, want 10 of 422 and 38 of 429", counts)
	}
	res := b.Post("/signin", "email", email(auth.Staff), "password", goodPassword).Want(429).Has("Wait 12 seconds")
	if res.Header.Get("Retry-After") != "12" {
		t.Error("Retry-After:", res.Header.Get("Retry-After"))
	}
	// Neither a spoofed address nor another spelling is a way round.
	for _, h := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded"} {
		b.Do(testkit.Request{Path: "/signin", Form: testkit.Form("email", " STAFF@fern.example ", "password", goodPassword), Header: map[string]string{h: "198.51.100.7"}}).Want(429)
	}
	// The owner still gets in from the browser that has signed in before,
	known.Post("/signout").To("/signin")
	a.enter(known, email(auth.Staff)).To("/")
	// and anyone with the password after the wait.
	a.clock.Forward(12 * time.Second)
	b.Post("/signin", "email", email(auth.Staff), "password", goodPassword).To("/")
}

func TestDeviceCookieIsForOneAccount(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	r := nilRequest(t)
	r.AddCookie(b.Cookies["landed-device"])
	if a.device(r, email(auth.Staff)) == "" || a.device(r, email(auth.Admin)) != "" {
		t.Error("the mark does not name the account")
	}
	r = nilRequest(t)
	r.AddCookie(&http.Cookie{Name: "landed-device", Value: "made-up." + strings.Repeat("0", 64)})
	if a.device(r, email(auth.Staff)) != "" {
		t.Error("a made-up mark was taken")
	}
}

func TestAddressIsThrottled(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	b.Get("/signin")
	for i := range 100 {
		if res := b.Post("/signin", "email", fmt.Sprintf("x%d@y.example", i), "password", "x"); res.Status != 422 {
			t.Fatalf("post %d: %d", i, res.Status)
		}
	}
	res := b.Post("/signin", "email", "other@y.example", "password", "x").Want(429)
	if res.Header.Get("Retry-After") != "1" {
		t.Error(res.Header.Get("Retry-After"))
	}
	b.Addr = "192.0.2.11:1"
	b.Post("/signin", "email", "other@y.example", "password", "x").Want(422)
}

func TestTrustedProxies(t *testing.T) {
	for _, tt := range []struct {
		proxies []string
		peer    string
		xff     string
		want    string
	}{
		{nil, "192.0.2.10:1", "198.51.100.7", "192.0.2.10"},
		{[]string{"192.0.2.10"}, "192.0.2.10:1", "203.0.113.9, 198.51.100.7", "198.51.100.7"}, // the right-most one that is not trusted
		{[]string{"192.0.2.0/24"}, "203.0.113.1:1", "198.51.100.7", "203.0.113.1"},
		{[]string{"192.0.2.0/24"}, "192.0.2.10:1", "198.51.100.7, 192.0.2.20", "198.51.100.7"},
	} {
		a := emptyApp(t, "http://localhost")
		d := a.Deps
		d.Config.TrustedProxies = tt.proxies
		s, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		b := testkit.NewBrowser(t, s)
		b.Addr = tt.peer
		b.Get("/signin")
		b.Do(testkit.Request{Path: "/signin", Form: testkit.Form("email", "a@b.example", "password", "x"), Header: map[string]string{"X-Forwarded-For": tt.xff}}).Want(422)
		if got := testkit.Rows(t, a.Store, `SELECT address FROM audit ORDER BY id DESC LIMIT 1`); got != tt.want {
			t.Errorf("%v %s %s: %s", tt.proxies, tt.peer, tt.xff, got)
		}
	}
	if _, err := parseProxies([]string{"nonsense"}); err == nil {
		t.Error("nonsense was taken for a proxy")
	}
}

func TestCookieFlags(t *testing.T) {
	for _, tt := range []struct {
		base     string
		insecure bool
		prefix   string
		secure   bool
		ok       bool
	}{
		{"https://landed.example", false, "__Host-landed", true, true},
		{"http://localhost:8080", false, "landed", false, true},
		{"http://127.0.0.1:8080", false, "landed", false, true},
		{"http://[::1]:8080", false, "landed", false, true},
		{"http://192.168.1.5:8080", true, "landed", false, true},
		{"http://192.168.1.5:8080", false, "", false, false},
		{"http://localhost.evil.example", false, "", false, false},
		{"ftp://localhost", false, "", false, false},
	} {
		u, _ := url.Parse(tt.base)
		got, err := chooseCookies(Config{BaseURL: u, InsecureCookies: tt.insecure})
		if (err == nil) != tt.ok || got.session != tt.prefix || got.secure != tt.secure {
			t.Errorf("%s: %+v %v", tt.base, got, err)
		}
	}
	a := newApp(t)
	d := a.Deps
	d.Config.BaseURL, _ = url.Parse("https://landed.example")
	d.Config.HSTS = true
	s, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	b := testkit.NewBrowser(t, s)
	b.Origin = "https://landed.example"
	if b.Get("/signin").Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS, though it was asked for")
	}
	res := b.Post("/signin", "email", email(auth.Admin), "password", goodPassword).To("/")
	for _, name := range []string{"__Host-landed", "__Host-landed-form", "__Host-landed-device"} {
		c := b.Cookies[name]
		if c == nil || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: %v", name, c)
		}
	}
	if c := b.Cookies["__Host-landed"]; len(c.Value) < 43 || !c.Expires.IsZero() {
		t.Error("session token too short, or kept after the browser closes:", c)
	}
	if len(res.Header.Values("Set-Cookie")) != 2 {
		t.Error(res.Header.Values("Set-Cookie"))
	}
}

func TestSessionFixation(t *testing.T) {
	a := newApp(t)
	b := a.browser()
	b.Cookies["landed"] = &http.Cookie{Name: "landed", Value: "made-up-by-an-attacker-made-up-by-an-attack"}
	a.enter(b, email(auth.Staff)).To("/")
	first := b.Cookies["landed"].Value
	if strings.HasPrefix(first, "made-up") {
		t.Fatal("a made-up token was adopted")
	}
	if got := testkit.Rows(t, a.Store, `SELECT token FROM session`); strings.Contains(got, first) {
		t.Error("the token stands in the clear in the database")
	}
	// Signing in again while signed in gives another token and ends the first.
	b.Get("/settings")
	b.Post("/signin", "email", email(auth.Staff), "password", goodPassword).To("/")
	if b.Cookies["landed"].Value == first {
		t.Error("the token stayed the same")
	}
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM session`); got != "1" {
		t.Error(got, "sessions")
	}
}

func TestSignInNeverLeadsAway(t *testing.T) {
	a := newApp(t)
	for _, next := range []string{"//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/", "/\t/evil.example", "javascript:alert(1)", "/%2f/evil.example"} {
		b := a.browser()
		b.Get("/signin?next="+url.QueryEscape(next)).Want(200).Lacks("evil.example", "javascript:alert")
		b.Post("/signin", "email", email(auth.Admin), "password", goodPassword, "next", next).To("/")
		b.Get("/signin?next=" + url.QueryEscape(next)).To("/") // signed in already
	}
}

func TestHostHeaderReachesNoLink(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Admin)
	for _, h := range []string{"Host", "X-Forwarded-Host", "Forwarded"} {
		res := b.Do(testkit.Request{Path: "/settings/users", Form: testkit.Form("name", "New", "email", h+"@new.example", "role", "staff"), Header: map[string]string{h: "evil.example"}})
		res.Want(200).Has("http://localhost:8080/invite/").Lacks("evil.example")
	}
}

func TestRehashAtSignIn(t *testing.T) {
	a := newApp(t)
	d := a.Deps
	d.Hasher, _ = auth.NewHasher(auth.Params{Memory: 128, Iterations: 1, Parallelism: 1})
	s, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	b := testkit.NewBrowser(t, s)
	b.Get("/signin")
	b.Post("/signin", "email", email(auth.Staff), "password", goodPassword).To("/")
	if got := testkit.Rows(t, a.Store, `SELECT password_hash FROM account WHERE role = 'staff'`); !strings.HasPrefix(got, "$argon2id$v=19$m=128,") {
		t.Error(got)
	}
	b.Get("/settings").Want(200) // the session goes on
}

func TestHomeByRole(t *testing.T) {
	a := newApp(t)
	for role, want := range map[auth.Role]string{auth.Viewer: "/dashboard", auth.Staff: "/pitches", auth.Manager: "/dashboard", auth.Admin: "/dashboard"} {
		a.as(role).Get("/").To(want)
	}
}
