package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"landed/internal/attribution"
	"landed/internal/day"
	"landed/internal/weburl"
)

// Copies of an article are kept for credited placements alone. A million links
// have a million titles, and an index of them would slow every import for the
// few that matter. Instead, an import remembers how the texts of its links begin,
// and smaller changes look through the links of the days around them.
//
// What is grouped together is defined by the links alone, so that any order of
// changes ends in the same copies: the smallest sets of links that hold, with a
// credited link, every link that shares a text with it and was seen at most three
// days apart.

// member is a link with the texts that it is compared by.
type member struct {
	link, page int64
	seen       day.Day
	credited   bool
	texts      []string
}

// shadow is what is remembered of a link: enough to know that it shares no text
// with a placement. Without texts that say enough both are 0.
type shadow struct {
	link          int64
	title, anchor uint32
	seen          int32
	credited      bool // set by classes
}

// roughly hashes the first three words of a text that can be rare ones, in a way
// that texts which are equal once folded share; 0 when there are fewer.
func roughly(kind byte, text string) uint32 {
	h := (uint64(fnvOffset) ^ uint64(kind)) * fnvPrime
	words, foreign := 0, false
	word, n, digits := h, 0, true
	for i := 0; i <= len(text) && words < 3; i++ {
		c := byte(' ')
		if i < len(text) {
			c = text[i]
		}
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
			fallthrough
		case 'a' <= c && c <= 'z':
			digits = false
			fallthrough
		case '0' <= c && c <= '9':
			word, n = (word^uint64(c))*fnvPrime, n+1
		case c >= 0x80: // folding may make any letter of it
			foreign = true
		default:
			if n >= 4 || digits && n == 3 {
				h, words = word*fnvPrime, words+1
			}
			word, n, digits = h, 0, true
		}
	}
	if words < 3 && !foreign {
		return 0
	}
	return uint32(hashID(h)) | 1
}

const titleText, anchorText = 't', 'a'

// syndicator finds the copies of one site's placements.
type syndicator struct {
	ctx       context.Context
	q         querier
	site      int64
	host      string
	platforms *weburl.Platforms
	texts     *attribution.CopyTexts
	targets   targetKeys
}

func newSyndicator(ctx context.Context, q querier, site int64, platforms *weburl.Platforms) (*syndicator, error) {
	s := &syndicator{ctx: ctx, q: q, site: site, platforms: platforms, targets: targetKeys{}}
	err := q.QueryRowContext(ctx, `SELECT host FROM site WHERE id = $1`, site).Scan(&s.host)
	s.texts = attribution.NewCopyTexts(s.own())
	return s, err
}

// own are the words that anybody writes who links to the site.
func (s *syndicator) own() []string { return []string{s.host, strings.ReplaceAll(s.host, ".", " ")} }

const memberColumns = `l.id, l.page_id, l.first_seen, l.title, l.anchor, l.target_url, COALESCE(c.state, '')`

// scan reads a link with its texts.
func (s *syndicator) scan(rows *sql.Rows) (member, error) {
	var m member
	var seen, title, anchor, target, state string
	err := rows.Scan(&m.link, &m.page, &seen, &title, &anchor, &target, &state)
	m.credited = State(state).Credited()
	s.read(&m, seen, title, anchor, target)
	return m, err
}

// read gives a member its day and the texts that it is compared by.
func (s *syndicator) read(m *member, seen, title, anchor, target string) {
	if m.seen = dayOf(seen); !m.seen.Known() { // never grouped by its texts
		return
	}
	headline, text := s.texts.Of(title, anchor, s.targets.of(target))
	if headline != "" {
		m.texts = append(m.texts, headline)
	}
	if text != "" {
		m.texts = append(m.texts, "\x00"+text)
	}
}

