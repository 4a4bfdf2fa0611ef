package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// manySuggestions are a pitch list and a link export that leave n links to review:
// each pitch went out so long before its link that the rules are not sure.
func manySuggestions(n int) (pitchList, linkExport string) {
	var p, l strings.Builder
	p.WriteString("Outlet,Subject,Contact,Sent on,Status\n")
	l.WriteString("Referring Page URL,Referring Page Title,Domain Rating,Target URL,Anchor,Type,Nofollow,First Seen,Last Seen\n")
	for i := range n {
		fmt.Fprintf(&p, "paper%02d.example,Story %d,Ann %c,2026-01-05,Pitched\n", i, i, 'A'+i%26)
		fmt.Fprintf(&l, "https://paper%02d.example/story,Page %d,%d,https://fern.example/,ferns,Text,false,2026-05-20,2026-06-01\n", i, i, 20+i)
	}
	return p.String(), l.String()
}

// reviewServer has n links that wait, and pitches to reassign to.
func reviewServer(t *testing.T, n int) *server {
	t.Helper()
	dir := t.TempDir()
	list, links := manySuggestions(n)
	for name, text := range map[string]string{"list.csv": list, "links.csv": links} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return serve(t, "127.0.0.1:0",
		[]string{"user", "add", adminEmail, "--role", "admin", "--password-stdin"},
		[]string{"site", "add", "fern.example"},
		[]string{"import", "pitches", filepath.Join(dir, "list.csv"), "--site", "fern.example"},
		[]string{"import", "links", filepath.Join(dir, "links.csv"), "--site", "fern.example"})
}

// Twenty links are decided by keys alone, three of them undone, one moved to
// another pitch by searching for it; then the log says all of that, in order.
func TestReviewByKeyboard(t *testing.T) {
	needBrowser(t)
	s := reviewServer(t, 30)
	b := openTab(t, s)
	b.signIn(adminEmail, adminPassword)
	b.leads(func() { b.key("g"); b.key("r") })
	b.at("/review")
	b.has("#rv-left", "30 left")
	eval[bool](b, "window.sameDocument = true")

	current := func() string { return b.text(".q a[aria-current] b") }
	// press types a key and waits until another link is looked at.
	press := func(key string) {
		t.Helper()
		b.until(calm)
		was := current()
		b.key(key)
		b.until("document.querySelector('.q a[aria-current] b').textContent !== " + quoted(was))
	}
	var want []string // of the log, oldest first
	done := 0
	decided := func(key, word string) {
		t.Helper()
		want = append(want, word+" "+current())
		press(key)
		done++
		b.has("#rv-left", fmt.Sprintf("%d of 30 left", 30-done))
	}
	for i := range 20 {
		if i%3 == 2 {
			decided("d", "Not ours")
		} else {
			decided("y", "Confirm")
		}
	}
	for i := range 3 {
		want = append(want, "Undo "+strings.SplitN(want[19-i], " ", 2)[1])
		press("z")
		done--
		b.has("#rv-left", fmt.Sprintf("%d of 30 left", 30-done))
		_, outlet, _ := strings.Cut(want[19-i], " ")
		if outlet = strings.TrimPrefix(outlet, "ours "); current() != outlet {
			t.Errorf("undone, and now at %s, want %s", current(), outlet)
		}
		want[len(want)-1] = "Undo " + outlet
	}
	// Another pitch earned it: search, and take the first one found.
	want = append(want, "Reassign "+current())
	b.until(calm)
	b.key("r")
	b.until("document.activeElement.id === 'rv-q'")
	b.key("story 29")
	b.has("#rv-found", "paper29.example")
	b.until(calm)
	b.tabTo("#rv-found form button")
	b.key(kb.Enter)
	done++
	b.has("#rv-left", fmt.Sprintf("%d of 30 left", 30-done))
	b.has(".toast", "Reassigned to Story 29")
	b.until("!document.querySelector('dialog[open]') && document.activeElement.id === 'case-h'")
	if b.count(".toast") != 1 {
		t.Errorf("%d toasts at once", b.count(".toast"))
	}
	if !eval[bool](b, "window.sameDocument === true") {
		t.Error("the page was loaded anew on the way")
	}

	b.open("/settings/decisions")
	b.has("#log", "Reassign")
	got := strings.Split(eval[string](b, `[...document.querySelectorAll('#log tbody tr')].map(r => r.cells[2].firstChild.textContent.trim() + ' ' + r.cells[3].querySelector('a').textContent.split('/')[0]).reverse().join('\n')`), "\n")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := b.count("#log .bdg"); n != 3 {
		t.Errorf("%d decisions are marked as undone, want 3", n)
	}
}

// Two people at the same link: the second is told what happened, and nothing of
// the first one's is lost.
func TestReviewConflict(t *testing.T) {
	needBrowser(t)
	s := reviewServer(t, 4)
	a, b := openTab(t, s), openTab(t, s)
	for _, x := range []*tab{a, b} {
		x.signIn(adminEmail, adminPassword)
		x.open("/review")
		x.until(calm)
	}
	outlet := a.text(".q a[aria-current] b")
	a.key("y")
	a.has(".toast", "Confirmed: ")
	b.excuse("status of 409")
	b.key("d")
	b.has("#rv .note", "Not saved")
	b.has("#rv .note", "You asked for: not ours")
	b.has("#case", "Confirmed by a person")
	b.has("#case-h", outlet)
	b.key("s") // on with the next
	b.until("document.querySelector('.q a[aria-current] b')")
	b.open("/backlinks?state=confirmed")
	b.has("#list", outlet)
}
