package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/migrations"
)

// oddDays are days in their order, as first_seen has them.
var oddDays = []string{"", "0000-03-01", "0001-01-02", "1600-02-29", "1969-12-31", "1970-01-02", "1999-12-31", "2000-02-28", "2000-02-29", "2000-03-01",
	"2023-12-31", "2024-01-01", "2024-02-29", "2024-03-01", "2024-12-31", "2026-11-30", "2100-02-28", "2100-03-01", "9999-12-31"}

// The number orders as site and day do, and says which day it is.
func TestSeenOrdersAsSiteAndDay(t *testing.T) {
	last := int64(-1)
	for _, site := range []int64{1, 2, 3, 1000} {
		first, end := seenBetween(site, day.None, day.None)
		for _, on := range oddDays {
			n := seenOf(site, on)
			if n <= last || n < first || n > end || seenOn(n) != on {
				t.Errorf("%q of site %d is %d, after %d, in %d to %d, and says %q", on, site, n, last, first, end, seenOn(n))
			}
			last = n
		}
		if after := seenOf(site, firstDay); after <= seenOf(site, "") || after >= seenOf(site, oddDays[1]) {
			t.Errorf("firstDay is %d", after)
		}
	}
	for _, c := range []struct{ from, to, first, last string }{{"2024-01-01", "", "2024-01-01", "9999-12-31"}, {"", "2024-01-01", "", "2024-01-01"}, {"2000-02-28", "2000-03-01", "2000-02-28", "2000-03-01"}} {
		first, last := seenBetween(3, dayOf(c.from), dayOf(c.to))
		var in []string
		for _, on := range oddDays {
			if n := seenOf(3, on); first <= n && n <= last {
				in = append(in, on)
			}
		}
		if in[0] != c.first || in[len(in)-1] != c.last {
			t.Errorf("%q to %q has %q", c.from, c.to, in)
		}
	}
}

// The migration counts days as the program does.
func TestMigratedSeen(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := s.write.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	days := slices.Clone(oddDays)
	for d := day.Date(2023, 12, 25); d < day.Date(2024, 3, 5); d++ {
		days = append(days, d.String())
	}
	for i, host := range []string{"one.example", "two.example"} {
		site, err := s.CreateSite(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		for j, on := range days {
			id := i*len(days) + j + 1
			exec(`INSERT INTO refdomain (id, site_id, domain, first_seen) VALUES ($1, $2, $3, $4)`, id, site.ID, fmt.Sprintf("d%d.example", id), on)
			exec(`INSERT INTO link (`+linkColumns+`) VALUES ($1, $2, 0, 0, 0, '', '', '', '', '', '', 0, 0, '', 0, $3, '', '', '', '', '', '', '')`, id, site.ID, on)
		}
	}
	if found, err := s.checkSeen(t.Context()); err != nil || len(found) != problemsAtMost {
		t.Errorf("without their numbers: %v, %v", found, err)
	}
	text, err := migrations.Files.ReadFile("0016_seen.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"link", "refdomain"} {
		_, update, ok := strings.Cut(string(text), "UPDATE "+table+" SET seen")
		if !ok {
			t.Fatal(table)
		}
		update, _, _ = strings.Cut(update, ";")
		exec("UPDATE " + table + " SET seen" + update)
	}
	if found, err := s.checkSeen(t.Context()); err != nil || found != nil {
		t.Errorf("%v, %v", found, err)
	}
	exec(`UPDATE link SET seen = seen + 1 WHERE id = 7`)
	exec(`UPDATE refdomain SET seen = seen - 1 WHERE id = 8`)
	found, err := s.checkSeen(t.Context())
	want := []Problem{{"link 7 was first seen on “1999-12-31” and stands in lists as if on “2000-01-01”"},
		{"referring domain d8.example was first seen on “2000-02-28” and stands in lists as if on “2000-02-27”"}}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("%v, %v", found, err)
	}
}

