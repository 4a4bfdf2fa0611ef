package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func outletPath(id int64) string { return "/outlets/" + strconv.FormatInt(id, 10) }

var outletViews = []struct{ view, label string }{{"", "All"}, {"pitched", "Pitched"}, {"names", "With other names"}, {"blocked", "Do not contact"}}

func (s *Server) listOutlets(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	in := r.URL.Query()
	params := keepParams(in, []string{"view", "q"})
	view := in.Get("view")
	f := store.OutletFilter{Site: site.ID, Query: cut(strings.TrimSpace(in.Get("q")), 300), Pitched: view == "pitched", Aliases: view == "names", NoContact: view == "blocked",
		After: in.Get("after"), Back: in.Get("back") != ""}
	page, err := s.Store.ListOutlets(r.Context(), f)
	if err != nil {
		return err
	}
	list := outletListView(params, f.Query, view, page)
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.OutletListPart(list))
	}
	v := templates.OutletsPage{List: list, Lead: templates.Strong(countText(page.Total, "outlet", "outlets"), "with what came of pitching them for "+site.Host+"."),
		Filters: templates.Filters{Action: "/outlets", Label: "Domain or name, or how it begins", Query: f.Query, Placeholder: "Domain or name begins with …", Hidden: hiddenParams(params, "view")}}
	for _, x := range outletViews {
		v.Views = append(v.Views, templates.View{Label: x.label, Href: listAddress("/outlets", nil, "view", x.view), Current: x.view == view})
	}
	return s.show(w, r, Page{Title: "Outlets", Nav: "outlets", Body: templates.OutletsBody(v)})
}

func outletListView(params url.Values, query, view string, page store.OutletPage) templates.OutletList {
	v := templates.OutletList{Clear: listAddress("/outlets", keepParams(params, []string{"view"})), Pager: listPager("/outlets", params, page.Prev, page.Next, countText(page.Total, "outlet", "outlets"))}
	v.Pager.NewerLabel, v.Pager.OlderLabel = "Previous", "Next"
	if query != "" {
		v.Chips = []templates.Chip{{Label: "Begins with " + query, Href: listAddress("/outlets", params, "q", "")}}
	}
	for _, o := range page.Rows {
		it := templates.OutletItem{Name: o.Name, Key: weburl.Display(o.Key), Href: outletPath(o.ID), Pitches: grouped(o.Pitches), Landed: grouped(o.Landed), Placements: grouped(o.Placements), NoContact: o.DoNotContact}
		if o.Name == o.Key {
			it.Name = it.Key
		}
		it.DR, it.Band = drText(o.Authority, o.Metric)
		if o.Names > 0 {
			it.Names = counted(o.Names, "other name", "other names")
		}
		if o.LastSent.Known() {
			it.Last = longDay(o.LastSent)
		}
		v.Rows = append(v.Rows, it)
	}
	v.Empty = templates.Empty{Title: "No outlets yet", Text: "An outlet is made when the first pitch to it is logged or imported.", Action: templates.Link{Label: "Log a pitch", Href: "/pitches/new"}}
	if query != "" || view != "" {
		v.Empty = templates.Empty{Title: "No outlet matches", Text: "Take the filter away, or look at all outlets.", Action: templates.Link{Label: "All outlets", Href: "/outlets"}}
	}
	return v
}

// outletForm is what was typed on an outlet's page, and what is wrong with it.
type outletForm struct {
	edit            *store.OutletEdit
	alias, from, to string
	subdomain       string
	err             error
}

func (s *Server) showOutlet(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	return s.outletPage(w, r, id, http.StatusOK, outletForm{})
}

func (s *Server) outletPage(w http.ResponseWriter, r *http.Request, id int64, status int, form outletForm) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	o, err := s.Store.Outlet(r.Context(), id)
	if err != nil {
		return err
	}
	figures, err := s.Store.OutletFigures(r.Context(), site.ID, id)
	if err != nil {
		return err
	}
	role := s.currentUser(r).Role
	v := templates.OutletDetail{CSRF: s.csrfToken(w, r), Path: outletPath(id), Name: o.Name, Key: weburl.Display(o.Key), Home: "What we know of " + weburl.Display(o.Key) + " and what came of pitching them.",
		CanName: role.AtLeast(auth.Staff), CanEdit: role.AtLeast(auth.Manager), NewPitch: listAddress("/pitches/new", nil, "outlet", o.Key),
		PitchesHref: listAddress("/pitches", nil, "outlet", strconv.FormatInt(id, 10)), Off: o.Off}
	if o.Name == o.Key {
		v.Name = v.Key
	}
	v.DR, v.Band = drText(o.Authority, o.Metric)
	outletKPIs(&v, figures, site)
	outletNote(&v, o)
	outletFields(&v, o, form)
	for i, a := range o.Aliases {
		v.Aliases = append(v.Aliases, templates.OutletAlias{Key: weburl.Display(a.Key), Days: aliasDays(a), Index: strconv.Itoa(i), Ended: a.To.Known() && a.To <= s.today()})
	}
	if v.History, err = s.changeHistory(r, id); err != nil {
		return err
	}
	if err := s.outletLists(r, &v, site, o); err != nil {
		return err
	}
	return s.show(w, r, Page{Title: v.Name, Nav: "outlets", Status: status, Body: templates.OutletPage(v)})
}

