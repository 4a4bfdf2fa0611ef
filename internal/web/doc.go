// Package web answers requests: one route table, one adapter for errors, pages
// from the templates package.
//
// # Adding a page
//
// Write handlers as methods of Server in a file named after the page, list them
// in a function there (pitchRoutes), and add that function to routes (routes.go):
//
//	{Method: get, Pattern: "/pitches/{id}", Role: auth.Staff, Handler: s.showPitch},
//	{Method: post, Pattern: "/import", Role: auth.Staff, Handler: s.createImport, Body: 10 << 20, Costly: true},
//
// Role is the least role that may come in; the server refuses to start without
// one, and a test walks the router. Before a handler runs, the role, the rate,
// the origin and the form token have been checked and the form has been parsed
// (r.PostFormValue, r.FormFile). Bodies are at most 64 kB unless Body says
// more. Stream is for server-sent events, which must not be compressed. Ids in
// paths and forms are still to be checked against what the caller may see.
//
// # A handler
//
//	func (s *Server) showPitch(w http.ResponseWriter, r *http.Request) error {
//		id, err := pathID(r, "id") // NotFound unless it is a positive number
//		if err != nil {
//			return err
//		}
//		p, err := s.Store.Pitch(r.Context(), id)
//		if err != nil {
//			return err // the adapter answers by the kind of the fault
//		}
//		v := pitchView(p)
//		v.CSRF = s.csrfToken(w, r)
//		return s.show(w, r, Page{Title: v.Title, Nav: "pitches", Body: templates.PitchPage(v), Part: templates.PitchDetail(v)})
//	}
//
// show answers the whole page, or to HTMX the Part (Body when there is none).
// part answers a fragment whoever asks. Everything is rendered into memory
// before the first byte goes out. currentUser gives who is signed in (never nil
// on a route with a role), by the same for the audit log, site the site whose
// data are shown, s.Now() the time.
//
// # Errors
//
// Return them. fault kinds become statuses: Invalid 422, NotFound 404, Conflict
// 409, Forbidden 403, Unauthorized 401, TooMany 429, TooLarge 413, Unavailable
// 503, anything else 500 with a request id and without the text. HTMX gets a
// note and a toast instead of a page. Wrap with what was being done; the text of
// internal errors goes to the log alone.
//
// # Forms
//
// Every form has @templates.CSRF(v.CSRF); HTMX sends the token by itself. A form
// with mistakes comes back with 422 and what was typed:
//
//	errs := map[string]string{}
//	name, err := auth.CleanName(r.PostFormValue("name"))
//	gather(errs, err) // the field messages of a fault
//	if len(errs) > 0 {
//		return s.show(w, r, Page{Title: "…", Status: http.StatusUnprocessableEntity, Body: templates.NameForm(v)})
//	}
//
// In the template, Field.Err is errs[name], and @FormErrors with messages(errs,
// fields...) is the summary on top.
//
// # After a write
//
// A plain form is redirected with 303, HTMX gets the changed fragment:
//
//	s.toast(w, r, templates.Toast{Text: "Status set to Landed", Undo: "/pitches/12/undo"})
//	if isHTMX(r) {
//		return s.part(w, r, http.StatusOK, templates.PitchRow(row))
//	}
//	return s.redirectBack(w, r, "/pitches")
//
// toast goes with the fragment for HTMX and over the redirect otherwise; Undo is
// an address that is posted to. When the answer to HTMX is a redirect as well
// (redirect sends HX-Redirect), use flash instead of toast. redirectBack honours
// the form's field "back", which the Undo button fills in.
//
// # What the frame does
//
// The navigation shows the items of templates.MainNav whose address is in the
// route table and open to the role. Deps.Counts and Deps.Sync fill in numbers
// and the last sync. Pages that are signed in are never cached. Tests start
// with newApp (kit_test.go): app.as(auth.Staff) is a browser that is signed in.
package web
