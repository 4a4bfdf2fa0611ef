package attribution

import "landed/internal/day"

// Weights are the points of the parts, and the caps. A live URL that is the
// page is not among them: a person has recorded it, and it settles the matter.
type Weights struct {
	SameHost      int `json:"same_host"`
	PlatformScope int `json:"platform_scope"`
	SameDomain    int `json:"same_domain"`
	OutletAlias   int `json:"outlet_alias"`

	SoonWindow   int `json:"soon_window"`   // seen within Windows.Soon, the days of grace included
	MiddleWindow int `json:"middle_window"` // within Windows.Middle
	LongWindow   int `json:"long_window"`   // within Windows.Long
	LateAccepted int `json:"late_accepted"` // later, when the pitch was accepted; else later is worth nothing

	TargetExact int `json:"target_exact"`
	TargetHome  int `json:"target_home"`
	AuthorMatch int `json:"author_match"`
	AnchorMatch int `json:"anchor_match"`
	TopicMatch  int `json:"topic_match"`

	Accepted  int `json:"accepted"`
	Replied   int `json:"replied"`
	Declined  int `json:"declined"` // 0 or less, as all that speaks against
	Bounced   int `json:"bounced"`
	OnlyPitch int `json:"only_pitch"`

	UGCOrForum   int `json:"ugc_or_forum"`
	TemplatePage int `json:"template_page"`

	PreexistingCap int `json:"preexisting_cap"` // in no band whatever the thresholds
	NoDateCap      int `json:"no_date_cap"`
	UnscopedCap    int `json:"unscoped_cap"`
}

// Windows are the last days after a pitch that pay SoonWindow, MiddleWindow
// and LongWindow points.
type Windows struct {
	Soon   int `json:"soon"`
	Middle int `json:"middle"`
	Long   int `json:"long"`
}

// DefaultWeights are the points that the specification of attribution has.
func DefaultWeights() Weights {
	return Weights{
		SameHost: 60, PlatformScope: 55, SameDomain: 50, OutletAlias: 50,
		SoonWindow: 20, MiddleWindow: 12, LongWindow: 5, LateAccepted: 10,
		TargetExact: 15, TargetHome: 3, AuthorMatch: 10, AnchorMatch: 8, TopicMatch: 8,
		Accepted: 12, Replied: 6, Declined: -20, Bounced: -30, OnlyPitch: 8,
		UGCOrForum: -25, TemplatePage: -20,
		PreexistingCap: 30, NoDateCap: 84, UnscopedCap: 59,
	}
}

// Rules are the workspace's settings of attribution.
type Rules struct {
	CreditAt        int     `json:"credit_at"`        // score from which a link is credited automatically
	SuggestAt       int     `json:"suggest_at"`       // score from which a person is asked
	PossibleAt      int     `json:"possible_at"`      // score from which a match is shown at all
	GraceDays       int     `json:"grace_days"`       // a pitch may be logged this many days after its link was seen
	ContestedWithin int     `json:"contested_within"` // points within which a pitch of another owner or campaign contests
	TemplatePages   int     `json:"template_pages"`   // more pages than this with the same anchor and target are a template; 0 = any number is fine
	Careful         int     `json:"careful"`          // 1: what leaves a doubt is suggested whatever the score, see [CarefulRules]; 0: the score decides
	Windows         Windows `json:"windows"`
	Weights         Weights `json:"weights"`
	Version         int     `json:"version"` // stored with each decision; whoever changes a setting raises it
	Today           day.Day `json:"-"`       // for pitches dated in the future; None = do not check
}

// DefaultRules are those of the specification; Today must be set by the caller.
func DefaultRules(today day.Day) Rules {
	return Rules{
		CreditAt: 85, SuggestAt: 60, PossibleAt: 35, GraceDays: 3, ContestedWithin: 5, TemplatePages: 20,
		Windows: Windows{Soon: 30, Middle: 90, Long: 180}, Weights: DefaultWeights(),
		Version: 1, Today: today,
	}
}

// CarefulRules credit less without a person and are wrong less often, as
// docs/accuracy.md measures: nothing but host, time and how the pitch went is
// not enough, nor is a score that something speaks against, or an outlet that
// links anyway; any other pitch within 15 points contests, since a window of time
// is worth 8 and acceptance 12, and neither tells two pitches apart.
func CarefulRules(today day.Day) Rules {
	r := DefaultRules(today)
	r.Careful, r.ContestedWithin, r.TemplatePages = 1, 15, 5
	return r
}
