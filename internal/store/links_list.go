package store

import (
	"context"
	"database/sql"

	"landed/internal/attribution"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/weburl"
)

// LinkFilter says which links a list shows. Zero fields do not filter.
type LinkFilter struct {
	Site       int64
	State      State // of the attribution
	Credited   bool  // auto and confirmed
	Placements bool  // one link per credited page
	Unreviewed bool  // of Credited and Placements: not confirmed by a person yet
	Lost       bool  // lost ones, latest loss first
	Live       bool
	Reason     backlinks.LostReason
	Domain     string // of a referring domain or outlet key, or its beginning
	Exact      bool   // Domain is a whole referring domain
	Pitch      int64
	MinDR      int
	Follow     bool    // followed links only
	From, To   day.Day // first seen, or lost on with Lost

	After string
	Back  bool
	Limit int
	Whole bool // rows with Domain, Outlet and the credit's Reasons, which cost most to read
	Brief bool // rows with what a page of the list prints, and nothing else

	platforms *weburl.Platforms // by which Domain is read; set where the list is planned
}

// LinkRow is a link as lists show it.
type LinkRow struct {
	ID, SiteID, PageID          int64
	SourceURL, TargetURL        string
	Anchor, Title, Author       string
	Kind                        backlinks.Kind
	Rel                         string
	Nofollow                    backlinks.Tri
	Authority                   float64
	Metric                      backlinks.Metric
	HTTPCode                    int
	FirstSeen, LastSeen, LostOn day.Day
	LostReason                  backlinks.LostReason
	LostSaid, Provider          string
	Domain, Outlet, Unkeyed     string
	CopyOf                      int64 // the placement whose article its page repeats, in exports; 0 = none
	Credit                      Credit
}

// Credit is the attribution of a link as screens and exports show it.
type Credit struct {
	PitchID   int64
	PitchRef  string
	Subject   string
	Outlet    string // of the pitch
	Owner     string
	Score     int
	Band      attribution.Band
	State     State
	Contested bool
	Reasons   []attribution.Reason
	Version   int64
}

// LinkPage is one page of a list of links.
type LinkPage struct {
	Rows       []LinkRow
	Prev, Next string
	Total      Total
}

// linkRowColumns are a link's, whole.
const linkRowColumns = linkListColumns + `, COALESCE(c.reasons, '')`

// linkListColumns leave out what a list does not show and what costs most to read.
const linkListColumns = `l.id, l.site_id, l.page_id, l.source_url, l.target_url, l.anchor, l.title, l.author, l.kind, l.rel, l.authority, l.metric, l.http_code,
	l.first_seen, l.last_seen, l.lost_on, l.lost_reason, l.lost_said, l.provider, l.unkeyed,
	COALESCE(c.pitch_id, 0), COALESCE(c.score, 0), COALESCE(c.band, 'none'), COALESCE(c.state, ''), COALESCE(c.contested, FALSE), COALESCE(c.version, 0),
	COALESCE(p.ref, ''), COALESCE(p.subject, ''), COALESCE(o.key, ''), COALESCE(a.name, p.owner_name, '')`

const linkJoins = ` LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id LEFT JOIN account a ON a.id = p.owner_id`

// linkBriefColumns are what a page of a list prints.
const linkBriefColumns = `l.id, l.source_url, l.target_url, l.anchor, l.title, l.rel, l.authority, l.metric, l.first_seen, l.lost_on, l.lost_reason, l.lost_said, l.provider,
	COALESCE(c.pitch_id, 0), COALESCE(c.score, 0), COALESCE(c.state, ''), COALESCE(p.subject, ''), COALESCE(o.key, ''), COALESCE(a.name, p.owner_name, '')`

// linkScan reads rows of links one after the other into the same places: making
// them anew costs more than reading what is in them.
type linkScan struct {
	row               LinkRow
	rel, code, score  int64
	first, last, lost string
	into              []any
}

