package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"landed/internal/fault"
)

// ChangeKind says which setting a RuleChange changes.
type ChangeKind string

const (
	ChangeRules      ChangeKind = "rules"      // thresholds and points
	ChangePlatforms  ChangeKind = "platforms"  // the platform table
	ChangeAliases    ChangeKind = "aliases"    // the other names of one outlet
	ChangeSubdomains ChangeKind = "subdomains" // what of one outlet never counts
)

// ChangeState is how far a RuleChange has come.
type ChangeState string

const (
	ChangeLooking  ChangeState = "looking"  // its preview is computed
	ChangeReady    ChangeState = "ready"    // to be applied or dropped
	ChangeApplying ChangeState = "applying" // in force, or about to be; links are decided anew
	ChangeApplied  ChangeState = "applied"
	ChangeDropped  ChangeState = "dropped"
	ChangeFailed   ChangeState = "failed" // see Message; one with a Version is in force and not finished
)

// RuleChange is one change of the rules in the wide sense: what it changes, what
// that would do, who applied it and what it did.
type RuleChange struct {
	ID          int64
	Kind        ChangeKind
	Outlet      int64  // of aliases and subdomains
	Subject     string // "Thresholds and points", or the outlet's key
	Note        string // what differs, in words; several lines
	From, To    string // JSON of the whole setting
	State       ChangeState
	BaseVersion int64 // of the rules that the preview compares with
	Version     int64 // that it made; 0 = not in force
	Undoes      int64
	Who         string
	CreatedAt   time.Time
	AppliedBy   string
	AppliedAt   time.Time
	FinishedAt  time.Time
	Done, Total int // referring domains looked at or decided
	Preview     Outlook
	Outcome     Diff
	Message     string

	mark string
}

// Outlook is what a change would do.
type Outlook struct {
	Diff
	Examples []Example `json:"examples,omitempty"`
}

const changeColumns = `id, kind, outlet_id, subject, note, from_value, to_value, state, base_version, base_mark, version, undoes, who, created_at,
	applied_by, applied_at, finished_at, done, total, preview, outcome, message`

func scanChange(row scanner) (RuleChange, error) {
	var c RuleChange
	var created, applied, finished, preview, outcome string
	err := row.Scan(&c.ID, (*string)(&c.Kind), &c.Outlet, &c.Subject, &c.Note, &c.From, &c.To, (*string)(&c.State), &c.BaseVersion, &c.mark, &c.Version, &c.Undoes,
		&c.Who, &created, &c.AppliedBy, &applied, &finished, &c.Done, &c.Total, &preview, &outcome, &c.Message)
	if err != nil {
		return c, err
	}
	c.CreatedAt, c.AppliedAt, c.FinishedAt = instant(created), instant(applied), instant(finished)
	for text, to := range map[string]any{preview: &c.Preview, outcome: &c.Outcome} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), to); err != nil {
			return c, fmt.Errorf("result of change %d: %w", c.ID, err)
		}
	}
	return c, nil
}

// RuleChange is one change by id.
func (s *Store) RuleChange(ctx context.Context, id int64) (RuleChange, error) {
	return change(ctx, s.read, id)
}

func change(ctx context.Context, q querier, id int64) (RuleChange, error) {
	c, err := scanChange(q.QueryRowContext(ctx, `SELECT `+changeColumns+` FROM rule_change WHERE id = $1`, id))
	if err == sql.ErrNoRows {
		return c, fault.New(fault.NotFound, "There is no change %d of the rules.", id)
	}
	return c, classify(err, "change of the rules")
}

// RuleChanges lists changes older than the one with id before (0 = all), the
// newest first. outlet 0 lists those of all outlets and of none; dropped ones
// are left out.
func (s *Store) RuleChanges(ctx context.Context, outlet, before int64, limit int) ([]RuleChange, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	var out []RuleChange
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		c, err := scanChange(rows)
		out = append(out, c)
		return err
	}, `SELECT `+changeColumns+` FROM rule_change WHERE id < $1 AND ($2 = 0 OR outlet_id = $2) AND state <> 'dropped' ORDER BY id DESC LIMIT $3`, before, outlet, limit)
	return out, classify(err, "changes of the rules")
}

