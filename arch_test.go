package landed_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files are parsed here instead of asking `go list`: the test cache does not
// see through another program, so an answer of `go list` can be stale, while
// files that a test opens itself are part of its cache key.

const module = "landed"

// mayImport is who may import whom, by folder, for code that is not a test. A
// package that is missing here fails the test: give it a line.
var mayImport = map[string][]string{
	"internal/fault":       {},
	"internal/day":         {},
	"internal/weburl":      {"internal/fault"},
	"internal/tabular":     {"internal/fault", "internal/day"},
	"internal/pitches":     {"internal/fault", "internal/day", "internal/weburl", "internal/tabular"},
	"internal/backlinks":   {"internal/fault", "internal/day", "internal/weburl", "internal/tabular"},
	"internal/attribution": {"internal/fault", "internal/day", "internal/weburl", "internal/pitches", "internal/backlinks"},
	"internal/report":      {"internal/fault", "internal/day", "internal/pitches", "internal/backlinks", "internal/attribution"},
	"internal/web/chart":   {"internal/day", "internal/report"},
	"internal/auth":        {"internal/fault", "internal/day"},
	"internal/config":      {"internal/fault", "internal/day"},
	"internal/secret":      {"internal/fault"},

	"internal/ahrefs":            {"internal/fault", "internal/day", "internal/weburl", "internal/backlinks"},
	"internal/ahrefs/ahrefstest": {"internal/fault", "internal/day", "internal/weburl", "internal/backlinks", "internal/ahrefs"},

	"internal/store": {"internal/fault", "internal/day", "internal/weburl", "internal/pitches", "internal/backlinks",
		"internal/attribution", "internal/auth", "migrations"},
	"internal/intake": {"internal/fault", "internal/day", "internal/weburl", "internal/tabular", "internal/pitches",
		"internal/backlinks", "internal/attribution", "internal/store"},
	"internal/sync": {"internal/fault", "internal/day", "internal/weburl", "internal/backlinks", "internal/ahrefs",
		"internal/attribution", "internal/store"},
	"internal/jobs": {"internal/fault", "internal/day", "internal/weburl", "internal/backlinks", "internal/pitches",
		"internal/attribution", "internal/store", "internal/intake", "internal/sync"},
	"internal/provider": {"internal/fault", "internal/day", "internal/backlinks", "internal/ahrefs", "internal/secret", "internal/store"},
	"internal/demo": {"internal/fault", "internal/day", "internal/weburl", "internal/pitches", "internal/backlinks",
		"internal/attribution", "internal/ahrefs", "internal/ahrefs/ahrefstest", "internal/auth", "internal/intake",
		"internal/store", "internal/sync"},
	"internal/web": {"internal/fault", "internal/day", "internal/weburl", "internal/tabular", "internal/pitches",
		"internal/backlinks", "internal/attribution", "internal/report", "internal/auth", "internal/intake",
		"internal/provider", "internal/store", "internal/web/chart", "templates", "static"},

	"templates":  {"static"}, // for the hashed names of assets; a page is still drawn from a literal
	"static":     {},
	"migrations": {},

	"cmd/server":       {"*"},
	"internal/testkit": {"*"},
	"internal/browser": {"*"},

	// Measured programs stand apart, so that the yardsticks share no code with what they are held against.
	"internal/bench": {},
	// This one counts units, not seconds, and drives the product's own sync.
	"internal/bench/sync": {"*"},
	// But accuracy measures the product itself.
	"internal/bench/accuracy": {"*"},
}

// subtree lists folders whose packages may import their own folder and nothing else of ours.
var subtrees = []string{"internal/bench"}

// onlyTests may be imported by tests, and by what is named here.
var onlyTests = map[string][]string{
	"internal/testkit":           {"internal/browser"},
	"internal/ahrefs/ahrefstest": {"internal/demo", "cmd/server", "internal/testkit", "internal/browser", "internal/bench/sync"},
	"internal/browser":           {},
}

// pure packages give the same answer for the same input: no database, no
// network, no files, no clock.
var pure = []string{"internal/fault", "internal/day", "internal/weburl", "internal/tabular", "internal/pitches",
	"internal/backlinks", "internal/attribution", "internal/report", "internal/web/chart"}

var impureImports = []string{"database/sql", "net/http", "os"}

var clockCalls = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// reserved imports belong to the folders named.
var reserved = []struct {
	prefix string
	in     []string
}{
	{"github.com/riverqueue/", []string{"internal/jobs"}},
	{"riverqueue.com/", []string{"internal/jobs"}},
	{"github.com/pressly/goose", []string{"internal/store"}},
	{"modernc.org/sqlite", []string{"internal/store", "internal/testkit", "internal/bench"}},
	{"modernc.org/libc", []string{"internal/store"}},
	{"database/sql", []string{"internal/store", "internal/jobs", "internal/testkit", "internal/bench"}},
}

