// Package ahrefs asks the Ahrefs Site Explorer API and is the only place that
// knows its field names. A Client is a backlinks.Provider.
//
// Ahrefs is spoken to in one of two endpoint sets. The set "playbook" has
// overview, new-backlinks, lost-backlinks, referring-domains and all-backlinks
// with limit and offset; see playbook.go. The set "v3" is what the vendor
// publishes: one endpoint for all links with conditions as JSON, paged by key, and
// histories, anchors and the account; see v3.go and docs/ahrefs.md.
package ahrefs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// DefaultBaseURL is the provider's public address.
const DefaultBaseURL = "https://api.ahrefs.com/v3"

// Name is the provider's name in links and snapshots.
const Name = "ahrefs"

// Set names an endpoint set.
type Set string

const (
	Playbook Set = "playbook" // with its own endpoints for new and lost links
	V3       Set = "v3"       // as the vendor publishes it
	Auto     Set = "auto"     // whichever of the two answers, found out at first use
)

// Options are the settings of a Client. Only Token is needed.
type Options struct {
	BaseURL string // "" = DefaultBaseURL; https, or http on a loopback address
	Token   string
	Set     Set // "" = Playbook

	// HTTP sends the requests; nil = a transport with the limits dial 5 s,
	// header 15 s. The limit of 60 s for a whole answer always holds.
	HTTP  http.RoundTripper
	Now   func() time.Time                           // nil = time.Now
	Sleep func(context.Context, time.Duration) error // nil = wait on a timer
	Rand  func() float64                             // jitter, in [0,1); nil = math/rand

	// Gate is shared by all clients of one token; nil gives this client a gate
	// of its own with PerMinute requests a minute (0 = 60).
	Gate      *Gate
	PerMinute int

	// MaxWait, when > 0, makes a call that would have to wait longer fail with
	// RateLimited (or the error that made it wait) and RetryAfter, so that a
	// job can be put off instead of sleeping.
	MaxWait time.Duration

	// PageSize, when > 0, lowers the rows asked for at once to what the plan
	// allows. 0 = 200 for new and lost links, else 500, in the set "playbook"; what
	// the plan allows in "v3", which learns it.
	PageSize int

	Log *slog.Logger // nil = silent
}

// Format keeps the token, and a password in the base URL, out of everything that
// prints options.
func (o Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, o.LogValue().String()) }

// LogValue keeps the token out of logs.
func (o Options) LogValue() slog.Value {
	return slog.StringValue("ahrefs.Options{Token:[token]}")
}

// endpoints is what an endpoint set does: the six operations without a name.
type endpoints interface {
	overview(ctx context.Context, t backlinks.Target, on day.Day) (backlinks.Snapshot, backlinks.Cost, error)
	newLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error)
	lostLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error)
	refDomains(ctx context.Context, t backlinks.Target, cursor string) (backlinks.RefDomainPage, error)
	allLinks(ctx context.Context, t backlinks.Target, minAuthority int, cursor string) (backlinks.LinkPage, error)
}

// Client is Ahrefs as a backlinks.Provider. It is safe for concurrent use.
type Client struct {
	sets *chooser
}

var _ backlinks.Provider = (*Client)(nil)

// New checks the options and makes a client; it sends nothing. Errors are of
// kind fault.Invalid with the field "token", "base_url" or "set".
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	token := strings.TrimSpace(o.Token)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fault.Field("token", "An Ahrefs API token is a word of plain letters, digits and signs.")
	}
	if o.Set == "" {
		o.Set = Playbook
	}
	if o.Set != Playbook && o.Set != V3 && o.Set != Auto {
		return nil, fault.Field("set", "There is no Ahrefs endpoint set %q.", string(o.Set))
	}
	c := newCaller(o, base, token)
	if o.BaseURL != "" && o.BaseURL != DefaultBaseURL {
		c.log.Warn("Ahrefs base URL is overridden", "base_url", base.String())
	}
	return &Client{sets: newChooser(o.Set, c, o.PageSize)}, nil
}

