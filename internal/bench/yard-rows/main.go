// Command yard-rows stores the rows of a finished database once more, in a new
// file: the same tables, in one durable transaction, with the same indexes made
// afterwards. It reads them into memory first, prints what the storing alone
// took, and so says how much of an import is SQLite's.
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	from := flag.String("from", "", "database with the rows")
	file := flag.String("db", "", "database to make; must not exist")
	flag.Parse()
	out, err := run(*from, *file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "yard-rows:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}

// stored is what storing took, in seconds.
type stored struct {
	Rows int     `json:"rows"`
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

type table struct {
	name, ddl string
	columns   int
	rows      [][]any
}

func run(from, file string) (stored, error) {
	var out stored
	tables, indexes, err := read(from)
	if err != nil {
		return out, err
	}
	if _, err := os.Stat(file); err == nil {
		return out, fmt.Errorf("%s exists", file)
	}
	begun, spent := time.Now(), cpu()
	if err := write(file, tables, indexes); err != nil {
		return out, err
	}
	out.Wall, out.CPU = time.Since(begun).Seconds(), cpu()-spent
	for _, t := range tables {
		out.Rows += len(t.rows)
	}
	return out, nil
}

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r) // fails for a bad argument alone
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

func read(file string) (tables []table, indexes []string, err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	rows, err := db.Query(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, name, ddl string
		if err := rows.Scan(&kind, &name, &ddl); err != nil {
			return nil, nil, err
		}
		switch kind {
		case "table":
			tables = append(tables, table{name: name, ddl: ddl})
		case "index":
			indexes = append(indexes, ddl)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	for i := range tables {
		if err := tables[i].read(db); err != nil {
			return nil, nil, err
		}
	}
	return tables, indexes, nil
}

func (t *table) read(db *sql.DB) error {
	rows, err := db.Query(`SELECT * FROM ` + t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	t.columns = len(columns)
	for rows.Next() {
		row, at := make([]any, t.columns), make([]any, t.columns)
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return err
		}
		t.rows = append(t.rows, row)
	}
	return rows.Err()
}

const pragmas = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-262144)&_txlock=immediate"

func write(file string, tables []table, indexes []string) error {
	db, err := sql.Open("sqlite", "file:"+file+pragmas)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, t := range tables {
		if err := t.write(tx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	for _, ddl := range indexes {
		if _, err := tx.Exec(ddl); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return db.Close()
}

func (t *table) write(tx *sql.Tx) error {
	if _, err := tx.Exec(t.ddl); err != nil {
		return err
	}
	insert, err := tx.Prepare(`INSERT INTO ` + t.name + ` VALUES (?` + strings.Repeat(`, ?`, t.columns-1) + `)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, row := range t.rows {
		if _, err := insert.Exec(row...); err != nil {
			return err
		}
	}
	return nil
}