// load reads links by their ids.
func (s *syndicator) load(ids []int64) ([]member, error) {
	var out []member
	for part := range slices.Chunk(ids, inList) {
		err := each(s.ctx, s.q, func(rows *sql.Rows) error {
			m, err := s.scan(rows)
			out = append(out, m)
			return err
		}, `SELECT `+memberColumns+` FROM link l LEFT JOIN credit c ON c.link_id = l.id WHERE l.id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func near(a, b day.Day) bool { return a-b <= attribution.CopyDays && b-a <= attribution.CopyDays }

// group finds the copies among members, by page. Only those of placements count.
func (s *syndicator) group(ids []int64) (map[int64]copyRow, error) {
	var articles []attribution.Article
	first := map[int64]*attribution.Article{} // by page
	credited := map[int64]bool{}
	for part := range slices.Chunk(ids, inList) {
		err := each(s.ctx, s.q, func(rows *sql.Rows) error {
			var a attribution.Article
			var source, target, seen, state string
			if err := rows.Scan(&a.LinkID, &a.Page, &source, &target, &a.Title, &a.Anchor, &seen, &state, &a.PitchID); err != nil {
				return err
			}
			if page, err := s.platforms.Page(source); err == nil {
				a.Outlet = page.Outlet.Key
			}
			a.TargetKey, a.FirstSeen = s.targets.of(target), dayOf(seen)
			if !State(state).Credited() {
				a.PitchID = 0
			}
			credited[a.Page] = credited[a.Page] || a.PitchID != 0
			articles = append(articles, a)
			return nil
		}, `SELECT l.id, l.page_id, l.source_url, l.target_url, l.title, l.anchor, l.first_seen, COALESCE(c.state, ''), COALESCE(c.pitch_id, 0)
			FROM link l LEFT JOIN credit c ON c.link_id = l.id WHERE l.id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, err
		}
	}
	for i := range articles {
		a := &articles[i]
		f := first[a.Page]
		if f == nil || (a.PitchID != 0) != (f.PitchID != 0) && a.PitchID != 0 ||
			(a.PitchID != 0) == (f.PitchID != 0) && earlier(a.FirstSeen.String(), a.LinkID, f.FirstSeen.String(), f.LinkID) {
			first[a.Page] = a
		}
	}
	out := map[int64]copyRow{}
	for _, c := range attribution.Copies(articles, s.own()) {
		if !credited[c.Original] {
			continue
		}
		f := first[c.Page]
		out[c.Page] = copyRow{c.Page, f.LinkID, f.FirstSeen.String(), c.Original, first[c.Original].LinkID, c.By, credited[c.Page]}
	}
	return out, nil
}

// copyRow is a row of copy.
type copyRow struct {
	page, link   int64
	seen         string
	original     int64
	originalLink int64
	by           attribution.CopyReason
	credited     bool
}

func (s *syndicator) savedCopies(where string, args ...any) (map[int64]copyRow, error) {
	out := map[int64]copyRow{}
	err := each(s.ctx, s.q, func(rows *sql.Rows) error {
		var c copyRow
		err := rows.Scan(&c.page, &c.link, &c.seen, &c.original, &c.originalLink, (*string)(&c.by), &c.credited)
		out[c.page] = c
		return err
	}, `SELECT page_id, link_id, first_seen, original_page, original_link, reason, credited FROM copy WHERE `+where, args...)
	return out, err
}

// components parts members into the sets that are grouped together. Links that
// share nothing with a credited one are in none.
func components(list []member) [][]member {
	byText := map[string][]int{} // credited ones
	byPage := map[int64]int{}
	root := make([]int, len(list))
	for i, m := range list {
		root[i] = i
		if m.credited {
			for _, t := range m.texts {
				byText[t] = append(byText[t], i)
			}
		}
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	joined := make([]bool, len(list))
	for i, m := range list {
		for _, t := range m.texts {
			for _, j := range byText[t] {
				if j != i && near(m.seen, list[j].seen) {
					root[find(i)] = find(j)
					joined[i], joined[j] = true, true
				}
			}
		}
	}
	for i, m := range list {
		if !joined[i] {
			continue
		}
		if j, ok := byPage[m.page]; ok { // a page is one article
			root[find(i)] = find(j)
		} else {
			byPage[m.page] = i
		}
	}
	sets := map[int][]member{}
	for i, m := range list {
		if joined[i] {
			sets[find(i)] = append(sets[find(i)], m)
		}
	}
	out := make([][]member, 0, len(sets))
	for _, k := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, sets[k])
	}
	return out
}

// copiesOf groups each of the sets.
func (s *syndicator) copiesOf(sets [][]member) (map[int64]copyRow, error) {
	out := map[int64]copyRow{}
	for _, set := range sets {
		ids := make([]int64, len(set))
		for i, m := range set {
			ids[i] = m.link
		}
		some, err := s.group(ids)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, some)
	}
	return out, nil
}

// whole finds all copies of the site from its links.
func (s *syndicator) whole() (map[int64]copyRow, error) {
	m := newMirror()
	if err := m.read(s, firstDay, lastDay); err != nil {
		return nil, err
	}
	list, err := s.load(m.alike(nil))
	if err != nil {
		return nil, err
	}
	return s.copiesOf(components(list))
}
