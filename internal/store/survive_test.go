package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// What people have said of links: the credits they confirmed, and the pairs they
// refused.
const (
	confirmedNow = `SELECT c.link_id, c.pitch_id, c.decided_by FROM credit c JOIN pitch p ON p.id = c.pitch_id WHERE c.state = 'confirmed' AND p.deleted_at = '' ORDER BY 1`
	refusedNow   = `SELECT link_id, pitch_id FROM rejection ORDER BY 1, 2`
	logNow       = `SELECT COUNT(*), COALESCE(MAX(id), 0) FROM decision`
	refusedBack  = `SELECT c.link_id, c.pitch_id, c.state FROM credit c JOIN rejection r ON r.link_id = c.link_id AND r.pitch_id = c.pitch_id
		WHERE c.state IN ('auto', 'suggested', 'confirmed') UNION ALL
		SELECT a.link_id, a.pitch_id, 'assist' FROM assist a JOIN rejection r ON r.link_id = a.link_id AND r.pitch_id = a.pitch_id`
)

// survival goes on with random changes and holds after each that no machine has
// touched what people said.
type survival struct {
	*changer
	steps map[string]int
}

// mostPitches bounds what a long history weighs in each step.
const mostPitches = 45

// machine is one random step in which nobody decides anything.
func (s *survival) machine() (string, error) {
	ctx := s.t.Context()
	switch n := s.r.IntN(100); {
	case n < 45:
		return "links of a provider", s.arrive()
	case n < 60 && len(s.ids) < mostPitches || len(s.ids) == 0:
		p, err := s.st.CreatePitch(ctx, admin, pitches.Pitch{SiteID: s.site.ID, Outlet: pitches.Outlet{Host: s.host()}, Subject: "An idea about salaries",
			Anchor: []string{"", "Brand"}[s.r.IntN(2)], Status: pitches.Statuses[s.r.IntN(len(pitches.Statuses))], SentOn: s.day(), OwnerID: int64(s.r.IntN(2)), Campaign: []string{"", "Spring"}[s.r.IntN(2)]})
		s.ids = append(s.ids, p.ID)
		return "pitch logged", err
	case n < 90:
		return "pitch edited", s.edit()
	case n < 94:
		_, err := s.st.Attribute(ctx, s.site.ID, n < 92, nil)
		return "run anew", err
	case n < 96:
		c, err := s.propose()
		if err != nil {
			return "rules changed", unlessInvalid(err)
		}
		c = work(s.t, s.st, c, nil)
		return "rules changed", unlessDecided(s.finish(c))
	}
	return "links of a provider", s.arrive()
}

func (s *survival) finish(c store.RuleChange) error {
	if err := s.st.StartChange(s.t.Context(), admin, c.ID, true); err != nil {
		return err
	}
	return s.st.WorkChange(s.t.Context(), c.ID)
}

// unlessInvalid lets a change pass that would change nothing or that the outlet forbids.
func unlessInvalid(err error) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// arrive has a provider report links in its own spelling and with its own days.
func (s *survival) arrive() error {
	var links []backlinks.Link
	for range 1 + s.r.IntN(6) {
		l := link(fmt.Sprintf("https://%s/post-%d", s.host(), s.r.IntN(6)), s.day().String())
		if s.r.IntN(2) == 0 {
			l.Provider, l.Metric, l.SourceURL = "semrush", backlinks.AS, strings.Replace(l.SourceURL, "https://", "http://www.", 1)+"/?utm_source=x"
		}
		l.Anchor = []string{"Brand", "An idea about salaries", "here"}[s.r.IntN(3)]
		if s.r.IntN(4) == 0 {
			l = lost(l, (l.FirstSeen + day.Day(s.r.IntN(20))).String(), backlinks.PageGone)
		}
		links = append(links, l)
	}
	_, err := s.st.SaveLinks(s.t.Context(), s.site.ID, seq(links...), false, nil)
	return err
}

// check runs a step and compares.
func (s *survival) check(i int) {
	s.t.Helper()
	if s.r.IntN(4) == 0 {
		s.steps["decision"]++
		if err := s.decide(); err != nil && !fault.Is(err, fault.Invalid) { // a host has many authors since the table changed
			s.t.Fatalf("step %d: %v", i, err)
		}
	} else {
		before := []string{testkit.Rows(s.t, s.st, confirmedNow), testkit.Rows(s.t, s.st, refusedNow), testkit.Rows(s.t, s.st, logNow)}
		what, err := s.machine()
		s.steps[what]++
		if err != nil {
			s.t.Fatalf("step %d, %s: %v", i, what, err)
		}
		for n, q := range []string{confirmedNow, refusedNow, logNow} {
			if after := testkit.Rows(s.t, s.st, q); after != before[n] {
				s.t.Fatalf("step %d, %s, changed what people said\nbefore\n%s\nafter\n%s", i, what, before[n], after)
			}
		}
	}
	if back := testkit.Rows(s.t, s.st, refusedBack); back != "" {
		s.t.Fatalf("step %d: refused pairs came back: %s", i, back)
	}
}

