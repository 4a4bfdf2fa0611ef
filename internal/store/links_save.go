package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// LinkOutcome counts what saving links did. Read = New + Changed + Same + Repeats.
type LinkOutcome struct {
	Read       int           `json:"read"`
	New        int           `json:"new"`
	Changed    int           `json:"changed"`
	Same       int           `json:"same"`
	Repeats    int           `json:"repeats"`  // further rows for a link that the same file had already
	Lost       int           `json:"lost"`     // of Changed: live before, lost now
	NewLost    int           `json:"new_lost"` // of New: lost already when first stored
	Reinstated int           `json:"reinstated"`
	Late       int           `json:"-"`       // of New: from before the days that a sync asks for anew
	Missed     int           `json:"-"`       // that a whole list lacked for the first time, see Listing
	Unkeyed    int           `json:"unkeyed"` // of New: stored without an outlet key, with the reason
	Credits    CreditChanges `json:"credits"`
}

// chunk is how many links are sorted and written together: large enough that
// rows arrive in the order of their ids, small enough to stay near 100 MB.
var chunk = 100_000

// commitEvery ends a transaction within a very long file, so that web writes
// get their turn; every link of a shorter file is kept or none. A site's first
// links may be more: what comes after them costs several times as much a row,
// since indexes, credits and figures are there by then. They stay in memory until
// they are decided, about 1 kB a link.
const commitEvery, commitFirst = 200_000, 1_000_000

// SaveLinks is SaveLinkParcels for links that come one by one.
func (s *Store) SaveLinks(ctx context.Context, site int64, links iter.Seq2[backlinks.Link, error], dryRun bool, progress func(int)) (LinkOutcome, error) {
	parcels := func(yield func([]backlinks.Link, error) bool) {
		var one [1]backlinks.Link
		for l, err := range links {
			if one[0] = l; !yield(one[:], err) {
				return
			}
		}
	}
	return s.SaveLinkParcels(ctx, site, parcels, dryRun, progress)
}

// SaveLinkParcels stores the links of one site, newest knowledge merged into what is
// there, and attributes every outlet key that they touch, in one transaction
// per 200,000 links; the first of a site may have a million. The links come many at
// a time, since handing on each by itself takes longer than to read it; a parcel may
// be overwritten when the next one is asked for. progress, if not nil, is told the
// rows read so far. With dryRun everything is computed and nothing is kept.
func (s *Store) SaveLinkParcels(ctx context.Context, site int64, parcels iter.Seq2[[]backlinks.Link, error], dryRun bool, progress func(int)) (out LinkOutcome, err error) {
	if dryRun {
		return s.saveLinks(ctx, site, parcels, dryRun, progress)
	}
	err = s.unlogged(ctx, func() error {
		out, err = s.saveLinks(ctx, site, parcels, dryRun, progress)
		return err
	}, "link")
	return out, err
}

func (s *Store) saveLinks(ctx context.Context, site int64, parcels iter.Seq2[[]backlinks.Link, error], dryRun bool, progress func(int)) (LinkOutcome, error) {
	next, stop := iter.Pull2(parcels)
	defer stop()
	links := linkSource{next: next}
	var total LinkOutcome
	for more := true; more; {
		err := s.importTx(ctx, "save links", func(tx *sql.Tx, conn *sql.Conn) error {
			w, err := s.newLinkWriter(ctx, tx, conn, site, dryRun)
			if err != nil {
				return err
			}
			defer w.insert.close() // should the import fail
			w.progress, w.before = progress, total.Read
			if dryRun && w.first != nil {
				w.preview, w.attr.preview = map[int64]bool{}, true
			}
			more, err = w.take(&links)
			if err == nil {
				err = w.finish()
			}
			if err != nil {
				return err
			}
			total.add(w.out)
			if dryRun {
				return errDryRun
			}
			return nil
		})
		if err != nil && !isDryRun(err) {
			return total, err
		}
	}
	return total, nil
}

func (o *LinkOutcome) add(p LinkOutcome) {
	o.Read += p.Read
	o.New += p.New
	o.Changed += p.Changed
	o.Same += p.Same
	o.Repeats += p.Repeats
	o.Lost += p.Lost
	o.NewLost += p.NewLost
	o.Reinstated += p.Reinstated
	o.Unkeyed += p.Unkeyed
	o.Credits.add(p.Credits)
}

