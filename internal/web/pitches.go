package web

import (
	"encoding/csv"
	"net/http"
	"net/url"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/templates"
)

func (s *Server) pitchRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/pitches", Role: auth.Viewer, Handler: s.listPitches},
		{Method: get, Pattern: "/pitches.csv", Role: auth.Viewer, Handler: s.exportPitches, Costly: true},
		{Method: get, Pattern: "/pitches/new", Role: auth.Staff, Handler: s.showNewPitch},
		{Method: post, Pattern: "/pitches", Role: auth.Staff, Handler: s.createPitch, Body: 256 << 10},
		{Method: post, Pattern: "/pitches/bulk", Role: auth.Staff, Handler: s.editPitches},
		{Method: post, Pattern: "/pitches/undo/{token}", Role: auth.Staff, Handler: s.undoPitches},
		{Method: get, Pattern: "/outlets/lookup", Role: auth.Staff, Handler: s.lookUpOutlet},
		{Method: get, Pattern: "/pitches/{id}", Role: auth.Viewer, Handler: s.showPitch},
		{Method: get, Pattern: "/pitches/{id}/row", Role: auth.Viewer, Handler: s.showPitchRow},
		{Method: get, Pattern: "/pitches/{id}/edit", Role: auth.Staff, Handler: s.showEditPitch},
		{Method: post, Pattern: "/pitches/{id}/edit", Role: auth.Staff, Handler: s.savePitch, Body: 256 << 10},
		{Method: post, Pattern: "/pitches/{id}/status", Role: auth.Staff, Handler: s.setPitchStatus},
		{Method: post, Pattern: "/pitches/{id}/delete", Role: auth.Staff, Handler: s.deletePitch},
		{Method: post, Pattern: "/pitches/{id}/restore", Role: auth.Staff, Handler: s.restorePitch},
		{Method: post, Pattern: "/pitches/{id}/note", Role: auth.Staff, Handler: s.addPitchNote},
	}
}

func (s *Server) today() day.Day { return day.Of(s.Now()) }

func (s *Server) seesCosts(r *http.Request) bool { return s.currentUser(r).Role.AtLeast(auth.Manager) }

func (s *Server) canEdit(r *http.Request) bool { return s.currentUser(r).Role.AtLeast(auth.Staff) }

func (s *Server) listPitches(w http.ResponseWriter, r *http.Request) error {
	return s.pitchesPage(w, r, http.StatusOK, parsePitchQuery(r.URL.Query()))
}

func (s *Server) pitchesPage(w http.ResponseWriter, r *http.Request, status int, q pitchQuery) error {
	v, err := s.pitchesView(w, r, q)
	if err != nil {
		return err
	}
	if isHTMX(r) && r.Method == get {
		push := q.String() // without the fields that were left empty
		if here, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil && here.RequestURI() == push {
			push = "false" // the list was only renewed
		}
		w.Header().Set("HX-Push-Url", push)
	}
	return s.show(w, r, Page{Title: "Pitches", Nav: "pitches", Status: status, Body: templates.Pitches(v), Part: templates.PitchListPart(v)})
}

func (s *Server) pitchesView(w http.ResponseWriter, r *http.Request, q pitchQuery) (v templates.PitchesPage, err error) {
	ctx, u := r.Context(), s.currentUser(r)
	site, _, err := s.currentSite(w, r)
	if err != nil {
		return v, err
	}
	f, err := s.pitchFilter(ctx, q, site.ID, u.ID)
	if err != nil {
		return v, err
	}
	page, err := s.Store.ListPitches(ctx, f)
	if err != nil {
		return v, err
	}
	totals, err := s.Store.PitchTotals(ctx, site.ID)
	if err != nil {
		return v, err
	}
	campaigns, err := s.Store.Campaigns(ctx, site.ID)
	if err != nil {
		return v, err
	}
	people, err := s.Store.Accounts(ctx, s.Config.Idle)
	if err != nil {
		return v, err
	}
	v = templates.PitchesPage{CSRF: s.csrfToken(w, r), CanEdit: s.canEdit(r), CanNew: s.canEdit(r) && site.ID != 0, Lead: pitchesLead(totals),
		Export: q.first().at("/pitches.csv"), Self: q.String()}
	for _, n := range totals {
		v.Total += n
	}
	if u.Role.AtLeast(s.access["/import"]) {
		v.Import = "/import"
	}
	if v.Views, err = s.pitchViews(r, q, site.ID, totals); err != nil {
		return v, err
	}
	pitchFilterView(&v, q, u, campaigns, people, page.Rows)
	v.NoMatch = pitchesNoMatch(v.Chips, v.Total)
	for _, p := range page.Rows {
		v.Rows = append(v.Rows, s.pitchRow(v.CSRF, v.CanEdit, p))
	}
	v.Pager = pitchPager(q, page)
	return v, nil
}

