package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
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
		err := w.attr.decideFirst()
		w.out.Credits = w.attr.out
		return err
	}
	if err := w.decide(); err != nil {
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

// decide decides the links that may have come to another pitch.
func (w *linkWriter) decide() error {
	if w.first != nil {
		err := w.attr.decideFirst()
		w.touchAll()
		return err
	}
	if err := w.makeIndexes(); err != nil { // by which the links are read
		return err
	}
	delete(w.touched.domains, 0)
	return w.attr.decide(slices.Sorted(maps.Keys(w.touched.domains)))
}

// touchAll marks what the first links of a site touch: all their days, and the
// pitches that they are credited to.
func (w *linkWriter) touchAll() {
	for day := range w.first.days {
		w.touched.day(day)
	}
	for i := range w.first.credits {
		if w.touched.pitches[w.first.credits[i].pitch] = true; len(w.touched.pitches) > fewCohorts+1 { // then all are counted
			break
		}
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
	id          int64
	name        string
	links, live int
	firstSeen   string
	firstLink   int64
	authority   float64
	metric      string // "" brings no news of the authority
}

// countDomain adds to the domain of a link. rated says that the link brings news
// of the domain's authority; what it said before may be older than the domain's.
func (w *linkWriter) countDomain(r *linkRow, links, live int, rated bool) {
	if r.domainID == 0 {
		return
	}
	d := domainDelta{id: r.domainID, name: r.domain, links: links, live: live, firstSeen: r.firstSeen, firstLink: r.id}
	if rated {
		d.authority, d.metric = r.authority, r.metric
	}
	w.domains = append(w.domains, d)
}

// sumDomains makes one delta of those of each domain, in the order of their ids.
// The list is sorted once: a map of as many domains as an import can have would
// miss the processor's caches with each link.
func sumDomains(list []domainDelta) iter.Seq2[domainDelta, error] {
	return func(yield func(domainDelta, error) bool) {
		order := orderOf(len(list), func(i int) int64 { return list[i].id })
		for i := 0; i < len(order); {
			d := list[order[i]]
			var err error
			for i++; i < len(order) && list[order[i]].id == d.id && err == nil; i++ {
				err = sameDomain(d.name, list[order[i]].name)
				d.add(&list[order[i]])
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// add adds a later change of the same domain.
func (d *domainDelta) add(e *domainDelta) {
	d.links += e.links
	d.live += e.live
	if e.metric != "" {
		d.authority, d.metric = e.authority, e.metric
	}
	if earlier(e.firstSeen, e.firstLink, d.firstSeen, d.firstLink) {
		d.firstSeen, d.firstLink = e.firstSeen, e.firstLink
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
	linkSeen               string // the day of firstLink; a provider may have seen the domain before
}

const insertDomain = `INSERT INTO refdomain (id, site_id, domain, first_seen, first_link_id, class, links, live_links, authority, metric, seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

const addToDomain = `
	ON CONFLICT (id) DO UPDATE SET first_seen = excluded.first_seen, seen = excluded.seen, first_link_id = excluded.first_link_id, class = excluded.class,
		links = refdomain.links + excluded.links, live_links = refdomain.live_links + excluded.live_links,
		authority = CASE WHEN excluded.metric = '' THEN refdomain.authority ELSE excluded.authority END,
		metric = CASE WHEN excluded.metric = '' THEN refdomain.metric ELSE excluded.metric END`

// saveDomains adds the deltas to the stored referring domains, each with its
// class: the attribution of its first link is known by now.
func (w *linkWriter) saveDomains() error {
	have, query := map[int64]storedDomain{}, insertDomain
	if w.first == nil || w.hasDomains {
		ids := make([]int64, len(w.domains))
		for i := range w.domains {
			ids[i] = w.domains[i].id
		}
		slices.Sort(ids)
		var err error
		if have, err = storedDomains(w.ctx, w.tx, w.site, slices.Compact(ids)); err != nil {
			return err
		}
		query += addToDomain
	}
	stmt, err := prepareBulk(w.ctx, w.tx, w.conn, query)
	if err != nil {
		return err
	}
	defer stmt.close()
	for d, err := range sumDomains(w.domains) {
		if err != nil {
			return err
		}
		if err := w.saveDomain(stmt, &d, have[d.id]); err != nil {
			return fmt.Errorf("referring domain %s: %w", d.name, err)
		}
	}
	w.domains = nil
	return nil
}

func (w *linkWriter) saveDomain(stmt *bulk, d *domainDelta, have storedDomain) error {
	seen, link, class := d.firstSeen, d.firstLink, classOf(w.stateOf(d))
	if have.name != "" {
		if err := sameDomain(have.name, d.name); err != nil {
			return err
		}
		if have.firstLink != 0 && !earlier(seen, link, have.linkSeen, have.firstLink) {
			link, class = have.firstLink, have.class
			if s, ok := w.attr.states[link]; ok {
				class = classOf(s)
			}
		}
		if have.firstSeen != "" && (seen == "" || have.firstSeen < seen) {
			seen = have.firstSeen
		}
		w.touched.day(have.firstSeen)
	}
	w.touched.day(seen)
	w.first.domain(seen, class)
	stmt.ints(d.id, w.site)
	stmt.texts(d.name, seen)
	stmt.ints(link)
	stmt.texts(class)
	stmt.ints(int64(d.links), int64(d.live))
	stmt.real(d.authority)
	stmt.texts(d.metric)
	stmt.ints(seenOf(w.site, seen))
	err := stmt.exec()
	delete(w.attr.classes, d.id)
	return err
}

// stateOf is the state of a domain's first link among those of the transaction.
func (w *linkWriter) stateOf(d *domainDelta) State {
	if w.first != nil {
		return w.first.state(d.id, d.firstLink)
	}
	return w.attr.states[d.firstLink]
}

// storedDomains reads what is stored of a site's domains.
func storedDomains(ctx context.Context, tx *sql.Tx, site int64, ids []int64) (map[int64]storedDomain, error) {
	have := make(map[int64]storedDomain, len(ids))
	for part := range slices.Chunk(ids, inList) {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var id, of int64
			var s storedDomain
			err := rows.Scan(&id, &of, &s.name, &s.firstSeen, &s.firstLink, &s.class, &s.linkSeen)
			if err == nil && of != site {
				err = fmt.Errorf("%s of site %d and a domain of site %d have the same id", s.name, of, site)
			}
			have[id] = s
			return err
		}, `SELECT id, site_id, domain, first_seen, first_link_id, class,
				CASE WHEN said_first = '' THEN first_seen ELSE COALESCE((SELECT l.first_seen FROM link l WHERE l.id = first_link_id), '') END
			FROM refdomain WHERE id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return nil, err
		}
	}
	return have, nil
}
