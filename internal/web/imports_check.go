package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/templates"
)

const verdictPage = 20

// verdictView is one way to look at the rows of a dry run.
type verdictView struct {
	name, label string
	kinds       []pitches.Kind
	count       func(intake.PitchesResult) int
}

var verdictViews = []verdictView{
	{"", "To be saved", []pitches.Kind{pitches.RowNew, pitches.RowUpdate}, func(r intake.PitchesResult) int { return r.New + r.Updated }},
	{"new", "New", []pitches.Kind{pitches.RowNew}, func(r intake.PitchesResult) int { return r.New }},
	{"update", "Updated", []pitches.Kind{pitches.RowUpdate}, func(r intake.PitchesResult) int { return r.Updated }},
	{"error", "Problems", []pitches.Kind{pitches.RowError}, func(r intake.PitchesResult) int { return r.Refused.Count }},
	{"same", "No change", []pitches.Kind{pitches.RowSame}, func(r intake.PitchesResult) int { return r.Same }},
	{"duplicate", "Twice in the file", []pitches.Kind{pitches.RowDuplicate}, func(r intake.PitchesResult) int { return r.Duplicate }},
	{"skipped", "No pitch", []pitches.Kind{pitches.RowSkipped}, func(r intake.PitchesResult) int { return r.Skipped }},
	{"all", "All rows", nil, func(r intake.PitchesResult) int { return r.Read }},
}

func verdictViewOf(name string) verdictView {
	for _, v := range verdictViews {
		if v.name == name {
			return v
		}
	}
	return verdictViews[0]
}

// checkImport shows what the import would do.
func (s *Server) checkImport(w http.ResponseWriter, r *http.Request) error {
	m, setup, site, err := s.openImport(r)
	if err != nil {
		return err
	}
	if !editable(m) {
		return s.redirect(w, r, importPath(m.ID))
	}
	if !setup.Ready {
		return s.redirect(w, r, importPath(m.ID)+"/map")
	}
	v := templates.ImportCheck{CSRF: s.csrfToken(w, r), Kind: m.Kind, File: m.FileName, RunAction: importPath(m.ID) + "/run", Back: "/import"}
	if m.Kind == intake.KindLinks {
		linksCheck(&v, m, setup, site)
	} else {
		v.Back = importPath(m.ID) + "/map"
		show := verdictViewOf(r.URL.Query().Get("show"))
		after, _ := strconv.Atoi(r.URL.Query().Get("after")) // anything else starts at the top
		out, err := s.dryPitches(r, m, setup, site, intake.VerdictPage{Kinds: show.kinds, After: after, Limit: verdictPage})
		if err != nil {
			return err
		}
		pitchesCheck(&v, m, site, out, show, after, s.currentUser(r).Role.AtLeast(auth.Manager))
	}
	if err := s.noteEarlier(r, &v, m); err != nil {
		return err
	}
	return s.show(w, r, Page{Title: "Check before saving", Nav: "imports", Body: templates.ImportCheckPage(v), Part: checkPart(v)})
}

func (s *Server) dryPitches(r *http.Request, m store.Import, setup intake.Setup, site store.Site, keep intake.VerdictPage) (intake.PitchesResult, error) {
	f, err := intake.OpenUpload(s.dataDir(), m.Digest)
	if err != nil {
		return intake.PitchesResult{}, err
	}
	defer f.Close()
	o := setup.Options(m, day.Of(s.Now()))
	o.DryRun, o.Keep = true, keep
	return intake.Pitches(r.Context(), s.Store, store.By{}, site, f, o)
}

// noteEarlier says that the same file was imported before.
func (s *Server) noteEarlier(r *http.Request, v *templates.ImportCheck, m store.Import) error {
	old, found, err := s.Store.ImportedBefore(r.Context(), m)
	if err != nil {
		return err
	}
	n := templates.Note{Kind: "info", Title: "This would change nothing.", Text: "All that the file says is here already."}
	if found {
		n.Text = fmt.Sprintf("%s imported the same file on %s. %s", old.Who, whenTime(old.CreatedAt).Text, n.Text)
	}
	switch {
	case v.Run == "":
		if v.LeftOut != "" {
			n.Text = "No row can be saved that is not here already."
		}
		v.Notes = append(v.Notes, n)
	case found:
		n.Title, n.Text = "The same file was imported before.", fmt.Sprintf("%s did it on %s. What is listed here has changed since.", old.Who, whenTime(old.CreatedAt).Text)
		v.Notes = append(v.Notes, n)
	}
	return nil
}

// exportRefused gives the rows that were not taken as a file. Cells are guarded
// against spreadsheets that take them for formulas.
func (s *Server) exportRefused(w http.ResponseWriter, r *http.Request) error {
	m, setup, site, err := s.openImport(r)
	if err != nil {
		return err
	}
	res := outcome{}
	switch {
	case !editable(m):
		res, err = outcomeOf(m)
	case !setup.Ready:
		err = fault.New(fault.NotFound, "Nothing has been refused yet.")
	case m.Kind == intake.KindLinks:
		res.Refused = setup.Dry.Refused
	default:
		var dry intake.PitchesResult
		dry, err = s.dryPitches(r, m, setup, site, intake.VerdictPage{})
		res.Refused = dry.Refused
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fmt.Sprintf("refused-%d.csv", m.ID)))
	out := csv.NewWriter(w)
	_ = out.Write([]string{"line", "column", "value", "reason"}) // a browser that went away: nobody left to tell
	for _, f := range res.Refused.Rows {
		_ = out.Write([]string{strconv.Itoa(f.Line), tabular.Safe(f.Column), tabular.Safe(f.Value), tabular.Safe(f.Reason)})
	}
	if more := res.Refused.Count - len(res.Refused.Rows); more > 0 {
		_ = out.Write([]string{"", "", "", fmt.Sprintf("… and %d more rows, which are not listed.", more)})
	}
	out.Flush()
	return nil
}

// templateFields are the columns of the file that people may fill in.
var templateFields = []pitches.Field{pitches.FieldOutletURL, pitches.FieldContact, pitches.FieldEmail, pitches.FieldCampaign, pitches.FieldSubject,
	pitches.FieldType, pitches.FieldStatus, pitches.FieldTarget, pitches.FieldAnchor, pitches.FieldOwner, pitches.FieldSentOn, pitches.FieldFollowUpOn,
	pitches.FieldLiveURL, pitches.FieldCost, pitches.FieldCurrency, pitches.FieldTags, pitches.FieldNotes}

func (s *Server) importTemplate(w http.ResponseWriter, _ *http.Request) error {
	var header []string
	for _, f := range templateFields {
		header = append(header, f.Label())
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pitches-template.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write(header)
	out.Flush()
	return nil
}
