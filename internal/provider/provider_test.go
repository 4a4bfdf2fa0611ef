package provider

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/secret"
	"landed/internal/store"
	"landed/internal/testkit"
)

const savedToken = "a-saved-token-of-fern-f2c9"

var ada = store.By{AccountID: 1, Name: "Ada", Address: "192.0.2.1"}

// newDesk is one on an empty workspace, with a provider that must not be asked.
func newDesk(t *testing.T, change func(*Options)) (*Desk, *store.Store) {
	t.Helper()
	dir := testkit.Dir(t)
	st := testkit.OpenStore(t, dir)
	o := Options{Store: st, Keys: secret.Source{File: filepath.Join(dir, secret.FileName)}, BaseURL: "http://127.0.0.1:1"}
	if change != nil {
		change(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d, st
}

func save(t *testing.T, d *Desk, version int64, token string) {
	t.Helper()
	if _, err := d.Save(t.Context(), ada, version, token, true); err != nil {
		t.Fatal(err)
	}
}

func TestSavedTokenIsUsedAtOnceAndStoredSealed(t *testing.T) {
	d, st := newDesk(t, nil)
	if _, err := d.Client(t.Context()); !errors.Is(err, ErrNoToken) {
		t.Fatalf("without a token: %v", err)
	}
	save(t, d, 0, " "+savedToken+"\n")
	s, err := d.State(t.Context())
	if err != nil || s.Origin != Settings || s.TokenEnd != "f2c9" || s.Token.LastFour != "f2c9" || s.Token.SavedBy != "Ada" || s.Version != 1 || !s.Ready() {
		t.Errorf("%+v, %v", s, err)
	}
	first, err := d.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := d.Client(t.Context()); again != first {
		t.Error("the client, with its pace, is made anew at each use")
	}
	save(t, d, 1, "another-token-entirely-9999")
	if other, err := d.Client(t.Context()); err != nil || other == first {
		t.Errorf("the token before is still in use: %v", err)
	}
	if err := d.Remove(t.Context(), ada, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Client(t.Context()); !errors.Is(err, ErrNoToken) {
		t.Errorf("removed, but: %v", err)
	}
	want := "token_saved | ahrefs | ends in …f2c9\ntoken_saved | ahrefs | ends in …9999\ntoken_removed | ahrefs | "
	if got := testkit.Rows(t, st, `SELECT action, subject, detail FROM audit ORDER BY id`); got != want {
		t.Errorf("audit:\n%s", got)
	}
}

// What is typed is nowhere but in memory: not in any file of the workspace, a
// backup, the audit log, the log, an error or a printed value.
func TestTokenIsNowhereInTheClear(t *testing.T) {
	var log bytes.Buffer
	d, st := newDesk(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	save(t, d, 0, savedToken)
	shown := []string{fmt.Sprintf("%v %+v %#v %s", d, d, d.o, d.o)}
	if r, err := d.Test(t.Context(), ada); err != nil {
		shown = append(shown, err.Error())
	} else {
		shown = append(shown, fmt.Sprintf("%+v", r))
	}
	state, err := d.State(t.Context())
	shown = append(shown, fmt.Sprintf("%+v %v", state, err))
	if _, err := d.Save(t.Context(), ada, 0, savedToken, true); !fault.Is(err, fault.Conflict) {
		t.Errorf("stale settings: %v", err)
	} else {
		shown = append(shown, err.Error())
	}
	_, err = d.Save(t.Context(), ada, 1, savedToken+" two words", true)
	if fault.FieldsOf(err)["token"] == "" {
		t.Errorf("two words: %v", err)
	}
	shown = append(shown, err.Error(), fault.Message(err), log.String(), testkit.Rows(t, st, `SELECT * FROM audit`))
	for _, text := range shown {
		if strings.Contains(text, savedToken) {
			t.Errorf("the token is in %.300s", text)
		}
	}
	dir := filepath.Dir(st.Path())
	if err := st.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	keys, err := os.ReadFile(d.o.Keys.File)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(keys[bytes.IndexByte(keys, '\n'):]))
	seen := 0
	for _, path := range files(t, dir) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if bytes.Contains(b, []byte(savedToken)) {
			t.Errorf("the token is in %s", filepath.Base(path))
		}
		if filepath.Base(path) != secret.FileName && bytes.Contains(b, []byte(key)) {
			t.Errorf("the master key is in %s", filepath.Base(path))
		}
	}
	if seen < 3 {
		t.Errorf("only %d files were looked at", seen)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEnvironmentWins(t *testing.T) {
	d, _ := newDesk(t, func(o *Options) { o.Token = "the-environments-token-e0e0" })
	save(t, d, 0, savedToken)
	s, err := d.State(t.Context())
	if err != nil || s.Origin != Environment || s.TokenEnd != "e0e0" || s.Token.LastFour != "f2c9" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := New(Options{Store: d.o.Store, Keys: d.o.Keys, Token: "two words"}); err == nil || strings.Contains(err.Error(), "two words") || !strings.Contains(err.Error(), "LANDED_AHREFS_TOKEN") {
		t.Errorf("a token that cannot be right: %v", err)
	}
}

func TestTokenThatDoesNotOpen(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(t *testing.T, d *Desk, st *store.Store)
		want string
	}{
		"key file gone": {func(t *testing.T, d *Desk, _ *store.Store) { remove(t, d.o.Keys.File) }, "Put the key back, or enter the token again"},
		"key file open": {func(t *testing.T, d *Desk, _ *store.Store) { os.Chmod(d.o.Keys.File, 0o644) }, "chmod 600"},
		"row changed":   {func(t *testing.T, _ *Desk, st *store.Store) { testkit.Exec(t, st, `UPDATE secret SET sealed = 'AAAA'`) }, "was changed. Enter the token again"},
		"row moved":     {func(t *testing.T, _ *Desk, st *store.Store) { testkit.Exec(t, st, `UPDATE secret SET id = 7`) }, "was changed. Enter the token again"},
		"key file of another": {func(t *testing.T, d *Desk, _ *store.Store) {
			remove(t, d.o.Keys.File)
			if _, err := d.o.Keys.RingOrNew(); err != nil {
				t.Fatal(err)
			}
		}, "Put the key back"},
	} {
		d, st := newDesk(t, nil)
		save(t, d, 0, savedToken)
		tt.harm(t, d, st)
		s, err := d.State(t.Context())
		if err != nil || s.Ready() || !strings.Contains(s.Problem, tt.want) || s.TokenEnd != "" {
			t.Errorf("%s: %q, %v", name, s.Problem, err)
		}
		if _, err := d.Client(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestRotateSealsEverythingAnew(t *testing.T) {
	d, st := newDesk(t, nil)
	save(t, d, 0, savedToken)
	before := testkit.Rows(t, st, `SELECT key_id, sealed FROM secret`)
	done, changed, err := Rotate(t.Context(), st, d.o.Keys)
	if err != nil || changed != 1 || done.To == done.From {
		t.Fatalf("%+v, %d, %v", done, changed, err)
	}
	if testkit.Rows(t, st, `SELECT key_id, sealed FROM secret`) == before || testkit.Rows(t, st, `SELECT key_id FROM secret`) != done.To {
		t.Error("the row is as before")
	}
	if s, err := d.State(t.Context()); err != nil || s.TokenEnd != "f2c9" {
		t.Errorf("a running server cannot open it: %+v, %v", s, err)
	}
	if got := testkit.Rows(t, st, `SELECT action, detail FROM audit WHERE action = 'key_rotated'`); got != "key_rotated | 1 of 1 sealed anew" {
		t.Error(got)
	}
	// A row that does not open stops it: nothing is changed, no key is dropped.
	testkit.Exec(t, st, `UPDATE secret SET key_id = 'deadbeef'`)
	if _, _, err := Rotate(t.Context(), st, d.o.Keys); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "deadbeef") {
		t.Errorf("%v", err)
	}
	if r, err := d.o.Keys.Ring(); err != nil || len(r.Spare()) != 1 {
		t.Errorf("the key before is gone: %v, %v", r, err)
	}
	testkit.Exec(t, st, `UPDATE secret SET key_id = '`+done.To+`'`)
	if again, changed, err := Rotate(t.Context(), st, d.o.Keys); err != nil || changed != 1 || !again.Finished {
		t.Errorf("%+v, %d, %v", again, changed, err)
	}
	if s, err := d.State(t.Context()); err != nil || s.TokenEnd != "f2c9" {
		t.Errorf("%+v, %v", s, err)
	}
}

// A token that is saved while the key is changed opens afterwards.
func TestSavingWhileRotating(t *testing.T) {
	d, st := newDesk(t, nil)
	save(t, d, 0, savedToken)
	end := make(chan error)
	go func() {
		var all error
		for range 20 {
			_, _, err := Rotate(t.Context(), st, d.o.Keys)
			all = errors.Join(all, err)
		}
		end <- all
	}()
	for v := int64(1); v <= 20; v++ {
		save(t, d, v, fmt.Sprintf("token-number-%04d", v))
		if s, err := d.State(t.Context()); err != nil || s.TokenEnd != fmt.Sprintf("%04d", v) {
			t.Errorf("%d: %q %q, %v", v, s.TokenEnd, s.Problem, err)
		}
	}
	if err := <-end; err != nil {
		t.Error(err)
	}
	if s, err := d.State(t.Context()); err != nil || s.TokenEnd != "0020" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestChooseEndpoints(t *testing.T) {
	d, st := newDesk(t, func(o *Options) { o.Endpoints = "playbook" })
	if s, _ := d.State(t.Context()); s.Endpoints != "playbook" || s.Version != 0 {
		t.Errorf("%+v", s)
	}
	if err := d.Choose(t.Context(), ada, 0, "v9"); fault.FieldsOf(err)["endpoints"] == "" {
		t.Errorf("%v", err)
	}
	if err := d.Choose(t.Context(), ada, 0, Auto); err != nil {
		t.Fatal(err)
	}
	if s, _ := d.State(t.Context()); s.Endpoints != Auto || s.Default != "playbook" || s.ChangedBy != "Ada" {
		t.Errorf("%+v", s)
	}
	if err := d.Choose(t.Context(), ada, 0, Auto); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old form: %v", err)
	}
	if got := testkit.Rows(t, st, `SELECT action, detail FROM audit`); got != "provider_endpoints | auto" {
		t.Error(got)
	}
}

// served is a desk whose provider is the fake, which lets savedToken in.
func served(t *testing.T, sets ahrefstest.Sets) (*Desk, *store.Store, *ahrefstest.Server) {
	t.Helper()
	srv := ahrefstest.NewServer(ahrefstest.NewWorld(func() time.Time { return testkit.Start }))
	srv.Sets = sets
	srv.AllowToken(savedToken)
	t.Cleanup(srv.Close)
	d, st := newDesk(t, func(o *Options) { o.BaseURL, o.PerMinute = srv.URL(), 1<<20 })
	return d, st, srv
}

func TestTokenIsTestedBeforeItIsSaved(t *testing.T) {
	for name, tt := range map[string]struct {
		sets    ahrefstest.Sets
		token   string
		want    string // set and account
		problem string
	}{
		"published":        {ahrefstest.V3, savedToken, "v3 true", ""},
		"playbook":         {ahrefstest.Playbook, savedToken, "playbook false", ""},
		"refused":          {ahrefstest.V3, "another-token-altogether-0000", "", "does not accept the API token"},
		"not even a token": {ahrefstest.V3, "", "", "Paste the API token"},
	} {
		d, st, srv := served(t, tt.sets)
		r, err := d.Save(t.Context(), ada, 0, tt.token, false)
		if tt.problem != "" {
			if got := fault.FieldsOf(err)["token"]; !strings.Contains(got, tt.problem) {
				t.Errorf("%s: %q", name, got)
			}
			if got := testkit.Rows(t, st, `SELECT * FROM secret`); got != "" {
				t.Errorf("%s: saved %s", name, got)
			}
			continue
		}
		if err != nil || fmt.Sprint(r.Set, " ", r.Account != nil) != tt.want {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		s, err := d.State(t.Context())
		if err != nil || s.Detected != r.Set || s.Report == nil || s.TestedAt.IsZero() || !s.Ready() {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if srv.UnitsUsed() != 0 {
			t.Errorf("%s: the test cost %d units", name, srv.UnitsUsed())
		}
		c, err := d.Client(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Overview(t.Context(), backlinks.Target{Host: "example.com", Mode: backlinks.ModeDomain}, day.Of(testkit.Start)); err != nil {
			t.Errorf("%s: the client cannot ask: %v", name, err)
		}
	}
}

// Replacing a token with one that is refused leaves the one that works.
func TestRefusedTokenReplacesNothing(t *testing.T) {
	d, _, srv := served(t, ahrefstest.V3)
	if _, err := d.Save(t.Context(), ada, 0, savedToken, false); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(t.Context(), ada, 1, "a-mistyped-token-entirely-3333", false); fault.FieldsOf(err)["token"] == "" {
		t.Fatal(err)
	}
	s, err := d.State(t.Context())
	if err != nil || s.TokenEnd != "f2c9" || s.Version != 1 || s.Report == nil || s.Report.Problem != "" {
		t.Errorf("%+v, %v", s, err)
	}
	srv.ExpireToken(savedToken)
	r, err := d.Test(t.Context(), ada)
	if err != nil || !strings.Contains(r.Problem, "expired") {
		t.Errorf("%+v, %v", r, err)
	}
	if s, err = d.State(t.Context()); err != nil || s.Report == nil || s.Report.Problem != r.Problem || s.Version != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}
