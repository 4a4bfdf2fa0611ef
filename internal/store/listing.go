package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// Listing is set on the pages of a list of everything that lives. With its last
// page the list is held against what is stored: a link that it lacks is missed once,
// and lost if the whole list before lacked it as well and nothing has seen it since.
type Listing struct {
	Began    day.Day // links seen on this day or later are not missed
	Provider string  // only links that it found first, and no other sees alive
	Whole    bool    // false: something speaks against counting what is missing
	// Covers reports whether the list can have links to a page of ours: a file may
	// have brought links to hosts that the provider is not asked for.
	Covers func(targetURL string) bool
}

// ErrStrangeListing is in the chain of the error for a last page whose list lacks so
// much that it cannot be right. Nothing of the page is saved.
var ErrStrangeListing = errors.New("the list lacks too much")

// fewMissed is how many links a list may lack whatever their share.
const fewMissed = 20

// listingStep is the step that a Listing belongs to, as package sync names it.
const listingStep = "all_links"

// beginListing notes with the first page which run lists the site.
func (w *linkWriter) beginListing(p SyncPage) error {
	if w.lists = true; p.After != "" {
		return nil // with another run's listing, judge does nothing
	}
	if err := dropListing(w.ctx, w.tx, w.site); err != nil {
		return err
	}
	w.listing = p.Run
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO listing (site_id, run_id) VALUES ($1, $2)`, w.site, p.Run)
	return err
}

func dropListing(ctx context.Context, tx *sql.Tx, site int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM listed WHERE site_id = $1`, site)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM listing WHERE site_id = $1`, site)
	}
	return err
}

// DropListing makes a run's list begin anew when it goes on.
func (s *Store) DropListing(ctx context.Context, run int64) error {
	return s.tx(ctx, "drop list", func(tx *sql.Tx) error {
		var site int64
		if err := tx.QueryRowContext(ctx, `SELECT site_id FROM sync_run WHERE id = $1`, run).Scan(&site); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE sync_step SET cursor = '', row_count = 0 WHERE run_id = $1 AND step = $2 AND state <> 'done'`, run, listingStep)
		if err != nil {
			return err
		}
		return dropListing(ctx, tx, site)
	})
}

