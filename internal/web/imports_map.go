package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/templates"
)

const previewRows = 5

// mapping is a pitch list with what its form shows.
type mapping struct {
	m        store.Import
	setup    intake.Setup
	site     store.Site
	list     intake.List
	owners   []store.Account
	remember bool
	errs     map[string]string // by the name of a field
}

func (s *Server) openMapping(r *http.Request) (mapping, error) {
	x := mapping{remember: true, errs: map[string]string{}}
	var err error
	if x.m, x.setup, x.site, err = s.openImport(r); err != nil || !editable(x.m) || x.m.Kind == intake.KindLinks {
		return x, err
	}
	f, err := intake.OpenUpload(s.dataDir(), x.m.Digest)
	if err != nil {
		return x, err
	}
	defer f.Close()
	if x.list, err = intake.ReadList(f, 0); err != nil {
		return x, err
	}
	x.owners, err = s.importOwners(r.Context())
	return x, err
}

// importOwners are the accounts that pitches may belong to, by name.
func (s *Server) importOwners(ctx context.Context) ([]store.Account, error) {
	all, err := s.Store.Accounts(ctx, s.Config.Idle)
	all = slices.DeleteFunc(all, func(a store.Account) bool { return a.Disabled })
	slices.SortStableFunc(all, func(a, b store.Account) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

func (s *Server) showImportMap(w http.ResponseWriter, r *http.Request) error {
	x, err := s.openMapping(r)
	if err != nil {
		return err
	}
	if !editable(x.m) {
		return s.redirect(w, r, importPath(x.m.ID))
	}
	if x.m.Kind == intake.KindLinks {
		return s.datesPage(w, r, http.StatusOK, x)
	}
	return s.mappingPage(w, r, http.StatusOK, x)
}

func (s *Server) mappingPage(w http.ResponseWriter, r *http.Request, code int, x mapping) error {
	o := x.setup.Options(x.m, day.Of(s.Now()))
	o.Mapping = withoutOpenDates(o.Mapping)
	first, err := intake.Preview(r.Context(), s.Store, x.site, x.list, o, previewRows)
	if err != nil {
		return err
	}
	campaigns, err := s.Store.Campaigns(r.Context(), x.site.ID)
	if err != nil {
		return err
	}
	v := mapView(x, campaigns)
	v.CSRF, v.Preview = s.csrfToken(w, r), previewView(first)
	return s.show(w, r, Page{Title: "Match your columns", Nav: "imports", Status: code, Body: templates.ImportMapPage(v), Part: templates.ImportMapForm(v)})
}

// withoutOpenDates leaves out the dates whose order is still to be said, so that
// the preview shows the rest of each row.
func withoutOpenDates(m pitches.Mapping) pitches.Mapping {
	m.Columns = slices.Clone(m.Columns)
	for _, c := range m.NeedsDateOrder() {
		m.SetField(c.Index, pitches.FieldIgnore)
	}
	return m
}

// saveImportMap takes the form. A change of a field, and the button "preview",
// only show it again; "check" goes on to the dry run. Either way the choices are
// kept with the upload, so that the next change is held against what was shown.
func (s *Server) saveImportMap(w http.ResponseWriter, r *http.Request) error {
	x, err := s.openMapping(r)
	if err != nil {
		return err
	}
	if !editable(x.m) {
		return fault.New(fault.Conflict, "This import is running or done already.")
	}
	if x.m.Kind == intake.KindLinks {
		return s.saveDates(w, r, x)
	}
	x.read(r)
	check := r.PostFormValue("go") == "check"
	if check {
		gather(x.errs, (&pitches.Planner{Mapping: x.setup.Mapping}).Ready())
	} else {
		clear(x.errs) // nobody has finished the form yet
	}
	x.setup.Ready = check && len(x.errs) == 0
	if err := s.saveSetup(r.Context(), x.m, x.setup); err != nil {
		return err
	}
	if !x.setup.Ready {
		code := http.StatusOK
		if len(x.errs) > 0 {
			code = http.StatusUnprocessableEntity
		}
		return s.mappingPage(w, r, code, x)
	}
	if x.remember {
		if err := s.Store.SaveMapping(r.Context(), intake.KindPitches, x.setup.Fingerprint, x.setup.Mapping); err != nil {
			return err
		}
	}
	return s.redirect(w, r, importPath(x.m.ID)+"/check")
}

func (s *Server) saveSetup(ctx context.Context, m store.Import, setup intake.Setup) error {
	text, err := setup.Text()
	if err != nil {
		return err
	}
	return s.Store.MoveImport(ctx, m.ID, intake.Uploaded, text, intake.Uploaded, intake.Failed)
}

// read takes over what the form says. Unknown values change nothing.
func (x *mapping) read(r *http.Request) {
	x.readColumns(r)
	m := &x.setup.Mapping
	for i := range 100 { // more than a form has; its words may be those of another column
		word, to := r.PostFormValue(fmt.Sprint("w", i)), pitches.Status(r.PostFormValue(fmt.Sprint("s", i)))
		if word == "" {
			break
		}
		if now, known := m.Status(word); (to.Valid() && now != to) || (to == "" && known) {
			m.SetStatus(word, to)
		}
	}
	switch p := r.PostFormValue("policy"); p {
	case "add":
		x.setup.Policy = pitches.Add
	case string(pitches.Replace), string(pitches.Keep):
		x.setup.Policy = pitches.Policy(p)
	}
	x.setup.Campaign = cut(strings.TrimSpace(r.PostFormValue("campaign")), 200)
	x.setup.OwnerID, x.setup.OwnerName = 0, ""
	for _, o := range x.owners {
		if strconv.FormatInt(o.ID, 10) == r.PostFormValue("owner") {
			x.setup.OwnerID, x.setup.OwnerName = o.ID, o.Name
		}
	}
	x.setup.Currency = strings.ToUpper(strings.TrimSpace(cut(r.PostFormValue("currency"), 10)))
	if c := x.setup.Currency; c != "" && (len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		x.setup.Currency = ""
		x.errs["currency"] = "Three letters, such as USD."
	}
	x.remember = r.PostFormValue("remember") != ""
}

// readColumns lets a column that was changed take its field from the one that
// has it. Two that were sent with the same field are a mistake.
func (x *mapping) readColumns(r *http.Request) {
	m := &x.setup.Mapping
	before := slices.Clone(m.Columns)
	taken := map[pitches.Field]bool{}
	for i, c := range before {
		if f := pitches.Field(r.PostFormValue(fmt.Sprint("c", c.Index))); f.Valid() && !c.Dropped() {
			if f != c.Field {
				m.SetField(c.Index, f)
			}
			if taken[f] && f != pitches.FieldExtra && f != pitches.FieldIgnore {
				x.errs[fmt.Sprint("c", c.Index)] = fmt.Sprintf("Two columns go to %s. Choose one of them.", f.Label())
			}
			taken[f] = true
		}
		order := pitches.DateOrder(r.PostFormValue(fmt.Sprint("d", c.Index)))
		if c.Ambiguous && (order == pitches.DayFirst || order == pitches.MonthFirst || before[i].Answered) {
			m.SetDateOrder(c.Index, order)
		}
	}
}

// datesPage asks in which order a backlink export has day and month.
func (s *Server) datesPage(w http.ResponseWriter, r *http.Request, code int, x mapping) error {
	if x.setup.Question == "" {
		return s.redirect(w, r, importPath(x.m.ID)+"/check")
	}
	v := templates.ImportDates{CSRF: s.csrfToken(w, r), Action: importPath(x.m.ID) + "/map", File: x.m.FileName, Question: x.setup.Question,
		Order: templates.Field{ID: "im-o", Name: "order", Label: "Order of the dates", Err: x.errs["order"], Required: true,
			Options: []templates.Option{{Label: "Choose"}, {Value: "day", Label: "Day first: 03/04/2026 is 3 April"}, {Value: "month", Label: "Month first: 03/04/2026 is 4 March"}}}}
	return s.show(w, r, Page{Title: "How are the dates written?", Nav: "imports", Status: code, Narrow: true, Body: templates.ImportDatesPage(v)})
}

func (s *Server) saveDates(w http.ResponseWriter, r *http.Request, x mapping) error {
	order := map[string]tabular.DateOrder{"day": tabular.DayFirst, "month": tabular.MonthFirst}[r.PostFormValue("order")]
	if order == tabular.AnyOrder {
		x.errs["order"] = "Choose one."
		return s.datesPage(w, r, http.StatusUnprocessableEntity, x)
	}
	f, err := intake.OpenUpload(s.dataDir(), x.m.Digest)
	if err != nil {
		return err
	}
	defer f.Close()
	setup, err := s.dryLinks(r.Context(), x.site, f, order)
	if err != nil {
		return err
	}
	setup.Question = x.setup.Question
	if err := s.saveSetup(r.Context(), x.m, setup); err != nil {
		return err
	}
	return s.redirect(w, r, importPath(x.m.ID)+"/check")
}
