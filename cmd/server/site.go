package main

import (
	"context"
	"fmt"
	"time"

	"landed/internal/config"
	"landed/internal/store"
)

type siteCmd struct {
	Add  siteAddCmd  `command:"add" description:"Add a site of ours."`
	List siteListCmd `command:"list" description:"List our sites."`
}

type siteAddCmd struct{ config.SiteAdd }

// Run adds the site, making the workspace if there is none.
func (c *siteAddCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, true, func(ctx context.Context, st *store.Store) error {
		site, err := st.CreateSite(ctx, c.Args.Host)
		if err != nil {
			return err
		}
		if err := st.Audit(ctx, store.CommandLine, "site_created", site.Host, ""); err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "Added site %d: %s\n", site.ID, site.Host)
		return err
	})
}

type siteListCmd struct{ config.SiteList }

// Run prints id, host and the day it was added, tab-separated.
func (c *siteListCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		sites, err := st.Sites(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, "id\thost\tadded_on")
		for _, s := range sites {
			fmt.Fprintf(a.stdout, "%d\t%s\t%s\n", s.ID, s.Host, s.CreatedAt.Format(time.DateOnly))
		}
		return nil
	})
}