// ApplyingChange is the change that is being applied, if one is; ok is false
// while the credits agree with the rules in force.
func (s *Store) ApplyingChange(ctx context.Context) (c RuleChange, ok bool, err error) {
	all, err := kept(ctx, fact{what: "change"}, func() ([]RuleChange, error) {
		c, err := scanChange(s.read.brief().QueryRowContext(ctx, applyingChange))
		if err == sql.ErrNoRows {
			return nil, nil
		}
		return []RuleChange{c}, err
	})
	if err != nil || len(all) == 0 {
		return c, false, classify(err, "change that is being applied")
	}
	return all[0], true, nil
}

const applyingChange = `SELECT ` + changeColumns + ` FROM rule_change WHERE state IN ('looking', 'applying') AND +state = 'applying' ORDER BY id LIMIT 1`

// setting reads the present value of what a change changes.
func setting(ctx context.Context, q querier, kind ChangeKind, outlet int64) (string, error) {
	switch kind {
	case ChangeRules:
		r, err := readRules(ctx, q)
		return rulesText(r), err
	case ChangePlatforms:
		list, err := readOverrides(ctx, q)
		return jsonList(list), err
	case ChangeAliases:
		list, err := readAliases(ctx, q, outlet)
		return jsonList(list), err
	case ChangeSubdomains:
		list, err := readOff(ctx, q, outlet)
		return jsonList(list), err
	}
	return "", fmt.Errorf("no setting %q", kind)
}

func jsonList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(list) // plain structs and strings always marshal
	return string(b)
}

// propose records a change; its preview is computed by WorkChange.
func (s *Store) propose(ctx context.Context, by By, c RuleChange) (RuleChange, error) {
	err := s.tx(ctx, "propose a change of the rules", func(tx *sql.Tx) error {
		from, err := setting(ctx, tx, c.Kind, c.Outlet)
		if err != nil {
			return err
		}
		if from == c.To {
			return fault.New(fault.Invalid, "Nothing was changed.")
		}
		set, err := s.rulesetIn(ctx, tx)
		if err != nil {
			return err
		}
		c.From, c.State, c.BaseVersion = from, ChangeLooking, set.version
		return s.insertChange(ctx, tx, by, &c)
	})
	return c, err
}

func (s *Store) insertChange(ctx context.Context, tx *sql.Tx, by By, c *RuleChange) error {
	var err error
	if c.ID, err = nextID(ctx, tx, "rule_change"); err != nil {
		return err
	}
	c.Who, c.CreatedAt = by.Name, s.Now()
	_, err = tx.ExecContext(ctx, `INSERT INTO rule_change (id, kind, outlet_id, subject, note, from_value, to_value, state, base_version, undoes, account_id, who, created_at, applied_by, applied_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, c.ID, string(c.Kind), c.Outlet, c.Subject, c.Note, c.From, c.To, string(c.State),
		c.BaseVersion, c.Undoes, by.AccountID, c.Who, stamp(c.CreatedAt), c.AppliedBy, stamp(c.AppliedAt))
	return err
}

// StartChange lets a change be applied by WorkChange. It is a Conflict when the
// rules are not those of the preview any more, and without anyway also when
// links, pitches or decisions have come in since.
func (s *Store) StartChange(ctx context.Context, by By, id int64, anyway bool) error {
	return s.tx(ctx, "apply a change of the rules", func(tx *sql.Tx) error {
		c, err := change(ctx, tx, id)
		if err != nil {
			return err
		}
		again := c.State == ChangeFailed && c.Version != 0
		if !again {
			if err := s.fresh(ctx, tx, c, anyway); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE rule_change SET state = $2, message = '', applied_by = $3, applied_at = $4,
			done = CASE WHEN version = 0 THEN 0 ELSE done END, total = CASE WHEN version = 0 THEN 0 ELSE total END WHERE id = $1`, id, string(ChangeApplying), by.Name, stamp(s.Now()))
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "rules_"+string(c.Kind), c.Subject, c.Note)
	})
}

