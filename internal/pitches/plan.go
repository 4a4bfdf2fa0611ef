package pitches

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/weburl"
)

// Policy is what an import does to a field of a pitch that is there already. An
// empty cell never changes anything.
type Policy string

const (
	// Add fills what the pitch lacks, adds tags and extras, and takes a status
	// that goes forward. It is the zero Policy.
	Add     Policy = ""
	Replace Policy = "replace" // the list decides, backwards moves of the status too
	Keep    Policy = "keep"    // the pitch stays as it is
)

// Kind is what an import does with one row.
type Kind string

const (
	RowNew       Kind = "new"
	RowUpdate    Kind = "update"
	RowSame      Kind = "same"      // nothing to change
	RowDuplicate Kind = "duplicate" // the same pitch as an earlier row of the file
	RowError     Kind = "error"     // refused, Reason says why
	RowSkipped   Kind = "skipped"   // no pitch at all: blank, a legend, a total
)

// Verdict is what will happen with one row, and why.
type Verdict struct {
	Line   int
	Kind   Kind
	Reason string // a sentence for the person; "" for plain new rows
	Column string // the column at fault, as the list names it; "" for the whole row
	Value  string // its cell, shortened

	// Pitch is what is to be saved: complete for new rows, the merged pitch with
	// its ID and Version for updates.
	Pitch    Pitch
	Changes  []Change // updates only
	Warnings []string // what was read otherwise than it stands there, one sentence each
	// Whole says that the key of Pitch.Outlet is known to be a registrable domain, by
	// the planner's Platforms: then nobody need parse it again.
	Whole bool
	// StatusNote goes on the timeline when the status changes.
	StatusNote string
}

// Change is one field of an update, as the dry run shows it.
type Change struct {
	Field    Field
	From, To string
}

// Defaults fill what a list does not say of its new pitches.
type Defaults struct {
	Campaign  string
	OwnerID   int64
	OwnerName string
	Currency  string // for costs without a currency, an ISO code
}

// Planner reads the rows of one list and says what to do with each. It changes
// nothing itself; planning the same rows against the pitches that came of them
// gives RowSame throughout. It remembers the rows it has seen, so use one for
// each run over a file. It is not safe for concurrent use.
type Planner struct {
	Mapping   Mapping
	SiteID    int64
	SiteHosts []string          // of the site, the first one completes paths like /guide
	Platforms *weburl.Platforms // nil is weburl.Default()

	// Existing finds a pitch of the site by one of the keys of this package, as
	// Index.Find does. Nil finds none.
	Existing func(key string) (*Pitch, bool)
	// Canonical gives the primary key of an outlet known by an alias. Nil, and
	// "", keep the key.
	Canonical func(outletKey string) string
	// Owner finds a user by the name or e-mail address in the list. Nil keeps
	// the name without a user.
	Owner func(name string) (id int64, label string, ok bool)

	Default  Defaults
	Policy   Policy
	Policies map[Field]Policy // for single fields, instead of Policy
	Today    day.Day          // in UTC; None leaves the check for future dates out
	File     string           // the file's name, for Pitch.Source
	Rows     int              // about how many there will be, if known

	cols     []*column
	byField  map[Field]*column
	width    int
	dropped  []bool   // by position: columns with credentials
	header   []string // folded, by position
	own      map[string]bool
	seen     map[string]int // key -> line
	claimed  map[int64]int  // pitch -> line
	statuses memo[statusWord]
	targets  memo[targetPage]
	row      reading // of the row at hand; its space is used again
}

// NeedsDateOrder lists the columns whose dates can be read in two ways.
func (pl *Planner) NeedsDateOrder() []ColumnMap { return pl.Mapping.NeedsDateOrder() }

// Ready reports whether the mapping is complete enough to read rows with it: a
// column can name the outlet and each column of dates has an order. The error
// is a fault.Invalid with one field for each column, "column_3".
func (pl *Planner) Ready() error {
	fields := map[string]string{}
	for _, c := range pl.NeedsDateOrder() {
		fields[fmt.Sprintf("column_%d", c.Index)] = fmt.Sprintf("%s: say whether the day or the month comes first.", c.name())
	}
	outlet := false
	for _, f := range []Field{FieldOutletURL, FieldOutlet, FieldEmail, FieldLiveURL} {
		_, ok := pl.Mapping.Column(f)
		outlet = outlet || ok
	}
	if !outlet {
		fields["outlet"] = "Choose the column that names the outlet."
	}
	if len(fields) == 0 {
		return nil
	}
	why := slices.Sorted(maps.Values(fields))
	return &fault.Error{Kind: fault.Invalid, Message: "The columns are not matched yet. " + strings.Join(why, " "), Fields: fields}
}

