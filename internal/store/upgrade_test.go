package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/store"
	"landed/internal/testkit"
)

// Databases of old releases, as their own programs left them. A new release adds
// one: sqlite3 landed.db .dump.
var releases = []string{"0.1.0"}

// A database of an old release ends in the schema of a fresh one, keeps what
// people decided, and its figures agree with its rows.
func TestOldDatabasesAreBroughtUpToDate(t *testing.T) {
	fresh := testkit.Store(t)
	schema := `SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type, name`
	const credits = `SELECT link_id, pitch_id, state, score, owner_id, campaign, decided_by FROM credit ORDER BY link_id`
	for _, release := range releases {
		t.Run(release, func(t *testing.T) {
			dir := t.TempDir()
			before := asItWas(t, filepath.Join(dir, store.FileName), release, credits)
			st := testkit.OpenStore(t, dir)
			if got, want := testkit.Rows(t, st, schema), testkit.Rows(t, fresh, schema); got != want {
				t.Errorf("the schema is not that of a fresh database:\n%s\nwant\n%s", got, want)
			}
			if got := testkit.Rows(t, st, credits); got != before {
				t.Errorf("the credits were\n%s\nand are\n%s", before, got)
			}
			for _, full := range []bool{false, true} {
				if _, err := st.Attribute(t.Context(), 1, full, nil); err != nil {
					t.Fatal(err)
				}
				found, err := st.Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range found {
					t.Error(p.What)
				}
			}
			if got := testkit.Rows(t, st, credits); got != before {
				t.Errorf("after a full run the credits were\n%s\nand are\n%s", before, got)
			}
			if _, err := os.Stat(filepath.Join(dir, store.FileName+".before-2")); err != nil {
				t.Error("no copy from before:", err)
			}
		})
	}
}

// Figures that no migration can count are counted when the program first opens
// the database, copies of articles among them.
func TestStaleFiguresAreCounted(t *testing.T) {
	dir := t.TempDir()
	st := testkit.OpenStore(t, dir)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
	a, b := link("https://outlet.example/story", "2026-01-10"), link("https://copier.example/story", "2026-01-11")
	a.Title = "Payroll errors cost small firms 41,000 hours"
	b.Title = a.Title
	save(t, st, site, a, b)
	const kept = `SELECT 'copy', page_id, original_page FROM copy UNION ALL SELECT month, last_parts, linear_parts FROM touch_month`
	want := testkit.Rows(t, st, kept)
	if strings.Count(want, "\n") != 1 {
		t.Fatalf("a copy and a month were expected:\n%s", want)
	}
	testkit.Exec(t, st, `DELETE FROM copy`)
	testkit.Exec(t, st, `DELETE FROM touch_month`)
	testkit.Exec(t, st, `INSERT INTO config (key, value) VALUES ('figures.stale', 'yes')`)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = testkit.OpenStore(t, dir)
	if got := testkit.Rows(t, st, kept); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	whole(t, st)
}

// asItWas makes the database of a release and gives the rows of a query.
func asItWas(t *testing.T, path, release, query string) string {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", release+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(dump)); err != nil {
		t.Fatal(err)
	}
	return testkit.RowsOf(t, db, query)
}
