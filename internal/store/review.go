package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
)

// ReviewFilter says which of a site's links that wait for a person are asked for.
// Zero fields do not filter.
type ReviewFilter struct {
	Site      int64
	Possible  bool   // faint matches instead of suggestions
	Owner     int64  // of the proposed pitch
	Outlet    string // outlet key of the link, or anything that names one
	MinScore  int    // scores from this one up …
	MaxScore  int    // … to this one; 0 = no end
	Contested bool   // only those that two pitches claim
	Clear     bool   // only those that one pitch claims
	From, To  day.Day
}

// QueueRow is a link that waits, as the list beside the current one shows it.
type QueueRow struct {
	LinkID           int64
	SourceURL, Title string
	Score            int
	Contested        bool
	Place            Place
}

// Place is a link's place in the review queue: the order is worth, then the
// later first_seen, then the id, all descending.
type Place struct {
	worth int64
	seen  string
	link  int64
}

// String is the place for an address.
func (p Place) String() string { return fmt.Sprintf("%d~%s~%d", p.worth, p.seen, p.link) }

// ParsePlace reads a place from an address; anything else is Invalid.
func ParsePlace(text string) (p Place, err error) {
	parts := strings.Split(text, "~")
	if len(parts) == 3 && len(parts[1]) <= len("2026-01-01") {
		p.seen = parts[1]
		if p.worth, err = strconv.ParseInt(parts[0], 10, 64); err == nil {
			p.link, err = strconv.ParseInt(parts[2], 10, 64)
		}
		if err == nil {
			return p, nil
		}
	}
	return Place{}, fault.New(fault.Invalid, "This place in the queue does not exist. Start from its top.")
}

// queuePlan is how the queue is read; see linkPlan.
type queuePlan struct {
	from  string
	where *where
}

// planQueue finds out whether the filter's outlet has few links.
func (s *Store) planQueue(ctx context.Context, q querier, f ReviewFilter) (queuePlan, error) {
	var domain, key int64
	few := false
	if f.Outlet != "" {
		page, err := s.Platforms().Outlet(f.Outlet)
		if err != nil {
			return queuePlan{}, fault.Field("outlet", "%s", fault.Message(err))
		}
		domain, key = domainID(f.Site, page.Domain), keyHash(page.Outlet.Key)
		var n int
		if err := q.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM link l WHERE l.domain_id = $1 AND l.key_id = $2 LIMIT %d)`, fewLinks+1), domain, key).Scan(&n); err != nil {
			return queuePlan{}, err
		}
		few = n <= fewLinks
	}
	return f.plan(domain, key, few), nil
}

func (f ReviewFilter) plan(domain, key int64, few bool) queuePlan {
	p := queuePlan{from: `credit c CROSS JOIN link l`, where: &where{}}
	column := func(name string) string { return "c." + name }
	if few {
		p.from = `link l CROSS JOIN credit c`
		p.where.add(`l.domain_id = ? AND l.key_id = ? AND c.link_id = l.id`, domain, key)
		column = func(name string) string { return "+c." + name }
	} else {
		p.where.add(`l.id = c.link_id`)
		if f.Outlet != "" {
			p.where.add(`+l.domain_id = ? AND l.key_id = ?`, domain, key)
		}
	}
	state := StateSuggested
	if f.Possible {
		state = StatePossible
	}
	p.where.add(`c.state IN ('suggested', 'possible')`) // says that the partial index holds them all
	p.where.add(column("site_id")+` = ? AND `+column("state")+` = ?`, f.Site, string(state))
	if f.Owner != 0 {
		p.where.add(column("owner_id")+` = ?`, f.Owner)
	}
	if f.MinScore > 0 {
		p.where.add(column("worth")+` >= ?`, worthOf(f.MinScore, 0))
	}
	if f.MaxScore > 0 {
		p.where.add(column("worth")+` < ?`, worthOf(f.MaxScore+1, 0))
	}
	switch {
	case f.Contested:
		p.where.add(`c.contested`)
	case f.Clear:
		p.where.add(`NOT c.contested`)
	}
	if f.From.Known() {
		p.where.add(`+c.first_seen >= ?`, f.From.String())
	}
	if f.To.Known() {
		p.where.add(`+c.first_seen <= ? AND c.first_seen <> ''`, f.To.String())
	}
	return p
}

const queueColumns = `c.link_id, l.source_url, l.title, c.score, c.contested, c.worth, c.first_seen`

// page is the query of some rows after a place, or before it with back.
func (p queuePlan) page(after *Place, back bool, limit int) (string, []any) {
	w := &where{conds: p.where.conds, args: p.where.args}
	way, op := "DESC", "<"
	if back {
		way, op = "ASC", ">"
	}
	if after != nil {
		w.add(`(c.worth, c.first_seen, c.link_id) `+op+` (?, ?, ?)`, after.worth, after.seen, after.link)
	}
	return fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY c.worth %s, c.first_seen %s, c.link_id %s LIMIT %d`, queueColumns, p.from, w, way, way, way, limit), w.args
}

