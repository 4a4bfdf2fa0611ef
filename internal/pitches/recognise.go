package pitches

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	whySecret    = "Looks like a log-in. It is never read, kept or shown."
	leastScore   = 30 // below it a name and its cells do not agree enough
	sampleEnough = 2  // cells needed before the cells alone name a column
)

// bid is one column's claim to one field, with the cells counted in.
type bid struct {
	col   int
	field Field
	score int
	named bool // the column's name spoke for it
}

type recogniser struct {
	header   []string
	profiles []*profile
	ownKnown bool
	out      []ColumnMap
	used     map[Field]bool
}

// Recognise guesses what each column of a list is, from its name and from a
// sample of its cells (a few dozen rows are enough; more are better for dates).
// siteHosts are the hosts of the site that the list is for: an address on them
// is a page of ours, all others belong to outlets. Columns that nothing speaks
// for are kept as extra; columns that hold credentials are dropped.
func Recognise(header []string, sample [][]string, siteHosts []string) Mapping {
	own := hostSet(siteHosts)
	r := &recogniser{header: header, ownKnown: len(own) > 0, used: map[Field]bool{}}
	for i, h := range header {
		r.out = append(r.out, ColumnMap{Index: i, Header: strings.ToValidUTF8(strings.TrimSpace(h), "\ufffd"), Field: FieldExtra})
		r.profiles = append(r.profiles, profileOf(sample, i, own))
	}
	r.dropSecrets()
	r.leaveSite()
	r.assign(r.bids())
	r.findOutlet()
	r.explainRest()
	return r.mapping(sample)
}

// dropSecrets drops log-in columns; "User" only next to another of them, else
// it is whose pitch it is.
func (r *recogniser) dropSecrets() {
	any := false
	for i, h := range r.header {
		if secret(h) {
			r.drop(i)
			any = true
		}
	}
	for i, h := range r.header {
		if f := fold(h); any && (f == "user" || f == "account") {
			r.drop(i)
		}
	}
}

// leaveSite leaves out the site column of our own export of all sites: the site
// is chosen with the file, and as an extra the column would change every pitch.
func (r *recogniser) leaveSite() {
	if !slices.ContainsFunc(r.header, func(h string) bool { return squash(h) == "extrajson" }) {
		return
	}
	for i, h := range r.header {
		if fold(h) == "site" {
			r.out[i].Field, r.out[i].Why, r.out[i].Sure = FieldIgnore, "The site is chosen with the file.", SureYes
		}
	}
}

func (r *recogniser) drop(i int) {
	r.out[i].Field, r.out[i].Why, r.out[i].Sure = FieldIgnore, whySecret, SureYes
}

func (r *recogniser) bids() []bid {
	var out []bid
	for i, h := range r.header {
		if r.out[i].Field == FieldIgnore {
			continue
		}
		p := r.profiles[i]
		claims := claimsOf(h)
		for _, c := range claims {
			s := c.weight + p.fit(c.field, r.ownKnown)
			if c.field == FieldExtra {
				continue
			}
			if s >= leastScore {
				out = append(out, bid{i, c.field, s, true})
			}
		}
		if f := r.byCells(h, p); f != "" {
			out = append(out, bid{i, f, leastScore, false})
		}
	}
	slices.SortStableFunc(out, func(a, b bid) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.col, b.col))
	})
	return out
}

// byCells names a column from its cells alone, "" when they do not say.
func (r *recogniser) byCells(header string, p *profile) Field {
	if p.n < sampleEnough {
		return ""
	}
	switch {
	case p.nearAll(p.emails):
		return FieldEmail
	case p.own > 0 && p.nearAll(p.own):
		return FieldTarget
	case p.nearAll(p.urls) && len(p.hosts) > 1 && claimsOf(header) == nil && fold(header) == "":
		return FieldOutletURL
	case p.nearAll(p.statuses) && p.distinct < p.n && (fold(header) == "" || claimsOf(header) == nil):
		return FieldStatus
	case p.nearAll(p.dates) && (fold(header) == "" || strings.Contains(fold(header), "date")):
		return FieldSentOn
	}
	return ""
}

// assign gives each field to its best column and each column its best field.
func (r *recogniser) assign(bids []bid) {
	taken := make([]bool, len(r.header))
	for _, b := range bids {
		if taken[b.col] || r.used[b.field] {
			continue
		}
		taken[b.col], r.used[b.field] = true, true
		r.set(b.col, b.field, r.why(b), sureness(b))
	}
}

