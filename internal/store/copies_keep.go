package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/day"
)

// copies brings the copies of the placements into line with what the
// transaction touched: links whose credit or text changed (touched.links), and
// new ones (shadows). fresh says that the site had no other links before.
func (a *attributor) copies(shadows []shadow, fresh bool) error {
	if a.preview || len(a.touched.links) == 0 && len(shadows) == 0 {
		return nil
	}
	s, err := newSyndicator(a.ctx, a.tx, a.site, a.set.platforms)
	if err != nil {
		return err
	}
	k := &copyKeeper{syndicator: s, tx: a.tx, touched: a.touched, keys: map[int64]bool{}, pages: map[int64]bool{}}
	ids := slices.Sorted(maps.Keys(a.touched.links))
	if err := k.forget(ids); err != nil {
		return err
	}
	links, err := k.load(ids)
	if err != nil {
		return err
	}
	if err := k.add(links, shadows, fresh); err != nil {
		return err
	}
	return k.regroup()
}

// loadCopied reads which credited pages are copies.
func (a *attributor) loadCopied() error {
	a.copied = map[int64]bool{}
	return each(a.ctx, a.tx, func(rows *sql.Rows) error {
		var page int64
		err := rows.Scan(&page)
		a.copied[page] = true
		return err
	}, `SELECT page_id FROM copy WHERE site_id = $1 AND credited`, a.site)
}

// copyKeeper writes copy_text and copy.
type copyKeeper struct {
	*syndicator
	tx      *sql.Tx
	touched *touched
	insert  *sql.Stmt
	keys    map[int64]bool // texts whose copies may have changed
	pages   map[int64]bool // whose copies may have changed
}

// forget takes links out of copy_text and remembers what they were compared by.
func (k *copyKeeper) forget(ids []int64) error {
	for part := range slices.Chunk(ids, inList) {
		n := 0
		err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
			var text, page int64
			err := rows.Scan(&text, &page)
			k.keys[text], k.pages[page] = true, true
			n++
			return err
		}, `SELECT text, page_id FROM copy_text WHERE link_id IN `+marks(1, len(part)), anys(part)...)
		if err == nil && n > 0 {
			_, err = k.tx.ExecContext(k.ctx, `DELETE FROM copy_text WHERE link_id IN `+marks(1, len(part)), anys(part)...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add takes links up into copy_text: credited ones, and those that share a text
// with one, among the links given, the new ones and those stored before.
func (k *copyKeeper) add(links []member, shadows []shadow, fresh bool) error {
	placed := map[int64][]string{} // days of credited links, by text
	rough, days := map[int64]bool{}, map[string]bool{}
	var others []member
	for _, m := range links {
		if !m.credited {
			others = append(others, m)
			continue
		}
		for _, t := range m.texts {
			placed[t.text], rough[t.rough] = append(placed[t.text], m.seen), true
			days[m.seen] = true
		}
		if err := k.put(m); err != nil {
			return err
		}
	}
	if !fresh {
		for _, span := range around(days) {
			more, err := k.alike(rough, span[0], span[1])
			if err != nil {
				return err
			}
			others = append(others, more...)
		}
	}
	more, err := k.unshadow(shadows)
	if err != nil {
		return err
	}
	return k.join(append(others, more...), placed)
}

// around gives the runs of days that copies of links of these days may have.
func around(days map[string]bool) [][2]string {
	var out [][2]string
	last := day.None
	for _, text := range slices.Sorted(maps.Keys(days)) {
		d := dayOf(text)
		from, to := (d - attribution.CopyDays).String(), (d + attribution.CopyDays).String()
		if n := len(out); n > 0 && d-last <= 2*attribution.CopyDays {
			out[n-1][1] = to
		} else {
			out = append(out, [2]string{from, to})
		}
		last = d
	}
	return out
}

// unshadow loads the new links that may share a text with a placement.
func (k *copyKeeper) unshadow(shadows []shadow) ([]member, error) {
	if len(shadows) == 0 {
		return nil, nil
	}
	rough := map[int64]bool{}
	err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		rough[n] = true
		return err
	}, `SELECT rough FROM copy_text WHERE site_id = $1 AND credited`, k.site)
	if err != nil || len(rough) == 0 {
		return nil, err
	}
	var ids []int64
	for _, s := range shadows {
		if !k.touched.links[s.link] && (rough[s.title] || rough[s.anchor]) {
			ids = append(ids, s.link)
		}
	}
	return k.load(ids)
}

