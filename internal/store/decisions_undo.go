package store

import (
	"database/sql"
	"encoding/json"

	"landed/internal/fault"
	"landed/internal/pitches"
)

// standing is a decision that has not been undone.
type standing struct {
	id, from, to       int64
	kind               DecisionKind
	fromState, toState State
	before             string
}

// last is the latest decision on the link before an id that still stands.
func (d *decider) last(before int64) (x standing, err error) {
	err = d.w.tx.QueryRowContext(d.w.ctx, `SELECT id, kind, from_pitch, to_pitch, from_state, to_state, pitch_before FROM decision d WHERE link_id = $1 AND kind <> 'undo' AND id < $2
		AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.link_id = $1 AND u.undoes = d.id) ORDER BY id DESC LIMIT 1`, d.link.id, before).
		Scan(&x.id, &x.kind, &x.from, &x.to, &x.fromState, &x.toState, &x.before)
	return x, err
}

const anyDecision = 1 << 62

// undo takes back the latest decision on the link that still stands.
func (d *decider) undo(note string) (Decision, error) {
	last, err := d.last(anyDecision)
	if err == sql.ErrNoRows {
		return Decision{}, fault.New(fault.Conflict, "There is nothing to undo on this link.")
	}
	if err != nil {
		return Decision{}, err
	}
	if last.kind == Reject {
		if err := d.w.exec(`DELETE FROM rejection WHERE link_id = $1 AND pitch_id = $2`, d.link.id, last.from); err != nil {
			return Decision{}, err
		}
	} else if err := d.restore(last.id, last.before); err != nil {
		return Decision{}, err
	}
	if err := d.putBack(last); err != nil {
		return Decision{}, err
	}
	return d.log(Undo, last.from, last.fromState, pitchBefore{}, note, last.id)
}

// putBack gives the link the credit that it had before a decision.
func (d *decider) putBack(last standing) error {
	if last.fromState == StateConfirmed {
		p, err := pitchByID(d.w.ctx, d.w.tx, last.from, false)
		if err != nil {
			return err
		}
		c := d.row(StateConfirmed, last.from)
		c.band = "credited"
		c.freeze(frozenPitch(&p))
		if err := d.assistAs(&c); err != nil {
			return err
		}
		if _, err := d.land(&p); err != nil {
			return err
		}
		return d.save(c)
	}
	if last.fromState == StateRejected || last.fromState.Marked() {
		before, err := d.last(last.id)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		if err == nil && before.toState == last.fromState { // a person had said so of this link, not of its outlet
			return d.save(d.row(last.fromState, 0))
		}
	}
	// Not how it ends: without a decision in the way, the rules say so when the
	// transaction finishes.
	d.w.touched.links[d.link.id] = true // it was credited: copies of it are none any more
	return d.w.exec(`UPDATE credit SET state = 'suggested', band = 'suggested', decided_by = 0, version = version + 1 WHERE link_id = $1`, d.link.id)
}

// restore puts a pitch back to what it was before the confirmation with this id,
// except what somebody has changed since. While another link of the pitch is
// confirmed it stays landed, by that link.
func (d *decider) restore(decision int64, text string) error {
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
	other, err := d.otherLink(b.Pitch)
	if err != nil {
		return err
	}
	if other.link != 0 {
		b.leaveTo(other, &p)
	} else {
		if err := d.firstLanding(decision, &b); err != nil {
			return err
		}
		b.putBack(&p, d.link)
	}
	if err := d.w.update(&was, &p, ""); err != nil {
		return err
	}
	return d.w.event(p.ID, "credit_undone", d.link.source, "", "")
}

// putBack undoes on the pitch what still is as the confirmation of the link set it.
func (b *pitchBefore) putBack(p *pitches.Pitch, l linkRow) {
	if p.LiveURL == b.SetLive || p.LiveURL == l.source {
		p.LiveURL = b.LiveURL
	}
	if p.Status != pitches.Landed {
		return
	}
	p.Status, p.SentOn, p.RepliedOn, p.ClosedOn = b.Status, dayOf(b.SentOn), dayOf(b.Replied), dayOf(b.Closed)
	if on := p.LandedOn.String(); on == b.SetLanded || on == l.firstSeen {
		p.LandedOn = dayOf(b.LandedOn)
	}
	if !p.FollowUpOn.Known() {
		p.FollowUpOn = dayOf(b.Follow)
	}
}

// otherLink is the earliest other link that is confirmed for a pitch, link 0 for
// none.
func (d *decider) otherLink(pitch int64) (o otherLink, err error) {
	err = d.w.tx.QueryRowContext(d.w.ctx, `SELECT l.id, l.source_url, l.first_seen FROM credit c JOIN link l ON l.id = c.link_id
		WHERE c.pitch_id = $1 AND c.state = 'confirmed' AND c.link_id <> $2 ORDER BY c.first_seen, c.link_id LIMIT 1`, pitch, d.link.id).Scan(&o.link, &o.source, &o.seen)
	if err == sql.ErrNoRows {
		err = nil
	}
	return o, err
}

type otherLink struct {
	link         int64
	source, seen string
}

// leaveTo makes the other link the one that the pitch landed with.
func (b *pitchBefore) leaveTo(o otherLink, p *pitches.Pitch) {
	if b.LiveURL == "" && p.LiveURL == b.SetLive {
		p.LiveURL = o.source
	}
	if b.LandedOn == "" && p.LandedOn.String() == b.SetLanded && o.seen != "" {
		p.LandedOn = dayOf(o.seen)
	}
}

// firstLanding replaces b by what the pitch was before the confirmation that
// landed it: a second link confirmed later found it landed already.
func (d *decider) firstLanding(decision int64, b *pitchBefore) error {
	for b.Status == pitches.Landed {
		var text string
		err := d.w.tx.QueryRowContext(d.w.ctx, `SELECT id, pitch_before FROM decision x WHERE x.to_pitch = $1 AND x.to_pitch <> 0 AND x.pitch_before <> '' AND x.id < $2
			AND NOT EXISTS (SELECT 1 FROM decision y WHERE y.link_id = x.link_id AND y.id > x.id AND y.id < $3) ORDER BY x.id DESC LIMIT 1`,
			b.Pitch, decision, decision).Scan(&decision, &text)
		if err == sql.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		set := *b
		if err := json.Unmarshal([]byte(text), b); err != nil {
			return err
		}
		b.SetLanded, b.SetLive = set.SetLanded, set.SetLive
	}
	return nil
}

// unland restores the pitch of a confirmed credit from the decision that made it.
func (d *decider) unland(pitch int64) error {
	var id int64
	var before string
	err := d.w.tx.QueryRowContext(d.w.ctx, `SELECT id, pitch_before FROM decision WHERE link_id = $1 AND to_pitch = $2 AND pitch_before <> '' ORDER BY id DESC LIMIT 1`,
		d.link.id, pitch).Scan(&id, &before)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	return d.restore(id, before)
}
