package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func (s *Server) showLink(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	return s.linkPage(w, r, id, http.StatusOK, nil)
}

// linkPage answers the page of a link, or to HTMX all of it below the heading.
func (s *Server) linkPage(w http.ResponseWriter, r *http.Request, id int64, code int, note *templates.Note) error {
	v, err := s.linkView(w, r, id)
	if err != nil {
		return err
	}
	v.Note = note
	return s.show(w, r, Page{Title: v.Title, Nav: "backlinks", Status: code, Body: templates.LinkBody(v), Part: templates.LinkCase(v)})
}

// findLinkPitches answers a search for a pitch to reassign to; without script it
// is the link's page with what was found.
func (s *Server) findLinkPitches(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := s.linkView(w, r, id)
	if err != nil {
		return err
	}
	return s.show(w, r, Page{Title: v.Title, Nav: "backlinks", Body: templates.LinkBody(v), Part: templates.LinkFound(v)})
}

// linkView gathers all that the page of a link shows.
func (s *Server) linkView(w http.ResponseWriter, r *http.Request, id int64) (templates.LinkPage, error) {
	ctx := r.Context()
	l, err := s.Store.Link(ctx, id)
	if err != nil {
		return templates.LinkPage{}, err
	}
	v := linkFacts(l)
	v.CSRF, v.Decide = s.csrfToken(w, r), s.currentUser(r).Role.AtLeast(auth.Staff)
	if err := s.linkPitch(ctx, &v, l); err != nil {
		return v, err
	}
	if err := s.linkCopies(r, &v, l); err != nil {
		return v, err
	}
	decisions, err := s.Store.Decisions(ctx, id)
	if err != nil {
		return v, err
	}
	events, err := s.Store.LinkEvents(ctx, id)
	if err != nil {
		return v, err
	}
	v.Decisions, v.History, v.CanUndo = decisionEvents(decisions), linkHistory(l, events), undoable(decisions)
	if v.Search.Query = cut(strings.TrimSpace(r.URL.Query().Get("q")), 200); v.Search.Query != "" {
		if err := s.searchPitches(ctx, &v, l); err != nil {
			return v, err
		}
	}
	if err := s.linkOutlet(ctx, &v, l); err != nil {
		return v, err
	}
	if v.Decide {
		v.Next, err = s.nextToReview(ctx, l)
	}
	return v, err
}

// linkOutlet says what is known of the outlet: that it is marked, or that it was
// pitched though no pitch explains the link.
func (s *Server) linkOutlet(ctx context.Context, v *templates.LinkPage, l store.LinkRow) error {
	v.Log = listAddress("/pitches/new", nil, "link", v.ID, "back", linkPath(l.ID))
	if l.Outlet == "" {
		return nil
	}
	if page, err := s.Store.Platforms().Outlet(l.Outlet); err == nil && page.Outlet.Scope != weburl.ScopeBare {
		v.Outlet = l.Outlet
	}
	if l.Credit.State.Marked() {
		m, ok, err := s.Store.MarkOf(ctx, l.SiteID, l.Outlet)
		if ok && m.Kind == l.Credit.State {
			v.None = "Every link of " + weburl.Display(l.Outlet) + " is marked as " + markWord(m.Kind) + ", said " + m.Who + "."
			v.Facts = append(v.Facts, templates.Fact{Label: "Mark of the outlet", Value: markWord(m.Kind) + ", since " + instantTime(m.At).Text, Href: "/domains/marks"})
		}
		return err
	}
	if l.Credit.State != store.StateNone {
		return nil
	}
	known, err := s.Store.KnownOutlet(ctx, l.Outlet)
	if known {
		v.Known = "You know this outlet: " + weburl.Display(l.Outlet) + " has been pitched. A pitch that is not logged yet may have earned the link."
	}
	return err
}

