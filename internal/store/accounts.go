package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
)

// Account is a person who may sign in.
type Account struct {
	ID           int64
	Email        string // folded to lower case
	Name         string
	Role         auth.Role
	PasswordHash string // PHC string; "" until an invitation is accepted
	Disabled     bool
	Epoch        int64 // sessions of an earlier epoch are over
	CreatedAt    time.Time
	SeenAt       time.Time // about when a session was last used; zero when none is open. Set by Accounts only
}

// NewAccount is what an account starts with.
type NewAccount struct {
	Email        string // as auth.CleanEmail gave it
	Name         string
	Role         auth.Role
	PasswordHash string
}

// By is who does something, for the audit log.
type By struct {
	AccountID int64
	Name      string // as it is now; "command line" for the server's own commands
	Address   string // of the client
	RequestID string
}

// installedKey marks that a first admin was made. Set-up stays closed by it
// even when a failed restore leaves no account.
const installedKey = "installed"

// Installed reports whether a first admin has ever been made.
func (s *Store) Installed(ctx context.Context) (bool, error) {
	_, ok, err := s.Config(ctx, installedKey)
	return ok, err
}

// CreateFirstAdmin makes the first account and uses up the set-up token, in one
// transaction. However many try at once, one succeeds; the others get NotFound
// (the token is used up, expired or wrong).
func (s *Store) CreateFirstAdmin(ctx context.Context, by By, a NewAccount, tokenHash string) (Account, error) {
	a.Role = auth.Admin
	var made Account
	err := s.tx(ctx, "create the first admin", func(tx *sql.Tx) error {
		used, err := useOneOff(ctx, tx, tokenHash, stamp(s.Now()))
		if err != nil {
			return err
		}
		if used.Purpose != ForSetup {
			return errOneOff()
		}
		if made, err = s.insertFirst(ctx, tx, a); err != nil {
			return err
		}
		by.AccountID, by.Name = made.ID, made.Name
		return s.audit(ctx, tx, by, "account_created", made.Email, "first admin, by the set-up link")
	})
	return made, err
}

func (s *Store) insertFirst(ctx context.Context, tx *sql.Tx, a NewAccount) (Account, error) {
	now := stamp(s.Now())
	res, err := tx.ExecContext(ctx, `INSERT INTO account (id, email, name, role, password_hash, created_at, updated_at)
		SELECT 1, $1, $2, $3, $4, $5, $5
		WHERE NOT EXISTS (SELECT 1 FROM account) AND NOT EXISTS (SELECT 1 FROM config WHERE key = $6)`,
		a.Email, a.Name, a.Role.String(), a.PasswordHash, now, installedKey)
	if err != nil {
		return Account{}, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return Account{}, errOr(err, errOneOff())
	}
	if err := setConfig(ctx, tx, installedKey, now); err != nil {
		return Account{}, err
	}
	return account(ctx, tx, `id = $1`, 1)
}

func errOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// CreateAccount makes an account that can sign in at once: the way of the
// command line, which needs no token. It closes the set-up page too.
func (s *Store) CreateAccount(ctx context.Context, by By, a NewAccount) (Account, error) {
	var made Account
	err := s.tx(ctx, "create an account", func(tx *sql.Tx) (err error) {
		if made, err = s.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE purpose = $1`, ForSetup); err != nil {
			return err
		}
		if err := setConfig(ctx, tx, installedKey, stamp(s.Now())); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "account_created", made.Email, made.Role.String())
	})
	return made, err
}

// Invite makes an account without a password and the token that sets one.
func (s *Store) Invite(ctx context.Context, by By, a NewAccount, tokenHash string, expires time.Time) (Account, error) {
	a.PasswordHash = ""
	var made Account
	err := s.tx(ctx, "invite an account", func(tx *sql.Tx) (err error) {
		if made, err = s.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := putOneOff(ctx, tx, tokenHash, ForPassword, made.ID, expires); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "account_invited", made.Email, made.Role.String())
	})
	return made, err
}

func (s *Store) insertAccount(ctx context.Context, tx *sql.Tx, a NewAccount) (Account, error) {
	id, err := nextID(ctx, tx, "account")
	if err != nil {
		return Account{}, err
	}
	now := stamp(s.Now())
	res, err := tx.ExecContext(ctx, `INSERT INTO account (id, email, name, role, password_hash, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (email) DO NOTHING`,
		id, a.Email, a.Name, a.Role.String(), a.PasswordHash, now)
	if err != nil {
		return Account{}, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return Account{}, errOr(err, fault.Field("email", "%s has an account already.", a.Email))
	}
	return account(ctx, tx, `id = $1`, id)
}

const accountColumns = `id, email, name, role, password_hash, disabled, epoch, created_at`

func scanAccount(scan func(...any) error, more ...any) (Account, error) {
	var a Account
	var role, created string
	err := scan(append([]any{&a.ID, &a.Email, &a.Name, &role, &a.PasswordHash, &a.Disabled, &a.Epoch, &created}, more...)...)
	a.Role, _ = auth.ParseRole(role) // an unknown role grants nothing
	a.CreatedAt = instant(created)
	return a, err
}

func account(ctx context.Context, q querier, where string, arg any) (Account, error) {
	row := q.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account WHERE `+where, arg)
	return scanAccount(row.Scan)
}

// Account is the account of an id, or NotFound.
func (s *Store) Account(ctx context.Context, id int64) (Account, error) {
	a, err := kept(ctx, fact{what: "account", id: id}, func() (Account, error) { return account(ctx, s.read.brief(), `id = $1`, id) })
	return a, classify(err, "account")
}

// AccountByEmail is the account of an address in lower case, or NotFound.
func (s *Store) AccountByEmail(ctx context.Context, email string) (Account, error) {
	a, err := account(ctx, s.read, `email = $1`, strings.ToLower(email))
	return a, classify(err, "account by email")
}

// Accounts lists all accounts by name, with about when each was last seen. idle
// is how long an unused session lasts: expiry less idle is its last use.
func (s *Store) Accounts(ctx context.Context, idle time.Duration) ([]Account, error) {
	var all []Account
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var expiry int64
		a, err := scanAccount(rows.Scan, &expiry)
		if expiry > 0 {
			a.SeenAt = time.Unix(expiry, 0).Add(-idle).UTC()
		}
		all = append(all, a)
		return err
	}, `SELECT `+accountColumns+`, COALESCE((SELECT MAX(s.expiry) FROM session s WHERE s.account_id = account.id), 0)
		FROM account ORDER BY disabled, LOWER(name), id`)
	return all, classify(err, "list accounts")
}
