package web

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

// withVerdicts has 14 links: 8 credited, of which 5 are confirmed and 1 rejected, and 6
// suggested, of which 2 are confirmed.
func withVerdicts(t *testing.T) *app {
	a := newApp(t)
	ctx, by := t.Context(), store.By{AccountID: 1, Name: "Maya"}
	today := days.Of(testkit.Start)
	var links []backlinks.Link
	for i := range 14 {
		p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: fmt.Sprintf("outlet-%d.example", i)}, Subject: "Ferns", Status: pitches.Pitched, SentOn: today - 10, TargetURL: "https://fern.example/guide"}
		if i >= 8 {
			p.SentOn, p.Status = today-60, pitches.Declined
		}
		if _, err := a.Store.CreatePitch(ctx, by, p); err != nil {
			t.Fatal(err)
		}
		links = append(links, backlinks.Link{SourceURL: fmt.Sprintf("https://outlet-%d.example/ferns", i), TargetURL: "https://fern.example/guide", Provider: "ahrefs", FirstSeen: today - days.Day(i%4), LastSeen: today})
	}
	if _, err := a.Store.SaveLinks(ctx, 1, linksOf(links), false, nil); err != nil {
		t.Fatal(err)
	}
	page, err := a.Store.ListLinks(ctx, store.LinkFilter{Site: 1, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Rows {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(l.SourceURL, "https://outlet-"), ".example/ferns"))
		kind := map[int]store.DecisionKind{0: store.Confirm, 1: store.Confirm, 2: store.Confirm, 3: store.Confirm, 4: store.Confirm, 5: store.Reject, 8: store.Confirm, 9: store.Confirm}[n]
		if kind == "" {
			continue
		}
		if _, err := a.Store.Decide(ctx, by, l.ID, kind, 0, l.Credit.Version, ""); err != nil {
			t.Fatal(n, err)
		}
	}
	return a
}

func TestAccuracyPage(t *testing.T) {
	a := withVerdicts(t)
	a.as(auth.Staff).Get("/reports/accuracy").Want(403)
	page := a.as(auth.Manager).Get("/reports/accuracy").Want(200)
	if got, want := page.Text("h1"), "People agreed with 5 of 6 automatic credits"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	table := func(id string) map[string]string {
		out := map[string]string{}
		page.Find("#" + id + " tbody tr").Each(func(_ int, tr *goquery.Selection) {
			var cells []string
			tr.Find("td").Each(func(_ int, c *goquery.Selection) { cells = append(cells, strings.TrimSpace(c.Text())) })
			tr.Find("th .sub").Remove()
			out[strings.Join(strings.Fields(tr.Find("th").Text()), " ")] = strings.Join(cells, " | ")
		})
		return out
	}
	for id, want := range map[string]map[string]string{
		"bands":   {"Credited": "6 | 5 | 1 | 83.3% | 43.6 to 97.0%", "Suggested": "2 | 2 | 0 | too few: 2 of 5 |", "Contested": "0 | 0 | 0 | too few: 0 of 5 |"},
		"reasons": {"Same host": "8 | 7 | 1 | 87.5% | 52.9 to 97.8%", "Points to the page asked for": "8 | 7 | 1 | 87.5% | 52.9 to 97.8%"},
		"whatif":  {"85 Now": "5 | 1 | 16.7% | 2", "75": "7 | 1 | 12.5% | 6", "95": "5 | 1 | 16.7% | 2"},
	} {
		got := table(id)
		for name, cells := range want {
			if strings.TrimSpace(got[name]) != strings.TrimSpace(cells) {
				t.Errorf("%s, %s: %q, want %q", id, name, got[name], cells)
			}
		}
	}
	if got := page.Text(".kpi:nth-child(2) dd a"); got != "4" {
		t.Errorf("%s wait, want 4", got)
	}
	// Every number leads to as many rows.
	checked := 0
	page.Find("#bands td a, #reasons td a, #whatif td a").Each(func(_ int, s *goquery.Selection) {
		checked++
		rows := a.as(auth.Manager).Get(s.AttrOr("href", "")).Want(200)
		if n := rows.Find("tbody tr").Length(); fmt.Sprint(n) != s.Text() {
			t.Errorf("%s leads to %d rows: %s", s.Text(), n, s.AttrOr("href", ""))
		}
		rows.Has(s.Text() + " proposal")
	})
	if checked < 20 {
		t.Errorf("only %d numbers had rows", checked)
	}
	part := a.as(auth.Manager).Do(testkit.Request{Path: "/reports/accuracy/links?band=credited&answer=wrong", HTMX: true}).Want(200)
	if part.Find("#list tbody tr").Length() != 1 || part.Find("h1").Length() != 0 {
		t.Error("HTMX got another part than the list")
	}
	for _, bad := range []string{"band=best", "reason=luck", "answer=maybe", "score=many", "score=101"} {
		a.as(auth.Manager).Get("/reports/accuracy/links?" + bad).Want(422)
	}
	a.as(auth.Manager).Get("/reports/accuracy/links?band=possible").Want(200).Has("No such proposal")
}

func TestAccuracyOfNothing(t *testing.T) {
	a := newApp(t)
	a.as(auth.Manager).Get("/reports/accuracy").Want(200).Has("Nothing to judge yet")
}

// Decisions of before the log kept proposals are said to be missing.
func TestAccuracySaysWhatItCannotCount(t *testing.T) {
	a := withVerdicts(t)
	testkit.Exec(t, a.Store, `DROP TRIGGER decision_append_only_update`)
	testkit.Exec(t, a.Store, `UPDATE decision SET band_before = '', score_before = 0, reasons_before = '' WHERE kind = 'reject'`)
	if _, err := a.Store.Attribute(t.Context(), 1, true, nil); err != nil {
		t.Fatal(err)
	}
	a.as(auth.Manager).Get("/reports/accuracy").Want(200).Has("1 decision is older than the record", "People agreed with 5 of 5 automatic credits")
}
