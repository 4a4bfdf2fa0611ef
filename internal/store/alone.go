package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// Alone says that nothing else in this process uses the store until it is closed,
// as on the command line.
func (s *Store) Alone() { s.alone = true }

// unlogged runs f, which is to import links or pitches, without the write-ahead log
// if the store is alone with a workspace whose tables are empty. What is filled for
// the first time is then written once, where it belongs, instead of to the log first,
// which saves 7 % of the import. SQLite's rollback journal keeps the few pages
// that were there before: an import that is cut off is undone by whoever opens
// the workspace next, as ever. But as long as it runs nobody else can read; who
// opens the workspace meanwhile waits for up to busyTimeout.
//
// SQLite refuses the change while any other connection is open, of a server say;
// then all is done with the log.
func (s *Store) unlogged(ctx context.Context, f func() error, tables ...string) error {
	if !s.alone {
		return f()
	}
	for _, table := range tables {
		var filled bool
		err := s.write.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+table+`)`).Scan(&filled)
		if err != nil {
			return classify(err, "look for what is there")
		}
		if filled {
			return f()
		}
	}
	s.read.SetMaxIdleConns(0) // closes them
	defer s.read.SetMaxIdleConns(readers)
	calm := context.WithoutCancel(ctx)
	if mode, err := s.journal(calm, "DELETE"); err == nil && mode == "delete" {
		s.filling = true
		defer func() { s.filling = false }()
		defer s.journal(calm, "WAL") // else the next to open the workspace does it
	}
	return f()
}

// logged has the file kept whole by the write-ahead log, once for every connection.
// When a command just imports its first rows without it, this waits for its end.
func (s *Store) logged(ctx context.Context) error {
	for end := time.Now().Add(busyTimeout); ; {
		_, err := s.write.ExecContext(ctx, `PRAGMA journal_mode = WAL`) // whose failure does not wait by itself
		if !busy(err) {
			return nil // what else is wrong will be said by who reads the file
		}
		if time.Now().After(end) {
			return classify(err, "open")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyTimeout / 200):
		}
	}
}

func busy(err error) bool {
	e, ok := errors.AsType[coded](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// journal asks for a way of keeping the file whole, without waiting for others,
// and says which one it is.
func (s *Store) journal(ctx context.Context, mode string) (now string, err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return "", err
	}
	defer conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyTimeout.Milliseconds()))
	err = conn.QueryRowContext(ctx, `PRAGMA journal_mode = `+mode).Scan(&now)
	return now, err
}
