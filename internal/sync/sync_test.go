package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestSyncStoresWhatTheProviderHas(t *testing.T) {
	b := newBench(t)
	var told []string
	res, err := b.sync.Run(t.Context(), b.site.ID, func(p Progress) {
		told = append(told, fmt.Sprintf("%s %d/%d %d rows %d new %v", p.Step, p.StepNo, p.Steps, p.Rows, p.New, p.Done))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `https://news0.example/story | 2026-02-03 | 2026-02-20 | link_removed
https://news1.example/story | 2026-02-06 | 2026-02-21 | link_removed
https://news2.example/story | 2026-02-09 |  | 
https://news3.example/story | 2026-02-12 |  | 
https://news4.example/story | 2026-02-15 |  | 
https://news5.example/story | 2026-02-18 |  | 
https://news6.example/story | 2026-02-21 |  | 
https://news7.example/story | 2026-02-24 |  | 
https://old0.example/page |  | 2026-02-10 | page_gone
https://old1.example/page |  | 2026-02-11 | page_gone
https://old2.example/page |  | 2026-02-12 | page_gone`
	if got := b.links(); got != want {
		t.Errorf("links\n%s\nwant\n%s", got, want)
	}
	if got := testkit.Rows(t, b.st, `SELECT step, on_day FROM sync_mark ORDER BY step`); got != "lost_links | 2026-03-01\nnew_links | 2026-03-01" {
		t.Errorf("marks %s", got)
	}
	if got := testkit.Rows(t, b.st, `SELECT on_day, authority, metric, refdomains FROM snapshot`); got != "2026-03-02 | 42 | DR | 9" {
		t.Errorf("snapshot %s", got)
	}
	if n := res.Run.Step(NewLinks); n.Rows != 8 || n.New != 8 || n.From != day.Date(2025, 3, 2) || n.To != day.Date(2026, 3, 2) {
		t.Errorf("new links %+v", n)
	}
	if n := res.Run.Step(LostLinks); n.Rows != 5 || n.New != 3 || n.Lost != 2 {
		t.Errorf("lost links %+v", n)
	}
	if n := res.Run.Step(RefDomains); n.Rows != 9 || n.New != 3 {
		t.Errorf("referring domains %+v", n)
	}
	if res.Run.Requests != b.sent || res.Run.Units != b.srv.UnitsUsed() || res.Resumed {
		t.Errorf("%d requests, %d units; sent %d, charged %d", res.Run.Requests, res.Run.Units, b.sent, b.srv.UnitsUsed())
	}
	if len(told) != b.sent || told[0] != "overview 1/4 1 rows 0 new true" || told[2] != "new_links 2/4 6 rows 6 new false" {
		t.Errorf("told %q", told)
	}
}

func TestSecondSyncAsksForLittleAndChangesNothing(t *testing.T) {
	b := newBench(t)
	b.mustRun()
	before, links := b.rows(), testkit.Rows(t, b.st, `SELECT * FROM link ORDER BY id`)
	res := b.mustRun()
	sameRows(t, b.rows(), before)
	if s := res.Run.Step(NewLinks); s.From != day.Date(2026, 2, 27) || s.To != day.Date(2026, 3, 2) || s.New != 0 {
		t.Errorf("%+v", s)
	}
	b.clock.forward(7 * 24 * time.Hour)
	if s := b.mustRun().Run.Step(LostLinks); s.From != day.Date(2026, 2, 27) || s.To != day.Date(2026, 3, 9) {
		t.Errorf("a week later: %+v", s)
	}
	if got := testkit.Rows(t, b.st, `SELECT * FROM link ORDER BY id`); got != links {
		t.Errorf("links changed:\n%s\nfrom\n%s", got, links)
	}
}

func TestLostAndBackAgain(t *testing.T) {
	b := newBench(t)
	link := ahrefstest.Link{From: "https://comes.example/and-goes", To: "https://example.com/", DR: 50, FirstSeen: day.Date(2026, 3, 1),
		LostOn: day.Date(2026, 3, 5), Reason: "link_removed", Dofollow: true}
	again := link
	again.FirstSeen, again.LostOn, again.Reason = day.Date(2026, 3, 12), day.None, ""
	b.world.Add(link, again)
	state := func() string {
		return testkit.Rows(t, b.st, `SELECT first_seen, lost_on, lost_reason FROM link WHERE source_url = $1`, link.From)
	}
	b.mustRun()
	if got := state(); got != "2026-03-01 |  | " {
		t.Errorf("new: %s", got)
	}
	b.clock.forward(5 * 24 * time.Hour)
	b.mustRun()
	if got := state(); got != "2026-03-01 | 2026-03-05 | link_removed" {
		t.Errorf("lost: %s", got)
	}
	b.clock.forward(6 * 24 * time.Hour)
	b.mustRun()
	if got := state(); got != "2026-03-01 |  | " {
		t.Errorf("back: %s", got)
	}
	events := testkit.Rows(t, b.st, `SELECT e.kind FROM link_event e JOIN link l ON l.id = e.link_id WHERE l.source_url = $1 ORDER BY e.id`, link.From)
	if events != "lost\nreinstated" {
		t.Errorf("events %s", events)
	}
}

func TestOnlyOneSyncOfASite(t *testing.T) {
	b := newBench(t)
	elsewhere := &Syncer{Store: b.st, Provider: b.sync.Provider, Now: b.clock.Now, LockDir: b.sync.LockDir}
	b.beforeRequest = func(n int) {
		if n != 2 {
			return
		}
		for who, s := range map[string]*Syncer{"this syncer": b.sync, "another process": elsewhere} {
			_, err := s.Run(t.Context(), b.site.ID, nil)
			if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Message(err), "example.com is running already") {
				t.Errorf("a second sync by %s: %v", who, err)
			}
		}
	}
	b.mustRun()
	b.mustRun()
}

func TestAnotherProcessWithoutALockIsNoticed(t *testing.T) {
	b := newBench(t)
	elsewhere := &Syncer{Store: b.st, Provider: b.sync.Provider, Now: b.clock.Now} // no lock file
	b.beforeRequest = func(n int) {
		if n == 3 {
			b.beforeRequest = nil
			if _, err := elsewhere.Run(t.Context(), b.site.ID, nil); err != nil {
				t.Error(err)
			}
		}
	}
	if res, err := b.run(); !fault.Is(err, fault.Conflict) || res.Run.State != store.SyncDone {
		t.Errorf("the overtaken sync: %v, the run is %s", err, res.Run.State)
	}
	want, _ := faultless(t)
	sameRows(t, b.rows(), want)
}

func TestUnfinishedRunIsTakenUpForADay(t *testing.T) {
	for _, tt := range []struct {
		after   time.Duration
		resumed bool
	}{{23 * time.Hour, true}, {25 * time.Hour, false}} {
		b := newBench(t)
		b.srv.FaultAt(4, ahrefstest.Null())
		first, err := b.run()
		if err == nil {
			t.Fatal("no error")
		}
		b.clock.forward(tt.after)
		res := b.mustRun()
		if res.Resumed != tt.resumed || (res.Run.ID == first.Run.ID) != tt.resumed {
			t.Errorf("after %s: %+v", tt.after, res)
		}
		if to := res.Run.Step(NewLinks).To; tt.resumed && to != first.Run.Step(NewLinks).To {
			t.Errorf("the window moved to %s", to)
		}
	}
}

func TestAbandonedRunIsClosed(t *testing.T) {
	b := newBench(t)
	steps := b.sync.steps(nil)
	left, err := b.st.StartRun(t.Context(), store.NewRun{Site: b.site.ID, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	b.clock.forward(48 * time.Hour)
	b.mustRun()
	run, err := b.st.Run(t.Context(), left.ID)
	if err != nil || run.State != store.SyncFailed || !strings.Contains(run.Message, "Nothing had been saved yet") {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestAllSitesInTurn(t *testing.T) {
	b := newBench(t)
	other, err := b.st.CreateSite(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	b.srv.FaultAt(1, ahrefstest.Null())
	res, err := b.sync.RunAll(t.Context(), []store.Site{b.site, other}, store.Asked{}, nil)
	if len(res) != 2 || res[0].Run.State != store.SyncFailed || res[1].Run.State != store.SyncDone || err == nil || !strings.HasPrefix(err.Error(), "example.com: ") {
		t.Errorf("%+v, %v", res, err)
	}
	b.srv.AlwaysFault("", ahrefstest.TooMany(""))
	res, err = b.sync.RunAll(t.Context(), []store.Site{b.site, other}, store.Asked{}, nil)
	if _, waits := errors.AsType[*Waiting](err); len(res) != 1 || !waits {
		t.Errorf("went on although the token is held: %+v, %v", res, err)
	}
}

var _ backlinks.Provider = (*endless)(nil)

// endless never runs out of pages.
type endless struct {
	backlinks.Provider
	hang bool
}

func (endless) Name() string { return "endless" }

func (endless) Overview(context.Context, backlinks.Target, day.Day) (backlinks.Snapshot, backlinks.Cost, error) {
	return backlinks.Snapshot{On: day.Date(2026, 3, 2), Provider: "ahrefs"}, backlinks.Cost{Requests: 1}, nil
}

func (e endless) NewLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	if e.hang {
		<-ctx.Done()
		return backlinks.LinkPage{}, fmt.Errorf("asking: %w", ctx.Err())
	}
	next := w.Cursor + "x"
	link := backlinks.Link{SourceURL: "https://news.example/" + next, TargetURL: "https://example.com/", FirstSeen: w.To}
	return backlinks.LinkPage{Links: []backlinks.Link{link}, Next: next, Cost: backlinks.Cost{Requests: 1}}, nil
}

func TestPageCap(t *testing.T) {
	b := newBench(t)
	b.sync.Provider, b.sync.MaxPages = endless{}, 5
	res, err := b.run()
	f, ok := errors.AsType[*Failure](err)
	if !ok || !f.Permanent() || res.Run.State != store.SyncFailed || res.Run.Requests != 5 {
		t.Errorf("%+v, %v", res.Run, err)
	}
	if !strings.Contains(res.Run.Message, "more pages than") || !strings.Contains(res.Run.Message, "Kept: the overview, the first 4 new links.") {
		t.Error(res.Run.Message)
	}
}

func TestDeadline(t *testing.T) {
	b := newBench(t)
	b.sync.Provider, b.sync.Deadline = endless{hang: true}, 10*time.Millisecond
	res, err := b.run()
	if res.Run.State != store.SyncFailed || !fault.Is(err, fault.Unavailable) || !strings.Contains(res.Run.Message, "took too long") {
		t.Errorf("%+v, %v", res.Run, err)
	}
	if f, ok := errors.AsType[*Failure](err); !ok || f.Permanent() {
		t.Errorf("%v", err)
	}
}
