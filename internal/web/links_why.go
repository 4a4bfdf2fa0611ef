package web

import (
	"net/http"
	"net/url"
	"strconv"

	"landed/internal/auth"
	"landed/internal/store"
	"landed/templates"
)

// showWhy answers the evidence of a row's match as a part of the list it is
// asked from; anybody else is sent to the link's page, which has it too.
func (s *Server) showWhy(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if !isHTMX(r) {
		return s.redirect(w, r, linkPath(id))
	}
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return err
	}
	it := linkItem(&l)
	return s.part(w, r, http.StatusOK, templates.LinkWhyPart(templates.LinkWhy{
		Href: it.Href, Title: it.Title, CSRF: s.csrfToken(w, r), Version: strconv.FormatInt(l.Credit.Version, 10), Back: listBehind(r),
		Evidence: evidenceOf(l.Credit.Reasons),
		Decide:   l.Credit.State == store.StateSuggested && s.currentUser(r).Role.AtLeast(auth.Staff),
	}))
}

// listBehind is the page that an HTMX request came from, as an address of ours.
func listBehind(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil {
		return ""
	}
	return auth.SafeNext(u.RequestURI())
}