func (pl *Planner) start() {
	if pl.seen != nil {
		return
	}
	pl.seen, pl.claimed = make(map[string]int, pl.Rows), map[int64]int{}
	pl.own = hostSet(pl.SiteHosts)
	pl.byField, pl.statuses, pl.targets = map[Field]*column{}, memo[statusWord]{}, memo[targetPage]{}
	for _, m := range pl.Mapping.Columns {
		pl.width = max(pl.width, m.Index+1)
		pl.dropped = append(pl.dropped, m.Dropped())
		pl.header = append(pl.header, fold(m.Header))
		if m.Dropped() {
			continue
		}
		c := newColumn(m)
		if pl.byField[m.Field] == nil {
			pl.byField[m.Field] = c
		}
		if c.kept() {
			pl.cols = append(pl.cols, c)
		}
	}
	if pl.Platforms == nil {
		pl.Platforms = weburl.Default()
	}
}

// Row is the verdict on one row; line is where it begins in the file.
func (pl *Planner) Row(line int, cells []string) Verdict {
	pl.start()
	v := Verdict{Line: line}
	if why := pl.notAPitch(cells); why != "" {
		v.Kind, v.Reason = RowSkipped, why
		return v
	}
	r := &pl.row
	*r = reading{pl: pl, cells: r.cells[:0], given: r.given[:0]}
	if err := r.read(cells); err != nil {
		return refused(v, r, err)
	}
	r.p.Source = pl.File + ":" + strconv.Itoa(line)
	v.Pitch, v.Warnings, v.Whole = r.p, r.warnings, r.whole
	if err := validate(&r.p, pl.Today, r.usable); err != nil {
		return refused(v, r, err)
	}
	r.natural = naturalKey(&r.p)
	own := r.ownKey()
	if at, dup := pl.seen[own]; dup {
		v.Kind, v.Reason = RowDuplicate, fmt.Sprintf("The same pitch as line %d.", at)
		return v
	}
	pl.seen[own] = line
	old, strong := pl.find(r)
	if old == nil {
		return pl.create(v, r)
	}
	if at, taken := pl.claimed[old.ID]; taken {
		if !strong {
			return pl.create(v, r)
		}
		v.Kind, v.Reason = RowDuplicate, fmt.Sprintf("The same pitch as line %d.", at)
		return v
	}
	pl.claimed[old.ID] = line
	return pl.update(v, old, r)
}

func refused(v Verdict, r *reading, err error) Verdict {
	v.Kind, v.Reason, v.Column, v.Value = RowError, fault.Message(err), r.badColumn, r.badValue
	v.Warnings = r.warnings
	if v.Column == "" {
		for f := range fault.FieldsOf(err) {
			if c, ok := r.pl.column(Field(f)); ok {
				v.Column = c.label
				v.Value = r.cell(c)
			}
		}
	}
	return v
}

func (pl *Planner) create(v Verdict, r *reading) Verdict {
	d := pl.Default
	p := &v.Pitch
	p.ID = 0
	p.ImportKey = r.natural
	if p.Campaign == "" {
		p.Campaign = d.Campaign
	}
	if p.OwnerID == 0 && p.OwnerName == "" {
		p.OwnerID, p.OwnerName = d.OwnerID, d.OwnerName
	}
	if p.CostCents > 0 && p.Currency == "" {
		p.Currency = d.Currency
	}
	v.Kind = RowNew
	if r.p.Outlet.Unscoped {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%s has many authors: its links are never credited automatically. Give the author's own address.", p.Outlet.Host))
	}
	return v
}

// ownKey is the key that makes two rows of a file one pitch.
func (r *reading) ownKey() string {
	if k := idKey(&r.p); k != "" {
		return k
	}
	if k := refKey(&r.p); k != "" {
		return k
	}
	return r.natural
}

// find looks for the pitch that a row speaks of: by our own number, by the
// list's id, by its natural key, and last by what is left when a date or an
// address is known on one side only. strong is false for the last way.
func (pl *Planner) find(r *reading) (old *Pitch, strong bool) {
	if pl.Existing == nil {
		return nil, false
	}
	p := &r.p
	for _, k := range []string{idKey(p), refKey(p)} {
		if q, ok := pl.lookup(k); ok {
			return q, true
		}
	}
	if q, ok := pl.lookup(r.natural); ok && refsAgree(p, q) {
		return q, true
	}
	keys := keysOf(p)
	for _, who := range people(p) {
		for _, sent := range weakDays(p.SentOn) {
			q, ok := pl.lookup(keys.of(who, sent))
			if ok && refsAgree(p, q) && mayBeSame(p, q) {
				return q, false
			}
		}
	}
	return nil, false
}

// weakDays are the sent dates under which the pitch may be known: a row without
// a day finds any, a row with one finds it before it was sent.
func weakDays(d day.Day) []string {
	if d.Known() {
		return []string{d.String(), ""}
	}
	return []string{"", anyDay}
}

func (pl *Planner) lookup(key string) (*Pitch, bool) {
	if key == "" {
		return nil, false
	}
	q, ok := pl.Existing(key)
	return q, ok && q != nil
}

// refsAgree keeps two pitches apart that their lists number differently.
func refsAgree(a, b *Pitch) bool { return a.Ref == "" || b.Ref == "" || a.Ref == b.Ref }

func (pl *Planner) policy(f Field) Policy {
	if p, ok := pl.Policies[f]; ok {
		return p
	}
	return pl.Policy
}

// importNote is what the timeline says of a status that an import changed.
func (pl *Planner) importNote() string { return strings.TrimSpace("Import " + pl.File) }
