package attribution

import (
	"cmp"
	"slices"

	"landed/internal/day"
	"landed/internal/weburl"
)

// Decide attributes links of one site: one Decision per link, in the order of
// links. It does not depend on the order of links or candidates.
//
// The unit of attribution is a site and a source outlet key: hand over all
// links of the key, live and lost, because a template is found by counting
// pages, and all pitches of the site that may claim one of them ([Index.For]).
// Pitches that cannot claim a link do no harm. IDs must be unique. rejected
// tells which pairs a person has refused (nil = none): such a pitch is no
// candidate for that link, and no rival of the others either.
//
// Candidates of a link are the sent pitches whose outlet key, or an alias
// valid when the link was first seen, is the source's outlet key, and those
// whose live URL is the source page.
//
//   - The live URL was recorded by a person, so exact_live_url ends the scoring
//     at 100: no cap applies, a link older than the pitch included, and only
//     another pitch with that live URL can contest it.
//   - A pitch sent more than GraceDays after the link was seen cannot have
//     earned it. It is shown when nothing better is there, capped at 30 with
//     the reason preexisting and in no band, and never stands in the way of
//     only_pitch or contests another.
//   - Without a date of the link the page's date is taken: a link is no older
//     than its page. Without either, no window points are given, aliases hold
//     whatever their dates, and the link is suggested at most.
//   - no_date, unscoped_platform and not_editorial keep a link from automatic
//     credit also where a workspace has moved the thresholds. So do a late link,
//     what speaks against an editor's work, an outlet that linked before it was
//     first pitched, and the lack of any evidence about the link itself.
func (r Rules) Decide(links []Link, candidates []Pitch, rejected func(linkID, pitchID int64) bool) []Decision {
	return r.Decider().Decide(links, candidates, rejected)
}

// Decider decides the links of one outlet key after the other in the same
// memory. It is not safe for concurrent use; several of them are.
type Decider struct {
	run run
	out []Decision
}

// Decider makes one that decides by these rules.
func (r Rules) Decider() *Decider { return &Decider{run: run{rules: r}, out: []Decision{}} }

// Decide is [Rules.Decide]. What it gives stays as it is until the next call.
func (d *Decider) Decide(links []Link, candidates []Pitch, rejected func(linkID, pitchID int64) bool) []Decision {
	d.run.begin(links, candidates, rejected)
	d.out = slices.Grow(d.out[:0], len(links))
	for i := range links {
		d.out = append(d.out, d.run.decide(&links[i]))
	}
	return d.out
}

// Candidates lists every candidate of the link with that ID, best first, as
// Decide weighs them: what a person sees side by side. The other arguments
// are those of Decide.
func (r Rules) Candidates(linkID int64, links []Link, candidates []Pitch, rejected func(linkID, pitchID int64) bool) []Candidate {
	i := slices.IndexFunc(links, func(l Link) bool { return l.ID == linkID })
	if i < 0 {
		return nil
	}
	s := run{rules: r}
	s.begin(links, candidates, rejected)
	s.weigh(&links[i])
	out := make([]Candidate, len(s.found))
	for j := range s.found {
		out[j] = s.keep(&s.found[j])
	}
	return out
}

// run is one call of Decide after another. It owns buffers that are used again
// for each link, so that a link without candidates costs nothing.
type run struct {
	rules    Rules
	links    []Link
	pitches  []entry
	rejected func(linkID, pitchID int64) bool

	found    []scored // candidates of the current link, best first after weigh
	facts    facts    // of the current link
	earliest day.Day  // when the first candidate in time was sent
	shared   map[placing]int
	oldest   oldestPages
	kept     []Reason    // of all decisions of the call
	assists  []Candidate // the same
}

// entry is a pitch that was sent.
type entry struct {
	*Pitch
	text pitchText
}

// scored is a candidate of the current link.
type scored struct {
	pitch   *entry
	score   int
	exact   bool // the live URL is the page: settled by a person
	pre     bool // the link was there before the pitch
	asks    bool // whatever the score, a person must decide
	reasons []Reason
}

// begin takes what a call is about, and forgets the call before.
func (s *run) begin(links []Link, candidates []Pitch, rejected func(linkID, pitchID int64) bool) {
	s.links, s.rejected, s.shared, s.oldest = links, rejected, nil, oldestPages{}
	s.pitches, s.kept, s.assists = s.pitches[:0], s.kept[:0], s.assists[:0]
	if len(links) == 0 {
		return
	}
	if cap(s.pitches) < len(candidates) {
		s.pitches = make([]entry, 0, len(candidates))
	}
	for i := range candidates {
		if candidates[i].Status.Sent() {
			n := len(s.pitches)
			s.pitches = s.pitches[:n+1]
			s.pitches[n].Pitch = &candidates[i]
			s.pitches[n].text.reset()
		}
	}
}

func (s *run) decide(l *Link) Decision {
	d := Decision{LinkID: l.ID, Band: NoBand}
	s.weigh(l)
	if len(s.found) == 0 {
		return d
	}
	best := &s.found[0]
	if !best.pre {
		d.Band = s.rules.band(best.score)
	}
	if d.Band == Credited || d.Band == Suggested {
		if rival := s.contest(); rival != nil {
			d.Contested = true
			best.add(ContestedRunnerUp, 0, itoa(rival.score))
		}
	}
	if d.Band == Credited && (best.asks || d.Contested) {
		d.Band = Suggested
	}
	d.Best = s.keep(best)
	d.Assists = s.runnersUp()
	return d
}

