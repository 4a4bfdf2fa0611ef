package web

import (
	"cmp"
	"net/http"
	"strings"

	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func copyItem(c store.CopyOf) templates.CopyItem {
	it := templates.CopyItem{Title: cmp.Or(c.Title, weburl.Display(c.Source)), Href: linkPath(c.LinkID), URL: weburl.Display(c.Source), Why: c.By.Sentence(), First: shownDay(c.FirstSeen), Lost: c.LostOn.Known(),
		Of: templates.Linked{Text: weburl.Display(c.OriginalSource), Href: linkPath(c.OriginalLink)}}
	it.DR, it.Band = drText(c.Authority, c.Metric)
	return it
}

func copyItems(list []store.CopyOf) (out []templates.CopyItem) {
	for _, c := range list {
		out = append(out, copyItem(c))
	}
	return out
}

// linkCopies says which placement a link's page repeats, and which pages repeat it.
func (s *Server) linkCopies(r *http.Request, v *templates.LinkPage, l store.LinkRow) error {
	c, is, err := s.Store.CopyAt(r.Context(), l.PageID)
	if err != nil {
		return err
	}
	if is {
		it := copyItem(c)
		v.CopyOf, v.CopyWhy = &it.Of, it.Why
		return nil
	}
	list, err := s.Store.CopiesOfPage(r.Context(), l.PageID)
	v.Copies = copyItems(list)
	return err
}

// copyKPI is shown when the address asks for copies to be counted too.
func (q dashQuery) copyKPI(placements, copies int) templates.KPI {
	return templates.KPI{ID: "k-co", Label: "Copies", Value: grouped(copies), Href: rowsIn("/dashboard/copies", q.p.Span), Note: counted(placements+copies, "page", "pages") + " with the placements",
		Means: "Pages first seen in the period that repeat the article of a placement: the same title, or the same anchor and target, on another outlet within three days. They are grouped under the placement and not counted as placements."}
}

// listCopies lists the copies first seen in a period.
func (s *Server) listCopies(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	in := r.URL.Query()
	from, to, err := readPeriod(in)
	if err != nil {
		return err
	}
	page, err := s.Store.ListCopies(r.Context(), site.ID, from, lastDay(to), in.Get("after"), in.Get("back") != "")
	if err != nil {
		return err
	}
	n, err := s.Store.CountCopies(r.Context(), site.ID, from, lastDay(to))
	if err != nil {
		return err
	}
	list := templates.CopyList{Rows: copyItems(page.Rows), Pager: listPager("/dashboard/copies", keepParams(in, []string{"from", "to"}), page.Prev, page.Next, counted(n, "copy", "copies")),
		Empty: templates.Empty{Title: "No copy here", Text: "Nobody was seen to repeat the article of a placement in this period."}}
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.CopyListPart(list))
	}
	v := templates.CopiesPage{Title: counted(n, "copy", "copies") + " of placements", List: list, Crumbs: []templates.Link{{Label: "Dashboard", Href: "/dashboard"}, {Label: "Copies"}}}
	v.Lead = strings.TrimSuffix(site.Host+", first seen "+periodText(from, to), ", first seen ") + ". Pages that repeat the article of a placement; they are not counted as placements."
	return s.show(w, r, Page{Title: "Copies", Nav: "dashboard", Body: templates.CopiesBody(v)})
}
