package pitches

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/tabular"
)

var update = flag.Bool("update", false, "write the golden files anew")

var today = day.Date(2026, time.March, 20)

type line struct {
	n     int
	cells []string
}

// readList reads a list as an import does.
func readList(t testing.TB, r io.Reader) ([]string, []line) {
	t.Helper()
	tab, err := tabular.Open(r, tabular.Options{IsHeader: IsHeader, AnyHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	var rows []line
	for {
		row, err := tab.Next()
		if errors.Is(err, io.EOF) {
			return tab.Header(), rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, line{row.Line, slices.Clone(row.Cells)})
	}
}

func recogniseAll(header []string, rows []line) Mapping {
	var sample [][]string
	for _, r := range rows {
		sample = append(sample, r.cells)
	}
	return Recognise(header, sample, ownHosts)
}

// saved plays the store: it keeps what verdicts say.
type saved struct {
	all  []*Pitch
	next int64
}

func (s *saved) take(v Verdict) {
	p := v.Pitch
	switch v.Kind {
	case RowNew:
		s.next++
		p.ID, p.Version = s.next, 1
		s.all = append(s.all, &p)
	case RowUpdate:
		for i, old := range s.all {
			if old.ID == p.ID {
				p.Version++
				s.all[i] = &p
			}
		}
	}
}

func (s *saved) run(pl Planner, rows []line) []Verdict {
	pl.Existing = NewIndex(slices.Values(s.all)).Find
	var out []Verdict
	for _, r := range rows {
		out = append(out, pl.Row(r.n, r.cells))
	}
	for _, v := range out {
		s.take(v)
	}
	return out
}

func newPlanner(m Mapping) Planner {
	return Planner{Mapping: m, SiteID: 7, SiteHosts: ownHosts, Today: today, File: "list.csv",
		Default: Defaults{OwnerID: 3, OwnerName: "Sam", Currency: "USD"}}
}

func kinds(vs []Verdict) string {
	var out []string
	for _, v := range vs {
		out = append(out, string(v.Kind))
	}
	return strings.Join(out, " ")
}

// printVerdict is what the golden files hold.
func printVerdict(w io.Writer, v Verdict) {
	fmt.Fprintf(w, "%d %s", v.Line, v.Kind)
	if v.Reason != "" {
		fmt.Fprintf(w, ": %s", v.Reason)
	}
	if v.Column != "" {
		fmt.Fprintf(w, " [%s: %s]", v.Column, v.Value)
	}
	fmt.Fprintln(w)
	if v.Kind == RowNew || v.Kind == RowUpdate {
		header, cells := ExportHeader(true), ExportCells(&v.Pitch, true)
		for i, c := range cells {
			if c != "" && header[i] != FieldID.Label() {
				fmt.Fprintf(w, "    %s: %q\n", header[i], c)
			}
		}
	}
	for _, x := range v.Warnings {
		fmt.Fprintf(w, "    ! %s\n", x)
	}
}

// TestLists reads each list of testdata twice. The verdicts of the first run
// are in the golden file; the second run changes nothing.
func TestLists(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d lists, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			header, rows := readList(t, bytes.NewReader(data))
			m := recogniseAll(header, rows)
			var out bytes.Buffer
			for _, c := range m.Columns {
				fmt.Fprintf(&out, "%q -> %s (%s) %s\n", c.Header, c.Field, c.Sure, c.Why)
			}
			store := &saved{}
			pl := newPlanner(m)
			if err := pl.Ready(); err != nil {
				t.Fatal(err)
			}
			for _, v := range store.run(pl, rows) {
				printVerdict(&out, v)
			}
			golden := strings.TrimSuffix(name, ".csv") + ".golden"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", out.String(), want)
			}
			for _, policy := range []Policy{Add, Replace, Keep} {
				pl := newPlanner(m)
				pl.Policy = policy
				for _, v := range store.run(pl, rows) {
					if v.Kind == RowNew || v.Kind == RowUpdate {
						t.Errorf("second run, policy %q: %+v", policy, v)
					}
				}
			}
		})
	}
}

// list plans a small list given as text, header first.
func list(t *testing.T, s *saved, text string, change func(*Planner)) []Verdict {
	t.Helper()
	header, rows := readList(t, strings.NewReader(text))
	pl := newPlanner(recogniseAll(header, rows))
	if change != nil {
		change(&pl)
	}
	return s.run(pl, rows)
}

