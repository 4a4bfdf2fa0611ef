package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// reviewFrame is the page around the case: views, filters, progress.
func (s *Server) reviewFrame(w http.ResponseWriter, r *http.Request, q reviewQuery, total store.Total) templates.ReviewPage {
	f := q.filter
	v := templates.ReviewPage{CSRF: s.csrfToken(w, r), Views: reviewViews(q, ""), Band: q.params.Get("band"), Bands: reviewBands, From: f.From.String(), To: f.To.String(),
		Filters: templates.Filters{Action: "/review", Label: "Outlet", Query: q.params.Get("q"), Placeholder: "Outlet, such as example.com", Target: "#rv",
			Hidden: hiddenParams(q.params, "mine")},
		UndoTo: q.at("/review/undo"), Chips: reviewChips(q), Clear: "/review", Of: q.of, Done: max(q.of-total.N, 0)}
	v.Left = totalText(total) + " left"
	if q.of > total.N {
		v.Left = totalText(total) + " of " + grouped(q.of) + " left"
	}
	what := "wait for a person."
	if total.N == 1 {
		what = "waits for a person."
	}
	v.Lead = templates.Strong(countText(total, "link", "links"), what+" Say which pitch earned each one.")
	if f.Possible {
		v.Lead = templates.Strong(countText(total, "faint match", "faint matches")+".", "Too little speaks for them to ask you. Look when you have the time.")
	}
	if total.N > 1 && !f.Contested && !f.Possible {
		v.ConfirmAll = listAddress("/review/all", q.params, "kind", string(store.Confirm))
		v.RejectAll = listAddress("/review/all", q.params, "kind", string(store.Reject))
	}
	return v
}

func reviewViews(q reviewQuery, current string) []templates.View {
	mine, faint := q.filter.Owner != 0, q.filter.Possible
	return []templates.View{
		{Label: "All that wait", Href: "/review", Current: current == "" && !mine && !faint},
		{Label: "My pitches’", Href: "/review?mine=1", Current: current == "" && mine},
		{Label: "Faint matches", Href: "/review?band=possible", Current: current == "" && faint && !mine},
		{Label: "Known outlets, no pitch", Href: "/review/unpitched", Current: current == "unpitched"},
	}
}

func reviewChips(q reviewQuery) (chips []templates.Chip) {
	add := func(label string, names ...string) {
		var change []string
		for _, n := range names {
			change = append(change, n, "")
		}
		chips = append(chips, templates.Chip{Label: label, Href: listAddress("/review", q.params, change...)})
	}
	if q.params.Get("mine") != "" {
		add("My pitches’", "mine")
	}
	if q.filter.Outlet != "" {
		add("Outlet "+q.filter.Outlet, "q")
	}
	if band := q.params.Get("band"); band != "" {
		i := slices.IndexFunc(reviewBands, func(o templates.Option) bool { return o.Value == band })
		add(reviewBands[i].Label, "band")
	}
	if p := periodText(q.filter.From, q.filter.To); p != "" {
		add("First seen "+p, "from", "to")
	}
	return chips
}

func queueItem(q reviewQuery, row store.QueueRow, current bool) templates.QueueItem {
	it := templates.QueueItem{ID: strconv.FormatInt(row.LinkID, 10), Outlet: weburl.Display(row.SourceURL), Title: row.Title, Score: strconv.Itoa(row.Score) + "%",
		Contested: row.Contested, Current: current}
	host, path, _ := strings.Cut(it.Outlet, "/")
	it.Outlet = host
	it.Href = q.at("/review", "link", it.ID)
	if it.Title == "" {
		it.Title = "/" + path
	}
	return it
}

func reviewEmpty(q reviewQuery) templates.Empty {
	switch {
	case len(q.params) > 0:
		return templates.Empty{Title: "Nothing waits under these filters", Text: "Take one filter away, or see everything that waits.", Action: templates.Link{Label: "Everything that waits", Href: "/review"}}
	case q.of > 0:
		return templates.Empty{Title: "All done", Text: "Every link found on an outlet you pitched has been decided on. New ones show here after the next sync.",
			Action: templates.Link{Label: "Links from known outlets without a pitch", Href: "/review/unpitched"}}
	}
	return templates.Empty{Title: "Nothing waits for you", Text: "Links found on outlets you pitched show here when the rules are not sure which pitch earned them.",
		Action: templates.Link{Label: "Links from known outlets without a pitch", Href: "/review/unpitched"}}
}

// otherKeys are the keys of the candidates after the proposed one.
const otherKeys = "23456789"

