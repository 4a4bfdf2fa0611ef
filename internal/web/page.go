package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"

	"github.com/a-h/templ"
)

// Page is one answer with HTML in it.
type Page struct {
	Title  string
	Nav    string          // ID of the navigation item the page belongs to
	Body   templ.Component // the content of <main>, from templates.Head on
	Part   templ.Component // what HTMX swaps; nil sends Body
	Status int             // 0 means 200; 422 with the form and its errors
	Narrow bool            // forms and settings
	SSE    bool            // the page listens to a job
	// Refresh reloads the page without script after so many seconds; 0 never.
	Refresh int
	Search  string // what was searched for, printed in the box on top
}

// show answers a whole page, or for HTMX its part. It renders into memory
// first: an error on the way still becomes an error page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, p Page) error {
	if p.Status == 0 {
		p.Status = http.StatusOK
	}
	if isHTMX(r) {
		if p.Part == nil {
			p.Part = p.Body
		}
		return s.part(w, r, p.Status, p.Part)
	}
	if s.currentUser(r) == nil {
		return s.showBare(w, r, p)
	}
	shell, err := s.shell(w, r, p)
	if err != nil && p.Status < 500 {
		return err
	} else if err != nil { // the frame itself fails: show the error without it
		return s.showBare(w, r, p)
	}
	return s.write(w, r, p.Status, templates.Page(shell), p.Body)
}

// showBare answers with the plain frame of pages before the sign-in.
func (s *Server) showBare(w http.ResponseWriter, r *http.Request, p Page) error {
	bare := templates.Bare{Title: p.Title, Theme: theme(r), CSRF: s.csrfToken(w, r), Home: "/"}
	return s.write(w, r, max(p.Status, http.StatusOK), templates.PlainPage(bare), p.Body)
}

// part answers a fragment, whoever asks.
func (s *Server) part(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	return s.write(w, r, status, c, nil)
}

// pageBuffers are kept from page to page: growing a new one each time doubles
// what a page allocates.
var pageBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, c, children templ.Component) error {
	ctx := r.Context()
	if children != nil {
		ctx = templ.WithChildren(ctx, children)
	}
	page := pageBuffers.Get().(*bytes.Buffer)
	defer pageBuffers.Put(page)
	page.Reset()
	if err := c.Render(ctx, page); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len())) // else it goes out in chunks; compression takes it away
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the browser went away: nobody left to tell
	return nil
}

