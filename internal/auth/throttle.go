package auth

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds each table of limiters. The oldest falls out when it is full;
// emptying the table would free whoever filled it.
const maxKeys = 10_000

// Buckets is a bounded table of token buckets, one per key.
type Buckets struct {
	limit rate.Limit
	burst int
	now   func() time.Time

	mu   sync.Mutex
	keys map[string]*list.Element
	used *list.List // of *bucket, the most recently used first
}

type bucket struct {
	key string
	lim *rate.Limiter
}

// NewBuckets makes a table whose buckets hold burst tokens and gain one every
// interval.
func NewBuckets(burst int, interval time.Duration, now func() time.Time) *Buckets {
	return &Buckets{limit: rate.Every(interval), burst: burst, now: now, keys: map[string]*list.Element{}, used: list.New()}
}

// Take checks and counts in one step: it takes a token of key and gives 0, or
// takes none and says how long until there is one.
func (b *Buckets) Take(key string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	lim := b.limiter(key)
	r := lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now) // its time has not come, so this does give the token back
	}
	return wait
}

// Drop forgets key, which has a full bucket then. (x/time/rate cannot give a
// token back that was spent.)
func (b *Buckets) Drop(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.keys[key]; ok {
		b.used.Remove(e)
		delete(b.keys, key)
	}
}

// Len is the number of keys held.
func (b *Buckets) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.keys)
}

func (b *Buckets) limiter(key string) *rate.Limiter {
	if e, ok := b.keys[key]; ok {
		b.used.MoveToFront(e)
		return e.Value.(*bucket).lim
	}
	if len(b.keys) >= maxKeys {
		oldest := b.used.Back()
		delete(b.keys, oldest.Value.(*bucket).key)
		b.used.Remove(oldest)
	}
	nb := &bucket{key: key, lim: rate.NewLimiter(b.limit, b.burst)}
	b.keys[key] = b.used.PushFront(nb)
	return nb.lim
}

// Throttle limits guessing: per account, per address, and per browser that has
// signed in to the account before, which a stranger's guesses cannot lock out.
type Throttle struct {
	accounts, devices, addresses *Buckets
}

// NewThrottle makes the limits: 10 tries then one per 12 s for an account or a
// known browser; 100 then two a second for an address, which a whole team may
// share.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{
		accounts:  NewBuckets(10, 12*time.Second, now),
		devices:   NewBuckets(10, 12*time.Second, now),
		addresses: NewBuckets(100, 500*time.Millisecond, now),
	}
}

// Address counts a request of a client address and says how long it has to
// wait; 0 lets it through. The addresses of an IPv6 /64 are one client.
func (t *Throttle) Address(ip netip.Addr) time.Duration {
	return t.addresses.Take(addressKey(ip))
}

// Try counts a sign-in to account, as if it had failed already, so that guesses
// sent at once cannot all pass. device is the id of the browser if it has
// signed in to this account before, else "". 0 lets it through; call Succeeded
// when the password was right.
func (t *Throttle) Try(account, device string) time.Duration {
	if device != "" {
		return t.devices.Take(device)
	}
	return t.accounts.Take(HashToken(account)) // a fixed length, whatever was typed
}

// Succeeded takes the counted tries back.
func (t *Throttle) Succeeded(account, device string) {
	if device != "" {
		t.devices.Drop(device)
		return
	}
	t.accounts.Drop(HashToken(account))
}

func addressKey(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		p, _ := ip.Prefix(64)
		return p.String()
	}
	return ip.String() // "invalid IP" when there is none: all of those share one bucket
}