// fresh refuses a change whose preview is not of the present state.
func (s *Store) fresh(ctx context.Context, tx *sql.Tx, c RuleChange, anyway bool) error {
	if c.State != ChangeReady {
		return fault.New(fault.Conflict, "This change is not waiting to be applied.")
	}
	set, err := s.rulesetIn(ctx, tx)
	if err != nil {
		return err
	}
	if set.version != c.BaseVersion {
		return fault.New(fault.Conflict, "The rules have been changed since this was computed. Look again before you apply it.")
	}
	mark, err := dataMark(ctx, tx)
	if err == nil && mark != c.mark && !anyway {
		return fault.Wrap(ErrMoved, fault.Conflict, "Links, pitches or decisions have come in since this was computed, so the numbers may be other ones by now. Look again, or apply it all the same.")
	}
	return err
}

// ErrMoved is in the chain of a Conflict that StartChange can be told to pass over.
var ErrMoved = fmt.Errorf("the data have changed since the preview")

// LookAgain computes the preview of a waiting or failed change anew.
func (s *Store) LookAgain(ctx context.Context, id int64) error {
	return s.tx(ctx, "look at a change of the rules", func(tx *sql.Tx) error {
		c, err := change(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State != ChangeReady && (c.State != ChangeFailed || c.Version != 0) {
			return fault.New(fault.Conflict, "This change is not waiting to be applied.")
		}
		now, err := setting(ctx, tx, c.Kind, c.Outlet)
		if err != nil {
			return err
		}
		if now != c.From {
			return fault.New(fault.Conflict, "Somebody has changed the same setting since. Drop this change and make it again.")
		}
		set, err := s.rulesetIn(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE rule_change SET state = 'looking', message = '', preview = '', done = 0, total = 0, base_version = $2 WHERE id = $1`, id, set.version)
		return err
	})
}

// DropChange gives a change up that is not in force.
func (s *Store) DropChange(ctx context.Context, id int64) error {
	return s.tx(ctx, "drop a change of the rules", func(tx *sql.Tx) error {
		c, err := change(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Version != 0 || c.State == ChangeApplying {
			return fault.New(fault.Conflict, "This change is in force. Undo it instead.")
		}
		_, err = tx.ExecContext(ctx, `UPDATE rule_change SET state = 'dropped' WHERE id = $1`, id)
		return err
	})
}

// UndoChange makes a change that puts the former setting back, to be applied by
// WorkChange at once. It is a Conflict when the setting has been changed since.
func (s *Store) UndoChange(ctx context.Context, by By, id int64) (RuleChange, error) {
	var out RuleChange
	err := s.tx(ctx, "undo a change of the rules", func(tx *sql.Tx) error {
		c, err := change(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State != ChangeApplied {
			return fault.New(fault.Conflict, "Only a change that has been applied can be undone.")
		}
		now, err := setting(ctx, tx, c.Kind, c.Outlet)
		if err != nil {
			return err
		}
		if now != c.To {
			return fault.New(fault.Conflict, "The same setting has been changed since. Undo the later change first.")
		}
		set, err := s.rulesetIn(ctx, tx)
		if err != nil {
			return err
		}
		out = RuleChange{Kind: c.Kind, Outlet: c.Outlet, Subject: c.Subject, Note: "Back to what it was before: " + c.Note, From: c.To, To: c.From, State: ChangeApplying,
			BaseVersion: set.version, Undoes: c.ID, AppliedBy: by.Name, AppliedAt: s.Now()}
		if err := s.insertChange(ctx, tx, by, &out); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "rules_"+string(c.Kind)+"_undone", c.Subject, c.Note)
	})
	return out, err
}

// FailChange notes that a change will not be tried again by itself.
func (s *Store) FailChange(ctx context.Context, id int64, message string) error {
	return s.tx(ctx, "give up a change of the rules", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE rule_change SET state = 'failed', message = $2 WHERE id = $1 AND state IN ('looking', 'applying')`, id, message)
		return err
	})
}

// dataMark tells whether what a preview read has changed.
func dataMark(ctx context.Context, q querier) (string, error) {
	var decision, pitch, link, event int64
	err := q.QueryRowContext(ctx, `SELECT COALESCE((SELECT MAX(id) FROM decision), 0), COALESCE((SELECT MAX(id) FROM pitch_event), 0),
		COALESCE((SELECT SUM(links_new) FROM site_total), 0), COALESCE((SELECT MAX(id) FROM link_event), 0)`).Scan(&decision, &pitch, &link, &event)
	return fmt.Sprint(decision, pitch, link, event), err
}
