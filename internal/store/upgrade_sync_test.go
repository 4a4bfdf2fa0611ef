package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"landed/migrations"

	"github.com/pressly/goose/v3"
)

// A workspace of the first release keeps its runs, counts their units and is
// synced when it would have been.
func TestUpgradeOfSyncs(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName), false))
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO site (id, host, created_at) VALUES (1, 'example.com', '2026-01-01T00:00:00Z'), (2, 'other.example', '2026-01-01T00:00:00Z')`,
		`INSERT INTO sync_run (id, site_id, state, started_at, requests, units) VALUES (1, 1, 'done', '2026-01-30T10:00:00Z', 4, 10), (2, 1, 'done', '2026-01-31T10:00:00Z', 5, 20),
			(3, 1, 'done', '2026-02-26T10:00:00Z', 6, 30)`,
		`INSERT INTO sync_step (run_id, step, seq, state) VALUES (3, 'overview', 1, 'done')`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Now = func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }
	if units, err := s.Units(t.Context(), 0, "2026-01", "2026-12"); err != nil || fmt.Sprint(units) != "[{2026-01 1 9 30} {2026-02 1 6 30}]" {
		t.Errorf("%v, %v", units, err)
	}
	if run, ok, err := s.LastRun(t.Context(), 1); err != nil || !ok || run.Forecast.Units != -1 || run.Cause != "" || len(run.Steps) != 1 {
		t.Errorf("%+v, %v", run, err)
	}
	if due, err := s.DueSyncs(t.Context(), 7); err != nil || fmt.Sprint(due) != "[2]" {
		t.Errorf("due: %v, %v", due, err)
	}
	if c, err := s.Schedule(t.Context(), 1); err != nil || c.NextAt.IsZero() || c.Zone != "UTC" {
		t.Errorf("%+v, %v", c, err)
	}
}
