package store_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
)

func linkSeq(links ...backlinks.Link) iter.Seq2[backlinks.Link, error] {
	return func(yield func(backlinks.Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// workday is a workspace that random people work in.
type workday struct {
	t     *testing.T
	r     *rand.Rand
	st    *store.Store
	start day.Day
	ids   []int64
}

func newWorkday(t *testing.T, seed uint64) *workday {
	st, _ := open(t)
	h := &workday{t: t, r: rand.New(rand.NewPCG(seed, 1)), st: st, start: day.Date(2025, time.November, 20)}
	for i, name := range []string{"Ana", "Ben"} {
		if _, err := st.CreateAccount(t.Context(), admin, store.NewAccount{Email: fmt.Sprintf("p%d@fern.example", i), Name: name, Role: auth.Staff, PasswordHash: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.CreateSite(t.Context(), "fern.example"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *workday) outlet() string           { return fmt.Sprintf("outlet-%d.example", h.r.IntN(12)) }
func (h *workday) day() day.Day             { return h.start + day.Day(h.r.IntN(100)) }
func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func (h *workday) pitch() pitches.Pitch {
	p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: h.outlet()}, Status: pick(h.r, pitches.Statuses...), Campaign: pick(h.r, "", "Spring", "Data"),
		OwnerID: int64(h.r.IntN(3)), TargetURL: "https://fern.example/guide", Subject: "An idea"}
	if p.OwnerID == 0 {
		p.OwnerName = pick(h.r, "", "Cleo", "Dan")
	}
	if p.Status != pitches.Draft || h.r.IntN(3) == 0 {
		p.SentOn = h.day()
	}
	if h.r.IntN(4) == 0 {
		p.RepliedOn = p.SentOn
	}
	if h.r.IntN(3) == 0 {
		p.CostCents, p.Currency = int64(h.r.IntN(50000)), pick(h.r, "EUR", "EUR", "USD")
	}
	return p
}

func (h *workday) links() []backlinks.Link {
	var out []backlinks.Link
	for range 1 + h.r.IntN(4) {
		l := backlinks.Link{SourceURL: fmt.Sprintf("https://%s/post-%d", h.outlet(), h.r.IntN(6)), TargetURL: pick(h.r, "https://fern.example/guide", "https://fern.example/"),
			Anchor: "fern", Kind: backlinks.KindText, Nofollow: pick(h.r, backlinks.Unknown, backlinks.No, backlinks.No, backlinks.Yes), FirstSeen: h.day(), Provider: "ahrefs"}
		l.LastSeen = l.FirstSeen + day.Day(h.r.IntN(50))
		if h.r.IntN(4) == 0 {
			l.LostOn, l.LostReason = l.LastSeen+1, pick(h.r, backlinks.LinkRemoved, backlinks.PageGone)
		}
		out = append(out, l)
	}
	return out
}

// step does one random thing. What is refused (a stale version, a move that
// needs a note) changes nothing, which is checked as well.
func (h *workday) step() {
	ctx := h.t.Context()
	switch h.r.IntN(8) {
	case 0, 1:
		p, err := h.st.CreatePitch(ctx, admin, h.pitch())
		if err != nil {
			h.t.Fatal(err)
		}
		h.ids = append(h.ids, p.ID)
	case 2, 3:
		if _, err := h.st.SaveLinks(ctx, 1, linkSeq(h.links()...), false, nil); err != nil {
			h.t.Fatal(err)
		}
	case 4:
		if len(h.ids) > 0 {
			if p, err := h.st.Pitch(ctx, pick(h.r, h.ids...)); err == nil {
				q := h.pitch()
				q.ID, q.Version = p.ID, p.Version
				_, _ = h.st.UpdatePitch(ctx, admin, q, "changed")
			}
		}
	case 5:
		if len(h.ids) > 0 {
			id := pick(h.r, h.ids...)
			if h.st.DeletePitch(ctx, admin, id) != nil {
				_ = h.st.RestorePitch(ctx, admin, id)
			}
		}
	case 6, 7:
		page, err := h.st.ListLinks(ctx, store.LinkFilter{Site: 1, Limit: 100})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(page.Rows) > 0 && len(h.ids) > 0 {
			l := pick(h.r, page.Rows...)
			_, _ = h.st.Decide(ctx, admin, l.ID, pick(h.r, store.Confirm, store.Reassign, store.Reject, store.Undo), pick(h.r, l.Credit.PitchID, pick(h.r, h.ids...)), l.Credit.Version, "because")
		}
	}
}

// Whatever happens, what dashboards read agrees with the rows, and each of its
// figures with the list that it links to.
func TestFiguresAgreeWithTheirRows(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	for seed := range uint64(6) {
		h := newWorkday(t, seed)
		for i := range 60 {
			h.step()
			if i%3 != 0 {
				continue
			}
			whole(t, h.st)
			if t.Failed() {
				t.Fatalf("seed %d, step %d", seed, i)
			}
		}
		for range 8 {
			from := h.day()
			h.compare(from, from+day.Day(h.r.IntN(90)))
		}
	}
}

// compare holds the figures of a period against the lists behind them.
func (h *workday) compare(from, to day.Day) {
	t, ctx := h.t, h.t.Context()
	t.Helper()
	cohorts, err := h.st.Cohorts(ctx, 1, from, to)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(keep func(store.Cohort) bool) (n [4]int) {
		for _, c := range cohorts {
			if keep(c) {
				n[0] += c.Sent
				n[1] += c.Replied
				n[2] += c.Accepted
				n[3] += c.Placed
			}
		}
		return n
	}
	check := func(what string, f store.PitchFilter, keep func(store.Cohort) bool) {
		t.Helper()
		want := sum(keep)
		for i, stage := range store.Stages {
			f.Site, f.SentFrom, f.SentTo, f.Stage = 1, from, to, stage
			got, err := h.st.CountPitches(ctx, f)
			if err != nil || got.N != want[i] {
				t.Errorf("%s, %s, %s to %s: the list has %d, the figure is %d, %v", what, stage, from, to, got.N, want[i], err)
			}
		}
	}
	check("all", store.PitchFilter{}, func(store.Cohort) bool { return true })
	check("Ana", store.PitchFilter{Owner: 1}, func(c store.Cohort) bool { return c.OwnerID == 1 && c.Owner == "Ana" })
	check("Cleo", store.PitchFilter{OwnerName: "Cleo"}, func(c store.Cohort) bool { return c.OwnerID == 0 && c.Owner == "Cleo" })
	check("nobody", store.PitchFilter{NoOwner: true}, func(c store.Cohort) bool { return c.OwnerID == 0 && c.Owner == "" })
	check("Spring", store.PitchFilter{Campaign: "Spring"}, func(c store.Cohort) bool { return c.Campaign == "Spring" })
	check("no campaign", store.PitchFilter{NoCampaign: true}, func(c store.Cohort) bool { return c.Campaign == "" })

	months, err := h.st.CohortMonths(ctx, 1, from, to)
	if err != nil {
		t.Fatal(err)
	}
	whole, sent := sum(func(store.Cohort) bool { return true }), 0
	for _, m := range months {
		sent += m.Sent
	}
	if sent != whole[0] {
		t.Errorf("months have %d pitches, cohorts %d", sent, whole[0])
	}

	for _, campaigns := range []bool{false, true} {
		groups, err := h.st.WinRates(ctx, 1, from, to, campaigns)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][2]int{}
		for _, g := range groups {
			name := g.Owner
			if campaigns {
				name = g.Campaign
			}
			got[name] = [2]int{got[name][0] + g.Sent, got[name][1] + g.Placed}
		}
		for name, n := range got {
			want := sum(func(c store.Cohort) bool { return campaigns && c.Campaign == name || !campaigns && c.Owner == name })
			if n != [2]int{want[0], want[3]} {
				t.Errorf("win rate of %q: %v, cohorts have %v", name, n, want)
			}
		}
	}

	f, err := h.st.Sum(ctx, 1, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		n int
		f store.LinkFilter
	}{
		"links": {f.LinksNew, store.LinkFilter{}}, "lost": {f.LinksLost, store.LinkFilter{Lost: true}},
		"placements": {f.Placements, store.LinkFilter{Placements: true}}, "unconfirmed": {f.Unconfirmed, store.LinkFilter{Placements: true, Unreviewed: true}},
		"placements lost": {f.PlacementsLost, store.LinkFilter{Lost: true, Placements: true}}, "suggested": {f.Suggested, store.LinkFilter{State: store.StateSuggested}},
	} {
		c.f.Site, c.f.From, c.f.To, c.f.Limit = 1, from, to, 200
		page, err := h.st.ListLinks(ctx, c.f)
		if err != nil || page.Total.N != c.n || len(page.Rows) != c.n {
			t.Errorf("%s, %s to %s: the list has %d, the figure is %d, %v", what, from, to, page.Total.N, c.n, err)
		}
	}
	h.compareMarks(from, to, f)
	figures, err := h.st.Monthly(ctx, 1, from, to)
	if err != nil {
		t.Fatal(err)
	}
	var again store.Figures
	for _, m := range figures {
		again.Add(m)
	}
	if again != f {
		t.Errorf("months sum to %+v, the days to %+v", again, f)
	}
}

func (h *workday) compareMarks(from, to day.Day, f store.Figures) {
	t, ctx := h.t, h.t.Context()
	t.Helper()
	byDay, err := h.st.MarkDays(ctx, 1, from, to)
	if err != nil {
		t.Fatal(err)
	}
	var days []day.Day
	landed, lost := 0, 0
	for _, m := range byDay {
		days, landed, lost = append(days, m.Day), landed+m.Landed, lost+m.Lost
	}
	live, err := h.st.MarksOn(ctx, 1, days, false)
	if err != nil || len(live) != f.Placements || landed != f.Placements {
		t.Errorf("%d marks, %d by day, %d placements, %v", len(live), landed, f.Placements, err)
	}
	gone, err := h.st.MarksOn(ctx, 1, days, true)
	if err != nil || len(gone) != f.PlacementsLost || lost != f.PlacementsLost {
		t.Errorf("%d lost marks, %d by day, %d lost, %v", len(gone), lost, f.PlacementsLost, err)
	}
	reasons, err := h.st.LostPlacements(ctx, 1, from, to)
	sum := 0
	for _, n := range reasons {
		sum += n
	}
	if err != nil || sum != f.PlacementsLost {
		t.Errorf("reasons sum to %d of %d lost, %v", sum, f.PlacementsLost, err)
	}
}

// A history of two providers, or of two scales, is not one line.
func TestHistoryIsOfOneProvider(t *testing.T) {
	st, _ := open(t)
	if _, err := st.CreateSite(t.Context(), "fern.example"); err != nil {
		t.Fatal(err)
	}
	d := day.Date(2026, time.January, 1)
	if h, err := st.History(t.Context(), 1, d, d+9); err != nil || h.Provider != "" || len(h.Readings) != 0 {
		t.Errorf("no snapshot: %+v %v", h, err)
	}
	for _, n := range []backlinks.Snapshot{
		{On: d, Provider: "ahrefs", Metric: backlinks.DR, Authority: 50, RefDomains: 10}, {On: d + 3, Provider: "ahrefs", Metric: backlinks.DR, Authority: 51, RefDomains: 11},
		{On: d + 2, Provider: "moz", Metric: backlinks.DA, Authority: 20, RefDomains: 7}, {On: d - 40, Provider: "ahrefs", Metric: backlinks.DR, Authority: 40, RefDomains: 5},
	} {
		if err := st.SaveSnapshot(t.Context(), 1, n); err != nil {
			t.Fatal(err)
		}
	}
	whole(t, st)
	h, err := st.History(t.Context(), 1, d, d+9)
	if err != nil || h.Provider != "ahrefs" || h.Metric != backlinks.DR || len(h.Readings) != 2 || h.Readings[1].Authority != 51 || h.First != d-40 || h.FetchedAt.IsZero() {
		t.Errorf("%+v %v", h, err)
	}
	list, err := st.LatestSnapshots(t.Context(), 1, 2)
	if err != nil || len(list) != 2 || list[0].On != d+3 || list[1].Provider != "moz" {
		t.Errorf("%+v %v", list, err)
	}
	if first, err := st.FirstDay(t.Context(), 1); err != nil || first != d-40 {
		t.Errorf("first day %s %v", first, err)
	}
}
