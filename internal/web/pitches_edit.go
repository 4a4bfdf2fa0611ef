package web

import (
	"net/http"
	"strconv"
	"strings"

	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/templates"

	"github.com/go-chi/chi/v5"
)

func pathText(r *http.Request, name string) string { return chi.URLParam(r, name) }

func (s *Server) showEditPitch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	p, err := s.Store.Pitch(r.Context(), id)
	if err != nil {
		return err
	}
	return s.editPitchForm(w, r, http.StatusOK, &p, pitchValues(&p), nil, nil)
}

// editPitchForm answers the form of a pitch; more fills in what is special.
func (s *Server) editPitchForm(w http.ResponseWriter, r *http.Request, status int, p *pitches.Pitch, values, errs map[string]string, more func(*templates.PitchForm)) error {
	site, err := s.Store.Site(r.Context(), p.SiteID)
	if err != nil {
		return err
	}
	v, err := s.pitchFormView(r.Context(), s.csrfToken(w, r), site, "ep-", s.seesCosts(r), values, errs)
	if err != nil {
		return err
	}
	v.ID, v.Version, v.Cancel = strconv.FormatInt(p.ID, 10), strconv.FormatInt(p.Version, 10), pitchPath(p.ID)
	if p.OwnerID == 0 && p.OwnerName != "" {
		v.Owners[0].Label = p.OwnerName + " (no account)"
	}
	if more != nil {
		more(&v)
	}
	return s.show(w, r, Page{Title: "Edit pitch " + v.ID, Nav: "pitches", Narrow: true, Status: status, Body: templates.EditPitch(v)})
}

// savePitch stores what was edited. When somebody else changed the pitch since
// the form was opened, the form comes back with both.
func (s *Server) savePitch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	now, err := s.Store.Pitch(ctx, id)
	if err != nil {
		return err
	}
	if strconv.FormatInt(now.Version, 10) != r.PostFormValue("version") {
		return s.editConflict(w, r, &now)
	}
	site, err := s.Store.Site(ctx, now.SiteID)
	if err != nil {
		return err
	}
	people, err := s.Store.Accounts(ctx, s.Config.Idle)
	if err != nil {
		return err
	}
	p, errs := now, map[string]string{}
	note := strings.TrimSpace(cut(r.PostFormValue("note"), 2000))
	pitchReader{r, &p, site, errs}.read(s.Store.Platforms(), people, s.seesCosts(r), s.today())
	if p.Status.Valid() {
		gather(errs, pitches.Move(now.Status, p.Status, note))
	}
	anyway := ""
	if errs["outlet"] == "" && p.Outlet.Key != now.Outlet.Key {
		if anyway, err = s.checkOutlet(r, site, &p, errs); err != nil {
			return err
		}
	}
	if len(errs) == 0 {
		_, err := s.Store.UpdatePitch(ctx, s.by(r), p, note)
		if fault.Is(err, fault.Conflict) {
			if now, err = s.Store.Pitch(ctx, id); err != nil {
				return err
			}
			return s.editConflict(w, r, &now)
		}
		if gather(errs, err); err != nil && len(errs) == 0 {
			return err
		}
	}
	if len(errs) > 0 {
		return s.editPitchForm(w, r, http.StatusUnprocessableEntity, &now, typedValues(r), errs, func(v *templates.PitchForm) { v.Anyway = anyway })
	}
	s.flash(r, templates.Toast{Text: "Changes saved"})
	return s.redirect(w, r, pitchPath(id))
}

// editConflict answers 409 with what was typed over what is stored now; saving
// it again overwrites that.
func (s *Server) editConflict(w http.ResponseWriter, r *http.Request, now *pitches.Pitch) error {
	events, err := s.Store.PitchEvents(r.Context(), now.ID)
	if err != nil {
		return err
	}
	c := templates.PitchConflict{Who: "Somebody changed this pitch while you were editing it.", Keep: pitchPath(now.ID)}
	if len(events) > 0 && events[0].Who != "" {
		c.Who = events[0].Who + " changed this pitch while you were editing it, on " + instantTime(events[0].At).Text + "."
	}
	yours := typedValues(r)
	c.Lines = pitchDiffs(pitchValues(now), yours, r)
	return s.editPitchForm(w, r, http.StatusConflict, now, yours, nil, func(v *templates.PitchForm) { v.Conflict = &c })
}

// pitchDiffs lists the fields of the form in which two states differ.
func pitchDiffs(theirs, yours map[string]string, r *http.Request) (list []templates.PitchDiff) {
	for _, f := range pitchFieldNames {
		mine := strings.ReplaceAll(yours[f.name], "\r\n", "\n")
		if f.field != "" && f.field != pitches.FieldOwner && r.PostForm.Has(f.name) && theirs[f.name] != mine {
			list = append(list, templates.PitchDiff{Label: f.field.Label(), Theirs: inWords(f.field, theirs[f.name]), Yours: inWords(f.field, mine)})
		}
	}
	return list
}

func inWords(f pitches.Field, value string) string {
	switch f {
	case pitches.FieldStatus:
		return pitches.Status(value).Label()
	case pitches.FieldType:
		return pitches.Type(value).Label()
	}
	return cut(value, 300)
}

// outletRecord is the card beside a pitch about the outlet it went to.
func (s *Server) outletRecord(v *templates.PitchPage, p *pitches.Pitch, record store.OutletRecord) {
	v.OutletFacts = []templates.Fact{{Label: "Pitched in all", Value: counted(record.Pitches, "time", "times")}, {Label: "Landed", Value: grouped(record.Landed)}}
	if record.Pitches >= 5 {
		v.OutletFacts[1].Value += " (" + percent(record.Landed, record.Pitches) + ")"
	}
	if record.LastSent.Known() {
		v.OutletFacts = append(v.OutletFacts, templates.Fact{Label: "Last pitched", Value: ago(record.LastSent, s.today())})
	}
	if p.Outlet.DoNotContact {
		v.OutletWarn = "Marked do not contact."
	}
}
