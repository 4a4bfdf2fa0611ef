package store

import (
	"cmp"
	"slices"
)

// firstImport is what the transaction of a site's first links knows of the site
// without reading it back: all of its links, and all of their credits, pass
// through it. Figures are counted from it as they would be from the rows.
type firstImport struct {
	mirror
	rows    []*linkRow  // those links, as they came; none when long
	long    bool        // there are too many to hold them all
	days    dayFigures  // of links and referring domains, not of credits
	credits []creditRow // in the order of links once they are saved
	assists map[int64][]assistRow
}

func newFirstImport() *firstImport {
	return &firstImport{mirror: mirror{credited: map[int64]bool{}}, days: dayFigures{}, assists: map[int64][]assistRow{}}
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

// saveCredits writes the credits of a first import in the order of their ids,
// which is several times as fast as domain by domain.
func (a *attributor) saveCredits() error {
	if a.first == nil || a.preview {
		return nil
	}
	slices.SortFunc(a.first.credits, func(b, c creditRow) int { return cmp.Compare(b.link, c.link) })
	for i := range a.first.credits {
		if err := a.save(&a.first.credits[i]); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps what copies of a link would be found by, and the link itself as
// long as few enough have come.
func (f *firstImport) remember(r *linkRow, few bool) {
	if !few {
		f.rows, f.long = nil, true
	}
	f.add(r.id, r.title, r.anchor, dayOf(r.firstSeen))
	if !f.long { // also when it says too little: it may have said more before
		f.rows = append(f.rows, r)
	}
}

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
		i, ok := slices.BinarySearchFunc(f.credits, link, func(c creditRow, link int64) int { return cmp.Compare(c.link, link) })
		if ok {
			f.credits[i].lead = link == lead
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

// placements are those of all days.
func (f *firstImport) placements() map[int64]*placement {
	out := map[int64]*placement{}
	for i := range f.credits {
		c := &f.credits[i]
		if !c.lead {
			continue
		}
		p := &placement{link: c.link, firstSeen: c.firstSeen}
		p.add(c.pitch, frozen{c.owner, c.ownerName, c.campaign, c.sentOn}, true)
		parts := slices.SortedFunc(slices.Values(f.assists[c.link]), func(a, b assistRow) int { return cmp.Compare(a.pitch, b.pitch) })
		for _, a := range parts {
			p.add(a.pitch, a.frozen, false)
		}
		out[c.link] = p
	}
	return out
}

// hits is creditHits.
func (f *firstImport) hits(byID map[int64]*cohortPitch) {
	for i := range f.credits {
		if c := &f.credits[i]; c.state.Credited() && byID[c.pitch] != nil {
			byID[c.pitch].hit(c.firstSeen, c.lostOn, c.rel)
		}
	}
}
