package store

import (
	"context"
	"database/sql"
	"time"

	"landed/internal/fault"
)

// What a one-off token is for.
const (
	ForSetup    = "setup"    // makes the first admin
	ForPassword = "password" // sets the password of an account: an invitation or a reset
)

// OneOff is a token that works once. Only its hash is stored.
type OneOff struct {
	Purpose   string
	AccountID int64
	ExpiresAt time.Time
}

// errOneOff is the one answer to a token that is wrong, used or too old.
func errOneOff() error {
	return fault.New(fault.NotFound, "This link has been used or is too old.")
}

// IssueSetup replaces any earlier set-up token.
func (s *Store) IssueSetup(ctx context.Context, tokenHash string, expires time.Time) error {
	return s.tx(ctx, "issue a set-up token", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE purpose = $1`, ForSetup); err != nil {
			return err
		}
		return putOneOff(ctx, tx, tokenHash, ForSetup, 0, expires)
	})
}

// IssuePassword makes a token that sets the password of an account, and ends
// the earlier ones.
func (s *Store) IssuePassword(ctx context.Context, by By, id int64, tokenHash string, expires time.Time) (Account, error) {
	var a Account
	err := s.tx(ctx, "issue a password link", func(tx *sql.Tx) (err error) {
		if a, err = account(ctx, tx, `id = $1`, id); err != nil {
			return err
		}
		if a.Disabled {
			return fault.New(fault.Conflict, "%s is deactivated. Activate the account first.", a.Name)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE account_id = $1`, id); err != nil {
			return err
		}
		if err := putOneOff(ctx, tx, tokenHash, ForPassword, id, expires); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "password_link", a.Email, "")
	})
	return a, err
}

// OneOff looks a token up without using it; NotFound when it is wrong, used or
// expired.
func (s *Store) OneOff(ctx context.Context, tokenHash string) (OneOff, error) {
	o, err := oneOff(ctx, s.read, tokenHash, stamp(s.Now()))
	return o, classify(err, "look up a token")
}

// RedeemPassword uses a token up and sets the password (and the name, unless
// it is ""). Every session of the account ends.
func (s *Store) RedeemPassword(ctx context.Context, by By, tokenHash, name, passwordHash string) (Account, error) {
	var a Account
	err := s.tx(ctx, "redeem a password link", func(tx *sql.Tx) error {
		used, err := useOneOff(ctx, tx, tokenHash, stamp(s.Now()))
		if err != nil {
			return err
		}
		if a, err = account(ctx, tx, `id = $1`, used.AccountID); err != nil || used.Purpose != ForPassword || a.Disabled {
			return errOr(err, errOneOff())
		}
		if name != "" {
			a.Name = name
		}
		a.PasswordHash = passwordHash
		if err := endSessions(ctx, tx, &a); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE account SET name = $1, password_hash = $2, epoch = $3, updated_at = $4 WHERE id = $5`,
			a.Name, a.PasswordHash, a.Epoch, stamp(s.Now()), a.ID); err != nil {
			return err
		}
		by.AccountID, by.Name = a.ID, a.Name
		return s.audit(ctx, tx, by, "password_set", a.Email, "by a one-off link")
	})
	return a, err
}

func putOneOff(ctx context.Context, tx *sql.Tx, hash, purpose string, id int64, expires time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO one_off (token_hash, purpose, account_id, expires_at) VALUES ($1, $2, $3, $4)`,
		hash, purpose, id, stamp(expires))
	return err
}

func oneOff(ctx context.Context, q querier, hash, now string) (OneOff, error) {
	var o OneOff
	var expires string
	err := q.QueryRowContext(ctx, `SELECT purpose, account_id, expires_at FROM one_off WHERE token_hash = $1 AND expires_at > $2`,
		hash, now).Scan(&o.Purpose, &o.AccountID, &expires)
	o.ExpiresAt = instant(expires)
	if err == sql.ErrNoRows {
		return o, errOneOff()
	}
	return o, err
}

func useOneOff(ctx context.Context, tx *sql.Tx, hash, now string) (OneOff, error) {
	o, err := oneOff(ctx, tx, hash, now)
	if err != nil {
		return o, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM one_off WHERE token_hash = $1`, hash)
	return o, err
}
