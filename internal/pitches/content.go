package pitches

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// profile is what the cells of one column look like. Shares are of the cells
// that are not empty.
type profile struct {
	n        int // cells that are not empty
	distinct int
	emails   int // an address and nothing else
	urls     int // a web address or a bare domain
	own      int // a web address on one of the site's own hosts
	paths    int // "/guide"
	dates    int
	statuses int // a status word we know
	amounts  int // a number, perhaps with a currency or a plus
	hosts    map[string]bool
}

func (p *profile) most(k int) bool    { return p.n > 0 && 2*k >= p.n }
func (p *profile) few(k int) bool     { return p.n > 0 && 5*k < p.n }
func (p *profile) nearAll(k int) bool { return p.n > 0 && 5*k >= 4*p.n }

// foreign counts the web addresses that are not on the site's own hosts.
func (p *profile) foreign() int { return p.urls - p.own }

// lazily compiles a regular expression when it is first asked for. Together they
// take 2 ms, which every start and every command would otherwise pay.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

var (
	emailCell  = lazily(`^(?i:mailto:)?[^\s@<>,;:]+@[^\s@<>,;:/]+\.[^\s@<>,;:/.]{2,}$`)
	domainCell = lazily(`^(?:[\pL\pN](?:[\pL\pN_-]*[\pL\pN])?\.)+(?:\pL{2,24}|(?i:xn--)[a-z0-9-]+)(?::\d+)?(?:[/?#]\S*)?$`)
	schemeCell = lazily(`^(?i:https?://)\S+\.\S+$`)
	pathCell   = lazily(`^/[^\s/]?\S*$`)
	dateCell   = lazily(`^(?:\d{4}[-/.年]\d{1,2}[-/.月][\dX]{1,2}日?(?:[ T].*)?|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}(?:[ T].*)?|\d{1,2}\.? ?\pL{3,9}\.?,? ?\d{2,4}|\pL{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{2,4}|\d{1,2}-\pL{3}-\d{2,4})$`)
	amountCell = lazily(`^[^\pL\d]{0,3}(?:[A-Z]{3} ?)?\d[\d.,' \x{a0}\x{202f}]*\+?[^\pL\d]{0,3}(?: ?[A-Z]{3})?$`)
)

func profileOf(sample [][]string, col int, own map[string]bool) *profile {
	p := &profile{hosts: map[string]bool{}}
	seen := map[string]bool{}
	for _, row := range sample {
		if col >= len(row) {
			continue
		}
		c := clean(row[col])
		if c == "" || len(c) > maxCell {
			continue
		}
		p.n++
		seen[c] = true
		p.add(c, own)
	}
	p.distinct = len(seen)
	return p
}

func (p *profile) add(c string, own map[string]bool) {
	switch {
	case isEmail(c):
		p.emails++
	case isWebAddress(c):
		p.urls++
		h := hostOf(c)
		p.hosts[h] = true
		if isOwn(h, own) {
			p.own++
		}
	case pathCell().MatchString(c):
		p.paths++
	case isDateCell(c):
		p.dates++
	case amountCell().MatchString(c):
		p.amounts++
	default:
		_, yesNo := mapBool(c)
		if _, ok := MapStatus(c); ok && !yesNo {
			p.statuses++
		}
	}
}

// isWebAddress reports a URL or a bare domain. A domain's ending must be
// letters, so "1.5" and "12.03.2026" are none.
func isWebAddress(c string) bool {
	if plainAddress(c) || plainDomain(c) {
		return true
	}
	if strings.IndexByte(c, '.') < 0 || strings.IndexByte(c, ' ') >= 0 {
		return false
	}
	return schemeCell().MatchString(c) || domainCell().MatchString(c)
}

// hostOf is the lower-case host of a web address without "www.", or "". It is
// for comparing columns; what is stored comes from package weburl.
func hostOf(c string) string {
	if !strings.Contains(c, "://") {
		c = "http://" + c
	}
	u, err := url.Parse(c)
	if err != nil {
		return ""
	}
	h := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return strings.TrimPrefix(h, "www.")
}

