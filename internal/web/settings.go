package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/templates"
)

func (s *Server) showOwnSettings(w http.ResponseWriter, r *http.Request) error {
	return s.ownSettingsPage(w, r, http.StatusOK, templates.OwnSettings{Name: s.currentUser(r).Name})
}

func (s *Server) ownSettingsPage(w http.ResponseWriter, r *http.Request, status int, v templates.OwnSettings) error {
	u := s.currentUser(r)
	open, err := s.Store.Sessions(r.Context(), u.ID)
	if err != nil {
		return err
	}
	v.CSRF, v.Email, v.Role = s.csrfToken(w, r), u.Email, u.Role.Label()
	v.Theme, v.KeysOff, v.Admin = theme(r), cookie(r, "keys") == "off", u.Role.AtLeast(auth.Admin)
	for _, x := range open {
		v.Sessions = append(v.Sessions, templates.OpenSession{
			ID: sessionID(x.Token), Browser: browser(x.Agent), Address: x.Address,
			Since: whenTime(x.StartedAt), Seen: whenTime(x.ExpiresAt.Add(-s.Config.Idle)), Current: x.Token == visitOf(r.Context()).token,
		})
	}
	return s.show(w, r, Page{Title: "Settings", Nav: "settings", Status: status, Body: templates.OwnSettingsPage(v)})
}

// sessionID names a session in a form. The stored hash stays on the server.
func sessionID(token string) string {
	sum := sha256.Sum256([]byte("session " + token))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// browser is what a person can tell a session by.
func browser(agent string) string {
	name := "A browser"
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			name = b[1]
			break
		}
	}
	for _, o := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, o[0]) {
			return name + " on " + o[1]
		}
	}
	return name
}

func (s *Server) saveOwnName(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("name")
	name, err := auth.CleanName(typed)
	if err != nil {
		return s.ownSettingsPage(w, r, http.StatusUnprocessableEntity, templates.OwnSettings{Name: cut(typed, 400), Errors: fault.FieldsOf(err)})
	}
	if _, err := s.Store.SetName(r.Context(), s.by(r), s.currentUser(r).ID, name); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: "Name saved"})
	return s.redirect(w, r, "/settings")
}

// saveLook keeps the theme and the shortcuts in cookies: they belong to the
// screen one sits at, and the page has to know them before it is drawn.
func (s *Server) saveLook(w http.ResponseWriter, r *http.Request) error {
	chosen := r.PostFormValue("theme")
	if chosen != "light" && chosen != "dark" {
		chosen = "auto"
	}
	keys := "off"
	if r.PostFormValue("keys") != "" {
		keys = "on"
	}
	s.setPreference(w, "theme", chosen)
	s.setPreference(w, "keys", keys)
	s.flash(r, templates.Toast{Text: "Saved for this browser"})
	return s.redirect(w, r, "/settings")
}

// changePassword needs the current one, which is throttled like a sign-in. All
// other sessions end, and this one gets a new token.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	u := s.currentUser(r)
	if wait := s.throttle.Try(u.Email, s.device(r, u.Email)); wait > 0 {
		return tooMany(w, wait)
	}
	current, password := r.PostFormValue("current"), r.PostFormValue("password")
	errs := map[string]string{}
	ok := false
	if len(current) <= auth.MaxPassword {
		var err error
		if ok, _, err = s.Hasher.Verify(r.Context(), current, u.PasswordHash); err != nil {
			return err
		}
	}
	if !ok {
		errs["current"] = "That is not your current password."
	} else {
		s.throttle.Succeeded(u.Email, s.device(r, u.Email))
	}
	gather(errs, auth.CheckPassword(password, s.ownWords(u.Name, u.Email)...))
	if len(errs) > 0 {
		return s.ownSettingsPage(w, r, http.StatusUnprocessableEntity, templates.OwnSettings{Name: u.Name, Errors: errs})
	}
	phc, err := s.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	a, err := s.Store.SetPassword(r.Context(), s.by(r), u.ID, phc)
	if err != nil {
		return err
	}
	if err := s.signIn(r, a); err != nil {
		return err
	}
	s.rememberDevice(w, a.Email)
	s.flash(r, templates.Toast{Text: "Password changed. Other browsers are signed out"})
	return s.redirect(w, r, "/settings")
}

// endOwnSession ends one of the person's own sessions, never another's.
func (s *Server) endOwnSession(w http.ResponseWriter, r *http.Request) error {
	u := s.currentUser(r)
	open, err := s.Store.Sessions(r.Context(), u.ID)
	if err != nil {
		return err
	}
	for _, x := range open {
		if sessionID(x.Token) != r.PostFormValue("session") {
			continue
		}
		if err := s.Store.EndSession(r.Context(), s.by(r), u.ID, x.Token); err != nil {
			return err
		}
		s.flash(r, templates.Toast{Text: "Signed out there"})
		return s.redirect(w, r, "/settings")
	}
	return fault.New(fault.NotFound, "That session has ended already.")
}

// endOtherSessions ends all sessions and opens a new one for this browser.
func (s *Server) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Store.EndSessions(r.Context(), s.by(r), s.currentUser(r).ID)
	if err != nil {
		return err
	}
	if err := s.signIn(r, a); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: "Other browsers are signed out"})
	return s.redirect(w, r, "/settings")
}