// join takes up those of the links that share a text with a credited link.
func (k *copyKeeper) join(links []member, placed map[int64][]string) error {
	asked := map[int64]bool{}
	for _, m := range links {
		for _, t := range m.texts {
			asked[t.text] = true
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(asked)), inList) {
		err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
			var text int64
			var seen string
			err := rows.Scan(&text, &seen)
			placed[text] = append(placed[text], seen)
			return err
		}, `SELECT text, first_seen FROM copy_text WHERE site_id = $1 AND credited AND text IN `+marks(2, len(part)), append([]any{k.site}, anys(part)...)...)
		if err != nil {
			return err
		}
	}
	for _, m := range links {
		if m.credited {
			continue
		}
		for _, t := range m.texts {
			if slices.ContainsFunc(placed[t.text], func(seen string) bool { return near(seen, m.seen) }) {
				if err := k.put(m); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

func (k *copyKeeper) put(m member) error {
	if k.insert == nil {
		var err error
		k.insert, err = k.tx.PrepareContext(k.ctx, `INSERT INTO copy_text (site_id, text, link_id, page_id, first_seen, credited, rough) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (site_id, text, link_id) DO NOTHING`)
		if err != nil {
			return err
		}
	}
	for _, t := range m.texts {
		k.keys[t.text] = true
		if _, err := k.insert.ExecContext(k.ctx, k.site, t.text, m.link, m.page, m.seen, m.credited, t.rough); err != nil {
			return err
		}
	}
	k.pages[m.page] = true
	return nil
}

// reach loads all that the touched texts hang together with.
func (k *copyKeeper) reach() (map[int64][]textRow, error) {
	byLink := map[int64][]textRow{}
	pages, ask := map[int64]bool{}, maps.Clone(k.keys)
	known := maps.Clone(k.keys)
	for len(ask) > 0 {
		var found []int64
		for part := range slices.Chunk(slices.Sorted(maps.Keys(ask)), inList) {
			err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
				var page int64
				err := rows.Scan(&page)
				if !pages[page] {
					pages[page] = true
					found = append(found, page)
				}
				return err
			}, `SELECT page_id FROM copy_text WHERE site_id = $1 AND text IN `+marks(2, len(part)), append([]any{k.site}, anys(part)...)...)
			if err != nil {
				return nil, err
			}
		}
		clear(ask)
		for part := range slices.Chunk(found, inList) {
			err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
				var r textRow
				err := rows.Scan(&r.text, &r.link, &r.page, &r.seen, &r.credited)
				byLink[r.link] = append(byLink[r.link], r)
				if !known[r.text] {
					known[r.text], ask[r.text] = true, true
				}
				return err
			}, `SELECT text, link_id, page_id, first_seen, credited FROM copy_text WHERE page_id IN `+marks(1, len(part)), anys(part)...)
			if err != nil {
				return nil, err
			}
		}
	}
	return byLink, nil
}

// regroup groups anew what hangs together with the touched texts.
func (k *copyKeeper) regroup() error {
	if k.insert != nil {
		defer k.insert.Close()
	}
	byLink, err := k.reach()
	if err != nil {
		return err
	}
	placed, users := map[int64][]string{}, map[int64]map[int64]bool{}
	for _, rows := range byLink {
		for _, r := range rows {
			if r.credited {
				placed[r.text] = append(placed[r.text], r.seen)
			}
			if users[r.text] == nil {
				users[r.text] = map[int64]bool{}
			}
			users[r.text][r.page] = true
		}
	}
	shared := map[int64]bool{} // pages that have a text with another one
	var gone, ids []int64
	for link, rows := range byLink {
		k.pages[rows[0].page] = true
		for _, r := range rows {
			shared[r.page] = shared[r.page] || len(users[r.text]) > 1
		}
		if !rows[0].credited && !slices.ContainsFunc(rows, func(r textRow) bool {
			return slices.ContainsFunc(placed[r.text], func(seen string) bool { return near(seen, r.seen) })
		}) {
			gone = append(gone, link) // what it was alike has gone
		}
	}
	if err := k.forget(gone); err != nil {
		return err
	}
	for link, rows := range byLink {
		if shared[rows[0].page] && !slices.Contains(gone, link) {
			ids = append(ids, link)
		}
	}
	slices.Sort(ids)
	now, err := k.group(ids)
	if err != nil {
		return err
	}
	return k.saveCopies(now)
}

