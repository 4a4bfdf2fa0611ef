package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func (s *Server) competitorRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/competitors", Role: auth.Viewer, Handler: s.listCompetitors},
		{Method: get, Pattern: "/competitors.csv", Role: auth.Viewer, Handler: s.exportCompetitors, Costly: true},
		{Method: post, Pattern: "/competitors", Role: auth.Manager, Handler: s.addCompetitor},
		{Method: post, Pattern: "/competitors/floor", Role: auth.Manager, Handler: s.setSourceFloor},
		{Method: post, Pattern: "/competitors/{id}/remove", Role: auth.Manager, Handler: s.removeCompetitor},
	}
}

// gapQuery is the address of a list of domains that link to competitors alone.
type gapQuery struct {
	params url.Values
	filter store.GapFilter
	of     []store.Competitor
	host   string // of the competitor that is filtered by
}

func (s *Server) readGapQuery(r *http.Request, site int64) (gapQuery, error) {
	in := r.URL.Query()
	q := gapQuery{params: keepParams(in, []string{"competitor", "pitched", "q"}), filter: store.GapFilter{Site: site, After: in.Get("after"), Back: in.Get("back") != "", Limit: 50}}
	q.filter.Prefix = strings.ToLower(cut(strings.TrimSpace(in.Get("q")), 300))
	var err error
	if q.of, err = s.Store.Competitors(r.Context(), site); err != nil {
		return q, err
	}
	switch in.Get("pitched") {
	case "":
	case "no":
		q.filter.Unpitched = true
	default:
		return q, fault.New(fault.Invalid, "The filter “pitched” can only be “no”.")
	}
	if q.host = in.Get("competitor"); q.host == "" {
		return q, nil
	}
	for _, c := range q.of {
		if c.Host == q.host {
			q.filter.Competitor = c.ID
			return q, nil
		}
	}
	return q, fault.New(fault.Invalid, "%q is not among the competitors.", cut(q.host, 100))
}

func (s *Server) listCompetitors(w http.ResponseWriter, r *http.Request) error {
	return s.competitorsPage(w, r, http.StatusOK, nil, nil)
}

func (s *Server) competitorsPage(w http.ResponseWriter, r *http.Request, code int, typed, errs map[string]string) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readGapQuery(r, site.ID)
	if err != nil {
		return err
	}
	page, err := s.Store.ListGaps(r.Context(), q.filter)
	if err != nil {
		return err
	}
	list := s.gapList(r, q, page, site)
	if isHTMX(r) && r.Method == http.MethodGet {
		return s.part(w, r, code, templates.GapListPart(list))
	}
	counts, err := s.Store.SourceCounts(r.Context(), q.of)
	if err != nil {
		return err
	}
	floor, err := s.Store.SourceFloor(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := templates.CompetitorsPage{CSRF: s.csrfToken(w, r), CanEdit: s.currentUser(r).Role.AtLeast(auth.Manager), Full: len(q.of) >= store.CompetitorsAtMost,
		Value: map[string]string{"floor": strconv.Itoa(floor)}, Err: errs, List: list, Competitor: q.host, Unpitched: q.params.Get("pitched"),
		Filters: templates.Filters{Action: "/competitors", Label: "Domain, or how it begins", Query: q.filter.Prefix, Placeholder: "Domain begins with …"}}
	for name, text := range typed {
		v.Value[name] = text
	}
	v.Hosts = append(v.Hosts, templates.Option{Value: "", Label: "Any competitor"})
	for _, c := range q.of {
		v.Hosts = append(v.Hosts, templates.Option{Value: c.Host, Label: c.Host})
		v.Rows = append(v.Rows, templates.CompetitorRow{Host: c.Host, Href: listAddress("/competitors", nil, "competitor", c.Host), Domains: grouped(counts[c.ID]),
			Added: whenTime(c.AddedAt), Who: c.AddedBy, Remove: fmt.Sprintf("/competitors/%d/remove", c.ID)})
	}
	v.Lead = templates.Strong(countText(page.Total, "domain", "domains"), fmt.Sprintf("with DR %d or more link to a competitor and never linked to %s.", floor, site.Host))
	if len(q.params) > 0 {
		v.Lead = templates.Strong(countText(page.Total, "domain", "domains"), "match these filters.")
	}
	return s.show(w, r, Page{Title: "Competitors", Nav: "competitors", Status: code, Body: templates.CompetitorsBody(v)})
}

