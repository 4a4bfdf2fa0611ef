package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"landed/internal/fault"
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
				if id := domainHash(site, domain); !slices.Contains(todo[site], id) {
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

// applyChange puts a change in force in one short transaction that also lists
// the referring domains to decide anew, and then decides them a few at a time.
// Every transaction leaves credits, classes and figures in agreement. What
// other writes decide meanwhile goes by the new rules already.
func (s *Store) applyChange(ctx context.Context, c RuleChange) error {
	if c.Version == 0 {
		if err := s.putInForce(ctx, c.ID); err != nil {
			return err
		}
	}
	for {
		more, err := s.applySome(ctx, c.ID)
		if err != nil || !more {
			return err
		}
		if err := breathe(ctx); err != nil {
			return err
		}
	}
}

func (s *Store) putInForce(ctx context.Context, id int64) error {
	var made *ruleset
	err := s.tx(ctx, "apply a change of the rules", func(tx *sql.Tx) error {
		c, err := change(ctx, tx, id)
		if err != nil {
			return err
		}
		base, err := s.rulesetIn(ctx, tx)
		if err != nil {
			return err
		}
		now, err := setting(ctx, tx, c.Kind, c.Outlet)
		if err != nil {
			return err
		}
		if base.version != c.BaseVersion || now != c.From {
			return fault.New(fault.Conflict, "The rules were changed by somebody else before this change came into force. Nothing was done.")
		}
		if made, err = c.ruleset(base); err != nil {
			return err
		}
		diff, err := s.putSetting(ctx, tx, c, base, made)
		if err != nil {
			return err
		}
		if err := setConfig(ctx, tx, rulesVersionKey, strconv.FormatInt(made.version, 10)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE rule_change SET version = $2, done = 0, total = (SELECT COUNT(*) FROM rule_todo WHERE change_id = $1), outcome = $3 WHERE id = $1`,
			id, made.version, diffText(diff))
		return err
	})
	if err == nil {
		s.use(made)
	}
	return err
}

func diffText(d Diff) string {
	b, _ := json.Marshal(d) // numbers always marshal
	return string(b)
}

// putSetting writes the new setting and lists what must be decided anew.
func (s *Store) putSetting(ctx context.Context, tx *sql.Tx, c RuleChange, base, made *ruleset) (Diff, error) {
	var diff Diff
	switch c.Kind {
	case ChangeRules:
		if err := setConfig(ctx, tx, rulesKey, c.To); err != nil {
			return diff, err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO rule_todo (change_id, site_id, domain_id) SELECT $1, x.site_id, x.domain_id FROM (`+everyClaim+`) x`, c.ID)
		return diff, err
	case ChangePlatforms:
		r := &rekeyer{store: s, ctx: ctx, tx: tx, change: c, old: base.platforms, set: made, todo: map[int64]map[int64]bool{}}
		return r.run()
	case ChangeAliases, ChangeSubdomains:
		view, err := c.view(ctx, tx)
		if err != nil {
			return diff, err
		}
		if c.Kind == ChangeSubdomains {
			err = saveOff(ctx, tx, c.Outlet, view.off)
		} else {
			err = saveAliases(ctx, tx, c.Outlet, view.aliases)
		}
		if err != nil {
			return diff, err
		}
		r := &rekeyer{store: s, ctx: ctx, tx: tx, change: c, old: base.platforms, set: made, todo: map[int64]map[int64]bool{}}
		if err := r.reclaim(`p.outlet_id = $1`, c.Outlet); err != nil {
			return diff, err
		}
		return diff, r.saveTodo()
	}
	return diff, nil
}

// slice is how long one transaction of a long run decides before it commits:
// what a person who saves something waits for at the most, about twice over.
const slice = 250 * time.Millisecond

// breathe lets others write. The queue of jobs has a connection of its own and
// asks for the lock again every 100 ms at the longest.
func breathe(ctx context.Context) error {
	t := time.NewTimer(30 * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// applySome decides some of what a change still has to, and says whether there
// may be more.
func (s *Store) applySome(ctx context.Context, id int64) (more bool, err error) {
	err = s.tx(ctx, "decide links anew", func(tx *sql.Tx) error {
		var site int64
		var ids []int64
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var at, domain int64
			if err := rows.Scan(&at, &domain); err != nil {
				return err
			}
			if site == 0 || at == site {
				site, ids = at, append(ids, domain)
			}
			return nil
		}, `SELECT site_id, domain_id FROM rule_todo WHERE change_id = $1 ORDER BY site_id, domain_id LIMIT 5000`, id)
		if err != nil {
			return err
		}
		c, err := change(ctx, tx, id)
		if err != nil || c.State != ChangeApplying {
			return err
		}
		if more = len(ids) > 0; !more {
			_, err = tx.ExecContext(ctx, `UPDATE rule_change SET state = 'applied', finished_at = $2, done = total WHERE id = $1`, id, stamp(s.Now()))
			return err
		}
		n, a, err := s.decideSome(ctx, tx, site, ids)
		if err != nil {
			return err
		}
		c.Outcome.add(*a.diff)
		_, err = tx.ExecContext(ctx, `DELETE FROM rule_todo WHERE change_id = $1 AND site_id = $2 AND domain_id <= $3`, id, site, ids[n-1])
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE rule_change SET done = done + $2, outcome = $3 WHERE id = $1`, id, n, diffText(c.Outcome))
		return err
	})
	return more, err
}

// decideSome decides referring domains of a site, in the order of ids, for about
// a slice of time, and brings classes and figures into line. n of them are done.
func (s *Store) decideSome(ctx context.Context, tx *sql.Tx, site int64, ids []int64) (n int, a *attributor, err error) {
	t := newTouched()
	if a, err = s.newAttributor(ctx, tx, nil, site, &t); err != nil {
		return 0, nil, err
	}
	a.spare = true
	begun := time.Now()
	for part := range slices.Chunk(ids, domainsAtOnce) {
		if err := a.decide(part); err != nil {
			return n, a, err
		}
		if n += len(part); time.Since(begun) > slice {
			break
		}
	}
	return n, a, a.settle()
}

// settle brings classes and figures into line with what was decided.
func (a *attributor) settle() error {
	if err := a.classify(); err != nil {
		return err
	}
	if err := rollup(a.ctx, a.tx, a.site, a.touched.days); err != nil {
		return err
	}
	return rollupCohorts(a.ctx, a.tx, a.site, a.touched, nil)
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
