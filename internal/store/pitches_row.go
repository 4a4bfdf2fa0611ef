package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"landed/internal/pitches"
)

const pitchSet = `site_id, ref, outlet_id, host, contact, email, campaign, subject, type, status, target_url, anchor, expected_rel, live_url, owner_id, owner_name, sent_on, follow_up_on, next_action_on, replied_on, expected_on, landed_on, closed_on, bounced, cost_cents, currency, paid_until, decline_reason, tags, notes, source, extra, import_key`

// insertPitch and updatePitch take the id, pitchSet, the version and the stamps.
var insertPitch, updatePitch = pitchStatements()

func pitchStatements() (insert, update string) {
	columns := strings.Split(pitchSet, ", ")
	var set strings.Builder
	for i, c := range columns {
		fmt.Fprintf(&set, "%s = $%d, ", c, i+2)
	}
	n := 1 + len(columns)
	return `INSERT INTO pitch (id, ` + pitchSet + `, version, created_at, updated_at) VALUES ` + marks(1, n+3),
		`UPDATE pitch SET ` + set.String() + fmt.Sprintf(`version = $%d, updated_at = $%d WHERE id = $1`, n+1, n+2)
}

func appendPitchValues(args []any, p *pitches.Pitch) []any {
	return append(args, p.SiteID, p.Ref, p.OutletID, p.Outlet.Host, p.Contact, p.Email, p.Campaign, p.Subject, string(p.Type), string(p.Status),
		p.TargetURL, p.Anchor, p.ExpectedRel, p.LiveURL, p.OwnerID, p.OwnerName, p.SentOn.String(), p.FollowUpOn.String(), p.NextActionOn.String(),
		p.RepliedOn.String(), p.ExpectedOn.String(), p.LandedOn.String(), p.ClosedOn.String(), p.Bounced, p.CostCents, p.Currency, p.PaidUntil.String(),
		p.DeclineReason, jsonText(p.Tags), p.Notes, p.Source, jsonText(p.Extra), p.ImportKey)
}

// jsonText keeps a list or map as JSON, nothing as "".
func jsonText[T []string | map[string]string](v T) string {
	if len(v) == 0 {
		return ""
	}
	b, _ := json.Marshal(v) // strings always marshal
	return string(b)
}

// prepared is a statement that is prepared once per transaction.
func (w *pitchWriter) prepared(query string) (*bulk, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := prepareBulk(w.ctx, w.tx, w.conn, query)
	if err == nil {
		w.stmts[query] = stmt
	}
	return stmt, err
}

func (w *pitchWriter) exec(query string, args ...any) error {
	stmt, err := w.prepared(query)
	if err != nil {
		return err
	}
	_, err = stmt.run(args...)
	return err
}

// close gives the prepared statements back.
func (w *pitchWriter) close() {
	for _, s := range w.stmts {
		s.close()
	}
	clear(w.stmts)
}
