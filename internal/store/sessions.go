package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Session is an open session as its owner sees it.
type Session struct {
	Token     string // a hash; ends the session, does not open it
	StartedAt time.Time
	ExpiresAt time.Time // unless it is used before
	Address   string
	Agent     string
}

// openSession is a session as it is stored.
type openSession struct {
	data   []byte
	expiry int64
}

// FindSession reads the data of an unexpired session. token is a hash.
func (s *Store) FindSession(ctx context.Context, token string) (data []byte, expires time.Time, found bool, err error) {
	x, err := kept(ctx, fact{what: "session", more: token}, func() (x openSession, err error) {
		err = s.read.brief().QueryRowContext(ctx, `SELECT data, expiry FROM session WHERE token = $1`, token).Scan(&x.data, &x.expiry)
		return x, err
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && x.expiry <= s.Now().Unix() {
		return nil, time.Time{}, false, nil
	}
	return x.data, time.Unix(x.expiry, 0).UTC(), err == nil, classify(err, "read a session")
}

// CreateSession stores a new session.
func (s *Store) CreateSession(ctx context.Context, token string, data []byte, expires time.Time, accountID int64, address, agent string) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO session (token, data, expiry, account_id, started_at, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		token, data, expires.Unix(), accountID, stamp(s.Now()), address, agent)
	return classify(err, "create a session")
}

// UpdateSession replaces the data of a session that still exists. One that was
// ended in the meantime stays ended; that is no error.
func (s *Store) UpdateSession(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE session SET data = $1, expiry = $2 WHERE token = $3`, data, expires.Unix(), token)
	return classify(err, "update a session")
}

// TouchSession moves the expiry of a session on.
func (s *Store) TouchSession(ctx context.Context, token string, expires time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE session SET expiry = $1 WHERE token = $2`, expires.Unix(), token)
	return classify(err, "touch a session")
}

// DeleteSession ends a session; one that does not exist is no error.
func (s *Store) DeleteSession(ctx context.Context, token string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM session WHERE token = $1`, token)
	return classify(err, "end a session")
}

// EndSession ends one session of an account, if it is the account's.
func (s *Store) EndSession(ctx context.Context, by By, accountID int64, token string) error {
	return s.tx(ctx, "end a session", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM session WHERE token = $1 AND account_id = $2`, token, accountID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errOr(err, sql.ErrNoRows)
		}
		return s.audit(ctx, tx, by, "session_ended", "", "")
	})
}

// Sessions lists the open sessions of an account, the latest sign-in first.
func (s *Store) Sessions(ctx context.Context, accountID int64) ([]Session, error) {
	var all []Session
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var x Session
		var started string
		var expiry int64
		err := rows.Scan(&x.Token, &started, &expiry, &x.Address, &x.Agent)
		x.StartedAt, x.ExpiresAt = instant(started), time.Unix(expiry, 0).UTC()
		all = append(all, x)
		return err
	}, `SELECT token, started_at, expiry, address, agent FROM session WHERE account_id = $1 AND expiry > $2 ORDER BY started_at DESC, token`,
		accountID, s.Now().Unix())
	return all, classify(err, "list sessions")
}

// keepRequests is for how long each request to a provider is listed: a year of
// runs can be compared. Units by month and site stay.
const keepRequests = 400 * 24 * time.Hour

// Sweep removes expired sessions, one-off tokens and old lines of the request log.
func (s *Store) Sweep(ctx context.Context) error {
	return s.tx(ctx, "sweep", func(tx *sql.Tx) error {
		now := s.Now()
		if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE expiry <= $1`, now.Unix()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_off WHERE expires_at <= $1`, stamp(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sync_request WHERE run_id IN (SELECT id FROM sync_run WHERE started_at < $1)`, stamp(now.Add(-keepRequests)))
		return err
	})
}

// Probe reports whether the database can be read and written. The write is a
// session that has expired already: a transaction that changes nothing would
// not touch the disk, and no data of the workspace may change by a health check.
func (s *Store) Probe(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM config WHERE key = $1`, installedKey).Scan(&one); err != nil {
		return classify(err, "check reading")
	}
	_, err := s.write.ExecContext(ctx, `INSERT INTO session (token, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET expiry = excluded.expiry`, "health check", []byte{}, s.Now().Unix()-1)
	return classify(err, "check writing")
}
