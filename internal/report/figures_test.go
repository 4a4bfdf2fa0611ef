package report

import (
	"math/rand/v2"
	"slices"
	"testing"

	"landed/internal/day"
)

func TestSplitSumsToTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		f := Figures{Domains: r.IntN(300)}
		f.Outreach = r.IntN(f.Domains + 1)
		f.DomainsUndecided = r.IntN(f.Domains - f.Outreach + 1)
		s := f.Split()
		if s.Total() != f.Domains || s.Organic < 0 {
			t.Fatalf("%+v: %+v", f, s)
		}
		p := s.Percents()
		if want := min(1, f.Domains) * 100; p.Total() != want {
			t.Fatalf("%+v: %+v sums to %d", s, p, p.Total())
		}
		for _, x := range [][2]int{{s.Outreach, p.Outreach}, {s.Unreviewed, p.Unreviewed}, {s.Organic, p.Organic}} {
			if exact := (Rate{x[0], f.Domains}).Percent(); float64(x[1]) < exact-1 || float64(x[1]) > exact+1 {
				t.Fatalf("%d of %d is printed as %d %%", x[0], f.Domains, x[1])
			}
		}
	}
}

func TestRatesNeedFiveCases(t *testing.T) {
	if (Rate{4, 4}).Known() || !(Rate{0, 5}).Known() {
		t.Error("the limit is not five")
	}
	if got := (Rate{38, 219}).Percent(); got < 17.35 || got > 17.36 {
		t.Errorf("38 of 219: %v", got)
	}
	if (Rate{}).Percent() != 0 {
		t.Error("no cases are no share")
	}
}

func TestFillGivesEveryMonth(t *testing.T) {
	got := Fill(Span{d("2025-11-20"), d("2026-02-03")}, map[string]Figures{"2025-12": {Placements: 4}, "2019-01": {Placements: 9}})
	if len(got) != 4 || got[0].Placements != 0 || got[1].Placements != 4 || got[3].From != d("2026-02-01") || got[3].To != d("2026-02-03") {
		t.Errorf("%+v", got)
	}
	if Fill(Span{}, nil) == nil || len(Fill(Span{}, nil)) != 0 {
		t.Error("no span, yet months")
	}
}

func TestChange(t *testing.T) {
	rs := []Reading{{d("2026-01-01"), 50}, {d("2026-01-10"), 52}, {d("2026-02-01"), 49}}
	if diff, from, ok := Change(rs, Span{d("2026-01-05"), d("2026-03-01")}); !ok || diff != -3 || from != d("2026-01-10") {
		t.Error(diff, from, ok)
	}
	if _, _, ok := Change(rs, Span{d("2026-01-05"), d("2026-01-31")}); ok {
		t.Error("one reading is no change")
	}
	if _, _, ok := Change(nil, Span{d("2026-01-05"), d("2026-01-31")}); ok {
		t.Error("no reading is no change")
	}
}

func TestQuartiles(t *testing.T) {
	for _, c := range []struct {
		delays            []int
		low, median, high int
	}{
		{[]int{7}, 7, 7, 7},
		{[]int{1, 2, 3, 4}, 1, 2, 3},
		{[]int{40, 3, 12, 5, 31}, 5, 12, 31},
		{[]int{1, 1, 1, 1, 1, 1, 1, 100}, 1, 1, 1},
	} {
		got := Delay(Funnel{Delays: c.delays, Sent: 10, Placed: len(c.delays)})
		if got.Low != c.low || got.Median != c.median || got.High != c.high || got.Censored != (Rate{10 - len(c.delays), 10}) {
			t.Errorf("%v: %+v", c.delays, got)
		}
	}
	if got := Delay(Funnel{Sent: 4}); got.Known() || got.Censored.Part != 4 {
		t.Errorf("%+v", got)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var ds []int
		for range 1 + r.IntN(40) {
			ds = append(ds, r.IntN(200))
		}
		before := slices.Clone(ds)
		got := Delay(Funnel{Delays: ds})
		if !slices.Equal(ds, before) {
			t.Fatal("the caller's list was sorted")
		}
		for q, v := range map[int]int{1: got.Low, 2: got.Median, 3: got.High} {
			upTo := 0
			for _, x := range ds {
				if x <= v {
					upTo++
				}
			}
			if 4*upTo < q*len(ds) || !slices.Contains(ds, v) {
				t.Fatalf("%v: quartile %d is %d", ds, q, v)
			}
		}
	}
}

