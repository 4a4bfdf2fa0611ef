package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// noteAtMost is how long the reason given for a decision may be.
const noteAtMost = 500

// decideLink records what a person says of a link. An undo from a toast carries
// kind and version in its address.
func (s *Server) decideLink(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	kind := store.DecisionKind(r.FormValue("kind"))
	version, err := strconv.ParseInt(r.FormValue("version"), 10, 64)
	if err != nil || version < 0 {
		return fault.Field("version", "The form is not whole. Reload the page and decide again.")
	}
	var pitch int64
	if v := r.FormValue("pitch"); v != "" {
		if pitch, err = strconv.ParseInt(v, 10, 64); err != nil || pitch <= 0 {
			return fault.Field("pitch", "%q is not the number of a pitch.", cut(v, 40))
		}
	}
	if kind == store.Reassign && pitch == 0 {
		return fault.Field("pitch", "Choose the pitch that earned the link.")
	}
	note := strings.TrimSpace(r.FormValue("note"))
	if len(note) > noteAtMost {
		return fault.Field("note", "Keep the reason under %d characters.", noteAtMost)
	}
	_, err = s.Store.Decide(r.Context(), s.by(r), id, kind, pitch, version, note)
	if fault.Is(err, fault.Conflict) {
		return s.decidedBefore(w, r, id, kind, err)
	}
	if err != nil {
		return err
	}
	return s.decided(w, r, id, kind)
}

// decided answers a decision: HTMX gets the link as it is now, a plain form goes
// back to where it came from.
func (s *Server) decided(w http.ResponseWriter, r *http.Request, id int64, kind store.DecisionKind) error {
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return err
	}
	t := templates.Toast{Text: decidedText(kind, l)}
	back := linkPath(id)
	if b := r.PostFormValue("back"); b != "" {
		back = b
	}
	if kind != store.Undo {
		undo := url.Values{"kind": {string(store.Undo)}, "version": {strconv.FormatInt(l.Credit.Version, 10)}}
		t.Undo, t.Back = linkPath(id)+"/decide?"+undo.Encode(), back
	}
	s.toast(w, r, t)
	if isHTMX(r) {
		return s.linkPage(w, r, id, http.StatusOK, nil)
	}
	return s.redirectBack(w, r, linkPath(id))
}

// decidedText is what a toast says of a decision, with the word of its button.
func decidedText(kind store.DecisionKind, l store.LinkRow) string {
	switch kind {
	case store.Confirm:
		return "Confirmed: " + creditTitle(l.Credit)
	case store.Reassign:
		return "Reassigned to " + creditTitle(l.Credit)
	case store.Reject:
		return "Marked as not ours"
	}
	return "Undone"
}

// decidedBefore answers a decision on a state that is gone: what it is now, by
// whom, and what was asked, with the page as it is so that one can decide again.
func (s *Server) decidedBefore(w http.ResponseWriter, r *http.Request, id int64, kind store.DecisionKind, cause error) error {
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return err
	}
	log, err := s.Store.Decisions(r.Context(), id)
	if err != nil {
		return err
	}
	now, _ := linkState(l.Credit)
	if l.Credit.PitchID != 0 {
		now += ", " + creditTitle(l.Credit)
	}
	text := fault.Message(cause) + " Now: " + now
	if len(log) > 0 {
		text += " (" + log[0].Who + ", " + instantTime(log[0].At).Text + ")"
	}
	text += ". You asked for: " + strings.ToLower(kindWord(kind))
	if p := r.FormValue("pitch"); p != "" {
		text += " to pitch " + p
	}
	text += ". Nothing was changed by that; decide again if it still holds."
	s.toast(w, r, templates.Toast{Text: "Not saved: the link was decided on meanwhile", Bad: true})
	return s.linkPage(w, r, id, http.StatusConflict, &templates.Note{Kind: "warn", Title: "Not saved", Text: text, Alert: true})
}

func kindWord(k store.DecisionKind) string {
	switch k {
	case store.Confirm:
		return "Confirm"
	case store.Reassign:
		return "Reassign"
	case store.Reject:
		return "Not ours"
	case store.Undo:
		return "Undo"
	}
	return string(k)
}

var decidedWords = map[store.DecisionKind]templates.Event{
	store.Confirm:  {State: "landed", Icon: "check", Strong: "Confirmed"},
	store.Reassign: {State: "landed", Icon: "shuffle", Strong: "Reassigned"},
	store.Reject:   {State: "lost", Icon: "x", Strong: "Not ours"},
	store.Undo:     {Icon: "undo-2", Strong: "Undone"},
}

// decisionEvents is the log of decisions as a timeline, newest first.
func decisionEvents(list []store.Decision) (out []templates.Event) {
	for _, d := range list {
		e := decidedWords[d.Kind]
		e.Text = "from " + stateText(d.From, d.FromPitch) + " to " + stateText(d.To, d.ToPitch)
		e.Time, e.Sub, e.Quote = instantTime(d.At), d.Who, d.Note
		out = append(out, e)
	}
	return out
}

func stateText(st store.State, pitch int64) string {
	text := map[store.State]string{store.StateNone: "no pitch", store.StatePossible: "possible", store.StateSuggested: "suggested", store.StateAuto: "credited by the rules",
		store.StateConfirmed: "confirmed", store.StateRejected: "not ours"}[st]
	if pitch != 0 {
		text += " (pitch " + strconv.FormatInt(pitch, 10) + ")"
	}
	return text
}

// linkHistory is what happened to the link itself, newest first, down to the day
// it was first seen.
func linkHistory(l store.LinkRow, list []store.LinkEvent) (out []templates.Event) {
	for _, x := range list {
		e := templates.Event{Icon: "circle", Strong: kindLabel(x.Kind), Text: linkChangeText(x.From, x.To)}
		if at, err := time.Parse(time.RFC3339, x.At); err == nil {
			e.Time = instantTime(at)
		}
		switch x.Kind {
		case "lost":
			e.State, e.Icon, e.Text = "lost", "unlink", x.To
		case "reinstated":
			e.State, e.Icon, e.Strong, e.Text = "landed", "link", "Back", "seen again by the source"
		case "anchor":
			e.Strong = "Anchor changed"
		case "rel":
			e.Strong = "Rel changed"
		case "kind":
			e.Strong = "Kind changed"
		}
		out = append(out, e)
	}
	if l.LostOn.Known() && len(out) == 0 {
		reason, said := lostText(l.LostReason, l.LostSaid, l.Provider)
		out = append(out, templates.Event{State: "lost", Icon: "unlink", Strong: "Lost.", Text: reason, Time: longDay(l.LostOn), Sub: said})
	}
	return append(out, templates.Event{State: "landed", Icon: "link", Strong: "First seen", Text: "on " + weburl.Display(l.SourceURL), Time: shownDay(l.FirstSeen)})
}

func linkChangeText(from, to string) string {
	switch {
	case from == "":
		return "to “" + to + "”"
	case to == "":
		return "from “" + from + "”"
	}
	return "from “" + from + "” to “" + to + "”"
}
