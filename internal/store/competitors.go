package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"landed/internal/backlinks"
	"landed/internal/fault"
)

// CompetitorsAtMost is how many a site is compared with: each has its price.
const CompetitorsAtMost = 5

// Competitor is a host that a site is compared with.
type Competitor struct {
	ID, SiteID int64
	Host       string
	AddedAt    time.Time
	AddedBy    string
	Floor      int // the least authority of a source that syncs ask for
}

// Target is what a provider is asked for.
func (c Competitor) Target() backlinks.Target {
	return backlinks.Target{Host: c.Host, Mode: backlinks.ModeDomain}
}

// SourceStep names the step of a sync that pulls a competitor's sources from an
// authority on. The floor is part of the name, so that a lower one has a watermark
// of its own and asks for the whole list again.
type SourceStep struct {
	Host  string
	Floor int
}

const sourceStep = "sources:"

func (s SourceStep) String() string { return sourceStep + strconv.Itoa(s.Floor) + ":" + s.Host }

// ParseSourceStep reads the name of a step; ok is false for other steps.
func ParseSourceStep(name string) (s SourceStep, ok bool) {
	rest, ok := strings.CutPrefix(name, sourceStep)
	if !ok {
		return s, false
	}
	floor, host, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(floor)
	return SourceStep{host, n}, ok && err == nil && host != ""
}

// Competitors lists those of a site by host.
func (s *Store) Competitors(ctx context.Context, site int64) ([]Competitor, error) {
	var out []Competitor
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var c Competitor
		var added string
		err := rows.Scan(&c.ID, &c.SiteID, &c.Host, &added, &c.AddedBy, &c.Floor)
		c.AddedAt = instant(added)
		out = append(out, c)
		return err
	}, `SELECT c.id, c.site_id, c.host, c.added_at, c.added_by, s.source_floor FROM competitor c JOIN site s ON s.id = c.site_id
		WHERE c.site_id = $1 AND c.removed_at = '' ORDER BY c.host`, site)
	return out, classify(err, "list competitors")
}

// AddCompetitor adds one by whatever names it: a domain or a URL of it. One that
// was removed has its sources again. What is wrong with it is said of the field host.
func (s *Store) AddCompetitor(ctx context.Context, by By, site int64, typed string) (Competitor, error) {
	c := Competitor{SiteID: site, AddedAt: s.Now(), AddedBy: by.Name}
	page, err := s.Platforms().Outlet(typed)
	if err != nil {
		return c, fault.Field("host", "%s", fault.Message(err))
	}
	c.Host = page.Host
	err = s.tx(ctx, "add competitor", func(tx *sql.Tx) error {
		var own string
		if err := tx.QueryRowContext(ctx, `SELECT host, source_floor FROM site WHERE id = $1`, site).Scan(&own, &c.Floor); err != nil {
			return err
		}
		var there, full bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM competitor WHERE site_id = $1 AND host = $2 AND removed_at = ''),
			(SELECT COUNT(*) FROM competitor WHERE site_id = $1 AND removed_at = '') >= $3`, site, c.Host, CompetitorsAtMost).Scan(&there, &full)
		switch {
		case err != nil:
			return err
		case c.Host == own:
			return fault.Field("host", "%s is your own site.", own)
		case there:
			return fault.Field("host", "%s is there already.", c.Host)
		case full:
			return fault.Field("host", "A site has %d competitors at most. Remove one first.", CompetitorsAtMost)
		}
		if c.ID, err = nextID(ctx, tx, "competitor"); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `INSERT INTO competitor (id, site_id, host, added_at, added_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (site_id, host) DO UPDATE SET added_at = excluded.added_at, added_by = excluded.added_by, removed_at = '' RETURNING id`,
			c.ID, site, c.Host, stamp(c.AddedAt), by.Name).Scan(&c.ID)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "competitor_added", c.Host, "of "+own)
	})
	return c, err
}

// RemoveCompetitor takes one out of lists and syncs. One that is gone is NotFound.
func (s *Store) RemoveCompetitor(ctx context.Context, by By, id int64) (Competitor, error) {
	c := Competitor{ID: id}
	err := s.tx(ctx, "remove competitor", func(tx *sql.Tx) error {
		var own string
		err := tx.QueryRowContext(ctx, `SELECT c.site_id, c.host, s.host FROM competitor c JOIN site s ON s.id = c.site_id WHERE c.id = $1 AND c.removed_at = ''`, id).Scan(&c.SiteID, &c.Host, &own)
		if err == sql.ErrNoRows {
			return fault.New(fault.NotFound, "There is no such competitor.")
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE competitor SET removed_at = $2 WHERE id = $1`, id, stamp(s.Now()))
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "competitor_removed", c.Host, "of "+own)
	})
	return c, err
}

