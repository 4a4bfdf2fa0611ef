package pitches

// Field is one importable field of a pitch, as a mapping stores it.
type Field string

// The fields that a column of a list can be read into.
const (
	FieldIgnore Field = "ignore" // leave the column out
	FieldExtra  Field = "extra"  // keep the cell under the column's own name

	FieldID            Field = "id"  // the pitch's number in our own export
	FieldRef           Field = "ref" // the list's own id
	FieldOutlet        Field = "outlet"
	FieldOutletURL     Field = "outlet_url"
	FieldContact       Field = "contact"
	FieldEmail         Field = "email"
	FieldCampaign      Field = "campaign"
	FieldSubject       Field = "subject"
	FieldType          Field = "type"
	FieldStatus        Field = "status"
	FieldTarget        Field = "target"
	FieldAnchor        Field = "anchor"
	FieldExpectedRel   Field = "expected_rel"
	FieldOwner         Field = "owner"
	FieldSentOn        Field = "sent_on"
	FieldFollowUpOn    Field = "follow_up_on"
	FieldNextActionOn  Field = "next_action_on"
	FieldRepliedOn     Field = "replied_on"
	FieldExpectedOn    Field = "expected_on"
	FieldLandedOn      Field = "landed_on"
	FieldClosedOn      Field = "closed_on"
	FieldLiveURL       Field = "live_url"
	FieldCost          Field = "cost"
	FieldCurrency      Field = "currency"
	FieldPaidUntil     Field = "paid_until"
	FieldBounced       Field = "bounced"
	FieldDeclineReason Field = "decline_reason"
	FieldTags          Field = "tags"
	FieldNotes         Field = "notes"
	FieldAuthority     Field = "authority"
)

// Fields lists every Field in the order in which the mapping form offers them.
var Fields = []Field{
	FieldOutlet, FieldOutletURL, FieldContact, FieldEmail, FieldCampaign, FieldSubject,
	FieldType, FieldStatus, FieldTarget, FieldAnchor, FieldExpectedRel, FieldOwner,
	FieldSentOn, FieldFollowUpOn, FieldNextActionOn, FieldRepliedOn, FieldExpectedOn,
	FieldLandedOn, FieldClosedOn, FieldLiveURL, FieldCost, FieldCurrency, FieldPaidUntil,
	FieldBounced, FieldDeclineReason, FieldTags, FieldNotes, FieldAuthority,
	FieldRef, FieldID, FieldExtra, FieldIgnore,
}

var fieldLabels = map[Field]string{
	FieldIgnore: "Do not import", FieldExtra: "Keep as extra",
	FieldID: "Pitch number", FieldRef: "The list's own id",
	FieldOutlet: "Outlet", FieldOutletURL: "Outlet URL", FieldContact: "Contact name",
	FieldEmail: "Contact email", FieldCampaign: "Campaign", FieldSubject: "Pitch title",
	FieldType: "Type", FieldStatus: "Status", FieldTarget: "Page we want linked",
	FieldAnchor: "Anchor asked for", FieldExpectedRel: "Expected rel", FieldOwner: "Owner",
	FieldSentOn: "Pitched on", FieldFollowUpOn: "Follow-up on", FieldNextActionOn: "Next action on",
	FieldRepliedOn: "Replied on", FieldExpectedOn: "Expected on", FieldLandedOn: "Landed on",
	FieldClosedOn: "Closed on", FieldLiveURL: "Live URL", FieldCost: "Cost",
	FieldCurrency: "Currency", FieldPaidUntil: "Paid until", FieldBounced: "Bounced",
	FieldDeclineReason: "Reason declined", FieldTags: "Tags", FieldNotes: "Notes",
	FieldAuthority: "Authority",
}

// Label is the field as the mapping form prints it.
func (f Field) Label() string {
	if l, ok := fieldLabels[f]; ok {
		return l
	}
	return string(f)
}

// Valid reports whether f is one of Fields.
func (f Field) Valid() bool { _, ok := fieldLabels[f]; return ok }

// IsDate reports whether the field holds a calendar day.
func (f Field) IsDate() bool {
	switch f {
	case FieldSentOn, FieldFollowUpOn, FieldNextActionOn, FieldRepliedOn, FieldExpectedOn,
		FieldLandedOn, FieldClosedOn, FieldPaidUntil:
		return true
	}
	return false
}

// shared reports whether several columns may go to the field.
func (f Field) shared() bool { return f == FieldExtra || f == FieldIgnore }
