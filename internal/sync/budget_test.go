package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

// budget sets the caps: month counts what is spent from here on.
func (b *bench) budget(month, run int) {
	b.t.Helper()
	if b.spent == nil {
		s, err := b.st.BudgetState(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		b.spent = &s.Units
	}
	if month > 0 {
		month += *b.spent
	}
	if err := b.st.SetSyncBudget(b.t.Context(), store.CommandLine, store.SyncBudget{MonthUnits: month, RunUnits: run, WarnPercent: 80}); err != nil {
		b.t.Fatal(err)
	}
}

func bigPages(o *ahrefs.Options) { o.PageSize = 250 }

// many makes a week with so many links that they cost more than a request.
func many(b *bench, n int) {
	for i := range n {
		b.world.Add(ahrefstest.Link{From: fmt.Sprintf("https://many%d.example/x", i), To: "https://example.com/", FirstSeenAt: b.clock.Now().Add(time.Duration(-n+i) * time.Minute)})
	}
}

// Whatever the month's cap is, it is never gone over by one unit, and raised bit by
// bit the run ends with the same rows as without a cap.
func TestMonthCapIsNeverGoneOver(t *testing.T) {
	t.Parallel()
	full := newV3(t, 1, bigPages)
	many(full, 60)
	all := full.mustRun().Run.Units
	for _, cap := range []int{0, 49, 50, 120, 149, 150, 400, all - 1} {
		b := newV3(t, 1, bigPages)
		many(b, 60)
		b.budget(max(1, cap), 0)
		raised := 0
		res, err := b.run()
		for err != nil {
			w, waits := errors.AsType[*Waiting](err)
			if !waits || w.For != store.WaitMonth || res.Run.State != store.SyncWaiting || !w.RetryAt().Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
				t.Fatalf("cap %d: %v, %+v", cap, err, res.Run)
			}
			if !strings.Contains(res.Run.Message, "The month’s cap of ") || !strings.Contains(res.Run.Message, "It goes on from there on 1 April 2026, or when the cap is raised.") {
				t.Error(res.Run.Message)
			}
			if used := b.srv.UnitsUsed(); used > cap+raised {
				t.Fatalf("cap %d: %d units", cap+raised, used)
			}
			if raised += 60; raised > 5*all {
				t.Fatalf("never ends: %+v", res.Run)
			}
			b.budget(cap+raised, 0)
			res, err = b.run()
		}
		if used := b.srv.UnitsUsed(); used > cap+raised {
			t.Errorf("cap %d: %d units", cap+raised, used)
		}
		sameRows(t, b.rows(), full.rows())
	}
}

// A run that waits for units is not grown old by it: it goes on with its pages in
// the next month.
func TestNextMonthTheRunGoesOn(t *testing.T) {
	b := newV3(t, 1)
	b.budget(120, 0)
	res, err := b.run()
	if _, waits := errors.AsType[*Waiting](err); !waits || res.Run.Step(AuthorityHistory).State != store.SyncDone {
		t.Fatalf("%v, %+v", err, res.Run)
	}
	sent := b.sent
	b.clock.forward(2 * 24 * time.Hour) // 1 April
	b.budget(0, 0)
	if due, err := b.st.DueSyncs(t.Context(), 7); err != nil || len(due) != 1 {
		t.Errorf("due %v, %v", due, err)
	}
	if res = b.mustRun(); !res.Resumed || res.Run.Step(AuthorityHistory).Requests != 1 || b.sent == sent {
		t.Errorf("%+v", res.Run)
	}
}

