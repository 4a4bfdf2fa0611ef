package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func person(id int64, name string) templates.Person {
	if name == "" {
		return templates.Person{}
	}
	return templates.Person{Name: name, Initials: initials(name), Color: int(id % 5)}
}

func statusOptions(first string) []templates.Option {
	list := []templates.Option{{Label: first}}
	for _, st := range pitches.Statuses {
		list = append(list, templates.Option{Value: string(st), Label: st.Label()})
	}
	return list
}

// titleOf is the subject; imported pitches may have none.
func titleOf(p *pitches.Pitch) string {
	if p.Subject == "" {
		return "Pitch to " + weburl.Display(p.Outlet.Key)
	}
	return p.Subject
}

func pitchPath(id int64) string { return "/pitches/" + strconv.FormatInt(id, 10) }

func openPitch(st pitches.Status) bool {
	return st == pitches.Pitched || st == pitches.Replied || st == pitches.Accepted
}

func (s *Server) pitchRow(csrf string, canEdit bool, p store.PitchRow) templates.PitchRow {
	id, today := strconv.FormatInt(p.ID, 10), s.today()
	v := templates.PitchRow{ID: id, Title: titleOf(&p.Pitch), Href: pitchPath(p.ID), Outlet: weburl.Display(p.Outlet.Key),
		OutletHref: pitchQuery{Outlet: p.OutletID}.String(), Owner: person(p.OwnerID, p.OwnerName), Campaign: p.Campaign, CanEdit: canEdit}
	v.Owner.Name, _, _ = strings.Cut(v.Owner.Name, " ") // the cell is narrow; the initials tell namesakes apart
	v.DR, v.Band = drText(p.Outlet.Authority, p.Outlet.Metric)
	v.Status = templates.StatusPill{ID: id, Value: string(p.Status), Options: statusOptions("")[1:], Subject: v.Title + ", " + v.Outlet, Action: v.Href + "/status",
		Target: "#p-" + id, CSRF: csrf, Locked: !canEdit, Hidden: []templates.Option{{Label: "version", Value: strconv.FormatInt(p.Version, 10)}}}
	if p.SentOn.Known() {
		v.Sent = shortDay(p.SentOn, today)
	}
	if p.FollowUpOn.Known() {
		v.FollowUp = shortDay(p.FollowUpOn, today)
	}
	if late := int(today - p.FollowUpOn); p.FollowUpOn.Known() && openPitch(p.Status) && late >= 0 {
		v.Due, v.Late = "Today", late > 0
		if late > 0 {
			v.Due = counted(late, "day", "days") + " late"
		}
	}
	if p.Links > 0 {
		v.Links = counted(p.Links, "link", "links")
	}
	switch v.Lost = p.LostLinks > 0; {
	case p.Links == 1 && v.Lost:
		v.Links = "link lost"
	case v.Lost:
		v.Links = grouped(p.LostLinks) + " of " + grouped(p.Links) + " lost"
	}
	return v
}

// pitchesLead answers first: what came of it all. Rates of a handful say nothing.
func pitchesLead(totals map[pitches.Status]int) string {
	sent := 0
	for st, n := range totals {
		if st.Sent() {
			sent += n
		}
	}
	landed := totals[pitches.Landed]
	switch {
	case sent == 0:
		return ""
	case sent < 5:
		return fmt.Sprintf("%s pitched, %s landed.", grouped(sent), grouped(landed))
	}
	return fmt.Sprintf("%s pitched, %s landed: %s of what went out.", grouped(sent), grouped(landed), percent(landed, sent))
}

func pitchPager(q pitchQuery, page store.PitchPage) templates.Pager {
	p := templates.Pager{Text: fmt.Sprintf("%s of %s", counted(len(page.Rows), "pitch", "pitches"), totalText(page.Total))}
	if page.Prev != "" {
		prev := q
		prev.After, prev.Back = page.Prev, true
		p.Newer = prev.String()
	}
	if page.Next != "" {
		next := q
		next.After, next.Back = page.Next, false
		p.Older = next.String()
	}
	return p
}

