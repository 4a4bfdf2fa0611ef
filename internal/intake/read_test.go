package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/internal/testkit"
)

// utf16Text is text as spreadsheets save "Unicode text".
func utf16Text(s string, big bool) string {
	out := []byte{}
	for _, u := range append([]uint16{0xFEFF}, utf16.Encode([]rune(s))...) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

func latin(s string) string {
	out := []byte{}
	for _, c := range s {
		out = append(out, byte(c))
	}
	return string(out)
}

func TestEncodings(t *testing.T) {
	text := strings.Replace(list, "Dana Whit", "Zoë Müller", 1)
	tabs, semicolons := strings.ReplaceAll(text, ",", "\t"), strings.ReplaceAll(text, ",", ";")
	for name, c := range map[string]struct{ content, format string }{
		"UTF-8":            {text, "UTF-8, comma"},
		"UTF-8 with mark":  {"\uFEFF" + text, "UTF-8, comma"},
		"CRLF":             {strings.ReplaceAll(text, "\n", "\r\n"), "UTF-8, comma"},
		"UTF-16LE tabs":    {utf16Text(tabs, false), "UTF-16LE, tab"},
		"UTF-16BE":         {utf16Text(text, true), "UTF-16BE, comma"},
		"Windows-1252":     {latin(semicolons), "Windows-1252, semicolon"},
		"title above":      {"Outreach 2026\n\n" + text, "UTF-8, comma"},
		"a quoted newline": {strings.Replace(text, "Zoë Müller", "\"Zoë\nMüller\"", 1), "UTF-8, comma"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(c.content), 0)
			if err != nil || l.Format != c.format || l.Rows != 3 {
				t.Fatalf("%s, %d rows, %v", l.Format, l.Rows, err)
			}
			out, err := intake.Pitches(t.Context(), d.st, store.By{}, d.site, strings.NewReader(c.content), intake.PitchesOptions{Mapping: l.Mapping, Today: day.Of(d.st.Now())})
			if err != nil || out.New != 3 {
				t.Fatalf("%+v %v", out, err)
			}
			if got := testkit.Rows(t, d.st, `SELECT contact FROM pitch WHERE id = 1`); strings.Join(strings.Fields(got), " ") != "Zoë Müller" {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestDamagedRowsAreReported(t *testing.T) {
	d := newDesk(t)
	content := "Website,Article idea,Editor,Sent\n" +
		"a.example,One,Ann,2026-01-04\n" +
		"b.example,\"Two,Ben,2026-01-05\n" + // the quote is never closed
		"c.example,Three,Cas,2026-01-06\n" +
		"not an outlet at all,Four,Dan,2026-01-07\n" +
		"e.example,Five,Eve,31/02/2026\n"
	l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content), 0)
	if err != nil {
		t.Fatal(err)
	}
	out, err := intake.Pitches(t.Context(), d.st, store.By{}, d.site, strings.NewReader(content), intake.PitchesOptions{Mapping: l.Mapping, DryRun: true, Today: day.Of(d.st.Now())})
	if err != nil {
		t.Fatal(err)
	}
	if out.Read != 5 || out.New+out.Refused.Count+out.Skipped != 5 {
		t.Errorf("rows are lost: %+v", out)
	}
	if out.Damage.Count != 1 || out.Refused.Count != 1 || out.Warnings == 0 {
		t.Errorf("damage %+v, refused %+v", out.Damage, out.Refused)
	}
	lines := map[int]bool{}
	for _, r := range append(out.Damage.Rows, out.Refused.Rows...) {
		lines[r.Line] = true
		if r.Reason == "" {
			t.Errorf("line %d without a reason", r.Line)
		}
	}
	if !lines[3] || !lines[5] || lines[2] || lines[4] {
		t.Errorf("lines %v", lines)
	}
}

func TestVerdictPages(t *testing.T) {
	d := newDesk(t)
	var content strings.Builder
	content.WriteString("Website,Article idea\n")
	for i := range 10 {
		fmt.Fprintf(&content, "o%d.example,Idea\n", i/2) // each row twice
	}
	l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content.String()), 0)
	if err != nil {
		t.Fatal(err)
	}
	page := func(keep intake.VerdictPage) (lines []int, more bool) {
		t.Helper()
		out, err := intake.Pitches(t.Context(), d.st, store.By{}, d.site, strings.NewReader(content.String()), intake.PitchesOptions{Mapping: l.Mapping, DryRun: true, Keep: keep})
		if err != nil || out.New != 5 || out.Duplicate != 5 {
			t.Fatalf("%+v %v", out, err)
		}
		for _, v := range out.Verdicts {
			lines = append(lines, v.Line)
		}
		return lines, out.More
	}
	for _, c := range []struct {
		keep intake.VerdictPage
		want string
	}{
		{intake.VerdictPage{}, "[2 3 4 5 6 7 8 9 10 11] false"},
		{intake.VerdictPage{Limit: 3}, "[2 3 4] true"},
		{intake.VerdictPage{Kinds: []pitches.Kind{pitches.RowDuplicate}, Limit: 3}, "[3 5 7] true"},
		{intake.VerdictPage{Kinds: []pitches.Kind{pitches.RowDuplicate}, Limit: 3, After: 7}, "[9 11] false"},
		{intake.VerdictPage{Kinds: []pitches.Kind{pitches.RowNew}, Limit: 5}, "[2 4 6 8 10] false"},
		{intake.VerdictPage{Kinds: []pitches.Kind{pitches.RowError}}, "[] false"},
	} {
		lines, more := page(c.keep)
		if got := fmt.Sprint(lines, more); got != c.want {
			t.Errorf("%+v: %s, want %s", c.keep, got, c.want)
		}
	}
}