func (r *recogniser) set(col int, f Field, why string, s Sure) {
	r.out[col].Field, r.out[col].Why, r.out[col].Sure = f, why, s
	r.used[f] = true
}

func sureness(b bid) Sure {
	switch {
	case !b.named || b.score < 45:
		return SureGuess
	case b.score >= 60:
		return SureYes
	}
	return SureLikely
}

func (r *recogniser) why(b bid) string {
	p := r.profiles[b.col]
	cells := p.says(b.field)
	switch {
	case !b.named:
		return sentence(cells)
	case cells != "":
		return fmt.Sprintf("By its name, and %s.", cells)
	case p.n == 0:
		return "By its name; the first rows are empty."
	}
	return "By its name."
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// says is what the cells add for a field, as a clause; "" when nothing.
func (p *profile) says(f Field) string {
	count := func(k int, what string) string {
		if !p.most(k) {
			return ""
		}
		return fmt.Sprintf("%d of %d cells are %s", k, p.n, what)
	}
	switch {
	case f == FieldEmail:
		return count(p.emails, "e-mail addresses")
	case f == FieldTarget:
		return count(p.own+p.paths, "pages of this site")
	case f == FieldOutletURL || f == FieldLiveURL:
		return count(p.foreign(), "web addresses of other sites")
	case f == FieldStatus:
		return count(p.statuses, "known status words")
	case f.IsDate():
		return count(p.dates, "dates")
	}
	return ""
}

// findOutlet makes sure that some column can name the outlet: a "Target URL"
// that is the only address in the list is the outlet's, not ours, unless its
// cells are on the site's own hosts.
func (r *recogniser) findOutlet() {
	if r.used[FieldOutletURL] || r.namesDomains(FieldOutlet) {
		return
	}
	best, bestScore := -1, 0
	for i := range r.header {
		if s := r.outletScore(i); s > bestScore {
			best, bestScore = i, s
		}
	}
	if best < 0 {
		return
	}
	r.used[r.out[best].Field] = false
	why := "No other column has the outlet's address."
	if p := r.profiles[best]; p.most(p.foreign()) {
		why += " " + sentence(p.says(FieldOutletURL))
	}
	r.set(best, FieldOutletURL, why, SureGuess)
}

// outletScore is how well column i would do as the outlet's address.
func (r *recogniser) outletScore(i int) int {
	c, p := r.out[i], r.profiles[i]
	if c.Dropped() || p.most(p.own+p.paths) {
		return 0
	}
	s := 0
	switch c.Field {
	case FieldExtra, FieldTarget:
	case FieldContact:
		s -= 5 // a contact column may hold the contact page
	default:
		return 0
	}
	for _, cl := range claimsOf(c.Header) {
		if cl.field == FieldOutletURL && (p.n == 0 || p.most(p.urls)) {
			s += cl.weight
		}
	}
	if p.n >= sampleEnough && p.nearAll(p.foreign()) {
		s += 10 + min(len(p.hosts), 10)
	}
	return s
}

func (r *recogniser) namesDomains(f Field) bool {
	for i, c := range r.out {
		if c.Field == f && r.profiles[i].nearAll(r.profiles[i].foreign()) {
			return true
		}
	}
	return false
}

func (r *recogniser) explainRest() {
	for i := range r.out {
		c := &r.out[i]
		if c.Field != FieldExtra || c.Why != "" {
			continue
		}
		c.Sure = SureLikely
		c.Why = "Kept under its own name."
		if cl := claimsOf(c.Header); len(cl) > 0 && r.used[cl[0].field] {
			c.Why = fmt.Sprintf("Another column fits %s better. Kept under its own name.", cl[0].field.Label())
		}
		if fold(c.Header) == "" && r.profiles[i].n == 0 {
			c.Field, c.Why = FieldIgnore, "No name and no cells."
		}
	}
}

// IsHeader reports whether the cells of a line are the names of a pitch list's
// columns: at least two that are known, an outlet or an address among them.
func IsHeader(cells []string) bool {
	known, outlet := 0, false
	for _, c := range cells {
		if isWebAddress(c) || isEmail(c) {
			return false
		}
		claims := claimsOf(c)
		if len(claims) > 0 {
			known++
		}
		for _, cl := range claims {
			switch cl.field {
			case FieldOutlet, FieldOutletURL, FieldEmail, FieldLiveURL:
				outlet = true
			}
		}
	}
	return known >= 2 && outlet
}
