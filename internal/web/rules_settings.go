package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"landed/internal/attribution"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

func (s *Server) showMatching(w http.ResponseWriter, r *http.Request) error {
	return s.matchingPage(w, r, http.StatusOK, s.Store.Rules(), nil, nil)
}

// matchingPage shows rules as they are, or as they were typed with what is wrong.
func (s *Server) matchingPage(w http.ResponseWriter, r *http.Request, status int, rules attribution.Rules, typed map[string]string, problem error) error {
	history, err := s.changeHistory(r, 0)
	if err != nil {
		return err
	}
	v := templates.Matching{CSRF: s.csrfToken(w, r), Version: fmt.Sprintf("version %d", s.Store.Rules().Version), History: history}
	errs := fault.FieldsOf(problem)
	if problem != nil && len(errs) == 0 {
		v.Problem = fault.Message(problem)
	}
	for _, n := range rules.Settings() {
		f := templates.Field{ID: "m-" + strings.ReplaceAll(n.Name, ".", "-"), Name: n.Name, Label: n.Label, Value: strconv.Itoa(*n.Value), InputMode: "numeric", Autocomplete: "off", Err: errs[n.Name],
			Help: fmt.Sprintf("%d to %d %s", n.Min, n.Max, n.Unit)}
		if t, ok := typed[n.Name]; ok {
			f.Value = t
		}
		if f.Err != "" {
			v.Errors = append(v.Errors, templates.FieldMessage{ID: f.ID, Label: f.Label, Text: f.Err})
		}
		if strings.HasPrefix(n.Name, "weights.") {
			v.Points = append(v.Points, f)
		} else {
			v.Bands = append(v.Bands, f)
		}
	}
	return s.show(w, r, Page{Title: "Matching", Nav: "settings", Status: status, Body: templates.MatchingPage(v)})
}

