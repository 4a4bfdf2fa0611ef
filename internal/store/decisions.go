package store

import (
	"cmp"
	"context"
	"database/sql"
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
	Reject   DecisionKind = "reject"   // this pitch did not; with no pitch proposed, none did
	Own      DecisionKind = "owned"    // the source is ours
	Partner  DecisionKind = "partner"  // the source is a partner's
	Spam     DecisionKind = "spam"
	Undo     DecisionKind = "undo" // the latest decision was a mistake
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
	Batch              int64 // of decisions made at once: the id of the first; 0 for one by itself
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

	batch int64 // that the decision belongs to
}

// Decide records what a person says of a link: Confirm and Reassign credit it to
// pitch, Reject parts it from the pitch it is credited or suggested to. version
// is that of the credit the person saw (0 = none was there); another one is a
// Conflict. Confirming sets the pitch to landed with the link's date and URL. Own,
// Partner and Spam say what the link is: no pitch is looked for then.
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
			return errDecided
		}
		out, err = d.decide(kind, pitch, note)
		return err
	})
	return out, err
}

var errDecided = fault.New(fault.Conflict, "Somebody decided on this link while you were looking at it.")

func (d *decider) decide(kind DecisionKind, pitch int64, note string) (Decision, error) {
	switch kind {
	case Confirm, Reassign:
		if kind == Confirm && pitch == 0 {
			pitch = d.old.pitch
		}
		return d.credit(kind, pitch, note)
	case Reject:
		return d.reject(note)
	case Own, Partner, Spam:
		return d.mark(kind, note)
	case Undo:
		return d.undo(note)
	}
	return Decision{}, fault.New(fault.Invalid, "%q is not a decision.", string(kind))
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
	err := eachColumns(w.ctx, w.tx, nil, func(c *columns) error { d.link.read(c); return nil }, `SELECT `+linkColumns+` FROM link WHERE id = $1`, link)
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
		c = d.row(StateConfirmed, pitch)
		c.band = "credited"
		c.freeze(frozenPitch(&p))
		if err := d.assistAs(&c); err != nil {
			return Decision{}, err
		}
	}
	c.state, c.contested, c.decidedBy, c.version, c.worth = StateConfirmed, false, max(d.w.by.AccountID, 1), d.old.version+1, 0
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
	if !d.old.state.Credited() || d.old.pitch != c.pitch || c.state != StateConfirmed {
		d.w.touched.links[c.link] = true // copies are of what is credited
	}
	stmt, err := d.w.prepared(insertCredit)
	if err != nil {
		return err
	}
	c.bind(stmt)
	return stmt.exec()
}

// land sets the pitch to landed and keeps what that changed.
func (d *decider) land(p *pitches.Pitch) (pitchBefore, error) {
	was := *p
	pitches.SetStatus(p, pitches.Landed, today(d.w.store))
	p.SentOn = was.SentOn // not known stays not known: it was not sent today, after its link
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
	if d.old.pitch == 0 && d.old.link != 0 {
		return Decision{}, fault.New(fault.Conflict, "No pitch is proposed for this link.")
	}
	if d.old.pitch != 0 {
		if err := d.w.exec(`INSERT INTO rejection (link_id, pitch_id) VALUES ($1, $2) ON CONFLICT (link_id, pitch_id) DO NOTHING`, d.link.id, d.old.pitch); err != nil {
			return Decision{}, err
		}
	}
	return d.part(Reject, StateRejected, note)
}

// mark says what the link is instead of a pitch's.
func (d *decider) mark(kind DecisionKind, note string) (Decision, error) {
	if d.old.state == State(kind) && d.old.standing() {
		return Decision{}, fault.New(fault.Conflict, "The link is marked so already.")
	}
	return d.part(kind, State(kind), note)
}

// part takes the link from its pitch, if it has one.
func (d *decider) part(kind DecisionKind, to State, note string) (Decision, error) {
	if d.old.state == StateConfirmed {
		if err := d.unland(d.old.pitch); err != nil {
			return Decision{}, err
		}
	}
	if err := d.save(d.row(to, 0)); err != nil {
		return Decision{}, err
	}
	return d.log(kind, 0, to, pitchBefore{}, note, 0)
}

// row is the credit of the link as this person decides it, without a score.
func (d *decider) row(to State, pitch int64) creditRow {
	return creditRow{link: d.link.id, site: d.link.site, page: d.link.page, firstSeen: d.link.firstSeen, pitch: pitch, band: "none", state: to, reasons: "[]",
		rules: cmp.Or(d.old.rules, int(d.w.set.version)), decidedBy: max(d.w.by.AccountID, 1), version: d.old.version + 1}
}