func (s *Server) gapList(r *http.Request, q gapQuery, page store.GapPage, site store.Site) templates.GapList {
	v := templates.GapList{Clear: "/competitors", Export: listAddress("/competitors.csv", q.params),
		Pager: listPager("/competitors", q.params, page.Prev, page.Next, countText(page.Total, "domain", "domains"))}
	if q.host != "" {
		v.Chips = append(v.Chips, templates.Chip{Label: "Links to " + q.host, Href: listAddress("/competitors", q.params, "competitor", "")})
	}
	if q.filter.Unpitched {
		v.Chips = append(v.Chips, templates.Chip{Label: "Not pitched", Href: listAddress("/competitors", q.params, "pitched", "")})
	}
	if q.filter.Prefix != "" {
		v.Chips = append(v.Chips, templates.Chip{Label: "Begins with " + q.filter.Prefix, Href: listAddress("/competitors", q.params, "q", "")})
	}
	canPitch := s.currentUser(r).Role.AtLeast(auth.Staff)
	for _, d := range page.Rows {
		v.Rows = append(v.Rows, gapItem(d, canPitch))
	}
	switch {
	case len(q.of) == 0:
		v.Empty = templates.Empty{Title: "No competitor yet", Text: "Add whom you compare " + site.Host + " with. Its next sync asks who links to them."}
	case len(v.Chips) > 0:
		v.Empty = templates.Empty{Title: "No domain matches these filters", Text: "Take one filter away, or clear them all.", Action: templates.Link{Label: "Clear filters", Href: v.Clear}}
	default:
		v.Empty = templates.Empty{Title: "No such domain yet", Text: "Domains that link to a competitor and never linked to you show here after the next sync."}
	}
	return v
}

func gapItem(d store.GapRow, canPitch bool) templates.GapItem {
	it := templates.GapItem{Name: weburl.Display(d.Domain), NoContact: d.DoNotContact}
	it.DR, it.Band = drText(d.Authority, d.Metric)
	if d.PitchID != 0 {
		it.Pitch = "/pitches/" + strconv.FormatInt(d.PitchID, 10)
	}
	if canPitch && !d.DoNotContact {
		it.New = "/pitches/new?" + url.Values{"outlet": {d.Domain}}.Encode()
	}
	for _, x := range d.Sources {
		src := templates.GapSource{Host: x.Host, Page: weburl.Display(strings.TrimPrefix(strings.TrimPrefix(x.SourceURL, "https://"), "http://")), Nofollow: x.Nofollow, Found: shownDay(x.FoundOn)}
		src.Href, _ = weburl.SafeHref(x.SourceURL)
		if x.FirstSeen.Known() {
			src.Found = shownDay(x.FirstSeen)
		}
		it.Sources = append(it.Sources, src)
	}
	return it
}

func (s *Server) addCompetitor(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(r.PostFormValue("host"))
	return s.changeCompetitors(w, r, map[string]string{"host": cut(typed, 2000)}, func(site store.Site) (string, error) {
		c, err := s.Store.AddCompetitor(r.Context(), s.by(r), site.ID, typed)
		return c.Host + " added. The next sync of " + site.Host + " asks who links to it.", err
	})
}

func (s *Server) setSourceFloor(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(r.PostFormValue("floor"))
	return s.changeCompetitors(w, r, map[string]string{"floor": cut(typed, 20)}, func(site store.Site) (string, error) {
		n, _ := strconv.Atoi(typed) // 0, which is refused, when it is no number
		return fmt.Sprintf("Domains from DR %d on are listed and asked for", n), s.Store.SetSourceFloor(r.Context(), s.by(r), site.ID, n)
	})
}

// changeCompetitors makes a change to the site's competitors and says what was
// wrong with it beside what was typed.
func (s *Server) changeCompetitors(w http.ResponseWriter, r *http.Request, typed map[string]string, change func(store.Site) (string, error)) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	done, err := change(site)
	errs := map[string]string{}
	if gather(errs, err); len(errs) > 0 {
		return s.competitorsPage(w, r, http.StatusUnprocessableEntity, typed, errs)
	}
	if err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: done})
	return s.redirect(w, r, "/competitors")
}

func (s *Server) removeCompetitor(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	c, err := s.Store.RemoveCompetitor(r.Context(), s.by(r), id)
	if err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: c.Host + " removed. Added again, it has its domains back."})
	return s.redirect(w, r, "/competitors")
}

// exportCompetitors sends the current list as CSV, a line for each domain and
// competitor.
func (s *Server) exportCompetitors(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readGapQuery(r, site.ID)
	if err != nil {
		return err
	}
	head := []string{"domain", "authority", "authority_metric", "pitch_id", "do_not_contact", "competitor", "source_url", "anchor", "rel", "first_seen", "found_on"}
	return s.sendCSV(w, r, "competitors", site, head, func(row func(...string) error) error {
		return s.Store.EachGap(r.Context(), q.filter, func(d store.GapRow) error {
			pitch, contact := "", ""
			if d.PitchID != 0 {
				pitch = strconv.FormatInt(d.PitchID, 10)
			}
			if d.DoNotContact {
				contact = "yes"
			}
			for _, x := range d.Sources {
				rel := ""
				if x.Nofollow {
					rel = "nofollow"
				}
				if err := row(d.Domain, authorityText(d.Authority, d.Metric), d.Metric, pitch, contact, x.Host, x.SourceURL, x.Anchor, rel, x.FirstSeen.String(), x.FoundOn.String()); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
