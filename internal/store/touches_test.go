package store_test

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/attribution"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// touched prints who has how much of the placements, for one way of crediting.
func touched(t *testing.T, st *store.Store, m attribution.Model, from, to string) string {
	t.Helper()
	list, err := st.Touches(t.Context(), 1, d(from), d(to))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, model := range attribution.Models {
		for _, x := range list {
			if model == m && x.Parts[i] > 0 {
				out = append(out, fmt.Sprintf("%s/%s %.2f", x.Owner, x.Campaign, float64(x.Parts[i])/attribution.Whole))
			}
		}
	}
	return strings.Join(out, ", ")
}

// What a placement counts for is frozen when it is credited, for the credited
// pitch and for those that assisted.
func TestTouches(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	var ids []int64
	for i, p := range []struct{ sent, owner, campaign string }{{"2025-12-20", "Ann", "Winter"}, {"2026-01-05", "Bob", "Spring"}} {
		made, err := st.CreatePitch(t.Context(), admin, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "outlet.example"}, Subject: fmt.Sprint("pitch ", i),
			Status: pitches.Accepted, SentOn: d(p.sent), OwnerName: p.owner, Campaign: p.campaign, TargetURL: "https://brand.example/"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"), link("https://outlet.example/other", "2026-02-20"))
	for _, l := range linksOf(t, st) {
		if _, err := st.Decide(t.Context(), admin, l.ID, store.Confirm, ids[1], l.Credit.Version, ""); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when, from, to string, last, first, linear string) {
		t.Helper()
		whole(t, st)
		for m, want := range map[attribution.Model]string{attribution.LastTouch: last, attribution.FirstTouch: first, attribution.Linear: linear} {
			if got := touched(t, st, m, from, to); got != want {
				t.Errorf("%s, %s: %q, want %q", when, m, got, want)
			}
		}
	}
	check("credited", "2026-01-01", "2026-03-31", "Bob/Spring 2.00", "Ann/Winter 2.00", "Ann/Winter 1.00, Bob/Spring 1.00")
	check("one month of them", "2026-01-01", "2026-01-31", "Bob/Spring 1.00", "Ann/Winter 1.00", "Ann/Winter 0.50, Bob/Spring 0.50")
	check("a period that cuts the month", "2026-02-01", "2026-02-19", "", "", "")
	check("a day of the month", "2026-02-20", "2026-02-20", "Bob/Spring 1.00", "Ann/Winter 1.00", "Ann/Winter 0.50, Bob/Spring 0.50")
	for _, id := range ids { // who owns the pitches today, and when they say they were sent, moves nothing
		p, err := st.Pitch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p.OwnerName, p.Campaign = "Zoe", "Other"
		if id == ids[0] {
			p.SentOn = d("2026-01-06")
		}
		if _, err := st.UpdatePitch(t.Context(), admin, p, ""); err != nil {
			t.Fatal(err)
		}
	}
	check("the pitches change hands", "2026-01-01", "2026-03-31", "Bob/Spring 2.00", "Ann/Winter 2.00", "Ann/Winter 1.00, Bob/Spring 1.00")
	if _, err := st.Attribute(t.Context(), site.ID, true, nil); err != nil {
		t.Fatal(err)
	}
	check("counted anew", "2026-01-01", "2026-03-31", "Bob/Spring 2.00", "Ann/Winter 2.00", "Ann/Winter 1.00, Bob/Spring 1.00")

	var rows []string
	f := store.TouchFilter{Site: 1, From: d("2026-01-01"), To: d("2026-03-31"), Model: attribution.Linear, OwnerName: "Ann", Limit: 1}
	for {
		page, err := st.ListTouches(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			rows = append(rows, fmt.Sprint(r.FirstSeen, " ", r.PitchID, " ", r.Owner, " ", r.Parts*2 == attribution.Whole, " ", r.Credited, " ", r.Among))
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	if got, want := strings.Join(rows, "\n"), "2026-02-20 1 Ann true false 2\n2026-01-10 1 Ann true false 2"; got != want {
		t.Errorf("rows behind Ann's share:\n%s\nwant\n%s", got, want)
	}
	testkit.Exec(t, st, `UPDATE touch_month SET linear_parts = linear_parts + 1`)
	if problems, err := st.Verify(t.Context()); err != nil || len(problems) == 0 {
		t.Errorf("a wrong sum was not found: %v, %v", problems, err)
	}
}

func linksOf(t *testing.T, st *store.Store) []store.LinkRow {
	t.Helper()
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: 1, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return page.Rows
}
