package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// bulk is a statement that is run for each row of an import, on the driver's own
// connection: database/sql would convert, lock and allocate for every row, which
// costs as much as a third of the insert itself.
type bulk struct {
	ctx  context.Context
	conn *sql.Conn // nil: through tx, for a few rows
	stmt driver.Stmt
	slow *sql.Stmt
	args []driver.NamedValue
}

// prepareBulk prepares a statement in tx, on conn if that is not nil; conn must
// be the connection that tx runs on.
func prepareBulk(ctx context.Context, tx *sql.Tx, conn *sql.Conn, query string) (*bulk, error) {
	b := &bulk{ctx: ctx, conn: conn}
	if conn == nil {
		var err error
		b.slow, err = tx.PrepareContext(ctx, query)
		return b, err
	}
	err := conn.Raw(func(dc any) error {
		var err error
		b.stmt, err = dc.(driver.ConnPrepareContext).PrepareContext(ctx, query)
		return err
	})
	return b, err
}

// run executes the statement and says how many rows it changed.
func (b *bulk) run(args ...any) (int64, error) {
	if b.slow != nil {
		res, err := b.slow.ExecContext(b.ctx, args...)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	}
	if b.args == nil {
		b.args = make([]driver.NamedValue, len(args))
	}
	for i, a := range args {
		switch v := a.(type) {
		case int:
			a = int64(v)
		case string, int64, float64, bool:
		default:
			return 0, fmt.Errorf("argument %d of a bulk statement is a %T", i+1, a)
		}
		b.args[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	res, err := b.stmt.(driver.StmtExecContext).ExecContext(b.ctx, b.args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (b *bulk) close() {
	if b.slow != nil {
		b.slow.Close()
	} else if b.stmt != nil {
		b.stmt.Close()
	}
}
