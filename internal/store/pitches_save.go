package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"landed/internal/attribution"
	"landed/internal/fault"
	"landed/internal/pitches"
)

// CommandLine is who does what CLI commands do.
var CommandLine = By{Name: "command line"}

// pitchWriter saves pitches of one site in one transaction and brings the
// credits of the links that they may claim into line.
type pitchWriter struct {
	store      *Store
	set        *ruleset
	ctx        context.Context
	tx         *sql.Tx
	by         By
	site       int64
	touched    touched
	totals     bool
	outlets    map[string]*knownOutlet // by key
	ids        map[string]int64        // last id given, by table
	allOutlets bool                    // outlets holds every one there is
	keyDomains map[string][]int64      // the referring domains of other outlet keys
	many       *manyWriter             // nil for a few pitches
	whole      bool                    // the outlet key of the pitch at hand is a registrable domain
	args       []any
	days       dayText
	mine       []int64 // referring domains of the pitch at hand
	stamped    time.Time
	stampText  string
	stmts      map[string]*bulk
	conn       *sql.Conn
	credits    CreditChanges
	classes    map[int64]bool     // domains whose class may have changed
	cohorts    map[cohortKey]bool // that pitches left by this change
}

func (s *Store) pitchTx(ctx context.Context, by By, site int64, what string, f func(*pitchWriter) error) (CreditChanges, error) {
	return s.pitchWork(ctx, s.bulkTx, by, site, what, f)
}

// pitchWork is pitchTx in a transaction of the given kind.
func (s *Store) pitchWork(ctx context.Context, begin func(context.Context, string, func(*sql.Tx, *sql.Conn) error) error, by By, site int64, what string, f func(*pitchWriter) error) (CreditChanges, error) {
	var out CreditChanges
	err := begin(ctx, what, func(tx *sql.Tx, conn *sql.Conn) error {
		set, err := s.rulesetIn(ctx, tx)
		if err != nil {
			return err
		}
		w := &pitchWriter{store: s, set: set, ctx: ctx, tx: tx, conn: conn, by: by, site: site, touched: newTouched(),
			outlets: map[string]*knownOutlet{}, stmts: map[string]*bulk{}, ids: map[string]int64{}, classes: map[int64]bool{}, cohorts: map[cohortKey]bool{},
			keyDomains: map[string][]int64{}, days: dayText{}}
		defer w.close()
		if err := f(w); err != nil {
			return err
		}
		err = w.finish()
		out = w.credits
		return err
	})
	return out, err
}

// now is the stamp of a row written now; stamped is the instant.
func (w *pitchWriter) now() string {
	t := w.store.Now()
	if w.stampText == "" || t.Unix() != w.stamped.Unix() { // stamps count seconds
		w.stampText = stamp(t)
	}
	w.stamped = t
	return w.stampText
}

// finish attributes the touched domains again and counts totals.
func (w *pitchWriter) finish() error {
	if w.many != nil {
		if err := w.finishMany(); err != nil {
			return err
		}
	}
	w.close()
	if w.many != nil {
		if err := putIndexes(w.ctx, w.tx, w.many.dropped); err != nil {
			return err
		}
	}
	if w.totals {
		if err := w.count(); err != nil {
			return err
		}
	}
	if err := w.reattribute(); err != nil {
		return err
	}
	if w.many != nil && w.many.first {
		if w.many.idle {
			return saveCohorts(w.ctx, w.tx, w.site, w.many.cohorts)
		}
		return recountCohortsOf(w.ctx, w.tx, w.site, w.many.all)
	}
	return rollupCohorts(w.ctx, w.tx, w.site, &w.touched, w.cohorts, nil)
}

func (w *pitchWriter) reattribute() error {
	if len(w.touched.domains) == 0 || w.many != nil && w.many.idle {
		return nil
	}
	a, err := w.store.newAttributor(w.ctx, w.tx, w.conn, w.site, &w.touched)
	if err != nil {
		return err
	}
	if err := a.decide(slices.Sorted(maps.Keys(w.touched.domains))); err != nil {
		return err
	}
	w.credits.add(a.out)
	maps.Copy(a.classes, w.classes)
	if err := a.classify(); err != nil {
		return err
	}
	if err := a.copies(nil, nil); err != nil {
		return err
	}
	return rollup(w.ctx, w.tx, w.site, w.touched.days)
}

func (w *pitchWriter) count() error {
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM pitch_total WHERE site_id = $1`, w.site); err != nil {
		return err
	}
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO pitch_total (site_id, status, n)
		SELECT $1, status, COUNT(*) FROM pitch WHERE site_id = $1 AND deleted_at = '' GROUP BY status`, w.site)
	return err
}

// id gives the next id of a table, asking the database only the first time.
func (w *pitchWriter) id(table string) (int64, error) {
	if n, ok := w.ids[table]; ok {
		w.ids[table] = n + 1
		return n + 1, nil
	}
	n, err := nextID(w.ctx, w.tx, table)
	w.ids[table] = n
	return n, err
}

