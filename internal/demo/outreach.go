package demo

import (
	"slices"
	"strings"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/pitches"
)

// landing says how a pitch brings its link about.
type landing int

const (
	plain     landing = iota
	subdomain         // on another host of the outlet: suggested
	late              // months afterwards: suggested
	contested         // two people had asked: suggested
)

// landings is the order in which kinds follow each other.
var landings = []landing{plain, subdomain, plain, plain, contested, plain, plain, late, plain, plain, subdomain, plain, plain}

// block is how many pitches have one landing among them. A fixed share instead
// of a chance for each keeps the dashboards alike for every seed.
const block = 4

// pitch writes the outreach of all weeks, oldest first.
func (s *story) pitch() {
	pool := slices.Clone(platforms)
	for range s.pitched {
		pool = append(pool, s.newOutlet(28, 88, 1.1))
	}
	fresh := 0 // outlets of pool that were pitched
	n, hit := 0, 0
	for age := s.weeks - 1; age >= 0; age-- {
		for range s.perWeek(age) {
			if n%block == 0 {
				hit = n + s.r.IntN(block)
			}
			lands := n == hit
			var o outlet
			switch {
			case !lands && n%11 == 3:
				o = s.known(s.today - day.Day(7*age+60))
			case !lands && fresh > len(platforms) && (n%4 == 1 || fresh == len(pool)):
				o = pool[len(platforms)+s.r.IntN(fresh-len(platforms))]
			default:
				o = pool[fresh%len(pool)]
				fresh++
			}
			n++
			p := s.newPitch(o, s.workday(age))
			if lands {
				s.land(p, o)
			} else {
				s.miss(p)
			}
		}
	}
	s.draft(pool[fresh%len(pool):])
}

// known is an outlet that had linked by itself, within the two years, before a
// day: a pitch to it claims nothing of what was there.
func (s *story) known(before day.Day) outlet {
	for {
		o := s.organic[s.old+s.r.IntN(s.profile.organic)]
		if o.first < before {
			return o
		}
	}
}

// workday is a day of the week that ended age weeks ago, rarely at a weekend.
func (s *story) workday(age int) day.Day {
	for {
		on := s.today - day.Day(7*age+s.r.IntN(7))
		w := on.Time().Weekday()
		if w != time.Saturday && w != time.Sunday || s.r.IntN(12) == 0 {
			return on
		}
	}
}

func (s *story) newPitch(o outlet, sent day.Day) *planned {
	c := pick(s.r, s.campaigns)
	p := &planned{logged: sent, owner: s.r.IntN(owners)}
	p.pitch = pitches.Pitch{
		Outlet:  pitches.Outlet{Name: o.name, Key: o.key, Authority: o.authority, Metric: "DR"},
		Contact: pick(s.r, desks), Campaign: c.name, Subject: pick(s.r, c.subjects), Type: pitches.Type(c.kind),
		Status: pitches.Pitched, TargetURL: s.ours(c.page), SentOn: sent, FollowUpOn: sent + 7,
		Notes: pick(s.r, pitchNotes), Source: "typed",
	}
	if !strings.Contains(o.key, "/") {
		p.pitch.Email = "desk@" + o.key
	}
	if s.r.IntN(5) < 2 {
		p.pitch.Anchor = c.anchor
	}
	if c.paid > 0 && s.r.IntN(3) > 0 {
		p.pitch.ExpectedRel = "dofollow"
	}
	if o.authority >= 70 {
		p.pitch.Tags = []string{"tier-a"}
	}
	s.pitches = append(s.pitches, p)
	return p
}

// land writes the pitch's way to its link, and the link.
func (s *story) land(p *planned, o outlet) {
	kind := landings[s.landed%len(landings)]
	if strings.Contains(o.base, "/@") || strings.Contains(o.base, ".substack.") {
		kind = plain // the ways below need an outlet with a domain of its own
	}
	s.landed++
	u := s.r.Float64()
	on := p.pitch.SentOn + 3 + day.Day(37*u*u)
	link := ahrefstest.Link{To: p.pitch.TargetURL, Anchor: s.anchor(p.pitch.Anchor), Dofollow: s.r.IntN(100) < 88}
	switch kind {
	case plain:
		s.landPlain(p, o, link, on)
		return
	case subdomain:
		o.base = "https://stories." + o.key
		link.To = s.elsewhere(p)
		s.silence(p)
	case late:
		on = p.pitch.SentOn + 92 + day.Day(s.r.IntN(70))
		link.To = s.elsewhere(p)
		s.silence(p)
	case contested:
		on = s.rival(p, o)
	}
	link.From, link.DR, link.FirstSeen = s.source(o, on), s.dr(o, on), on
	s.links = append(s.links, link)
}

// elsewhere is a page of ours that the pitch did not ask for, and not the home
// page, which would earn points.
func (s *story) elsewhere(p *planned) string {
	for {
		page := s.ours(pick(s.r, s.pages[1:]))
		if page != p.pitch.TargetURL {
			return page
		}
	}
}

