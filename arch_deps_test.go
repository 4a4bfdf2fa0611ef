package landed_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// direct lists the modules that go.mod requires without "// indirect".
func direct(gomod string) []string {
	var out []string
	block := false
	for line := range strings.Lines(gomod) {
		line = strings.TrimSpace(line)
		switch {
		case line == "require (":
			block = true
			continue
		case line == ")":
			block = false
		case strings.HasPrefix(line, "require "):
			line = strings.TrimPrefix(line, "require ")
		case !block:
			continue
		}
		if name, _, ok := strings.Cut(line, " "); ok && !strings.HasSuffix(line, "// indirect") {
			out = append(out, name)
		}
	}
	return out
}

// dependencyFaults holds go.mod and the imports against the table of docs/dependencies.md.
func dependencyFaults(gomod, table string, files []source) []string {
	var listed, out []string
	for _, m := range dependencyRow.FindAllStringSubmatch(table, -1) {
		if slices.Contains(listed, m[1]) {
			out = append(out, m[1]+" has two lines in docs/dependencies.md")
		}
		listed = append(listed, m[1])
	}
	for _, name := range direct(gomod) {
		if !slices.Contains(listed, name) {
			out = append(out, name+" is required in go.mod and has no line in docs/dependencies.md")
		}
	}
	for _, name := range listed {
		if !slices.Contains(direct(gomod), name) {
			out = append(out, name+" has a line in docs/dependencies.md and is not required in go.mod")
		}
	}
	seen := map[string]bool{}
	for _, s := range files {
		for imp, pos := range s.imports {
			first, _, _ := strings.Cut(imp, "/")
			foreign := strings.Contains(first, ".") && !seen[imp]
			seen[imp] = true
			if foreign && !slices.ContainsFunc(listed, func(m string) bool { return imp == m || strings.HasPrefix(imp, m+"/") }) {
				out = append(out, fmt.Sprintf("%s: %s has no line in docs/dependencies.md", s.at(pos), imp))
			}
		}
	}
	return out
}

func TestDependenciesAreExplained(t *testing.T) {
	gomod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range dependencyFaults(string(gomod), string(table), tree(t)) {
		t.Error(f)
	}
}
