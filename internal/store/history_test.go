package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// credits is what attribution decided, with what it counts.
const credits = `SELECT l.source_url, l.target_url, c.pitch_id, c.score, c.band, c.state, c.contested, c.lead, c.reasons, c.owner_id, c.owner_name, c.campaign, c.sent_on FROM credit c JOIN link l ON l.id = c.link_id ORDER BY 1, 2`

const assists = `SELECT link_id, pitch_id, score, owner_id, owner_name, campaign, sent_on FROM assist ORDER BY 1, 2`

// history makes random changes to a workspace: imports, pitches logged, edited,
// deleted and restored, decisions and their undoing.
type history struct {
	t    *testing.T
	st   *store.Store
	site store.Site
	r    *rand.Rand
	ids  []int64
}

var hosts = []string{"copier.example", "agency.example", "outlet.example", "news.outlet.example", "other.example", "ann.substack.com", "bob.substack.com", "medium.com/@ann", "third.example"}

func (h *history) host() string { return hosts[h.r.IntN(len(hosts))] }

func (h *history) day() day.Day { return d("2026-01-01") + day.Day(h.r.IntN(60)) }

func (h *history) step() error {
	ctx := h.t.Context()
	switch n := h.r.IntN(10); {
	case n < 4:
		var links []backlinks.Link
		for range 1 + h.r.IntN(8) {
			l := link(fmt.Sprintf("https://%s/post-%d", h.host(), h.r.IntN(6)), h.day().String())
			l.Anchor = []string{"Brand", "An idea about salaries", "here", "the annual payroll error survey"}[h.r.IntN(4)]
			l.Title = []string{"", "", "Payroll errors cost small firms dearly", "Ferns survive another frozen winter", "Payroll errors rise in frozen warehouses"}[h.r.IntN(5)]
			if h.r.IntN(4) == 0 {
				l = lost(l, (l.FirstSeen + day.Day(h.r.IntN(20))).String(), backlinks.PageGone)
			}
			links = append(links, l)
		}
		_, err := h.st.SaveLinks(ctx, h.site.ID, seq(links...), false, nil)
		return err
	case n < 6 || len(h.ids) == 0:
		p, err := h.st.CreatePitch(ctx, admin, pitches.Pitch{SiteID: h.site.ID, Outlet: pitches.Outlet{Host: h.host()}, Subject: "An idea about salaries",
			Status: pitches.Statuses[h.r.IntN(len(pitches.Statuses))], SentOn: h.day(), OwnerID: int64(h.r.IntN(2)), Campaign: []string{"", "Spring"}[h.r.IntN(2)]})
		h.ids = append(h.ids, p.ID)
		return err
	case n < 7:
		return h.edit()
	case n < 8:
		id := h.ids[h.r.IntN(len(h.ids))]
		if err := h.st.DeletePitch(ctx, admin, id); !fault.Is(err, fault.NotFound) {
			return err
		}
		return h.st.RestorePitch(ctx, admin, id)
	}
	return h.decide()
}

func (h *history) edit() error {
	p, err := h.st.Pitch(h.t.Context(), h.ids[h.r.IntN(len(h.ids))])
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch h.r.IntN(5) {
	case 3:
		p.OwnerID, p.OwnerName = int64(h.r.IntN(3)), []string{"", "Cleo"}[h.r.IntN(2)]
	case 4:
		p.Campaign = []string{"", "Spring", "Autumn"}[h.r.IntN(3)]
	case 0:
		p.Outlet = pitches.Outlet{Host: h.host()}
	case 1:
		p.SentOn = h.day()
	default:
		p.LiveURL = fmt.Sprintf("https://%s/post-%d", h.host(), h.r.IntN(6))
	}
	_, err = h.st.UpdatePitch(h.t.Context(), admin, p, "")
	return err
}

// many decides on several links at once: a mark of an outlet or its end, all that
// waits, or the undoing of the latest.
func (h *history) many() error {
	ctx := h.t.Context()
	switch h.r.IntN(4) {
	case 0:
		_, _, err := h.st.MarkOutlet(ctx, admin, h.site.ID, h.host(), []store.State{store.StateSpam, store.StateOwned}[h.r.IntN(2)], "")
		return err
	case 1:
		list, err := h.st.OutletMarks(ctx, h.site.ID)
		if err != nil || len(list) == 0 {
			return err
		}
		_, _, err = h.st.UnmarkOutlet(ctx, admin, list[h.r.IntN(len(list))].ID)
		return unlessDecided(err)
	case 2:
		f := store.ReviewFilter{Site: h.site.ID, Owner: int64(h.r.IntN(2))}
		b, err := h.st.BulkOf(ctx, f)
		if err != nil {
			return err
		}
		_, _, err = h.st.DecideAll(ctx, admin, f, []store.DecisionKind{store.Confirm, store.Reject}[h.r.IntN(2)], b.Sum, "")
		return unlessDecided(err)
	}
	_, err := h.st.UndoLast(ctx, admin, h.site.ID)
	return unlessDecided(err)
}

