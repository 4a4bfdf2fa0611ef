package store_test

import (
	"testing"

	"landed/internal/store"
	"landed/internal/testkit"
)

// A verdict is the first standing decision on what the rules proposed.
func TestVerdicts(t *testing.T) {
	type step struct {
		kind  store.DecisionKind
		pitch int64
	}
	for _, tc := range []struct {
		name  string
		steps []step
		want  string // pitch, band, right
	}{
		{"nothing decided", nil, ""},
		{"confirmed", []step{{store.Confirm, 0}}, "2 | credited | 1"},
		{"confirmed and undone", []step{{store.Confirm, 0}, {store.Undo, 0}}, ""},
		{"undone, then rejected", []step{{store.Confirm, 0}, {store.Undo, 0}, {store.Reject, 0}}, "2 | credited | 0"},
		{"given to another pitch", []step{{store.Reassign, 1}}, "2 | credited | 0"},
		{"given to the proposed pitch", []step{{store.Reassign, 2}}, "2 | credited | 1"},
		{"another pitch confirmed", []step{{store.Confirm, 1}}, "2 | credited | 0"},
		{"confirmed, then rejected: the first counts", []step{{store.Confirm, 0}, {store.Reject, 0}}, "2 | credited | 1"},
		{"rejected, and the next proposal confirmed", []step{{store.Reject, 0}, {store.Confirm, 0}}, "2 | credited | 0\n1 | suggested | 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			st, _ := open(t)
			site := addSite(t, st)
			logPitch(t, st, site, "outlet.example", "2025-11-25")
			logPitch(t, st, site, "outlet.example", "2026-01-05")
			save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
			testkit.Exec(t, st, `UPDATE pitch SET target_url = 'https://brand.example/', anchor = 'Brand' WHERE id = 2`)
			if _, err := st.Attribute(t.Context(), site.ID, false, nil); err != nil {
				t.Fatal(err)
			}
			for _, s := range tc.steps {
				decide(t, st, s.kind, s.pitch)
			}
			if got := testkit.Rows(t, st, `SELECT pitch_id, band, is_right FROM verdict ORDER BY decision_id`); got != tc.want {
				t.Errorf("verdicts\n%s\nwant\n%s", got, tc.want)
			}
			if tc.name == "confirmed" {
				if got := testkit.Rows(t, st, `SELECT code FROM verdict_reason WHERE code = 'same_host'`); got != "same_host" {
					t.Errorf("reasons of the verdict: %q, want same_host", got)
				}
			}
			if _, err := st.Attribute(t.Context(), site.ID, true, nil); err != nil {
				t.Fatal(err)
			}
			if got := testkit.Rows(t, st, `SELECT pitch_id, band, is_right FROM verdict ORDER BY decision_id`); got != tc.want {
				t.Errorf("counted anew: verdicts\n%s\nwant\n%s", got, tc.want)
			}
			testkit.Exec(t, st, `UPDATE verdict SET is_right = NOT is_right`)
			problems, err := st.Verify(t.Context())
			if err != nil || (tc.want != "") != (len(problems) > 0) {
				t.Errorf("a changed verdict: %v, %v", problems, err)
			}
		})
	}
}