func TestSavedMappingIsUsedAgain(t *testing.T) {
	d := newDesk(t)
	content := "Website,Sent,Code\na.example,03/04/2025,x\nb.example,05/06/2025,y\n"
	inspect := func(content string) intake.List {
		t.Helper()
		l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content), 0)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := inspect(content)
	if len(l.Mapping.NeedsDateOrder()) != 1 {
		t.Fatalf("%+v", l.Mapping)
	}
	l.Mapping.SetDateOrder(1, pitches.MonthFirst)
	l.Mapping.SetField(2, pitches.FieldSubject)
	if err := d.st.SaveMapping(t.Context(), intake.KindPitches, l.Fingerprint, l.Mapping); err != nil {
		t.Fatal(err)
	}
	l = inspect(content)
	if c := l.Mapping.Columns; c[1].DateOrder != pitches.MonthFirst || c[2].Field != pitches.FieldSubject {
		t.Errorf("not used again: %+v", c)
	}
	l = inspect(strings.Replace(content, "03/04", "23/04", 1))
	if c := l.Mapping.Columns[1]; c.DateOrder != pitches.DayFirst {
		t.Errorf("the dates of the file speak for themselves: %+v", c)
	}
	l = inspect(strings.Replace(content, "Code", "Other", 1))
	if l.Mapping.Columns[2].Field == pitches.FieldSubject {
		t.Error("used for another header")
	}
}

