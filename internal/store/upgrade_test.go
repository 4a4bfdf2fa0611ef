package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
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
