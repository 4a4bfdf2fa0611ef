package store

import "landed/internal/backlinks"

// linkSource gives the links of parcels one by one.
type linkSource struct {
	parcel []backlinks.Link // what is left of it
	next   func() ([]backlinks.Link, error, bool)
}

// link gives the next link, which stays as it is until the call after, and nil after
// the last one.
func (s *linkSource) link() (*backlinks.Link, error) {
	for len(s.parcel) == 0 {
		var err error
		var ok bool
		if s.parcel, err, ok = s.next(); err != nil || !ok {
			return nil, err
		}
	}
	l := &s.parcel[0]
	s.parcel = s.parcel[1:]
	return l, nil
}

// take reads links until the source ends (false) or the transaction is full.
func (w *linkWriter) take(links *linkSource) (more bool, err error) {
	batch := make([]*linkRow, 0, min(chunk, 4096))
	most := commitEvery
	if w.first != nil {
		most = commitFirst
	}
	for w.out.Read < most {
		l, err := links.link()
		if err != nil {
			return false, err
		}
		if l == nil {
			return false, w.save(batch)
		}
		w.out.Read++
		batch = append(batch, w.linkRowOf(l))
		if w.out.Read%5000 == 0 {
			if err := w.alive(); err != nil {
				return false, err
			}
			if w.progress != nil {
				w.progress(w.before + w.out.Read)
			}
		}
		if len(batch) == chunk {
			if err := w.save(batch); err != nil {
				return false, err
			}
			batch = batch[:0]
		}
	}
	return true, w.save(batch)
}

// byID orders rows by their ids, those of one id as they came. The ids are sorted
// beside the rows: to look each of them up in its row takes several times as long.
func byID(batch []*linkRow) []*linkRow {
	sorted := make([]*linkRow, len(batch))
	for i, at := range orderOf(len(batch), func(i int) int64 { return batch[i].id }) {
		sorted[i] = batch[at]
	}
	return sorted
}