// scanLinks reads linkListColumns, or linkBriefColumns. more takes the columns behind.
func scanLinks(brief bool, more ...any) *linkScan {
	x := &linkScan{}
	r, c := &x.row, &x.row.Credit
	if brief {
		x.into = []any{&r.ID, &r.SourceURL, &r.TargetURL, &r.Anchor, &r.Title, &x.rel, &r.Authority, (*string)(&r.Metric), &x.first, &x.lost,
			(*string)(&r.LostReason), &r.LostSaid, &r.Provider, &c.PitchID, &x.score, (*string)(&c.State), &c.Subject, &c.Outlet, &c.Owner}
	} else {
		x.into = []any{&r.ID, &r.SiteID, &r.PageID, &r.SourceURL, &r.TargetURL, &r.Anchor, &r.Title, &r.Author, (*string)(&r.Kind), &x.rel, &r.Authority, (*string)(&r.Metric), &x.code,
			&x.first, &x.last, &x.lost, (*string)(&r.LostReason), &r.LostSaid, &r.Provider, &r.Unkeyed,
			&c.PitchID, &x.score, (*string)(&c.Band), (*string)(&c.State), &c.Contested, &c.Version, &c.PitchRef, &c.Subject, &c.Outlet, &c.Owner}
	}
	x.into = append(x.into, more...)
	return x
}

// scan leaves Domain, Outlet and the credit's Reasons empty.
func (x *linkScan) scan(row scanner) (LinkRow, error) {
	err := row.Scan(x.into...)
	r := x.row
	r.Rel = relText(x.rel)
	r.Nofollow, _, _ = unpackRel(x.rel)
	r.HTTPCode, r.Credit.Score = int(x.code), int(x.score)
	r.FirstSeen, r.LastSeen, r.LostOn = dayOf(x.first), dayOf(x.last), dayOf(x.lost)
	return r, err
}

func (s *Store) scanLinkRow(row scanner) (LinkRow, error) {
	var reasons string
	r, err := scanLinks(false, &reasons).scan(row)
	if page, err := s.Platforms().Page(r.SourceURL); err == nil { // cheaper than a join to read it from
		r.Domain, r.Outlet = page.Domain, page.Outlet.Key
	}
	if reasons != "" {
		r.Credit.Reasons = readReasons(reasons)
	}
	return r, err
}

func (f LinkFilter) limit() int {
	if f.Limit <= 0 || f.Limit > 500 {
		return 50
	}
	return f.Limit
}

// ListLinks is one page of links, latest first.
func (s *Store) ListLinks(ctx context.Context, f LinkFilter) (LinkPage, error) {
	f.platforms = s.Platforms()
	n, err := s.namedBy(ctx, f)
	if err != nil {
		return LinkPage{}, classify(err, "list links")
	}
	page, err := s.linkPage(ctx, f, n.few())
	if err != nil {
		return page, classify(err, "list links")
	}
	if f.After == "" && page.Next == "" {
		page.Total.N = len(page.Rows)
		return page, nil
	}
	page.Total, err = s.linkTotal(ctx, f, n, len(page.Rows))
	return page, classify(err, "count links")
}

// EachListed hands every link of a filter to f in the list's order, page by
// page, so that a slow reader holds no snapshot of the database open.
func (s *Store) EachListed(ctx context.Context, filter LinkFilter, f func(LinkRow) error) error {
	filter.Limit, filter.After, filter.Back, filter.Whole = 500, "", false, true
	filter.platforms = s.Platforms()
	n, err := s.namedBy(ctx, filter)
	if err != nil {
		return classify(err, "read links")
	}
	for {
		page, err := s.linkPage(ctx, filter, n.few())
		if err != nil {
			return classify(err, "read links")
		}
		if err := s.nameCopies(ctx, page.Rows); err != nil {
			return classify(err, "copies")
		}
		for _, r := range page.Rows {
			if err := f(r); err != nil {
				return err
			}
		}
		if filter.After = page.Next; filter.After == "" {
			return nil
		}
	}
}

