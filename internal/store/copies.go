package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"landed/internal/attribution"
	"landed/internal/weburl"
)

// Copies of an article are kept for credited placements alone. A million links
// have a million titles, and an index of them would slow every import for the
// few that matter: instead, copy_text holds the texts of credited links, and of
// the links that share one with them.

// member is a link of copy_text.
type member struct {
	link, page int64
	seen       string
	credited   bool
	pitch      int64
	texts      []memberText
}

type memberText struct{ text, rough int64 }

// shadow is what an import remembers of a link it has just stored: enough to
// know that no placement has its texts.
type shadow struct {
	link          int64
	title, anchor int64 // rough
}

// roughly hashes how a text begins, in a way that equal folded texts share. Only
// letters that folding leaves alone are looked at.
func roughly(kind byte, text string) int64 {
	var b [10]byte
	b[0] = kind
	n := 1
	for i := 0; i < len(text) && n < len(b); i++ {
		switch c := text[i]; {
		case 'A' <= c && c <= 'Z':
			b[n] = c + 'a' - 'A'
			n++
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b[n] = c
			n++
		}
	}
	h := uint64(fnvOffset)
	for _, c := range b[:n] {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return hashID(h)
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
	targets   map[string]string
}

func newSyndicator(ctx context.Context, q querier, site int64, platforms *weburl.Platforms) (*syndicator, error) {
	s := &syndicator{ctx: ctx, q: q, site: site, platforms: platforms, targets: map[string]string{}}
	err := q.QueryRowContext(ctx, `SELECT host FROM site WHERE id = $1`, site).Scan(&s.host)
	s.texts = attribution.NewCopyTexts(s.own())
	return s, err
}

// own are the words that anybody writes who links to the site.
func (s *syndicator) own() []string { return []string{s.host, strings.ReplaceAll(s.host, ".", " ")} }

func (s *syndicator) targetKey(url string) string {
	k, ok := s.targets[url]
	if !ok {
		k = keyOrRaw(url)
		if len(s.targets) < 10_000 {
			s.targets[url] = k
		}
	}
	return k
}

const memberColumns = `l.id, l.page_id, l.first_seen, l.title, l.anchor, l.target_url, COALESCE(c.state, ''), COALESCE(c.pitch_id, 0)`

// scan reads a link with its texts.
func (s *syndicator) scan(rows *sql.Rows) (member, error) {
	var m member
	var title, anchor, target, state string
	if err := rows.Scan(&m.link, &m.page, &m.seen, &title, &anchor, &target, &state, &m.pitch); err != nil {
		return m, err
	}
	if m.credited = State(state).Credited(); !m.credited {
		m.pitch = 0
	}
	if m.seen == "" { // never grouped by its texts
		return m, nil
	}
	headline, text := s.texts.Of(title, anchor, s.targetKey(target))
	if headline != "" {
		m.texts = append(m.texts, memberText{hashID(hashText(fnvOffset, headline)), roughly(titleText, title)})
	}
	if text != "" {
		m.texts = append(m.texts, memberText{hashID(hashText(fnvOffset, "\x00"+text)), roughly(anchorText, anchor)})
	}
	return m, nil
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

// near reports that two days are close enough for copies.
func near(a, b string) bool {
	if a == b {
		return true
	}
	n := int(dayOf(a)) - int(dayOf(b))
	return max(n, -n) <= attribution.CopyDays
}

// textRow is a row of copy_text.
type textRow struct {
	text, link, page int64
	seen             string
	credited         bool
}

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
			a.TargetKey, a.FirstSeen = s.targetKey(target), dayOf(seen)
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

// whole computes copies and texts of the site from its links, for a full run
// and for Verify.
func (s *syndicator) whole() (map[textRow]int64, map[int64]copyRow, error) {
	rough := map[int64]bool{}
	placed := map[int64][]string{} // days, by text
	rows := map[textRow]int64{}
	keep := func(m member) {
		for _, t := range m.texts {
			rows[textRow{t.text, m.link, m.page, m.seen, m.credited}] = t.rough
		}
	}
	err := each(s.ctx, s.q, func(r *sql.Rows) error {
		m, err := s.scan(r)
		for _, t := range m.texts {
			rough[t.rough], placed[t.text] = true, append(placed[t.text], m.seen)
		}
		keep(m)
		return err
	}, `SELECT `+memberColumns+` FROM credit c JOIN link l ON l.id = c.link_id WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed')`, s.site)
	if err != nil {
		return nil, nil, err
	}
	some, err := s.alike(rough, firstDay, lastDay)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range some {
		if !m.credited && slices.ContainsFunc(m.texts, func(t memberText) bool {
			return slices.ContainsFunc(placed[t.text], func(day string) bool { return near(day, m.seen) })
		}) {
			keep(m)
		}
	}
	ids := map[int64]bool{}
	for r := range rows {
		ids[r.link] = true
	}
	copies, err := s.group(slices.Sorted(maps.Keys(ids)))
	return rows, copies, err
}

// alike reads the links first seen between two days that may have a text that
// begins like one of rough.
func (s *syndicator) alike(rough map[int64]bool, from, to string) ([]member, error) {
	if len(rough) == 0 {
		return nil, nil
	}
	var ids []int64
	err := each(s.ctx, s.q, func(rows *sql.Rows) error {
		var id int64
		var title, anchor sql.RawBytes
		err := rows.Scan(&id, &title, &anchor)
		if err == nil && (rough[roughly(titleText, string(title))] || rough[roughly(anchorText, string(anchor))]) {
			ids = append(ids, id)
		}
		return err
	}, `SELECT id, title, anchor FROM link WHERE site_id = $1 AND first_seen BETWEEN $2 AND $3`, s.site, from, to)
	if err != nil {
		return nil, err
	}
	return s.load(ids)
}
