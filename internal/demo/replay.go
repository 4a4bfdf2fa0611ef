package demo

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	landedsync "landed/internal/sync"
)

const (
	recent    = 28 // days up to today of which half the credits are not confirmed yet
	daily     = 14 // days up to today whose pitches were logged day by day, before that once a week
	unsettled = 77 // days up to today whose suggestions nobody has looked at
)

// replay is a story on its way into the store.
type replay struct {
	*builder
	*story
	site   store.Site
	syncer *landedsync.Syncer
	next   int // of pitches, to be logged
	due    []*step
	open   []*planned // to be given up one day
}

// step is a change of a pitch that is logged already.
type step struct {
	*planned
	move
}

// play lets two years of one site pass: pitches of the time before the team had
// Landed, then each day what was logged, pulled and decided. The first sync brings
// the figures of the time before.
func (b *builder) play(ctx context.Context, s *story) error {
	b.world.Add(s.links...)
	b.world.SetOverview(s.host, s.overview(count(s.links, b.st.Platforms())))
	b.clock.set(at(s.since-1, 9, 0))
	site, err := b.st.CreateSite(ctx, s.host)
	if err != nil {
		return err
	}
	b.Sites = append(b.Sites, site)
	if len(b.Sites) == 1 {
		if err := b.compare(ctx, s, site); err != nil {
			return err
		}
	}
	r := &replay{builder: b, story: s, site: site}
	r.syncer = &landedsync.Syncer{Store: b.st, Provider: b.client, Now: b.clock.Now, FirstDays: span - 7*(s.used-1)}
	if err := r.list(ctx); err != nil {
		return err
	}
	for on := s.since; on <= b.today; on++ {
		if err := r.day(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

// syncDay reports whether a sync ran on a day: weekly, the last one yesterday.
func (b *builder) syncDay(on day.Day) bool { return on < b.today && (b.today-1-on)%7 == 0 }

// list imports the pitches of the time before, as they stood on the last day of
// it. What becomes of them later is played like the rest.
func (r *replay) list(ctx context.Context) error {
	last := r.since - 1
	r.clock.set(at(last, 15, 5))
	var rows []pitches.Pitch
	for ; r.next < len(r.pitches) && r.pitches[r.next].logged <= last; r.next++ {
		p := r.pitches[r.next]
		row := r.assigned(p)
		row.Source = fmt.Sprintf("outreach.csv:%d", r.next+2)
		for _, m := range p.moves {
			if m.on <= last {
				m.do(&row)
			}
		}
		p.moves = slices.DeleteFunc(p.moves, func(m move) bool { return m.on <= last })
		if p.givenUp.Known() && p.givenUp <= last {
			pitches.SetStatus(&row, pitches.NoReply, p.givenUp)
			p.givenUp = day.None
		}
		rows = append(rows, row)
	}
	if _, err := r.st.ImportPitches(ctx, r.by(manager), r.site.ID, rows, nil, nil); err != nil {
		return err
	}
	for i, p := range r.pitches[:r.next] {
		r.follow(p, rows[i].ID)
	}
	return nil
}

// assigned is a pitch with its site and owner.
func (r *replay) assigned(p *planned) pitches.Pitch {
	out := p.pitch
	out.SiteID, out.OwnerID = r.site.ID, r.Accounts[p.owner].ID
	return out
}

// follow keeps what is still to happen to a pitch that is stored.
func (r *replay) follow(p *planned, id int64) {
	p.id = id
	for _, m := range p.moves {
		r.due = append(r.due, &step{p, m})
	}
	if p.givenUp.Known() {
		r.open = append(r.open, p)
	}
}

func (r *replay) day(ctx context.Context, on day.Day) error {
	today := r.builder.today
	if r.syncDay(on) {
		r.clock.set(at(on, 6, 12))
		if _, err := r.syncer.Run(ctx, r.site.ID, nil); err != nil {
			return err
		}
		r.clock.set(at(on, 9, 30))
		if err := r.review(ctx, on); err != nil {
			return err
		}
	}
	if on < today-daily && !r.syncDay(on+1) {
		return nil
	}
	r.clock.set(at(on, 16, 40))
	if on == today {
		r.clock.set(r.now.Add(-time.Minute))
	}
	return r.work(ctx, on)
}

// work logs the pitches sent up to a day and makes the changes that are due.
func (r *replay) work(ctx context.Context, on day.Day) error {
	for ; r.next < len(r.pitches) && r.pitches[r.next].logged <= on; r.next++ {
		p := r.pitches[r.next]
		made, err := r.st.CreatePitch(ctx, r.by(p.owner), r.assigned(p))
		if err != nil {
			return err
		}
		r.follow(p, made.ID)
	}
	slices.SortStableFunc(r.due, func(a, b *step) int { return cmp.Compare(a.on, b.on) })
	for len(r.due) > 0 && r.due[0].on <= on {
		mine := r.due[0].planned
		var steps []*step
		rest := r.due[:0:0]
		for _, s := range r.due {
			if s.planned == mine && s.on <= on {
				steps = append(steps, s)
			} else {
				rest = append(rest, s)
			}
		}
		r.due = rest
		if err := r.change(ctx, mine, steps); err != nil {
			return err
		}
	}
	if !r.syncDay(on + 1) {
		return nil
	}
	return r.giveUp(ctx, on)
}

// giveUp closes all at once, once a week, what has had no reply for too long.
func (r *replay) giveUp(ctx context.Context, on day.Day) error {
	var ids []int64
	for _, p := range r.open {
		if p.givenUp > on {
			continue
		}
		now, err := r.st.Pitch(ctx, p.id)
		if err != nil {
			return err
		}
		if now.Status != pitches.Landed {
			ids = append(ids, p.id)
		}
	}
	r.open = slices.DeleteFunc(r.open, func(p *planned) bool { return p.givenUp <= on })
	if len(ids) == 0 {
		return nil
	}
	_, err := r.st.EditPitches(ctx, r.by(manager), r.site.ID, store.PitchEdit{IDs: ids, Status: pitches.NoReply})
	return err
}

// change makes the due changes of one pitch at once. What was landed meanwhile
// is left alone.
func (r *replay) change(ctx context.Context, p *planned, steps []*step) error {
	now, err := r.st.Pitch(ctx, p.id)
	if err != nil || now.Status == pitches.Landed {
		return err
	}
	note := ""
	for _, s := range steps {
		s.do(&now)
		note = cmp.Or(s.note, note)
	}
	_, err = r.st.UpdatePitch(ctx, r.by(p.owner), now, note)
	return err
}

// by is a member of the team at work.
func (r *replay) by(member int) store.By {
	return store.By{AccountID: r.Accounts[member].ID, Name: r.Accounts[member].Name}
}

// review decides as people would: older credits and suggestions are settled,
// recent ones wait.
func (r *replay) review(ctx context.Context, on day.Day) error {
	for _, state := range []store.State{store.StateAuto, store.StateSuggested} {
		var open []store.LinkRow
		filter := store.LinkFilter{Site: r.site.ID, State: state, Limit: 200}
		for {
			page, err := r.st.ListLinks(ctx, filter)
			if err != nil {
				return err
			}
			open = append(open, page.Rows...)
			if filter.After = page.Next; filter.After == "" {
				break
			}
		}
		slices.Reverse(open) // the oldest first
		for _, l := range open {
			if err := r.settle(ctx, l, on); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle may decide on one link. What it does follows from the link alone, so
// that it does not depend on the order.
func (r *replay) settle(ctx context.Context, l store.LinkRow, on day.Day) error {
	h := fnv.New64a()
	_, _ = h.Write([]byte(l.SourceURL))
	luck := int(h.Sum64() >> 33 % 100)
	age := on - l.FirstSeen
	kind, to, note := store.Confirm, l.Credit.PitchID, ""
	if l.Credit.State == store.StateSuggested {
		switch {
		case age < 10 || l.FirstSeen > r.builder.today-unsettled:
			return nil
		case l.Credit.Contested && luck < 40:
			others, err := r.st.Assists(ctx, l.ID)
			if err != nil {
				return err
			}
			if len(others) > 0 {
				kind, to, note = store.Reassign, others[0].PitchID, "The other pitch was the one they answered."
			}
		case luck < 35:
			kind, to, note = store.Reject, 0, "They wrote about us on their own."
		}
	} else {
		recent := l.FirstSeen > r.builder.today-recent
		switch {
		case age < 3+day.Day(luck%8) || luck >= 94 || recent && luck >= 50:
			return nil
		case luck >= 90:
			kind, to, note = store.Reject, 0, "The article was planned before the pitch."
		}
	}
	_, err := r.st.Decide(ctx, r.by(r.member(l.Credit.Owner)), l.ID, kind, to, l.Credit.Version, note)
	if fault.Is(err, fault.Conflict) { // settled with another link of this round
		return nil
	}
	return err
}

// member finds who of the team an owner is; the manager decides the rest.
func (r *replay) member(name string) int {
	for i, a := range r.Accounts[:owners] {
		if a.Name == name {
			return i
		}
	}
	return manager
}
