package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
)

// problemsAtMost is how many of one kind a check names.
const problemsAtMost = 20

// checkKeys finds links, outlets and claims that the platform table in force
// would key otherwise.
func (s *Store) checkKeys(ctx context.Context) ([]Problem, error) {
	set, err := s.rulesetIn(ctx, s.read)
	if err != nil {
		return nil, err
	}
	var found []Problem
	left := problemsAtMost
	note := func(format string, args ...any) {
		if left > 0 {
			left--
			found = append(found, Problem{fmt.Sprintf(format, args...)})
		}
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var id, site, domain, key int64
		var source string
		if err := rows.Scan(&id, &site, &domain, &key, &source); err != nil {
			return err
		}
		page, err := set.platforms.Page(source)
		if err != nil || domain == domainID(site, page.Domain) && key == keyHash(page.Outlet.Key) {
			return nil
		}
		note("link %d on %s is kept under another outlet than %s", id, page.Domain, page.Outlet.Key)
		return nil
	}, `SELECT id, site_id, domain_id, key_id, source_url FROM link WHERE domain_id <> 0`)
	if err != nil {
		return found, err
	}
	left = problemsAtMost
	if err := s.checkDomains(ctx, note); err != nil {
		return found, err
	}
	left = problemsAtMost
	err = s.checkClaims(ctx, set, note)
	return found, err
}

// checkDomains finds domains that would not be found by their names.
func (s *Store) checkDomains(ctx context.Context, note func(string, ...any)) error {
	return each(ctx, s.read, func(rows *sql.Rows) error {
		var id, site int64
		var name string
		err := rows.Scan(&id, &site, &name)
		if err == nil && id != domainID(site, name) {
			note("domain %s of site %d is kept under another id than its own", name, site)
		}
		return err
	}, `SELECT id, site_id, domain FROM refdomain UNION ALL SELECT id, site_id, domain FROM source_domain`)
}

func (s *Store) checkClaims(ctx context.Context, set *ruleset, note func(string, ...any)) error {
	aliases, err := allAliases(ctx, s.read)
	if err != nil {
		return err
	}
	claimed := map[int64]bool{}
	var last claims
	check := func() {
		if last.id != 0 && !maps.Equal(claimed, set.claims(last.site, last.key, last.live, aliases[last.outlet])) {
			note("pitch %d to %s is not looked up for the links it may claim", last.id, last.key)
		}
		clear(claimed)
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var c claims
		var host, kept string
		var domain sql.NullInt64
		if err := rows.Scan(&c.id, &c.site, &c.outlet, &c.key, &c.live, &host, &kept, &domain); err != nil {
			return err
		}
		if c.id != last.id {
			check()
			last = c
			if page, err := set.platforms.Page(homeOf(kept, c.key, host)); err == nil && page.Outlet.Key != c.key {
				note("pitch %d belongs to the outlet %s, not to %s", c.id, page.Outlet.Key, c.key)
			}
		}
		if domain.Valid {
			claimed[domain.Int64] = true
		}
		return nil
	}, `SELECT p.id, p.site_id, p.outlet_id, o.key, p.live_url, p.host, COALESCE(h.address, ''), d.domain_id FROM pitch p JOIN outlet o ON o.id = p.outlet_id
		LEFT JOIN pitch_home h ON h.pitch_id = p.id LEFT JOIN pitch_domain d ON d.pitch_id = p.id ORDER BY p.id`)
	check()
	return err
}
