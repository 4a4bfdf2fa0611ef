package sync

import (
	"context"
	"fmt"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

func useV3(o *ahrefs.Options) { o.Set = ahrefs.V3 }

// fillV3 makes a world with two chapters, before and after 2026-03-02 and four weeks
// later, whose lists have pages of 3 rows. Half of the links share a timestamp, more
// than a page holds, so that pages end among equal ones.
func fillV3(w *ahrefstest.World) {
	add := func(name string, first time.Time, l ahrefstest.Link) {
		l.From, l.To, l.FirstSeenAt, l.DR = "https://"+name+".example/story", "https://example.com/"+name[:1], first, 40
		w.Add(l)
	}
	base := time.Date(2026, 2, 10, 4, 0, 0, 0, time.UTC)
	for chapter := range 2 {
		at := base.AddDate(0, 0, 28*chapter)
		for i := range 6 {
			first := at
			if i < 2 {
				first = at.Add(time.Duration(30*i+30) * time.Hour)
			}
			add(fmt.Sprintf("n%d%d", chapter, i), first, ahrefstest.Link{Anchor: "guide", Dofollow: i%2 == 0})
		}
		for i := range 3 {
			add(fmt.Sprintf("o%d%d", chapter, i), base.AddDate(-1, -3, -i), ahrefstest.Link{LostAt: at, LostReason: "removedfromhtml"})
		}
	}
	// Lost in the first chapter, back in the second.
	lost := ahrefstest.Link{LostAt: base.Add(time.Hour), LostReason: "notfound", Dofollow: true}
	add("back", base.AddDate(0, -3, 0), lost)
	add("back", base.AddDate(0, 0, 25), ahrefstest.Link{Dofollow: true})
	w.SetOverview("example.com", func(d day.Day) ahrefstest.Overview {
		return ahrefstest.Overview{DomainRating: 40 + float64(d-day.Date(2024, 1, 1))/100, Backlinks: -1, ReferringDomains: -1, OrganicTraffic: 1200, OrganicKeywords: 300}
	})
}

const chapterLength = 28 * 24 * time.Hour

// played gives copies of a database in which a faultless first chapter was played.
func played(play func(context.Context, *bench) error) func(testing.TB) string {
	return testkit.Seed(func(ctx context.Context, st *store.Store) error {
		b := &bench{}
		if err := b.build(st, 0, useV3); err != nil {
			return err
		}
		defer b.srv.Close()
		return play(ctx, b)
	})
}

// firstChapter is the database after a faultless first chapter.
var firstChapter = stdsync.OnceValue(func() func(testing.TB) string {
	return played(func(ctx context.Context, b *bench) error {
		_, err := b.sync.Run(ctx, b.site.ID, nil)
		return err
	})
})

// newV3 is a bench that is about to play a chapter.
func newV3(t *testing.T, chapter int, change ...func(*ahrefs.Options)) *bench {
	t.Helper()
	dir := testkit.Dir
	if chapter > 0 {
		dir = firstChapter()
	}
	return newOn(t, dir(t), chapter, append([]func(*ahrefs.Options){useV3}, change...)...)
}

// newOn is a bench at the beginning of a chapter, on a database that is there.
func newOn(t *testing.T, dir string, chapter int, change ...func(*ahrefs.Options)) *bench {
	t.Helper()
	b := &bench{t: t}
	if err := b.build(testkit.OpenStore(t, dir), chapter, change...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.srv.Close)
	return b
}

func (b *bench) build(st *store.Store, chapter int, change ...func(*ahrefs.Options)) error {
	b.clock = &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).Add(time.Duration(chapter) * chapterLength)}
	b.world = ahrefstest.NewWorld(b.clock.Now)
	fillV3(b.world)
	b.srv = ahrefstest.NewServer(b.world)
	b.srv.Now, b.srv.PerMinute, b.srv.Sets, b.srv.ShuffleTies = b.clock.Now, 0, ahrefstest.V3, true
	b.st = st
	b.st.Now = b.clock.Now
	sites, err := st.Sites(context.Background())
	if err == nil && len(sites) == 0 {
		b.site, err = st.CreateSite(context.Background(), "example.com")
	} else if err == nil {
		b.site = sites[0]
	}
	if err != nil {
		return err
	}
	return b.connect(change...)
}

// connect makes a syncer with a client of its own.
func (b *bench) connect(change ...func(*ahrefs.Options)) error {
	o := ahrefs.Options{BaseURL: b.srv.URL(), Token: ahrefstest.Token, HTTP: b, Now: b.clock.Now, Sleep: b.clock.sleep,
		Rand: func() float64 { return 0 }, PerMinute: 1_000_000, PageSize: 3}
	for _, f := range change {
		f(&o)
	}
	client, err := ahrefs.New(o)
	if err != nil {
		return err
	}
	b.sync = &Syncer{Store: b.st, Provider: client, Now: b.clock.Now}
	return nil
}

