package backlinks

import (
	"context"
	"time"
)

// Request is one request that a Provider has sent, retries included, as it tells a
// Watch.
type Request struct {
	Endpoint string
	At       time.Time // when it was sent
	Took     time.Duration
	Status   int // HTTP status; 0 = no answer
	Rows     int // -1 = the provider does not say
	Units    int
	Cached   bool  // the answer was ready and charged at nothing
	Err      error // nil when an answer arrived whole; whether it can be used is known later
}

type watchKey struct{}

// Watch gives a context with which a Provider tells f of each request, before the
// call returns.
func Watch(ctx context.Context, f func(Request)) context.Context {
	return context.WithValue(ctx, watchKey{}, f)
}

// Tell tells the Watch of a context, if there is one.
func Tell(ctx context.Context, r Request) {
	if f, ok := ctx.Value(watchKey{}).(func(Request)); ok {
		f(r)
	}
}