// badNames say nothing about what is inside.
var badNames = []string{"utils", "util", "helpers", "helper", "common", "models", "services", "managers", "misc", "pkg", "shared"}

const (
	maxFileLines     = 400
	maxFunctionLines = 100
)

// source is one parsed Go file.
type source struct {
	path string // from the root, with slashes
	fset *token.FileSet
	file *ast.File
	text string
}

func parse(name, text string) (source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path: name, fset: fset, file: f, text: text}, err
}

func (s source) dir() string     { return path.Dir(s.path) }
func (s source) test() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return ast.IsGenerated(s.file) }
func (s source) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(p).Line)
}

// imports yields the path and position of every import.
func (s source) imports(yield func(string, token.Pos) bool) {
	for _, i := range s.file.Imports {
		if !yield(strings.Trim(i.Path.Value, `"`), i.Pos()) {
			return
		}
	}
}

func within(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return dir == f || strings.HasPrefix(dir, f+"/") })
}

// importFaults checks one file against mayImport, onlyTests, pure and reserved.
func importFaults(s source) []string {
	if s.test() {
		return nil
	}
	var out []string
	bad := func(p token.Pos, format string, args ...any) {
		out = append(out, s.at(p)+": "+fmt.Sprintf(format, args...))
	}
	dir := s.dir()
	sub := within(dir, subtrees)
	allowed, known := mayImport[dir]
	if !known && !sub {
		bad(s.file.Package, "package %s is not in the table of arch_test.go", dir)
	}
	for imp, pos := range s.imports {
		for _, r := range reserved {
			if (imp == r.prefix || strings.HasPrefix(imp, strings.TrimSuffix(r.prefix, "/")+"/")) && !within(dir, r.in) {
				bad(pos, "%s belongs to %s alone", imp, strings.Join(r.in, ", "))
			}
		}
		if slices.Contains(pure, dir) && within(imp, impureImports) {
			bad(pos, "%s is pure and may not import %s", dir, imp)
		}
		ours, isOurs := strings.CutPrefix(imp, module+"/")
		if !isOurs {
			continue
		}
		if by, hidden := onlyTests[ours]; hidden && !slices.Contains(by, dir) {
			bad(pos, "%s is for tests", ours)
		}
		switch {
		case sub && within(ours, subtrees), slices.Contains(allowed, "*"), slices.Contains(allowed, ours):
		default:
			bad(pos, "%s may not import %s", dir, ours)
		}
	}
	return out
}

// clockFaults finds calls of package time that read a clock or wait, in pure packages.
func clockFaults(s source) []string {
	if s.test() || !slices.Contains(pure, s.dir()) {
		return nil
	}
	var out []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clockCalls, sel.Sel.Name) {
			out = append(out, fmt.Sprintf("%s: %s is pure and may not use time.%s", s.at(n.Pos()), s.dir(), sel.Sel.Name))
		}
		return true
	})
	return out
}

// sizeFaults finds files and functions that are too long to read in one go.
func sizeFaults(s source) []string {
	if s.test() || s.generated() {
		return nil
	}
	var out []string
	if n := strings.Count(s.text, "\n"); n > maxFileLines {
		out = append(out, fmt.Sprintf("%s: %d lines, more than %d", s.path, n, maxFileLines))
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > maxFunctionLines {
			out = append(out, fmt.Sprintf("%s: %s has %d lines, more than %d", s.at(f.Pos()), f.Name.Name, n, maxFunctionLines))
		}
	}
	return out
}

// nameFaults finds packages and files named after nothing in particular.
func nameFaults(s source) []string {
	var out []string
	stem, _, _ := strings.Cut(path.Base(s.path), ".")
	for _, n := range []string{strings.TrimSuffix(s.file.Name.Name, "_test"), strings.TrimSuffix(stem, "_test"), path.Base(s.dir())} {
		if slices.Contains(badNames, n) {
			out = append(out, fmt.Sprintf("%s: %q says nothing about what is inside", s.path, n))
		}
	}
	return out
}

// tree parses every Go file of the module once. tools/ is a module of its own.
func tree(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(d.Name(), ".") || p == "tools" || p == "data" || d.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		s, err := parse(filepath.ToSlash(p), string(b))
		if err != nil {
			return err
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found: the walk is broken", len(out))
	}
	return out
}

func TestArchitecture(t *testing.T) {
	files := tree(t)
	for name, check := range map[string]func(source) []string{
		"imports": importFaults, "clock": clockFaults, "sizes": sizeFaults, "names": nameFaults,
		"sql stays in store": sqlElsewhere, "sql is portable": bannedInStore,
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range files {
				for _, f := range check(s) {
					t.Error(f)
				}
			}
		})
	}
}