func TestEditedListUpdatesTheSamePitch(t *testing.T) {
	const head = "website,contact,email,subject,status,date sent,live url,cost,notes,tags\n"
	for name, c := range map[string]struct {
		before, after string
		policy        Policy
		kind          Kind
		changes       string
	}{
		"status goes on":              {"a.example,Ann,,Rust,sent,2026-02-01,,,,", "a.example,Ann,,Rust,replied,2026-02-01,,,,", Add, RowUpdate, "status:pitched>replied"},
		"live":                        {"a.example,,,Rust,sent,2026-02-01,,,,", "a.example,,,Rust,live,2026-02-01,https://a.example/p,,,", Add, RowUpdate, "live_url:>https://a.example/p status:pitched>landed"},
		"sent since":                  {"a.example,,,Rust,todo,,,,,", "a.example,,,Rust,sent,2026-02-01,,,,", Add, RowUpdate, "sent_on:>2026-02-01 status:draft>pitched"},
		"address found since":         {"a.example,Ann,,Rust,sent,2026-02-01,,,,", "a.example,Ann,ann@a.example,Rust,sent,2026-02-01,,,,", Add, RowUpdate, "email:>ann@a.example"},
		"back stays with add":         {"a.example,,,Rust,replied,2026-02-01,,,,", "a.example,,,Rust,sent,2026-02-01,,,,", Add, RowSame, ""},
		"back with replace":           {"a.example,,,Rust,replied,2026-02-01,,,,", "a.example,,,Rust,sent,2026-02-01,,,,", Replace, RowUpdate, "status:replied>pitched"},
		"keep":                        {"a.example,,,Rust,sent,2026-02-01,,,,", "a.example,,,Rust,live,2026-02-01,,9,x,y", Keep, RowSame, ""},
		"add fills":                   {"a.example,,,Rust,sent,2026-02-01,,,,", "a.example,,,Rust,sent,2026-02-01,,9,x,y", Add, RowUpdate, "cost:>9.00 tags:>y notes:>x"},
		"add leaves":                  {"a.example,,,Rust,sent,2026-02-01,,5,w,z", "a.example,,,Rust,sent,2026-02-01,,9,x,y", Add, RowUpdate, "tags:z>z, y"},
		"replace":                     {"a.example,,,Rust,sent,2026-02-01,,5,w,z", "a.example,,,Rust,sent,2026-02-01,,9,x,y", Replace, RowUpdate, "cost:5.00>9.00 tags:z>y notes:w>x"},
		"empty cells take nothing":    {"a.example,,,Rust,sent,2026-02-01,https://a.example/p,5,w,z", "a.example,,,Rust,,2026-02-01,,,,", Replace, RowSame, ""},
		"scheme and www are nothing":  {"https://www.A.example/,,,Rust,sent,2026-02-01,,,,", "a.example,,,rust,sent,2026-02-01,,,,", Replace, RowUpdate, "subject:Rust>rust"},
		"another subject":             {"a.example,,,Rust,sent,2026-02-01,,,,", "a.example,,,Rain,sent,2026-02-01,,,,", Add, RowNew, ""},
		"another person":              {"a.example,Ann,,Rust,sent,2026-02-01,,,,", "a.example,Bea,,Rust,sent,2026-02-01,,,,", Add, RowNew, ""},
		"another day":                 {"a.example,,,Rust,sent,2026-02-01,,,,", "a.example,,,Rust,sent,2026-02-09,,,,", Add, RowNew, ""},
		"another outlet":              {"a.example,,,Rust,sent,2026-02-01,,,,", "b.example,,,Rust,sent,2026-02-01,,,,", Add, RowNew, ""},
		"unknown status":              {"a.example,,,Rust,Phase 3,2026-02-01,,,my note,", "a.example,,,Rust,Phase 4,2026-02-01,,,my note,", Add, RowUpdate, "notes:my note\nStatus in the list: Phase 3>my note\nStatus in the list: Phase 4"},
		"landed is not closed by add": {"a.example,,,Rust,live,2026-02-01,,,,", "a.example,,,Rust,rejected,2026-02-01,,,,", Add, RowSame, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &saved{}
			if first := list(t, s, head+c.before, nil); first[0].Kind != RowNew {
				t.Fatalf("%+v", first[0])
			}
			v := list(t, s, head+c.after, func(pl *Planner) { pl.Policy = c.policy })[0]
			var changes []string
			for _, ch := range v.Changes {
				changes = append(changes, string(ch.Field)+":"+ch.From+">"+ch.To)
			}
			if v.Kind != c.kind || strings.Join(changes, " ") != c.changes {
				t.Fatalf("%s %q, want %s %q\n%+v", v.Kind, strings.Join(changes, " "), c.kind, c.changes, v)
			}
			if v.Kind == RowUpdate && (v.Pitch.ID != 1 || v.Pitch.Version != 1) {
				t.Errorf("updates pitch %d version %d", v.Pitch.ID, v.Pitch.Version)
			}
			if Backwards(Status(""), v.Pitch.Status) {
				t.Error("no status")
			}
			again := list(t, s, head+c.after, func(pl *Planner) { pl.Policy = c.policy })[0]
			if again.Kind != RowSame {
				t.Errorf("the same list again: %+v", again)
			}
		})
	}
}

