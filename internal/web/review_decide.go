package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// decideReview records a decision from the queue and goes on to the next link.
func (s *Server) decideReview(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err != nil {
		return err
	}
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	if q.link = positive(r.PostFormValue("link")); q.link == 0 {
		return fault.Field("link", "The form is not whole. Reload the page and decide again.")
	}
	rows, at, err := s.queueAround(r, q, q.link) // before it is gone from there
	if err != nil {
		return err
	}
	if r.PostFormValue("whole") != "" && store.State(d.kind).Marked() {
		return s.markFromReview(w, r, q, d, nextOf(rows, at))
	}
	_, err = s.Store.Decide(r.Context(), s.by(r), q.link, d.kind, d.pitch, d.version, d.note)
	if fault.Is(err, fault.Conflict) {
		note, err := s.decidedNote(r, q.link, d.kind, err)
		if err != nil {
			return err
		}
		s.toast(w, r, templates.Toast{Text: "Not saved: the link was decided on meanwhile", Bad: true})
		return s.reviewPage(w, r, q, http.StatusConflict, note, nil)
	}
	if err != nil {
		return err
	}
	l, err := s.Store.Link(r.Context(), q.link)
	if err != nil {
		return err
	}
	return s.reviewed(w, r, q, nextOf(rows, at), templates.Toast{Text: decidedText(d.kind, l) + ", " + weburl.Display(l.Outlet)})
}

// nextOf lists the links to go on with after the one at a place: those below it,
// then those above, which were skipped.
func nextOf(rows []store.QueueRow, at int) []int64 {
	next := []int64{}
	for i := range rows {
		if j := (at + 1 + i) % len(rows); j != at {
			next = append(next, rows[j].LinkID)
		}
	}
	return next
}

// reviewed answers a decision: HTMX gets the next case, a plain form goes there.
func (s *Server) reviewed(w http.ResponseWriter, r *http.Request, q reviewQuery, next []int64, t templates.Toast) error {
	s.toast(w, r, t)
	q.link, q.pitch = 0, 0
	if !isHTMX(r) {
		link := ""
		if len(next) > 0 {
			link = strconv.FormatInt(next[0], 10)
		}
		return s.redirect(w, r, q.at("/review", "link", link))
	}
	return s.reviewPage(w, r, q, http.StatusOK, nil, next)
}

// undoReview takes back the latest decision of who asks and shows its link.
func (s *Server) undoReview(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err != nil {
		return err
	}
	q.link = positive(r.PostFormValue("link"))
	undone, err := s.Store.UndoLast(r.Context(), s.by(r), site.ID)
	if fault.Is(err, fault.Conflict) {
		s.toast(w, r, templates.Toast{Text: fault.Message(err), Bad: true})
		return s.reviewPage(w, r, q, http.StatusConflict, &templates.Note{Kind: "warn", Title: "Nothing was undone", Text: fault.Message(err), Alert: true}, nil)
	}
	if err != nil {
		return err
	}
	return s.reviewed(w, r, q, []int64{undone.LinkID, q.link}, templates.Toast{Text: undoneText(undone)})
}

func undoneText(u store.Undone) string {
	text := "Undone: " + strings.ToLower(kindWord(u.Kind))
	if u.N > 1 {
		text += ", " + grouped(u.N) + " links"
	}
	if u.Kept > 0 {
		text += "; " + grouped(u.Kept) + " decided on since stay"
	}
	return text
}

// reviewUndo says what the undo button would take back.
func (s *Server) reviewUndo(r *http.Request, v *templates.ReviewPage, q reviewQuery) error {
	last, ok, err := s.Store.LastDecision(r.Context(), s.currentUser(r).ID, q.filter.Site)
	if err != nil || !ok {
		return err
	}
	v.Undo = "Undo the last one: " + strings.ToLower(kindWord(last.Kind))
	if last.Batch != 0 {
		v.Undo = "Undo what was decided at once: " + strings.ToLower(kindWord(last.Kind))
	}
	return nil
}

// markFromReview marks the whole outlet of a link.
func (s *Server) markFromReview(w http.ResponseWriter, r *http.Request, q reviewQuery, d decision, next []int64) error {
	l, err := s.Store.Link(r.Context(), q.link)
	if err != nil {
		return err
	}
	m, changes, err := s.Store.MarkOutlet(r.Context(), s.by(r), l.SiteID, l.Outlet, store.State(d.kind), d.note)
	if err != nil {
		return err
	}
	return s.reviewed(w, r, q, next, markToast(m, changes, q.at("/review")))
}

