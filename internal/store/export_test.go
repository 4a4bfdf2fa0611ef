package store

import (
	"context"
	"time"
)

// Chunk sets how many links of an import are sorted and written together, until
// it is undone.
func Chunk(n int) (undo func()) {
	was := chunk
	chunk = n
	return func() { chunk = was }
}

// ForeignKeys reports whether the writing connection looks up what rows refer to.
func (s *Store) ForeignKeys(ctx context.Context) (on bool, err error) {
	err = s.write.QueryRowContext(ctx, `PRAGMA foreign_keys`).Scan(&on)
	return on, err
}

// ImportCache sets how much of the file an import keeps in memory, in kB, until
// it is undone.
func ImportCache(kB int) (undo func()) {
	was, first := importCache, fillCache
	importCache, fillCache = kB, kB
	return func() { importCache, fillCache = was, first }
}

// BusyTimeout sets how long the locks of others are waited for, until it is undone.
func BusyTimeout(d time.Duration) (undo func()) {
	was := busyTimeout
	busyTimeout = d
	return func() { busyTimeout = was }
}

// Journal says how the file is kept whole just now.
func (s *Store) Journal(ctx context.Context) (mode string, err error) {
	err = s.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
	return mode, err
}

// DomainIDs are the ids of a referring domain up to schema 12 and since.
func DomainIDs(site int64, domain string) (was, is int64) {
	return domainHash(site, domain), domainID(site, domain)
}