func TestBackwardsHasANote(t *testing.T) {
	s := &saved{}
	list(t, s, "website,status\na.example,live", nil)
	v := list(t, s, "website,status\na.example,sent", func(pl *Planner) { pl.Policy = Replace })[0]
	if v.Kind != RowUpdate || v.StatusNote != "Import list.csv" || len(v.Warnings) != 1 {
		t.Fatalf("%+v", v)
	}
	if err := Move(Landed, v.Pitch.Status, v.StatusNote); err != nil {
		t.Error(err)
	}
}

// TestEditsHereSurvive changes imported pitches in the app; the unchanged list
// must still find them.
func TestEditsHereSurvive(t *testing.T) {
	const text = "website,contact,subject,status,date sent\na.example,Ann,Rust,sent,2026-02-01\nb.example,,Rain,todo,\n"
	s := &saved{}
	list(t, s, text, nil)
	s.all[0].Subject, s.all[0].Contact, s.all[0].Status = "Rust and rain", "Ann Lee", Landed
	s.all[0].Outlet = Outlet{Key: "a2.example", Host: "a2.example", Name: "A2"}
	s.all[1].SentOn, s.all[1].Status, s.all[1].Notes = today, Pitched, "wrote them"
	for _, v := range list(t, s, text, nil) {
		if v.Kind != RowSame {
			t.Errorf("%+v", v)
		}
	}
}

func TestRefs(t *testing.T) {
	const head = "ref,website,subject,status,date sent\n"
	s := &saved{}
	list(t, s, head+"1,a.example,Rust,sent,2026-02-01\n2,a.example,Rust,sent,2026-02-01\n", nil)
	if len(s.all) != 2 {
		t.Fatalf("%d pitches: the list numbers them differently", len(s.all))
	}
	v := list(t, s, head+"2,a.example,Another title,replied,2026-02-03\n", func(pl *Planner) { pl.Policy = Replace })[0]
	if v.Kind != RowUpdate || v.Pitch.ID != 2 || v.Pitch.Subject != "Another title" {
		t.Errorf("%+v", v)
	}
	// A second list that counts from 1 too is about other pitches.
	v = list(t, s, head+"1,z.example,Zinc,sent,2026-02-01\n", nil)[0]
	if v.Kind != RowNew {
		t.Errorf("%+v", v)
	}
	// The first list without its id column.
	v = list(t, s, "website,subject,status,date sent\na.example,Rust,sent,2026-02-01\n", nil)[0]
	if v.Kind != RowSame {
		t.Errorf("%+v", v)
	}
}

func TestDuplicatesInOneFile(t *testing.T) {
	const head = "website,contact,subject,target page,date sent,status\n"
	vs := list(t, &saved{}, head+
		"a.example,Ann,Rust,,2026-02-01,sent\n"+
		"https://www.a.example,ANN,rust!,,2026-02-01,replied\n"+
		"a.example,Bea,Rust,,2026-02-01,sent\n"+
		"a.example,,,/one,,todo\n"+
		"a.example,,,/two,,todo\n"+
		"a.example,,,https://ours.example/one/,,todo\n", nil)
	if kinds(vs) != "new duplicate new new new duplicate" {
		t.Fatal(kinds(vs))
	}
	if vs[1].Reason != "The same pitch as line 2." || vs[5].Reason != "The same pitch as line 5." {
		t.Errorf("%q, %q", vs[1].Reason, vs[5].Reason)
	}
}

