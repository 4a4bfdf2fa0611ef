package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// ruleRoutes are the outlets, the settings of attribution, and the changes of
// what decides it.
func (s *Server) ruleRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/outlets", Role: auth.Staff, Handler: s.listOutlets},
		{Method: get, Pattern: "/outlets/{id}", Role: auth.Staff, Handler: s.showOutlet},
		{Method: post, Pattern: "/outlets/{id}", Role: auth.Staff, Handler: s.saveOutlet},
		{Method: post, Pattern: "/outlets/{id}/aliases", Role: auth.Manager, Handler: s.changeAliases},
		{Method: post, Pattern: "/outlets/{id}/subdomains", Role: auth.Manager, Handler: s.changeSubdomains},
		{Method: get, Pattern: "/settings/matching", Role: auth.Admin, Handler: s.showMatching},
		{Method: post, Pattern: "/settings/matching", Role: auth.Admin, Handler: s.changeMatching},
		{Method: get, Pattern: "/settings/platforms", Role: auth.Admin, Handler: s.showPlatforms},
		{Method: post, Pattern: "/settings/platforms", Role: auth.Admin, Handler: s.changePlatform},
		{Method: get, Pattern: "/rules/{id}", Role: auth.Manager, Handler: s.showChange},
		{Method: get, Pattern: "/rules/{id}/events", Role: auth.Manager, Handler: s.streamChange, Stream: true},
		{Method: post, Pattern: "/rules/{id}/apply", Role: auth.Manager, Handler: s.applyChange, Costly: true},
		{Method: post, Pattern: "/rules/{id}/again", Role: auth.Manager, Handler: s.lookAgain, Costly: true},
		{Method: post, Pattern: "/rules/{id}/undo", Role: auth.Manager, Handler: s.undoChange, Costly: true},
		{Method: post, Pattern: "/rules/{id}/drop", Role: auth.Manager, Handler: s.dropChange},
	}
}

func changePath(id int64) string { return "/rules/" + strconv.FormatInt(id, 10) }

// mayChange reports whether the person may apply changes of a kind: what holds
// for the whole workspace is for admins.
func (s *Server) mayChange(r *http.Request, kind store.ChangeKind) bool {
	if kind == store.ChangeRules || kind == store.ChangePlatforms {
		return s.currentUser(r).Role.AtLeast(auth.Admin)
	}
	return s.currentUser(r).Role.AtLeast(auth.Manager)
}

// openChange reads the change of the path; to change it needs the role of its kind.
func (s *Server) openChange(r *http.Request, write bool) (store.RuleChange, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return store.RuleChange{}, err
	}
	c, err := s.Store.RuleChange(r.Context(), id)
	if err == nil && write && !s.mayChange(r, c.Kind) {
		err = fault.New(fault.Forbidden, "Only an admin changes what holds for the whole workspace.")
	}
	return c, err
}

// startChange hands a change to the jobs, or works it here where there are none.
func (s *Server) startChange(r *http.Request, id int64) error {
	if s.EnqueueRules != nil {
		return s.EnqueueRules(r.Context(), id)
	}
	err := s.Store.WorkChange(r.Context(), id)
	if err == nil {
		return nil
	}
	return errors.Join(err, s.Store.FailChange(r.Context(), id, fault.Message(err)))
}

// wake asks again for the work of a change that nobody has begun: a job that
// ended as this one was asked for may have swallowed it.
func (s *Server) wake(r *http.Request, c store.RuleChange) {
	const begins, within = 10 * time.Second, 2 * time.Second
	asked := c.CreatedAt
	if !c.AppliedAt.IsZero() {
		asked = c.AppliedAt
	}
	if s.EnqueueRules == nil || c.Total > 0 || s.Now().Sub(asked) < begins {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	if err := s.EnqueueRules(ctx, c.ID); err != nil {
		s.Log.Warn("change of the rules not asked for again", "id", visitOf(r.Context()).id, "change", c.ID, "err", err)
	}
}

// proposed goes to a change that was just recorded.
func (s *Server) proposed(w http.ResponseWriter, r *http.Request, c store.RuleChange) error {
	if err := s.startChange(r, c.ID); err != nil {
		return err
	}
	return s.redirect(w, r, changePath(c.ID))
}

func (s *Server) showChange(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, false)
	if err != nil {
		return err
	}
	return s.changePage(w, r, c, http.StatusOK, nil)
}

func (s *Server) changePage(w http.ResponseWriter, r *http.Request, c store.RuleChange, status int, problem error) error {
	v := s.changeView(r, c)
	v.CSRF = s.csrfToken(w, r)
	if problem != nil {
		v.Problem = templates.Note{Kind: "bad", Title: "Not applied.", Text: fault.Message(problem), Alert: true}
		v.Again, v.Anyway = true, errors.Is(problem, store.ErrMoved)
	}
	p := Page{Title: v.Title, Nav: "settings", Status: status, Body: templates.RuleChangePage(v)}
	if c.Outlet != 0 {
		p.Nav = "outlets"
	}
	if c.State == store.ChangeLooking || c.State == store.ChangeApplying {
		p.SSE, p.Refresh = true, 3
		s.wake(r, c)
	}
	return s.show(w, r, p)
}

