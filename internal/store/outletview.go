package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"landed/internal/attribution"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// outletView is what of an outlet decides links besides its key.
type outletView struct {
	outlet  int64
	aliases []pitches.Alias
	off     []string // subdomains whose links never count
}

// outletViews reads the other names and switched-off subdomains of the outlets
// of some pitches. Names are keyed by the platform table in use: what was typed
// is kept, so that a change of the table can be taken back.
func (a *attributor) outletViews(where string, args []any) (map[int64]*outletView, error) {
	out := map[int64]*outletView{0: {}}
	of := func(outlet int64) *outletView {
		if out[outlet] == nil {
			out[outlet] = &outletView{outlet: outlet}
		}
		return out[outlet]
	}
	if a.anyAlias {
		in := ` WHERE x.outlet_id IN (SELECT p.outlet_id FROM pitch p WHERE ` + where + `)`
		if a.moved != nil { // pitches may go by any outlet's
			in, args = ``, nil
		}
		err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
			outlet, al, err := scanAlias(rows)
			if err != nil {
				return err
			}
			v := of(outlet)
			v.aliases = append(v.aliases, al)
			return nil
		}, `SELECT x.outlet_id, x.key, x.from_on, x.to_on FROM outlet_alias x`+in+` ORDER BY x.id`, args...)
		if err != nil {
			return nil, err
		}
		err = each(a.ctx, a.tx, func(rows *sql.Rows) error {
			var outlet int64
			var sub string
			err := rows.Scan(&outlet, &sub)
			of(outlet).off = append(of(outlet).off, sub)
			return err
		}, `SELECT x.outlet_id, x.subdomain FROM outlet_off x`+in, args...)
		if err != nil {
			return nil, err
		}
	}
	if a.view != nil {
		out[a.view.outlet] = &outletView{outlet: a.view.outlet, aliases: cloneAliases(a.view.aliases), off: a.view.off}
	}
	for _, v := range out {
		for i := range v.aliases {
			v.aliases[i].Key = cmp.Or(a.page(v.aliases[i].Key).Outlet.Key, v.aliases[i].Key)
		}
	}
	return out, nil
}

func cloneAliases(list []pitches.Alias) []pitches.Alias { return append([]pitches.Alias(nil), list...) }

// allAliases are the other names of every outlet.
func allAliases(ctx context.Context, q querier) (map[int64][]pitches.Alias, error) {
	aliases := map[int64][]pitches.Alias{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		outlet, al, err := scanAlias(rows)
		aliases[outlet] = append(aliases[outlet], al)
		return err
	}, `SELECT outlet_id, key, from_on, to_on FROM outlet_alias ORDER BY id`)
	return aliases, err
}

func scanAlias(rows *sql.Rows) (outlet int64, al pitches.Alias, err error) {
	var from, to string
	err = rows.Scan(&outlet, &al.Key, &from, &to)
	al.From, al.To = dayOf(from), dayOf(to)
	return outlet, al, err
}

// homeOf is the address that decides a pitch's outlet, whatever the platform
// table: kept from before a change of the table moved the pitch, else the
// host as typed when it says more than the outlet's key.
func homeOf(kept, key, host string) string {
	switch {
	case kept != "":
		return kept
	case strings.HasSuffix(host, "."+key):
		return host
	}
	return key
}

// rekey gives a pitch the outlet key that another platform table would.
func (a *attributor) rekey(p *attribution.Pitch, kept string) {
	page, err := a.set.platforms.Page(homeOf(kept, p.Key, p.Host))
	if err != nil {
		return // a key is always an address; one that is not stays as it is
	}
	p.Key, p.Unscoped = page.Outlet.Key, page.Outlet.Scope == weburl.ScopeBare
	p.Scoped = page.Outlet.Scope == weburl.ScopeHost || page.Outlet.Scope == weburl.ScopePath
}

// refusals says "not ours" again of links whose proposal is gone, when a person
// had said so before that proposal came up.
func (a *attributor) refusals(old map[int64]creditRow, db known) error {
	if len(db.refused) == 0 {
		return nil
	}
	has := a.decided()
	for link, c := range old {
		i, ok := has[link]
		if !db.refused[link] || c.standing() || ok && a.now[i].state != StatePossible {
			continue
		}
		r := creditRow{link: link, site: c.site, page: c.page, firstSeen: c.linkSeen, linkSeen: c.linkSeen, lostOn: c.lostOn, band: "none", state: StateRejected,
			reasons: "[]", rules: a.rules.Version, version: c.version}
		err := a.tx.QueryRowContext(a.ctx, `SELECT account_id FROM decision WHERE link_id = $1 AND kind = 'reject' ORDER BY id DESC LIMIT 1`, link).Scan(&r.decidedBy)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		r.decidedBy = max(r.decidedBy, 1)
		if ok {
			a.now[i] = r
		} else {
			a.now = append(a.now, r)
		}
	}
	return nil
}
