package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"landed/internal/fault"
	"landed/internal/pitches"
)

// plan is the conditions of a list of referring domains. few says that so few
// names begin with the prefix that they are fetched by their ids and sorted; else
// all domains of the site are walked in the list's order.
func (f DomainFilter) plan(few bool) *where {
	if few && f.Prefix != "" {
		return f.planFew()
	}
	w := &where{}
	w.seen(`seen`, f.Site, f.From, f.To, f.After, f.Back)
	if f.Prefix != "" {
		from, to, exact := domainIDs(f.Prefix)
		w.add(`+id BETWEEN ? AND ?`, from, to)
		if !exact {
			w.add(`domain >= ? AND domain < ?`, f.Prefix, f.Prefix+"\U0010ffff")
		}
	}
	if f.Class != "" {
		w.add(`class = ?`, f.Class)
	}
	if f.Class == "outreach" || f.Class == "unreviewed" {
		w.add(`class <> 'organic'`) // says that the partial index holds them all
	}
	return w
}

// planFew keeps the indexes by day and class out of it.
func (f DomainFilter) planFew() *where {
	w := &where{}
	beginning(w, ``, f.Site, f.Prefix)
	first, last := seenBetween(f.Site, f.From, f.To)
	w.add(`+seen BETWEEN ? AND ?`, first, last)
	if f.Class != "" {
		w.add(`+class = ?`, f.Class)
	}
	return w
}

const domainColumns = `id, domain, first_seen, class, links, live_links, said_links, authority, metric, first_link_id`

func scanDomain(row scanner) (d DomainRow, at cursor, err error) {
	err = row.Scan(&at.id, &d.Domain, &at.text, &d.Class, &d.Links, &d.LiveLinks, &d.SaidLinks, &d.Authority, &d.Metric, &d.FirstLink)
	d.FirstSeen = dayOf(at.text)
	return d, at, err
}

// ListDomains is one page of referring domains, latest first seen first.
func (s *Store) ListDomains(ctx context.Context, f DomainFilter) (DomainPage, error) {
	page, few, err := s.domainPage(ctx, f)
	if err != nil {
		return page, classify(err, "list referring domains")
	}
	if f.After == "" && page.Next == "" {
		page.Total.N = len(page.Rows)
		return page, nil
	}
	page.Total, err = s.domainTotal(ctx, f, few)
	return page, classify(err, "count referring domains")
}

// EachDomain hands every referring domain of a filter to f, page by page, so
// that a slow reader holds no snapshot of the database open.
func (s *Store) EachDomain(ctx context.Context, filter DomainFilter, f func(DomainRow) error) error {
	filter.Limit, filter.After, filter.Back = 500, "", false
	for {
		page, _, err := s.domainPage(ctx, filter)
		if err != nil {
			return classify(err, "read referring domains")
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
}

func (s *Store) domainPage(ctx context.Context, f DomainFilter) (page DomainPage, few bool, err error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	f.Prefix = strings.ToLower(strings.TrimSpace(f.Prefix))
	if f.Prefix != "" {
		n, w := 0, &where{}
		beginning(w, ``, f.Site, f.Prefix)
		err = s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM refdomain WHERE %s LIMIT %d)`, w, fewLinks+1), w.args...).Scan(&n)
		if err != nil {
			return page, false, err
		}
		few = n <= fewLinks
	}
	w := f.plan(few)
	err = s.keyset(ctx, w, f.After, f.Back, f.Limit, order{"seen", "id", f.Site}, func(order string, limit int) ([]cursor, error) {
		page.Rows = page.Rows[:0]
		var list []cursor
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			d, at, err := scanDomain(rows)
			page.Rows, list = append(page.Rows, d), append(list, at)
			return err
		}, domainQuery(w, order, limit), w.args...)
		return list, err
	}, func(keep int, reverse bool) { page.Rows = trim(page.Rows, keep, reverse) }, &page.Prev, &page.Next)
	return page, few, err
}

func domainQuery(w *where, order string, limit int) string {
	return `SELECT ` + domainColumns + ` FROM refdomain WHERE ` + w.String() + order + fmt.Sprintf(` LIMIT %d`, limit)
}

// domainTotal adds up the figures kept with the writes, and counts only where a
// name narrows the list.
func (s *Store) domainTotal(ctx context.Context, f DomainFilter, few bool) (Total, error) {
	var t Total
	if f.Prefix == "" {
		sum, err := s.sum(ctx, f.Site, f.From.String(), f.To.String())
		t.N = map[string]int{"": sum.DomainsNew, "outreach": sum.DomainsOutreach, "unreviewed": sum.DomainsUnreviewed, "organic": sum.Organic()}[f.Class]
		return t, err
	}
	f.Prefix, f.After = strings.ToLower(strings.TrimSpace(f.Prefix)), "" // counted from the first on
	w := f.plan(few)
	err := s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM refdomain WHERE %s LIMIT %d)`, w, countLimit+1), w.args...).Scan(&t.N)
	if t.N > countLimit {
		t.N, t.AtLeast = countLimit, true
	}
	return t, err
}

// Domain is one referring domain of a site.
func (s *Store) Domain(ctx context.Context, site int64, name string) (DomainRow, error) {
	d, _, err := scanDomain(s.read.QueryRowContext(ctx, `SELECT `+domainColumns+` FROM refdomain WHERE id = $1 AND site_id = $2 AND domain = $3`, domainID(site, name), site, name))
	if err == sql.ErrNoRows {
		return d, fault.New(fault.NotFound, "No link from %s is known.", name)
	}
	return d, classify(err, "referring domain")
}

// DomainPitches lists a site's pitches that links of a referring domain may be
// credited to, latest sent first, 50 at the most.
func (s *Store) DomainPitches(ctx context.Context, site int64, name string) ([]pitches.Pitch, error) {
	var out []pitches.Pitch
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		p, err := scanPitch(rows)
		out = append(out, p)
		return err
	}, domainPitches, site, domainID(site, name))
	return out, classify(err, "pitches of a referring domain")
}

const domainPitches = `SELECT ` + pitchColumns + pitchTables + `WHERE p.id IN (SELECT pitch_id FROM pitch_domain WHERE domain_id = $2)
	AND +p.site_id = $1 AND p.deleted_at = '' ORDER BY p.sent_on DESC, p.id DESC LIMIT 50`
