package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"

	"landed/internal/fault"
)

// BulkAtMost is how many links one call decides: they are one transaction, and
// other writers wait for it.
const BulkAtMost = 1000

// Bulk is what deciding all links of a filter would touch.
type Bulk struct {
	Links   int
	More    bool   // the filter has more than BulkAtMost; the first ones are meant
	Pitches int    // different ones
	Sum     string // of the links and their versions: DecideAll refuses others
	Left    int    // of the filter, left out because two pitches claim them
}

type bulkLink struct{ id, version, pitch int64 }

// bulkLinks are the links of a filter that one pitch alone claims.
func (s *Store) bulkLinks(ctx context.Context, q querier, f ReviewFilter) ([]bulkLink, error) {
	f.Clear = true
	if f.Contested {
		return nil, fault.Field("band", "Contested links are decided one by one.")
	}
	p, err := s.planQueue(ctx, q, f)
	if err != nil {
		return nil, err
	}
	var out []bulkLink
	err = each(ctx, q, func(rows *sql.Rows) error {
		var l bulkLink
		err := rows.Scan(&l.id, &l.version, &l.pitch)
		out = append(out, l)
		return err
	}, p.bulk(), p.where.args...)
	return out, err
}

func (p queuePlan) bulk() string {
	return fmt.Sprintf(`SELECT c.link_id, c.version, c.pitch_id FROM %s WHERE %s ORDER BY c.worth DESC, c.first_seen DESC, c.link_id DESC LIMIT %d`, p.from, p.where, BulkAtMost+1)
}

func bulkOf(list []bulkLink) (Bulk, []bulkLink) {
	b := Bulk{More: len(list) > BulkAtMost}
	list = list[:min(len(list), BulkAtMost)]
	b.Links = len(list)
	pitches, sum := map[int64]bool{}, fnv.New64a()
	for _, l := range list {
		pitches[l.pitch] = true
		fmt.Fprintf(sum, "%d %d\n", l.id, l.version)
	}
	b.Pitches, b.Sum = len(pitches), fmt.Sprintf("%016x", sum.Sum64())
	return b, list
}

// BulkOf says what DecideAll would decide.
func (s *Store) BulkOf(ctx context.Context, f ReviewFilter) (Bulk, error) {
	list, err := s.bulkLinks(ctx, s.read, f)
	if err != nil {
		return Bulk{}, classify(err, "links to decide")
	}
	b, _ := bulkOf(list)
	if !f.Clear && !b.More {
		f.Contested = true
		t, err := s.CountQueue(ctx, f)
		if err != nil {
			return b, err
		}
		b.Left = t.N
	}
	return b, nil
}

