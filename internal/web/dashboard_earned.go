package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/attribution"
	"landed/internal/fault"
	"landed/internal/report"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// models are the ways of crediting, as the address and the page name them.
var models = []struct {
	model       attribution.Model
	label, says string
}{
	{attribution.LastTouch, "Last touch", "Last touch: a placement counts for the pitch that it is credited to, as everywhere else on this page."},
	{attribution.FirstTouch, "First touch", "First touch: a placement counts for the pitch that was sent first, of the credited one and those that scored 60 or more beside it."},
	{attribution.Linear, "Linear", "Linear: the credited pitch and those that scored 60 or more beside it share a placement equally. The shares sum to the whole."},
}

// model is the way of crediting that the address asks for.
func (q dashQuery) model() attribution.Model {
	return attribution.Model(cmp.Or(q.query.Get("model"), string(attribution.LastTouch)))
}

func (q dashQuery) modelIndex() int { return max(0, slices.Index(attribution.Models, q.model())) }

func (q dashQuery) campaigns() bool { return q.query.Get("who") == "c" }

// earnedBy is whose the placements are, by person or by campaign; largest first.
type earnedBy struct {
	store.Touched
	parts int64
}

func (s *Server) loadEarned(ctx context.Context, q dashQuery) ([]earnedBy, error) {
	list, err := s.Store.Touches(ctx, q.site.ID, q.p.From, q.p.To)
	if err != nil {
		return nil, err
	}
	at := map[store.Touched]int{}
	var out []earnedBy
	for _, t := range list {
		key := store.Touched{OwnerID: t.OwnerID, Owner: t.Owner}
		if q.campaigns() {
			key = store.Touched{Campaign: t.Campaign}
		}
		parts := t.Parts[q.modelIndex()]
		if parts == 0 {
			continue
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, earnedBy{Touched: key})
		}
		out[i].parts += parts
	}
	slices.SortStableFunc(out, func(a, b earnedBy) int {
		return cmp.Or(cmp.Compare(b.parts, a.parts), strings.Compare(a.Owner+a.Campaign, b.Owner+b.Campaign), cmp.Compare(a.OwnerID, b.OwnerID))
	})
	return out, nil
}

func partsOf(list []earnedBy) (parts []int64, placements int) {
	sum := int64(0)
	for _, e := range list {
		parts, sum = append(parts, e.parts), sum+e.parts
	}
	return parts, int(sum / attribution.Whole)
}

