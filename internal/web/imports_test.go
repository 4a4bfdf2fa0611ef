package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"landed/internal/auth"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

const listFile = `Website,Article idea,Editor,Sent,Stage
northpost.example,Payroll errors,Dana Whit,2026-01-04,Sent
daily.example/contact,Hiring slowed,Rafael Ort,2026-01-05,Replied
https://www.weekly.example/,Remote tax,Helen Mar,2026-01-06,Live
`

const exportFile = `Referring page title,Referring page URL,Domain rating,Target URL,Anchor,Nofollow,UGC,Sponsored,First seen,Last seen,Lost
Payroll,https://northpost.example/payroll,60,https://fern.example/a,Fern,false,false,false,2026-01-20 10:00:00,2026-02-01 10:00:00,
Other,https://other.example/x,20,https://fern.example/b,Fern,true,false,false,2026-01-21 10:00:00,2026-02-01 10:00:00,
Gone,https://gone.example/y,10,https://fern.example/b,Fern,false,false,false,2025-01-21 10:00:00,2026-01-01 10:00:00,2026-01-02
`

// upload sends a file as the form does; fields are names and values in turn.
func upload(b *testkit.Browser, name, content string, fields ...string) *testkit.Response {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	form := testkit.Form(append([]string{"csrf", b.CSRF, "site", "1", "kind", "pitches"}, fields...)...)
	for k, v := range form {
		w.WriteField(k, v[len(v)-1])
	}
	if name != "" {
		part, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, name)}, "Content-Type": {"text/csv"}})
		part.Write([]byte(content))
	}
	w.Close()
	return b.Do(testkit.Request{Method: post, Path: "/import", Body: &body, Header: map[string]string{"Content-Type": w.FormDataContentType()}})
}

