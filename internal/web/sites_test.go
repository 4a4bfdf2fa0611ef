package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/testkit"
)

func newGet(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequest(http.MethodGet, path, nil)
}

func TestSitesList(t *testing.T) {
	a := withYear(t)
	viewer, admin := a.as(auth.Viewer), a.as(auth.Admin)
	page := viewer.Get("/sites").Want(200)
	if row := page.Text("tbody tr"); !strings.Contains(row, "fern.example") || !strings.Contains(row, "1 Mar 2026") || !strings.Contains(row, "not confirmed yet") {
		t.Error(row)
	}
	if page.Find("form[action='/sites']").Length() != 0 {
		t.Error("a viewer is offered to add a site")
	}
	admin.Get("/sites").Want(200)
	for _, c := range []struct{ typed, message string }{{"", "host"}, {"not a domain", ""}, {"fern.example", "there already"}, {"<b>x</b>", ""}} {
		res := admin.Post("/sites", "host", c.typed).Want(422).Lacks("<b>x</b>")
		if res.Find("#site-host").AttrOr("value", "") != c.typed || res.Find("#site-host[aria-invalid=true]").Length() != 1 || res.Text(".note.bad[role=alert]") == "" {
			t.Errorf("%q: the form lost what was typed, or says nothing", c.typed)
		}
	}
	admin.Post("/sites", "host", "https://www.moss.example/shop").To("/sites/2")
	admin.Get("/sites/2").Want(200).Has("moss.example", "there is no reading in this range yet", "No snapshot yet", "No provider has been asked yet")
	viewer.Post("/sites", "host", "reed.example").Want(403)
	if got := viewer.Get("/sites").Find("tbody tr").Length(); got != 2 {
		t.Errorf("%d sites", got)
	}
}

func TestSitePage(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Viewer)
	page := b.Get("/sites/1").Want(200)
	if page.Find("#sn tbody tr").Length() != 14 || !strings.HasPrefix(page.Text("#sn tbody tr"), "1 Mar 202655.01,411+25,092") {
		t.Error(page.Text("#sn tbody tr"))
	}
	for _, path := range []string{"/sites/2", "/sites/x", "/sites/1/chart/nothing", "/sites/9/snapshots.csv", "/sites/9/dashboard", "/sites/9/chart/rd"} {
		b.Do(testkit.Request{Path: path, HTMX: strings.Contains(path, "chart")}).Want(404)
	}
	b.Get("/sites/1/dashboard?p=12m").To("/dashboard?p=12m&site=1")
	b.Get("/sites/1/chart/rd?range=3m").To("/sites/1?range=3m")
	csv := b.Get("/sites/1/snapshots.csv").Want(200)
	if n := strings.Count(csv.Body, "\n"); n != 366 || !strings.HasPrefix(csv.Body, "date,provider,authority,") {
		t.Errorf("%d lines: %s", n, csv.Body[:80])
	}
}

// The figure that HTMX gets is the one of the page.
func TestChartRanges(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Viewer)
	for _, r := range []string{"3m", "6m", "12m", "24m", "all", "nonsense"} {
		whole := b.Get("/sites/1?range=" + r).Want(200)
		for _, id := range []string{"rd", "dr"} {
			part := b.Do(testkit.Request{Path: "/sites/1/chart/" + id + "?range=" + r, HTMX: true}).Want(200)
			inPage, _ := whole.Find("#" + id).Html()
			alone, _ := part.Find("#" + id).Html()
			if r != "nonsense" && inPage != alone {
				t.Errorf("%s of %s differs between page and fragment", id, r)
			}
			if part.Find("nav.side").Length() != 0 || part.Find("figure a[aria-current]").Length() != 1 {
				t.Errorf("%s of %s is no figure with its range marked", id, r)
			}
		}
	}
	whole := b.Get("/dashboard?p=12m&range=3m").Want(200)
	if got := whole.Find("#rd .seg a").First().AttrOr("href", ""); got != "/dashboard?p=12m&range=3m" {
		t.Errorf("a range without script leads to %s", got)
	}
}

// A site that is not the current one links to its own rows.
func TestChartOfAnotherSite(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Admin)
	b.Post("/sites", "host", "moss.example").To("/sites/2")
	d := days.Of(a.Now())
	for i := range 4 {
		if err := a.Store.SaveSnapshot(t.Context(), 2, backlinks.Snapshot{On: d - days.Day(i), Provider: "moz", Metric: backlinks.DA, Authority: 20, RefDomains: 3}); err != nil {
			t.Fatal(err)
		}
	}
	b.Get("/sites/2?range=3m").Want(200).Has("Authority (DA)", "As Moz counts them")
	b.Get("/dashboard?site=2").Want(200) // now it is the current one
	b.Get("/sites/1?range=12m").Want(200).Has("placements=1&amp;from=", "&amp;site=1")
}
