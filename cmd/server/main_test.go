package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"landed/internal/config"
	"landed/internal/store"
)

func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(t.Context(), args, func(string) string { return "" }, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		args           string
		code           int
		stdout, stderr string // parts of them
	}{
		{"version", exitDone, "landed 0.", ""},
		{"--help", exitDone, "landed <command>", ""},
		{"frobnicate", exitUsage, "", "frobnicate"},
		{"version --nope", exitUsage, "", "--nope"},
		{"version extra", exitUsage, "", "extra"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			code, stdout, stderr := call(t, "", strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("code %d, stdout %q, stderr %q; want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
			if code != exitDone && stdout != "" {
				t.Errorf("an error wrote to standard output: %q", stdout)
			}
		})
	}
}

// What is changed or taken out by command stands in the audit log too.
func TestCommandsAreAudited(t *testing.T) {
	dir := t.TempDir()
	data, list := filepath.Join(dir, "data"), filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, []byte("Outlet,Status,Sent\nmoss.example,pitched,2026-01-02\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	for _, args := range [][]string{{"site", "add", "fern.example"}, {"import", "pitches", list, "--site", "fern.example"}, {"import", "pitches", list, "--site", "fern.example", "--dry-run"},
		{"export", "credits", "--out", filepath.Join(dir, "credits.csv")}, {"backup", copied}, {"restore", copied}} {
		if code, _, errs := call(t, "", append(args, "--data", data)...); code != exitDone {
			t.Fatal(args, errs)
		}
	}
	st, err := store.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	log, err := st.AuditLog(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range log {
		got = append(got, e.Actor+" "+e.Action+" "+filepath.Base(e.Subject))
	}
	slices.Reverse(got)
	// The backup's own entry came after the copy was made.
	want := []string{"command line site_created fern.example", "command line imported list.csv", "command line exported credits", "command line restored copy.db"}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has %q, want %q", got, want)
	}
}

// Every command and flag is on the page about the command line.
func TestCommandsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for part := range strings.SplitSeq(string(doc), "\n### ") {
		title, body, _ := strings.Cut(part, "\n")
		sections[strings.Trim(title, "`")] = body
	}
	commands, err := config.Commands(&program{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		body, ok := sections["landed "+c.Name]
		if !ok {
			t.Errorf("docs/cli.md has no section “### `landed %s`”", c.Name)
			continue
		}
		for _, f := range c.Flags {
			if f != "--data" && !strings.Contains(body, "`"+f) {
				t.Errorf("docs/cli.md: %s lacks %s", c.Name, f)
			}
		}
	}
}

// A stop that comes while the server still begins is an orderly one: no error, and
// the database is left so that the next start need not read all of it.
func TestStopWhileStarting(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code, _, errs := call(t, "", "site", "add", "fern.example", "--data", data); code != exitDone {
		t.Fatal(errs)
	}
	for range 5 {
		ctx, stop := context.WithCancel(t.Context())
		var errs strings.Builder
		code := run(ctx, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, func(string) string { return "" }, strings.NewReader(""), stopAt{stop}, &errs)
		if code != exitDone || strings.Contains(errs.String(), "ERROR") {
			t.Errorf("code %d: %s", code, errs.String())
		}
		if _, err := os.Stat(filepath.Join(data, "landed.closed")); err != nil {
			t.Error(err)
		}
	}
}

// stopAt stops a server as soon as it says anything.
type stopAt struct{ stop context.CancelFunc }

func (s stopAt) Write(b []byte) (int, error) {
	s.stop()
	return len(b), nil
}
