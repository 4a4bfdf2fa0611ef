package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	_ "modernc.org/sqlite" // what the store has written is read as it stands

	"landed/internal/attribution"
	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
)

// run carries a world through the product, as a team would: the pitch list and
// the exports are read as files, other names of outlets are entered, and the
// store attributes. It adds the outcome to t.
func run(ctx context.Context, w *world, careful bool, t *tally) (err error) {
	dir, err := os.MkdirTemp("", "landed-accuracy-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	st, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	st.Now = func() time.Time { return today.Time().Add(12 * time.Hour) }
	s := newSpelling(w)
	site, err := w.enter(ctx, st, careful, s)
	if err != nil {
		return err
	}
	if _, err := st.Attribute(ctx, site.ID, true, nil); err != nil {
		return err
	}
	return w.compare(ctx, st.Path(), s, t)
}

func (w *world) enter(ctx context.Context, st *store.Store, careful bool, s *spelling) (store.Site, error) {
	by := store.By{AccountID: 1, Name: owners[0]}
	for i, name := range owners {
		role := auth.Staff
		if i == 0 {
			role = auth.Admin
		}
		if _, err := st.CreateAccount(ctx, by, store.NewAccount{Email: fmt.Sprintf("p%d@brand.example", i), Name: name, Role: role, PasswordHash: "none"}); err != nil {
			return store.Site{}, err
		}
	}
	site, err := st.CreateSite(ctx, ownHost)
	if err != nil {
		return site, err
	}
	var list, export bytes.Buffer
	if err := errors.Join(w.pitchList(&list), s.firstProvider(&export)); err != nil {
		return site, err
	}
	// Links and pitches come in either order in real life; the result is the same.
	links := func() error {
		_, err := intake.Links(ctx, st, site, &export, intake.LinksOptions{})
		if err == nil {
			_, err = st.SaveLinks(ctx, site.ID, s.secondProvider(), false, nil)
		}
		return err
	}
	pitched := func() error {
		seen, err := intake.Inspect(ctx, st, site, bytes.NewReader(list.Bytes()), 0)
		if err != nil {
			return err
		}
		r, err := intake.Pitches(ctx, st, by, site, &list, intake.PitchesOptions{Mapping: seen.Mapping, Today: today})
		if err == nil && r.New != len(w.pitches) {
			err = fmt.Errorf("%d of %d pitches were taken: %s %+v", r.New, len(w.pitches), r.Sentence(), r.Refused)
		}
		return err
	}
	if err := pitched(); err != nil {
		return site, err
	}
	if careful {
		if err := settle(ctx, st, by)(st.ProposeRules(ctx, by, attribution.CarefulRules(today))); err != nil {
			return site, err
		}
	}
	if err := w.identities(ctx, st, by); err != nil {
		return site, err
	}
	return site, links()
}

// identities enters the other names of outlets that somebody knows of, and the
// sections that somebody has switched off, as an admin does: each change is
// looked at, then applied.
func (w *world) identities(ctx context.Context, st *store.Store, by store.By) (err error) {
	db, err := sql.Open("sqlite", "file:"+st.Path()+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, o := range w.outlets {
		if !o.alias && o.off == "" {
			continue
		}
		for i, host := range o.hosts {
			page, err := st.Platforms().Outlet(host)
			if err != nil {
				return err
			}
			var id int64
			switch err := db.QueryRowContext(ctx, `SELECT id FROM outlet WHERE key = $1`, page.Outlet.Key).Scan(&id); {
			case errors.Is(err, sql.ErrNoRows):
				continue // never pitched under that name
			case err != nil:
				return err
			}
			if o.alias {
				err = settle(ctx, st, by)(st.ProposeAliases(ctx, by, id, o.otherName(i)))
			}
			if err == nil && o.off != "" {
				err = settle(ctx, st, by)(st.ProposeSubdomains(ctx, by, id, []string{o.off}))
			}
			if err != nil {
				return fmt.Errorf("%s: %w", host, err)
			}
		}
	}
	return nil
}

// otherName is the outlet's other host, with the days on which it held where
// somebody has entered them.
func (o *outlet) otherName(than int) []pitches.Alias {
	a := pitches.Alias{Key: o.hosts[1-than], From: day.None, To: day.None}
	if o.kind == "moved" && o.dated {
		if than == 0 {
			a.From = o.since
		} else {
			a.To = o.since
		}
	}
	return []pitches.Alias{a}
}

// settle carries a proposed change through.
func settle(ctx context.Context, st *store.Store, by store.By) func(store.RuleChange, error) error {
	return func(c store.RuleChange, err error) error {
		if err == nil {
			err = st.WorkChange(ctx, c.ID)
		}
		if err == nil {
			err = st.StartChange(ctx, by, c.ID, false)
		}
		if err == nil {
			err = st.WorkChange(ctx, c.ID)
		}
		return err
	}
}

// outcome is what the product says of one link.
type outcome struct {
	ref, band string
	others    map[string]bool // runners-up that a person sees beside it
	score     int
	reasons   string
	rows      int
}

func (w *world) compare(ctx context.Context, path string, s *spelling, t *tally) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	said := map[[2]string]*outcome{}
	rows, err := db.QueryContext(ctx, `SELECT l.source_url, l.target_url, COALESCE(p.ref, ''), COALESCE(c.band, 'none'), COALESCE(c.score, 0), COALESCE(c.reasons, ''),
		COALESCE((SELECT group_concat(q.ref) FROM assist a JOIN pitch q ON q.id = a.pitch_id WHERE a.link_id = l.id), '')
		FROM link l LEFT JOIN credit c ON c.link_id = l.id LEFT JOIN pitch p ON p.id = c.pitch_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var source, target, others string
		o := &outcome{}
		if err := rows.Scan(&source, &target, &o.ref, &o.band, &o.score, &o.reasons, &others); err != nil {
			return err
		}
		o.others = splitSet(others)
		page, ok := s.pages[source]
		if !ok {
			return fmt.Errorf("the store has a page that the world does not: %s", source)
		}
		key := [2]string{page, s.targets[target]}
		if before := said[key]; before != nil {
			before.rows++
			continue
		}
		o.rows = 1
		said[key] = o
	}
	if err := rows.Err(); err != nil {
		return err
	}
	counted := map[[2]string]bool{}
	for _, l := range w.links {
		key := [2]string{l.page, l.target}
		if counted[key] {
			continue // a list page of two placements
		}
		counted[key] = true
		o := said[key]
		if o == nil {
			return fmt.Errorf("the store lost %s to %q", l.page, l.target)
		}
		t.add(l, o)
	}
	return nil
}
