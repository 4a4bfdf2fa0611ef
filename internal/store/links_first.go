package store

import (
	"cmp"
	"database/sql"
	"slices"
	"sort"
	"strings"

	"landed/internal/attribution"
	"landed/internal/backlinks"
)

// firstImport is what the transaction of a site's first links knows of the site
// without reading it back: all of its links, and all of their credits, pass
// through it. Figures are counted from it as they would be from the rows.
type firstImport struct {
	mirror
	rows    []*linkRow // added, and not yet handed to the attributor or still needed: all of them unless long
	handed  int        // of rows
	long    bool       // there are too many to hold them all
	given   []*linkRow // those that a pitch may claim; of one that the file has twice, the last counts
	days    dayFigures // of links and referring domains, not of credits
	credits []creditRow
	order   []int         // of credits by their links, once they are saved
	spans   []creditSpan  // of credits, one for each domain that has any, in the order of their ids
	assists []firstAssist // in the order of their links once they are saved
	pitches []cohortPitch // all that were sent
	conn    *sql.Conn     // see prepareBulk
}

// creditSpan is where the credits of a domain stand.
type creditSpan struct {
	domain   int64
	from, to int
}

// firstAssist is an assist of a first import, with its link.
type firstAssist struct {
	link int64
	assistRow
}

func newFirstImport(conn *sql.Conn) *firstImport {
	return &firstImport{conn: conn, mirror: newMirror(), days: dayFigures{}}
}

// bulkConn is the connection of the transaction, nil without one at hand.
func (f *firstImport) bulkConn() *sql.Conn {
	if f == nil {
		return nil
	}
	return f.conn
}

// expect makes room for so many more links.
func (f *firstImport) expect(n int) {
	if f != nil {
		f.rows, f.shadows = slices.Grow(f.rows, n), slices.Grow(f.shadows, n)
	}
}

// count adds a link to its days (n is 1) or takes it away (-1).
func (f *firstImport) count(r *linkRow, n int) {
	if f == nil {
		return
	}
	f.days.on(r.firstSeen).LinksNew += n
	if r.lost() {
		f.days.on(r.lostOn).LinksLost += n
	}
}

// domain counts a referring domain.
func (f *firstImport) domain(seen, class string) {
	if f == nil {
		return
	}
	day := f.days.on(seen)
	day.DomainsNew++
	switch class {
	case "outreach":
		day.DomainsOutreach++
	case "unreviewed":
		day.DomainsUnreviewed++
	}
}

// handOver gives the attributor the links of the last batch that a pitch may
// claim, so that it need not read them again.
func (f *firstImport) handOver(few bool) {
	if !few && !f.long {
		f.long = true
		for i, r := range f.given {
			f.given[i] = r.detached()
		}
	}
	for _, r := range f.rows[f.handed:] {
		if r.from != nil {
			if f.long {
				r = r.detached()
			}
			f.given = append(f.given, r)
		}
	}
	if f.handed = len(f.rows); f.long {
		clear(f.rows)
		f.rows, f.handed = f.rows[:0], 0
	}
}

// detached is a row for the attributor with what it reads alone. Texts are copied;
// the addresses still hold on to the part of the file's row that they stand in.
func (r *linkRow) detached() *linkRow {
	return &linkRow{id: r.id, page: r.page, domainID: r.domainID, target: r.target, anchor: strings.Clone(r.anchor), title: strings.Clone(r.title), author: strings.Clone(r.author),
		kind: r.kind, rel: r.rel, authority: r.authority, firstSeen: r.firstSeen, pageFirstSeen: r.pageFirstSeen, lostOn: r.lostOn, lostReason: r.lostReason, from: r.from}
}

// forAttribution is the link as the decision reads it.
func (a *attributor) forAttribution(r *linkRow) givenLink {
	target := a.targets.of(r.target)
	if target == r.target { // no address, it may be
		target = a.page(r.target).Key()
	}
	l := attribution.Link{ID: r.id, Source: *r.from, TargetKey: target, Anchor: r.anchor, Title: r.title, Author: r.author,
		Kind: backlinks.Kind(r.kind), FirstSeen: dayOf(r.firstSeen), PageFirstSeen: dayOf(r.pageFirstSeen)}
	_, l.UGC, _ = unpackRel(r.rel)
	return givenLink{l, linkExtra{r.page, r.firstSeen, r.lostOn, r.authority, r.lostReason, r.rel}}
}

// decideFirst decides the links of a first import, domain by domain.
func (a *attributor) decideFirst() error {
	defer a.close()
	f := a.first
	byLink := orderOf(len(f.given), func(i int) int64 { return f.given[i].id })
	order := orderOf(len(byLink), func(i int) int64 { return f.given[byLink[i]].domainID }) // those of one domain stay in the order of their ids
	given := func(i int) *linkRow { return f.given[byLink[order[i]]] }
	f.credits = make([]creditRow, 0, len(order))
	var links []givenLink
	for i := 0; i < len(order); {
		domain := given(i).domainID
		links = links[:0]
		for ; i < len(order) && given(i).domainID == domain; i++ {
			if i+1 < len(order) && given(i+1).id == given(i).id {
				continue
			}
			links = append(links, a.forAttribution(given(i)))
		}
		if err := a.domain(domain, links, a.index, known{}); err != nil { // nobody has said anything of links that were not there
			return err
		}
	}
	f.given = nil
	return a.saveCredits()
}

