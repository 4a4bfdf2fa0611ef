package store_test

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

func rowOf(values ...any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, " | ")
}

// decide decides on the only link of the store with the version it has now.
func decide(t *testing.T, st *store.Store, kind store.DecisionKind, pitch int64) {
	t.Helper()
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := page.Rows[0]
	if _, err := st.Decide(t.Context(), admin, l.ID, kind, pitch, l.Credit.Version, "because"); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	whole(t, st)
}

const creditState = `SELECT pitch_id, state FROM credit`

func TestDecisions(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	type step struct {
		kind  store.DecisionKind
		pitch int // 1 or 2, 0 = the proposed one
	}
	for _, tc := range []struct {
		name   string
		steps  []step
		credit string // pitch and state
		status string // of both pitches
	}{
		{"nothing", nil, "2 | auto", "pitched, pitched"},
		{"confirm", []step{{store.Confirm, 0}}, "2 | confirmed", "pitched, landed"},
		{"confirm, undo", []step{{store.Confirm, 0}, {store.Undo, 0}}, "2 | auto", "pitched, pitched"},
		{"reassign", []step{{store.Reassign, 1}}, "1 | confirmed", "landed, pitched"},
		{"reassign, undo", []step{{store.Reassign, 1}, {store.Undo, 0}}, "2 | auto", "pitched, pitched"},
		{"reject: the other one is proposed", []step{{store.Reject, 0}}, "1 | suggested", "pitched, pitched"},
		{"reject both", []step{{store.Reject, 0}, {store.Reject, 0}}, "0 | rejected", "pitched, pitched"},
		{"reject both, undo one", []step{{store.Reject, 0}, {store.Reject, 0}, {store.Undo, 0}}, "1 | suggested", "pitched, pitched"},
		{"reject both, undo both", []step{{store.Reject, 0}, {store.Reject, 0}, {store.Undo, 0}, {store.Undo, 0}}, "2 | auto", "pitched, pitched"},
		{"confirm, reject", []step{{store.Confirm, 0}, {store.Reject, 0}}, "1 | suggested", "pitched, pitched"},
		{"confirm, reassign", []step{{store.Confirm, 0}, {store.Reassign, 1}}, "1 | confirmed", "landed, pitched"},
		{"confirm, reassign, undo", []step{{store.Confirm, 0}, {store.Reassign, 1}, {store.Undo, 0}}, "2 | confirmed", "pitched, landed"},
		{"confirm, reassign, undo, undo", []step{{store.Confirm, 0}, {store.Reassign, 1}, {store.Undo, 0}, {store.Undo, 0}}, "2 | auto", "pitched, pitched"},
		{"confirm what was rejected", []step{{store.Reject, 0}, {store.Confirm, 2}}, "2 | confirmed", "pitched, landed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			st, _ := open(t)
			site := addSite(t, st)
			logPitch(t, st, site, "outlet.example", "2025-11-25") // within 31-90 days: 60 + 12 + 8 once it is alone
			logPitch(t, st, site, "outlet.example", "2026-01-05")
			save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
			testkit.Exec(t, st, `UPDATE pitch SET target_url = 'https://brand.example/', anchor = 'Brand' WHERE id = 2`)
			if _, err := st.Attribute(t.Context(), site.ID, false, nil); err != nil {
				t.Fatal(err)
			}
			for _, s := range tc.steps {
				decide(t, st, s.kind, int64(s.pitch))
			}
			if got := testkit.Rows(t, st, creditState); got != tc.credit {
				t.Errorf("credit %s, want %s", got, tc.credit)
			}
			if got := strings.ReplaceAll(testkit.Rows(t, st, `SELECT status FROM pitch ORDER BY id`), "\n", ", "); got != tc.status {
				t.Errorf("pitches %s, want %s", got, tc.status)
			}
			// Whatever the rules are run over again, people's decisions stand.
			for _, full := range []bool{false, true} {
				if _, err := st.Attribute(t.Context(), site.ID, full, nil); err != nil {
					t.Fatal(err)
				}
				if got := testkit.Rows(t, st, creditState); got != tc.credit {
					t.Errorf("after another run: credit %s, want %s", got, tc.credit)
				}
			}
			if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM decision`); got != fmt.Sprint(len(tc.steps)) {
				t.Errorf("%s decisions logged, want %d", got, len(tc.steps))
			}
		})
	}
}

func TestRejectedPairStaysRejectedAfterAResync(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	l := link("https://outlet.example/post", "2026-01-10")
	save(t, st, site, l)
	decide(t, st, store.Reject, 0)
	l.LastSeen, l.Anchor = d("2026-02-20"), "A new anchor"
	save(t, st, site, l)
	if got := testkit.Rows(t, st, creditState); got != "0 | rejected" {
		t.Errorf("credit %s, want it rejected", got)
	}
}

func TestConfirmingLandsThePitchWithDateAndLiveURL(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
	decide(t, st, store.Confirm, 0)
	got, err := st.Pitch(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != pitches.Landed || got.LandedOn != d("2026-01-10") || got.LiveURL != "https://outlet.example/post" {
		t.Errorf("status %s, landed %s, live at %q", got.Status, got.LandedOn, got.LiveURL)
	}
	save(t, st, site, lost(link("https://outlet.example/post", "2026-01-10"), "2026-02-01", backlinks.PageGone))
	if got, _ := st.Pitch(t.Context(), p.ID); got.Status != pitches.Landed {
		t.Errorf("a lost link rewrote the status to %s", got.Status)
	}
}

func TestUndoKeepsWhatSomebodyEditedSince(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
	decide(t, st, store.Confirm, 0)
	now, err := st.Pitch(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	now.Notes = "They want a follow-up piece"
	if _, err := st.UpdatePitch(t.Context(), admin, now, ""); err != nil {
		t.Fatal(err)
	}
	decide(t, st, store.Undo, 0)
	after, _ := st.Pitch(t.Context(), p.ID)
	if after.Notes == "" || after.Status != pitches.Pitched || after.LiveURL != "" || after.LandedOn.Known() {
		t.Errorf("notes %q, status %s, live URL %q, landed %s; want only the note kept", after.Notes, after.Status, after.LiveURL, after.LandedOn)
	}
	decide(t, st, store.Confirm, 0)
	if _, err := st.MoveStatus(t.Context(), admin, p.ID, after.Version+1, pitches.Accepted, "it is not live yet"); err != nil {
		t.Fatal(err)
	}
	decide(t, st, store.Undo, 0)
	if after, _ = st.Pitch(t.Context(), p.ID); after.Status != pitches.Accepted {
		t.Errorf("undo took back a status that a person had set since: %s", after.Status)
	}
}

func TestDecidingOverSomebodyElse(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	other, err := st.CreateSite(t.Context(), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	foreign := logPitch(t, st, other, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID})
	if err != nil {
		t.Fatal(err)
	}
	l := page.Rows[0]
	if _, err := st.Decide(t.Context(), admin, l.ID, store.Confirm, 0, l.Credit.Version, ""); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name           string
		link           int64
		kind           store.DecisionKind
		pitch, version int64
		want           fault.Kind
	}{
		{"a version that is gone", l.ID, store.Reject, 0, l.Credit.Version, fault.Conflict},
		{"a pitch of another site", l.ID, store.Reassign, foreign.ID, l.Credit.Version + 1, fault.Invalid},
		{"no such pitch", l.ID, store.Reassign, 999, l.Credit.Version + 1, fault.NotFound},
		{"no such link", 12, store.Confirm, 0, 0, fault.NotFound},
		{"no such decision", l.ID, "maybe", 0, l.Credit.Version + 1, fault.Invalid},
	} {
		if _, err := st.Decide(t.Context(), admin, tc.link, tc.kind, tc.pitch, tc.version, ""); !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM decision`); got != "1" {
		t.Errorf("%s decisions, want 1", got)
	}
}
