package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
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
	s, err := r.DB.PrepareContext(ctx, positional(query))
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

// brief reads what is over at once, whatever the data: a row by its key, or rows
// along an index up to a LIMIT. A statement whose context can end costs two
// goroutines and a check for each row, which is most of what such a query takes.
// So a context that has ended is refused, and one that ends later is noticed by
// the next query. All that can take long (searches, counts, exports) goes without
// brief, and is broken off.
func (r *reader) brief() briefReader { return briefReader{r} }

type briefReader struct{ r *reader }

// QueryContext is that of reader.
func (b briefReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.r.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRowContext is that of reader.
func (b briefReader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() == nil {
		ctx = context.WithoutCancel(ctx)
	}
	return b.r.QueryRowContext(ctx, query, args...)
}

// positional writes the arguments $1, $2 … of a query as ? where that means the
// same, that is when each stands once and in this order: the driver looks up the
// name of every argument that has one, each time the query is run.
func positional(query string) string {
	whole := query
	var out strings.Builder
	for n := 1; ; n++ {
		before, rest, found := strings.Cut(query, "$")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		after, ok := strings.CutPrefix(rest, strconv.Itoa(n))
		if !ok || after != "" && '0' <= after[0] && after[0] <= '9' {
			return whole
		}
		out.WriteByte('?')
		query = after
	}
}
