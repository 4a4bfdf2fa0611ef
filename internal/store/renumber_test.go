package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
	"landed/internal/weburl"
	"landed/migrations"

	"github.com/pressly/goose/v3"
)

// Two domains that have the same id on the first site.
const twin, otherTwin = "echo492412.example", "echo529986.example"

// Domains with one id are never taken for one domain: what brings the second is
// refused, and nothing of it is kept.
func TestDomainsOfOneID(t *testing.T) {
	if _, a := store.DomainIDs(1, twin); a == 0 {
		t.Fatal(a)
	} else if _, b := store.DomainIDs(1, otherTwin); a != b {
		t.Fatalf("the ids are %d and %d: find other twins", a, b)
	}
	first, second := link("https://"+twin+"/a", "2026-01-02"), link("https://"+otherTwin+"/b", "2026-01-03")
	const all = `SELECT domain, links, said_links FROM refdomain`
	for name, c := range map[string]struct {
		before []backlinks.Link
		bring  func(st *store.Store, site int64) error
	}{
		"a first import": {nil, func(st *store.Store, site int64) error {
			_, err := st.SaveLinks(t.Context(), site, seq(first, second), false, nil)
			return err
		}},
		"a later one": {[]backlinks.Link{first}, func(st *store.Store, site int64) error {
			_, err := st.SaveLinks(t.Context(), site, seq(second), false, nil)
			return err
		}},
		"domains": {[]backlinks.Link{first}, func(st *store.Store, site int64) error {
			_, err := st.SaveRefDomains(t.Context(), site, []backlinks.RefDomain{{Domain: otherTwin, Links: 2}})
			return err
		}},
		"domains at once": {nil, func(st *store.Store, site int64) error {
			_, err := st.SaveRefDomains(t.Context(), site, []backlinks.RefDomain{{Domain: twin, Links: 1}, {Domain: otherTwin, Links: 2}})
			return err
		}},
	} {
		for _, long := range []bool{false, true} {
			if long {
				defer store.Chunk(1)()
			}
			st, _ := open(t)
			site := addSite(t, st)
			if len(c.before) > 0 {
				save(t, st, site, c.before...)
			}
			was := testkit.Rows(t, st, all)
			if err := c.bring(st, site.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), twin) || !strings.Contains(err.Error(), otherTwin) {
				t.Errorf("%s: %v", name, err)
			}
			if now := testkit.Rows(t, st, all); now != was {
				t.Errorf("%s: domains %s, before %s", name, now, was)
			}
			whole(t, st)
		}
	}
}

// A database of schema 12, where ids of domains were hashes, ends as one that had
// the new ids from the beginning.
func TestRenumberedDomains(t *testing.T) {
	for seed := range uint64(3) {
		dir := t.TempDir()
		st := testkit.OpenStore(t, dir)
		fillForIDs(t, st, seed)
		whole(t, st)
		before := tables(t, st)
		ids := oldIDs(t, st)
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		makeOld(t, filepath.Join(dir, store.FileName), ids)
		st = testkit.OpenStore(t, dir)
		whole(t, st)
		for table, rows := range tables(t, st) {
			if rows != before[table] {
				t.Errorf("seed %d: %s was\n%s\nand is\n%s", seed, table, before[table], rows)
			}
		}
		const schema = `SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type, name`
		if got, want := testkit.Rows(t, st, schema), testkit.Rows(t, testkit.Store(t), schema); got != want {
			t.Errorf("the schema is\n%s\nwant\n%s", got, want)
		}
		done := testkit.Dump(t, st, credits, assists)
		if _, err := st.Attribute(t.Context(), 1, true, nil); err != nil {
			t.Fatal(err)
		}
		if now := testkit.Dump(t, st, credits, assists); now != done {
			t.Errorf("a full run made of\n%s\nthis\n%s", done, now)
		}
		whole(t, st)
	}
}

// Old ids that would become one are said, and the database stays as it is.
func TestRenumberingTwins(t *testing.T) {
	dir := t.TempDir()
	st := testkit.OpenStore(t, dir)
	site := addSite(t, st)
	save(t, st, site, link("https://"+twin+"/a", "2026-01-02"))
	ids := oldIDs(t, st)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, store.FileName)
	makeOld(t, path, ids)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, _ := store.DomainIDs(site.ID, otherTwin)
	if _, err := db.Exec(`INSERT INTO refdomain (id, site_id, domain, first_seen) VALUES ($1, $2, $3, '')`, other, site.ID, otherTwin); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if st, err := store.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), otherTwin) {
			t.Errorf("opened: %v", err)
			st.Close()
		}
	}
	if got := testkit.RowsOf(t, db, `SELECT id FROM refdomain WHERE domain = '`+otherTwin+`'`); got != fmt.Sprint(other) {
		t.Errorf("the id is %s, was %d", got, other)
	}
}

