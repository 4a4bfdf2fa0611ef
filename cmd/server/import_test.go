package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that would keep others waiting for too long is not short, be it for its
// size or for its many short rows.
func TestShort(t *testing.T) {
	for _, c := range []struct {
		name, row string
		size      int64
		want      bool
	}{
		{"long rows", strings.Repeat("x", 200) + "\n", 29 << 20, true},
		{"too large", strings.Repeat("x", 200) + "\n", 31 << 20, false},
		{"short rows", "o1.example,Idea,2026-01-05\n", 29 << 20, false},
		{"ended by carriage returns", "o1.example,Idea,2026-01-05\r", 29 << 20, false},
		{"few short rows", "o1.example,Idea,2026-01-05\n", 5 << 20, true},
		{"one row", "o1.example\n", 11, true},
		{"nothing", "", 0, true},
	} {
		f, err := os.Create(filepath.Join(t.TempDir(), "list.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if c.row != "" {
			f.WriteString(strings.Repeat(c.row, 1+70_000/len(c.row)))
		}
		if err := f.Truncate(c.size); err != nil {
			t.Fatal(err)
		}
		f.Seek(3, 0)
		if got := short(f, 30<<20); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if at, _ := f.Seek(0, 1); at != 3 {
			t.Errorf("%s: read from %d next", c.name, at)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if short(r, 30<<20) {
		t.Error("a pipe is said to be short")
	}
}