func (s *Store) linkPage(ctx context.Context, f LinkFilter, few bool) (LinkPage, error) {
	columns := linkListColumns
	if f.Brief {
		columns = linkBriefColumns
	}
	listed := scanLinks(f.Brief)
	scan := func(rows *sql.Rows) (LinkRow, error) { return listed.scan(rows) }
	if f.Whole {
		columns, scan = linkRowColumns, func(rows *sql.Rows) (LinkRow, error) { return s.scanLinkRow(rows) }
	}
	var page LinkPage
	p := f.plan(few)
	read := querier(s.read)
	if p.links && len(p.where.conds) == p.base {
		read = s.read.brief()
	}
	err := s.keyset(ctx, p.where, f.After, f.Back, f.limit(), p.order, func(order string, limit int) ([]cursor, error) {
		at := make([]cursor, 0, limit)
		page.Rows = make([]LinkRow, 0, limit)
		err := each(ctx, read, func(rows *sql.Rows) error {
			r, err := scan(rows)
			page.Rows = append(page.Rows, r)
			d := r.FirstSeen
			if f.Lost {
				d = r.LostOn
			}
			at = append(at, cursor{d.String(), r.ID})
			return err
		}, p.page(columns, order, limit), p.where.args...)
		return at, err
	}, func(keep int, reverse bool) { page.Rows = trim(page.Rows, keep, reverse) }, &page.Prev, &page.Next)
	return page, err
}

// Totals are a site's figures of all time, kept with the writes.
func (s *Store) Totals(ctx context.Context, site int64) (Figures, error) {
	f, err := kept(ctx, fact{what: "totals", id: site}, func() (f Figures, err error) {
		err = s.read.brief().QueryRowContext(ctx, `SELECT `+figureColumns+` FROM site_total WHERE site_id = $1`, site).Scan(f.fields()...)
		if err == sql.ErrNoRows {
			err = nil
		}
		return f, err
	})
	return f, classify(err, "totals")
}

// Link is one link by id.
func (s *Store) Link(ctx context.Context, id int64) (LinkRow, error) {
	r, err := s.scanLinkRow(s.read.QueryRowContext(ctx, `SELECT `+linkRowColumns+` FROM link l LEFT JOIN credit c ON c.link_id = l.id`+linkJoins+` WHERE l.id = $1`, id))
	if err == sql.ErrNoRows {
		return r, fault.New(fault.NotFound, "There is no link %d.", id)
	}
	return r, classify(err, "link")
}

// EachLink hands every link of a site (0 = of all sites) to f, by id.
func (s *Store) EachLink(ctx context.Context, site int64, f func(LinkRow) error) error {
	return each(ctx, s.read, func(rows *sql.Rows) error {
		r, err := s.scanLinkRow(rows)
		if err != nil {
			return err
		}
		return f(r)
	}, `SELECT `+linkRowColumns+` FROM link l LEFT JOIN credit c ON c.link_id = l.id`+linkJoins+` WHERE ($1 = 0 OR l.site_id = $1) ORDER BY l.id`, site)
}

// Assists are the runners-up of a link, best first, as candidates to reassign to.
func (s *Store) Assists(ctx context.Context, link int64) ([]Credit, error) {
	var out []Credit
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var c Credit
		var reasons string
		err := rows.Scan(&c.PitchID, &c.Score, &reasons, &c.PitchRef, &c.Subject, &c.Outlet, &c.Owner)
		c.Reasons = readReasons(reasons)
		out = append(out, c)
		return err
	}, `SELECT x.pitch_id, x.score, x.reasons, p.ref, p.subject, o.key, COALESCE(a.name, p.owner_name)
		FROM assist x JOIN pitch p ON p.id = x.pitch_id JOIN outlet o ON o.id = p.outlet_id LEFT JOIN account a ON a.id = p.owner_id
		WHERE x.link_id = $1 AND p.deleted_at = '' ORDER BY x.score DESC, x.pitch_id`, link)
	return out, classify(err, "assists")
}

// LinkEvent is one thing that happened to a link after it was first stored.
type LinkEvent struct {
	At       string // instant, RFC 3339
	Kind     string // lost, reinstated, anchor, rel, kind
	From, To string
}

// LinkEvents is a link's history, newest first.
func (s *Store) LinkEvents(ctx context.Context, link int64) ([]LinkEvent, error) {
	var out []LinkEvent
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var e LinkEvent
		err := rows.Scan(&e.At, &e.Kind, &e.From, &e.To)
		out = append(out, e)
		return err
	}, `SELECT at, kind, from_value, to_value FROM link_event WHERE link_id = $1 ORDER BY id DESC LIMIT 200`, link)
	return out, classify(err, "history of link")
}