// linkPitch fills in the pitch of a link and those that it could be from.
func (s *Server) linkPitch(ctx context.Context, v *templates.LinkPage, l store.LinkRow) error {
	c := l.Credit
	if c.PitchID != 0 {
		p, err := s.Store.Pitch(ctx, c.PitchID)
		switch {
		case fault.Is(err, fault.NotFound): // deleted, while a decision still names it
			v.None = "The pitch it was credited to has been deleted."
		case err != nil:
			return err
		default:
			v.Pitch = linkCandidate(&p)
			v.Pitch.Score, v.Pitch.Scored = c.Score, len(c.Reasons) > 0
		}
	}
	assists, err := s.Store.Assists(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, a := range assists {
		if a.PitchID == c.PitchID {
			continue
		}
		sub := "Outlet " + weburl.Display(a.Outlet)
		if a.Owner != "" {
			sub = a.Owner + ", " + sub
		}
		v.Others = append(v.Others, templates.LinkCandidate{ID: strconv.FormatInt(a.PitchID, 10), Href: pitchPath(a.PitchID), Title: creditTitle(a), Sub: sub, Score: a.Score, Scored: true})
	}
	return nil
}

func (s *Server) searchPitches(ctx context.Context, v *templates.LinkPage, l store.LinkRow) error {
	found, err := s.Store.SuggestPitches(ctx, l.SiteID, l.Domain, v.Search.Query)
	if err != nil {
		return err
	}
	v.Search.Asked = true
	for i := range found {
		if c := linkCandidate(&found[i]); found[i].ID != l.Credit.PitchID || l.Credit.State != store.StateConfirmed {
			v.Search.Found = append(v.Search.Found, *c)
		}
	}
	return nil
}

// nextToReview is the page of another link of the site that waits for a person.
func (s *Server) nextToReview(ctx context.Context, l store.LinkRow) (string, error) {
	rows, err := s.Store.Queue(ctx, store.ReviewFilter{Site: l.SiteID}, nil, false, 2)
	for _, r := range rows {
		if r.LinkID != l.ID {
			return listAddress("/review", nil, "link", strconv.FormatInt(r.LinkID, 10)), nil
		}
	}
	return "", err
}

func linkCandidate(p *pitches.Pitch) *templates.LinkCandidate {
	c := &templates.LinkCandidate{ID: strconv.FormatInt(p.ID, 10), Href: pitchPath(p.ID), Title: titleOf(p), Owner: person(p.OwnerID, p.OwnerName),
		Status: statusClass(p.Status), StatusIs: p.Status.Label()}
	sent := "no sent date"
	if p.SentOn.Known() {
		sent = "pitched " + longDay(p.SentOn).Text
	}
	c.Sub = weburl.Display(p.Outlet.Key) + " · " + sent
	if p.OwnerName != "" {
		c.Sub = p.OwnerName + " · " + c.Sub
	}
	add := func(label, value string) {
		if value != "" {
			c.Facts = append(c.Facts, templates.Fact{Label: label, Value: value})
		}
	}
	add("Pitched", shownDay(p.SentOn).Text)
	add("Outlet", weburl.Display(p.Outlet.Key))
	add("Contact", p.Contact)
	add("Campaign", p.Campaign)
	if p.TargetURL != "" {
		add("Page asked for", targetPath(p.TargetURL))
	}
	add("Anchor asked for", p.Anchor)
	return c
}

// linkFacts is the part of the page that comes from the link alone.
func linkFacts(l store.LinkRow) templates.LinkPage {
	it := linkItem(&l)
	v := templates.LinkPage{ID: it.ID, Href: it.Href, Title: it.Title, Source: weburl.Display(l.SourceURL), SourceHref: it.URLHref, DR: it.DR, Band: it.Band, Rel: it.Rel,
		Seen: "first seen " + it.First.Text, Anchor: l.Anchor, Target: weburl.Display(l.TargetURL), Version: strconv.FormatInt(l.Credit.Version, 10),
		Crumbs: []templates.Link{{Label: "Backlinks", Href: "/backlinks"}, {Label: "Link"}}}
	if it.Gone != "" {
		v.Lost = it.Gone + ": " + it.Reason
	}
	c := l.Credit
	v.CanConfirm = c.PitchID != 0 && c.State != store.StateConfirmed
	v.CanReject = c.PitchID != 0 || c.State == store.StateNone
	v.State, v.Heading = linkState(c)
	v.None = noPitchText(l)
	if c.PitchID != 0 {
		v.Conf, v.Evidence = confidenceOf(c.Score), evidenceOf(c.Reasons)
		v.Strength = v.Conf.Word + " match"
	}
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, templates.Fact{Label: label, Value: value})
		}
	}
	add("Outlet", weburl.Display(l.Outlet))
	if l.Domain != "" {
		v.Facts = append(v.Facts, templates.Fact{Label: "Referring domain", Value: weburl.Display(l.Domain), Href: domainPath(l.Domain)})
	}
	add("Author of the page", l.Author)
	add("Kind of link", kindLabel(string(l.Kind)))
	add("Rel", l.Rel)
	if l.HTTPCode != 0 {
		add("Answer of the page", strconv.Itoa(l.HTTPCode))
	}
	add("First seen", it.First.Text)
	add("Last seen", shownDay(l.LastSeen).Text)
	if it.Gone != "" {
		add("Lost", it.Lost.Text)
		add("Why", it.Reason)
	}
	if l.LostSaid != backlinks.SaidUnlisted { // our own finding
		add("What "+providerName(l.Provider)+" said of the loss", l.LostSaid)
	}
	add("Known from", providerName(l.Provider))
	add("Source address", l.SourceURL)
	return v
}

func kindLabel(kind string) string {
	switch kind {
	case "":
		return ""
	case "rss":
		return "Feed entry"
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// linkState says where the attribution stands, and heads the pitch's side.
func linkState(c store.Credit) (state, heading string) {
	switch c.State {
	case store.StateConfirmed:
		return "Confirmed by a person", "From this pitch"
	case store.StateAuto:
		return "Credited by the rules, not confirmed yet", "From this pitch"
	case store.StateSuggested:
		if c.Contested {
			return "Contested: waits for a person", "Probably from this pitch"
		}
		return "Waits for a person", "Probably from this pitch"
	case store.StatePossible:
		return "A faint possibility", "Possibly from this pitch"
	case store.StateRejected:
		return "Not ours, a person said", "From no pitch"
	case store.StateOwned, store.StatePartner, store.StateSpam:
		return "Marked as " + markWord(c.State), "From no pitch"
	}
	return "No pitch", "From no pitch"
}

func noPitchText(l store.LinkRow) string {
	switch {
	case l.Credit.State == store.StateRejected:
		return "A person said that no pitch of yours earned it."
	case l.Credit.State.Marked():
		return "A person marked the link as " + markWord(l.Credit.State) + ": no pitch is looked for."
	case l.Unkeyed != "":
		return "The source could not be matched to any outlet: " + l.Unkeyed + "."
	}
	return "No pitch to this outlet was sent before the link appeared. Choose one below if you know better."
}

// undoable reports whether a decision stands that can be taken back: each undo
// takes back one.
func undoable(list []store.Decision) bool {
	n := 0
	for _, d := range list {
		if d.Kind == store.Undo {
			n--
		} else {
			n++
		}
	}
	return n > 0
}
