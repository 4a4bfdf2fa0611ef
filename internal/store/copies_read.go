package store

import (
	"context"
	"database/sql"

	"landed/internal/attribution"
	"landed/internal/day"
)

// CopyOf is a page that repeats the article of a placement.
type CopyOf struct {
	LinkID, OriginalLink int64
	Source, Title        string
	OriginalSource       string
	PitchID              int64 // that the placement is credited to
	Subject              string
	By                   attribution.CopyReason
	FirstSeen, LostOn    day.Day
	Authority            float64
	Metric               string
}

const copyTables = ` FROM copy x JOIN link l ON l.id = x.link_id JOIN link o ON o.id = x.original_link LEFT JOIN credit c ON c.link_id = x.original_link LEFT JOIN pitch p ON p.id = c.pitch_id `

func (s *Store) scanCopies(ctx context.Context, where string, args ...any) ([]CopyOf, error) {
	var out []CopyOf
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var c CopyOf
		var seen, lost string
		err := rows.Scan(&c.LinkID, &c.OriginalLink, &c.Source, &c.Title, &c.OriginalSource, &c.PitchID, &c.Subject, (*string)(&c.By), &seen, &lost, &c.Authority, &c.Metric)
		c.FirstSeen, c.LostOn = dayOf(seen), dayOf(lost)
		out = append(out, c)
		return err
	}, `SELECT x.link_id, x.original_link, l.source_url, l.title, o.source_url, COALESCE(c.pitch_id, 0), COALESCE(p.subject, ''), x.reason, x.first_seen, l.lost_on, l.authority, l.metric`+copyTables+where, args...)
	return out, classify(err, "copies")
}

// CopiesOfPage lists the copies of a placement, by the id of its page, latest first.
func (s *Store) CopiesOfPage(ctx context.Context, page int64) ([]CopyOf, error) {
	return s.scanCopies(ctx, `WHERE x.original_page = $1 ORDER BY x.first_seen DESC, x.link_id DESC LIMIT 200`, page)
}

// CopyAt says which placement a page copies, by the id of the page; ok is false
// when it copies none.
func (s *Store) CopyAt(ctx context.Context, page int64) (c CopyOf, ok bool, err error) {
	list, err := s.scanCopies(ctx, `WHERE x.page_id = $1`, page)
	if err != nil || len(list) == 0 {
		return c, false, err
	}
	return list[0], true, nil
}

// CopiesOfPitch lists the copies of the placements that a pitch is credited with.
func (s *Store) CopiesOfPitch(ctx context.Context, pitch int64) ([]CopyOf, error) {
	return s.scanCopies(ctx, `WHERE x.original_page IN (SELECT k.page_id FROM credit k WHERE k.pitch_id = $1 AND k.state IN ('auto', 'confirmed')) ORDER BY x.first_seen DESC, x.link_id DESC LIMIT 200`, pitch)
}

// CountCopies counts the copies first seen between two days.
func (s *Store) CountCopies(ctx context.Context, site int64, from, to day.Day) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM copy WHERE site_id = $1 AND first_seen BETWEEN $2 AND $3`, site, from.String(), to.String()).Scan(&n)
	return n, classify(err, "count copies")
}

// CopyPage is one page of a list of copies, latest first.
type CopyPage struct {
	Rows       []CopyOf
	Prev, Next string
}

// ListCopies lists the copies first seen between two days.
func (s *Store) ListCopies(ctx context.Context, site int64, from, to day.Day, after string, back bool) (CopyPage, error) {
	var page CopyPage
	w := &where{}
	w.add(`x.site_id = ?`, site)
	w.add(`x.first_seen >= ?`, from.String())
	w.add(`x.first_seen <= ?`, to.String())
	err := s.keyset(ctx, w, after, back, 50, order{by: "x.first_seen", id: "x.link_id"}, func(order string, limit int) ([]cursor, error) {
		var err error
		page.Rows, err = s.scanCopies(ctx, `WHERE `+w.String()+order+` LIMIT `+marks(len(w.args)+1, 1), append(w.args, limit)...)
		at := make([]cursor, len(page.Rows))
		for i, r := range page.Rows {
			at[i] = cursor{r.FirstSeen.String(), r.LinkID}
		}
		return at, err
	}, func(keep int, reverse bool) { page.Rows = trim(page.Rows, keep, reverse) }, &page.Prev, &page.Next)
	return page, err
}

// nameCopies fills in which placement the pages of links repeat.
func (s *Store) nameCopies(ctx context.Context, list []LinkRow) error {
	if len(list) == 0 {
		return nil
	}
	pages := make([]any, len(list))
	for i := range list {
		pages[i] = list[i].PageID
	}
	of := map[int64]int64{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var page, original int64
		err := rows.Scan(&page, &original)
		of[page] = original
		return err
	}, `SELECT page_id, original_link FROM copy WHERE page_id IN `+marks(1, len(pages)), pages...)
	for i := range list {
		list[i].CopyOf = of[list[i].PageID]
	}
	return err
}