// fillForIDs makes a workspace in which every table that names domains has rows.
func fillForIDs(t *testing.T, st *store.Store, seed uint64) {
	t.Helper()
	ctx := t.Context()
	h := &changer{history: &history{t: t, st: st, site: addSite(t, st), r: rand.New(rand.NewPCG(seed, 5))}}
	for range 60 {
		if err := h.step(); err != nil {
			t.Fatal(err)
		}
	}
	second, err := st.CreateSite(ctx, "second.example")
	if err != nil {
		t.Fatal(err)
	}
	save(t, st, second, link("https://outlet.example/x", "2026-01-02"), link("https://copier.example/y", "2026-01-03"), link("no address", "2026-01-04"))
	logPitch(t, st, second, "outlet.example", "2026-01-01")
	if _, err := st.SaveRefDomains(ctx, h.site.ID, []backlinks.RefDomain{{Domain: "cara.github.io", Links: 4}, {Domain: "still.example", Links: 2}}); err != nil {
		t.Fatal(err)
	}
	proposed, err := st.ProposePlatform(ctx, admin, weburl.PlatformRow{Host: "github.io", Subdomains: "author"}, store.PutPlatform) // which it counts as now
	apply(t, st, work(t, st, proposed, err))
	for _, kind := range []store.State{store.StatePartner, store.StateOwned} { // the first of them ends
		if _, _, err := st.MarkOutlet(ctx, admin, h.site.ID, "third.example", kind, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.AddCompetitor(ctx, admin, h.site.ID, "rival.example"); err != nil {
		t.Fatal(err)
	}
	step := store.SourceStep{Host: "rival.example", Floor: 30}.String()
	run, err := st.StartRun(ctx, store.NewRun{Site: h.site.ID, Steps: []store.SyncStep{{Name: step}}})
	if err != nil {
		t.Fatal(err)
	}
	sources := []backlinks.Link{{SourceURL: "https://outlet.example/r", Authority: 40}, {SourceURL: "https://never.example/r", Authority: 50}}
	if _, err := st.SaveSourcePage(ctx, store.SyncPage{Run: run.ID, Site: h.site.ID, Step: step}, "rival.example", sources); err != nil {
		t.Fatal(err)
	}
	proposed, err = st.ProposeAliases(ctx, admin, h.outlet(), []pitches.Alias{{Key: "alias.example"}})
	change := work(t, st, proposed, err)
	_, known := store.DomainIDs(h.site.ID, "outlet.example")
	testkit.Exec(t, st, fmt.Sprintf(`INSERT INTO rule_todo (change_id, site_id, domain_id) VALUES (%d, %d, %d)`, change.ID, h.site.ID, known))
	apply(t, st, change)
	testkit.Exec(t, st, fmt.Sprintf(`INSERT INTO rule_todo (change_id, site_id, domain_id) VALUES (%d, %d, %d)`, change.ID, h.site.ID, known))
}

// named are the columns that hold ids of domains.
var named = [][2]string{{"refdomain", "id"}, {"link", "domain_id"}, {"pitch_domain", "domain_id"}, {"source_domain", "id"}, {"competitor_source", "domain_id"},
	{"refdomain_folded", "into_id"}, {"rule_todo", "domain_id"}, {"outlet_mark", "domain_id"}}

// tables prints all rows but those of the log of migrations.
func tables(t *testing.T, st *store.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name := range strings.SplitSeq(testkit.Rows(t, st, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version'`), "\n") {
		out[name] = testkit.Rows(t, st, `SELECT * FROM `+name+` ORDER BY 1, 2`)
	}
	for _, c := range named {
		if out[c[0]] == "" {
			t.Errorf("%s has no rows", c[0])
		}
	}
	return out
}

// oldIDs are the ids up to schema 12 of all domains that are named, by their ids.
func oldIDs(t *testing.T, st *store.Store) map[int64]int64 {
	t.Helper()
	out := map[int64]int64{}
	names := `SELECT domain FROM refdomain UNION SELECT domain FROM refdomain_folded UNION SELECT domain FROM source_domain UNION SELECT key FROM outlet UNION SELECT key FROM outlet_alias`
	for name := range strings.SplitSeq(testkit.Rows(t, st, names), "\n") {
		page, err := st.Platforms().Page(name)
		if err != nil {
			continue
		}
		for _, domain := range append(st.Platforms().Domains(page), name, page.Domain) {
			for _, site := range []int64{1, 2} {
				was, is := store.DomainIDs(site, domain)
				out[is] = was
			}
		}
	}
	return out
}

// makeOld makes of a database what it would be under schema 12.
func makeOld(t *testing.T, path string, ids map[int64]int64) {
	t.Helper()
	if err := os.Rename(path, path+".new"); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	schema, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.Files)
	if err == nil {
		_, err = schema.UpTo(t.Context(), 12)
	}
	if err != nil {
		t.Fatal(err)
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%v in %s", err, query)
		}
	}
	exec(`ATTACH $1 AS since`, path+".new")
	for table := range strings.SplitSeq(testkit.RowsOf(t, db, `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version'`), "\n") {
		columns := strings.ReplaceAll(testkit.RowsOf(t, db, `SELECT a.name FROM pragma_table_info('`+table+`', 'main') a JOIN pragma_table_info('`+table+`', 'since') b ON b.name = a.name`), "\n", ", ")
		exec(`DELETE FROM main.` + table)
		exec(`INSERT INTO main.` + table + ` (` + columns + `) SELECT ` + columns + ` FROM since.` + table)
	}
	exec(`DETACH since`)
	for is, was := range ids {
		for _, c := range named {
			exec(`UPDATE `+c[0]+` SET `+c[1]+` = $2 WHERE `+c[1]+` = $1`, is, was)
		}
	}
	old := map[int64]bool{0: true}
	for _, was := range ids {
		old[was] = true
	}
	for _, c := range named {
		for id := range strings.SplitSeq(testkit.RowsOf(t, db, `SELECT DISTINCT `+c[1]+` FROM `+c[0]+` WHERE `+c[1]+` > 0`), "\n") {
			var n int64
			if fmt.Sscan(id, &n); !old[n] {
				t.Errorf("%s.%s still has %s", c[0], c[1], id)
			}
		}
	}
	exec(`INSERT INTO config (key, value) VALUES ('attribute.1', '1 7')`)
}
