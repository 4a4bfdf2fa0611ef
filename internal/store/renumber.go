package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// oldDomainIDs is the setting by which migration 13 asks for the ids of referring
// domains to be made anew: up to then they were hashes, see domainHash.
const oldDomainIDs = "domains.renumber"

// renumber gives referring domains, and all that names them by their ids, the ids
// of domainID. It and the end of its being asked for are one transaction, so that a
// program that dies does it again.
func (s *Store) renumber(ctx context.Context) error {
	_, asked, err := config(ctx, s.read, oldDomainIDs)
	if err != nil || !asked {
		return err
	}
	// Rows that refer to each other change one after the other.
	return s.importTx(ctx, "renumber referring domains", func(tx *sql.Tx, conn *sql.Conn) error {
		if _, asked, err := config(ctx, tx, oldDomainIDs); err != nil || !asked {
			return err // another process was quicker
		}
		r := renumberer{store: s, ctx: ctx, tx: tx, conn: conn}
		indexes, err := takeIndexes(ctx, tx, "link", "refdomain", "pitch_domain")
		if err != nil {
			return err
		}
		for _, step := range []func() error{r.rows, r.marks, r.claims} {
			if err := step(); err != nil {
				return err
			}
		}
		if err := putIndexes(ctx, tx, indexes); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM config WHERE key = $1`, oldDomainIDs)
		return err
	})
}

type renumberer struct {
	store *Store
	ctx   context.Context
	tx    *sql.Tx
	conn  *sql.Conn
}

// renumbered is a domain's id up to schema 12 and the one that it gets.
type renumbered struct {
	was, id int64
	name    string
}

// rows renumbers what names a domain that the database knows by its name.
func (r renumberer) rows() error {
	list, err := r.domains()
	if err != nil {
		return err
	}
	if err := r.exec(`CREATE TEMP TABLE renumbered (was INTEGER PRIMARY KEY, id BIGINT NOT NULL)`); err != nil {
		return err
	}
	insert, err := prepareBulk(r.ctx, r.tx, r.conn, `INSERT INTO renumbered (was, id) VALUES ($1, $2)`)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := insert.run(d.was, d.id); err != nil {
			insert.close()
			return err
		}
	}
	insert.close()
	for _, c := range [][2]string{{"refdomain", "id"}, {"source_domain", "id"}, {"link", "domain_id"}, {"competitor_source", "domain_id"}, {"rule_todo", "domain_id"}, {"refdomain_folded", "into_id"}} {
		table, column := c[0], c[1]
		err := r.exec(`UPDATE ` + table + ` SET ` + column + ` = (SELECT n.id FROM renumbered n WHERE n.was = ` + table + `.` + column + `) WHERE ` + column + ` IN (SELECT was FROM renumbered)`)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	// What else a change has still to decide is of domains without any link.
	if err := r.exec(`DELETE FROM rule_todo WHERE domain_id NOT IN (SELECT id FROM renumbered)`); err != nil {
		return err
	}
	return r.exec(`DROP TABLE renumbered`)
}

func (r renumberer) exec(statement string) error {
	_, err := r.tx.ExecContext(r.ctx, statement)
	return err
}

// domains lists every domain that has a row, or that is counted under another's, by
// its old id. It fails where two would get the same new one.
func (r renumberer) domains() ([]renumbered, error) {
	var list []renumbered
	add := func(site int64, name string) {
		list = append(list, renumbered{domainHash(site, name), domainID(site, name), name})
	}
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var site int64
		var name string
		var folded bool
		if err := rows.Scan(&site, &name, &folded); err != nil {
			return err
		}
		add(site, name)
		if page, err := r.store.Platforms().Page(name); err == nil && folded {
			add(site, page.Domain)
		}
		return nil
	}, `SELECT site_id, domain, FALSE FROM refdomain UNION ALL SELECT site_id, domain, FALSE FROM source_domain UNION ALL SELECT site_id, domain, TRUE FROM refdomain_folded`)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b renumbered) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.was, b.was)) })
	list = slices.CompactFunc(list, func(a, b renumbered) bool { return a.was == b.was })
	for i := range list[min(1, len(list)):] {
		if a, b := list[i], list[i+1]; a.id == b.id {
			return nil, fmt.Errorf("referring domains %s and %s would have the same id", a.name, b.name)
		}
	}
	slices.SortFunc(list, func(a, b renumbered) int { return cmp.Compare(a.was, b.was) }) // as their table has them
	return list, nil
}

// marks renumbers the domains of outlets that people marked. A negative one is no
// domain's, see loadMarks.
func (r renumberer) marks() error {
	domains := map[int64]int64{}
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var id, site int64
		var key string
		if err := rows.Scan(&id, &site, &key); err != nil {
			return err
		}
		if page, err := r.store.Platforms().Outlet(key); err == nil {
			domains[id] = domainID(site, page.Domain)
		}
		return nil
	}, `SELECT id, site_id, key FROM outlet_mark WHERE domain_id > 0`)
	for id, domain := range domains {
		if err == nil {
			_, err = r.tx.ExecContext(r.ctx, `UPDATE outlet_mark SET domain_id = $2 WHERE id = $1`, id, domain)
		}
	}
	return err
}

// claims writes anew which referring domains' links pitches may claim, most of which
// have no row: nobody has linked from there yet.
func (r renumberer) claims() error {
	aliases, err := allAliases(r.ctx, r.tx)
	if err != nil {
		return err
	}
	set := r.store.ruleset()
	var list []pitchClaim
	err = each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var c claims
		err := rows.Scan(&c.id, &c.site, &c.outlet, &c.key, &c.live)
		for domain := range set.claims(c.site, c.key, c.live, aliases[c.outlet]) {
			list = append(list, pitchClaim{domain, c.id})
		}
		return err
	}, `SELECT p.id, p.site_id, p.outlet_id, o.key, p.live_url FROM pitch p JOIN outlet o ON o.id = p.outlet_id`)
	if err != nil {
		return err
	}
	if err := r.exec(`DELETE FROM pitch_domain`); err != nil {
		return err
	}
	slices.SortFunc(list, pitchClaim.compare)
	insert, err := prepareBulk(r.ctx, r.tx, r.conn, claimRows(1))
	if err != nil {
		return err
	}
	defer insert.close()
	for _, c := range list {
		if err := insert.run(c.domain, c.pitch); err != nil {
			return err
		}
	}
	return nil
}