func TestOutletFromWhateverHasADomain(t *testing.T) {
	for name, c := range map[string]struct{ row, key, outlet, reason string }{
		"url":             {"Acme News,https://news.acme.example/contact,,,", "acme.example", "Acme News", ""},
		"name is domain":  {"acme.example,,,,", "acme.example", "acme.example", ""},
		"name (domain)":   {"Acme (acme.example),,,,", "acme.example", "Acme (acme.example)", ""},
		"live url":        {"Acme,,,,https://acme.example/p", "acme.example", "Acme", ""},
		"e-mail":          {"Acme,,,ed@mail.acme.example,", "acme.example", "Acme", ""},
		"contact":         {"Acme,,ed@acme.example,,", "acme.example", "Acme", ""},
		"free mail":       {"Acme,,,acme@gmail.com,", "", "", `"Acme" has no domain. Add the outlet's web address.`},
		"name only":       {"Acme,,Ann,,", "", "", `"Acme" has no domain. Add the outlet's web address.`},
		"nothing":         {",,Ann,ann@yahoo.fr,", "", "", "Empty. An outlet is needed."},
		"ourselves":       {"Us,https://blog.ours.example,,,", "", "", "blog.ours.example is this site itself, not an outlet."},
		"author":          {",https://medium.com/@ann/post-1,,,", "medium.com/@ann", "medium.com/@ann", ""},
		"local":           {"X,http://localhost/a,,,", "", "", `"X" has no domain. Add the outlet's web address.`},
		"version numbers": {"Release 2.0,,Ann,,", "", "", `"Release 2.0" has no domain. Add the outlet's web address.`},
	} {
		t.Run(name, func(t *testing.T) {
			v := list(t, &saved{}, "outlet,outlet url,contact,email,live url\n"+c.row+"\n", nil)[0]
			if v.Pitch.Outlet.Key != c.key && v.Kind == RowNew || v.Kind == RowNew && v.Pitch.Outlet.Name != c.outlet || v.Reason != c.reason {
				t.Errorf("%+v", v)
			}
			if (v.Kind == RowError) != (c.reason != "") {
				t.Errorf("%s %q", v.Kind, v.Reason)
			}
		})
	}
}

func TestRowsThatAreRefused(t *testing.T) {
	header := []string{"website", "subject", "date sent", "extra col"}
	m := Recognise(header, nil, ownHosts)
	for name, c := range map[string]struct {
		cells          []string
		reason, column string
	}{
		"NUL":             {[]string{"a.example", "a\x00b", "", ""}, "The cell has a NUL character.", "subject"},
		"NUL in an extra": {[]string{"a.example", "a", "", "\x00"}, "The cell has a NUL character.", "extra col"},
		"huge":            {[]string{"a.example", "", "", strings.Repeat("x", maxCell+1)}, "The cell is larger than 32 kB.", "extra col"},
		"long subject":    {[]string{"a.example", strings.Repeat("é", 501), "", ""}, "Pitch title is longer than 500 characters.", "subject"},
		"far future":      {[]string{"a.example", "x", "2062-01-02", ""}, "2062-01-02 is more than a year ahead. Is the year right?", "date sent"},
		"ambiguous":       {[]string{"a.example", "x", "03/04/2026", ""}, "Day first or month first? Say it for the column date sent.", "date sent"},
	} {
		t.Run(name, func(t *testing.T) {
			pl := newPlanner(m)
			v := pl.Row(5, c.cells)
			if v.Kind != RowError || v.Reason != c.reason || v.Column != c.column || v.Line != 5 {
				t.Errorf("%s %q in %q", v.Kind, v.Reason, v.Column)
			}
		})
	}
}

func TestReady(t *testing.T) {
	pl := newPlanner(Recognise([]string{"website", "date sent"}, [][]string{{"a.example", "03/04/2026"}}, ownHosts))
	err := pl.Ready()
	if !fault.Is(err, fault.Invalid) || fault.FieldsOf(err)["column_1"] == "" {
		t.Fatalf("%v", err)
	}
	pl.Mapping.SetDateOrder(1, DayFirst)
	if err := pl.Ready(); err != nil {
		t.Fatal(err)
	}
	if v := pl.Row(2, []string{"a.example", "03/04/2026"}); v.Pitch.SentOn.String() != "2026-04-03" {
		t.Errorf("%+v", v)
	}
	pl = newPlanner(Recognise([]string{"notes"}, nil, ownHosts))
	if err := pl.Ready(); fault.FieldsOf(err)["outlet"] == "" {
		t.Errorf("%v", err)
	}
}

