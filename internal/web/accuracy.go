package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"landed/internal/attribution"
	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/report"
	"landed/internal/store"
	"landed/internal/web/chart"
	"landed/internal/weburl"
	"landed/templates"
)

func (s *Server) accuracyRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/reports/accuracy", Role: auth.Manager, Handler: s.showAccuracy},
		{Method: get, Pattern: "/reports/accuracy/links", Role: auth.Manager, Handler: s.listProposals},
	}
}

// bandNames are the bands of proposals with what the rules did.
var bandNames = map[string][2]string{
	"credited":  {"Credited", "without a person"},
	"suggested": {"Suggested", "a person was asked"},
	"contested": {"Contested", "two pitches were too close to choose"},
	"possible":  {"Possible", "folded away"},
}

// reasonNames are short names of reasons; an unknown code is shown as it is.
var reasonNames = map[attribution.Code]string{
	attribution.ExactLiveURL: "On the recorded live URL", attribution.SameHost: "Same host", attribution.PlatformScope: "Author's own place on a platform",
	attribution.SameDomain: "Another host of the outlet", attribution.OutletAlias: "Another name of the outlet", attribution.InWindow: "Seen soon after the pitch",
	attribution.Late: "Seen late", attribution.TargetExact: "Points to the page asked for", attribution.TargetHome: "Points to the home page",
	attribution.TargetOther: "Points to another page", attribution.AuthorMatch: "The contact is the author", attribution.AnchorMatch: "The anchor asked for",
	attribution.TopicMatch: "Rare words of the pitch", attribution.AcceptedPitch: "The pitch was accepted", attribution.RepliedPitch: "The pitch had a reply",
	attribution.DeclinedPitch: "The pitch was declined", attribution.BouncedPitch: "The pitch bounced", attribution.OnlyPitch: "The only pitch to the outlet",
	attribution.UGCOrForum: "Users' own pages", attribution.TemplatePage: "A list, feed or template", attribution.NotEditorial: "Not an editorial link",
	attribution.Preexisting: "There before the pitch", attribution.NoDate: "The pitch has no date", attribution.UndatedLink: "The link has no date",
	attribution.UnscopedPlatform: "A platform without its author", attribution.ContestedRunnerUp: "Another pitch was close",
	attribution.Unspecific: "Nothing speaks of the link itself", attribution.OtherSection: "A section that was not pitched", attribution.LinkedBefore: "The outlet linked before",
}

// accuracyData is what the store knows of how often people agree.
type accuracyData struct {
	bands, reasons map[string]store.Verdicts
	older, now     int // now is the score from which links are credited
	scores         report.Proposals
	waiting        int
	age, dated     int // median, of so many
}

func (s *Server) loadAccuracy(ctx context.Context, site int64) (d accuracyData, err error) {
	if d.bands, err = s.Store.VerdictsByBand(ctx, site); err != nil {
		return d, err
	}
	if d.reasons, err = s.Store.VerdictsByReason(ctx, site); err != nil {
		return d, err
	}
	if d.older, err = s.Store.OlderDecisions(ctx, site); err != nil {
		return d, err
	}
	if d.scores.Right, d.scores.Wrong, d.scores.Open, err = s.Store.ProposalScores(ctx, site); err != nil {
		return d, err
	}
	days, n, err := s.Store.SuggestedDays(ctx, site)
	if err != nil {
		return d, err
	}
	list := make([]report.DayCount, len(days))
	for i := range days {
		list[i] = report.DayCount{Day: days[i], N: n[i]}
		d.waiting += n[i]
	}
	d.age, d.dated = report.MedianAge(list, s.today())
	d.now = s.Store.Rules().CreditAt
	return d, nil
}

func (s *Server) showAccuracy(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	d, err := s.loadAccuracy(r.Context(), site.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, Page{Title: "Accuracy", Nav: "accuracy", Body: templates.AccuracyPage(accuracyView(site, d))})
}

func proposalsAt(params ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	return listAddress("/reports/accuracy/links", q)
}

// few is what stands where a rate would rest on too few cases; "" when it would not.
func few(r report.Rate) string {
	if r.Known() {
		return ""
	}
	return fmt.Sprintf("too few: %d of %d", r.Of, report.MinCases)
}

// someRows is a figure that leads to its rows, when it has any.
func someRows(n int, href string) templates.Linked {
	if n == 0 {
		return templates.Linked{Text: "0"}
	}
	return templates.Linked{Text: grouped(n), Href: href}
}