// changeBack is where the setting of a change is.
func changeBack(c store.RuleChange) templates.Link {
	switch c.Kind {
	case store.ChangeRules:
		return templates.Link{Label: "Matching", Href: "/settings/matching"}
	case store.ChangePlatforms:
		return templates.Link{Label: "Platforms", Href: "/settings/platforms"}
	}
	return templates.Link{Label: weburl.Display(c.Subject), Href: outletPath(c.Outlet)}
}

func (s *Server) changeView(r *http.Request, c store.RuleChange) templates.RuleChange {
	v := templates.RuleChange{Path: changePath(c.ID), Title: c.Subject, Back: changeBack(c), Note: strings.Split(c.Note, "\n"),
		By: "by " + c.Who + ", " + whenTime(c.CreatedAt).Text + " UTC", HeadingOfCount: "What it would change"}
	may := s.mayChange(r, c.Kind)
	d := c.Preview.Diff
	switch c.State {
	case store.ChangeLooking:
		job := s.changeJob(c)
		v.Job, v.Lead, v.CanDrop = &job, "Nothing is changed yet. You can leave this page.", may
		return v
	case store.ChangeReady:
		v.Lead = readyLead(d)
		v.CanApply, v.CanDrop, v.Again = may, may, may
		v.ApplyLabel = "Apply: " + counted(d.Total(), "credit changes", "credits change")
	case store.ChangeApplying:
		job := s.changeJob(c)
		v.Job, v.Lead = &job, "In force. Links are being decided anew, and figures follow as they are. You can leave this page."
	case store.ChangeApplied:
		d, v.HeadingOfCount = c.Outcome, "What it changed"
		v.Lead = fmt.Sprintf("Version %d of the rules, applied by %s. Decisions of people stand.", c.Version, c.AppliedBy)
		v.CanUndo = may
	case store.ChangeDropped:
		v.Lead = "Dropped. Nothing was changed."
	case store.ChangeFailed:
		v.Lead = "This did not come to its end."
		v.Problem = templates.Note{Kind: "bad", Title: "It stopped.", Text: c.Message}
		v.Retry, v.Again, v.CanDrop = may && c.Version != 0, may && c.Version == 0, may && c.Version == 0
	}
	if !may {
		v.Forbidden = "An admin decides on this."
	}
	if c.State == store.ChangeReady || c.State == store.ChangeApplied {
		v.Counts, v.Extra = changeCounts(d), changeExtra(d)
	}
	if c.State == store.ChangeReady {
		v.Groups = exampleGroups(c.Preview)
	}
	return v
}

func readyLead(d store.Diff) string {
	if d.Total() == 0 {
		return "It would change no credit. Nothing is changed before you apply it."
	}
	return fmt.Sprintf("It would change the credit of %s. Nothing is changed before you apply it.", counted(d.Total(), "link", "links"))
}

var changeWords = map[store.Change][2]string{
	store.Gained: {"Gained", "Credits gained"}, store.Lost: {"Lost", "Credits lost"}, store.Moved: {"Moved", "Credits moved to another pitch"},
	store.Suggested: {"Newly suggested", "Newly suggested"}, store.Unsuggested: {"No longer suggested", "No longer suggested"}, store.Reasked: {"Other suggestion", "Suggested for another pitch"},
}

func changeCounts(d store.Diff) []templates.ChangeCount {
	var out []templates.ChangeCount
	for _, c := range store.Changes {
		if c == store.Reasked && d.Reasked == 0 {
			continue
		}
		count := templates.ChangeCount{Label: changeWords[c][0], Value: grouped(d.Of(c)), Note: "links"}
		switch {
		case c == store.Gained && d.FromSuggested > 0:
			count.Note = grouped(d.FromSuggested) + " were suggested"
		case c == store.Lost && d.ToSuggested > 0:
			count.Note = grouped(d.ToSuggested) + " become suggestions"
		}
		out = append(out, count)
	}
	return out
}

func changeExtra(d store.Diff) []string {
	var out []string
	if d.Rekeyed > 0 {
		out = append(out, counted(d.Rekeyed, "link counts", "links count")+" as another outlet's.")
	}
	if d.Pitches > 0 {
		out = append(out, counted(d.Pitches, "pitch goes", "pitches go")+" to another outlet.")
	}
	return out
}

