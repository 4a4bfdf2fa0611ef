// Package pitches has the pitch, the outlet it went to, its status and the
// moves between them, and the reading of pitch lists. It knows no SQL, no HTTP
// and no clock.
package pitches

import (
	"time"

	"landed/internal/day"
)

// Type is what kind of offer a pitch made.
type Type string

const (
	TypeUnknown         Type = ""
	TypeGuestPost       Type = "guest_post"
	TypeDigitalPR       Type = "digital_pr"
	TypeExpertQuote     Type = "expert_quote"
	TypeResourceLink    Type = "resource_link"
	TypeBrokenLink      Type = "broken_link"
	TypeUnlinkedMention Type = "unlinked_mention"
	TypePodcast         Type = "podcast"
	TypeReview          Type = "review"
	TypeReclaim         Type = "reclaim"
)

// Types lists every Type in the order in which forms show them.
var Types = []Type{
	TypeGuestPost, TypeDigitalPR, TypeExpertQuote, TypeResourceLink, TypeBrokenLink,
	TypeUnlinkedMention, TypePodcast, TypeReview, TypeReclaim,
}

// Pitch is one offer to one outlet, one person or desk, for one site of ours.
type Pitch struct {
	ID       int64
	SiteID   int64
	Ref      string // the list's own id, kept on import; "" when typed
	OutletID int64
	Outlet   Outlet // filled on reading; on saving Outlet.Key finds or makes the outlet
	Contact  string // a person or desk
	Email    string
	Campaign string // by name; "" for none
	Subject  string // subject or angle
	Type     Type
	Status   Status

	TargetURL   string // the page of ours that we asked a link to; "" = any
	Anchor      string // the anchor asked for
	ExpectedRel string // "", "dofollow", "nofollow", "sponsored"
	LiveURL     string // where it went live, once known

	OwnerID   int64
	OwnerName string

	SentOn       day.Day
	FollowUpOn   day.Day
	NextActionOn day.Day
	RepliedOn    day.Day
	ExpectedOn   day.Day
	LandedOn     day.Day
	ClosedOn     day.Day // when it was declined, withdrawn or given up; None while open
	Bounced      bool

	CostCents int64 // in Currency's hundredths; 0 = none recorded
	Currency  string
	PaidUntil day.Day

	DeclineReason string
	Tags          []string
	Notes         string
	Source        string // "typed", or "FILE:ROW" of an import
	Extra         map[string]string
	ImportKey     string // NaturalKey of the row it came from; finds it again after edits; "" when typed

	Version   int64 // counts up with each change; a stale one is a conflict
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Outlet is a publication we pitch.
type Outlet struct {
	ID           int64
	Name         string // as people call it; the key when nothing better is known
	Key          string // weburl outlet key, e.g. "example.com" or "medium.com/@ann"
	Host         string // normalised host as it was typed, e.g. "blog.example.com"
	Unscoped     bool   // a bare platform host without an author: never credited automatically
	Authority    float64
	Metric       string
	DoNotContact bool
	Aliases      []Alias
}

// Alias is another key under which an outlet's links count, perhaps only for a time.
type Alias struct {
	Key      string
	From, To day.Day // None = open
}

// Event is one line of a pitch's timeline.
type Event struct {
	At   time.Time
	Who  string
	Kind string // "created", "status", "edited", "note", "credited", "credit_undone", "deleted", "restored"
	From string
	To   string
	Note string
}
