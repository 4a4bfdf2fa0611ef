package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

// times repeats a fault, once for each try of the client.
func times(n int, f ahrefstest.Fault) (out []ahrefstest.Fault) {
	for range n {
		out = append(out, f)
	}
	return out
}

// samePage answers every page with what the first one asked had.
func samePage() ahrefstest.Fault {
	var first []byte
	return ahrefstest.Mangle(func(a *ahrefstest.Answer) {
		if first == nil {
			first = a.Body
		}
		a.Body = first
	})
}

var providerFaults = []struct {
	name      string
	faults    []ahrefstest.Fault
	fails     bool // the sync itself fails; else the client's own retries get over it
	permanent bool
	says      string
}{
	{name: "429 once", faults: times(1, ahrefstest.TooMany(""))},
	{name: "429 with Retry-After", faults: times(2, ahrefstest.TooMany("7"))},
	{name: "500 once", faults: times(1, ahrefstest.Status(500, "oops"))},
	{name: "500 for long", faults: times(4, ahrefstest.Status(500, "oops")), fails: true, says: "server error"},
	{name: "hangs once", faults: times(1, ahrefstest.Hang())},
	{name: "breaks off for long", faults: times(4, ahrefstest.Drop()), fails: true, says: "could not be reached"},
	{name: "cut JSON", faults: times(1, ahrefstest.CutJSON()), fails: true, says: "cannot be used"},
	{name: "null", faults: times(1, ahrefstest.Null()), fails: true, says: "cannot be used"},
	{name: "null list", faults: times(1, ahrefstest.NullList()), fails: true, says: "cannot be used"},
	{name: "empty object", faults: times(1, ahrefstest.EmptyObject()), fails: true, says: "cannot be used"},
	{name: "HTML", faults: times(1, ahrefstest.HTML()), fails: true, says: "cannot be used"},
	{name: "redirect", faults: times(1, ahrefstest.Redirect("https://elsewhere.example/")), fails: true, says: "cannot be used"},
	{name: "400", faults: times(1, ahrefstest.Status(400, "bad target")), fails: true, permanent: true, says: "bad target"},
	{name: "401", faults: times(1, ahrefstest.Status(401, "expired")), fails: true, permanent: true, says: "token"},
	{name: "402", faults: times(1, ahrefstest.Status(402, "units")), fails: true, permanent: true, says: "units are used up"},
	{name: "403", faults: times(1, ahrefstest.Status(403, "plan")), fails: true, permanent: true, says: "does not allow"},
	{name: "404", faults: times(1, ahrefstest.Status(404, "where")), fails: true, permanent: true, says: "does not serve"},
}

func TestFaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	want, _ := faultless(t)
	for _, tt := range providerFaults {
		for _, endpoint := range []string{"overview", "new-backlinks", "lost-backlinks", "referring-domains"} {
			t.Run(tt.name+" at "+endpoint, func(t *testing.T) {
				b := newBench(t)
				b.srv.FaultOn(endpoint, tt.faults...)
				b.hasty = tt.name == "hangs once"
				res, err := b.run()
				if (err != nil) != tt.fails {
					t.Fatalf("error %v, want one: %v", err, tt.fails)
				}
				if tt.fails {
					checkFailure(t, b, res, err, tt.permanent, tt.says)
					res = b.mustRun()
				}
				sameRows(t, b.rows(), want)
				if res.Run.Requests != b.sent || res.Resumed != tt.fails {
					t.Errorf("%d requests counted, %d sent, resumed %v", res.Run.Requests, b.sent, res.Resumed)
				}
			})
		}
	}
}

