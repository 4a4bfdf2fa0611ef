package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// bulk is a statement that is run for each row of an import, on the driver's own
// connection: database/sql would convert, lock and allocate for every row, which
// costs as much as a third of the insert itself.
//
// The driver looks up the name of every named argument of every row, and copies
// every text. So arguments go by position, and those that are empty texts, as
// most of a row are, are written into the statement: there is one for each shape
// of row.
type bulk struct {
	ctx    context.Context
	calm   context.Context // ctx without its end
	conn   *sql.Conn       // nil: through tx, for a few rows
	slow   *sql.Stmt
	texts  []string // of the statement, around its arguments
	order  []int    // the argument behind each text but the last, from 0
	shapes map[uint64]driver.Stmt
	args   []driver.NamedValue
}

// mostShapes bounds the statements that are kept for the shapes of rows.
const mostShapes = 64

// prepareBulk prepares a statement in tx, on conn if that is not nil; conn must
// be the connection that tx runs on.
func prepareBulk(ctx context.Context, tx *sql.Tx, conn *sql.Conn, query string) (*bulk, error) {
	b := &bulk{ctx: ctx, calm: context.WithoutCancel(ctx), conn: conn}
	if conn == nil {
		var err error
		b.slow, err = tx.PrepareContext(ctx, query)
		return b, err
	}
	b.shapes = map[uint64]driver.Stmt{}
	b.split(query)
	_, err := b.shape(0)
	return b, err
}

// split takes the statement apart at its arguments $1, $2 and so on.
func (b *bulk) split(query string) {
	for {
		before, rest, found := strings.Cut(query, "$")
		b.texts = append(b.texts, before)
		if !found {
			return
		}
		digits := 0
		for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(rest[:digits])
		if err != nil {
			panic("store: a bulk statement has a $ that is no argument: " + query)
		}
		b.order, query = append(b.order, n-1), rest[digits:]
	}
}

// shape is the statement for rows whose arguments in the mask are empty texts.
func (b *bulk) shape(empty uint64) (driver.Stmt, error) {
	if stmt := b.shapes[empty]; stmt != nil {
		return stmt, nil
	}
	var query strings.Builder
	for i, text := range b.texts {
		query.WriteString(text)
		switch {
		case i == len(b.order):
		case empty&(1<<b.order[i]) != 0:
			query.WriteString("''")
		default:
			query.WriteString("?")
		}
	}
	var stmt driver.Stmt
	err := b.conn.Raw(func(dc any) error {
		var err error
		stmt, err = dc.(driver.ConnPrepareContext).PrepareContext(b.ctx, query.String())
		return err
	})
	if err == nil {
		b.shapes[empty] = stmt
	}
	return stmt, err
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
	// The driver would start a goroutine for each row to watch over a context that can end.
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	empty := uint64(0)
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if v == "" && i < 64 {
				empty |= 1 << i
			}
		case int:
			args[i] = int64(v)
		case int64, float64, bool:
		default:
			return 0, fmt.Errorf("argument %d of a bulk statement is a %T", i+1, a)
		}
	}
	if len(b.shapes) >= mostShapes && b.shapes[empty] == nil {
		empty = 0
	}
	stmt, err := b.shape(empty)
	if err != nil {
		return 0, err
	}
	b.args = b.args[:0]
	for _, i := range b.order {
		if empty&(1<<i) == 0 {
			b.args = append(b.args, driver.NamedValue{Ordinal: len(b.args) + 1, Value: args[i]})
		}
	}
	res, err := stmt.(driver.StmtExecContext).ExecContext(b.calm, b.args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (b *bulk) close() {
	if b.slow != nil {
		b.slow.Close()
	}
	for _, stmt := range b.shapes {
		stmt.Close()
	}
}
