package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

type readThing struct {
	id   int64
	yes  bool
	n    int64
	r    float64
	a, b string
}

// readThings are rows in whose columns the same comes again, and not.
var readThings = []readThing{
	{1, true, 0, 0, "", "same"},
	{2, false, math.MinInt64, -1.5, "", "same"},
	{3, true, math.MaxInt64, math.MaxFloat64, "\x00 and more", "same"},
	{4, true, 7, math.SmallestNonzeroFloat64, strings.Repeat("Grüße ✓ ", 5000), "other"},
	{5, false, 7, 2, "a", "same"},
	{6, false, 7, 2, "a", "same"},
}

// reading runs f twice with readThings in a table: to read them on the import's
// own connection, and through database/sql.
func reading(t *testing.T, f func(t *testing.T, tx *sql.Tx, conn *sql.Conn)) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, name := range []string{"direct", "through database/sql"} {
		t.Run(name, func(t *testing.T) {
			err := s.importTx(t.Context(), "test", func(tx *sql.Tx, conn *sql.Conn) error {
				if _, err := tx.Exec(`CREATE TABLE thing (id INTEGER PRIMARY KEY, yes BOOLEAN NOT NULL, n BIGINT NOT NULL, r DOUBLE PRECISION NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL)`); err != nil {
					return err
				}
				for _, v := range readThings {
					if _, err := tx.Exec(`INSERT INTO thing VALUES ($1, $2, $3, $4, $5, $6)`, v.id, v.yes, v.n, v.r, v.a, v.b); err != nil {
						return err
					}
				}
				if name != "direct" {
					conn = nil
				}
				f(t, tx, conn)
				return errDryRun
			})
			if !isDryRun(err) {
				t.Error(err)
			}
		})
	}
}

const allThings = `SELECT id, yes, n, r, a, b FROM thing WHERE id BETWEEN $1 AND $2 AND a <> $3 ORDER BY id`

func TestColumns(t *testing.T) {
	reading(t, func(t *testing.T, tx *sql.Tx, conn *sql.Conn) {
		var got []readThing
		err := eachColumns(t.Context(), tx, conn, func(c *columns) error {
			if (c.direct != nil) != (conn != nil) {
				t.Fatal("rows are not read as expected: does the driver still keep db, tls and pstmt?")
			}
			got = append(got, readThing{c.int(), c.bool(), c.int(), c.real(), c.text(), c.text()})
			return nil
		}, allThings, int64(1), 6, "nothing")
		if err != nil || !reflect.DeepEqual(got, readThings) {
			t.Errorf("read %+v, %v", got, err)
		}
		if err := eachColumns(t.Context(), tx, conn, func(*columns) error { return errors.New("a row") }, allThings, int64(7), 9, ""); err != nil {
			t.Errorf("of no rows: %v", err)
		}
	})
}

// What ends a reading early is told, and leaves the connection usable.
func TestColumnsEnd(t *testing.T) {
	reading(t, func(t *testing.T, tx *sql.Tx, conn *sql.Conn) {
		stop, rows := errors.New("stop"), 0
		count := func(*columns) error {
			if rows++; rows == 2 {
				return stop
			}
			return nil
		}
		if err := eachColumns(t.Context(), tx, conn, count, allThings, int64(1), 6, ""); err != stop || rows != 2 {
			t.Errorf("stopped after %d rows: %v", rows, err)
		}
		if err := eachColumns(t.Context(), tx, conn, count, `SELECT abs(n) FROM thing WHERE id = $1`, int64(2)); err == nil || !strings.Contains(err.Error(), "overflow") {
			t.Errorf("a row that fails: %v", err)
		}
		if err := eachColumns(t.Context(), tx, conn, count, `SELECT missing FROM thing`); err == nil || !strings.Contains(err.Error(), "no such column") {
			t.Errorf("a wrong query: %v", err)
		}
		if conn == nil { // SQLite itself would make a number of it
			first := func(c *columns) error { c.int(); return nil }
			if err := eachColumns(t.Context(), tx, nil, first, `SELECT a FROM thing WHERE id = $1`, int64(5)); err == nil || !strings.Contains(err.Error(), "column 1 of a query holds a string") {
				t.Errorf("a text read as a number: %v", err)
			}
			return // database/sql sees to the end of the context
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := eachColumns(ctx, tx, conn, func(*columns) error { cancel(); return nil }, allThings, int64(1), 6, "")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of the context: %v", err)
		}
		if _, err := tx.Exec(`DROP TABLE thing`); err != nil { // which an open statement would lock
			t.Errorf("then: %v", err)
		}
	})
}
