package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// What the next pitch takes over from the last one of the session.
const (
	keyPitchCampaign = "pitch_campaign"
	keyPitchOwner    = "pitch_owner"
)

// pitchFieldNames are the fields of the two forms in their order, as they are
// named in the form, with the field of a pitch that each one is.
var pitchFieldNames = []struct {
	name  string
	field pitches.Field
}{
	{"outlet", pitches.FieldOutlet}, {"subject", pitches.FieldSubject}, {"status", pitches.FieldStatus}, {"note", ""}, {"owner", pitches.FieldOwner},
	{"campaign", pitches.FieldCampaign}, {"contact", pitches.FieldContact}, {"email", pitches.FieldEmail}, {"type", pitches.FieldType},
	{"expected_rel", pitches.FieldExpectedRel}, {"target", pitches.FieldTarget}, {"anchor", pitches.FieldAnchor}, {"live_url", pitches.FieldLiveURL},
	{"sent_on", pitches.FieldSentOn}, {"follow_up_on", pitches.FieldFollowUpOn}, {"next_action_on", pitches.FieldNextActionOn},
	{"replied_on", pitches.FieldRepliedOn}, {"expected_on", pitches.FieldExpectedOn}, {"landed_on", pitches.FieldLandedOn},
	{"closed_on", pitches.FieldClosedOn}, {"decline_reason", pitches.FieldDeclineReason}, {"cost", pitches.FieldCost}, {"currency", pitches.FieldCurrency},
	{"paid_until", pitches.FieldPaidUntil}, {"tags", pitches.FieldTags}, {"notes", pitches.FieldNotes},
}

// pitchValues are the fields of a pitch as its form shows them.
func pitchValues(p *pitches.Pitch) map[string]string {
	v := map[string]string{"outlet": outletAddress(p.Outlet), "subject": p.Subject, "status": string(p.Status), "campaign": p.Campaign, "contact": p.Contact,
		"email": p.Email, "type": string(p.Type), "expected_rel": p.ExpectedRel, "target": p.TargetURL, "anchor": p.Anchor, "live_url": p.LiveURL,
		"sent_on": p.SentOn.String(), "follow_up_on": p.FollowUpOn.String(), "next_action_on": p.NextActionOn.String(), "replied_on": p.RepliedOn.String(),
		"expected_on": p.ExpectedOn.String(), "landed_on": p.LandedOn.String(), "closed_on": p.ClosedOn.String(), "decline_reason": p.DeclineReason,
		"cost": pitches.Amount(p.CostCents), "currency": p.Currency, "paid_until": p.PaidUntil.String(), "tags": strings.Join(p.Tags, ", "), "notes": p.Notes}
	v["owner"] = strconv.FormatInt(p.OwnerID, 10)
	if p.Bounced {
		v["bounced"] = "1"
	}
	return v
}

// outletAddress is what a person would type for the outlet of a pitch.
func outletAddress(o pitches.Outlet) string {
	if strings.Contains(o.Key, "/") {
		return o.Key
	}
	return cmp.Or(o.Host, o.Key)
}

// typedValues are the fields as they came.
func typedValues(r *http.Request) map[string]string {
	v := map[string]string{}
	for _, f := range pitchFieldNames {
		v[f.name] = r.PostFormValue(f.name)
	}
	if list := r.PostForm["bounced"]; len(list) > 0 {
		v["bounced"] = list[len(list)-1] // a hidden "" stands before the tick
	}
	return v
}

// pitchReader reads the fields of a form into a pitch. Fields that the form
// does not have stay as they are.
type pitchReader struct {
	r    *http.Request
	p    *pitches.Pitch
	site store.Site
	errs map[string]string
}

func (x pitchReader) has(name string) bool { return x.r.PostForm.Has(name) }

func (x pitchReader) text(name string, into *string) {
	if x.has(name) {
		*into = strings.TrimSpace(strings.ReplaceAll(x.r.PostFormValue(name), "\r\n", "\n"))
	}
}

func (x pitchReader) day(name string, into *day.Day) {
	if !x.has(name) {
		return
	}
	d, err := day.Parse(strings.TrimSpace(x.r.PostFormValue(name)))
	if err != nil {
		x.errs[name] = "Enter a date such as " + day.Date(2026, 11, 24).String() + ", or leave it empty."
		return
	}
	*into = d
}

// url takes addresses without scheme, and paths of our own site.
func (x pitchReader) url(name string, into *string) {
	if !x.has(name) {
		return
	}
	typed := strings.TrimSpace(x.r.PostFormValue(name))
	if name == "target" && strings.HasPrefix(typed, "/") && !strings.HasPrefix(typed, "//") {
		typed = "https://" + x.site.Host + typed
	}
	if typed == "" {
		*into = ""
		return
	}
	u, ok := pitches.ParseURL(typed)
	if !ok {
		x.errs[name] = "Enter a web address such as https://" + x.site.Host + "/page, or leave it empty."
		return
	}
	*into = u
}

func (x pitchReader) outlet(platforms *weburl.Platforms) {
	typed := strings.TrimSpace(x.r.PostFormValue("outlet"))
	if typed == "" {
		x.errs["outlet"] = "Enter the outlet’s domain, such as example.com."
		return
	}
	page, err := platforms.Outlet(typed)
	if err != nil {
		x.errs["outlet"] = "Enter a domain, such as example.com. " + fault.Message(err)
		return
	}
	if o := x.p.Outlet; o.Key == page.Outlet.Key && o.Host == page.Host {
		return
	}
	x.p.Outlet = pitches.Outlet{Key: page.Outlet.Key, Host: page.Host, Unscoped: page.Outlet.Scope == weburl.ScopeBare}
}

