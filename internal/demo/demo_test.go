package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	landedsync "landed/internal/sync"
	"landed/internal/testkit"
)

func cheap(t *testing.T) *auth.Hasher {
	t.Helper()
	h, err := auth.NewHasher(auth.Params{Memory: 64, Iterations: 1, Parallelism: 1})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// build makes a demo of the instant at which clock stands.
func build(t *testing.T, clock *testkit.Clock, seed uint64) (*store.Store, *Demo) {
	t.Helper()
	st := testkit.Store(t)
	st.Now = clock.Now
	d, err := Build(t.Context(), st, Options{Seed: seed, Hasher: cheap(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return st, d
}

func verify(t *testing.T, st *store.Store) {
	t.Helper()
	problems, err := st.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
}

// all is a digest of what the demo consists of.
func all(t *testing.T, st *store.Store) string {
	t.Helper()
	return testkit.Rows(t, st, `SELECT site_id, id, source_url, anchor, first_seen, lost_on FROM link ORDER BY id`) +
		testkit.Rows(t, st, `SELECT id, subject, status, sent_on, follow_up_on, cost_cents, owner_id, version FROM pitch ORDER BY id`) +
		testkit.Rows(t, st, `SELECT link_id, pitch_id, score, state, reasons FROM credit ORDER BY link_id`) +
		testkit.Rows(t, st, `SELECT * FROM snapshot ORDER BY site_id, on_day`) +
		testkit.Rows(t, st, `SELECT * FROM daily ORDER BY site_id, day`)
}

func TestBuild(t *testing.T) {
	clock := &testkit.Clock{}
	st, d := build(t, clock, 1)
	if !st.Now().Equal(testkit.Start) {
		t.Errorf("the store's clock shows %v afterwards", st.Now())
	}
	verify(t, st)
	t.Run("dashboard", func(t *testing.T) { dashboard(t, st, d.Sites[0]) })
	t.Run("pitches", func(t *testing.T) { outreach(t, st, d.Sites[0]) })
	t.Run("accounts", func(t *testing.T) { accounts(t, st, d) })
	t.Run("names", func(t *testing.T) { names(t, st) })
	t.Run("same seed", func(t *testing.T) {
		again, _ := build(t, &testkit.Clock{}, 1)
		if all(t, st) != all(t, again) {
			t.Error("two demos of one seed and instant differ")
		}
	})
	t.Run("sync now", func(t *testing.T) { goesOn(t, st, d, clock) })
}

// TestBuildSeeds holds the promises of the dashboard against another seed at an
// hour just after midnight.
func TestBuildSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a whole demo")
	}
	clock := &testkit.Clock{}
	clock.Forward(-9*time.Hour + time.Minute)
	st, d := build(t, clock, 77)
	verify(t, st)
	dashboard(t, st, d.Sites[0])
	outreach(t, st, d.Sites[0])
}

func dashboard(t *testing.T, st *store.Store, site store.Site) {
	ctx, today := t.Context(), day.Of(st.Now())
	quarter, err := st.Sum(ctx, site.ID, today-90, today)
	if err != nil {
		t.Fatal(err)
	}
	all, err := st.Totals(ctx, site.ID)
	if err != nil {
		t.Fatal(err)
	}
	history, err := st.History(ctx, site.ID, today-span, today)
	if err != nil || len(history.Readings) < 100 {
		t.Fatalf("%d snapshots, %v", len(history.Readings), err)
	}
	first, last := history.Readings[0], history.Readings[len(history.Readings)-1]
	marks, err := st.MarkDays(ctx, site.ID, today-365, today)
	if err != nil {
		t.Fatal(err)
	}
	landed, lost := 0, 0
	for _, m := range marks {
		landed, lost = landed+m.Landed, lost+m.Lost
	}
	contested := testkit.Rows(t, st, `SELECT COUNT(*) > 0 FROM credit WHERE state = 'suggested' AND contested`)
	reinstated := testkit.Rows(t, st, `SELECT COUNT(*) > 0 FROM link_event WHERE kind = 'reinstated'`)
	for what, ok := range map[string]bool{
		"placements of the quarter":  quarter.Placements >= 25,
		"placements not confirmed":   quarter.Unconfirmed >= 3 && all.Confirmed > all.Credited/2,
		"suggestions":                all.Suggested >= 5 && all.Suggested <= 40,
		"new domains":                quarter.DomainsOutreach >= 15 && quarter.Organic() > quarter.DomainsOutreach,
		"links":                      all.LinksNew >= 1000 && all.LinksLost >= 80,
		"two years of figures":       first.Day < today-span+14 && last.Day >= today-35,
		"growth of DR":               first.Authority >= 36 && first.Authority <= 40 && last.Authority >= 54 && last.Authority <= 58,
		"growth of domains":          first.RefDomains > 100 && last.RefDomains > 2*first.RefDomains,
		"marks landed":               landed >= 50,
		"marks lost":                 lost >= 3,
		"a contested suggestion":     contested == "1",
		"a link that came back":      reinstated == "1",
		"more links than placements": all.Credited > all.Placements,
	} {
		if !ok {
			t.Errorf("%s: quarter %+v, all %+v, figures %+v to %+v, %d marks, %d of them lost", what, quarter, all, first, last, len(marks), lost)
		}
	}
}

func outreach(t *testing.T, st *store.Store, site store.Site) {
	ctx, today := t.Context(), day.Of(st.Now())
	totals, err := st.PitchTotals(ctx, site.ID)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, status := range pitches.Statuses {
		if totals[status] == 0 {
			t.Errorf("no pitch is %s", status)
		}
		sum += totals[status]
	}
	if sum < 330 || sum > 420 {
		t.Errorf("%d pitches", sum)
	}
	cohorts, err := st.Cohorts(ctx, site.ID, today-365, today)
	if err != nil {
		t.Fatal(err)
	}
	people, campaigns := map[string]bool{}, map[string]bool{}
	sent, placed, cost := 0, 0, int64(0)
	for _, c := range cohorts {
		people[c.Owner], campaigns[c.Campaign] = true, true
		sent, placed, cost = sent+c.Sent, placed+c.Placed, cost+c.CostByCoin["USD"]
	}
	if rate := 100 * placed / sent; rate < 13 || rate > 22 {
		t.Errorf("%d of %d pitches landed", placed, sent)
	}
	if len(people) != 4 || len(campaigns) != 4 || cost == 0 {
		t.Errorf("people %v, campaigns %v, cost %d", people, campaigns, cost)
	}
	due, err := st.CountPitches(ctx, store.PitchFilter{Site: site.ID, FollowUpBy: today + 1})
	if err != nil || due.N < 5 {
		t.Errorf("%d follow-ups due, %v", due.N, err)
	}
	var bad []string
	err = st.EachPitch(ctx, site.ID, func(p pitches.Pitch) error {
		if err := pitches.Validate(&p, today); err != nil {
			bad = append(bad, err.Error())
		}
		return nil
	})
	if err != nil || len(bad) > 0 {
		t.Errorf("pitches that a form would refuse: %q %v", bad, err)
	}
}

func accounts(t *testing.T, st *store.Store, d *Demo) {
	for _, role := range auth.Roles {
		if !slices.ContainsFunc(d.Accounts, func(a Account) bool { return a.Role == role }) {
			t.Errorf("nobody is %s", role)
		}
	}
	if err := auth.CheckPassword(Password, d.Sites[0].Host, d.Sites[1].Host, "demo.example"); err != nil {
		t.Errorf("the password would be refused: %v", err)
	}
	for _, a := range d.Accounts {
		stored, err := st.AccountByEmail(t.Context(), a.Email)
		if err != nil || stored.ID != a.ID || stored.Role != a.Role {
			t.Fatalf("%s: %+v %v", a.Email, stored, err)
		}
		if ok, _, err := cheap(t).Verify(t.Context(), a.Password, stored.PasswordHash); !ok || err != nil {
			t.Errorf("%s cannot sign in: %v", a.Email, err)
		}
	}
}

// names looks for an address that somebody could own.
func names(t *testing.T, st *store.Store) {
	hosts := testkit.Rows(t, st, `SELECT DISTINCT domain FROM refdomain UNION SELECT DISTINCT key FROM outlet UNION SELECT host FROM site`)
	for host := range strings.SplitSeq(hosts, "\n") {
		reserved := strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".test")
		shared := host == "medium.com" || host == "substack.com" || strings.Contains(host, "landed-demo-")
		if !reserved && !shared {
			t.Errorf("%s is no reserved name", host)
		}
	}
}

// goesOn syncs by hand: at once, a week and most of a year later.
func goesOn(t *testing.T, st *store.Store, d *Demo, clock *testkit.Clock) {
	client, err := ahrefs.New(ahrefs.Options{BaseURL: d.ProviderURL, Token: d.Token, Set: ahrefs.V3, Now: clock.Now,
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	s := &landedsync.Syncer{Store: st, Provider: client, Now: clock.Now}
	for _, wait := range []time.Duration{0, 7 * 24 * time.Hour, 300 * 24 * time.Hour} {
		clock.Forward(wait)
		for _, site := range d.Sites {
			res, err := s.Run(t.Context(), site.ID, nil)
			if err != nil || res.Run.Step(landedsync.NewLinks).New == 0 {
				t.Errorf("%s after %v: %v, %s", site.Host, wait, err, fmt.Sprint(res.Run.Steps))
			}
		}
	}
	verify(t, st)
}