func (b *bench) stepsOf(r store.SyncRun) string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, fmt.Sprintf("%s %s %s: %d rows, %d new, %d lost", s.Name, s.From, s.To, s.Rows, s.New, s.Lost))
	}
	return strings.Join(out, "\n")
}

func TestV3TwoChapters(t *testing.T) {
	b := newV3(t, 0)
	res := b.mustRun()
	want := `overview  2026-03-02: 1 rows, 0 new, 0 lost
authority_history 2024-03-02 2026-03-02: 105 rows, 104 new, 0 lost
refdomain_history 2024-03-02 2026-03-02: 105 rows, 104 new, 0 lost
new_links 2025-03-02 2026-03-02: 7 rows, 7 new, 0 lost
lost_links 2025-03-02 2026-03-02: 4 rows, 3 new, 1 lost
refdomains  2026-03-02: 9 rows, 3 new, 0 lost`
	if got := b.stepsOf(res.Run); got != want {
		t.Errorf("first contact\n%s\nwant\n%s", got, want)
	}
	checkAccounts(t, b, res.Run)
	b.clock.forward(chapterLength)
	res = b.mustRun()
	want = `authority_history 2026-03-09 2026-03-30: 4 rows, 4 new, 0 lost
refdomain_history 2026-03-09 2026-03-30: 4 rows, 4 new, 0 lost
new_links 2026-02-27 2026-03-30: 6 rows, 6 new, 0 lost
lost_links 2026-02-27 2026-03-30: 3 rows, 3 new, 0 lost
restored_links 2026-03-02 2026-03-30: 1 rows, 0 new, 0 lost`
	if got := b.stepsOf(res.Run); got != want {
		t.Errorf("four weeks later\n%s\nwant\n%s", got, want)
	}
	if got := testkit.Rows(t, b.st, `SELECT first_seen, lost_on FROM link WHERE source_url = 'https://back.example/story'`); got != "2025-11-10 | " {
		t.Errorf("the link that came back: %s", got)
	}
	played := b.rows()
	c := newV3(t, 1)
	c.mustRun()
	sameRows(t, c.rows(), played)
	if bad, err := b.st.Verify(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("%v, %v", bad, err)
	}
}

