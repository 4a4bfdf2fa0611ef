package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
	"landed/internal/testkit"
)

var everyLink = store.Asked{Cause: store.CauseCommand, By: store.CommandLine, EveryLink: true}

// check runs a full check.
func (b *bench) check() (Result, error) {
	return b.sync.RunAs(context.Background(), b.site.ID, everyLink, nil)
}

func (b *bench) mustCheck() Result {
	b.t.Helper()
	res, err := b.check()
	if err != nil || res.Run.State != store.SyncDone || res.Run.Step(AllLinks).State != store.SyncDone {
		b.t.Fatalf("%v, %s: %s", err, res.Run.State, b.stepsOf(res.Run))
	}
	return res
}

const (
	day1 = 24 * time.Hour
	gone = "https://n00.example/story"
)

// lostHere are the links that are lost without the provider's word.
func (b *bench) lostHere() string {
	return testkit.Rows(b.t, b.st, `SELECT source_url, lost_on, lost_reason FROM link WHERE lost_said = '`+backlinks.SaidUnlisted+`' ORDER BY source_url`)
}

func (b *bench) missed() string {
	return testkit.Rows(b.t, b.st, `SELECT l.source_url, u.missed_on FROM unlisted u JOIN link l ON l.id = u.link_id ORDER BY 1`)
}

// checkWhole holds that what is stored is what deciding it anew gives, and that
// nothing of a list is left behind.
func (b *bench) checkWhole() {
	b.t.Helper()
	if got := testkit.Rows(b.t, b.st, `SELECT (SELECT COUNT(*) FROM listed), (SELECT COUNT(*) FROM listing)`); got != "0 | 0" {
		b.t.Errorf("left of the list: %s", got)
	}
	if bad, err := b.st.Verify(b.t.Context()); err != nil || len(bad) > 0 {
		b.t.Errorf("%v, %v", bad, err)
	}
}

// newChecked is a site some days after its first sync, and one of its links gone
// without a word.
func newChecked(t *testing.T) *bench {
	b := newV3(t, 0)
	b.mustRun()
	b.clock.forward(3 * day1)
	b.world.Vanish(gone)
	return b
}

func TestLinkMissingFromTwoFullListsIsLost(t *testing.T) {
	b := newChecked(t)
	first := b.mustCheck()
	if got := b.missed(); got != gone+" | 2026-03-05" || b.lostHere() != "" || first.Run.Step(AllLinks).Missed != 1 {
		t.Errorf("after the first list missed %q, lost %q, %+v", got, b.lostHere(), first.Run.Step(AllLinks))
	}
	if !first.Run.EveryLink || first.Run.Step(AllLinks).Rows < 6 {
		t.Errorf("%v, %s", first.Run.EveryLink, b.stepsOf(first.Run))
	}
	if list, _, err := b.st.SyncRequests(t.Context(), first.Run.ID, 0, 100); err != nil || len(list) != first.Run.Requests || list[len(list)-1].Step != AllLinks {
		t.Errorf("%v: %+v", err, list)
	}
	b.clock.forward(2 * day1)
	b.mustRun() // says nothing of it
	b.clock.forward(2 * day1)
	second := b.mustCheck()
	if got := b.lostHere(); got != gone+" | 2026-03-09 | index_dropped" || b.missed() != "" || second.Run.Step(AllLinks).Lost != 1 {
		t.Errorf("after the second list lost %q, missed %q", got, b.missed())
	}
	if got := testkit.Rows(t, b.st, `SELECT e.kind, e.to_value FROM link_event e JOIN link l ON l.id = e.link_id WHERE l.source_url = '`+gone+`'`); got != "lost | index_dropped" {
		t.Errorf("events: %s", got)
	}
	b.checkWhole()
	before := b.rows()
	if _, err := b.st.Attribute(t.Context(), b.site.ID, true, nil); err != nil {
		t.Fatal(err)
	}
	sameRows(t, b.rows(), before)

	// Back in the list, with the visit of long ago.
	b.clock.forward(day1)
	b.world.Add(ahrefstest.Link{From: gone, To: "https://example.com/n", FirstSeenAt: time.Date(2026, 2, 11, 10, 0, 0, 0, time.UTC), DR: 40, Anchor: "guide"})
	b.mustCheck()
	if got := b.lostHere(); got != "" {
		t.Errorf("still lost: %s", got)
	}
	b.checkWhole()
}

