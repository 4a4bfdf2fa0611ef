package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"landed/internal/weburl"
)

// rekeyer brings keys into line with another platform table: of links, referring
// domains, outlets and what pitches may claim. It runs in the transaction that
// puts the table in force, so that no key of the old table is ever seen beside
// one of the new.
type rekeyer struct {
	store  *Store
	ctx    context.Context
	tx     *sql.Tx
	change RuleChange
	old    *weburl.Platforms
	set    *ruleset
	differ func(domain string) bool
	diff   Diff
	todo   map[int64]map[int64]bool // referring domains to decide anew, by site
}

func (r *rekeyer) mark(site, domain int64) {
	if r.todo[site] == nil {
		r.todo[site] = map[int64]bool{}
	}
	r.todo[site][domain] = true
}

func (r *rekeyer) run() (Diff, error) {
	r.differ = weburl.Rekeyed(r.old, r.set.platforms)
	var overrides []weburl.Override
	if err := json.Unmarshal([]byte(r.change.To), &overrides); err != nil {
		return r.diff, err
	}
	if err := saveOverrides(r.ctx, r.tx, overrides); err != nil {
		return r.diff, err
	}
	sites, err := r.affected()
	if err != nil {
		return r.diff, err
	}
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if err := r.site(site, sites[site]); err != nil {
			return r.diff, err
		}
	}
	if err := r.outlets(); err != nil {
		return r.diff, err
	}
	return r.diff, r.saveTodo()
}

// affected lists the referring domains whose pages the two tables may key
// differently, by site.
func (r *rekeyer) affected() (map[int64]map[int64]string, error) {
	return affectedDomains(r.ctx, r.tx, r.differ)
}

func affectedDomains(ctx context.Context, q querier, differ func(string) bool) (map[int64]map[int64]string, error) {
	out := map[int64]map[int64]string{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var site, id int64
		var name string
		if err := rows.Scan(&site, &id, &name); err != nil || !differ(name) {
			return err
		}
		if out[site] == nil {
			out[site] = map[int64]string{}
		}
		out[site][id] = name
		return nil
	}, `SELECT site_id, id, domain FROM refdomain`)
	return out, err
}

// rekeyed is a link that the new table keys otherwise.
type rekeyed struct{ id, was, domain, key int64 }

// site keys the links of one site anew and counts its referring domains.
func (r *rekeyer) site(site int64, names map[int64]string) error {
	changed := map[int64]string{} // referring domains that lost or got links, or whose own name is another now
	note := func(id int64, name string) error {
		if other, ok := changed[id]; ok {
			return sameDomain(other, name)
		}
		changed[id] = name
		return nil
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(names)), domainsAtOnce) {
		var moves []rekeyed
		err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
			var m rekeyed
			var key int64
			var source string
			if err := rows.Scan(&m.id, &m.was, &key, &source); err != nil {
				return err
			}
			page, err := r.set.platforms.Page(source)
			if err != nil {
				return nil // it had no key before either
			}
			m.domain, m.key = domainID(site, page.Domain), keyHash(page.Outlet.Key)
			if m.domain == m.was && m.key == key {
				return nil
			}
			if m.domain != m.was {
				if err := errors.Join(note(m.was, names[m.was]), note(m.domain, page.Domain)); err != nil {
					return err
				}
			}
			moves = append(moves, m)
			return nil
		}, `SELECT id, domain_id, key_id, source_url FROM link WHERE domain_id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return err
		}
		if err := r.move(site, moves); err != nil {
			return err
		}
	}
	for id, name := range names {
		r.mark(site, id)
		if page, err := r.set.platforms.Page(name); err == nil && page.Domain != name {
			if err := errors.Join(note(id, name), note(domainID(site, page.Domain), page.Domain)); err != nil {
				return err
			}
		}
	}
	d := &domainCounter{rekeyer: r, site: site, days: map[string]bool{}}
	return d.count(changed)
}

func (r *rekeyer) move(site int64, moves []rekeyed) error {
	stmt, err := r.tx.PrepareContext(r.ctx, `UPDATE link SET domain_id = $2, key_id = $3 WHERE id = $1`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, m := range moves {
		if _, err := stmt.ExecContext(r.ctx, m.id, m.domain, m.key); err != nil {
			return err
		}
		r.mark(site, m.domain)
	}
	r.diff.Rekeyed += len(moves)
	return nil
}

// saveTodo lists the referring domains to decide anew.
func (r *rekeyer) saveTodo() error {
	stmt, err := r.tx.PrepareContext(r.ctx, `INSERT INTO rule_todo (change_id, site_id, domain_id) VALUES ($1, $2, $3) ON CONFLICT (change_id, site_id, domain_id) DO NOTHING`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for site, ids := range r.todo {
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			if _, err := stmt.ExecContext(r.ctx, r.change.ID, site, id); err != nil {
				return err
			}
		}
	}
	return nil
}
