package pitches

import (
	"strings"

	"landed/internal/fault"
	"landed/internal/weburl"
)

// candidate is one cell that may tell the outlet's address.
type candidate struct {
	col *column
	raw string
}

// outlet finds the outlet's address in whatever cell has one: the columns for
// it, the live URL, a submission page, and last the host of the e-mail address
// unless it is a mailbox provider's.
func (r *reading) outlet() error {
	name, col := r.outletName()
	own := ""
	for c := range r.addresses {
		page, ok := r.address(c)
		if !ok {
			continue
		}
		if isOwn(page.Host, r.pl.own) {
			own = page.Host
			continue
		}
		r.setOutlet(name, page)
		if c.col.Field == FieldOutletURL || c.col.Field == FieldOutlet {
			r.keepPage(c, page)
		}
		return nil
	}
	r.badColumn, r.badValue = col.label, cut(name, 80)
	switch {
	case own != "":
		return fault.Field(string(FieldOutlet), "%s is this site itself, not an outlet.", own)
	case name == "":
		return fault.Field(string(FieldOutlet), "Empty. An outlet is needed.")
	}
	return fault.Field(string(FieldOutlet), "%q has no domain. Add the outlet's web address.", cut(name, 80))
}

// nameless is to blame when a list has no column for the outlet.
var nameless = &column{label: ColumnMap{}.name()}

// outletName is what people call the outlet, and the column to blame when it
// cannot be found.
func (r *reading) outletName() (string, *column) {
	blame := nameless
	for _, f := range []Field{FieldOutlet, FieldOutletURL} {
		c, ok := r.pl.column(f)
		if !ok {
			continue
		}
		blame = c
		if s := r.cell(c); s != "" && !null(s) {
			return s, c
		}
	}
	return "", blame
}

// addresses gives the cells to try, best first, until one is taken.
func (r *reading) addresses(yield func(candidate) bool) {
	taken := func(c *column, raw string) bool {
		return raw != "" && !null(raw) && !yield(candidate{c, raw})
	}
	for _, f := range []Field{FieldOutletURL, FieldOutlet, FieldLiveURL, FieldContact} {
		if c, ok := r.pl.column(f); ok && taken(c, r.cell(c)) {
			return
		}
	}
	for _, c := range r.pl.cols {
		if c.Field == FieldExtra && c.outlet && taken(c, r.cell(c)) {
			return
		}
	}
	for _, f := range []Field{FieldEmail, FieldContact, FieldOutlet, FieldOutletURL} {
		c, ok := r.pl.column(f)
		if !ok {
			continue
		}
		if _, email := splitEmail(r.cell(c)); email != "" && taken(c, email) {
			return
		}
	}
}

func claimsOutlet(header string) bool {
	for _, c := range claimsOf(header) {
		if c.field == FieldOutletURL {
			return true
		}
	}
	return false
}

// address reads a cell as the address of a publication. A name with a dot but
// no known form of a domain ("St. Example News") is none.
func (r *reading) address(c candidate) (weburl.Page, bool) {
	raw := c.raw
	if validEmail(raw) {
		_, host, _ := strings.Cut(raw, "@")
		if isFreeMail(host) {
			return weburl.Page{}, false
		}
		return r.parse(host)
	}
	if isWebAddress(raw) {
		return r.parse(raw)
	}
	if m := urlInText().FindString(raw); m != "" {
		return r.parse(strings.TrimRight(m, ".,;:)]}"))
	}
	if c.col.Field == FieldContact {
		return weburl.Page{}, false // "Ann (ann.example)" is a person
	}
	// "Example Weekly (weekly.example)"
	for w := range strings.FieldsFuncSeq(raw, func(x rune) bool { return strings.ContainsRune(" \t\n()[]<>,;|", x) }) {
		if domainCell().MatchString(w) && !strings.HasSuffix(w, ".") {
			if p, ok := r.parse(w); ok {
				return p, true
			}
		}
	}
	return weburl.Page{}, false
}

func (r *reading) parse(s string) (weburl.Page, bool) {
	p, err := r.pl.Platforms.Outlet(s)
	return p, err == nil && p.Outlet.Key != ""
}

func (r *reading) setOutlet(name string, page weburl.Page) {
	o := &r.p.Outlet
	o.Key, o.Host, o.Unscoped = strings.Clone(page.Outlet.Key), strings.Clone(page.Host), page.Outlet.Scope == weburl.ScopeBare
	r.whole = page.Outlet.Scope == weburl.ScopeDomain
	if r.pl.Canonical != nil {
		if k := r.pl.Canonical(o.Key); k != "" {
			o.Key, r.whole = k, false
		}
	}
	o.Name = name
	if name == "" || isWebAddress(name) || isEmail(name) {
		o.Name = o.Key
	}
}

// keepPage keeps the page that the list names on the outlet, such as the
// resource page to be linked from, when the key alone would lose it.
func (r *reading) keepPage(c candidate, page weburl.Page) {
	if page.Path != "" && page.Outlet.Scope != weburl.ScopePath {
		r.keep(c.col, c.raw)
	}
}
