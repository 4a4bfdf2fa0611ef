package store

import (
	"context"
	"database/sql"
	"math"
	"time"
)

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	ID        int64
	At        time.Time
	AccountID int64
	Actor     string // the name at that time
	Address   string
	RequestID string
	Action    string // signin, signin_failed, account_role, …
	Subject   string // what it was done to
	Detail    string
}

// audit appends to the log within the transaction that does what it notes, so
// that neither can exist without the other. Triggers forbid change and removal.
func (s *Store) audit(ctx context.Context, tx *sql.Tx, by By, action, subject, detail string) error {
	id, err := nextID(ctx, tx, "audit")
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (id, at, account_id, actor, address, request_id, action, subject, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, stamp(s.Now()), by.AccountID, by.Name, by.Address, by.RequestID, action, subject, detail)
	return err
}

// Audit appends something that changed nothing else in the database, such as a
// sign-in or an export.
func (s *Store) Audit(ctx context.Context, by By, action, subject, detail string) error {
	return s.tx(ctx, "write the audit log", func(tx *sql.Tx) error {
		return s.audit(ctx, tx, by, action, subject, detail)
	})
}

// AuditLog lists up to limit entries older than the one with id before, the
// newest first. 0 starts at the newest.
func (s *Store) AuditLog(ctx context.Context, before int64, limit int) ([]AuditEntry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var all []AuditEntry
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var e AuditEntry
		var at string
		err := rows.Scan(&e.ID, &at, &e.AccountID, &e.Actor, &e.Address, &e.RequestID, &e.Action, &e.Subject, &e.Detail)
		e.At = instant(at)
		all = append(all, e)
		return err
	}, `SELECT id, at, account_id, actor, address, request_id, action, subject, detail FROM audit
		WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	return all, classify(err, "list the audit log")
}
