package ahrefs

import (
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	firstHold = time.Minute      // the provider's rule: back off from 60 s
	longHold  = 10 * time.Minute // neither doubling nor a Retry-After goes beyond this
	jitter    = 0.25             // a wait is stretched by up to this part, never shortened

	// paceSlack stretches the minute that the pace is counted in: requests
	// leave evenly, but the network may deliver them closer together.
	paceSlack = 1200 * time.Millisecond
)

// Gate holds all requests of one token to the provider's pace, and stops them
// all while the provider refuses. Clients of one token must share one Gate
// (or be one Client); it is safe for concurrent use.
//
// The pace is even, one request each 60/perMinute seconds and a little more,
// not 60 at once and then a pause: only with a burst of one does a token bucket
// keep to 60 in ANY 60 seconds (a burst of b lets 60+b through), and after a
// restart, when a record of the last minute would be lost, at most one request
// too many can leave.
type Gate struct {
	mu       sync.Mutex
	pace     *rate.Limiter
	until    time.Time // no request before this
	heldAt   time.Time // when the running hold began
	strikes  int       // 429 in a row: each doubles the hold
	rows     int       // the most rows of one request, 0 = not known
	rowsSaid bool      // rows came from a refused limit and not from the plan's name
}

// NewGate makes a gate for perMinute requests a minute; less than 1 means 60.
func NewGate(perMinute int) *Gate {
	if perMinute < 1 {
		perMinute = 60
	}
	every := (time.Minute + paceSlack) / time.Duration(perMinute)
	return &Gate{pace: rate.NewLimiter(rate.Every(every), 1)}
}

// Gates hands out one Gate for each token. The zero value is ready to use.
type Gates struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]*Gate
}

// For is the token's gate; perMinute counts when it is made. Tokens are kept
// as hashes only.
func (g *Gates) For(token string, perMinute int) *Gate {
	key := sha256.Sum256([]byte(token))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[[sha256.Size]byte]*Gate{}
	}
	if g.by[key] == nil {
		g.by[key] = NewGate(perMinute)
	}
	return g.by[key]
}

// reserve takes the next place in the pace, behind a running hold, and says how
// long to wait for it and until when the hold runs. If the wait exceeds most
// (when most > 0), the place is given back and ok is false.
func (g *Gate) reserve(now time.Time, most time.Duration) (wait time.Duration, hold time.Time, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := now
	if g.until.After(at) {
		at = g.until
	}
	place := g.pace.ReserveN(at, 1)
	wait = max(0, place.DelayFrom(now))
	if most > 0 && wait > most {
		place.CancelAt(now)
		return wait, g.until, false
	}
	return wait, g.until, true
}

// extended reports whether a hold came up, or grew, since one until hold was seen.
func (g *Gate) extended(hold time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until.After(hold)
}

// refused notes a 429 for a request sent at sent and gives how long every
// request of the token now waits. asked is the provider's Retry-After, 0 when it
// gave none. Several requests in flight that are refused together are one
// strike, or a burst of them would double the wait several times over.
func (g *Gate) refused(sent, now time.Time, asked time.Duration, random float64) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.strikes == 0 || sent.After(g.heldAt) {
		g.strikes++
		g.heldAt = now
	}
	wait := asked
	if wait <= 0 {
		wait = stretch(min(longHold, firstHold<<min(g.strikes-1, 10)), random)
	}
	wait = min(wait, longHold)
	if until := now.Add(wait); until.After(g.until) {
		g.until = until
	}
	return g.until.Sub(now)
}

// answered notes that a request sent at sent was let through.
func (g *Gate) answered(sent time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if sent.After(g.heldAt) {
		g.strikes = 0
	}
}

// rowsKnown is the most rows that one request of the token may ask for, as far as
// it is known; 0 when it is not.
func (g *Gate) rowsKnown() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rows
}

// learnRows notes the limit that a refusal named.
func (g *Gate) learnRows(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rows, g.rowsSaid = n, true
}

// hintRows notes the limit that the plan's name suggests; n = 0 suggests none.
func (g *Gate) hintRows(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n > 0 && !g.rowsSaid {
		g.rows = n
	}
}

// stretch adds jitter; random is in [0,1).
func stretch(d time.Duration, random float64) time.Duration {
	return d + time.Duration(jitter*random*float64(d))
}