func checkFailure(t *testing.T, b *bench, res Result, err error, permanent bool, says string) {
	t.Helper()
	f, ok := errors.AsType[*Failure](err)
	if !ok || f.Permanent() != permanent {
		t.Errorf("permanent %v: %v", !permanent, err)
	}
	if res.Run.State != store.SyncFailed || res.Run.Message != fault.Message(err) {
		t.Errorf("the run is %s and says %q, the error %q", res.Run.State, res.Run.Message, fault.Message(err))
	}
	for _, part := range []string{says, "The next sync within a day goes on from there."} {
		if !strings.Contains(res.Run.Message, part) {
			t.Errorf("%q does not say %q", res.Run.Message, part)
		}
	}
	lost := testkit.Rows(t, b.st, `SELECT COUNT(*) FROM link WHERE lost_on <> ''`)
	if n := res.Run.Step(LostLinks).Rows; lost != fmt.Sprint(n) {
		t.Errorf("%s links are lost, the provider named %d", lost, n)
	}
}

// TestFaultAtEachRequest puts a bad answer and a broken connection at every
// single request, also in the middle of a step.
func TestFaultAtEachRequest(t *testing.T) {
	t.Parallel()
	want, requests := faultless(t)
	for n := 1; n <= requests; n++ {
		b := newBench(t)
		b.srv.FaultAt(n, ahrefstest.EmptyObject())
		if _, err := b.run(); err == nil {
			t.Fatalf("request %d: no error", n)
		}
		res := b.mustRun()
		sameRows(t, b.rows(), want)
		if b.sent != requests+1 || res.Run.Requests != requests+1 {
			t.Errorf("request %d: %d requests sent, %d counted, want %d: pages that were saved are asked again", n, b.sent, res.Run.Requests, requests+1)
		}
	}
}

func TestRepeatedPageIsRefused(t *testing.T) {
	t.Parallel()
	want, _ := faultless(t)
	for _, endpoint := range []string{"new-backlinks", "lost-backlinks", "referring-domains"} {
		b := newBench(t)
		stuck := samePage()
		b.srv.FaultOn(endpoint, stuck, stuck)
		res, err := b.run()
		if err == nil || !strings.Contains(res.Run.Message, "the same page twice") {
			t.Errorf("%s: %v", endpoint, err)
		}
		b.mustRun()
		sameRows(t, b.rows(), want)
	}
}

// kill ends a process between two requests. A graceful one still writes down
// where it stands; one that is killed leaves its run as running.
func TestKilledBetweenAnyTwoRequests(t *testing.T) {
	t.Parallel()
	want, requests := faultless(t)
	for _, graceful := range []bool{true, false} {
		for n := 1; n <= requests; n++ {
			t.Run(fmt.Sprintf("graceful %v, request %d", graceful, n), func(t *testing.T) {
				b := newBench(t)
				ctx, cancel := context.WithCancel(t.Context())
				b.beforeRequest = func(at int) {
					if at == n {
						cancel()
					}
				}
				if !graceful {
					b.sync.Store = dying{b.st}
				}
				res, err := b.sync.Run(ctx, b.site.ID, nil)
				w, waits := errors.AsType[*Waiting](err)
				state := store.SyncWaiting
				if !graceful {
					state = store.SyncRunning
				}
				if !waits || !errors.Is(err, context.Canceled) || !w.RetryAt().Equal(b.clock.Now()) || res.Run.State != state {
					t.Fatalf("%s, %v", res.Run.State, err)
				}
				b.beforeRequest = nil
				b.sync = &Syncer{Store: b.st, Provider: b.sync.Provider, Now: b.clock.Now, LockDir: b.sync.LockDir}
				if res = b.mustRun(); !res.Resumed {
					t.Error("a new run was started")
				}
				sameRows(t, b.rows(), want)
			})
		}
	}
}

// dying is the store of a process that is dead by the time its run should be
// finished.
type dying struct{ *store.Store }

func (dying) FinishRun(context.Context, int64, store.SyncEnd) error { return errors.New("dead") }

