package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"landed/internal/day"
	"landed/internal/pitches"
)

func today(s *Store) day.Day { return day.Of(s.Now()) }

// PitchFilter says which pitches a list shows. Zero fields do not filter.
type PitchFilter struct {
	Site       int64
	Status     pitches.Status
	Owner      int64
	Campaign   string
	Outlet     int64
	Query      string // in title, outlet, contact or notes
	SentFrom   day.Day
	SentTo     day.Day
	FollowUpBy day.Day // follow-ups due on that day or before
	Placed     bool    // with a credited link
	Stage      string  // got at least as far: sent, replied, accepted, placed; see Cohort
	OwnerName  string  // of a list's owner who has no account
	NoCampaign bool
	NoOwner    bool     // neither an account nor a name
	Overdue    *Overdue // accepted, and without a link for longer than usual

	After string // a cursor of an earlier PitchPage
	Back  bool   // the page before the cursor instead of after it
	Limit int
}

// PitchPage is one page of a list.
type PitchPage struct {
	Rows       []PitchRow
	Prev, Next string // cursors; "" where there is no such page
	Total      Total
}

// PitchRow is a pitch with the number of links credited to it.
type PitchRow struct {
	pitches.Pitch
	Links     int
	LostLinks int
}

// Total is how many rows a filter has; beyond countLimit only AtLeast is known.
type Total struct {
	N       int
	AtLeast bool
}

// countLimit caps the counting of filtered lists: what a person needs to know
// is "a few", "some hundred" or "too many", and counting further costs more
// than the page itself.
const countLimit = 1000

// where collects conditions with numbered arguments.
type where struct {
	conds []string
	args  []any
}

func (w *where) add(cond string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.conds = append(w.conds, cond)
}

func (w *where) String() string { return strings.Join(w.conds, " AND ") }

// likeText escapes what LIKE would read as a wildcard.
var likeText = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (f PitchFilter) where() *where {
	w := &where{}
	w.add(`p.deleted_at = ''`)
	w.add(`p.site_id = ?`, f.Site)
	if f.Status != "" {
		w.add(`p.status = ?`, string(f.Status))
	}
	if f.Owner != 0 {
		w.add(`p.owner_id = ? AND p.owner_id <> 0`, f.Owner) // the latter tells SQLite that pitch_owner has them all
	}
	if f.Campaign != "" {
		w.add(`p.campaign = ?`, f.Campaign)
	}
	if f.Outlet != 0 {
		w.add(`p.outlet_id = ?`, f.Outlet)
	}
	if f.SentFrom.Known() {
		w.add(`p.sent_on >= ?`, f.SentFrom.String())
	}
	if f.SentTo.Known() {
		w.add(`p.sent_on <= ?`, f.SentTo.String())
	}
	if f.FollowUpBy.Known() {
		w.add(`p.follow_up_on <> '' AND p.follow_up_on <= ? AND p.status IN ('pitched', 'replied', 'accepted')`, f.FollowUpBy.String())
	}
	if f.Placed {
		w.add(`EXISTS (SELECT 1 FROM credit c WHERE c.pitch_id = p.id AND c.state IN ('auto', 'confirmed'))`)
	}
	f.cohort(w)
	if f.Overdue != nil {
		f.Overdue.where(w)
	}
	if f.Query != "" {
		like := "%" + likeText.Replace(f.Query) + "%"
		w.add(`(p.subject LIKE ? ESCAPE '\' OR o.key LIKE ? ESCAPE '\' OR o.name LIKE ? ESCAPE '\' OR p.contact LIKE ? ESCAPE '\' OR p.email LIKE ? ESCAPE '\')`,
			like, like, like, like, like)
	}
	return w
}

// narrows reports whether anything but the site and at most a status filters,
// in which case the totals kept with the writes answer.
func (f PitchFilter) narrows() bool {
	return f.Owner != 0 || f.Campaign != "" || f.Outlet != 0 || f.Query != "" || f.SentFrom.Known() || f.SentTo.Known() || f.FollowUpBy.Known() || f.Placed ||
		f.Stage != "" || f.OwnerName != "" || f.NoCampaign || f.NoOwner || f.Overdue != nil
}

// ListPitches is one page of pitches, latest sent first.
func (s *Store) ListPitches(ctx context.Context, f PitchFilter) (PitchPage, error) {
	var page PitchPage
	w := f.where()
	err := s.keyset(ctx, w, f.After, f.Back, f.Limit, order{by: "p.sent_on", id: "p.id"}, func(order string, limit int) ([]cursor, error) {
		page.Rows = page.Rows[:0]
		var at []cursor
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			p, err := scanPitch(rows)
			page.Rows = append(page.Rows, PitchRow{Pitch: p})
			at = append(at, cursor{p.SentOn.String(), p.ID})
			return err
		}, `SELECT `+pitchColumns+pitchTables+`WHERE `+w.String()+order+fmt.Sprintf(` LIMIT %d`, limit), w.args...)
		return at, err
	}, func(keep int, reverse bool) {
		page.Rows = trim(page.Rows, keep, reverse)
	}, &page.Prev, &page.Next)
	if err != nil {
		return page, classify(err, "list pitches")
	}
	if err := s.countPitchLinks(ctx, page.Rows); err != nil {
		return page, classify(err, "links of pitches")
	}
	page.Total, err = s.pitchTotal(ctx, f)
	return page, classify(err, "count pitches")
}

