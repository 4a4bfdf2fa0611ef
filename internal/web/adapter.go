package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/templates"
)

// status is an error that is only a status, such as 404 for an unknown path.
type status int

func (c status) Error() string { return http.StatusText(int(c)) }

var statusOf = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Forbidden:    http.StatusForbidden,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.TooLarge:     http.StatusRequestEntityTooLarge,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// adapt turns a handler that returns an error into one that answers it.
func (s *Server) adapt(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

func codeOf(err error) int {
	if c, ok := errors.AsType[status](err); ok {
		return int(c)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	return statusOf[fault.KindOf(err)]
}

// fail answers an error: a page, or for HTMX a note and a toast. What is not
// meant for people goes to the log alone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r.Context())
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the browser went away: nobody left to answer
	}
	code := codeOf(err)
	if code >= 500 {
		s.Log.Error("failed", "id", v.id, "method", r.Method, "route", pattern(r), "status", code, "err", err)
	}
	if code == http.StatusUnauthorized {
		s.failSignedOut(w, r)
		return
	}
	e := errorView(err, code, v.id)
	if code == http.StatusRequestEntityTooLarge && v.limit > formRest {
		e.Title = "The file is too large"
		e.Lead = fmt.Sprintf("Files up to %d MB are taken here. Leave out rows or columns that are not needed, or split the file. The command line has no limit.", s.maxUpload()>>20)
	}
	if isHTMX(r) {
		s.triggerToast(w, templates.Toast{Text: e.Title + ". " + e.Lead, Bad: true})
		note := templates.Note{Kind: "bad", Title: e.Title, Text: e.Lead, Alert: true}
		s.last(w, r, s.part(w, r, code, templates.NoteBox(note)))
		return
	}
	s.last(w, r, s.show(w, r, Page{Title: e.Title, Status: code, Body: templates.ErrorBody(e)}))
}

// last is for errors while an error is answered.
func (s *Server) last(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.Log.Error("error page failed", "id", visitOf(r.Context()).id, "err", err)
		http.Error(w, "Landed could not finish that. "+visitOf(r.Context()).id, http.StatusInternalServerError)
	}
}

// errorView chooses the words. A fault's own message says more than the status.
func errorView(err error, code int, id string) templates.Error {
	e := templates.ErrorFor(code, id)
	switch code {
	case http.StatusRequestEntityTooLarge:
		e.Title, e.Lead = "That is too large", "The server takes no more than a form needs. Files have a limit of their own, shown where they are uploaded."
	case http.StatusMethodNotAllowed:
		e.Title, e.Lead = "That does not work here", "The address exists, but not for this kind of request."
	case http.StatusUnprocessableEntity:
		e.Title = "Something in the form is not right"
	case http.StatusConflict:
		e.Title = "That does not fit what is there now"
	}
	if _, ok := errors.AsType[errForm](err); ok {
		e.Title = "The form was not accepted"
	}
	if fe, ok := errors.AsType[*fault.Error](err); ok && fe.Kind != fault.Internal && fe.Message != "" && code != http.StatusRequestEntityTooLarge {
		e.Lead = fe.Message
		if code == http.StatusNotFound {
			e.Title, e.Search = "This is not here", false
		}
	}
	return e
}

// failSignedOut answers who is not signed in. A page leads to the sign-in and
// back. What was typed into a form is not given up: HTMX leaves the form as it
// is, and a plain form is sent again by reloading after signing in elsewhere.
// Neither puts a sign-in form where a part of the page belongs.
func (s *Server) failSignedOut(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r.Context())
	switch {
	case isHTMX(r) && v.safe:
		here, _ := url.Parse(r.Header.Get("HX-Current-URL"))
		next := "/"
		if here != nil {
			next = auth.SafeNext((&url.URL{Path: here.Path, RawPath: here.RawPath, RawQuery: here.RawQuery}).String())
		}
		w.Header().Set("HX-Redirect", signInPath(next))
		w.WriteHeader(http.StatusUnauthorized)
	case isHTMX(r):
		s.triggerToast(w, templates.Toast{Bad: true, Text: "You are signed out. Sign in in a new tab, then save again: what you typed is still here."})
		w.WriteHeader(http.StatusUnauthorized)
	case v.safe:
		http.Redirect(w, r, signInPath(auth.SafeNext(r.URL.RequestURI())), http.StatusSeeOther)
	default:
		s.last(w, r, s.show(w, r, Page{Title: "Signed out", Status: http.StatusUnauthorized, Body: templates.SignedOut("/signin")}))
	}
}

func signInPath(next string) string {
	if next == "/" || strings.HasPrefix(next, "/signin") {
		return "/signin"
	}
	return "/signin?" + url.Values{"next": {next}}.Encode()
}