// SourceFloor is the least authority of a source that a site's syncs ask for.
func (s *Store) SourceFloor(ctx context.Context, site int64) (floor int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT source_floor FROM site WHERE id = $1`, site).Scan(&floor)
	return floor, classify(err, "authority of sources")
}

// SetSourceFloor changes it, 1 to 100. A lower one than before asks for all sources
// again with the next sync.
func (s *Store) SetSourceFloor(ctx context.Context, by By, site int64, floor int) error {
	if floor < 1 || floor > 100 {
		return fault.Field("floor", "Type a whole number from 1 to 100.")
	}
	return s.tx(ctx, "set the authority of sources", func(tx *sql.Tx) error {
		var host string
		var was int
		err := tx.QueryRowContext(ctx, `SELECT host, source_floor FROM site WHERE id = $1`, site).Scan(&host, &was)
		if err != nil || was == floor {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE site SET source_floor = $2 WHERE id = $1`, site, floor); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "source_floor_set", host, fmt.Sprintf("from DR %d, was %d", floor, was))
	})
}

// SaveSourcePage saves a page of a competitor's sources as SaveLinkPage does links:
// of each domain the page that the run brought first. added counts the domains that
// were not known to link there. What has no domain, or is the competitor's own or
// ours, is left out.
func (s *Store) SaveSourcePage(ctx context.Context, p SyncPage, host string, links []backlinks.Link) (added int, err error) {
	err = s.savePage(ctx, p, func(tx *sql.Tx) (SyncStep, error) {
		w := sourceWriter{store: s, ctx: ctx, tx: tx, page: p, today: stamp(s.Now())[:len("2006-01-02")]}
		added, err = w.save(host, links)
		return SyncStep{Rows: len(links), New: added}, err
	})
	return added, err
}

type sourceWriter struct {
	store *Store
	ctx   context.Context
	tx    *sql.Tx
	page  SyncPage
	today string
}

func (w sourceWriter) save(host string, links []backlinks.Link) (added int, err error) {
	set, err := w.store.rulesetIn(w.ctx, w.tx)
	if err != nil {
		return 0, err
	}
	var competitor int64
	var own string
	err = w.tx.QueryRowContext(w.ctx, `SELECT c.id, s.host FROM competitor c JOIN site s ON s.id = c.site_id WHERE c.site_id = $1 AND c.host = $2`, w.page.Site, host).Scan(&competitor, &own)
	if err != nil {
		return 0, err
	}
	skip := map[string]bool{"": true}
	for _, h := range []string{host, own} {
		if page, err := set.platforms.Page(h); err == nil {
			skip[page.Domain] = true
		}
	}
	for _, l := range links {
		page, err := set.platforms.Page(l.SourceURL)
		if err != nil || skip[page.Domain] {
			continue
		}
		skip[page.Domain] = true // the best comes first
		isNew, err := w.source(competitor, page.Domain, l)
		if err != nil {
			return added, err
		}
		if isNew {
			added++
		}
	}
	return added, nil
}

func (w sourceWriter) source(competitor int64, domain string, l backlinks.Link) (isNew bool, err error) {
	id := domainID(w.page.Site, domain)
	var stored string
	err = w.tx.QueryRowContext(w.ctx, `INSERT INTO source_domain (id, site_id, domain, authority, metric, strength) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET authority = excluded.authority, metric = excluded.metric, strength = excluded.strength RETURNING domain`,
		id, w.page.Site, domain, l.Authority, string(l.Metric), strength(l.Authority)).Scan(&stored)
	if err == nil {
		err = sameDomain(stored, domain)
	}
	if err != nil {
		return false, err
	}
	err = w.tx.QueryRowContext(w.ctx, `SELECT NOT EXISTS (SELECT 1 FROM competitor_source WHERE domain_id = $1 AND competitor_id = $2)`, id, competitor).Scan(&isNew)
	if err != nil {
		return false, err
	}
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO competitor_source (domain_id, competitor_id, source_url, target_url, anchor, nofollow, first_seen, found_on, seen_on, run_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
		ON CONFLICT (domain_id, competitor_id) DO UPDATE SET source_url = excluded.source_url, target_url = excluded.target_url, anchor = excluded.anchor,
			nofollow = excluded.nofollow, first_seen = excluded.first_seen, seen_on = excluded.seen_on, run_id = excluded.run_id
		WHERE competitor_source.run_id <> excluded.run_id`,
		id, competitor, l.SourceURL, l.TargetURL, l.Anchor, l.Nofollow == backlinks.Yes, l.FirstSeen.String(), w.today, w.page.Run)
	return isNew, err
}

// strength writes an authority of 0 to 100 so that texts order as numbers do.
func strength(authority float64) string { return fmt.Sprintf("%06.2f", authority) }