func TestProvidersWordComesBeforeTheLists(t *testing.T) {
	b := newChecked(t)
	b.mustCheck()
	b.clock.forward(4 * day1)
	b.mustCheck()
	lost := time.Date(2026, 3, 9, 1, 0, 0, 0, time.UTC)
	b.world.Add(ahrefstest.Link{From: gone, To: "https://example.com/n", FirstSeenAt: time.Date(2026, 2, 11, 10, 0, 0, 0, time.UTC), LostAt: lost, LostReason: "notfound", DR: 40})
	b.clock.forward(day1)
	b.mustRun()
	if got := testkit.Rows(t, b.st, `SELECT lost_on, lost_reason, lost_said FROM link WHERE source_url = '`+gone+`'`); got != "2026-03-09 | page_gone | notfound" {
		t.Error(got)
	}
	b.checkWhole()
}

// Seen by whatever way between two lists, or while one is pulled, a link is not lost.
func TestSeenBetweenTwoListsIsNotLost(t *testing.T) {
	seen := func(b *bench) {
		l := backlinks.Link{SourceURL: gone, TargetURL: "https://example.com/n", FirstSeen: day.Date(2026, 2, 11), Provider: ahrefs.Name}
		_, err := b.st.SaveLinks(b.t.Context(), b.site.ID, func(yield func(backlinks.Link, error) bool) { yield(l, nil) }, false, nil)
		if err != nil {
			b.t.Fatal(err)
		}
	}
	b := newChecked(t)
	b.mustCheck()
	seen(b)
	if b.missed() != "" {
		t.Errorf("missed: %s", b.missed())
	}
	b.clock.forward(4 * day1)
	b.mustCheck()
	if b.lostHere() != "" || b.missed() == "" {
		t.Errorf("lost %q, missed %q", b.lostHere(), b.missed())
	}
	b.clock.forward(4 * day1)
	b.beforeRequest = func(int) {
		if testkit.Rows(t, b.st, `SELECT 1 FROM listing`) != "" { // within the list
			seen(b)
		}
	}
	if b.mustCheck(); b.lostHere() != "" || b.missed() != "" {
		t.Errorf("lost %q, missed %q", b.lostHere(), b.missed())
	}
	b.checkWhole()
}