// saveCopies makes copy hold exactly these of the touched pages.
func (k *copyKeeper) saveCopies(now map[int64]copyRow) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(k.pages)), inList) {
		old, err := k.savedCopies(`page_id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return err
		}
		for _, page := range part {
			was, had := old[page]
			c, has := now[page]
			if was == c && had == has {
				continue
			}
			if err := k.saveCopy(page, c, has); err != nil {
				return err
			}
			if was.credited != c.credited {
				if err := k.lead(page, max(was.link, c.link), !c.credited); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (k *copyKeeper) saveCopy(page int64, c copyRow, has bool) error {
	if !has {
		_, err := k.tx.ExecContext(k.ctx, `DELETE FROM copy WHERE page_id = $1`, page)
		return err
	}
	_, err := k.tx.ExecContext(k.ctx, `INSERT INTO copy (page_id, site_id, link_id, first_seen, original_page, original_link, reason, credited) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (page_id) DO UPDATE SET link_id = excluded.link_id, first_seen = excluded.first_seen, original_page = excluded.original_page,
		original_link = excluded.original_link, reason = excluded.reason, credited = excluded.credited`,
		page, k.site, c.link, c.seen, c.original, c.originalLink, string(c.by), c.credited)
	return err
}

// lead gives a page its place among the placements, or takes it away.
func (k *copyKeeper) lead(page, link int64, is bool) error {
	var domain int64
	if err := k.tx.QueryRowContext(k.ctx, `SELECT domain_id FROM link WHERE id = $1`, link).Scan(&domain); err != nil {
		return err
	}
	var first string
	lead := int64(0)
	err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
		var id int64
		var seen, gone string
		if err := rows.Scan(&id, &seen, &gone); err != nil {
			return err
		}
		k.touched.day(seen)
		if gone != "" {
			k.touched.day(gone)
		}
		if lead == 0 || earlier(seen, id, first, lead) {
			lead, first = id, seen
		}
		return nil
	}, `SELECT l.id, l.first_seen, l.lost_on FROM link l JOIN credit c ON c.link_id = l.id WHERE l.domain_id = $1 AND l.page_id = $2 AND c.state IN ('auto', 'confirmed')`, domain, page)
	if err != nil {
		return err
	}
	_, err = k.tx.ExecContext(k.ctx, `UPDATE credit SET lead = FALSE WHERE lead AND link_id IN (SELECT id FROM link WHERE domain_id = $1 AND page_id = $2)`, domain, page)
	if err == nil && is && lead != 0 {
		_, err = k.tx.ExecContext(k.ctx, `UPDATE credit SET lead = TRUE WHERE link_id = $1`, lead)
	}
	return err
}

// recountCopies makes texts and copies of a site anew. It says which days have
// other placements than before.
func recountCopies(ctx context.Context, tx *sql.Tx, s *syndicator, t *touched) error {
	rows, now, err := s.whole()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM copy_text WHERE site_id = $1`, s.site); err != nil {
		return err
	}
	for r, rough := range rows {
		_, err := tx.ExecContext(ctx, `INSERT INTO copy_text (site_id, text, link_id, page_id, first_seen, credited, rough) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (site_id, text, link_id) DO NOTHING`, s.site, r.text, r.link, r.page, r.seen, r.credited, rough)
		if err != nil {
			return err
		}
	}
	k := &copyKeeper{syndicator: s, tx: tx, touched: t, pages: map[int64]bool{}}
	old, err := s.savedCopies(`site_id = $1`, s.site)
	if err != nil {
		return err
	}
	for page := range old {
		k.pages[page] = true
	}
	for page := range now {
		k.pages[page] = true
	}
	return k.saveCopies(now)
}

// checkSyndication compares texts and copies with the links they are found in.
func (s *Store) checkSyndication(ctx context.Context, site Site) ([]Problem, error) {
	set, err := s.rulesetIn(ctx, s.read)
	if err != nil {
		return nil, err
	}
	syn, err := newSyndicator(ctx, s.read, site.ID, set.platforms)
	if err != nil {
		return nil, err
	}
	rows, now, err := syn.whole()
	if err != nil {
		return nil, err
	}
	wrong := 0
	err = each(ctx, s.read, func(r *sql.Rows) error {
		var t textRow
		err := r.Scan(&t.text, &t.link, &t.page, &t.seen, &t.credited)
		if _, ok := rows[t]; !ok {
			wrong++
		}
		delete(rows, t)
		return err
	}, `SELECT text, link_id, page_id, first_seen, credited FROM copy_text WHERE site_id = $1`, site.ID)
	if err != nil {
		return nil, err
	}
	saved, err := syn.savedCopies(`site_id = $1`, site.ID)
	if err != nil {
		return nil, err
	}
	wrong += len(rows)
	for page, c := range now {
		if saved[page] != c {
			wrong++
		}
		delete(saved, page)
	}
	if wrong += len(saved); wrong == 0 {
		return nil, nil
	}
	return []Problem{{fmt.Sprintf("%d entries on copies of articles of %s do not agree with its links; run “landed attribute --full”", wrong, site.Host)}}, nil
}
