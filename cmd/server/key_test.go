package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/config"
	"landed/internal/secret"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestKeyCommands(t *testing.T) {
	code, key, stderr := call(t, "", "key", "new")
	if code != exitDone || len(strings.TrimSpace(key)) != 43 {
		t.Fatalf("%d %q %s", code, key, stderr)
	}
	dir := testkit.Dir(t)
	if code, _, stderr := call(t, "", "key", "rotate", "--data", dir); code != exitFailed || !strings.Contains(stderr, "no master key") {
		t.Errorf("without a key: %d %s", code, stderr)
	}
	saveToken(t, dir, environment(t, nil))
	before := readKey(t, dir)
	code, stdout, stderr := call(t, "", "key", "rotate", "--data", dir)
	if code != exitDone || !strings.HasPrefix(stdout, "Sealed 1 with the key ") || strings.Contains(stdout, readKey(t, dir)) {
		t.Fatalf("%d %q %s", code, stdout, stderr)
	}
	if readKey(t, dir) == before {
		t.Error("the key is the same")
	}
	// As a rotation that was killed before the old key went leaves it.
	if err := os.WriteFile(filepath.Join(dir, secret.FileName), []byte(readKey(t, dir)+"\n"+before+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = call(t, "", "key", "rotate", "--data", dir)
	if code != exitDone || !strings.HasPrefix(stdout, "Finished a rotation that was cut off: sealed 0 ") {
		t.Errorf("%d %q", code, stdout)
	}
	openToken(t, dir, environment(t, nil))
	if err := os.Chmod(filepath.Join(dir, secret.FileName), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "", "key", "rotate", "--data", dir); code != exitFailed || !strings.Contains(stderr, "chmod 600") {
		t.Errorf("a key for everybody: %d %s", code, stderr)
	}
	if code, _, stderr := call(t, "", "serve", "--data", dir, "--addr", "127.0.0.1:0"); code != exitFailed || !strings.Contains(stderr, "chmod 600") {
		t.Errorf("the server starts with a key for everybody: %d %s", code, stderr)
	}
}

func TestKeyOfTheEnvironment(t *testing.T) {
	old, next := secret.NewKeyText(), secret.NewKeyText()
	dir := testkit.Dir(t)
	saveToken(t, dir, environment(t, map[string]string{"LANDED_MASTER_KEY": old}))
	rotate := func(env map[string]string) (int, string, string) {
		var out, errs strings.Builder
		code := run(t.Context(), []string{"key", "rotate", "--data", dir}, func(k string) string { return env[k] }, strings.NewReader(""), &out, &errs)
		return code, out.String(), errs.String()
	}
	if code, _, stderr := rotate(map[string]string{"LANDED_MASTER_KEY": old}); code != exitFailed || !strings.Contains(stderr, "in front of it") {
		t.Errorf("%d %s", code, stderr)
	}
	code, stdout, stderr := rotate(map[string]string{"LANDED_MASTER_KEY": next + "," + old})
	if code != exitDone || !strings.Contains(stdout, "Sealed 1") || strings.Contains(stdout+stderr, old) || strings.Contains(stdout+stderr, next) {
		t.Errorf("%d %q %s", code, stdout, stderr)
	}
	openToken(t, dir, environment(t, map[string]string{"LANDED_MASTER_KEY": next}))
	if code, _, stderr := rotate(map[string]string{"LANDED_MASTER_KEY": next, "LANDED_MASTER_KEY_FILE": "x"}); code != exitFailed || !strings.Contains(stderr, "both set") {
		t.Errorf("%d %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, secret.FileName)); !os.IsNotExist(err) {
		t.Errorf("a key file was made beside the environment's key: %v", err)
	}
}

const keptToken = "a-kept-token-of-fern-c3c3"

// environment is an app with an environment.
func environment(t *testing.T, env map[string]string) *app {
	t.Helper()
	return &app{ctx: t.Context(), secrets: config.ReadSecrets(func(k string) string { return env[k] }), stdout: io.Discard, stderr: io.Discard}
}

func saveToken(t *testing.T, dir string, a *app) {
	t.Helper()
	st := testkit.OpenStore(t, dir)
	d, err := a.desk(st, dir, "auto", 0, 0, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(t.Context(), store.By{Name: "Ada"}, 0, keptToken, true); err != nil {
		t.Fatal(err)
	}
}

func openToken(t *testing.T, dir string, a *app) {
	t.Helper()
	st := testkit.OpenStore(t, dir)
	d, err := a.desk(st, dir, "auto", 0, 0, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := d.State(t.Context()); err != nil || s.TokenEnd != "c3c3" {
		t.Errorf("%q %q, %v", s.TokenEnd, s.Problem, err)
	}
}

func readKey(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, secret.FileName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