// What the list cannot have, or has no need to, is not missed.
func TestListMissesOnlyWhatItShouldHave(t *testing.T) {
	t.Parallel()
	b := newChecked(t)
	save := func(source, target, provider string, first, last day.Day) {
		l := backlinks.Link{SourceURL: source, TargetURL: target, FirstSeen: first, LastSeen: last, Provider: provider}
		_, err := b.st.SaveLinks(t.Context(), b.site.ID, func(yield func(backlinks.Link, error) bool) { yield(l, nil) }, false, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	old := day.Date(2025, 1, 1)
	for range 2 {
		now := day.Of(b.clock.Now())
		save("https://new.example/", "https://example.com/", ahrefs.Name, now, now)
		save("https://seen.example/", "https://example.com/", ahrefs.Name, old, now)
		save("https://undated.example/", "https://example.com/", ahrefs.Name, day.None, day.None)
		save("https://other.example/", "https://example.com/", "semrush", old, old)
		save("https://both.example/", "https://example.com/", ahrefs.Name, old, old)
		save("https://both.example/", "https://example.com/", "semrush", old, old)
		save("https://elsewhere.example/", "https://example.org/", ahrefs.Name, old, old)
		b.beforeRequest = func(n int) {
			if testkit.Rows(t, b.st, `SELECT 1 FROM listing`) != "" {
				b.world.Add(ahrefstest.Link{From: fmt.Sprintf("https://late%d.example/", n), To: "https://example.com/", FirstSeenAt: b.clock.Now().Add(-time.Hour), DR: 9})
			}
		}
		b.mustCheck()
		b.beforeRequest = nil
		b.clock.forward(4 * day1)
	}
	if got := b.lostHere(); !strings.HasPrefix(got, gone) || strings.Contains(got, "\n") {
		t.Errorf("lost: %s", got)
	}
	b.mustRun()
	b.checkWhole()
}

// listFaults end the second list before it is whole, or make it strange.
var listFaults = map[string]struct {
	fault ahrefstest.Fault
	tries int
}{
	"cut JSON":   {ahrefstest.CutJSON(), 1},
	"null":       {ahrefstest.Null(), 1},
	"null list":  {ahrefstest.NullList(), 1},
	"empty list": {ahrefstest.Mangle(func(a *ahrefstest.Answer) { a.Body = emptied(a.Body) }), 1},
	"empty":      {ahrefstest.EmptyObject(), 1},
	"HTML":       {ahrefstest.HTML(), 1},
	"wrong type": {ahrefstest.WrongTypes("first_seen_link"), 1},
	"500":        {ahrefstest.Status(500, "oops"), 4},
	"403":        {ahrefstest.Status(403, "plan"), 1},
	"breaks off": {ahrefstest.Drop(), 4},
}

// checkedOnce is the database of newChecked after its first check.
var checkedOnce = stdsync.OnceValue(func() func(testing.TB) string {
	return played(func(ctx context.Context, b *bench) error {
		if _, err := b.sync.Run(ctx, b.site.ID, nil); err != nil {
			return err
		}
		b.clock.forward(3 * day1)
		b.world.Vanish(gone)
		_, err := b.check()
		return err
	})
})

// atSecond is a site about to be checked for the second time.
func atSecond(t *testing.T) *bench {
	b := newOn(t, checkedOnce()(t), 0, useV3)
	b.clock.forward(7 * day1)
	b.world.Vanish(gone)
	return b
}

// secondFaultless is what the second check leaves and the first and last of its
// requests that list, counted from its own first.
func secondFaultless(t *testing.T) (rows string, from, to int) {
	b := atSecond(t)
	before := b.sent
	res := b.mustCheck()
	to = b.sent - before
	return b.rows(), to - res.Run.Step(AllLinks).Requests + 1, to
}

func TestListThatIsNotWholeLosesNothing(t *testing.T) {
	t.Parallel()
	want, from, to := secondFaultless(t)
	if to-from < 2 {
		t.Fatalf("the list has requests %d to %d", from, to)
	}
	for name, f := range listFaults {
		for n := from; n <= to; n++ {
			b := atSecond(t)
			for i := range f.tries {
				b.srv.FaultAt(b.sent+n+i, f.fault)
			}
			res, err := b.check()
			if err == nil || res.Run.State != store.SyncFailed || res.Run.Message == "" {
				t.Fatalf("%s at %d: %v, %+v", name, n, err, res.Run)
			}
			if b.lostHere() != "" || !strings.HasPrefix(b.missed(), gone) {
				t.Fatalf("%s at %d: lost %q, missed %q", name, n, b.lostHere(), b.missed())
			}
			if res = b.mustCheck(); !res.Resumed {
				t.Error("not resumed")
			}
			if sameRows(t, b.rows(), want); t.Failed() {
				t.Fatalf("%s at %d", name, n)
			}
			b.checkWhole()
		}
	}
}

func TestListKilledBetweenAnyTwoRequests(t *testing.T) {
	t.Parallel()
	want, from, to := secondFaultless(t)
	for n := from; n <= to; n++ {
		b := atSecond(t)
		ctx, cancel := context.WithCancel(t.Context())
		at := b.sent + n
		b.beforeRequest = func(n int) {
			if n == at {
				cancel()
			}
		}
		b.sync.Store = dying{b.st}
		if _, err := b.sync.RunAs(ctx, b.site.ID, everyLink, nil); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		b.beforeRequest = nil
		if err := b.connect(useV3); err != nil {
			t.Fatal(err)
		}
		if res := b.mustRun(); !res.Resumed || res.Run.Step(AllLinks).State != store.SyncDone {
			t.Errorf("a new run was started: %s", b.stepsOf(res.Run))
		}
		if sameRows(t, b.rows(), want); t.Failed() {
			t.Fatalf("request %d", n)
		}
		b.checkWhole()
	}
}

// A list whose end is missing is an answer like any other. That it lacks most of
// what lives is seen, and it begins anew.
func TestListThatLacksTooMuchIsNotBelieved(t *testing.T) {
	b := newV3(t, 0, func(o *ahrefs.Options) { o.PageSize = 60 })
	for i := range 40 {
		b.world.Add(ahrefstest.Link{From: fmt.Sprintf("https://m%d.example/", i), To: "https://example.com/", FirstSeenAt: time.Date(2026, 1, 5, i%24, i, 0, 0, time.UTC), DR: 20})
	}
	b.mustRun()
	b.clock.forward(3 * day1)
	bad := true
	b.srv.AlwaysFault("all-backlinks", ahrefstest.Mangle(func(a *ahrefstest.Answer) {
		if rows := strings.SplitAfter(string(a.Body), "},"); bad && len(rows) > 20 {
			a.Body = []byte(strings.TrimSuffix(strings.Join(rows[:10], ""), ",") + "]}")
		}
	}))
	for range 2 {
		res, err := b.check()
		if err == nil || !errors.Is(err, store.ErrStrangeListing) || !strings.Contains(res.Run.Message, "was not believed") || b.missed() != "" {
			t.Fatalf("%v\n%s\n%s", err, res.Run.Message, b.stepsOf(res.Run))
		}
		b.clock.forward(2 * day1) // not taken up again
	}
	bad = false
	if res := b.mustCheck(); b.lostHere() != "" || b.missed() != "" {
		t.Errorf("lost %q, missed %q, %s", b.lostHere(), b.missed(), b.stepsOf(res.Run))
	}
	b.checkWhole()
}

func TestForecastOfAFullCheck(t *testing.T) {
	b := newChecked(t)
	f, err := b.sync.ForecastAsked(t.Context(), b.site.ID, everyLink)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := b.sync.Forecast(t.Context(), b.site.ID, 0)
	if err != nil || len(f.Unknown) != len(plain.Unknown) || f.Cost().Units <= plain.Cost().Units {
		t.Errorf("%v: %+v, without the list %+v", err, f, plain)
	}
	b.mustCheck()
	b.clock.forward(3 * day1)
	res := b.mustCheck()
	if step := res.Run.Step(AllLinks); res.Run.Forecast.Units <= 0 || step.Units <= 0 {
		t.Errorf("%+v, %+v", res.Run.Forecast, step)
	}
}

// A run without the list does not serve who asks for one.
func TestUnfinishedRunGivesWayToAFullCheck(t *testing.T) {
	b := newChecked(t)
	b.srv.FaultOn("all-backlinks", ahrefstest.EmptyObject())
	failed, err := b.run()
	if err == nil {
		t.Fatal("no error")
	}
	res := b.mustCheck()
	if res.Resumed || res.Run.ID == failed.Run.ID {
		t.Errorf("%+v", res.Run)
	}
}

// The set without prices lists by offset, and a domain without conditions.
func TestFullCheckByOffset(t *testing.T) {
	b := newBench(t)
	b.mustRun()
	b.clock.forward(3 * day1)
	from := "https://news4.example/story"
	b.world.Vanish(from)
	b.mustCheck()
	if got := b.missed(); got != from+" | 2026-03-05" {
		t.Errorf("missed %q", got)
	}
	b.clock.forward(3 * day1)
	// A list that was put off in the middle may lack what has moved, so it does not count.
	b.srv.FaultAt(b.sent+9, ahrefstest.EmptyObject())
	res, err := b.check()
	if err == nil || res.Run.Step(AllLinks).State != store.SyncFailed || res.Run.Step(AllLinks).Rows == 0 {
		t.Fatalf("%v, %s", err, b.stepsOf(res.Run))
	}
	if b.mustCheck(); b.lostHere() != "" || b.missed() != from+" | 2026-03-05" {
		t.Errorf("lost %q, missed %q", b.lostHere(), b.missed())
	}
	b.mustCheck()
	if got := b.lostHere(); got != from+" | 2026-03-08 | index_dropped" {
		t.Errorf("lost %q", got)
	}
	b.checkWhole()
}
