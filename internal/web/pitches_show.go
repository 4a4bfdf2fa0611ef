package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"landed/internal/attribution"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// showPitch is one pitch: the links it earned and why, its history, its facts.
func (s *Server) showPitch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	p, err := s.Store.Pitch(r.Context(), id)
	if err != nil {
		return err
	}
	v := s.pitchView(&p, s.seesCosts(r))
	v.CSRF, v.CanEdit = s.csrfToken(w, r), s.canEdit(r)
	if err := s.pitchLinks(r, &v, &p); err != nil {
		return err
	}
	copies, err := s.Store.CopiesOfPitch(r.Context(), id)
	if err != nil {
		return err
	}
	v.Copies = copyItems(copies)
	if v.Overdue, err = s.overdueNote(r.Context(), &p, len(v.Links)); err != nil {
		return err
	}
	events, err := s.Store.PitchEvents(r.Context(), id)
	if err != nil {
		return err
	}
	for _, e := range events {
		if !s.seesCosts(r) {
			e = withoutCosts(e)
		}
		line := eventView(e)
		if e.Kind == "created" && p.Source != "" && p.Source != "typed" {
			line.Text = "from " + p.Source
		}
		v.Timeline = append(v.Timeline, line)
	}
	decisions, err := s.Store.PitchDecisions(r.Context(), id)
	if err != nil {
		return err
	}
	v.Decisions = pitchDecisions(id, decisions)
	record, err := s.Store.OutletRecord(r.Context(), p.SiteID, p.OutletID)
	if err != nil {
		return err
	}
	s.outletRecord(&v, &p, record)
	return s.show(w, r, Page{Title: v.Title, Nav: "pitches", Body: templates.Pitch(v)})
}

func (s *Server) pitchView(p *pitches.Pitch, costs bool) templates.PitchPage {
	v := templates.PitchPage{ID: strconv.FormatInt(p.ID, 10), Version: strconv.FormatInt(p.Version, 10), Title: titleOf(p), Href: pitchPath(p.ID), Badge: string(p.Status),
		Status: p.Status.Label(), Statuses: statusOptions("")[1:], Outlet: weburl.Display(p.Outlet.Key), OutletHref: pitchQuery{Outlet: p.OutletID}.String(),
		Owner: person(p.OwnerID, p.OwnerName), Email: p.Email, StatusHelp: "A step back asks for a note."}
	v.OutletPitchs = v.OutletHref
	v.DR, v.Band = drText(p.Outlet.Authority, p.Outlet.Metric)
	if p.Outlet.Name != "" && p.Outlet.Name != p.Outlet.Key {
		v.Outlet = p.Outlet.Name
	}
	v.Meta = "not sent yet"
	if p.SentOn.Known() {
		v.Meta = "pitched on " + longDay(p.SentOn).Text
		if p.OwnerName != "" {
			v.Meta = "pitched by " + p.OwnerName + " on " + longDay(p.SentOn).Text
		}
	}
	if p.Email != "" {
		v.EmailTo = (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(p.Email)}).String()
	}
	if p.Notes != "" {
		v.Notes = strings.Split(p.Notes, "\n")
	}
	v.Facts = s.pitchFacts(p, costs)
	return v
}

func (s *Server) pitchFacts(p *pitches.Pitch, costs bool) (list []templates.Fact) {
	add := func(label, value string) {
		if value != "" {
			list = append(list, templates.Fact{Label: label, Value: value})
		}
	}
	add("Contact", p.Contact)
	add("Campaign", p.Campaign)
	if p.Type != pitches.TypeUnknown {
		add("Type", p.Type.Label())
	}
	for _, u := range []struct{ label, url string }{{"Page we want linked", p.TargetURL}, {"Live URL", p.LiveURL}} {
		if u.url != "" {
			href, _ := weburl.SafeHref(u.url)
			list = append(list, templates.Fact{Label: u.label, Value: weburl.Display(u.url), Href: href, Mono: true})
		}
	}
	add("Anchor asked for", p.Anchor)
	add("Expected rel", p.ExpectedRel)
	landed := longDay(p.LandedOn).Text
	if p.LandedOn.Known() && p.SentOn.Known() && p.LandedOn >= p.SentOn {
		landed += " (" + counted(int(p.LandedOn-p.SentOn), "day", "days") + " after the pitch)"
	}
	add("Replied", longDay(p.RepliedOn).Text)
	add("Expected", longDay(p.ExpectedOn).Text)
	add("Landed", landed)
	add("Closed", longDay(p.ClosedOn).Text)
	add("Reason declined", p.DeclineReason)
	follow := longDay(p.FollowUpOn).Text
	if follow == "" {
		follow = "None"
	}
	add("Next follow-up", follow)
	add("Next action", longDay(p.NextActionOn).Text)
	if costs && p.CostCents != 0 {
		add("Cost", money(p.CostCents, p.Currency))
	}
	if costs {
		add("Paid until", longDay(p.PaidUntil).Text)
	}
	add("Tags", strings.Join(p.Tags, ", "))
	add("Id in its list", p.Ref)
	if p.Bounced {
		add("E-mail", "Bounced")
	}
	return list
}

