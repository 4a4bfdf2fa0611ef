package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/intake"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

func TestMappingPreview(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	upload(b, "x.csv", "Website,Headline,Other,Password,Status,Fee\na.example,One,Two,hunter2,Zorp,350\n").To("/import/1/map")
	page := b.Get("/import/1/map").Want(200).Has("Log-ins are left out.", "Not known yet: 1 word").Lacks("hunter2")
	send := func(change ...string) *testkit.Response {
		t.Helper()
		page = b.Do(testkit.Request{Path: "/import/1/map", Form: testkit.Form(fill(page, change...)...), HTMX: true}).Want(200)
		return page
	}
	field := func(i int) string { return page.Find(fmt.Sprintf("#c%d option[selected]", i)).AttrOr("value", "") }
	if page.Find("#c3").Length() != 0 {
		t.Error("a password column can be chosen")
	}
	send("c2", "subject").Lacks("<html", "hunter2", `role="alert"`).Has(`id="map"`)
	if field(1) != "extra" || field(2) != "subject" || !strings.Contains(page.Text("#preview tbody"), "Two") {
		t.Errorf("the title stays with %s, %s", field(1), field(2))
	}
	if send("c1", "subject"); field(1) != "subject" || field(2) != "extra" {
		t.Errorf("given back: %s, %s", field(1), field(2))
	}
	if send("s0", "declined"); !strings.Contains(page.Text("#preview tbody"), "Declined") {
		t.Error(page.Text("#preview tbody"))
	}
	if send("s0", ""); strings.Contains(page.Text("#preview tbody"), "Declined") || page.Find("#s0 option[value='']").Length() != 1 {
		t.Error("the word cannot be left to its dates again")
	}
	if send("c3", "notes"); strings.Contains(page.Body, "hunter2") {
		t.Error("the password is shown after a forged choice")
	}
	send("c0", "ignore").Has("An outlet is needed.")
	b.Post("/import/1/map", fill(page, "go", "check")...).Want(422).Has("Choose the column that names the outlet.")
	send("c0", "outlet_url")
	b.Post("/import/1/map", fill(page, "go", "check", "c2", "outlet_url")...).Want(422).Has("Two columns go to Outlet URL.")
	page = b.Get("/import/1/map")
	b.Post("/import/1/map", fill(page, "go", "check", "c5", "cost", "currency", "dollars")...).Want(422).Has("Three letters, such as USD.")
	b.Post("/import/1/map", fill(b.Get("/import/1/map"), "go", "preview")...).Want(200).Has("<html") // the button without script
	if a.rows("pitch")+a.rows("saved_mapping") != "00" {
		t.Error("a preview saved something")
	}
}

func TestDefaultsAndPolicy(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	run := func(id int, content string, change ...string) {
		t.Helper()
		upload(b, "x.csv", content)
		path := fmt.Sprint("/import/", id)
		b.Post(path+"/map", fill(b.Get(path+"/map").Want(200), append(change, "go", "check")...)...).To(path + "/check")
		b.Post(path + "/run").To(path)
	}
	row := func() string {
		return testkit.Rows(t, a.Store, `SELECT campaign, owner_id, status, contact, currency FROM pitch`)
	}
	content := "ID,Website,Title,Contact,Status,Cost\nR1,a.example,One,Ann,Replied,100\n"
	run(1, content, "campaign", " Spring ", "owner", "2", "currency", "eur")
	if got := row(); got != "Spring | 2 | replied | Ann | EUR" {
		t.Error(got)
	}
	other := strings.NewReplacer("Ann", "Ben", "Replied", "Pitched").Replace(content)
	for i, c := range [][2]string{{"keep", "replied | Ann"}, {"add", "replied | Ann"}, {"replace", "pitched | Ben"}} {
		run(2+i, other, "policy", c[0])
		if got := row(); !strings.Contains(got, c[1]) {
			t.Errorf("%s: %s", c[0], got)
		}
	}
	if got := testkit.Rows(t, a.Store, `SELECT kind FROM saved_mapping`); got != "pitches" {
		t.Errorf("not remembered: %q", got)
	}
}