func newCaller(o Options, base *url.URL, token string) *caller {
	c := &caller{
		base:    base,
		sign:    func(h http.Header) { h.Set("Authorization", "Bearer "+token) },
		scrub:   newScrubber(token),
		http:    o.HTTP,
		gate:    o.Gate,
		now:     o.Now,
		sleep:   o.Sleep,
		random:  o.Rand,
		maxWait: o.MaxWait,
		log:     o.Log,
	}
	if c.http == nil {
		c.http = newTransport()
	}
	if c.gate == nil {
		c.gate = NewGate(o.PerMinute)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleepTimer
	}
	if c.random == nil {
		c.random = rand.Float64
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c
}

// parseBase refuses addresses that would show the token to the network.
func parseBase(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	// The address is not repeated: it may have a password in it.
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.Field("base_url", "The Ahrefs base URL must look like %s.", DefaultBaseURL)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fault.Field("base_url", "The Ahrefs base URL must begin with https:// (http:// only on this machine).")
	}
	return u, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Name is "ahrefs".
func (c *Client) Name() string { return Name }

// Set is the endpoint set in use; Auto while it is not yet found out.
func (c *Client) Set() Set { return c.sets.known() }

// Detect gives the endpoint set in use. With Options.Set Auto it asks Ahrefs, free
// of units, unless an earlier call has found out.
func (c *Client) Detect(ctx context.Context) (Set, error) {
	set, _, err := c.sets.choose(ctx)
	return set, err
}

// Overview gives the target's figures. The set "playbook" knows only those of
// today (UTC), so Snapshot.On is today whatever day is asked for: figures of
// today must not be filed under another day. The set "v3" needs three requests,
// see Snapshot for fewer.
func (c *Client) Overview(ctx context.Context, t backlinks.Target, on day.Day) (backlinks.Snapshot, backlinks.Cost, error) {
	api, cost, err := c.sets.endpoints(ctx)
	if err != nil {
		return backlinks.Snapshot{}, cost, err
	}
	s, more, err := api.overview(ctx, t, on)
	return s, cost.Add(more), err
}

// NewLinks gives links first seen in the window. On an error the page holds
// only the cost; so do the other methods that give pages.
func (c *Client) NewLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	return c.links(ctx, func(api endpoints) (backlinks.LinkPage, error) { return api.newLinks(ctx, w) })
}

// LostLinks gives links lost in the window. In the set "playbook" LostOn is the
// day that Ahrefs last saw the link (last_seen), unless a row has a lost_on of its
// own; in "v3" last_seen is the day of the loss, and without Window.Whole only
// what says which link was lost when and why is filled.
func (c *Client) LostLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	return c.links(ctx, func(api endpoints) (backlinks.LinkPage, error) { return api.lostLinks(ctx, w) })
}

// RefDomains gives the referring domains, best first in the set "playbook", oldest
// first in "v3".
func (c *Client) RefDomains(ctx context.Context, t backlinks.Target, cursor string) (backlinks.RefDomainPage, error) {
	api, cost, err := c.sets.endpoints(ctx)
	if err != nil {
		return backlinks.RefDomainPage{Cost: cost}, err
	}
	p, err := api.refDomains(ctx, t, cursor)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// AllLinks gives the live links to a target: best source first in the set
// "playbook"; in "v3" that only with minAuthority, where each source domain comes
// once, else the oldest first. In "playbook", mode exact without minAuthority gives
// dofollow links only: that a link is absent there does not mean that it is lost.
func (c *Client) AllLinks(ctx context.Context, t backlinks.Target, minAuthority int, cursor string) (backlinks.LinkPage, error) {
	return c.links(ctx, func(api endpoints) (backlinks.LinkPage, error) { return api.allLinks(ctx, t, minAuthority, cursor) })
}

func (c *Client) links(ctx context.Context, ask func(endpoints) (backlinks.LinkPage, error)) (backlinks.LinkPage, error) {
	api, cost, err := c.sets.endpoints(ctx)
	if err != nil {
		return backlinks.LinkPage{Cost: cost}, err
	}
	p, err := ask(api)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// Endpoints is Set as a word, for what knows no sets.
func (c *Client) Endpoints() string { return string(c.Set()) }
