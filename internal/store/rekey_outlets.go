package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// claims is a pitch with the addresses that decide which links it may claim.
type claims struct {
	id, site, outlet int64
	key, live        string
}

// reclaim writes anew which referring domains' links some pitches may claim, and
// marks those of before and after.
func (r *rekeyer) reclaim(where string, args ...any) error {
	var list []claims
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var c claims
		err := rows.Scan(&c.id, &c.site, &c.outlet, &c.key, &c.live)
		list = append(list, c)
		return err
	}, `SELECT p.id, p.site_id, p.outlet_id, o.key, p.live_url FROM pitch p JOIN outlet o ON o.id = p.outlet_id WHERE `+where, args...)
	if err != nil {
		return err
	}
	aliases, err := allAliases(r.ctx, r.tx)
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := r.claim(c, aliases[c.outlet]); err != nil {
			return err
		}
	}
	return nil
}

func (r *rekeyer) claim(c claims, aliases []pitches.Alias) error {
	now := r.set.claims(c.site, c.key, c.live, aliases)
	was := map[int64]bool{}
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		was[id] = true
		return err
	}, `SELECT domain_id FROM pitch_domain WHERE pitch_id = $1`, c.id)
	if err != nil {
		return err
	}
	for id := range was {
		r.mark(c.site, id)
	}
	for id := range now {
		r.mark(c.site, id)
	}
	if maps.Equal(was, now) {
		return nil
	}
	if _, err := r.tx.ExecContext(r.ctx, `DELETE FROM pitch_domain WHERE pitch_id = $1`, c.id); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if _, err := r.tx.ExecContext(r.ctx, `INSERT INTO pitch_domain (domain_id, pitch_id) VALUES ($1, $2)`, id, c.id); err != nil {
			return err
		}
	}
	return nil
}

// claims are the referring domains of a site whose links a pitch may claim.
func (r *ruleset) claims(site int64, key, liveURL string, aliases []pitches.Alias) map[int64]bool {
	p := attribution.Pitch{Key: key, Aliases: aliases}
	if liveURL != "" {
		if live, err := r.platforms.Page(liveURL); err == nil {
			p.LiveKey, p.LiveOutlet = live.Key(), live.Outlet.Key
		}
	}
	out := map[int64]bool{}
	for _, k := range attribution.Keys(p) {
		page, err := r.platforms.Page(k)
		if err != nil {
			continue
		}
		for _, domain := range r.platforms.Domains(page) {
			out[domainID(site, domain)] = true
		}
	}
	return out
}

// rehomed is a pitch that the new table gives another outlet.
type rehomed struct {
	id, site, outlet int64
	to               int64 // the outlet there is for the new key; 0 = none yet
	like             int64 // the outlet whose names, and what of it never counts, go for the new key
	home             string
	page             weburl.Page
	deleted          bool
}

// rehomes lists the pitches that a table gives another outlet, by id. A new
// outlet takes over what is known of the one that its first pitch comes from.
func rehomes(ctx context.Context, q querier, t *weburl.Platforms) ([]rehomed, error) {
	var moves []rehomed
	err := each(ctx, q, func(rows *sql.Rows) error {
		var m rehomed
		var host, key, kept, deleted string
		if err := rows.Scan(&m.id, &m.site, &m.outlet, &host, &key, &kept, &deleted); err != nil {
			return err
		}
		m.home, m.deleted = homeOf(kept, key, host), deleted != ""
		var err error
		if m.page, err = t.Page(m.home); err == nil && m.page.Outlet.Key != key {
			moves = append(moves, m)
		}
		return nil
	}, `SELECT p.id, p.site_id, p.outlet_id, p.host, o.key, COALESCE(h.address, ''), p.deleted_at FROM pitch p JOIN outlet o ON o.id = p.outlet_id LEFT JOIN pitch_home h ON h.pitch_id = p.id ORDER BY p.id`)
	if err != nil {
		return nil, err
	}
	known := map[string]rehomed{}
	for i := range moves {
		m := &moves[i]
		k, ok := known[m.page.Outlet.Key]
		if !ok {
			k.like = m.outlet
			err := q.QueryRowContext(ctx, `SELECT id FROM outlet WHERE key = $1`, m.page.Outlet.Key).Scan(&k.to)
			if err != nil && err != sql.ErrNoRows {
				return nil, err
			}
			if err == nil {
				k.like = k.to
			}
			known[m.page.Outlet.Key] = k
		}
		m.to, m.like = k.to, k.like
	}
	return moves, nil
}