// TestKilledWhileSaving cuts the process off just before and just after a page's
// transaction.
func TestKilledWhileSaving(t *testing.T) {
	t.Parallel()
	want, requests := faultless(t)
	for n := 1; n <= requests; n++ {
		for _, saved := range []bool{false, true} {
			b := newBench(t)
			b.sync.Store = &cutOff{dying: dying{b.st}, at: n, saved: saved}
			if _, err := b.run(); err == nil {
				t.Fatal("no error")
			}
			b.sync = &Syncer{Store: b.st, Provider: b.sync.Provider, Now: b.clock.Now, LockDir: b.sync.LockDir}
			b.mustRun()
			sameRows(t, b.rows(), want)
		}
	}
}

func TestLimitPutsTheRunOff(t *testing.T) {
	want, _ := faultless(t)
	b := newBench(t, func(o *ahrefs.Options) { o.MaxWait = time.Second })
	b.srv.FaultOn("lost-backlinks", ahrefstest.TooMany("90"))
	res, err := b.run()
	w, ok := errors.AsType[*Waiting](err)
	if !ok || res.Run.State != store.SyncWaiting || !w.RetryAt().Equal(res.Run.WaitUntil) {
		t.Fatalf("%+v, %v", res.Run, err)
	}
	if d := w.RetryAt().Sub(b.clock.Now()); d < 90*time.Second || d > 92*time.Second {
		t.Errorf("waits %s", d)
	}
	if !strings.Contains(res.Run.Message, "Kept: the overview, all new links (8).") || !strings.Contains(res.Run.Message, "It can go on from there at 2026-03-02 09:31:3") {
		t.Error(res.Run.Message)
	}
	sent := b.sent
	if _, err := b.run(); err == nil || b.sent != sent {
		t.Errorf("asked again too early: %v, %d requests", err, b.sent-sent)
	}
	b.clock.forward(w.RetryAt().Sub(b.clock.Now()))
	if res := b.mustRun(); !res.Resumed {
		t.Error("a new run was started")
	}
	sameRows(t, b.rows(), want)
}

func TestRunTooOldToWaitFails(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *ahrefs.Options) { o.MaxWait = time.Second })
	b.srv.AlwaysFault("", ahrefstest.TooMany("600"))
	var res Result
	for range 24 * 6 {
		res, _ = b.run()
		if res.Run.State == store.SyncFailed {
			return
		}
		b.clock.forward(10*time.Minute + 2*time.Second)
	}
	t.Errorf("after a day the run is still %s", res.Run.State)
}

func TestPanicFailsTheRun(t *testing.T) {
	b := newBench(t)
	b.beforeRequest = func(n int) {
		if n == 3 {
			panic("a bug")
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = b.run()
	}()
	run, _, err := b.st.LastRun(t.Context(), b.site.ID)
	if err != nil || run.State != store.SyncFailed || !strings.Contains(run.Message, "Something went wrong on our side") {
		t.Errorf("%+v, %v", run, err)
	}
	b.beforeRequest = nil
	b.mustRun()
}

func TestNothingIsSentForAnUnknownSite(t *testing.T) {
	b := newBench(t)
	if _, err := b.sync.Run(t.Context(), 99, nil); !fault.Is(err, fault.NotFound) || b.sent != 0 {
		t.Errorf("%v, %d requests", err, b.sent)
	}
}

var _ http.RoundTripper = (*bench)(nil)

// endsAfter ends the caller's context once the first page of new links has come.
type endsAfter struct {
	backlinks.Provider
	end context.CancelFunc
}

func (e endsAfter) NewLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	defer e.end()
	return e.Provider.NewLinks(ctx, w)
}

func TestPageThatArrivedIsKeptWhenToldToStop(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.sync.Provider = endsAfter{b.sync.Provider, cancel}
	res, err := b.sync.Run(ctx, b.site.ID, nil)
	if n := res.Run.Step(NewLinks); !errors.Is(err, context.Canceled) || n.Rows != 3 || n.Cursor != "3" {
		t.Errorf("%+v, %v", n, err)
	}
	if !strings.HasPrefix(res.Run.Message, "The sync was stopped before it was finished. Kept: the overview, the first 3 new links.") {
		t.Error(res.Run.Message)
	}
}
