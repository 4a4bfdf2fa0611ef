package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

// many gives links of many domains.
func many(n int) []backlinks.Link {
	links := make([]backlinks.Link, n)
	for i := range links {
		links[i] = link(fmt.Sprintf("https://blog-%d.example/a-story-of-some-length/%d/", i%997, i), "2026-02-03")
	}
	return links
}

// filling is a first import of links or of pitches.
type filling struct {
	table string
	run   func(st *store.Store, site store.Site, n int, progress func(rows int)) error
}

// eachFilling runs a test for both kinds.
func eachFilling(t *testing.T, test func(*testing.T, filling)) {
	for _, f := range []filling{
		{"link", func(st *store.Store, site store.Site, n int, progress func(int)) error {
			_, err := st.SaveLinks(t.Context(), site.ID, seq(many(n)...), false, progress)
			return err
		}},
		{"pitch", func(st *store.Store, site store.Site, n int, progress func(int)) error {
			_, err := st.ImportPitches(t.Context(), admin, site.ID, manyPitches(n), nil, func(rows int) {
				if rows%5000 == 0 {
					progress(rows)
				}
			})
			return err
		}},
	} {
		t.Run(f.table, func(t *testing.T) { test(t, f) })
	}
}

// total is how many rows a list says there are.
func (f filling) total(st *store.Store, site store.Site) (store.Total, error) {
	if f.table == "pitch" {
		page, err := st.ListPitches(context.Background(), store.PitchFilter{Site: site.ID})
		return page.Total, err
	}
	page, err := st.ListLinks(context.Background(), store.LinkFilter{Site: site.ID})
	return page.Total, err
}

func (f filling) count(t *testing.T, st *store.Store) string {
	t.Helper()
	return testkit.Rows(t, st, `SELECT COUNT(*) FROM `+f.table)
}

// A first import of a command that is alone leaves the write-ahead log aside. Cut
// off at any point, it is undone by who opens the workspace next.
func TestAloneImportCutOff(t *testing.T) { eachFilling(t, testAloneImportCutOff) }

func testAloneImportCutOff(t *testing.T, fill filling) {
	defer store.Chunk(2000)()
	defer store.ImportCache(200)() // so that pages are written while the import goes on
	st, _ := open(t)
	site := addSite(t, st)
	if _, err := st.SiteByHost(t.Context(), "brand.example"); err != nil { // leaves a reading connection open
		t.Fatal(err)
	}
	st.Alone()
	var copies []string
	err := fill.run(st, site, 15_000, func(rows int) {
		dir := t.TempDir()
		for _, name := range []string{store.FileName, store.FileName + "-journal"} {
			data, err := os.ReadFile(filepath.Join(filepath.Dir(st.Path()), name))
			if err != nil {
				t.Fatalf("after %d rows: %v", rows, err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(st.Path() + "-wal"); err == nil {
			t.Errorf("after %d rows there is a write-ahead log", rows)
		}
		copies = append(copies, dir)
	})
	if err != nil || len(copies) != 3 {
		t.Fatalf("%d copies, %v", len(copies), err)
	}
	if mode, err := st.Journal(t.Context()); mode != "wal" || err != nil {
		t.Errorf("afterwards the journal is %q, %v", mode, err)
	}
	if n := fill.count(t, st); n != "15000" {
		t.Errorf("rows stored: %s", n)
	}
	done, _ := os.Stat(st.Path())
	for i, dir := range copies {
		cut, err := os.Stat(filepath.Join(dir, store.FileName))
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && cut.Size() < done.Size()/10 {
			t.Errorf("copy %d has only %d bytes: nothing was written yet that could be undone", i, cut.Size())
		}
		again, err := store.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if n := fill.count(t, again); n != "0" {
			t.Errorf("copy %d has rows: %s", i, n)
		}
		if fill.table == "pitch" && testkit.Rows(t, again, indexes) != testkit.Rows(t, st, indexes) {
			t.Errorf("copy %d lacks indexes", i)
		}
		whole(t, again)
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

const indexes = `SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name`

// While others have the workspace open, or once it has rows, all is done with the log.
func TestAloneWithOthers(t *testing.T) { eachFilling(t, testAloneWithOthers) }

func testAloneWithOthers(t *testing.T, fill filling) {
	st, _ := open(t)
	site := addSite(t, st)
	other, err := store.Open(t.Context(), filepath.Dir(st.Path()))
	if err != nil {
		t.Fatal(err)
	}
	st.Alone()
	stored := func(when, want string) func(int) {
		return func(int) {
			if mode, err := other.Journal(t.Context()); mode != "wal" || err != nil {
				t.Errorf("%s: the journal is %q, %v", when, mode, err)
			}
			if n := fill.count(t, other); n != want {
				t.Errorf("%s another sees %s rows", when, n)
			}
		}
	}
	if err := fill.run(st, site, 5000, stored("at first", "0")); err != nil {
		t.Fatal(err)
	}
	stored("then", "5000")(0)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	seen := false
	err = fill.run(st, site, 5000, func(int) {
		_, err := os.Stat(st.Path() + "-wal")
		seen = err == nil
	})
	if err != nil || !seen {
		t.Errorf("a later import: write-ahead log %v, %v", seen, err)
	}
}

// Who opens the workspace meanwhile waits, and sees all of it or nothing.
func TestOpenWaitsForAloneImport(t *testing.T) { eachFilling(t, testOpenWaitsForAloneImport) }

func testOpenWaitsForAloneImport(t *testing.T, fill filling) {
	defer store.Chunk(1000)()
	defer store.ImportCache(200)()
	st, _ := open(t)
	site := addSite(t, st)
	st.Alone()
	opened := make(chan error, 1)
	err := fill.run(st, site, 15_000, func(rows int) {
		if rows != 5000 {
			return
		}
		go func() {
			other, err := store.Open(t.Context(), filepath.Dir(st.Path()))
			if err == nil {
				var total store.Total
				total, err = fill.total(other, site)
				if err == nil && total.N != 0 && total.N != 15_000 {
					err = fmt.Errorf("%d rows", total.N)
				}
				err = errors.Join(err, other.Close())
			}
			opened <- err
		}()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
	whole(t, st)
}

// A restore leaves a workspace alone that a command just fills: the command would go
// on with files of the same names, which are then those of the restored one.
func TestRestoreBesideAloneImport(t *testing.T) {
	defer store.Chunk(1000)()
	defer store.ImportCache(200)()
	st, _ := open(t)
	site := addSite(t, st)
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := st.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(st.Path())
	st.Alone()
	_, err := st.SaveLinks(t.Context(), site.ID, seq(many(10_000)...), false, func(rows int) {
		if rows != 5000 {
			return
		}
		undo := store.BusyTimeout(50 * time.Millisecond)
		kept, err := store.Restore(t.Context(), dir, file)
		undo()
		if kept != "" || !fault.Is(err, fault.Unavailable) {
			t.Errorf("a restore meanwhile: kept %q, %v", kept, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if kept, err := store.Restore(ctx, dir, file); kept != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a restore that is broken off: kept %q, %v", kept, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); n != "10000" {
		t.Errorf("links stored: %s", n)
	}
	whole(t, st)
}
