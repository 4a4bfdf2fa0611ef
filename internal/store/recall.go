package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"sync/atomic"
)

// Every page asks first who is signed in, which sites there are, their totals,
// the last sync and a few facts more: a dozen statements whose answers change
// only when somebody writes. They are kept for as long as nobody did.
//
// Whether somebody did, the database says: PRAGMA data_version gives another
// number once any other connection has committed, be it one of this process, of
// the job queue or of a command in another process. It is asked for once for each
// page, before anything is answered from memory, so that a session that was ended
// or a role that was changed counts with the next request, as it would without.

// recall asks whether anybody wrote, on a connection of its own that nobody writes
// with, for the number leaves out what the connection itself commits. Each connection
// counts from the same number, so what is known ends with the one that said it.
type recall struct {
	db *sql.DB

	mu    sync.Mutex
	conn  *sql.Conn // nil until it is needed, and after it failed
	state *recalled
}

// recalled is what was read since a commit and before the next. What is read late
// may come from after that next one already: whoever asks later gets another
// recalled, whoever asked before may see it, as without one.
type recalled struct {
	version int64
	mu      sync.Mutex
	kept    map[fact]any
}

// fact names what is kept.
type fact struct {
	what string
	id   int64
	more string
}

// mostFacts bounds what is kept: some for each session and each site in use.
const mostFacts = 2000

type recallKey struct{}

// Recall gives a context under which what every page needs may be answered from
// memory, as it is now. It is for a request that reads and is over soon; a write
// under the context ends it, so that a request sees what it wrote.
func (s *Store) Recall(ctx context.Context) context.Context {
	now := s.recall.now()
	if now == nil {
		return ctx
	}
	var at atomic.Pointer[recalled]
	at.Store(now)
	return context.WithValue(ctx, recallKey{}, &at)
}

// now is what is known of the database as it is, or nil when it cannot be asked:
// the queries themselves then say why.
func (r *recall) now() *recalled {
	r.mu.Lock()
	defer r.mu.Unlock()
	version, err := r.version()
	if err != nil {
		r.leave() // whoever asks next begins anew
		return nil
	}
	if r.state == nil || r.state.version != version {
		r.state = &recalled{version: version, kept: map[fact]any{}}
	}
	return r.state
}

func (r *recall) version() (version int64, err error) {
	ctx := context.Background() // over at once; see reader.brief
	if r.conn == nil {
		if r.conn, err = r.db.Conn(ctx); err != nil {
			return 0, err
		}
	}
	// No statement is kept: one that outlives its connection keeps the file open, and
	// the write-ahead log with it.
	err = r.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version)
	return version, err
}

// leave closes the connection and forgets what is known through it.
func (r *recall) leave() {
	if r.conn != nil {
		_ = r.conn.Raw(func(any) error { return driver.ErrBadConn }) // a whole one would go back to the pool
	}
	r.conn, r.state = nil, nil
}

func (r *recall) Close() error {
	if r.db == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leave()
	return r.db.Close()
}

// forget makes what follows under a context read the database again.
func forget(ctx context.Context) {
	if at, ok := ctx.Value(recallKey{}).(*atomic.Pointer[recalled]); ok {
		at.Store(nil)
	}
}

// kept gives a fact from memory, or reads it and keeps it. What it gives is
// shared: it must not be changed.
func kept[T any](ctx context.Context, f fact, read func() (T, error)) (T, error) {
	var now *recalled
	if at, ok := ctx.Value(recallKey{}).(*atomic.Pointer[recalled]); ok {
		now = at.Load()
	}
	if now == nil {
		return read()
	}
	now.mu.Lock()
	have, ok := now.kept[f]
	now.mu.Unlock()
	if ok {
		return have.(T), nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	now.mu.Lock()
	defer now.mu.Unlock()
	if len(now.kept) >= mostFacts {
		clear(now.kept)
	}
	now.kept[f] = v
	return v, nil
}

// writer is the pool of the one writing connection.
type writer struct{ *sql.DB }

// ExecContext is that of sql.DB.
func (w writer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	forget(ctx)
	return w.DB.ExecContext(ctx, query, args...)
}

// Conn is that of sql.DB.
func (w writer) Conn(ctx context.Context) (*sql.Conn, error) {
	forget(ctx)
	return w.DB.Conn(ctx)
}
