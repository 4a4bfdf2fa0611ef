package attribution

import (
	"fmt"
	"strconv"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// Strength is the word for a score that screens print before the number:
// "Strong" from 85, "Likely" from 60, else "Weak". The words do not move with
// a workspace's thresholds, which say what is done, not how sure we are.
func Strength(score int) string {
	switch {
	case score >= 85:
		return "Strong"
	case score >= 60:
		return "Likely"
	}
	return "Weak"
}

// Sentence says a reason in plain English, without a full stop. A code that it
// does not know, as a newer version may have stored, is shown as it is.
func Sentence(r Reason) string {
	d := r.Detail
	switch r.Code {
	case ExactLiveURL:
		return "The link is on the page recorded as this pitch's live URL, " + d
	case SameHost:
		return "The link is on the outlet's own host " + d
	case PlatformScope:
		return "The link is on " + d + ", the author this pitch went to"
	case SameDomain:
		return "The link is on " + d + ", another host of the same outlet"
	case OutletAlias:
		return "The link is on " + d + ", another name of the outlet"
	case InWindow:
		return seenSentence(d)
	case Late:
		if r.Points > 0 {
			return seenSentence(d) + ": late, but the outlet had accepted"
		}
		return seenSentence(d) + ": later than links from a pitch mostly come"
	case TargetExact:
		return "It points to the page we asked for, " + d
	case TargetHome:
		return "It points to the home page " + d + ", not to the page we asked for"
	case TargetOther:
		return "It points to " + d + ", not to the page we asked for"
	case AuthorMatch:
		return "The page names " + d + ", our contact, as its author"
	case AnchorMatch:
		return "The anchor says “" + d + "”, as we asked"
	case TopicMatch:
		return "Title or anchor share rare words with the pitch: " + d
	}
	return laterSentence(r)
}

func laterSentence(r Reason) string {
	d := r.Detail
	switch r.Code {
	case AcceptedPitch:
		if d == string(pitches.Landed) {
			return "The pitch is marked as landed"
		}
		return "The outlet accepted the pitch"
	case RepliedPitch:
		return "The outlet replied to the pitch"
	case DeclinedPitch:
		if d == "" {
			return "The outlet declined the pitch"
		}
		return "The outlet declined the pitch on " + plainDate(d) + ", before the link appeared"
	case BouncedPitch:
		return "The e-mail of the pitch bounced"
	case OnlyPitch:
		return "No other pitch could have earned it"
	case UGCOrForum:
		if strings.HasPrefix(d, "/") {
			return "The page lies under " + d + ", where users write"
		}
		return "The link is marked as written by a user (" + d + ")"
	case TemplatePage:
		if strings.HasPrefix(d, "/") {
			return "The page is a list or feed (" + d + "), not an article"
		}
		return d + " pages of this outlet have the same anchor and target, as a template does"
	case NotEditorial:
		return notEditorialSentence(backlinks.Kind(d))
	case Preexisting:
		return preexistingSentence(d)
	case NoDate:
		if d == "" {
			return "The pitch has no sent date"
		}
		return "The pitch is dated " + plainDate(d) + ", in the future"
	case UndatedLink:
		return "Nobody knows when the link appeared"
	case UnscopedPlatform:
		return "Many authors write on " + d + ", and the pitch names none of them"
	case Unspecific:
		return "Nothing about the link itself points to this pitch, so a person decides"
	case Doubted:
		return "Something speaks against it, so a person decides"
	case OtherSection:
		return "The link is on " + d + ", which is rarely written by editors"
	case LinkedBefore:
		return "The outlet linked to us before it was first pitched, so it may link without being asked"
	case ContestedRunnerUp:
		return "Another pitch is about as likely, at " + d + "%"
	}
	if d == "" {
		return string(r.Code)
	}
	return string(r.Code) + ": " + d
}

func notEditorialSentence(k backlinks.Kind) string {
	what := "a " + string(k)
	switch k {
	case backlinks.KindRSS:
		what = "a feed entry"
	case backlinks.KindCanonical:
		what = "a canonical tag"
	case backlinks.KindAlternate:
		what = "an alternate-language tag"
	}
	return "It is " + what + ", not a link an editor placed in a text"
}

// seenSentence turns the days between pitch and link into words.
func seenSentence(detail string) string {
	days, page := strings.CutSuffix(detail, pageMark)
	what := "First seen "
	if page {
		what = "The page was first seen "
	}
	n, err := strconv.Atoi(days)
	switch {
	case err != nil:
		return what + detail
	case n == 0:
		return what + "on the day of the pitch"
	case n < 0:
		return what + dayCount(-n) + " before the pitch was dated, within the days of grace"
	}
	return what + dayCount(n) + " after the pitch"
}

func preexistingSentence(detail string) string {
	days, page := strings.CutSuffix(detail, pageMark)
	what := "The link was"
	if page {
		what = "The page was"
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return what + " there before the pitch"
	}
	return what + " there " + dayCount(n) + " before the pitch"
}

func dayCount(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

// plainDate is "2026-11-24" as "24 Nov 2026".
func plainDate(iso string) string {
	d, err := day.Parse(iso)
	if err != nil || !d.Known() {
		return iso
	}
	t := d.Time()
	return fmt.Sprintf("%d %s %d", t.Day(), t.Month().String()[:3], t.Year())
}
