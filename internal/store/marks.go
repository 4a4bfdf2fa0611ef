package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"landed/internal/fault"
	"landed/internal/weburl"
)

// OutletMark is what a person says of every link of an outlet to one of our
// sites, those that come later included.
type OutletMark struct {
	ID, SiteID int64
	Key        string // outlet key
	Kind       State  // StateOwned, StatePartner or StateSpam
	Note       string
	At         time.Time
	Who        string
	EndedAt    time.Time // zero while it stands
	EndedBy    string
}

// loadMarks reads the marks of the site's outlets. They are few: people make them
// one at a time. A changed platform table may give an outlet other ids, and one id
// to two outlets: then the later mark holds, as a second mark of one outlet does,
// and the earlier one has ids of its own until the table parts them again.
func (a *attributor) loadMarks() error {
	a.marks, a.marked, a.markIDs = map[int64]State{}, map[int64]bool{}, map[int64][2]int64{}
	holder := map[int64]int64{}
	stored, want := map[int64][2]int64{}, map[int64][2]int64{}
	err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
		var id, domain, key int64
		var text string
		var kind State
		if err := rows.Scan(&id, &domain, &key, &text, (*string)(&kind)); err != nil {
			return err
		}
		stored[id] = [2]int64{domain, key}
		if page, err := a.set.platforms.Outlet(text); err == nil {
			domain, key = domainID(a.site, page.Domain), keyHash(page.Outlet.Key)
		}
		if earlier := holder[key]; earlier != 0 {
			want[earlier] = [2]int64{-earlier, -earlier}
		}
		holder[key], want[id] = id, [2]int64{domain, key}
		a.marks[key], a.marked[domain] = kind, true
		return nil
	}, `SELECT id, domain_id, key_id, key, kind FROM outlet_mark WHERE site_id = $1 AND ended_at = '' ORDER BY id`, a.site)
	for id, ids := range want {
		if ids != stored[id] {
			a.markIDs[id] = ids
		}
	}
	return err
}

// keepMarks stores the ids that a changed platform table gives marked outlets: all
// of them out of the way first, so that none takes a place that is not free yet.
func (a *attributor) keepMarks() error {
	for id := range a.markIDs {
		if _, err := a.tx.ExecContext(a.ctx, `UPDATE outlet_mark SET domain_id = -id, key_id = -id WHERE id = $1`, id); err != nil {
			return err
		}
	}
	for id, now := range a.markIDs {
		if _, err := a.tx.ExecContext(a.ctx, `UPDATE outlet_mark SET domain_id = $2, key_id = $3 WHERE id = $1`, id, now[0], now[1]); err != nil {
			return err
		}
	}
	return nil
}

// mark gives the links of a marked outlet their state, except those on which a
// person decided one by one.
func (a *attributor) mark(links []givenLink, kind State, old map[int64]creditRow, db known) error {
	for i := range links {
		g := &links[i]
		was := old[g.link.ID]
		c := was
		if was.standing() {
			c.firstSeen = g.firstSeen
		} else {
			c = creditRow{link: g.link.ID, site: a.site, page: g.page, firstSeen: g.firstSeen, linkSeen: g.firstSeen, lostOn: g.lostOn,
				band: "none", state: kind, reasons: "[]", rules: a.rules.Version, version: max(was.version, 1)}
		}
		a.now = append(a.now, c)
		if err := a.assists(&c, true, nil, nil, db.assists[g.link.ID]); err != nil {
			return err
		}
	}
	return nil
}

