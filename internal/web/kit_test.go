package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/store"
	"landed/internal/testkit"
)

// app is a server with an account of each role, all with the same password.
type app struct {
	*Server
	t     testing.TB
	clock *testkit.Clock
	log   *lockedBuffer
	dir   string
}

const goodPassword = "grey otter likes rain"

// cheapHasher makes tests quick; the real costs are tested in package auth.
var cheapHasher = sync.OnceValue(func() *auth.Hasher {
	h, err := auth.NewHasher(auth.Params{Memory: 64, Iterations: 1, Parallelism: 1})
	if err != nil {
		panic(err)
	}
	return h
})

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// seeded has an account of each role and the site fern.example.
var seeded = testkit.Seed(func(ctx context.Context, st *store.Store) error {
	hash, err := cheapHasher().Hash(ctx, goodPassword)
	if err != nil {
		return err
	}
	for _, r := range []auth.Role{auth.Admin, auth.Manager, auth.Staff, auth.Viewer} {
		if _, err := st.CreateAccount(ctx, store.By{Name: "command line"},
			store.NewAccount{Email: email(r), Name: "Maya " + r.Label(), Role: r, PasswordHash: hash}); err != nil {
			return err
		}
	}
	_, err = st.CreateSite(ctx, "fern.example")
	return err
})

// newApp starts with accounts 1 to 4 (admin, manager, staff, viewer) and the
// site fern.example; email(role) signs in.
func newApp(t testing.TB) *app {
	t.Helper()
	return startApp(t, seeded(t), "http://localhost:8080")
}

func email(r auth.Role) string { return r.String() + "@fern.example" }

// emptyApp is a server before its set-up.
func emptyApp(t testing.TB, base string) *app {
	t.Helper()
	return startApp(t, testkit.Dir(t), base)
}

// startApp is a server on an existing data directory, as after a restart.
func startApp(t testing.TB, dir, base string) *app {
	t.Helper()
	st, clock, log := testkit.OpenStore(t, dir), &testkit.Clock{}, &lockedBuffer{}
	st.Now = clock.Now
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Deps{Store: st, Config: Config{BaseURL: u}, Log: NewLogger(log, slog.LevelDebug), Hasher: cheapHasher()})
	if err != nil {
		t.Fatal(err)
	}
	return &app{Server: s, t: t, clock: clock, log: log, dir: dir}
}

// browser is one that nobody has signed in with.
func (a *app) browser() *testkit.Browser { return testkit.NewBrowser(a.t, a) }

// as is a browser that is signed in with a role.
func (a *app) as(r auth.Role) *testkit.Browser {
	a.t.Helper()
	b := a.browser()
	a.enter(b, email(r)).To("/")
	b.Get("/settings").Want(200) // for the form token
	return b
}

func (a *app) enter(b *testkit.Browser, email string) *testkit.Response {
	b.Get("/signin").Want(200)
	return b.Post("/signin", "email", email, "password", goodPassword)
}

// token is the secret of a link or a page's address after a prefix.
func token(t testing.TB, text, prefix string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, prefix)
	if !ok {
		t.Fatalf("no %q in %s", prefix, text)
	}
	end := strings.IndexAny(rest, `"&< `)
	if end < 0 {
		end = len(rest)
	}
	return rest[:end]
}

const oneDay = 24 * time.Hour
