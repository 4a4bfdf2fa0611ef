package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
)

// OutletFilter says which outlets a list shows. Zero fields do not filter.
type OutletFilter struct {
	Site      int64  // whose pitches and placements are counted
	Query     string // the beginning of a key or name
	NoContact bool
	Aliases   bool // with other names only
	Pitched   bool // with a pitch of the site only

	After string
	Back  bool
	Limit int
}

// OutletRow is an outlet as its list shows it.
type OutletRow struct {
	pitches.Outlet
	Pitches    int // of the site, sent
	Landed     int
	Placements int
	LastSent   day.Day
	Names      int // other names
}

// OutletPage is one page of a list of outlets.
type OutletPage struct {
	Rows       []OutletRow
	Prev, Next string
	Total      Total
}

// Outlet is one outlet with what its page shows.
type Outlet struct {
	pitches.Outlet
	Off                              []string // subdomains whose links never count
	NoContactPerson, NoContactReason string
}

// plan is the conditions of a list of outlets, which is in the order of keys.
func (f OutletFilter) plan() *where {
	w := &where{}
	if q := strings.ToLower(strings.TrimSpace(f.Query)); q != "" {
		end := q + "\U0010ffff"
		w.add(`o.id IN (SELECT id FROM outlet WHERE key >= ? AND key < ? UNION SELECT id FROM outlet WHERE lower(name) >= ? AND lower(name) < ?)`, q, end, q, end)
	}
	if f.NoContact {
		w.add(`o.do_not_contact`)
	}
	if f.Aliases {
		w.add(`o.id IN (SELECT outlet_id FROM outlet_alias)`)
	}
	if f.Pitched {
		w.add(`EXISTS (SELECT 1 FROM pitch p WHERE p.outlet_id = o.id AND p.deleted_at = '' AND p.site_id = ?)`, f.Site)
	}
	if f.Query == "" || len(w.conds) == 0 {
		w.add(`o.key > ''`) // which its index answers
	}
	return w
}

func outletQuery(w *where, order string, limit int) string {
	return `SELECT o.id, o.key, o.name, o.unscoped, o.authority, o.metric, o.do_not_contact, (SELECT COUNT(*) FROM outlet_alias x WHERE x.outlet_id = o.id)
		FROM outlet o WHERE ` + w.String() + order + fmt.Sprintf(` LIMIT %d`, limit)
}

