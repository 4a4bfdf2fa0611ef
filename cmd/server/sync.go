package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
		if c.DryRun {
			return c.forecast(ctx, a, st, s, sites)
		}
		results, err := s.RunAll(ctx, sites, store.Asked{Cause: store.CauseCommand, By: store.CommandLine, Years: c.Years, EveryLink: c.Full}, nil)
		for _, r := range results {
			a.printRun(r)
		}
		return errors.Join(err, a.printMonth(ctx, st))
	})
}

// forecast prints what a sync would do and cost. Nothing is asked that costs units.
func (c *syncCmd) forecast(ctx context.Context, a *app, st *store.Store, s *sync.Syncer, sites []store.Site) error {
	sum := 0
	for _, site := range sites {
		f, err := s.ForecastAsked(ctx, site.ID, store.Asked{Years: c.Years, EveryLink: c.Full})
		if err != nil {
			return fmt.Errorf("%s: %w", site.Host, err)
		}
		if !f.Priced {
			fmt.Fprintf(a.stdout, "%s: the provider says no prices; 2 to 5 units a request is usual\n", site.Host)
			for _, step := range f.Steps {
				fmt.Fprintf(a.stdout, "  %s%s\n", step.Name, window(step))
			}
			continue
		}
		least := ""
		if len(f.Unknown) > 0 {
			least = "at least "
		}
		cost := f.Cost()
		sum += cost.Units
		fmt.Fprintf(a.stdout, "%s: %s%d requests, %s%d units\n", site.Host, least, cost.Requests, least, cost.Units)
		for _, step := range f.Steps {
			rows := fmt.Sprintf("%d rows", step.Rows)
			if slices.Contains(f.Unknown, step.Name) {
				rows = "rows not known"
			}
			fmt.Fprintf(a.stdout, "  %s%s\t%s\t%d requests\t%d units\n", step.Name, window(step), rows, step.Requests, step.Units)
		}
	}
	if len(sites) > 1 && sum > 0 {
		fmt.Fprintf(a.stdout, "together %d units\n", sum)
	}
	return a.printMonth(ctx, st)
}

// window is the days that a step asks for, both included.
func window(s store.SyncStep) string {
	if !s.From.Known() {
		return ""
	}
	return fmt.Sprintf(" %s to %s", s.From, s.To)
}

// printMonth says how the month's units stand.
func (a *app) printMonth(ctx context.Context, st *store.Store) error {
	b, err := st.BudgetState(ctx)
	if err != nil {
		return err
	}
	switch {
	case b.MonthUnits == 0:
		fmt.Fprintf(a.stdout, "%s: %d units spent, no cap\n", b.Month, b.Units)
	case b.Warn:
		fmt.Fprintf(a.stdout, "%s: %d of %d units spent, %d left: more than %d %%\n", b.Month, b.Units, b.MonthUnits, b.Left, b.WarnPercent)
	default:
		fmt.Fprintf(a.stdout, "%s: %d of %d units spent, %d left\n", b.Month, b.Units, b.MonthUnits, b.Left)
	}
	return nil
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
	forecast := ""
	if r.Run.Forecast.Units > 0 {
		forecast = fmt.Sprintf(" (forecast %d)", r.Run.Forecast.Units)
	}
	fmt.Fprintf(a.stdout, "%s: run %d, %s, %d requests, %d units%s\n", r.Site.Host, r.Run.ID, r.Run.State, r.Run.Requests, r.Run.Units, forecast)
	for _, s := range r.Run.Steps {
		fmt.Fprintf(a.stdout, "  %s\t%s\t%d rows\t%d new", s.Name, s.State, s.Rows, s.New)
		if s.Missed > 0 {
			fmt.Fprintf(a.stdout, "\t%d missing for the first time", s.Missed)
		}
		if s.Name == sync.AllLinks && s.Lost > 0 {
			fmt.Fprintf(a.stdout, "\t%d lost", s.Lost)
		}
		fmt.Fprintln(a.stdout)
	}
}
