package ahrefs

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/fault"
)

func kindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

func repeat(f ahrefstest.Fault, n int) []ahrefstest.Fault {
	var out []ahrefstest.Fault
	for range n {
		out = append(out, f)
	}
	return out
}

type faultWant struct {
	kind     Kind // 0 = the operation succeeds in the end
	requests int
	waits    []time.Duration
}

type faultCase struct {
	faults func(key string) []ahrefstest.Fault
	want   faultWant
}

const second = time.Second

var badOnce = faultWant{BadAnswer, 1, nil}

// refusals are statuses other than 200 and broken connections.
var refusals = map[string]faultCase{
	"429 once":              {always(ahrefstest.TooMany(""), 1), faultWant{0, 2, []time.Duration{60 * second}}},
	"429 three times":       {always(ahrefstest.TooMany(""), 3), faultWant{0, 4, []time.Duration{60 * second, 120 * second, 240 * second}}},
	"429 for good":          {always(ahrefstest.TooMany(""), 9), faultWant{RateLimited, 4, []time.Duration{60 * second, 120 * second, 240 * second}}},
	"429 in seconds":        {always(ahrefstest.TooMany("7"), 1), faultWant{0, 2, []time.Duration{7 * second}}},
	"429 at a date":         {always(ahrefstest.TooMany(monday.Add(90*second).Format(http.TimeFormat)), 1), faultWant{0, 2, []time.Duration{90 * second}}},
	"429 at a past date":    {always(ahrefstest.TooMany(monday.Add(-time.Hour).Format(http.TimeFormat)), 1), faultWant{0, 2, []time.Duration{second}}},
	"429 for a day":         {always(ahrefstest.TooMany("86400"), 1), faultWant{0, 2, []time.Duration{600 * second}}},
	"429 after 0 s":         {always(ahrefstest.TooMany("0"), 1), faultWant{0, 2, []time.Duration{second}}},
	"429 after nonsense":    {always(ahrefstest.TooMany("-5"), 1), faultWant{0, 2, []time.Duration{60 * second}}},
	"500 once":              {always(ahrefstest.Status(500, "oops"), 1), faultWant{0, 2, []time.Duration{second}}},
	"500 for good":          {always(ahrefstest.Status(500, "oops"), 9), faultWant{Server, 4, []time.Duration{second, 2 * second, 4 * second}}},
	"503 for good":          {always(ahrefstest.Status(503, ""), 9), faultWant{Server, 4, []time.Duration{second, 2 * second, 4 * second}}},
	"connection cut":        {always(ahrefstest.Drop(), 1), faultWant{0, 2, []time.Duration{second}}},
	"connection always cut": {always(ahrefstest.Drop(), 9), faultWant{Network, 4, []time.Duration{second, 2 * second, 4 * second}}},
	"400":                   {always(ahrefstest.Status(400, "bad target"), 9), faultWant{BadRequest, 1, nil}},
	"401":                   {always(ahrefstest.Status(401, "expired"), 9), faultWant{Unauthorized, 1, nil}},
	"402":                   {always(ahrefstest.Status(402, "units"), 9), faultWant{UnitsExhausted, 1, nil}},
	"403":                   {always(ahrefstest.Status(403, "plan"), 9), faultWant{Forbidden, 1, nil}},
	"404":                   {always(ahrefstest.Status(404, "none"), 9), faultWant{NotFound, 1, nil}},
	"418":                   {always(ahrefstest.Status(418, "?"), 9), faultWant{BadRequest, 1, nil}},
	"204":                   {always(ahrefstest.Status(204, ""), 9), badOnce},
	"redirect":              {always(ahrefstest.Redirect("/v3/elsewhere"), 9), badOnce},
	"503 in seconds":        {always(withRetryAfter("7"), 1), faultWant{0, 2, []time.Duration{7 * second}}},
	"503 for a day":         {always(withRetryAfter("86400"), 1), faultWant{0, 2, []time.Duration{600 * second}}},
}