// shownLinks is how many links of one pitch its page lists.
const shownLinks = 100

// pitchLinks adds the links that the pitch earned, may have earned and helped
// to earn.
func (s *Server) pitchLinks(r *http.Request, v *templates.PitchPage, p *pitches.Pitch) error {
	page, err := s.Store.ListLinks(r.Context(), store.LinkFilter{Site: p.SiteID, Pitch: p.ID, Limit: shownLinks, Whole: true})
	if err != nil {
		return err
	}
	live, lost, waiting := 0, 0, 0
	for _, l := range page.Rows {
		link := s.pitchLink(&l, l.Credit.Score, l.Credit.Reasons, string(l.Credit.State))
		if l.Credit.State == store.StatePossible {
			v.Possible = append(v.Possible, link)
			continue
		}
		switch {
		case l.Credit.State == store.StateSuggested:
			waiting++
		case l.LostOn.Known():
			lost++
		default:
			live++
		}
		v.Links = append(v.Links, link)
		if v.Why == nil && len(link.Evidence) > 0 {
			v.Why = &link
		}
	}
	v.LinksSub = linksSub(live, lost, waiting)
	if live+lost > 0 {
		v.StatusHelp = "Landed is set by a confirmed link. A step back asks for a note."
	}
	assists, err := s.Store.PitchAssists(r.Context(), p.SiteID, p.ID)
	if err != nil {
		return err
	}
	for _, a := range assists {
		link := s.pitchLink(&a.LinkRow, a.Score, a.Reasons, "assist")
		link.State = "came second"
		link.Of = templates.Link{Label: fmt.Sprintf("to pitch %d", a.Credit.PitchID), Href: pitchPath(a.Credit.PitchID)}
		v.Assists = append(v.Assists, link)
	}
	return s.otherPitches(r, v, p)
}

// otherPitches are those to the same outlet, to which a link can be moved.
func (s *Server) otherPitches(r *http.Request, v *templates.PitchPage, p *pitches.Pitch) error {
	if len(v.Links)+len(v.Possible) == 0 {
		return nil
	}
	page, err := s.Store.ListPitches(r.Context(), store.PitchFilter{Site: p.SiteID, Outlet: p.OutletID, Limit: 20})
	for _, o := range page.Rows {
		if o.ID != p.ID {
			v.Others = append(v.Others, templates.Option{Value: strconv.FormatInt(o.ID, 10), Label: titleOf(&o.Pitch)})
		}
	}
	return err
}

func linksSub(live, lost, waiting int) string {
	var parts []string
	if live > 0 {
		parts = append(parts, grouped(live)+" live")
	}
	if lost > 0 {
		parts = append(parts, grouped(lost)+" lost")
	}
	if waiting == 1 {
		parts = append(parts, "1 waits for you")
	} else if waiting > 1 {
		parts = append(parts, grouped(waiting)+" wait for you")
	}
	return strings.Join(parts, ", ")
}

