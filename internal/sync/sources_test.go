package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/store"
	"landed/internal/testkit"
)

const rivalSources = "sources:30:rival.example"

// compare gives the bench's site a competitor: 7 sources of DR 30 or more, of which
// one links twice, one too weak, and two more that come in the second chapter, the
// second one with an old domain's further link.
func (b *bench) compare(t *testing.T) {
	t.Helper()
	b.t = t
	if err := b.addRival(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) addRival(ctx context.Context) error {
	b.fillRival()
	_, err := b.st.AddCompetitor(ctx, store.By{Name: "a test"}, b.site.ID, "https://www.rival.example/pricing")
	return err
}

func (b *bench) fillRival() {
	base := time.Date(2026, 1, 10, 4, 0, 0, 0, time.UTC)
	add := func(name, page string, dr float64, first time.Time) {
		b.world.Add(ahrefstest.Link{From: "https://" + name + ".example/" + page, To: "https://rival.example/", Anchor: "rival", DR: dr, FirstSeenAt: first, Dofollow: true})
	}
	for i := range 7 {
		add(fmt.Sprint("source", i), "list", 40+float64(i/2), base.Add(time.Duration(i)*time.Hour))
	}
	add("source3", "second", 41, base)
	add("weak", "list", 12, base)
	later := base.AddDate(0, 2, 0)
	add("late", "list", 60, later)
	add("late2", "list", 35, later)
	add("source5", "again", 42, later)
}

// comparedBefore is the database after a faultless first chapter with a competitor.
var comparedBefore = stdsync.OnceValue(func() func(testing.TB) string {
	return played(func(ctx context.Context, b *bench) error {
		if err := b.addRival(ctx); err != nil {
			return err
		}
		_, err := b.sync.Run(ctx, b.site.ID, nil)
		return err
	})
})

// newCompared is a bench with a competitor that is about to play a chapter.
func newCompared(t *testing.T, chapter int) *bench {
	t.Helper()
	if chapter == 0 {
		b := newV3(t, 0)
		b.compare(t)
		return b
	}
	b := newOn(t, comparedBefore()(t), chapter, useV3)
	b.fillRival()
	return b
}

func TestSourcesOfACompetitor(t *testing.T) {
	b := newV3(t, 0)
	b.compare(t)
	first := b.mustRun()
	if s := first.Run.Step(rivalSources); s.State != store.SyncDone || s.New != 7 || s.From.Known() || first.Run.Steps[len(first.Run.Steps)-1].Name != rivalSources {
		t.Errorf("%+v", s)
	}
	checkAccounts(t, b, first.Run)
	const known = `SELECT d.domain, d.strength, c.source_url FROM source_domain d JOIN competitor_source c ON c.domain_id = d.id ORDER BY d.strength DESC, d.domain`
	if got := testkit.Rows(t, b.st, known); strings.Count(got, "\n") != 6 || strings.Contains(got, "weak") || !strings.Contains(got, "source6.example | 043.00 | https://source6.example/list") {
		t.Error(got)
	}
	b.clock.forward(7 * 24 * time.Hour)
	if s := b.mustRun().Run.Step(rivalSources); s.Name != "" {
		t.Errorf("asked for a week later: %+v", s)
	}
	b.clock.forward(21 * 24 * time.Hour)
	plan, err := b.sync.Forecast(t.Context(), b.site.ID, 0)
	if err != nil || len(plan.Unknown) != 1 || plan.Unknown[0] != rivalSources {
		t.Errorf("%+v, %v", plan.Unknown, err)
	}
	sent := len(b.srv.Requests())
	s := b.mustRun().Run.Step(rivalSources)
	if s.Rows != 3 || s.New != 2 || s.From.String() != "2026-02-27" {
		t.Errorf("four weeks later: %+v from %s", s, s.From)
	}
	asked := 0
	for _, r := range b.srv.Requests()[sent:] {
		if r.Query.Get("target") == "rival.example" {
			asked++
			if r.Query.Get("aggregation") != "1_per_domain" || !strings.Contains(r.Query.Get("where"), "first_seen_link") {
				t.Errorf("%s", r.Query)
			}
		}
	}
	if asked == 0 {
		t.Error("the competitor was not asked for")
	}
	// A lower floor asks for everything again, a higher one for nothing twice.
	by := store.By{Name: "a test"}
	for floor, want := range map[int]int{10: 1, 50: 0} {
		if err := b.st.SetSourceFloor(t.Context(), by, b.site.ID, floor); err != nil {
			t.Fatal(err)
		}
		plan, err := b.sync.Forecast(t.Context(), b.site.ID, 0)
		n := 0
		for _, s := range plan.Steps {
			if isSources(s.Name) {
				n++
			}
		}
		if err != nil || n != want {
			t.Errorf("from DR %d: %d steps of sources, want %d, %v", floor, n, want, err)
		}
	}
	list, err := b.st.Competitors(t.Context(), b.site.ID)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if _, err := b.st.RemoveCompetitor(t.Context(), by, list[0].ID); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(chapterLength)
	for _, s := range b.mustRun().Run.Steps {
		if isSources(s.Name) {
			t.Errorf("a competitor that was removed is asked for: %+v", s)
		}
	}
}

// sourceChapter is what a chapter with a competitor leaves, its requests, and which
// of them was the first for the competitor.
func sourceChapter(t *testing.T, chapter int) (rows string, requests, first int) {
	b := newCompared(t, chapter)
	res := b.mustRun()
	list, _, err := b.st.SyncRequests(t.Context(), res.Run.ID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		if r.Step == rivalSources {
			return b.rows(), b.sent, i + 1
		}
	}
	t.Fatal("no request for the competitor")
	return "", 0, 0
}

func TestFaultsInSourcesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs, one after the other")
	}
	for chapter := range 2 {
		want, requests, first := sourceChapter(t, chapter)
		for _, f := range v3Faults("domain_rating_source") {
			for n := first; n <= requests; n++ {
				b := newCompared(t, chapter)
				for i := range f.tries {
					b.srv.FaultAt(n+i, f.fault)
				}
				res, err := b.run()
				if (err != nil) != f.fails {
					t.Fatalf("%s at request %d of chapter %d: %v, %s", f.name, n, chapter, err, b.stepsOf(res.Run))
				}
				if f.fails {
					checkFault(t, b, res, err, rivalSources, f.permanent, f.says)
					if n > first && !strings.Contains(res.Run.Message, "sources of rival.example") {
						t.Error(res.Run.Message)
					}
					res = b.mustRun()
				}
				if sameRows(t, b.rows(), want); t.Failed() || res.Resumed != f.fails {
					t.Fatalf("%s at request %d of chapter %d", f.name, n, chapter)
				}
			}
		}
	}
}

