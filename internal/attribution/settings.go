package attribution

import (
	"encoding/json"

	"landed/internal/day"
	"landed/internal/fault"
)

// Setting is one number of the rules: how a form, a stored document and an
// error name it, and what it may be.
type Setting struct {
	Name     string // "credit_at", "windows.soon", "weights.same_host": the path in the stored JSON
	Label    string
	Unit     string // "points", "days", "pages"
	Min, Max int
	Value    *int // in the Rules that it was asked of
}

// Settings lists the numbers of r in the order in which a form shows them.
// Setting a Value changes r; [Rules.Validate] says whether the result holds.
func (r *Rules) Settings() []Setting {
	const points, days, pages = "points", "days", "pages"
	w := &r.Weights
	return []Setting{
		{"credit_at", "Credited from", points, 1, 100, &r.CreditAt},
		{"suggest_at", "Suggested from", points, 1, 100, &r.SuggestAt},
		{"possible_at", "Possible from", points, 1, 100, &r.PossibleAt},
		{"contested_within", "Contested within", points, 0, 100, &r.ContestedWithin},
		{"careful", "Ask a person when in doubt", "(1 yes, 0 no)", 0, 1, &r.Careful},
		{"grace_days", "Days of grace", days, 0, 30, &r.GraceDays},
		{"template_pages", "A template from more than", pages, 0, 1_000_000, &r.TemplatePages},
		{"windows.soon", "Soon, up to", days, 0, 3650, &r.Windows.Soon},
		{"windows.middle", "Later, up to", days, 0, 3650, &r.Windows.Middle},
		{"windows.long", "Much later, up to", days, 0, 3650, &r.Windows.Long},

		{"weights.same_host", "Same host", points, 0, 100, &w.SameHost},
		{"weights.platform_scope", "Same author on a platform", points, 0, 100, &w.PlatformScope},
		{"weights.same_domain", "Another host of the outlet", points, 0, 100, &w.SameDomain},
		{"weights.outlet_alias", "Another name of the outlet", points, 0, 100, &w.OutletAlias},
		{"weights.soon_window", "Seen soon after the pitch", points, 0, 100, &w.SoonWindow},
		{"weights.middle_window", "Seen later", points, 0, 100, &w.MiddleWindow},
		{"weights.long_window", "Seen much later", points, 0, 100, &w.LongWindow},
		{"weights.late_accepted", "Later still, but accepted", points, 0, 100, &w.LateAccepted},
		{"weights.target_exact", "The page asked for", points, 0, 100, &w.TargetExact},
		{"weights.target_home", "The home page instead", points, 0, 100, &w.TargetHome},
		{"weights.author_match", "The contact is the author", points, 0, 100, &w.AuthorMatch},
		{"weights.anchor_match", "The anchor asked for", points, 0, 100, &w.AnchorMatch},
		{"weights.topic_match", "Rare words of the subject", points, 0, 100, &w.TopicMatch},
		{"weights.accepted", "The pitch was accepted", points, 0, 100, &w.Accepted},
		{"weights.replied", "The outlet replied", points, 0, 100, &w.Replied},
		{"weights.only_pitch", "No other pitch", points, 0, 100, &w.OnlyPitch},
		{"weights.declined", "Declined before", points, -100, 0, &w.Declined},
		{"weights.bounced", "Bounced", points, -100, 0, &w.Bounced},
		{"weights.ugc_or_forum", "Written by users", points, -100, 0, &w.UGCOrForum},
		{"weights.template_page", "List or template", points, -100, 0, &w.TemplatePage},
		{"weights.preexisting_cap", "Link older than the pitch, at most", points, 0, 100, &w.PreexistingCap},
		{"weights.no_date_cap", "Pitch without a date, at most", points, 0, 100, &w.NoDateCap},
		{"weights.unscoped_cap", "Platform without an author, at most", points, 0, 100, &w.UnscopedCap},
	}
}

// Validate reports settings that are out of range or out of order, each under
// its name in [Setting]. Equal thresholds are allowed: the band between them
// is then empty.
func (r Rules) Validate() error {
	fields := make(map[string]string)
	for _, s := range r.Settings() {
		if *s.Value < s.Min || *s.Value > s.Max {
			fields[s.Name] = fault.Field(s.Name, "%s must be %d to %d %s, not %d.", s.Label, s.Min, s.Max, s.Unit, *s.Value).Message
		}
	}
	ordered := func(name string, bad bool, message string) {
		if bad && fields[name] == "" {
			fields[name] = message
		}
	}
	ordered("suggest_at", r.SuggestAt > r.CreditAt, "Suggested cannot begin above credited.")
	ordered("possible_at", r.PossibleAt > r.SuggestAt, "Possible cannot begin above suggested.")
	ordered("windows.middle", r.Windows.Middle < r.Windows.Soon, "Each window must end no sooner than the one before it.")
	ordered("windows.long", r.Windows.Long < r.Windows.Middle, "Each window must end no sooner than the one before it.")
	if len(fields) == 0 {
		return nil
	}
	err := fault.New(fault.Invalid, "Some settings of attribution cannot be used.")
	err.Fields = fields
	return err
}

// ParseRules reads rules that were stored with json.Marshal. What the document
// leaves out is as in [DefaultRules], and what it has in addition is ignored,
// so that older and newer versions read each other's. Errors are Validate's,
// and Invalid for what is no JSON.
func ParseRules(stored []byte, today day.Day) (Rules, error) {
	r := DefaultRules(today)
	if err := json.Unmarshal(stored, &r); err != nil {
		return DefaultRules(today), fault.Wrap(err, fault.Invalid, "The stored settings of attribution cannot be read.")
	}
	if err := r.Validate(); err != nil {
		return DefaultRules(today), err
	}
	return r, nil
}