// create stores a new pitch.
func (w *pitchWriter) create(p *pitches.Pitch, note string) error {
	o, err := w.outlet(p.Outlet)
	if err != nil {
		return err
	}
	if p.ID, err = w.id("pitch"); err != nil {
		return err
	}
	now := w.now()
	p.SiteID, p.OutletID, p.Outlet, p.Version = w.site, o.ID, o, 1
	p.CreatedAt, p.UpdatedAt = w.stamped, w.stamped
	insert, err := w.prepared(insertPitch)
	if err != nil {
		return err
	}
	w.bindPitch(insert, p)
	insert.texts(now, now)
	if err := insert.exec(); err != nil {
		return fmt.Errorf("pitch %d: %w", p.ID, err)
	}
	w.totals = true
	if w.many != nil && w.many.first {
		w.created(p)
	} else {
		w.touched.pitches[p.ID] = true
	}
	if err := w.saveDomains(p); err != nil {
		return err
	}
	if w.many != nil {
		return nil // createdEvents writes them all
	}
	return w.event(p.ID, "created", "", string(p.Status), note)
}

// update stores a changed pitch; before is what it was.
func (w *pitchWriter) update(before, p *pitches.Pitch, note string) error {
	o, err := w.outlet(p.Outlet)
	if err != nil {
		return err
	}
	if before.Version != p.Version {
		return fault.New(fault.Conflict, "Somebody changed this pitch while you were editing it.")
	}
	if before.OutletID != o.ID {
		if err := w.exec(`DELETE FROM pitch_home WHERE pitch_id = $1`, p.ID); err != nil {
			return err
		}
	}
	p.OutletID, p.Outlet = o.ID, o
	now := w.now()
	p.Version, p.CreatedAt, p.UpdatedAt = before.Version+1, before.CreatedAt, w.stamped
	if err := w.touchDomains(p.ID); err != nil {
		return err
	}
	save, err := w.prepared(updatePitch)
	if err != nil {
		return err
	}
	w.bindPitch(save, p)
	save.texts(now)
	if err := save.exec(); err != nil {
		return fmt.Errorf("pitch %d: %w", p.ID, err)
	}
	w.totals = w.totals || before.Status != p.Status
	w.touched.pitches[p.ID] = true
	w.cohorts[cohortOf(before)] = true
	if err := w.saveDomains(p); err != nil {
		return err
	}
	if before.Status != p.Status {
		if err := w.event(p.ID, "status", string(before.Status), string(p.Status), note); err != nil {
			return err
		}
		note = ""
	}
	if fields := pitches.Changed(before, p); len(fields) > 0 {
		return w.event(p.ID, "edited", "", strings.Join(fields, ", "), note)
	}
	return nil
}

// saveDomains writes which referring domains' links the pitch may claim.
func (w *pitchWriter) saveDomains(p *pitches.Pitch) error {
	if p.Version > 1 {
		if err := w.exec(`DELETE FROM pitch_domain WHERE pitch_id = $1`, p.ID); err != nil {
			return err
		}
	}
	ap := attribution.Pitch{Key: p.Outlet.Key, Aliases: p.Outlet.Aliases}
	if p.LiveURL != "" {
		if live, err := w.set.platforms.Page(p.LiveURL); err == nil {
			ap.LiveKey, ap.LiveOutlet = live.Key(), live.Outlet.Key
		}
	}
	w.mine = w.mine[:0]
	for _, k := range attribution.Keys(ap) {
		ids, err := w.domainsOf(k)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if slices.Contains(w.mine, id) {
				continue
			}
			w.mine = append(w.mine, id)
			if w.many == nil || !w.many.idle {
				w.touched.domains[id] = true
			}
			if w.many != nil {
				w.many.claims = append(w.many.claims, pitchClaim{id, p.ID})
			} else if err := w.exec(claimRows(1), id, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// domainsOf gives the referring domains that can hold pages of an outlet.
func (w *pitchWriter) domainsOf(key string) ([]int64, error) {
	if o := w.outlets[key]; o != nil && o.domains != nil {
		return o.domains, nil
	}
	if ids, ok := w.keyDomains[key]; ok {
		return ids, nil
	}
	page, err := w.set.platforms.Page(key)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, domain := range w.set.platforms.Domains(page) {
		ids = append(ids, domainID(w.site, domain))
	}
	w.keyDomains[key] = ids
	return ids, nil
}

// touchDomains marks the domains that a pitch claimed so far.
func (w *pitchWriter) touchDomains(pitch int64) error {
	return each(w.ctx, w.tx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		w.touched.domains[id] = true
		return err
	}, `SELECT domain_id FROM pitch_domain WHERE pitch_id = $1`, pitch)
}

func (w *pitchWriter) event(pitch int64, kind, from, to, note string) error {
	id, err := w.id("pitch_event")
	if err != nil {
		return err
	}
	return w.exec(`INSERT INTO pitch_event (id, pitch_id, at, account_id, who, kind, from_value, to_value, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, pitch, w.now(), w.by.AccountID, w.by.Name, kind, from, to, note)
}
