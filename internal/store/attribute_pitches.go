package store

import (
	"landed/internal/attribution"
	"landed/internal/pitches"
)

// loadAll indexes every pitch of the site.
func (a *attributor) loadAll() error {
	var from, to int64
	err := a.tx.QueryRowContext(a.ctx, `SELECT COUNT(*), COALESCE(MIN(id), 0), COALESCE(MAX(id), 0) FROM pitch WHERE site_id = $1 AND deleted_at = ''`, a.site).Scan(&a.expected, &from, &to)
	if err != nil {
		return err
	}
	// Most of the time the pitches of a site lie beside each other, and their
	// outlets too: then they are not looked up one by one.
	where, args := `p.site_id = $1`, []any{a.site}
	if to-from < 2*int64(a.expected) {
		where, args = `p.id BETWEEN $2 AND $3 AND +p.site_id = $1`, append(args, from, to)
	}
	all, err := a.pitches(where, args...)
	a.expected = 0
	if err == nil {
		a.index, a.claimed = attribution.NewIndex(all), a.domainsOf(all)
	}
	return err
}

// pitches reads pitches that may earn links: sent, not deleted.
func (a *attributor) pitches(where string, args ...any) ([]attribution.Pitch, error) {
	views, err := a.outletViews(where, args)
	if err != nil {
		return nil, err
	}
	home := `'' FROM pitch p JOIN outlet o ON o.id = p.outlet_id`
	if a.moved != nil {
		home = `COALESCE(h.address, '') FROM pitch p JOIN outlet o ON o.id = p.outlet_id LEFT JOIN pitch_home h ON h.pitch_id = p.id`
	}
	out := make([]attribution.Pitch, 0, a.expected)
	if a.first != nil {
		a.first.pitches = make([]cohortPitch, 0, a.expected)
	}
	err = eachColumns(a.ctx, a.tx, a.conn, func(c *columns) error {
		var p attribution.Pitch
		p.ID, p.OutletID, p.OwnerID = c.int(), c.int(), c.int()
		ownerName := c.text()
		p.Campaign, p.Host, p.Key = c.text(), c.text(), c.text()
		p.Scoped, p.Unscoped = c.bool(), c.bool()
		live, sent := c.text(), c.text()
		p.Status, p.ClosedOn, p.Bounced = pitches.Status(c.text()), dayOf(c.text()), c.bool()
		p.TargetKey, p.Anchor, p.Subject, p.Contact = a.page(c.text()).Key(), c.text(), c.text(), c.text()
		p.SentOn = dayOf(sent)
		if live != "" {
			page := a.page(live)
			p.LiveKey, p.LiveOutlet = page.Key(), page.Outlet.Key
		}
		more := cohortPitch{id: p.ID, sent: sent, status: p.Status, replied: c.bool(), cents: c.int(), currency: c.text()} // what only figures need
		if a.first != nil && sent != "" {
			more.key = newCohortKey(sent, p.OwnerID, ownerName, p.Campaign)
			a.first.pitches = append(a.first.pitches, more)
		}
		if p.OwnerID == 0 && ownerName != "" {
			a.names[p.ID] = ownerName
		}
		if a.moved != nil {
			a.rekey(&p, c.text())
		}
		at := p.OutletID
		if like, ok := a.moved[p.ID]; ok {
			at = like
		}
		if v := views[at]; v != nil {
			p.Aliases, p.SwitchedOff = v.aliases, v.off
		}
		if a.keep == nil || a.keep(&p) {
			out = append(out, p)
		}
		return nil
	}, `SELECT p.id, p.outlet_id, p.owner_id, p.owner_name, p.campaign, p.host, o.key, o.scoped, o.unscoped, p.live_url, p.sent_on, p.status, p.closed_on,
			p.bounced, p.target_url, p.anchor, p.subject, p.contact, p.replied_on <> '', p.cost_cents, p.currency, `+home+`
		WHERE p.deleted_at = '' AND p.status <> 'draft' AND `+where, args...)
	return out, err
}
