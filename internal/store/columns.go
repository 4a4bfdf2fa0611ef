package store

import (
	"context"
	"database/sql"
	"fmt"
)

// columns reads a row of a query column by column, from left to right: what
// bulk is for writing. database/sql and the driver box, copy and convert each
// value, which for the many short columns of an import's long reads costs as
// much as SQLite itself.
type columns struct {
	direct *direct  // nil: from values
	values []any    // of the row, through database/sql
	at     int      // column to read next
	texts  []string // that each column had last; many rows have the same
	err    error    // the first of the row
}

// eachColumns calls read with each row of a query, on conn if that is not nil;
// conn must be the connection that q runs on. Arguments are $1, $2 and so on.
// read may leave columns at the end of a row.
func eachColumns(ctx context.Context, q querier, conn *sql.Conn, read func(*columns) error, query string, args ...any) error {
	c := &columns{}
	if conn != nil {
		var err error
		if c.direct, err = prepareDirect(conn, numbered(query)); err != nil {
			return err
		}
	}
	if c.direct != nil {
		defer c.direct.close()
		return c.eachDirect(ctx, read, args)
	}
	var dest []any
	return each(ctx, q, func(rows *sql.Rows) error {
		if dest == nil {
			names, err := rows.Columns()
			if err != nil {
				return err
			}
			c.values = make([]any, len(names))
			for i := range c.values {
				dest = append(dest, &c.values[i])
			}
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		return c.row(read)
	}, query, args...)
}

func (c *columns) eachDirect(ctx context.Context, read func(*columns) error, args []any) error {
	b := bulk{ctx: ctx, direct: c.direct}
	if err := b.bind(args); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if more, err := c.direct.row(); err != nil || !more {
			return err
		}
		if err := c.row(read); err != nil {
			return err
		}
	}
}

func (c *columns) row(read func(*columns) error) error {
	c.at = 0
	err := read(c)
	if err == nil {
		err = c.err
	}
	return err
}

// int reads the next column, which holds a whole number.
func (c *columns) int() int64 {
	c.at++
	if c.direct != nil {
		return c.direct.intAt(c.at - 1)
	}
	v, ok := c.values[c.at-1].(int64)
	c.check(ok)
	return v
}

// bool reads the next column, which holds 1 or 0.
func (c *columns) bool() bool { return c.int() != 0 }

// real reads the next column, which holds a number.
func (c *columns) real() float64 {
	c.at++
	if c.direct != nil {
		return c.direct.realAt(c.at - 1)
	}
	v, ok := c.values[c.at-1].(float64)
	c.check(ok)
	return v
}

// text reads the next column, which holds a text.
func (c *columns) text() string {
	c.at++
	if c.direct == nil {
		v, ok := c.values[c.at-1].(string)
		c.check(ok)
		return v
	}
	for len(c.texts) < c.at {
		c.texts = append(c.texts, "")
	}
	last := &c.texts[c.at-1]
	if v := c.direct.textAt(c.at - 1); string(v) != *last {
		*last = string(v)
	}
	return *last
}

func (c *columns) check(ok bool) {
	if !ok && c.err == nil {
		c.err = fmt.Errorf("column %d of a query holds a %T", c.at, c.values[c.at-1])
	}
}
