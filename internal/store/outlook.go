package store

import (
	"context"
	"database/sql"
	"slices"

	"landed/internal/day"
)

// Diff counts what deciding links anew makes of them, each link in one of the
// first five. What people decided is in none.
type Diff struct {
	Gained      int `json:"gained"`      // credited, not before
	Lost        int `json:"lost"`        // credited before, not now
	Moved       int `json:"moved"`       // credited to another pitch than before
	Suggested   int `json:"suggested"`   // waits for a person, and was neither credited nor suggested before
	Unsuggested int `json:"unsuggested"` // waited for a person, and is neither credited nor suggested now
	Reasked     int `json:"reasked"`     // suggested as before, for another pitch

	FromSuggested int `json:"from_suggested"` // of Gained: suggested before
	ToSuggested   int `json:"to_suggested"`   // of Lost: suggested now

	Rekeyed int `json:"rekeyed,omitempty"` // links that another outlet key holds now
	Pitches int `json:"pitches,omitempty"` // that go to another outlet now

	examples *[]Example // nil = none are kept
}

// Total is the number of links whose credit changes.
func (d Diff) Total() int {
	return d.Gained + d.Lost + d.Moved + d.Suggested + d.Unsuggested + d.Reasked
}

func (d *Diff) add(e Diff) {
	d.Gained += e.Gained
	d.Lost += e.Lost
	d.Moved += e.Moved
	d.Suggested += e.Suggested
	d.Unsuggested += e.Unsuggested
	d.Reasked += e.Reasked
	d.FromSuggested += e.FromSuggested
	d.ToSuggested += e.ToSuggested
	d.Rekeyed += e.Rekeyed
	d.Pitches += e.Pitches
}

// Change names one way in which a link's credit changes.
type Change string

const (
	Gained      Change = "gained"
	Lost        Change = "lost"
	Moved       Change = "moved"
	Suggested   Change = "suggested"
	Unsuggested Change = "unsuggested"
	Reasked     Change = "reasked"
)

// Changes lists every Change in the order in which a page shows them.
var Changes = []Change{Gained, Lost, Moved, Suggested, Unsuggested, Reasked}

// Of is the number of one Change.
func (d Diff) Of(c Change) int {
	switch c {
	case Gained:
		return d.Gained
	case Lost:
		return d.Lost
	case Moved:
		return d.Moved
	case Suggested:
		return d.Suggested
	case Unsuggested:
		return d.Unsuggested
	case Reasked:
		return d.Reasked
	}
	return 0
}

// Example is one link whose credit changes.
type Example struct {
	Change Change       `json:"change"`
	Link   int64        `json:"link"`
	Site   int64        `json:"site"`
	Source string       `json:"source"`
	Target string       `json:"target"`
	Before ExampleState `json:"before"`
	After  ExampleState `json:"after"`
}

// ExampleState is one side of an Example. Without a pitch it is empty.
type ExampleState struct {
	Pitch   int64  `json:"pitch,omitempty"`
	Subject string `json:"subject,omitempty"`
	Outlet  string `json:"outlet,omitempty"`
	Score   int    `json:"score,omitempty"`
	State   State  `json:"state,omitempty"`
}

// examplesEach is how many examples of each Change a preview keeps.
const examplesEach = 6

func (d *Diff) note(c, old *creditRow) {
	was, is := old.state.Credited(), c.state.Credited()
	asked, asks := old.state == StateSuggested, c.state == StateSuggested
	var kind Change
	switch {
	case was && is && old.pitch != c.pitch:
		d.Moved++
		kind = Moved
	case is && !was:
		d.Gained++
		d.FromSuggested += btoi(asked)
		kind = Gained
	case was && !is:
		d.Lost++
		d.ToSuggested += btoi(asks)
		kind = Lost
	case asks && !asked:
		d.Suggested++
		kind = Suggested
	case asked && !asks:
		d.Unsuggested++
		kind = Unsuggested
	case asks && asked && old.pitch != c.pitch:
		d.Reasked++
		kind = Reasked
	default:
		return
	}
	if d.examples != nil && d.Of(kind) <= examplesEach {
		*d.examples = append(*d.examples, Example{Change: kind, Link: c.link, Site: max(c.site, old.site),
			Before: ExampleState{Pitch: old.pitch, Score: old.score, State: old.state}, After: ExampleState{Pitch: c.pitch, Score: c.score, State: c.state}})
	}
}

// nameExamples fills in what a person tells links and pitches by.
func nameExamples(ctx context.Context, q querier, list []Example) error {
	rank := func(c Change) int { return slices.Index(Changes, c) }
	slices.SortStableFunc(list, func(a, b Example) int { return rank(a.Change) - rank(b.Change) })
	for i := range list {
		e := &list[i]
		if err := q.QueryRowContext(ctx, `SELECT source_url, target_url FROM link WHERE id = $1`, e.Link).Scan(&e.Source, &e.Target); err != nil {
			return err
		}
		for _, s := range []*ExampleState{&e.Before, &e.After} {
			if s.Pitch == 0 {
				continue
			}
			err := q.QueryRowContext(ctx, `SELECT p.subject, o.key FROM pitch p JOIN outlet o ON o.id = p.outlet_id WHERE p.id = $1`, s.Pitch).Scan(&s.Subject, &s.Outlet)
			if err != nil && err != sql.ErrNoRows {
				return err
			}
		}
	}
	return nil
}

// outlook decides links as a change would have them, on one snapshot of the
// database, and writes nothing.
type outlook struct {
	store    *Store
	ctx      context.Context
	tx       *sql.Tx // on a reading connection
	set      *ruleset
	today    day.Day
	diff     Diff
	moved    map[int64]int64          // see attributor.moved
	others   map[int64]map[int64]bool // referring domains to look at besides those keyed anew, by site
	progress func(done, of int) error
	done, of int
}

// attributor is one that only looks.
func (o *outlook) attributor(site int64) (*attributor, error) {
	t := newTouched()
	a, err := o.store.lookingAttributor(o.ctx, o.tx, nil, site, &t)
	if err != nil {
		return nil, err
	}
	a.set, a.rules, a.preview, a.spare = o.set, o.set.on(o.today), true, true
	a.decider = a.rules.Decider()
	a.diff = &o.diff
	return a, a.loadMarks() // by the keys that are to be
}

// look decides the links of some referring domains with a.
func (o *outlook) look(a *attributor, ids []int64) error {
	for part := range slices.Chunk(ids, domainsAtOnce) {
		if err := a.part(part); err != nil {
			return err
		}
		if err := o.step(len(part)); err != nil {
			return err
		}
	}
	return nil
}

func (o *outlook) step(n int) error {
	if o.done += n; o.progress != nil {
		return o.progress(o.done, o.of)
	}
	return nil
}
