package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// bulk is a statement that is run for each row of an import. database/sql and
// the driver convert, box, allocate and free each of its arguments, which costs
// as much as the insert itself. So arguments are bound one after another, from
// where they are, to the driver's own statement: see direct.
type bulk struct {
	ctx    context.Context
	direct *direct    // nil: through slow
	slow   *sql.Stmt  // for a few rows, and should the driver ever be another than direct knows
	args   []any      // of slow
	result sql.Result // of slow, when it ran last
}

// prepareBulk prepares a statement in tx, on conn if that is not nil; conn must
// be the connection that tx runs on. Arguments are $1, $2 and so on.
func prepareBulk(ctx context.Context, tx *sql.Tx, conn *sql.Conn, query string) (*bulk, error) {
	b := &bulk{ctx: ctx}
	var err error
	if conn != nil {
		b.direct, err = prepareDirect(conn, numbered(query))
	}
	if b.direct == nil && err == nil {
		b.slow, err = tx.PrepareContext(ctx, query)
	}
	if err != nil {
		return nil, err // so that nobody closes what is not there
	}
	return b, nil
}

// numbered is a query for direct: ?1 is the first argument wherever it stands; $1
// would be a name, numbered as it comes.
func numbered(query string) string { return strings.ReplaceAll(query, "$", "?") }

// inBulk executes a statement for each row, whose arguments bind binds. It is not
// prepared for none.
func inBulk[T any](ctx context.Context, tx *sql.Tx, conn *sql.Conn, query string, rows []T, bind func(b *bulk, row T)) error {
	if len(rows) == 0 {
		return nil
	}
	b, err := prepareBulk(ctx, tx, conn, query)
	if err != nil {
		return err
	}
	defer b.close()
	for _, row := range rows {
		bind(b, row)
		if err := b.exec(); err != nil {
			return err
		}
	}
	return nil
}

// ints binds the next arguments of a row.
func (b *bulk) ints(values ...int64) {
	for _, v := range values {
		if b.direct != nil {
			b.direct.int(v)
		} else {
			b.args = append(b.args, v)
		}
	}
}

// texts binds the next arguments of a row.
func (b *bulk) texts(values ...string) {
	for _, v := range values {
		if b.direct != nil {
			b.direct.text(v)
		} else {
			b.args = append(b.args, v)
		}
	}
}

// real binds the next argument of a row.
func (b *bulk) real(v float64) {
	if b.direct != nil {
		b.direct.real(v)
	} else {
		b.args = append(b.args, v)
	}
}

// bools binds the next arguments of a row, as 1 and 0.
func (b *bulk) bools(values ...bool) {
	for _, v := range values {
		b.ints(int64(btoi(v)))
	}
}

// exec executes the statement with the arguments bound since the last time.
func (b *bulk) exec() (err error) {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if b.direct != nil {
		return b.direct.exec()
	}
	b.result, err = b.slow.ExecContext(b.ctx, b.args...)
	b.args = b.args[:0]
	return err
}

// changed is how many rows the last exec changed, which must not have failed.
func (b *bulk) changed() (int64, error) {
	if b.direct != nil {
		return b.direct.changed(), nil
	}
	return b.result.RowsAffected()
}

// forget drops what is bound of a row that will not be.
func (b *bulk) forget() {
	b.args = b.args[:0]
	if b.direct != nil {
		b.direct.bound = 0
	}
}

// run binds all arguments and executes the statement.
func (b *bulk) run(args ...any) error {
	if err := b.bind(args); err != nil {
		return err
	}
	return b.exec()
}

func (b *bulk) bind(args []any) error {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			b.texts(v)
		case int64:
			b.ints(v)
		case int:
			b.ints(int64(v))
		case bool:
			b.bools(v)
		case float64:
			b.real(v)
		default:
			b.forget()
			return fmt.Errorf("argument %d of a bulk statement is a %T", i+1, a)
		}
	}
	return nil
}

// close may be called twice.
func (b *bulk) close() {
	if b.direct != nil {
		b.direct.close()
	} else {
		b.slow.Close()
	}
}
