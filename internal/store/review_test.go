package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// waiting makes n links that are suggested for a pitch each, one outlet a link.
func waiting(t *testing.T, st *store.Store, site store.Site, n int) {
	t.Helper()
	var links []backlinks.Link
	for i := range n {
		_, err := st.CreatePitch(t.Context(), admin, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: fmt.Sprintf("paper%d.example", i)}, Status: pitches.Pitched,
			SentOn: d("2025-10-01"), OwnerID: int64(1 + i%2), Campaign: []string{"Spring", "Payroll"}[i%2]}) // over 90 days before: 60 + 5 + 8
		if err != nil {
			t.Fatal(err)
		}
		l := link(fmt.Sprintf("https://paper%d.example/post", i), "2026-01-10")
		l.Authority, l.Metric = float64(i*7%50), backlinks.DR
		links = append(links, l)
	}
	save(t, st, site, links...)
	if got := testkit.Rows(t, st, `SELECT state, COUNT(*) FROM credit GROUP BY state`); got != rowOf("suggested", n) {
		t.Fatalf("credits %s, want %d suggested", got, n)
	}
}

func TestQueueOrderAndPlaces(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	waiting(t, st, site, 12)
	f := store.ReviewFilter{Site: site.ID}
	var urls []string
	var at *store.Place
	for {
		rows, err := st.Queue(t.Context(), f, at, false, 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			urls = append(urls, r.SourceURL)
		}
		p, err := store.ParsePlace(rows[len(rows)-1].Place.String())
		if err != nil {
			t.Fatal(err)
		}
		at = &p
	}
	want := strings.Split(testkit.Rows(t, st, `SELECT l.source_url FROM credit c JOIN link l ON l.id = c.link_id ORDER BY c.score DESC, l.authority DESC, c.first_seen DESC, l.id DESC`), "\n")
	if fmt.Sprint(urls) != fmt.Sprint(want) {
		t.Errorf("order\n%s, want\n%s", urls, want)
	}
	back, err := st.Queue(t.Context(), f, at, true, 3)
	if err != nil || len(back) != 3 || back[0].SourceURL != want[len(want)-2] {
		t.Errorf("before the last: %v, %v", back, err)
	}
	for _, bad := range []string{"", "x", "1~2", "a~2026-01-01~3", "1~2026-01-01-and-more~3"} {
		if _, err := store.ParsePlace(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("place %q: %v", bad, err)
		}
	}
	// A new authority moves the link, without deciding it again.
	l := link("https://paper0.example/post", "2026-01-10")
	l.Authority, l.Metric, l.LastSeen = 99, backlinks.DR, d("2026-02-20")
	save(t, st, site, l)
	rows, err := st.Queue(t.Context(), f, nil, false, 1)
	if err != nil || rows[0].SourceURL != "https://paper0.example/post" {
		t.Errorf("first %v, %v", rows, err)
	}
	whole(t, st)
}

func TestQueueFilters(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	waiting(t, st, site, 10)
	for _, tc := range []struct {
		name string
		f    store.ReviewFilter
		want int
	}{
		{"all", store.ReviewFilter{}, 10},
		{"of one owner", store.ReviewFilter{Owner: 2}, 5},
		{"of nobody there", store.ReviewFilter{Owner: 3}, 0},
		{"of an outlet", store.ReviewFilter{Outlet: "https://www.paper3.example/about"}, 1},
		{"of an outlet and another owner", store.ReviewFilter{Outlet: "paper3.example", Owner: 1}, 0},
		{"faint ones", store.ReviewFilter{Possible: true}, 0},
		{"strong ones", store.ReviewFilter{MinScore: st.Rules().CreditAt}, 0},
		{"likely ones", store.ReviewFilter{MinScore: 60, MaxScore: 84}, 10},
		{"contested", store.ReviewFilter{Contested: true}, 0},
		{"since", store.ReviewFilter{From: d("2026-01-11")}, 0},
		{"within", store.ReviewFilter{From: d("2026-01-10"), To: d("2026-01-10")}, 10},
		{"until", store.ReviewFilter{To: d("2026-01-09")}, 0},
	} {
		tc.f.Site = site.ID
		rows, err := st.Queue(t.Context(), tc.f, nil, false, 50)
		if err != nil || len(rows) != tc.want {
			t.Errorf("%s: %d links, %v; want %d", tc.name, len(rows), err, tc.want)
		}
		if n, err := st.CountQueue(t.Context(), tc.f); err != nil || n.N != tc.want || n.AtLeast {
			t.Errorf("%s: counted %+v, %v; want %d", tc.name, n, err, tc.want)
		}
	}
	if _, err := st.Queue(t.Context(), store.ReviewFilter{Site: site.ID, Outlet: "no outlet"}, nil, false, 5); !fault.Is(err, fault.Invalid) {
		t.Errorf("no outlet: %v", err)
	}
}