// badAnswers are answers with status 200 that say nothing that can be used.
var badAnswers = map[string]faultCase{
	"HTML":                   {always(ahrefstest.HTML(), 9), badOnce},
	"null":                   {always(ahrefstest.Null(), 9), badOnce},
	"null under the key":     {always(ahrefstest.NullList(), 9), badOnce},
	"empty object":           {always(ahrefstest.EmptyObject(), 9), badOnce},
	"empty body":             {always(ahrefstest.Body("application/json", ""), 9), badOnce},
	"a text":                 {always(ahrefstest.Body("application/json", `"ok"`), 9), badOnce},
	"error with 200":         {always(ahrefstest.Body("application/json", `{"error":"no","backlinks":[],"domain_rating":3}`), 9), badOnce},
	"another list":           {always(ahrefstest.Body("application/json", `{"anchors":[]}`), 9), badOnce},
	"text for a list":        {always(ahrefstest.Body("application/json", `{"backlinks":"none"}`), 9), badOnce},
	"rows that are no rows":  {always(ahrefstest.Body("application/json", `["a"]`), 9), badOnce},
	"two answers":            {always(ahrefstest.Body("application/json", `[][]`), 9), badOnce},
	"cut JSON":               {always(ahrefstest.CutJSON(), 9), badOnce},
	"more than 8 MB":         {always(ahrefstest.Huge(8<<20), 9), badOnce},
	"key in another case":    {ofKey(ahrefstest.OtherCase), badOnce},
	"key missing":            {ofKey(ahrefstest.WithoutField), badOnce},
	"key of a wrong type":    {ofKey(ahrefstest.WrongTypes), badOnce},
	"key twice":              {func(k string) []ahrefstest.Fault { return repeat(ahrefstest.AddField(k, `"`+k+`":""`), 9) }, badOnce},
	"key again in capitals":  {ofKey(func(k string) ahrefstest.Fault { return ahrefstest.AddField(k, `"Url_From":"https://evil.test/"`) }), badOnce},
	"unknown further fields": {ofKey(func(k string) ahrefstest.Fault { return ahrefstest.AddField(k, `"new_thing":{"a":[1]}`) }), faultWant{0, 1, nil}},
}

// Every fault on every operation: the error's kind, the number of requests and
// the waits between them. No fault may ever look like an empty answer.
func TestFaults(t *testing.T) {
	for _, cases := range []map[string]faultCase{refusals, badAnswers} {
		for name, tt := range cases {
			for _, op := range operations {
				t.Run(name+"/"+op.name, func(t *testing.T) { testFault(t, tt, op) })
			}
		}
	}
}

func testFault(t *testing.T, tt faultCase, op operation) {
	srv, client, clock := setUp(t)
	srv.FaultOn(op.endpoint, tt.faults(op.key)...)
	got, requests, err := op.run(t.Context(), client)
	if kindOf(err) != tt.want.kind || (got == nil) != (tt.want.kind != 0) {
		t.Fatalf("got %v, error %v; want kind %q", got, err, tt.want.kind)
	}
	if n := len(srv.Requests()); n != tt.want.requests || requests != n {
		t.Errorf("%d requests were sent and %d counted, want %d", n, requests, tt.want.requests)
	}
	equalWaits(t, clock.waits, tt.want.waits...)
	if tt.want.kind != 0 && fault.Message(err) == fault.Message(nil) {
		t.Errorf("no sentence for people in %v", err)
	}
}

func withRetryAfter(v string) ahrefstest.Fault {
	return ahrefstest.Mangle(func(a *ahrefstest.Answer) {
		a.Status = http.StatusServiceUnavailable
		a.Header.Set("Retry-After", v)
	})
}

func always(f ahrefstest.Fault, n int) func(string) []ahrefstest.Fault {
	return func(string) []ahrefstest.Fault { return repeat(f, n) }
}

func ofKey(f func(string) ahrefstest.Fault) func(string) []ahrefstest.Fault {
	return func(key string) []ahrefstest.Fault { return repeat(f(key), 9) }
}

// An empty list is an answer: no links, no error.
func TestEmptyListIsValid(t *testing.T) {
	for _, op := range operations {
		if !op.list {
			continue
		}
		for _, body := range []string{`[]`, `{"backlinks":[]}`, `{"refdomains":[]}`} {
			srv, client, _ := setUp(t)
			srv.AlwaysFault("", ahrefstest.Body("application/json", body))
			_, _, err := op.run(t.Context(), client)
			fits := body == `[]` || (op.name == "RefDomains") == (body == `{"refdomains":[]}`)
			if fits != (err == nil) {
				t.Errorf("%s, %s: %v", op.name, body, err)
			}
		}
	}
}

func TestMaxWaitGivesTheWaitBack(t *testing.T) {
	srv, client, clock := setUp(t, func(o *Options) { o.MaxWait = 30 * time.Second })
	srv.FaultOn("", ahrefstest.TooMany(""), ahrefstest.TooMany(""))
	check := func(wantWait time.Duration, wantRequests int) {
		t.Helper()
		_, err := client.NewLinks(t.Context(), month)
		e, _ := errors.AsType[*Error](err)
		if e == nil || e.Kind != RateLimited || e.RetryAfter.Round(time.Second) != wantWait {
			t.Fatalf("error %#v, want RateLimited with a wait of %v", err, wantWait)
		}
		if n := len(srv.Requests()); n != wantRequests {
			t.Errorf("%d requests, want %d", n, wantRequests)
		}
	}
	check(60*time.Second, 1) // refused by the provider
	_ = clock.Sleep(t.Context(), 10*time.Second)
	check(50*time.Second, 1) // refused by the gate, nothing is sent
	_ = clock.Sleep(t.Context(), 50*time.Second)
	check(120*time.Second, 2) // the hold doubles from call to call
	_ = clock.Sleep(t.Context(), 120*time.Second)
	if _, err := client.NewLinks(t.Context(), month); err != nil {
		t.Error(err)
	}
	if f := fault.KindOf(&Error{Kind: RateLimited}); f != fault.Unavailable {
		t.Errorf("fault kind %v", f)
	}
}