// seen notes which links of a batch that was saved are alive, by whatever way they
// came: while a list is pulled they are not missing from it, and otherwise they are
// not missed any more. Neither costs anything where there is nothing of the kind.
func (w *linkWriter) seen(batch []*linkRow) error {
	if w.listing == 0 && !w.missed || w.preview != nil {
		return nil
	}
	var ids []int64
	for _, r := range batch {
		if !r.lost() && (len(ids) == 0 || ids[len(ids)-1] != r.id) {
			ids = append(ids, r.id)
		}
	}
	for _, id := range ids {
		if w.listing == 0 {
			break
		}
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO listed (site_id, link_id) VALUES ($1, $2) ON CONFLICT (site_id, link_id) DO NOTHING`, w.site, id)
		if err != nil {
			return err
		}
	}
	if !w.missed {
		return nil
	}
	for part := range slices.Chunk(ids, inList) {
		_, err := w.tx.ExecContext(w.ctx, `DELETE FROM unlisted WHERE site_id = $1 AND link_id IN `+marks(2, len(part)), append([]any{w.site}, anys(part)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// comparable are the live links that a list begun on $2 should have, and whether it
// has them; $4 and $5 are the links' places by day. It reads the site's live links
// once, with the last page of a list.
const comparable = `SELECT l.id, l.target_url, EXISTS (SELECT 1 FROM listed x WHERE x.site_id = l.site_id AND x.link_id = l.id),
		EXISTS (SELECT 1 FROM unlisted u WHERE u.site_id = l.site_id AND u.link_id = l.id)
	FROM link l WHERE l.seen >= $4 AND l.seen < $5 AND l.lost_on = '' AND l.provider = $3
		AND (l.last_seen < $2 AND NOT EXISTS (SELECT 1 FROM sighting o WHERE o.link_id = l.id AND o.provider <> $3 AND o.lost_on = '')
			OR EXISTS (SELECT 1 FROM listed x WHERE x.site_id = l.site_id AND x.link_id = l.id))`

// judge holds a list that has arrived against what is stored. on is the day of the
// list.
func (w *linkWriter) judge(l Listing, run int64, on string) error {
	if !l.Whole || w.listing != run {
		return dropListing(w.ctx, w.tx, w.site)
	}
	var once, twice []int64
	all := 0
	err := each(w.ctx, w.tx, func(rows *sql.Rows) error {
		var id int64
		var target string
		var has, before bool
		if err := rows.Scan(&id, &target, &has, &before); err != nil || !l.Covers(target) {
			return err
		}
		switch all++; {
		case has:
		case before:
			twice = append(twice, id)
		default:
			once = append(once, id)
		}
		return nil
	}, comparable, w.site, l.Began.String(), l.Provider, seenOf(w.site, firstDay), seenOf(w.site, l.Began.String()))
	if err != nil {
		return err
	}
	if n := len(once) + len(twice); n > 0 && (n == all || n >= fewMissed && 2*n > all) {
		return fault.Wrap(ErrStrangeListing, fault.Unavailable,
			"The provider’s list of live links lacks %d of the %d that it should have. It was not believed, and no link was taken for lost.", n, all)
	}
	if w.out.Missed = len(once); len(twice) > 0 {
		if err := w.lose(twice, on); err != nil {
			return err
		}
	}
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM unlisted WHERE site_id = $1`, w.site); err != nil {
		return err
	}
	for _, id := range once {
		if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO unlisted (site_id, link_id, missed_on) VALUES ($1, $2, $3)`, w.site, id, on); err != nil {
			return err
		}
	}
	return dropListing(w.ctx, w.tx, w.site)
}

// lose marks links as lost by our own finding, on the way that the provider's word
// takes too.
func (w *linkWriter) lose(ids []int64, on string) error {
	slices.Sort(ids)
	for part := range slices.Chunk(ids, chunk) {
		batch := make([]*linkRow, len(part))
		for i, id := range part {
			batch[i] = &linkRow{id: id}
		}
		rows, err := w.load(batch)
		if err != nil {
			return err
		}
		for _, id := range part {
			before := *rows[id]
			now := rows[id]
			page, err := w.attr.set.platforms.Page(now.source)
			if err != nil && now.domainID != 0 {
				return err
			}
			now.domain = page.Domain
			now.lostOn, now.lostReason, now.lostSaid = on, string(backlinks.IndexDropped), backlinks.SaidUnlisted
			if err := w.write(&before, now, linkChange{any: true, lost: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// relist takes back a loss of our own finding when a list has the link again: the
// provider may have visited its page last before that day, so that no date says it.
func (r *linkRow) relist() bool {
	if r.lost() && r.lostSaid == backlinks.SaidUnlisted {
		r.lostOn, r.lostReason, r.lostSaid = "", "", ""
		return true
	}
	return false
}

const (
	sizeKnown = `SELECT links_new - links_lost FROM site_total WHERE site_id = $1`
	sizeSaid  = `SELECT backlinks FROM snapshot WHERE site_id = $1 AND provider = $2 AND backlinks >= 0 ORDER BY on_day DESC LIMIT 1`
)

// LiveLinks is how many live links a site has at most, as far as is known: those
// stored here, or those that the provider last counted. 0 = nothing is known.
func (s *Store) LiveLinks(ctx context.Context, site int64, provider string) (int, error) {
	var here, said int
	err := s.read.QueryRowContext(ctx, sizeKnown, site).Scan(&here)
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		err = s.read.QueryRowContext(ctx, sizeSaid, site, provider).Scan(&said)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return max(here, said), classify(err, "live links")
}