// hostSet keys the site's hosts as hostOf gives them.
func hostSet(hosts []string) map[string]bool {
	m := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		if k := hostOf(h); k != "" {
			m[k] = true
		}
	}
	return m
}

// isOwn reports whether h is one of the hosts or below one.
func isOwn(h string, own map[string]bool) bool {
	for h != "" {
		if own[h] {
			return true
		}
		var ok bool
		if _, h, ok = strings.Cut(h, "."); !ok {
			return false
		}
	}
	return false
}

// fit is how well the cells agree with a field: points for or against.
func (p *profile) fit(f Field, ownKnown bool) int {
	if p.n == 0 {
		return 0
	}
	switch {
	case f.IsDate():
		return p.fitDate(f)
	case f == FieldEmail:
		return pick(p.most(p.emails), 30, p.few(p.emails), -50)
	case f == FieldOutlet:
		return p.fitOutlet()
	case f == FieldOutletURL:
		if p.own > 0 && p.most(p.own) {
			return -80
		}
		return pick(p.most(p.urls), 25, p.few(p.urls), -40)
	case f == FieldTarget:
		return p.fitTarget(ownKnown)
	case f == FieldLiveURL:
		if p.own > 0 && p.most(p.own) {
			return -60
		}
		return pick(p.most(p.urls), 20, p.few(p.urls), -40)
	case f == FieldStatus:
		if p.nearAll(p.urls+p.dates+p.emails) || p.nearAll(p.amounts) {
			return -60
		}
		return pick(p.most(p.statuses), 20, p.few(p.statuses), -15)
	case f == FieldCost:
		return pick(p.most(p.amounts), 15, p.few(p.amounts), -15)
	case f == FieldRef:
		return p.fitRef()
	}
	return p.fitText(f)
}

// pick gives a when yes, b when no, else 0.
func pick(yes bool, a int, no bool, b int) int {
	switch {
	case yes:
		return a
	case no:
		return b
	}
	return 0
}

func (p *profile) fitDate(f Field) int {
	// A column of days that is still empty but for a few rows is normal.
	s := pick(p.most(p.dates), 25, p.few(p.dates), -50)
	if f == FieldSentOn && p.most(p.dates) {
		s++ // a column that is only called "date" is most often the day it was sent
	}
	return s
}

func (p *profile) fitOutlet() int {
	switch {
	case p.own > 0 && p.most(p.own):
		return -80
	case p.most(p.dates), p.most(p.amounts):
		return -50
	case p.nearAll(p.emails), p.n > 2 && p.nearAll(p.statuses):
		return -40
	case p.most(p.urls):
		return 5
	}
	return 0
}

func (p *profile) fitTarget(ownKnown bool) int {
	switch {
	case p.most(p.own), p.most(p.paths + p.own):
		return 30
	case !p.most(p.urls):
		return pick(p.few(p.urls+p.paths), -40, false, 0)
	case ownKnown:
		return -50
	case len(p.hosts) == 1 && p.n > 1:
		return 20
	case len(p.hosts) > 2 && 2*len(p.hosts) > p.n:
		return -40
	}
	return 0
}

// fitRef wants each row's id to be its own: a batch number is no id. A few rows
// that stand there twice do not speak against a column that is called "ref".
func (p *profile) fitRef() int {
	switch {
	case 2*p.distinct <= p.n, p.most(p.urls + p.emails):
		return -60
	case p.distinct < p.n:
		return -25
	}
	return 0
}

func (p *profile) fitText(f Field) int {
	switch f {
	case FieldNotes, FieldExtra:
		return 0
	case FieldContact:
		return pick(p.nearAll(p.emails), -25, p.most(p.dates+p.urls), -40)
	case FieldCampaign:
		return pick(false, 0, p.most(p.amounts+p.urls+p.dates), -40) // a wave's number names no campaign
	case FieldAuthority, FieldBounced:
		return pick(false, 0, p.most(p.urls+p.dates+p.emails), -50)
	}
	return pick(false, 0, p.most(p.urls+p.dates+p.emails), -40)
}
