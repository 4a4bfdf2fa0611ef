package web

import (
	"net/http"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/templates"
)

// inDialog reports whether the form is for the dialog that every page has.
func inDialog(r *http.Request) bool {
	return isHTMX(r) && (r.Header.Get("HX-Target") == "new-pitch-body" || r.PostFormValue("dialog") == "1")
}

// showNewPitch is the empty form: as a page, or for the dialog. from is a pitch
// to start from for another outlet; outlet, target and subject can be given.
func (s *Server) showNewPitch(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	values, err := s.startValues(r)
	if err != nil {
		return err
	}
	return s.newPitchForm(w, r, http.StatusOK, site, values, nil, "")
}

// startValues are those of a new form: what the last pitch of the session had,
// and what the address gives.
func (s *Server) startValues(r *http.Request) (map[string]string, error) {
	ctx := r.Context()
	values := map[string]string{"status": string(pitches.Pitched), "sent_on": s.today().String(), "campaign": s.sessions.GetString(ctx, keyPitchCampaign),
		"currency": "USD", "owner": s.sessions.GetString(ctx, keyPitchOwner)}
	if values["owner"] == "" {
		values["owner"] = strconv.FormatInt(s.currentUser(r).ID, 10)
	}
	asked := r.URL.Query()
	if id := positive(asked.Get("from")); id > 0 {
		p, err := s.Store.Pitch(ctx, id)
		if err != nil {
			return nil, err
		}
		old := pitchValues(&p)
		for _, name := range []string{"subject", "target", "anchor", "campaign", "type"} {
			values[name] = old[name]
		}
	}
	if err := s.valuesOfLink(r, positive(asked.Get("link")), values); err != nil {
		return nil, err
	}
	for _, name := range []string{"outlet", "subject", "target", "campaign"} {
		if asked.Has(name) {
			values[name] = cut(asked.Get(name), 2000)
		}
	}
	return values, nil
}

// newPitchForm answers the form. anyway is the label of the tick that saves in
// spite of a warning.
func (s *Server) newPitchForm(w http.ResponseWriter, r *http.Request, status int, site store.Site, values, errs map[string]string, anyway string) error {
	prefix := "np-"
	if inDialog(r) {
		prefix = "dnp-"
	}
	v, err := s.pitchFormView(r.Context(), s.csrfToken(w, r), site, prefix, s.seesCosts(r), values, errs)
	if err != nil {
		return err
	}
	v.Dialog, v.Anyway = inDialog(r), anyway
	if err := s.forLink(r, &v); err != nil {
		return err
	}
	v.Kept = values["campaign"] != "" && values["campaign"] == s.sessions.GetString(r.Context(), keyPitchCampaign)
	if in := r.PostFormValue("follow_up_in"); in != "" {
		v.FollowUp = in
	}
	if values["outlet"] != "" && errs["outlet"] == "" { // the message says it already
		if v.Lookup, err = s.outletFacts(r, site, values["outlet"]); err != nil {
			return err
		}
	}
	if v.Dialog {
		return s.part(w, r, status, templates.NewPitchForm(v))
	}
	return s.show(w, r, Page{Title: "Log a pitch", Nav: "pitches", Narrow: true, Status: status, Body: templates.NewPitch(v)})
}

// createPitch logs one pitch. In the dialog it stays on the page; as a page it
// leads to the list, or with "then" to the next empty form.
func (s *Server) createPitch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	people, err := s.Store.Accounts(ctx, s.Config.Idle)
	if err != nil {
		return err
	}
	p := pitches.Pitch{SiteID: site.ID, Source: "typed", OwnerID: s.currentUser(r).ID}
	errs := map[string]string{}
	if !r.PostForm.Has("status") {
		pitches.SetStatus(&p, pitches.Pitched, s.today())
	}
	pitchReader{r, &p, site, errs}.read(s.Store.Platforms(), people, s.seesCosts(r), s.today())
	s.plan(r, &p)
	anyway := ""
	if errs["outlet"] == "" {
		if anyway, err = s.checkOutlet(r, site, &p, errs); err != nil {
			return err
		}
	}
	if len(errs) == 0 {
		p, err = s.createFor(r, p)
		if fault.Is(err, fault.Conflict) {
			return s.conflictOnLink(w, r, err)
		}
		if gather(errs, err); err != nil && len(errs) == 0 {
			return err
		}
	}
	if len(errs) > 0 {
		return s.newPitchForm(w, r, http.StatusUnprocessableEntity, site, typedValues(r), errs, anyway)
	}
	s.sessions.Put(ctx, keyPitchCampaign, p.Campaign)
	s.sessions.Put(ctx, keyPitchOwner, strconv.FormatInt(p.OwnerID, 10))
	return s.pitchLogged(w, r, site, &p)
}