func TestProblemsAreReported(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	content := listFile + `"=cmd|calc is no outlet",Five,Eve,2026-01-08,Sent` + "\n" +
		`broken.example,"Six,Fay,2026-01-09,Sent` + "\n" + "northpost.example,Payroll errors,Dana Whit,2026-01-04,Sent\nStatus: Sent | Replied | Live,,,,\n"
	upload(b, "x.csv", content)
	b.Post("/import/1/map", fill(b.Get("/import/1/map").Want(200), "go", "check")...).To("/import/1/check")
	check := b.Get("/import/1/check").Want(200).Has("a quote is never closed", "1 row is left out.", "Import 4 rows")
	if got := check.Text(`section[aria-labelledby="er-h"] tbody tr`); !strings.HasPrefix(got, "5Website") {
		t.Error(got)
	}
	for show, want := range map[string]int{"": 4, "new": 4, "update": 0, "error": 1, "duplicate": 1, "same": 0, "all": 7, "nonsense": 4} {
		res := b.Do(testkit.Request{Path: "/import/1/check?show=" + show, HTMX: true}).Want(200).Lacks("<html")
		if got := res.Find("tbody tr").Length(); got != want {
			t.Errorf("show=%s: %d rows, want %d", show, got, want)
		}
	}
	if got := b.Get("/import/1/check?show=duplicate").Text("#list tbody tr"); !strings.Contains(got, "The same pitch as line 2.") {
		t.Error(got)
	}
	dry := b.Get("/import/1/refused.csv").Want(200)
	b.Post("/import/1/run").To("/import/1")
	b.Get("/import/1").Want(200).Has("Imported 4 pitches", "1 row is left out.")
	ran := b.Get("/import/1/refused.csv").Want(200)
	for _, res := range []*testkit.Response{dry, ran} {
		lines := strings.Split(strings.TrimSpace(res.Body), "\n")
		if len(lines) != 2 || lines[0] != "line,column,value,reason" || !strings.HasPrefix(lines[1], "5,Website,'=cmd|calc") {
			t.Errorf("%q", res.Body)
		}
		if !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Error(res.Header)
		}
	}
}

func TestVerdictsArePaged(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	var content strings.Builder
	content.WriteString("Website,Title\n")
	for i := range 120 {
		fmt.Fprintf(&content, "o%d.example,Idea\n", i)
	}
	upload(b, "x.csv", content.String())
	b.Post("/import/1/map", fill(b.Get("/import/1/map"), "go", "check")...)
	seen, path := 0, "/import/1/check"
	for pages := 0; path != ""; pages++ {
		res := b.Get(path).Want(200)
		seen += res.Find("#list tbody tr").Length()
		path = res.Find("a[rel=next]").AttrOr("href", "")
		if pages > 6 {
			t.Fatal("no end")
		}
	}
	if seen != 120 {
		t.Errorf("%d rows on all pages", seen)
	}
	if res := b.Get("/import/1/check?after=999999999").Want(200); res.Find("#list tbody tr").Length() != 0 || res.Find("a[rel=prev]").Length() != 1 {
		t.Error("behind the last row there is no way back")
	}
}

func TestProgress(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	var queued []int64
	a.Enqueue = func(_ context.Context, id int64) error {
		queued = append(queued, id)
		return nil
	}
	upload(b, "x.csv", exportFile, "kind", "links")
	b.Get("/import/1/events").Want(404)
	b.Post("/import/1/run").To("/import/1")
	b.Post("/import/1/run").To("/import/1")
	if fmt.Sprint(queued) != "[1]" {
		t.Errorf("queued %v", queued)
	}
	page := b.Get("/import/1").Want(200).Has("Waiting for its turn")
	if page.Find(`[sse-connect="/import/1/events"]`).Length() != 1 || page.Find("noscript").Length() == 0 {
		t.Error("the page does not listen, or does not reload without script")
	}
	events := make(chan *testkit.Response)
	other := a.as(auth.Staff)
	go func() { events <- other.Get("/import/1/events") }()
	for len(events) == 0 && a.rows("link") == "0" {
		if err := intake.Run(t.Context(), a.Store, a.dir, 1); err != nil {
			t.Fatal(err)
		}
	}
	res := (<-events).Want(200)
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		t.Error(res.Header)
	}
	if !strings.Contains(res.Body, "event: done\ndata: ") || !strings.Contains(res.Body, `hx-get="/import/1"`) {
		t.Error(res.Body)
	}
	for _, line := range strings.Split(strings.TrimRight(res.Body, "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, "event: ") && !strings.HasPrefix(line, "data: ") {
			t.Errorf("not an event stream: %q", line)
		}
	}
	part := b.Do(testkit.Request{Path: "/import/1", HTMX: true}).Want(200).Has(`id="import"`, "Imported 3 links")
	part.Lacks("<html")
}

