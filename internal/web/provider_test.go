package web

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/auth"
	"landed/internal/provider"
	"landed/internal/testkit"
)

const typedToken = "a-typed-token-of-fern-9a9a"

// providerApp has no token yet, and a provider that nobody answers for.
func providerApp(t *testing.T) *app {
	t.Helper()
	a, _ := syncApp(t)
	a.ask("", "http://127.0.0.1:1")
	return a
}

// fakeApp asks the fake provider, which lets ahrefstest.Token in.
func fakeApp(t *testing.T) (*app, *ahrefstest.Server) {
	t.Helper()
	a, _ := syncApp(t)
	srv := ahrefstest.NewServer(ahrefstest.NewWorld(a.clock.Now))
	srv.Sets = ahrefstest.V3
	t.Cleanup(srv.Close)
	a.ask("", srv.URL())
	return a, srv
}

func TestTestConnection(t *testing.T) {
	a, srv := fakeApp(t)
	srv.KeyExpires = a.clock.Now().Add(20 * oneDay)
	b := a.as(auth.Admin)
	b.Get(providerPath)
	b.Post(providerPath+"/token", "token", ahrefstest.Token, "version", "0").To(providerPath)
	res := b.Get(providerPath).Want(200)
	if got := res.Text("#pv-a .facts"); res.Text("#pv .bdg") != "Connected" || !strings.Contains(got, "PlanStandard") || !strings.Contains(got, "Units used0 of 150,000") ||
		!strings.Contains(got, "Units left150,000") || !strings.Contains(got, "Resets1 Apr 2026") || !strings.Contains(got, "Token expires21 Mar 2026") {
		t.Errorf("%s: %s", res.Text("#pv .bdg"), got)
	}
	if got := res.Text("#pv-e .sub"); got != "In use: v3" || !strings.Contains(res.Text("#provider .note.warn"), "expires on 21 Mar 2026") {
		t.Errorf("%q, %s", got, res.Text("#provider"))
	}
	srv.ExpireToken(ahrefstest.Token)
	res = b.Do(testkit.Request{Path: providerPath + "/test", Form: testkit.Form(), HTMX: true}).Want(200)
	if res.Text("#pv .bdg") != "Refused at the last test" || !strings.Contains(res.Text("#pv-a .note.bad"), "expired") || !strings.Contains(res.Header.Get("HX-Trigger"), "The test failed") {
		t.Errorf("%s %v", res.Text("#provider"), res.Header)
	}
	a.as(auth.Manager).Post("/sync", "site", "1").To("/sync") // a test that failed may be over by now: the sync itself asks
	if srv.UnitsUsed() != 0 {
		t.Errorf("it cost %d units", srv.UnitsUsed())
	}
}

func versionOn(r *testkit.Response) string {
	return r.Find("#pv-tok input[name=version]").AttrOr("value", "")
}

func TestProviderPageIsForAdmins(t *testing.T) {
	a := providerApp(t)
	for _, role := range []auth.Role{auth.Viewer, auth.Staff, auth.Manager} {
		b := a.as(role)
		b.Get(providerPath).Want(403)
		b.Get(providerPath + "/remove").Want(403)
		for _, verb := range []string{"/token", "/test", "/endpoints", "/remove"} {
			b.Post(providerPath+verb, "token", typedToken, "version", "0", "untested", "on", "endpoints", "auto").Want(403)
		}
		if b.Get("/settings").Find(`a[href="`+providerPath+`"]`).Length() != 0 {
			t.Errorf("%v is led there", role)
		}
	}
	b := a.as(auth.Admin)
	res := b.Get(providerPath).Want(200).Has("No token", "nothing is pulled")
	if res.Find("#pv-tok input[type=password][name=token][autocomplete=off]").Length() != 1 || res.Find(`form[action$="/test"], a[href$="/remove"]`).Length() != 0 {
		t.Error("the form is not as it should be")
	}
	if b.Get("/settings").Find(`a[href="`+providerPath+`"]`).Length() != 1 {
		t.Error("no way there")
	}
	b.Post(providerPath + "/test").Want(409).Has("No API token is set")
	b.Get(providerPath + "/remove").To(providerPath)
}

