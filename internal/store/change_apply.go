package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"landed/internal/fault"
)

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
	var p pace
	for {
		begun := time.Now()
		more, err := s.applySome(ctx, c.ID, &p)
		if err != nil || !more {
			return err
		}
		if err := breathe(ctx, begun); err != nil {
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

// pace says how long one transaction of a long run decides before it commits. A
// quarter of a second where bringing figures into line is quick; where many
// credits change, that takes longer than deciding, and deciding gets as long, so
// that half of the time at least goes into it.
type pace struct{ settled time.Duration }

const (
	leastSlice = 250 * time.Millisecond
	mostSlice  = 3 * time.Second // what others wait for a write, about twice over
)

func (p pace) slice() time.Duration { return min(max(leastSlice, p.settled), mostSlice) }

// breathe lets others write after a transaction that begun then. The queue of
// jobs has a connection of its own and asks for the lock again every 100 ms at
// the longest: after a long transaction, as long as that.
func breathe(ctx context.Context, begun time.Time) error {
	t := time.NewTimer(min(time.Since(begun)/2, 120*time.Millisecond))
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
func (s *Store) applySome(ctx context.Context, id int64, p *pace) (more bool, err error) {
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
		}, `SELECT site_id, domain_id FROM rule_todo WHERE change_id = $1 ORDER BY site_id, domain_id LIMIT 50000`, id)
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
		n, a, err := s.decideSome(ctx, tx, site, ids, p)
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
func (s *Store) decideSome(ctx context.Context, tx *sql.Tx, site int64, ids []int64, p *pace) (n int, a *attributor, err error) {
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
		if n += len(part); time.Since(begun) > p.slice() {
			break
		}
	}
	decided := time.Now()
	err = a.settle()
	p.settled = time.Since(decided)
	return n, a, err
}

// settle brings classes and figures into line with what was decided.
func (a *attributor) settle() error {
	if err := a.classify(); err != nil {
		return err
	}
	if err := a.copies(nil, nil); err != nil {
		return err
	}
	if err := rollup(a.ctx, a.tx, a.site, a.touched.days); err != nil {
		return err
	}
	return rollupCohorts(a.ctx, a.tx, a.site, a.touched, nil, nil)
}