// reviewCase gathers the evidence of one link: the pitch that is looked at, and
// the others that it could be from.
func (s *Server) reviewCase(r *http.Request, q reviewQuery, link, skip int64) (*templates.ReviewCase, error) {
	ctx := r.Context()
	l, err := s.Store.Link(ctx, link)
	if err != nil {
		return nil, err
	}
	c := &templates.ReviewCase{ID: strconv.FormatInt(link, 10), Version: strconv.FormatInt(l.Credit.Version, 10), Link: linkFacts(l), Decide: q.at("/review/decide"),
		Find: q.at("/review/pitches", "link", strconv.FormatInt(link, 10)), Full: linkPath(link), Confirm: "confirm", Outlet: l.Outlet,
		Log: listAddress("/pitches/new", nil, "link", strconv.FormatInt(link, 10), "back", q.at("/review"))}
	c.Link.ID = c.ID
	if skip != 0 {
		c.Skip = q.at("/review", "link", strconv.FormatInt(skip, 10))
	}
	if err := s.linkPitch(ctx, &c.Link, l); err != nil {
		return nil, err
	}
	assists, err := s.Store.Assists(ctx, link)
	if err != nil {
		return nil, err
	}
	for _, a := range assists {
		if a.PitchID == l.Credit.PitchID || len(c.Others) == len(otherKeys) {
			continue
		}
		o, err := s.reviewOther(r, q, c, a)
		if err != nil {
			return nil, err
		}
		c.Others = append(c.Others, o)
	}
	chooseCandidate(q, c)
	if l.Credit.Contested && l.Credit.State == store.StateSuggested && c.Pitch == "" && len(c.Others) > 0 {
		c.Rival = &c.Others[0]
	}
	if c.Search, err = s.foundPitches(r, l, ""); err != nil {
		return nil, err
	}
	c.Live = fmt.Sprintf("Now: %s, %s, %s", weburl.Display(l.Outlet), c.Link.Title, strings.ToLower(c.Link.State))
	return c, nil
}

func (s *Server) reviewOther(r *http.Request, q reviewQuery, c *templates.ReviewCase, a store.Credit) (templates.ReviewOther, error) {
	p, err := s.Store.Pitch(r.Context(), a.PitchID)
	if err != nil {
		return templates.ReviewOther{}, err
	}
	o := templates.ReviewOther{LinkCandidate: *linkCandidate(&p), Key: otherKeys[len(c.Others) : len(c.Others)+1], Evidence: evidenceOf(a.Reasons), Conf: confidenceOf(a.Score)}
	o.Score, o.Scored = a.Score, true
	o.Look = q.at("/review", "link", c.ID, "pitch", o.ID)
	return o, nil
}

// chooseCandidate puts the pitch that the address names beside the link instead
// of the proposed one, and says which one comes next.
func chooseCandidate(q reviewQuery, c *templates.ReviewCase) {
	at := slices.IndexFunc(c.Others, func(o templates.ReviewOther) bool { return o.ID == strconv.FormatInt(q.pitch, 10) })
	if len(c.Others) > 0 {
		c.Look = q.at("/review", "link", c.ID) // after the last one the proposed one again
		if at+1 < len(c.Others) {
			c.Look = c.Others[at+1].Look
		}
	}
	if at < 0 {
		return
	}
	o := c.Others[at]
	c.Pitch, c.Confirm = o.ID, string(store.Reassign)
	c.Link.Pitch, c.Link.Evidence, c.Link.Conf, c.Link.Heading = &o.LinkCandidate, o.Evidence, o.Conf, "Or from this pitch"
	c.Link.Strength = o.Conf.Word + " match"
	c.Link.CanConfirm = true
	c.Others = slices.Delete(c.Others, at, at+1)
}

// foundPitches are the pitches that a search for one to reassign to finds; with
// nothing typed those to the link's own outlet.
func (s *Server) foundPitches(r *http.Request, l store.LinkRow, typed string) (templates.LinkSearch, error) {
	v := templates.LinkSearch{Query: cut(strings.TrimSpace(typed), 200)}
	found, err := s.Store.SuggestPitches(r.Context(), l.SiteID, l.Domain, v.Query)
	if err != nil {
		return v, err
	}
	v.Asked = v.Query != ""
	for i := range found {
		if found[i].ID != l.Credit.PitchID || l.Credit.State != store.StateConfirmed {
			v.Found = append(v.Found, *linkCandidate(&found[i]))
		}
	}
	return v, nil
}

func decideAllView(q reviewQuery, site store.Site, kind store.DecisionKind, b store.Bulk, some []store.QueueRow) templates.DecideAll {
	links := counted(b.Links, "link", "links")
	v := templates.DecideAll{Kind: string(kind), Action: listAddress("/review/all", q.params), Sum: b.Sum, Back: q.at("/review"), N: b.Links,
		Title: "Confirm " + links, Button: "Confirm " + links, Crumbs: []templates.Link{{Label: "Review", Href: q.at("/review")}, {Label: "Many at once"}}}
	v.Lead = "Each is credited to the pitch that is proposed for it. " + counted(b.Pitches, "pitch", "pitches") + " of " + site.Host + " will be set to landed, with date and address of the link."
	if kind == store.Reject {
		v.Title, v.Button = "Mark "+links+" as not ours", "Mark "+links+" as not ours"
		v.Lead = "None of them is proposed for its pitch again (" + counted(b.Pitches, "pitch", "pitches") + " of " + site.Host + "). Where another pitch comes into question it is proposed next."
	}
	for _, c := range reviewChips(q) {
		v.Which = append(v.Which, c.Label)
	}
	if b.Left > 0 {
		v.Left = counted(b.Left, "contested link is", "contested links are") + " left out: decide these one by one."
	}
	if b.More {
		v.More = "There are more: these are the first " + grouped(b.Links) + ", the surest ones. Come back for the rest."
	}
	for _, row := range some {
		it := queueItem(q, row, false)
		it.Href = linkPath(row.LinkID)
		v.Some = append(v.Some, it)
	}
	if n := b.Links - len(v.Some); n > 0 {
		v.Rest = "and " + counted(n, "further link", "further links")
	}
	return v
}
