package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/internal/weburl"
	"landed/templates"
)

var importStates = map[string][2]string{
	intake.Uploaded: {"due", "Not run yet"}, intake.Queued: {"pitched", "Waiting"}, intake.Running: {"pitched", "Running"},
	intake.Done: {"good", "Done"}, intake.Failed: {"fail", "Failed"},
}

var importKindNames = map[string]string{intake.KindPitches: "Pitch list", intake.KindLinks: "Backlinks"}

// importHistory shows a page of list, which has one row more if there is
// another page.
func importHistory(list []store.Import, sites []store.Site, later bool) templates.ImportHistory {
	hosts := map[int64]string{}
	for _, x := range sites {
		hosts[x.ID] = x.Host
	}
	v := templates.ImportHistory{}
	if len(list) > importPage {
		list = list[:importPage]
		v.Pager.Older = "/import?before=" + strconv.FormatInt(list[importPage-1].ID, 10)
	}
	if later {
		v.Pager.Newer, v.Pager.NewerLabel = "/import", "Newest"
	}
	for _, m := range list {
		row := templates.ImportRow{Href: importPath(m.ID), File: m.FileName, Kind: importKindNames[m.Kind], Site: hosts[m.SiteID], When: whenTime(m.CreatedAt),
			Person: templates.Person{Name: m.Who, Initials: initials(m.Who), Color: int(m.AccountID % 5)}}
		row.State, row.StateText = importStates[m.State][0], importStates[m.State][1]
		if o, err := outcomeOf(m); err == nil && m.State == intake.Done {
			row.Added, row.Updated = grouped(o.New), grouped(o.Updated+o.Changed)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// mapView is the mapping form without its token and its preview.
func mapView(x mapping, campaigns []string) templates.ImportMap {
	m := &x.setup.Mapping
	v := templates.ImportMap{Action: importPath(x.m.ID) + "/map", File: x.m.FileName, Remember: x.remember}
	guessed, dropped := 0, []string{}
	words := x.list.Words(m)
	for _, c := range m.Columns {
		switch {
		case c.Dropped():
			dropped = append(dropped, columnName(c))
		case c.Field != pitches.FieldExtra && c.Field != pitches.FieldIgnore:
			guessed++
		}
		v.Columns = append(v.Columns, columnView(x, c, words))
	}
	v.Lead = fmt.Sprintf("%s: %s, %s. %d of %s matched.", x.m.FileName, counted(x.setup.Rows, "row", "rows"), x.setup.Format, guessed, counted(len(m.Columns), "column", "columns"))
	if len(dropped) > 0 {
		v.Dropped = strings.Join(dropped, ", ") + ": columns that look like passwords or log-ins are never read, kept or shown."
	}
	for _, f := range pitches.Fields {
		v.Fields = append(v.Fields, templates.Option{Value: string(f), Label: f.Label()})
	}
	v.Statuses = statusChoices()
	for i, w := range words {
		_, known := pitches.MapStatus(w.Word)
		v.Words = append(v.Words, templates.ImportWord{Index: strconv.Itoa(i), Word: w.Word, Rows: grouped(w.Rows), Status: string(w.Status), Known: known})
	}
	mapDefaults(&v, x, campaigns)
	for _, name := range sortedKeys(x.errs) {
		v.Errors = append(v.Errors, mapError(name, x.errs[name]))
	}
	return v
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// mapError leads from the summary to the control at fault.
func mapError(name, text string) templates.FieldMessage {
	switch i, column := strings.CutPrefix(name, "column_"); {
	case column:
		return templates.FieldMessage{ID: "d" + i, Label: text}
	case name == "outlet":
		return templates.FieldMessage{ID: "map", Label: text}
	case name == "currency":
		return templates.FieldMessage{ID: "im-cur", Label: "Currency", Text: text}
	}
	return templates.FieldMessage{ID: name, Label: text}
}

func mapDefaults(v *templates.ImportMap, x mapping, campaigns []string) {
	policy := string(x.setup.Policy)
	v.Policy = templates.Field{ID: "im-dup", Name: "policy", Label: "When the pitch is there already", Value: cmp.Or(policy, "add"),
		Options: []templates.Option{{Value: "add", Label: "Update it, keep what it has"}, {Value: "replace", Label: "Update it, overwrite"}, {Value: "keep", Label: "Leave it as it is"}}}
	v.Campaign = templates.Field{ID: "im-camp", Name: "campaign", Label: "Campaign", Optional: "optional", Value: x.setup.Campaign, Autocomplete: "off",
		Help: "For new pitches whose row names none."}
	for _, c := range campaigns {
		v.Campaign.Options = append(v.Campaign.Options, templates.Option{Value: c})
	}
	v.Owner = templates.Field{ID: "im-own", Name: "owner", Label: "Owner", Value: strconv.FormatInt(x.setup.OwnerID, 10), Options: []templates.Option{{Value: "0", Label: "Nobody"}},
		Help: "For new pitches whose row names none."}
	for _, o := range x.owners {
		v.Owner.Options = append(v.Owner.Options, templates.Option{Value: strconv.FormatInt(o.ID, 10), Label: o.Name})
	}
	if _, ok := x.setup.Mapping.Column(pitches.FieldCost); ok {
		v.Currency = templates.Field{ID: "im-cur", Name: "currency", Label: "Currency of costs", Optional: "optional", Value: x.setup.Currency, Err: x.errs["currency"],
			Placeholder: "USD", Autocomplete: "off", Help: "For amounts that do not say it."}
	}
}

func columnName(c pitches.ColumnMap) string {
	return cmp.Or(strings.TrimSpace(cut(c.Header, 80)), "Column "+strconv.Itoa(c.Index+1))
}

func columnView(x mapping, c pitches.ColumnMap, words []intake.StatusWord) templates.ImportColumn {
	i := strconv.Itoa(c.Index)
	v := templates.ImportColumn{Index: i, Name: columnName(c), Field: string(c.Field), Dropped: c.Dropped(), Note: c.Why,
		Needed: c.Field == pitches.FieldOutlet || c.Field == pitches.FieldOutletURL, Err: x.errs["column_"+i]}
	if v.Dropped {
		return v
	}
	for n, cell := range x.list.Examples(c.Index, 2) {
		if cell = cut(cell, 200); n == 0 {
			v.First = cell
		} else {
			v.Second = cell
		}
	}
	if c.Sure == pitches.SureGuess {
		v.Kind = "warnk"
	}
	if c.Field == pitches.FieldStatus {
		v.Kind, v.Note = statusNote(words)
	}
	if c.Field.IsDate() && c.Ambiguous {
		v.Order, v.Orders = string(c.DateOrder), dateOrders(c.Example)
	}
	return v
}

// statusNote sums up what the words of the status column mean.
func statusNote(words []intake.StatusWord) (kind, text string) {
	var known []string
	unknown := 0
	for _, w := range words {
		if !w.Known {
			unknown++
		} else if len(known) < 4 {
			known = append(known, cut(w.Word, 30)+" = "+w.Status.Label())
		}
	}
	if unknown > 0 {
		return "warnk", "Not known yet: " + counted(unknown, "word", "words") + ". Say below what they mean."
	}
	return "okk", strings.Join(known, ", ")
}

// dateOrders offers both readings of a cell.
func dateOrders(example string) []templates.Option {
	out := []templates.Option{{Label: "Choose"}, {Value: string(pitches.DayFirst), Label: "Day first"}, {Value: string(pitches.MonthFirst), Label: "Month first"}}
	for i, o := range []tabular.DateOrder{tabular.DayFirst, tabular.MonthFirst} {
		if d, err := tabular.ParseDay(example, o); err == nil {
			out[i+1].Label = example + " is " + d.Time().Format("2 January")
		}
	}
	return out
}

func previewView(list []pitches.Verdict) (rows []templates.ImportPreview) {
	for _, v := range list {
		row := templates.ImportPreview{Line: grouped(v.Line), Pitch: importTitle(v.Pitch), Outlet: weburl.Display(v.Pitch.Outlet.Key), Contact: cmp.Or(v.Pitch.Contact, v.Pitch.Email),
			State: statusClass(v.Pitch.Status), Status: v.Pitch.Status.Label(), Sent: longDay(v.Pitch.SentOn), Warnings: v.Warnings}
		if v.Kind == pitches.RowError || v.Kind == pitches.RowDuplicate {
			row.Problem = v.Reason
			if v.Column != "" {
				row.Problem = v.Column + ": " + v.Reason
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// statusClass is the class of a status badge.
func statusClass(s pitches.Status) string { return strings.ReplaceAll(string(s), "_", "") }

// statusChoices are all statuses, as the list of words offers them.
func statusChoices() (list []templates.Option) {
	for _, s := range pitches.Statuses {
		list = append(list, templates.Option{Value: string(s), Label: s.Label()})
	}
	return list
}

// importTitle is the subject of a pitch; the outlet stands beside it.
func importTitle(p pitches.Pitch) string {
	return cmp.Or(p.Subject, weburl.Display(p.TargetURL), "No title")
}
