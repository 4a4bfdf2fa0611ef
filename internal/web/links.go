package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

func (s *Server) linkRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/backlinks", Role: auth.Viewer, Handler: s.listBacklinks},
		{Method: get, Pattern: "/backlinks.csv", Role: auth.Viewer, Handler: s.exportBacklinks, Costly: true},
		{Method: get, Pattern: "/lost", Role: auth.Viewer, Handler: s.listLost},
		{Method: get, Pattern: "/lost.csv", Role: auth.Viewer, Handler: s.exportLost, Costly: true},
		{Method: get, Pattern: "/links/{id}", Role: auth.Viewer, Handler: s.showLink},
		{Method: get, Pattern: "/links/{id}/why", Role: auth.Viewer, Handler: s.showWhy},
		{Method: get, Pattern: "/links/{id}/pitches", Role: auth.Viewer, Handler: s.findLinkPitches},
		{Method: post, Pattern: "/links/{id}/decide", Role: auth.Staff, Handler: s.decideLink},
		{Method: get, Pattern: "/domains", Role: auth.Viewer, Handler: s.listDomains},
		{Method: get, Pattern: "/domains.csv", Role: auth.Viewer, Handler: s.exportDomains, Costly: true},
		{Method: get, Pattern: "/domains/{name}", Role: auth.Viewer, Handler: s.showDomain},
	}
}

// linkQuery is a list's address: its path, the parameters that mean something,
// and the filter they ask for.
type linkQuery struct {
	path   string
	params url.Values
	filter store.LinkFilter
}

// linkParams are the parameters of a list of links besides its place in the
// order.
var linkParams = []string{"state", "placements", "unreviewed", "q", "domain", "dr", "rel", "live", "pitch", "reason", "from", "to"}

// readLinkQuery reads a list's address. What it does not know is ignored; a
// value that cannot be meant is an Invalid, never another list.
func readLinkQuery(r *http.Request, path string, site int64) (linkQuery, error) {
	in := r.URL.Query()
	q := linkQuery{path: path, params: keepParams(in, linkParams), filter: store.LinkFilter{Site: site, After: in.Get("after"), Back: in.Get("back") != ""}}
	f := &q.filter
	f.Lost = path == "/lost"
	switch state := in.Get("state"); state {
	case "", "all":
		q.params.Del("state")
	case "credited":
		f.Credited = true
	case "none", "auto", "confirmed", "suggested", "possible", "rejected", "owned", "partner", "spam":
		f.State = store.State(state)
	default:
		return q, fault.New(fault.Invalid, "There are no links in a state %q.", cut(state, 40))
	}
	f.Placements, f.Unreviewed = in.Get("placements") != "", in.Get("unreviewed") != ""
	f.Domain = cut(strings.TrimSpace(in.Get("q")), 300)
	if d := in.Get("domain"); d != "" {
		f.Domain, f.Exact = cut(strings.ToLower(d), 300), true
	}
	f.Follow, f.Live, f.Reason = in.Get("rel") == "follow", in.Get("live") != "" && !f.Lost, backlinks.LostReason(cut(in.Get("reason"), 40))
	var err error
	if v := in.Get("dr"); v != "" {
		if f.MinDR, err = strconv.Atoi(v); err != nil || f.MinDR < 0 || f.MinDR > 100 {
			return q, fault.Field("dr", "DR is a number from 0 to 100.")
		}
	}
	if v := in.Get("pitch"); v != "" {
		if f.Pitch, err = strconv.ParseInt(v, 10, 64); err != nil || f.Pitch <= 0 {
			return q, fault.Field("pitch", "%q is not the number of a pitch.", cut(v, 40))
		}
	}
	f.From, f.To, err = readPeriod(in)
	return q, err
}

// readPeriod reads the parameters from and to, both days included.
func readPeriod(in url.Values) (from, to day.Day, err error) {
	for _, p := range []struct {
		name string
		to   *day.Day
	}{{"from", &from}, {"to", &to}} {
		if *p.to, err = day.Parse(in.Get(p.name)); err != nil {
			return from, to, fault.Field(p.name, "Type the date like 2026-03-01.")
		}
	}
	return from, to, nil
}

// lastDay is the end of a period that may be open.
func lastDay(to day.Day) day.Day {
	if to.Known() {
		return to
	}
	return day.Date(9999, 12, 31)
}

// keepParams copies the parameters of a list that have a value.
func keepParams(in url.Values, names []string) url.Values {
	out := url.Values{}
	for _, n := range names {
		if v := in.Get(n); v != "" {
			out.Set(n, cut(v, 300))
		}
	}
	return out
}

// listAddress is a path with parameters changed: name, value in turn; an empty value
// takes the parameter away.
func listAddress(path string, params url.Values, change ...string) string {
	out := url.Values{}
	for k, v := range params {
		out[k] = v
	}
	for i := 0; i+1 < len(change); i += 2 {
		out.Del(change[i])
		if change[i+1] != "" {
			out.Set(change[i], change[i+1])
		}
	}
	if len(out) == 0 {
		return path
	}
	return path + "?" + out.Encode()
}

func (q linkQuery) with(change ...string) string { return listAddress(q.path, q.params, change...) }

func (s *Server) listBacklinks(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := readLinkQuery(r, "/backlinks", site.ID)
	if err != nil {
		return err
	}
	list, page, err := s.linkList(w, r, q, site)
	if err != nil {
		return err
	}
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.LinkListPart(list))
	}
	totals, err := s.Store.Totals(r.Context(), site.ID)
	if err != nil {
		return err
	}
	marked, err := s.Store.AnyMarked(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := backlinksView(q, site, totals, page.Total, marked)
	v.List = list
	if s.currentUser(r).Role.AtLeast(auth.Staff) && s.access["/import"] != auth.NoRole {
		v.Upload = "/import"
	}
	return s.show(w, r, Page{Title: "Backlinks", Nav: "backlinks", Body: templates.LinksBody(v)})
}

func (s *Server) listLost(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := readLinkQuery(r, "/lost", site.ID)
	if err != nil {
		return err
	}
	list, page, err := s.linkList(w, r, q, site)
	if err != nil {
		return err
	}
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.LinkListPart(list))
	}
	totals, err := s.Store.Totals(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := lostView(q, site, totals, page.Total)
	v.List = list
	if q.filter.Placements {
		reasons, err := s.Store.LostPlacements(r.Context(), site.ID, q.filter.From, lastDay(q.filter.To))
		if err != nil {
			return err
		}
		v.Reasons = lostReasonCounts(q, reasons)
	}
	return s.show(w, r, Page{Title: "Lost links", Nav: "lost", Body: templates.LostBody(v)})
}

// linkList reads one page of a list of links and prints it.
func (s *Server) linkList(w http.ResponseWriter, r *http.Request, q linkQuery, site store.Site) (templates.LinkList, store.LinkPage, error) {
	q.filter.Brief = true
	page, err := s.Store.ListLinks(r.Context(), q.filter)
	if err != nil {
		return templates.LinkList{}, page, err
	}
	asOf, err := s.Store.DataAsOf(r.Context(), site.ID)
	if err != nil {
		return templates.LinkList{}, page, err
	}
	v := linkListView(q, page)
	v.Decide = s.currentUser(r).Role.AtLeast(auth.Staff)
	if !asOf.IsZero() {
		v.AsOf = whenTime(asOf)
	}
	return v, page, nil
}
