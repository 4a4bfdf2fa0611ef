package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
)

// DecisionKind is what a person did with a link.
type DecisionKind string

const (
	Confirm  DecisionKind = "confirm"  // the pitch earned it
	Reassign DecisionKind = "reassign" // another pitch earned it
	Reject   DecisionKind = "reject"   // this pitch did not
	Undo     DecisionKind = "undo"     // the latest decision was a mistake
)

// Decision is one line of the append-only log.
type Decision struct {
	ID                 int64
	LinkID             int64
	At                 time.Time
	Who                string
	Kind               DecisionKind
	FromPitch, ToPitch int64
	From, To           State
	Note               string
}

// pitchBefore is what confirming a credit changes on a pitch, as it was, and
// what it set: what a person has changed since is not undone.
type pitchBefore struct {
	Pitch     int64          `json:"pitch"`
	Status    pitches.Status `json:"status"`
	LandedOn  string         `json:"landed_on"`
	LiveURL   string         `json:"live_url"`
	SentOn    string         `json:"sent_on"`
	Replied   string         `json:"replied_on"`
	Closed    string         `json:"closed_on"`
	Follow    string         `json:"follow_up_on"`
	SetLanded string         `json:"set_landed_on"`
	SetLive   string         `json:"set_live_url"`
}

// decider holds one decision's transaction.
type decider struct {
	w    *pitchWriter
	link linkRow
	old  creditRow
}

// Decide records what a person says of a link: Confirm and Reassign credit it to
// pitch, Reject parts it from the pitch it is credited or suggested to. version
// is that of the credit the person saw (0 = none was there); another one is a
// Conflict. Confirming sets the pitch to landed with the link's date and URL.
func (s *Store) Decide(ctx context.Context, by By, link int64, kind DecisionKind, pitch, version int64, note string) (Decision, error) {
	var out Decision
	site, err := s.linkSite(ctx, link)
	if err != nil {
		return out, err
	}
	_, err = s.pitchTx(ctx, by, site, "decide", func(w *pitchWriter) error {
		d, err := w.decider(link)
		if err != nil {
			return err
		}
		if d.old.version != version {
			return fault.New(fault.Conflict, "Somebody decided on this link while you were looking at it.")
		}
		switch kind {
		case Confirm, Reassign:
			if kind == Confirm && pitch == 0 {
				pitch = d.old.pitch
			}
			out, err = d.credit(kind, pitch, note)
		case Reject:
			out, err = d.reject(note)
		case Undo:
			out, err = d.undo(note)
		default:
			err = fault.New(fault.Invalid, "%q is not a decision.", string(kind))
		}
		return err
	})
	return out, err
}

func (s *Store) linkSite(ctx context.Context, link int64) (int64, error) {
	var site int64
	err := s.read.QueryRowContext(ctx, `SELECT site_id FROM link WHERE id = $1`, link).Scan(&site)
	if err == sql.ErrNoRows {
		return 0, fault.New(fault.NotFound, "There is no link %d.", link)
	}
	return site, classify(err, "link")
}

func (w *pitchWriter) decider(link int64) (*decider, error) {
	d := &decider{w: w}
	err := each(w.ctx, w.tx, func(rows *sql.Rows) error { return d.link.scan(rows) }, `SELECT `+linkColumns+` FROM link WHERE id = $1`, link)
	if err != nil {
		return nil, err
	}
	err = each(w.ctx, w.tx, func(rows *sql.Rows) error { return d.old.scan(rows) }, `SELECT `+creditColumns+` FROM credit c WHERE c.link_id = $1`, link)
	w.touched.domains[d.link.domainID] = true // decided again at the end: leads, domains and figures follow
	w.touched.pitches[d.old.pitch] = true
	return d, err
}

// credit gives the link to a pitch for good and lands the pitch.
func (d *decider) credit(kind DecisionKind, pitch int64, note string) (Decision, error) {
	p, err := pitchByID(d.w.ctx, d.w.tx, pitch, false)
	if err != nil {
		return Decision{}, err
	}
	if p.SiteID != d.link.site {
		return Decision{}, fault.Field("pitch", "Pitch %d is for another site of yours.", pitch)
	}
	c := d.old
	if c.link == 0 || c.pitch != pitch {
		c = creditRow{link: d.link.id, site: d.link.site, page: d.link.page, firstSeen: d.link.firstSeen, pitch: pitch, band: "credited",
			reasons: "[]", rules: int(d.w.set.version), version: d.old.version}
		c.freeze(frozenPitch(&p))
		if err := d.assistAs(&c); err != nil {
			return Decision{}, err
		}
	}
	c.state, c.contested, c.decidedBy, c.version = StateConfirmed, false, max(d.w.by.AccountID, 1), d.old.version+1
	if d.old.state == StateConfirmed && d.old.pitch != pitch {
		if err := d.unland(d.old.pitch); err != nil {
			return Decision{}, err
		}
	}
	before, err := d.land(&p)
	if err != nil {
		return Decision{}, err
	}
	if err := d.w.exec(`DELETE FROM rejection WHERE link_id = $1 AND pitch_id = $2`, d.link.id, pitch); err != nil {
		return Decision{}, err
	}
	if err := d.save(c); err != nil {
		return Decision{}, err
	}
	return d.log(kind, pitch, StateConfirmed, before, note, 0)
}

