package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// errDryRun ends a transaction that was only meant to be counted.
var errDryRun = errors.New("dry run")

func isDryRun(err error) bool { return errors.Is(err, errDryRun) }

// filled are the tables that the first import of a workspace fills. Their
// indexes are then made afterwards, from all rows at once: a third of the cost
// of keeping them row by row.
var filled = []string{"link", "refdomain", "credit"}

func (w *linkWriter) makeIndexes() error {
	again := w.dropped
	w.dropped = nil
	return putIndexes(w.ctx, w.tx, again)
}

// finish brings credits, domains and figures into line with the links written.
func (w *linkWriter) finish() error {
	w.insert.close()
	if w.preview != nil {
		err := w.attr.decide(slices.Sorted(maps.Keys(w.attr.given)))
		w.out.Credits = w.attr.out
		return err
	}
	if w.first != nil {
		w.touchAll()
	} else if err := w.makeIndexes(); err != nil { // by which links are read that the attributor has not been given
		return err
	}
	delete(w.touched.domains, 0)
	if err := w.attr.decide(slices.Sorted(maps.Keys(w.touched.domains))); err != nil {
		return err
	}
	w.out.Credits = w.attr.out
	for _, step := range []func() error{w.saveDomains, w.makeIndexes, w.attr.classify, w.copies, w.rollup} {
		if err := w.alive(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// touchAll marks what the first links of a site touch: all days, and the domains
// whose links a pitch may claim.
func (w *linkWriter) touchAll() {
	for day := range w.first.days {
		w.touched.day(day)
	}
	for id := range w.attr.given {
		w.touched.domains[id] = true
	}
}

func (w *linkWriter) copies() error {
	if w.first != nil {
		return w.attr.copies(nil, w.first)
	}
	return w.attr.copies(w.newIDs, nil)
}

func (w *linkWriter) rollup() error {
	first := w.first
	if w.hasDomains { // the provider's, which did not pass through this import
		first = nil
	}
	if err := rollupFirst(w.ctx, w.tx, w.site, w.touched.days, first); err != nil {
		return err
	}
	return rollupCohorts(w.ctx, w.tx, w.site, &w.touched, nil, first)
}

// domainDelta is what one transaction adds to a referring domain.
type domainDelta struct {
	name        string
	links, live int
	firstSeen   string
	firstLink   int64
	authority   float64
	metric      string
}

// countDomain adds to the domain of a link. rated says that the link brings news
// of the domain's authority; what it said before may be older than the domain's.
func (w *linkWriter) countDomain(r *linkRow, links, live int, rated bool) {
	if r.domainID == 0 {
		return
	}
	d := w.domains[r.domainID]
	if d == nil {
		d = &domainDelta{name: r.from.Domain}
		w.domains[r.domainID] = d
	}
	d.links += links
	d.live += live
	if rated && r.metric != "" {
		d.authority, d.metric = r.authority, r.metric
	}
	if d.firstLink == 0 || earlier(r.firstSeen, r.id, d.firstSeen, d.firstLink) {
		d.firstSeen, d.firstLink = r.firstSeen, r.id
	}
}

// earlier orders links by first_seen, unknown days last, then by id.
func earlier(day string, id int64, than string, thanID int64) bool {
	if day == than {
		return id < thanID
	}
	return day != "" && (than == "" || day < than)
}

// storedDomain is what a refdomain row held before.
type storedDomain struct {
	name, firstSeen, class string
	firstLink              int64
}

// saveDomains adds the deltas to the stored referring domains, each with its
// class: the attribution of its first link is known by now.
func (w *linkWriter) saveDomains() error {
	ids := slices.Sorted(maps.Keys(w.domains))
	have := map[int64]storedDomain{}
	query := `INSERT INTO refdomain (id, site_id, domain, first_seen, first_link_id, class, links, live_links, authority, metric) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	if w.first == nil || w.hasDomains {
		var err error
		if have, err = storedDomains(w.ctx, w.tx, ids); err != nil {
			return err
		}
		query += `
		ON CONFLICT (id) DO UPDATE SET first_seen = excluded.first_seen, first_link_id = excluded.first_link_id, class = excluded.class,
			links = refdomain.links + excluded.links, live_links = refdomain.live_links + excluded.live_links,
			authority = CASE WHEN excluded.metric = '' THEN refdomain.authority ELSE excluded.authority END,
			metric = CASE WHEN excluded.metric = '' THEN refdomain.metric ELSE excluded.metric END`
	}
	stmt, err := prepareBulk(w.ctx, w.tx, w.conn, query)
	if err != nil {
		return err
	}
	defer stmt.close()
	for _, id := range ids {
		d, h := w.domains[id], have[id]
		seen, link, class := d.firstSeen, d.firstLink, classOf(w.attr.states[d.firstLink])
		if h.name != "" {
			if h.name != d.name {
				return fmt.Errorf("referring domains %s and %s have the same hash", h.name, d.name)
			}
			if h.firstLink != 0 && !earlier(seen, link, h.firstSeen, h.firstLink) {
				link, class = h.firstLink, h.class
				if s, ok := w.attr.states[link]; ok {
					class = classOf(s)
				}
			}
			if h.firstSeen != "" && (seen == "" || h.firstSeen < seen) {
				seen = h.firstSeen
			}
			w.touched.day(h.firstSeen)
		}
		w.touched.day(seen)
		w.first.domain(seen, class)
		stmt.ints(id, w.site)
		stmt.texts(d.name, seen)
		stmt.ints(link)
		stmt.texts(class)
		stmt.ints(int64(d.links), int64(d.live))
		stmt.real(d.authority)
		stmt.texts(d.metric)
		if _, err := stmt.exec(); err != nil {
			return err
		}
		delete(w.attr.classes, id)
	}
	return nil
}

func storedDomains(ctx context.Context, tx *sql.Tx, ids []int64) (map[int64]storedDomain, error) {
	have := make(map[int64]storedDomain, len(ids))
	for part := range slices.Chunk(ids, inList) {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var id int64
			var s storedDomain
			err := rows.Scan(&id, &s.name, &s.firstSeen, &s.firstLink, &s.class)
			have[id] = s
			return err
		}, `SELECT id, domain, first_seen, first_link_id, class FROM refdomain WHERE id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, err
		}
	}
	return have, nil
}
