package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"

	"github.com/go-chi/chi/v5"
)

func roleOptions() (list []templates.Option) {
	for _, r := range auth.Roles {
		list = append(list, templates.Option{Value: r.String(), Label: r.Label()})
	}
	return list
}

func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) error {
	return s.usersPage(w, r, http.StatusOK, templates.Users{Invite: templates.Invite{Role: auth.Staff.String()}})
}

func (s *Server) usersPage(w http.ResponseWriter, r *http.Request, status int, v templates.Users) error {
	all, err := s.Store.Accounts(r.Context(), s.Config.Idle)
	if err != nil {
		return err
	}
	recent, err := s.Store.AuditLog(r.Context(), 0, 8)
	if err != nil {
		return err
	}
	v.CSRF, v.Roles = s.csrfToken(w, r), roleOptions()
	v.Invite.Roles = v.Roles
	for _, a := range all {
		v.Rows = append(v.Rows, s.userRow(r, a))
	}
	v.Recent = auditRows(recent)
	return s.show(w, r, Page{Title: "Settings: users", Nav: "settings", Status: status, Body: templates.UsersPage(v)})
}

func (s *Server) userRow(r *http.Request, a store.Account) templates.UserRow {
	row := templates.UserRow{ID: strconv.FormatInt(a.ID, 10), Name: a.Name, Email: a.Email, Initials: initials(a.Name), Role: a.Role.String(),
		Disabled: a.Disabled, Invited: a.PasswordHash == "", Self: a.ID == s.currentUser(r).ID}
	if !a.SeenAt.IsZero() {
		row.Seen = whenTime(a.SeenAt)
	}
	return row
}

func whenTime(t time.Time) templates.Time {
	t = t.UTC()
	return templates.Time{ISO: t.Format(time.RFC3339), Text: t.Format("2 Jan 2006, 15:04"), Title: t.Format("2 Jan 2006, 15:04:05") + " UTC"}
}

// inviteUser makes an account and shows the link that opens it, this once. The
// role comes from the list; no other field of the form is read.
func (s *Server) inviteUser(w http.ResponseWriter, r *http.Request) error {
	v := templates.Invite{Email: cut(r.PostFormValue("email"), 254), Name: cut(r.PostFormValue("name"), 400), Role: r.PostFormValue("role"), Errors: map[string]string{}}
	n := store.NewAccount{}
	var err error
	n.Email, err = auth.CleanEmail(v.Email)
	gather(v.Errors, err)
	n.Name, err = auth.CleanName(v.Name)
	gather(v.Errors, err)
	var ok bool
	if n.Role, ok = auth.ParseRole(v.Role); !ok {
		v.Errors["role"] = "Choose a role."
	}
	token := auth.NewToken()
	if len(v.Errors) == 0 {
		_, err = s.Store.Invite(r.Context(), s.by(r), n, auth.HashToken(token), s.Now().Add(inviteFor))
		if gather(v.Errors, err); err != nil && len(v.Errors) == 0 {
			return err
		}
	}
	if len(v.Errors) > 0 {
		return s.usersPage(w, r, http.StatusUnprocessableEntity, templates.Users{Invite: v})
	}
	return s.usersPage(w, r, http.StatusOK, templates.Users{LinkFor: n.Name, Link: s.link("/invite/" + token), Invite: templates.Invite{Role: auth.Staff.String()}})
}

// createPasswordLink makes a link that sets a new password, shown this once.
func (s *Server) createPasswordLink(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	token := auth.NewToken()
	a, err := s.Store.IssuePassword(r.Context(), s.by(r), id, auth.HashToken(token), s.Now().Add(inviteFor))
	if err != nil {
		return err
	}
	return s.usersPage(w, r, http.StatusOK, templates.Users{LinkFor: a.Name, Link: s.link("/invite/" + token), Invite: templates.Invite{Role: auth.Staff.String()}})
}

