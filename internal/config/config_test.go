package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// grammar has every command of this package, as cmd/server registers them.
type grammar struct {
	Serve  Serve `command:"serve"`
	Demo   Demo  `command:"demo"`
	Import struct {
		Pitches Import `command:"pitches"`
		Links   Import `command:"links"`
	} `command:"import"`
	Attribute Attribute `command:"attribute"`
	Sync      Sync      `command:"sync"`
	Export    Export    `command:"export"`
	User      struct {
		Add   UserAdd   `command:"add"`
		List  UserList  `command:"list"`
		Reset UserReset `command:"reset"`
	} `command:"user"`
	Site struct {
		Add  SiteAdd  `command:"add"`
		List SiteList `command:"list"`
	} `command:"site"`
	Key struct {
		New    KeyNew    `command:"new"`
		Rotate KeyRotate `command:"rotate"`
	} `command:"key"`
	Backup  Backup  `command:"backup"`
	Restore Restore `command:"restore"`
	Check   Check   `command:"check"`
	Version Version `command:"version"`
}

func env(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		args    string
		env     []string
		command string
		show    func(g grammar) string
		want    string
	}{
		{"", nil, "serve", func(g grammar) string { return g.Serve.Data.Data + " " + g.Serve.Addr }, "./data 127.0.0.1:8080"},
		{"--addr 127.0.0.1:0", nil, "serve", func(g grammar) string { return g.Serve.Addr }, "127.0.0.1:0"},
		{"serve --trusted-proxies 10.0.0.0/8,127.0.0.1", nil, "serve", func(g grammar) string { return strings.Join(g.Serve.TrustedProxies, "|") }, "10.0.0.0/8|127.0.0.1"},
		{"serve", []string{"LANDED_ADDR", "localhost:9", "LANDED_DATA", "/srv"}, "serve", func(g grammar) string { return g.Serve.Addr + g.Serve.Data.Data }, "localhost:9/srv"},
		{"serve --addr :1 --base-url https://links.example.com", []string{"LANDED_ADDR", ":9"}, "serve", func(g grammar) string { return g.Serve.Addr }, ":1"},
		{"serve", []string{"LANDED_INSECURE_COOKIES", "true"}, "serve", func(g grammar) string { return fmt.Sprint(g.Serve.InsecureCookies) }, "true"},
		{"serve --addr [::1]:1", nil, "serve", func(g grammar) string { return g.Serve.Addr }, "[::1]:1"},
		{"serve --addr 0.0.0.0:1 --insecure-cookies", nil, "serve", func(g grammar) string { return g.Serve.Addr }, "0.0.0.0:1"},
		{"serve --session-idle 30m", nil, "serve", func(g grammar) string { return g.Serve.SessionIdle.String() }, "30m0s"},
		{"serve", []string{"LANDED_AHREFS_ENDPOINTS", "playbook"}, "serve", func(g grammar) string { return g.Serve.AhrefsEndpoints }, "playbook"},
		{"demo", []string{"LANDED_DATA", "/srv"}, "demo", func(g grammar) string { return g.Demo.Data }, ""},
		{"import links f.csv --site example.com --dry-run --json --data d", nil, "import links",
			func(g grammar) string {
				l := g.Import.Links
				return fmt.Sprintln(l.Args.File, l.Site, l.DryRun, l.JSON, l.Data.Data)
			}, "f.csv example.com true true d\n"},
		{"import pitches - --site example.com", nil, "import pitches", func(g grammar) string { return g.Import.Pitches.Args.File }, "-"},
		{"export credits --format json --out f", nil, "export", func(g grammar) string { return g.Export.Args.What + g.Export.Format + g.Export.Out }, "creditsjsonf"},
		{"user add ann@example.com --role admin", nil, "user add", func(g grammar) string { return g.User.Add.Args.Email + g.User.Add.Role }, "ann@example.comadmin"},
		{"site add example.com", nil, "site add", func(g grammar) string { return g.Site.Add.Args.Host }, "example.com"},
		{"attribute --full", nil, "attribute", func(g grammar) string { return fmt.Sprint(g.Attribute.Full) }, "true"},
		{"import pitches --dry-run --site example.com -", nil, "import pitches", func(g grammar) string { return g.Import.Pitches.Args.File }, "-"},
		{"import pitches --site example.com -- -f.csv", nil, "import pitches", func(g grammar) string { return g.Import.Pitches.Args.File }, "-f.csv"},
		{"serve --trusted-proxies ::1", []string{"LANDED_TRUSTED_PROXIES", "10.0.0.0/8"}, "serve", func(g grammar) string { return strings.Join(g.Serve.TrustedProxies, "|") }, "::1"},
		{"--hsts", []string{"LANDED_TRUSTED_PROXIES", "10.0.0.0/8,::1"}, "serve", func(g grammar) string { return fmt.Sprint(g.Serve.HSTS, g.Serve.TrustedProxies) }, "true [10.0.0.0/8 ::1]"},
		{"--hsts=false", []string{"LANDED_HSTS", "yes"}, "serve", func(g grammar) string { return fmt.Sprint(g.Serve.HSTS) }, "false"},
		{"", []string{"LANDED_HSTS", "yes", "LANDED_MAX_UPLOAD", "3", "LANDED_SYNC_EVERY", "0"}, "serve",
			func(g grammar) string { return fmt.Sprint(g.Serve.HSTS, g.Serve.MaxUpload, g.Serve.SyncEvery) }, "true 3 0s"},
		{"version", []string{"LANDED_MAX_UPLOAD", "big"}, "version", func(g grammar) string { return g.Version.Data.Data }, "./data"},
		{"version --data x", nil, "version", func(g grammar) string { return g.Version.Data.Data }, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.args+strings.Join(tt.env, "="), func(t *testing.T) {
			var g grammar
			run, err := Parse(&g, strings.Fields(tt.args), env(tt.env...), t.Output())
			if err != nil {
				t.Fatal(err)
			}
			if run.Name != tt.command {
				t.Errorf("command %q, want %q", run.Name, tt.command)
			}
			if got := tt.show(g); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		args, env, value string
		want             string // the thing at fault
	}{
		{"frobnicate", "", "", "frobnicate"},
		{"serve --nope", "", "", "--nope"},
		{"import links --site example.com", "", "", "FILE"},
		{"import links f.csv", "", "", "--site"},
		{"export secrets", "", "", "secrets"},
		{"export links --format xml", "", "", "--format"},
		{"user add ann@example.com --role owner", "", "", "--role"},
		{"serve --addr 8080", "", "", "--addr"},
		{"serve --addr :8080", "", "", "--base-url"},
		{"serve --addr 192.0.2.7:8080", "", "", "--insecure-cookies"},
		{"serve --session-idle soon", "", "", "--session-idle"},
		{"serve --session-idle 24h", "", "", "--session-idle"},
		{"serve --base-url example.com", "", "", "--base-url"},
		{"serve --base-url https://u:p@example.com", "", "", "--base-url"},
		{"serve --base-url https://example.com/sub", "", "", "--base-url"},
		{"serve --trusted-proxies everyone", "", "", "everyone"},
		{"serve --max-upload 0", "", "", "--max-upload"},
		{"serve --ahrefs-token abc", "", "", "--ahrefs-token"},
		{"serve --ahrefs-token=abc", "", "", "unknown flag --ahrefs-token\n"},
		{"serve -x", "", "", "-x"},
		{"import", "", "", "links or pitches"},
		{"import frogs", "", "", "frogs"},
		{"version extra", "", "", "extra"},
		{"--data d version", "", "", "version"},
		{"version --data --json", "", "", "--data"},
		{"export", "", "", "WHAT"},
		{"serve --hsts=perhaps", "", "", "--hsts"},
		{"serve", "LANDED_HSTS", "perhaps", "LANDED_HSTS"},
		{"serve", "LANDED_MAX_UPLOAD", "big", "LANDED_MAX_UPLOAD (--max-upload)"},
		{"serve", "LANDED_AHREFS_ENDPOINTS", "v9", "LANDED_AHREFS_ENDPOINTS"},
		{"serve", "LANDED_BASE_URL", "nonsense", "nonsense"},
	}
	for _, tt := range tests {
		t.Run(tt.args+tt.env, func(t *testing.T) {
			var g grammar
			_, err := Parse(&g, strings.Fields(tt.args), env(tt.env, tt.value), t.Output())
			if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error()+"\n", tt.want) {
				t.Errorf("got %v, want a usage error about %s", err, tt.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	tests := []struct {
		args string
		want []string
	}{
		{"--help", []string{"landed <command>", "import", "restore", "serve runs"}},
		{"-h", []string{"landed <command>"}},
		{"serve --help", []string{"--addr", "127.0.0.1:8080", "$LANDED_ADDR", "--insecure-cookies"}},
		{"--addr :1 --help", []string{"--addr", "--insecure-cookies"}},
		{"import --help", []string{"links", "pitches"}},
		{"import links --help", []string{"landed import links [links-OPTIONS] FILE", "standard input", "--site=HOST"}},
		{"export links --help", []string{"WHAT", "--format=[csv|json]"}},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			var out strings.Builder
			if _, err := Parse(&grammar{}, strings.Fields(tt.args), env(), &out); !errors.Is(err, ErrHelp) {
				t.Fatalf("got %v, want ErrHelp", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("help lacks %s:\n%s", want, out.String())
				}
			}
		})
	}
}

// The parser below must never look at the process's environment itself: what is
// in it would win over what a caller gives.
func TestProcessEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("LANDED_ADDR", "127.0.0.1:9")
	var g grammar
	if _, err := Parse(&g, []string{"serve"}, env(), t.Output()); err != nil || g.Serve.Addr != "127.0.0.1:8080" {
		t.Errorf("got %s, %v", g.Serve.Addr, err)
	}
}

func TestEveryCommandTakesData(t *testing.T) {
	commands, err := Commands(&grammar{})
	if err != nil {
		t.Fatal(err)
	}
	if len(commands) != 18 {
		t.Errorf("%d commands, want 18", len(commands))
	}
	for _, c := range commands {
		if !strings.Contains(strings.Join(c.Flags, " ")+" ", "--data ") {
			t.Errorf("%s has no --data", c.Name)
		}
		for _, f := range c.Flags {
			for _, secret := range []string{"token", "secret", "key", "pass"} {
				if strings.Contains(f, secret) && f != "--password-stdin" {
					t.Errorf("%s: %s looks like a secret; those come from the environment", c.Name, f)
				}
			}
		}
	}
}

func TestProxies(t *testing.T) {
	got, err := Serve{TrustedProxies: []string{"10.1.2.3/8", "::1", "127.0.0.1"}}.Proxies()
	if err != nil || fmt.Sprint(got) != "[10.0.0.0/8 ::1/128 127.0.0.1/32]" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s := ReadSecrets(env("LANDED_AHREFS_TOKEN", "abc123", "LANDED_AHREFS_BASE_URL", "http://127.0.0.1:1"))
	if s.AhrefsToken != "abc123" || s.AhrefsBaseURL != "http://127.0.0.1:1" {
		t.Fatal("the environment was not read")
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, s); strings.Contains(got, "abc123") {
			t.Errorf("%s prints the token: %s", format, got)
		}
	}
}

// The table of docs/operations.md must name every key with its flag and
// default. On failure the table to put there is printed.
func TestKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := Keys(&grammar{})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 12 {
		t.Fatalf("only %d keys found", len(keys))
	}
	var table strings.Builder
	missing := false
	for _, k := range keys {
		row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", k.Env, code(k.Flag), code(k.Default), k.Help)
		table.WriteString(row)
		missing = missing || !strings.Contains(string(doc), row)
	}
	if missing {
		t.Errorf("docs/operations.md lacks some of these rows:\n%s", table.String())
	}
	if n := strings.Count(string(doc), "| `LANDED_"); n != len(keys) {
		t.Errorf("docs/operations.md lists %d keys, the program has %d", n, len(keys))
	}
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func TestDefaults(t *testing.T) {
	var g grammar
	if _, err := Parse(&g, nil, env(), t.Output()); err != nil {
		t.Fatal(err)
	}
	s := g.Serve
	if s.SessionIdle != time.Hour || s.SessionLifetime != 12*time.Hour || s.InsecureCookies || s.Base() != "http://127.0.0.1:8080" {
		t.Errorf("unexpected defaults: %+v", s)
	}
}
