package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/backlinks"
	"landed/internal/weburl"
)

// CreditChanges counts what attributing again made of links.
type CreditChanges struct {
	Credited  int `json:"credited"`  // credited automatically, not before
	Suggested int `json:"suggested"` // suggested, not before
	Moved     int `json:"moved"`     // to another pitch
	Cleared   int `json:"cleared"`   // credited or suggested before, neither now
}

func (o *CreditChanges) add(p CreditChanges) {
	o.Credited += p.Credited
	o.Suggested += p.Suggested
	o.Moved += p.Moved
	o.Cleared += p.Cleared
}

// attributor decides links of one site, referring domain by referring domain,
// inside a write transaction: all links of an outlet key with all pitches that
// may claim them, which is why a part of the domains and all of them end in the
// same credits.
type attributor struct {
	store   *Store
	set     *ruleset
	ctx     context.Context
	tx      *sql.Tx
	site    int64
	rules   attribution.Rules
	decider *attribution.Decider // by rules
	touched *touched
	out     CreditChanges
	states  map[int64]State    // of the credits written, by link; none = cleared
	classes map[int64]bool     // domains whose class may have changed
	marks   map[int64]State    // what people say of whole outlets, by the hash of their key
	marked  map[int64]bool     // the domains of these outlets
	markIDs map[int64][2]int64 // domain and key of marks that the platform table in force names otherwise than their row

	index     *attribution.Index // of all pitches, once more than manyDomains are asked for
	claimed   map[int64]bool     // domains with a link that a pitch of index may claim
	preview   bool               // count, write nothing
	anyCredit bool
	anyReject bool
	anyAssist bool
	anyAlias  bool // also of switched-off subdomains
	expected  int  // pitches to make room for when they are read
	spare     bool // read the pitches of each part, never all at once
	diff      *Diff
	view      *outletView                   // an outlet as a change would have it, for a preview
	keep      func(*attribution.Pitch) bool // of the pitches read; nil = all
	// moved is set in a preview of another platform table, by which outlets and
	// domains are to be keyed: by pitch, whose outlet's names it would go by.
	moved                map[int64]int64
	first                *firstImport // nil but in a site's first import
	conn                 *sql.Conn    // nil for a few rows, see bulk
	insert, insertAssist *bulk
	pages                map[string]weburl.Page
	targets              targetKeys
	copied               map[int64]bool   // pages that are copies, and so no placements
	names                map[int64]string // of owners without an account, by pitch

	// Memory that is used again for each domain.
	reasons []byte
	bare    []attribution.Link
	now     []creditRow
	order   []int
}

// givenLink is a link as the decision reads it, with what its credit takes from it.
type givenLink struct {
	link attribution.Link
	linkExtra
}

// manyDomains is from where reading all pitches of the site beats finding those
// of each domain.
const manyDomains = 200

// domainsAtOnce bounds the memory of a run: the links of that many domains.
const domainsAtOnce = 400

// newAttributor is one that decides and writes what it decides.
func (s *Store) newAttributor(ctx context.Context, tx *sql.Tx, conn *sql.Conn, site int64, t *touched) (*attributor, error) {
	a, err := s.lookingAttributor(ctx, tx, conn, site, t)
	if err == nil {
		err = a.keepMarks()
	}
	return a, err
}

