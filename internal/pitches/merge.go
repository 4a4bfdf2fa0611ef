package pitches

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// textField reads and writes one field as text. The table serves updates and
// the export.
type textField struct {
	field Field
	of    func(*Pitch) *string
}

var textFields = []textField{
	{FieldRef, func(p *Pitch) *string { return &p.Ref }},
	{FieldContact, func(p *Pitch) *string { return &p.Contact }},
	{FieldEmail, func(p *Pitch) *string { return &p.Email }},
	{FieldCampaign, func(p *Pitch) *string { return &p.Campaign }},
	{FieldSubject, func(p *Pitch) *string { return &p.Subject }},
	{FieldTarget, func(p *Pitch) *string { return &p.TargetURL }},
	{FieldAnchor, func(p *Pitch) *string { return &p.Anchor }},
	{FieldExpectedRel, func(p *Pitch) *string { return &p.ExpectedRel }},
	{FieldLiveURL, func(p *Pitch) *string { return &p.LiveURL }},
	{FieldCurrency, func(p *Pitch) *string { return &p.Currency }},
	{FieldDeclineReason, func(p *Pitch) *string { return &p.DeclineReason }},
}

// merger lays a row over the pitch that is there already.
type merger struct {
	pl      *Planner
	p       Pitch // becomes the merged pitch
	in      *reading
	changes []Change
	kept    []string // labels of fields that differ and stay
}

func (pl *Planner) update(v Verdict, old *Pitch, in *reading) Verdict {
	m := &merger{pl: pl, p: *old, in: in}
	m.p.Tags, m.p.Extra = slices.Clone(old.Tags), maps.Clone(old.Extra)
	m.texts()
	m.days()
	m.choices()
	m.outlet()
	m.tags()
	m.notes()
	m.extras()
	backwards := m.status(old.Status) // last: it looks at the dates that changed
	v.Pitch, v.Changes = m.p, m.changes
	if len(m.changes) == 0 {
		v.Kind, v.Pitch = RowSame, *old
		if len(m.kept) > 0 {
			v.Reason = "Kept what the pitch has: " + strings.Join(m.kept, ", ") + "."
		}
		return v
	}
	if err := Validate(&m.p, pl.Today); err != nil {
		return refused(v, in, err)
	}
	v.Kind = RowUpdate
	if m.p.Status != old.Status {
		v.StatusNote = pl.importNote()
	}
	if backwards {
		v.Warnings = append(v.Warnings, "The status goes back from "+old.Status.Label()+" to "+m.p.Status.Label()+", as the list has it.")
	}
	// The row's own key finds the pitch again after it was edited here. A row of
	// our own export says nothing new about that.
	if in.p.ID == 0 && (old.ImportKey == "" || in.natural != old.ImportKey && in.p.Ref != "") {
		v.Pitch.ImportKey = in.natural
	}
	return v
}

// allow decides whether a field that differs may change, and notes it.
func (m *merger) allow(f Field, from, to string) bool {
	p := m.pl.policy(f)
	if p == Keep || p == Add && from != "" {
		m.kept = append(m.kept, f.Label())
		return false
	}
	m.changes = append(m.changes, Change{f, from, to})
	return true
}

func (m *merger) texts() {
	for _, t := range textFields {
		to, from := *t.of(&m.in.p), t.of(&m.p)
		same := to == trim(*from)
		switch t.field {
		case FieldEmail:
			same = strings.EqualFold(to, *from)
		case FieldTarget, FieldLiveURL:
			same = samePage(to, *from)
		}
		if to != "" && !same && m.allow(t.field, *from, to) {
			*from = to
		}
	}
}

func (m *merger) days() {
	for _, d := range dayFields {
		to, from := *d.of(&m.in.p), d.of(&m.p)
		if to.Known() && to != *from && m.allow(d.field, from.String(), to.String()) {
			*from = to
		}
	}
}

func (m *merger) choices() {
	in := &m.in.p
	if in.Type != TypeUnknown && in.Type != m.p.Type && m.allow(FieldType, string(m.p.Type), string(in.Type)) {
		m.p.Type = in.Type
	}
	if m.in.says(FieldOwner) && (in.OwnerID != m.p.OwnerID || in.OwnerID == 0 && in.OwnerName != m.p.OwnerName) &&
		m.allow(FieldOwner, m.p.OwnerName, in.OwnerName) {
		m.p.OwnerID, m.p.OwnerName = in.OwnerID, in.OwnerName
	}
	if in.CostCents > 0 && in.CostCents != m.p.CostCents && m.allow(FieldCost, amount(m.p.CostCents), amount(in.CostCents)) {
		m.p.CostCents = in.CostCents
		if m.p.Currency == "" {
			m.p.Currency = m.pl.Default.Currency
		}
	}
	if in.Bounced && !m.p.Bounced && m.allow(FieldBounced, "", "yes") {
		m.p.Bounced = true
	}
}