func (x pitchReader) cost() {
	if !x.has("cost") {
		return
	}
	x.text("currency", &x.p.Currency)
	x.p.Currency = strings.ToUpper(x.p.Currency)
	x.day("paid_until", &x.p.PaidUntil)
	typed := strings.TrimSpace(x.r.PostFormValue("cost"))
	if typed == "" {
		x.p.CostCents = 0
		return
	}
	cents, currency, err := pitches.ParseAmount(typed)
	if err != nil {
		x.errs["cost"] = "Enter an amount such as 350 or 350.00, or leave it empty."
		return
	}
	x.p.CostCents, x.p.Currency = cents, cmp.Or(currency, x.p.Currency, "USD")
}

func (x pitchReader) owner(people []store.Account) {
	if !x.has("owner") {
		return
	}
	id := positive(x.r.PostFormValue("owner"))
	if id == x.p.OwnerID {
		return
	}
	if id != 0 && labelIn(ownerOptions(people, 0), strconv.FormatInt(id, 10)) == strconv.FormatInt(id, 10) {
		x.errs["owner"] = "Choose one of the people in the list."
		return
	}
	x.p.OwnerID, x.p.OwnerName = id, ""
}

// read fills the pitch from the form and checks it. today is for dates that are
// in the future. A change of status brings its dates along.
func (x pitchReader) read(platforms *weburl.Platforms, people []store.Account, costs bool, today day.Day) {
	p := x.p
	x.outlet(platforms)
	x.text("subject", &p.Subject)
	if x.has("subject") && p.Subject == "" {
		x.errs["subject"] = "Say what the pitch is about."
	}
	for name, into := range map[string]*string{"campaign": &p.Campaign, "contact": &p.Contact, "email": &p.Email, "anchor": &p.Anchor, "type": (*string)(&p.Type),
		"expected_rel": &p.ExpectedRel, "decline_reason": &p.DeclineReason, "notes": &p.Notes} {
		x.text(name, into)
	}
	x.url("target", &p.TargetURL)
	x.url("live_url", &p.LiveURL)
	for name, into := range map[string]*day.Day{"sent_on": &p.SentOn, "follow_up_on": &p.FollowUpOn, "next_action_on": &p.NextActionOn, "replied_on": &p.RepliedOn,
		"expected_on": &p.ExpectedOn, "landed_on": &p.LandedOn, "closed_on": &p.ClosedOn} {
		x.day(name, into)
	}
	x.owner(people)
	if x.has("tags") {
		p.Tags = pitches.ParseTags(x.r.PostFormValue("tags"))
	}
	if list := x.r.PostForm["bounced"]; len(list) > 0 {
		p.Bounced = list[len(list)-1] == "1"
	}
	if costs {
		x.cost()
	}
	was := p.Status
	if x.text("status", (*string)(&p.Status)); p.Status.Valid() && p.Status != was {
		pitches.SetStatus(p, p.Status, today)
	}
	for field, message := range fault.FieldsOf(pitches.Validate(p, today)) {
		for _, f := range pitchFieldNames {
			if string(f.field) == field && x.errs[f.name] == "" {
				x.errs[f.name] = message
			}
		}
	}
}

// pitchFormView is a form with its choices; what is in it comes from values.
func (s *Server) pitchFormView(ctx context.Context, csrf string, site store.Site, prefix string, costs bool, values, errs map[string]string) (templates.PitchForm, error) {
	v := templates.PitchForm{Prefix: prefix, CSRF: csrf, Costs: costs, Value: values, Err: errs, Statuses: statusOptions("")[1:], Cancel: "/pitches", FollowUp: "7",
		Types: []templates.Option{{Label: pitches.TypeUnknown.Label()}},
		Rels:  []templates.Option{{Label: "Any"}, {Value: "dofollow", Label: "dofollow"}, {Value: "nofollow", Label: "nofollow"}, {Value: "sponsored", Label: "sponsored"}}}
	for _, t := range pitches.Types {
		v.Types = append(v.Types, templates.Option{Value: string(t), Label: t.Label()})
	}
	campaigns, err := s.Store.Campaigns(ctx, site.ID)
	if err != nil {
		return v, err
	}
	for _, c := range campaigns {
		v.Campaigns = append(v.Campaigns, templates.Option{Value: c})
	}
	targets, err := s.Store.RecentTargets(ctx, site.ID)
	if err != nil {
		return v, err
	}
	for _, t := range targets {
		v.Targets = append(v.Targets, templates.Option{Value: t, Label: weburl.Display(t)})
	}
	people, err := s.Store.Accounts(ctx, s.Config.Idle)
	if err != nil {
		return v, err
	}
	v.Owners = append([]templates.Option{{Value: "0", Label: "Nobody"}}, ownerOptions(people, positive(values["owner"]))...)
	v.Messages = pitchMessages(prefix, errs)
	return v, nil
}

// pitchMessages leads to the fields that are wrong, in the order of the form.
func pitchMessages(prefix string, errs map[string]string) (list []templates.FieldMessage) {
	for _, f := range pitchFieldNames {
		if errs[f.name] == "" {
			continue
		}
		label := f.field.Label()
		if f.field == "" {
			label = "Note for the history"
		}
		list = append(list, templates.FieldMessage{ID: prefix + f.name, Label: label})
	}
	return list
}
