package store

import (
	"database/sql"
	"maps"
	"slices"
)

// domainCounter counts referring domains anew after links have moved between them.
type domainCounter struct {
	*rekeyer
	site int64
	days map[string]bool
}

// domainRow is what a refdomain row and its links say.
type domainRow struct {
	name, firstSeen, metric, saidFirst string
	authority                          float64
	saidLinks                          int64
	links, live, first                 int64
	linkSeen                           string
	exists                             bool
}

func (d *domainCounter) count(changed map[int64]string) error {
	ids := slices.Sorted(maps.Keys(changed))
	rows := make(map[int64]*domainRow, len(ids))
	for _, id := range ids {
		r, err := d.read(id, changed[id])
		if err != nil {
			return err
		}
		if d.derived(id, r) {
			r.saidLinks, r.saidFirst = -1, ""
		}
		rows[id] = &r
	}
	// First away with what is no referring domain any more, then back with what
	// is one again: only then is it known what was said of the others.
	classes := map[int64]bool{}
	for _, id := range ids {
		gone, err := d.fold(id, *rows[id])
		if err != nil {
			return err
		}
		if !gone {
			classes[id] = true
		}
	}
	for id := range classes {
		if err := d.unfold(rows[id]); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(classes)) {
		if err := d.write(id, *rows[id]); err != nil {
			return err
		}
	}
	t := newTouched()
	a, err := d.store.newAttributor(d.ctx, d.tx, nil, d.site, &t)
	if err != nil {
		return err
	}
	a.classes = classes
	maps.Copy(t.days, d.days)
	if err := a.classify(); err != nil {
		return err
	}
	return rollup(d.ctx, d.tx, d.site, t.days)
}

