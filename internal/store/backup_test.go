package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landed/internal/store"
	"landed/internal/testkit"
)

// A damaged database is found before anybody is served, and told with what to do.
func TestWholeFindsDamage(t *testing.T) {
	dir := t.TempDir()
	st := testkit.OpenStore(t, dir)
	if err := st.Whole(t.Context()); err != nil {
		t.Fatal("a fresh database:", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, store.FileName)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b[len(b)/2:] {
		b[len(b)/2+i] ^= 0x5a
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err = store.Open(t.Context(), dir)
	if err == nil {
		defer st.Close()
		err = st.Whole(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "landed restore") {
		t.Errorf("a damaged database: %v", err)
	}
}

// A look that runs out of time found nothing.
func TestWholeGivesUpInTime(t *testing.T) {
	st := testkit.Store(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := st.Whole(ctx); err != nil {
		t.Error(err)
	}
}

// The whole file is read again only when somebody may have changed it: the mark
// is gone while the database is open, and does not fit once the file is another.
func TestOnlyAFileLeftInOrderIsTakenForWhole(t *testing.T) {
	dir := t.TempDir()
	file, mark := filepath.Join(dir, store.FileName), filepath.Join(dir, "landed.closed")
	if err := testkit.OpenStore(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal("closed in order:", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	damage(t, file)
	open := func(what string, whole bool) {
		t.Helper()
		st, err := store.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(what, err)
		}
		defer st.Close()
		if _, err := os.Stat(mark); err == nil {
			t.Errorf("%s: the mark is there while the database is open", what)
		}
		if err := st.Whole(t.Context()); (err == nil) != whole {
			t.Errorf("%s: %v", what, err)
		}
	}
	open("another file", false)
	if err := os.WriteFile(mark, left, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	open("size and time as they were left", true)
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	open("no mark", false)
}

// damage spoils pages that opening does not read.
func damage(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	var page, size int
	if err := errors.Join(db.QueryRow(`SELECT rootpage FROM sqlite_master WHERE name = 'audit_at'`).Scan(&page), db.QueryRow(`PRAGMA page_size`).Scan(&size), db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The page of an index that opening does not read: which page is the last one
	// depends on the newest migration.
	for i := range size {
		b[(page-1)*size+i] ^= 0x5a
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
