package web

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/testkit"
)

func setupForm(b *testkit.Browser, key, email string) testkit.Request {
	return testkit.Request{Path: "/setup/account", Form: testkit.Form("name", "Maya", "email", email, "password", goodPassword, "key", key, "csrf", b.CSRF)}
}

func TestSetup(t *testing.T) {
	a := emptyApp(t, "http://localhost:8080")
	link := a.SetupURL()
	key := token(t, link, "http://localhost:8080/setup?token=")
	if len(key) != 43 {
		t.Fatalf("a key of %d characters", len(key))
	}
	b := a.browser()
	b.Get("/").To("/signin")
	b.Get("/signin").Has("Landed is not set up yet")
	b.Get("/setup").Want(200).Has("Setup key")
	b.Get("/setup?token=wrong").Want(200).Has("older than 30 minutes")
	if b.Get("/setup?token="+key).Want(200).Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the key would travel in the referrer")
	}
	b.Do(setupForm(b, "wrong", "maya@fern.example")).Want(422)
	bad := setupForm(b, key, "not an address")
	bad.Form.Set("password", "landedlandedlanded")
	bad.Form.Set("name", `"><b>`)
	b.Do(bad).Want(422).Has("Type an address like", "mostly your own name", "Two fields need another look", `value="&#34;&gt;&lt;b&gt;"`)
	b.Do(setupForm(b, key, "maya@fern.example")).To("/setup/site")
	b.Get("/").To("/setup/site")
	b.Get("/setup/site").Want(200)
	b.Post("/setup/site", "host", "localhost").Want(422)
	b.Post("/setup/site", "host", "https://www.fern.example/").To("/")
	b.Get("/").To("/dashboard")
	b.Get("/setup?token=" + key).Want(404)
	if got := testkit.Rows(t, a.Store, `SELECT host FROM site`); got != "fern.example" {
		t.Error(got)
	}
	// Neither a second use nor a restart opens it again.
	c := a.browser()
	c.Get("/signin")
	c.Do(setupForm(c, key, "evil@fern.example")).Want(404)
	a.Store.Close()
	again := startApp(t, a.dir, "http://localhost:8080")
	c = again.browser()
	c.Get("/signin")
	c.Do(setupForm(c, key, "evil@fern.example")).Want(404)
	if again.SetupURL() != "" {
		t.Error("another link")
	}
}

func TestSetupExpiresAndRestartMakesAnother(t *testing.T) {
	a := emptyApp(t, "http://localhost:8080")
	old := token(t, a.SetupURL(), "token=")
	b := a.browser()
	b.Get("/setup")
	a.clock.Forward(30 * time.Minute)
	b.Do(setupForm(b, old, "maya@fern.example")).Want(422)
	a.Store.Close()
	again := startApp(t, a.dir, "http://localhost:8080")
	b = again.browser()
	b.Get("/setup")
	b.Do(setupForm(b, old, "maya@fern.example")).Want(422)
	b.Do(setupForm(b, token(t, again.SetupURL(), "token="), "maya@fern.example")).To("/setup/site")
}