// MarkOutlet says what all links of an outlet to a site are, now and later. Links
// on which somebody decided one by one stay as they are. outlet is anything that
// names one, such as an address on it; a second mark of an outlet replaces the
// first. A bare platform, on which many write, is Invalid.
func (s *Store) MarkOutlet(ctx context.Context, by By, site int64, outlet string, kind State, note string) (OutletMark, CreditChanges, error) {
	m := OutletMark{SiteID: site, Kind: kind, Note: note, At: s.Now(), Who: by.Name}
	page, err := s.Platforms().Outlet(outlet)
	switch {
	case err != nil:
		return m, CreditChanges{}, fault.Field("outlet", "%s", fault.Message(err))
	case !kind.Marked():
		return m, CreditChanges{}, fault.Field("kind", "%q is not what an outlet can be marked as.", string(kind))
	case page.Outlet.Scope == weburl.ScopeBare:
		return m, CreditChanges{}, fault.Field("outlet", "Many people write on %s. Mark the page of one author, or single links.", page.Outlet.Key)
	}
	m.Key = page.Outlet.Key
	changes, err := s.pitchTx(ctx, by, site, "mark outlet", func(w *pitchWriter) error {
		if err := w.endMark(keyHash(m.Key)); err != nil {
			return err
		}
		var err error
		if m.ID, err = nextID(ctx, w.tx, "outlet_mark"); err != nil {
			return err
		}
		domain := domainID(site, page.Domain)
		w.touched.domains[domain] = true
		return w.exec(`INSERT INTO outlet_mark (id, site_id, domain_id, key_id, key, kind, note, at, account_id, who) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			m.ID, site, domain, keyHash(m.Key), m.Key, string(kind), note, stamp(m.At), by.AccountID, by.Name)
	})
	return m, changes, err
}

// endMark ends the mark that stands on an outlet, if any.
func (w *pitchWriter) endMark(key int64) error {
	return w.exec(`UPDATE outlet_mark SET ended_at = $3, ended_by = $4 WHERE site_id = $1 AND key_id = $2 AND ended_at = ''`, w.site, key, stamp(w.store.Now()), w.by.Name)
}

// UnmarkOutlet ends a mark: the rules decide on the outlet's links again. A mark
// that has ended is a Conflict.
func (s *Store) UnmarkOutlet(ctx context.Context, by By, id int64) (OutletMark, CreditChanges, error) {
	m, err := s.outletMark(ctx, id)
	if err != nil {
		return m, CreditChanges{}, err
	}
	changes, err := s.pitchTx(ctx, by, m.SiteID, "unmark outlet", func(w *pitchWriter) error {
		var domain, key int64
		err := w.tx.QueryRowContext(ctx, `SELECT domain_id, key_id FROM outlet_mark WHERE id = $1 AND ended_at = ''`, id).Scan(&domain, &key)
		if err == sql.ErrNoRows {
			return fault.New(fault.Conflict, "Somebody has taken this mark away already.")
		}
		if err != nil {
			return err
		}
		w.touched.domains[domain] = true
		return w.endMark(key)
	})
	return m, changes, err
}

const markColumns = `id, site_id, key, kind, note, at, who, ended_at, ended_by`

func scanMark(row scanner) (m OutletMark, err error) {
	var at, ended string
	err = row.Scan(&m.ID, &m.SiteID, &m.Key, (*string)(&m.Kind), &m.Note, &at, &m.Who, &ended, &m.EndedBy)
	m.At, m.EndedAt = instant(at), instant(ended)
	return m, err
}

func (s *Store) outletMark(ctx context.Context, id int64) (OutletMark, error) {
	m, err := scanMark(s.read.QueryRowContext(ctx, `SELECT `+markColumns+` FROM outlet_mark WHERE id = $1`, id))
	if err == sql.ErrNoRows {
		return m, fault.New(fault.NotFound, "There is no mark %d.", id)
	}
	return m, classify(err, fmt.Sprintf("mark %d", id))
}

// MarkOf is the mark that stands on an outlet of a site; ok is false for none.
func (s *Store) MarkOf(ctx context.Context, site int64, key string) (m OutletMark, ok bool, err error) {
	m, err = scanMark(s.read.QueryRowContext(ctx, `SELECT `+markColumns+` FROM outlet_mark WHERE site_id = $1 AND key_id = $2 AND ended_at = ''`, site, keyHash(key)))
	if err == sql.ErrNoRows {
		return m, false, nil
	}
	return m, err == nil, classify(err, "mark of an outlet")
}

// OutletMarks lists a site's marks, the newest first, ended ones included.
func (s *Store) OutletMarks(ctx context.Context, site int64) ([]OutletMark, error) {
	var out []OutletMark
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		m, err := scanMark(rows)
		out = append(out, m)
		return err
	}, `SELECT `+markColumns+` FROM outlet_mark WHERE site_id = $1 ORDER BY id DESC LIMIT 1000`, site)
	return out, classify(err, "marks")
}

// OutletLinks counts what marking an outlet would touch: its links to the site,
// how many of them are credited or wait, and on how many a person decided.
func (s *Store) OutletLinks(ctx context.Context, site int64, key string) (all, open, decided int, err error) {
	page, err := s.Platforms().Outlet(key)
	if err != nil {
		return 0, 0, 0, fault.Field("outlet", "%s", fault.Message(err))
	}
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.state IN ('auto', 'suggested', 'possible') THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN c.state IN ('confirmed', 'rejected') OR c.state IN ('owned', 'partner', 'spam') AND c.decided_by <> 0 THEN 1 ELSE 0 END), 0)
		FROM link l LEFT JOIN credit c ON c.link_id = l.id WHERE l.domain_id = $1 AND l.key_id = $2`,
		domainID(site, page.Domain), keyHash(page.Outlet.Key)).Scan(&all, &open, &decided)
	return all, open, decided, classify(err, "links of an outlet")
}

// AnyMarked reports whether any link of a site is marked.
func (s *Store) AnyMarked(ctx context.Context, site int64) (bool, error) {
	yes, err := kept(ctx, fact{what: "marked", id: site}, func() (yes bool, err error) {
		err = s.read.QueryRowContext(ctx, anyMarked, site).Scan(&yes)
		return yes, err
	})
	return yes, classify(err, "marked links")
}

const anyMarked = `SELECT EXISTS (SELECT 1 FROM credit WHERE site_id = $1 AND state <> 'auto' AND state IN ('owned', 'partner', 'spam'))`