func TestWideRows(t *testing.T) {
	header := []string{"website", "status", "notes", "live url"}
	pl := newPlanner(Recognise(header, nil, ownHosts))
	v := pl.Row(2, []string{"a.example", "live", "nice", " but slow", "https://a.example/p", ""})
	if v.Kind != RowNew || v.Pitch.Notes != "nice, but slow" || v.Pitch.LiveURL != "https://a.example/p" || len(v.Warnings) != 1 {
		t.Errorf("%+v", v)
	}
	v = pl.Row(3, []string{"b.example", "live", "nice", "https://b.example/p", "left over", "more"})
	if v.Kind != RowNew || v.Pitch.LiveURL != "https://b.example/p" || v.Pitch.Notes != "nice\nleft over, more" {
		t.Errorf("%+v", v)
	}
	v = pl.Row(4, []string{"c.example", "live", "nice", " but slow"})
	if v.Pitch.Notes != "nice, but slow" || v.Pitch.LiveURL != "" || v.Pitch.Extra != nil {
		t.Errorf("%+v", v)
	}
	v = pl.Row(5, []string{"c.example", "live", "nice", "but odd"})
	if v.Pitch.Notes != "nice" || v.Pitch.Extra["live url"] != "but odd" {
		t.Errorf("%+v", v)
	}
	pl = newPlanner(Recognise([]string{"website", "status"}, nil, ownHosts))
	v = pl.Row(4, []string{"a.example", "sent", "left over"})
	if v.Kind != RowNew || v.Pitch.Extra["column C"] != "left over" {
		t.Errorf("%+v", v)
	}
}

func TestOwners(t *testing.T) {
	find := func(name string) (int64, string, bool) { return 9, "Zoé Martin", name == "Zoé" }
	vs := list(t, &saved{}, "website,owner\na.example,Zoé\nb.example,Bob\nc.example,\n", func(pl *Planner) { pl.Owner = find })
	if p := vs[0].Pitch; p.OwnerID != 9 || p.OwnerName != "Zoé Martin" {
		t.Errorf("%+v", p)
	}
	if p := vs[1].Pitch; p.OwnerID != 3 || p.Extra["owner"] != "Bob" || len(vs[1].Warnings) != 1 {
		t.Errorf("%+v", vs[1])
	}
	if p := vs[2].Pitch; p.OwnerID != 3 || p.OwnerName != "Sam" {
		t.Errorf("%+v", p)
	}
}

// TestAliasesOfOutlets has a list that uses an outlet's other domain.
func TestAliasesOfOutlets(t *testing.T) {
	s := &saved{}
	list(t, s, "website,subject\na.example,Rust\n", nil)
	v := list(t, s, "website,subject\na-other.example,Rust\n", func(pl *Planner) {
		pl.Canonical = func(k string) string { return map[string]string{"a-other.example": "a.example"}[k] }
	})[0]
	if v.Kind != RowSame {
		t.Errorf("%+v", v)
	}
}

// anyPitch is a pitch as people may type it, hostile texts among them.
func anyPitch(rnd *rand.Rand, id int64) *Pitch {
	one := func(s ...string) string { return s[rnd.IntN(len(s))] }
	d := func() day.Day {
		if rnd.IntN(2) == 0 {
			return day.None
		}
		return today - day.Day(rnd.IntN(300))
	}
	p := &Pitch{
		ID: id, SiteID: 7, Version: 4,
		Outlet:  Outlet{Name: one("Acme, Weekly", "=Acme", "acme.example", "+1 Magazine"), Key: "acme.example", Host: one("acme.example", "news.acme.example"), Authority: float64(rnd.IntN(101)), Metric: one("DR", "DA", "")},
		Contact: one("", "Ann \"A.\" Lee", "-Ann", "Bea"), Email: one("", "ann@acme.example", "Ann@Acme.example"),
		Campaign: one("", "Spring", "@spring"), Subject: one("", "=HYPERLINK(1)", "Rust; and, rain\nagain", "'=quoted", "N/A", "+3", "-"),
		Type: Types[rnd.IntN(len(Types))], Status: Statuses[rnd.IntN(len(Statuses))],
		TargetURL: one("", "https://ours.example/a?b=1", "https://www.ours.example/"), Anchor: one("", "-", "@anchor", "a | b"),
		ExpectedRel: one("", "dofollow", "nofollow", "sponsored"), LiveURL: one("", "https://acme.example/p?q=a,b"),
		OwnerID: 3, OwnerName: "Sam", SentOn: d(), FollowUpOn: d(), NextActionOn: d(), RepliedOn: d(), ExpectedOn: d(), LandedOn: d(), ClosedOn: d(), PaidUntil: d(),
		Bounced: rnd.IntN(2) == 0, CostCents: int64(rnd.IntN(3) * 123456), Currency: one("EUR", "USD", ""),
		DeclineReason: one("", "too: long | really"), Notes: one("", "- one\n- two", "=1", "Status in the list: Phase 3"), Source: "typed",
	}
	if rnd.IntN(2) == 0 {
		p.Tags = []string{"metal", "b2b news"}
	}
	if rnd.IntN(2) == 0 {
		p.Extra = map[string]string{"Tier": "=1", "Website": "https://acme.example/contact"}
	}
	if rnd.IntN(2) == 0 {
		p.Ref = fmt.Sprintf("R-%d", id)
	}
	return p
}

