package store

import (
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// What a dashboard asks, and the lists that its figures lead to, read no table
// from end to end.
func TestDashboardPlans(t *testing.T) {
	st, sp := spiedStore(t)
	ctx := t.Context()
	if _, err := st.CreateSite(ctx, "fern.example"); err != nil {
		t.Fatal(err)
	}
	d := day.Date(2026, 3, 1)
	for _, sent := range []day.Day{d, d + 9} {
		if _, err := st.CreatePitch(ctx, CommandLine, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: "paper.example"}, Status: pitches.Pitched, SentOn: sent}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.SaveSnapshot(ctx, 1, backlinks.Snapshot{On: d, Provider: "ahrefs", Metric: backlinks.DR, Authority: 30, RefDomains: 12}); err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() error{
		"first day":   func() error { _, err := st.FirstDay(ctx, 1); return err },
		"sum":         func() error { _, err := st.Sum(ctx, 1, d, d+90); return err },
		"monthly":     func() error { _, err := st.Monthly(ctx, 1, d, d+90); return err },
		"cohorts":     func() error { _, err := st.Cohorts(ctx, 1, d, d+90); return err },
		"cut":         func() error { _, err := st.Cohorts(ctx, 1, d+5, d+90); return err },
		"months":      func() error { _, err := st.CohortMonths(ctx, 1, d+5, d+90); return err },
		"people":      func() error { _, err := st.WinRates(ctx, 1, d, d+90, false); return err },
		"campaigns":   func() error { _, err := st.WinRates(ctx, 1, d, d+90, true); return err },
		"lost":        func() error { _, err := st.LostPlacements(ctx, 1, d, d+90); return err },
		"as of":       func() error { _, err := st.DataAsOf(ctx, 1); return err },
		"history":     func() error { _, err := st.History(ctx, 1, d, d+90); return err },
		"latest":      func() error { _, err := st.LatestSnapshots(ctx, 1, 14); return err },
		"mark days":   func() error { _, err := st.MarkDays(ctx, 1, d, d+90); return err },
		"marks":       func() error { _, err := st.MarksOn(ctx, 1, []day.Day{d, d + 3}, false); return err },
		"touches":     func() error { _, err := st.Touches(ctx, 1, d+5, d+90); return err },
		"their parts": func() error { _, err := st.ListTouches(ctx, TouchFilter{Site: 1, From: d, To: d + 90}); return err },
		"bands":       func() error { _, err := st.VerdictsByBand(ctx, 1); return err },
		"reasons":     func() error { _, err := st.VerdictsByReason(ctx, 1); return err },
		"scores":      func() error { _, _, _, err := st.ProposalScores(ctx, 1); return err },
		"waiting":     func() error { _, _, err := st.SuggestedDays(ctx, 1); return err },
		"older":       func() error { _, err := st.OlderDecisions(ctx, 1); return err },
		"open proposals": func() error {
			_, err := st.ListProposals(ctx, ProposalFilter{Site: 1, Open: true, Score: 60})
			return err
		},
		"decided proposals": func() error {
			_, err := st.ListProposals(ctx, ProposalFilter{Site: 1, Band: "credited", Code: "same_host", Only: true, Score: 60})
			return err
		},
		"lost marks": func() error {
			_, err := st.MarksOn(ctx, 1, []day.Day{d, d + 3}, true)
			return err
		},
	} {
		if err := ask(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, stage := range Stages {
		for _, f := range []PitchFilter{{}, {NoOwner: true}, {OwnerName: "Cleo"}, {NoCampaign: true}} {
			f.Site, f.Stage, f.SentFrom, f.SentTo, f.Limit = 1, stage, d, d+90, 50
			if _, err := st.ListPitches(ctx, f); err != nil {
				t.Error(err)
			}
		}
	}
	sp.check(t, st)
}