func (s *Store) pitchTotal(ctx context.Context, f PitchFilter) (Total, error) {
	var t Total
	if !f.narrows() {
		err := s.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(n), 0) FROM pitch_total WHERE site_id = $1 AND ($2 = '' OR status = $2)`, f.Site, string(f.Status)).Scan(&t.N)
		return t, err
	}
	w := f.where()
	err := s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM pitch p JOIN outlet o ON o.id = p.outlet_id WHERE %s LIMIT %d)`, w, countLimit+1), w.args...).Scan(&t.N)
	if t.N > countLimit {
		t.N, t.AtLeast = countLimit, true
	}
	return t, err
}

func (s *Store) countPitchLinks(ctx context.Context, rows []PitchRow) error {
	if len(rows) == 0 {
		return nil
	}
	at := map[int64]*PitchRow{}
	ids := make([]any, len(rows))
	for i := range rows {
		at[rows[i].ID], ids[i] = &rows[i], rows[i].ID
	}
	return each(ctx, s.read, func(r *sql.Rows) error {
		var id int64
		var n, lost int
		err := r.Scan(&id, &n, &lost)
		at[id].Links, at[id].LostLinks = n, lost
		return err
	}, `SELECT c.pitch_id, COUNT(*), SUM(CASE WHEN l.lost_on <> '' THEN 1 ELSE 0 END) FROM credit c JOIN link l ON l.id = c.link_id
		WHERE c.pitch_id IN `+marks(1, len(ids))+` AND c.state IN ('auto', 'confirmed') GROUP BY c.pitch_id`, ids...)
}

// PitchTotals counts a site's pitches by status.
func (s *Store) PitchTotals(ctx context.Context, site int64) (map[pitches.Status]int, error) {
	out := map[pitches.Status]int{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var st pitches.Status
		var n int
		err := rows.Scan((*string)(&st), &n)
		out[st] = n
		return err
	}, `SELECT status, n FROM pitch_total WHERE site_id = $1`, site)
	return out, classify(err, "count pitches")
}

// Campaigns lists a site's campaigns by name.
func (s *Store) Campaigns(ctx context.Context, site int64) ([]string, error) {
	// A skip scan by hand: each step asks the index for the next name.
	var out []string
	for last := ""; ; {
		err := s.read.QueryRowContext(ctx, `SELECT campaign FROM pitch WHERE site_id = $1 AND deleted_at = '' AND campaign > $2 ORDER BY campaign LIMIT 1`, site, last).Scan(&last)
		if err == sql.ErrNoRows {
			return out, nil
		}
		if err != nil {
			return out, classify(err, "campaigns")
		}
		if out = append(out, last); len(out) == 500 {
			return out, nil
		}
	}
}

// OutletHistory is what is known of an outlet before it is pitched again.
type OutletHistory struct {
	Outlet  pitches.Outlet
	Pitches []PitchRow // of the site, latest first
	Links   int        // that the outlet has given the site, live
	First   day.Day
}

// OutletByTyped finds what is known of the outlet that a person types, for a
// site; an outlet never pitched has no ID.
func (s *Store) OutletByTyped(ctx context.Context, site int64, typed string) (OutletHistory, error) {
	var h OutletHistory
	page, err := s.Platforms().Outlet(typed)
	if err != nil {
		return h, err
	}
	h.Outlet = pitches.Outlet{Key: page.Outlet.Key, Host: page.Host, Name: page.Outlet.Key}
	err = s.read.QueryRowContext(ctx, `SELECT id, name, authority, metric, do_not_contact, unscoped FROM outlet WHERE key = $1`, page.Outlet.Key).
		Scan(&h.Outlet.ID, &h.Outlet.Name, &h.Outlet.Authority, &h.Outlet.Metric, &h.Outlet.DoNotContact, &h.Outlet.Unscoped)
	if err != nil && err != sql.ErrNoRows {
		return h, classify(err, "outlet")
	}
	if h.Outlet.ID != 0 {
		list, err := s.ListPitches(ctx, PitchFilter{Site: site, Outlet: h.Outlet.ID, Limit: 5})
		if err != nil {
			return h, err
		}
		h.Pitches = list.Rows
	}
	var first string
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(CASE WHEN first_seen <> '' THEN first_seen END), '') FROM link WHERE domain_id = $1 AND key_id = $2 AND lost_on = ''`,
		domainID(site, page.Domain), keyHash(page.Outlet.Key)).Scan(&h.Links, &first)
	h.First = dayOf(first)
	return h, classify(err, "outlet's links")
}

// Outlet suggestions for a form: keys that begin with what was typed.
func (s *Store) SuggestOutlets(ctx context.Context, prefix string) ([]pitches.Outlet, error) {
	var out []pitches.Outlet
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var o pitches.Outlet
		err := rows.Scan(&o.ID, &o.Key, &o.Name, &o.Authority, &o.Metric)
		out = append(out, o)
		return err
	}, `SELECT id, key, name, authority, metric FROM outlet WHERE key >= $1 AND key < $2 ORDER BY key LIMIT 10`, prefix, prefix+"\U0010ffff")
	return out, classify(err, "outlets")
}
