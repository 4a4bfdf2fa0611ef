package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"

	"landed/internal/day"
)

// spy is a connector that notes every query that runs through it, so that the
// plans of what the store really asks are checked and not those of a copy.
type spy struct {
	d    driver.Driver
	dsn  string
	mu   sync.Mutex
	seen map[string][]driver.NamedValue
}

func (s *spy) Connect(context.Context) (driver.Conn, error) {
	c, err := s.d.Open(s.dsn)
	return &spyConn{c, s}, err
}

func (s *spy) Driver() driver.Driver { return s.d }

type spyConn struct {
	driver.Conn
	s *spy
}

func (c *spyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return &spyStmt{stmt, c.s, query}, err
}

type spyStmt struct {
	driver.Stmt
	s     *spy
	query string
}

func (t *spyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	t.s.mu.Lock()
	t.s.seen[t.query] = args
	t.s.mu.Unlock()
	return t.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// spiedStore is an empty store whose reads are noted.
func spiedStore(t *testing.T) (*Store, *spy) {
	t.Helper()
	st, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	sp := &spy{d: st.read.Driver(), dsn: dsn(st.path, true), seen: map[string][]driver.NamedValue{}}
	st.read.Close()
	st.read = newReader(sql.OpenDB(sp))
	return st, sp
}

// plan is how a noted query is run, step by step.
func (s *spy) plan(t *testing.T, st *Store, query string) (steps []string) {
	t.Helper()
	args := make([]any, len(s.seen[query]))
	for i, n := range s.seen[query] {
		args[i] = n.Value
	}
	err := each(t.Context(), st.write, func(rows *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := rows.Scan(&id, &parent, &unused, &detail)
		steps = append(steps, detail)
		return err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// scans gives every noted query whose plan reads a table or index from end to
// end. Rows of subqueries are scanned by nature.
func (s *spy) scans(t *testing.T, st *Store) (found []string) {
	t.Helper()
	if len(s.seen) == 0 {
		t.Fatal("no query ran")
	}
	for query := range s.seen {
		plan := s.plan(t, st, query)
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" && !strings.HasPrefix(step, "SCAN (") {
				found = append(found, fmt.Sprintf("%s\nreads all of a table:\n  %s", query, strings.Join(plan, "\n  ")))
				break
			}
		}
	}
	return found
}

func (s *spy) check(t *testing.T, st *Store) {
	t.Helper()
	for _, found := range s.scans(t, st) {
		t.Error(found)
	}
}

func TestSpyFindsAScan(t *testing.T) {
	st, sp := spiedStore(t)
	if _, err := st.CreateSite(t.Context(), "fern.example"); err != nil {
		t.Fatal(err)
	}
	if err := st.EachPitch(t.Context(), 0, nil); err != nil { // reads all on purpose: an export
		t.Fatal(err)
	}
	if found := sp.scans(t, st); len(found) != 1 {
		t.Errorf("%d queries found to scan, want the one over all pitches", len(found))
	}
}

// pitchFilters are all combinations of what a list of pitches can be narrowed by.
func pitchFilters() (all []PitchFilter) {
	parts := []func(*PitchFilter){
		func(f *PitchFilter) { f.Status = "pitched" },
		func(f *PitchFilter) { f.Owner = 1 },
		func(f *PitchFilter) { f.Campaign = "Spring" },
		func(f *PitchFilter) { f.Outlet = 1 },
		func(f *PitchFilter) { f.Query = "100%" },
		func(f *PitchFilter) { f.SentFrom = day.Date(2026, 1, 1) },
		func(f *PitchFilter) { f.SentTo = day.Date(2026, 2, 1) },
		func(f *PitchFilter) { f.FollowUpBy = day.Date(2026, 2, 1) },
		func(f *PitchFilter) { f.Placed = true },
	}
	for bits := range 1 << len(parts) {
		f := PitchFilter{Site: 1, Limit: 25}
		for i, set := range parts {
			if bits>>i&1 == 1 {
				set(&f)
			}
		}
		all = append(all, f)
	}
	return all
}

func TestPitchListsDoNotScan(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	st, sp := spiedStore(t)
	for _, f := range pitchFilters() {
		for _, page := range []struct {
			after string
			back  bool
		}{{}, {"2026-01-15~7", false}, {"2026-01-15~7", true}} {
			f.After, f.Back = page.after, page.back
			if _, err := st.ListPitches(t.Context(), f); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
	}
	if want := 3 << 9; len(sp.seen) < want {
		t.Errorf("%d different queries ran, want at least %d", len(sp.seen), want)
	}
	sp.check(t, st)
}

// The pitches of an account, those of nobody and those of an owner who is only a
// name are found by their index.
func TestPitchOwnersAreIndexed(t *testing.T) {
	for name, c := range map[string]struct {
		f     PitchFilter
		index string
	}{
		"account": {PitchFilter{Owner: 1}, "pitch_owner (site_id=? AND owner_id=?"},
		"nobody":  {PitchFilter{NoOwner: true}, "pitch_owner (site_id=? AND owner_id=?"},
		"a name":  {PitchFilter{OwnerName: "Ann"}, "pitch_owner_name (site_id=? AND owner_name=?"},
	} {
		t.Run(name, func(t *testing.T) {
			st, sp := spiedStore(t)
			f := c.f
			f.Site = 1
			for _, f.After = range []string{"", "2026-01-15~7"} {
				if _, err := st.ListPitches(t.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			if len(sp.seen) != 3 { // two pages and how many there are in all
				t.Errorf("%d queries", len(sp.seen))
			}
			for query := range sp.seen {
				if plan := strings.Join(sp.plan(t, st, query), "\n"); !strings.Contains(plan, "USING INDEX "+c.index) || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s\n%s", query, plan)
				}
			}
		})
	}
}

func TestPitchFactsDoNotScan(t *testing.T) {
	st, sp := spiedStore(t)
	ctx := t.Context()
	for what, err := range map[string]error{
		"totals":    second(st.PitchTotals(ctx, 1)),
		"campaigns": second(st.Campaigns(ctx, 1)),
		"targets":   second(st.RecentTargets(ctx, 1)),
		"assists":   second(st.PitchAssists(ctx, 1, 1)),
		"outlet":    second(st.OutletByTyped(ctx, 1, "example.com")),
		"suggest":   second(st.SuggestOutlets(ctx, "ex")),
		"record":    second(st.OutletRecord(ctx, 1, 1)),
		"events":    second(st.PitchEvents(ctx, 1)),
		"links":     second(st.ListLinks(ctx, LinkFilter{Site: 1, Pitch: 1})),
		"due":       second(st.CountPitches(ctx, PitchFilter{Site: 1, FollowUpBy: 20000})),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	_ = st.countPitchLinks(ctx, []PitchRow{{}, {}})
	sp.check(t, st)
}

func second[T any](_ T, err error) error {
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}