// manySites is a store of three sites whose links were found on the same few days,
// and on unknown ones.
func manySites(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		site, err := s.CreateSite(t.Context(), fmt.Sprintf("s%d.example", rnd.IntN(1e9)))
		if err != nil {
			t.Fatal(err)
		}
		var list []pitches.Pitch
		for i := range 20 {
			key := fmt.Sprintf("paper%d.example", i)
			list = append(list, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Key: key, Host: key}, Subject: "Story", Status: pitches.Pitched, SentOn: day.Date(2026, 1, 1)})
		}
		if _, err := s.ImportPitches(t.Context(), By{Name: "test"}, site.ID, list, nil, nil); err != nil {
			t.Fatal(err)
		}
		_, err = s.SaveLinks(t.Context(), site.ID, func(yield func(backlinks.Link, error) bool) {
			for i := range 150 {
				l := benchLink(rnd, i, 600)
				if l.FirstSeen = day.Date(2025, 12, 25) + day.Day(rnd.IntN(15)); i%10 == 0 {
					l.FirstSeen = day.None
				}
				l.LostOn, l.LostReason = day.None, ""
				if !yield(l, nil) {
					return
				}
			}
		}, false, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// texts are the first column of a query.
func texts(t *testing.T, s *Store, query string, args ...any) (out []string) {
	t.Helper()
	err := each(t.Context(), s.read, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		out = append(out, text)
		return err
	}, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// walked lists all pages of a list to its end and back again.
func walked(t *testing.T, page func(after string, back bool) (rows []string, prev, next string)) (out []string) {
	t.Helper()
	out, _, at := page("", false)
	pages := [][]string{out}
	for at != "" {
		rows, prev, next := page(at, false)
		before, _, _ := page(prev, true)
		if !slices.Equal(before, pages[len(pages)-1]) {
			t.Errorf("before %s are %q, not %q", prev, before, pages[len(pages)-1])
		}
		pages, out, at = append(pages, rows), append(out, rows...), next
	}
	return out
}

// Lists of one site among several have its rows and no others, in the order of their
// days and ids, in every period, to the end and back.
func TestListsOfOneSiteAmongSeveral(t *testing.T) {
	s := manySites(t)
	ctx := t.Context()
	listed := map[string]int{}
	for site := int64(1); site <= 3; site++ {
		for _, period := range [][2]day.Day{{}, {day.Date(2025, 12, 28), 0}, {0, day.Date(2026, 1, 3)}, {day.Date(2025, 12, 31), day.Date(2026, 1, 1)}, {day.Date(2027, 1, 1), 0}} {
			from, to := period[0], period[1]
			until := to.String()
			if to == 0 {
				until = "~"
			}
			want := texts(t, s, `SELECT id FROM link WHERE site_id = $1 AND first_seen BETWEEN $2 AND $3 ORDER BY first_seen DESC, id DESC`, site, from.String(), until)
			got := walked(t, func(after string, back bool) (rows []string, prev, next string) {
				page, err := s.ListLinks(ctx, LinkFilter{Site: site, From: from, To: to, After: after, Back: back, Limit: 17})
				if err != nil || page.Total.N != len(want) {
					t.Errorf("%d of %d links, %v", page.Total.N, len(want), err)
				}
				for _, r := range page.Rows {
					rows = append(rows, fmt.Sprint(r.ID))
				}
				return rows, page.Prev, page.Next
			})
			if !slices.Equal(got, want) {
				t.Errorf("site %d from %s to %s: links\n%q\nwant\n%q", site, from, to, got, want)
			}
			listed["links"] += len(got)
			for _, f := range []DomainFilter{{}, {Class: "outreach"}, {Class: "organic"}, {Prefix: "paper1"}, {Prefix: "paper1", Class: "outreach"}} {
				want := texts(t, s, `SELECT domain FROM refdomain WHERE site_id = $1 AND first_seen BETWEEN $2 AND $3 AND ($4 = '' OR class = $4) AND substr(domain, 1, $5) = $6 ORDER BY first_seen DESC, id DESC`,
					site, from.String(), until, f.Class, len(f.Prefix), f.Prefix)
				got := walked(t, func(after string, back bool) (rows []string, prev, next string) {
					f := f
					f.Site, f.From, f.To, f.After, f.Back, f.Limit = site, from, to, after, back, 7
					page, err := s.ListDomains(ctx, f)
					if err != nil || page.Total.N != len(want) {
						t.Errorf("%+v: %d of %d domains, %v", f, page.Total.N, len(want), err)
					}
					for _, r := range page.Rows {
						rows = append(rows, r.Domain)
					}
					return rows, page.Prev, page.Next
				})
				listed[f.Class+f.Prefix] += len(got)
				if !slices.Equal(got, want) {
					t.Errorf("site %d from %s to %s, %+v: domains\n%q\nwant\n%q", site, from, to, f, got, want)
				}
			}
		}
		checkUnpitched(ctx, t, s, site)
	}
	if len(listed) != 6 || slices.Contains(slices.Collect(maps.Values(listed)), 0) {
		t.Errorf("too few rows to say anything: %v", listed)
	}
	if found, err := s.Verify(ctx); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func checkUnpitched(ctx context.Context, t *testing.T, s *Store, site int64) {
	t.Helper()
	want := texts(t, s, `SELECT l.id FROM link l WHERE l.site_id = $1 AND NOT EXISTS (SELECT 1 FROM credit c WHERE c.link_id = l.id)
		AND EXISTS (SELECT 1 FROM pitch_domain d WHERE d.domain_id = l.domain_id) ORDER BY l.first_seen DESC, l.id DESC`, site)
	var got []string
	for after := ""; ; {
		page, err := s.ListUnpitched(ctx, site, after, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			got = append(got, fmt.Sprint(r.ID))
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(want) < 5 || !slices.Equal(got, want) {
		t.Errorf("site %d: links without a pitch\n%q\nwant\n%q", site, got, want)
	}
}

// The place of a page is written down as a day. What is none has no page; what is one
// of another list, or of a site's row that went, has the page behind it.
func TestPlacesInLists(t *testing.T) {
	s := manySites(t)
	for after, want := range map[string]int{"2026-01-03~1": 1, "2026-01-03~9223372036854775807": 1, "2031-01-01~7": 1, "~9223372036854775807": 1, "~0": 0, "2001-01-01~5": 1, "0~1": -1, "x~1": -1, "4293~1": -1} {
		links, err := s.ListLinks(t.Context(), LinkFilter{Site: 2, After: after})
		_, err2 := s.ListDomains(t.Context(), DomainFilter{Site: 2, After: after})
		_, err3 := s.ListUnpitched(t.Context(), 2, after, 5)
		for _, err := range []error{err, err2, err3} {
			if (want < 0) != fault.Is(err, fault.Invalid) || want >= 0 && err != nil {
				t.Errorf("%s: %v", after, err)
			}
		}
		if want >= 0 && min(len(links.Rows), 1) != want {
			t.Errorf("%s: %d links", after, len(links.Rows))
		}
	}
}
