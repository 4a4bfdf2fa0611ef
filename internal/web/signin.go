package web

import (
	"net/http"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

// goHome leads each role to where its first question of the day is answered.
func (s *Server) goHome(w http.ResponseWriter, r *http.Request) error {
	u := s.currentUser(r)
	if _, sites, err := s.currentSite(w, r); err != nil {
		return err
	} else if len(sites) == 0 && u.Role.AtLeast(auth.Admin) {
		return s.redirect(w, r, "/setup/site")
	}
	if u.Role == auth.Staff {
		return s.redirect(w, r, "/pitches")
	}
	return s.redirect(w, r, "/dashboard")
}

// showMenu is the navigation as a page, for phones.
func (s *Server) showMenu(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(w, r, Page{Title: "Menu", Nav: "menu"})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, templates.Page(shell), templates.MenuPage(shell.Nav, shell.Foot))
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) error {
	if s.currentUser(r) != nil {
		return s.redirect(w, r, auth.SafeNext(r.URL.Query().Get("next")))
	}
	return s.signInPage(w, r, http.StatusOK, templates.SignIn{Next: auth.SafeNext(r.URL.Query().Get("next"))})
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, status int, v templates.SignIn) error {
	v.CSRF, v.Host, v.NotSetUp = s.csrfToken(w, r), s.Config.BaseURL.Host, !s.isInstalled(r)
	if isHTMX(r) {
		return s.part(w, r, status, templates.SignInForm(v))
	}
	bare := templates.Bare{Title: "Sign in", Theme: theme(r), CSRF: v.CSRF}
	return s.write(w, r, status, templates.AuthPage(bare), templates.SignInForm(v))
}

// createSession signs in. An unknown address, a wrong password, a closed
// account and one without a password get the same answer after the same work.
func (s *Server) createSession(w http.ResponseWriter, r *http.Request) error {
	typed, password := r.PostFormValue("email"), r.PostFormValue("password")
	v := templates.SignIn{Next: auth.SafeNext(r.PostFormValue("next")), Email: cut(typed, 254)}
	email := strings.ToLower(strings.TrimSpace(typed))
	device := s.device(r, email)
	if wait := s.throttle.Try(email, device); wait > 0 {
		err := tooMany(w, wait)
		v.Wait = fault.Message(err)
		return s.signInPage(w, r, http.StatusTooManyRequests, v)
	}
	a, ok, err := s.authenticate(r, email, password)
	if err != nil {
		return err
	}
	if !ok {
		v.Wrong = true
		return s.signInPage(w, r, http.StatusUnprocessableEntity, v)
	}
	s.throttle.Succeeded(email, device)
	if err := s.signIn(r, a); err != nil {
		return err
	}
	if err := s.Store.Sweep(r.Context()); err != nil {
		s.Log.Warn("expired sessions not removed", "err", err)
	}
	if err := s.Store.Audit(r.Context(), s.by(r), "signin", a.Email, ""); err != nil {
		return err
	}
	s.rememberDevice(w, email)
	return s.redirect(w, r, v.Next)
}

func (s *Server) authenticate(r *http.Request, email, password string) (store.Account, bool, error) {
	ctx := r.Context()
	if len(password) > auth.MaxPassword {
		return store.Account{}, false, nil // cannot be anyone's: the same for every address
	}
	a, err := s.Store.AccountByEmail(ctx, cut(email, 254))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return a, false, err
	}
	hash, subject := a.PasswordHash, a.Email
	if a.ID == 0 {
		subject = "unknown address" // what was typed may be a password
	}
	if a.Disabled {
		hash = ""
	}
	ok, again, err := s.Hasher.Verify(ctx, password, hash)
	if err != nil {
		return a, false, err
	}
	if !ok {
		return a, false, s.Store.Audit(ctx, s.by(r), "signin_failed", subject, "")
	}
	if again {
		if stronger, err := s.Hasher.Hash(ctx, password); err != nil {
			return a, false, err
		} else if err := s.Store.Rehash(ctx, a.ID, hash, stronger); err != nil {
			return a, false, err
		}
	}
	return a, true, nil
}

// endSession signs out: on the server, in the browser, and in its cache.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	if u := s.currentUser(r); u != nil {
		if err := s.Store.Audit(r.Context(), s.by(r), "signout", u.Email, ""); err != nil {
			return err
		}
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	s.setSecret(w, s.cookies.form, "", -1e9) // forms that are still open end too
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return s.redirect(w, r, "/signin")
}