// assistAs takes score and reasons from the runner-up that the person chose.
func (d *decider) assistAs(c *creditRow) error {
	err := d.w.tx.QueryRowContext(d.w.ctx, `SELECT score, reasons FROM assist WHERE link_id = $1 AND pitch_id = $2`, c.link, c.pitch).Scan(&c.score, &c.reasons)
	if err == sql.ErrNoRows {
		return nil
	}
	return err
}

// save writes the credit and marks what shows it: the day, the day of the loss,
// and the class of the domain.
func (d *decider) save(c creditRow) error {
	d.w.touched.day(d.link.firstSeen)
	if d.link.lostOn != "" {
		d.w.touched.day(d.link.lostOn)
	}
	d.w.classes[d.link.domainID] = true
	d.w.touched.pitches[c.pitch] = true
	return d.w.exec(insertCredit, c.link, c.site, c.page, c.firstSeen, c.pitch, c.score, string(c.band), string(c.state), c.contested, c.lead,
		c.reasons, c.owner, c.campaign, c.rules, c.decidedBy, c.version, c.ownerName, c.sentOn)
}

// land sets the pitch to landed and keeps what that changed.
func (d *decider) land(p *pitches.Pitch) (pitchBefore, error) {
	was := *p
	pitches.SetStatus(p, pitches.Landed, today(d.w.store))
	if !was.LandedOn.Known() {
		p.LandedOn = dayOf(d.link.firstSeen)
		if !p.LandedOn.Known() {
			p.LandedOn = today(d.w.store)
		}
	}
	p.FollowUpOn = day.None
	if p.LiveURL == "" {
		p.LiveURL = d.link.source
	}
	if err := d.w.update(&was, p, ""); err != nil {
		return pitchBefore{}, err
	}
	b := pitchBefore{Pitch: p.ID, Status: was.Status, LandedOn: was.LandedOn.String(), LiveURL: was.LiveURL, SentOn: was.SentOn.String(),
		Replied: was.RepliedOn.String(), Closed: was.ClosedOn.String(), Follow: was.FollowUpOn.String(), SetLanded: p.LandedOn.String(), SetLive: p.LiveURL}
	return b, d.w.event(p.ID, "credited", "", d.link.source, "")
}

// reject parts the link from its pitch for good. Other pitches stay open: the
// rules decide among them when the transaction ends.
func (d *decider) reject(note string) (Decision, error) {
	if d.old.pitch == 0 {
		return Decision{}, fault.New(fault.Conflict, "No pitch is proposed for this link.")
	}
	if err := d.w.exec(`INSERT INTO rejection (link_id, pitch_id) VALUES ($1, $2) ON CONFLICT (link_id, pitch_id) DO NOTHING`, d.link.id, d.old.pitch); err != nil {
		return Decision{}, err
	}
	if d.old.state == StateConfirmed {
		if err := d.unland(d.old.pitch); err != nil {
			return Decision{}, err
		}
	}
	c := d.old
	c.pitch, c.score, c.band, c.state, c.contested, c.reasons = 0, 0, "none", StateRejected, false, "[]"
	c.freeze(frozen{})
	c.decidedBy, c.version = max(d.w.by.AccountID, 1), d.old.version+1
	if err := d.save(c); err != nil {
		return Decision{}, err
	}
	return d.log(Reject, 0, StateRejected, pitchBefore{}, note, 0)
}