// linkWriter saves the links of one transaction.
type linkWriter struct {
	store      *Store
	ctx        context.Context // without an end: the driver watches over each statement whose context has one
	alive      func() error    // why to stop, from the context that has an end
	tx         *sql.Tx
	site       int64
	first      *firstImport   // nil: the site had links before this transaction
	preview    map[int64]bool // ids seen by a dry run of a first import, which writes nothing; else nil
	hasDomains bool           // a provider has told of referring domains already
	out        LinkOutcome
	before     int
	progress   func(int)
	settled    string // a sync's: the links of days before this one were pulled already
	listing    int64  // run that is listing the site; 0 = none
	lists      bool   // this transaction saves a page of that list
	missed     bool   // the last list lacked some links, see Listing

	days    dayText
	targets targetKeys
	insert  *bulk
	conn    *sql.Conn
	touched touched
	domains []domainDelta // one for each change, until they are summed up
	dropped []string      // indexes to make again
	attr    *attributor
	newIDs  map[int64]bool // of new links with texts that say enough

	// Memory for incoming links: rows made and not used yet, and a page key that is made again for each.
	rows      []linkRow
	sourceKey []byte
}

// touched is what the figures and credits of a transaction must be made anew for.
type touched struct {
	days    map[string]bool
	domains map[int64]bool // whose links must be decided again
	pitches map[int64]bool // whose credits or own fields changed
	links   map[int64]bool // whose credit or texts changed: copies are looked for anew
}

func (t *touched) day(days ...string) {
	for _, d := range days {
		t.days[d] = true
	}
}

func newTouched() touched {
	return touched{map[string]bool{}, map[int64]bool{}, map[int64]bool{}, map[int64]bool{}}
}

