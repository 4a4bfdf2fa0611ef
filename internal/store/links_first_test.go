package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// A link that a long file has twice is compared by the texts of its last row, be
// they too short to compare by.
func TestFirstImportForgetsReplacedTexts(t *testing.T) {
	defer store.Chunk(1)()
	const headline, anchor = "Payroll errors cost small firms 41,000 hours", "hidden payroll errors survey"
	st, _ := open(t)
	site := addSite(t, st)
	p := pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "outlet.example"}, Subject: "An idea", Anchor: anchor, Status: pitches.Pitched, SentOn: d("2026-01-05")}
	if _, err := st.CreatePitch(t.Context(), admin, p); err != nil {
		t.Fatal(err)
	}
	story := func(host, target, title, anchor string) backlinks.Link {
		l := link("https://"+host+"/story", "2026-01-10")
		l.TargetURL, l.Title, l.Anchor = "https://brand.example/"+target, title, anchor
		return l
	}
	file := []backlinks.Link{story("outlet.example", "study", headline, anchor)}
	for i := range 8 { // the one link or the other comes first in the order of ids
		host := fmt.Sprintf("copier%d.example", i)
		before := story(host, "", headline, "Brand")
		after := with(before, func(l *backlinks.Link) { l.Title, l.LastSeen = "Ferns", d("2026-02-01") })
		file = append(file, story(host, "study", "", anchor), before, after)
	}
	save(t, st, site, file...)
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM copy`); got != "8" {
		t.Errorf("%s copies, want 8", got)
	}
}

// A link whose target is no address is judged by a first import as by any later run.
func TestFirstImportOfAnOddTarget(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	if _, err := st.CreatePitch(t.Context(), admin, pitches.Pitch{SiteID: site.ID, Outlet: pitches.Outlet{Host: "outlet.example"}, Subject: "An idea",
		TargetURL: "https://brand.example/study", Status: pitches.Pitched, SentOn: d("2026-01-05")}); err != nil {
		t.Fatal(err)
	}
	save(t, st, site, with(link("https://outlet.example/story", "2026-01-10"), func(l *backlinks.Link) { l.TargetURL = "study" }))
	const credits = `SELECT link_id, score, state, reasons FROM credit`
	before := testkit.Rows(t, st, credits)
	if _, err := st.Attribute(t.Context(), site.ID, true, nil); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, st, credits); got != before || got == "" {
		t.Errorf("the import says\n%s\na full run\n%s", before, got)
	}
}

// lapsing is a context that ends when it is asked for the nth time.
type lapsing struct {
	context.Context
	mu    sync.Mutex
	asked int
	end   context.CancelFunc
}

func (c *lapsing) ask() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked--; c.asked == 0 {
		c.end()
	}
}

func (c *lapsing) Done() <-chan struct{} { c.ask(); return c.Context.Done() }
func (c *lapsing) Err() error            { c.ask(); return c.Context.Err() }

// However far an import got, ended it leaves everything as it was: rows, indexes,
// and the connection that writes.
func TestImportEndedAtEveryStep(t *testing.T) {
	list := manyPitches(1200)
	for name, run := range map[string]func(context.Context, *store.Store, store.Site) error{
		"links": func(ctx context.Context, st *store.Store, site store.Site) error {
			_, err := st.SaveLinks(ctx, site.ID, seq(link("https://news4.example/post", "2026-01-10"), link("https://nobody.example/p", "2026-01-12")), false, nil)
			return err
		},
		"pitches": func(ctx context.Context, st *store.Store, site store.Site) error {
			_, err := st.ImportPitches(ctx, admin, site.ID, list, nil, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			st, _ := open(t)
			site := addSite(t, st)
			if name == "links" {
				logPitch(t, st, site, "news4.example", "2026-01-05")
			}
			const all = `SELECT (SELECT COUNT(*) FROM link) + (SELECT COUNT(*) FROM credit) + (SELECT COUNT(*) FROM refdomain) + (SELECT COUNT(*) FROM daily),
				(SELECT COUNT(*) FROM pitch) + (SELECT COUNT(*) FROM pitch_event) + (SELECT COUNT(*) FROM outlet), (SELECT COUNT(*) FROM sqlite_master)`
			before := testkit.Rows(t, st, all)
			ended := 0
			for step := 1; ; step += 1 + step/20 {
				parent, end := context.WithCancel(t.Context())
				err := run(&lapsing{Context: parent, asked: step, end: end}, st, site)
				end()
				if on, fault := st.ForeignKeys(t.Context()); fault != nil || !on {
					t.Fatalf("ended at step %d: references are not looked up any more (%v)", step, fault)
				}
				if err == nil {
					break
				}
				ended++
				if got := testkit.Rows(t, st, all); got != before {
					t.Fatalf("ended at step %d (%v): %s, was %s", step, err, got, before)
				}
			}
			if ended < 3 {
				t.Errorf("ended only %d times", ended)
			}
			whole(t, st)
			if got := testkit.Rows(t, st, all); got == before {
				t.Error("nothing was imported in the end")
			}
		})
	}
}