// A wait that the caller does not live to see ends with the context's own error.
func TestCancelledWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var slept int
	srv, client, _ := setUp(t, func(o *Options) {
		o.Sleep = func(ctx context.Context, _ time.Duration) error { slept++; cancel(); return ctx.Err() }
	})
	srv.AlwaysFault("", ahrefstest.Status(500, "oops"))
	_, err := client.NewLinks(ctx, month)
	if !errors.Is(err, context.Canceled) || slept != 1 || len(srv.Requests()) != 1 || kindOf(err) != 0 {
		t.Errorf("error %v, %d sleeps, %d requests", err, slept, len(srv.Requests()))
	}
	if _, err = client.NewLinks(ctx, month); !errors.Is(err, context.Canceled) || len(srv.Requests()) != 1 {
		t.Errorf("after the end: %v, %d requests", err, len(srv.Requests()))
	}
}

// A call that goes away without waiting leaves its place to the next.
func TestRefusedWaitTakesNoPlace(t *testing.T) {
	srv, client, clock := setUp(t, func(o *Options) { o.MaxWait, o.PerMinute = 500*time.Millisecond, 60 })
	for i := range 10 {
		if _, err := client.NewLinks(t.Context(), month); (err == nil) != (i == 0) {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	_ = clock.Sleep(t.Context(), 1020*time.Millisecond)
	if _, err := client.NewLinks(t.Context(), month); err != nil || len(srv.Requests()) != 2 {
		t.Errorf("%v after %d requests", err, len(srv.Requests()))
	}
}

// A call that ends while its request is under way ends with its context's error
// too, not as a network error.
func TestCancelledRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, client, _ := setUp(t, func(o *Options) {
		o.MaxWait = time.Millisecond
		o.HTTP = roundTrip(func(r *http.Request) (*http.Response, error) { cancel(); return nil, r.Context().Err() })
	})
	page, err := client.NewLinks(ctx, month)
	if !errors.Is(err, context.Canceled) || kindOf(err) != 0 || page.Cost.Requests != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestJitterOnlyLengthens(t *testing.T) {
	srv, client, clock := setUp(t, func(o *Options) { o.Rand = func() float64 { return 1 } })
	srv.FaultOn("", ahrefstest.TooMany(""), ahrefstest.Status(502, ""), ahrefstest.TooMany("20"))
	if _, err := client.NewLinks(t.Context(), month); err != nil {
		t.Fatal(err)
	}
	equalWaits(t, clock.waits, 75*time.Second, 2500*time.Millisecond, 20*time.Second)
}

// listener gives an http.Server the far ends of pipes: a real client and a real
// server over no network, so that the true time limits run in a bubble's time.
type listener struct{ conns chan net.Conn }

func (l listener) Accept() (net.Conn, error) {
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (l listener) Close() error   { close(l.conns); return nil }
func (l listener) Addr() net.Addr { return &net.IPAddr{} }

func TestTimeLimits(t *testing.T) {
	tests := map[string]struct {
		fault ahrefstest.Fault
		try   time.Duration // how long one try lasts
	}{
		"hang": {ahrefstest.Hang(), headerLimit},
		"drip": {ahrefstest.Drip(time.Second), wholeLimit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := ahrefstest.New(sampleWorld(func() time.Time { return monday }))
				srv.AlwaysFault("", tt.fault)
				l := listener{make(chan net.Conn)}
				server := &http.Server{Handler: srv}
				go func() { _ = server.Serve(l) }()
				tr := newTransport()
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
					near, far := net.Pipe()
					l.conns <- far
					return near, nil
				}
				client, err := New(Options{BaseURL: "http://127.0.0.1/v3", Token: ahrefstest.Token, HTTP: tr, Rand: func() float64 { return 0 }})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				page, err := client.NewLinks(t.Context(), month)
				if kindOf(err) != Network || page.Cost.Requests != 4 {
					t.Errorf("%d requests, %v", page.Cost.Requests, err)
				}
				if took, want := time.Since(start), 4*tt.try+7*time.Second; took != want {
					t.Errorf("took %v, want %v", took, want)
				}
				tr.CloseIdleConnections()
				_ = server.Close()
			})
		})
	}
}

func TestExhaustedUnitsAndTokens(t *testing.T) {
	srv, client, _ := setUp(t)
	srv.MonthlyUnits = 5
	for range 2 {
		if _, err := client.NewLinks(t.Context(), month); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.NewLinks(t.Context(), month); kindOf(err) != UnitsExhausted {
		t.Errorf("third request: %v", err)
	}
	srv.ExpireToken(ahrefstest.Token)
	_, err := client.NewLinks(t.Context(), month)
	if e, _ := errors.AsType[*Error](err); e == nil || e.Kind != Unauthorized || e.Said != "token has expired" {
		t.Errorf("expired token: %v", err)
	}
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a refused provider token must not look like a visitor who is not signed in: %v", fault.KindOf(err))
	}
}
