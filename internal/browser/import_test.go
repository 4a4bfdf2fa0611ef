package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

const pitchList = `Site;Title;Contact;Email;Status;Date pitched;Target URL
theledgerpost.example;The quiet 3%;Dana Whitlock;dana@theledgerpost.example;Sent;13/05/2026;https://fern.example/payroll
remotework.example;Remote tax guide;Ola Berg;ola@remotework.example;Published;21/05/2026;https://fern.example/remote
saasnotes.example;Founder bylines;;editor@saasnotes.example;No answer;02/06/2026;https://fern.example/
not a website;Nothing;;;Sent;02/06/2026;https://fern.example/
`

const linksExport = `"Referring page title","Referring page URL","Domain rating","Anchor","Target URL","Nofollow","UGC","Sponsored","First seen","Last seen","Lost","Lost status"
"Remote tax, explained","https://remotework.example/remote-tax","61","remote tax guide","https://fern.example/remote","false","false","false","2026-06-04 09:10:11","2026-11-02 10:00:00","",""
"A roundup","https://weekly.example/roundup","40","Fern","https://fern.example/","true","false","false","2026-06-14 09:10:11","2026-11-02 10:00:00","",""
`

const refIPs = `"IP","Subnet","Country","Ref. domains","Links to target","First seen"
"192.0.2.7","192.0.2.0/24","US","3","12","2026-05-01"
`

// upload sends a file through the import page.
func (b *tab) upload(kind, name, content string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	b.must(os.WriteFile(file, []byte(content), 0o600))
	b.open("/import?kind=" + kind)
	b.must(chromedp.Do(b.ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}, chromedp.NodeReady)))
	b.has("[data-file]", name)
	b.follow("form[action='/import'] [data-primary]")
}

func TestImport(t *testing.T) {
	needBrowser(t)
	s := serve(t, "127.0.0.1:0",
		[]string{"user", "add", adminEmail, "--role", "admin", "--password-stdin"},
		[]string{"site", "add", "fern.example"})
	b := openTab(t, s)
	b.signIn(adminEmail, adminPassword)

	t.Run("pitches", func(t *testing.T) {
		b := b.within(t)
		b.upload("pitches", "list.csv", pitchList)
		b.has("h1", "Match your columns")
		b.has("#preview", "The quiet 3%")
		// A choice renews the preview without leaving the page.
		title := "tr:has(th[scope=row]) select[aria-label='Field for Title']"
		was := eval[string](b, "document.querySelector("+quoted(title)+").value")
		b.choose(title, "ignore")
		b.until("!document.querySelector('#preview').textContent.includes('The quiet 3%')")
		b.choose(title, was)
		b.has("#preview", "The quiet 3%")
		b.follow("button[name=go][value=check]")

		b.has("h1", "Check before saving")
		b.has(".card", "not a website")
		b.has("[data-primary]", "Import 3 rows")
		b.follow("[data-primary]")
		b.has("h1", "Imported 3 pitches")
		b.open("/pitches")
		b.has("#list", "Remote tax guide")
	})
	t.Run("the same again", func(t *testing.T) {
		b := b.within(t)
		b.upload("pitches", "list.csv", pitchList)
		if b.text("h1") == "Match your columns" { // unless the columns were remembered
			b.follow("button[name=go][value=check]")
		}
		b.has("h1", "Check before saving")
		if b.count("form[action$='/run']") != 0 {
			t.Error("a list that says nothing new can be imported")
		}
	})
	t.Run("links", func(t *testing.T) {
		b := b.within(t)
		b.upload("links", "backlinks.csv", linksExport)
		b.has("h1", "Check before saving")
		b.has("[data-primary]", "Import 2 links")
		b.follow("[data-primary]")
		b.has("h1", "Imported 2 links")
		b.has(".note", "matched with a pitch")
		b.open("/backlinks")
		b.has("#list", "Remote tax, explained")
	})
	t.Run("another report", func(t *testing.T) {
		b := b.within(t)
		b.excuse("status of 422")
		b.upload("links", "refips.csv", refIPs)
		b.has("main [role=alert], main .err", "referring IPs")
	})
}