func TestRunCapHoldsForEachSitting(t *testing.T) {
	b := newV3(t, 1)
	b.budget(0, 160)
	spent := 0
	for sitting := 1; ; sitting++ {
		res, err := b.run()
		if used := b.srv.UnitsUsed() - spent; used > 160 {
			t.Fatalf("sitting %d: %d units", sitting, used)
		}
		if spent = b.srv.UnitsUsed(); err == nil {
			break
		}
		w, waits := errors.AsType[*Waiting](err)
		if !waits || w.For != store.WaitRun || !strings.Contains(res.Run.Message, "The cap of 160 units a run") || sitting > 5 {
			t.Fatalf("%v, %+v", err, res.Run)
		}
		b.clock.forward(w.RetryAt().Sub(b.clock.Now()))
	}
	c := newV3(t, 1)
	c.mustRun()
	if got, want := b.links(), c.links(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestForecastIsNear(t *testing.T) {
	b := newV3(t, 0)
	first, err := b.sync.Forecast(t.Context(), b.site.ID, 0)
	if err != nil || fmt.Sprint(first.Unknown) != "[new_links lost_links refdomains]" || !first.Priced || first.Endpoints != "v3" || first.Cost().Units < 150+210+630+150 {
		t.Errorf("%+v, %v", first, err)
	}
	if res := b.mustRun(); res.Run.Forecast.Units != -1 || res.Run.Endpoints != "v3" || res.Run.Provider != "ahrefs" {
		t.Errorf("%+v", res.Run)
	}
	b.clock.forward(chapterLength)
	f, err := b.sync.Forecast(t.Context(), b.site.ID, 0)
	if err != nil || len(f.Unknown) != 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	res := b.mustRun()
	if n := res.Run.Forecast; n != f.Cost() || n.Units < res.Run.Units*6/10 || n.Units > res.Run.Units*14/10 {
		t.Errorf("forecast %+v, spent %d", n, res.Run.Units)
	}
	a := newBench(t)
	if f, err := a.sync.Forecast(t.Context(), a.site.ID, 0); err != nil || f.Priced || len(f.Steps) != 4 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestCancelledRunStopsAfterItsPage(t *testing.T) {
	b := newV3(t, 1)
	b.beforeRequest = func(n int) {
		if n == 4 {
			run, _, err := b.st.LastRun(t.Context(), b.site.ID)
			if err == nil {
				_, err = b.st.CancelRun(t.Context(), store.By{Name: "Ann"}, run.ID)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	res, err := b.run()
	if !errors.Is(err, ErrCancelled) || res.Run.State != store.SyncCancelled || b.sent != 4 || res.Run.CancelBy != "Ann" {
		t.Errorf("%v, %d requests, %+v", err, b.sent, res.Run)
	}
	if !strings.HasPrefix(res.Run.Message, "The sync was cancelled. Kept: ") || !strings.Contains(res.Run.Message, "the first 4 new links") {
		t.Error(res.Run.Message)
	}
	b.beforeRequest = nil
	if again, err := b.sync.RunAsked(t.Context(), b.site.ID); err != nil || again.Run.ID != res.Run.ID || b.sent != 4 {
		t.Errorf("a worker began it again: %+v, %v", again, err)
	}
	b.mustRun()
	c := newV3(t, 1)
	c.mustRun()
	sameRows(t, b.rows(), c.rows())
}

// Two processes with one database sync a site once, and share a budget that both
// keep to.
func TestTwoProcesses(t *testing.T) {
	dir := firstChapter()(t)
	open := func() *bench {
		b := &bench{t: t}
		if err := b.build(testkit.OpenStore(t, dir), 1, useV3); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.srv.Close)
		return b
	}
	one, two := open(), open()
	one.sync.LockDir, two.sync.LockDir = dir, dir
	if _, err := two.st.CreateSite(t.Context(), "other.example"); err != nil {
		t.Fatal(err)
	}
	other, err := two.st.SiteByHost(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	one.budget(400, 0)
	one.beforeRequest = func(n int) {
		if n != 3 {
			return
		}
		if _, err := two.sync.Run(context.Background(), two.site.ID, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same site in two processes: %v", err)
		}
		if _, err := two.sync.Run(context.Background(), other.ID, nil); err == nil {
			t.Error("another site's first contact was paid from a budget that is too small")
		}
	}
	_, err = one.run()
	if used := one.srv.UnitsUsed() + two.srv.UnitsUsed(); used > 400 || used < 350 {
		t.Errorf("%d units, %v", used, err)
	}
	if got := testkit.Rows(t, one.st, `SELECT COUNT(*) FROM sync_run WHERE site_id = 1`); got != "2" {
		t.Errorf("%s runs", got)
	}
}