// credit notes a link's attribution, domain by domain.
func (f *firstImport) credit(c *creditRow, domain int64) {
	if n := len(f.spans); n == 0 || f.spans[n-1].domain != domain {
		f.spans = append(f.spans, creditSpan{domain, len(f.credits), 0})
	}
	f.credits = append(f.credits, *c)
	f.spans[len(f.spans)-1].to = len(f.credits)
}

// state is that of a domain's link. Domains must be asked for in their order.
func (f *firstImport) state(domain, link int64) State {
	for len(f.spans) > 0 && f.spans[0].domain < domain {
		f.spans = f.spans[1:]
	}
	if len(f.spans) > 0 && f.spans[0].domain == domain {
		credits := f.credits[f.spans[0].from:f.spans[0].to]
		if i := slices.IndexFunc(credits, func(c creditRow) bool { return c.link == link }); i >= 0 {
			return credits[i].state
		}
	}
	return StateNone
}

// saveCredits writes the credits of a first import in the order of their ids,
// which is several times as fast as domain by domain.
func (a *attributor) saveCredits() error {
	f := a.first
	if a.preview {
		return nil
	}
	f.order = orderOf(len(f.credits), func(i int) int64 { return f.credits[i].link })
	for _, i := range f.order {
		if err := a.save(&f.credits[i]); err != nil {
			return err
		}
	}
	sort.Slice(f.assists, func(i, j int) bool {
		b, c := &f.assists[i], &f.assists[j]
		return cmp.Or(cmp.Compare(b.link, c.link), cmp.Compare(b.pitch, c.pitch)) < 0
	})
	return nil
}

// remember keeps what copies of a link would be found by.
func (f *firstImport) remember(r *linkRow) { f.add(r.id, r.title, r.anchor, dayOf(r.firstSeen)) }

// members are some of the links that pass through, by their ids.
func (f *firstImport) members(s *syndicator, ids []int64) []member {
	rows := make(map[int64]*linkRow, len(ids))
	for _, id := range ids {
		rows[id] = nil
	}
	for _, r := range f.rows {
		if _, ok := rows[r.id]; ok {
			rows[r.id] = r // of one that the file has twice, the last
		}
	}
	list := make([]member, len(ids))
	for i, id := range ids {
		r := rows[id]
		list[i] = member{link: id, page: r.page, credited: f.credited[id]}
		s.read(&list[i], r.firstSeen, r.title, r.anchor, r.target)
	}
	return list
}

// lead says which of a page's credited links counts as the placement; 0 is none.
func (f *firstImport) lead(links []int64, lead int64) {
	if f == nil {
		return
	}
	for _, link := range links {
		i, ok := slices.BinarySearchFunc(f.order, link, func(i int, link int64) int { return cmp.Compare(f.credits[i].link, link) })
		if ok {
			f.credits[f.order[i]].lead = link == lead
		}
	}
}

// between is countDays.
func (f *firstImport) between(from, to string) (dayFigures, []lostPlacement) {
	days := dayFigures{}
	for day, g := range f.days {
		if from <= day && day <= to && *g != (Figures{}) {
			*days.on(day) = *g
		}
	}
	var lost []lostPlacement
	for i := range f.credits {
		c := &f.credits[i]
		if from <= c.firstSeen && c.firstSeen <= to && (c.state.Credited() || c.state == StateSuggested) {
			days.on(c.firstSeen).credit(c.state, c.lead, 1)
		}
		if c.lead && c.lostOn != "" && from <= c.lostOn && c.lostOn <= to {
			days.on(c.lostOn).PlacementsLost++
			lost = append(lost, lostPlacement{c.lostOn, c.link, c.lostReason})
		}
	}
	return days, lost
}

// touches is countTouches for all days.
func (f *firstImport) touches() map[touchKey]touchSum {
	sums := touchSums{}
	var p placement
	for i := range f.credits {
		c := &f.credits[i]
		if !c.lead {
			continue
		}
		p = placement{link: c.link, firstSeen: c.firstSeen, touches: p.touches[:0], frozen: p.frozen[:0]}
		p.add(c.pitch, frozen{c.owner, c.ownerName, c.campaign, c.sentOn}, true)
		for _, a := range f.assistsOf(c.link) {
			p.add(a.pitch, a.frozen, false)
		}
		sums.add(&p)
	}
	return sums
}

// assistsOf are those of a link, in the order of their pitches.
func (f *firstImport) assistsOf(link int64) []firstAssist {
	from, _ := slices.BinarySearchFunc(f.assists, link, func(a firstAssist, link int64) int { return cmp.Compare(a.link, link) })
	to := from
	for to < len(f.assists) && f.assists[to].link == link {
		to++
	}
	return f.assists[from:to]
}

// hits is creditHits.
func (f *firstImport) hits(byID map[int64]*cohortPitch) {
	for i := range f.credits {
		if c := &f.credits[i]; c.state.Credited() && byID[c.pitch] != nil {
			byID[c.pitch].hit(c.firstSeen, c.lostOn, c.rel)
		}
	}
}