// changeMatching records other thresholds and points and shows what they would do.
func (s *Server) changeMatching(w http.ResponseWriter, r *http.Request) error {
	rules, typed, errs := s.Store.Rules(), map[string]string{}, map[string]string{}
	switch {
	case r.PostFormValue("defaults") != "":
		rules = attribution.DefaultRules(rules.Today)
	case r.PostFormValue("careful_all") != "":
		rules = attribution.CarefulRules(rules.Today)
	default:
		for _, n := range rules.Settings() {
			text := strings.TrimSpace(r.PostFormValue(n.Name))
			if text == "" {
				continue // not in the form that was sent
			}
			typed[n.Name] = cut(text, 20)
			value, err := strconv.Atoi(strings.Replace(text, "−", "-", 1))
			if err != nil {
				errs[n.Name] = "Enter a whole number."
				continue
			}
			*n.Value = value
		}
	}
	if len(errs) > 0 {
		return s.matchingPage(w, r, http.StatusUnprocessableEntity, rules, typed, &fault.Error{Kind: fault.Invalid, Fields: errs})
	}
	c, err := s.Store.ProposeRules(r.Context(), s.by(r), rules)
	if invalid(err) {
		return s.matchingPage(w, r, http.StatusUnprocessableEntity, rules, typed, err)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}

func (s *Server) showPlatforms(w http.ResponseWriter, r *http.Request) error {
	row, edits := weburl.PlatformRow{Subdomains: "author"}, false
	if host := r.URL.Query().Get("host"); host != "" {
		table, err := s.Store.PlatformTable(r.Context())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(table, func(e store.PlatformEntry) bool { return e.Host == host })
		if i < 0 {
			return fault.New(fault.NotFound, "There is no platform %s.", cut(host, 100))
		}
		row, edits = table[i].PlatformRow, true
	}
	return s.platformsPage(w, r, http.StatusOK, row, edits, nil)
}

var subdomainKinds = []templates.Option{{Value: "author", Label: "Each is an author"}, {Value: "front", Label: "The platform itself"}, {Value: "own", Label: "Each stands for itself"}}

func (s *Server) platformsPage(w http.ResponseWriter, r *http.Request, status int, row weburl.PlatformRow, edits bool, problem error) error {
	table, err := s.Store.PlatformTable(r.Context())
	if err != nil {
		return err
	}
	v := templates.Platforms{CSRF: s.csrfToken(w, r), Lead: counted(len(table), "host", "hosts")}
	for _, e := range table {
		v.Rows = append(v.Rows, templates.PlatformRow{Host: e.Host, Kind: labelIn(subdomainKinds, cmp.Or(e.Subdomains, "own")), Folders: strings.Join(e.Paths, " "), SameAs: e.SameAs,
			Edit: listAddress("/settings/platforms", nil, "host", e.Host), Own: e.Own, Removed: e.Removed, CanRestore: e.Shipped && (e.Own || e.Removed)})
	}
	errs := fault.FieldsOf(problem)
	f := &v.Form
	f.Title, f.Edits = "Add a platform", edits
	if edits {
		f.Title = "Change " + row.Host
	}
	if problem != nil && len(errs) == 0 {
		f.Problem = fault.Message(problem)
	}
	f.Host = templates.Field{ID: "p-host", Name: "host", Label: "Host", Value: row.Host, Err: errs["host"], Required: true, Mono: true, Help: "example.com, or example.* for every country's ending"}
	f.Subdomains = templates.Field{ID: "p-sub", Name: "subdomains", Label: "Subdomains", Value: cmp.Or(row.Subdomains, "own"), Options: subdomainKinds, Err: errs["subdomains"]}
	f.Paths = templates.Field{ID: "p-paths", Name: "paths", Label: "Author folders", Value: strings.Join(row.Paths, " "), Err: errs["paths"], Optional: "optional", Mono: true, Help: "Patterns separated by spaces, such as /@* or /in/*"}
	f.Same = templates.Field{ID: "p-same", Name: "same_as", Label: "Same authors as", Value: row.SameAs, Err: errs["same_as"], Optional: "optional", Mono: true, Help: "Another host of this table that has the same people in the same folders"}
	f.Reserve = templates.Field{ID: "p-res", Name: "reserved", Label: "Names that are no author's", Value: strings.Join(row.Reserved, " "), Optional: "optional", Mono: true}
	f.Fronts = templates.Field{ID: "p-fr", Name: "fronts", Label: "Subdomains that are the platform itself", Value: strings.Join(row.Fronts, " "), Optional: "optional", Mono: true}
	for _, x := range []templates.Field{f.Host, f.Subdomains, f.Paths, f.Same} {
		if x.Err != "" {
			f.Errors = append(f.Errors, templates.FieldMessage{ID: x.ID, Label: x.Label, Text: x.Err})
		}
	}
	return s.show(w, r, Page{Title: "Platforms", Nav: "settings", Status: status, Body: templates.PlatformsPage(v)})
}

// changePlatform records a change of one row and shows what it would do.
func (s *Server) changePlatform(w http.ResponseWriter, r *http.Request) error {
	row := weburl.PlatformRow{Host: cut(r.PostFormValue("host"), 300), SameAs: strings.TrimSpace(cut(r.PostFormValue("same_as"), 300)), Subdomains: r.PostFormValue("subdomains"),
		Paths: words(r, "paths"), Reserved: words(r, "reserved"), Fronts: words(r, "fronts")}
	c, err := s.Store.ProposePlatform(r.Context(), s.by(r), row, store.PlatformEdit(r.PostFormValue("do")))
	if invalid(err) {
		return s.platformsPage(w, r, http.StatusUnprocessableEntity, row, false, err)
	}
	if err != nil {
		return err
	}
	return s.proposed(w, r, c)
}

func words(r *http.Request, name string) []string {
	return strings.Fields(strings.ReplaceAll(cut(r.PostFormValue(name), 4000), ",", " "))
}