// runnersUp keeps those that may have helped; nil for none.
func (s *run) runnersUp() []Candidate {
	n := 1
	for n < len(s.found) && !s.found[n].pre && s.found[n].score >= s.rules.SuggestAt {
		n++
	}
	if n == 1 {
		return nil
	}
	s.assists = room(s.assists, n-1, 16)
	from := len(s.assists)
	for i := range s.found[1:n] {
		s.assists = append(s.assists, s.keep(&s.found[1+i]))
	}
	to := len(s.assists)
	return s.assists[from:to:to]
}

func (r Rules) band(score int) Band {
	switch {
	case score >= r.CreditAt:
		return Credited
	case score >= r.SuggestAt:
		return Suggested
	case score >= r.PossibleAt:
		return Possible
	}
	return NoBand
}

// weigh fills found with the link's candidates, best first.
func (s *run) weigh(l *Link) {
	for i := range s.found {
		s.found[i].reasons = s.found[i].reasons[:0]
	}
	s.found = s.found[:0]
	if len(s.pitches) == 0 {
		return
	}
	s.facts.reset(l)
	s.earliest = day.None
	rivals := 0
	for i := range s.pitches {
		p := &s.pitches[i]
		part, ok := s.host(l, p.Pitch)
		if !ok || s.rejected != nil && s.rejected(l.ID, p.ID) {
			continue
		}
		f := s.next()
		f.pitch = p
		f.exact = part.Code == ExactLiveURL
		f.pre = !f.exact && s.facts.before(p.SentOn, s.rules.GraceDays)
		f.reasons = append(f.reasons, part)
		if !f.pre {
			rivals++
			if p.SentOn.Known() && (!s.earliest.Known() || p.SentOn < s.earliest) {
				s.earliest = p.SentOn
			}
		}
	}
	for i := range s.found {
		s.score(l, &s.found[i], rivals)
	}
	slices.SortFunc(s.found, better)
}

// next is a fresh candidate that has the reasons' memory of an old one.
func (s *run) next() *scored {
	n := len(s.found)
	if n == cap(s.found) {
		s.found = append(s.found, scored{reasons: make([]Reason, 0, 8)})
		return &s.found[n]
	}
	s.found = s.found[:n+1]
	s.found[n] = scored{reasons: s.found[n].reasons[:0]}
	return &s.found[n]
}

// better orders candidates: those that can have earned the link, what a person
// has settled, the score, the latest pitch, the lowest id.
func better(a, b scored) int {
	return cmp.Or(
		first(!a.pre, !b.pre),
		first(a.exact, b.exact),
		cmp.Compare(b.score, a.score),
		cmp.Compare(b.pitch.SentOn, a.pitch.SentOn),
		cmp.Compare(a.pitch.ID, b.pitch.ID),
	)
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// contest finds the best runner-up that is too close to the best candidate for
// the rules to choose between them: one of another owner or campaign, and with
// careful rules any, since one person's two pitches are told apart no better
// than two persons'.
func (s *run) contest() *scored {
	best := &s.found[0]
	for i := range s.found[1:] {
		f := &s.found[1+i]
		if f.pre || f.exact != best.exact || best.score-f.score > s.rules.ContestedWithin {
			return nil
		}
		if s.rules.Careful == 1 || f.pitch.OwnerID != best.pitch.OwnerID || f.pitch.Campaign != best.pitch.Campaign {
			return f
		}
	}
	return nil
}

// keep copies a candidate out of the buffers of its link.
func (s *run) keep(f *scored) Candidate {
	s.kept = room(s.kept, len(f.reasons), min(8*len(s.links), 512))
	from := len(s.kept)
	s.kept = append(s.kept, f.reasons...)
	n := len(s.kept)
	return Candidate{PitchID: f.pitch.ID, Score: f.score, Reasons: s.kept[from:n:n]}
}

// room gives a slice to append n more to: list, or when it is full an empty one,
// so that nothing of list moves.
func room[T any](list []T, n, usual int) []T {
	if cap(list)-len(list) < n {
		return make([]T, 0, max(n, usual))
	}
	return list
}

// facts is what several candidates ask of one link, found out once.
type facts struct {
	key  string  // outlet key of the source
	seen day.Day // of the link, else of its page
	page bool    // seen is the page's day

	pageKey string // "" = not yet made
	paths   bool   // ugc and index are set
	ugc     string // path segment that speaks of users' own pages
	index   string // path segment that speaks of a list or feed
	bare    bool   // the source names no author on its platform
	text    linkText
	segs    []string
}

func (f *facts) reset(l *Link) {
	*f = facts{key: l.Source.Outlet.Key, seen: l.FirstSeen, text: f.text, segs: f.segs[:0]}
	f.text.reset()
	f.bare = l.Source.Outlet.Scope == weburl.ScopeBare
	if !f.seen.Known() && l.PageFirstSeen.Known() {
		f.seen, f.page = l.PageFirstSeen, true
	}
}

// before reports that the link was there more than grace days before the pitch.
func (f *facts) before(sent day.Day, grace int) bool {
	return f.seen.Known() && sent.Known() && int(f.seen) < int(sent)-grace
}
