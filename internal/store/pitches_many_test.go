package store_test

import (
	"fmt"
	"slices"
	"testing"

	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// manyPitches makes pitches of every shape that an import treats in a way of
// its own: outlets that come again, platforms, live pages elsewhere, drafts.
func manyPitches(n int) []pitches.Pitch {
	hosts := []string{"news%d.example", "blog.paper%d.example", "medium.com/@ann%d", "x.com/bo%d", "pen%d.substack.com"}
	statuses := []pitches.Status{pitches.Pitched, pitches.Draft, pitches.Replied, pitches.Landed, pitches.Declined}
	list := make([]pitches.Pitch, n)
	for i := range list {
		address := fmt.Sprintf(hosts[i%len(hosts)], i/2%400)
		p := pitches.Pitch{Outlet: pitches.Outlet{Host: address, Authority: float64(i % 3)}, Subject: fmt.Sprint("Study ", i), Source: fmt.Sprint("list.csv:", i+2),
			Status: statuses[i%7%len(statuses)], Campaign: []string{"", "Spring", "Autumn"}[i%3], OwnerName: []string{"", "Ada"}[i%2], ImportKey: fmt.Sprint("key ", i)}
		if i%4 > 0 {
			p.SentOn = day.Date(2025, 1, 1) + day.Day(i%300)
		}
		if i%5 == 0 {
			p.RepliedOn, p.CostCents, p.Currency = p.SentOn, int64(i), "EUR"
			p.LiveURL = fmt.Sprintf("https://other%d.example/post", i%50)
		}
		if i%6 == 0 {
			p.Tags, p.Extra = []string{"a", "b"}, map[string]string{"Shelf": fmt.Sprint(i)}
		}
		list[i] = p
	}
	return list
}

// What an import of many pitches leaves to the end comes out as if each had been
// saved by itself, on an empty workspace, beside another site's pitches, and on
// a site that has links.
func TestManyPitchesAreAsOneByOne(t *testing.T) {
	for name, prepare := range map[string]func(*store.Store, store.Site){
		"empty": func(*store.Store, store.Site) {},
		"other site": func(st *store.Store, _ store.Site) {
			other, err := st.CreateSite(t.Context(), "second.example")
			if err != nil {
				t.Fatal(err)
			}
			logPitch(t, st, other, "outlet.example", "2026-01-05")
		},
		"links": func(st *store.Store, site store.Site) {
			save(t, st, site, link("https://news4.example/post", "2026-01-10"), link("https://medium.com/@ann1/p", "2026-01-11"), link("https://nobody.example/p", "2026-01-12"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got [2][]string
			for i, size := range []int{1200, 150} {
				st, _ := open(t)
				site := addSite(t, st)
				prepare(st, site)
				for part := range slices.Chunk(manyPitches(1200), size) {
					if _, err := st.ImportPitches(t.Context(), store.By{Name: "Ada"}, site.ID, part, nil, nil); err != nil {
						t.Fatal(err)
					}
				}
				for _, query := range []string{`SELECT * FROM pitch ORDER BY id`, `SELECT * FROM outlet ORDER BY id`, `SELECT * FROM pitch_event ORDER BY id`,
					`SELECT domain_id, pitch_id FROM pitch_domain ORDER BY 1, 2`, `SELECT * FROM pitch_total ORDER BY site_id, status`,
					`SELECT * FROM pitch_cohort ORDER BY 1, 2, 3, 4, 5`, `SELECT * FROM pitch_month ORDER BY 1, 2`, `SELECT * FROM credit ORDER BY link_id`,
					`SELECT * FROM refdomain ORDER BY id`, `SELECT * FROM daily ORDER BY 1, 2`, `SELECT name, tbl_name, sql FROM sqlite_master ORDER BY name`} {
					got[i] = append(got[i], testkit.Rows(t, st, query))
				}
			}
			for i := range got[0] {
				if got[0][i] != got[1][i] {
					t.Errorf("at once:\n%.2000s\nin parts:\n%.2000s", got[0][i], got[1][i])
				}
			}
			if name == "links" && got[0][7] == "" {
				t.Error("no link is credited, so nothing was compared")
			}
		})
	}
}
