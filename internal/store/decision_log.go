package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"landed/internal/day"
)

func (d *decider) log(kind DecisionKind, to int64, state State, before pitchBefore, note string, undoes int64) (Decision, error) {
	id, err := d.w.id("decision")
	if err != nil {
		return Decision{}, err
	}
	text := ""
	if before.Pitch != 0 {
		b, err := json.Marshal(before)
		if err != nil {
			return Decision{}, err
		}
		text = string(b)
	}
	out := Decision{ID: id, LinkID: d.link.id, At: d.w.store.Now(), Who: d.w.by.Name, Kind: kind, FromPitch: d.old.pitch, ToPitch: to, From: d.old.state, To: state, Note: note, Batch: d.batch}
	band, score, reasons := d.old.proposal()
	err = d.w.exec(`INSERT INTO decision (id, link_id, at, account_id, who, kind, from_pitch, to_pitch, from_state, to_state, undoes, pitch_before, note, rule_version, band_before, score_before, reasons_before, batch)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, id, d.link.id, stamp(out.At), d.w.by.AccountID, out.Who, string(kind),
		out.FromPitch, out.ToPitch, string(out.From), string(out.To), undoes, text, note, cmp.Or(int64(d.old.rules), d.w.set.version), band, score, reasons, d.batch)
	if err != nil {
		return out, err
	}
	return out, judge(d.w.ctx, d.w.tx, d.link.id)
}

const decisionColumns = `d.id, d.link_id, d.at, d.who, d.kind, d.from_pitch, d.to_pitch, d.from_state, d.to_state, d.note, d.batch`

func scanDecision(row scanner, more ...any) (d Decision, err error) {
	var at string
	err = row.Scan(append([]any{&d.ID, &d.LinkID, &at, &d.Who, (*string)(&d.Kind), &d.FromPitch, &d.ToPitch, (*string)(&d.From), (*string)(&d.To), &d.Note, &d.Batch}, more...)...)
	d.At = instant(at)
	return d, err
}

func (s *Store) decisions(ctx context.Context, query string, args ...any) ([]Decision, error) {
	var out []Decision
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		d, err := scanDecision(rows)
		out = append(out, d)
		return err
	}, query, args...)
	return out, classify(err, "decisions")
}

// Decisions is a link's log, newest first.
func (s *Store) Decisions(ctx context.Context, link int64) ([]Decision, error) {
	return s.decisions(ctx, `SELECT `+decisionColumns+` FROM decision d WHERE d.link_id = $1 ORDER BY d.id DESC LIMIT 200`, link)
}

// PitchDecisions are those that gave links to a pitch or took them from it,
// newest first.
func (s *Store) PitchDecisions(ctx context.Context, pitch int64) ([]Decision, error) {
	return s.decisions(ctx, pitchDecisions, pitch)
}

const pitchDecisions = `SELECT ` + decisionColumns + ` FROM decision d WHERE d.id IN (SELECT id FROM decision WHERE to_pitch = $1 AND to_pitch <> 0
	UNION SELECT id FROM decision WHERE from_pitch = $1 AND from_pitch <> 0) ORDER BY d.id DESC LIMIT 100`

// LastDecision is a person's latest decision on links of a site that still
// stands: what UndoLast would take back. ok is false for none.
func (s *Store) LastDecision(ctx context.Context, account, site int64) (d Decision, ok bool, err error) {
	var id int64
	err = s.read.QueryRowContext(ctx, lastDecision, account, site, undoLookback).Scan(&id, &d.Batch)
	if err == nil {
		d, err = scanDecision(s.read.QueryRowContext(ctx, `SELECT `+decisionColumns+` FROM decision d WHERE d.id = $1`, id))
	}
	if err == sql.ErrNoRows {
		return d, false, nil
	}
	return d, err == nil, classify(err, "latest decision")
}

// DecisionFilter narrows the log of all decisions. Zero fields do not filter.
type DecisionFilter struct {
	Account  int64
	Kind     DecisionKind
	Site     int64
	From, To day.Day // in UTC, both included
	After    string  // where an earlier page ended
	Limit    int     // 0 = 100, at most 1000
}

// LoggedDecision is a line of the log with what it was about.
type LoggedDecision struct {
	Decision
	Site                   string
	SourceURL, TargetURL   string
	FromSubject, ToSubject string
	Undone                 bool
	Score                  int    // that the rules had proposed, with Band
	Band                   string // "" when no proposal of the rules stood
	Rules                  int    // version of the rules of that proposal
}

// ListDecisions is one page of the log of all sites, newest first. next is the
// After of the page after it, "" at the end.
func (s *Store) ListDecisions(ctx context.Context, f DecisionFilter) (list []LoggedDecision, next string, err error) {
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 100
	}
	query, args, err := f.query()
	if err != nil {
		return nil, "", err
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var x LoggedDecision
		d, err := scanDecision(rows, &x.Site, &x.SourceURL, &x.TargetURL, &x.FromSubject, &x.ToSubject, &x.Undone, &x.Score, &x.Band, &x.Rules)
		x.Decision = d
		list = append(list, x)
		return err
	}, query, args...)
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = cursor{stamp(list[f.Limit-1].At), list[f.Limit-1].ID}.String()
	}
	return list, next, classify(err, "log of decisions")
}

// query reads along the order of instants, or along the index of a person or a
// kind, which are in that order too.
func (f DecisionFilter) query() (string, []any, error) {
	w := &where{}
	w.add(`l.id = d.link_id AND t.id = l.site_id`)
	switch {
	case f.Account != 0:
		w.add(`d.account_id = ?`, f.Account)
		if f.Kind != "" {
			w.add(`+d.kind = ?`, string(f.Kind))
		}
	case f.Kind != "":
		w.add(`d.kind = ?`, string(f.Kind))
	}
	if f.After != "" {
		c, err := parseCursor(f.After)
		if err != nil {
			return "", nil, err
		}
		w.add(`(d.at, d.id) < (?, ?)`, c.text, c.id)
	}
	if f.Site != 0 {
		w.add(`+l.site_id = ?`, f.Site)
	}
	if f.From.Known() {
		w.add(`d.at >= ?`, f.From.String())
	}
	if f.To.Known() {
		w.add(`d.at < ?`, (f.To + 1).String())
	}
	return fmt.Sprintf(`SELECT %s, t.host, l.source_url, l.target_url, COALESCE(a.subject, ''), COALESCE(b.subject, ''),
			EXISTS (SELECT 1 FROM decision u WHERE u.undoes = d.id AND u.undoes <> 0), d.score_before, d.band_before, d.rule_version
		FROM decision d CROSS JOIN link l CROSS JOIN site t LEFT JOIN pitch a ON a.id = d.from_pitch LEFT JOIN pitch b ON b.id = d.to_pitch
		WHERE %s ORDER BY d.at DESC, d.id DESC LIMIT %d`, decisionColumns, w, f.Limit+1), w.args, nil
}
