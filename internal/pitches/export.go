package pitches

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// ExportHeader is the header of our own export, which Recognise reads back.
// Without costs (for people who may not see them) the columns about money are
// left out, so that importing the file changes none of them.
func ExportHeader(costs bool) []string {
	var out []string
	for _, c := range exportColumns {
		if costs || !c.money {
			out = append(out, c.header)
		}
	}
	return out
}

// ExportCells is one row of the export. The cells are as they are: guard them
// with tabular.Safe before a spreadsheet may open the file.
func ExportCells(p *Pitch, costs bool) []string {
	var out []string
	for _, c := range exportColumns {
		if costs || !c.money {
			out = append(out, c.cell(p))
		}
	}
	return out
}

type exportColumn struct {
	header string
	money  bool
	cell   func(*Pitch) string
}

var exportColumns = makeExportColumns()

func makeExportColumns() []exportColumn {
	var out []exportColumn
	for _, f := range Fields {
		if f.shared() {
			continue
		}
		out = append(out, exportColumn{f.Label(), f == FieldCost || f == FieldCurrency || f == FieldPaidUntil, exportCell(f)})
	}
	return append(out, exportColumn{"Extra (JSON)", false, extraJSON})
}

func exportCell(f Field) func(*Pitch) string {
	if i := slices.IndexFunc(textFields, func(t textField) bool { return t.field == f }); i >= 0 {
		return func(p *Pitch) string { return *textFields[i].of(p) }
	}
	if f.IsDate() {
		i := slices.IndexFunc(dayFields, func(d dayField) bool { return d.field == f })
		return func(p *Pitch) string { return dayFields[i].of(p).String() }
	}
	switch f {
	case FieldID:
		return func(p *Pitch) string { return strconv.FormatInt(p.ID, 10) }
	case FieldOutlet:
		return func(p *Pitch) string { return p.Outlet.Name }
	case FieldOutletURL:
		return func(p *Pitch) string { return outletAddress(p.Outlet) }
	case FieldType:
		return func(p *Pitch) string {
			if p.Type == TypeUnknown {
				return ""
			}
			return p.Type.Label()
		}
	case FieldStatus:
		return func(p *Pitch) string { return p.Status.Label() }
	case FieldOwner:
		return func(p *Pitch) string { return p.OwnerName }
	case FieldCost:
		return func(p *Pitch) string { return amount(p.CostCents) }
	case FieldBounced:
		return func(p *Pitch) string {
			if p.Bounced {
				return "yes"
			}
			return ""
		}
	case FieldTags:
		return func(p *Pitch) string { return strings.Join(p.Tags, ", ") }
	case FieldNotes:
		return func(p *Pitch) string { return p.Notes }
	case FieldAuthority:
		return func(p *Pitch) string { return authorityText(p.Outlet) }
	}
	panic("pitches: no export of field " + string(f))
}

// outletAddress is the shortest address that gives the outlet's key again. It
// has a scheme, because not every host reads as one by itself.
func outletAddress(o Outlet) string {
	switch {
	case o.Key == "" && o.Host == "":
		return ""
	case o.Host == "" || strings.Contains(o.Key, "/"):
		return "https://" + o.Key
	}
	return "https://" + o.Host
}

func extraJSON(p *Pitch) string {
	if len(p.Extra) == 0 {
		return ""
	}
	b, err := json.Marshal(p.Extra)
	if err != nil {
		return "" // a map of strings always marshals
	}
	return string(b)
}
