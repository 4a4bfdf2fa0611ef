package provider

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/secret"
	"landed/internal/store"
)

// People wait for a test, not a job: it gives up early. testWait is room for one
// place in the pace, and for one more try.
const (
	testWait  = 1500 * time.Millisecond
	testLimit = 20 * time.Second
)

// Test asks the provider about the token in use and keeps what it says. A token
// that the provider refuses is no error: the report says so.
func (d *Desk) Test(ctx context.Context, by store.By) (Report, error) {
	p, err := d.o.Store.Provider(ctx, Name)
	if err != nil {
		return Report{}, err
	}
	token, _, err := d.token(ctx, p)
	if err != nil {
		return Report{}, err
	}
	r, err := d.ask(ctx, token, d.endpoints(p))
	if err != nil {
		return r, err
	}
	if r.Problem == "" {
		_ = d.FindOut(ctx) // what failed here fails again, in words, when it is needed
	}
	return r, d.o.Store.NoteProviderTest(ctx, by, Name, text(r))
}

// FindOut asks the provider, free of units, which set of endpoints it serves to
// the token in use, unless that is known: prices are known only afterwards.
func (d *Desk) FindOut(ctx context.Context) error {
	c, err := d.Client(ctx)
	if err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	_, err = c.Choose(short)
	return err
}

// ask tests a token. The error is the end of ctx.
func (d *Desk) ask(ctx context.Context, token, set string) (Report, error) {
	c, err := d.open(token, set, testWait)
	if err != nil {
		return Report{}, err
	}
	short, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	r := Report{}
	account, err := about(short, c)
	if set := string(c.Set()); set != Auto {
		r.Set = set
	}
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.Problem = fault.Message(err)
		if errors.Is(err, context.DeadlineExceeded) {
			r.Problem = "Ahrefs did not answer in time."
		}
		return r, nil
	}
	r.Account = account
	return r, nil
}

// about asks for the account; nil where the set in use has no word on it.
func about(ctx context.Context, c *ahrefs.Client) (*backlinks.Account, error) {
	chosen, err := c.Choose(ctx)
	if err != nil {
		return nil, err
	}
	a, ok := chosen.(backlinks.Accountant)
	if !ok {
		return nil, nil
	}
	account, _, err := a.Account(ctx)
	if err != nil {
		return nil, err
	}
	return &account, nil
}

func text(r Report) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // only our own plain structs
	}
	return string(b)
}

// Save tests a token and puts it in the place of the saved one. One that the
// provider refuses, or that could not be tested, is not saved unless untested is
// set; the error is then Invalid with the field "token". Settings that are no
// longer at version give a Conflict.
func (d *Desk) Save(ctx context.Context, by store.By, version int64, token string, untested bool) (Report, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return Report{}, fault.Field("token", "Paste the API token here.")
	}
	if len(token) > 1000 {
		return Report{}, fault.Field("token", "That is too long for an API token.")
	}
	p, err := d.o.Store.Provider(ctx, Name)
	if err != nil {
		return Report{}, err
	}
	if p.Version != version {
		return Report{}, errStale
	}
	if _, err := d.open(token, d.endpoints(p), testWait); err != nil {
		return Report{}, err // a field of its own
	}
	var r Report
	note := ""
	if !untested {
		if r, err = d.ask(ctx, token, d.endpoints(p)); err != nil {
			return r, err
		}
		if r.Problem != "" {
			return r, fault.Field("token", "%s The token was not saved.", r.Problem)
		}
		note = text(r)
	}
	err = d.o.Store.SaveProviderToken(ctx, by, Name, version, lastFour(token), note, d.seal(token))
	if err == nil && !untested {
		_ = d.FindOut(ctx)
	}
	return r, err
}

var errStale = fault.New(fault.Conflict, "Somebody else has changed these settings in the meantime.")

// seal reads the keys when the store calls it, within the transaction.
func (d *Desk) seal(token string) store.Seal {
	return func(id int64, purpose string) (string, string, error) {
		ring, err := d.o.Keys.RingOrNew()
		if err != nil {
			return "", "", fault.Wrap(err, fault.Unavailable, "The token was not saved: %s.", strings.TrimSuffix(fault.Message(err), "."))
		}
		sealed, err := ring.Seal(token, secret.Row{Purpose: purpose, ID: id})
		return sealed.KeyID, sealed.Text, err
	}
}

// Remove forgets the saved token.
func (d *Desk) Remove(ctx context.Context, by store.By, version int64) error {
	return d.o.Store.RemoveProviderToken(ctx, by, Name, version)
}

// EndpointSets are what Choose takes.
var EndpointSets = []string{Auto, string(ahrefs.V3), string(ahrefs.Playbook)}

// Choose sets which endpoints are spoken.
func (d *Desk) Choose(ctx context.Context, by store.By, version int64, set string) error {
	if !slices.Contains(EndpointSets, set) {
		return fault.Field("endpoints", "Choose one of the sets.")
	}
	return d.o.Store.SetProviderEndpoints(ctx, by, Name, version, set)
}
