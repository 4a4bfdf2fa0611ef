package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"landed/internal/auth"
	"landed/internal/config"
	"landed/internal/demo"
	"landed/internal/fault"
	"landed/internal/store"
)

type demoCmd struct{ config.Demo }

// demoSeed makes every demo the same on the same day.
const demoSeed = 1

// demoPace is how many requests a minute the simulated provider is asked for:
// it has no limit of its own.
const demoPace = 100_000

// Run builds the sample workspace, serves it, and removes it at the end.
func (c *demoCmd) Run(a *app) error {
	dir, remove, err := c.directory()
	if err != nil {
		return err
	}
	defer remove()
	lock, err := lockData(dir)
	if err != nil {
		return err
	}
	defer lock.release()
	log := a.logger(c.LogLevel)
	return a.withStore(dir, true, func(ctx context.Context, st *store.Store) error {
		hasher, err := auth.NewHasher(auth.DefaultParams)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, "Making a year of sample data …")
		world, err := demo.Build(ctx, st, demo.Options{Now: time.Now().UTC(), Seed: demoSeed, Hasher: hasher, Log: log})
		if err != nil {
			return err
		}
		defer world.Close()
		settings := config.Serve{Data: config.Data{Data: dir}, Listen: c.Listen, MaxUpload: 10, SessionIdle: time.Hour,
			SessionLifetime: 12 * time.Hour, SyncEvery: 7 * 24 * time.Hour, Ahrefs: config.Ahrefs{AhrefsEndpoints: "auto"}, Log: c.Log}
		a.secrets = config.Secrets{AhrefsToken: world.Token, AhrefsBaseURL: world.ProviderURL} // never the keys of a real workspace
		s := &service{app: a, settings: settings, store: st, log: log, pace: demoPace}
		return s.run(ctx, func(base string) { printDemo(a, base, world) })
	})
}

// directory is a temporary one, or an empty one that the user chose and keeps.
func (c *demoCmd) directory() (dir string, remove func(), err error) {
	if c.Data == "" {
		dir, err = os.MkdirTemp("", "landed-demo-*")
		return dir, func() { os.RemoveAll(dir) }, err
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", nil, fmt.Errorf("--data: %w", err)
	}
	if len(entries) > 0 {
		return "", nil, fault.New(fault.Conflict, "--data: %s is not empty; the demo wants a directory of its own", c.Data)
	}
	return c.Data, func() {}, nil
}

func printDemo(a *app, base string, world *demo.Demo) {
	fmt.Fprintf(a.stdout, "\nSample workspace, thrown away at the end (Ctrl+C). Sign in at %s/signin as\n", base)
	for _, u := range world.Accounts {
		fmt.Fprintf(a.stdout, "  %-8s %s\n", u.Role, u.Email)
	}
	fmt.Fprintf(a.stdout, "with the password: %s\n", world.Accounts[0].Password)
}