func TestSaveReplaceRemoveToken(t *testing.T) {
	a := providerApp(t)
	b := a.as(auth.Admin)
	version := versionOn(b.Get(providerPath))
	for name, typed := range map[string]string{"nothing": " ", "two words": typedToken + " x", "long": strings.Repeat("x", 1001)} {
		res := b.Post(providerPath+"/token", "token", typed, "version", version).Want(422)
		if res.Find("#pv-t[aria-invalid=true]").Length() != 1 || res.Text(".note.bad a") != "API token" || strings.Contains(res.Body, typedToken) {
			t.Errorf("%s: %s", name, res.Text("#provider"))
		}
	}
	b.Post(providerPath+"/token", "token", typedToken, "version", version, "untested", "on").To(providerPath)
	res := b.Get(providerPath).Want(200).Has("Token saved", "ends in …9a9a", "by Maya Admin", "Replace the token")
	if res.Text("#pv .bdg") != "Not tested" || strings.Contains(res.Body, typedToken) {
		t.Error(res.Text("#pv"))
	}
	manager := a.as(auth.Manager)
	manager.Get("/sync").Want(200).Has("Sync now").Lacks("No API token")
	manager.Post("/sync", "site", "1").To("/sync")

	// HTMX gets the changed part.
	res = b.Do(testkit.Request{Path: providerPath + "/token", HTMX: true, Form: testkit.Form("token", "the-next-token-of-all-7777", "version", versionOn(res), "untested", "on")}).Want(200)
	if res.Find("#provider").Length() != 1 || res.Find("nav").Length() != 0 || !strings.Contains(res.Header.Get("HX-Trigger"), "Token saved") || !strings.Contains(res.Body, "…7777") {
		t.Errorf("%v\n%s", res.Header, res.Body)
	}
	ask := b.Get(providerPath+"/remove").Want(200).Has("…7777", "Syncs stop")
	b.Post(providerPath+"/remove", "version", ask.Find("main input[name=version]").AttrOr("value", "")).To(providerPath)
	b.Get(providerPath).Has("Token removed", "No token")
	manager.Post("/sync", "site", "1").Want(409).Has("No API token is set")
	manager.Get("/sync").Has("No API token is set").Lacks("Enter the token</a>")
	b.Get("/sync").Has(`href="` + providerPath + `"`)

	want := "token_saved | 1 | Maya Admin\ntoken_saved | 1 | Maya Admin\ntoken_removed | 1 | Maya Admin"
	if got := testkit.Rows(t, a.Store, `SELECT action, account_id, actor FROM audit WHERE action LIKE 'token%' ORDER BY id`); got != want {
		t.Errorf("audit:\n%s", got)
	}
	b.Get("/settings/audit").Want(200).Has("saved the token of ahrefs")
}

