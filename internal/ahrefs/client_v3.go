package ahrefs

import (
	"context"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// What only the set "v3" has. With the set "playbook" these methods send nothing and
// give an *Error of kind NotServed; backlinks.As says beforehand whether they work.
var (
	_ backlinks.Historian     = (*Client)(nil)
	_ backlinks.Accountant    = (*Client)(nil)
	_ backlinks.Pricer        = (*Client)(nil)
	_ backlinks.Snapshotter   = (*Client)(nil)
	_ backlinks.Restorer      = (*Client)(nil)
	_ backlinks.SourceWatcher = (*Client)(nil)
	_ backlinks.DomainWatcher = (*Client)(nil)
	_ backlinks.Anchorer      = (*Client)(nil)
	_ backlinks.Chooser       = (*Client)(nil)
)

// plain hides what only the set "v3" has.
type plain struct{ backlinks.Provider }

// Choose gives the client as what the set in use can do: all interfaces of
// package backlinks with the set "v3", only Provider with "playbook". It finds out
// which set that is if it must.
func (c *Client) Choose(ctx context.Context) (backlinks.Provider, error) {
	set, _, err := c.sets.choose(ctx)
	switch {
	case err != nil:
		return nil, err
	case set != V3:
		return plain{c}, nil
	}
	return c, nil
}

// Snapshot gives parts of the overview, one request for each.
func (c *Client) Snapshot(ctx context.Context, t backlinks.Target, on day.Day, parts backlinks.Parts) (backlinks.Snapshot, backlinks.Cost, error) {
	v, cost, err := c.sets.need(ctx, epRating)
	if err != nil {
		return backlinks.Snapshot{}, cost, err
	}
	s, more, err := v.parts(ctx, t, on, parts)
	return s, cost.Add(more), err
}

// AuthorityHistory gives weekly domain ratings. Two years are 105 rows of 2 units;
// up to 25 weeks cost no more than one reading.
func (c *Client) AuthorityHistory(ctx context.Context, t backlinks.Target, from, to day.Day) ([]backlinks.Reading, backlinks.Cost, error) {
	v, cost, err := c.sets.need(ctx, epRatingHistory)
	if err != nil {
		return nil, cost, err
	}
	out, more, err := v.authorityHistory(ctx, t, from, to)
	return out, cost.Add(more), err
}

// RefDomainHistory gives weekly counts of referring domains, 6 units each; up to
// 8 weeks cost no more than one.
func (c *Client) RefDomainHistory(ctx context.Context, t backlinks.Target, from, to day.Day) ([]backlinks.Reading, backlinks.Cost, error) {
	v, cost, err := c.sets.need(ctx, epRefHistory)
	if err != nil {
		return nil, cost, err
	}
	out, more, err := v.refDomainHistory(ctx, t, from, to)
	return out, cost.Add(more), err
}

// Account says what the token's plan is and how much of it is left, free of units.
func (c *Client) Account(ctx context.Context) (backlinks.Account, backlinks.Cost, error) {
	v, cost, err := c.sets.need(ctx, epLimits)
	if err != nil {
		return backlinks.Account{}, cost, err
	}
	a, more, err := v.account(ctx)
	return a, cost.Add(more), err
}

// RestoredLinks gives links that had been lost and were verified as live in the
// window. Only what says which link it is, and LastSeen, is filled.
func (c *Client) RestoredLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	v, cost, err := c.sets.need(ctx, epAll)
	if err != nil {
		return backlinks.LinkPage{Cost: cost}, err
	}
	p, err := v.restoredLinks(ctx, w)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// NewSources gives the sources of a target, as AllLinks with minAuthority does, of
// which a link was found in the window: 8 units each.
func (c *Client) NewSources(ctx context.Context, w backlinks.Window, minAuthority int) (backlinks.LinkPage, error) {
	v, cost, err := c.sets.need(ctx, epAll)
	if err != nil {
		return backlinks.LinkPage{Cost: cost}, err
	}
	p, err := v.newSources(ctx, w, minAuthority)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// NewRefDomains gives the live referring domains whose first link was found in the
// window.
func (c *Client) NewRefDomains(ctx context.Context, w backlinks.Window) (backlinks.RefDomainPage, error) {
	v, cost, err := c.sets.need(ctx, epV3RefDomains)
	if err != nil {
		return backlinks.RefDomainPage{Cost: cost}, err
	}
	p, err := v.newRefDomains(ctx, w)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// Anchors gives the anchor texts of live links, the most used first.
func (c *Client) Anchors(ctx context.Context, t backlinks.Target, cursor string) (backlinks.AnchorPage, error) {
	v, cost, err := c.sets.need(ctx, epAnchors)
	if err != nil {
		return backlinks.AnchorPage{Cost: cost}, err
	}
	p, err := v.anchors(ctx, t, cursor)
	p.Cost = p.Cost.Add(cost)
	return p, err
}

// Price is the vendor's price of rows rows in the set "v3", for all pages
// together; of a history, rows are weeks. The zero Cost means that the price is not
// known: the set is another one or not found out yet, or there is no such job.
func (c *Client) Price(job backlinks.Job, rows int) backlinks.Cost {
	p, ok := priced(job)
	if !ok || c.Set() != V3 {
		return backlinks.Cost{}
	}
	return p.of(rows, c.PageRows(job))
}

// PageRows is the most rows of one request as far as is known: the plan's limit
// once it was named. 0 for jobs whose one answer has everything.
func (c *Client) PageRows(job backlinks.Job) int {
	if c.Set() == Playbook {
		return c.sets.playbook.pageRows(job)
	}
	if p, ok := priced(job); !ok || !p.paged {
		return 0
	}
	return c.sets.v3.rowsAtOnce(0)
}
