package store

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/day"
)

// mirror is the links that copies are looked for among.
type mirror struct {
	shadows  []shadow
	credited map[int64]bool
}

func (m *mirror) add(link int64, title, anchor string, seen day.Day) {
	s := shadow{link: link, title: roughly(titleText, title), anchor: roughly(anchorText, anchor), seen: int32(seen)}
	if seen.Known() && (s.title != 0 || s.anchor != 0) {
		m.shadows = append(m.shadows, s)
	}
}

// read adds the links first seen between two days.
func (m *mirror) read(s *syndicator, from, to string) error {
	err := each(s.ctx, s.q, func(rows *sql.Rows) error {
		var id int64
		var title, anchor sql.RawBytes
		var seen string
		err := rows.Scan(&id, &title, &anchor, &seen)
		m.add(id, string(title), string(anchor), dayOf(seen))
		return err
	}, `SELECT id, title, anchor, first_seen FROM link WHERE site_id = $1 AND first_seen BETWEEN $2 AND $3`, s.site, from, to)
	if err != nil {
		return err
	}
	return each(s.ctx, s.q, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		m.credited[id] = true
		return err
	}, `SELECT c.link_id FROM credit c WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed') AND c.first_seen BETWEEN $2 AND $3`, s.site, from, to)
}

// alike lists the links that may share a text with a credited link seen around
// the same days, or be one that shares. With seeds, only those that hang together
// with one of them.
func (m *mirror) alike(seeds map[int64]bool) []int64 {
	classes := map[uint32][]int32{} // of shadows, by rough text; nil until known to have a credited one
	for _, s := range m.shadows {
		if m.credited[s.link] {
			classes[s.title], classes[s.anchor] = nil, nil
		}
	}
	delete(classes, 0)
	for i, s := range m.shadows {
		for _, rough := range [2]uint32{s.title, s.anchor} {
			if list, ok := classes[rough]; ok {
				classes[rough] = append(list, int32(i))
			}
		}
	}
	for rough, list := range classes {
		classes[rough] = m.paired(list)
	}
	found, done := map[int64]bool{}, map[uint32]bool{}
	var follow func(rough uint32)
	follow = func(rough uint32) {
		list := classes[rough]
		if done[rough] || len(list) < 2 {
			return
		}
		done[rough] = true
		for _, i := range list {
			s := m.shadows[i]
			if !found[s.link] {
				found[s.link] = true
				follow(s.title)
				follow(s.anchor)
			}
		}
	}
	for _, s := range m.shadows {
		if seeds == nil || seeds[s.link] {
			follow(s.title)
			follow(s.anchor)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// paired keeps those of some shadows that are near another one, where either of
// them is credited.
func (m *mirror) paired(list []int32) []int32 {
	slices.SortFunc(list, func(i, j int32) int { return cmp.Compare(m.shadows[i].seen, m.shadows[j].seen) })
	var out []int32
	from, to, credited := 0, 0, 0 // the run of list around a shadow's day, and how many of it are credited
	for _, i := range list {
		s := m.shadows[i]
		for ; to < len(list) && m.shadows[list[to]].seen <= s.seen+attribution.CopyDays; to++ {
			credited += btoi(m.credited[m.shadows[list[to]].link])
		}
		for ; m.shadows[list[from]].seen < s.seen-attribution.CopyDays; from++ {
			credited -= btoi(m.credited[m.shadows[list[from]].link])
		}
		if to-from > 1 && credited > 0 {
			out = append(out, i)
		}
	}
	return out
}
