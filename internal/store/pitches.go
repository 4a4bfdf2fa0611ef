package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"

	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

const pitchColumns = `p.id, p.site_id, p.ref, p.outlet_id, p.host, p.contact, p.email, p.campaign, p.subject, p.type, p.status, p.target_url, p.anchor,
	p.expected_rel, p.live_url, p.owner_id, COALESCE(a.name, p.owner_name), p.sent_on, p.follow_up_on, p.next_action_on, p.replied_on, p.expected_on,
	p.landed_on, p.closed_on, p.bounced, p.cost_cents, p.currency, p.paid_until, p.decline_reason, p.tags, p.notes, p.source, p.extra, p.import_key, p.version,
	p.created_at, p.updated_at, o.key, o.name, o.unscoped, o.authority, o.metric, o.do_not_contact`

const pitchTables = ` FROM pitch p JOIN outlet o ON o.id = p.outlet_id LEFT JOIN account a ON a.id = p.owner_id `

func scanPitch(row scanner, more ...any) (pitches.Pitch, error) {
	var p pitches.Pitch
	var sent, follow, next, replied, expected, landed, closed, paid, tags, extra, created, updated string
	err := row.Scan(append([]any{&p.ID, &p.SiteID, &p.Ref, &p.OutletID, &p.Outlet.Host, &p.Contact, &p.Email, &p.Campaign, &p.Subject, (*string)(&p.Type), (*string)(&p.Status),
		&p.TargetURL, &p.Anchor, &p.ExpectedRel, &p.LiveURL, &p.OwnerID, &p.OwnerName, &sent, &follow, &next, &replied, &expected, &landed, &closed,
		&p.Bounced, &p.CostCents, &p.Currency, &paid, &p.DeclineReason, &tags, &p.Notes, &p.Source, &extra, &p.ImportKey, &p.Version, &created, &updated,
		&p.Outlet.Key, &p.Outlet.Name, &p.Outlet.Unscoped, &p.Outlet.Authority, &p.Outlet.Metric, &p.Outlet.DoNotContact}, more...)...)
	if err != nil {
		return p, err
	}
	p.Outlet.ID = p.OutletID
	p.SentOn, p.FollowUpOn, p.NextActionOn, p.RepliedOn = dayOf(sent), dayOf(follow), dayOf(next), dayOf(replied)
	p.ExpectedOn, p.LandedOn, p.ClosedOn, p.PaidUntil = dayOf(expected), dayOf(landed), dayOf(closed), dayOf(paid)
	p.CreatedAt, p.UpdatedAt = instant(created), instant(updated)
	if tags != "" {
		if err := json.Unmarshal([]byte(tags), &p.Tags); err != nil {
			return p, fmt.Errorf("tags of pitch %d: %w", p.ID, err)
		}
	}
	if extra != "" {
		if err := json.Unmarshal([]byte(extra), &p.Extra); err != nil {
			return p, fmt.Errorf("extra columns of pitch %d: %w", p.ID, err)
		}
	}
	return p, nil
}

// Pitch is one pitch by id. A deleted one is not found.
func (s *Store) Pitch(ctx context.Context, id int64) (pitches.Pitch, error) {
	return pitchByID(ctx, s.read, id, false)
}

func pitchByID(ctx context.Context, q querier, id int64, deleted bool) (pitches.Pitch, error) {
	is := `=`
	if deleted {
		is = `<>`
	}
	p, err := scanPitch(q.QueryRowContext(ctx, `SELECT `+pitchColumns+pitchTables+`WHERE p.id = $1 AND p.deleted_at `+is+` ''`, id))
	if err == sql.ErrNoRows {
		return p, fault.New(fault.NotFound, "There is no pitch %d.", id)
	}
	return p, classify(err, fmt.Sprintf("pitch %d", id))
}

// PitchEvents is a pitch's timeline, newest first.
func (s *Store) PitchEvents(ctx context.Context, id int64) ([]pitches.Event, error) {
	var out []pitches.Event
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var e pitches.Event
		var at string
		err := rows.Scan(&at, &e.Who, &e.Kind, &e.From, &e.To, &e.Note)
		e.At = instant(at)
		out = append(out, e)
		return err
	}, `SELECT at, who, kind, from_value, to_value, note FROM pitch_event WHERE pitch_id = $1 ORDER BY id DESC LIMIT 500`, id)
	return out, classify(err, "timeline")
}

// CreatePitch logs one pitch and credits the links that it explains.
func (s *Store) CreatePitch(ctx context.Context, by By, p pitches.Pitch) (pitches.Pitch, error) {
	_, err := s.pitchTx(ctx, by, p.SiteID, "log pitch", func(w *pitchWriter) error { return w.create(&p, "") })
	return p, err
}

// UpdatePitch stores what changed. p.Version must be the one that was read: a
// pitch changed since then is a Conflict. A move of the status backwards needs
// a note.
func (s *Store) UpdatePitch(ctx context.Context, by By, p pitches.Pitch, note string) (pitches.Pitch, error) {
	_, err := s.pitchTx(ctx, by, p.SiteID, "edit pitch", func(w *pitchWriter) error {
		before, err := pitchByID(ctx, w.tx, p.ID, false)
		if err != nil {
			return err
		}
		if err := pitches.Move(before.Status, p.Status, note); err != nil {
			return err
		}
		return w.update(&before, &p, note)
	})
	return p, err
}