// outlet fills the authority that the list knows; one from a provider is newer.
func (m *merger) outlet() {
	in, o := m.in.p.Outlet, &m.p.Outlet
	if in.Authority > 0 && o.Authority == 0 && m.allow(FieldAuthority, "", authorityText(in)) {
		o.Authority, o.Metric = in.Authority, in.Metric
	}
}

func (m *merger) tags() {
	old := splitTags(strings.Join(m.p.Tags, ","))
	to := m.in.p.Tags
	if len(to) == 0 {
		return
	}
	if m.pl.policy(FieldTags) == Add {
		to = slices.Clone(old)
		for _, t := range m.in.p.Tags {
			if !slices.Contains(to, t) {
				to = append(to, t)
			}
		}
	}
	if slices.Equal(old, to) {
		return
	}
	if m.pl.policy(FieldTags) == Keep {
		m.kept = append(m.kept, FieldTags.Label())
		return
	}
	m.changes = append(m.changes, Change{FieldTags, strings.Join(old, ", "), strings.Join(to, ", ")})
	m.p.Tags = to
}

// notes puts the list's notes in, unless they are there already among what
// people wrote, and the list's own words for the status.
func (m *merger) notes() {
	from := m.p.Notes
	to := from
	if n := m.in.notes; n != "" && !hasLines(from, n) {
		to = joinLines(n, statusLineOf(from))
	}
	if l := m.in.statusLine; l != "" && !hasLines(to, l) {
		to = joinLines(withoutStatusLine(to), l)
	}
	if to == from {
		return
	}
	// The status line is news even where the notes stay as they are.
	if m.pl.policy(FieldNotes) == Add && from != "" {
		to = from
		if l := m.in.statusLine; l != "" && !hasLines(from, l) {
			to = joinLines(withoutStatusLine(from), l)
		}
		if to == from {
			m.kept = append(m.kept, FieldNotes.Label())
			return
		}
		m.changes = append(m.changes, Change{FieldNotes, from, to})
		m.p.Notes = to
		return
	}
	if m.allow(FieldNotes, from, to) {
		m.p.Notes = to
	}
}

// hasLines reports whether some whole lines of text are n.
func hasLines(text, n string) bool {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return trim(text) == n || strings.Contains("\n"+text+"\n", "\n"+n+"\n")
}

// statusLineOf is the kept status, which may run over several lines to the end.
func statusLineOf(notes string) string {
	if strings.HasPrefix(notes, statusPrefix) {
		return notes
	}
	if i := strings.LastIndex(notes, "\n"+statusPrefix); i >= 0 {
		return notes[i+1:]
	}
	return ""
}

func withoutStatusLine(notes string) string {
	return strings.TrimSuffix(strings.TrimSuffix(notes, statusLineOf(notes)), "\n")
}

func (m *merger) extras() {
	for _, k := range slices.Sorted(maps.Keys(m.in.p.Extra)) {
		to, from := m.in.p.Extra[k], m.p.Extra[k]
		if to == from || !m.allow(FieldExtra, from, k+": "+to) {
			continue
		}
		if m.p.Extra == nil {
			m.p.Extra = map[string]string{}
		}
		m.p.Extra[k] = to
	}
}

// status takes over a status that the list states. One that was derived from
// dates counts only together with a date that is new, and never goes back. It
// reports whether the status went back.
func (m *merger) status(from Status) (backwards bool) {
	to := m.in.p.Status
	if to == from {
		return false
	}
	stated := m.in.says(FieldStatus)
	if !stated && !m.newDate() {
		return false
	}
	forward := !from.Closed() && from != Landed && !Backwards(from, to)
	switch p := m.pl.policy(FieldStatus); {
	case p == Keep, !forward && (p == Add || !stated):
		if stated {
			m.kept = append(m.kept, FieldStatus.Label())
		}
		return false
	}
	m.p.Status = to
	m.changes = append(m.changes, Change{FieldStatus, string(from), string(to)})
	return Backwards(from, to)
}

func (m *merger) newDate() bool {
	return slices.ContainsFunc(m.changes, func(c Change) bool {
		return c.Field == FieldSentOn || c.Field == FieldRepliedOn || c.Field == FieldLandedOn || c.Field == FieldLiveURL
	})
}

// amount prints cents as "1234.50", without a cost as "".
func amount(cents int64) string {
	if cents == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(cents)/100, 'f', 2, 64)
}

func authorityText(o Outlet) string {
	if o.Authority == 0 {
		return ""
	}
	return strings.TrimSpace(o.Metric + " " + strconv.FormatFloat(o.Authority, 'f', -1, 64))
}
