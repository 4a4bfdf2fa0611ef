package store

import (
	"context"
	"database/sql"
	"time"
)

const uploadsSince = `SELECT digest FROM import WHERE created_at >= $1`

// UploadsSince are the digests of the files of all imports since an instant.
func (s *Store) UploadsSince(ctx context.Context, since time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var digest string
		err := rows.Scan(&digest)
		out[digest] = true
		return err
	}, uploadsSince, stamp(since))
	return out, classify(err, "uploads")
}

const importsBefore = `SELECT ` + importColumns + ` FROM import WHERE id < $1 ORDER BY id DESC LIMIT $2`

// ImportsBefore lists uploads from the newest on: those with a smaller id than
// before, which is 0 for the first page.
func (s *Store) ImportsBefore(ctx context.Context, before int64, limit int) ([]Import, error) {
	if before <= 0 {
		before = 1 << 62
	}
	var out []Import
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		m, err := scanImport(rows)
		out = append(out, m)
		return err
	}, importsBefore, before, limit)
	return out, classify(err, "imports")
}

const importedBefore = `SELECT ` + importColumns + ` FROM import
	WHERE id < $1 AND id >= $2 AND digest = $3 AND site_id = $4 AND kind = $5 AND state = 'done' ORDER BY id DESC LIMIT 1`

// ImportedBefore finds the last finished import of the same file for the same
// site among the 1,000 before m.
func (s *Store) ImportedBefore(ctx context.Context, m Import) (Import, bool, error) {
	old, err := scanImport(s.read.QueryRowContext(ctx, importedBefore, m.ID, m.ID-1000, m.Digest, m.SiteID, m.Kind))
	if err == sql.ErrNoRows {
		return Import{}, false, nil
	}
	return old, err == nil, classify(err, "earlier import")
}
