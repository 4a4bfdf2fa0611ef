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

// domain decides the links of one referring domain, outlet key by outlet key,
// and writes what changed.
func (a *attributor) domain(id int64, index *attribution.Index, db known) error {
	links, old := db.links[id], db.credits[id]
	if len(links) == 0 && len(old) == 0 {
		return nil
	}
	now := make(map[int64]creditRow, len(links))
	keys := map[string][]givenLink{}
	for _, g := range links {
		keys[g.link.Source.Outlet.Key] = append(keys[g.link.Source.Outlet.Key], g)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if kind := a.marks[keyHash(key)]; kind != "" {
			if err := a.mark(keys[key], kind, old, now, db); err != nil {
				return err
			}
			continue
		}
		if err := a.key(keys[key], index.For(key), old, now, db); err != nil {
			return err
		}
	}
	for link, c := range old { // what people decided stands, whatever the rules say
		if _, ok := now[link]; !ok && c.standing() {
			c.firstSeen = c.linkSeen
			now[link] = c
			if err := a.assists(c, true, nil, nil, db.assists[link]); err != nil {
				return err
			}
		}
	}
	if err := a.refusals(old, now, db); err != nil {
		return err
	}
	a.leads(now)
	for _, link := range slices.Sorted(maps.Keys(now)) {
		c, was := now[link], old[link]
		if again := c; was.link != 0 {
			if again.rules = was.rules; again == was {
				continue // rules that say the same again leave it as it was made
			}
		}
		if c != was {
			if err := a.write(c, was, id); err != nil {
				return err
			}
		}
	}
	for _, link := range slices.Sorted(maps.Keys(old)) {
		if _, ok := now[link]; !ok {
			if err := a.clear(old[link], id); err != nil {
				return err
			}
		}
	}
	return nil
}

// key decides the links of one outlet key.
func (a *attributor) key(links []givenLink, candidates []attribution.Pitch, old, now map[int64]creditRow, db known) error {
	if len(candidates) == 0 {
		return nil
	}
	bare := make([]attribution.Link, len(links))
	for i := range links {
		bare[i] = links[i].link
	}
	decisions := a.rules.Decide(bare, candidates, func(link, pitch int64) bool { return db.rejected[[2]int64{link, pitch}] })
	for i, d := range decisions {
		c, ok := a.credit(d, candidates, old[d.LinkID], links[i].linkExtra)
		if ok {
			now[d.LinkID] = c
		} else {
			c.link, c.firstSeen = d.LinkID, links[i].firstSeen
		}
		if err := a.assists(c, old[d.LinkID].state.Credited(), runnersUp(d, c.pitch, a.rules.SuggestAt), candidates, db.assists[d.LinkID]); err != nil {
			return err
		}
	}
	return nil
}

// credit is the row that a decision asks for; false for none.
func (a *attributor) credit(d attribution.Decision, candidates []attribution.Pitch, old creditRow, x linkExtra) (creditRow, bool) {
	if old.state == StateConfirmed || old.state.Marked() && old.standing() {
		old.firstSeen = x.firstSeen
		return old, true
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
			return old, true // "not ours" outlasts a faint possibility
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

// leads marks, of each page's credited links, the first one: it counts as the placement.
func (a *attributor) leads(now map[int64]creditRow) {
	first := map[int64]int64{}
	for id, c := range now {
		if !c.state.Credited() {
			continue
		}
		best, ok := first[c.page]
		if !ok || earlier(c.firstSeen, id, now[best].firstSeen, best) {
			first[c.page] = id
		}
	}
	for id, c := range now {
		if lead := c.state.Credited() && first[c.page] == id && !a.copied[c.page]; lead != c.lead {
			c.lead = lead
			now[id] = c
		}
	}
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

func (a *attributor) write(c, old creditRow, domain int64) error {
	switch {
	case a.preview:
	case a.first != nil:
		a.first.credits = append(a.first.credits, c) // saved in the order of links, see saveCredits
	default:
		if old.link != 0 && (c.pitch != old.pitch || c.state != old.state) {
			c.version = old.version + 1 // a person looking at the old state must not decide over the new one
		}
		if err := a.save(&c); err != nil {
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
	if _, err := a.insert.exec(); err != nil {
		return fmt.Errorf("credit of link %d: %w", c.link, err)
	}
	return nil
}

// noted remembers which figures the change touches, and counts it.
func (a *attributor) noted(c, old creditRow, domain int64) {
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
	switch {
	case old.state.Credited() && c.state.Credited() && old.pitch != c.pitch:
		a.out.Moved++
	case !old.state.Credited() && c.state.Credited():
		a.out.Credited++
	case c.state == StateSuggested && old.state != StateSuggested:
		a.out.Suggested++
	case (old.state.Credited() || old.state == StateSuggested) && !c.state.Credited() && c.state != StateSuggested:
		a.out.Cleared++
	}
}

func (a *attributor) clear(old creditRow, domain int64) error {
	if a.preview {
		a.noted(creditRow{link: old.link, firstSeen: old.firstSeen}, old, domain)
		return nil
	}
	if _, err := a.tx.ExecContext(a.ctx, `DELETE FROM credit WHERE link_id = $1`, old.link); err != nil {
		return err
	}
	if _, err := a.tx.ExecContext(a.ctx, `DELETE FROM assist WHERE link_id = $1`, old.link); err != nil {
		return err
	}
	a.noted(creditRow{link: old.link, firstSeen: old.firstSeen}, old, domain)
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
			detail, _ := json.Marshal(r.Detail) // a string always marshals
			b = append(append(b, `,"detail":`...), detail...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func readReasons(s string) []attribution.Reason {
	var rs []attribution.Reason
	_ = json.Unmarshal([]byte(s), &rs) // only appendReasons writes the column; damage shows as no reasons
	return rs
}
