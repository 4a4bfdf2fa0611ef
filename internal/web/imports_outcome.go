package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"

	"github.com/a-h/templ"
)

// shownProblems is how many refused rows a page shows; the file has them all.
const shownProblems = 50

func linksCheck(v *templates.ImportCheck, m store.Import, setup intake.Setup, site store.Site) {
	d := setup.Dry
	v.Lead = fmt.Sprintf("A dry run of %s for %s: %s. Nothing has been saved yet.", m.FileName, site.Host, setup.Format)
	v.KPIs = []templates.KPI{
		{Label: "New links", Value: grouped(d.New), Note: lostNote(d.NewLost)},
		{Label: "Changed", Value: grouped(d.Changed), Note: lostNote(d.Lost)},
		{Label: "No change", Value: grouped(d.Same), Note: repeatNote(d.Repeats)},
		problemKPI(d.Refused.Count),
	}
	v.Problems = refusedRows(m.ID, d.Refused)
	v.Damage = damagedRows(d.Damage)
	if n := d.New + d.Changed; n > 0 {
		v.Run = "Import " + counted(n, "link", "links")
	}
	v.LeftOut = leftOut(d.Refused.Count)
	v.Notes = append(v.Notes, unreadNote(d.Notes)...)
}

func lostNote(n int) string {
	if n == 0 {
		return ""
	}
	return grouped(n) + " of them lost"
}

func repeatNote(n int) string {
	if n == 0 {
		return ""
	}
	return counted(n, "further row", "further rows") + " for a link listed twice"
}

func problemKPI(n int) templates.KPI {
	k := templates.KPI{Label: "Rows with a problem", Value: grouped(n), Bad: n > 0}
	if n > 0 {
		k.Note = "left out unless fixed in the file"
	}
	return k
}

func leftOut(n int) string {
	if n == 0 {
		return ""
	}
	return counted(n, "row is", "rows are") + " left out."
}

func unreadNote(n int) []templates.Note {
	if n == 0 {
		return nil
	}
	return []templates.Note{{Kind: "info", Text: counted(n, "cell", "cells") + " could not be read, such as a date that is none. Their rows are kept without them."}}
}

func refusedRows(id int64, r intake.Refusals) templates.ImportProblems {
	return templates.ImportProblems{ID: "er", Title: "Rows with a problem", Sub: firstOf(r), Download: importPath(id) + "/refused.csv", Rows: problemRows(r)}
}

func damagedRows(r intake.Refusals) templates.ImportProblems {
	return templates.ImportProblems{ID: "dm", Title: "Damaged lines", Sub: "Read as they were most likely meant. " + firstOf(r), Rows: problemRows(r)}
}

func firstOf(r intake.Refusals) string {
	if r.Count <= shownProblems {
		return ""
	}
	return fmt.Sprintf("first %d of %s", shownProblems, grouped(r.Count))
}

func problemRows(r intake.Refusals) (rows []templates.ImportProblem) {
	for _, f := range r.Rows[:min(len(r.Rows), shownProblems)] {
		rows = append(rows, templates.ImportProblem{Line: grouped(f.Line), Column: f.Column, Value: f.Value, Reason: f.Reason})
	}
	return rows
}

// checkPart is what HTMX gets of the check page: the rows of a pitch list.
func checkPart(v templates.ImportCheck) templ.Component {
	if v.Kind == intake.KindPitches {
		return templates.ImportVerdictList(v.Rows)
	}
	return templates.ImportCheckPage(v)
}

