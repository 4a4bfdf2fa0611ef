package store

import (
	"context"
	"database/sql"
	"errors"
)

// Config reads a setting of the workspace; ok is false when it was never set.
func (s *Store) Config(ctx context.Context, key string) (value string, ok bool, err error) {
	value, ok, err = config(ctx, s.read, key)
	return value, ok, classify(err, "read setting "+key)
}

// SetConfig writes a setting of the workspace and notes it in the audit log.
// What is secret has no place here: config is in every backup, in the clear.
func (s *Store) SetConfig(ctx context.Context, by By, key, value string) error {
	return s.tx(ctx, "write setting "+key, func(tx *sql.Tx) error {
		before, _, err := config(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := setConfig(ctx, tx, key, value); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "setting", key, before+" to "+value)
	})
}

// ConfigOr reads a setting and stores value first when there is none, so that
// several that start at once agree.
func (s *Store) ConfigOr(ctx context.Context, key, value string) (string, error) {
	if have, ok, err := s.Config(ctx, key); err != nil || ok {
		return have, err
	}
	err := s.tx(ctx, "write setting "+key, func(tx *sql.Tx) error {
		have, ok, err := config(ctx, tx, key)
		if ok || err != nil {
			value = have
			return err
		}
		return setConfig(ctx, tx, key, value)
	})
	return value, err
}

func config(ctx context.Context, q querier, key string) (string, bool, error) {
	var v string
	err := q.QueryRowContext(ctx, `SELECT value FROM config WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return v, err == nil, err
}

func setConfig(ctx context.Context, tx *sql.Tx, key, value string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO config (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