// ListOutlets is one page of outlets by key.
func (s *Store) ListOutlets(ctx context.Context, f OutletFilter) (OutletPage, error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	var page OutletPage
	w := f.plan()
	err := s.ascending(w, f.After, f.Back, f.Limit, "o.key", "o.id", func(order string, limit int) ([]cursor, error) {
		page.Rows = page.Rows[:0]
		var at []cursor
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			var o OutletRow
			err := rows.Scan(&o.ID, &o.Key, &o.Name, &o.Unscoped, &o.Authority, &o.Metric, &o.DoNotContact, &o.Names)
			page.Rows, at = append(page.Rows, o), append(at, cursor{o.Key, o.ID})
			return err
		}, outletQuery(w, order, limit), w.args...)
		return at, err
	}, func(keep int, reverse bool) { page.Rows = trim(page.Rows, keep, reverse) }, &page.Prev, &page.Next)
	if err != nil {
		return page, classify(err, "list outlets")
	}
	for i := range page.Rows {
		if err := s.outletRecord(ctx, f.Site, &page.Rows[i]); err != nil {
			return page, err
		}
	}
	count := f.plan()
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM outlet o WHERE `+count.String()+fmt.Sprintf(` LIMIT %d)`, countLimit+1), count.args...).Scan(&page.Total.N)
	if page.Total.N > countLimit {
		page.Total = Total{N: countLimit, AtLeast: true}
	}
	return page, classify(err, "count outlets")
}

// ascending is keyset for a list that goes up.
func (s *Store) ascending(w *where, after string, back bool, limit int, text, id string, fetch func(order string, limit int) ([]cursor, error),
	trim func(keep int, reverse bool), prev, next *string) error {
	if after != "" {
		c, err := parseCursor(after)
		if err != nil {
			return err
		}
		op := ">"
		if back {
			op = "<"
		}
		w.add(fmt.Sprintf(`(%s, %s) %s (?, ?)`, text, id, op), c.text, c.id)
	}
	way := "ASC"
	if back {
		way = "DESC"
	}
	rows, err := fetch(fmt.Sprintf(` ORDER BY %s %s, %s %s`, text, way, id, way), limit+1)
	if err != nil {
		return err
	}
	more, keep := len(rows) > limit, min(len(rows), limit)
	trim(keep, back)
	if keep == 0 {
		return nil
	}
	first, last := rows[0], rows[keep-1]
	if back {
		first, last = last, first
	}
	if back && more || !back && after != "" {
		*prev = first.String()
	}
	if !back && more || back {
		*next = last.String()
	}
	return nil
}

// outletRecord counts what came of a site's pitches to an outlet.
func (s *Store) outletRecord(ctx context.Context, site int64, o *OutletRow) error {
	r, err := s.OutletRecord(ctx, site, o.ID)
	if err != nil {
		return err
	}
	o.Pitches, o.Landed, o.LastSent = r.Pitches, r.Landed, r.LastSent
	err = s.read.QueryRowContext(ctx, outletPlacements, o.ID, site).Scan(&o.Placements)
	return classify(err, "placements of outlet")
}

const outletPlacements = `SELECT COUNT(*) FROM credit c WHERE c.pitch_id IN (SELECT id FROM pitch WHERE outlet_id = $1 AND deleted_at = '' AND site_id = $2)
	AND c.lead AND c.state IN ('auto', 'confirmed')`

// OutletFigures is an outlet with the counts of its row in the list.
func (s *Store) OutletFigures(ctx context.Context, site, id int64) (OutletRow, error) {
	o, err := s.Outlet(ctx, id)
	row := OutletRow{Outlet: o.Outlet, Names: len(o.Aliases)}
	if err == nil {
		err = s.outletRecord(ctx, site, &row)
	}
	return row, err
}

// Outlet is one outlet by id.
func (s *Store) Outlet(ctx context.Context, id int64) (Outlet, error) {
	var o Outlet
	err := s.read.QueryRowContext(ctx, `SELECT id, key, name, unscoped, authority, metric, do_not_contact, no_contact_person, no_contact_reason FROM outlet WHERE id = $1`, id).
		Scan(&o.ID, &o.Key, &o.Name, &o.Unscoped, &o.Authority, &o.Metric, &o.DoNotContact, &o.NoContactPerson, &o.NoContactReason)
	if err == sql.ErrNoRows {
		return o, fault.New(fault.NotFound, "There is no outlet %d.", id)
	}
	if err == nil {
		o.Aliases, err = readAliases(ctx, s.read, id)
	}
	if err == nil {
		o.Off, err = readOff(ctx, s.read, id)
	}
	return o, classify(err, "outlet")
}

// LatestOutletLinks lists the latest links of an outlet to a site, whatever they are
// credited to, at most limit: those of its key, not of its other names.
func (s *Store) LatestOutletLinks(ctx context.Context, site int64, key string, limit int) ([]LinkRow, error) {
	page, err := s.Platforms().Page(key)
	if err != nil {
		return nil, err
	}
	var out []LinkRow
	for _, domain := range s.Platforms().Domains(page) {
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			r, err := s.scanLinkRow(rows)
			out = append(out, r)
			return err
		}, latestOutletLinks, domainID(site, domain), keyHash(page.Outlet.Key), limit)
		if err != nil {
			return out, classify(err, "links of outlet")
		}
	}
	return out[:min(len(out), limit)], nil
}

const latestOutletLinks = `SELECT ` + linkRowColumns + ` FROM link l LEFT JOIN credit c ON c.link_id = l.id` + linkJoins + `
	WHERE l.domain_id = $1 AND l.key_id = $2 ORDER BY l.first_seen DESC, l.id DESC LIMIT $3`

// OutletEdit is what of an outlet changes no credit.
type OutletEdit struct {
	Name           string
	DoNotContact   bool
	Person, Reason string // who asked not to be contacted, and why; kept only with DoNotContact
}

// SaveOutlet stores an outlet's name and whether it may be contacted. Errors are
// Invalid with the field name, person or reason.
func (s *Store) SaveOutlet(ctx context.Context, by By, id int64, e OutletEdit) error {
	e.Name, e.Person, e.Reason = strings.TrimSpace(e.Name), strings.TrimSpace(e.Person), strings.TrimSpace(e.Reason)
	for _, f := range []struct {
		name, text string
		most       int
	}{{"name", e.Name, 200}, {"person", e.Person, 200}, {"reason", e.Reason, 500}} {
		if utf8.RuneCountInString(f.text) > f.most {
			return fault.Field(f.name, "At most %d characters.", f.most)
		}
	}
	if e.DoNotContact && e.Reason == "" {
		return fault.Field("reason", "Say why, so that the next person does not ask again.")
	}
	if !e.DoNotContact {
		e.Person, e.Reason = "", ""
	}
	o, err := s.Outlet(ctx, id)
	if err != nil {
		return err
	}
	if e.Name == "" {
		e.Name = o.Key
	}
	return s.tx(ctx, "save outlet", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE outlet SET name = $2, do_not_contact = $3, no_contact_person = $4, no_contact_reason = $5 WHERE id = $1`,
			id, e.Name, e.DoNotContact, e.Person, e.Reason)
		if err != nil {
			return err
		}
		if e.Name != o.Name {
			if err := s.audit(ctx, tx, by, "outlet_name", o.Key, o.Name+" to "+e.Name); err != nil {
				return err
			}
		}
		if e.DoNotContact == o.DoNotContact && e.Reason == o.NoContactReason && e.Person == o.NoContactPerson {
			return nil
		}
		what := "may be contacted"
		if e.DoNotContact {
			what = strings.TrimSuffix("do not contact: "+e.Reason+" ("+e.Person+")", " ()")
		}
		return s.audit(ctx, tx, by, "outlet_contact", o.Key, what)
	})
}