func TestKilledAmongSources(t *testing.T) {
	t.Parallel()
	for chapter := range 2 {
		want, requests, first := sourceChapter(t, chapter)
		for n := first; n <= requests; n++ {
			b := newCompared(t, chapter)
			ctx, cancel := context.WithCancel(t.Context())
			b.beforeRequest = func(at int) {
				if at == n {
					cancel()
				}
			}
			b.sync.Store = dying{b.st}
			if _, err := b.sync.Run(ctx, b.site.ID, nil); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			b.beforeRequest = nil
			if err := b.connect(useV3); err != nil {
				t.Fatal(err)
			}
			if res := b.mustRun(); !res.Resumed {
				t.Error("a new run was started")
			}
			if sameRows(t, b.rows(), want); t.Failed() {
				t.Fatalf("request %d of chapter %d", n, chapter)
			}
		}
	}
}

// The set "playbook" has all links of a source domain, in pages by offset.
func TestSourcesOfThePlaybook(t *testing.T) {
	t.Parallel()
	plain := newBench(t)
	plain.compare(t)
	if s := plain.mustRun().Run.Step(rivalSources); s.New != 7 || s.Rows != 8 {
		t.Fatalf("%+v", s)
	}
	want := plain.rows()
	for _, tt := range providerFaults {
		b := newBench(t)
		b.compare(t)
		b.srv.FaultOn("all-backlinks", tt.faults...)
		b.hasty = tt.name == "hangs once"
		res, err := b.run()
		if (err != nil) != tt.fails || err != nil && !strings.Contains(res.Run.Message, tt.says) {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if tt.fails {
			b.mustRun()
		}
		if sameRows(t, b.rows(), want); t.Failed() {
			t.Fatal(tt.name)
		}
	}
}

// A run that may not spend enough stops before the competitor and keeps the rest.
func TestSourcesWaitForUnits(t *testing.T) {
	plain := newV3(t, 0)
	plain.compare(t)
	whole := plain.mustRun().Run
	b := newV3(t, 0)
	b.compare(t)
	b.budget(whole.Units-whole.Step(rivalSources).Units+40, 0) // a request takes 50
	res, err := b.run()
	w, waits := errors.AsType[*Waiting](err)
	if !waits || w.For != store.WaitMonth || res.Run.Step(RefDomains).State != store.SyncDone || res.Run.Step(rivalSources).Rows != 0 {
		t.Errorf("%v\n%s", err, b.stepsOf(res.Run))
	}
}
