package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"testing"
)

// bulkRows runs f with statements on the import's own connection and, the same
// way, through database/sql, each in a transaction that is then undone.
func bulkRows(t *testing.T, query string, f func(t *testing.T, tx *sql.Tx, b *bulk)) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, own := range []bool{true, false} {
		name := "direct"
		if !own {
			name = "through database/sql"
		}
		t.Run(name, func(t *testing.T) {
			err := s.importTx(t.Context(), "test", func(tx *sql.Tx, conn *sql.Conn) error {
				if _, err := tx.Exec(`CREATE TABLE thing (id INTEGER PRIMARY KEY, n BIGINT NOT NULL, r DOUBLE PRECISION NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL CHECK (b <> 'bad'))`); err != nil {
					return err
				}
				if !own {
					conn = nil
				}
				b, err := prepareBulk(t.Context(), tx, conn, query)
				if err != nil {
					return err
				}
				defer b.close()
				if (b.direct != nil) != own {
					t.Error("the statement does not run as expected: does the driver still keep db, tls and pstmt?")
				}
				f(t, tx, b)
				return errDryRun
			})
			if !isDryRun(err) {
				t.Error(err)
			}
		})
	}
}

const insertThing = `INSERT INTO thing (id, n, r, a, b) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`

func TestBulkIsDirect(t *testing.T) {
	type thing struct {
		id, n int64
		r     float64
		a, b  string
	}
	long := strings.Repeat("long ", 5000)
	things := []thing{
		{1, 0, 0, "", ""},
		{2, 0, 0, "", ""}, // the same again, by arguments that stay bound
		{3, math.MinInt64, -1.5, "a", "\x00 and more"},
		{4, math.MaxInt64, math.MaxFloat64, "ab", "Grüße ✓"},
		{5, -1, 0, long, "b"},
		{6, -1, 0, long[:len(long)-1], ""},
		{7, -1, math.SmallestNonzeroFloat64, "", long},
		{8, 1, 2, "a", "b"},
	}
	bulkRows(t, insertThing, func(t *testing.T, tx *sql.Tx, b *bulk) {
		for _, v := range things {
			b.ints(v.id, v.n)
			b.real(v.r)
			b.texts(v.a, v.b)
			if n, err := ran(b, b.exec()); n != 1 || err != nil {
				t.Fatalf("row %d: changed %d, %v", v.id, n, err)
			}
		}
		if n, err := ran(b, b.run(int64(8), 9, 9.5, "again", "again")); n != 0 || err != nil {
			t.Errorf("a row that is there: changed %d, %v", n, err)
		}
		for _, want := range things {
			var got thing
			err := tx.QueryRow(`SELECT id, n, r, a, b FROM thing WHERE id = $1 AND typeof(a) = 'text' AND typeof(b) = 'text'`, want.id).Scan(&got.id, &got.n, &got.r, &got.a, &got.b)
			if err != nil || got != want {
				t.Errorf("row %d differs: %v", want.id, err)
			}
		}
	})
}

// ran is how many rows a statement changed that ran with err.
func ran(b *bulk, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return b.changed()
}

// A row that is refused names the reason, leaves the statement usable, and is
// told apart by its code as an error of the driver is.
func TestBulkRefused(t *testing.T) {
	bulkRows(t, insertThing, func(t *testing.T, tx *sql.Tx, b *bulk) {
		err := b.run(int64(1), 1, 1.0, "a", "bad")
		var code coded
		if err == nil || !strings.Contains(err.Error(), "CHECK constraint failed") {
			t.Fatalf("error %v", err)
		}
		if as, ok := err.(coded); ok {
			code = as
		}
		if code == nil || code.Code()&0xff != 19 { // SQLITE_CONSTRAINT
			t.Errorf("code of %v", err)
		}
		if n, err := ran(b, b.run(int64(1), 1, 1.0, "a", "good")); n != 1 || err != nil {
			t.Errorf("then a good row: changed %d, %v", n, err)
		}
		if err := b.run(int64(2), struct{}{}, 1.0, "a", "b"); err == nil {
			t.Error("an argument of a strange type was taken")
		}
		if n, err := ran(b, b.run(int64(2), 2, 2.0, "a", "b")); n != 1 || err != nil {
			t.Errorf("then a good row: changed %d, %v", n, err)
		}
	})
}

// Arguments go by their number, wherever they stand in the statement.
func TestBulkNumbers(t *testing.T) {
	bulkRows(t, `INSERT INTO thing (b, a, r, n, id) VALUES ($5, $4, $3, $2, $1)`, func(t *testing.T, tx *sql.Tx, b *bulk) {
		if err := b.run(int64(1), 2, 3.0, "four", "five"); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := tx.QueryRow(`SELECT id || ' ' || n || ' ' || r || ' ' || a || ' ' || b FROM thing`).Scan(&got); err != nil || got != "1 2 3.0 four five" {
			t.Errorf("stored %q, %v", got, err)
		}
	})
}

func TestBulkEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.importTx(ctx, "test", func(tx *sql.Tx, conn *sql.Conn) error {
		b, err := prepareBulk(ctx, tx, conn, `INSERT INTO config (key, value) VALUES ($1, $2)`)
		if err != nil {
			return err
		}
		defer b.close()
		cancel()
		err = b.run("a", "b")
		b.close()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	var n int
	if err := s.write.QueryRow(`SELECT COUNT(*) FROM config WHERE key = 'a'`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// An attributor whose statement cannot be prepared gives the error, and is closed as ever.
func TestBulkNotPrepared(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.importTx(t.Context(), "test", func(tx *sql.Tx, conn *sql.Conn) error {
		if _, err := tx.Exec(`DROP TABLE credit`); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*sql.Conn{conn, nil} {
			a := attributor{ctx: t.Context(), tx: tx, conn: c}
			if err := a.save(&creditRow{}); err == nil {
				t.Error("a credit was saved nowhere")
			}
			a.close()
		}
		return errDryRun
	})
	if !isDryRun(err) {
		t.Error(err)
	}
}
