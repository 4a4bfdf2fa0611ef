package web

import (
	"net/http"
	"strconv"

	"landed/internal/pitches"
	"landed/internal/weburl"
	"landed/templates"
)

// A pitch can be logged from the link that it earned: the form is filled in from
// the link, and saving it credits the link in the same step.

// valuesOfLink fills in a new form from a link; link 0 changes nothing. When the
// pitch was sent nobody knows but who sent it.
func (s *Server) valuesOfLink(r *http.Request, link int64, values map[string]string) error {
	if link == 0 {
		return nil
	}
	l, err := s.Store.Link(r.Context(), link)
	if err != nil {
		return err
	}
	values["outlet"], values["subject"], values["target"] = l.Outlet, l.Title, l.TargetURL
	values["anchor"], values["contact"], values["sent_on"] = l.Anchor, l.Author, ""
	return nil
}

// forLink tells the form for which link it is.
func (s *Server) forLink(r *http.Request, v *templates.PitchForm) error {
	id := positive(r.FormValue("link"))
	if id == 0 {
		return nil
	}
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return err
	}
	back := linkPath(id)
	if b := r.FormValue("back"); b != "" {
		back = b
	}
	v.Cancel, v.FollowUp = back, "0"
	v.For = templates.Link{Label: weburl.Display(l.SourceURL), Href: linkPath(id)}
	v.Hidden = []templates.Option{{Label: "link", Value: strconv.FormatInt(id, 10)}, {Label: "version", Value: strconv.FormatInt(l.Credit.Version, 10)}, {Label: "back", Value: back}}
	return nil
}

// createFor saves a new pitch, and with a link in the form credits that to it.
func (s *Server) createFor(r *http.Request, p pitches.Pitch) (pitches.Pitch, error) {
	link := positive(r.PostFormValue("link"))
	if link == 0 {
		return s.Store.CreatePitch(r.Context(), s.by(r), p)
	}
	p.Source = "link"
	p, _, err := s.Store.LogPitchFor(r.Context(), s.by(r), p, link, positive(r.PostFormValue("version")), "logged from the link")
	return p, err
}

// conflictOnLink answers a form for a link that somebody has decided on since:
// what happened, on the page of the link.
func (s *Server) conflictOnLink(w http.ResponseWriter, r *http.Request, cause error) error {
	id := positive(r.PostFormValue("link"))
	if id == 0 {
		return cause
	}
	note, err := s.decidedNote(r, id, "log a pitch for it", cause)
	if err != nil {
		return err
	}
	return s.linkPage(w, r, id, http.StatusConflict, note)
}
