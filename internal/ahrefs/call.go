package ahrefs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"landed/internal/backlinks"
)

const (
	maxTries    = 4
	maxAnswer   = 8 << 20  // bytes after decompression
	maxSaid     = 64 << 10 // bytes read of an error answer
	firstRetry  = time.Second
	dialLimit   = 5 * time.Second
	headerLimit = 15 * time.Second
	wholeLimit  = 60 * time.Second
)

// caller sends requests: pace, retries, limits, and no trace of the token. It
// knows no endpoint; the endpoint sets are built on it.
type caller struct {
	base *url.URL
	// sign puts the token on a request. A closure, because fmt and debuggers
	// print the text of a struct field but not what a function has captured.
	sign    func(http.Header)
	scrub   scrubber
	http    http.RoundTripper
	gate    *Gate
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	random  func() float64
	maxWait time.Duration
	log     *slog.Logger
}

// newTransport verifies TLS always and honours HTTPS_PROXY, through which the
// token travels inside TLS.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialLimit}).DialContext,
		TLSHandshakeTimeout:    dialLimit,
		ResponseHeaderTimeout:  headerLimit,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    4,
		ForceAttemptHTTP2:      true,
	}
}

// get asks one endpoint, with retries, and returns the answer's body. The cost
// is also right beside an error.
func (c *caller) get(ctx context.Context, endpoint string, q url.Values) ([]byte, backlinks.Cost, error) {
	var cost backlinks.Cost
	for try := 1; ; try++ {
		if err := c.pass(ctx, endpoint); err != nil {
			return nil, cost, err
		}
		sent := c.now()
		body, said, failed := c.once(ctx, endpoint, q)
		cost = cost.Add(backlinks.Cost{Requests: 1, Units: said.Units})
		c.tell(ctx, said, endpoint, sent, failed)
		if failed == nil {
			c.gate.answered(sent)
			return body, cost, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, cost, stopped(endpoint, err)
		}
		if !failed.retryable() {
			return nil, cost, failed
		}
		c.setWait(failed, sent, try)
		if try == maxTries || c.tooLong(failed.RetryAfter) {
			return nil, cost, failed
		}
		c.log.WarnContext(ctx, "Ahrefs request will be tried again", "endpoint", endpoint,
			"status", failed.Status, "try", try, "wait", failed.RetryAfter, "error", failed.Error())
		if failed.Kind == RateLimited {
			continue // the gate makes this call wait, like all others of the token
		}
		if err := c.sleep(ctx, failed.RetryAfter); err != nil {
			return nil, cost, stopped(endpoint, err)
		}
	}
}

// tell completes what once has read of the headers.
func (c *caller) tell(ctx context.Context, said backlinks.Request, endpoint string, sent time.Time, failed *Error) {
	said.Endpoint, said.At, said.Took = endpoint, sent, c.now().Sub(sent)
	if failed != nil { // a nil *Error is no nil error
		said.Err = failed
	}
	backlinks.Tell(ctx, said)
}

func (c *caller) tooLong(wait time.Duration) bool { return c.maxWait > 0 && wait > c.maxWait }

// setWait decides how long to wait after a failure that may pass.
func (c *caller) setWait(e *Error, sent time.Time, try int) {
	switch {
	case e.Kind == RateLimited:
		e.RetryAfter = c.gate.refused(sent, c.now(), e.RetryAfter, c.random())
	case e.RetryAfter > 0:
		e.RetryAfter = min(e.RetryAfter, longHold)
	default:
		e.RetryAfter = stretch(firstRetry<<(try-1), c.random())
	}
}

// stopped is the end of the caller's own context; it stays a context error.
func stopped(endpoint string, err error) error {
	return fmt.Errorf("ahrefs %s: %w", endpoint, err)
}