func outletKPIs(v *templates.OutletDetail, o store.OutletRow, site store.Site) {
	last := templates.KPI{Label: "Last pitched", Value: "Never", Note: "for " + site.Host}
	if o.LastSent.Known() {
		last.Value = longDay(o.LastSent).Text
	}
	v.KPIs = []templates.KPI{
		{Label: "Pitches", Value: grouped(o.Pitches), Note: "sent for " + site.Host},
		{Label: "Landed", Value: grouped(o.Landed), Note: "of them"},
		{Label: "Placements", Value: grouped(o.Placements), Note: "pages credited to them"},
		last,
	}
}

func outletNote(v *templates.OutletDetail, o store.Outlet) {
	switch {
	case o.DoNotContact:
		v.Note = templates.Note{Kind: "bad", Title: "Do not contact.", Text: noContactWords(o)}
		v.NewPitch = ""
	case o.Unscoped:
		v.Note = templates.Note{Kind: "warn", Title: "Many authors write here.", Text: "Links from this platform are never credited by themselves. Pitch the author's own address."}
	}
}

func aliasDays(a pitches.Alias) string {
	switch {
	case a.From.Known() && a.To.Known():
		return longDay(a.From).Text + " to " + longDay(a.To).Text
	case a.From.Known():
		return "from " + longDay(a.From).Text
	case a.To.Known():
		return "until " + longDay(a.To).Text
	}
	return "always"
}

func outletFields(v *templates.OutletDetail, o store.Outlet, form outletForm) {
	errs := fault.FieldsOf(form.err)
	if form.err != nil && len(errs) == 0 {
		v.Problem = fault.Message(form.err)
	}
	edit := store.OutletEdit{Name: o.Name, DoNotContact: o.DoNotContact, Person: o.NoContactPerson, Reason: o.NoContactReason}
	if form.edit != nil {
		edit = *form.edit
	}
	v.NoContact = edit.DoNotContact
	v.NameField = templates.Field{ID: "o-n", Name: "name", Label: "Name", Value: edit.Name, Err: errs["name"]}
	v.Person = templates.Field{ID: "o-p", Name: "person", Label: "Who asked", Value: edit.Person, Err: errs["person"], Optional: "optional"}
	v.Reason = templates.Field{ID: "o-r", Name: "reason", Label: "Why not to contact", Value: edit.Reason, Err: errs["reason"], Optional: "optional", Help: "Needed when the box is ticked. Shown to whoever logs a pitch to them."}
	v.Alias = templates.Field{ID: "o-a", Name: "alias", Label: "Another name", Value: form.alias, Err: errs["alias"], Mono: true, Placeholder: "example.com", Help: "A domain, or an author's address on a platform"}
	v.From = templates.Field{ID: "o-f", Name: "from", Label: "From", Type: "date", Value: form.from, Err: errs["from"], Optional: "optional"}
	v.To = templates.Field{ID: "o-t", Name: "to", Label: "Until", Type: "date", Value: form.to, Err: errs["to"], Optional: "optional"}
	v.Subdomain = templates.Field{ID: "o-s", Name: "subdomain", Label: "Subdomain", Value: form.subdomain, Err: errs["subdomain"], Mono: true, Placeholder: "jobs", Help: "Such as jobs, support or forum"}
	for _, f := range []templates.Field{v.NameField, v.Person, v.Reason, v.Alias, v.From, v.To, v.Subdomain} {
		if f.Err != "" {
			v.Errors = append(v.Errors, templates.FieldMessage{ID: f.ID, Label: f.Label, Text: f.Err})
		}
	}
}

// outletRows is how many pitches and links an outlet's page lists.
const outletRows = 15

