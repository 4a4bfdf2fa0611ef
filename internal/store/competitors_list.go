package store

import (
	"context"
	"database/sql"
	"fmt"

	"landed/internal/day"
)

// GapFilter chooses among the domains that link to competitors of a site and have
// never linked to the site.
type GapFilter struct {
	Site       int64
	Competitor int64 // 0 = any
	Prefix     string
	Unpitched  bool // without those to which a pitch was logged
	After      string
	Back       bool
	Limit      int
}

// GapRow is such a domain with the competitors that it links to.
type GapRow struct {
	Domain       string
	Authority    float64
	Metric       string
	PitchID      int64 // the latest pitch to it; 0 = none
	DoNotContact bool
	Sources      []SourceRow
}

// SourceRow is one page of a domain that links to a competitor.
type SourceRow struct {
	Host               string // of the competitor
	SourceURL, Anchor  string
	Nofollow           bool
	FirstSeen, FoundOn day.Day // of the link, None where not said; of the first sync that brought the domain
}

// GapPage is one page, the strongest domain first.
type GapPage struct {
	Rows       []GapRow
	Prev, Next string
	Total      Total
}

// plan is the list's conditions. of are the site's competitors: those that were
// removed have their sources still.
func (f GapFilter) plan(of []Competitor) *where {
	w := &where{}
	w.add(`d.site_id = ?`, f.Site)
	w.add(`NOT EXISTS (SELECT 1 FROM refdomain r WHERE r.id = d.id AND r.domain = d.domain)`)
	ids := []int64{}
	for _, c := range of {
		if f.Competitor == 0 || f.Competitor == c.ID {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		ids = append(ids, 0) // of nobody
	}
	if len(of) > 0 {
		w.add(`d.strength >= ?`, strength(float64(of[0].Floor)))
	}
	w.conds = append(w.conds, `EXISTS (SELECT 1 FROM competitor_source cs WHERE cs.domain_id = d.id AND cs.competitor_id IN `+marks(len(w.args)+1, len(ids))+`)`)
	w.args = append(w.args, anys(ids)...)
	if f.Prefix != "" {
		w.add(`d.domain >= ? AND d.domain < ?`, f.Prefix, f.Prefix+"\U0010ffff")
	}
	if f.Unpitched {
		w.add(`NOT EXISTS (` + gapPitches + `)`)
	}
	return w
}

const gapPitches = `SELECT pd.pitch_id FROM pitch_domain pd JOIN pitch p ON p.id = pd.pitch_id WHERE pd.domain_id = d.id AND p.deleted_at = ''`

func gapQuery(w *where, order string, limit int) string {
	return `SELECT d.id, d.strength, d.domain, d.authority, d.metric, COALESCE((` + gapPitches + ` ORDER BY pd.pitch_id DESC LIMIT 1), 0),
		EXISTS (SELECT 1 FROM outlet o WHERE o.key = d.domain AND o.do_not_contact)
		FROM source_domain d WHERE ` + w.String() + order + fmt.Sprintf(` LIMIT %d`, limit)
}

// ListGaps is one page of the domains.
func (s *Store) ListGaps(ctx context.Context, f GapFilter) (GapPage, error) {
	of, err := s.Competitors(ctx, f.Site)
	if err != nil || len(of) == 0 {
		return GapPage{}, err
	}
	page, err := s.gapPage(ctx, f, of)
	if err != nil {
		return page, classify(err, "list domains of competitors")
	}
	if f.After == "" && page.Next == "" {
		page.Total.N = len(page.Rows)
		return page, nil
	}
	w := f.plan(of)
	err = s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM source_domain d WHERE %s LIMIT %d)`, w, countLimit+1), w.args...).Scan(&page.Total.N)
	if page.Total.N > countLimit {
		page.Total = Total{N: countLimit, AtLeast: true}
	}
	return page, classify(err, "count domains of competitors")
}

// EachGap hands every domain of a filter to f, page by page, so that a slow reader
// holds no snapshot of the database open.
func (s *Store) EachGap(ctx context.Context, filter GapFilter, f func(GapRow) error) error {
	filter.Limit, filter.After, filter.Back = 500, "", false
	of, err := s.Competitors(ctx, filter.Site)
	for err == nil && len(of) > 0 {
		page, err := s.gapPage(ctx, filter, of)
		if err != nil {
			return classify(err, "read domains of competitors")
		}
		for _, d := range page.Rows {
			if err := f(d); err != nil {
				return err
			}
		}
		if filter.After = page.Next; filter.After == "" {
			return nil
		}
	}
	return err
}

func (s *Store) gapPage(ctx context.Context, f GapFilter, of []Competitor) (page GapPage, err error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	w := f.plan(of)
	var ids []int64
	err = s.keyset(ctx, w, f.After, f.Back, f.Limit, order{by: "d.strength", id: "d.id"}, func(order string, limit int) ([]cursor, error) {
		var list []cursor
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			var d GapRow
			var at cursor
			err := rows.Scan(&at.id, &at.text, &d.Domain, &d.Authority, &d.Metric, &d.PitchID, &d.DoNotContact)
			page.Rows, list, ids = append(page.Rows, d), append(list, at), append(ids, at.id)
			return err
		}, gapQuery(w, order, limit), w.args...)
		return list, err
	}, func(keep int, reverse bool) {
		page.Rows, ids = trim(page.Rows, keep, reverse), trim(ids, keep, reverse)
	}, &page.Prev, &page.Next)
	if err == nil && len(ids) > 0 {
		err = s.gapSources(ctx, &page, ids, of)
	}
	return page, err
}

// gapSources adds the pages that link to the competitors.
func (s *Store) gapSources(ctx context.Context, page *GapPage, ids []int64, of []Competitor) error {
	at := map[int64]int{}
	for i, id := range ids {
		at[id] = i
	}
	hosts := map[int64]string{}
	for _, c := range of {
		hosts[c.ID] = c.Host
	}
	return each(ctx, s.read, func(rows *sql.Rows) error {
		var domain, competitor int64
		var r SourceRow
		var first, found string
		err := rows.Scan(&domain, &competitor, &r.SourceURL, &r.Anchor, &r.Nofollow, &first, &found)
		r.FirstSeen, r.FoundOn = dayOf(first), dayOf(found)
		if r.Host = hosts[competitor]; r.Host != "" {
			d := &page.Rows[at[domain]]
			d.Sources = append(d.Sources, r)
		}
		return err
	}, gapEvidence+marks(1, len(ids))+` ORDER BY domain_id, competitor_id`, anys(ids)...)
}

const gapEvidence = `SELECT domain_id, competitor_id, source_url, anchor, nofollow, first_seen, found_on FROM competitor_source WHERE domain_id IN `

// SourceCounts is how many domains are known to link to each competitor, by its id,
// those that link to the site as well included.
func (s *Store) SourceCounts(ctx context.Context, of []Competitor) (map[int64]int, error) {
	out := map[int64]int{}
	for _, c := range of {
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM competitor_source WHERE competitor_id = $1`, c.ID).Scan(&n); err != nil {
			return nil, classify(err, "count sources")
		}
		out[c.ID] = n
	}
	return out, nil
}