// landPlain lands on the outlet's own host. Most were accepted first; some of
// those bring a second article, or link another page than the one asked for.
func (s *story) landPlain(p *planned, o outlet, link ahrefstest.Link, on day.Day) {
	agreed := on-p.pitch.SentOn >= 4 && s.r.IntN(5) > 0
	if agreed {
		s.agree(p, p.pitch.SentOn+1, on-1)
		if s.r.IntN(4) == 0 {
			link.To = s.elsewhere(p)
		}
	} else {
		s.remind(p, on)
		p.then(on+1, "", func(q *pitches.Pitch) { q.FollowUpOn = day.None })
	}
	link.From, link.DR, link.FirstSeen = s.source(o, on), s.dr(o, on), on
	if s.plain++; s.plain%7 == 3 && on+19 < s.today {
		link.LostOn = on + 18 + day.Day(s.r.IntN(int(min(s.today-on-18, 90))))
		link.Reason = pick(s.r, lossReasons)
	}
	s.links = append(s.links, link)
	if s.r.IntN(8) == 0 { // the same article names the home page too
		home := link
		home.To, home.Anchor = s.ours("/"), s.brand
		s.links = append(s.links, home)
	}
	if !agreed || s.r.IntN(3) > 0 {
		return
	}
	link.FirstSeen += 4 + day.Day(s.r.IntN(40))
	link.From, link.LostOn, link.Reason = s.source(o, link.FirstSeen), day.None, ""
	s.links = append(s.links, link)
}

// rival adds a pitch of somebody else to the same outlet for the same page, so
// close that the rules cannot choose. It returns the day of the link.
func (s *story) rival(p *planned, o outlet) day.Day {
	sent := min(p.pitch.SentOn+2, s.today)
	q := s.newPitch(o, sent)
	q.owner = (p.owner + 1) % owners
	q.pitch.TargetURL, q.pitch.Anchor = p.pitch.TargetURL, p.pitch.Anchor
	q.pitch.Subject = p.pitch.Subject
	s.silence(p)
	s.silence(q)
	return sent + 4 + day.Day(s.r.IntN(16))
}

// agree writes a reply and an acceptance within two days.
func (s *story) agree(p *planned, from, to day.Day) {
	replied := from + day.Day(s.r.IntN(max(1, int(to-from)/2)))
	accepted := min(replied+1+day.Day(s.r.IntN(5)), to)
	if accepted > replied+1 {
		p.then(replied, "", func(q *pitches.Pitch) {
			pitches.SetStatus(q, pitches.Replied, replied)
			q.FollowUpOn = replied + 5
		})
	}
	var cents int64
	for _, c := range s.campaigns {
		if c.name == p.pitch.Campaign && s.r.IntN(100) < c.paid {
			cents = int64(8+s.r.IntN(34)) * 1000
		}
	}
	expected := accepted + 10 + day.Day(s.r.IntN(20))
	p.then(accepted, "", func(q *pitches.Pitch) {
		pitches.SetStatus(q, pitches.Accepted, accepted)
		q.RepliedOn, q.FollowUpOn, q.NextActionOn, q.ExpectedOn = replied, day.None, accepted+4, expected
		if cents > 0 {
			q.CostCents, q.Currency, q.PaidUntil = cents, s.currency, accepted+365
		}
	})
}

// then adds a change.
func (p *planned) then(on day.Day, note string, f func(*pitches.Pitch)) {
	p.moves = append(p.moves, move{on, f, note})
}

// remind moves the follow-up on each time that it was made, a day or two late,
// until a day. Only recent pitches still show it.
func (s *story) remind(p *planned, until day.Day) {
	sent := p.pitch.SentOn
	if sent < s.today-30 {
		return
	}
	for due := sent + 7; due < min(until, sent+28); due += 7 {
		p.then(due+day.Day(s.r.IntN(3)), "", func(q *pitches.Pitch) { q.FollowUpOn = due + 7 })
	}
}

// silence gives a pitch up after four weeks or a little more.
func (s *story) silence(p *planned) {
	on := p.pitch.SentOn + 28 + day.Day(s.r.IntN(10))
	s.remind(p, on)
	p.givenUp = on
}

func (p *planned) close(on day.Day, to pitches.Status, reason string) {
	p.then(on, "", func(q *pitches.Pitch) {
		pitches.SetStatus(q, to, on)
		q.DeclineReason, q.NextActionOn = reason, day.None
	})
}

// miss writes the end of a pitch that brings no link.
func (s *story) miss(p *planned) {
	sent := p.pitch.SentOn
	switch n := s.r.IntN(100); {
	case n < 14:
		on := sent + 2 + day.Day(s.r.IntN(10))
		s.remind(p, on)
		p.then(on, "", func(q *pitches.Pitch) { q.RepliedOn = on })
		p.close(on, pitches.Declined, pick(s.r, declineReasons))
	case n < 25:
		on := sent + 2 + day.Day(s.r.IntN(9))
		s.remind(p, on)
		p.then(on, "", func(q *pitches.Pitch) {
			pitches.SetStatus(q, pitches.Replied, on)
			q.FollowUpOn = on + 6
		})
		p.then(on+8, "", func(q *pitches.Pitch) { q.FollowUpOn = on + 21 })
		p.givenUp = sent + 36 + day.Day(s.r.IntN(14))
	case n < 36:
		s.agree(p, sent+1, sent+14)
		p.close(sent+70+day.Day(s.r.IntN(20)), pitches.Withdrawn, "")
	case n < 38:
		p.then(sent+1, "The address does not exist.", func(q *pitches.Pitch) {
			q.Bounced = true
			pitches.SetStatus(q, pitches.NoReply, sent+1)
		})
	default:
		s.silence(p)
	}
}

// draft adds pitches that are still being written.
func (s *story) draft(left []outlet) {
	for i := range min(s.drafts, len(left)) {
		p := s.newPitch(left[i], s.today-day.Day(i))
		p.pitch.Status, p.pitch.SentOn, p.pitch.FollowUpOn = pitches.Draft, day.None, day.None
		p.pitch.NextActionOn = s.today + day.Day(i)
	}
}