// unlessDecided lets what somebody decided before, or on a pitch deleted since, pass.
func unlessDecided(err error) error {
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (h *history) decide() error {
	if h.r.IntN(4) == 0 {
		return h.many()
	}
	page, err := h.st.ListLinks(h.t.Context(), store.LinkFilter{Site: h.site.ID})
	if err != nil || len(page.Rows) == 0 {
		return err
	}
	l := page.Rows[h.r.IntN(len(page.Rows))]
	kind := []store.DecisionKind{store.Confirm, store.Reassign, store.Reject, store.Undo, store.Undo, store.Spam, store.Partner}[h.r.IntN(7)]
	pitch := int64(0)
	if kind == store.Reassign {
		if len(h.ids) == 0 {
			return nil
		}
		pitch = h.ids[h.r.IntN(len(h.ids))]
	}
	_, err = h.st.Decide(h.t.Context(), admin, l.ID, kind, pitch, l.Credit.Version, "")
	return unlessDecided(err)
}

// TestIncrementalEqualsFull: after any history, deciding every link of the
// workspace anew changes nothing, and all figures agree with their rows.
func TestIncrementalEqualsFull(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() { // the race detector makes SQLite many times slower, and nothing here is concurrent
		seeds = 1
	}
	var copies atomic.Int64
	t.Cleanup(func() { // after the last of them
		if seeds > 1 && copies.Load() < 10 {
			t.Errorf("all histories together had %d copies", copies.Load())
		}
	})
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			st, _ := open(t)
			h := &history{t: t, st: st, site: addSite(t, st), r: rand.New(rand.NewPCG(seed, 7))}
			for i := range 60 {
				if err := h.step(); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				if i%20 != 19 {
					continue
				}
				whole(t, st)
				copies.Add(int64(strings.Count(testkit.Rows(t, st, `SELECT page_id FROM copy`)+"\n", "\n") - 1))
				before, beforeAssists := testkit.Rows(t, st, credits), testkit.Rows(t, st, assists)
				if _, err := st.Attribute(t.Context(), h.site.ID, true, nil); err != nil {
					t.Fatal(err)
				}
				whole(t, st)
				if after := testkit.Rows(t, st, credits); after != before {
					t.Fatalf("a full run after step %d changed credits\nbefore\n%s\nafter\n%s", i, before, after)
				}
				if after := testkit.Rows(t, st, assists); after != beforeAssists {
					t.Fatalf("a full run after step %d changed assists\nbefore\n%s\nafter\n%s", i, beforeAssists, after)
				}
			}
		})
	}
}

// TestOrderOfArrival: the same links and pitches end in the same credits,
// whichever comes first.
func TestOrderOfArrival(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries and nothing concurrent")
	}
	r := rand.New(rand.NewPCG(3, 9))
	var links []backlinks.Link
	for i := range 40 {
		links = append(links, link(fmt.Sprintf("https://%s/post-%d", hosts[r.IntN(len(hosts))], i), (d("2026-01-01")+day.Day(r.IntN(60))).String()))
	}
	type pitch struct{ host, sent string }
	var ps []pitch
	for range 25 {
		ps = append(ps, pitch{hosts[r.IntN(len(hosts))], (d("2025-12-01") + day.Day(r.IntN(90))).String()})
	}
	// Ids break ties and differ with the order; what a pitch is does not.
	const byWhat = `SELECT l.source_url, o.key, p.sent_on, c.score, c.band, c.state FROM credit c JOIN link l ON l.id = c.link_id
		JOIN pitch p ON p.id = c.pitch_id JOIN outlet o ON o.id = p.outlet_id ORDER BY 1`
	want := ""
	for run := range 4 {
		st, _ := open(t)
		site := addSite(t, st)
		r.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
		r.Shuffle(len(ps), func(i, j int) { ps[i], ps[j] = ps[j], ps[i] })
		at := r.IntN(len(links))
		save(t, st, site, links[:at]...)
		for _, p := range ps {
			logPitch(t, st, site, p.host, p.sent)
		}
		for part := range slices.Chunk(links[at:], 7) {
			save(t, st, site, part...)
		}
		got := testkit.Rows(t, st, byWhat)
		if want == "" {
			want = got
		}
		if got != want || got == "" {
			t.Errorf("order %d ended otherwise:\n%s\nwant\n%s", run, got, want)
		}
	}
}

func TestBackupAndRestore(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	save(t, st, site, link("https://a.example/", "2026-01-05"))
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := st.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := st.Backup(t.Context(), file); !fault.Is(err, fault.Conflict) {
		t.Errorf("a backup over a file: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	dir := testkit.Dir(t)
	junk := filepath.Join(t.TempDir(), "junk.db")
	if err := os.WriteFile(junk, []byte("SQLite format 3\x00 not really"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), dir, junk); !fault.Is(err, fault.Invalid) {
		t.Errorf("junk restored: %v", err)
	}
	kept, err := store.Restore(t.Context(), dir, file)
	if err != nil || kept == "" {
		t.Fatalf("kept %q, %v", kept, err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
	again := testkit.OpenStore(t, dir)
	if got := testkit.Rows(t, again, `SELECT source_url FROM link`); got != "https://a.example/" {
		t.Errorf("restored %q", got)
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	for name, breakIt := range map[string]func(path string) error{
		"a newer schema": func(path string) error { return nil },
		"not a database": func(path string) error {
			return os.WriteFile(path, []byte("hello, this is not a database at all"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := testkit.Dir(t)
			path := filepath.Join(dir, store.FileName)
			if name == "a newer schema" {
				st := testkit.OpenStore(t, dir)
				testkit.Exec(t, st, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
				st.Close()
			} else if err := breakIt(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			if _, err := store.Open(t.Context(), dir); !fault.Is(err, fault.Unavailable) {
				t.Errorf("opened: %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}