func (s *Store) newLinkWriter(ctx context.Context, tx *sql.Tx, conn *sql.Conn, site int64, dryRun bool) (*linkWriter, error) {
	end := ctx
	ctx = context.WithoutCancel(ctx)
	w := &linkWriter{store: s, ctx: ctx, alive: end.Err, tx: tx, conn: conn, site: site, days: dayText{}, targets: targetKeys{},
		touched: newTouched(), newIDs: map[int64]bool{}}
	var any, mine bool
	first, last := seenBetween(site, day.None, day.None)
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM link), EXISTS (SELECT 1 FROM link WHERE seen BETWEEN $2 AND $3),
		EXISTS (SELECT 1 FROM refdomain WHERE seen BETWEEN $2 AND $3), COALESCE((SELECT run_id FROM listing WHERE site_id = $1), 0),
		EXISTS (SELECT 1 FROM unlisted WHERE site_id = $1)`, site, first, last).Scan(&any, &mine, &w.hasDomains, &w.listing, &w.missed)
	if err != nil {
		return nil, err
	}
	if !mine {
		w.first = newFirstImport(conn)
	}
	if w.attr, err = s.newAttributor(ctx, tx, conn, site, &w.touched); err != nil {
		return nil, err
	}
	if w.first != nil {
		w.attr.first = w.first
		if err := w.attr.loadAll(); err != nil {
			return nil, err
		}
	}
	if !any && !dryRun {
		if w.dropped, err = takeIndexes(ctx, tx, filled...); err != nil {
			return nil, err
		}
	}
	w.insert, err = prepareBulk(end, tx, conn, `INSERT INTO link (`+linkColumns+`, seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
		ON CONFLICT (id) DO NOTHING`)
	return w, err
}

// save writes one batch in the order of its ids.
func (w *linkWriter) save(batch []*linkRow) error {
	batch = byID(batch)
	stored := map[int64]*linkRow{}
	w.domains = slices.Grow(w.domains, len(batch))
	w.first.expect(len(batch))
	if w.first == nil {
		var err error
		if stored, err = w.load(batch); err != nil {
			return err
		}
	}
	for i := 0; i < len(batch); {
		j := i + 1
		for j < len(batch) && batch[j].id == batch[i].id {
			j++
		}
		if err := w.saveOne(batch[i:j], stored); err != nil {
			return err
		}
		i = j
	}
	if w.first != nil {
		w.handOver()
	}
	if w.out.Read > chunk { // not the only batch
		var sums []domainDelta
		for d, err := range sumDomains(w.domains) {
			if err != nil {
				return err
			}
			sums = append(sums, d)
		}
		w.domains = sums
	}
	return w.seen(batch)
}

// handOver hands the links saved last to the attributor. Those of all batches but
// one cannot be held: another has come when more were read than a batch holds.
func (w *linkWriter) handOver() { w.first.handOver(w.out.Read <= chunk) }

// saveOne writes the rows of one id: mostly one row, of one link.
func (w *linkWriter) saveOne(rows []*linkRow, stored map[int64]*linkRow) error {
	first := rows[0]
	for i, r := range rows[1:] {
		if !first.sameKeys(r) {
			if err := w.collision(rows[i+1:], stored); err != nil {
				return err
			}
			rows = rows[:i+1]
			break
		}
	}
	old := stored[first.id]
	if old == nil {
		for _, r := range rows[1:] {
			first.merge(r)
			w.out.Repeats++
		}
		n, err := w.keep(first)
		if err != nil {
			return fmt.Errorf("link %s: %w", first.source, err)
		}
		if n == 1 {
			w.added(first)
			return nil
		}
		if w.preview != nil {
			w.out.Repeats++
			return nil
		}
		// An earlier batch of this transaction has it: go on as if it had been loaded.
		again, err := w.load(rows[:1])
		if err != nil {
			return err
		}
		old, rows = again[first.id], rows[:1] // the others are merged into the first
	}
	if !first.sameKeys(old) {
		return w.collision(rows, stored)
	}
	return w.update(old, rows)
}

// keep inserts a row; 0 says that its id is taken. A preview only remembers it.
func (w *linkWriter) keep(r *linkRow) (int64, error) {
	if w.preview == nil {
		r.bind(w.insert)
		if err := w.insert.exec(); err != nil {
			return 0, err
		}
		return w.insert.changed()
	}
	if w.preview[r.id] {
		return 0, nil
	}
	w.preview[r.id] = true
	return 1, nil
}

// collision gives rows whose hash belongs to another link the next free id. It
// has never been seen outside of a test: 63 bits make it a one in a million
// chance at some four million links.
func (w *linkWriter) collision(rows []*linkRow, stored map[int64]*linkRow) error {
	for _, r := range rows {
		r.id = r.id&(1<<63-1)%(1<<63-2) + 1
	}
	more, err := w.load(rows[:1])
	if err != nil {
		return err
	}
	for id, r := range more {
		stored[id] = r
	}
	return w.saveOne(rows, stored)
}

func (w *linkWriter) added(r *linkRow) {
	w.out.New++
	w.out.NewLost += btoi(r.lost())
	if r.firstSeen != "" && r.firstSeen < w.settled {
		w.out.Late++
	}
	if r.unkeyed != "" {
		w.out.Unkeyed++
	}
	if w.first != nil {
		w.first.rows = append(w.first.rows, r)
	}
	if w.preview != nil {
		return
	}
	w.countDomain(r, 1, btoi(!r.lost()), true)
	w.remember(r)
	if w.first != nil { // what is touched follows from it, see finish
		w.first.count(r, 1)
		return
	}
	w.touched.day(r.firstSeen)
	w.touched.domains[r.domainID] = true
	if r.lost() {
		w.touched.day(r.lostOn)
	}
}

// update merges what the rows say into the stored one and writes it if that
// changed anything.
func (w *linkWriter) update(old *linkRow, rows []*linkRow) error {
	before := *old
	old.domain, old.from = rows[0].domain, rows[0].from
	var all linkChange
	for i, r := range rows {
		if err := w.sight(&before, r); err != nil {
			return err
		}
		c := old.merge(r)
		all.any, all.matters = all.any || c.any, all.matters || c.matters
		all.fields = append(all.fields, c.fields...)
		if i > 0 {
			w.out.Repeats++
		}
		if w.lists && !r.lost() && old.relist() {
			all.any = true
		}
	}
	if !all.any {
		w.out.Same++
		return nil
	}
	w.out.Changed++
	if w.first != nil {
		w.handOver()
		w.first.rows = append(w.first.rows, old)
	}
	return w.write(&before, old, all)
}
