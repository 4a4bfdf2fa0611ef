package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/day"
)

// copies brings the copies of the placements into line with what the transaction
// touched: links whose credit or text changed, and new ones. all has every link of
// the site when the import that runs has brought them all; else it is nil.
func (a *attributor) copies(added map[int64]bool, all *firstImport) error {
	if a.preview || all == nil && len(a.touched.links)+len(added) == 0 {
		return nil
	}
	s, err := newSyndicator(a.ctx, a.tx, a.site, a.set.platforms)
	if err != nil {
		return err
	}
	k := &copyKeeper{syndicator: s, tx: a.tx, touched: a.touched, pages: map[int64]bool{}, first: a.first}
	seeds := maps.Clone(a.touched.links)
	maps.Copy(seeds, added)
	var list []member
	if all != nil { // all of them are seeds, and none was a copy before
		seeds = nil
		for i := range all.credits {
			if c := &all.credits[i]; c.state.Credited() {
				all.credited[c.link] = true
			}
		}
		if ids := all.alike(nil); all.long {
			list, err = k.load(ids)
		} else {
			list = all.members(s, ids)
		}
	} else if err = k.stale(a.touched.links, seeds); err == nil {
		list, err = k.search(seeds)
	}
	if err != nil {
		return err
	}
	sets := slices.DeleteFunc(components(list), func(set []member) bool {
		return seeds != nil && !slices.ContainsFunc(set, func(m member) bool { return seeds[m.link] })
	})
	now, err := k.copiesOf(sets)
	if err != nil {
		return err
	}
	for _, set := range sets {
		for _, m := range set {
			k.pages[m.page] = true
		}
	}
	return k.saveCopies(now)
}

// remember notes a link whose copies are to be looked for.
func (w *linkWriter) remember(r *linkRow) {
	if w.first != nil {
		w.first.remember(r)
	} else if roughly(titleText, r.title) != 0 || roughly(anchorText, r.anchor) != 0 {
		w.newIDs[r.id] = true
	}
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

// copyKeeper writes copy.
type copyKeeper struct {
	*syndicator
	tx      *sql.Tx
	touched *touched
	pages   map[int64]bool // whose copies may have changed
	first   *firstImport   // nil but in a site's first import
}

// stale marks the copies that touched links have a part in; their pages must be
// placed anew, which makes them seeds.
func (k *copyKeeper) stale(links, seeds map[int64]bool) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(links)), inList) {
		err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
			var page, link int64
			err := rows.Scan(&page, &link)
			k.pages[page], seeds[link] = true, true
			return err
		}, `SELECT c.page_id, c.link_id FROM link l JOIN copy c ON c.original_page = l.page_id WHERE l.id IN `+marks(1, len(part))+`
			UNION ALL SELECT c.page_id, c.link_id FROM link l JOIN copy c ON c.page_id = l.page_id WHERE l.id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// search finds what hangs together with the seeds among the links of the days
// around them, and around those that it finds.
func (k *copyKeeper) search(seeds map[int64]bool) ([]member, error) {
	start, err := k.load(slices.Sorted(maps.Keys(seeds)))
	if err != nil {
		return nil, err
	}
	days := map[day.Day]bool{}
	for _, m := range start {
		if len(m.texts) > 0 {
			days[m.seen] = true
		}
	}
	pages := map[int64]bool{} // whose other links are seeds too
	for known := 0; ; {
		m := newMirror()
		for _, span := range around(days) {
			if err := m.read(k.syndicator, span[0], span[1]); err != nil {
				return nil, err
			}
		}
		list, err := k.load(m.alike(seeds))
		if err != nil {
			return nil, err
		}
		known = len(days) + len(seeds)
		var next []int64
		for _, set := range components(list) {
			if slices.ContainsFunc(set, func(m member) bool { return seeds[m.link] }) {
				for _, m := range set {
					if days[m.seen] = true; !pages[m.page] {
						pages[m.page], next = true, append(next, m.link)
					}
				}
			}
		}
		if err := k.mates(next, seeds, days); err != nil {
			return nil, err
		}
		if len(days)+len(seeds) == known {
			return list, nil
		}
	}
}

// mates adds the other links of some links' pages, and their days: a page is one
// article, however far apart its links were first seen.
func (k *copyKeeper) mates(links []int64, seeds map[int64]bool, days map[day.Day]bool) error {
	for part := range slices.Chunk(links, inList) {
		err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
			var id int64
			var seen string
			err := rows.Scan(&id, &seen)
			if seeds[id] = true; seen != "" {
				days[dayOf(seen)] = true
			}
			return err
		}, `SELECT o.id, o.first_seen FROM link l JOIN link o ON o.domain_id = l.domain_id AND o.key_id = l.key_id AND o.page_id = l.page_id WHERE l.id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// around gives the runs of days that hold what may hang together with links of
// these days.
func around(days map[day.Day]bool) [][2]string {
	var out [][2]string
	last := day.None
	for _, d := range slices.Sorted(maps.Keys(days)) {
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
	var links []int64
	lead := int64(0)
	err := each(k.ctx, k.tx, func(rows *sql.Rows) error {
		var id int64
		var seen, gone string
		if err := rows.Scan(&id, &seen, &gone); err != nil {
			return err
		}
		links = append(links, id)
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
	if !is {
		lead = 0
	}
	if err == nil && lead != 0 {
		_, err = k.tx.ExecContext(k.ctx, `UPDATE credit SET lead = TRUE WHERE link_id = $1`, lead)
	}
	k.first.lead(links, lead)
	return err
}

// findCopies makes the copies of a site anew.
func (s *Store) findCopies(ctx context.Context, tx *sql.Tx, site int64, t *touched) error {
	set, err := s.rulesetIn(ctx, tx)
	if err != nil {
		return err
	}
	syn, err := newSyndicator(ctx, tx, site, set.platforms)
	if err != nil {
		return err
	}
	now, err := syn.whole()
	if err != nil {
		return err
	}
	old, err := syn.savedCopies(`site_id = $1`, site)
	if err != nil {
		return err
	}
	k := &copyKeeper{syndicator: syn, tx: tx, touched: t, pages: map[int64]bool{}}
	for page := range old {
		k.pages[page] = true
	}
	for page := range now {
		k.pages[page] = true
	}
	return k.saveCopies(now)
}

// checkSyndication compares the copies with the links that they are found in.
func (s *Store) checkSyndication(ctx context.Context, site Site) ([]Problem, error) {
	set, err := s.rulesetIn(ctx, s.read)
	if err != nil {
		return nil, err
	}
	syn, err := newSyndicator(ctx, s.read, site.ID, set.platforms)
	if err != nil {
		return nil, err
	}
	now, err := syn.whole()
	if err != nil {
		return nil, err
	}
	saved, err := syn.savedCopies(`site_id = $1`, site.ID)
	if err != nil || maps.Equal(now, saved) {
		return nil, err
	}
	return []Problem{{"the copies of articles of " + site.Host + " do not agree with its links; run “landed attribute --full”"}}, nil
}
