package attribution

import (
	"strconv"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// Points of the parts, and the caps, as the specification of attribution has
// them. A change needs a new Rules.Version.
const (
	exactPoints    = 100
	hostPoints     = 60
	scopePoints    = 55
	domainPoints   = 50
	aliasPoints    = 50
	monthPoints    = 20 // 0-30 days after the pitch, and the grace days before
	quarterPoints  = 12 // 31-90
	halfPoints     = 5  // 91-180
	latePoints     = 10 // later, when the pitch was accepted
	targetPoints   = 15
	homePoints     = 3
	authorPoints   = 10
	anchorPoints   = 8
	topicPoints    = 8
	acceptedPoints = 12
	repliedPoints  = 6
	declinedPoints = -20
	bouncedPoints  = -30
	onlyPoints     = 8
	ugcPoints      = -25
	templatePoints = -20

	preexistingCap = 30
	noDateCap      = 84
	unscopedCap    = 59
)

// host says whether and how p may claim the link, by the best-paid way.
func (s *run) host(l *Link, p *Pitch) (Reason, bool) {
	if p.LiveKey != "" {
		if s.facts.pageKey == "" {
			s.facts.pageKey = l.Source.Key()
		}
		if p.LiveKey == s.facts.pageKey {
			return Reason{ExactLiveURL, exactPoints, p.LiveKey}, true
		}
	}
	key := s.facts.key
	alias := key != "" && s.hasAlias(p.Aliases)
	primary := key != "" && p.Key == key
	if !alias && !primary || switchedOff(l, p.SwitchedOff) {
		return Reason{}, false
	}
	switch {
	case primary && p.Scoped:
		return Reason{PlatformScope, scopePoints, key}, true
	case primary && p.Host == l.Source.Host:
		return Reason{SameHost, hostPoints, l.Source.Host}, true
	case primary:
		return Reason{SameDomain, domainPoints, l.Source.Host}, true
	}
	return Reason{OutletAlias, aliasPoints, key}, true
}

// hasAlias looks for the source's key among aliases that held on the day the
// link was seen, both ends of their time included.
func (s *run) hasAlias(aliases []pitches.Alias) bool {
	seen := s.facts.seen
	for i := range aliases {
		a := &aliases[i]
		if a.Key != s.facts.key {
			continue
		}
		if !seen.Known() || (!a.From.Known() || seen >= a.From) && (!a.To.Known() || seen <= a.To) {
			return true
		}
	}
	return false
}

func switchedOff(l *Link, off []string) bool {
	for _, o := range off {
		if o == "" {
			continue
		}
		if under(l.Source.Host, o) {
			return true
		}
		// "jobs" is jobs.example.com and everything below it.
		if sub, ok := strings.CutSuffix(l.Source.Host, "."+l.Source.Domain); ok && under(sub, o) {
			return true
		}
	}
	return false
}

func under(host, parent string) bool {
	rest, ok := strings.CutSuffix(host, parent)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// score completes a candidate that has its host part. rivals counts the
// candidates that can have earned the link, this one included.
func (s *run) score(l *Link, f *scored, rivals int) {
	if f.exact {
		f.score = exactPoints
		f.editorial(l)
		return
	}
	p := f.pitch
	f.window(&s.facts, p.Pitch, s.rules.GraceDays)
	f.target(l.TargetKey, p.TargetKey)
	s.words(l, f)
	f.pipeline(&s.facts, p.Pitch)
	if rivals == 1 && !f.pre {
		f.add(OnlyPitch, onlyPoints, "")
	}
	s.against(l, f)
	sum := 0
	for i := range f.reasons {
		sum += f.reasons[i].Points
	}
	f.score = min(max(sum, 0), 100)
	s.caps(f)
}

func (f *scored) add(c Code, points int, detail string) {
	f.reasons = append(f.reasons, Reason{c, points, detail})
}

// window pays for the time between pitch and link; without both days nothing.
func (f *scored) window(fs *facts, p *Pitch, grace int) {
	if !fs.seen.Known() || !p.SentOn.Known() {
		return
	}
	days := int(fs.seen) - int(p.SentOn)
	detail := itoa(days)
	if fs.page {
		detail += pageMark
	}
	switch {
	case days < -grace: // preexisting, which the caps speak of
	case days <= 30:
		f.add(InWindow, monthPoints, detail)
	case days <= 90:
		f.add(InWindow, quarterPoints, detail)
	case days <= 180:
		f.add(InWindow, halfPoints, detail)
	case accepted(p.Status):
		f.add(Late, latePoints, detail)
	default:
		f.add(Late, 0, detail)
	}
}

// target compares pages. A page key without a path is a home page.
func (f *scored) target(got, asked string) {
	switch {
	case asked == "":
	case got == asked:
		f.add(TargetExact, targetPoints, got)
	case got != "" && !strings.ContainsAny(got, "/?#"):
		f.add(TargetHome, homePoints, got)
	default:
		f.add(TargetOther, 0, got)
	}
}

func accepted(s pitches.Status) bool { return s == pitches.Accepted || s == pitches.Landed }

// pipeline weighs how the pitch went. A bounce has no day of its own and comes
// within hours, so it counts whenever the link was seen; it stands for a
// decline beside it.
func (f *scored) pipeline(fs *facts, p *Pitch) {
	switch {
	case accepted(p.Status):
		f.add(AcceptedPitch, acceptedPoints, string(p.Status))
	case p.Status == pitches.Replied:
		f.add(RepliedPitch, repliedPoints, "")
	}
	switch {
	case p.Bounced:
		f.add(BouncedPitch, bouncedPoints, "")
	case p.Status == pitches.Declined && (!p.ClosedOn.Known() || !fs.seen.Known() || p.ClosedOn < fs.seen):
		f.add(DeclinedPitch, declinedPoints, p.ClosedOn.String())
	}
}

// against weighs what speaks against an editor having placed the link.
func (s *run) against(l *Link, f *scored) {
	s.facts.readPath(l)
	switch {
	case l.UGC == backlinks.Yes:
		f.add(UGCOrForum, ugcPoints, "rel=ugc")
	case s.facts.ugc != "":
		f.add(UGCOrForum, ugcPoints, "/"+s.facts.ugc)
	}
	if s.facts.index != "" {
		f.add(TemplatePage, templatePoints, "/"+s.facts.index)
	} else if n := s.pagesLike(l); n > 0 {
		f.add(TemplatePage, templatePoints, itoa(n))
	}
	f.editorial(l)
}

func (f *scored) editorial(l *Link) {
	if !l.Kind.Editorial() {
		f.asks = true
		f.add(NotEditorial, 0, string(l.Kind))
	}
}

func (s *run) caps(f *scored) {
	limit := func(most int) { f.score = min(f.score, most) }
	sent := f.pitch.SentOn
	if f.pre {
		limit(preexistingCap)
		detail := itoa(int(sent) - int(s.facts.seen))
		if s.facts.page {
			detail += pageMark
		}
		f.add(Preexisting, 0, detail)
	}
	if future := s.rules.Today.Known() && sent > s.rules.Today; future || !sent.Known() {
		limit(noDateCap)
		f.asks = true
		f.add(NoDate, 0, sent.String())
	}
	if s.facts.seen == day.None {
		f.asks = true
		f.add(UndatedLink, 0, "")
	}
	if f.pitch.Unscoped || s.facts.bare {
		limit(unscopedCap)
		f.asks = true
		f.add(UnscopedPlatform, 0, s.facts.key)
	}
}

// pageMark in a Detail of days says that they count from the page's date.
const pageMark = " page"

func itoa(n int) string { return strconv.Itoa(n) }