// TestExportComesBackTheSame exports pitches as a spreadsheet-safe file and
// reads it again: every row is the same, under every policy, whoever exported.
func TestExportComesBackTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := &saved{}
	for id := range int64(300) {
		s.all = append(s.all, anyPitch(rnd, id+1))
	}
	for _, costs := range []bool{true, false} {
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Write(ExportHeader(costs))
		for _, p := range s.all {
			cells := ExportCells(p, costs)
			for i := range cells {
				cells[i] = tabular.Safe(cells[i])
			}
			w.Write(cells)
		}
		w.Flush()
		header, rows := readList(t, &file)
		m := recogniseAll(header, rows)
		for i, c := range m.Columns {
			if c.Field == FieldExtra && i < len(m.Columns)-1 || c.Field == FieldIgnore {
				t.Errorf("column %q of our own export is %s", c.Header, c.Field)
			}
		}
		for _, policy := range []Policy{Add, Replace, Keep} {
			pl := newPlanner(m)
			pl.Policy = policy
			pl.Owner = func(name string) (int64, string, bool) { return 3, "Sam", name == "Sam" }
			pl.Existing = NewIndex(slices.Values(s.all)).Find
			if err := pl.Ready(); err != nil {
				t.Fatal(err)
			}
			for i, r := range rows {
				if v := pl.Row(r.n, r.cells); v.Kind != RowSame || v.Reason != "" || v.Pitch.ID != s.all[i].ID {
					t.Fatalf("costs %v, policy %q, pitch %+v\n%s: %s\n%+v\n%q", costs, policy, *s.all[i], v.Kind, v.Reason, v.Changes, v.Warnings)
				}
			}
		}
		// In another installation the same rows are new pitches with the same data.
		other := newPlanner(m)
		other.Owner = func(string) (int64, string, bool) { return 3, "Sam", true }
		other.Default = Defaults{}
		for i, r := range rows {
			v := other.Row(r.n, r.cells)
			if v.Kind != RowNew {
				t.Fatalf("%+v", v)
			}
			a, b := ExportCells(s.all[i], costs), ExportCells(&v.Pitch, costs)
			for j := range a {
				if header[j] != FieldID.Label() && a[j] != b[j] && header[j] != FieldSubject.Label() {
					t.Fatalf("%s: %q became %q", header[j], a[j], b[j])
				}
			}
		}
	}
}

// TestUpdateLeavesTheOldPitchAlone: the planner must not write into what the
// index holds.
func TestUpdateLeavesTheOldPitchAlone(t *testing.T) {
	s := &saved{}
	list(t, s, "website,tags,tier\na.example,x,1\n", nil)
	old := *s.all[0]
	tags, extra := slices.Clone(old.Tags), maps.Clone(old.Extra)
	pl := func(pl *Planner) { pl.Policy = Replace }
	if v := list(t, &saved{all: []*Pitch{&old}}, "website,tags,tier\na.example,y,2\n", pl)[0]; v.Kind != RowUpdate || len(v.Changes) != 2 {
		t.Fatalf("%+v", v)
	}
	if !slices.Equal(s.all[0].Tags, tags) || !maps.Equal(s.all[0].Extra, extra) {
		t.Errorf("%+v", s.all[0])
	}
}

func BenchmarkRow(b *testing.B) {
	header := []string{"date", "outlet", "website", "contact", "email", "subject", "status", "target url", "cost", "notes"}
	pl := newPlanner(Recognise(header, nil, ownHosts))
	for i := 0; b.Loop(); i++ {
		v := pl.Row(i+2, []string{"2026-01-05", "Acme Weekly", fmt.Sprintf("https://acme%d.example/write", i), "Ann Lee", "ann@acme.example",
			"Rust and rain", "sent", "https://ours.example/guide", "$1,250", "a note"})
		if v.Kind != RowNew {
			b.Fatalf("%+v", v)
		}
	}
}
