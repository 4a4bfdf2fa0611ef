package store

import (
	"fmt"
	"os"
	"testing"
)

// benchDir holds the database that benchmarks share.
var benchDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "landed-store-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	benchDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir) // the exit code says what matters
	os.Exit(code)
}