// isHTMX reports whether the answer is to be a fragment. Boosted links and
// pages that htmx restores from its history are whole pages.
func isHTMX(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") != "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// redirect ends a write: 303, or for HTMX a load of the whole page. Only paths
// on this site are given.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, path string) error {
	if isHTMX(r) {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// redirectBack goes to the path of the form's field "back" if it is one of
// ours, else to otherwise.
func (s *Server) redirectBack(w http.ResponseWriter, r *http.Request, otherwise string) error {
	if back := auth.SafeNext(r.PostFormValue("back")); back != "/" {
		return s.redirect(w, r, back)
	}
	return s.redirect(w, r, otherwise)
}

// shell is the frame of a page for who is signed in.
func (s *Server) shell(w http.ResponseWriter, r *http.Request, p Page) (templates.Shell, error) {
	u := s.currentUser(r)
	shell := templates.Shell{
		Title: p.Title, Theme: theme(r), KeysOff: cookie(r, "keys") == "off", CSRF: s.csrfToken(w, r),
		Narrow: p.Narrow, SSE: p.SSE, Refresh: p.Refresh, Search: p.Search,
		User:  templates.User{Name: u.Name, Role: u.Role.Label(), Initials: initials(u.Name)},
		Flash: s.takeFlash(r),
	}
	if s.Config.InsecureCookies && u.Role.AtLeast(auth.Admin) {
		shell.Warning = templates.Note{Kind: "warn", Title: "Sign-ins can be stolen on the way.",
			Text: "This server sends its cookies over plain http (--insecure-cookies). Put it behind https and give it its address with --base-url."}
	}
	site, sites, err := s.currentSite(w, r)
	if err != nil {
		return shell, err
	}
	var counts map[string]int
	if s.Counts != nil {
		if counts, err = s.Counts(r.Context(), site.ID); err != nil {
			return shell, err
		}
	}
	if s.Sync != nil && site.ID != 0 {
		if shell.Sync, err = s.Sync(r.Context(), site.ID); err != nil {
			return shell, err
		}
		if path, _, _ := strings.Cut(shell.Sync.Href, "?"); !u.Role.AtLeast(s.access[path]) {
			shell.Sync.Href = "" // to be read, not to be opened
		}
	}
	if shell.Banner, err = s.rulesBanner(r); err != nil {
		return shell, err
	}
	shell.Site.Current = site.Host
	for _, x := range sites {
		shell.Site.Options = append(shell.Site.Options, templates.SiteOption{Name: x.Host, Href: fmt.Sprint("?site=", x.ID), Current: x.ID == site.ID})
	}
	s.navigation(&shell, u, p.Nav, counts)
	return shell, nil
}

// navigation fills in the items whose pages exist and are open to the role.
func (s *Server) navigation(shell *templates.Shell, u *store.Account, current string, counts map[string]int) {
	open := func(items []templates.NavItem) (kept []templates.NavItem) {
		for _, it := range items {
			path, _, _ := strings.Cut(it.Href, "?")
			if u.Role.AtLeast(s.access[path]) {
				kept = append(kept, it)
			}
		}
		return kept
	}
	groups, foot, tabs := templates.MainNav(current, counts)
	for _, g := range groups {
		if g.Items = open(g.Items); len(g.Items) > 0 {
			shell.Nav = append(shell.Nav, g)
		}
	}
	shell.Foot, shell.Tabs = open(foot), open(tabs)
	if u.Role.AtLeast(s.access["/pitches/new"]) {
		shell.NewPitch = "/pitches/new"
	}
}

// currentSite is the site whose data are shown: the one of ?site=, which a
// cookie remembers, else the first. The zero Site means there is none yet.
func (s *Server) currentSite(w http.ResponseWriter, r *http.Request) (store.Site, []store.Site, error) {
	sites, err := s.Store.Sites(r.Context())
	if err != nil || len(sites) == 0 {
		return store.Site{}, nil, err
	}
	asked := r.URL.Query().Get("site")
	for _, id := range []string{asked, cookie(r, "site")} {
		for _, x := range sites {
			if fmt.Sprint(x.ID) != id {
				continue
			}
			if id == asked && cookie(r, "site") != id {
				s.setPreference(w, "site", id)
			}
			return x, sites, nil
		}
	}
	return sites[0], sites, nil
}

// site is currentSite for handlers that need one: without any it is NotFound.
func (s *Server) site(w http.ResponseWriter, r *http.Request) (store.Site, error) {
	site, sites, err := s.currentSite(w, r)
	if err == nil && len(sites) == 0 {
		err = fault.New(fault.NotFound, "No site has been added yet. An admin adds the first one.")
	}
	return site, err
}

// triggerToast shows a toast with the fragment that is being answered, and
// fires further events in the page.
func (s *Server) triggerToast(w http.ResponseWriter, t templates.Toast, events ...string) {
	type detail struct {
		Text string `json:"text"`
		Bad  bool   `json:"bad,omitempty"`
		Undo string `json:"undo,omitempty"`
	}
	all := map[string]any{"landed:toast": detail{t.Text, t.Bad, t.Undo}}
	for _, e := range events {
		all[e] = ""
	}
	w.Header().Set("HX-Trigger", asciiJSON(all))
}

// asciiJSON escapes what is not ASCII: browsers read header values as Latin-1.
func asciiJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own plain structs
	}
	var out strings.Builder
	for _, c := range string(b) {
		switch {
		case c < unicode.MaxASCII:
			out.WriteRune(c)
		case c > 0xffff:
			hi, lo := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&out, `\u%04x`, c)
		}
	}
	return out.String()
}

// initials are the first letters of the first and last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}