// lookingAttributor has written nothing, so that tx may be of the readers.
func (s *Store) lookingAttributor(ctx context.Context, tx *sql.Tx, conn *sql.Conn, site int64, t *touched) (*attributor, error) {
	a := &attributor{store: s, ctx: ctx, tx: tx, conn: conn, site: site, touched: t, states: map[int64]State{}, classes: map[int64]bool{}, pages: map[string]weburl.Page{}, targets: targetKeys{}, names: map[int64]string{}, diff: &Diff{}}
	var err error
	if a.set, err = s.rulesetIn(ctx, tx); err != nil {
		return nil, err
	}
	a.rules = a.set.on(today(s))
	a.decider = a.rules.Decider()
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM credit WHERE site_id = $1), EXISTS (SELECT 1 FROM rejection), EXISTS (SELECT 1 FROM assist),
		EXISTS (SELECT 1 FROM outlet_alias) OR EXISTS (SELECT 1 FROM outlet_off)`, site).
		Scan(&a.anyCredit, &a.anyReject, &a.anyAssist, &a.anyAlias)
	if err == nil {
		err = a.loadMarks()
	}
	if err == nil && a.anyCredit {
		err = a.loadCopied()
	}
	return a, err
}

// domainsOf gives the domains whose links pitches may claim, and those of
// outlets that people marked.
func (a *attributor) domainsOf(ps []attribution.Pitch) map[int64]bool {
	out := make(map[int64]bool, len(ps)+len(a.marked))
	maps.Copy(out, a.marked)
	for i := range ps {
		for _, key := range attribution.Keys(ps[i]) {
			for _, domain := range a.set.platforms.Domains(a.page(key)) {
				out[domainID(a.site, domain)] = true
			}
		}
	}
	return out
}

// decide decides the links of the given referring domains.
func (a *attributor) decide(ids []int64) error {
	if len(ids) > manyDomains && a.index == nil && !a.spare {
		if err := a.loadAll(); err != nil {
			return err
		}
	}
	defer a.close()
	if a.index != nil && !a.anyCredit { // then a domain that no pitch claims has nothing to decide
		ids = slices.DeleteFunc(ids, func(id int64) bool { return !a.claimed[id] })
	}
	for part := range slices.Chunk(ids, domainsAtOnce) {
		if err := a.part(part); err != nil {
			return err
		}
	}
	return nil
}

func (a *attributor) close() {
	for _, b := range []**bulk{&a.insert, &a.insertAssist} {
		if *b != nil {
			(*b).close()
			*b = nil
		}
	}
}

func (a *attributor) part(ids []int64) error {
	index, claimed := a.index, a.claimed
	if index == nil {
		of, args := `SELECT pitch_id FROM pitch_domain WHERE domain_id IN `+marks(2, len(ids)), append([]any{a.site}, anys(ids)...)
		if a.view != nil {
			of, args = of+fmt.Sprintf(` UNION ALL SELECT id FROM pitch WHERE outlet_id = $%d AND deleted_at = ''`, len(args)+1), append(args, a.view.outlet)
		}
		some, err := a.pitches(`p.id IN (`+of+`) AND +p.site_id = $1`, args...)
		if err != nil {
			return err
		}
		index, claimed = attribution.NewIndex(some), a.domainsOf(some)
	}
	active := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !claimed[id] })
	db, err := a.load(ids, active)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := a.domain(id, db.links[id], index, db); err != nil {
			return err
		}
	}
	return nil
}

// known is what the database says of the links of some domains.
type known struct {
	links    map[int64][]givenLink         // by domain
	credits  map[int64]map[int64]creditRow // by domain, then link
	assists  map[int64][]assistRow
	rejected map[[2]int64]bool
	refused  map[int64]bool  // links with a pair in rejected
	moved    map[int64]int64 // links' domains by the platform table of a preview
}

type linkExtra struct {
	page       int64
	firstSeen  string
	lostOn     string
	authority  float64
	lostReason string // in a first import alone
	rel        int64  // the same
}

func (a *attributor) load(ids, active []int64) (known, error) {
	k := known{links: map[int64][]givenLink{}, credits: map[int64]map[int64]creditRow{}, assists: map[int64][]assistRow{}, rejected: map[[2]int64]bool{}, moved: map[int64]int64{}, refused: map[int64]bool{}}
	if err := a.loadLinks(&k, active); err != nil {
		return k, err
	}
	of := ` IN (SELECT id FROM link WHERE domain_id IN ` + marks(1, len(ids)) + `)`
	args := anys(ids)
	if a.anyCredit {
		err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
			var domain int64
			var c creditRow
			if err := c.scan(rows, &domain, &c.linkSeen, &c.lostOn); err != nil {
				return err
			}
			if k.credits[domain] == nil {
				k.credits[domain] = map[int64]creditRow{}
			}
			k.credits[domain][c.link] = c
			return nil
		}, `SELECT l.domain_id, l.first_seen, l.lost_on, `+creditColumns+` FROM link l JOIN credit c ON c.link_id = l.id WHERE l.domain_id IN `+marks(1, len(ids)), args...)
		if err != nil {
			return k, err
		}
	}
	if a.anyReject {
		err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
			var link, pitch int64
			err := rows.Scan(&link, &pitch)
			k.rejected[[2]int64{link, pitch}], k.refused[link] = true, true
			return err
		}, `SELECT link_id, pitch_id FROM rejection WHERE link_id`+of, args...)
		if err != nil {
			return k, err
		}
	}
	if a.anyAssist {
		err := each(a.ctx, a.tx, func(rows *sql.Rows) error {
			var link int64
			var c assistRow
			err := rows.Scan(&link, &c.pitch, &c.score, &c.owner, &c.ownerName, &c.campaign, &c.sentOn)
			k.assists[link] = append(k.assists[link], c)
			return err
		}, `SELECT link_id, pitch_id, score, owner_id, owner_name, campaign, sent_on FROM assist WHERE link_id`+of+` ORDER BY link_id, score DESC, pitch_id`, args...)
		if err != nil {
			return k, err
		}
	}
	return k, nil
}

func (a *attributor) loadLinks(k *known, active []int64) error {
	if len(active) == 0 {
		return nil
	}
	return eachColumns(a.ctx, a.tx, a.conn, func(c *columns) error {
		var g givenLink
		l := &g.link
		var domain int64
		l.ID, domain, g.page = c.int(), c.int(), c.int()
		source, target := c.text(), c.text()
		l.Anchor, l.Title, l.Author, l.Kind = c.text(), c.text(), c.text(), backlinks.Kind(c.text())
		rel, firstSeen, pageSeen := c.int(), c.text(), c.text()
		g.firstSeen, g.lostOn, g.authority = firstSeen, c.text(), c.real()
		var err error
		if l.Source, err = a.set.platforms.Page(source); err != nil {
			return nil // unkeyed: it has no outlet that a pitch could have
		}
		l.TargetKey = a.page(target).Key()
		_, l.UGC, _ = unpackRel(rel)
		l.FirstSeen, l.PageFirstSeen = dayOf(firstSeen), dayOf(pageSeen)
		if a.moved != nil {
			domain = domainID(a.site, l.Source.Domain)
			k.moved[l.ID] = domain
		}
		k.links[domain] = append(k.links[domain], g)
		return nil
	}, `SELECT id, domain_id, page_id, source_url, target_url, anchor, title, author, kind, rel, first_seen, page_first_seen, lost_on, authority
		FROM link WHERE domain_id IN `+marks(1, len(active)), anys(active)...)
}

// page keys one of the few pages of ours, a live URL or an outlet key; what
// cannot be keyed gives an empty key, which equals nothing.
func (a *attributor) page(url string) weburl.Page {
	if url == "" {
		return weburl.Page{}
	}
	p, ok := a.pages[url]
	if !ok {
		p, _ = a.set.platforms.Page(url)
		if len(a.pages) < 50_000 {
			a.pages[url] = p
		}
	}
	return p
}
