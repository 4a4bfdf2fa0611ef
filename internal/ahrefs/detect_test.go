package ahrefs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"landed/internal/backlinks"
)

// served answers limits-and-usage with a status, and everything else with an
// empty list.
func served(status int, body string, asked *atomic.Int32) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "limits-and-usage") {
			asked.Add(1)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return
		}
		fmt.Fprint(w, `{"backlinks":[]}`)
	})
}

func autoClient(t *testing.T, h http.Handler) *Client {
	t.Helper()
	c := &clock{now: monday}
	client, err := New(Options{Token: "token-of-a-test", Set: Auto, HTTP: handlerTransport{h}, Now: c.Now, Sleep: c.Sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   Set
		kind   Kind
		asks   int32 // of two calls
	}{
		{"published", 200, v3Answers["limits-and-usage"], V3, 0, 1},
		{"other set", 404, `{"error":"endpoint not found"}`, Playbook, 0, 1},
		{"bad token", 401, `{"error":"bad key"}`, Auto, Unauthorized, 2},
		{"not in the plan", 403, `{"error":"no"}`, Auto, Forbidden, 2},
		{"a page", 200, "<!doctype html>", Auto, BadAnswer, 2},
		{"another answer", 200, "{}", Auto, BadAnswer, 2},
		{"server error", 500, "", Auto, Server, 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Int32
			c := autoClient(t, served(tt.status, tt.body, &asked))
			if c.Set() != Auto {
				t.Errorf("before: %s", c.Set())
			}
			for range 2 {
				set, err := c.Detect(t.Context())
				if set != tt.want || c.Set() != tt.want {
					t.Errorf("set %q, then %q", set, c.Set())
				}
				if tt.kind != 0 {
					checkKind(t, err, tt.kind)
				} else if err != nil {
					t.Error(err)
				}
			}
			if asked.Load() != tt.asks {
				t.Errorf("%d requests", asked.Load())
			}
		})
	}
}

// A call that fails to find out may be followed by one that does.
func TestDetectAgainAfterAnError(t *testing.T) {
	var asked atomic.Int32
	bad, good := served(401, "{}", &asked), served(200, v3Answers["limits-and-usage"], &asked)
	c := autoClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Load() == 0 {
			bad.ServeHTTP(w, r)
			return
		}
		good.ServeHTTP(w, r)
	}))
	if _, err := c.Detect(t.Context()); err == nil {
		t.Fatal("no error")
	}
	if set, err := c.Detect(t.Context()); set != V3 || err != nil {
		t.Errorf("%s, %v", set, err)
	}
}

// Many first calls at once ask once, and the request is in the cost of one of them.
func TestDetectOnce(t *testing.T) {
	var asked atomic.Int32
	c := autoClient(t, served(200, v3Answers["limits-and-usage"], &asked))
	var requests atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			p, err := c.NewLinks(t.Context(), week)
			if err != nil {
				t.Error(err)
			}
			requests.Add(int32(p.Cost.Requests))
		})
	}
	all.Wait()
	if asked.Load() != 1 || requests.Load() != 17 || c.Set() != V3 {
		t.Errorf("asked %d times, %d requests counted, set %s", asked.Load(), requests.Load(), c.Set())
	}
	// The plan's name told how many rows it allows.
	if n := c.PageRows(backlinks.JobNewLinks); n != 250 {
		t.Errorf("%d rows a page", n)
	}
}

func TestDetectEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	c := autoClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		fmt.Fprint(w, v3Answers["limits-and-usage"])
	}))
	done := make(chan error)
	go func() {
		_, err := c.Detect(context.Background())
		done <- err
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Detect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a waiting call whose context has ended: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAs(t *testing.T) {
	var asked atomic.Int32
	for _, tt := range []struct {
		status int
		want   bool
	}{{200, true}, {404, false}} {
		c := autoClient(t, served(tt.status, v3Answers["limits-and-usage"], &asked))
		_, historian, err := backlinks.As[backlinks.Historian](t.Context(), c)
		_, pricer, err2 := backlinks.As[backlinks.Pricer](t.Context(), c)
		p, provider, err3 := backlinks.As[backlinks.Provider](t.Context(), c)
		if historian != tt.want || pricer != tt.want || !provider || p.Name() != Name || errors.Join(err, err2, err3) != nil {
			t.Errorf("%d: historian %v, pricer %v, provider %v, %v", tt.status, historian, pricer, provider, errors.Join(err, err2, err3))
		}
	}
	c := autoClient(t, served(401, "{}", &asked))
	if _, ok, err := backlinks.As[backlinks.Historian](t.Context(), c); ok || err == nil {
		t.Error("it is not known, and said to be")
	}
}

// What the other set does not have is refused without a request.
func TestPlaybookHasNoMore(t *testing.T) {
	s := &script{}
	c := s.client(t, Playbook)
	for _, op := range v3Operations {
		switch op.name {
		case "Overview", "NewLinks", "LostLinks", "RefDomains", "AllLinks of a placement", "AllLinks of a competitor":
			continue
		}
		_, _, err := op.run(t.Context(), c)
		checkKind(t, err, NotServed)
	}
	if len(s.asked) > 0 {
		t.Error("something was sent")
	}
	if c.Price(backlinks.JobNewLinks, 10) != (backlinks.Cost{}) {
		t.Error("it has a price")
	}
	if n := c.PageRows(backlinks.JobNewLinks); n != 200 {
		t.Errorf("%d rows a page", n)
	}
}
