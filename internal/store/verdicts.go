package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"landed/internal/attribution"
)

// contestedBand is the band of a proposal that another pitch came too close to.
const contestedBand = "contested"

// VerdictBands are the bands of proposals that people decide on, surest first.
var VerdictBands = []string{string(attribution.Credited), string(attribution.Suggested), contestedBand, string(attribution.Possible)}

// asksPerson are the reasons for which a link is never credited automatically,
// whatever its score.
var asksPerson = []attribution.Code{attribution.NotEditorial, attribution.NoDate, attribution.UndatedLink, attribution.UnscopedPlatform, attribution.Unspecific,
	attribution.Doubted, attribution.OtherSection, attribution.LinkedBefore}

// scoreDecides reports that nothing but the score, and no rival, decided whether
// the link was credited automatically. Careful rules look for their doubts only
// from the threshold on; below it, they may have some that cannot be told here.
func scoreDecides(band string, reasons []attribution.Reason) bool {
	return band != contestedBand && !slices.ContainsFunc(reasons, func(r attribution.Reason) bool { return slices.Contains(asksPerson, r.Code) })
}

// asks reports that one of asksPerson is among the reasons of a credit.
func asks(reasons string) bool {
	for {
		_, reason, ok := strings.Cut(reasons, `{"code":"`) // in no detail: its quotation marks are escaped
		if !ok {
			return false
		}
		var code string
		if code, reasons, _ = strings.Cut(reason, `"`); slices.Contains(asksPerson, attribution.Code(code)) {
			return true
		}
	}
}

// automaticCredit picks the open proposals of which scoreDecides. The index
// credit_seen holds all that it asks for.
const automaticCredit = `c.automatic AND c.state IN ('auto', 'suggested')`

// proposal is what the rules said of the link, for the decision log: nothing when
// a person's decision stood already.
func (c *creditRow) proposal() (band string, score int, reasons string) {
	if c.pitch == 0 || c.state == StateConfirmed || c.state == StateRejected || c.state == StateNone {
		return "", 0, ""
	}
	if c.contested {
		return contestedBand, c.score, c.reasons
	}
	return string(c.band), c.score, c.reasons
}

// verdict is a row of verdict with its reasons.
type verdict struct {
	decision, site, link, pitch int64
	at, band                    string
	score                       int
	automatic, right            bool
	codes                       []attribution.Code
}

// verdicts reads from the log what standing decisions say of proposals. Of
// several about the same proposal, the pair of a link and a pitch, the first
// counts. where limits the decisions (d) and links (l).
func verdicts(ctx context.Context, q querier, where string, arg int64) ([]verdict, error) {
	var out []verdict
	seen := map[[2]int64]bool{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var v verdict
		var kind DecisionKind
		var to int64
		var reasons string
		if err := rows.Scan(&v.decision, &v.site, &v.link, &v.pitch, &to, &v.at, (*string)(&kind), &v.band, &v.score, &reasons); err != nil {
			return err
		}
		if at := [2]int64{v.link, v.pitch}; seen[at] {
			return nil
		} else {
			seen[at] = true
		}
		v.right = to == v.pitch && kind != Reject
		list := readReasons(reasons)
		v.automatic = scoreDecides(v.band, list)
		for _, r := range list {
			if !slices.Contains(v.codes, r.Code) {
				v.codes = append(v.codes, r.Code)
			}
		}
		slices.Sort(v.codes)
		out = append(out, v)
		return nil
	}, `SELECT d.id, l.site_id, d.link_id, d.from_pitch, d.to_pitch, d.at, d.kind, d.band_before, d.score_before, d.reasons_before
		FROM link l JOIN decision d ON d.link_id = l.id
		WHERE d.band_before <> '' AND d.kind IN ('confirm', 'reassign', 'reject') AND `+where+`
		AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.link_id = d.link_id AND u.undoes = d.id) ORDER BY d.id`, arg)
	return out, err
}

const ofLink, ofSite = `l.id = $1`, `l.site_id = $1`

// judge brings the verdicts of one link into line with its decisions.
func judge(ctx context.Context, tx *sql.Tx, link int64) error {
	now, err := verdicts(ctx, tx, ofLink, link)
	if err != nil {
		return err
	}
	for _, del := range []string{`DELETE FROM verdict_reason WHERE decision_id IN (SELECT decision_id FROM verdict WHERE link_id = $1)`, `DELETE FROM verdict WHERE link_id = $1`} {
		if _, err := tx.ExecContext(ctx, del, link); err != nil {
			return err
		}
	}
	return saveVerdicts(ctx, tx, now)
}

func saveVerdicts(ctx context.Context, tx *sql.Tx, list []verdict) error {
	for _, v := range list {
		_, err := tx.ExecContext(ctx, `INSERT INTO verdict (decision_id, site_id, link_id, pitch_id, at, band, score, automatic, is_right) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			v.decision, v.site, v.link, v.pitch, v.at, v.band, v.score, v.automatic, v.right)
		if err != nil {
			return err
		}
		for _, code := range v.codes {
			if _, err := tx.ExecContext(ctx, `INSERT INTO verdict_reason (site_id, code, is_right, decision_id) VALUES ($1, $2, $3, $4)`, v.site, string(code), v.right, v.decision); err != nil {
				return err
			}
		}
	}
	return nil
}

// recountVerdicts makes the verdicts of a site anew from the log.
func recountVerdicts(ctx context.Context, tx *sql.Tx, site int64) error {
	now, err := verdicts(ctx, tx, ofSite, site)
	if err != nil {
		return err
	}
	for _, del := range []string{`DELETE FROM verdict_reason WHERE site_id = $1`, `DELETE FROM verdict WHERE site_id = $1`} {
		if _, err := tx.ExecContext(ctx, del, site); err != nil {
			return err
		}
	}
	return saveVerdicts(ctx, tx, now)
}

// checkVerdicts compares the verdicts of a site with its decision log.
func (s *Store) checkVerdicts(ctx context.Context, site Site) ([]Problem, error) {
	now, err := verdicts(ctx, s.read, ofSite, site.ID)
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	for _, v := range now {
		want[fmt.Sprint(v.decision, v.link, v.pitch, v.at, v.band, v.score, v.automatic, v.right)] = true
		for _, code := range v.codes {
			want[fmt.Sprint(v.decision, code, v.right)] = true
		}
	}
	bad := 0
	kept := func(text string) {
		if !want[text] {
			bad++
		}
		delete(want, text)
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var v verdict
		err := rows.Scan(&v.decision, &v.link, &v.pitch, &v.at, &v.band, &v.score, &v.automatic, &v.right)
		kept(fmt.Sprint(v.decision, v.link, v.pitch, v.at, v.band, v.score, v.automatic, v.right))
		return err
	}, `SELECT decision_id, link_id, pitch_id, at, band, score, automatic, is_right FROM verdict WHERE site_id = $1`, site.ID)
	if err == nil {
		err = each(ctx, s.read, func(rows *sql.Rows) error {
			var v verdict
			var code string
			err := rows.Scan(&v.decision, &code, &v.right)
			kept(fmt.Sprint(v.decision, code, v.right))
			return err
		}, `SELECT decision_id, code, is_right FROM verdict_reason WHERE site_id = $1`, site.ID)
	}
	if err != nil || bad+len(want) == 0 {
		return nil, err
	}
	return []Problem{{fmt.Sprintf("%d verdicts on the proposals of %s do not agree with the decision log; run “landed attribute --full”", bad+len(want), site.Host)}}, nil
}
