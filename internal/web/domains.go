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

	"github.com/go-chi/chi/v5"
)

// domainClasses are the views of referring domains, with the badge of each.
var domainClasses = []struct{ class, label, badge, word string }{
	{"", "All", "", ""}, {"outreach", "From outreach", "landed", "Outreach"}, {"unreviewed", "To review", "due", "To review"}, {"organic", "Organic", "", "Organic"},
}

func domainPath(name string) string { return "/domains/" + url.PathEscape(name) }

// domainQuery is the address of a list of referring domains.
type domainQuery struct {
	params url.Values
	filter store.DomainFilter
}

func readDomainQuery(r *http.Request, site int64) (domainQuery, error) {
	in := r.URL.Query()
	q := domainQuery{params: keepParams(in, []string{"class", "q", "from", "to"})}
	q.filter = store.DomainFilter{Site: site, Class: in.Get("class"), Prefix: cut(strings.TrimSpace(in.Get("q")), 300), After: in.Get("after"), Back: in.Get("back") != "", Limit: 50}
	switch q.filter.Class {
	case "", "outreach", "unreviewed", "organic":
	case "all":
		q.filter.Class = ""
		q.params.Del("class")
	default:
		return q, fault.Field("class", "There is no class %q of referring domains.", cut(q.filter.Class, 40))
	}
	var err error
	q.filter.From, q.filter.To, err = readPeriod(in)
	return q, err
}

func (s *Server) listDomains(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := readDomainQuery(r, site.ID)
	if err != nil {
		return err
	}
	page, err := s.Store.ListDomains(r.Context(), q.filter)
	if err != nil {
		return err
	}
	asOf, err := s.Store.DataAsOf(r.Context(), site.ID)
	if err != nil {
		return err
	}
	list := domainListView(q, page)
	if !asOf.IsZero() {
		list.AsOf = instantTime(asOf)
	}
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.DomainListPart(list))
	}
	totals, err := s.Store.Totals(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := domainsView(q, site, totals, page.Total)
	v.List = list
	return s.show(w, r, Page{Title: "Referring domains", Nav: "domains", Body: templates.DomainsBody(v)})
}

func domainItem(d store.DomainRow) templates.DomainItem {
	it := templates.DomainItem{Name: weburl.Display(d.Domain), Href: domainPath(d.Domain), Links: grouped(d.Links), Live: grouped(d.LiveLinks), Said: "–", First: shownDay(d.FirstSeen)}
	it.DR, it.Band = drText(d.Authority, d.Metric)
	if d.SaidLinks >= 0 {
		it.Said = grouped(d.SaidLinks)
	}
	for _, c := range domainClasses {
		if c.class == d.Class {
			it.Class, it.ClassIs = c.badge, c.word
		}
	}
	return it
}

func domainListView(q domainQuery, page store.DomainPage) templates.DomainList {
	v := templates.DomainList{Clear: listAddress("/domains", keepParams(q.params, []string{"class"})), Export: listAddress("/domains.csv", q.params),
		Pager: listPager("/domains", q.params, page.Prev, page.Next, countText(page.Total, "domain", "domains"))}
	for _, d := range page.Rows {
		v.Rows = append(v.Rows, domainItem(d))
	}
	if q.filter.Prefix != "" {
		v.Chips = append(v.Chips, templates.Chip{Label: "Begins with " + q.filter.Prefix, Href: listAddress("/domains", q.params, "q", "")})
	}
	if p := periodText(q.filter.From, q.filter.To); p != "" {
		v.Chips = append(v.Chips, templates.Chip{Label: "First seen " + p, Href: listAddress("/domains", q.params, "from", "", "to", "")})
	}
	v.Empty = templates.Empty{Title: "No referring domains yet", Text: "Domains show here after the first sync, or after an export of your link tool is imported."}
	if len(v.Chips) > 0 {
		v.Empty = templates.Empty{Title: "No domain matches these filters", Text: "Take one filter away, or clear them all.", Action: templates.Link{Label: "Clear filters", Href: v.Clear}}
	} else if q.filter.Class != "" {
		v.Empty = templates.Empty{Title: "No such domain yet", Text: "A domain counts as what its first link is: credited to a pitch, suggested, or neither.", Action: templates.Link{Label: "All referring domains", Href: "/domains"}}
	}
	return v
}

