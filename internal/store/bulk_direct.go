package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// direct is a statement of the driver that is bound and run by SQLite's own
// functions (sqlite.org/c3ref/bind_blob.html). For links that takes half the
// time of the driver's, which allocates each text in SQLite's memory, looks up
// the name of each argument, and takes each value in a box.
//
// The driver makes, owns and closes the connection and the statement; only what
// identifies them to SQLite is read from its unexported fields. Should these be
// called otherwise one day, there is no direct, and everything goes on more
// slowly; TestBulkIsDirect says so.
type direct struct {
	tls  *libc.TLS
	db   uintptr
	stmt uintptr
	own  driver.Stmt

	mutex uintptr // of the connection, held until close: each call below enters it once more, at half the cost

	bound int // arguments bound for this row
	args  []argument
	err   error // the first of binding this row
}

// argument is what one was last bound to. SQLite keeps it from row to row, so
// what stands in many rows is bound once.
type argument struct {
	kind argumentKind
	int  int64
	real float64
	text []byte  // in memory of SQLite's, which reads it from there
	at   uintptr // of text
}

type argumentKind byte

const (
	unbound argumentKind = iota
	boundInt
	boundReal
	boundText
)

// prepareDirect gives nil for a driver that it does not know.
func prepareDirect(conn *sql.Conn, query string) (d *direct, err error) {
	err = conn.Raw(func(dc any) error {
		c, known := dc.(driver.Conn)
		db, ok := field(dc, "db", reflect.TypeFor[uintptr]())
		tls, also := field(dc, "tls", reflect.TypeFor[*libc.TLS]())
		if !known || !ok || !also {
			return nil
		}
		own, err := c.Prepare(query)
		if err != nil {
			return err
		}
		stmt, ok := field(own, "pstmt", reflect.TypeFor[uintptr]())
		if !ok || stmt.Uint() == 0 {
			return own.Close()
		}
		d = &direct{tls: (*libc.TLS)(tls.UnsafePointer()), db: uintptr(db.Uint()), stmt: uintptr(stmt.Uint()), own: own}
		d.mutex = sqlite3.Xsqlite3_db_mutex(d.tls, d.db)
		sqlite3.Xsqlite3_mutex_enter(d.tls, d.mutex) // by the thread that the driver is to SQLite, so that it may go on with the connection
		return nil
	})
	return d, err
}

// field is an unexported field of what x points to, if it has one of that type.
func field(x any, name string, of reflect.Type) (reflect.Value, bool) {
	v := reflect.ValueOf(x)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return v, false
	}
	f := v.Elem().FieldByName(name)
	return f, f.IsValid() && f.Type() == of
}

// next is the argument to bind now.
func (d *direct) next() (*argument, int32) {
	if d.bound == len(d.args) {
		d.args = append(d.args, argument{})
	}
	d.bound++
	return &d.args[d.bound-1], int32(d.bound)
}

func (d *direct) int(v int64) {
	a, i := d.next()
	if a.kind == boundInt && a.int == v {
		return
	}
	a.kind, a.int = boundInt, v
	d.check(sqlite3.Xsqlite3_bind_int64(d.tls, d.stmt, i, v))
}

func (d *direct) real(v float64) {
	a, i := d.next()
	if a.kind == boundReal && a.real == v {
		return
	}
	a.kind, a.real = boundReal, v
	d.check(sqlite3.Xsqlite3_bind_double(d.tls, d.stmt, i, v))
}

func (d *direct) text(v string) {
	a, i := d.next()
	if a.kind == boundText && len(a.text) == len(v) { // as of days: SQLite reads it there anew for each row
		copy(a.text, v)
		return
	}
	if cap(a.text) < len(v) || a.at == 0 { // also for "": a text at no address would be NULL
		sqlite3.Xsqlite3_free(d.tls, a.at)
		a.grow(d.tls, len(v))
	}
	a.kind, a.text = boundText, append(a.text[:0], v...)
	// No destructor: SQLite neither copies nor frees it.
	d.check(sqlite3.Xsqlite3_bind_text(d.tls, d.stmt, i, a.at, int32(len(v)), sqlite3.SQLITE_STATIC))
}

// grow makes room for a text of n bytes.
func (a *argument) grow(tls *libc.TLS, n int) {
	room := max(64, 2*n)
	a.at = sqlite3.Xsqlite3_malloc(tls, int32(room))
	if a.at == 0 {
		panic("store: out of memory for a row")
	}
	a.text = memory(a.at, room)[:0]
}

func (d *direct) check(code int32) {
	if code != sqlite3.SQLITE_OK && d.err == nil {
		d.err = d.failed(code)
	}
}

// exec runs the statement, which returns no rows.
func (d *direct) exec() error {
	d.bound = 0
	if err := d.err; err != nil {
		d.err = nil
		return err
	}
	var err error
	if code := sqlite3.Xsqlite3_step(d.tls, d.stmt); code != sqlite3.SQLITE_DONE {
		err = d.failed(code) // before it is reset, which changes what SQLite says of it
	}
	sqlite3.Xsqlite3_reset(d.tls, d.stmt)
	return err
}

// changed is how many rows the last exec changed.
func (d *direct) changed() int64 { return int64(sqlite3.Xsqlite3_changes64(d.tls, d.db)) }

// row steps to the next row that the statement returns; false says that there is
// none, or no more.
func (d *direct) row() (bool, error) {
	d.bound = 0
	if err := d.err; err != nil {
		d.err = nil
		return false, err
	}
	code := sqlite3.Xsqlite3_step(d.tls, d.stmt)
	if code == sqlite3.SQLITE_ROW {
		return true, nil
	}
	var err error
	if code != sqlite3.SQLITE_DONE {
		err = d.failed(code)
	}
	sqlite3.Xsqlite3_reset(d.tls, d.stmt)
	return false, err
}

func (d *direct) intAt(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(d.tls, d.stmt, int32(column))
}

func (d *direct) realAt(column int) float64 {
	return sqlite3.Xsqlite3_column_double(d.tls, d.stmt, int32(column))
}

// textAt is in memory of SQLite's, and stays until the next row.
func (d *direct) textAt(column int) []byte {
	at := sqlite3.Xsqlite3_column_text(d.tls, d.stmt, int32(column))
	if at == 0 { // NULL
		return nil
	}
	n := sqlite3.Xsqlite3_column_bytes(d.tls, d.stmt, int32(column)) // of the text, so asked for after it
	return memory(at, int(n))
}

// memory is n bytes at an address of SQLite's.
func memory(at uintptr, n int) []byte {
	// What SQLite calls an address is one; only its type says a number.
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), n)
}

// close may be called twice.
func (d *direct) close() {
	if d.own == nil {
		return
	}
	d.own.Close()
	d.own = nil
	sqlite3.Xsqlite3_mutex_leave(d.tls, d.mutex)
	for i := range d.args {
		sqlite3.Xsqlite3_free(d.tls, d.args[i].at) // 0 is nothing
	}
	d.args = nil
}

// bulkError is what the driver's own error says: its code, and SQLite's words.
type bulkError struct {
	code int
	text string
}

func (d *direct) failed(code int32) error {
	return &bulkError{int(code), fmt.Sprintf("%s (%d)", libc.GoString(sqlite3.Xsqlite3_errmsg(d.tls, d.db)), code)}
}

func (e *bulkError) Error() string { return e.text }

// Code is SQLite's result code, as that of the driver's error.
func (e *bulkError) Code() int { return e.code }