// checkAccounts compares what was noted with what the server charged.
func checkAccounts(t *testing.T, b *bench, run store.SyncRun) {
	t.Helper()
	list, _, err := b.st.SyncRequests(t.Context(), run.ID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	units := 0
	for _, r := range list {
		units += r.Units
		if r.OK && (r.Outcome == "" || r.Status != 200) || r.Endpoint == "" || r.Step == "" {
			t.Errorf("%+v", r)
		}
	}
	charged := 0
	for _, r := range b.srv.Requests() {
		charged += r.Units
	}
	month, err := b.st.BudgetState(t.Context())
	if err != nil || len(list) != b.sent || run.Requests != b.sent || units != charged || run.Units != charged || month.Units != charged {
		t.Errorf("%d requests sent, %d noted, %d in the run; %d units charged, %d noted, %d in the run, %d in the month, %v",
			b.sent, len(list), run.Requests, charged, units, run.Units, month.Units, err)
	}
}

// The charts of a new site are full on the first day: two years, a reading a week
// of both figures, and the dates of the index before we looked.
func TestHistoryIsFullAfterTheFirstSync(t *testing.T) {
	b := newV3(t, 0)
	b.mustRun()
	today := day.Of(b.clock.Now())
	h, err := b.st.History(t.Context(), b.site.ID, today-730, today)
	if err != nil || h.Metric != "DR" || len(h.Readings) < 104 {
		t.Fatalf("%d readings in %s, %v", len(h.Readings), h.Metric, err)
	}
	for i, r := range h.Readings {
		if r.Authority < 40 || r.RefDomains < 0 || i > 0 && r.Day-h.Readings[i-1].Day > 7 {
			t.Errorf("%+v after %+v", r, h.Readings[max(0, i-1)])
		}
	}
	if first := h.Readings[0].Day; first > today-730+7 {
		t.Errorf("begins on %s", first)
	}
}

func TestYearsOfHistoryOnDemand(t *testing.T) {
	b := newV3(t, 1)
	if _, _, err := b.st.AskRun(t.Context(), b.site.ID, store.Asked{Cause: store.CauseManual, By: store.By{Name: "Ann"}, Years: 5}); err != nil {
		t.Fatal(err)
	}
	res := b.mustRun()
	if got, want := b.stepsOf(res.Run), "authority_history 2021-03-30 2024-03-03: 152 rows, 152 new, 0 lost\nrefdomain_history 2021-03-30 2024-03-03: 152 rows, 152 new, 0 lost"; got != want {
		t.Errorf("%s", got)
	}
	if res.Run.Who != "Ann" || res.Run.Cause != store.CauseManual || res.Run.Units != 152*8 || res.Run.Forecast.Units < 152*8 || res.Run.Forecast.Units > 155*8 {
		t.Errorf("%+v", res.Run)
	}
}

// A repeated sync with nothing new stores not one row.
func TestNothingNewStoresNothing(t *testing.T) {
	b := newV3(t, 1)
	b.mustRun()
	b.clock.forward(time.Hour)
	changes := func() string {
		return testkit.Rows(t, b.st, `SELECT * FROM link`) + testkit.Rows(t, b.st, `SELECT * FROM snapshot`) + testkit.Rows(t, b.st, `SELECT * FROM refdomain`) +
			testkit.Rows(t, b.st, `SELECT * FROM link_event`) + testkit.Rows(t, b.st, `SELECT * FROM daily`)
	}
	before := changes()
	res := b.mustRun()
	if changes() != before {
		t.Error("rows have changed")
	}
	if res.Run.Units != 100 || res.Run.Requests != 2 {
		t.Errorf("%d units in %d requests: %s", res.Run.Units, res.Run.Requests, b.stepsOf(res.Run))
	}
}

// What the index shows late is found by a check of settled days, and from then on
// all runs look as far back, until a check finds none.
func TestLateLinksAreFound(t *testing.T) {
	b := newV3(t, 1)
	b.mustRun() // the second run of a site checks
	type look struct{ Back, New, Late int }
	n := 0
	week := func(late time.Duration) look {
		t.Helper()
		n++
		for i, l := range []time.Duration{0, late} {
			if i == 0 || l > 0 { // found 30 hours before the next run
				b.world.Add(ahrefstest.Link{From: fmt.Sprintf("https://w%d.example/%d", n, i), To: "https://example.com/", FirstSeenAt: b.clock.Now().Add((7*24 - 30) * time.Hour), Late: l})
			}
		}
		b.clock.forward(7 * 24 * time.Hour)
		s := b.mustRun().Run.Step(NewLinks)
		return look{int(s.Settled - s.From), s.New, s.Late}
	}
	const tardy = 40 * time.Hour // after the run that should have had it
	for i, tt := range []struct {
		late time.Duration
		want look
	}{
		{0, look{0, 1, 0}}, {tardy, look{0, 1, 0}}, {0, look{0, 1, 0}}, {0, look{0, 1, 0}}, {0, look{0, 1, 0}}, {0, look{0, 1, 0}},
		{0, look{0, 1, 0}}, {0, look{0, 1, 0}}, {0, look{0, 1, 0}}, {0, look{0, 1, 0}}, {tardy, look{0, 1, 0}},
		{0, look{3, 2, 1}},     // the quarterly check brings up last week's
		{tardy, look{3, 1, 0}}, // and is followed by another, which finds none
		{0, look{0, 1, 0}},
	} {
		if got := week(tt.late); got != tt.want {
			t.Errorf("week %d: %+v, want %+v", i, got, tt.want)
		}
	}
}

func TestEmptyListIsNotBelieved(t *testing.T) {
	b := newV3(t, 1)
	b.srv.FaultOn("all-backlinks", ahrefstest.Body("application/json", `{"backlinks":[]}`))
	res := b.mustRun() // 6 expected rows could be none by chance
	if s := res.Run.Step(NewLinks); s.Rows != 0 {
		t.Fatalf("%+v", s)
	}
	b.mustRun()
	c := newV3(t, 1)
	c.mustRun()
	sameRows(t, b.rows(), c.rows())

	for i := range 60 {
		b.world.Add(ahrefstest.Link{From: fmt.Sprintf("https://m%d.example/", i), To: "https://example.com/", FirstSeenAt: b.clock.Now().Add(time.Hour)})
	}
	b.clock.forward(7 * 24 * time.Hour)
	if err := b.connect(useV3, func(o *ahrefs.Options) { o.PageSize = 100 }); err != nil {
		t.Fatal(err)
	}
	b.mustRun()
	b.clock.forward(chapterLength * 4)
	b.srv.FaultOn("all-backlinks", ahrefstest.Body("application/json", `{"backlinks":[]}`))
	res, err := b.run()
	if !fault.Is(err, fault.Unavailable) || res.Run.State != store.SyncFailed || !strings.Contains(res.Run.Message, "empty list of new links") {
		t.Errorf("%v %+v", err, res.Run)
	}
}
