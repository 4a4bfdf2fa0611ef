package pitches

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"landed/internal/fault"
	"landed/internal/tabular"
)

// reading is one row on its way to a pitch.
type reading struct {
	pl       *Planner
	cells    []string
	p        Pitch
	warnings []string

	given      []Field // what the row says itself, not what was derived
	statusLine string  // kept in the notes when the status alone would lose words
	notes      string
	badColumn  string // of the error that read returned
	badValue   string
	natural    string // its key
	usable     string // an address that need not be checked again
	whole      bool   // the outlet's key is a registrable domain
}

// statusPrefix begins the line of the notes that keeps a status in the list's
// own words.
const statusPrefix = "Status in the list: "

func (r *reading) read(cells []string) error {
	r.p.SiteID = r.pl.SiteID
	if err := r.take(cells); err != nil {
		return err
	}
	for _, c := range r.pl.cols {
		raw := r.cell(c)
		if raw == "" {
			continue
		}
		if err := r.set(c, raw); err != nil {
			r.badColumn, r.badValue = c.label, cut(raw, 80)
			return err
		}
	}
	if err := r.outlet(); err != nil {
		return err
	}
	r.splitContact()
	r.deriveStatus()
	r.p.Notes = joinLines(r.notes, r.statusLine)
	return nil
}

// take checks the row's cells and puts a row that is too wide in order. The
// cells are copied: a pitch outlives the block of the file it was read from.
func (r *reading) take(cells []string) error {
	for i, c := range cells {
		if i < len(r.pl.dropped) && r.pl.dropped[i] {
			continue
		}
		switch {
		case len(c) > maxCell:
			r.badColumn = r.columnName(i)
			return fault.New(fault.Invalid, "The cell is larger than 32 kB.")
		case strings.IndexByte(c, 0) >= 0:
			r.badColumn = r.columnName(i)
			return fault.New(fault.Invalid, "The cell has a NUL character.")
		}
	}
	cells = r.realign(cells)
	r.cells = slices.Grow(r.cells[:0], len(cells))[:len(cells)]
	clear(r.cells)
	for _, c := range r.pl.cols {
		if c.Index < len(cells) {
			r.cells[c.Index] = cellText(cells[c.Index])
		}
	}
	return nil
}

// says reports whether the row itself gives f.
func (r *reading) says(f Field) bool { return slices.Contains(r.given, f) }

// unsay takes f back: its cell could not be read.
func (r *reading) unsay(f Field) {
	r.given = slices.DeleteFunc(r.given, func(g Field) bool { return g == f })
}

func (r *reading) columnName(i int) string {
	if i < len(r.pl.Mapping.Columns) {
		return r.pl.Mapping.Columns[i].name()
	}
	return "column " + columnLetter(i)
}

func (r *reading) cell(c *column) string {
	if c.Index < 0 || c.Index >= len(r.cells) {
		return ""
	}
	return r.cells[c.Index]
}

// cellText is a cell as it is kept.
func cellText(cell string) string {
	s := clean(cell)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		return strings.ReplaceAll(s, "\r\n", "\n")
	}
	return strings.Clone(s)
}

func (r *reading) warn(c *column, format string, args ...any) {
	r.warnings = append(r.warnings, c.label+": "+fmt.Sprintf(format, args...))
}

// keep holds a cell under its column's name, so that nothing of a row is lost.
func (r *reading) keep(c *column, raw string) {
	if r.p.Extra == nil {
		r.p.Extra = map[string]string{}
	}
	name := c.label
	for i := 2; ; i++ {
		// One column may be kept twice, as what could not be read and as a page.
		if old, there := r.p.Extra[name]; !there || old == raw {
			break
		}
		name = fmt.Sprintf("%s (%d)", c.label, i)
	}
	r.p.Extra[name] = raw
}

// odd keeps a cell that could not be read and says so.
func (r *reading) odd(c *column, raw, what string) {
	r.warn(c, "%q %s. Kept as extra.", cut(raw, 80), what)
	r.keep(c, raw)
}

// set reads one cell that is not empty. An error refuses the row.
func (r *reading) set(c *column, raw string) error {
	switch c.Field {
	case FieldExtra:
		r.extra(c, raw)
		return nil
	case FieldOutlet, FieldOutletURL:
		return nil // read together, at the end
	case FieldSubject:
		r.p.Subject = raw
		return nil
	case FieldNotes:
		r.notes = raw
		return nil
	case FieldAnchor:
		r.p.Anchor = raw
		return nil
	}
	if null(raw) {
		return nil
	}
	r.given = append(r.given, c.Field)
	if c.day != nil {
		return r.setDay(c, raw)
	}
	r.setPlain(c, raw)
	return nil
}

func (r *reading) setPlain(c *column, raw string) {
	switch c.Field {
	case FieldID:
		r.p.ID, _ = strconv.ParseInt(raw, 10, 64)
		r.p.ID = max(r.p.ID, 0)
	case FieldRef:
		r.p.Ref = raw
	case FieldContact:
		r.p.Contact = raw
	case FieldCampaign:
		r.p.Campaign = raw
	case FieldDeclineReason:
		r.p.DeclineReason = raw
	case FieldTags:
		r.p.Tags = splitTags(raw)
	case FieldEmail:
		r.setEmail(c, raw)
	case FieldStatus:
		r.setStatus(c, raw)
	case FieldOwner:
		r.setOwner(c, raw)
	case FieldTarget:
		r.setTarget(c, raw)
	case FieldLiveURL:
		r.setLive(c, raw)
	default:
		r.setValue(c, raw)
	}
}

