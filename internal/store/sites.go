package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// Site is one of ours: a host whose backlinks and pitches are kept.
type Site struct {
	ID        int64
	Host      string
	Mode      backlinks.Mode
	CreatedAt time.Time
}

// Target is what a provider is asked for.
func (s Site) Target() backlinks.Target { return backlinks.Target{Host: s.Host, Mode: s.Mode} }

// CreateSite adds a site by whatever names it: a domain or a URL of it.
func (s *Store) CreateSite(ctx context.Context, typed string) (Site, error) {
	p, err := s.Platforms().Outlet(typed)
	if err != nil {
		return Site{}, fault.Field("host", "%s", fault.Message(err))
	}
	site := Site{Host: p.Host, Mode: backlinks.ModeDomain, CreatedAt: s.Now()}
	err = s.tx(ctx, "add site "+p.Host, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, `SELECT id FROM site WHERE host = $1`, p.Host).Scan(&id)
		if err == nil {
			return &fault.Error{Kind: fault.Conflict, Message: "The site " + p.Host + " is there already.", Fields: map[string]string{"host": "This site is there already."}}
		}
		if err != sql.ErrNoRows {
			return err
		}
		if site.ID, err = nextID(ctx, tx, "site"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO site (id, host, mode, created_at) VALUES ($1, $2, $3, $4)`, site.ID, site.Host, string(site.Mode), stamp(site.CreatedAt))
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO sync_schedule (site_id) VALUES ($1)`, site.ID)
		}
		return err
	})
	return site, err
}

// Sites lists all sites by host. The list may be shared: it must not be changed.
func (s *Store) Sites(ctx context.Context) ([]Site, error) {
	return kept(ctx, fact{what: "sites"}, func() ([]Site, error) { return s.sites(ctx) })
}

func (s *Store) sites(ctx context.Context) ([]Site, error) {
	var out []Site
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		site, err := scanSite(rows)
		out = append(out, site)
		return err
	}, `SELECT id, host, mode, created_at FROM site ORDER BY host`)
	return out, classify(err, "list sites")
}

// Site is one site by id.
func (s *Store) Site(ctx context.Context, id int64) (Site, error) {
	site, err := scanSite(s.read.QueryRowContext(ctx, `SELECT id, host, mode, created_at FROM site WHERE id = $1`, id))
	if err == sql.ErrNoRows {
		return site, fault.New(fault.NotFound, "There is no site %d.", id)
	}
	return site, classify(err, "site")
}

// SiteByHost is one site by whatever names its host.
func (s *Store) SiteByHost(ctx context.Context, typed string) (Site, error) {
	p, err := s.Platforms().Outlet(typed)
	if err != nil {
		return Site{}, err
	}
	site, err := scanSite(s.read.QueryRowContext(ctx, `SELECT id, host, mode, created_at FROM site WHERE host = $1`, p.Host))
	if err == sql.ErrNoRows {
		return site, fault.New(fault.NotFound, "There is no site %s. Add it with “landed site add %s”.", p.Host, p.Host)
	}
	return site, classify(err, "site "+p.Host)
}

type scanner interface{ Scan(...any) error }

func scanSite(row scanner) (Site, error) {
	var site Site
	var created string
	err := row.Scan(&site.ID, &site.Host, (*string)(&site.Mode), &created)
	site.CreatedAt = instant(created)
	return site, err
}

// SaveSnapshot keeps one day's figures of a site; the same day again replaces it.
func (s *Store) SaveSnapshot(ctx context.Context, site int64, n backlinks.Snapshot) error {
	return s.tx(ctx, "save snapshot", func(tx *sql.Tx) error { return s.saveSnapshot(ctx, tx, site, n) })
}

