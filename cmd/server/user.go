package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/store"
)

type userCmd struct {
	Add   userAddCmd   `command:"add" description:"Make an account."`
	List  userListCmd  `command:"list" description:"List the accounts."`
	Reset userResetCmd `command:"reset" description:"Give an account a new password and end its sessions."`
}

type userAddCmd struct{ config.UserAdd }

// Run makes the account; a password that nobody gave is printed once.
func (c *userAddCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, true, func(ctx context.Context, st *store.Store) error {
		email, err := auth.CleanEmail(c.Args.Email)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args.Email, err)
		}
		name := c.Name
		if name == "" {
			name, _, _ = strings.Cut(email, "@")
		}
		if name, err = auth.CleanName(name); err != nil {
			return err
		}
		role, ok := auth.ParseRole(c.Role)
		if !ok {
			return fault.New(fault.Invalid, "--role: %q is not a role", c.Role)
		}
		password, hash, err := a.password(ctx, c.PasswordStdin, name, email)
		if err != nil {
			return err
		}
		if _, err := st.CreateAccount(ctx, store.CommandLine, store.NewAccount{Email: email, Name: name, Role: role, PasswordHash: hash}); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Added %s as %s\n", email, c.Role)
		a.printPassword(password, c.PasswordStdin)
		return nil
	})
}

type userResetCmd struct{ config.UserReset }

// Run sets a new password.
func (c *userResetCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		email, err := auth.CleanEmail(c.Args.Email)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args.Email, err)
		}
		account, err := st.AccountByEmail(ctx, email)
		if err != nil {
			return err
		}
		password, hash, err := a.password(ctx, c.PasswordStdin, account.Name, email)
		if err != nil {
			return err
		}
		if _, err := st.SetPassword(ctx, store.CommandLine, account.ID, hash); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "New password for %s; its sessions have ended\n", email)
		a.printPassword(password, c.PasswordStdin)
		return nil
	})
}

// password reads or makes one and hashes it.
func (a *app) password(ctx context.Context, stdin bool, own ...string) (password, hash string, err error) {
	if stdin {
		line, err := bufio.NewReader(a.stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", "", fmt.Errorf("--password-stdin: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
		if err := auth.CheckPassword(password, own...); err != nil {
			return "", "", err
		}
	} else {
		password = auth.NewToken()
	}
	h, err := auth.NewHasher(auth.DefaultParams)
	if err != nil {
		return "", "", err
	}
	hash, err = h.Hash(ctx, password)
	return password, hash, err
}

func (a *app) printPassword(password string, known bool) {
	if !known {
		fmt.Fprintf(a.stdout, "Password (shown once): %s\n", password)
	}
}

type userListCmd struct{ config.UserList }

// Run prints id, address, name, role, state and the day it was made, tab-separated.
func (c *userListCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		list, err := st.Accounts(ctx, time.Hour)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, "id\temail\tname\trole\tstate\tadded_on")
		for _, u := range list {
			state := "active"
			switch {
			case u.Disabled:
				state = "disabled"
			case u.PasswordHash == "":
				state = "invited"
			}
			fmt.Fprintf(a.stdout, "%d\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Name, u.Role, state, u.CreatedAt.Format(time.DateOnly))
		}
		return nil
	})
}