func sample() []Cohort {
	return []Cohort{
		{Month: "2026-01", OwnerID: 2, Owner: "Ana", Campaign: "Spring", Funnel: Funnel{Sent: 20, Replied: 9, Accepted: 5, Placed: 4, Links: 5, Live: 3, Delays: []int{3, 9, 12, 40}, Costs: map[string]int64{"EUR": 10000}}},
		{Month: "2026-01", OwnerID: 3, Owner: "Ben", Campaign: "Spring", Funnel: Funnel{Sent: 8, Replied: 2, Accepted: 1, Placed: 1, Links: 2, Live: 2, Delays: []int{20}, Costs: map[string]int64{"EUR": 2001}}},
		{Month: "2026-03", OwnerID: 2, Owner: "Ana", Campaign: "", Funnel: Funnel{Sent: 30, Replied: 1}},
		{Month: "2026-03", Owner: "Cleo", Campaign: "Spring", Funnel: Funnel{Sent: 3}},
	}
}

func TestCohortsByMonth(t *testing.T) {
	got := ByMonth(Span{d("2026-01-01"), d("2026-03-31")}, sample(), 30, d("2026-04-10"))
	if len(got) != 3 || got[0].Sent != 28 || got[0].Placed != 5 || got[0].Open || got[1].Sent != 0 || got[1].Open || got[2].Sent != 33 || !got[2].Open {
		t.Errorf("%+v", got)
	}
	if got := ByMonth(Span{d("2026-01-01"), d("2026-01-31")}, sample(), 30, d("2026-03-02")); got[0].Open {
		t.Error("pitches sent 30 days ago are old enough for a usual delay of 30 days")
	}
	if got := ByMonth(Span{d("2026-01-01"), d("2026-01-31")}, sample(), 30, d("2026-03-01")); !got[0].Open {
		t.Error("pitches sent 29 days ago are not")
	}
}

// However the cohorts are put together, no pitch is lost or counted twice.
func TestGroupsKeepTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		var list []Cohort
		for range r.IntN(30) {
			c := Cohort{Month: Month(d("2026-01-01") + day.Day(r.IntN(90))), OwnerID: int64(r.IntN(3)), Campaign: []string{"", "A", "B"}[r.IntN(3)]}
			c.Owner = []string{"", "Ana", "Ben"}[c.OwnerID]
			c.Sent = 1 + r.IntN(20)
			c.Placed = r.IntN(c.Sent)
			for range c.Placed {
				c.Delays = append(c.Delays, r.IntN(50))
			}
			list = append(list, c)
		}
		all := Sum(list)
		check := func(name string, part []Funnel) {
			var sum Funnel
			for _, f := range part {
				sum.Add(f)
			}
			if sum.Sent != all.Sent || sum.Placed != all.Placed || len(sum.Delays) != len(all.Delays) {
				t.Fatalf("%s: %+v, want %+v", name, sum, all)
			}
		}
		var owners, campaigns, months []Funnel
		for _, g := range ByOwner(list) {
			owners = append(owners, g.Funnel)
		}
		for _, g := range ByCampaign(list) {
			campaigns = append(campaigns, g.Funnel)
		}
		for _, m := range ByMonth(Span{d("2026-01-01"), d("2026-03-31")}, list, 30, d("2026-05-01")) {
			months = append(months, m.Funnel)
		}
		check("owners", owners)
		check("campaigns", campaigns)
		check("months", months)
	}
	if got := ByOwner(sample()); len(got) != 3 || got[0].Name != "Ana" || got[0].Sent != 50 || got[2].Name != "Cleo" {
		t.Errorf("%+v", got)
	}
}

func TestUsualDelay(t *testing.T) {
	if UsualDelay([]int{1, 2, 3}) != 90 || UsualDelay(nil) != 90 {
		t.Error("three links say nothing yet")
	}
	if got := UsualDelay([]int{3, 9, 12, 40, 20}); got != 20 {
		t.Errorf("%d", got)
	}
	if UsualDelay([]int{0, 0, 0, 0, 0}) != 1 {
		t.Error("a pitch sent today is not old enough")
	}
}

func TestCost(t *testing.T) {
	c := CostOf(Sum(sample()))
	if !c.Placements || c.PerPlacement != (Money{2400, "EUR"}) || !c.Live || c.PerLive != (Money{2400, "EUR"}) {
		t.Errorf("%+v", c)
	}
	two := Sum(append(sample(), Cohort{Funnel: Funnel{Costs: map[string]int64{"USD": 5}}}))
	if c := CostOf(two); c.Placements || c.Live || len(c.Spent) != 2 || c.Spent[0].Currency != "EUR" {
		t.Errorf("two currencies: %+v", c)
	}
	few := CostOf(Funnel{Placed: 4, Live: 5, Costs: map[string]int64{"EUR": 100}})
	if few.Placements || !few.Live || few.PerLive.Cents != 20 {
		t.Errorf("%+v", few)
	}
	if c := CostOf(Funnel{Placed: 40, Costs: map[string]int64{"EUR": 0}}); c.Spent != nil || c.Placements {
		t.Errorf("nothing spent: %+v", c)
	}
}
