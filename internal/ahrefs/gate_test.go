package ahrefs

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"landed/internal/ahrefs/ahrefstest"
)

// bubble makes n clients of one token whose requests are noted, in the time of a
// synctest bubble.
func bubble(t *testing.T, n int, srv *ahrefstest.Server) ([]*Client, func() []time.Time) {
	var mu sync.Mutex
	var sent []time.Time
	tr := roundTrip(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		sent = append(sent, time.Now())
		mu.Unlock()
		return handlerTransport{srv}.RoundTrip(r)
	})
	var gates Gates
	var clients []*Client
	for range n {
		c, err := New(Options{Token: ahrefstest.Token, HTTP: tr, Gate: gates.For(ahrefstest.Token, 60), Rand: func() float64 { return 0 }})
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	return clients, func() []time.Time { mu.Lock(); defer mu.Unlock(); return slices.Clone(sent) }
}

// Many calls at once, after idling, on several clients: never more than 60 in any
// 60 seconds, even if each request may be late by up to a second. The server
// counts too and would answer 429.
func TestPaceHoldsInAnyMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ahrefstest.New(sampleWorld(time.Now))
		clients, sent := bubble(t, 3, srv)
		time.Sleep(10 * time.Minute) // nothing is saved up
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 150 {
			wg.Go(func() {
				if _, err := clients[i%3].RefDomains(t.Context(), site, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		times := sent()
		if len(times) != 150 {
			t.Fatalf("%d requests", len(times))
		}
		for i := 60; i < len(times); i++ {
			if d := times[i].Sub(times[i-60]); d < time.Minute+time.Second {
				t.Fatalf("61 requests within %v", d)
			}
		}
		if took := time.Since(start); took > 155*time.Second {
			t.Errorf("150 requests took %v: slower than it needs to be", took)
		}
	})
}

// While one call backs off, all calls of the token wait, also on another client;
// several refusals of requests in flight together are one strike.
func TestHoldStopsAllCallsOfTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ahrefstest.New(sampleWorld(time.Now))
		clients, sent := bubble(t, 2, srv)
		srv.FaultAt(1, ahrefstest.TooMany(""))
		var wg sync.WaitGroup
		start := time.Now()
		for i := range 6 {
			wg.Go(func() {
				if _, err := clients[i%2].RefDomains(t.Context(), site, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		times := sent()
		if len(times) != 7 || times[0] != start {
			t.Fatalf("sent at %v", times)
		}
		for i, at := range times[1:] {
			if d := at.Sub(start); d < time.Minute || d > 75*time.Second {
				t.Errorf("request %d left %v after the refusal", i+2, d)
			}
		}
	})
}

func TestStrikes(t *testing.T) {
	g := NewGate(60)
	at := func(s int) time.Time { return monday.Add(time.Duration(s) * time.Second) }
	steps := []struct {
		what        string
		sent, now   int
		asked       time.Duration
		answered    bool
		wantSeconds float64
	}{
		{"first", 0, 1, 0, false, 60},
		{"in flight with the first", 0, 2, 0, false, 60},
		{"second", 63, 64, 0, false, 120},
		{"sent before the hold and answered", 62, 65, 0, true, 0},
		{"third", 190, 191, 0, false, 240},
		{"asked for less", 440, 441, 5 * time.Second, false, 5},
		{"fifth", 450, 451, 0, false, 600},
		{"let through", 1100, 1101, 0, true, 0},
		{"first again", 1200, 1201, 0, false, 60},
	}
	for _, s := range steps {
		if s.answered {
			g.answered(at(s.sent))
			continue
		}
		if got := g.refused(at(s.sent), at(s.now), s.asked, 0).Seconds(); got != s.wantSeconds {
			t.Errorf("%s: held %v s, want %v", s.what, got, s.wantSeconds)
		}
	}
}

func TestGatesShareByToken(t *testing.T) {
	var gates Gates
	a := gates.For("a", 60)
	if gates.For("a", 60) != a || gates.For("b", 60) == a {
		t.Error("a token has one gate and another token another")
	}
}