// plan dates the follow-up of a new pitch. One that is a draft or over has none,
// and a draft was not sent today whatever the form had in it.
func (s *Server) plan(r *http.Request, p *pitches.Pitch) {
	if days, err := strconv.Atoi(r.PostFormValue("follow_up_in")); err == nil && days > 0 && days <= 365 && openPitch(p.Status) {
		p.FollowUpOn = s.today() + dayCount(days)
	}
	if p.Status == pitches.Draft && p.SentOn == s.today() {
		p.SentOn = 0
	}
}

func (s *Server) pitchLogged(w http.ResponseWriter, r *http.Request, site store.Site, p *pitches.Pitch) error {
	if positive(r.PostFormValue("link")) != 0 {
		s.flash(r, templates.Toast{Text: "Pitch to " + outletAddress(p.Outlet) + " saved, and the link credited to it"})
		return s.redirectBack(w, r, pitchPath(p.ID))
	}
	toast := templates.Toast{Text: "Pitch to " + outletAddress(p.Outlet) + " saved", Undo: pitchPath(p.ID) + "/delete"}
	again := r.PostFormValue("then") == "new"
	if !inDialog(r) {
		s.flash(r, toast)
		if again {
			return s.redirect(w, r, "/pitches/new")
		}
		return s.redirect(w, r, "/pitches")
	}
	if again {
		s.triggerToast(w, toast, "landed:pitches")
		values, err := s.startValues(r)
		if err != nil {
			return err
		}
		r.PostForm.Del("follow_up_in")
		return s.newPitchForm(w, r, http.StatusCreated, site, values, nil, "")
	}
	s.triggerToast(w, toast, "landed:close", "landed:pitches")
	return s.part(w, r, http.StatusCreated, templates.OutletOptions(nil))
}

// checkOutlet holds back what is probably a mistake: an outlet marked do not
// contact, which only a manager may pitch anyway, and the same pitch twice. It
// gives the label of the tick with which the form is taken as it is.
func (s *Server) checkOutlet(r *http.Request, site store.Site, p *pitches.Pitch, errs map[string]string) (string, error) {
	known, err := s.Store.OutletByTyped(r.Context(), site.ID, outletAddress(p.Outlet))
	if err != nil {
		return "", err
	}
	anyway := r.PostFormValue("anyway") == "1"
	if known.Outlet.DoNotContact && (!anyway || !s.currentUser(r).Role.AtLeast(auth.Manager)) {
		if s.currentUser(r).Role.AtLeast(auth.Manager) {
			errs["outlet"] = "This outlet is marked do not contact."
			return "Log it all the same", nil
		}
		errs["outlet"] = "This outlet is marked do not contact. A manager can log a pitch to it all the same."
		return "", nil
	}
	for _, old := range known.Pitches {
		if p.Subject != "" && pitches.SameText(old.Subject, p.Subject) && old.ID != p.ID && !anyway {
			errs["subject"] = "Pitch " + strconv.FormatInt(old.ID, 10) + " offers them the same: " + pastTense(&old.Pitch, s) + "."
			return "Log it a second time", nil
		}
	}
	return "", nil
}

// pastTense says when a pitch went out and how it ended: "pitched 41 days ago, no reply".
func pastTense(p *pitches.Pitch, s *Server) string {
	if !p.SentOn.Known() {
		return "not sent yet"
	}
	text := "pitched " + ago(p.SentOn, s.today())
	if p.Status != pitches.Pitched {
		text += ", " + strings.ToLower(p.Status.Label())
	}
	return text
}

// lookUpOutlet says what is known of an outlet while it is typed: with list=1
// the outlets that begin like it, for the field's suggestions.
func (s *Server) lookUpOutlet(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(cut(r.URL.Query().Get("outlet"), 2000))
	if r.URL.Query().Get("list") == "1" {
		return s.suggestOutlets(w, r, typed)
	}
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	facts, err := s.outletFacts(r, site, typed)
	if err != nil {
		return err
	}
	return s.part(w, r, http.StatusOK, facts)
}

func (s *Server) suggestOutlets(w http.ResponseWriter, r *http.Request, typed string) error {
	var list []templates.Option
	if typed != "" {
		found, err := s.Store.SuggestOutlets(r.Context(), typed)
		if err != nil {
			return err
		}
		for _, o := range found {
			label := ""
			if score, _ := drText(o.Authority, o.Metric); score != "" {
				label = o.Metric + " " + score
			}
			list = append(list, templates.Option{Value: o.Key, Label: label})
		}
	}
	return s.part(w, r, http.StatusOK, templates.OutletOptions(list))
}

// invalid reports a fault that is the fault of what was typed.
func invalid(err error) bool { return fault.Is(err, fault.Invalid) }
