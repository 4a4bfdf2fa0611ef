package attribution

import (
	"strconv"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// exactPoints is no setting: a person has recorded the live URL.
const exactPoints = 100

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
	key, w := s.facts.key, &s.rules.Weights
	alias := key != "" && s.hasAlias(p.Aliases)
	primary := key != "" && p.Key == key
	if !alias && !primary || switchedOff(l, p.SwitchedOff) {
		return Reason{}, false
	}
	switch {
	case primary && p.Scoped:
		return Reason{PlatformScope, w.PlatformScope, key}, true
	case primary && p.Host == l.Source.Host:
		return Reason{SameHost, w.SameHost, l.Source.Host}, true
	case primary:
		return Reason{SameDomain, w.SameDomain, l.Source.Host}, true
	}
	return Reason{OutletAlias, w.OutletAlias, key}, true
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
	p, w := f.pitch, &s.rules.Weights
	s.window(f)
	f.target(w, l.TargetKey, p.TargetKey)
	s.words(l, f)
	f.pipeline(w, &s.facts, p.Pitch)
	if rivals == 1 && !f.pre {
		f.add(OnlyPitch, w.OnlyPitch, "")
	}
	s.against(l, f)
	sum := 0
	for i := range f.reasons {
		sum += f.reasons[i].Points
	}
	f.score = min(max(sum, 0), 100)
	s.caps(f)
	if s.rules.Careful == 1 && !f.pre && f.score >= s.rules.CreditAt {
		s.doubt(l, f)
	}
}

// doubt keeps a person in charge where the sum alone would not: when nothing
// speaks of this link itself, something speaks against it, it came late, it
// is on a section that was not pitched, or the outlet links to us anyway. Host,
// time and how the pitch went only say that the outlet and we were in touch.
func (s *run) doubt(l *Link, f *scored) {
	specific, against := false, false
	for i := range f.reasons {
		switch r := &f.reasons[i]; r.Code {
		case AnchorMatch, TopicMatch:
			specific = true
		case TargetExact: // the home page is what links go to that nobody asked for
			specific = specific || strings.ContainsAny(r.Detail, "/?#")
		case Late, UGCOrForum, TemplatePage:
			against = true
		}
	}
	if against {
		f.asks = true
		f.add(Doubted, 0, "")
	}
	if !specific {
		f.asks = true
		f.add(Unspecific, 0, "")
	}
	if label, _, _ := strings.Cut(l.Source.Host, "."); noPublication(label) && f.pitch.Host != l.Source.Host {
		f.asks = true
		f.add(OtherSection, 0, l.Source.Host)
	}
	if s.linkedBefore(l) {
		f.asks = true
		f.add(LinkedBefore, 0, "")
	}
}

func (f *scored) add(c Code, points int, detail string) {
	f.reasons = append(f.reasons, Reason{c, points, detail})
}

// window pays for the time between pitch and link; without both days nothing.
func (s *run) window(f *scored) {
	fs, p, w := &s.facts, f.pitch, &s.rules.Weights
	if !fs.seen.Known() || !p.SentOn.Known() {
		return
	}
	days := int(fs.seen) - int(p.SentOn)
	detail := itoa(days)
	if fs.page {
		detail += pageMark
	}
	switch {
	case days < -s.rules.GraceDays: // preexisting, which the caps speak of
	case days <= s.rules.Windows.Soon:
		f.add(InWindow, w.SoonWindow, detail)
	case days <= s.rules.Windows.Middle:
		f.add(InWindow, w.MiddleWindow, detail)
	case days <= s.rules.Windows.Long:
		f.add(InWindow, w.LongWindow, detail)
	case accepted(p.Status):
		f.add(Late, w.LateAccepted, detail)
	default:
		f.add(Late, 0, detail)
	}
}

// target compares pages. A page key without a path is a home page.
func (f *scored) target(w *Weights, got, asked string) {
	switch {
	case asked == "":
	case got == asked:
		f.add(TargetExact, w.TargetExact, got)
	case got != "" && !strings.ContainsAny(got, "/?#"):
		f.add(TargetHome, w.TargetHome, got)
	default:
		f.add(TargetOther, 0, got)
	}
}

func accepted(s pitches.Status) bool { return s == pitches.Accepted || s == pitches.Landed }

// pipeline weighs how the pitch went. A bounce has no day of its own and comes
// within hours, so it counts whenever the link was seen; it stands for a
// decline beside it.
func (f *scored) pipeline(w *Weights, fs *facts, p *Pitch) {
	switch {
	case accepted(p.Status):
		f.add(AcceptedPitch, w.Accepted, string(p.Status))
	case p.Status == pitches.Replied:
		f.add(RepliedPitch, w.Replied, "")
	}
	switch {
	case p.Bounced:
		f.add(BouncedPitch, w.Bounced, "")
	case p.Status == pitches.Declined && (!p.ClosedOn.Known() || !fs.seen.Known() || p.ClosedOn < fs.seen):
		f.add(DeclinedPitch, w.Declined, p.ClosedOn.String())
	}
}

// against weighs what speaks against an editor having placed the link.
func (s *run) against(l *Link, f *scored) {
	s.facts.readPath(l)
	w := &s.rules.Weights
	switch {
	case l.UGC == backlinks.Yes:
		f.add(UGCOrForum, w.UGCOrForum, "rel=ugc")
	case s.facts.ugc != "":
		f.add(UGCOrForum, w.UGCOrForum, "/"+s.facts.ugc)
	}
	if s.facts.index != "" {
		f.add(TemplatePage, w.TemplatePage, "/"+s.facts.index)
	} else if n := s.pagesLike(l); n > 0 {
		f.add(TemplatePage, w.TemplatePage, itoa(n))
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
		limit(s.rules.Weights.PreexistingCap)
		detail := itoa(int(sent) - int(s.facts.seen))
		if s.facts.page {
			detail += pageMark
		}
		f.add(Preexisting, 0, detail)
	}
	if future := s.rules.Today.Known() && sent > s.rules.Today; future || !sent.Known() {
		limit(s.rules.Weights.NoDateCap)
		f.asks = true
		f.add(NoDate, 0, sent.String())
	}
	if s.facts.seen == day.None {
		f.asks = true
		f.add(UndatedLink, 0, "")
	}
	if f.pitch.Unscoped || s.facts.bare {
		limit(s.rules.Weights.UnscopedCap)
		f.asks = true
		f.add(UnscopedPlatform, 0, s.facts.key)
	}
}

// pageMark in a Detail of days says that they count from the page's date.
const pageMark = " page"

func itoa(n int) string { return strconv.Itoa(n) }