func TestSetupRace(t *testing.T) {
	a := emptyApp(t, "http://localhost:8080")
	key := token(t, a.SetupURL(), "token=")
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	browsers := make([]*testkit.Browser, 50)
	for i := range browsers {
		browsers[i] = a.browser()
		browsers[i].Get("/setup").Want(200)
	}
	for i, b := range browsers {
		all.Go(func() {
			res := b.Do(setupForm(b, key, fmt.Sprintf("a%d@fern.example", i)))
			mu.Lock()
			defer mu.Unlock()
			counts[res.Status]++
		})
	}
	all.Wait()
	if counts[303] != 1 || counts[404]+counts[422] != 49 {
		t.Errorf("%v", counts)
	}
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM account`); got != "1" {
		t.Errorf("%s accounts", got)
	}
}

func TestInvitations(t *testing.T) {
	a := newApp(t)
	admin := a.as(auth.Admin)
	admin.Post("/settings/users", "name", "", "email", "nope", "role", "root").Want(422).Has("Three fields need another look")
	page := admin.Post("/settings/users", "name", "Jonas", "email", "Jonas@fern.example", "role", "staff", "id", "1", "password_hash", "x", "epoch", "9").Want(200)
	secret := token(t, page.Body, "http://localhost:8080/invite/")
	admin.Get("/settings/users").Want(200).Has("Invited", "jonas@fern.example").Lacks(secret)
	if got := testkit.Rows(t, a.Store, `SELECT token_hash FROM one_off`); got != auth.HashToken(secret) {
		t.Error("not stored as a hash:", got)
	}
	b := a.browser()
	if b.Get("/invite/"+secret).Want(200).Has("jonas@fern.example").Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("referrer")
	}
	b.Post("/invite/"+secret, "name", "Jonas L", "password", "jonas@fern.example").Want(422)
	b.Post("/invite/"+secret, "name", "Jonas L", "password", goodPassword, "role", "admin").To("/")
	b.Get("/settings").Want(200).Has("Jonas L", "Outreach")
	b.Get("/invite/" + secret).Want(404)
	b.Post("/invite/"+secret, "password", goodPassword).Want(404)

	// A reset link ends the sessions and keeps the name.
	reset := token(t, admin.Post("/settings/users/5/link").Want(200).Body, "http://localhost:8080/invite/")
	c := a.browser()
	c.Get("/invite/" + reset).Want(200)
	c.Post("/invite/"+reset, "name", "Other", "password", "seven quiet herons wade").To("/")
	c.Get("/settings").Has("Jonas L")
	b.Get("/settings").To("/signin?next=%2Fsettings")

	late := token(t, admin.Post("/settings/users/5/link").Want(200).Body, "http://localhost:8080/invite/")
	a.clock.Forward(oneDay)
	c.Get("/invite/" + late).Want(404)
}

func TestUsers(t *testing.T) {
	a := newApp(t)
	admin, staff := a.as(auth.Admin), a.as(auth.Staff)
	page := admin.Get("/settings/users").Want(200)
	if n := page.Find("tbody tr").Length(); n != 4 {
		t.Errorf("%d users", n)
	}
	admin.Post("/settings/users/1/role", "role", "staff").Want(409).Has("is the last admin")
	admin.Post("/settings/users/1/disable").Want(409)
	admin.Post("/settings/users/3/role", "role", "root").Want(422)
	admin.Post("/settings/users/99/role", "role", "staff").Want(404)
	admin.Post("/settings/users/x/role", "role", "staff").Want(404)
	staff.Get("/settings").Want(200)
	admin.Post("/settings/users/3/role", "role", "viewer").To("/settings/users")
	admin.Get("/settings/users").Has("is Read only now")
	staff.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(staff, email(auth.Staff)).To("/")
	admin.Post("/settings/users/3/end-sessions").To("/settings/users")
	staff.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(staff, email(auth.Staff)).To("/")
	admin.Post("/settings/users/3/disable").To("/settings/users")
	staff.Get("/settings").To("/signin?next=%2Fsettings")
	a.enter(staff, email(auth.Staff)).Want(422)
	admin.Get("/settings/users").Has("Deactivated")
	admin.Post("/settings/users/3/enable").To("/settings/users")
	a.enter(staff, email(auth.Staff)).To("/")
}

func TestAuditPages(t *testing.T) {
	a := newApp(t)
	admin := a.as(auth.Admin)
	testkit.Exec(t, a.Store, `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149)
		INSERT INTO audit (id, at, actor, action, subject, detail) SELECT 1000 + i, '2026-03-01T09:00:00Z', '', 'signin_failed', '=cmd' || i, '<script>' FROM n`)
	first := admin.Get("/settings/audit").Want(200).Lacks("<script>").Has("failed to sign in", "=cmd149")
	older, _ := first.Find(`a:contains("Older")`).Attr("href")
	if older == "" || first.Find("tbody tr").Length() != 100 {
		t.Fatal("no second page")
	}
	admin.Get(older).Want(200).Has("=cmd0", "created an account").Lacks("=cmd149")
	for _, odd := range []string{"x", "-1", "99999999999999999999"} {
		admin.Get("/settings/audit?before=" + odd).Want(200).Has("=cmd149")
	}
	csv := admin.Get("/settings/audit.csv").Want(200)
	if strings.Contains(csv.Body, ",=cmd") || !strings.Contains(csv.Body, ",'=cmd0,") || !strings.Contains(csv.Header.Get("Content-Disposition"), "attachment") {
		t.Error("formulas in the export")
	}
	if got := strings.Count(csv.Body, "\n"); got < 155 {
		t.Errorf("%d lines", got)
	}
}