func pitchesCheck(v *templates.ImportCheck, m store.Import, site store.Site, out intake.PitchesResult, show verdictView, after int, costs bool) {
	v.Lead = fmt.Sprintf("A dry run of %s for %s. Nothing has been saved yet.", m.FileName, site.Host)
	v.KPIs = []templates.KPI{
		{Label: "New pitches", Value: grouped(out.New)},
		{Label: "Updated", Value: grouped(out.Updated), Note: "there already, with something new"},
		{Label: "No change", Value: grouped(out.Same + out.Duplicate + out.Skipped), Note: sameNote(out)},
		problemKPI(out.Refused.Count),
	}
	if n := out.New + out.Updated; n > 0 {
		v.Run = "Import " + counted(n, "row", "rows")
	}
	v.LeftOut = leftOut(out.Refused.Count)
	if show.name != "error" {
		v.Problems = refusedRows(m.ID, out.Refused)
	}
	v.Damage = damagedRows(out.Damage)
	if out.Warnings > 0 {
		v.Notes = append(v.Notes, templates.Note{Kind: "info", Text: counted(out.Warnings, "row is", "rows are") + " read otherwise than it stands there. The notes in the list below say how."})
	}
	v.Rows = verdictsView(m.ID, out, show, after, costs)
}

func sameNote(out intake.PitchesResult) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{{out.Same, "there already"}, {out.Duplicate, "twice in the file"}, {out.Skipped, "no pitch"}} {
		if p.n > 0 {
			parts = append(parts, grouped(p.n)+" "+p.text)
		}
	}
	return strings.Join(parts, ", ")
}

var verdictBadges = map[pitches.Kind][2]string{
	pitches.RowNew: {"accepted", "New"}, pitches.RowUpdate: {"pitched", "Update"}, pitches.RowSame: {"", "No change"},
	pitches.RowDuplicate: {"due", "Twice"}, pitches.RowError: {"fail", "Problem"}, pitches.RowSkipped: {"", "No pitch"},
}

func verdictsView(id int64, out intake.PitchesResult, show verdictView, after int, costs bool) templates.ImportVerdicts {
	v := templates.ImportVerdicts{Empty: "No row of the file is of this kind."}
	href := func(name string, after int) string {
		q := url.Values{}
		if name != "" {
			q.Set("show", name)
		}
		if after > 0 {
			q.Set("after", strconv.Itoa(after))
		}
		if len(q) == 0 {
			return importPath(id) + "/check"
		}
		return importPath(id) + "/check?" + q.Encode()
	}
	for _, k := range verdictViews {
		if n := k.count(out); n > 0 || k.name == show.name || k.name == "" {
			v.Views = append(v.Views, templates.View{Label: k.label, Href: href(k.name, 0), Count: grouped(n), Current: k.name == show.name})
		}
	}
	for _, x := range out.Verdicts {
		v.Rows = append(v.Rows, verdictRow(x, costs))
	}
	v.Pager = templates.Pager{Text: counted(show.count(out), "row", "rows"), NewerLabel: "First rows", OlderLabel: "More"}
	if after > 0 {
		v.Pager.Newer = href(show.name, 0)
	}
	if out.More {
		v.Pager.Older = href(show.name, out.Verdicts[len(out.Verdicts)-1].Line)
	}
	return v
}

func verdictRow(x pitches.Verdict, costs bool) templates.ImportVerdict {
	row := templates.ImportVerdict{Line: grouped(x.Line), Result: verdictBadges[x.Kind][0], ResultText: verdictBadges[x.Kind][1]}
	if x.Kind != pitches.RowSkipped && x.Kind != pitches.RowError {
		p := x.Pitch
		row.Pitch, row.Outlet, row.Contact, row.Sent = importTitle(p), weburl.Display(p.Outlet.Key), p.Contact, longDay(p.SentOn)
		row.State, row.Status = statusClass(p.Status), p.Status.Label()
	}
	if x.Reason != "" {
		reason := x.Reason
		if x.Column != "" {
			reason = x.Column + ": " + reason
		}
		row.Notes = append(row.Notes, reason)
	}
	for _, c := range x.Changes {
		row.Notes = append(row.Notes, changeText(c, costs))
	}
	row.Notes = append(row.Notes, x.Warnings...)
	return row
}