func accuracyRow(name, means string, v store.Verdicts, params ...string) templates.AccuracyRow {
	r := report.Rate{Part: v.Right, Of: v.Right + v.Wrong}
	row := templates.AccuracyRow{Name: name, Means: means, Few: few(r), Decided: someRows(r.Of, proposalsAt(params...)),
		Right: someRows(v.Right, proposalsAt(append(slices.Clone(params), "answer", "right")...)),
		Wrong: someRows(v.Wrong, proposalsAt(append(slices.Clone(params), "answer", "wrong")...))}
	if r.Known() {
		low, high := report.Wilson(r)
		row.Share, row.Between = percent(r.Part, r.Of), fmt.Sprintf("%.1f to %.1f%%", low, high)
	}
	return row
}

func accuracyView(site store.Site, d accuracyData) templates.Accuracy {
	v := templates.Accuracy{Title: "Nobody has decided on a proposal yet", Lead: site.Host + ". What people confirm, reassign and reject says how far the rules can be trusted."}
	var all, credited store.Verdicts
	for _, band := range store.VerdictBands {
		n := d.bands[band]
		all.Right, all.Wrong = all.Right+n.Right, all.Wrong+n.Wrong
		if band == "credited" {
			credited = n
		}
		if band != "possible" || n.Right+n.Wrong > 0 {
			v.Bands = append(v.Bands, accuracyRow(bandNames[band][0], bandNames[band][1], n, "band", band))
		}
	}
	decided, r := all.Right+all.Wrong, report.Rate{Part: credited.Right, Of: credited.Right + credited.Wrong}
	switch {
	case r.Known():
		v.Title = fmt.Sprintf("People agreed with %s of %s", grouped(r.Part), counted(r.Of, "automatic credit", "automatic credits"))
	case decided > 0:
		v.Title = fmt.Sprintf("People decided on %s so far", counted(decided, "proposal", "proposals"))
	}
	for _, code := range attribution.Codes {
		if n, ok := d.reasons[string(code)]; ok {
			v.Reasons = append(v.Reasons, accuracyRow(cmp.Or(reasonNames[code], string(code)), "", n, "reason", string(code)))
		}
	}
	v.KPIs = accuracyKPIs(all, d)
	v.WhatIf, v.Chart = whatIf(d)
	if decided+d.waiting+d.older == 0 && d.scores.WhatIf(d.now)[0].Open == 0 {
		v.None = &templates.Empty{Title: "Nothing to judge yet", Text: "The figures show once links have been credited or suggested, and people have confirmed or rejected some."}
	}
	v.Notes = []string{"Confirmed counts as right, rejected and reassigned as wrong: the first decision on each proposal that has not been undone. Links marked as owned, partner or spam are not counted."}
	if d.older > 0 {
		v.Notes = append(v.Notes, counted(d.older, "decision is", "decisions are")+" older than the record of what was proposed, and not counted.")
	}
	return v
}

func accuracyKPIs(all store.Verdicts, d accuracyData) []templates.KPI {
	r := report.Rate{Part: all.Right, Of: all.Right + all.Wrong}
	agreed := templates.KPI{ID: "k-ag", Label: "Agreed", Value: rate(r), Href: proposalsAt("answer", "right"), Note: fmt.Sprintf("%s of %s decided", grouped(r.Part), grouped(r.Of)),
		Means: "Of the proposals that people decided on, those they confirmed as they were. No share is printed under 5."}
	waiting := templates.KPI{ID: "k-wa", Label: "Waiting", Value: grouped(d.waiting), Href: "/backlinks?state=suggested", Means: "Links that are suggested to a pitch and that nobody has decided on."}
	age := templates.KPI{ID: "k-me", Label: "Median age of the waiting", Value: "–", Note: fmt.Sprintf("of %s with a date", counted(d.dated, "link", "links")),
		Means: "Half of the waiting links were first seen longer ago than this. Printed from 5 links on."}
	if d.dated >= report.MinCases {
		age.Value = counted(d.age, "day", "days")
	}
	return []templates.KPI{agreed, waiting, age}
}

func whatIf(d accuracyData) ([]templates.WhatIfRow, string) {
	var rows []templates.WhatIfRow
	b := chart.Bars{ID: "th", Title: "Links credited by themselves", Sub: "By the score from which a link is credited", Keys: []string{"Decided right", "Not decided", "Decided wrong"}, RowHead: "From",
		Level: 3, Height: 150, Empty: "No link has a score that alone decides."}
	for _, o := range d.scores.WhatIf(d.now) {
		at := strconv.Itoa(o.At)
		wrong := o.Decided()
		row := templates.WhatIfRow{At: at, Current: o.At == d.now, Few: few(wrong), Right: someRows(o.Right, proposalsAt("score", at, "answer", "right")),
			Wrong: someRows(o.Wrong, proposalsAt("score", at, "answer", "wrong")), Open: someRows(o.Open, proposalsAt("score", at, "answer", "open"))}
		if wrong.Known() {
			row.Share = percent(wrong.Part, wrong.Of)
		}
		rows = append(rows, row)
		b.Cols = append(b.Cols, chart.Col{Label: "Credited from " + at, Short: at, Values: []int{o.Right, o.Open, o.Wrong}})
	}
	return rows, b.HTML()
}