func (d *domainCounter) read(id int64, name string) (domainRow, error) {
	r := domainRow{saidLinks: -1, exists: true}
	err := d.tx.QueryRowContext(d.ctx, `SELECT domain, first_seen, authority, metric, said_links, said_first FROM refdomain WHERE id = $1`, id).
		Scan(&r.name, &r.firstSeen, &r.authority, &r.metric, &r.saidLinks, &r.saidFirst)
	if err == sql.ErrNoRows {
		r.name, r.exists, err = name, false, nil
	}
	if err == nil {
		err = sameDomain(r.name, name)
	}
	if err != nil {
		return r, err
	}
	err = d.tx.QueryRowContext(d.ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN lost_on = '' THEN 1 ELSE 0 END), 0) FROM link WHERE domain_id = $1`, id).Scan(&r.links, &r.live)
	if err != nil || r.links == 0 {
		return r, err
	}
	err = d.tx.QueryRowContext(d.ctx, `SELECT id, first_seen FROM link WHERE domain_id = $1 ORDER BY CASE WHEN first_seen = '' THEN 1 ELSE 0 END, first_seen, id LIMIT 1`, id).Scan(&r.first, &r.linkSeen)
	if err != nil || r.metric != "" {
		return r, err
	}
	err = d.tx.QueryRowContext(d.ctx, `SELECT authority, metric FROM link WHERE domain_id = $1 AND metric <> '' ORDER BY last_seen DESC, id LIMIT 1`, id).Scan(&r.authority, &r.metric)
	if err == sql.ErrNoRows {
		err = nil
	}
	return r, err
}

// fold takes away a referring domain without links that is another one by the
// new table, or that no provider told of. What the provider said is kept.
func (d *domainCounter) fold(id int64, r domainRow) (bool, error) {
	if r.links > 0 || !r.exists {
		return false, nil
	}
	page, err := d.set.platforms.Page(r.name)
	if err != nil {
		return false, err
	}
	if page.Domain == r.name && r.saidLinks >= 0 {
		return false, nil
	}
	if page.Domain != r.name && r.saidLinks >= 0 {
		_, err := d.tx.ExecContext(d.ctx, `INSERT INTO refdomain_folded (site_id, domain, into_id, first_seen, authority, metric, said_links, said_first) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (site_id, domain) DO UPDATE SET into_id = excluded.into_id, first_seen = excluded.first_seen, authority = excluded.authority, metric = excluded.metric,
				said_links = excluded.said_links, said_first = excluded.said_first`,
			d.site, r.name, domainID(d.site, page.Domain), r.firstSeen, r.authority, r.metric, r.saidLinks, r.saidFirst)
		if err != nil {
			return false, err
		}
	}
	d.days[r.firstSeen] = true
	_, err = d.tx.ExecContext(d.ctx, `DELETE FROM refdomain WHERE id = $1`, id)
	return true, err
}

// derived reports whether what a row says a provider said is only the sum over
// the names that were folded into it.
func (d *domainCounter) derived(id int64, r domainRow) bool {
	if !r.exists || r.saidLinks < 0 {
		return false
	}
	sum, n, err := d.folded(id)
	return err == nil && n > 0 && sum.saidLinks == r.saidLinks
}

// folded sums what providers said of the names that count as one domain now.
func (d *domainCounter) folded(into int64) (sum domainRow, n int, err error) {
	err = each(d.ctx, d.tx, func(rows *sql.Rows) error {
		var links int64
		var first, metric string
		var authority float64
		err := rows.Scan(&links, &first, &authority, &metric)
		sum.saidLinks += links
		if first != "" && (sum.saidFirst == "" || first < sum.saidFirst) {
			sum.saidFirst = first
		}
		if authority >= sum.authority {
			sum.authority, sum.metric = authority, metric
		}
		n++
		return err
	}, `SELECT said_links, said_first, authority, metric FROM refdomain_folded WHERE into_id = $1 ORDER BY domain`, into)
	return sum, n, err
}

// write stores a referring domain as its links and its provider have it.
func (d *domainCounter) write(id int64, r domainRow) error {
	if sum, n, err := d.folded(id); err != nil {
		return err
	} else if n > 0 && r.saidLinks < 0 {
		r.saidLinks, r.saidFirst = sum.saidLinks, sum.saidFirst
		if r.metric == "" {
			r.authority, r.metric = sum.authority, sum.metric
		}
	}
	if r.links == 0 && r.saidLinks < 0 {
		return nil
	}
	seen := r.linkSeen
	if r.saidFirst != "" && (seen == "" || r.saidFirst < seen) {
		seen = r.saidFirst
	}
	if r.exists {
		d.days[r.firstSeen] = true
	}
	d.days[seen] = true
	_, err := d.tx.ExecContext(d.ctx, `INSERT INTO refdomain (id, site_id, domain, first_seen, first_link_id, class, links, live_links, authority, metric, said_links, said_first, seen)
		VALUES ($1, $2, $3, $4, $5, 'organic', $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET first_seen = excluded.first_seen, seen = excluded.seen, first_link_id = excluded.first_link_id, links = excluded.links, live_links = excluded.live_links,
			authority = excluded.authority, metric = excluded.metric, said_links = excluded.said_links, said_first = excluded.said_first`,
		id, d.site, r.name, seen, r.first, r.links, r.live, r.authority, r.metric, r.saidLinks, r.saidFirst, seenOf(d.site, seen))
	return err
}

// unfold gives a name that counts for itself again what was kept of it.
func (d *domainCounter) unfold(r *domainRow) error {
	if r.exists {
		return nil
	}
	var authority float64
	var metric string
	err := d.tx.QueryRowContext(d.ctx, `SELECT authority, metric, said_links, said_first FROM refdomain_folded WHERE site_id = $1 AND domain = $2`, d.site, r.name).
		Scan(&authority, &metric, &r.saidLinks, &r.saidFirst)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	if metric != "" {
		r.authority, r.metric = authority, metric
	}
	_, err = d.tx.ExecContext(d.ctx, `DELETE FROM refdomain_folded WHERE site_id = $1 AND domain = $2`, d.site, r.name)
	return err
}