func (q dashQuery) earnedView(list []earnedBy) templates.Earned {
	v := templates.Earned{Head: "Person", Means: models[q.modelIndex()].says, CSV: listAddress("/dashboard/earned.csv", q.query)}
	if q.campaigns() {
		v.Head = "Campaign"
	}
	tab := func(label, param, value string, current bool) templates.WinTab {
		return templates.WinTab{Label: label, Current: current, Href: q.at(param, value) + "#earned", Get: listAddress("/dashboard/earned", q.query, param, value)}
	}
	v.Who = []templates.WinTab{tab("Person", "who", "", !q.campaigns()), tab("Campaign", "who", "c", q.campaigns())}
	for i, m := range models {
		v.Models = append(v.Models, tab(m.label, "model", string(m.model), i == q.modelIndex()))
	}
	parts, all := partsOf(list)
	v.Total = templates.Linked{Text: grouped(all), Href: q.placementsAt()}
	for i, text := range report.Decimals(parts, attribution.Whole, 1) {
		e := list[i]
		row := templates.EarnedRow{Name: e.Campaign, Percent: float64(parts[i]) / float64(all) / attribution.Whole * 100}
		only := []string{"campaign", e.Campaign}
		switch {
		case q.campaigns() && e.Campaign == "":
			row.Name, only = "No campaign", []string{"nocampaign", "1"}
		case q.campaigns():
		case e.OwnerID != 0:
			row.Person, only = person(e.OwnerID, e.Owner), []string{"owner", strconv.FormatInt(e.OwnerID, 10)}
		case e.Owner == "":
			row.Name, only = "Nobody", []string{"owner", "none"}
		default:
			row.Person, only = person(0, e.Owner), []string{"person", e.Owner}
		}
		row.Placements = templates.Linked{Text: text, Href: q.placementsAt(only...)}
		if all >= report.MinCases {
			row.Share = strconv.FormatFloat(row.Percent, 'f', 1, 64) + "%"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// placementsAt is the address of the placements behind a figure.
func (q dashQuery) placementsAt(only ...string) string {
	return rowsIn("/dashboard/placements", q.p.Span, append(only, "model", string(models[q.modelIndex()].model))...)
}

// showEarned is the card of who earned the placements alone.
func (s *Server) showEarned(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readDashboard(r.Context(), site, r.URL.Query())
	if err != nil {
		return err
	}
	if q.err != nil {
		return q.err
	}
	if !isHTMX(r) { // opened by hand: the whole page has the same choice
		return s.redirect(w, r, q.at())
	}
	list, err := s.loadEarned(r.Context(), q)
	if err != nil {
		return err
	}
	return s.part(w, r, http.StatusOK, templates.EarnedCard(q.earnedView(list)))
}

// exportEarned sends the card as CSV, with three decimals.
func (s *Server) exportEarned(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readDashboard(r.Context(), site, r.URL.Query())
	if err == nil {
		err = q.err
	}
	if err != nil {
		return err
	}
	list, err := s.loadEarned(r.Context(), q)
	if err != nil {
		return err
	}
	name, who := "person", func(e earnedBy) string { return e.Owner }
	if q.campaigns() {
		name, who = "campaign", func(e earnedBy) string { return e.Campaign }
	}
	head := []string{name, "credit", "from", "to", "placements"}
	return s.sendCSV(w, r, "placements-by-"+name, site, head, func(row func(...string) error) error {
		parts, _ := partsOf(list)
		for i, text := range report.Decimals(parts, attribution.Whole, 3) {
			if err := row(who(list[i]), string(models[q.modelIndex()].model)+"_touch", q.p.From.String(), q.p.To.String(), text); err != nil {
				return err
			}
		}
		return nil
	})
}

var partParams = []string{"owner", "person", "campaign", "nocampaign", "model", "from", "to"}

func readPartQuery(in url.Values, site int64) (store.TouchFilter, url.Values, error) {
	f := store.TouchFilter{Site: site, Model: attribution.Model(in.Get("model")), OwnerName: cut(in.Get("person"), 200), Campaign: cut(in.Get("campaign"), 200),
		NoCampaign: in.Get("nocampaign") != "", After: in.Get("after"), Limit: 50}
	if !slices.Contains(attribution.Models, f.Model) {
		f.Model = attribution.LastTouch
	}
	var err error
	switch v := in.Get("owner"); v {
	case "":
	case "none":
		f.NoOwner = true
	default:
		if f.OwnerID, err = strconv.ParseInt(v, 10, 64); err != nil || f.OwnerID <= 0 {
			return f, nil, fault.Field("owner", "%q is not the number of a person.", cut(v, 40))
		}
	}
	f.From, f.To, err = readPeriod(in)
	f.To = lastDay(f.To)
	return f, keepParams(in, partParams), err
}

// showParts lists the placements behind a figure of the card.
func (s *Server) showParts(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	f, params, err := readPartQuery(r.URL.Query(), site.ID)
	if err != nil {
		return err
	}
	page, err := s.Store.ListTouches(r.Context(), f)
	if err != nil {
		return err
	}
	list := partsList(page, params)
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.PartsListPart(list))
	}
	v := templates.PartsPage{Title: "Placements " + partsWhose(f, page), List: list, Crumbs: []templates.Link{{Label: "Dashboard", Href: "/dashboard"}, {Label: "Placements"}}}
	v.Lead = site.Host + ", " + strings.TrimSpace("first seen "+periodText(f.From, f.To)) + ". " + models[slices.Index(attribution.Models, f.Model)].says
	return s.show(w, r, Page{Title: "Placements", Nav: "dashboard", Body: templates.PartsBody(v)})
}

// partsWhose names whom the list is of. A person with an account is named by the
// first row, if there is one.
func partsWhose(f store.TouchFilter, page store.TouchPage) string {
	switch {
	case f.OwnerID != 0 && len(page.Rows) > 0:
		return "of " + page.Rows[0].Owner
	case f.OwnerID != 0:
		return "of one person"
	case f.OwnerName != "":
		return "of " + f.OwnerName
	case f.NoOwner:
		return "of nobody"
	case f.Campaign != "":
		return "of the campaign " + f.Campaign
	case f.NoCampaign:
		return "without a campaign"
	}
	return "of everybody"
}

func partsList(page store.TouchPage, params url.Values) templates.PartsList {
	v := templates.PartsList{Pager: templates.Pager{Text: counted(len(page.Rows), "placement", "placements") + " on this page"},
		Empty: templates.Empty{Title: "No placement here", Text: "Nothing was credited to these pitches in the period, or it has moved since."}}
	if page.Next != "" {
		v.Pager.Older = listAddress("/dashboard/placements", params, "after", page.Next)
	}
	for _, t := range page.Rows {
		it := templates.PartItem{Title: cmp.Or(t.Title, weburl.Display(t.Source)), Href: linkPath(t.LinkID), URL: weburl.Display(t.Source), First: shownDay(t.FirstSeen), Role: "Assist", State: "pitched", Part: "1"}
		it.Pitch = templates.Linked{Text: cmp.Or(t.Subject, weburl.Display(t.Outlet), "Deleted pitch"), Href: pitchPath(t.PitchID)}
		it.Who = cmp.Or(t.Owner, "Nobody")
		if t.Campaign != "" {
			it.Who += ", " + t.Campaign
		}
		if t.Credited {
			it.Role, it.State = "Credited", "landed"
		}
		if t.Parts != attribution.Whole {
			it.Part = "1 of " + strconv.Itoa(t.Among)
		}
		v.Rows = append(v.Rows, it)
	}
	return v
}