func (s *Server) outletLists(r *http.Request, v *templates.OutletDetail, site store.Site, o store.Outlet) error {
	list, err := s.Store.ListPitches(r.Context(), store.PitchFilter{Site: site.ID, Outlet: o.ID, Limit: outletRows})
	if err != nil {
		return err
	}
	for i := range list.Rows {
		p := &list.Rows[i].Pitch
		row := templates.OutletPitch{Title: creditTitle(store.Credit{PitchID: p.ID, Subject: p.Subject, Outlet: p.Outlet.Key}), Href: pitchPath(p.ID), State: statusClass(p.Status), Status: p.Status.Label(), Owner: p.OwnerName}
		if p.SentOn.Known() {
			row.Sent = longDay(p.SentOn)
		}
		v.Pitches = append(v.Pitches, row)
	}
	links, err := s.Store.LatestOutletLinks(r.Context(), site.ID, o.Key, outletRows)
	if err != nil {
		return err
	}
	if page, err := s.Store.Platforms().Page(o.Key); err == nil {
		v.LinksHref = domainPath(page.Domain)
	}
	for _, l := range links {
		row := templates.OutletLink{Page: weburl.Display(l.SourceURL), Href: linkPath(l.ID), Target: targetPath(l.TargetURL), State: "No pitch", First: shownDay(l.FirstSeen), Lost: l.LostOn.Known()}
		if l.Credit.PitchID != 0 {
			row.State = creditTitle(l.Credit) + ", " + stateWords[l.Credit.State]
		}
		v.Links = append(v.Links, row)
	}
	return nil
}

// saveOutlet stores name and contact, which change no credit.
func (s *Server) saveOutlet(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	e := store.OutletEdit{Name: cut(r.PostFormValue("name"), 1000), DoNotContact: r.PostFormValue("no_contact") != "", Person: cut(r.PostFormValue("person"), 1000), Reason: cut(r.PostFormValue("reason"), 2000)}
	err = s.Store.SaveOutlet(r.Context(), s.by(r), id, e)
	if invalid(err) {
		return s.outletPage(w, r, id, http.StatusUnprocessableEntity, outletForm{edit: &e, err: err})
	}
	if err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: "Outlet saved"})
	return s.redirect(w, r, outletPath(id))
}

// changeAliases records a name added, ended or taken away, and shows what that
// would do.
func (s *Server) changeAliases(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	o, err := s.Store.Outlet(r.Context(), id)
	if err != nil {
		return err
	}
	form := outletForm{alias: cut(strings.TrimSpace(r.PostFormValue("alias")), 500), from: cut(r.PostFormValue("from"), 40), to: cut(r.PostFormValue("to"), 40)}
	list, err := s.editAliases(r, o.Aliases, form)
	var c store.RuleChange
	if err == nil {
		c, err = s.Store.ProposeAliases(r.Context(), s.by(r), id, list)
	}
	if invalid(err) {
		form.err = err
		return s.outletPage(w, r, id, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}

func (s *Server) editAliases(r *http.Request, list []pitches.Alias, form outletForm) ([]pitches.Alias, error) {
	list = slices.Clone(list)
	what := r.PostFormValue("do")
	if what == "add" || what == "" {
		a := pitches.Alias{Key: form.alias}
		for _, d := range []struct {
			name, text string
			to         *day.Day
		}{{"from", form.from, &a.From}, {"to", form.to, &a.To}} {
			if d.text == "" {
				continue
			}
			var err error
			if *d.to, err = day.Parse(d.text); err != nil {
				return nil, fault.Field(d.name, "Enter a day such as 2026-03-31.")
			}
		}
		return append(list, a), nil
	}
	i, err := strconv.Atoi(r.PostFormValue("index"))
	if err != nil || i < 0 || i >= len(list) || weburl.Display(list[i].Key) != form.alias {
		return nil, fault.New(fault.Conflict, "Somebody changed the names of this outlet. Reload the page.")
	}
	switch what {
	case "remove":
		return slices.Delete(list, i, i+1), nil
	case "end":
		list[i].To = s.today()
		return list, nil
	}
	return nil, fault.New(fault.Invalid, "%q is nothing to do with a name.", cut(what, 20))
}

// changeSubdomains records a subdomain switched off or on again, and shows what
// that would do.
func (s *Server) changeSubdomains(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	o, err := s.Store.Outlet(r.Context(), id)
	if err != nil {
		return err
	}
	sub := cut(strings.TrimSpace(r.PostFormValue("subdomain")), 300)
	list := slices.Clone(o.Off)
	if r.PostFormValue("do") == "remove" {
		list = slices.DeleteFunc(list, func(x string) bool { return x == sub })
	} else {
		list = append(list, sub)
	}
	c, err := s.Store.ProposeSubdomains(r.Context(), s.by(r), id, list)
	if invalid(err) {
		return s.outletPage(w, r, id, http.StatusUnprocessableEntity, outletForm{subdomain: sub, err: err})
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}
