package ahrefs

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"landed/internal/backlinks"
)

// chooser finds out once which endpoint set the vendor serves to the token.
type chooser struct {
	v3       *v3
	playbook *playbook

	turn chan struct{} // holds a token while nobody is finding out
	mu   sync.Mutex
	set  Set // Auto until it is known
}

func newChooser(set Set, c *caller, pageSize int) *chooser {
	ch := &chooser{v3: &v3{caller: c, pageSize: pageSize}, playbook: &playbook{caller: c, pageSize: pageSize},
		turn: make(chan struct{}, 1), set: set}
	ch.turn <- struct{}{}
	return ch
}

func (c *chooser) known() Set {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set
}

// choose gives the set in use, which it finds out if it must. The cost is that of
// the question, for the one caller that asked it.
//
// limits-and-usage is free of units and is in the set "v3" alone, so 200 and 404 tell the
// sets apart. Anything else tells nothing, and the next call asks again.
func (c *chooser) choose(ctx context.Context) (Set, backlinks.Cost, error) {
	var cost backlinks.Cost
	if set := c.known(); set != Auto {
		return set, cost, nil
	}
	select {
	case <-ctx.Done():
		return Auto, cost, stopped(epLimits, ctx.Err())
	case <-c.turn:
	}
	defer func() { c.turn <- struct{}{} }()
	if set := c.known(); set != Auto {
		return set, cost, nil
	}
	_, cost, err := c.v3.account(ctx)
	set := V3
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound {
		set, err = Playbook, nil
	}
	if err != nil {
		return Auto, cost, err
	}
	c.mu.Lock()
	c.set = set
	c.mu.Unlock()
	c.v3.log.InfoContext(ctx, "Ahrefs endpoint set found out", "set", string(set))
	return set, cost, nil
}

// endpoints is the set in use behind the interface that both have.
func (c *chooser) endpoints(ctx context.Context) (endpoints, backlinks.Cost, error) {
	set, cost, err := c.choose(ctx)
	if set == V3 {
		return c.v3, cost, err
	}
	return c.playbook, cost, err
}

// need is the set "v3" for what only that has.
func (c *chooser) need(ctx context.Context, endpoint string) (*v3, backlinks.Cost, error) {
	set, cost, err := c.choose(ctx)
	if err == nil && set != V3 {
		err = &Error{Kind: NotServed, Endpoint: endpoint}
	}
	return c.v3, cost, err
}
