// Command yard-sqlite does what yard-memory does and stores every link durably:
// one transaction, text columns, three indexes made afterwards. It is a plain
// program that somebody would write in an afternoon, with a large cache.
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"landed/internal/bench/yard"

	_ "modernc.org/sqlite"
)

func main() {
	pitches := flag.String("pitches", "", "pitch list")
	links := flag.String("links", "", "backlink export")
	file := flag.String("db", "", "database to make; must not exist")
	flag.Parse()
	out, err := run(*pitches, *links, *file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "yard-sqlite:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}

const pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-262144)&_txlock=immediate"

func run(pitches, links, file string) (yard.Outcome, error) {
	out := yard.Outcome{Wrong: -1}
	m, err := yard.ReadPitches(pitches)
	if err != nil {
		return out, err
	}
	if _, err := os.Stat(file); err == nil {
		return out, fmt.Errorf("%s exists", file)
	}
	db, err := sql.Open("sqlite", "file:"+file+pragmas)
	if err != nil {
		return out, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		return out, err
	}
	defer tx.Rollback()
	if err := fill(tx, m, links, &out); err != nil {
		return out, err
	}
	for _, q := range []string{
		`CREATE UNIQUE INDEX link_identity ON link (source, target)`,
		`CREATE INDEX link_seen ON link (first_seen)`,
		`CREATE INDEX link_pitch ON link (pitch)`,
	} {
		if _, err := tx.Exec(q); err != nil {
			return out, err
		}
	}
	if err := tx.Commit(); err != nil {
		return out, err
	}
	return out, db.Close()
}

func fill(tx *sql.Tx, m *yard.Matcher, links string, out *yard.Outcome) error {
	if _, err := tx.Exec(`CREATE TABLE link (id INTEGER PRIMARY KEY, source TEXT, target TEXT, anchor TEXT, title TEXT,
		first_seen TEXT, last_seen TEXT, lost TEXT, nofollow INTEGER, pitch TEXT)`); err != nil {
		return err
	}
	insert, err := tx.Prepare(`INSERT INTO link (source, target, anchor, title, first_seen, last_seen, lost, nofollow, pitch)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	var failed error
	err = yard.Links(links, func(l *yard.Link) {
		ref := m.Match(l)
		if out.Links++; ref != "" {
			out.Matched++
		}
		if failed == nil {
			_, failed = insert.Exec(l.Source, l.Target, l.Anchor, l.Title, l.First, l.Last, l.Lost, l.Nofollow, ref)
		}
	})
	if err != nil {
		return err
	}
	return failed
}