// undo takes back the latest decision on the link that still stands.
func (d *decider) undo(note string) (Decision, error) {
	var id, from, to int64
	var kind DecisionKind
	var fromState State
	var before string
	err := d.w.tx.QueryRowContext(d.w.ctx, `SELECT id, kind, from_pitch, to_pitch, from_state, pitch_before FROM decision d WHERE link_id = $1 AND kind <> 'undo'
		AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.link_id = $1 AND u.undoes = d.id) ORDER BY id DESC LIMIT 1`, d.link.id).
		Scan(&id, &kind, &from, &to, &fromState, &before)
	if err == sql.ErrNoRows {
		return Decision{}, fault.New(fault.Conflict, "There is nothing to undo on this link.")
	}
	if err != nil {
		return Decision{}, err
	}
	if kind == Reject {
		if err := d.w.exec(`DELETE FROM rejection WHERE link_id = $1 AND pitch_id = $2`, d.link.id, from); err != nil {
			return Decision{}, err
		}
	} else if err := d.restore(before); err != nil {
		return Decision{}, err
	}
	if fromState == StateConfirmed {
		p, err := pitchByID(d.w.ctx, d.w.tx, from, false)
		if err != nil {
			return Decision{}, err
		}
		c := d.old
		c.link, c.site, c.page, c.firstSeen = d.link.id, d.link.site, d.link.page, d.link.firstSeen
		if _, err := d.land(&p); err != nil {
			return Decision{}, err
		}
		c.freeze(frozenPitch(&p))
		c.pitch, c.state, c.band, c.decidedBy, c.version = from, StateConfirmed, "credited", max(d.w.by.AccountID, 1), d.old.version+1
		if err := d.save(c); err != nil {
			return Decision{}, err
		}
	} else if err := d.w.exec(`UPDATE credit SET state = 'suggested', band = 'suggested', decided_by = 0, version = version + 1 WHERE link_id = $1`, d.link.id); err != nil {
		// Not how it ends: without a decision in the way, the rules say so when
		// the transaction finishes.
		return Decision{}, err
	}
	return d.log(Undo, from, fromState, pitchBefore{}, note, id)
}

// restore puts a pitch back to what it was before the confirmation, except what
// somebody has changed since.
func (d *decider) restore(text string) error {
	var b pitchBefore
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return err
	}
	p, err := pitchByID(d.w.ctx, d.w.tx, b.Pitch, false)
	if fault.Is(err, fault.NotFound) {
		return nil // deleted since
	}
	if err != nil {
		return err
	}
	was := p
	if p.LiveURL == b.SetLive {
		p.LiveURL = b.LiveURL
	}
	if p.Status == pitches.Landed {
		p.Status, p.SentOn, p.RepliedOn, p.ClosedOn = b.Status, dayOf(b.SentOn), dayOf(b.Replied), dayOf(b.Closed)
		if p.LandedOn.String() == b.SetLanded {
			p.LandedOn = dayOf(b.LandedOn)
		}
		if !p.FollowUpOn.Known() {
			p.FollowUpOn = dayOf(b.Follow)
		}
	}
	if err := d.w.update(&was, &p, ""); err != nil {
		return err
	}
	return d.w.event(p.ID, "credit_undone", d.link.source, "", "")
}

// unland restores the pitch of a confirmed credit from the decision that made it.
func (d *decider) unland(pitch int64) error {
	var before string
	err := d.w.tx.QueryRowContext(d.w.ctx, `SELECT pitch_before FROM decision WHERE link_id = $1 AND to_pitch = $2 AND pitch_before <> '' ORDER BY id DESC LIMIT 1`,
		d.link.id, pitch).Scan(&before)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	return d.restore(before)
}

func (d *decider) log(kind DecisionKind, to int64, state State, before pitchBefore, note string, undoes int64) (Decision, error) {
	id, err := nextID(d.w.ctx, d.w.tx, "decision")
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
	out := Decision{ID: id, LinkID: d.link.id, At: d.w.store.Now(), Who: d.w.by.Name, Kind: kind, FromPitch: d.old.pitch, ToPitch: to, From: d.old.state, To: state, Note: note}
	band, score, reasons := d.old.proposal()
	err = d.w.exec(`INSERT INTO decision (id, link_id, at, account_id, who, kind, from_pitch, to_pitch, from_state, to_state, undoes, pitch_before, note, rule_version, band_before, score_before, reasons_before)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, id, d.link.id, stamp(out.At), d.w.by.AccountID, out.Who, string(kind),
		out.FromPitch, out.ToPitch, string(out.From), string(out.To), undoes, text, note, cmp.Or(int64(d.old.rules), d.w.set.version), band, score, reasons)
	if err != nil {
		return out, err
	}
	return out, judge(d.w.ctx, d.w.tx, d.link.id)
}

// Decisions is a link's log, newest first.
func (s *Store) Decisions(ctx context.Context, link int64) ([]Decision, error) {
	var out []Decision
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		d := Decision{LinkID: link}
		var at string
		err := rows.Scan(&d.ID, &at, &d.Who, (*string)(&d.Kind), &d.FromPitch, &d.ToPitch, (*string)(&d.From), (*string)(&d.To), &d.Note)
		d.At = instant(at)
		out = append(out, d)
		return err
	}, `SELECT id, at, who, kind, from_pitch, to_pitch, from_state, to_state, note FROM decision WHERE link_id = $1 ORDER BY id DESC LIMIT 200`, link)
	return out, classify(err, "decisions")
}
