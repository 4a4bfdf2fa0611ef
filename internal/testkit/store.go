// Package testkit has what the tests of several packages share: a store on a
// real file, a clock that stands still, and a browser that talks to a handler.
package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landed/internal/store"
)

// Start is where a Clock starts: a Sunday morning.
var Start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Clock is a clock that moves when a test says so.
type Clock struct{ offset atomic.Int64 }

// Now is the instant the clock shows, in UTC.
func (c *Clock) Now() time.Time { return Start.Add(time.Duration(c.offset.Load())) }

// Forward moves the clock on.
func (c *Clock) Forward(d time.Duration) { c.offset.Add(int64(d)) }

// empty is a database of the current schema, made once: migrating takes longer
// than most tests.
var empty = Seed(func(context.Context, *store.Store) error { return nil })

// Seed makes a database once, when it is first asked for, and gives each caller
// a data directory with a copy of it.
func Seed(fill func(context.Context, *store.Store) error) func(testing.TB) string {
	made := sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "landed-test-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		ctx := context.Background()
		st, err := store.Open(ctx, dir)
		if err != nil {
			return nil, err
		}
		st.Now = func() time.Time { return Start }
		if err := errors.Join(fill(ctx, st), st.Close()); err != nil { // closing empties the WAL into the file
			return nil, err
		}
		return os.ReadFile(filepath.Join(dir, store.FileName))
	})
	return func(t testing.TB) string {
		t.Helper()
		data, err := made()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, store.FileName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
}

// Store opens an empty store on a file of its own, as production opens it. It
// is closed when the test ends.
func Store(t testing.TB) *store.Store {
	t.Helper()
	return OpenStore(t, Dir(t))
}

// Dir makes a data directory that holds an empty database.
func Dir(t testing.TB) string {
	t.Helper()
	return empty(t)
}

// OpenStore opens the store of a data directory until the test ends.
func OpenStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// Exec changes the database behind the store's back, to set up what would take
// many calls.
func Exec(t testing.TB, st *store.Store, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+st.Path()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

// Rows runs a query and gives its rows as lines of values joined by " | ", to
// be compared as one text.
func Rows(t testing.TB, st *store.Store, query string, args ...any) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+st.Path()+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return RowsOf(t, db, query, args...)
}

// Dump is the rows of several queries, each under its text. It reads the schema
// once, which takes longer than most queries on a test's few rows.
func Dump(t testing.TB, st *store.Store, queries ...string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+st.Path()+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var out []string
	for _, q := range queries {
		out = append(out, q, RowsOf(t, db, q))
	}
	return strings.Join(out, "\n")
}

// RowsOf is Rows for a database that is not a workspace yet.
func RowsOf(t testing.TB, db *sql.DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, at := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(words, " | "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