func TestWords(t *testing.T) {
	d := newDesk(t)
	l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader("Website,Status\na.example,Sent\nb.example,sent\nc.example,Zorp\nd.example,Live\ne.example,\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(l.Words(&l.Mapping))
	if want := "[{Zorp 1  false} {Sent 2 pitched true} {Live 1 landed true}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.Mapping.SetStatus("Zorp", pitches.Declined)
	if w := l.Words(&l.Mapping); w[2] != (intake.StatusWord{Word: "Zorp", Rows: 1, Status: pitches.Declined, Known: true}) {
		t.Errorf("%+v", w)
	}
}

func TestLinksAreRefusedByName(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct{ content, says string }{
		"referring IPs": {"Subnet\tRef. domains\tTop DR\tLinks to target\n192.0.2.xxx\t52\t44\t161\n", "referring IPs report"},
		"a pitch list":  {list, "no backlink export"},
		"another site":  {strings.ReplaceAll(export, "fern.example", "moss.example"), "point to moss.example, not to fern.example"},
		"a workbook":    {"PK\x03\x04rest", "Excel workbook"},
	} {
		_, err := intake.Links(t.Context(), d.st, d.site, strings.NewReader(c.content), intake.LinksOptions{})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.count("link") != "0" {
		t.Error("links of a refused file were saved")
	}
}

// Rows without a readable target say nothing about whose file it is.
func TestLinksWithoutTargetsAreNotCutOff(t *testing.T) {
	d := newDesk(t)
	var content strings.Builder
	content.WriteString(strings.SplitAfter(export, "\n")[0])
	for i := range 300 {
		fmt.Fprintf(&content, "T,https://s%d.example/x,1,??,a,false,false,false,2026-01-20 10:00:00,2026-02-01 10:00:00,\n", i)
	}
	out, err := intake.Links(t.Context(), d.st, d.site, strings.NewReader(content.String()), intake.LinksOptions{DryRun: true})
	if err != nil || out.Read+out.Refused.Count != 300 {
		t.Errorf("%d rows read of 300: %v", out.Read+out.Refused.Count, err)
	}
}

func TestLinkDatesAreAsked(t *testing.T) {
	d := newDesk(t)
	content := strings.NewReplacer("2026-01-20 10:00:00", "03/04/2025", "2026-01-21 10:00:00", "05/06/2025", "2025-01-21 10:00:00", "01/02/2025",
		"2026-02-01 10:00:00", "06/07/2025", "2026-01-01 10:00:00", "07/08/2025", "2026-01-02", "07/09/2025").Replace(export)
	_, err := intake.Links(t.Context(), d.st, d.site, strings.NewReader(content), intake.LinksOptions{DryRun: true})
	if fault.FieldsOf(err)["date_order"] == "" {
		t.Fatal("not asked:", err)
	}
	for order, want := range map[tabular.DateOrder]string{tabular.DayFirst: "2025-04-03", tabular.MonthFirst: "2025-03-04"} {
		d := newDesk(t)
		if _, err := intake.Links(t.Context(), d.st, d.site, strings.NewReader(content), intake.LinksOptions{DateOrder: order}); err != nil {
			t.Fatal(err)
		}
		if got := testkit.Rows(t, d.st, `SELECT first_seen FROM link WHERE first_seen = '`+want+`'`); got != want {
			t.Errorf("%v: %q", order, testkit.Rows(t, d.st, `SELECT first_seen FROM link`))
		}
	}
}

// The real export, where it is at hand: 1,508 rows, 378 of them lost.
func TestRealExport(t *testing.T) {
	dir := os.Getenv("LANDED_REAL_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "real")
	}
	path := filepath.Join(dir, "www.caldea.com-backlinks-subdomains.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Skip("the real files are not here")
	}
	f.Close()
	st := testkit.Store(t)
	site, err := st.CreateSite(t.Context(), "caldea.com")
	if err != nil {
		t.Fatal(err)
	}
	load := func(dry bool) intake.LinksResult {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out, err := intake.Links(t.Context(), st, site, f, intake.LinksOptions{DryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := load(true)
	if first.Read != 1508 || first.NewLost != 378 || first.Refused.Count != 0 {
		t.Errorf("dry run: %s", first.Sentence())
	}
	if n := testkit.Rows(t, st, `SELECT COUNT(*) FROM link`); n != "0" {
		t.Error("the dry run stored links:", n)
	}
	if second := load(false); fmt.Sprint(second) != fmt.Sprint(first) {
		t.Errorf("%v\nthe dry run said\n%v", second, first)
	}
	if again := load(false); again.New+again.Changed != 0 {
		t.Error("again:", again.Sentence())
	}
	wrong, err := os.Open(filepath.Join(dir, "www.caldea.com-refips-subdomains.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	if _, err := intake.Links(t.Context(), st, site, wrong, intake.LinksOptions{}); !strings.Contains(fault.Message(err), "referring IPs") {
		t.Error(err)
	}
}

// What Inspect says of a list holds for all of its rows, of which it keeps the
// first ones alone.
func TestInspectReadsToTheEnd(t *testing.T) {
	d := newDesk(t)
	var content strings.Builder
	content.WriteString("Website,Date sent\n")
	const rows = 450
	for i := range rows - 1 {
		fmt.Fprintf(&content, "o%d.example,03/04/2026\n", i)
	}
	content.WriteString("last.example,25/04/2026\n")
	l, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content.String()), 0)
	if err != nil {
		t.Fatal(err)
	}
	sent, _ := l.Mapping.Column(pitches.FieldSentOn)
	if l.Rows != rows || len(l.Sample) >= rows || sent.DateOrder != pitches.DayFirst || sent.Ambiguous || l.Format == "" {
		t.Errorf("%d rows, %d of them kept, format %q, dates %+v", l.Rows, len(l.Sample), l.Format, sent)
	}
	if _, err := intake.Inspect(t.Context(), d.st, d.site, strings.NewReader(content.String()), rows-1); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("one row too many: %v", err)
	}
}
