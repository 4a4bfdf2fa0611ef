package pitches

import (
	"landed/internal/fault"
)

// Status is where a pitch stands. Follow-ups and dates are not statuses.
type Status string

const (
	Draft     Status = "draft"
	Pitched   Status = "pitched"
	Replied   Status = "replied"
	Accepted  Status = "accepted"
	Landed    Status = "landed"
	Declined  Status = "declined"
	NoReply   Status = "no_reply"
	Withdrawn Status = "withdrawn"
)

// Statuses lists all of them in pipeline order, closed ones last.
var Statuses = []Status{Draft, Pitched, Replied, Accepted, Landed, Declined, NoReply, Withdrawn}

// Valid reports whether s is one of Statuses.
func (s Status) Valid() bool { return s.rank() >= 0 }

// Closed reports whether nothing more is expected of the pitch.
func (s Status) Closed() bool { return s == Declined || s == NoReply || s == Withdrawn }

// Sent reports whether the pitch went out: all but drafts.
func (s Status) Sent() bool { return s != Draft && s.Valid() }

func (s Status) rank() int {
	for i, v := range Statuses {
		if v == s {
			return i
		}
	}
	return -1
}

// Move checks a change of status. Any move is allowed; one backwards along the
// pipeline, or out of a closed status, needs a note that says why.
func Move(from, to Status, note string) error {
	if !to.Valid() {
		return fault.Field("status", "%q is not a status of a pitch.", string(to))
	}
	if Backwards(from, to) && note == "" {
		return fault.Field("note", "Say why it goes back from %s to %s.", from.Label(), to.Label())
	}
	return nil
}

// Backwards reports whether a move needs a note.
func Backwards(from, to Status) bool {
	if from == to || !from.Valid() {
		return false
	}
	if from.Closed() {
		return !to.Closed()
	}
	return !to.Closed() && to.rank() < from.rank()
}

// Label is the status as screens print it.
func (s Status) Label() string {
	switch s {
	case Draft:
		return "Draft"
	case Pitched:
		return "Pitched"
	case Replied:
		return "Replied"
	case Accepted:
		return "Accepted"
	case Landed:
		return "Landed"
	case Declined:
		return "Declined"
	case NoReply:
		return "No reply"
	case Withdrawn:
		return "Withdrawn"
	}
	return string(s)
}

// Label is the type as screens print it.
func (t Type) Label() string {
	switch t {
	case TypeGuestPost:
		return "Guest post"
	case TypeDigitalPR:
		return "Digital PR"
	case TypeExpertQuote:
		return "Expert quote"
	case TypeResourceLink:
		return "Resource link"
	case TypeBrokenLink:
		return "Broken link"
	case TypeUnlinkedMention:
		return "Unlinked mention"
	case TypePodcast:
		return "Podcast"
	case TypeReview:
		return "Review"
	case TypeReclaim:
		return "Reclaim"
	}
	return "Not said"
}