// DecideAll confirms or rejects all links of a filter in one transaction, and
// gives the number under which UndoBatch takes it back. sum is that of the Bulk the
// person saw: when the links are others by now nothing is done, a Conflict.
func (s *Store) DecideAll(ctx context.Context, by By, f ReviewFilter, kind DecisionKind, sum, note string) (batch int64, n int, err error) {
	if kind != Confirm && kind != Reject {
		return 0, 0, fault.New(fault.Invalid, "%q is not decided on many links at once.", string(kind))
	}
	_, err = s.pitchTx(ctx, by, f.Site, "decide on many links", func(w *pitchWriter) error {
		batch, n = 0, 0
		all, err := s.bulkLinks(ctx, w.tx, f)
		if err != nil {
			return err
		}
		b, list := bulkOf(all)
		if b.Sum != sum {
			return fault.New(fault.Conflict, "Other links wait by now than when this was shown: somebody decided, or new ones came.")
		}
		for _, l := range list {
			d, err := w.decider(l.id)
			if err != nil {
				return err
			}
			d.batch = batch
			if batch == 0 { // the first one names it
				if d.batch, err = nextID(ctx, w.tx, "decision"); err != nil {
					return err
				}
				batch = d.batch
			}
			if _, err := d.decide(kind, 0, note); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return batch, n, err
}

// Undone is what an undo did.
type Undone struct {
	LinkID int64 // the link, or one of them
	Kind   DecisionKind
	N      int // decisions taken back
	Kept   int // of a batch: decided again since, or undone before
}

// UndoBatch takes back decisions that were made at once, except those on links
// that somebody has decided on since.
func (s *Store) UndoBatch(ctx context.Context, by By, batch int64) (Undone, error) {
	var site int64
	err := s.read.QueryRowContext(ctx, `SELECT l.site_id FROM decision d JOIN link l ON l.id = d.link_id WHERE d.id = $1 AND d.batch = $1`, batch).Scan(&site)
	if err == sql.ErrNoRows {
		return Undone{}, fault.New(fault.NotFound, "There are no decisions to take back under that number.")
	}
	if err != nil {
		return Undone{}, classify(err, "undo")
	}
	var out Undone
	_, err = s.pitchTx(ctx, by, site, "undo decisions", func(w *pitchWriter) error {
		out = Undone{}
		return w.undoBatch(batch, &out)
	})
	if err == nil && out.N == 0 {
		err = fault.New(fault.Conflict, "All of it has been undone or decided again already.")
	}
	return out, err
}

func (w *pitchWriter) undoBatch(batch int64, out *Undone) error {
	var list [][2]int64
	err := each(w.ctx, w.tx, func(rows *sql.Rows) error {
		var x [2]int64
		err := rows.Scan(&x[0], &x[1], (*string)(&out.Kind))
		list = append(list, x)
		return err
	}, `SELECT id, link_id, kind FROM decision WHERE batch = $1 AND batch <> 0 AND kind <> 'undo' ORDER BY id DESC`, batch)
	if err != nil {
		return err
	}
	for _, x := range list {
		d, err := w.decider(x[1])
		if err != nil {
			return err
		}
		last, err := d.last(anyDecision)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		if err != nil || last.id != x[0] {
			out.Kept++
			continue
		}
		if _, err := d.undo(""); err != nil {
			return err
		}
		out.N, out.LinkID = out.N+1, x[1]
	}
	return nil
}

// UndoLast takes back the latest decision of a person on links of a site that
// still stands, or all of those made with it. When somebody else has decided on
// its link since it is a Conflict that says so.
func (s *Store) UndoLast(ctx context.Context, by By, site int64) (Undone, error) {
	var out Undone
	_, err := s.pitchTx(ctx, by, site, "undo", func(w *pitchWriter) error {
		out = Undone{}
		id, batch, err := w.lastOf(by.AccountID)
		if err != nil {
			return err
		}
		if batch != 0 {
			err := w.undoBatch(batch, &out)
			if err == nil && out.N == 0 {
				err = errDecidedSince
			}
			return err
		}
		if err := w.tx.QueryRowContext(ctx, `SELECT link_id, kind FROM decision WHERE id = $1`, id).Scan(&out.LinkID, (*string)(&out.Kind)); err != nil {
			return err
		}
		d, err := w.decider(out.LinkID)
		if err != nil {
			return err
		}
		last, err := d.last(anyDecision)
		if err != nil {
			return err
		}
		if last.id != id {
			return errDecidedSince
		}
		out.N = 1
		_, err = d.undo("")
		return err
	})
	return out, err
}

var errDecidedSince = fault.New(fault.Conflict, "Somebody else has decided on that since. The log of the link says what happened.")

// undoLookback is how many decisions of a person are searched for one that stands.
const undoLookback = 500

// lastOf finds a person's latest decision on the site that stands.
func (w *pitchWriter) lastOf(account int64) (id, batch int64, err error) {
	err = w.tx.QueryRowContext(w.ctx, lastDecision, account, w.site, undoLookback).Scan(&id, &batch)
	if err == sql.ErrNoRows {
		err = fault.New(fault.Conflict, "There is nothing of yours to undo.")
	}
	return id, batch, err
}

const lastDecision = `SELECT d.id, d.batch FROM (SELECT id, batch, kind, link_id, at FROM decision WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT $3) d JOIN link l ON l.id = d.link_id
	WHERE d.kind <> 'undo' AND l.site_id = $2 AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.undoes = d.id AND u.undoes <> 0) ORDER BY d.at DESC, d.id DESC LIMIT 1`
