package store

import (
	"regexp"
	"strings"
	"testing"

	"landed/internal/day"
)

var wholeReview = regexp.MustCompile(`SCAN (l|c|d|x|u|p|o|t|a|b|link|credit|decision|pitch|outlet|outlet_mark)\b`)

// Every filter of the queue walks an index in its order: nothing is sorted but the
// few links of one outlet.
func TestReviewQueueHasNoFullScan(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for set := range 1 << 7 {
		f := ReviewFilter{Site: 1, Possible: set&1 != 0, Contested: set&2 != 0, Clear: set&2 == 0 && set&4 != 0}
		if set&8 != 0 {
			f.Owner = 3
		}
		if set&16 != 0 {
			f.MinScore, f.MaxScore = 60, 84
		}
		if set&32 != 0 {
			f.From, f.To = day.Date(2025, 1, 1), day.Date(2026, 1, 1)
		}
		if set&64 != 0 {
			f.Outlet = "paper1.example"
		}
		for _, few := range []bool{false, true} {
			if few && f.Outlet == "" {
				continue
			}
			p := f.plan(domainID(1, f.Outlet), keyHash(f.Outlet), few)
			plan := steps(t, s, p.count(), p.where.args...) + steps(t, s, p.bulk(), p.where.args...)
			for _, back := range []bool{false, true} {
				query, args := p.page(&Place{73073, "2026-01-10", 9}, back, 20)
				plan += steps(t, s, query, args...)
			}
			if wholeReview.MatchString(plan) || strings.Contains(plan, "TEMP B-TREE") && !few {
				t.Errorf("%+v few %v:\n%s", f, few, plan)
			}
			if want := map[bool]string{false: "credit_queue ", true: "credit_queue_owner "}[f.Owner != 0]; !few && !strings.Contains(plan, want) {
				t.Errorf("%+v is not read along %s:\n%s", f, want, plan)
			}
		}
	}
}

func TestDecisionLogsHaveNoFullScan(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	queries := map[string][]any{
		pitchDecisions: {7}, lastDecision: {1, 1, 500}, anyMarked: {1}, unpitchedLinks: {1, "2026-01-01", 4, 100},
		`SELECT ` + markColumns + ` FROM outlet_mark WHERE site_id = $1 AND key_id = $2 AND ended_at = ''`: {1, 2},
	}
	for set := range 1 << 5 {
		f := DecisionFilter{Limit: 100}
		if set&1 != 0 {
			f.Account = 2
		}
		if set&2 != 0 {
			f.Kind = Reject
		}
		if set&4 != 0 {
			f.After = "2026-01-20T00:00:00Z~1000"
		}
		if set&8 != 0 {
			f.Site = 1
		}
		if set&16 != 0 {
			f.From, f.To = day.Date(2026, 1, 1), day.Date(2026, 2, 1)
		}
		query, args, err := f.query()
		if err != nil {
			t.Fatal(err)
		}
		plan := steps(t, s, query, args...)
		// Without a person, a kind or a day the log is walked from its end, and
		// stops at the limit.
		plan = strings.Replace(plan, "SCAN d USING INDEX decision_at\n", "", 1)
		if wholeReview.MatchString(plan) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%+v:\n%s", f, plan)
		}
	}
	for query, args := range queries {
		plan := steps(t, s, query, args...)
		plan = strings.Replace(plan, "CO-ROUTINE d\nSEARCH decision USING INDEX decision_account (account_id=?)\nSCAN d\n", "", 1) // of at most undoLookback rows
		if wholeReview.MatchString(plan) {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