// pitchViews are the lists that people open every day. Each is a set of filters.
func (s *Server) pitchViews(r *http.Request, q pitchQuery, site int64, totals map[pitches.Status]int) ([]templates.View, error) {
	me, all := s.currentUser(r).ID, 0
	for _, n := range totals {
		all += n
	}
	var views []templates.View
	add := func(label string, view pitchQuery, n store.Total) {
		views = append(views, templates.View{Label: label, Href: view.String(), Count: totalText(n), Current: q.first() == view})
	}
	add("All", pitchQuery{}, store.Total{N: all})
	for _, x := range []struct {
		label string
		view  pitchQuery
	}{{"Mine", pitchQuery{Owner: "me"}}, {"Follow-up due", pitchQuery{Due: true}}} {
		if x.view.Owner == "me" && !s.canEdit(r) {
			continue
		}
		n, err := s.Store.CountPitches(r.Context(), x.view.filter(site, me, s.today()))
		if err != nil {
			return nil, err
		}
		add(x.label, x.view, n)
	}
	for _, st := range []pitches.Status{pitches.Pitched, pitches.Accepted, pitches.Landed} {
		label := map[pitches.Status]string{pitches.Pitched: "Waiting for reply"}[st]
		if label == "" {
			label = st.Label()
		}
		add(label, pitchQuery{Status: st}, store.Total{N: totals[st]})
	}
	if totals[pitches.Accepted] > 0 { // not counted: that takes more than the list itself
		views = append(views, templates.View{Label: "Accepted, overdue", Href: pitchQuery{Overdue: true}.String(), Current: q.first() == pitchQuery{Overdue: true}})
	}
	return views, nil
}

// showPitchRow is the row of a pitch as it is, for giving up a change of status.
func (s *Server) showPitchRow(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	row, err := s.pitchRowByID(w, r, id)
	if err != nil {
		return err
	}
	if !isHTMX(r) {
		return s.redirect(w, r, row.Href)
	}
	return s.part(w, r, http.StatusOK, templates.PitchRowLine(row))
}

func (s *Server) pitchRowByID(w http.ResponseWriter, r *http.Request, id int64) (templates.PitchRow, error) {
	p, err := s.Store.PitchWithLinks(r.Context(), id)
	if err != nil {
		return templates.PitchRow{}, err
	}
	return s.pitchRow(s.csrfToken(w, r), s.canEdit(r), p), nil
}

// exportPitches sends the list that is shown as CSV, all of its pages.
func (s *Server) exportPitches(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	f, err := s.pitchFilter(r.Context(), parsePitchQuery(r.URL.Query()).first(), site.ID, s.currentUser(r).ID)
	if err != nil {
		return err
	}
	f.Limit = 500
	page, err := s.Store.ListPitches(r.Context(), f)
	if err != nil {
		return err
	}
	if err := s.Store.Audit(r.Context(), s.by(r), "pitches_exported", site.Host, totalText(page.Total)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="landed-pitches.csv"`)
	out, costs := csv.NewWriter(w), s.seesCosts(r)
	_ = out.Write(pitches.ExportHeader(costs)) // Error below says
	for {
		for i := range page.Rows {
			cells := pitches.ExportCells(&page.Rows[i].Pitch, costs)
			for c := range cells {
				cells[c] = tabular.Safe(cells[c])
			}
			_ = out.Write(cells)
		}
		if page.Next == "" {
			break
		}
		f.After = page.Next
		if page, err = s.Store.ListPitches(r.Context(), f); err != nil {
			s.Log.Error("export of pitches cut", "id", visitOf(r.Context()).id, "err", err)
			panic(http.ErrAbortHandler) // the answer is under way: a cut connection shows that it is not whole
		}
	}
	out.Flush()
	return nil
}

// listOf reads the list that a form came from out of its field "back".
func listOf(r *http.Request) pitchQuery {
	u, err := url.Parse(r.PostFormValue("back"))
	if err != nil || u.Path != "/pitches" {
		return pitchQuery{}
	}
	return parsePitchQuery(u.Query())
}
