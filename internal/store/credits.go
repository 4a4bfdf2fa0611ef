package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"landed/internal/attribution"
)

// State is where the attribution of a link stands.
type State string

const (
	StateNone      State = ""          // no candidate
	StatePossible  State = "possible"  // folded away
	StateSuggested State = "suggested" // waits for a person
	StateAuto      State = "auto"      // credited by the rules, not confirmed
	StateConfirmed State = "confirmed" // by a person
	StateRejected  State = "rejected"  // a person said that no pitch of ours earned it

	// What a person says of a link, or of all links of an outlet: no pitch is
	// looked for then.
	StateOwned   State = "owned"   // the source is ours
	StatePartner State = "partner" // the source is a partner's
	StateSpam    State = "spam"
)

// Credited reports whether the link counts as earned by a pitch.
func (s State) Credited() bool { return s == StateAuto || s == StateConfirmed }

// Marked reports whether a person said what the link is instead of a pitch's.
func (s State) Marked() bool { return s == StateOwned || s == StatePartner || s == StateSpam }

// Waits reports whether the link is in the review queue.
func (s State) Waits() bool { return s == StateSuggested || s == StatePossible }

// creditRow is a row of credit.
type creditRow struct {
	link, site, page, pitch int64
	firstSeen               string
	score                   int
	band                    attribution.Band
	state                   State
	contested, lead         bool
	reasons                 string
	owner                   int64
	campaign                string
	ownerName, sentOn       string // frozen like owner and campaign
	rules                   int
	decidedBy               int64
	version                 int64
	worth                   int64 // of what waits for a person; see worthOf

	linkSeen, lostOn string // of the link as it is now; not columns
	lostReason       string // the same, in a first import alone
	rel              int64  // the same
}

const creditColumns = `c.link_id, c.site_id, c.page_id, c.first_seen, c.pitch_id, c.score, c.band, c.state, c.contested, c.lead, c.reasons, c.owner_id, c.campaign, c.rule_version, c.decided_by, c.version, c.owner_name, c.sent_on, c.worth`

func (c *creditRow) scan(rows *sql.Rows, before ...any) error {
	return rows.Scan(append(before, &c.link, &c.site, &c.page, &c.firstSeen, &c.pitch, &c.score, &c.band, &c.state, &c.contested, &c.lead,
		&c.reasons, &c.owner, &c.campaign, &c.rules, &c.decidedBy, &c.version, &c.ownerName, &c.sentOn, &c.worth)...)
}

// standing reports whether a person decided on this very link, which no re-run
// and no mark of the whole outlet changes.
func (c *creditRow) standing() bool {
	return c.state == StateConfirmed || c.state == StateRejected || c.state.Marked() && c.decidedBy != 0
}

// credit is the row that a decision asks for; false for none.
func (a *attributor) credit(d *attribution.Decision, candidates []attribution.Pitch, old *creditRow, x *linkExtra) (creditRow, bool) {
	if old.state == StateConfirmed || old.state.Marked() && old.standing() {
		old.firstSeen = x.firstSeen
		return *old, true
	}
	c := creditRow{link: d.LinkID, site: a.site, page: x.page, firstSeen: x.firstSeen, linkSeen: x.firstSeen, lostOn: x.lostOn, lostReason: x.lostReason, rel: x.rel, pitch: d.Best.PitchID, score: d.Best.Score,
		band: d.Band, contested: d.Contested, rules: a.rules.Version, version: max(old.version, 1)}
	switch {
	case d.Band == attribution.Credited && !d.Contested:
		c.state = StateAuto
	case d.Band == attribution.Credited || d.Band == attribution.Suggested:
		c.state = StateSuggested
	case d.Band == attribution.Possible:
		c.state = StatePossible
		if old.state == StateRejected {
			old.firstSeen = x.firstSeen
			return *old, true // "not ours" outlasts a faint possibility
		}
	default:
		return creditRow{}, false
	}
	if d.Contested && c.band == attribution.Credited {
		c.band = attribution.Suggested // the band says what is done, the score how sure
	}
	if c.state.Waits() {
		c.worth = worthOf(c.score, x.authority)
	}
	a.reasons = appendReasons(a.reasons[:0], d.Best.Reasons)
	if string(a.reasons) == old.reasons {
		c.reasons = old.reasons
	} else {
		c.reasons = string(a.reasons)
	}
	if old.pitch == c.pitch && old.state.Credited() && c.state.Credited() {
		c.owner, c.campaign, c.ownerName, c.sentOn = old.owner, old.campaign, old.ownerName, old.sentOn // frozen when the credit was made
		return c, true
	}
	if i := slices.IndexFunc(candidates, func(p attribution.Pitch) bool { return p.ID == c.pitch }); i >= 0 {
		c.freeze(a.frozenOf(&candidates[i]))
	}
	return c, true
}

const insertCredit = `INSERT INTO credit (link_id, site_id, page_id, first_seen, pitch_id, score, band, state, contested, lead, reasons, owner_id, campaign, rule_version, decided_by, version, owner_name, sent_on, worth, automatic)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
	ON CONFLICT (link_id) DO UPDATE SET first_seen = excluded.first_seen, pitch_id = excluded.pitch_id, score = excluded.score, band = excluded.band,
		state = excluded.state, contested = excluded.contested, lead = excluded.lead, reasons = excluded.reasons, owner_id = excluded.owner_id,
		campaign = excluded.campaign, rule_version = excluded.rule_version, decided_by = excluded.decided_by, version = excluded.version,
		owner_name = excluded.owner_name, sent_on = excluded.sent_on, worth = excluded.worth, automatic = excluded.automatic`

