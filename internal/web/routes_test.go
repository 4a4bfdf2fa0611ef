package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/testkit"

	"github.com/go-chi/chi/v5"
)

// Whatever the router serves has to stand in the table with a role.
func TestEveryRouteHasARole(t *testing.T) {
	a := newApp(t)
	roles := map[string]auth.Role{}
	for _, rt := range a.routes() {
		key := rt.Method + " " + rt.Pattern
		if _, twice := roles[key]; twice {
			t.Errorf("%s stands twice in the table", key)
		}
		roles[key] = rt.Role
	}
	seen := 0
	err := chi.Walk(a.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		seen++
		if roles[method+" "+route] == auth.NoRole {
			t.Errorf("%s %s has no role", method, route)
		}
		return nil
	})
	if err != nil || seen != len(roles) {
		t.Errorf("%d routes served, %d in the table, %v", seen, len(roles), err)
	}
}

func TestARouteWithoutARoleIsRefused(t *testing.T) {
	a := newApp(t)
	for _, bad := range []Route{{Method: get, Pattern: "/x", Handler: a.goHome}, {Method: get, Pattern: "/x", Role: auth.Staff}} {
		s := &Server{Deps: a.Deps, router: chi.NewRouter()}
		if err := s.register(append(a.routes(), bad)); err == nil || len(s.router.Routes()) != 0 {
			t.Errorf("served without a role or a handler: %v", err)
		}
	}
}

// Each route is asked with each role; what comes back has to follow the table.
func TestRolesAreEnforced(t *testing.T) {
	a := newApp(t)
	browsers := map[auth.Role]*testkit.Browser{auth.Anyone: a.browser(), auth.Viewer: a.as(auth.Viewer), auth.Staff: a.as(auth.Staff), auth.Manager: a.as(auth.Manager)}
	browsers[auth.Anyone].Get("/signin")
	for _, rt := range a.routes() {
		if rt.Role == auth.Anyone {
			continue
		}
		path := strings.NewReplacer("{id}", "1", "{token}", "x").Replace(rt.Pattern)
		for role, b := range browsers {
			if role.AtLeast(rt.Role) {
				continue
			}
			q := testkit.Request{Method: rt.Method, Path: path}
			if rt.Method == post {
				q.Form = testkit.Form()
			}
			got := b.Do(q).Status
			want := http.StatusForbidden
			if role == auth.Anyone {
				want = map[string]int{get: http.StatusSeeOther, post: http.StatusUnauthorized}[rt.Method]
			}
			if got != want {
				t.Errorf("%s %s as %v: %d, want %d", rt.Method, path, role, got, want)
			}
		}
	}
}

func TestPathAndMethodTricks(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Viewer)
	for _, path := range []string{"/./settings/users", "//settings/users", "/settings//users", "/x/../settings/users", "/%2e/settings/users",
		"/settings%2fusers", "/settings/users/", "/SETTINGS/USERS", "/settings/users;x", "/settings/users%00"} {
		if res := b.Get(path); res.Status != 404 && res.Status != 403 {
			t.Errorf("%s: %d", path, res.Status)
		}
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT"} {
		if res := b.Do(testkit.Request{Method: method, Path: "/settings/users"}); res.Status < 400 || res.Status >= 500 {
			t.Errorf("%s: %d", method, res.Status)
		}
	}
	for _, h := range []string{"X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"} {
		b.Do(testkit.Request{Path: "/settings/audit", Header: map[string]string{h: "/settings"}}).Want(403)
	}
	if res := b.Do(testkit.Request{Method: "HEAD", Path: "/settings/users"}); res.Status != 403 {
		t.Errorf("HEAD of an admin page: %d", res.Status)
	}
	if res := b.Do(testkit.Request{Method: "HEAD", Path: "/settings"}); res.Status != 200 {
		t.Errorf("HEAD of an own page: %d", res.Status)
	}
}

// A page that is read changes nothing in the database.
func TestGetWritesNothing(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Admin)
	dump := func() string {
		var all strings.Builder
		tables := testkit.Rows(t, a.Store, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('session', 'audit') ORDER BY name`)
		for name := range strings.Lines(tables) {
			fmt.Fprintln(&all, name, testkit.Rows(t, a.Store, `SELECT * FROM `+strings.TrimSpace(name)))
		}
		return all.String()
	}
	before := dump()
	for _, rt := range a.routes() {
		if rt.Method == get {
			path := strings.NewReplacer("{id}", "1", "{token}", "x", "*", "nothing").Replace(rt.Pattern)
			if res := b.Get(path); res.Status >= 500 {
				t.Errorf("%s: %d", path, res.Status)
			}
		}
	}
	if after := dump(); after != before {
		t.Errorf("reading pages changed\n%s\ninto\n%s", before, after)
	}
}
