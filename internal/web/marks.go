package web

import (
	"net/http"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func markPath(id int64) string { return "/domains/marks/" + strconv.FormatInt(id, 10) }

// markWord is what a marked link is called in a sentence.
func markWord(st store.State) string {
	return map[store.State]string{store.StateOwned: "our own", store.StatePartner: "a partner’s", store.StateSpam: "spam"}[st]
}

var markOptions = []templates.Option{{Value: string(store.StateOwned), Label: "Our own"}, {Value: string(store.StatePartner), Label: "A partner’s"}, {Value: string(store.StateSpam), Label: "Spam"}}

// listMarks lists the outlets whose links are never a pitch's.
func (s *Server) listMarks(w http.ResponseWriter, r *http.Request) error {
	return s.marksPage(w, r, http.StatusOK, nil, nil)
}

func (s *Server) marksPage(w http.ResponseWriter, r *http.Request, code int, typed, errs map[string]string) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	list, err := s.Store.OutletMarks(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := templates.MarksPage{CSRF: s.csrfToken(w, r), CanMark: s.currentUser(r).Role.AtLeast(auth.Staff), Kinds: markOptions, Value: typed, Err: errs}
	if v.Value == nil {
		v.Value = map[string]string{"outlet": cut(r.URL.Query().Get("outlet"), 300), "kind": string(store.StateOwned)}
	}
	standing := 0
	for _, m := range list {
		row := templates.MarkRow{ID: strconv.FormatInt(m.ID, 10), Outlet: weburl.Display(m.Key), Kind: markWord(m.Kind), Note: m.Note, Since: whenTime(m.At), Who: m.Who, End: markPath(m.ID) + "/end",
			Links: "/backlinks?state=" + string(m.Kind)}
		if page, err := s.Store.Platforms().Outlet(m.Key); err == nil {
			row.Links = listAddress("/backlinks", nil, "domain", page.Domain)
		}
		if m.EndedAt.IsZero() {
			standing++
		} else {
			row.Ended, row.EndedBy, row.End = whenTime(m.EndedAt), m.EndedBy, ""
		}
		v.Rows = append(v.Rows, row)
	}
	v.Lead = templates.Strong(counted(standing, "outlet", "outlets"), "whose links to "+site.Host+" are never counted for a pitch.")
	return s.show(w, r, Page{Title: "Marked outlets", Nav: "domains", Status: code, Body: templates.MarksBody(v)})
}

// markOutlet marks all links of an outlet, after showing how many that are.
func (s *Server) markOutlet(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	typed := map[string]string{"outlet": strings.TrimSpace(r.PostFormValue("outlet")), "kind": r.PostFormValue("kind"), "note": strings.TrimSpace(r.PostFormValue("note"))}
	errs := map[string]string{}
	if typed["outlet"] == "" {
		errs["outlet"] = "Enter the outlet’s domain, such as example.com."
	}
	if len(typed["note"]) > noteAtMost {
		errs["note"] = "Keep the reason under " + strconv.Itoa(noteAtMost) + " characters."
	}
	if len(errs) == 0 {
		m, changes, err := s.Store.MarkOutlet(r.Context(), s.by(r), site.ID, typed["outlet"], store.State(typed["kind"]), typed["note"])
		if gather(errs, err); err != nil && len(errs) == 0 {
			return err
		}
		if err == nil {
			s.flash(r, markToast(m, changes, "/domains/marks"))
			return s.redirectBack(w, r, "/domains/marks")
		}
	}
	return s.marksPage(w, r, http.StatusUnprocessableEntity, typed, errs)
}

// endMark takes a mark away: the rules decide on the links again.
func (s *Server) endMark(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	m, changes, err := s.Store.UnmarkOutlet(r.Context(), s.by(r), id)
	switch {
	case fault.Is(err, fault.Conflict):
		s.flash(r, templates.Toast{Text: fault.Message(err), Bad: true})
	case err != nil:
		return err
	default:
		text := weburl.Display(m.Key) + " is no longer marked as " + markWord(m.Kind)
		if n := changes.Credited + changes.Suggested; n > 0 {
			text += ": " + counted(n, "link is", "links are") + " credited or suggested again"
		}
		s.flash(r, templates.Toast{Text: text})
	}
	return s.redirectBack(w, r, "/domains/marks")
}