// outlets moves pitches to the outlets that the new table keys them to, says of
// each outlet anew how wide it is, and writes anew what pitches may claim.
func (r *rekeyer) outlets() error {
	moves, err := rehomes(r.ctx, r.tx, r.set.platforms)
	if err != nil {
		return err
	}
	if err := r.scopes(); err != nil {
		return err
	}
	made := map[string]int64{}
	for _, m := range moves {
		if m.to == 0 {
			m.to = made[m.page.Outlet.Key]
		}
		if m.to == 0 {
			if m.to, err = r.newOutlet(m); err != nil {
				return err
			}
			made[m.page.Outlet.Key] = m.to
		}
		if err := r.rehome(m); err != nil {
			return err
		}
	}
	return r.reclaimAffected()
}

// reclaimAffected writes claims anew of the pitches whose outlet, alias or live
// URL lies where the tables differ.
func (r *rekeyer) reclaimAffected() error {
	hit := map[int64]bool{}
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var id int64
		var key, live, alias string
		if err := rows.Scan(&id, &key, &live, &alias); err != nil {
			return err
		}
		for _, address := range []string{key, live, alias} {
			if address == "" {
				continue
			}
			if page, err := r.set.platforms.Page(address); err == nil && r.shared(page) {
				hit[id] = true
			}
		}
		return nil
	}, `SELECT p.id, o.key, p.live_url, COALESCE(x.key, '') FROM pitch p JOIN outlet o ON o.id = p.outlet_id LEFT JOIN outlet_alias x ON x.outlet_id = o.id`)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(hit)), inList) {
		if err := r.reclaim(`p.id IN `+marks(1, len(part)), anys(part)...); err != nil {
			return err
		}
	}
	return nil
}

// shared reports whether a page lies where the tables differ, or shares keys
// with a platform that does.
func (r *rekeyer) shared(page weburl.Page) bool {
	if slices.ContainsFunc(r.set.platforms.Domains(page), r.differ) {
		return true
	}
	old, err := r.old.Page(page.Key())
	return err == nil && slices.ContainsFunc(r.old.Domains(old), r.differ)
}

// scopes says of each outlet that keeps its key whether it is an author's place
// or a bare platform now.
func (r *rekeyer) scopes() error {
	type scope struct {
		id               int64
		scoped, unscoped bool
	}
	var list []scope
	err := each(r.ctx, r.tx, func(rows *sql.Rows) error {
		var o scope
		var key string
		if err := rows.Scan(&o.id, &key, &o.scoped, &o.unscoped); err != nil {
			return err
		}
		page, err := r.set.platforms.Page(key)
		if err != nil || page.Outlet.Key != key {
			return nil
		}
		was := o
		o.scoped, o.unscoped = scopeOf(page)
		if o != was {
			list = append(list, o)
		}
		return nil
	}, `SELECT id, key, scoped, unscoped FROM outlet`)
	for i := 0; err == nil && i < len(list); i++ {
		_, err = r.tx.ExecContext(r.ctx, `UPDATE outlet SET scoped = $2, unscoped = $3 WHERE id = $1`, list[i].id, list[i].scoped, list[i].unscoped)
	}
	return err
}

func scopeOf(page weburl.Page) (scoped, unscoped bool) {
	s := page.Outlet.Scope
	return s == weburl.ScopeHost || s == weburl.ScopePath, s == weburl.ScopeBare
}

// newOutlet makes the outlet of a new key after the one that m comes from, which
// stays, for the way back.
func (r *rekeyer) newOutlet(m rehomed) (int64, error) {
	to, err := nextID(r.ctx, r.tx, "outlet")
	if err != nil {
		return 0, err
	}
	scoped, unscoped := scopeOf(m.page)
	_, err = r.tx.ExecContext(r.ctx, `INSERT INTO outlet (id, key, name, scoped, unscoped, authority, metric, do_not_contact, no_contact_person, no_contact_reason, created_at)
		SELECT $1, $2, CASE WHEN name = key THEN $2 ELSE name END, $3, $4, authority, metric, do_not_contact, no_contact_person, no_contact_reason, $5 FROM outlet WHERE id = $6`,
		to, m.page.Outlet.Key, scoped, unscoped, stamp(r.store.Now()), m.like)
	if err != nil {
		return 0, err
	}
	aliases, err := readAliases(r.ctx, r.tx, m.like)
	if err == nil {
		err = saveAliases(r.ctx, r.tx, to, aliases)
	}
	if err != nil {
		return 0, err
	}
	off, err := readOff(r.ctx, r.tx, m.like)
	if err == nil {
		err = saveOff(r.ctx, r.tx, to, off)
	}
	return to, err
}

func (r *rekeyer) rehome(m rehomed) error {
	if _, err := r.tx.ExecContext(r.ctx, `UPDATE pitch SET outlet_id = $2, version = version + 1 WHERE id = $1`, m.id, m.to); err != nil {
		return err
	}
	_, err := r.tx.ExecContext(r.ctx, `INSERT INTO pitch_home (pitch_id, address) VALUES ($1, $2) ON CONFLICT (pitch_id) DO NOTHING`, m.id, m.home)
	if !m.deleted {
		r.diff.Pitches++
	}
	return err
}
