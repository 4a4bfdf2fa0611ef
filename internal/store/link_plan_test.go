package store

import (
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// steps is the plan of a query, a step a line.
func steps(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var text string
		if err := rows.Scan(&id, &parent, &unused, &text); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, text)
	}
	return out.String()
}

var wholeTable = regexp.MustCompile(`SCAN (l|c|x|k0|p|o|link|credit|refdomain|pitch|outlet)\b`)

// oneEnd is a walk by the column seen that does not end where the site does.
var oneEnd = regexp.MustCompile(`(link_seen|refdomain_seen|refdomain_class) \((class=\? AND )?(seen[<>]\?|class=\?)\)`)

// pagesOf are the first page of a list, one after a place and one before it.
func pagesOf(f LinkFilter) []LinkFilter {
	after, back := f, f
	after.After, back.After, back.Back = "2025-06-01~16", "2025-06-01~16", true
	return []LinkFilter{f, after, back}
}

// pagePlan is the plan of a page of a list.
func pagePlan(t *testing.T, s *Store, w *where, after string, back bool, by order, query func(order string, limit int) string) (plan string) {
	t.Helper()
	err := s.keyset(t.Context(), w, after, back, 50, by, func(order string, limit int) ([]cursor, error) {
		plan = steps(t, s, query(order, limit), w.args...)
		return nil, nil
	}, func(int, bool) {}, new(string), new(string))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// linkFilters are all combinations of what a list of links can be filtered by.
func linkFilters() (list []LinkFilter) {
	states := []LinkFilter{{}, {Credited: true}, {Placements: true}, {Placements: true, Unreviewed: true}, {State: StateSuggested}, {State: StateConfirmed}, {State: StateRejected}, {State: "none"}}
	for _, base := range states {
		for set := range 1 << 8 {
			f := base
			f.Site = 1
			f.Lost = set&1 != 0
			if set&2 != 0 {
				f.Domain, f.Exact = "paper1.example", set&4 != 0
			} else if set&4 != 0 {
				continue
			}
			if set&8 != 0 {
				f.Pitch = 3
			}
			if set&16 != 0 {
				f.MinDR = 30
			}
			if set&32 != 0 {
				f.From, f.To = day.Date(2025, 1, 1), day.Date(2025, 12, 31)
			}
			if set&64 != 0 {
				f.Follow = true
			}
			if set&128 != 0 && f.Lost {
				f.Reason = backlinks.PageGone
			}
			list = append(list, f)
		}
	}
	return list
}

func TestLinkListsHaveNoFullScan(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	filters := linkFilters()
	for _, f := range filters {
		if f.Domain != "" && !f.Exact { // so short that ids say it all
			f.Domain = "pap"
			filters = append(filters, f)
		}
	}
	for _, f := range filters {
		for _, few := range []bool{true, false} {
			if few && (f.Domain == "" || f.Pitch != 0) {
				continue
			}
			p := f.plan(few)
			plan := steps(t, s, p.count(), p.where.args...)
			for _, f := range pagesOf(f) {
				p := f.plan(few)
				plan += pagePlan(t, s, p.where, f.After, f.Back, p.order, func(order string, limit int) string { return p.page(linkListColumns, order, limit) })
			}
			if oneEnd.MatchString(plan) {
				t.Errorf("%+v few %v goes on among the links of other sites:\n%s", f, few, plan)
			}
			if wholeTable.MatchString(plan) {
				t.Errorf("%+v few %v reads a whole table:\n%s", f, few, plan)
			}
			// Only the few links of a domain, and the lost ones of a pitch, may be sorted.
			if sorts := strings.Contains(plan, "TEMP B-TREE"); sorts && !few && !(f.Pitch != 0 && f.Lost) {
				t.Errorf("%+v sorts:\n%s", f, plan)
			}
		}
	}
}

func TestDomainListsHaveNoFullScan(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, class := range []string{"", "outreach", "unreviewed", "organic"} {
		for _, prefix := range []string{"", "pap", "paper"} {
			for _, from := range []day.Day{0, day.Date(2025, 1, 1)} {
				for _, few := range []bool{true, false} {
					f := DomainFilter{Site: 1, Class: class, Prefix: prefix, From: from, To: from}
					var plan string
					for _, at := range pagesOf(LinkFilter{}) {
						f.After, f.Back = at.After, at.Back
						w := f.plan(few)
						plan += pagePlan(t, s, w, f.After, f.Back, order{"seen", "id", f.Site}, func(order string, limit int) string { return domainQuery(w, order, limit) })
					}
					if oneEnd.MatchString(plan) || few && prefix != "" && strings.Contains(plan, "refdomain_") {
						t.Errorf("%+v few %v goes on among the domains of other sites:\n%s", f, few, plan)
					}
					if wholeTable.MatchString(plan) || strings.Contains(plan, "TEMP B-TREE") && !(few && prefix != "") {
						t.Errorf("%+v few %v:\n%s", f, few, plan)
					}
				}
			}
		}
	}
	for _, query := range []string{domainPitches, suggestNear, suggestByOutlet, suggestByCampaign, suggestRecent} {
		if plan := steps(t, s, query, 1, "a", "b"); wholeTable.MatchString(plan) {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}

// has says, without any SQL, whether a link is of a filter.
func (f LinkFilter) has(r LinkRow, lead bool) bool {
	credited, on := r.Credit.State.Credited(), r.FirstSeen
	if f.Lost {
		on = r.LostOn
	}
	state := true
	switch {
	case f.Unreviewed:
		state = r.Credit.State == StateAuto
	case f.Credited || f.Placements:
		state = credited
	case f.State == "none":
		state = r.Credit.State == ""
	case f.State != "":
		state = r.Credit.State == f.State
	}
	domain := f.Domain == "" || f.Exact && r.Domain == f.Domain || !f.Exact && strings.HasPrefix(r.Domain, f.Domain)
	return state && domain && (!f.Placements || lead) && (!f.Lost || r.LostOn.Known()) && (f.Pitch == 0 || r.Credit.PitchID == f.Pitch) &&
		(f.Reason == "" || r.LostReason == f.Reason) && r.Authority >= float64(f.MinDR) && (!f.Follow || r.Rel == "dofollow") && on >= f.From && (f.To == 0 || on <= f.To)
}

// Every filter lists exactly its links, on pages that join up both ways, whether
// its domains have few links or many.
func TestListLinksAgreesWithTheRows(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	s, err := fillLinks(t.TempDir(), 3000, 300)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	leads := map[int64]bool{}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		leads[id] = true
		return err
	}, `SELECT link_id FROM credit WHERE lead`)
	if err != nil {
		t.Fatal(err)
	}
	var all []LinkRow
	if err := s.EachLink(ctx, 1, func(r LinkRow) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, f := range linkFilters() {
		if f.Domain != "" && !f.Exact {
			f.Domain = []string{"paper1", "pap", "paper12.ex", "paper", "pape"}[i%5]
		}
		f.Pitch *= 5
		want := map[int64]bool{}
		for _, r := range all {
			if f.has(r, leads[r.ID]) {
				want[r.ID] = true
			}
		}
		found += len(want)
		checkList(t, s, f, want)
	}
	if found < 50_000 {
		t.Errorf("the filters found %d links together: too few to say anything", found)
	}
}

func checkList(t *testing.T, s *Store, f LinkFilter, want map[int64]bool) {
	t.Helper()
	f.Limit = 400
	page, err := s.ListLinks(t.Context(), f)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	if n := page.Total.N; !page.Total.AtLeast && n != len(want) || page.Total.AtLeast && n > len(want) {
		t.Errorf("%+v: total %+v of %d", f, page.Total, len(want))
	}
	seen, last := map[int64]bool{}, cursor{"~", 0}
	f.Limit = 0 // pages of 500
	err = s.EachListed(t.Context(), f, func(r LinkRow) error {
		at := cursor{r.FirstSeen.String(), r.ID}
		if f.Lost {
			at.text = r.LostOn.String()
		}
		if at.text > last.text || at.text == last.text && at.id >= last.id {
			t.Errorf("%+v: %v after %v", f, at, last)
		}
		last, seen[r.ID] = at, true
		return nil
	})
	if err != nil || !maps.Equal(seen, want) {
		t.Errorf("%+v: %d links, want %d, %v", f, len(seen), len(want), err)
	}
	if page.Next == "" {
		return
	}
	back := f
	back.Limit, back.After, back.Back = 400, page.Next, true
	before, err := s.ListLinks(t.Context(), back)
	if err != nil || len(before.Rows) != 399 || before.Rows[0].ID != page.Rows[0].ID {
		t.Errorf("%+v: the page before the cursor has %d rows, %v", f, len(before.Rows), err)
	}
}
