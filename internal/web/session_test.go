package web

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/testkit"
	"landed/templates"
)

func TestIdleAndAbsoluteEnd(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	for range 12 * 60 / 50 { // used every 50 minutes
		b.Get("/settings").Want(200)
		a.clock.Forward(50 * time.Minute)
	}
	b.Get("/settings").Want(200)
	a.clock.Forward(19 * time.Minute)
	b.Get("/settings").Want(200)
	a.clock.Forward(time.Minute) // 12 hours after signing in
	b.Get("/settings").To("/signin?next=%2Fsettings")

	idle := a.as(auth.Staff)
	a.clock.Forward(60 * time.Minute)
	idle.Get("/settings").To("/signin?next=%2Fsettings")
}

func TestSessionIsWrittenAtMostOnceAMinute(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	expiry := func() string { return testkit.Rows(t, a.Store, `SELECT expiry FROM session`) }
	start := expiry()
	for range 5 {
		a.clock.Forward(10 * time.Second)
		b.Get("/settings").Want(200)
	}
	if expiry() != start {
		t.Error("written within a minute")
	}
	a.clock.Forward(10 * time.Second)
	b.Get("/settings").Want(200)
	if expiry() == start {
		t.Error("not written after a minute: the session would end while it is used")
	}
}

func TestSessionsSurviveARestart(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	a.Store.Close()
	again := startApp(t, a.dir, "http://localhost:8080")
	if again.SetupURL() != "" {
		t.Error("a set-up link although there are accounts")
	}
	c := testkit.NewBrowser(t, again)
	c.Cookies = b.Cookies
	c.Get("/settings").Want(200)
}

// A request under way when a session ends must not bring it back.
func TestEndedSessionStaysEnded(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	r := nilRequest(t)
	v := &visit{}
	ctx := contextWith(r, v)
	ctx, err := a.sessions.Load(ctx, b.Cookies["landed"].Value)
	if err != nil || v.token == "" {
		t.Fatal(err)
	}
	b.Post("/signout").To("/signin")
	a.sessions.Put(ctx, keyFlash, []byte(`[]`))
	if _, _, err := a.sessions.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM session`); got != "0" {
		t.Error("the session came back")
	}
}

// Versions up to 0.2.0 wrote sessions in another form. Their owners sign in again, and
// nothing else happens to them.
func TestSessionOfAnEarlierVersion(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	testkit.Exec(t, a.Store, `UPDATE session SET data = $1`, []byte("\x37\xff\x81\x03\x01\x02\xff\x82"))
	b.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(b, email(auth.Staff)).To("/")
	b.Get("/settings").Want(200)
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM session`); got != "1" {
		t.Error("the old session stayed:", got)
	}
}

func TestSessionValues(t *testing.T) {
	until := time.Date(2026, 3, 2, 1, 0, 0, 5, time.UTC)
	values := map[string]any{"a": int64(1) << 60, "b": "Fern & \"Moss\"", "c": []byte{0, 255}, "d": "", "e": int64(0)}
	b, err := sessionCodec{}.Encode(until, values)
	if err != nil {
		t.Fatal(err)
	}
	back, got, err := sessionCodec{}.Decode(b)
	if err != nil || !back.Equal(until) || !reflect.DeepEqual(got, values) {
		t.Error(back, got, err)
	}
	if _, err := (sessionCodec{}).Encode(until, map[string]any{"n": 1}); err == nil {
		t.Error("a value that would come back as something else was kept")
	}
}

func TestPasswordChange(t *testing.T) {
	a := newApp(t)
	b, elsewhere := a.as(auth.Staff), a.as(auth.Staff)
	old := b.Cookies["landed"].Value
	const next = "seven quiet herons wade"
	b.Post("/settings/password", "current", "wrong password here", "password", next).Want(422).Has("That is not your current password.")
	b.Post("/settings/password", "current", goodPassword, "password", "short").Want(422).Has("Use 15 characters or more")
	b.Post("/settings/password", "current", goodPassword, "password", next).To("/settings")
	if b.Cookies["landed"].Value == old {
		t.Error("the own session kept its token")
	}
	b.Get("/settings").Want(200).Has("Password changed. Other browsers are signed out")
	b.Get("/settings").Want(200).Lacks("Password changed")
	elsewhere.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(elsewhere, email(auth.Staff)).Want(422)
	elsewhere.Post("/signin", "email", email(auth.Staff), "password", next).To("/")
}

func TestOwnSessions(t *testing.T) {
	a := newApp(t)
	b, elsewhere, other := a.as(auth.Staff), a.as(auth.Staff), a.as(auth.Admin)
	page := b.Get("/settings").Want(200).Has("This browser", "Sign out everywhere else")
	id, _ := page.Find(`input[name=session]`).Attr("value")
	if id == "" || page.Find(`input[name=session]`).Length() != 1 {
		t.Fatal("want one other session to end")
	}
	other.Post("/settings/sessions/end", "session", id).Want(404) // not theirs
	elsewhere.Get("/settings").Want(200)
	b.Post("/settings/sessions/end", "session", id).To("/settings")
	elsewhere.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(elsewhere, email(auth.Staff)).To("/")
	b.Get("/settings")
	b.Post("/settings/sessions/end-others").To("/settings")
	elsewhere.Get("/settings").To("/signin?next=%2Fsettings")
	b.Get("/settings").Want(200)
	other.Get("/settings").Want(200)
}

func TestLook(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	b.Post("/settings/look", "theme", "dark").To("/settings")
	b.Get("/settings").Has(`data-theme="dark"`, `data-keys="off"`)
	b.Post("/settings/look", "theme", `"><script>`, "keys", "on").To("/settings")
	b.Get("/settings").Lacks("data-theme=\"", `data-keys="off"`)
	b.Post("/settings/name", "name", "  Vera <b>Bold</b> ").To("/settings")
	b.Get("/settings").Has("Vera &lt;b&gt;Bold&lt;/b&gt;")
	b.Post("/settings/name", "name", " ").Want(422).Has("Type your name.")
}

func TestToasts(t *testing.T) {
	a := newApp(t)
	w := &headerOnly{h: http.Header{}}
	a.triggerToast(w, templates.Toast{Text: "“Größe” → 🙂", Undo: "/x/undo"})
	got := w.h.Get("HX-Trigger")
	for _, c := range got {
		if c > 126 {
			t.Fatalf("a header with %q", c)
		}
	}
	if !strings.Contains(got, `\u201cGr\u00f6\u00dfe\u201d \u2192 \ud83d\ude42`) || !strings.Contains(got, `"undo":"/x/undo"`) {
		t.Error(got)
	}
}

type headerOnly struct{ h http.Header }

func (w *headerOnly) Header() http.Header         { return w.h }
func (w *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (w *headerOnly) WriteHeader(int)             {}

// Who can mend it is told on every page that sessions can be stolen.
func TestInsecureCookiesAreWarnedOf(t *testing.T) {
	a := newApp(t)
	const warning = "--insecure-cookies"
	admin, staff := a.as(auth.Admin), a.as(auth.Staff)
	admin.Get("/pitches").Want(200).Lacks(warning)
	a.Config.InsecureCookies = true
	admin.Get("/pitches").Want(200).Has(warning)
	staff.Get("/pitches").Want(200).Lacks(warning)
}
