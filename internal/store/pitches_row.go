package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"landed/internal/pitches"
)

const pitchSet = `site_id, ref, outlet_id, host, contact, email, campaign, subject, type, status, target_url, anchor, expected_rel, live_url, owner_id, owner_name, sent_on, follow_up_on, next_action_on, replied_on, expected_on, landed_on, closed_on, bounced, cost_cents, currency, paid_until, decline_reason, tags, notes, source, extra, import_key`

// insertPitch and updatePitch take what bindPitch binds and the stamps.
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

// bindPitch binds the id, pitchSet and the version.
func (w *pitchWriter) bindPitch(b *bulk, p *pitches.Pitch) {
	b.ints(p.ID, p.SiteID)
	b.texts(p.Ref)
	b.ints(p.OutletID)
	b.texts(p.Outlet.Host, p.Contact, p.Email, p.Campaign, p.Subject, string(p.Type), string(p.Status), p.TargetURL, p.Anchor, p.ExpectedRel, p.LiveURL)
	b.ints(p.OwnerID)
	b.texts(p.OwnerName, w.days.of(p.SentOn), w.days.of(p.FollowUpOn), w.days.of(p.NextActionOn), w.days.of(p.RepliedOn), w.days.of(p.ExpectedOn),
		w.days.of(p.LandedOn), w.days.of(p.ClosedOn))
	b.bools(p.Bounced)
	b.ints(p.CostCents)
	b.texts(p.Currency, w.days.of(p.PaidUntil), p.DeclineReason, jsonText(p.Tags), p.Notes, p.Source, jsonText(p.Extra), p.ImportKey)
	b.ints(p.Version)
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
	return stmt.run(args...)
}

// close gives the prepared statements back.
func (w *pitchWriter) close() {
	for _, s := range w.stmts {
		s.close()
	}
	clear(w.stmts)
}