func (s *Server) setUserRole(w http.ResponseWriter, r *http.Request) error {
	role, ok := auth.ParseRole(r.PostFormValue("role"))
	if !ok {
		return fault.Field("role", "Choose one of the roles.")
	}
	return s.changeUser(w, r, func(id int64) (string, error) {
		a, err := s.Store.SetRole(r.Context(), s.by(r), id, role)
		return fmt.Sprintf("%s is %s now", a.Name, role.Label()), err
	})
}

func (s *Server) endUserSessions(w http.ResponseWriter, r *http.Request) error {
	return s.changeUser(w, r, func(id int64) (string, error) {
		a, err := s.Store.EndSessions(r.Context(), s.by(r), id)
		return a.Name + " is signed out everywhere", err
	})
}

func (s *Server) disableUser(w http.ResponseWriter, r *http.Request) error {
	return s.changeUser(w, r, func(id int64) (string, error) {
		a, err := s.Store.SetDisabled(r.Context(), s.by(r), id, true)
		return a.Name + " is deactivated", err
	})
}

func (s *Server) enableUser(w http.ResponseWriter, r *http.Request) error {
	return s.changeUser(w, r, func(id int64) (string, error) {
		a, err := s.Store.SetDisabled(r.Context(), s.by(r), id, false)
		return a.Name + " is active again", err
	})
}

// changeUser runs one change of an account and says what it did.
func (s *Server) changeUser(w http.ResponseWriter, r *http.Request, change func(id int64) (did string, err error)) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	did, err := change(id)
	if err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: did})
	return s.redirect(w, r, "/settings/users")
}

// pathID reads a number from the path; anything else is NotFound.
func pathID(r *http.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return id, nil
}

// invited finds the account of a one-off link. Wrong, used and expired links
// are the same.
func (s *Server) invited(w http.ResponseWriter, r *http.Request) (hash string, a store.Account, err error) {
	s.hideAddress(w)
	hash = auth.HashToken(chi.URLParam(r, "token"))
	o, err := s.Store.OneOff(r.Context(), hash)
	if err == nil && o.Purpose != store.ForPassword {
		err = fault.New(fault.NotFound, "This link has been used or is too old.")
	}
	if err != nil {
		return hash, a, err
	}
	a, err = s.Store.Account(r.Context(), o.AccountID)
	return hash, a, err
}

func (s *Server) showInvite(w http.ResponseWriter, r *http.Request) error {
	_, a, err := s.invited(w, r)
	if err != nil {
		return err
	}
	return s.invitePage(w, r, http.StatusOK, templates.Accept{Name: a.Name, Email: a.Email, New: a.PasswordHash == ""})
}

func (s *Server) invitePage(w http.ResponseWriter, r *http.Request, status int, v templates.Accept) error {
	v.Action = "/invite/" + chi.URLParam(r, "token")
	v.CSRF = s.csrfToken(w, r)
	return s.showBare(w, r, Page{Title: "Choose a password", Status: status, Body: templates.AcceptForm(v)})
}

// acceptInvite sets the password, uses the link up and signs in.
func (s *Server) acceptInvite(w http.ResponseWriter, r *http.Request) error {
	hash, a, err := s.invited(w, r)
	if err != nil {
		return err
	}
	v := templates.Accept{Name: a.Name, Email: a.Email, New: a.PasswordHash == "", Errors: map[string]string{}}
	name := a.Name
	if v.New {
		v.Name = cut(r.PostFormValue("name"), 400)
		name, err = auth.CleanName(v.Name)
		gather(v.Errors, err)
	}
	password := r.PostFormValue("password")
	gather(v.Errors, auth.CheckPassword(password, s.ownWords(name, a.Email)...))
	if len(v.Errors) > 0 {
		return s.invitePage(w, r, http.StatusUnprocessableEntity, v)
	}
	phc, err := s.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	if a, err = s.Store.RedeemPassword(r.Context(), s.by(r), hash, name, phc); err != nil {
		return err
	}
	s.throttle.Succeeded(a.Email, "")
	if err := s.signIn(r, a); err != nil {
		return err
	}
	s.rememberDevice(w, a.Email)
	return s.redirect(w, r, "/")
}