func markToast(m store.OutletMark, changes store.CreditChanges, back string) templates.Toast {
	text := weburl.Display(m.Key) + " marked as " + markWord(m.Kind)
	if changes.Cleared > 0 {
		text += ": " + counted(changes.Cleared, "link was", "links were") + " credited or waiting and no longer is"
		if changes.Cleared > 1 {
			text = strings.TrimSuffix(text, " no longer is") + " no longer are"
		}
	}
	return templates.Toast{Text: text, Undo: markPath(m.ID) + "/end", Back: back}
}

// showDecideAll says exactly what deciding all links of a filter would do.
func (s *Server) showDecideAll(w http.ResponseWriter, r *http.Request) error {
	return s.decideAllPage(w, r, http.StatusOK, nil)
}

func (s *Server) decideAllPage(w http.ResponseWriter, r *http.Request, code int, note *templates.Note) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err != nil {
		return err
	}
	kind := store.DecisionKind(r.FormValue("kind"))
	if kind != store.Confirm && kind != store.Reject {
		return fault.Field("kind", "Many links are confirmed or rejected.")
	}
	b, err := s.Store.BulkOf(r.Context(), q.filter)
	if err != nil {
		return err
	}
	f := q.filter
	f.Clear = true
	some, err := s.Store.Queue(r.Context(), f, nil, false, 10)
	if err != nil {
		return err
	}
	v := decideAllView(q, site, kind, b, some)
	v.CSRF, v.Note = s.csrfToken(w, r), note
	return s.show(w, r, Page{Title: v.Title, Nav: "review", Narrow: true, Status: code, Body: templates.DecideAllBody(v)})
}

func (s *Server) decideAll(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err != nil {
		return err
	}
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	batch, n, err := s.Store.DecideAll(r.Context(), s.by(r), q.filter, d.kind, r.PostFormValue("sum"), d.note)
	if fault.Is(err, fault.Conflict) {
		return s.decideAllPage(w, r, http.StatusConflict, &templates.Note{Kind: "warn", Title: "Nothing was decided", Alert: true,
			Text: fault.Message(err) + " These are the links now."})
	}
	if err != nil {
		return err
	}
	text := counted(n, "link", "links") + " confirmed"
	if d.kind == store.Reject {
		text = counted(n, "link", "links") + " marked as not ours"
	}
	s.flash(r, templates.Toast{Text: text, Undo: "/review/all/" + strconv.FormatInt(batch, 10) + "/undo", Back: q.at("/review")})
	return s.redirect(w, r, q.at("/review"))
}

func (s *Server) undoAll(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	undone, err := s.Store.UndoBatch(r.Context(), s.by(r), id)
	switch {
	case fault.Is(err, fault.Conflict):
		s.flash(r, templates.Toast{Text: fault.Message(err), Bad: true})
	case err != nil:
		return err
	default:
		s.flash(r, templates.Toast{Text: undoneText(undone)})
	}
	return s.redirectBack(w, r, "/review")
}

// decision is what a form of a decision says.
type decision struct {
	kind    store.DecisionKind
	version int64
	pitch   int64
	note    string
}

var decisionKinds = []store.DecisionKind{store.Confirm, store.Reassign, store.Reject, store.Own, store.Partner, store.Spam, store.Undo}

// readDecision reads a form; an undo from a toast has it in the address.
func readDecision(r *http.Request) (d decision, err error) {
	d.kind = store.DecisionKind(r.FormValue("kind"))
	if !slices.Contains(decisionKinds, d.kind) {
		return d, fault.Field("kind", "%q is not a decision.", cut(string(d.kind), 40))
	}
	if v := r.FormValue("version"); v != "" || r.PostFormValue("sum") == "" {
		if d.version, err = strconv.ParseInt(v, 10, 64); err != nil || d.version < 0 {
			return d, fault.Field("version", "The form is not whole. Reload the page and decide again.")
		}
	}
	if v := r.FormValue("pitch"); v != "" {
		if d.pitch, err = strconv.ParseInt(v, 10, 64); err != nil || d.pitch <= 0 {
			return d, fault.Field("pitch", "%q is not the number of a pitch.", cut(v, 40))
		}
	}
	if d.kind == store.Reassign && d.pitch == 0 {
		return d, fault.Field("pitch", "Choose the pitch that earned the link.")
	}
	d.note = strings.TrimSpace(r.FormValue("note"))
	if len(d.note) > noteAtMost {
		return d, fault.Field("note", "Keep the reason under %d characters.", noteAtMost)
	}
	return d, nil
}
