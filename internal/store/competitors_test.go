package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
)

func TestSourceStepNames(t *testing.T) {
	for name, want := range map[string]SourceStep{"sources:30:rival.example": {"rival.example", 30}, "sources:1:a.example": {"a.example", 1}} {
		if got, ok := ParseSourceStep(name); !ok || got != want || got.String() != name {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
	for _, name := range []string{"new_links", "sources", "sources:", "sources:x:rival.example", "sources:30:", "sources:30"} {
		if got, ok := ParseSourceStep(name); ok {
			t.Errorf("%q is %+v", name, got)
		}
	}
}

func TestCompetitorsOfASite(t *testing.T) {
	s, site := gapStore(t)
	ctx, by := t.Context(), By{Name: "Maya"}
	for typed, says := range map[string]string{"": "", "no host": "", "www.fern.example": "own site", "https://rival1.example/x": "already"} {
		if _, err := s.AddCompetitor(ctx, by, site, typed); !fault.Is(err, fault.Invalid) || fault.FieldsOf(err)["host"] == "" || !strings.Contains(fault.FieldsOf(err)["host"], says) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for i := 3; i <= CompetitorsAtMost; i++ {
		if _, err := s.AddCompetitor(ctx, by, site, fmt.Sprintf("rival%d.example", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddCompetitor(ctx, by, site, "onemore.example"); fault.FieldsOf(err)["host"] == "" {
		t.Errorf("more than a handful: %v", err)
	}
	for _, floor := range []int{0, -1, 101} {
		if err := s.SetSourceFloor(ctx, by, site, floor); fault.FieldsOf(err)["floor"] == "" {
			t.Errorf("from DR %d: %v", floor, err)
		}
	}
	list, err := s.Competitors(ctx, site)
	if err != nil || len(list) != CompetitorsAtMost {
		t.Fatal(list, err)
	}
	if _, err := s.RemoveCompetitor(ctx, by, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RemoveCompetitor(ctx, by, list[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	again, err := s.AddCompetitor(ctx, by, site, list[0].Host)
	if err != nil || again.ID != list[0].ID {
		t.Errorf("%+v, %v", again, err)
	}
	log, err := s.AuditLog(ctx, 0, 100)
	actions := map[string]int{}
	for _, e := range log {
		actions[e.Action]++
	}
	if err != nil || actions["competitor_added"] != CompetitorsAtMost+1 || actions["competitor_removed"] != 1 {
		t.Errorf("%v, %v", actions, err)
	}
}

// gapStore has a site with two competitors: 30 domains link to the first, every
// third also to the second. One links to the site, one was pitched, and the
// weakest are below the floor.
func gapStore(t *testing.T) (*Store, int64) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ctx, by := t.Context(), By{Name: "Maya"}
	site, err := s.CreateSite(ctx, "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	steps := []SyncStep{}
	for i := 1; i <= 2; i++ {
		c, err := s.AddCompetitor(ctx, by, site.ID, fmt.Sprintf("rival%d.example", i))
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, SyncStep{Name: SourceStep{c.Host, c.Floor}.String()})
	}
	run, err := s.StartRun(ctx, NewRun{Site: site.ID, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	links := make([]backlinks.Link, 0, 30)
	for i := range 30 {
		links = append(links, backlinks.Link{SourceURL: fmt.Sprintf("https://paper%d.example/list", i), TargetURL: "https://rival.example/", Authority: float64(25 + i/3*3), Metric: backlinks.DR})
	}
	save(ctx, t, s, run, "rival1.example", append(links, backlinks.Link{SourceURL: "https://paper7.example/second"}, backlinks.Link{SourceURL: "https://blog.rival1.example/own", Authority: 90},
		backlinks.Link{SourceURL: "https://192.0.2.1/x", Authority: 90}))
	third := []backlinks.Link{}
	for i := 0; i < 30; i += 3 {
		third = append(third, links[i])
	}
	save(ctx, t, s, run, "rival2.example", third)
	own := backlinks.Link{SourceURL: "https://paper29.example/ours", TargetURL: "https://fern.example/", FirstSeen: day.Date(2026, 1, 2), LastSeen: day.Date(2026, 1, 2), Provider: "ahrefs"}
	if _, err := s.SaveLinks(ctx, site.ID, func(yield func(backlinks.Link, error) bool) { yield(own, nil) }, false, nil); err != nil {
		t.Fatal(err)
	}
	p := pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "paper28.example"}, Subject: "Ferns", Status: pitches.Pitched, SentOn: day.Date(2026, 2, 1)}
	if _, err := s.ImportPitches(ctx, by, site.ID, []pitches.Pitch{p}, nil, nil); err != nil {
		t.Fatal(err)
	}
	return s, site.ID
}

func save(ctx context.Context, t *testing.T, s *Store, run SyncRun, host string, links []backlinks.Link) {
	t.Helper()
	page := SyncPage{Run: run.ID, Site: run.SiteID, Step: SourceStep{host, 30}.String()}
	if _, err := s.SaveSourcePage(ctx, page, host, links); err != nil {
		t.Fatal(err)
	}
}

func TestGapsArePagedWithoutLossOrRepeat(t *testing.T) {
	s, site := gapStore(t)
	ctx := t.Context()
	list, err := s.Competitors(ctx, site)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		filter GapFilter
		want   int
	}{
		{"all", GapFilter{}, 23}, // 30 less the six below DR 30 and paper29, which links to us
		{"not pitched", GapFilter{Unpitched: true}, 22},
		{"of the first", GapFilter{Competitor: list[0].ID}, 23},
		{"of the second", GapFilter{Competitor: list[1].ID}, 8},
		{"by name", GapFilter{Prefix: "paper1"}, 10},
		{"of nobody", GapFilter{Competitor: 99}, 0},
	} {
		f := tt.filter
		f.Site, f.Limit = site, 4
		var names []string
		var prev string
		for {
			page, err := s.ListGaps(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			if page.Total.N != tt.want {
				t.Errorf("%s: %d in all, want %d", tt.name, page.Total.N, tt.want)
			}
			for _, d := range page.Rows {
				names = append(names, d.Domain)
				if len(d.Sources) == 0 || d.Authority < 30 || (d.Domain == "paper28.example") != (d.PitchID != 0) {
					t.Errorf("%s: %+v", tt.name, d)
				}
			}
			if prev != "" {
				back := f
				back.After, back.Back = page.Prev, true
				if p, err := s.ListGaps(ctx, back); err != nil || len(p.Rows) != 4 || p.Rows[0].Domain != prev {
					t.Errorf("%s: back from %v leads to %+v, %v", tt.name, page.Prev, p.Rows, err)
				}
			}
			if f.After = page.Next; f.After == "" || len(names) > 100 {
				break
			}
			prev = page.Rows[0].Domain
		}
		seen := map[string]bool{}
		for _, n := range names {
			seen[n] = true
		}
		if len(names) != tt.want || len(seen) != tt.want || seen["paper29.example"] {
			t.Errorf("%s: %d rows of %d domains, want %d: %v", tt.name, len(names), len(seen), tt.want, names)
		}
		var each []string
		f.Limit = 0
		if err := s.EachGap(ctx, f, func(d GapRow) error { each = append(each, d.Domain); return nil }); err != nil || strings.Join(each, " ") != strings.Join(names, " ") {
			t.Errorf("%s: one by one %v, %v", tt.name, each, err)
		}
	}
}

func TestGapListsUseTheIndex(t *testing.T) {
	s, site := gapStore(t)
	of, err := s.Competitors(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	for _, unpitched := range []bool{false, true} {
		for _, competitor := range []int64{0, of[0].ID} {
			for _, back := range []string{"ASC", "DESC"} {
				for _, prefix := range []string{"", "paper"} {
					f := GapFilter{Site: site, Competitor: competitor, Unpitched: unpitched, Prefix: prefix}
					w := f.plan(of)
					w.add(`(d.strength, d.id) < (?, ?)`, "050.00", 7)
					plan := steps(t, s, gapQuery(w, " ORDER BY d.strength "+back+", d.id "+back, 51), w.args...)
					if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "source_domain_strength") {
						t.Errorf("%+v\n%s", f, plan)
					}
				}
			}
		}
	}
	for _, q := range []string{gapEvidence + `(1, 2, 3) ORDER BY domain_id, competitor_id`, `SELECT COUNT(*) FROM competitor_source WHERE competitor_id = 1`} {
		if plan := steps(t, s, q); strings.Contains(plan, "SCAN") {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}