func domainsView(q domainQuery, site store.Site, t store.Figures, total store.Total) templates.DomainsPage {
	v := templates.DomainsPage{From: q.filter.From.String(), To: q.filter.To.String(),
		Filters: templates.Filters{Action: "/domains", Label: "Domain, or how it begins", Query: q.filter.Prefix, Placeholder: "Domain begins with …", Hidden: hiddenParams(q.params, "class")}}
	counts := map[string]int{"": t.DomainsNew, "outreach": t.DomainsOutreach, "unreviewed": t.DomainsUnreviewed, "organic": t.Organic()}
	for _, c := range domainClasses {
		v.Views = append(v.Views, templates.View{Label: c.label, Href: listAddress("/domains", nil, "class", c.class), Count: grouped(counts[c.class]), Current: c.class == q.filter.Class})
	}
	rest := fmt.Sprintf("link or linked to %s. Outreach brought %s of all %s.", site.Host, grouped(t.DomainsOutreach), grouped(t.DomainsNew))
	v.Lead = templates.Strong(countText(total, "domain", "domains"), rest)
	return v
}

// showDomain is one referring domain with its links and the pitches to it.
func (s *Server) showDomain(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	name, err := url.PathUnescape(chi.URLParam(r, "name"))
	if err != nil || len(name) > 300 {
		return fault.New(fault.NotFound, "There is no such domain.")
	}
	d, err := s.Store.Domain(r.Context(), site.ID, strings.ToLower(name))
	if err != nil {
		return err
	}
	sent, err := s.Store.DomainPitches(r.Context(), site.ID, d.Domain)
	if err != nil {
		return err
	}
	q := linkQuery{path: "/backlinks", params: url.Values{"domain": {d.Domain}}, filter: store.LinkFilter{Site: site.ID, Domain: d.Domain, Exact: true}}
	links, _, err := s.linkList(w, r, q, site)
	if err != nil {
		return err
	}
	links.Chips = nil // the page is about this one domain
	v := templates.DomainPage{Domain: domainItem(d), Links: links}
	v.Lead = countText(store.Total{N: d.Links}, "link", "links") + " stored, " + grouped(d.LiveLinks) + " live, first seen " + shownDay(d.FirstSeen).Text + "."
	if d.SaidLinks >= 0 {
		v.Lead += " The provider counts " + grouped(d.SaidLinks) + "."
	}
	v.URL, _ = weburl.SafeHref("https://" + d.Domain + "/")
	for i := range sent {
		v.Pitches = append(v.Pitches, *linkCandidate(&sent[i]))
	}
	if s.access["/pitches/new"] != auth.NoRole && s.currentUser(r).Role.AtLeast(s.access["/pitches/new"]) {
		v.New = "/pitches/new?" + url.Values{"outlet": {d.Domain}}.Encode()
	}
	return s.show(w, r, Page{Title: v.Domain.Name, Nav: "domains", Body: templates.DomainBody(v)})
}

// exportDomains sends the current list as CSV.
func (s *Server) exportDomains(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := readDomainQuery(r, site.ID)
	if err != nil {
		return err
	}
	head := []string{"domain", "class", "authority", "authority_metric", "links", "live_links", "provider_links", "first_seen"}
	return s.sendCSV(w, r, "domains", site, head, func(row func(...string) error) error {
		return s.Store.EachDomain(r.Context(), q.filter, func(d store.DomainRow) error {
			said := ""
			if d.SaidLinks >= 0 {
				said = strconv.Itoa(d.SaidLinks)
			}
			return row(d.Domain, d.Class, authorityText(d.Authority, d.Metric), d.Metric, strconv.Itoa(d.Links), strconv.Itoa(d.LiveLinks), said, d.FirstSeen.String())
		})
	})
}
