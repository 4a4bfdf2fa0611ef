package web

import (
	"cmp"
	"net/http"
	"strconv"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/provider"
	"landed/templates"
)

const providerPath = "/settings/provider"

func (s *Server) providerRoutes() []Route {
	return []Route{
		{Method: get, Pattern: providerPath, Role: auth.Admin, Handler: s.showProvider},
		{Method: post, Pattern: providerPath + "/token", Role: auth.Admin, Handler: s.saveToken, Costly: true},
		{Method: post, Pattern: providerPath + "/test", Role: auth.Admin, Handler: s.testProvider, Costly: true},
		{Method: post, Pattern: providerPath + "/endpoints", Role: auth.Admin, Handler: s.chooseEndpoints},
		{Method: get, Pattern: providerPath + "/remove", Role: auth.Admin, Handler: s.askRemoveToken},
		{Method: post, Pattern: providerPath + "/remove", Role: auth.Admin, Handler: s.removeToken},
	}
}

// desk is where the provider is set; a server without one cannot be set.
func (s *Server) desk() (*provider.Desk, error) {
	if s.Provider == nil {
		return nil, fault.New(fault.NotFound, "This server has no provider to set.")
	}
	return s.Provider, nil
}

func (s *Server) showProvider(w http.ResponseWriter, r *http.Request) error {
	return s.providerPage(w, r, http.StatusOK, templates.Provider{})
}

// providerPage shows the settings as they are stored now, with what v says of the
// form that was sent. A token that was typed is not among it.
func (s *Server) providerPage(w http.ResponseWriter, r *http.Request, status int, v templates.Provider) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	now, err := d.State(r.Context())
	if err != nil {
		return err
	}
	v.CSRF, v.Name, v.Version = s.csrfToken(w, r), providerName(now.Name), strconv.FormatInt(now.Version, 10)
	s.providerFacts(&v, now)
	v.Endpoints, v.Detected = cmp.Or(v.Endpoints, now.Endpoints), now.Detected
	for _, set := range provider.EndpointSets {
		v.EndpointChoice = append(v.EndpointChoice, templates.Option{Value: set, Label: endpointLabel(set)})
	}
	return s.show(w, r, Page{Title: "Provider", Nav: "settings", Status: status, Body: templates.ProviderPage(v), Part: templates.ProviderBody(v)})
}

func endpointLabel(set string) string {
	if set == provider.Auto {
		return "Found out"
	}
	return set
}

func (s *Server) providerFacts(v *templates.Provider, now provider.State) {
	v.State, v.Badge = "draft", "No token"
	add := func(label, value string, mono bool) {
		if value != "" {
			v.Facts = append(v.Facts, templates.Fact{Label: label, Value: value, Mono: mono})
		}
	}
	switch {
	case now.Problem != "":
		v.State, v.Badge = "fail", "Not usable"
		v.Notes = append(v.Notes, templates.Note{Kind: "bad", Title: "Nothing can be synced.", Text: now.Problem})
	case now.Origin == provider.None:
		add("Token", "None: nothing is pulled until one is entered. Export files can be imported without.", false)
	case now.Report == nil:
		v.State, v.Badge = "due", "Not tested"
	case now.Report.Problem != "":
		v.State, v.Badge = "fail", "Refused at the last test"
	case now.Report.Account == nil:
		v.State, v.Badge = "due", "Not tested"
	default:
		v.State, v.Badge = "good", "Connected"
	}
	if now.Origin == provider.Environment {
		add("In use", "The token of LANDED_AHREFS_TOKEN, from the environment of the server", false)
		if now.TokenEnd != "" {
			add("Token", "ends in …"+now.TokenEnd, true)
		}
		if now.Token.ID != 0 {
			v.Notes = append(v.Notes, templates.Note{Kind: "info", Title: "The token saved here is not in use.", Text: "LANDED_AHREFS_TOKEN is set in the environment of the server, and wins."})
		}
	}
	if t := now.Token; t.ID != 0 {
		v.Saved, v.Remove = true, providerPath+"/remove"
		saved := "Token"
		if now.Origin == provider.Environment {
			saved = "Saved, not in use"
		}
		add(saved, "ends in …"+cmp.Or(t.LastFour, "?"), true)
		add("Saved", whenTime(t.SavedAt).Text+" by "+t.SavedBy, false)
	}
	add("Address", now.BaseURL, true)
	if now.Ready() {
		v.Test = templates.PostButton{Action: providerPath + "/test", CSRF: v.CSRF, Label: "Test connection", Icon: "refresh-cw",
			Attrs: map[string]any{"hx-post": providerPath + "/test", "hx-target": "#provider", "hx-swap": "outerHTML", "hx-disabled-elt": "this"}}
	}
	if now.Report != nil {
		v.Tested, v.TestFailed = whenTime(now.TestedAt), now.Report.Problem
		if now.Report.Account != nil {
			v.Account = accountFacts(*now.Report.Account)
			v.Notes = append(v.Notes, accountNotes(*now.Report.Account, s.today())...)
		}
	}
}