// pitchFilterView fills in the controls and chips of what is filtered by.
func pitchFilterView(v *templates.PitchesPage, q pitchQuery, me *store.Account, campaigns []string, people []store.Account, rows []store.PitchRow) {
	v.Query, v.Status, v.Owner, v.Camp, v.Placed = q.Text, string(q.Status), q.Owner, q.Campaign, q.Placed
	v.From, v.To = q.From.String(), q.To.String()
	v.Statuses = statusOptions("Any status")
	v.Owners = append([]templates.Option{{Label: "Anyone"}, {Value: "me", Label: "Mine"}}, ownerOptions(people, positive(q.Owner))...)
	v.BulkOwner = append([]templates.Option{{Value: strconv.FormatInt(me.ID, 10), Label: "Me"}}, ownerOptions(people, 0)...)
	v.Campaigns = []templates.Option{{Label: "Any campaign"}}
	if q.Campaign != "" && !slices.Contains(campaigns, q.Campaign) {
		campaigns = append(campaigns, q.Campaign)
	}
	for _, c := range campaigns {
		v.Campaigns = append(v.Campaigns, templates.Option{Value: c, Label: c})
	}
	chip := func(on bool, label string, without func(*pitchQuery)) {
		if on {
			rest := q.first()
			without(&rest)
			v.Chips = append(v.Chips, templates.Chip{Label: label, Href: rest.String()})
		}
	}
	chip(q.Text != "", "“"+q.Text+"”", func(q *pitchQuery) { q.Text = "" })
	chip(q.Status != "", q.Status.Label(), func(q *pitchQuery) { q.Status = "" })
	chip(q.Owner != "", "Owner: "+labelIn(v.Owners, q.Owner), func(q *pitchQuery) { q.Owner = "" })
	chip(q.Campaign != "", q.Campaign, func(q *pitchQuery) { q.Campaign = "" })
	outlet := "One outlet"
	if q.Outlet != 0 && len(rows) > 0 {
		outlet = "Outlet: " + weburl.Display(rows[0].Outlet.Key)
	}
	chip(q.Outlet != 0, outlet, func(q *pitchQuery) { q.Outlet = 0 })
	chip(q.From.Known(), "Pitched from "+longDay(q.From).Text, func(q *pitchQuery) { q.From = 0 })
	chip(q.To.Known(), "Pitched until "+longDay(q.To).Text, func(q *pitchQuery) { q.To = 0 })
	chip(q.Due, "Follow-up due", func(q *pitchQuery) { q.Due = false })
	chip(q.Overdue, "Accepted, overdue", func(q *pitchQuery) { q.Overdue = false })
	chip(q.Placed, "With a credited link", func(q *pitchQuery) { q.Placed = false })
	chip(q.Stage != "", map[string]string{"sent": "Sent", "replied": "Replied or further", "accepted": "Accepted or further", "placed": "With a placement"}[q.Stage], func(q *pitchQuery) { q.Stage = "" })
	chip(q.Person != "", "Owner: "+q.Person, func(q *pitchQuery) { q.Person = "" })
	chip(q.NoOwner, "Without an owner", func(q *pitchQuery) { q.NoOwner = false })
	chip(q.NoCampaign, "Without a campaign", func(q *pitchQuery) { q.NoCampaign = false })
	hidden := q.values()
	for _, name := range []string{"stage", "person", "nocampaign", "overdue"} {
		if x := hidden.Get(name); x != "" {
			v.Hidden = append(v.Hidden, templates.Option{Label: name, Value: x})
		}
	}
	if q.Due {
		v.Hidden = append(v.Hidden, templates.Option{Label: "due", Value: "1"})
	}
	if q.Outlet != 0 {
		v.Hidden = append(v.Hidden, templates.Option{Label: "outlet", Value: strconv.FormatInt(q.Outlet, 10)})
	}
}

// ownerOptions are the people who can have pitches: accounts in use, and the
// chosen one whatever became of it.
func ownerOptions(people []store.Account, chosen int64) (list []templates.Option) {
	for _, a := range people {
		if !a.Disabled || a.ID == chosen {
			list = append(list, templates.Option{Value: strconv.FormatInt(a.ID, 10), Label: a.Name})
		}
	}
	return list
}

func labelIn(list []templates.Option, value string) string {
	for _, o := range list {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func pitchesNoMatch(chips []templates.Chip, total int) string {
	if len(chips) == 0 {
		return "There is nothing on this page of the list any more."
	}
	var words []string
	for _, c := range chips {
		words = append(words, c.Label)
	}
	return fmt.Sprintf("Nothing with %s. The filters hide %s.", strings.Join(words, ", "), counted(total, "pitch", "pitches"))
}
