package store

import (
	"database/sql"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/weburl"
)

// platforms looks at what another platform table would make of the links. No
// table moves a page out of its registrable domain (weburl.Group), so that the
// links and pitches of one such group are decided together, and memory is
// bounded by the largest.
func (o *outlook) platforms(base *ruleset) error {
	differ := weburl.Rekeyed(base.platforms, o.set.platforms)
	sites, err := affectedDomains(o.ctx, o.tx, differ)
	if err != nil {
		return err
	}
	if err := o.movedPitches(); err != nil {
		return err
	}
	for site, more := range o.others {
		if sites[site] == nil {
			sites[site] = map[int64]string{}
		}
		for id := range more {
			if _, ok := sites[site][id]; ok {
				delete(more, id)
			}
		}
		o.of += len(more)
	}
	for _, names := range sites {
		o.of += len(names)
	}
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if err := o.regroup(site, sites[site], base, differ); err != nil {
			return err
		}
	}
	return nil
}

// movedPitches finds the pitches that would go to another outlet.
func (o *outlook) movedPitches() error {
	moves, err := rehomes(o.ctx, o.tx, o.set.platforms)
	o.moved = make(map[int64]int64, len(moves))
	for _, m := range moves {
		o.moved[m.id] = m.like
		o.diff.Pitches += btoi(!m.deleted)
		if err := o.claimedElsewhere(m); err != nil {
			return err
		}
	}
	return err
}

// claimedElsewhere notes the referring domains that a pitch claims by its outlet's
// other names: with its outlet these change, wherever they are.
func (o *outlook) claimedElsewhere(m rehomed) error {
	if o.others == nil {
		o.others = map[int64]map[int64]bool{}
	}
	if o.others[m.site] == nil {
		o.others[m.site] = map[int64]bool{}
	}
	err := each(o.ctx, o.tx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		o.others[m.site][id] = true
		return err
	}, `SELECT domain_id FROM pitch_domain WHERE pitch_id = $1`, m.id)
	if err != nil {
		return err
	}
	aliases, err := readAliases(o.ctx, o.tx, m.like)
	maps.Copy(o.others[m.site], o.set.claims(m.site, m.page.Outlet.Key, "", aliases))
	return err
}

// regroup decides the links of the affected domains of one site.
func (o *outlook) regroup(site int64, names map[int64]string, base *ruleset, differ func(string) bool) error {
	a, err := o.attributor(site)
	if err != nil {
		return err
	}
	a.moved = o.moved
	a.keep = func(p *attribution.Pitch) bool {
		return slices.ContainsFunc(attribution.Keys(*p), func(k string) bool {
			return slices.ContainsFunc(o.set.platforms.Domains(a.page(k)), func(domain string) bool { return differ(domain) || o.others[site][domainID(site, domain)] })
		})
	}
	list, err := a.pitches(`p.site_id = $1`, site)
	if err != nil {
		return err
	}
	index := attribution.NewIndex(list)
	groups := map[string][]int64{}
	for id, name := range names {
		groups[weburl.Group(name)] = append(groups[weburl.Group(name)], id)
	}
	var part []int64
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		slices.Sort(groups[group])
		if part = append(part, groups[group]...); len(part) < domainsAtOnce {
			continue
		}
		if err := o.together(a, part, index, base); err != nil {
			return err
		}
		part = part[:0]
	}
	if err := o.together(a, part, index, base); err != nil {
		return err
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(o.others[site])), domainsAtOnce) {
		if err := o.together(a, part, index, base); err != nil {
			return err
		}
	}
	return nil
}

func (o *outlook) together(a *attributor, ids []int64, index *attribution.Index, base *ruleset) error {
	db := known{links: map[int64][]givenLink{}, credits: map[int64]map[int64]creditRow{}, assists: map[int64][]assistRow{}, rejected: map[[2]int64]bool{}, moved: map[int64]int64{}, refused: map[int64]bool{}}
	for part := range slices.Chunk(ids, inList) {
		one, err := a.load(part, part)
		if err != nil {
			return err
		}
		maps.Copy(db.assists, one.assists)
		maps.Copy(db.rejected, one.rejected)
		maps.Copy(db.moved, one.moved)
		maps.Copy(db.refused, one.refused)
		for domain, links := range one.links {
			db.links[domain] = append(db.links[domain], links...)
		}
		for domain, credits := range one.credits {
			for link, c := range credits {
				at := domain
				if to, ok := one.moved[link]; ok {
					at = to
				}
				if db.credits[at] == nil {
					db.credits[at] = map[int64]creditRow{}
				}
				db.credits[at][link] = c
			}
		}
	}
	for _, links := range db.links {
		for i := range links {
			if page, err := base.platforms.Page(links[i].link.Source.Key()); err == nil && (page.Outlet.Key != links[i].link.Source.Outlet.Key || page.Domain != links[i].link.Source.Domain) {
				o.diff.Rekeyed++
			}
		}
	}
	all := map[int64]bool{}
	for id := range db.links {
		all[id] = true
	}
	for id := range db.credits {
		all[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if err := a.domain(id, db.links[id], index, db); err != nil {
			return err
		}
	}
	return o.step(len(ids))
}
