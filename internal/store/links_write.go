package store

import "slices"

// write stores what became of a row, and notes what must follow.
func (w *linkWriter) write(before, old *linkRow, all linkChange) error {
	w.touched.day(before.firstSeen, before.lostOn, old.firstSeen, old.lostOn)
	w.first.count(before, -1)
	w.first.count(old, 1)
	if all.matters {
		w.touched.links[old.id] = true
		w.remember(old)
	}
	if all.matters || before.lostOn != old.lostOn {
		w.touched.domains[old.domainID] = true
	}
	rated := before.authority != old.authority || before.metric != old.metric
	if rated || before.lost() != old.lost() || before.firstSeen != old.firstSeen {
		w.countDomain(old, 0, btoi(before.lost())-btoi(old.lost()), rated)
	}
	_, err := w.tx.ExecContext(w.ctx, `UPDATE link SET anchor = $2, title = $3, author = $4, kind = $5, rel = $6, authority = $7, metric = $8,
		http_code = $9, first_seen = $10, page_first_seen = $11, last_seen = $12, lost_on = $13, lost_reason = $14, lost_said = $15, seen = $16 WHERE id = $1`,
		old.id, old.anchor, old.title, old.author, old.kind, old.rel, old.authority, old.metric,
		old.httpCode, old.firstSeen, old.pageFirstSeen, old.lastSeen, old.lostOn, old.lostReason, old.lostSaid, seenOf(old.site, old.firstSeen))
	if err != nil {
		return err
	}
	if before.authority != old.authority { // the order of the review queue follows
		if _, err := w.tx.ExecContext(w.ctx, setWorth, old.id, worthOf(0, old.authority)); err != nil {
			return err
		}
	}
	return w.events(before, old, all.fields)
}

// events writes down what a person may want to know later.
func (w *linkWriter) events(before, now *linkRow, fields []linkField) error {
	switch {
	case !before.lost() && now.lost():
		w.out.Lost++
		fields = append(fields, linkField{"lost", "", now.lostReason})
	case before.lost() && !now.lost():
		w.out.Reinstated++
		fields = append(fields, linkField{"reinstated", before.lostReason, ""})
	}
	for _, f := range fields {
		id, err := nextID(w.ctx, w.tx, "link_event")
		if err != nil {
			return err
		}
		_, err = w.tx.ExecContext(w.ctx, `INSERT INTO link_event (id, link_id, at, kind, from_value, to_value) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, now.id, stamp(w.store.Now()), f.name, f.from, f.to)
		if err != nil {
			return err
		}
	}
	return nil
}

// sight keeps each provider's own dates once a second one has seen the link.
func (w *linkWriter) sight(old, in *linkRow) error {
	if in.provider == old.provider {
		return nil
	}
	const insert = `INSERT INTO sighting (link_id, provider, first_seen, last_seen, lost_on) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (link_id, provider) `
	_, err := w.tx.ExecContext(w.ctx, insert+`DO NOTHING`, old.id, old.provider, old.firstSeen, old.lastSeen, old.lostOn)
	if err != nil {
		return err
	}
	_, err = w.tx.ExecContext(w.ctx, insert+`DO UPDATE SET last_seen = excluded.last_seen, lost_on = excluded.lost_on`,
		old.id, in.provider, in.firstSeen, in.lastSeen, in.lostOn)
	return err
}

// load reads the stored rows of a batch.
func (w *linkWriter) load(batch []*linkRow) (map[int64]*linkRow, error) {
	found := make(map[int64]*linkRow, len(batch))
	ids := make([]int64, 0, len(batch))
	for i, r := range batch {
		if i == 0 || r.id != batch[i-1].id {
			ids = append(ids, r.id)
		}
	}
	for part := range slices.Chunk(ids, inList) {
		err := eachColumns(w.ctx, w.tx, w.conn, func(c *columns) error {
			r := new(linkRow)
			r.read(c)
			found[r.id] = r
			return nil
		}, `SELECT `+linkColumns+` FROM link WHERE id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