func exampleGroups(o store.Outlook) []templates.ExampleGroup {
	var out []templates.ExampleGroup
	for _, c := range store.Changes {
		g := templates.ExampleGroup{ID: "ex-" + string(c), Title: changeWords[c][1]}
		for _, e := range o.Examples {
			if e.Change == c {
				g.Rows = append(g.Rows, templates.ExampleRow{Page: weburl.Display(e.Source), Href: linkPath(e.Link), Target: targetPath(e.Target),
					Before: exampleSide(e.Before), After: exampleSide(e.After)})
			}
		}
		if len(g.Rows) > 0 {
			g.Sub = fmt.Sprintf("%d of %s", len(g.Rows), grouped(o.Of(c)))
			out = append(out, g)
		}
	}
	return out
}

func exampleSide(e store.ExampleState) templates.ExampleSide {
	if e.Pitch == 0 {
		return templates.ExampleSide{State: "No pitch"}
	}
	words := stateWords[e.State]
	if e.State == store.StateAuto {
		words = "credited"
	}
	if words == "" {
		words = "no match"
	}
	return templates.ExampleSide{Pitch: creditTitle(store.Credit{PitchID: e.Pitch, Subject: e.Subject, Outlet: e.Outlet}), Href: pitchPath(e.Pitch), State: words, Score: strconv.Itoa(e.Score) + "%"}
}

func (s *Server) changeJob(c store.RuleChange) templates.Job {
	job := templates.Job{ID: "change-job", Title: "Waiting for its turn", Max: c.Total, Value: min(c.Done, c.Total), Events: changePath(c.ID) + "/events?state=" + string(c.State)}
	if c.Total > 0 {
		job.Of = fmt.Sprintf("%s of %s", grouped(job.Value), counted(c.Total, "referring domain", "referring domains"))
		job.Title = "Looking at links"
		if c.State == store.ChangeApplying {
			job.Title = "Deciding links anew"
		}
	}
	return job
}

// How often the progress is looked at, and after what time a stream ends; the
// browser opens the next one by itself.
const (
	changePoll   = 500 * time.Millisecond
	changeStream = 30 * time.Second
)

// streamChange sends how far a change is, at most twice a second, and at the end
// of its state an event that fetches the page anew.
func (s *Server) streamChange(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, false)
	if err != nil {
		return err
	}
	shown := store.ChangeState(r.URL.Query().Get("state"))
	w.Header().Set("Content-Type", "text/event-stream")
	tick, end := time.NewTicker(changePoll), time.NewTimer(changeStream)
	defer tick.Stop()
	defer end.Stop()
	sent := ""
	for {
		job := s.changeJob(c)
		if c.State != shown || c.State != store.ChangeLooking && c.State != store.ChangeApplying {
			return sendEvent(w, r, "done", templates.ChangeEnded(templates.Job{ID: job.ID, Title: "Done"}, changePath(c.ID)))
		}
		if now := job.Title + job.Of; now != sent {
			sent = now
			if err := sendEvent(w, r, "progress", templates.JobState(job)); err != nil {
				return err
			}
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
		}
		if c, err = s.Store.RuleChange(r.Context(), c.ID); err != nil {
			s.Log.Error("progress of a change", "id", visitOf(r.Context()).id, "err", err)
			return nil // the stream is under way; the browser opens another one
		}
	}
}

func (s *Server) applyChange(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, true)
	if err != nil {
		return err
	}
	err = s.Store.StartChange(r.Context(), s.by(r), c.ID, r.PostFormValue("anyway") != "")
	if fault.Is(err, fault.Conflict) {
		return s.changePage(w, r, c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}

func (s *Server) lookAgain(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, true)
	if err != nil {
		return err
	}
	err = s.Store.LookAgain(r.Context(), c.ID)
	if fault.Is(err, fault.Conflict) {
		return s.changePage(w, r, c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}

func (s *Server) undoChange(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, true)
	if err != nil {
		return err
	}
	undo, err := s.Store.UndoChange(r.Context(), s.by(r), c.ID)
	if fault.Is(err, fault.Conflict) {
		return s.changePage(w, r, c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, undo)
}

func (s *Server) dropChange(w http.ResponseWriter, r *http.Request) error {
	c, err := s.openChange(r, true)
	if err != nil {
		return err
	}
	if err := s.Store.DropChange(r.Context(), c.ID); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: "Dropped. Nothing was changed"})
	return s.redirect(w, r, changeBack(c).Href)
}

// rulesBanner says on every page that figures are on their way to new rules.
func (s *Server) rulesBanner(r *http.Request) (templates.Banner, error) {
	c, ok, err := s.Store.ApplyingChange(r.Context())
	if err != nil || !ok || r.URL.Path == changePath(c.ID) {
		return templates.Banner{}, err
	}
	b := templates.Banner{Text: "Re-attributing links after a change of the rules: credits and figures are still on their way."}
	if s.currentUser(r).Role.AtLeast(auth.Manager) {
		b.Label, b.Href = "See how far it is", changePath(c.ID)
	}
	return b, nil
}
