package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/templates"
)

// setPitchStatus moves one pitch. One that goes back is asked why, in the row
// or on a page of its own.
func (s *Server) setPitchStatus(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	p, err := s.Store.Pitch(r.Context(), id)
	if err != nil {
		return err
	}
	edit := store.PitchEdit{IDs: []int64{id}, Version: positive(r.PostFormValue("version")), Status: pitches.Status(r.PostFormValue("status")),
		Note: strings.TrimSpace(r.PostFormValue("note"))}
	if !edit.Status.Valid() {
		return pitches.Move(p.Status, edit.Status, "")
	}
	before, err := s.Store.EditPitches(r.Context(), s.by(r), p.SiteID, edit)
	switch {
	case fault.FieldsOf(err)["note"] != "":
		return s.askWhy(w, r, &p, edit, fault.Message(err))
	case fault.Is(err, fault.Conflict) && isHTMX(r):
		s.triggerToast(w, templates.Toast{Bad: true, Text: fault.Message(err) + " The row shows what it is now."})
		return s.rowAnswer(w, r, http.StatusConflict, id, false)
	case err != nil:
		return err
	}
	if len(before) > 0 {
		s.toast(w, r, templates.Toast{Text: "Status set to " + edit.Status.Label(), Undo: s.keepUndo(r, p.SiteID, before)})
	}
	if isHTMX(r) {
		return s.rowAnswer(w, r, http.StatusOK, id, len(before) > 0)
	}
	return s.redirectBack(w, r, pitchPath(id))
}

func (s *Server) rowAnswer(w http.ResponseWriter, r *http.Request, status int, id int64, changed bool) error {
	row, err := s.pitchRowByID(w, r, id)
	if err != nil {
		return err
	}
	row.New = changed
	return s.part(w, r, status, templates.PitchRowLine(row))
}

// askWhy answers 422 with the question that has to be answered first.
func (s *Server) askWhy(w http.ResponseWriter, r *http.Request, p *pitches.Pitch, e store.PitchEdit, message string) error {
	v := templates.StatusAsk{ID: strconv.FormatInt(p.ID, 10), Title: titleOf(p), CSRF: s.csrfToken(w, r), Keep: "Keep " + p.Status.Label(), Err: message,
		Question: fmt.Sprintf("Why does it go back from %s to %s?", p.Status.Label(), e.Status.Label()), Action: pitchPath(p.ID) + "/status",
		Hidden: []templates.Option{{Label: "status", Value: string(e.Status)}, {Label: "version", Value: strconv.FormatInt(p.Version, 10)}}}
	if back := auth.SafeNext(r.PostFormValue("back")); back != "/" {
		v.Back = back
	}
	if isHTMX(r) {
		return s.part(w, r, http.StatusUnprocessableEntity, templates.StatusAskRow(v))
	}
	return s.show(w, r, Page{Title: "Change the status", Nav: "pitches", Narrow: true, Status: http.StatusUnprocessableEntity, Body: templates.StatusAskPage(v)})
}

// editPitches changes the ticked pitches of a list.
func (s *Server) editPitches(w http.ResponseWriter, r *http.Request) error {
	err := s.editTicked(w, r)
	if err != nil && isHTMX(r) {
		w.Header().Set("HX-Reswap", "none") // the ticks stay; a toast says what is missing
	}
	return err
}

func (s *Server) editTicked(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	edit, did, err := s.bulkEdit(r)
	if err != nil {
		return err
	}
	before, err := s.Store.EditPitches(r.Context(), s.by(r), site.ID, edit)
	if err != nil {
		return err
	}
	toast := templates.Toast{Text: counted(len(before), "pitch", "pitches") + " changed: " + did}
	if len(before) > 0 {
		toast.Undo = s.keepUndo(r, site.ID, before)
	}
	s.toast(w, r, toast)
	list := listOf(r)
	if !isHTMX(r) {
		return s.redirect(w, r, list.String())
	}
	return s.pitchesPage(w, r, http.StatusOK, list)
}

// bulkEdit reads the bar under the list; did says in words what it does.
func (s *Server) bulkEdit(r *http.Request) (e store.PitchEdit, did string, err error) {
	for _, x := range r.PostForm["id"] {
		if id := positive(x); id > 0 && !slices.Contains(e.IDs, id) {
			e.IDs = append(e.IDs, id)
		}
	}
	if len(e.IDs) == 0 || len(e.IDs) > pitchesAtOnce {
		return e, "", fault.Field("id", "Tick between 1 and %d pitches.", pitchesAtOnce)
	}
	e.Note = strings.TrimSpace(cut(r.PostFormValue("note"), 2000))
	var words []string
	if st := pitches.Status(r.PostFormValue("status")); st != "" {
		if !st.Valid() {
			return e, "", pitches.Move(pitches.Draft, st, "")
		}
		e.Status = st
		words = append(words, "status "+st.Label())
	}
	if to := r.PostFormValue("owner"); to != "" {
		a, err := s.Store.Account(r.Context(), positive(to))
		if err != nil || a.Disabled {
			return e, "", fault.Field("owner", "Choose one of the people in the list.")
		}
		e.SetOwner, e.Owner = true, a.ID
		words = append(words, "owner "+a.Name)
	}
	switch in := r.PostFormValue("follow_up"); in {
	case "":
	case "none":
		e.FollowUp = new(day.Day)
		words = append(words, "no follow-up")
	default:
		n, err := strconv.Atoi(in)
		if err != nil || n < 0 || n > 365 {
			return e, "", fault.Field("follow_up", "Choose when to follow up.")
		}
		on := s.today() + dayCount(n)
		e.FollowUp = &on
		words = append(words, "follow-up "+longDay(on).Text)
	}
	if len(words) == 0 {
		return e, "", fault.New(fault.Invalid, "Choose what to change: status, owner or follow-up.")
	}
	return e, strings.Join(words, ", "), nil
}

