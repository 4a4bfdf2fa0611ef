package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// Copies of a placement's article are found whichever comes first: the
// placement, the copy, the pitch, or all at once.
func TestCopies(t *testing.T) {
	const headline = "Payroll errors cost small firms 41,000 hours"
	titled := func(host, title, seen string) backlinks.Link {
		l := link("https://"+host+"/story", seen)
		l.Title = title
		return l
	}
	origin := titled("outlet.example", headline+" - The Outlet", "2026-01-10")
	near, far := titled("copier.example", headline, "2026-01-12"), titled("archive.example", headline, "2026-01-20")
	other := titled("stranger.example", "Ferns survive another frozen winter", "2026-01-10")
	const copies = `SELECT l.source_url, o.source_url, c.reason, c.credited FROM copy c JOIN link l ON l.id = c.link_id JOIN link o ON o.id = c.original_link ORDER BY 1`
	const want = "https://copier.example/story | https://outlet.example/story | same_title | 0"
	for name, fill := range map[string]func(st *store.Store, site store.Site){
		"one file":             func(st *store.Store, site store.Site) { save(t, st, site, origin, near, far, other) },
		"the copy comes later": func(st *store.Store, site store.Site) { save(t, st, site, origin, other); save(t, st, site, far, near) },
		"the copy was first":   func(st *store.Store, site store.Site) { save(t, st, site, near, far); save(t, st, site, origin, other) },
		"its title comes later": func(st *store.Store, site store.Site) {
			bare := near
			bare.Title = ""
			save(t, st, site, origin, bare, far)
			save(t, st, site, near)
		},
		"the pitch comes last": func(st *store.Store, site store.Site) {
			if err := st.DeletePitch(t.Context(), admin, 1); err != nil {
				t.Fatal(err)
			}
			save(t, st, site, origin, near, far, other)
			if got := testkit.Rows(t, st, copies); got != "" {
				t.Errorf("copies of what nobody pitched: %s", got)
			}
			if err := st.RestorePitch(t.Context(), admin, 1); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st, _ := open(t)
			site := addSite(t, st)
			logPitch(t, st, site, "outlet.example", "2026-01-05")
			testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
			fill(st, site)
			whole(t, st)
			if got := testkit.Rows(t, st, copies); got != want {
				t.Errorf("copies\n%s\nwant\n%s", got, want)
			}
			page, err := st.ListLinks(t.Context(), store.LinkFilter{Site: site.ID, Credited: true})
			if err != nil || len(page.Rows) != 1 {
				t.Fatal(page, err)
			}
			l := page.Rows[0]
			if _, err := st.Decide(t.Context(), admin, l.ID, store.Reject, 0, l.Credit.Version, ""); err != nil {
				t.Fatal(err)
			}
			whole(t, st)
			if got := testkit.Rows(t, st, copies); got != "" {
				t.Errorf("copies of what is not ours: %s", got)
			}
			testkit.Exec(t, st, `INSERT INTO copy SELECT page_id, 1, id, first_seen, page_id, id, 'same_title', FALSE FROM link LIMIT 1`)
			if problems, err := st.Verify(t.Context()); err != nil || len(problems) == 0 {
				t.Errorf("a wrong copy was not found: %v, %v", problems, err)
			}
		})
	}
}

// A copy that the same pitch is credited with is no placement of its own.
func TestCreditedCopyIsNoPlacement(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-05")
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
	a, b := link("https://outlet.example/story", "2026-01-10"), link("https://copier.example/story", "2026-01-11")
	a.Title = "Payroll errors cost small firms 41,000 hours"
	b.Title = a.Title
	save(t, st, site, a, b)
	count := func(when, want string) {
		t.Helper()
		whole(t, st)
		if got := testkit.Rows(t, st, `SELECT credited, placements FROM site_total`); got != want {
			t.Errorf("%s: credited links and placements %s, want %s", when, got, want)
		}
	}
	count("one credited", "1 | 1")
	for _, l := range linksOf(t, st) {
		if l.SourceURL != b.SourceURL {
			continue
		}
		if _, err := st.Decide(t.Context(), admin, l.ID, store.Reassign, 1, l.Credit.Version, ""); err != nil {
			t.Fatal(err)
		}
		count("the copy is credited too", "2 | 1")
		b.Title = "Ferns survive another frozen winter"
		b.LastSeen = b.LastSeen + 9
		save(t, st, site, b)
		count("another article after all", "2 | 2")
		if _, err := st.Attribute(t.Context(), site.ID, true, nil); err != nil {
			t.Fatal(err)
		}
		count("counted anew", "2 | 2")
	}
}

// A site's first import counts what passes through it instead of reading it back:
// here with links that the file has again later, and with a placement that is a
// copy of another.
func TestFirstImportCountsWhatItBrings(t *testing.T) {
	defer store.Chunk(2)()
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-05")
	logPitch(t, st, site, "other.example", "2026-01-05")
	alias, err := st.ProposeAliases(t.Context(), admin, p.OutletID, []pitches.Alias{{Key: "copier.example"}})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, st, work(t, st, alias, nil))
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
	a, b := link("https://outlet.example/story", "2026-01-10"), link("https://copier.example/story", "2026-01-11")
	a.Title = "Payroll errors cost small firms 41,000 hours"
	b.Title = a.Title
	lost := link("https://other.example/post", "2026-01-12")
	lost.LostOn, lost.LostReason = d("2026-02-01"), backlinks.LinkRemoved
	again, sooner := lost, a
	again.LostOn, again.LostReason, again.LastSeen = 0, "", d("2026-03-01")
	sooner.FirstSeen = d("2026-01-09")
	save(t, st, site, a, b, lost, link("https://nobody.example/page", ""), link("https://nobody.example/more", "2026-01-12"), again, sooner)
	want := "2026-01-09 | 1 | 0 | 1 | 1 | 1\n2026-01-11 | 1 | 0 | 1 | 0 | 1\n2026-01-12 | 2 | 0 | 1 | 1 | 2"
	if got := testkit.Rows(t, st, `SELECT day, links_new, links_lost, credited, placements, domains_new FROM daily WHERE day <> '' ORDER BY day`); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM copy WHERE credited`); got != "1" {
		t.Errorf("%s credited copies, want 1", got)
	}
}

// Whatever comes one after the other ends in the copies that are found in all
// links at once, also where a page has links of days far apart.
func TestCopiesOfLinksThatComeOneByOne(t *testing.T) {
	titles := []string{"Payroll errors cost small firms 41,000 hours", "Ferns survive another frozen winter", "Quiet rooms make workers cheerful again", ""}
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			st, _ := open(t)
			site := addSite(t, st)
			logPitch(t, st, site, "outlet.example", "2026-01-05")
			logPitch(t, st, site, "other.example", "2026-01-05")
			testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
			titled := map[string]string{} // by link: whose title stays; see docs/attribution.md for one that changes
			for range 25 {
				host := []string{"outlet.example", "other.example", "copier.example", "again.example"}[r.IntN(4)]
				l := link(fmt.Sprintf("https://%s/%d", host, r.IntN(3)), "2026-01-10")
				l.FirstSeen += day.Day([]int{0, 1, 2, 50, 51, 100, 102}[r.IntN(7)])
				l.LastSeen = l.FirstSeen
				l.TargetURL = fmt.Sprintf("https://fern.example/%d", r.IntN(3))
				if _, ok := titled[l.SourceURL+l.TargetURL]; ok {
					continue
				}
				l.Title = titles[r.IntN(len(titles))]
				titled[l.SourceURL+l.TargetURL] = l.Title
				save(t, st, site, l)
			}
		})
	}
}