func TestDecideAllAndUndoAll(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	waiting(t, st, site, 6)
	f := store.ReviewFilter{Site: site.ID}
	before := testkit.Rows(t, st, credits)
	pitchesBefore := testkit.Rows(t, st, `SELECT id, status, sent_on, landed_on, live_url, follow_up_on FROM pitch ORDER BY id`)
	seen, err := st.BulkOf(t.Context(), f)
	if err != nil || seen.Links != 6 || seen.Pitches != 6 || seen.More || seen.Left != 0 {
		t.Fatalf("%+v, %v", seen, err)
	}
	if _, _, err := st.DecideAll(t.Context(), admin, f, store.Confirm, "another sum", ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("other links: %v", err)
	}
	if _, _, err := st.DecideAll(t.Context(), admin, f, store.Spam, seen.Sum, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("spam: %v", err)
	}
	for _, kind := range []store.DecisionKind{store.Confirm, store.Reject} {
		seen, err := st.BulkOf(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		batch, n, err := st.DecideAll(t.Context(), admin, f, kind, seen.Sum, "all of it")
		if err != nil || n != 6 {
			t.Fatalf("%s: %d, %v", kind, n, err)
		}
		whole(t, st)
		want := map[store.DecisionKind]string{store.Confirm: "confirmed | 6", store.Reject: "rejected | 6"}[kind]
		if got := testkit.Rows(t, st, `SELECT state, COUNT(*) FROM credit GROUP BY state`); got != want {
			t.Errorf("%s: %s", kind, got)
		}
		if kind == store.Confirm {
			if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM pitch WHERE status = 'landed' AND landed_on = '2026-01-10' AND live_url <> ''`); got != "6" {
				t.Errorf("%s pitches landed, want 6", got)
			}
		}
		// Somebody decides one of them again: that stays, the others go back.
		page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID})
		if err != nil {
			t.Fatal(err)
		}
		l := page.Rows[2]
		if _, err := st.Decide(t.Context(), store.By{AccountID: 2, Name: "Tom"}, l.ID, store.Spam, 0, l.Credit.Version, ""); err != nil {
			t.Fatal(err)
		}
		undone, err := st.UndoBatch(t.Context(), admin, batch)
		if err != nil || undone.N != 5 || undone.Kept != 1 || undone.Kind != kind {
			t.Errorf("undone %+v, %v", undone, err)
		}
		whole(t, st)
		if _, err := st.UndoBatch(t.Context(), admin, batch); !fault.Is(err, fault.Conflict) {
			t.Errorf("undone twice: %v", err)
		}
		if _, err := st.UndoLast(t.Context(), store.By{AccountID: 2, Name: "Tom"}, site.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := st.UndoLast(t.Context(), admin, site.ID); err != nil { // the one that was kept
			t.Fatal(err)
		}
		if got := testkit.Rows(t, st, credits); got != before {
			t.Errorf("%s undone:\n%s\nwant\n%s", kind, got, before)
		}
		if got := testkit.Rows(t, st, `SELECT id, status, sent_on, landed_on, live_url, follow_up_on FROM pitch ORDER BY id`); got != pitchesBefore {
			t.Errorf("%s undone: pitches\n%s\nwant\n%s", kind, got, pitchesBefore)
		}
	}
}

func TestUndoLastGoesBackStepByStep(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	waiting(t, st, site, 3)
	before := testkit.Rows(t, st, credits)
	tom := store.By{AccountID: 2, Name: "Tom"}
	if _, err := st.UndoLast(t.Context(), admin, site.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("nothing to undo: %v", err)
	}
	rows, _ := st.Queue(t.Context(), store.ReviewFilter{Site: site.ID}, nil, false, 3)
	for _, r := range rows {
		if _, err := st.Decide(t.Context(), admin, r.LinkID, store.Confirm, 0, 1, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Decide(t.Context(), tom, rows[2].LinkID, store.Partner, 0, 2, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := st.UndoLast(t.Context(), admin, site.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("undone over somebody else: %v", err)
	}
	if _, err := st.UndoLast(t.Context(), tom, site.ID); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		u, err := st.UndoLast(t.Context(), admin, site.ID)
		if want := rows[2-i].LinkID; err != nil || u.LinkID != want || u.N != 1 || u.Kind != store.Confirm {
			t.Errorf("undo %d: %+v, %v; want link %d", i, u, err, want)
		}
		whole(t, st)
	}
	if got := testkit.Rows(t, st, credits); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
}

// Two links of one pitch: it stays landed as long as one of them is confirmed.
func TestTwoLinksOfOnePitch(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-05")
	save(t, st, site, link("https://outlet.example/a", "2026-01-10"), link("https://outlet.example/b", "2026-01-12"))
	page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID})
	if err != nil {
		t.Fatal(err)
	}
	a, b := page.Rows[1].ID, page.Rows[0].ID
	do := func(link int64, kind store.DecisionKind) {
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
	is := func(want string) {
		t.Helper()
		got, err := st.Pitch(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if text := rowOf(got.Status, got.LandedOn, got.LiveURL); text != want {
			t.Errorf("pitch %s, want %s", text, want)
		}
	}
	for _, first := range []int64{a, b} {
		do(a, store.Confirm)
		is("landed | 2026-01-10 | https://outlet.example/a")
		do(b, store.Confirm)
		is("landed | 2026-01-10 | https://outlet.example/a")
		do(first, store.Undo)
		if first == a {
			is("landed | 2026-01-12 | https://outlet.example/b")
			do(b, store.Undo)
		} else {
			is("landed | 2026-01-10 | https://outlet.example/a")
			do(a, store.Undo)
		}
		is("pitched |  | ")
	}
}

func TestLogPitchForALink(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-02-20") // after the link: no candidate
	save(t, st, site, link("https://outlet.example/post", "2026-01-10"), link("https://nobody.example/x", "2026-01-10"))
	found, err := st.ListUnpitched(t.Context(), site.ID, "", 50)
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Domain != "outlet.example" || found.Next != "" {
		t.Fatalf("%+v, %v", found, err)
	}
	l := found.Rows[0]
	p := pitches.Pitch{Outlet: pitches.Outlet{Host: "outlet.example"}, Subject: "What they wrote about", Status: pitches.Pitched, SentOn: d("2026-01-02")}
	if _, _, err := st.LogPitchFor(t.Context(), admin, p, l.ID, 7, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("another version: %v", err)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM pitch`); got != "1" {
		t.Errorf("%s pitches: a refused one was kept", got)
	}
	made, dec, err := st.LogPitchFor(t.Context(), admin, p, l.ID, 0, "I had it in my mail")
	if err != nil || dec.Kind != store.Reassign || dec.ToPitch != made.ID {
		t.Fatalf("%+v, %v", dec, err)
	}
	whole(t, st)
	got, _ := st.Pitch(t.Context(), made.ID)
	if got.Status != pitches.Landed || got.LiveURL != "https://outlet.example/post" || got.SentOn != d("2026-01-02") {
		t.Errorf("pitch %s, live at %s, sent %s", got.Status, got.LiveURL, got.SentOn)
	}
	if found, _ := st.ListUnpitched(t.Context(), site.ID, "", 50); len(found.Rows) != 0 {
		t.Errorf("%d links still without a pitch", len(found.Rows))
	}
	// No pitch earned it: said once, it is not asked again.
	save(t, st, site, link("https://outlet.example/second", "2025-12-01"))
	found, _ = st.ListUnpitched(t.Context(), site.ID, "", 50)
	if len(found.Rows) != 1 {
		t.Fatalf("%d links, want the second", len(found.Rows))
	}
	if _, err := st.Decide(t.Context(), admin, found.Rows[0].ID, store.Reject, 0, 0, "a press agency"); err != nil {
		t.Fatal(err)
	}
	whole(t, st)
	if found, _ := st.ListUnpitched(t.Context(), site.ID, "", 50); len(found.Rows) != 0 {
		t.Error("asked again")
	}
}

func TestSuggestPitches(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	for _, p := range []pitches.Pitch{
		{Outlet: pitches.Outlet{Host: "theledgerpost.example"}, Subject: "What payroll errors cost", Contact: "Dana Whitlock", Campaign: "State of Payroll"},
		{Outlet: pitches.Outlet{Host: "hrquarterly.example"}, Subject: "Pay transparency", Contact: "Ángel Ríos", Campaign: "State of Payroll"},
		{Outlet: pitches.Outlet{Host: "gardens.example"}, Subject: "100% ferns", Contact: "Ann Vale", Ref: "P-77"},
		{Outlet: pitches.Outlet{Host: "draft.example"}, Subject: "Payroll draft", Status: pitches.Draft},
	} {
		p.SiteID, p.SentOn = site.ID, d("2026-01-05")
		if p.Status == "" {
			p.Status = pitches.Pitched
		}
		if _, err := st.CreatePitch(t.Context(), admin, p); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ near, typed, want string }{
		{"", "", ""},
		{"gardens.example", "", "3"},
		{"", "ledger", "1"},               // the middle of the outlet
		{"", "whitlock", "1"},             // the end of the contact
		{"", "ÁNGEL", "2"},                // folded
		{"", "state of", "1 2"},           // campaign
		{"", "payroll dana", "1"},         // every word, wherever it stands
		{"", "payroll ann", ""},           // not one of two
		{"", "100%", "3"},                 // no wildcard
		{"", "p-77", "3"},                 // the list's own id
		{"", "draft", ""},                 // drafts are left out
		{"gardens.example", "pay", "1 2"}, // near ones only when they match
		{"", "https://www.theledgerpost.example/", "1"},
		{"", "_", ""},
	} {
		list, err := st.SuggestPitches(t.Context(), site.ID, tc.near, tc.typed)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, p := range list {
			ids[fmt.Sprint(p.ID)] = true
		}
		want := strings.Fields(tc.want)
		ok := len(want) == len(ids)
		for _, id := range want {
			ok = ok && ids[id]
		}
		if !ok {
			t.Errorf("%q near %q: %v, want %s", tc.typed, tc.near, ids, tc.want)
		}
	}
}

func TestDecisionLog(t *testing.T) {
	st, clock := open(t)
	site := addSite(t, st)
	waiting(t, st, site, 4)
	rows, _ := st.Queue(t.Context(), store.ReviewFilter{Site: site.ID}, nil, false, 4)
	tom := store.By{AccountID: 2, Name: "Tom"}
	for i, kind := range []store.DecisionKind{store.Confirm, store.Reject, store.Spam} {
		if _, err := st.Decide(t.Context(), []store.By{admin, tom, admin}[i], rows[i].LinkID, kind, 0, 1, "why not"); err != nil {
			t.Fatal(err)
		}
		clock.Forward(24 * time.Hour)
	}
	if _, err := st.UndoLast(t.Context(), admin, site.ID); err != nil {
		t.Fatal(err)
	}
	first := d("2026-03-01")
	for _, tc := range []struct {
		name string
		f    store.DecisionFilter
		want string
	}{
		{"all", store.DecisionFilter{}, "undo spam reject confirm"},
		{"of one person", store.DecisionFilter{Account: 2}, "reject"},
		{"of one kind", store.DecisionFilter{Kind: store.Spam}, "spam"},
		{"of a person and a kind", store.DecisionFilter{Account: 1, Kind: store.Reject}, ""},
		{"of a site", store.DecisionFilter{Site: site.ID}, "undo spam reject confirm"},
		{"of another site", store.DecisionFilter{Site: 9}, ""},
		{"since", store.DecisionFilter{From: first + 1}, "undo spam reject"},
		{"until", store.DecisionFilter{To: first + 1}, "reject confirm"},
		{"on a day", store.DecisionFilter{From: first + 2, To: first + 2}, "spam"},
		{"later", store.DecisionFilter{From: first + 9}, ""},
	} {
		tc.f.Limit = 1 // pages of one
		var kinds []string
		for {
			list, next, err := st.ListDecisions(t.Context(), tc.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				kinds = append(kinds, string(x.Kind))
				if x.Undone != (x.Kind == store.Spam) {
					t.Errorf("%s: %s undone %v", tc.name, x.Kind, x.Undone)
				}
			}
			if tc.f.After = next; next == "" {
				break
			}
		}
		if got := strings.Join(kinds, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	list, _, err := st.ListDecisions(t.Context(), store.DecisionFilter{})
	if err != nil || list[3].Score != 73 || list[3].Band != "suggested" || list[3].Note != "why not" || list[3].Site != "brand.example" || list[3].SourceURL == "" {
		t.Errorf("%+v, %v", list[3], err)
	}
	of, err := st.PitchDecisions(t.Context(), list[3].ToPitch)
	if err != nil || len(of) != 1 || of[0].Kind != store.Confirm {
		t.Errorf("of the pitch: %+v, %v", of, err)
	}
	last, ok, err := st.LastDecision(t.Context(), 1, site.ID)
	if err != nil || !ok || last.Kind != store.Confirm {
		t.Errorf("latest: %+v, %v, %v", last, ok, err)
	}
}
