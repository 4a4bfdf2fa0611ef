package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strconv"
	"strings"

	"landed/internal/fault"
	"landed/migrations"

	"github.com/pressly/goose/v3"
)

// migrate brings the schema up to date. When it is current already, one cheap
// read says so and goose is not started: a start should take milliseconds.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, db)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s is not a database that Landed can read. Nothing was changed; restore a backup with “landed restore”", path)
	}
	switch {
	case have == newest:
		return nil
	case have > newest:
		return fault.New(fault.Unavailable, "The database %s was written by a newer Landed (schema %d, this program knows %d). Nothing was changed", path, have, newest)
	case have > 0:
		if err := copyBefore(ctx, db, path, have); err != nil {
			return err
		}
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.Files)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s from schema %d: %w", path, have, err)
	}
	return nil
}

// copyBefore keeps the database as it was before a migration, beside it.
func copyBefore(ctx context.Context, db *sql.DB, path string, version int64) error {
	to := fmt.Sprintf("%s.before-%d", path, version+1)
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
		return fmt.Errorf("backup before the migration: %w", err)
	}
	return os.Chmod(to, 0o600)
}

func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var n int64
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}

func newestMigration() (int64, error) {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("no migrations embedded: %w", err)
	}
	sort.Strings(names)
	last, _, _ := strings.Cut(names[len(names)-1], "_")
	return strconv.ParseInt(last, 10, 64)
}
