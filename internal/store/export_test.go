package store

import "context"

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