// Queue lists links that wait, the most worth looking at first: up to limit after
// a place, or with back up to limit before it, nearest first. nil starts at the top.
func (s *Store) Queue(ctx context.Context, f ReviewFilter, after *Place, back bool, limit int) ([]QueueRow, error) {
	p, err := s.planQueue(ctx, s.read, f)
	if err != nil {
		return nil, classify(err, "review queue")
	}
	out := make([]QueueRow, 0, limit)
	query, args := p.page(after, back, limit)
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var r QueueRow
		err := rows.Scan(&r.LinkID, &r.SourceURL, &r.Title, &r.Score, &r.Contested, &r.Place.worth, &r.Place.seen)
		r.Place.link = r.LinkID
		out = append(out, r)
		return err
	}, query, args...)
	return out, classify(err, "review queue")
}

// PlaceOf is where a link stands in the queue, or would: ok is false when it does
// not wait.
func (s *Store) PlaceOf(ctx context.Context, link int64) (p Place, ok bool, err error) {
	p.link = link
	var state State
	err = s.read.QueryRowContext(ctx, `SELECT worth, first_seen, state FROM credit WHERE link_id = $1`, link).Scan(&p.worth, &p.seen, &state)
	if err == sql.ErrNoRows {
		return p, false, nil
	}
	return p, state.Waits(), classify(err, "place in the queue")
}

// CountQueue counts the links of a filter, up to queueCount.
func (s *Store) CountQueue(ctx context.Context, f ReviewFilter) (Total, error) {
	if f == (ReviewFilter{Site: f.Site}) {
		t, err := s.Totals(ctx, f.Site)
		return Total{N: t.Suggested}, err
	}
	p, err := s.planQueue(ctx, s.read, f)
	if err != nil {
		return Total{}, classify(err, "count the review queue")
	}
	var t Total
	err = s.read.QueryRowContext(ctx, p.count(), p.where.args...).Scan(&t.N)
	if t.N > queueCount {
		t.N, t.AtLeast = queueCount, true
	}
	return t, classify(err, "count the review queue")
}

// queueCount is up to where filtered queues are counted: more than a person
// decides in a day.
const queueCount = 2000

func (p queuePlan) count() string {
	return fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d)`, p.from, p.where, queueCount+1)
}

// Unpitched is a page of live links without any pitch from outlets that were
// pitched for this site, the latest first. Nobody has decided on them.
type Unpitched struct {
	Rows []LinkRow
	Next string // where the search goes on; "" at the end
}

// unpitchedWalk is how many links one page looks at: nothing is kept of which
// links have no pitch, and a rare find must not cost a walk over all of them.
const unpitchedWalk = 1000

// ListUnpitched looks through up to unpitchedWalk links after a cursor of an
// earlier page and stops when it has found limit of them.
func (s *Store) ListUnpitched(ctx context.Context, site int64, after string, limit int) (Unpitched, error) {
	var out Unpitched
	var at cursor
	first, last := seenBetween(site, day.None, day.None)
	var from any = last + 1
	if after != "" {
		var err error
		if at, err = parseCursor(after); err == nil {
			from, err = order{seen: site}.value(at)
		}
		if err != nil {
			return out, err
		}
	}
	looked, ids := 0, []int64{}
	var end cursor
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var found bool
		var seen int64
		if err := rows.Scan(&seen, &end.id, &found); err != nil {
			return err
		}
		end.text = seenOn(seen)
		if looked++; found {
			ids = append(ids, end.id)
		}
		return nil
	}, unpitchedLinks, first, from, at.id, unpitchedWalk)
	if err != nil {
		return out, classify(err, "links without a pitch")
	}
	if looked == unpitchedWalk {
		out.Next = end.String()
	}
	return out, s.fillUnpitched(ctx, &out, ids, limit)
}

const unpitchedLinks = `SELECT l.seen, l.id, l.lost_on = '' AND NOT EXISTS (SELECT 1 FROM credit c WHERE c.link_id = l.id)
		AND EXISTS (SELECT 1 FROM pitch_domain d WHERE d.domain_id = l.domain_id)
	FROM link l WHERE l.seen >= $1 AND (l.seen, l.id) < ($2, $3) ORDER BY l.seen DESC, l.id DESC LIMIT $4`

// fillUnpitched reads the links found whose own outlet is known: one domain can
// hold many.
func (s *Store) fillUnpitched(ctx context.Context, out *Unpitched, ids []int64, limit int) error {
	for _, id := range ids {
		r, err := s.Link(ctx, id)
		if err != nil {
			return err
		}
		known, err := s.KnownOutlet(ctx, r.Outlet)
		if err != nil {
			return err
		}
		if known {
			out.Rows = append(out.Rows, r)
		}
		if len(out.Rows) == limit {
			out.Next = cursor{r.FirstSeen.String(), r.ID}.String()
			return nil
		}
	}
	return nil
}

// KnownOutlet reports whether an outlet key is one that was ever pitched, also
// by another of its names.
func (s *Store) KnownOutlet(ctx context.Context, key string) (bool, error) {
	var yes bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outlet WHERE key = $1) OR EXISTS (SELECT 1 FROM outlet_alias WHERE key = $1)`, key).Scan(&yes)
	return yes && key != "", classify(err, "outlet")
}

// Before is a place just before p, so that what comes after it begins with p.
func (p Place) Before() Place {
	p.link++ // ids are below 1<<63 - 1, see hashID
	return p
}