func (s *Store) saveSnapshot(ctx context.Context, tx *sql.Tx, site int64, n backlinks.Snapshot) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO snapshot (site_id, on_day, provider, authority, metric, backlinks, refdomains, organic_traffic, organic_keywords, fetched_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (site_id, provider, on_day) DO UPDATE SET authority = excluded.authority, metric = excluded.metric, backlinks = excluded.backlinks,
			refdomains = excluded.refdomains, organic_traffic = excluded.organic_traffic, organic_keywords = excluded.organic_keywords, fetched_at = excluded.fetched_at`,
		site, n.On.String(), n.Provider, n.Authority, string(n.Metric), n.Backlinks, n.RefDomains, n.OrganicTraffic, n.OrganicKeywords, stamp(s.Now()))
	if err != nil {
		return err
	}
	return rollupSnapshots(ctx, tx, site, n.Provider, n.On)
}

// Snapshots lists a site's snapshots between two days, oldest first. None as
// from or to leaves that end open.
func (s *Store) Snapshots(ctx context.Context, site int64, from, to day.Day) ([]backlinks.Snapshot, error) {
	var out []backlinks.Snapshot
	last := to.String()
	if last == "" {
		last = "9999-12-31"
	}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var n backlinks.Snapshot
		var on string
		err := rows.Scan(&on, &n.Provider, &n.Authority, (*string)(&n.Metric), &n.Backlinks, &n.RefDomains, &n.OrganicTraffic, &n.OrganicKeywords)
		n.On = dayOf(on)
		out = append(out, n)
		return err
	}, `SELECT on_day, provider, authority, metric, backlinks, refdomains, organic_traffic, organic_keywords
		FROM snapshot WHERE site_id = $1 AND on_day BETWEEN $2 AND $3 ORDER BY on_day`, site, from.String(), last)
	return out, classify(err, "snapshots")
}

// SaveRefDomains keeps what the provider counts of referring domains. Its
// first_seen is taken over where it is earlier than that of the links stored.
func (s *Store) SaveRefDomains(ctx context.Context, site int64, domains []backlinks.RefDomain) (added int, err error) {
	err = s.tx(ctx, "save referring domains", func(tx *sql.Tx) error {
		added, err = s.saveRefDomains(ctx, tx, site, domains)
		return err
	})
	return added, err
}

func (s *Store) saveRefDomains(ctx context.Context, tx *sql.Tx, site int64, domains []backlinks.RefDomain) (added int, err error) {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO refdomain (id, site_id, domain, first_seen, authority, metric, said_links, said_first, seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $4, $8)
		ON CONFLICT (id) DO UPDATE SET authority = excluded.authority, metric = excluded.metric, said_links = excluded.said_links, said_first = excluded.said_first,
			first_seen = CASE WHEN excluded.said_first <> '' AND (refdomain.first_seen = '' OR excluded.said_first < refdomain.first_seen)
				THEN excluded.said_first ELSE refdomain.first_seen END,
			seen = CASE WHEN excluded.said_first <> '' AND (refdomain.first_seen = '' OR excluded.said_first < refdomain.first_seen)
				THEN excluded.seen ELSE refdomain.seen END`)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	set, err := s.rulesetIn(ctx, tx)
	if err != nil {
		return 0, err
	}
	said := make(map[int64]backlinks.RefDomain, len(domains))
	for _, d := range domains {
		p, err := set.platforms.Page(d.Domain)
		if err != nil {
			continue // an address without a name cannot be an outlet's domain
		}
		d.Domain = p.Domain
		id := domainID(site, p.Domain)
		if other, ok := said[id]; ok {
			if err := sameDomain(other.Domain, p.Domain); err != nil {
				return 0, err
			}
		}
		said[id] = d
	}
	ids := slices.Sorted(maps.Keys(said))
	have, err := storedDomains(ctx, tx, site, ids)
	if err != nil {
		return 0, err
	}
	t := newTouched()
	for _, id := range ids {
		d, old := said[id], have[id]
		seen := d.FirstSeen.String()
		if old.name == "" {
			added++
			t.day(seen)
		} else if err := sameDomain(old.name, d.Domain); err != nil {
			return added, err
		} else if seen != "" && (old.firstSeen == "" || seen < old.firstSeen) {
			t.day(seen, old.firstSeen)
		}
		if _, err := stmt.ExecContext(ctx, id, site, d.Domain, seen, d.Authority, string(d.Metric), d.Links, seenOf(site, seen)); err != nil {
			return added, err
		}
	}
	return added, rollup(ctx, tx, site, t.days)
}
