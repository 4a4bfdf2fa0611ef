package main

import (
	"context"
	"fmt"

	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/store"
)

type attributeCmd struct{ config.Attribute }

// Run decides links again, site by site.
func (c *attributeCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		sites, err := st.Sites(ctx)
		if err != nil {
			return err
		}
		for _, s := range sites {
			out, err := st.Attribute(ctx, s.ID, c.Full, nil)
			if err != nil {
				return fmt.Errorf("%s: %w", s.Host, err)
			}
			fmt.Fprintf(a.stdout, "%s: ", s.Host)
			printCredits(a.stdout, out)
		}
		return nil
	})
}

type backupCmd struct{ config.Backup }

// Run writes a checked copy, also while a server runs.
func (c *backupCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		if err := st.Backup(ctx, c.Args.File); err != nil {
			return err
		}
		if err := st.Audit(ctx, store.CommandLine, "backup", c.Args.File, ""); err != nil {
			return err
		}
		_, err := fmt.Fprintf(a.stdout, "Wrote %s\n", c.Args.File)
		return err
	})
}

type restoreCmd struct{ config.Restore }

// Run puts a backup in place and says where the old database is now.
func (c *restoreCmd) Run(a *app) error {
	lock, err := lockData(c.Data.Data)
	if err != nil {
		return err
	}
	defer lock.release()
	kept, err := store.Restore(a.ctx, c.Data.Data, c.Args.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Restored %s\n", c.Args.File)
	if kept != "" {
		fmt.Fprintf(a.stdout, "The database that was there is now %s\n", kept)
	}
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		return st.Audit(ctx, store.CommandLine, "restored", c.Args.File, "")
	})
}

type checkCmd struct{ config.Check }

// Run prints one line per problem and fails if there is any.
func (c *checkCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		found, err := st.Verify(ctx)
		if err != nil {
			return err
		}
		for _, p := range found {
			fmt.Fprintln(a.stdout, p.What)
		}
		if len(found) > 0 {
			return fault.New(fault.Conflict, "%d problems found", len(found))
		}
		_, err = fmt.Fprintln(a.stdout, "The database is whole and its figures agree with its rows.")
		return err
	})
}
