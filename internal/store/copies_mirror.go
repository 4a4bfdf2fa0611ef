package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"landed/internal/attribution"
	"landed/internal/day"
)

// mirror is the links that copies are looked for among.
type mirror struct {
	shadows  []shadow
	credited map[int64]bool
	anchors  map[string]bool // which of some anchors say enough to be compared by
}

func newMirror() mirror { return mirror{credited: map[int64]bool{}, anchors: map[string]bool{}} }

func (m *mirror) add(link int64, title, anchor string, seen day.Day) {
	s := shadow{link: link, title: roughly(titleText, title), anchor: roughly(anchorText, anchor), seen: int32(seen)}
	if s.anchor != 0 && !m.says(anchor) {
		s.anchor = 0
	}
	if seen.Known() && (s.title != 0 || s.anchor != 0) {
		m.shadows = append(m.shadows, s)
	}
}

// mostAnchors bounds how many different anchors are looked at closely.
const mostAnchors = 10_000

// says reports whether an anchor may say enough to be compared by. roughly cannot
// tell of one with letters beyond ASCII; but anchors repeat, and so thousands of
// links may be alike by what is none of a text.
func (m *mirror) says(anchor string) bool {
	says, ok := m.anchors[anchor]
	if ok {
		return says
	}
	if len(m.anchors) == mostAnchors {
		return true
	}
	says = attribution.SaysEnough(anchor)
	m.anchors[strings.Clone(anchor)] = says // it may be a part of a whole row of a file
	return says
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
	}, `SELECT id, title, anchor, first_seen FROM link WHERE seen BETWEEN $1 AND $2`, seenOf(s.site, from), seenOf(s.site, to))
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
	classes, of := m.classes()
	for i, list := range classes {
		classes[i] = m.paired(list)
	}
	found, done := make([]bool, len(m.shadows)), make([]bool, len(classes))
	var follow func(class int32)
	follow = func(class int32) {
		if class < 0 || done[class] {
			return
		}
		done[class] = true
		for _, i := range classes[class] {
			if !found[i] {
				found[i] = true
				follow(of[i][0])
				follow(of[i][1])
			}
		}
	}
	for i := range m.shadows {
		if seeds == nil || seeds[m.shadows[i].link] {
			follow(of[i][0])
			follow(of[i][1])
		}
	}
	var links []int64
	for i, is := range found {
		if is {
			links = append(links, m.shadows[i].link)
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}

// classes parts the shadows by the rough texts of credited ones: one class for
// each, and of each shadow the classes of its title and of its anchor, -1 for none.
func (m *mirror) classes() (classes [][]int32, of [][2]int32) {
	numbers := make(map[uint32]int32, 2*len(m.credited))
	for i := range m.shadows {
		s := &m.shadows[i]
		if s.credited = m.credited[s.link]; !s.credited {
			continue
		}
		for _, rough := range [2]uint32{s.title, s.anchor} {
			if _, ok := numbers[rough]; !ok && rough != 0 {
				numbers[rough] = int32(len(numbers))
			}
		}
	}
	of = make([][2]int32, len(m.shadows))
	sizes, all := make([]int32, len(numbers)), 0
	for i := range m.shadows {
		for j, rough := range [2]uint32{m.shadows[i].title, m.shadows[i].anchor} {
			n, ok := numbers[rough]
			if !ok {
				n = -1
			} else {
				sizes[n]++
				all++
			}
			of[i][j] = n
		}
	}
	classes = make([][]int32, len(numbers))
	room := make([]int32, all)
	for n, size := range sizes {
		classes[n], room = room[:0:size], room[size:]
	}
	for i := range of {
		for _, n := range of[i] {
			if n >= 0 {
				classes[n] = append(classes[n], int32(i))
			}
		}
	}
	return classes, of
}

// paired keeps those of some shadows that are near another one, where either of
// them is credited.
func (m *mirror) paired(list []int32) []int32 {
	if len(list) < 2 {
		return nil
	}
	slices.SortFunc(list, func(i, j int32) int { return cmp.Compare(m.shadows[i].seen, m.shadows[j].seen) })
	var out []int32
	from, to, credited := 0, 0, 0 // the run of list around a shadow's day, and how many of it are credited
	for _, i := range list {
		s := m.shadows[i]
		for ; to < len(list) && m.shadows[list[to]].seen <= s.seen+attribution.CopyDays; to++ {
			credited += btoi(m.shadows[list[to]].credited)
		}
		for ; m.shadows[list[from]].seen < s.seen-attribution.CopyDays; from++ {
			credited -= btoi(m.shadows[list[from]].credited)
		}
		if to-from > 1 && credited > 0 {
			out = append(out, i)
		}
	}
	return out
}
