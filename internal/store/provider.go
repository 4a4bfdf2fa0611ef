package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"landed/internal/fault"
)

// Provider is how a provider is asked, as the settings have it. Version 0 was
// never changed.
type Provider struct {
	Name      string
	Endpoints string       // the set that was chosen; "" = the server's setting
	Token     SealedSecret // ID 0 when none is saved
	TestedAt  time.Time    // of the last test; zero when the token in use was never tested
	Test      string       // what it said, as JSON
	ChangedAt time.Time
	ChangedBy string
	Version   int64
}

func tokenPurpose(provider string) string { return "provider_token " + provider }

// Provider reads what the settings say of a provider.
func (s *Store) Provider(ctx context.Context, name string) (Provider, error) {
	p := Provider{Name: name}
	var tested, changed string
	err := s.read.QueryRowContext(ctx, `SELECT endpoints, tested_at, test, changed_at, changed_by, version FROM provider WHERE name = $1`, name).
		Scan(&p.Endpoints, &tested, &p.Test, &changed, &p.ChangedBy, &p.Version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, classify(err, "provider")
	}
	p.TestedAt, p.ChangedAt = instant(tested), instant(changed)
	p.Token, _, err = s.Secret(ctx, tokenPurpose(name))
	return p, err
}

// SaveProviderToken puts a token in the place of the one before, if the settings
// still stand at version; otherwise the error is a Conflict. lastFour is what
// people see of it, test what the provider said about it ("" = not asked).
func (s *Store) SaveProviderToken(ctx context.Context, by By, name string, version int64, lastFour, test string, seal Seal) error {
	return s.tx(ctx, "save the token", func(tx *sql.Tx) error {
		if err := s.changeProvider(ctx, tx, by, name, version); err != nil {
			return err
		}
		if err := s.noteTest(ctx, tx, name, test); err != nil {
			return err
		}
		if err := s.saveSecret(ctx, tx, by, tokenPurpose(name), lastFour, seal); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "token_saved", name, "ends in …"+lastFour)
	})
}

// RemoveProviderToken forgets the token.
func (s *Store) RemoveProviderToken(ctx context.Context, by By, name string, version int64) error {
	return s.tx(ctx, "remove the token", func(tx *sql.Tx) error {
		if err := s.changeProvider(ctx, tx, by, name, version); err != nil {
			return err
		}
		if err := s.noteTest(ctx, tx, name, ""); err != nil {
			return err
		}
		if err := removeSecret(ctx, tx, tokenPurpose(name)); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "token_removed", name, "")
	})
}

// SetProviderEndpoints chooses the set of endpoints; "" leaves it to the server's
// setting.
func (s *Store) SetProviderEndpoints(ctx context.Context, by By, name string, version int64, endpoints string) error {
	return s.tx(ctx, "choose the endpoints", func(tx *sql.Tx) error {
		if err := s.changeProvider(ctx, tx, by, name, version); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE provider SET endpoints = $2 WHERE name = $1`, name, endpoints); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "provider_endpoints", name, endpoints)
	})
}

// NoteProviderTest keeps what a test of the connection said. It is no change of
// the settings: nobody's form goes stale by it.
func (s *Store) NoteProviderTest(ctx context.Context, by By, name, test string) error {
	return s.tx(ctx, "note the test", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO provider (name, version) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`, name)
		if err != nil {
			return err
		}
		if err := s.noteTest(ctx, tx, name, test); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "provider_tested", name, "")
	})
}

func (s *Store) noteTest(ctx context.Context, tx *sql.Tx, name, test string) error {
	at := ""
	if test != "" {
		at = stamp(s.Now())
	}
	_, err := tx.ExecContext(ctx, `UPDATE provider SET tested_at = $2, test = $3 WHERE name = $1`, name, at, test)
	return err
}

// changeProvider moves the settings on from version, by whom it was changed.
func (s *Store) changeProvider(ctx context.Context, tx *sql.Tx, by By, name string, version int64) error {
	if version == 0 {
		_, err := tx.ExecContext(ctx, `INSERT INTO provider (name, version) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`, name)
		if err != nil {
			return err
		}
	}
	res, err := tx.ExecContext(ctx, `UPDATE provider SET version = version + 1, changed_at = $3, changed_by = $4 WHERE name = $1 AND version = $2`,
		name, version, stamp(s.Now()), by.Name)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fault.New(fault.Conflict, "Somebody else has changed these settings in the meantime."), err)
	}
	return nil
}
