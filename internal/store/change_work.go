package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"landed/internal/pitches"
	"landed/internal/weburl"
)

// WorkChange does what a change waits for: its preview, or its application. It
// may be cut off anywhere and called again.
func (s *Store) WorkChange(ctx context.Context, id int64) error {
	c, err := s.RuleChange(ctx, id)
	if err != nil {
		return err
	}
	switch c.State {
	case ChangeLooking:
		return s.previewChange(ctx, c)
	case ChangeApplying:
		return s.applyChange(ctx, c)
	}
	return nil
}

// previewChange decides every link that the change concerns on one snapshot.
// Only its progress and its result are written.
func (s *Store) previewChange(ctx context.Context, c RuleChange) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return classify(err, "preview")
	}
	defer tx.Rollback() // it only reads
	base, err := s.rulesetIn(ctx, tx)
	if err != nil {
		return err
	}
	o := &outlook{store: s, ctx: ctx, tx: tx, today: today(s)}
	if o.set, err = c.ruleset(base); err != nil {
		return err
	}
	o.diff.examples = &[]Example{}
	last := time.Now()
	o.progress = func(done, of int) error {
		if time.Since(last) < progressEvery {
			return nil
		}
		last = time.Now()
		return s.changeProgress(ctx, c.ID, done, of)
	}
	if err := o.run(c, base); err != nil {
		return classify(err, "preview")
	}
	if err := nameExamples(ctx, tx, *o.diff.examples); err != nil {
		return classify(err, "preview")
	}
	mark, err := dataMark(ctx, tx)
	if err != nil {
		return classify(err, "preview")
	}
	text, err := json.Marshal(Outlook{o.diff, *o.diff.examples})
	if err != nil {
		return err
	}
	return s.tx(ctx, "preview", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE rule_change SET state = 'ready', preview = $2, base_version = $3, base_mark = $4, done = total WHERE id = $1 AND state = 'looking'`,
			c.ID, string(text), base.version, mark)
		return err
	})
}

// progressEvery is how often a run that commits rarely says how far it is.
const progressEvery = time.Second

func (s *Store) changeProgress(ctx context.Context, id int64, done, total int) error {
	return s.tx(ctx, "progress", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE rule_change SET done = $2, total = $3 WHERE id = $1`, id, done, total)
		return err
	})
}

// ruleset is base with the change made.
func (c RuleChange) ruleset(base *ruleset) (*ruleset, error) {
	set := *base
	set.version++
	var err error
	switch c.Kind {
	case ChangeRules:
		set.rules, err = parseRules(c.To)
	case ChangePlatforms:
		var list []weburl.Override
		if err = json.Unmarshal([]byte(c.To), &list); err == nil {
			set.platforms, err = weburl.Default().With(list)
		}
	}
	return &set, err
}

// view is the outlet as an alias or subdomain change would have it.
func (c RuleChange) view(ctx context.Context, q querier) (*outletView, error) {
	v := &outletView{outlet: c.Outlet}
	var err error
	if v.aliases, err = readAliases(ctx, q, c.Outlet); err != nil {
		return nil, err
	}
	if v.off, err = readOff(ctx, q, c.Outlet); err != nil {
		return nil, err
	}
	switch c.Kind {
	case ChangeAliases:
		v.aliases = nil
		err = json.Unmarshal([]byte(c.To), &v.aliases)
	case ChangeSubdomains:
		v.off = nil
		err = json.Unmarshal([]byte(c.To), &v.off)
	}
	return v, err
}

// run finds the referring domains that a change concerns and looks at them.
func (o *outlook) run(c RuleChange, base *ruleset) error {
	if c.Kind == ChangePlatforms {
		return o.platforms(base)
	}
	var view *outletView
	todo := map[int64][]int64{}
	note := func(rows *sql.Rows) error {
		var site, id int64
		err := rows.Scan(&site, &id)
		todo[site] = append(todo[site], id)
		return err
	}
	if c.Kind == ChangeRules {
		if err := each(o.ctx, o.tx, note, everyClaim); err != nil {
			return err
		}
	} else {
		var err error
		if view, err = c.view(o.ctx, o.tx); err != nil {
			return err
		}
		if err := o.outletDomains(view, note, todo); err != nil {
			return err
		}
	}
	for _, ids := range todo {
		o.of += len(ids)
	}
	for site, ids := range todo {
		a, err := o.attributor(site)
		if err != nil {
			return err
		}
		a.view = view
		a.anyAlias = a.anyAlias || view != nil
		if err := o.look(a, ids); err != nil {
			return err
		}
	}
	return nil
}