func (s *Server) pitchLink(l *store.LinkRow, score int, reasons []attribution.Reason, kind string) templates.PitchLink {
	v := templates.PitchLink{ID: strconv.FormatInt(l.ID, 10), Title: l.Title, URL: weburl.Display(l.SourceURL), Anchor: l.Anchor, Target: targetPath(l.TargetURL), Rel: l.Rel,
		Follow: l.Rel == "dofollow", State: stateWords[store.State(kind)], Version: strconv.FormatInt(l.Credit.Version, 10), Kind: kind}
	v.Page = "/links/" + v.ID
	if v.Title == "" {
		v.Title = v.URL
	}
	v.Href, _ = weburl.SafeHref(l.SourceURL)
	if l.FirstSeen.Known() {
		v.Seen = longDay(l.FirstSeen)
	}
	if l.LostOn.Known() {
		v.Lost = "Lost " + shortDay(l.LostOn, s.today()).Text
		v.LostWhy, _ = lostText(l.LostReason, l.LostSaid, l.Provider)
	}
	if l.Credit.Contested && kind == "suggested" {
		v.State += ", contested"
	}
	if len(reasons) > 0 {
		c := confidenceOf(score)
		v.Conf, v.Evidence = &c, evidenceOf(reasons)
	} else if kind == "confirmed" {
		v.State = "assigned by hand"
	}
	return v
}

func confidenceOf(score int) templates.Confidence {
	c := templates.Confidence{Word: attribution.Strength(score), Percent: score}
	switch {
	case score < 60:
		c.Band = "low"
	case score < 85:
		c.Band = "mid"
	}
	return c
}

// evidenceOf are the reasons as sentences with signed points that add up.
func evidenceOf(reasons []attribution.Reason) (list []templates.Evidence) {
	for _, r := range reasons {
		e := templates.Evidence{Text: attribution.Sentence(r), Points: signedPoints(r.Points)}
		switch {
		case r.Points > 0:
			e.Kind = "y"
		case r.Points < 0:
			e.Kind = "x"
		}
		list = append(list, e)
	}
	return list
}

// signedPoints is "+9", "−3" with a real minus, or "0".
func signedPoints(n int) string {
	switch {
	case n > 0:
		return "+" + grouped(n)
	case n < 0:
		return "−" + grouped(-n)
	}
	return "0"
}

// withoutCosts leaves the fields about money out of a line of the history.
func withoutCosts(e pitches.Event) pitches.Event {
	if e.Kind != "edited" {
		return e
	}
	var kept []string
	for name := range strings.SplitSeq(e.To, ", ") {
		switch name {
		case pitches.FieldCost.Label(), pitches.FieldCurrency.Label(), pitches.FieldPaidUntil.Label():
		default:
			kept = append(kept, name)
		}
	}
	e.To = strings.Join(kept, ", ")
	return e
}

var statusIcons = map[pitches.Status]string{pitches.Draft: "pencil", pitches.Pitched: "send", pitches.Replied: "reply", pitches.Accepted: "check", pitches.Landed: "gem",
	pitches.Declined: "x", pitches.NoReply: "clock", pitches.Withdrawn: "undo-2"}

// eventView is one line of the history.
func eventView(e pitches.Event) templates.Event {
	v := templates.Event{Time: instantTime(e.At), Sub: e.Who, Quote: e.Note}
	switch e.Kind {
	case "created":
		v.Icon, v.Strong, v.Quote = "plus", "Logged", ""
		if st := pitches.Status(e.To); st.Valid() && st != pitches.Pitched {
			v.Text = "as " + st.Label()
		}
	case "status":
		to := pitches.Status(e.To)
		v.State, v.Icon, v.Strong, v.Text = e.To, statusIcons[to], to.Label()+".", "It was "+pitches.Status(e.From).Label()
	case "edited":
		v.Icon, v.Text = "pencil", "Edited"
		if e.To != "" {
			v.Text = "Changed: " + e.To
		}
	case "note":
		v.Icon, v.Text = "file-text", "Note"
	case "credited":
		v.State, v.Icon, v.Strong, v.Text = "landed", "link", "Link confirmed:", weburl.Display(e.To)
	case "credit_undone":
		v.Icon, v.Text = "undo-2", "No longer credited with "+weburl.Display(e.From)
	case "deleted":
		v.Icon, v.Text = "trash-2", "Deleted"
	case "restored":
		v.Icon, v.Text = "undo-2", "Brought back"
	default:
		v.Text = e.Kind
	}
	return v
}
