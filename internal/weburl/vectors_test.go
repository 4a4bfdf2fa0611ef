package weburl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// contract reads a published test file, which is kept outside the project.
func contract(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("LANDED_CONTRACTS_DIR")
	if dir == "" {
		dir = "../../../shared/contracts"
	}
	b, err := os.ReadFile(filepath.Join(dir, "vectors", name))
	if err != nil {
		t.Skip("no published vectors here:", err)
	}
	return b
}

// The vectors of the public suffix list itself. One difference is meant: a
// suffix of the private section is a platform's own site and has a domain.
func TestPublicSuffixVectors(t *testing.T) {
	empty, err := NewPlatforms(nil)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^checkPublicSuffix\('([^']*)', (?:'([^']*)'|null)\);`)
	n := 0
	for _, m := range line.FindAllStringSubmatch(string(contract(t, "test_psl.txt")), -1) {
		n++
		p, err := empty.Page("https://" + m[1] + "/x")
		if m[2] == "" {
			if err == nil && !(m[1] == "uk.com" && p.Outlet.Scope == ScopeBare) {
				t.Errorf("%s has the domain %s, want a refusal", m[1], p.Domain)
			}
			continue
		}
		want, err2 := toASCII(m[2])
		if err != nil || err2 != nil || p.Domain != want || p.Outlet != (OutletKey{Key: want}) {
			t.Errorf("%s: %+v, %v, want %s", m[1], p, err, want)
		}
	}
	if n < 70 {
		t.Errorf("only %d vectors read", n)
	}
}

// For every absolute http or https URL of the WHATWG test data we take the
// host that browsers take, or refuse.
func TestWHATWGHosts(t *testing.T) {
	var all []json.RawMessage
	if err := json.Unmarshal(contract(t, "urltestdata.json"), &all); err != nil {
		t.Fatal(err)
	}
	absolute := regexp.MustCompile(`^[\x00-\x20]*(?i:https?):[\t\r\n]*[/\\][\t\r\n]*[/\\]`)
	tested, agreed := 0, 0
	for _, raw := range all {
		var v struct {
			Input, Hostname string
			Failure         bool
		}
		if json.Unmarshal(raw, &v) != nil || !absolute.MatchString(v.Input) {
			continue
		}
		tested++
		a, err := slowAddress(v.Input)
		if err == nil {
			err = checkHost(a.host())
		}
		if err != nil {
			if !v.Failure && strings.Contains(v.Hostname, ".") && !strings.ContainsAny(v.Hostname, "[]%!") {
				t.Logf("refused: %q (%s): %v", v.Input, v.Hostname, err)
			}
			continue
		}
		if v.Failure || a.host() != strings.TrimSuffix(v.Hostname, ".") {
			t.Errorf("%q: host %q, browsers: %q, failure %t", v.Input, a.host(), v.Hostname, v.Failure)
		}
		agreed++
	}
	t.Logf("%d URLs, same host in %d", tested, agreed)
	if tested < 200 || agreed < 40 {
		t.Errorf("%d URLs tested, %d agreed: the data or the test is broken", tested, agreed)
	}
}