// accountFacts is what a provider says of a token; what it does not say is left out.
func accountFacts(a backlinks.Account) (facts []templates.Fact) {
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, templates.Fact{Label: label, Value: value})
		}
	}
	add("Plan", a.Plan)
	add("Units used", ofLimit(a.UnitsUsed, a.UnitsLimit))
	if a.UnitsLimit >= 0 && a.UnitsUsed >= 0 {
		add("Units left", grouped(int(max(a.UnitsLimit-a.UnitsUsed, 0))))
	}
	add("Units used by this token", ofLimit(a.KeyUnitsUsed, a.KeyUnitsLimit))
	if a.ResetOn.Known() {
		add("Resets", longDay(a.ResetOn).Text)
	}
	if a.KeyExpiresOn.Known() {
		add("Token expires", longDay(a.KeyExpiresOn).Text)
	}
	return facts
}

func ofLimit(used, limit int64) string {
	switch {
	case used < 0:
		return ""
	case limit < 0:
		return grouped(int(used))
	}
	return grouped(int(used)) + " of " + grouped(int(limit))
}

// expirySoon is from how many days on an expiry is worth a warning.
const expirySoon = 30

func accountNotes(a backlinks.Account, today day.Day) (notes []templates.Note) {
	if on := a.KeyExpiresOn; on.Known() && on-today <= expirySoon {
		notes = append(notes, templates.Note{Kind: "warn", Title: "The token expires on " + longDay(on).Text + ".", Text: "Make a new one at the provider and enter it here before."})
	}
	if a.UnitsLimit > 0 && a.UnitsUsed*10 >= a.UnitsLimit*9 {
		notes = append(notes, templates.Note{Kind: "warn", Title: "The account’s units are nearly used up.", Text: ofLimit(a.UnitsUsed, a.UnitsLimit) + " are spent. Syncs wait when none are left."})
	}
	return notes
}

// saveToken tests what was typed and keeps it sealed. It is never sent back.
func (s *Server) saveToken(w http.ResponseWriter, r *http.Request) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	_, err = d.Save(r.Context(), s.by(r), formVersion(r), r.PostFormValue("token"), r.PostFormValue("untested") != "")
	if errs := fault.FieldsOf(err); errs["token"] != "" {
		return s.providerPage(w, r, http.StatusUnprocessableEntity, templates.Provider{Errors: errs, Untested: true})
	}
	return s.providerChanged(w, r, err, "Token saved", "Enter the token again if it is still needed.")
}

func formVersion(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return -1 // no version: a conflict
	}
	return n
}

// providerChanged answers a change of the settings: a conflict with the page as it
// is now, else a redirect, or for HTMX the page's new content.
func (s *Server) providerChanged(w http.ResponseWriter, r *http.Request, err error, done, again string) error {
	if fault.Is(err, fault.Conflict) && s.Provider != nil {
		now, more := s.Provider.State(r.Context())
		if more != nil {
			return more
		}
		text := "Somebody changed these settings meanwhile. "
		if now.ChangedBy != "" {
			text = now.ChangedBy + " changed these settings on " + whenTime(now.ChangedAt).Text + ", after you opened this page. "
		}
		return s.providerPage(w, r, http.StatusConflict, templates.Provider{ErrorText: text + "Below is what is stored now. " + again})
	}
	if err != nil {
		return err
	}
	if isHTMX(r) {
		s.triggerToast(w, templates.Toast{Text: done})
		return s.showProvider(w, r)
	}
	s.flash(r, templates.Toast{Text: done})
	return s.redirect(w, r, providerPath)
}

// testProvider asks the provider about the token in use. What it says stays on
// the page until the next test.
func (s *Server) testProvider(w http.ResponseWriter, r *http.Request) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	report, err := d.Test(r.Context(), s.by(r))
	if err != nil {
		return err
	}
	t := templates.Toast{Text: "The connection works"}
	if report.Problem != "" {
		t = templates.Toast{Text: "The test failed", Bad: true}
	}
	if isHTMX(r) {
		s.triggerToast(w, t)
		return s.showProvider(w, r)
	}
	s.flash(r, t)
	return s.redirect(w, r, providerPath)
}

func (s *Server) chooseEndpoints(w http.ResponseWriter, r *http.Request) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	chosen := r.PostFormValue("endpoints")
	err = d.Choose(r.Context(), s.by(r), formVersion(r), chosen)
	if errs := fault.FieldsOf(err); errs["endpoints"] != "" {
		return s.providerPage(w, r, http.StatusUnprocessableEntity, templates.Provider{Errors: errs})
	}
	return s.providerChanged(w, r, err, "Endpoints saved", "Choose again if it is not right.")
}

// askRemoveToken is the question before the token goes.
func (s *Server) askRemoveToken(w http.ResponseWriter, r *http.Request) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	now, err := d.State(r.Context())
	if err != nil {
		return err
	}
	if now.Token.ID == 0 {
		return s.redirect(w, r, providerPath)
	}
	v := templates.ProviderRemove{CSRF: s.csrfToken(w, r), Version: strconv.FormatInt(now.Version, 10), Name: providerName(now.Name), End: now.Token.LastFour,
		Stays: now.Origin == provider.Environment}
	return s.show(w, r, Page{Title: "Remove the token", Nav: "settings", Narrow: true, Body: templates.ProviderRemovePage(v)})
}

func (s *Server) removeToken(w http.ResponseWriter, r *http.Request) error {
	d, err := s.desk()
	if err != nil {
		return err
	}
	err = d.Remove(r.Context(), s.by(r), formVersion(r))
	return s.providerChanged(w, r, err, "Token removed", "The token was not removed.")
}
