package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/store"
	"landed/internal/testkit"
)

// desk is a store with the site fern.example on which imports are run.
type desk struct {
	t    *testing.T
	st   *store.Store
	dir  string
	site store.Site
}

func newDesk(t *testing.T) desk {
	t.Helper()
	dir := testkit.Dir(t)
	st := testkit.OpenStore(t, dir)
	st.Now = (&testkit.Clock{}).Now
	site, err := st.CreateSite(t.Context(), "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, st, dir, site}
}

// upload notes an import as the pages do, with the mapping that is recognised.
func (d desk) upload(kind, content string) store.Import {
	d.t.Helper()
	u := receive(d.t, d.dir, content)
	setup := intake.Setup{Ready: true}
	if kind == intake.KindPitches {
		list, err := intake.Inspect(d.t.Context(), d.st, d.site, strings.NewReader(content), 0)
		if err != nil {
			d.t.Fatal(err)
		}
		setup.Mapping, setup.Rows = list.Mapping, list.Rows
	}
	text, err := setup.Text()
	if err == nil {
		err = u.Keep()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	m, err := d.st.CreateImport(d.t.Context(), store.By{AccountID: 7, Name: "Maya"},
		store.Import{Kind: kind, SiteID: d.site.ID, FileName: "list.csv", Digest: u.Digest, Mapping: text})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// run queues and runs an import.
func (d desk) run(m store.Import) store.Import {
	d.t.Helper()
	if err := d.st.MoveImport(d.t.Context(), m.ID, intake.Queued, "", intake.Uploaded, intake.Failed); err != nil {
		d.t.Fatal(err)
	}
	if err := intake.Run(d.t.Context(), d.st, d.dir, m.ID); err != nil {
		d.t.Fatal(err)
	}
	return d.at(m.ID)
}

func (d desk) at(id int64) store.Import {
	d.t.Helper()
	m, err := d.st.Import(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

func (d desk) count(table string) string {
	return testkit.Rows(d.t, d.st, `SELECT COUNT(*) FROM `+table)
}

const list = `Website,Article idea,Editor,Sent,Stage
northpost.example,Payroll errors,Dana Whit,2026-01-04,Sent
daily.example/contact,Hiring slowed,Rafael Ort,2026-01-05,Replied
https://www.weekly.example/,Remote tax,Helen Mar,2026-01-06,Live
`

const export = `Referring page title,Referring page URL,Domain rating,Target URL,Anchor,Nofollow,UGC,Sponsored,First seen,Last seen,Lost
Payroll,https://northpost.example/payroll,60,https://fern.example/a,Fern,false,false,false,2026-01-20 10:00:00,2026-02-01 10:00:00,
Other,https://other.example/x,20,https://fern.example/b,Fern,true,false,false,2026-01-21 10:00:00,2026-02-01 10:00:00,
Gone,https://gone.example/y,10,https://fern.example/b,Fern,false,false,false,2025-01-21 10:00:00,2026-01-01 10:00:00,2026-01-02
`

func TestRunPitchesThenLinks(t *testing.T) {
	d := newDesk(t)
	m := d.run(d.upload(intake.KindPitches, list))
	var p intake.PitchesResult
	if err := json.Unmarshal([]byte(m.Outcome), &p); err != nil || m.State != intake.Done || p.New != 3 || p.Read != 3 || m.Progress != 3 || m.FinishedAt.IsZero() {
		t.Fatalf("%+v %v", m, err)
	}
	if got := testkit.Rows(t, d.st, `SELECT status || ' ' || source FROM pitch ORDER BY id`); got != "pitched list.csv:2\nreplied list.csv:3\nlanded list.csv:4" {
		t.Error(got)
	}
	if got := testkit.Rows(t, d.st, `SELECT DISTINCT who, account_id FROM pitch_event`); got != "Maya | 7" {
		t.Error("the timeline names who imported:", got)
	}
	m = d.run(d.upload(intake.KindLinks, export))
	var l intake.LinksResult
	if err := json.Unmarshal([]byte(m.Outcome), &l); err != nil || m.State != intake.Done || l.New != 3 || l.NewLost != 1 {
		t.Fatalf("%s %v", m.Outcome, err)
	}
	if l.Credits.Credited+l.Credits.Suggested == 0 {
		t.Error("the link from northpost.example was matched with no pitch")
	}
}

func TestRunTwiceChangesNothing(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ kind, content, tables string }{
		{intake.KindPitches, list, "pitch pitch_event outlet"}, {intake.KindLinks, export, "link credit"},
	} {
		m := d.run(d.upload(c.kind, c.content))
		dump := func() (all string) {
			for _, table := range strings.Fields(c.tables) {
				all += testkit.Rows(t, d.st, `SELECT * FROM `+table) + "\n"
			}
			return all
		}
		before := dump()
		if err := intake.Run(t.Context(), d.st, d.dir, m.ID); err != nil { // the same job once more
			t.Fatal(err)
		}
		if err := d.st.MoveImport(t.Context(), m.ID, intake.Running, "", intake.Done); err != nil { // a crash before the end was noted
			t.Fatal(err)
		}
		if err := intake.Run(t.Context(), d.st, d.dir, m.ID); err != nil {
			t.Fatal(err)
		}
		if got := d.at(m.ID); got.State != intake.Done {
			t.Error(got.State)
		}
		again := d.run(d.upload(c.kind, c.content)) // the same file as a new import
		var o struct{ New, Updated, Changed, Same int }
		if err := json.Unmarshal([]byte(again.Outcome), &o); err != nil || o.New+o.Updated+o.Changed != 0 || o.Same != 3 {
			t.Errorf("%s again: %s %v", c.kind, again.Outcome, err)
		}
		if dump() != before {
			t.Errorf("%s: running it again changed rows", c.kind)
		}
	}
}

// A row that the store cannot take takes all others back.
func TestAtomic(t *testing.T) {
	d := newDesk(t)
	var content strings.Builder
	content.WriteString("Website,Article idea,ID,Sent\n")
	for i := range 50 {
		fmt.Fprintf(&content, "o%d.example,Idea %d,R-%d,2026-01-04\n", i, i, i)
	}
	m := d.upload(intake.KindPitches, content.String())
	run := func(when string) store.Import {
		t.Helper()
		testkit.Exec(t, d.st, `CREATE TRIGGER stop BEFORE INSERT ON pitch WHEN `+when+` BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`)
		if err := d.st.MoveImport(t.Context(), m.ID, intake.Queued, "", intake.Uploaded, intake.Failed); err != nil {
			t.Fatal(err)
		}
		if err := intake.Run(t.Context(), d.st, d.dir, m.ID); err == nil {
			t.Fatal("an error of ours has to reach the job")
		}
		testkit.Exec(t, d.st, `DROP TRIGGER stop`)
		return d.at(m.ID)
	}
	got := run(`NEW.subject = 'Idea 25'`)
	if got.State != intake.Failed || strings.Contains(got.Message, "disk is gone") || got.Message == "" {
		t.Errorf("%s %q", got.State, got.Message)
	}
	for _, table := range []string{"pitch", "pitch_event", "outlet", "pitch_total"} {
		if n := d.count(table); n != "0" {
			t.Errorf("%s rows of %s are left", n, table)
		}
	}
	if got = d.run(m); got.State != intake.Done || d.count("pitch") != "50" {
		t.Errorf("tried again: %s, %s pitches", got.State, d.count("pitch"))
	}
}

// A first list whose length is known is saved while it is read. That ends as it does
// when all of it is read before, whatever the addresses of its outlets are.
func TestListSavedWhileRead(t *testing.T) {
	sites := []string{"o%d.example", "https://www.o%d.example/page", "blog.o%d.example", "desk@o%d.co.uk", "medium.com/@ann%d", "https://medium.com/x%d", "substack.com",
		"pen%d.substack.com", "m.o%d.github.io", "https://github.io/o%d", "o%d.blogspot.com", "amp.www.o%d.com.au", "O%d.Example.", "née%d.example", "old%d.example", "none"}
	var content strings.Builder
	content.WriteString("Website,Article idea,Editor,Sent,Live URL\n")
	for i := range 1300 {
		site := sites[i%len(sites)]
		if strings.Contains(site, "%") {
			site = fmt.Sprintf(site, i/len(sites)%40)
		}
		live := []string{"", "", "https://o3.example/post", "https://medium.com/@ann1/post"}[i%4]
		fmt.Fprintf(&content, "%s,Idea %d,Editor %d,2026-01-%02d,%s\n", site, i/3, i%5, 1+i%28, live)
	}
	content.WriteString("o1.example,Idea 0,\"Editor,2026-01-01,\n") // the quote is never closed
	var dumps, results []string
	for _, o := range []intake.PitchesOptions{{}, {Rows: 1300}, {Rows: 2}} {
		d := newDesk(t)
		testkit.Exec(t, d.st, `INSERT INTO outlet (id, key, name, created_at) VALUES (1, 'new.example', 'New', ''), (2, 'medium.com/@zoe', 'Zoe', '')`)
		testkit.Exec(t, d.st, `INSERT INTO outlet_alias (id, outlet_id, key) VALUES (1, 1, 'old3.example'), (2, 2, 'old5.example')`)
		l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content.String()), 0)
		if err != nil {
			t.Fatal(err)
		}
		o.Mapping, o.File = l.Mapping, "list.csv"
		broken := o
		broken.MaxRows = 1250
		if _, err := intake.Pitches(t.Context(), d.st, store.By{Name: "Maya"}, d.site, strings.NewReader(content.String()), broken); !fault.Is(err, fault.TooLarge) || d.count("pitch") != "0" {
			t.Errorf("a list that is too long: %v, %s pitches", err, d.count("pitch"))
		}
		var last int
		o.Progress = func(n int) { last = n }
		out, err := intake.Pitches(t.Context(), d.st, store.By{Name: "Maya"}, d.site, strings.NewReader(content.String()), o)
		if err != nil || out.New < 1000 || out.Refused.Count < 50 || out.Damage.Count != 1 || last < 1000 || last > out.Read {
			t.Fatalf("%v, %s Damaged: %d. Last: %d", err, out.Sentence(), out.Damage.Count, last)
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, string(text))
		dumps = append(dumps, testkit.Dump(t, d.st, `SELECT * FROM outlet ORDER BY id`, `SELECT * FROM pitch ORDER BY id`, `SELECT * FROM pitch_domain ORDER BY 1, 2`,
			`SELECT * FROM pitch_event ORDER BY id`, `SELECT * FROM pitch_total ORDER BY 1, 2`, `SELECT * FROM pitch_cohort ORDER BY 1, 2, 3, 4, 5`, `SELECT name, sql FROM sqlite_master ORDER BY name`))
	}
	for i := range dumps {
		if results[i] != results[0] {
			t.Errorf("%d: %s\nwant %s", i, results[i], results[0])
		}
		if dumps[i] != dumps[0] {
			a, b := strings.Split(dumps[i], "\n"), strings.Split(dumps[0], "\n")
			for k := range min(len(a), len(b)) {
				if a[k] != b[k] {
					t.Fatalf("%d: %s\nwant %s", i, a[k], b[k])
				}
			}
			t.Fatalf("%d: %d rows, want %d", i, len(a), len(b))
		}
	}
}

func TestStoppedRunStaysRunning(t *testing.T) {
	d := newDesk(t)
	m := d.upload(intake.KindPitches, list)
	if err := d.st.MoveImport(t.Context(), m.ID, intake.Queued, "", intake.Uploaded); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	testkit.Exec(t, d.st, `UPDATE import SET state = 'running'`)
	cancel()
	if err := intake.Run(ctx, d.st, d.dir, m.ID); err == nil {
		t.Fatal("a cancelled run reports nothing")
	}
	if got := d.at(m.ID); got.State != intake.Running || d.count("pitch") != "0" {
		t.Errorf("%s, %s pitches", got.State, d.count("pitch"))
	}
	if err := intake.Run(t.Context(), d.st, d.dir, m.ID); err != nil || d.at(m.ID).State != intake.Done {
		t.Error(err, d.at(m.ID))
	}
}

// What is wrong with the file does not come back as a job to try again.
func TestRunOfAFileThatIsGone(t *testing.T) {
	d := newDesk(t)
	m := d.upload(intake.KindPitches, list)
	if err := os.RemoveAll(filepath.Join(d.dir, "uploads")); err != nil {
		t.Fatal(err)
	}
	if got := d.run(m); got.State != intake.Failed || !strings.Contains(got.Message, "Upload it again") {
		t.Errorf("%s %q", got.State, got.Message)
	}
	if err := intake.Run(t.Context(), d.st, d.dir, m.ID+1); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	fresh := d.upload(intake.KindPitches, list)
	if err := intake.Run(t.Context(), d.st, d.dir, fresh.ID); !fault.Is(err, fault.Conflict) {
		t.Error("run before anybody asked for it:", err)
	}
}
