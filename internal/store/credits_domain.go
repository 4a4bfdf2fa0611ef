package store

import (
	"cmp"
	"maps"
	"slices"
	"sort"

	"landed/internal/attribution"
)

// domain decides the links of one referring domain, outlet key by outlet key,
// and writes what changed. It may put links into another order.
func (a *attributor) domain(id int64, links []givenLink, index *attribution.Index, db known) error {
	old := db.credits[id]
	if len(links) == 0 && len(old) == 0 {
		return nil
	}
	a.now = a.now[:0]
	if err := a.keys(links, index, old, db); err != nil {
		return err
	}
	if len(old) > 0 {
		if err := a.standing(old, db); err != nil {
			return err
		}
	}
	a.leads()
	a.inOrder(func(b, c *creditRow) int { return cmp.Compare(b.link, c.link) })
	for _, i := range a.order {
		c := &a.now[i]
		was := old[c.link]
		if again := *c; was.link != 0 {
			if again.rules = was.rules; again == was {
				continue // rules that say the same again leave it as it was made
			}
		}
		if err := a.write(c, &was, id); err != nil {
			return err
		}
	}
	if len(old) == 0 {
		return nil
	}
	has := a.decided()
	for _, link := range slices.Sorted(maps.Keys(old)) {
		if _, ok := has[link]; !ok {
			if err := a.clear(old[link], id); err != nil {
				return err
			}
		}
	}
	return nil
}

// keys decides links outlet key by outlet key.
func (a *attributor) keys(links []givenLink, index *attribution.Index, old map[int64]creditRow, db known) error {
	byKey := func(i, j int) bool { return links[i].link.Source.Outlet.Key < links[j].link.Source.Outlet.Key }
	if !sort.SliceIsSorted(links, byKey) { // but for platforms, a domain is one outlet
		sort.Slice(links, byKey)
	}
	for len(links) > 0 {
		key, n := links[0].link.Source.Outlet.Key, 1
		for n < len(links) && links[n].link.Source.Outlet.Key == key {
			n++
		}
		kind := State("")
		if len(a.marks) > 0 {
			kind = a.marks[keyHash(key)]
		}
		var err error
		if kind != "" {
			err = a.mark(links[:n], kind, old, db)
		} else {
			err = a.key(links[:n], index.For(key), old, db)
		}
		if err != nil {
			return err
		}
		links = links[n:]
	}
	return nil
}

// standing adds what people decided, which stands whatever the rules say.
func (a *attributor) standing(old map[int64]creditRow, db known) error {
	has := a.decided()
	for link, c := range old {
		if _, ok := has[link]; !ok && c.standing() {
			c.firstSeen = c.linkSeen
			a.now = append(a.now, c)
			if err := a.assists(&c, true, nil, nil, db.assists[link]); err != nil {
				return err
			}
		}
	}
	return a.refusals(old, db)
}

// decided finds the attributions that the domain is to have, by link.
func (a *attributor) decided() map[int64]int {
	at := make(map[int64]int, len(a.now))
	for i := range a.now {
		at[a.now[i].link] = i
	}
	return at
}

// inOrder sorts the domain's attributions, without moving them.
func (a *attributor) inOrder(by func(b, c *creditRow) int) {
	a.order = a.order[:0]
	for i := range a.now {
		a.order = append(a.order, i)
	}
	slices.SortFunc(a.order, func(i, j int) int { return by(&a.now[i], &a.now[j]) })
}

// key decides the links of one outlet key.
func (a *attributor) key(links []givenLink, candidates []attribution.Pitch, old map[int64]creditRow, db known) error {
	if len(candidates) == 0 {
		return nil
	}
	a.bare = a.bare[:0]
	for i := range links {
		a.bare = append(a.bare, links[i].link)
	}
	var rejected func(link, pitch int64) bool
	if len(db.rejected) > 0 {
		rejected = func(link, pitch int64) bool { return db.rejected[[2]int64{link, pitch}] }
	}
	decisions := a.decider.Decide(a.bare, candidates, rejected)
	for i := range decisions {
		d := &decisions[i]
		was := old[d.LinkID]
		c, ok := a.credit(d, candidates, &was, &links[i].linkExtra)
		if ok {
			a.now = append(a.now, c)
		} else {
			c.link, c.firstSeen = d.LinkID, links[i].firstSeen
		}
		if err := a.assists(&c, was.state.Credited(), runnersUp(d, c.pitch, a.rules.SuggestAt), candidates, db.assists[d.LinkID]); err != nil {
			return err
		}
	}
	return nil
}

// leads marks, of each page's credited links, the first one: it counts as the placement.
func (a *attributor) leads() {
	a.inOrder(func(b, c *creditRow) int {
		switch {
		case b.page != c.page:
			return cmp.Compare(b.page, c.page)
		case earlier(b.firstSeen, b.link, c.firstSeen, c.link):
			return -1
		}
		return btoi(b.link != c.link)
	})
	page := int64(0) // that the last credited link is on
	for _, i := range a.order {
		c := &a.now[i]
		c.lead = c.state.Credited() && c.page != page && !a.copied[c.page]
		if c.state.Credited() {
			page = c.page
		}
	}
}
