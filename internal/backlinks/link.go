// Package backlinks has the neutral record of a backlink, of a referring domain
// and of a snapshot, whichever provider or file they came from, and the readers
// of export files. No provider owns it; it knows no SQL and no HTTP.
package backlinks

import (
	"landed/internal/day"
)

// Metric names the scale of an authority figure. Figures of two metrics are
// never mixed in one chart and never converted.
type Metric string

const (
	MetricNone Metric = ""
	DR         Metric = "DR"   // Ahrefs Domain Rating, 0-100
	AS         Metric = "AS"   // Semrush Authority Score
	DA         Metric = "DA"   // Moz Domain Authority
	TF         Metric = "TF"   // Majestic Trust Flow
	Rank       Metric = "Rank" // DataForSEO
)

// Tri is a flag that a provider may not report: unknown is not false.
type Tri int8

const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf is Yes or No.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Kind is how the source page links: an editorial text or image link, or one of
// the technical kinds that are never credited automatically.
type Kind string

const (
	KindUnknown   Kind = ""
	KindText      Kind = "text"
	KindImage     Kind = "image"
	KindRedirect  Kind = "redirect"
	KindFrame     Kind = "frame"
	KindForm      Kind = "form"
	KindCanonical Kind = "canonical"
	KindAlternate Kind = "alternate"
	KindRSS       Kind = "rss"
)

// Editorial reports whether an editor put the link on the page, as opposed to
// a redirect, canonical, alternate, feed, form or frame.
func (k Kind) Editorial() bool {
	return k == KindUnknown || k == KindText || k == KindImage
}

// LostReason is the neutral list of reasons; what the provider said stays beside it.
type LostReason string

const (
	LostNone         LostReason = ""
	LinkRemoved      LostReason = "link_removed"
	PageGone         LostReason = "page_gone"
	NoIndex          LostReason = "noindex"
	Redirected       LostReason = "redirected"
	NotCanonical     LostReason = "not_canonical"
	PageError        LostReason = "page_error"
	IndexDropped     LostReason = "index_dropped" // the provider's index let it go; no editor did anything
	LostReasonUnsaid LostReason = "unknown"
)

// SaidUnlisted stands in LostSaid of a link whose loss no provider has told of: two
// whole lists of what lives lacked it.
const SaidUnlisted = "not in two full lists"

// Link is one source page linking to one page of ours, as one provider saw it.
type Link struct {
	SourceURL string // as reported; the key is made from it, the text is kept
	TargetURL string
	Anchor    string
	Title     string // of the source page
	Author    string // of the source page
	Kind      Kind

	Nofollow  Tri
	UGC       Tri
	Sponsored Tri

	Authority float64 // of the source domain; valid when Metric is set
	Metric    Metric
	HTTPCode  int // 0 = not reported

	FirstSeen     day.Day // when the LINK was first seen
	PageFirstSeen day.Day // when the source PAGE was, where that is all the provider has
	LastSeen      day.Day // last verified live
	LostOn        day.Day // None while it lives
	LostReason    LostReason
	LostSaid      string // the provider's own word for the reason

	Provider string // "ahrefs"
}

// Lost reports whether the provider says that the link is gone.
func (l Link) Lost() bool { return l.LostOn.Known() || l.LostReason != LostNone }

// Rel is the link's rel as one printable word list: "dofollow", "nofollow",
// "nofollow ugc"; "" when the provider does not report it.
func (l Link) Rel() string { return RelText(l.Nofollow, l.UGC, l.Sponsored) }

// RelText prints the three flags the way exports and screens show them.
func RelText(nofollow, ugc, sponsored Tri) string {
	s := ""
	add := func(t Tri, w string) {
		if t != Yes {
			return
		}
		if s != "" {
			s += " "
		}
		s += w
	}
	add(nofollow, "nofollow")
	add(ugc, "ugc")
	add(sponsored, "sponsored")
	if s == "" && nofollow == No {
		return "dofollow"
	}
	return s
}

// RefDomain is one referring domain as the provider counts it.
type RefDomain struct {
	Domain    string
	Authority float64
	Metric    Metric
	Links     int // backlinks from the domain to the target
	FirstSeen day.Day
	LastSeen  day.Day // None while it lives, where the provider says so
}

// Snapshot is one day's figures of a site or competitor. A negative count means
// that the provider did not report it.
type Snapshot struct {
	On              day.Day
	Authority       float64
	Metric          Metric
	Backlinks       int64
	RefDomains      int64
	OrganicTraffic  int64
	OrganicKeywords int64
	Provider        string
}