// TestDecisionsSurvive: whatever arrives, is edited, is run anew or changes in the
// rules, what people confirmed stays confirmed, what they refused never comes
// back, and the log only grows by decisions. LANDED_STEPS=10000 goes on for as
// many steps.
func TestDecisionsSurvive(t *testing.T) {
	steps := 250
	if n, err := strconv.Atoi(os.Getenv("LANDED_STEPS")); err == nil {
		steps = n
	} else if testing.Short() {
		steps = 40
	}
	st, _ := open(t)
	s := &survival{changer: &changer{history: &history{t: t, st: st, site: addSite(t, st), r: rand.New(rand.NewPCG(uint64(steps), 17))}}, steps: map[string]int{}}
	for i := range steps {
		s.check(i)
		if i%500 == 499 || i == steps-1 {
			whole(t, st)
			before := testkit.Rows(t, st, credits) + testkit.Rows(t, st, assists)
			if _, err := st.Attribute(t.Context(), s.site.ID, true, nil); err != nil {
				t.Fatal(err)
			}
			if after := testkit.Rows(t, st, credits) + testkit.Rows(t, st, assists); after != before {
				t.Fatalf("a full run after step %d changed credits", i)
			}
		}
	}
	t.Logf("%d steps: %v; %s decisions, %d confirmed, %d refused", steps, s.steps, testkit.Rows(t, st, `SELECT COUNT(*) FROM decision`),
		lines(testkit.Rows(t, st, confirmedNow)), lines(testkit.Rows(t, st, refusedNow)))
	if steps >= 250 && (lines(testkit.Rows(t, st, refusedNow)) < 1 || lines(testkit.Rows(t, st, confirmedNow)) < 3 || len(s.steps) < 6) {
		t.Error("too little happened to prove anything")
	}
}

func lines(s string) int {
	if s == "" {
		return 0
	}
	return strings.Count(s, "\n") + 1
}

// TestOrderOfProviders: what two providers say of the same links, each in its own
// spelling, with its own days and some twice, ends in the same links and credits in
// whatever order and portions it comes, before, between or after the pitches.
func TestOrderOfProviders(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	r := rand.New(rand.NewPCG(5, 23))
	var said []backlinks.Link
	for i := range 40 {
		host := hosts[r.IntN(len(hosts))]
		l := link(fmt.Sprintf("https://%s/post-%d", host, i), (d("2026-01-01") + day.Day(r.IntN(60))).String())
		l.TargetURL = "https://brand.example/" + []string{"", "guide"}[r.IntN(2)]
		other := l
		other.Provider, other.SourceURL = "semrush", strings.Replace(l.SourceURL, "https://", "http://www.", 1)+"/?utm_source=x"
		other.FirstSeen = l.FirstSeen + day.Day(r.IntN(40)-20)
		other.LastSeen = other.FirstSeen + day.Day(r.IntN(40))
		said = append(said, [][]backlinks.Link{{l}, {other}, {l, other}, {l, l, other}}[r.IntN(4)]...)
	}
	type pitch struct {
		host, sent, target string
	}
	var ps []pitch
	for range 25 {
		ps = append(ps, pitch{hosts[r.IntN(len(hosts))], (d("2025-12-01") + day.Day(r.IntN(70))).String(), []string{"", "https://brand.example/guide"}[r.IntN(2)]})
	}
	// Ids break ties and differ with the order; what a pitch is does not.
	const byWhat = `SELECT l.id, l.first_seen, l.last_seen, COALESCE(o.key, ''), COALESCE(p.sent_on, ''), COALESCE(c.score, 0), COALESCE(c.band, ''), COALESCE(c.state, '')
		FROM link l LEFT JOIN credit c ON c.link_id = l.id LEFT JOIN pitch p ON p.id = c.pitch_id LEFT JOIN outlet o ON o.id = p.outlet_id ORDER BY 1`
	want := ""
	for run := range 5 {
		st, _ := open(t)
		site := addSite(t, st)
		r.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
		r.Shuffle(len(ps), func(i, j int) { ps[i], ps[j] = ps[j], ps[i] })
		todo := slices.Clone(ps)
		log := func(n int) {
			for _, p := range todo[:min(n, len(todo))] {
				if _, err := st.CreatePitch(t.Context(), admin, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: p.host}, Subject: "An idea", TargetURL: p.target,
					Status: pitches.Pitched, SentOn: d(p.sent)}); err != nil {
					t.Fatal(err)
				}
			}
			todo = todo[min(n, len(todo)):]
		}
		for part := range slices.Chunk(said, 1+run*6) {
			log(r.IntN(2 + 2*run))
			save(t, st, site, part...)
		}
		log(len(todo))
		whole(t, st)
		got := testkit.Rows(t, st, byWhat)
		if want == "" {
			want = got
		}
		if got != want || !strings.Contains(got, "auto") || !strings.Contains(got, "suggested") {
			t.Fatalf("order %d ended otherwise:\n%s\nwant\n%s", run, got, want)
		}
	}
}

// A database whose pages were answered from memory is closed whole as well, so that
// the next start need not look through the file.
func TestClosedAfterRecall(t *testing.T) {
	dir := t.TempDir()
	st := testkit.OpenStore(t, dir)
	if _, err := st.Sites(st.Recall(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "landed.closed")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, store.FileName+"-wal")); err == nil {
		t.Error("the write-ahead log is left")
	}
}
