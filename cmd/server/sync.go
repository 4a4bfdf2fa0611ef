package main

import (
	"context"
	"fmt"

	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/sync"
)

type syncCmd struct{ config.Sync }

// Run pulls one site or all of them, one after another. It waits as long as the
// provider asks for; what was saved when it is cut off is gone on from.
func (c *syncCmd) Run(a *app) error {
	log := a.logger("warn")
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		desk, err := a.desk(st, c.Data.Data, c.AhrefsEndpoints, 0, 0, log)
		if err != nil {
			return err
		}
		client, err := desk.Client(ctx)
		if err != nil {
			return err
		}
		sites, err := c.sites(ctx, st)
		if err != nil {
			return err
		}
		s := &sync.Syncer{Store: st, Provider: client, Now: st.Now, Log: log, LockDir: c.Data.Data}
		results, err := s.RunAll(ctx, sites, nil)
		for _, r := range results {
			a.printRun(r)
		}
		return err
	})
}

func (c *syncCmd) sites(ctx context.Context, st *store.Store) ([]store.Site, error) {
	if c.Site == "" {
		sites, err := st.Sites(ctx)
		if err == nil && len(sites) == 0 {
			err = fault.New(fault.NotFound, "there is no site yet; add one with “landed site add”")
		}
		return sites, err
	}
	site, err := st.SiteByHost(ctx, c.Site)
	return []store.Site{site}, err
}

// printRun prints one line per step of a run.
func (a *app) printRun(r sync.Result) {
	fmt.Fprintf(a.stdout, "%s: run %d, %s, %d requests, %d units\n", r.Site.Host, r.Run.ID, r.Run.State, r.Run.Requests, r.Run.Units)
	for _, s := range r.Run.Steps {
		fmt.Fprintf(a.stdout, "  %s\t%s\t%d rows\t%d new\n", s.Name, s.State, s.Rows, s.New)
	}
}