var proposalParams = []string{"band", "reason", "answer", "score"}

func readProposalQuery(in url.Values, site int64) (store.ProposalFilter, url.Values, error) {
	f := store.ProposalFilter{Site: site, Band: in.Get("band"), Code: attribution.Code(in.Get("reason")), After: in.Get("after"), Back: in.Get("back") != ""}
	params := keepParams(in, proposalParams)
	if f.Band != "" && !slices.Contains(store.VerdictBands, f.Band) {
		return f, params, fault.Field("band", "There is no band %q.", cut(f.Band, 40))
	}
	if f.Code != "" && !slices.Contains(attribution.Codes, f.Code) {
		return f, params, fault.Field("reason", "There is no reason %q.", cut(string(f.Code), 40))
	}
	switch v := in.Get("answer"); v {
	case "":
	case "right", "wrong":
		f.Only, f.Right = true, v == "right"
	case "open":
		f.Open = true
	default:
		return f, params, fault.Field("answer", "The answer is right, wrong or open.")
	}
	if v := in.Get("score"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 100 {
			return f, params, fault.Field("score", "The score is a number from 0 to 100.")
		}
		f.Score = n
	}
	return f, params, nil
}

func (s *Server) listProposals(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	f, params, err := readProposalQuery(r.URL.Query(), site.ID)
	if err != nil {
		return err
	}
	page, err := s.Store.ListProposals(r.Context(), f)
	if err != nil {
		return err
	}
	list := proposalList(page, params)
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.ProposalListPart(list))
	}
	v := templates.ProposalsPage{Title: countText(page.Total, "proposal", "proposals"), Lead: proposalsLead(site, f), List: list,
		Crumbs: []templates.Link{{Label: "Accuracy", Href: "/reports/accuracy"}, {Label: "Proposals"}}}
	return s.show(w, r, Page{Title: "Proposals", Nav: "accuracy", Body: templates.ProposalsBody(v)})
}

// proposalsLead says what the list has been cut down to.
func proposalsLead(site store.Site, f store.ProposalFilter) string {
	text := site.Host + ", decided by people"
	switch {
	case f.Open:
		text = site.Host + ", not decided"
	case f.Only && f.Right:
		text = site.Host + ", confirmed by people"
	case f.Only:
		text = site.Host + ", rejected or reassigned by people"
	}
	if f.Band != "" {
		text += ", band " + bandNames[f.Band][0]
	}
	if f.Code != "" {
		text += ", with the reason “" + cmp.Or(reasonNames[f.Code], string(f.Code)) + "”"
	}
	if f.Score > 0 {
		text += fmt.Sprintf(", score %d or more and nothing but the score to decide", f.Score)
	}
	return text + "."
}

func proposalList(page store.ProposalPage, params url.Values) templates.ProposalList {
	v := templates.ProposalList{Pager: listPager("/reports/accuracy/links", params, page.Prev, page.Next, countText(page.Total, "proposal", "proposals")),
		Empty: templates.Empty{Title: "No such proposal", Text: "Decisions that were undone since are not listed.", Action: templates.Link{Label: "Accuracy", Href: "/reports/accuracy"}}}
	for _, p := range page.Rows {
		it := templates.ProposalItem{Title: cmp.Or(p.Title, weburl.Display(p.Source)), Href: linkPath(p.LinkID), URL: weburl.Display(p.Source), Score: confidenceOf(p.Score),
			Pitch: templates.Linked{Text: cmp.Or(p.Subject, weburl.Display(p.Outlet)), Href: pitchPath(p.PitchID)}, Band: cmp.Or(bandNames[p.Band][0], p.Band), First: shownDay(p.FirstSeen)}
		switch {
		case p.Decided && p.Right:
			it.State, it.StateIs = "good", "Right"
		case p.Decided:
			it.State, it.StateIs = "fail", "Wrong"
		case p.State == store.StateAuto:
			it.State, it.StateIs = "", "Credited, not confirmed"
		default:
			it.State, it.StateIs = "due", "Waits"
		}
		if p.Decided {
			it.Said = p.Who + ", " + instantTime(p.At).Text
		}
		v.Rows = append(v.Rows, it)
	}
	return v
}