// keyPitchUndo is the session's latest change of pitches that can be undone.
const keyPitchUndo = "pitch_undo"

type pitchUndo struct {
	Token  string             `json:"token"`
	Site   int64              `json:"site"`
	States []store.PitchState `json:"states"`
}

// undoAtOnce is how many pitches the session remembers: a larger change is not
// one that slipped, and the session stays small.
const undoAtOnce = 100

// keepUndo remembers a change and gives the address that takes it back, "" when
// it is too large.
func (s *Server) keepUndo(r *http.Request, site int64, before []store.PitchState) string {
	if len(before) > undoAtOnce {
		return ""
	}
	u := pitchUndo{Token: auth.NewToken(), Site: site, States: before}
	b, err := json.Marshal(u)
	if err != nil {
		return ""
	}
	s.sessions.Put(r.Context(), keyPitchUndo, b)
	return "/pitches/undo/" + u.Token
}

func (s *Server) undoPitches(w http.ResponseWriter, r *http.Request) error {
	var u pitchUndo
	b := s.sessions.GetBytes(r.Context(), keyPitchUndo)
	if len(b) == 0 || json.Unmarshal(b, &u) != nil || u.Token != pathText(r, "token") {
		return fault.New(fault.Conflict, "This cannot be undone any more. Open the pitch and change it there.")
	}
	n, err := s.Store.UndoEdit(r.Context(), s.by(r), u.Site, u.States)
	if err != nil {
		return err
	}
	s.sessions.Remove(r.Context(), keyPitchUndo)
	toast := templates.Toast{Text: counted(n, "pitch", "pitches") + " put back"}
	if left := len(u.States) - n; left > 0 {
		toast.Text += "; " + counted(left, "pitch was", "pitches were") + " changed since and left alone"
	}
	s.flash(r, toast)
	return s.redirectBack(w, r, "/pitches")
}

// deletePitch takes a pitch off the lists; the toast brings it back.
func (s *Server) deletePitch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Store.DeletePitch(r.Context(), s.by(r), id); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: fmt.Sprintf("Pitch %d deleted", id), Undo: pitchPath(id) + "/restore", Back: pitchPath(id)})
	return s.redirect(w, r, "/pitches")
}

func (s *Server) restorePitch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Store.RestorePitch(r.Context(), s.by(r), id); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: fmt.Sprintf("Pitch %d is back", id)})
	return s.redirect(w, r, pitchPath(id))
}

const maxNote = 10_000

// addPitchNote puts a note into the history; kind=reply also moves a pitch that
// waited for one to Replied.
func (s *Server) addPitchNote(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	note := strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("note"), "\r\n", "\n"))
	if note == "" || len(note) > maxNote {
		if isHTMX(r) {
			w.Header().Set("HX-Retarget", "#nt-e")
			w.Header().Set("HX-Reswap", "innerHTML")
		}
		return fault.Field("note", "Write the note first, at most %s characters.", grouped(maxNote))
	}
	if r.PostFormValue("kind") == "reply" {
		return s.logReply(w, r, id, note)
	}
	e, err := s.Store.AddNote(r.Context(), s.by(r), id, note)
	if err != nil {
		return err
	}
	s.toast(w, r, templates.Toast{Text: "Note added"})
	if isHTMX(r) {
		return s.part(w, r, http.StatusOK, templates.PitchNoteAdded(eventView(e)))
	}
	return s.redirect(w, r, pitchPath(id))
}

// logReply moves a pitch that waited for an answer to Replied with the reply as
// its note. One that is further keeps its status and gets the note alone.
func (s *Server) logReply(w http.ResponseWriter, r *http.Request, id int64, note string) error {
	p, err := s.Store.Pitch(r.Context(), id)
	if err != nil {
		return err
	}
	toast := templates.Toast{Text: "Reply logged"}
	if p.Status == pitches.Draft || p.Status == pitches.Pitched || p.Status == pitches.NoReply {
		before, err := s.Store.EditPitches(r.Context(), s.by(r), p.SiteID, store.PitchEdit{IDs: []int64{id}, Status: pitches.Replied, Note: note})
		if err != nil {
			return err
		}
		toast.Undo = s.keepUndo(r, p.SiteID, before)
	} else if _, err := s.Store.AddNote(r.Context(), s.by(r), id, note); err != nil {
		return err
	}
	s.flash(r, toast) // the status shows in several places: the page is loaded again
	return s.redirect(w, r, pitchPath(id))
}