// bind binds the arguments of insertCredit.
func (c *creditRow) bind(b *bulk) {
	b.ints(c.link, c.site, c.page)
	b.texts(c.firstSeen)
	b.ints(c.pitch, int64(c.score))
	b.texts(string(c.band), string(c.state))
	b.bools(c.contested, c.lead)
	b.texts(c.reasons)
	b.ints(c.owner)
	b.texts(c.campaign)
	b.ints(int64(c.rules), c.decidedBy, c.version)
	b.texts(c.ownerName, c.sentOn)
	b.ints(c.worth)
	b.bools(!c.contested && !asks(c.reasons))
}

func (a *attributor) write(c, old *creditRow, domain int64) error {
	if a.first != nil { // what is touched follows from all of them, see finish
		if !a.preview {
			a.first.credit(c, domain)
		}
		a.out.count(c, old)
		return nil
	}
	if !a.preview {
		if old.link != 0 && (c.pitch != old.pitch || c.state != old.state) {
			c.version = old.version + 1 // a person looking at the old state must not decide over the new one
		}
		if err := a.save(c); err != nil {
			return err
		}
	}
	a.noted(c, old, domain)
	return nil
}

func (a *attributor) save(c *creditRow) error {
	if a.insert == nil {
		var err error
		if a.insert, err = prepareBulk(a.ctx, a.tx, a.conn, insertCredit); err != nil {
			return err
		}
	}
	c.bind(a.insert)
	if err := a.insert.exec(); err != nil {
		return fmt.Errorf("credit of link %d: %w", c.link, err)
	}
	return nil
}

// noted remembers which figures the change touches, and counts it.
func (a *attributor) noted(c, old *creditRow, domain int64) {
	a.diff.note(c, old)
	if a.preview && a.diff.examples != nil {
		return
	}
	a.touched.day(c.firstSeen)
	if old.link != 0 {
		a.touched.day(old.firstSeen)
	}
	if lost := max(c.lostOn, old.lostOn); lost != "" {
		a.touched.day(lost)
	}
	a.classes[domain], a.states[c.link] = true, c.state
	if c.state.Credited() != old.state.Credited() || c.state.Credited() && c.pitch != old.pitch {
		a.touched.links[max(c.link, old.link)] = true
	}
	a.touched.pitches[c.pitch], a.touched.pitches[old.pitch] = true, true
	a.out.count(c, old)
}

// count adds one link's change.
func (o *CreditChanges) count(c, old *creditRow) {
	switch {
	case old.state.Credited() && c.state.Credited() && old.pitch != c.pitch:
		o.Moved++
	case !old.state.Credited() && c.state.Credited():
		o.Credited++
	case c.state == StateSuggested && old.state != StateSuggested:
		o.Suggested++
	case (old.state.Credited() || old.state == StateSuggested) && !c.state.Credited() && c.state != StateSuggested:
		o.Cleared++
	}
}

func (a *attributor) clear(old creditRow, domain int64) error {
	none := creditRow{link: old.link, firstSeen: old.firstSeen}
	if a.preview {
		a.noted(&none, &old, domain)
		return nil
	}
	if _, err := a.tx.ExecContext(a.ctx, `DELETE FROM credit WHERE link_id = $1`, old.link); err != nil {
		return err
	}
	if _, err := a.tx.ExecContext(a.ctx, `DELETE FROM assist WHERE link_id = $1`, old.link); err != nil {
		return err
	}
	a.noted(&none, &old, domain)
	return nil
}

// classify says of each touched referring domain who brought it: outreach when
// its first link is credited, unreviewed while that is only suggested.
func (a *attributor) classify() error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(a.classes)), inList) {
		changes := map[int64]string{}
		err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
			var id int64
			var seen, class, state string
			if err := rows.Scan(&id, &seen, &class, &state); err != nil {
				return err
			}
			if is := classOf(State(state)); is != class {
				changes[id] = is
				a.touched.day(seen)
			}
			return nil
		}, `SELECT r.id, r.first_seen, r.class, COALESCE(c.state, '') FROM refdomain r LEFT JOIN credit c ON c.link_id = r.first_link_id
			WHERE r.id IN `+marks(1, len(part)), anys(part)...)
		if err != nil {
			return err
		}
		for id, class := range changes {
			if _, err := a.tx.ExecContext(a.ctx, `UPDATE refdomain SET class = $2 WHERE id = $1`, id, class); err != nil {
				return err
			}
		}
	}
	return nil
}

func classOf(s State) string {
	switch {
	case s.Credited():
		return "outreach"
	case s == StateSuggested:
		return "unreviewed"
	}
	return "organic"
}

// appendReasons prints reasons as JSON. By hand: it is done for every credit of
// an import, and the fields are few.
func appendReasons(b []byte, rs []attribution.Reason) []byte {
	b = append(b, '[')
	for i, r := range rs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"code":"`...)
		b = append(b, r.Code...)
		b = append(b, `","points":`...)
		b = strconv.AppendInt(b, int64(r.Points), 10)
		if r.Detail != "" {
			b = appendText(append(b, `,"detail":`...), r.Detail)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendText prints a string as JSON.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			text, _ := json.Marshal(s) // a string always marshals
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func readReasons(s string) []attribution.Reason {
	var rs []attribution.Reason
	_ = json.Unmarshal([]byte(s), &rs) // only appendReasons writes the column; damage shows as no reasons
	return rs
}