// pass waits for this request's place at the gate.
func (c *caller) pass(ctx context.Context, endpoint string) error {
	for {
		if err := ctx.Err(); err != nil {
			return stopped(endpoint, err)
		}
		wait, hold, ok := c.gate.reserve(c.now(), c.maxWait)
		if !ok {
			return &Error{Kind: RateLimited, Endpoint: endpoint, RetryAfter: wait,
				Err: errors.New("waiting for a free place would take too long")}
		}
		if wait > 0 {
			if err := c.sleep(ctx, wait); err != nil {
				return stopped(endpoint, err)
			}
		}
		// Another call may have been refused while this one waited.
		if !c.gate.extended(hold) {
			return nil
		}
	}
}

// once sends one request. It calls the transport itself, not an http.Client, so
// no redirect is ever followed with the token on it.
// What the headers say of the answer is right also beside an error.
func (c *caller) once(ctx context.Context, endpoint string, q url.Values) ([]byte, backlinks.Request, *Error) {
	var said backlinks.Request
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(endpoint, q), nil)
	if err != nil {
		return nil, said, &Error{Kind: BadRequest, Endpoint: endpoint, Err: c.scrub.err(err)}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Landed")
	c.sign(req.Header)
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		return nil, said, &Error{Kind: Network, Endpoint: endpoint, Err: c.scrub.err(err)}
	}
	defer resp.Body.Close()
	said = saidOf(resp)
	if resp.StatusCode != http.StatusOK {
		return nil, said, c.refusal(endpoint, resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, said, &Error{Kind: Network, Status: resp.StatusCode, Endpoint: endpoint,
			Err: c.scrub.err(fmt.Errorf("the answer broke off: %w", err))}
	case len(body) > maxAnswer:
		return nil, said, &Error{Kind: BadAnswer, Status: resp.StatusCode, Endpoint: endpoint,
			Err: fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)}
	}
	return body, said, nil
}

// saidOf is what the headers of an answer say.
func saidOf(resp *http.Response) backlinks.Request {
	r := backlinks.Request{Status: resp.StatusCode, Rows: -1, Units: unitsOf(resp.Header), Cached: resp.Header.Get("X-Api-Cache") == "hit"}
	if n, err := strconv.Atoi(resp.Header.Get("X-Api-Rows")); err == nil && n >= 0 {
		r.Rows = n
	}
	return r
}

// address is the whole URL. Spaces are %20: the provider asks for
// percent-encoding and "+" means a space only in forms.
func (c *caller) address(endpoint string, q url.Values) string {
	u := c.base.JoinPath(endpoint)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// refusal is the error for any status other than 200.
func (c *caller) refusal(endpoint string, resp *http.Response) *Error {
	e := &Error{Kind: kindOfStatus(resp.StatusCode), Status: resp.StatusCode, Endpoint: endpoint}
	if e.retryable() {
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), c.now())
	}
	// Half of an error text is still worth showing, so a read error is no matter.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxSaid))
	e.Said = c.scrub.said(saidIn(body))
	if e.Kind == Forbidden && aboutUnits.MatchString(e.Said) {
		e.Kind = UnitsExhausted
	}
	if e.Kind == BadAnswer {
		e.Err = fmt.Errorf("status %d where 200 was expected; redirects are not followed", resp.StatusCode)
	}
	return e
}

// retryAfter reads the header as seconds or as a date, at least a second; 0 when
// it is absent or unreadable.
func retryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return max(time.Second, time.Duration(n)*time.Second)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(time.Second, t.Sub(now))
	}
	return 0
}

// unitsOf is what the provider says the request cost: the actual cost, which is
// 0 for a cached answer, else the price. 0 when it says neither; the two to five
// units that a request usually costs are never guessed into the sum.
func unitsOf(h http.Header) int {
	for _, name := range []string{"X-Api-Units-Cost-Total-Actual", "X-Api-Units-Cost-Total"} {
		v, err := strconv.ParseFloat(h.Get(name), 64)
		if err == nil && v >= 0 && v <= math.MaxInt32 {
			return int(math.Ceil(v))
		}
	}
	return 0
}

// sleepTimer is the Sleep of production.
func sleepTimer(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
