package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/testkit"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func TestZZPitchShots(t *testing.T) {
	out := os.Getenv("PITCH_SHOTS")
	if out == "" {
		t.Skip()
	}
	os.MkdirAll(out, 0o755)
	h := &struct{ http.Handler }{}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Handler.ServeHTTP(w, r) }))
	defer ts.Close()
	base := strings.Replace(ts.URL, "127.0.0.1", "localhost", 1)
	a := startApp(t, seeded(t), base)
	a.clock.Forward(time.Since(testkit.Start))
	h.Handler = a
	now := days.Of(a.clock.Now())
	titles := []string{"Why payroll errors cost small firms 3% of revenue", "Hiring slowed in 41 of 50 states: the payroll data", "The remote-tax checklist CFOs forget", "What 9,000 payslips say about overtime", "A founder’s guide to the first ten hires", "Contractor or employee? The 2026 rules in one table"}
	camps := []string{"State of Payroll", "Founder bylines Q4", "Remote tax guide", ""}
	for i := range 57 {
		a.addPitch(fmt.Sprintf("%s%d.example", []string{"ledgerpost", "remotework", "saasnotes", "growthalmanac", "payrollinsider"}[i%5], i), titles[i%6], func(p *pitches.Pitch) {
			p.Status = pitches.Statuses[i%8]
			p.SentOn = now - days.Day(i*3)
			p.OwnerID = int64(i%3) + 1
			p.Campaign = camps[i%4]
			p.Outlet.Authority, p.Outlet.Metric = float64(30+i), "DR"
			p.TargetURL = "https://fern.example/research/state-of-payroll"
			p.Contact, p.Email = "Dana Whitlock", "dana@ledgerpost.example"
			if i%3 == 0 && !p.Status.Closed() {
				p.FollowUpOn = now - 2 + days.Day(i%5)
			}
			if p.Status == pitches.Draft {
				p.SentOn = 0
			}
		})
	}
	big := a.addPitch("theledgerpost.example", titles[0], func(p *pitches.Pitch) {
		p.Status, p.SentOn, p.OwnerID, p.Contact, p.Email, p.Campaign = pitches.Accepted, now-20, 3, "Dana Whitlock", "dana@theledgerpost.example", camps[0]
		p.TargetURL, p.CostCents, p.Currency, p.Notes = "https://fern.example/research/state-of-payroll", 21400, "USD", "Prefers mornings.\nWants the sector split."
		p.Outlet.Authority, p.Outlet.Metric = 78, "DR"
	})
	for i, l := range []struct{ url, title string }{{"https://theledgerpost.example/small-business/quiet-three-percent", "The quiet 3%: what payroll mistakes cost"}, {"https://theledgerpost.example/briefing/friday", "Friday briefing: numbers worth knowing"}, {"https://theledgerpost.example/old", "An older article with figures"}} {
		a.addLink(l.url, func(b *backlinks.Link) {
			b.Title, b.FirstSeen, b.LastSeen, b.Author = l.title, now-days.Day(11-i), now-1, "Dana Whitlock"
			b.TargetURL = "https://fern.example/research/state-of-payroll"
			if i == 1 {
				b.TargetURL, b.Nofollow, b.Author, b.FirstSeen = "https://fern.example/", backlinks.Yes, "", now-2
			}
			if i == 2 {
				b.LostOn, b.LostReason, b.LastSeen = now-1, backlinks.PageGone, now-3
			}
		})
	}
	one := fmt.Sprintf("/pitches/%d", big.ID)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("no-sandbox", true))
	actx, c1 := chromedp.NewExecAllocator(t.Context(), opts...)
	defer c1()
	ctx, c2 := chromedp.NewContext(actx)
	defer c2()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		stepCtx, stop := context.WithTimeout(ctx, 12*time.Second)
		defer stop()
		if err := chromedp.Do(stepCtx, steps...); err != nil {
			l, _ := chromedp.Run(ctx, chromedp.Location())
			b, _ := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			os.WriteFile(out+"/fail.png", b, 0o644)
			t.Fatal(l, err)
		}
	}
	do(chromedp.Navigate(base+"/signin"), chromedp.WaitVisible("#h1, h1"))
	do(chromedp.SendKeys("input[name=email]", email(auth.Manager)), chromedp.SendKeys("input[name=password]", goodPassword), chromedp.Click("button[data-primary], form button[type=submit]"))
	time.Sleep(800 * time.Millisecond)
	shot := func(name string) {
		t.Helper()
		time.Sleep(250 * time.Millisecond)
		b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(out+"/"+name+".png", b, 0o644)
	}
	js := func(code string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[any](code))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(v)
	}
	for _, m := range []struct {
		name  string
		w, h  int64
		theme string
	}{{"1440-light", 1440, 900, "light"}, {"390-light", 390, 844, "light"}} {
		if os.Getenv("SHORT") != "" {
			break
		}
		do(chromedp.EmulateViewport(m.w, m.h))
		_ = emulation.SetEmulatedMedia
		for name, path := range map[string]string{"pitches": "/pitches", "pitches-filtered": "/pitches?status=pitched&owner=me", "pitches-none": "/pitches?q=nothing+like+it", "pitch": one, "pitch-new": "/pitches/new", "pitch-edit": one + "/edit"} {
			do(chromedp.Navigate(base + path))
			js(`document.cookie='theme=` + m.theme + `;path=/'`)
			do(chromedp.Navigate(base+path), chromedp.WaitVisible("#h1"))
			shot(name + "-" + m.name)
			if w := js(`document.documentElement.scrollWidth - innerWidth`); w != "0" {
				fmt.Println(name, m.name, "scrolls sideways by", w)
			}
		}
		do(chromedp.Navigate(base+"/pitches"), chromedp.WaitVisible("#h1"))
		js(`document.querySelectorAll('tbody .sel input')[1].click(); document.querySelectorAll('tbody .sel input')[2].click()`)
		shot("pitches-ticked-" + m.name)
	}
	// by keyboard
	do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(base+"/pitches"), chromedp.WaitVisible("#h1"))
	do(chromedp.KeyEvent("n"))
	time.Sleep(400 * time.Millisecond)
	fmt.Println("focus", js(`document.activeElement.id`))
	do(chromedp.KeyEvent("theledgerpost.example\t"))
	time.Sleep(600 * time.Millisecond)
	fmt.Println("focus", js(`document.activeElement.id`), "| known:", js(`document.querySelector('#dnp-outlet-known').textContent.trim()`), "| suggestions:", js(`document.querySelectorAll('#dnp-outlets option').length`))
	do(chromedp.KeyEvent("A new title by keyboard"))
	shot("dialog-1440")
	js(`document.querySelector('#dnp-subject').dispatchEvent(new KeyboardEvent('keydown',{key:'Enter',ctrlKey:true,bubbles:true}))`)
	time.Sleep(900 * time.Millisecond)
	fmt.Println("open dialogs", js(`document.querySelectorAll('dialog[open]').length`), "first row", js(`document.querySelector('tbody tr .main-l').textContent`), "toast", js(`document.querySelector('#toasts').textContent`))
	shot("after-save-1440")
	// status in the row, then back
	js(`(s=>{s.value='landed';s.dispatchEvent(new Event('change',{bubbles:true}))})(document.querySelector('tbody tr select.pill'))`)
	time.Sleep(700 * time.Millisecond)
	fmt.Println("row class", js(`document.querySelector('tbody tr').className`), js(`document.querySelector('tbody tr select.pill').value`), js(`document.querySelector('#toasts').textContent`))
	js(`(s=>{s.value='pitched';s.dispatchEvent(new Event('change',{bubbles:true}))})(document.querySelector('tbody tr select.pill'))`)
	time.Sleep(700 * time.Millisecond)
	shot("ask-1440")
	js(`document.querySelector('tbody tr a.btn').click()`)
	time.Sleep(700 * time.Millisecond)
	fmt.Println("after keep:", js(`document.querySelector('tbody tr select.pill').value`))
	// filter by typing
	do(chromedp.SendKeys("#filter-q", "overtime"))
	time.Sleep(900 * time.Millisecond)
	fmt.Println("url", js(`location.search`), "rows", js(`document.querySelectorAll('tbody tr').length`), "export", js(`document.querySelector('#pitch-export').href`))
	js(`document.querySelector('thead .sel input').click()`)
	js(`document.querySelector('#bulk select[name=status]').value='withdrawn'`)
	js(`document.querySelector('#bulk button[data-primary]').click()`)
	time.Sleep(1200 * time.Millisecond)
	shot("bulk-done-1440")
	fmt.Println("bulk toast", js(`document.querySelector('#toasts').textContent`))
	js(`[...document.querySelectorAll('#toasts .toast')].at(-1).querySelector('form button').click()`)
	time.Sleep(1200 * time.Millisecond)
	fmt.Println("undo", js(`location.href`), js(`document.querySelector('#toasts').textContent`))
	if axe := os.Getenv("AXE"); axe != "" {
		src, err := os.ReadFile(axe)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/pitches", one, "/pitches/new", one + "/edit", "/pitches?q=zzz"} {
			do(chromedp.Navigate(base+path), chromedp.WaitVisible("#h1"))
			js(string(src) + ";0")
			v, err := chromedp.Run(ctx, chromedp.Evaluate[any](`axe.run().then(r=>JSON.stringify(r.violations.map(v=>[v.id,v.nodes.length,v.nodes[0].html.slice(0,200)])))`, chromedp.EvalAwaitPromise))
			fmt.Println("axe", path, v, err)
		}
	}
}
