package store

import (
	"context"
	"database/sql"
	"fmt"

	"landed/internal/auth"
	"landed/internal/fault"
)

// change runs f on an account, then refuses the whole if no admin is left who
// can sign in, and notes it in the audit log. Writers queue, so two admins
// cannot demote each other at the same time.
func (s *Store) change(ctx context.Context, by By, id int64, action string, f func(*sql.Tx, *Account) (detail string, err error)) (Account, error) {
	var a Account
	err := s.tx(ctx, "change an account", func(tx *sql.Tx) (err error) {
		if a, err = account(ctx, tx, `id = $1`, id); err != nil {
			return err
		}
		detail, err := f(tx, &a)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE account SET name = $1, role = $2, password_hash = $3, disabled = $4, epoch = $5, updated_at = $6
			WHERE id = $7`, a.Name, a.Role.String(), a.PasswordHash, a.Disabled, a.Epoch, stamp(s.Now()), id)
		if err != nil {
			return err
		}
		var admins int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM account WHERE role = $1 AND NOT disabled AND password_hash <> ''`,
			auth.Admin.String()).Scan(&admins); err != nil {
			return err
		}
		if admins == 0 {
			return fault.New(fault.Conflict, "%s is the last admin. Make someone else an admin first.", a.Name)
		}
		return s.audit(ctx, tx, by, action, a.Email, detail)
	})
	return a, err
}

// endSessions ends every session of the account: those that are stored, and by
// the epoch those a request has loaded already.
func endSessions(ctx context.Context, tx *sql.Tx, a *Account) error {
	a.Epoch++
	_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE account_id = $1`, a.ID)
	return err
}

// SetRole changes the role and ends the account's sessions. The last admin
// keeps the role (Conflict).
func (s *Store) SetRole(ctx context.Context, by By, id int64, role auth.Role) (Account, error) {
	return s.change(ctx, by, id, "account_role", func(tx *sql.Tx, a *Account) (string, error) {
		before := a.Role
		a.Role = role
		if before == role {
			return "unchanged", nil
		}
		return fmt.Sprintf("%s to %s", before, role), endSessions(ctx, tx, a)
	})
}

// SetDisabled shuts an account out, or lets it in again. Its sessions and open
// invitations end. The last admin cannot be shut out (Conflict).
func (s *Store) SetDisabled(ctx context.Context, by By, id int64, disabled bool) (Account, error) {
	action := "account_enabled"
	if disabled {
		action = "account_disabled"
	}
	return s.change(ctx, by, id, action, func(tx *sql.Tx, a *Account) (string, error) {
		a.Disabled = disabled
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE account_id = $1`, id); err != nil {
			return "", err
		}
		return "", endSessions(ctx, tx, a)
	})
}

// EndSessions signs an account out everywhere.
func (s *Store) EndSessions(ctx context.Context, by By, id int64) (Account, error) {
	return s.change(ctx, by, id, "sessions_ended", func(tx *sql.Tx, a *Account) (string, error) {
		return "", endSessions(ctx, tx, a)
	})
}

// SetPassword stores a new hash and ends every session, the caller's too: give
// it a new one with the epoch of the account returned. Open links end as well.
func (s *Store) SetPassword(ctx context.Context, by By, id int64, hash string) (Account, error) {
	return s.change(ctx, by, id, "password_changed", func(tx *sql.Tx, a *Account) (string, error) {
		a.PasswordHash = hash
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE account_id = $1`, id); err != nil {
			return "", err
		}
		return "", endSessions(ctx, tx, a)
	})
}

// Rehash replaces a hash by one of the same password with higher costs. It does
// nothing when the password was changed in between.
func (s *Store) Rehash(ctx context.Context, id int64, old, hash string) error {
	_, err := s.write.ExecContext(ctx, `UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3`, hash, id, old)
	return classify(err, "rehash a password")
}

// SetName changes what the account is called.
func (s *Store) SetName(ctx context.Context, by By, id int64, name string) (Account, error) {
	return s.change(ctx, by, id, "account_name", func(_ *sql.Tx, a *Account) (string, error) {
		before := a.Name
		a.Name = name
		return fmt.Sprintf("%s to %s", before, name), nil
	})
}
