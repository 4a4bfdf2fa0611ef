package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

// How long links work that let somebody in without a password.
const (
	setupFor  = 30 * time.Minute
	inviteFor = 24 * time.Hour
)

// openSetup issues the set-up token if there was never an admin.
func (s *Server) openSetup(ctx context.Context) error {
	installed, err := s.Store.Installed(ctx)
	if err != nil {
		return err
	}
	s.installed.Store(installed)
	if installed {
		return nil
	}
	token := auth.NewToken()
	if err := s.Store.IssueSetup(ctx, auth.HashToken(token), s.Now().Add(setupFor)); err != nil {
		return err
	}
	s.setupURL = s.link("/setup?" + url.Values{"token": {token}}.Encode())
	return nil
}

// SetupURL is the link that makes the first admin, to be printed on the
// server's own terminal. It works once, for 30 minutes; "" when an admin has
// ever been made. Starting again makes another.
func (s *Server) SetupURL() string { return s.setupURL }

// link is an absolute address, always below the configured base URL.
func (s *Server) link(path string) string {
	return strings.TrimSuffix(s.Config.BaseURL.Scheme+"://"+s.Config.BaseURL.Host, "/") + path
}

func (s *Server) isInstalled(r *http.Request) bool {
	if s.installed.Load() {
		return true
	}
	ok, err := s.Store.Installed(r.Context()) // the command line may have made an admin
	if err == nil && ok {
		s.installed.Store(true)
	}
	return ok
}

func setupGone() error {
	return fault.New(fault.NotFound, "Landed is set up already. Sign in instead.")
}

func (s *Server) showSetup(w http.ResponseWriter, r *http.Request) error {
	if s.isInstalled(r) {
		return setupGone()
	}
	v := templates.Setup{Key: r.URL.Query().Get("token")}
	if v.Key != "" && !s.setupKeyWorks(r, v.Key) {
		v.Key, v.Errors = "", map[string]string{"key": "This link has been used or is older than 30 minutes. Start the server again for a new one."}
	}
	return s.setupPage(w, r, http.StatusOK, v)
}

func (s *Server) setupKeyWorks(r *http.Request, key string) bool {
	o, err := s.Store.OneOff(r.Context(), auth.HashToken(key))
	return err == nil && o.Purpose == store.ForSetup
}

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request, status int, v templates.Setup) error {
	s.hideAddress(w)
	v.CSRF = s.csrfToken(w, r)
	bare := templates.Bare{Title: "Set up", Theme: theme(r), CSRF: v.CSRF}
	return s.write(w, r, status, templates.PlainPage(bare), templates.SetupForm(v))
}

// hideAddress keeps an address that holds a secret out of the Referer header.
// Under no-referrer browsers send "Origin: null" with a form, which only their
// Sec-Fetch-Site header makes good; on plain http they send none, so there the
// policy stays same-origin, which tells other sites as little.
func (s *Server) hideAddress(w http.ResponseWriter) {
	if !s.Config.InsecureCookies {
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
}

// createFirstAdmin makes the first account. Of any number of posts with the
// right key one succeeds: the store decides in one transaction.
func (s *Server) createFirstAdmin(w http.ResponseWriter, r *http.Request) error {
	if s.isInstalled(r) {
		return setupGone()
	}
	key := strings.TrimSpace(r.PostFormValue("key"))
	v := templates.Setup{Name: cut(r.PostFormValue("name"), 400), Email: cut(r.PostFormValue("email"), 254), Errors: map[string]string{}}
	if !s.setupKeyWorks(r, key) {
		v.Errors["key"] = "That is not the key of this server, or it is older than 30 minutes. Start the server again for a new one."
		return s.setupPage(w, r, http.StatusUnprocessableEntity, v)
	}
	v.Key = key
	n := store.NewAccount{Role: auth.Admin}
	var err error
	n.Name, err = auth.CleanName(r.PostFormValue("name"))
	gather(v.Errors, err)
	n.Email, err = auth.CleanEmail(r.PostFormValue("email"))
	gather(v.Errors, err)
	password := r.PostFormValue("password")
	gather(v.Errors, auth.CheckPassword(password, s.ownWords(n.Name, n.Email)...))
	if len(v.Errors) > 0 {
		return s.setupPage(w, r, http.StatusUnprocessableEntity, v)
	}
	if n.PasswordHash, err = s.Hasher.Hash(r.Context(), password); err != nil {
		return err
	}
	a, err := s.Store.CreateFirstAdmin(r.Context(), s.by(r), n, auth.HashToken(key))
	if err != nil {
		return err
	}
	s.installed.Store(true)
	if err := s.signIn(r, a); err != nil {
		return err
	}
	s.rememberDevice(w, a.Email)
	return s.redirect(w, r, "/setup/site")
}

// ownWords are too easy to guess in a password of this person here.
func (s *Server) ownWords(name, email string) []string {
	return []string{name, email, s.Config.BaseURL.Hostname()}
}

// gather puts the field messages of err into errs. It is for checks that give
// field faults only.
func gather(errs map[string]string, err error) {
	for field, message := range fault.FieldsOf(err) {
		errs[field] = message
	}
}

func (s *Server) showSetupSite(w http.ResponseWriter, r *http.Request) error {
	return s.setupSitePage(w, r, http.StatusOK, templates.SetupSite{})
}

func (s *Server) setupSitePage(w http.ResponseWriter, r *http.Request, status int, v templates.SetupSite) error {
	v.CSRF = s.csrfToken(w, r)
	return s.showBare(w, r, Page{Title: "Set up: your site", Status: status, Body: templates.SetupSiteForm(v)})
}

func (s *Server) createFirstSite(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("host")
	site, err := s.Store.CreateSite(r.Context(), typed)
	if message := fault.FieldsOf(err)["host"]; message != "" {
		return s.setupSitePage(w, r, http.StatusUnprocessableEntity, templates.SetupSite{Host: cut(typed, 2000), Error: message})
	}
	if err != nil {
		return err
	}
	if err := s.Store.Audit(r.Context(), s.by(r), "site_created", site.Host, ""); err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: site.Host + " added"})
	return s.redirect(w, r, "/")
}
