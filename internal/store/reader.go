package store

import (
	"context"
	"database/sql"
	"sync"
)

// reader is the pool of reading connections with the statements it ran lately.
// Parsing and planning a list's query costs more than fetching its 50 rows.
type reader struct {
	*sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// statements is how many are kept. Each takes some 20 kB on each connection
// that has run it, and an idle server should stay small.
const statements = 100

func newReader(db *sql.DB) *reader { return &reader{DB: db, stmts: map[string]*sql.Stmt{}} }

func (r *reader) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	s := r.stmts[query]
	r.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := r.DB.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if have := r.stmts[query]; have != nil {
		s.Close() // somebody was quicker
		return have, nil
	}
	for old, victim := range r.stmts { // any one: the queries of pages come back soon
		if len(r.stmts) < statements {
			break
		}
		delete(r.stmts, old)
		victim.Close() // its rows, if any are being read, keep it open till they are done
	}
	r.stmts[query] = s
	return s, nil
}

// QueryContext is that of sql.DB, through a kept statement.
func (r *reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is that of sql.DB, through a kept statement.
func (r *reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return r.DB.QueryRowContext(ctx, query, args...) // which reports the same error
	}
	return s.QueryRowContext(ctx, args...)
}
