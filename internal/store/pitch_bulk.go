package store

import (
	"context"
	"fmt"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
)

// PitchEdit is one change of several pitches. What is not set stays.
type PitchEdit struct {
	IDs      []int64
	Version  int64 // of a single pitch that was looked at; 0 = whatever it is by now
	Status   pitches.Status
	SetOwner bool
	Owner    int64 // 0 = nobody
	FollowUp *day.Day
	Note     string // needed when a status goes backwards
}

// PitchState is what a PitchEdit can change, as it was before, and the version
// that the pitch got by the change.
type PitchState struct {
	ID         int64          `json:"id"`
	Version    int64          `json:"v"`
	Status     pitches.Status `json:"s"`
	SentOn     day.Day        `json:"sent,omitempty"`
	RepliedOn  day.Day        `json:"replied,omitempty"`
	LandedOn   day.Day        `json:"landed,omitempty"`
	ClosedOn   day.Day        `json:"closed,omitempty"`
	FollowUpOn day.Day        `json:"follow,omitempty"`
	Owner      int64          `json:"owner,omitempty"`
	OwnerName  string         `json:"name,omitempty"`
}

func stateOf(p *pitches.Pitch) PitchState {
	return PitchState{ID: p.ID, Status: p.Status, SentOn: p.SentOn, RepliedOn: p.RepliedOn, LandedOn: p.LandedOn, ClosedOn: p.ClosedOn,
		FollowUpOn: p.FollowUpOn, Owner: p.OwnerID, OwnerName: p.OwnerName}
}

func (b PitchState) putBack(p *pitches.Pitch) {
	p.Status, p.SentOn, p.RepliedOn, p.LandedOn, p.ClosedOn = b.Status, b.SentOn, b.RepliedOn, b.LandedOn, b.ClosedOn
	p.FollowUpOn, p.OwnerID, p.OwnerName = b.FollowUpOn, b.Owner, b.OwnerName
}

// EditPitches changes pitches of one site, all of them or none, and gives what
// they were before, for UndoEdit. Pitches that need no change are left out. It
// is Invalid, in the field "note", when a status goes backwards without a note.
func (s *Store) EditPitches(ctx context.Context, by By, site int64, e PitchEdit) ([]PitchState, error) {
	var out []PitchState
	_, err := s.pitchTx(ctx, by, site, "change pitches", func(w *pitchWriter) error {
		var changed []pitches.Pitch
		var before []pitches.Pitch
		backwards := 0
		var last error
		for _, id := range e.IDs {
			p, err := w.editable(id, e.Version)
			if err != nil {
				return err
			}
			after := p
			if err := e.apply(&after, today(s)); err != nil {
				backwards, last = backwards+1, err
			}
			if stateOf(&after) != stateOf(&p) {
				before, changed = append(before, p), append(changed, after)
			}
		}
		if backwards > 1 {
			last = fault.Field("note", "%d of these pitches go back. Say why in the note.", backwards)
		}
		if last != nil {
			return last
		}
		for i := range changed {
			if err := w.update(&before[i], &changed[i], e.Note); err != nil {
				return err
			}
			state := stateOf(&before[i])
			state.Version = changed[i].Version
			out = append(out, state)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// editable reads a pitch of the writer's site inside the transaction.
func (w *pitchWriter) editable(id, version int64) (pitches.Pitch, error) {
	p, err := pitchByID(w.ctx, w.tx, id, false)
	switch {
	case err != nil:
		return p, err
	case p.SiteID != w.site:
		return p, fault.New(fault.NotFound, "Pitch %d is for another site of yours.", id)
	case version != 0 && version != p.Version:
		return p, fault.New(fault.Conflict, "Somebody changed this pitch while you were looking at it.")
	}
	return p, nil
}

func (e PitchEdit) apply(p *pitches.Pitch, today day.Day) error {
	var err error
	if e.Status != "" && e.Status != p.Status {
		err = pitches.Move(p.Status, e.Status, e.Note)
		pitches.SetStatus(p, e.Status, today)
	}
	if e.SetOwner && e.Owner != p.OwnerID {
		p.OwnerID, p.OwnerName = e.Owner, ""
	}
	if e.FollowUp != nil {
		p.FollowUpOn = *e.FollowUp
	}
	return err
}

// UndoEdit puts pitches back to what EditPitches found. Those that somebody has
// changed since stay as they are; it returns how many were put back.
func (s *Store) UndoEdit(ctx context.Context, by By, site int64, states []PitchState) (int, error) {
	undone := 0
	_, err := s.pitchTx(ctx, by, site, "undo", func(w *pitchWriter) error {
		undone = 0
		for _, b := range states {
			p, err := w.editable(b.ID, b.Version)
			if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			after := p
			b.putBack(&after)
			if err := w.update(&p, &after, "undone"); err != nil {
				return fmt.Errorf("pitch %d: %w", b.ID, err)
			}
			undone++
		}
		return nil
	})
	return undone, err
}

// AddNote puts a note on a pitch's timeline and gives it back.
func (s *Store) AddNote(ctx context.Context, by By, id int64, note string) (pitches.Event, error) {
	p, err := s.Pitch(ctx, id)
	if err != nil {
		return pitches.Event{}, err
	}
	_, err = s.pitchTx(ctx, by, p.SiteID, "add note", func(w *pitchWriter) error { return w.event(id, "note", "", "", note) })
	return pitches.Event{At: s.Now(), Who: by.Name, Kind: "note", Note: note}, err
}
