// Package demo fills a throw-away workspace with sample data: two made-up
// sites, a year of outreach by a made-up team, and the simulated provider that
// knows two years of their links. Nothing is written past the product: pitches
// are imported and logged, links pulled by real syncs over HTTP, credits decided
// by the rules and then by people, week by week, with the clock set back.
//
// The team has had Landed for half a year. The half before it comes as a list
// on the first day, and the provider's figures go back two years: a replay of
// the whole time would show little more and take too long.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/store"
)

// Password opens every account of the demo. It is no secret: the workspace is
// thrown away and listens on this machine only.
const Password = "look around freely"

// Options say what to build. The zero value is the demo of this minute.
type Options struct {
	Now    time.Time    // the demo's present; zero = the store's clock
	Seed   uint64       // another seed tells another story of the same size
	Hasher *auth.Hasher // nil = one with the usual costs
	Log    *slog.Logger // nil = silent
}

// Account is a sign-in of the demo. Every Role has at least one.
type Account struct {
	ID                    int64
	Email, Name, Password string
	Role                  auth.Role
}

// Demo is a built workspace with its running provider.
type Demo struct {
	ProviderURL string // base URL for ahrefs.Options
	Token       string // that the provider takes
	Accounts    []Account
	Sites       []store.Site // the larger one first

	server *ahrefstest.Server
}

// Close ends the provider. The workspace stays as it is.
func (d *Demo) Close() { d.server.Close() }

// team is everybody in the demo. The first owners of them send pitches.
var team = []Account{
	{Email: "staff@demo.example", Name: "Demo Staff", Role: auth.Staff},
	{Email: "manager@demo.example", Name: "Demo Manager", Role: auth.Manager},
	{Email: "writer@demo.example", Name: "Demo Writer", Role: auth.Staff},
	{Email: "outreach@demo.example", Name: "Demo Outreach", Role: auth.Staff},
	{Email: "admin@demo.example", Name: "Demo Admin", Role: auth.Admin},
	{Email: "viewer@demo.example", Name: "Demo Viewer", Role: auth.Viewer},
}

const (
	owners  = 4
	manager = 1 // in team
)

// Build fills an empty workspace, which nobody else may use meanwhile: the
// store's clock is moved, and put back at the end. From then on the provider
// goes by that clock, and its world by new links each day: the last sync was
// yesterday morning, so the first one by hand has news.
//
// The same Seed and day of Now give the same data. On an error the provider is
// closed and the workspace is of no use.
func Build(ctx context.Context, st *store.Store, o Options) (*Demo, error) {
	real := st.Now
	defer func() { st.Now = real }()
	if o.Now.IsZero() {
		o.Now = real()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	started := time.Now()
	c := &clock{}
	st.Now = c.step
	world := ahrefstest.NewWorld(c.Now)
	d := &Demo{Token: ahrefstest.Token, server: ahrefstest.NewServer(world)}
	d.server.PerMinute, d.server.Sets = 0, ahrefstest.V3
	d.ProviderURL = d.server.URL()
	b := &builder{Demo: d, st: st, clock: c, world: world, now: o.Now.UTC(), today: day.Of(o.Now), seed: o.Seed}
	if err := b.all(ctx, o); err != nil {
		d.Close()
		return nil, fmt.Errorf("build the demo: %w", err)
	}
	c.run(real)
	o.Log.InfoContext(ctx, "demo built", "took", time.Since(started).Round(time.Millisecond))
	return d, nil
}

// builder holds what the steps of Build share.
type builder struct {
	*Demo
	st     *store.Store
	clock  *clock
	world  *ahrefstest.World
	client *ahrefs.Client
	now    time.Time
	today  day.Day
	seed   uint64
}

func (b *builder) all(ctx context.Context, o Options) error {
	var err error
	wire := &http.Transport{DisableCompression: true} // between two ends of one process it only costs time
	defer wire.CloseIdleConnections()
	b.client, err = ahrefs.New(ahrefs.Options{BaseURL: b.ProviderURL, Token: b.Token, Set: ahrefs.V3, HTTP: wire, Now: b.clock.Now, PerMinute: 1 << 30})
	if err != nil {
		return err
	}
	first := newStory(fernhill, b.seed, b.today)
	b.clock.set(at(first.since-1, 8, 0))
	if err := b.accounts(ctx, o.Hasher); err != nil {
		return err
	}
	for _, s := range []*story{first, newStory(harbor, b.seed, b.today)} {
		if err := b.play(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.host, err)
		}
	}
	return nil
}

func (b *builder) accounts(ctx context.Context, h *auth.Hasher) error {
	var err error
	if h == nil {
		if h, err = auth.NewHasher(auth.DefaultParams); err != nil {
			return err
		}
	}
	hash, err := h.Hash(ctx, Password) // one for all: its salt guards nothing here
	if err != nil {
		return err
	}
	for _, a := range team {
		made, err := b.st.CreateAccount(ctx, store.CommandLine, store.NewAccount{Email: a.Email, Name: a.Name, Role: a.Role, PasswordHash: hash})
		if err != nil {
			return err
		}
		a.ID, a.Password = made.ID, Password
		b.Accounts = append(b.Accounts, a)
	}
	return nil
}

// at is a time of a day.
func at(d day.Day, hour, minute int) time.Time {
	return d.Time().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}