// fill is the map form as a browser sends it, with some fields changed.
func fill(page *testkit.Response, change ...string) []string {
	var out []string
	changed := testkit.Form(change...)
	add := func(name, value string) {
		if changed.Has(name) {
			value = changed.Get(name)
		}
		if name != "csrf" {
			out = append(out, name, value)
		}
	}
	form := page.Find("form#map")
	form.Find("input[type=hidden], input[type=text]").Each(func(_ int, s *goquery.Selection) { add(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	form.Find("select").Each(func(_ int, s *goquery.Selection) {
		add(s.AttrOr("name", ""), s.Find("option[selected]").AttrOr("value", s.Find("option").First().AttrOr("value", "")))
	})
	if form.Find("input[name=remember][checked]").Length() > 0 && !changed.Has("remember") {
		out = append(out, "remember", "on")
	}
	return append(out, "go", changed.Get("go"))
}

func uploads(t *testing.T, a *app) int {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(a.dir, "uploads"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return len(list)
}

func (a *app) rows(table string) string {
	return testkit.Rows(a.t, a.Store, `SELECT COUNT(*) FROM `+table)
}

func TestImportOfAPitchList(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	first := b.Get("/import").Want(200).Has("None yet", "up to 10 MB")
	if first.Find(`form[enctype="multipart/form-data"] input[type=file]`).Length() != 1 {
		t.Error("no way to choose a file")
	}
	upload(b, "q4.csv", listFile).To("/import/1/map")
	if a.rows("pitch") != "0" {
		t.Fatal("saved before the dry run")
	}
	page := b.Get("/import/1/map").Want(200)
	for i, want := range []string{"outlet_url", "subject", "contact", "sent_on", "status"} {
		if got := page.Find(fmt.Sprintf("#c%d option[selected]", i)).AttrOr("value", ""); got != want && !(i == 0 && got == "outlet") {
			t.Errorf("column %d goes to %q, want %s", i, got, want)
		}
	}
	if got := page.Text(".lead"); got != "q4.csv: 3 rows, UTF-8, comma. 5 of 5 columns matched." {
		t.Error(got)
	}
	page.Has("Sent = Pitched", "northpost.example")
	if got := page.Text("#preview tbody tr"); got != "2Payroll errors northpost.exampleDana WhitPitched4 Jan 2026" {
		t.Error("preview:", got)
	}
	b.Post("/import/1/map", fill(page, "go", "check")...).To("/import/1/check")
	check := b.Get("/import/1/check").Want(200).Has("Nothing has been saved yet", "Import 3 rows")
	if got := check.Find("#list tbody tr").Length(); got != 3 || a.rows("pitch") != "0" {
		t.Errorf("%d rows shown, %s saved", got, a.rows("pitch"))
	}
	b.Post("/import/1/run").To("/import/1")
	done := b.Get("/import/1").Want(200)
	if got := done.Text("h1"); got != "Imported 3 pitches" || a.rows("pitch") != "3" {
		t.Errorf("%q, %s pitches", got, a.rows("pitch"))
	}
	done.Lacks("sse-connect", "http-equiv")
	b.Get("/import/1/check").To("/import/1")
	b.Get("/import/1/map").To("/import/1")
	b.Post("/import/1/run").To("/import/1") // the button pressed twice
	row := b.Get("/import").Text("#list tbody tr")
	if row != "q4.csv Pitch list · fern.example1 Mar 2026, 09:00MOMaya Outreach30Done" {
		t.Error("history:", row)
	}
	if got := testkit.Rows(t, a.Store, `SELECT action, subject, account_id FROM audit WHERE action LIKE 'import%'`); got != "import_started | q4.csv | 3" {
		t.Error("audit:", got)
	}
}

func TestTheSameFileChangesNothing(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	for i, c := range []struct{ kind, content, table string }{{"pitches", listFile, "pitch"}, {"links", exportFile, "link"}} {
		path := func(n int) string { return fmt.Sprintf("/import/%d", 2*i+n) }
		through := func(n int) *testkit.Response {
			t.Helper()
			upload(b, "same.csv", c.content, "kind", c.kind)
			if c.kind == "pitches" {
				b.Post(path(n)+"/map", fill(b.Get(path(n)+"/map").Want(200), "go", "check")...).To(path(n) + "/check")
			}
			return b.Get(path(n) + "/check").Want(200)
		}
		through(1).Lacks("same file", "change nothing")
		b.Post(path(1) + "/run").To(path(1))
		before := testkit.Rows(t, a.Store, `SELECT * FROM `+c.table)
		again := through(2).Has("This would change nothing.", "imported the same file on 1 Mar 2026")
		if again.Find(`form[action$="/run"]`).Length() != 0 {
			t.Error(c.kind, "offers to import nothing")
		}
		b.Post(path(2) + "/run").To(path(2)) // sent all the same
		if got := b.Get(path(2)).Text("h1"); got != "Nothing to change" || testkit.Rows(t, a.Store, `SELECT * FROM `+c.table) != before {
			t.Errorf("%s: %q, rows changed", c.kind, got)
		}
	}
	if uploads(t, a) != 2 {
		t.Errorf("%d files for two contents", uploads(t, a))
	}
}

func TestImportOfLinks(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	upload(b, "links.csv", exportFile, "kind", "links").To("/import/1/check")
	check := b.Get("/import/1/check").Want(200).Has("Ahrefs backlinks, UTF-8, comma, 11 columns", "Import 3 links", "1 of them lost")
	if a.rows("link") != "0" || check.Find(".steps li").Length() != 3 {
		t.Error("saved by the dry run, or asked to match columns")
	}
	b.Get("/import/1/map").To("/import/1/check")
	b.Post("/import/1/run").To("/import/1")
	if got := b.Get("/import/1").Text("h1"); got != "Imported 3 links" || a.rows("link") != "3" {
		t.Error(got)
	}
}

func TestRefusedFilesAreNotKept(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	subnets := "Subnet\tRef. domains\tTop DR\tLinks to target\n192.0.2.xxx\t52\t44\t161\n"
	wide := strings.Repeat("a,", 300) + "a\n1\n"
	for what, c := range map[string]struct {
		kind, content, says string
		status              int
	}{
		"another report":   {"links", subnets, "referring IPs report", 422},
		"a list as links":  {"links", listFile, "no backlink export", 422},
		"links as a list":  {"pitches", exportFile, "Choose “Backlinks”", 422},
		"another site":     {"links", strings.ReplaceAll(exportFile, "fern.example", "moss.example"), "not to fern.example", 422},
		"a workbook":       {"pitches", "PK\x03\x04\x00\x00", "Excel workbook", 422},
		"empty":            {"pitches", "", "The file is empty", 422},
		"a header alone":   {"pitches", "Website,Title\n", "no rows", 422},
		"too many columns": {"pitches", wide, "at most 200", 413},
	} {
		res := upload(b, "x.csv", c.content, "kind", c.kind)
		res.Want(c.status).Has("Not imported")
		if got := res.Text("#sum"); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q", what, got)
		}
		if got := res.Find("input[name=kind][checked]").AttrOr("value", ""); got != c.kind {
			t.Errorf("%s: the choice %q is gone", what, got)
		}
	}
	if a.rows("import") != "0" || uploads(t, a) != 0 {
		t.Errorf("%s imports and %d files are left", a.rows("import"), uploads(t, a))
	}
	b.Post("/import", "kind", "pitches", "site", "1").Want(422).Has("Choose a file, or paste rows below.")
	upload(b, "x.csv", listFile, "site", "9").Want(422).Has("Choose one of our sites.")
}

func TestUploadLimit(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	for what, size := range map[string]int{"just over": 10<<20 + 1, "far over": 12 << 20} {
		res := upload(b, "big.csv", "Website\n"+strings.Repeat("x", size)).Want(413)
		if !strings.Contains(res.Body, "10 MB") {
			t.Errorf("%s: the limit is not said", what)
		}
	}
	if uploads(t, a) != 0 {
		t.Errorf("%d files are left", uploads(t, a))
	}
	b.Do(testkit.Request{Path: "/settings/name", Form: testkit.Form("name", strings.Repeat("x", 70<<10))}).Want(413).Lacks("10 MB")
}

// The name that a file came with is text on the screen and nothing else.
func TestFileNamesTouchNoPath(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	for i, c := range [][2]string{
		{`../../../etc/passwd`, "passwd"}, {`C:\\Users\\x\\list.csv`, "list.csv"}, {`..`, ".."}, {`<script>alert(1)</script>.csv`, "script>.csv"},
		{"a\u202Egnp.csv", "agnp.csv"}, {strings.Repeat("ü", 300) + ".csv", strings.Repeat("ü", 60)}, {"/", "Unnamed file"},
	} {
		upload(b, c[0], listFile+fmt.Sprintf("o%d.example,,,,\n", i))
		if got := testkit.Rows(t, a.Store, `SELECT file_name FROM import ORDER BY id DESC LIMIT 1`); got != c[1] {
			t.Errorf("%q is called %q, want %q", c[0], got, c[1])
		}
	}
	list, err := os.ReadDir(filepath.Join(a.dir, "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if info, _ := e.Info(); !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(e.Name()) || info.Mode().Perm() != 0o600 {
			t.Errorf("%s %v", e.Name(), info.Mode())
		}
	}
	b.Get("/import").Lacks("<script>alert")
}

func TestPasteFromASpreadsheet(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	tsv := strings.NewReplacer(",", "\t", "\n", "\r\n").Replace(listFile)
	upload(b, "", "", "paste", tsv).To("/import/1/map")
	b.Get("/import/1/map").Want(200).Has("Pasted rows: 3 rows, UTF-8, tab.")
	b.Post("/import", "kind", "pitches", "site", "1", "paste", tsv).To("/import/2/map") // without a file the form need not be multipart
	res := b.Post("/import", "kind", "links", "site", "1", "paste", tsv).Want(422)
	if got := res.Find("#paste").Text(); !strings.Contains(got, "northpost.example") {
		t.Error("what was pasted is gone")
	}
	if res.Find("details[open] #paste").Length() != 1 {
		t.Error("the pasted rows are folded away")
	}
}

func TestEncodingsOverHTTP(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	text := strings.Replace(listFile, "Dana Whit", "Zoë Müller", 1)
	wide, latin := []byte{0xFF, 0xFE}, []byte{}
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(text, ",", "\t"))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for _, c := range strings.ReplaceAll(text, ",", ";") {
		latin = append(latin, byte(c))
	}
	for i, c := range []struct{ content, format string }{
		{text, "UTF-8, comma"}, {"\uFEFF" + text, "UTF-8, comma"}, {string(wide), "UTF-16LE, tab"}, {string(latin), "Windows-1252, semicolon"},
	} {
		upload(b, "x.csv", c.content)
		b.Get(fmt.Sprintf("/import/%d/map", i+1)).Want(200).Has("Zoë Müller", "3 rows, "+c.format+".")
	}
}

func TestAmbiguousDatesAreAskedOnce(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	content := strings.NewReplacer("2026-01-04", "04/01/2026", "2026-01-05", "05/01/2026", "2026-01-06", "06/01/2026").Replace(listFile)
	upload(b, "x.csv", content)
	page := b.Get("/import/1/map").Want(200).Has("Day first, or month first?", "04/01/2026 is 4 January", "04/01/2026 is 1 April")
	b.Get("/import/1/check").To("/import/1/map")
	b.Post("/import/1/run").To("/import/1/map")
	res := b.Post("/import/1/map", fill(page, "go", "check")...).Want(422)
	if res.Find(`#sum a[href="#d3"]`).Length() != 1 || res.Find("#d3[aria-invalid]").Length() != 1 {
		t.Error("the summary does not lead to the question")
	}
	b.Post("/import/1/map", fill(page, "go", "check", "d3", "day")...).To("/import/1/check")
	b.Get("/import/1/check").Has("4 Jan 2026")
	b.Post("/import/1/run")
	if got := testkit.Rows(t, a.Store, `SELECT sent_on FROM pitch ORDER BY id LIMIT 1`); got != "2026-01-04" {
		t.Error(got)
	}
	upload(b, "next.csv", content+"new.example,Idea,Ann,07/01/2026,Sent\n")
	page = b.Get("/import/2/map").Want(200)
	if got := page.Find("#d3 option[selected]").AttrOr("value", ""); got != "day" {
		t.Errorf("asked again: %q", got)
	}
	b.Post("/import/2/map", fill(page, "go", "check")...).To("/import/2/check")
}

func TestAmbiguousDatesOfLinks(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	content := strings.NewReplacer("2026-01-20 10:00:00", "03/04/2025", "2026-01-21 10:00:00", "05/06/2025", "2025-01-21 10:00:00", "01/02/2025",
		"2026-02-01 10:00:00", "06/07/2025", "2026-01-01 10:00:00", "07/08/2025", "2026-01-02", "07/09/2025").Replace(exportFile)
	upload(b, "x.csv", content, "kind", "links").To("/import/1/map")
	b.Get("/import/1/map").Want(200).Has("it is not clear whether the day or the month comes first")
	b.Get("/import/1/check").To("/import/1/map")
	b.Post("/import/1/map", "order", "").Want(422).Has("Choose one.")
	b.Post("/import/1/map", "order", "day").To("/import/1/check")
	b.Get("/import/1/check").Want(200).Has("Import 3 links")
	b.Post("/import/1/run").To("/import/1")
	if got := testkit.Rows(t, a.Store, `SELECT COUNT(*) FROM link WHERE first_seen = '2025-04-03'`); got != "1" {
		t.Error(testkit.Rows(t, a.Store, `SELECT first_seen FROM link`))
	}
}
