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
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	if r.PostFormValue("whole") != "" && store.State(d.kind).Marked() {
		return s.markFromLink(w, r, id, d)
	}
	_, err = s.Store.Decide(r.Context(), s.by(r), id, d.kind, d.pitch, d.version, d.note)
	if fault.Is(err, fault.Conflict) {
		return s.decidedBefore(w, r, id, d.kind, err)
	}
	if err != nil {
		return err
	}
	return s.decided(w, r, id, d.kind)
}

// markFromLink marks the whole outlet of a link.
func (s *Server) markFromLink(w http.ResponseWriter, r *http.Request, id int64, d decision) error {
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return err
	}
	m, changes, err := s.Store.MarkOutlet(r.Context(), s.by(r), l.SiteID, l.Outlet, store.State(d.kind), d.note)
	if err != nil {
		return err
	}
	s.toast(w, r, markToast(m, changes, linkPath(id)))
	if isHTMX(r) {
		return s.linkPage(w, r, id, http.StatusOK, nil)
	}
	return s.redirectBack(w, r, linkPath(id))
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
	case store.Own, store.Partner, store.Spam:
		return "Marked as " + markWord(store.State(kind))
	}
	return "Undone"
}

// decidedBefore answers a decision on a state that is gone, with the page as it is
// so that one can decide again.
func (s *Server) decidedBefore(w http.ResponseWriter, r *http.Request, id int64, kind store.DecisionKind, cause error) error {
	note, err := s.decidedNote(r, id, kind, cause)
	if err != nil {
		return err
	}
	s.toast(w, r, templates.Toast{Text: "Not saved: the link was decided on meanwhile", Bad: true})
	return s.linkPage(w, r, id, http.StatusConflict, note)
}

// decidedNote says what a link is now, by whom, and what was asked.
func (s *Server) decidedNote(r *http.Request, id int64, kind store.DecisionKind, cause error) (*templates.Note, error) {
	l, err := s.Store.Link(r.Context(), id)
	if err != nil {
		return nil, err
	}
	log, err := s.Store.Decisions(r.Context(), id)
	if err != nil {
		return nil, err
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
	return &templates.Note{Kind: "warn", Title: "Not saved", Text: text, Alert: true}, nil
}

func kindWord(k store.DecisionKind) string {
	switch k {
	case store.Confirm:
		return "Confirm"
	case store.Reassign:
		return "Reassign"
	case store.Reject:
		return "Not ours"
	case store.Own:
		return "Our own"
	case store.Partner:
		return "A partner’s"
	case store.Spam:
		return "Spam"
	case store.Undo:
		return "Undo"
	}
	return string(k)
}

var decidedWords = map[store.DecisionKind]templates.Event{
	store.Confirm:  {State: "landed", Icon: "check", Strong: "Confirmed"},
	store.Reassign: {State: "landed", Icon: "shuffle", Strong: "Reassigned"},
	store.Reject:   {State: "lost", Icon: "x", Strong: "Not ours"},
	store.Own:      {Icon: "house", Strong: "Our own"},
	store.Partner:  {Icon: "user", Strong: "A partner’s"},
	store.Spam:     {State: "lost", Icon: "circle-alert", Strong: "Spam"},
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
		store.StateConfirmed: "confirmed", store.StateRejected: "not ours",
		store.StateOwned: "our own", store.StatePartner: "a partner’s", store.StateSpam: "spam"}[st]
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