func TestImportThatFails(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	upload(b, "x.csv", exportFile, "kind", "links")
	a.Enqueue = func(context.Context, int64) error { return errors.New("no queue") }
	b.Post("/import/1/run").To("/import/1")
	b.Get("/import/1").Want(200).Has("Not imported", "could not be started", "Try again").Lacks("no queue")
	a.Enqueue = nil
	testkit.Exec(t, a.Store, `CREATE TRIGGER stop BEFORE INSERT ON link WHEN NEW.source_url LIKE '%gone%' BEGIN SELECT RAISE(ABORT, 'secret words'); END`)
	b.Post("/import/1/run").To("/import/1")
	b.Get("/import/1").Want(200).Has("Not imported", "Something went wrong on our side").Lacks("secret words")
	if a.rows("link") != "0" {
		t.Error("half of the file was saved:", a.rows("link"))
	}
	if !strings.Contains(a.log.String(), "secret words") {
		t.Error("the cause is not in the log")
	}
	testkit.Exec(t, a.Store, `DROP TRIGGER stop`)
	b.Post("/import/1/run").To("/import/1")
	b.Get("/import/1").Has("Imported 3 links")
	b.Get("/import/9").Want(404)
	b.Get("/import/x/map").Want(404)
	os.RemoveAll(filepath.Join(a.dir, "uploads"))
	upload(b, "x.csv", listFile)
	os.RemoveAll(filepath.Join(a.dir, "uploads"))
	b.Get("/import/2/map").Want(409).Has("Upload it again")
}

// What a pitch has cost so far is not for staff.
func TestDryRunHidesCosts(t *testing.T) {
	a := newApp(t)
	content := "ID,Website,Title,Cost,Currency\nR1,a.example,One,%s,USD\n"
	b := a.as(auth.Manager)
	start := func(b *testkit.Browser, id int, cost string) *testkit.Response {
		upload(b, "x.csv", fmt.Sprintf(content, cost))
		path := fmt.Sprint("/import/", id)
		b.Post(path+"/map", fill(b.Get(path+"/map").Want(200), "policy", "replace", "go", "check")...).To(path + "/check")
		return b.Get(path + "/check").Want(200)
	}
	start(b, 1, "777.50")
	b.Post("/import/1/run")
	start(b, 2, "100").Has("777.50")
	start(a.as(auth.Staff), 3, "100").Has("Cost changes").Lacks("777.50")
}

func TestImportHistoryIsPaged(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	for i := range 23 {
		a.clock.Forward(time.Minute)
		upload(b, fmt.Sprintf("f%d.csv", i), listFile).To(fmt.Sprintf("/import/%d/map", i+1))
	}
	first := b.Get("/import").Want(200).Has("f22.csv", "f3.csv").Lacks("f2.csv")
	next := first.Find("a[rel=next]").AttrOr("href", "")
	second := b.Do(testkit.Request{Path: next, HTMX: true}).Want(200).Has("f2.csv", "f0.csv").Lacks("f3.csv", "<html")
	if second.Find("tbody tr").Length() != 3 {
		t.Error(second.Find("tbody tr").Length())
	}
}

func TestImportTemplateIsRecognised(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	head := strings.TrimSpace(b.Get("/import/template.csv").Want(200).Body)
	upload(b, "t.csv", head+"\nhttps://a.example/"+strings.Repeat(",", strings.Count(head, ","))+"\n").To("/import/1/map")
	page := b.Get("/import/1/map").Want(200)
	for i, f := range templateFields {
		if got := page.Find(fmt.Sprintf("#c%d option[selected]", i)).AttrOr("value", ""); got != string(f) {
			t.Errorf("column %d of the template goes to %s, want %s", i, got, f)
		}
	}
}

// The golden file shows what a change of a template changes in the form.
func TestImportMapGolden(t *testing.T) {
	a := newApp(t)
	b := a.as(auth.Staff)
	upload(b, "q4.csv", strings.NewReplacer("2026-01-04", "04/01/2026", "2026-01-05", "05/01/2026", "2026-01-06", "06/01/2026", "Live", "Zorp").Replace(listFile))
	got, err := goquery.OuterHtml(b.Get("/import/1/map").Want(200).Find("#map"))
	if err != nil {
		t.Fatal(err)
	}
	got = strings.ReplaceAll(strings.ReplaceAll(got, b.CSRF, "CSRF"), "><", ">\n<")
	got = regexp.MustCompile(`icons\.[0-9a-f]+\.svg`).ReplaceAllString(got, "icons.svg")
	const file = "testdata/import-map.golden"
	if *updateGolden {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the form has changed:\n%s", got)
	}
}
