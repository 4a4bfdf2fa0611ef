package store

// Chunk sets how many links of an import are sorted and written together, until
// it is undone.
func Chunk(n int) (undo func()) {
	was := chunk
	chunk = n
	return func() { chunk = was }
}
