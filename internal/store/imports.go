package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"landed/internal/fault"
	"landed/internal/pitches"
)

// PitchIndex indexes a site's pitches for an import.
func (s *Store) PitchIndex(ctx context.Context, site int64) (*pitches.Index, error) {
	var failed error
	x := pitches.NewIndex(func(yield func(*pitches.Pitch) bool) {
		failed = s.EachPitch(ctx, site, func(p pitches.Pitch) error {
			yield(&p)
			return nil
		})
	})
	return x, classify(failed, "pitches")
}

// Owners finds accounts by what a list calls them.
type Owners map[string]struct {
	ID   int64
	Name string
}

// Find is the account with that name or e-mail address, whatever the case. A
// name without an account is kept as it is: lists know people who left.
func (o Owners) Find(name string) (int64, string, bool) {
	name = strings.TrimSpace(name)
	a, ok := o[strings.ToLower(name)]
	if !ok {
		return 0, name, name != ""
	}
	return a.ID, a.Name, true
}

// Owners reads every account for Find.
func (s *Store) Owners(ctx context.Context) (Owners, error) {
	out := Owners{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var id int64
		var name, email string
		err := rows.Scan(&id, &name, &email)
		for _, k := range []string{name, email} {
			a := out[strings.ToLower(k)]
			a.ID, a.Name = id, name
			out[strings.ToLower(k)] = a
		}
		return err
	}, `SELECT id, name, email FROM account ORDER BY disabled DESC, id DESC`)
	return out, classify(err, "accounts")
}

// CanonicalKeys maps each outlet's aliases to its primary key.
func (s *Store) CanonicalKeys(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var alias, key string
		err := rows.Scan(&alias, &key)
		out[alias] = key
		return err
	}, `SELECT x.key, o.key FROM outlet_alias x JOIN outlet o ON o.id = x.outlet_id`)
	return out, classify(err, "aliases")
}

// SavedMapping is the mapping that a person made for a file with that header,
// or an empty one.
func (s *Store) SavedMapping(ctx context.Context, kind, fingerprint string) (pitches.Mapping, error) {
	var m pitches.Mapping
	var text string
	err := s.read.QueryRowContext(ctx, `SELECT mapping FROM saved_mapping WHERE kind = $1 AND fingerprint = $2`, kind, fingerprint).Scan(&text)
	if err == sql.ErrNoRows {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &m)
	}
	return m, classify(err, "saved mapping")
}

// SaveMapping keeps a mapping for the next file with that header.
func (s *Store) SaveMapping(ctx context.Context, kind, fingerprint string, m pitches.Mapping) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("mapping: %w", err)
	}
	return s.tx(ctx, "save mapping", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO saved_mapping (kind, fingerprint, mapping) VALUES ($1, $2, $3)
			ON CONFLICT (kind, fingerprint) DO UPDATE SET mapping = excluded.mapping`, kind, fingerprint, string(text))
		return err
	})
}

// Import is one file that was uploaded: what it is, how far it is, what it did.
type Import struct {
	ID, SiteID, AccountID int64
	Kind                  string // pitches, links
	Who, FileName, Digest string
	Size                  int64
	State                 string // uploaded, queued, running, done, failed
	Mapping               string // JSON, of package web's making
	Progress              int
	Outcome               string // JSON of an intake result
	Message               string
	CreatedAt, FinishedAt time.Time
}

const importColumns = `id, kind, site_id, account_id, who, file_name, digest, size, state, mapping, progress, outcome, message, created_at, finished_at`

func scanImport(row scanner) (Import, error) {
	var m Import
	var created, finished string
	err := row.Scan(&m.ID, &m.Kind, &m.SiteID, &m.AccountID, &m.Who, &m.FileName, &m.Digest, &m.Size, &m.State, &m.Mapping, &m.Progress, &m.Outcome, &m.Message, &created, &finished)
	m.CreatedAt, m.FinishedAt = instant(created), instant(finished)
	return m, err
}

// CreateImport writes down an uploaded file.
func (s *Store) CreateImport(ctx context.Context, by By, m Import) (Import, error) {
	m.AccountID, m.Who, m.State, m.CreatedAt = by.AccountID, by.Name, "uploaded", s.Now()
	err := s.tx(ctx, "note upload", func(tx *sql.Tx) error {
		var err error
		if m.ID, err = nextID(ctx, tx, "import"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO import (`+importColumns+`) VALUES `+marks(1, 15),
			m.ID, m.Kind, m.SiteID, m.AccountID, m.Who, m.FileName, m.Digest, m.Size, m.State, m.Mapping, 0, "", "", stamp(m.CreatedAt), "")
		return err
	})
	return m, err
}

// Import is one upload by id.
func (s *Store) Import(ctx context.Context, id int64) (Import, error) {
	m, err := scanImport(s.read.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = $1`, id))
	if err == sql.ErrNoRows {
		return m, fault.New(fault.NotFound, "There is no import %d.", id)
	}
	return m, classify(err, "import")
}

// Imports lists the latest uploads.
func (s *Store) Imports(ctx context.Context, limit int) ([]Import, error) {
	var out []Import
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		m, err := scanImport(rows)
		out = append(out, m)
		return err
	}, `SELECT `+importColumns+` FROM import ORDER BY created_at DESC, id DESC LIMIT $1`, limit)
	return out, classify(err, "imports")
}

// MoveImport sets an import's state if it is in one of from, and its mapping if
// that is not empty; otherwise it is a Conflict.
func (s *Store) MoveImport(ctx context.Context, id int64, to, mapping string, from ...string) error {
	return s.tx(ctx, "import", func(tx *sql.Tx) error {
		args := append([]any{id, to, mapping}, anys(from)...)
		res, err := tx.ExecContext(ctx, `UPDATE import SET state = $2, mapping = CASE WHEN $3 = '' THEN mapping ELSE $3 END, message = ''
			WHERE id = $1 AND state IN `+marks(4, len(from)), args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fault.New(fault.Conflict, "This import is running or done already.")
		}
		return nil
	})
}

// ImportProgress notes how many rows were read.
func (s *Store) ImportProgress(ctx context.Context, id int64, rows int) error {
	_, err := s.write.ExecContext(ctx, `UPDATE import SET progress = $2 WHERE id = $1`, id, rows)
	return classify(err, "progress")
}

// FinishImport writes down how an import ended.
func (s *Store) FinishImport(ctx context.Context, id int64, state string, outcome any, message string) error {
	text, err := json.Marshal(outcome)
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	return s.tx(ctx, "import", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE import SET state = $2, outcome = $3, message = $4, finished_at = $5 WHERE id = $1`, id, state, string(text), message, stamp(s.Now()))
		return err
	})
}
