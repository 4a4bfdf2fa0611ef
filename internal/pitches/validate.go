package pitches

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/weburl"
)

// Limits of what a pitch holds: bytes for a cell and an address, characters for
// the rest.
const (
	maxCell    = 32 << 10
	maxURL     = 4096
	maxSubject = 500
	maxShort   = 200 // contact, campaign, outlet name
	maxEmail   = 254
	maxAnchor  = 500
	maxNotes   = 40_000
	maxTags    = 50
)

// firstDay is the earliest day a pitch can have; an earlier one is a typing
// error, or a spreadsheet's zero.
var firstDay = day.Date(1995, 1, 1)

// yearAhead is how far in the future the day a pitch was sent may lie: drafts
// get a planned day, more than a year ahead is a wrong year.
const yearAhead = 366

// Validate checks a pitch that was typed or read from a list, for today in UTC
// (day.None leaves the check of the future out). The error is a fault.Invalid
// whose Fields are named as the Field constants are.
func Validate(p *Pitch, today day.Day) error { return validate(p, today, "") }

// validate is Validate for a pitch of which one address is known to be usable.
func validate(p *Pitch, today day.Day, usable string) error {
	v := checks{}
	v.outlet(p.Outlet)
	if p.SiteID == 0 {
		v.bad("site", "Choose the site that the pitch is for.")
	}
	v.text(FieldSubject, p.Subject, maxSubject)
	v.text(FieldContact, p.Contact, maxShort)
	v.text(FieldCampaign, p.Campaign, maxShort)
	v.text(FieldAnchor, p.Anchor, maxAnchor)
	v.text(FieldNotes, p.Notes, maxNotes)
	v.text(FieldDeclineReason, p.DeclineReason, maxSubject)
	v.text(FieldRef, p.Ref, maxShort)
	v.email(p.Email)
	v.url(FieldTarget, p.TargetURL, usable)
	v.url(FieldLiveURL, p.LiveURL, usable)
	v.choices(p)
	v.days(p, today)
	v.money(p)
	v.tags(p.Tags)
	return v.err()
}

type checks map[Field]string

func (v checks) bad(f Field, format string, args ...any) {
	if _, there := v[f]; !there {
		v[f] = fmt.Sprintf(format, args...)
	}
}

func (v checks) err() error {
	if len(v) == 0 {
		return nil
	}
	e := &fault.Error{Kind: fault.Invalid, Fields: map[string]string{}}
	for f, m := range v {
		e.Fields[string(f)] = m
	}
	for _, f := range append([]Field{"site"}, Fields...) {
		if m, there := v[f]; there {
			e.Message = m
			break
		}
	}
	return e
}

func (v checks) outlet(o Outlet) {
	switch {
	case o.Key == "" && o.Name == "" && o.Host == "":
		v.bad(FieldOutlet, "An outlet is needed.")
	case o.Key == "":
		v.bad(FieldOutlet, "%q has no domain. Give the outlet's web address.", cut(o.Name+o.Host, 80))
	}
	v.text(FieldOutlet, o.Name, maxShort)
	if o.Authority < 0 || o.Authority > 100 || o.Authority != o.Authority {
		v.bad(FieldAuthority, "Authority goes from 0 to 100.")
	}
}

func (v checks) text(f Field, s string, most int) {
	switch {
	case strings.ContainsRune(s, 0):
		v.bad(f, "%s has a NUL character.", f.Label())
	case !utf8.ValidString(s):
		v.bad(f, "%s is not valid text.", f.Label())
	case utf8.RuneCountInString(s) > most:
		v.bad(f, "%s is longer than %d characters.", f.Label(), most)
	}
}

var emailForm = lazily(`^[^\s@<>,;:"]+@[^\s@<>,;:"/]+\.[^\s@<>,;:"/.]{2,}$`)

func (v checks) email(s string) {
	v.text(FieldEmail, s, maxEmail)
	if s != "" && !validEmail(s) {
		v.bad(FieldEmail, "%q is not an e-mail address.", cut(s, 80))
	}
}

func (v checks) url(f Field, s, usable string) {
	if s == "" {
		return
	}
	v.text(f, s, maxURL)
	if s != usable && !usableURL(s) {
		v.bad(f, "%q is not a web address like https://example.com/page.", cut(s, 80))
	}
}

// usableURL reports an address of http or https with a public host.
func usableURL(s string) bool {
	_, err := weburl.PageKey(s)
	return err == nil && (plainAddress(s) || schemeCell().MatchString(s))
}

func (v checks) choices(p *Pitch) {
	if !p.Status.Valid() {
		v.bad(FieldStatus, "%q is not a status of a pitch.", cut(string(p.Status), 40))
	}
	known := p.Type == TypeUnknown
	for _, t := range Types {
		known = known || t == p.Type
	}
	if !known {
		v.bad(FieldType, "%q is not a type of pitch.", cut(string(p.Type), 40))
	}
	switch p.ExpectedRel {
	case "", "dofollow", "nofollow", "sponsored":
	default:
		v.bad(FieldExpectedRel, "%q is none of dofollow, nofollow, sponsored.", cut(p.ExpectedRel, 40))
	}
}

func (v checks) days(p *Pitch, today day.Day) {
	for _, d := range dayFields {
		got := *d.of(p)
		if !got.Known() {
			continue
		}
		if got < firstDay {
			v.bad(d.field, "%s is before any link could be.", got)
		}
		if !today.Known() {
			continue
		}
		// What has happened cannot lie far ahead; plans can, within reason.
		if d.past && got > today+yearAhead {
			v.bad(d.field, "%s is more than a year ahead. Is the year right?", got)
		} else if got > today+10*yearAhead {
			v.bad(d.field, "%s is more than ten years ahead. Is the year right?", got)
		}
	}
}

func (v checks) money(p *Pitch) {
	if p.CostCents < 0 {
		v.bad(FieldCost, "A cost cannot be less than nothing.")
	}
	if p.CostCents > maxCents {
		v.bad(FieldCost, "That is too much to be a cost.")
	}
	if c := p.Currency; c != "" && (len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		v.bad(FieldCurrency, "%q is not a currency code like USD.", cut(c, 20))
	}
}

func (v checks) tags(tags []string) {
	if len(tags) > maxTags {
		v.bad(FieldTags, "At most %d tags.", maxTags)
	}
	for _, t := range tags {
		v.text(FieldTags, t, 100)
	}
}

type dayField struct {
	field Field
	past  bool // it says that something happened
	of    func(*Pitch) *day.Day
}

// dayFields are the days of a pitch.
var dayFields = []dayField{
	{FieldSentOn, true, func(p *Pitch) *day.Day { return &p.SentOn }},
	{FieldFollowUpOn, false, func(p *Pitch) *day.Day { return &p.FollowUpOn }},
	{FieldNextActionOn, false, func(p *Pitch) *day.Day { return &p.NextActionOn }},
	{FieldRepliedOn, true, func(p *Pitch) *day.Day { return &p.RepliedOn }},
	{FieldExpectedOn, false, func(p *Pitch) *day.Day { return &p.ExpectedOn }},
	{FieldLandedOn, true, func(p *Pitch) *day.Day { return &p.LandedOn }},
	{FieldClosedOn, true, func(p *Pitch) *day.Day { return &p.ClosedOn }},
	{FieldPaidUntil, false, func(p *Pitch) *day.Day { return &p.PaidUntil }},
}