// changeText is "Status: Pitched → Replied". What a pitch cost so far is for
// those who may see costs.
func changeText(c pitches.Change, costs bool) string {
	from, to := c.From, c.To
	switch c.Field {
	case pitches.FieldStatus:
		from, to = pitches.Status(from).Label(), pitches.Status(to).Label()
	case pitches.FieldCost, pitches.FieldCurrency, pitches.FieldPaidUntil:
		if !costs {
			return c.Field.Label() + " changes"
		}
	}
	if from == "" {
		return fmt.Sprintf("%s: %s", c.Field.Label(), cut(to, 120))
	}
	return fmt.Sprintf("%s: %s → %s", c.Field.Label(), cut(from, 80), cut(to, 80))
}

// resultView is how an import ended.
func (s *Server) resultView(r *http.Request, v *templates.ImportResult, m store.Import, o outcome) {
	v.Actions = []templates.Link{{Label: "Import another file", Href: "/import?kind=" + m.Kind, Class: "pri"}}
	if m.State == intake.Failed {
		v.Title, v.Lead = "Not imported", "Nothing of "+m.FileName+" was saved."
		v.Notes = []templates.Note{{Kind: "bad", Title: "The import failed.", Text: m.Message}}
		v.Again, v.Actions[0].Class = importPath(m.ID)+"/run", ""
		return
	}
	changed := o.New + o.Updated + o.Changed
	unit := [2]string{"pitch", "pitches"}
	if m.Kind == intake.KindLinks {
		unit = [2]string{"link", "links"}
	}
	v.Title = "Imported " + counted(changed, unit[0], unit[1])
	v.Lead = fmt.Sprintf("%s new, %s updated, %s as they were.", grouped(o.New), grouped(o.Updated+o.Changed), grouped(o.Same+o.Duplicate+o.Repeats+o.Skipped))
	if changed == 0 {
		v.Title, v.Lead = "Nothing to change", "All that "+m.FileName+" says was here already."
	}
	if n := o.Refused.Count; n > 0 {
		v.Lead += " " + leftOut(n)
	}
	v.KPIs = []templates.KPI{
		{Label: "Rows read", Value: grouped(o.Read), Note: lostNote(o.NewLost + o.Lost)},
		{Label: "Links credited", Value: grouped(o.Credits.Credited), Note: "by strong evidence"},
		{Label: "Links to review", Value: grouped(o.Credits.Suggested), Note: "a person decides"},
		problemKPI(o.Refused.Count),
	}
	v.Notes = append(creditNote(o.Credits), unreadNote(o.Notes)...)
	v.Problems, v.Damage = refusedRows(m.ID, o.Refused), damagedRows(o.Damage)
	s.resultActions(r, v, m, o)
}

func creditNote(c store.CreditChanges) []templates.Note {
	n := c.Credited + c.Suggested
	if n == 0 {
		return nil
	}
	return []templates.Note{{Kind: "good", Title: counted(n, "link was", "links were") + " matched with a pitch.",
		Text: fmt.Sprintf("%s credited by strong evidence, %s to review.", grouped(c.Credited), grouped(c.Suggested))}}
}

// resultActions leads to the pages that this role may open.
func (s *Server) resultActions(r *http.Request, v *templates.ImportResult, m store.Import, o outcome) {
	offer := func(label, href, class string) {
		path, _, _ := strings.Cut(href, "?")
		if role, there := s.access[path]; there && s.currentUser(r).Role.AtLeast(role) {
			v.Actions = append(v.Actions, templates.Link{Label: label, Href: href, Class: class})
		}
	}
	if o.Credits.Suggested > 0 {
		offer("Review "+counted(o.Credits.Suggested, "match", "matches"), "/review", "")
	}
	if m.Kind == intake.KindLinks {
		offer("See the links", "/backlinks", "")
	} else {
		offer("See the pitches", "/pitches", "")
	}
	if len(v.Actions) > 1 { // the next step is the main one, another file comes last
		v.Actions = append(v.Actions[1:], v.Actions[0])
		v.Actions[0].Class, v.Actions[len(v.Actions)-1].Class = "pri", ""
	}
}