// MoveStatus changes only the status and the dates that go with it.
func (s *Store) MoveStatus(ctx context.Context, by By, id, version int64, to pitches.Status, note string) (pitches.Pitch, error) {
	p, err := s.Pitch(ctx, id)
	if err != nil {
		return p, err
	}
	p.Version = version
	pitches.SetStatus(&p, to, today(s))
	return s.UpdatePitch(ctx, by, p, note)
}

// DeletePitch takes a pitch off every list and frees the links credited to it.
// RestorePitch undoes it.
func (s *Store) DeletePitch(ctx context.Context, by By, id int64) error {
	return s.setDeleted(ctx, by, id, true)
}

// RestorePitch brings a deleted pitch back; decisions on its links stand again.
func (s *Store) RestorePitch(ctx context.Context, by By, id int64) error {
	return s.setDeleted(ctx, by, id, false)
}

func (s *Store) setDeleted(ctx context.Context, by By, id int64, deleted bool) error {
	p, err := pitchByID(ctx, s.read, id, !deleted)
	if err != nil {
		return err
	}
	_, err = s.pitchTx(ctx, by, p.SiteID, "delete pitch", func(w *pitchWriter) error {
		at, kind := "", "restored"
		if deleted {
			at, kind = stamp(s.Now()), "deleted"
		}
		if err := w.exec(`UPDATE pitch SET deleted_at = $2, version = version + 1 WHERE id = $1`, id, at); err != nil {
			return err
		}
		w.totals = true
		w.touched.pitches[id] = true
		if err := w.touchDomains(id); err != nil {
			return err
		}
		return w.event(id, kind, "", "", "")
	})
	return err
}

// ImportPitches stores new and changed pitches of one list in one transaction:
// all of them or none. Changed ones carry the Version that they were read with.
func (s *Store) ImportPitches(ctx context.Context, by By, site int64, create, update []pitches.Pitch, progress func(int)) (CreditChanges, error) {
	rows := func(yield func(NewPitch, error) bool) {
		for i := range create {
			if !yield(NewPitch{Pitch: &create[i]}, nil) {
				return
			}
		}
	}
	return s.importPitches(ctx, by, site, NewPitches{N: len(create) + len(update), Rows: rows}, update, progress)
}

// NewPitch is a pitch to be created.
type NewPitch struct {
	*pitches.Pitch
	Whole bool // as in pitches.Verdict
}

// NewPitches are the new pitches of a list that is read while they are saved, so that
// they need not be in memory all at once.
type NewPitches struct {
	N         int               // about how many
	Platforms *weburl.Platforms // that they were planned with
	Rows      iter.Seq2[NewPitch, error]
}

// ImportNewPitches is ImportPitches for a list that is new throughout.
func (s *Store) ImportNewPitches(ctx context.Context, by By, site int64, list NewPitches, progress func(int)) (CreditChanges, error) {
	return s.importPitches(ctx, by, site, list, nil, progress)
}

func (s *Store) importPitches(ctx context.Context, by By, site int64, list NewPitches, update []pitches.Pitch, progress func(int)) (out CreditChanges, err error) {
	save := func() error {
		out, err = s.pitchWork(ctx, s.importTx, by, site, "import pitches", func(w *pitchWriter) error {
			return w.importList(list, update, progress)
		})
		return err
	}
	if list.N >= manyPitches {
		err = s.unlogged(ctx, save, "pitch", "link")
	} else {
		err = save()
	}
	return out, err
}

// importList creates and updates pitches.
func (w *pitchWriter) importList(list NewPitches, update []pitches.Pitch, progress func(int)) error {
	if err := w.prepareMany(list.N); err != nil {
		return err
	}
	done := 0
	step := func(p *pitches.Pitch, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", p.Source, err)
		}
		if done++; progress != nil && done%1000 == 0 {
			progress(done)
		}
		return nil
	}
	first, last := int64(0), int64(0)
	for p, err := range list.Rows {
		if err != nil {
			return err
		}
		w.whole = p.Whole && list.Platforms == w.set.platforms // else the rules have changed since
		if err := step(p.Pitch, w.create(p.Pitch, p.Source)); err != nil {
			return err
		}
		if last = p.ID; first == 0 {
			first = p.ID
		}
	}
	w.whole = false
	if err := w.createdEvents(first, last); err != nil {
		return err
	}
	for i := range update {
		p := &update[i]
		before, err := pitchByID(w.ctx, w.tx, p.ID, false)
		if err == nil {
			err = w.update(&before, p, "import")
		}
		if err := step(p, err); err != nil {
			return err
		}
	}
	return nil
}

// EachPitch hands every pitch of a site (0 = of all sites) to f, by id.
func (s *Store) EachPitch(ctx context.Context, site int64, f func(pitches.Pitch) error) error {
	return each(ctx, s.read, func(rows *sql.Rows) error {
		p, err := scanPitch(rows)
		if err != nil {
			return err
		}
		return f(p)
	}, `SELECT `+pitchColumns+pitchTables+`WHERE p.deleted_at = '' AND ($1 = 0 OR p.site_id = $1) ORDER BY p.id`, site)
}
