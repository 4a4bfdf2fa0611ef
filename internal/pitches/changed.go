package pitches

import (
	"maps"
	"slices"

	"landed/internal/day"
)

// SetStatus moves p to a status and dates what goes with it, where that is not
// dated yet: sent, replied, landed, closed.
func SetStatus(p *Pitch, to Status, today day.Day) {
	p.Status = to
	set := func(d *day.Day) {
		if !d.Known() {
			*d = today
		}
	}
	if to != Draft && !to.Closed() {
		set(&p.SentOn)
		p.ClosedOn = day.None
	}
	switch to {
	case Replied, Accepted:
		set(&p.RepliedOn)
	case Landed:
		set(&p.LandedOn)
	case Declined, NoReply, Withdrawn:
		set(&p.ClosedOn)
		p.FollowUpOn = day.None
	}
}

// Changed names the fields, the status apart, in which two states of a pitch
// differ, as a timeline prints them.
func Changed(a, b *Pitch) []string {
	var out []string
	note := func(differs bool, f Field) {
		if differs {
			out = append(out, f.Label())
		}
	}
	note(a.Outlet.Key != b.Outlet.Key || a.Outlet.Host != b.Outlet.Host, FieldOutlet)
	note(a.Contact != b.Contact, FieldContact)
	note(a.Email != b.Email, FieldEmail)
	note(a.Campaign != b.Campaign, FieldCampaign)
	note(a.Subject != b.Subject, FieldSubject)
	note(a.Type != b.Type, FieldType)
	note(a.TargetURL != b.TargetURL, FieldTarget)
	note(a.Anchor != b.Anchor, FieldAnchor)
	note(a.ExpectedRel != b.ExpectedRel, FieldExpectedRel)
	note(a.OwnerID != b.OwnerID || a.OwnerID == 0 && a.OwnerName != b.OwnerName, FieldOwner)
	note(a.SentOn != b.SentOn, FieldSentOn)
	note(a.FollowUpOn != b.FollowUpOn, FieldFollowUpOn)
	note(a.NextActionOn != b.NextActionOn, FieldNextActionOn)
	note(a.RepliedOn != b.RepliedOn, FieldRepliedOn)
	note(a.ExpectedOn != b.ExpectedOn, FieldExpectedOn)
	note(a.LandedOn != b.LandedOn, FieldLandedOn)
	note(a.ClosedOn != b.ClosedOn, FieldClosedOn)
	note(a.LiveURL != b.LiveURL, FieldLiveURL)
	note(a.CostCents != b.CostCents, FieldCost)
	note(a.Currency != b.Currency, FieldCurrency)
	note(a.PaidUntil != b.PaidUntil, FieldPaidUntil)
	note(a.Bounced != b.Bounced, FieldBounced)
	note(a.DeclineReason != b.DeclineReason, FieldDeclineReason)
	note(!slices.Equal(a.Tags, b.Tags), FieldTags)
	note(a.Notes != b.Notes, FieldNotes)
	note(a.Ref != b.Ref, FieldRef)
	note(!maps.Equal(a.Extra, b.Extra), FieldExtra)
	return out
}
