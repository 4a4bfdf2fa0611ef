package store_test

import (
	"testing"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestMarkALink(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"))
	const class = `SELECT class FROM refdomain`
	before := testkit.Rows(t, st, credits)
	decide(t, st, store.Confirm, 0)
	if got := testkit.Rows(t, st, class); got != "outreach" {
		t.Errorf("confirmed: %s", got)
	}
	for _, kind := range []store.DecisionKind{store.Own, store.Partner, store.Spam} {
		decide(t, st, kind, 0)
		if got := testkit.Rows(t, st, creditState); got != rowOf(0, kind) {
			t.Errorf("%s: credit %s", kind, got)
		}
		if got := testkit.Rows(t, st, class); got != "organic" {
			t.Errorf("%s: the domain counts as %s", kind, got)
		}
		if got := testkit.Rows(t, st, `SELECT status FROM pitch`); got != "pitched" {
			t.Errorf("%s: the pitch is %s", kind, got)
		}
	}
	for _, full := range []bool{false, true} {
		if _, err := st.Attribute(t.Context(), site.ID, full, nil); err != nil {
			t.Fatal(err)
		}
		if got := testkit.Rows(t, st, creditState); got != "0 | spam" {
			t.Errorf("after another run: %s", got)
		}
	}
	for _, want := range []string{"0 | partner", "0 | owned", "1 | confirmed"} { // each undo one step
		decide(t, st, store.Undo, 0)
		if got := testkit.Rows(t, st, creditState); got != want {
			t.Errorf("undone: %s, want %s", got, want)
		}
	}
	decide(t, st, store.Undo, 0)
	if got := testkit.Rows(t, st, credits); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
}

func TestMarkAnOutlet(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/a", "2026-01-10"), link("https://blog.outlet.example/b", "2026-01-11"), link("https://other.example/x", "2026-01-11"))
	before := testkit.Rows(t, st, credits)
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID, Domain: "outlet.example", Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	confirmed := page.Rows[1]
	if _, err := st.Decide(t.Context(), admin, confirmed.ID, store.Confirm, 0, confirmed.Credit.Version, ""); err != nil {
		t.Fatal(err)
	}
	all, open, decided, err := st.OutletLinks(t.Context(), site.ID, "outlet.example")
	if err != nil || all != 2 || open != 1 || decided != 1 {
		t.Errorf("%d links, %d open, %d decided, %v", all, open, decided, err)
	}
	for _, bad := range []struct {
		outlet string
		kind   store.State
	}{{"outlet.example", "ours"}, {"no outlet", store.StateSpam}, {"medium.com", store.StateSpam}} {
		if _, _, err := st.MarkOutlet(t.Context(), admin, site.ID, bad.outlet, bad.kind, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	m, changes, err := st.MarkOutlet(t.Context(), admin, site.ID, "https://www.outlet.example/about", store.StatePartner, "We swap posts")
	if err != nil || changes.Cleared != 1 {
		t.Fatalf("%+v, %v", changes, err)
	}
	whole(t, st)
	const states = `SELECT l.source_url, c.state, c.pitch_id FROM credit c JOIN link l ON l.id = c.link_id ORDER BY 1`
	want := "https://blog.outlet.example/b | partner | 0\nhttps://outlet.example/a | confirmed | 1"
	if got := testkit.Rows(t, st, states); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// New links are marked as they come, also by a first import, and a re-run changes nothing.
	save(t, st, site, link("https://outlet.example/new", "2026-02-01"))
	want += "\nhttps://outlet.example/new | partner | 0"
	for range 2 {
		if got := testkit.Rows(t, st, states); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		if _, err := st.Attribute(t.Context(), site.ID, true, nil); err != nil {
			t.Fatal(err)
		}
	}
	// A second mark replaces the first.
	if m, _, err = st.MarkOutlet(t.Context(), admin, site.ID, "outlet.example", store.StateSpam, ""); err != nil {
		t.Fatal(err)
	}
	whole(t, st)
	if got := testkit.Rows(t, st, `SELECT kind, ended_at <> '' FROM outlet_mark ORDER BY id`); got != "partner | 1\nspam | 0" {
		t.Error(got)
	}
	if have, ok, err := st.MarkOf(t.Context(), site.ID, "outlet.example"); err != nil || !ok || have.ID != m.ID {
		t.Errorf("%+v, %v, %v", have, ok, err)
	}
	if _, _, err := st.UnmarkOutlet(t.Context(), admin, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := st.UnmarkOutlet(t.Context(), admin, m.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended twice: %v", err)
	}
	decideOn(t, st, confirmed.ID, store.Undo)
	if got := testkit.Rows(t, st, credits+` LIMIT 2`); got != before {
		t.Errorf("unmarked\n%s\nwant\n%s", got, before)
	}
	if list, err := st.OutletMarks(t.Context(), site.ID); err != nil || len(list) != 2 || list[0].EndedBy != admin.Name {
		t.Errorf("%+v, %v", list, err)
	}
}

// decideOn decides on a link with the version it has now.
func decideOn(t *testing.T, st *store.Store, link int64, kind store.DecisionKind) {
	t.Helper()
	l, err := st.Link(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Decide(t.Context(), admin, link, kind, 0, l.Credit.Version, ""); err != nil {
		t.Fatal(err)
	}
	whole(t, st)
}
