// Package store holds ALL SQL of Landed. It takes and returns domain types,
// keeps credits, totals and daily figures true within each transaction, and
// turns driver errors into faults.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"landed/internal/fault"

	_ "modernc.org/sqlite" // the driver; registers "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Store is an open workspace: one SQLite file with one writer and some readers.
type Store struct {
	path    string
	intact  bool   // the file is as the last user left it
	alone   bool   // see Alone
	filling bool   // for the first time and without the log, see unlogged
	write   writer // one connection, so that writers queue in Go instead of in SQLite
	read    *reader
	recall  recall
	names   outletNames
	current atomic.Pointer[ruleset]
	// Now gives the instant that rows are stamped with; tests set it.
	Now func() time.Time
}

// FileName is the database's name within the data directory.
const FileName = "landed.db"

const readers = 4

// busyTimeout is how long a connection waits for the locks of another.
var busyTimeout = 10 * time.Second

// pageSize is that of new databases, in bytes: writing pages four times as large as
// SQLite's own saves a twentieth of an import or more and costs lists nothing. An empty
// workspace takes 2.6 MB instead of 0.7.
const pageSize = 16384

// What the writer keeps of the file, in kB. While it imports, rows go everywhere in
// the indexes. A first import only appends, and what it reads once more for each index
// the system still has: memory for that would cost more than to fetch it again.
var writerCache, importCache, fillCache = 32_000, 64_000, 16_000

// dsn sets every pragma per connection: by PRAGMA on a pool it would reach only
// the connection that happened to run it. busy_timeout comes first so that the
// others can wait. The caches are small on purpose: large ones made an import
// of a million links take over 1 GB. What is mapped counts as memory of the process
// too; readers map the first 32 MB of the file, which saves copies of the busiest pages.
func dsn(path string, readOnly bool) string {
	q := url.Values{}
	pragma := []string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)"}
	if readOnly {
		pragma = append(pragma, "query_only(1)", "cache_size(-2000)", "mmap_size(33554432)")
	} else {
		pragma = append(pragma, fmt.Sprintf("page_size(%d)", pageSize), fmt.Sprintf("cache_size(-%d)", writerCache), fmt.Sprintf("wal_autocheckpoint(%d)", (16<<20)/pageSize))
		q.Set("_txlock", "immediate")
	}
	q["_pragma"] = pragma
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Open opens (or makes) the workspace in dir, brings its schema up to date and
// refuses a database that is newer than this program. The directory becomes
// 0700 and every file 0600.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	}
	f.Close()
	s := &Store{path: path, intact: takeMark(path), Now: func() time.Time { return time.Now().UTC() }}
	if s.write.DB, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	if err := s.logged(ctx); err != nil {
		s.write.Close()
		return nil, err
	}
	if err := migrate(ctx, s.write.DB, path); err != nil {
		s.write.Close()
		return nil, err
	}
	read, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		s.write.Close()
		return nil, err
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	s.read = newReader(read)
	if s.recall.db, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.recall.db.SetMaxOpenConns(1)
	set, err := s.rulesetIn(ctx, s.read)
	if err != nil {
		return nil, errors.Join(classify(err, "rules"), s.Close())
	}
	s.use(set)
	if err := s.renumber(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.refill(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Path is the database file.
func (s *Store) Path() string { return s.path }

// Close closes both pools; the last connection to close empties the WAL.
func (s *Store) Close() error {
	err := errors.Join(s.recall.Close(), s.read.Close(), s.write.Close())
	if err == nil {
		leaveMark(s.path)
	}
	return err
}

// tx runs f in one write transaction: all of it is kept, or nothing.
func (s *Store) tx(ctx context.Context, what string, f func(*sql.Tx) error) error {
	return s.bulkTx(ctx, what, func(tx *sql.Tx, _ *sql.Conn) error { return f(tx) })
}

// bulkTx is tx with the connection that it runs on, for bulk statements.
func (s *Store) bulkTx(ctx context.Context, what string, f func(*sql.Tx, *sql.Conn) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return classify(err, what)
	}
	defer conn.Close()
	return within(ctx, conn, what, f)
}

// importTx is bulkTx for the rows of a file. They refer to rows that the same
// transaction has read or written; to look each of those up once more would cost
// a tenth of an import. check looks at all references at once.
func (s *Store) importTx(ctx context.Context, what string, f func(*sql.Tx, *sql.Conn) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return classify(err, what)
	}
	defer conn.Close()
	calm := context.WithoutCancel(ctx) // else it could fail and have been done
	set := func(on, cache int) error {
		_, err := conn.ExecContext(calm, fmt.Sprintf(`PRAGMA foreign_keys = %d; PRAGMA cache_size = -%d`, on, cache)) // the first does nothing within a transaction
		return err
	}
	defer func() {
		if err := set(1, writerCache); err != nil {
			conn.Raw(func(any) error { return driver.ErrBadConn }) // closed, and opened anew for the next
		}
	}()
	cache := importCache
	if s.filling {
		cache = fillCache
	}
	if err := set(0, cache); err != nil {
		return classify(err, what)
	}
	return within(ctx, conn, what, f)
}

func within(ctx context.Context, conn *sql.Conn, what string, f func(*sql.Tx, *sql.Conn) error) error {
	// When ctx ends, f fails and the transaction is rolled back below. Were it rolled
	// back at once, by database/sql in the background, a bulk statement that is just
	// about to run on the connection itself would be a transaction of its own.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return classify(err, what)
	}
	defer tx.Rollback() // after a commit this does nothing
	if err := f(tx, conn); err != nil {
		return classify(err, what)
	}
	return classify(tx.Commit(), what)
}

// querier is what a read needs, so that it runs on a pool or inside a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each runs a query and hands every row to scan.
func each(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// nextID gives the next id of a table whose ids only grow and are never
// reused; inside a write transaction nobody else can take it.
func nextID(ctx context.Context, tx *sql.Tx, table string) (int64, error) {
	var id int64
	err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) + 1 FROM `+table).Scan(&id)
	return id, err
}

// coded is an error of SQLite: the driver's, or that of a bulk statement.
type coded interface {
	error
	Code() int
}

// classify turns a driver error into a fault in one place. what says what was
// being done; faults made on the way pass through.
func classify(err error, what string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(err, fault.NotFound, "Not found")
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, err)
	}
	if busy(err) {
		return fault.Wrap(err, fault.Unavailable, "The database is busy with a long write. Try again in a moment")
	}
	if e, ok := errors.AsType[coded](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
			return fault.Wrap(err, fault.Unavailable, "The disk refused the write; nothing was changed. Free some space and try again")
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return damaged(err)
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// damaged says what to do about a file that is not whole any more. The kind is
// Internal: pages say that it is not their reader's fault.
func damaged(cause error) error {
	return fault.Wrap(cause, fault.Internal, "The database is damaged and was left as it is. Restore the last backup (landed restore FILE)")
}

// stamp prints an instant the way the database keeps it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// instant reads what stamp printed; "" gives the zero time.
func instant(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) // only stamp writes these columns
	return t
}