// setValue reads words and numbers that have few forms.
func (r *reading) setValue(c *column, raw string) {
	var ok bool
	what := "is not known"
	switch c.Field {
	case FieldType:
		r.p.Type, ok = MapType(raw)
	case FieldExpectedRel:
		r.p.ExpectedRel, ok = mapRel(raw, c.Header)
	case FieldBounced:
		r.p.Bounced, ok = mapBool(raw)
	case FieldAuthority:
		r.p.Outlet.Authority, r.p.Outlet.Metric, ok = parseAuthority(raw, c.Header)
		if ok && authorityPlain(raw) {
			return
		}
		r.keep(c, raw) // "Very high", or prose around the number
		return
	case FieldCurrency:
		r.p.Currency = currencyCode(raw)
		ok, what = r.p.Currency != "", "is not a currency"
	case FieldCost:
		cents, currency, err := parseAmount(raw)
		ok, what = err == nil, fmt.Sprintf("is %v", err)
		r.p.CostCents = cents
		if currency != "" && ok {
			r.p.Currency = currency
		}
	}
	if !ok {
		r.odd(c, raw, what)
	}
}

// authorityPlain reports a cell of which nothing but the number matters.
func authorityPlain(raw string) bool {
	s := strings.Trim(fold(raw), "0123456789 ")
	return len(raw) < 12 && (s == "" || metricIn(s) != "")
}

// extra keeps a cell of a column that is no field. The extras of our own export
// are one JSON object.
func (r *reading) extra(c *column, raw string) {
	if c.json {
		var m map[string]string
		if json.Unmarshal([]byte(raw), &m) == nil {
			maps.DeleteFunc(m, func(k, _ string) bool { return secret(k) })
			if r.p.Extra == nil {
				r.p.Extra = map[string]string{}
			}
			maps.Copy(r.p.Extra, m)
			return
		}
	}
	r.keep(c, raw)
}

// setDay reads a date. One that can be read in two ways refuses the row: a wrong
// guess would move credits; one that is no date at all is left out with a word.
func (r *reading) setDay(c *column, raw string) error {
	d, err := tabular.ParseDay(raw, c.order)
	switch {
	case errors.Is(err, tabular.ErrAmbiguousDate):
		return fault.New(fault.Invalid, "Day first or month first? Say it for the column %s.", c.label)
	case err != nil:
		r.unsay(c.Field)
		r.odd(c, raw, "is not a date")
		return nil
	case d.Known() && d < firstDay:
		r.unsay(c.Field)
		r.odd(c, raw, "is too long ago to be right")
		return nil
	}
	*c.day(&r.p) = d
	return nil
}

func (r *reading) setEmail(c *column, raw string) {
	rest, email := splitEmail(raw)
	switch {
	case email == "" || !validEmail(email):
		r.odd(c, raw, "is not an e-mail address")
	case rest == "":
		r.p.Email = email
	case strings.Contains(rest, "@"):
		r.p.Email = email
		r.warn(c, "several addresses; %s is used. Kept as extra.", email)
		r.keep(c, raw)
	default:
		r.p.Email = email
		if _, has := r.pl.column(FieldContact); !has {
			r.p.Contact = rest
		} else {
			r.keep(c, raw)
		}
	}
}

// splitContact takes the address out of a contact that holds one.
func (r *reading) splitContact() {
	rest, email := splitEmail(r.p.Contact)
	if email == "" || !validEmail(email) || r.p.Email != "" {
		return
	}
	r.p.Contact, r.p.Email = rest, email
}

func (r *reading) setStatus(c *column, raw string) {
	w := r.pl.statusOf(raw)
	if !w.known {
		r.warn(c, "%q is no status we know. Kept in the notes.", cut(raw, 80))
	}
	r.p.Status = w.status
	if !w.whole {
		r.statusLine = statusPrefix + raw
	}
	r.p.Bounced = r.p.Bounced || w.bounced
}

func (r *reading) setOwner(c *column, raw string) {
	if r.pl.Owner == nil {
		r.p.OwnerName = raw
		return
	}
	id, label, ok := r.pl.Owner(raw)
	if !ok {
		r.unsay(FieldOwner)
		r.odd(c, raw, "is nobody who has an account here")
		return
	}
	r.p.OwnerID, r.p.OwnerName = id, label
}

// setTarget reads the page of ours. A path stands for a page on the site's
// first host.
func (r *reading) setTarget(c *column, raw string) {
	t := r.pl.targets.of(raw, r.pl.target)
	if !t.ok {
		r.odd(c, t.raw, "is not a page of this site")
		return
	}
	if t.foreign {
		r.warn(c, "%s is not on this site.", cut(t.url, 80))
	}
	if r.p.TargetURL = t.url; t.usable {
		r.usable = t.url
	}
}

func (r *reading) setLive(c *column, raw string) {
	u, ok := parseURL(raw)
	switch {
	case !ok:
		r.odd(c, raw, "is not a web address")
	case len(r.pl.own) > 0 && isOwn(hostOf(u), r.pl.own):
		r.odd(c, raw, "is a page of this site, not where the link is")
	default:
		r.p.LiveURL = u
	}
}

// deriveStatus says where a pitch stands whose list does not say it in words we
// know.
func (r *reading) deriveStatus() {
	p := &r.p
	if p.Status.Valid() {
		return
	}
	r.unsay(FieldStatus)
	switch {
	case p.LiveURL != "" || p.LandedOn.Known():
		p.Status = Landed
	case p.RepliedOn.Known():
		p.Status = Replied
	case p.SentOn.Known():
		p.Status = Pitched
	default:
		p.Status = Draft
	}
}

func joinLines(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n")
}
