package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"landed/internal/fault"
)

// SealedSecret is what the store keeps of a secret: a text that only a master
// key opens, and what people tell it by. The store has neither key nor secret.
type SealedSecret struct {
	ID       int64
	Purpose  string
	KeyID    string // of the master key
	Sealed   string
	LastFour string
	SavedAt  time.Time
	SavedBy  string
}

// Seal seals a secret for the row with that id and purpose. It is called within
// the write transaction: keys that it reads there are not older than the last
// rotation.
type Seal func(id int64, purpose string) (keyID, sealed string, err error)

const secretColumns = `id, purpose, key_id, sealed, last_four, saved_at, saved_by`

func scanSecret(row scanner) (SealedSecret, error) {
	var x SealedSecret
	var at string
	err := row.Scan(&x.ID, &x.Purpose, &x.KeyID, &x.Sealed, &x.LastFour, &at, &x.SavedBy)
	x.SavedAt = instant(at)
	return x, err
}

// Secret reads a sealed secret; ok is false when there is none.
func (s *Store) Secret(ctx context.Context, purpose string) (x SealedSecret, ok bool, err error) {
	x, err = scanSecret(s.read.QueryRowContext(ctx, `SELECT `+secretColumns+` FROM secret WHERE purpose = $1`, purpose))
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	return x, err == nil, classify(err, "sealed secret")
}

// saveSecret puts a secret in the place of the one for the same purpose, under
// another id, so that the seal before does not open in its row.
func (s *Store) saveSecret(ctx context.Context, tx *sql.Tx, by By, purpose, lastFour string, seal Seal) error {
	id, err := nextID(ctx, tx, "secret")
	if err != nil {
		return err
	}
	keyID, sealed, err := seal(id, purpose)
	if err != nil {
		return err
	}
	if err := removeSecret(ctx, tx, purpose); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO secret (`+secretColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, purpose, keyID, sealed, lastFour, stamp(s.Now()), by.Name)
	return err
}

func removeSecret(ctx context.Context, tx *sql.Tx, purpose string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM secret WHERE purpose = $1`, purpose)
	return err
}

// ResealSecrets seals every secret anew, all of them or none. reseal gives key and
// text of a row; one that is sealed with that key already stays as it is. It
// counts those that were changed.
func (s *Store) ResealSecrets(ctx context.Context, by By, reseal func(SealedSecret) (keyID, sealed string, err error)) (changed int, err error) {
	err = s.tx(ctx, "seal with another key", func(tx *sql.Tx) error {
		var all []SealedSecret
		err := each(ctx, tx, func(rows *sql.Rows) error {
			x, err := scanSecret(rows)
			all = append(all, x)
			return err
		}, `SELECT `+secretColumns+` FROM secret ORDER BY id`)
		if err != nil {
			return err
		}
		for _, x := range all {
			keyID, sealed, err := reseal(x)
			if err != nil {
				return fault.Wrap(err, fault.KindOf(err), "%s, saved on %s, cannot be opened", x.Purpose, x.SavedAt.Format(time.DateOnly))
			}
			if keyID == x.KeyID {
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE secret SET key_id = $2, sealed = $3 WHERE id = $1`, x.ID, keyID, sealed); err != nil {
				return err
			}
			changed++
		}
		return s.audit(ctx, tx, by, "key_rotated", "", fmt.Sprintf("%d of %d sealed anew", changed, len(all)))
	})
	if err != nil {
		changed = 0
	}
	return changed, err
}
