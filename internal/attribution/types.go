// Package attribution finds the pitch that earned a link, says why, and how
// sure it is. It is pure: the same links, pitches and rules give the same
// decisions in any order, on any run. All dates are UTC days.
package attribution

import (
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// Link is what attribution needs to know of one link.
type Link struct {
	ID        int64
	Source    weburl.Page // parsed source URL
	TargetKey string      // page key of the target
	Anchor    string
	Title     string // of the source page
	Author    string // of the source page
	Kind      backlinks.Kind
	UGC       backlinks.Tri

	FirstSeen     day.Day // of the link
	PageFirstSeen day.Day // of the page, where the provider has no link-level date
}

// Pitch is what attribution needs to know of one pitch of the same site.
type Pitch struct {
	ID       int64
	OutletID int64
	OwnerID  int64
	Campaign string

	Host     string // normalised host of the outlet as typed
	Key      string // the outlet's primary key
	Scoped   bool   // the key is narrower than a domain: an author's host or path on a platform
	Unscoped bool   // a bare platform host, no author
	Aliases  []pitches.Alias
	// SwitchedOff are subdomains of the outlet whose links never count, as the
	// labels before the domain ("jobs") or as whole hosts ("jobs.example.com").
	SwitchedOff []string
	LiveKey     string // page key of the live URL, "" when unknown
	LiveOutlet  string // outlet key of the live URL, "" when unknown

	SentOn    day.Day
	Status    pitches.Status
	ClosedOn  day.Day // when it was declined; None = unknown, then it counts as before the link
	Bounced   bool
	TargetKey string // page key of the page asked for; "" = any
	Anchor    string
	Subject   string
	Contact   string // a person or desk
}

// Code names one part of a score.
type Code string

const (
	ExactLiveURL      Code = "exact_live_url"
	SameHost          Code = "same_host"
	PlatformScope     Code = "platform_scope"
	SameDomain        Code = "same_domain"
	OutletAlias       Code = "outlet_alias"
	InWindow          Code = "in_window"
	Late              Code = "late"
	TargetExact       Code = "target_exact"
	TargetHome        Code = "target_home"
	TargetOther       Code = "target_other"
	AuthorMatch       Code = "author_match"
	AnchorMatch       Code = "anchor_match"
	TopicMatch        Code = "topic_match"
	AcceptedPitch     Code = "accepted"
	RepliedPitch      Code = "replied"
	DeclinedPitch     Code = "declined"
	BouncedPitch      Code = "bounced"
	OnlyPitch         Code = "only_pitch"
	UGCOrForum        Code = "ugc_or_forum"
	TemplatePage      Code = "template_page"
	NotEditorial      Code = "not_editorial"
	Preexisting       Code = "preexisting"
	NoDate            Code = "no_date"
	UndatedLink       Code = "undated_link" // neither link nor page has a date: never credited automatically
	UnscopedPlatform  Code = "unscoped_platform"
	Unspecific        Code = "unspecific"    // nothing but host, time and pipeline: never credited automatically
	Doubted           Code = "doubted"       // late, or something speaks against the link: not credited automatically by careful rules
	OtherSection      Code = "other_section" // a subdomain of jobs, help or users that was not pitched: never credited automatically
	LinkedBefore      Code = "linked_before" // the outlet linked to us before it was first pitched: never credited automatically
	ContestedRunnerUp Code = "contested"
)

// Codes lists every Code in the order in which reasons are given.
var Codes = []Code{
	ExactLiveURL, SameHost, PlatformScope, SameDomain, OutletAlias,
	InWindow, Late,
	TargetExact, TargetHome, TargetOther,
	AuthorMatch, AnchorMatch, TopicMatch,
	AcceptedPitch, RepliedPitch, DeclinedPitch, BouncedPitch,
	OnlyPitch,
	UGCOrForum, TemplatePage, NotEditorial,
	Preexisting, NoDate, UndatedLink, UnscopedPlatform, Unspecific, Doubted, OtherSection, LinkedBefore, ContestedRunnerUp,
}

// Reason is one part that counted: its code, its points (0 for caps and shown
// facts), and the figure or word that [Sentence] puts into its sentence.
type Reason struct {
	Code   Code   `json:"code"`
	Points int    `json:"points"`
	Detail string `json:"detail,omitempty"` // days since sent, the alias, the matched words …
}

// Band is how sure a score is.
type Band string

const (
	Credited  Band = "credited"  // 85+ by default: credited without a person
	Suggested Band = "suggested" // 60-84: a person decides
	Possible  Band = "possible"  // 35-59: folded away
	NoBand    Band = "none"
)

// Candidate is one pitch with its score for one link. The points of its
// Reasons add up to Score, before the sum is clipped to 0..100 and capped.
type Candidate struct {
	PitchID int64
	Score   int // 0..100
	Reasons []Reason
}

// Decision is what the rules say about one link.
type Decision struct {
	LinkID    int64
	Band      Band
	Contested bool        // another owner's or campaign's pitch is too close to credit automatically
	Best      Candidate   // PitchID 0 when there is no candidate
	Assists   []Candidate // runners-up at SuggestAt or more, best first
}