// Two admins with the page open: the second one is told, and nothing is lost.
func TestTwoAdminsAtTheProvider(t *testing.T) {
	for verb, form := range map[string][]string{
		"/token":     {"token", typedToken, "untested", "on"},
		"/endpoints": {"endpoints", "playbook"},
		"/remove":    nil,
	} {
		a := providerApp(t)
		first := a.as(auth.Admin)
		stale := versionOn(first.Get(providerPath))
		first.Post(providerPath+"/token", "token", "first-token-of-them-all-1111", "version", stale, "untested", "on").To(providerPath)
		for _, version := range []string{stale, "", "x", "99"} {
			res := a.as(auth.Admin).Post(providerPath+verb, append(form, "version", version)...).Want(409)
			if !strings.Contains(res.Text("#sum"), "Maya Admin changed these settings") || res.Find("#pv-tok").Length() != 1 || strings.Contains(res.Body, typedToken) {
				t.Errorf("%s %q: %s", verb, version, res.Text("#provider"))
			}
		}
		if got := testkit.Rows(t, a.Store, `SELECT last_four FROM secret`); got != "1111" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestTokenThatCouldNotBeTestedIsOnlySavedWhenSaid(t *testing.T) {
	a := providerApp(t)
	b := a.as(auth.Admin)
	b.Get(providerPath)
	res := b.Post(providerPath+"/token", "token", typedToken, "version", "0").Want(422).Has("could not be reached", "The token was not saved")
	if res.Find("input[name=untested]").Length() != 1 {
		t.Error("no way to save it all the same")
	}
	if got := testkit.Rows(t, a.Store, `SELECT * FROM secret`); got != "" {
		t.Errorf("saved: %s", got)
	}
}

func TestTokenOfTheEnvironmentWins(t *testing.T) {
	a, _ := syncApp(t) // …f2c9
	b := a.as(auth.Admin)
	b.Get(providerPath).Want(200).Has("LANDED_AHREFS_TOKEN", "ends in …f2c9")
	b.Post(providerPath+"/token", "token", typedToken, "version", "0", "untested", "on").To(providerPath)
	res := b.Get(providerPath).Want(200).Has("not in use", "ends in …9a9a", "ends in …f2c9")
	if got := res.Text("#provider .note.info"); !strings.Contains(got, "LANDED_AHREFS_TOKEN is set in the environment") {
		t.Error(got)
	}
	b.Get(providerPath + "/remove").Has("The token of the environment stays in use")
}

func TestChooseEndpoints(t *testing.T) {
	a := providerApp(t)
	b := a.as(auth.Admin)
	b.Get(providerPath)
	b.Post(providerPath+"/endpoints", "endpoints", "v9", "version", "0").Want(422).Has("Choose one of the sets")
	b.Post(providerPath+"/endpoints", "endpoints", "playbook", "version", "0").To(providerPath)
	res := b.Get(providerPath).Want(200)
	if got := res.Find("input[name=endpoints][checked]").AttrOr("value", ""); got != "playbook" {
		t.Errorf("%q", got)
	}
}

func TestTokenThatCannotBeOpenedIsSaid(t *testing.T) {
	a := providerApp(t)
	b := a.as(auth.Admin)
	b.Get(providerPath)
	b.Post(providerPath+"/token", "token", typedToken, "version", "0", "untested", "on").To(providerPath)
	if err := os.Remove(filepath.Join(a.dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	res := b.Get(providerPath).Want(200)
	if res.Text("#pv .bdg") != "Not usable" || !strings.Contains(res.Text("#provider .note.bad"), "enter the token again") {
		t.Error(res.Text("#provider"))
	}
	b.Get("/sync").Want(200).Has("cannot be opened", "The API token cannot be used")
	b.Get("/sync").Find(`form[action="/sync"]`)
	b.Post("/sync", "site", "1").Want(409).Has("cannot be opened")
	b.Post(providerPath+"/token", "token", typedToken, "version", versionOn(res), "untested", "on").To(providerPath)
	if s, err := a.Provider.State(t.Context()); err != nil || !s.Ready() || s.Origin != provider.Settings {
		t.Errorf("%+v, %v", s, err)
	}
}

// Whatever is done with it, the token comes back in no answer, log or file.
func TestTokenNeverComesBack(t *testing.T) {
	a, _ := fakeApp(t)
	b := a.as(auth.Admin)
	b.Get(providerPath)
	var all []*testkit.Response
	send := func(path string, fields ...string) {
		for _, htmx := range []bool{false, true} {
			all = append(all, b.Do(testkit.Request{Path: path, Form: testkit.Form(fields...), HTMX: htmx}))
		}
	}
	send(providerPath+"/token", "token", typedToken, "version", "7")
	send(providerPath+"/token", "token", typedToken+" x", "version", "0")
	send(providerPath+"/token", "token", typedToken, "version", "0", "csrf", "wrong")
	send(providerPath+"/token", "token", typedToken+"\x00", "version", "0")
	send(providerPath+"/token", "token", typedToken, "version", "0", "untested", "on")
	send(providerPath + "/test")
	for _, path := range []string{providerPath, providerPath + "/remove", "/sync", "/settings/audit", "/settings/audit.csv", "/settings", "/dashboard"} {
		all = append(all, b.Get(path))
	}
	for _, r := range all {
		if strings.Contains(r.Body, typedToken) || strings.Contains(strings.Join(r.Header.Values("Location"), "")+r.Header.Get("HX-Trigger")+r.Header.Get("HX-Redirect"), typedToken) {
			t.Errorf("an answer (%d) has the token", r.Status)
		}
	}
	if strings.Contains(a.log.String(), typedToken) {
		t.Error("the log has the token")
	}
	if testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM secret`) != "1" {
		t.Fatal("it was not saved: the test shows nothing")
	}
	paths, _ := filepath.Glob(filepath.Join(a.dir, "*"))
	for _, path := range paths {
		if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(typedToken)) {
			t.Errorf("%s has the token", filepath.Base(path))
		}
	}
}
