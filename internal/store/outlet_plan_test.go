package store

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/pitches"
)

func TestOutletsDoNotScan(t *testing.T) {
	st, sp := spiedStore(t)
	ctx := t.Context()
	site, err := st.CreateSite(ctx, "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	p, err := st.CreatePitch(ctx, By{Name: "test"}, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "paper.example"}, Subject: "x", Status: pitches.Draft})
	if err != nil {
		t.Fatal(err)
	}
	clear(sp.seen)
	for _, f := range []OutletFilter{{}, {Query: "pa"}, {NoContact: true}, {Pitched: true}, {Query: "pa", Pitched: true, NoContact: true}, {After: "a~1"}, {After: "z~1", Back: true}, {After: "a~1", NoContact: true}} {
		f.Site = site.ID
		if _, err := st.ListOutlets(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{
		"outlet":  second(st.Outlet(ctx, p.OutletID)),
		"figures": second(st.OutletFigures(ctx, site.ID, p.OutletID)),
		"links":   second(st.LatestOutletLinks(ctx, site.ID, "paper.example", 5)),
		"changes": second(st.RuleChanges(ctx, p.OutletID, 0, 5)),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	sp.check(t, st)
	// On every page: it reads the changes under way, mostly none, and no other.
	if plan := steps(t, st, applyingChange); !strings.Contains(plan, "rule_change_open") {
		t.Errorf("the change that is being applied is found by\n%s", plan)
	}
}

func TestOutletPages(t *testing.T) {
	st, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	site, err := st.CreateSite(t.Context(), "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	var list []pitches.Pitch
	for i := range 25 {
		list = append(list, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: fmt.Sprintf("paper%02d.example", i), Name: fmt.Sprintf("The Paper %d", i)}, Subject: "x", Status: pitches.Draft})
	}
	if _, err := st.ImportPitches(t.Context(), By{Name: "test"}, site.ID, list, nil, nil); err != nil {
		t.Fatal(err)
	}
	walk := func(f OutletFilter, from func(OutletPage) string) (keys []string) {
		f.Site, f.Limit = site.ID, 10
		for {
			page, err := st.ListOutlets(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page.Rows {
				keys = append(keys, o.Key)
			}
			if f.After = from(page); f.After == "" {
				return keys
			}
		}
	}
	keys := walk(OutletFilter{}, func(p OutletPage) string { return p.Next })
	if len(keys) != 25 || keys[0] != "paper00.example" || keys[24] != "paper24.example" {
		t.Errorf("walked %v", keys)
	}
	if back := walk(OutletFilter{After: "paper20.example~21", Back: true}, func(p OutletPage) string { return p.Prev }); len(back) != 20 || back[0] != "paper10.example" {
		t.Errorf("walked back %v", back)
	}
	if got := walk(OutletFilter{Query: "The Paper 7"}, func(p OutletPage) string { return p.Next }); len(got) != 1 || got[0] != "paper07.example" {
		t.Errorf("found by name %v", got)
	}
}

// TestFullRunGoesOn: a full run that was cut off passes by what it has done.
func TestFullRunGoesOn(t *testing.T) {
	st, err := fillLinks(t.TempDir(), 4000, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var ids []int64
	rows, err := st.read.Query(`SELECT id FROM refdomain ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	half := len(ids) / 2
	if _, err := st.write.Exec(`INSERT INTO config (key, value) VALUES ('attribute.1', $1)`, fmt.Sprint(1, " ", ids[half-1])); err != nil {
		t.Fatal(err)
	}
	first := 0
	if _, err := st.Attribute(t.Context(), 1, true, func(done, of int) {
		if first == 0 {
			first = done
		}
	}); err != nil {
		t.Fatal(err)
	}
	if first <= half {
		t.Errorf("began with %d of %d, half was done", first, len(ids))
	}
	if _, ok, err := st.Config(t.Context(), "attribute.1"); err != nil || ok {
		t.Errorf("a finished run left its mark: %v, %v", ok, err)
	}
	if found, err := st.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestPartsReadTheirPitchesOnly: a part of a long run finds its pitches by its
// domains, with and without an outlet that a change is about.
func TestPartsReadTheirPitchesOnly(t *testing.T) {
	st, sp := spiedStore(t)
	site, err := st.CreateSite(t.Context(), "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	clear(sp.seen)
	for _, view := range []*outletView{nil, {outlet: 7}} {
		tx, err := st.read.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		o := &outlook{store: st, ctx: t.Context(), tx: tx, set: st.ruleset()}
		a, err := o.attributor(site.ID)
		if err != nil {
			t.Fatal(err)
		}
		a.view, a.anyAlias, a.anyCredit, a.anyReject, a.anyAssist = view, true, true, true, true
		clear(sp.seen)
		if err := a.part([]int64{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		tx.Rollback()
		sp.check(t, st)
	}
}
