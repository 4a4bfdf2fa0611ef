package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/provider"
	"landed/internal/secret"
	"landed/internal/store"
)

type keyCmd struct {
	New    keyNewCmd    `command:"new" description:"Print a new master key, for LANDED_MASTER_KEY."`
	Rotate keyRotateCmd `command:"rotate" description:"Seal saved tokens with a new master key."`
}

type keyNewCmd struct{ config.KeyNew }

// Run prints a key and stores nothing.
func (c *keyNewCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.stdout, secret.NewKeyText())
	return err
}

type keyRotateCmd struct{ config.KeyRotate }

// Run replaces the master key, also while a server runs.
func (c *keyRotateCmd) Run(a *app) error {
	keys, err := a.keys(c.Data.Data)
	if err != nil {
		return err
	}
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		done, changed, err := provider.Rotate(ctx, st, keys)
		if err != nil {
			return err
		}
		how := "Sealed"
		if done.Finished && keys.Text == "" {
			how = "Finished a rotation that was cut off: sealed"
		}
		fmt.Fprintf(a.stdout, "%s %d with the key %s\n", how, changed, done.To)
		if keys.Text != "" {
			fmt.Fprintf(a.stdout, "Take the other keys out of LANDED_MASTER_KEY now, except for old backups: %s\n", done.From)
			return nil
		}
		fmt.Fprintf(a.stdout, "The key %s is no longer in %s; backups made before need it\n", done.From, keys.Where())
		return nil
	})
}

// keys says where the master keys are: in the environment, else in a file.
func (a *app) keys(dir string) (secret.Source, error) {
	if a.secrets.MasterKey != "" && a.secrets.MasterKeyFile != "" {
		return secret.Source{}, fault.New(fault.Invalid, "LANDED_MASTER_KEY and LANDED_MASTER_KEY_FILE are both set: which one?")
	}
	src := secret.Source{Text: a.secrets.MasterKey, File: a.secrets.MasterKeyFile}
	if src.File == "" {
		src.File = filepath.Join(dir, secret.FileName)
	}
	return src, nil
}

// desk is the connection to the provider, of a workspace in dir.
func (a *app) desk(st *store.Store, dir, endpoints string, pace int, maxWait time.Duration, log *slog.Logger) (*provider.Desk, error) {
	keys, err := a.keys(dir)
	if err != nil {
		return nil, err
	}
	return provider.New(provider.Options{Store: st, Keys: keys, Token: a.secrets.AhrefsToken, BaseURL: a.secrets.AhrefsBaseURL,
		Endpoints: endpoints, PerMinute: pace, MaxWait: maxWait, Log: log})
}
