package demo

import (
	"sync"
	"time"
)

// clock shows the instant of the replay, and the real time once it is over. It
// is read by the simulated provider too, from other goroutines.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	live func() time.Time
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// run ends the replay: from here on the clock shows what live says.
func (c *clock) run(live func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = live
}

// Now is the instant shown.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live != nil {
		return c.live()
	}
	return c.at
}

// step is Now for the store, and lets a moment pass, so that what is written
// first is stamped first and a sync takes a few seconds.
func (c *clock) step() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(170 * time.Millisecond)
	return c.at
}
