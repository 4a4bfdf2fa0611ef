package main

import (
	"database/sql"

	"landed/internal/bench/yard"
)

// fill makes the database that serve reads: the links, their number, and a
// figure per day.
func fill(file, pitches, links string) error {
	m, err := yard.ReadPitches(pitches)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_txlock=immediate")
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
	if _, err := tx.Exec(`CREATE TABLE link (id INTEGER PRIMARY KEY, source TEXT, target TEXT, anchor TEXT, title TEXT, first_seen TEXT, last_seen TEXT, pitch TEXT)`); err != nil {
		return err
	}
	insert, err := tx.Prepare(`INSERT INTO link (source, target, anchor, title, first_seen, last_seen, pitch) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	var failed error
	err = yard.Links(links, func(l *yard.Link) {
		if failed == nil {
			_, failed = insert.Exec(l.Source, l.Target, l.Anchor, l.Title, l.First[:10], l.Last[:10], m.Match(l))
		}
	})
	if err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	for _, q := range []string{
		`CREATE INDEX link_seen ON link (first_seen DESC, id DESC)`,
		`CREATE TABLE total AS SELECT COUNT(*) AS n FROM link`,
		`CREATE TABLE daily AS SELECT first_seen AS day, COUNT(*) AS links, SUM(pitch <> '') AS credited FROM link GROUP BY first_seen`,
		`CREATE UNIQUE INDEX daily_day ON daily (day)`,
	} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return tx.Commit()
}