// everyClaim is each referring domain with links that a pitch may claim. The
// credits of other domains are people's.
const everyClaim = `SELECT p.site_id, d.domain_id FROM pitch_domain d JOIN pitch p ON p.id = d.pitch_id
	WHERE p.deleted_at = '' AND EXISTS (SELECT 1 FROM refdomain r WHERE r.id = d.domain_id) GROUP BY p.site_id, d.domain_id ORDER BY p.site_id, d.domain_id`

// outletDomains lists the referring domains that the pitches of an outlet claim
// now, and those of its aliases as they would be.
func (o *outlook) outletDomains(view *outletView, note func(*sql.Rows) error, todo map[int64][]int64) error {
	if err := each(o.ctx, o.tx, note, outletClaims, view.outlet); err != nil {
		return err
	}
	sites, err := outletSites(o.ctx, o.tx, view.outlet)
	if err != nil {
		return err
	}
	for _, site := range sites {
		for _, al := range view.aliases {
			page, err := o.set.platforms.Page(al.Key)
			if err != nil {
				continue // validated when it was entered
			}
			for _, domain := range o.set.platforms.Domains(page) {
				if id := domainID(site, domain); !slices.Contains(todo[site], id) {
					todo[site] = append(todo[site], id)
				}
			}
		}
	}
	return nil
}

const outletClaims = `SELECT p.site_id, d.domain_id FROM pitch p JOIN pitch_domain d ON d.pitch_id = p.id WHERE p.outlet_id = $1 AND p.deleted_at = '' GROUP BY p.site_id, d.domain_id`

func outletSites(ctx context.Context, q querier, outlet int64) ([]int64, error) {
	var out []int64
	err := each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, `SELECT DISTINCT site_id FROM pitch WHERE outlet_id = $1 AND deleted_at = ''`, outlet)
	return out, err
}

func readAliases(ctx context.Context, q querier, outlet int64) ([]pitches.Alias, error) {
	var out []pitches.Alias
	err := each(ctx, q, func(rows *sql.Rows) error {
		_, al, err := scanAlias(rows)
		out = append(out, al)
		return err
	}, `SELECT outlet_id, key, from_on, to_on FROM outlet_alias WHERE outlet_id = $1 ORDER BY id`, outlet)
	return out, err
}

func readOff(ctx context.Context, q querier, outlet int64) ([]string, error) {
	var out []string
	err := each(ctx, q, func(rows *sql.Rows) error {
		var sub string
		err := rows.Scan(&sub)
		out = append(out, sub)
		return err
	}, `SELECT subdomain FROM outlet_off WHERE outlet_id = $1 ORDER BY subdomain`, outlet)
	return out, err
}

func saveAliases(ctx context.Context, tx *sql.Tx, outlet int64, list []pitches.Alias) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM outlet_alias WHERE outlet_id = $1`, outlet); err != nil {
		return err
	}
	id, err := nextID(ctx, tx, "outlet_alias")
	for i := 0; err == nil && i < len(list); i++ {
		_, err = tx.ExecContext(ctx, `INSERT INTO outlet_alias (id, outlet_id, key, from_on, to_on) VALUES ($1, $2, $3, $4, $5)`,
			id+int64(i), outlet, list[i].Key, list[i].From.String(), list[i].To.String())
	}
	return err
}

func saveOff(ctx context.Context, tx *sql.Tx, outlet int64, list []string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM outlet_off WHERE outlet_id = $1`, outlet); err != nil {
		return err
	}
	for _, sub := range list {
		if _, err := tx.ExecContext(ctx, `INSERT INTO outlet_off (outlet_id, subdomain) VALUES ($1, $2)`, outlet, sub); err != nil {
			return err
		}
	}
	return nil
}
