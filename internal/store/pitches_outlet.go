package store

import (
	"cmp"
	"database/sql"

	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// knownOutlet is an outlet that a pitchWriter has read or made.
type knownOutlet struct {
	pitches.Outlet
	domains []int64 // the referring domains of its key; nil: see domainsOf
}

// outlet finds or makes the outlet of a pitch, by its key.
func (w *pitchWriter) outlet(o pitches.Outlet) (pitches.Outlet, error) {
	page, err := w.outletPage(o)
	if err != nil {
		return o, fault.Field("outlet", "%s", fault.Message(err))
	}
	o.Key, o.Unscoped = page.Outlet.Key, page.Outlet.Scope == weburl.ScopeBare
	scoped := page.Outlet.Scope == weburl.ScopeHost || page.Outlet.Scope == weburl.ScopePath
	if o.Host == "" {
		o.Host = page.Host
	}
	known, there := w.outlets[o.Key]
	if !there {
		known = &knownOutlet{}
	}
	if page.Outlet.Scope == weburl.ScopeDomain && known.domains == nil { // then the key is the domain
		known.domains = []int64{domainID(w.site, page.Domain)}
	}
	host := o.Host
	if there {
		o = known.Outlet
		o.Host = host
		return o, nil
	}
	if w.allOutlets {
		err = sql.ErrNoRows // what is there was read before
	} else {
		err = w.tx.QueryRowContext(w.ctx, `SELECT id, name, authority, metric, do_not_contact FROM outlet WHERE key = $1`, o.Key).
			Scan(&o.ID, &o.Name, &o.Authority, &o.Metric, &o.DoNotContact)
	}
	if err == sql.ErrNoRows {
		if o.ID, err = w.id("outlet"); err != nil {
			return o, err
		}
		o.Name = cmp.Or(o.Name, o.Key)
		err = w.insertOutlet(&o, scoped)
	} else if err == nil {
		o.Aliases, err = w.aliases(o.ID)
	}
	if err != nil {
		return o, err
	}
	o.Host = host
	known.Outlet = o
	w.outlets[o.Key] = known
	return o, nil
}

func (w *pitchWriter) insertOutlet(o *pitches.Outlet, scoped bool) error {
	insert, err := w.prepared(`INSERT INTO outlet (id, key, name, scoped, unscoped, authority, metric, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	if err != nil {
		return err
	}
	insert.ints(o.ID)
	insert.texts(o.Key, o.Name)
	insert.bools(scoped, o.Unscoped)
	insert.real(o.Authority)
	insert.texts(o.Metric, w.now())
	return insert.exec()
}

// outletPage is the parsed address of an outlet.
func (w *pitchWriter) outletPage(o pitches.Outlet) (weburl.Page, error) {
	if w.whole {
		return weburl.Page{Host: o.Host, Domain: o.Key, Outlet: weburl.OutletKey{Key: o.Key}}, nil
	}
	page, err := w.set.platforms.Outlet(cmp.Or(o.Host, o.Key))
	if err == nil && o.Key != "" && page.Outlet.Key != o.Key {
		page, err = w.set.platforms.Outlet(o.Key)
	}
	return page, err
}

// loadOutlets reads every outlet at once, for an import of many pitches.
func (w *pitchWriter) loadOutlets() error {
	w.allOutlets = true
	aliases := map[int64][]pitches.Alias{}
	err := each(w.ctx, w.tx, func(rows *sql.Rows) error {
		var outlet int64
		var a pitches.Alias
		var from, to string
		err := rows.Scan(&outlet, &a.Key, &from, &to)
		a.From, a.To = dayOf(from), dayOf(to)
		aliases[outlet] = append(aliases[outlet], a)
		return err
	}, `SELECT outlet_id, key, from_on, to_on FROM outlet_alias ORDER BY id`)
	if err != nil {
		return err
	}
	return each(w.ctx, w.tx, func(rows *sql.Rows) error {
		o := &knownOutlet{}
		err := rows.Scan(&o.ID, &o.Key, &o.Name, &o.Unscoped, &o.Authority, &o.Metric, &o.DoNotContact)
		o.Aliases = aliases[o.ID]
		w.outlets[o.Key] = o
		return err
	}, `SELECT id, key, name, unscoped, authority, metric, do_not_contact FROM outlet`)
}

func (w *pitchWriter) aliases(outlet int64) ([]pitches.Alias, error) {
	var out []pitches.Alias
	err := each(w.ctx, w.tx, func(rows *sql.Rows) error {
		var a pitches.Alias
		var from, to string
		err := rows.Scan(&a.Key, &from, &to)
		a.From, a.To = dayOf(from), dayOf(to)
		out = append(out, a)
		return err
	}, `SELECT key, from_on, to_on FROM outlet_alias WHERE outlet_id = $1 ORDER BY id`, outlet)
	return out, err
}
