package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"landed/internal/attribution"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
	"landed/internal/weburl"
)

// keyed is what a platform table decides besides credits.
const keyed = `SELECT id, domain_id, key_id FROM link ORDER BY id`
const domainsNow = `SELECT domain, first_seen, first_link_id, class, links, live_links, said_links, said_first FROM refdomain ORDER BY site_id, domain`
const claimsNow = `SELECT d.pitch_id, d.domain_id, o.key FROM pitch_domain d JOIN pitch p ON p.id = d.pitch_id JOIN outlet o ON o.id = p.outlet_id ORDER BY 1, 2`

// decidedNow is credits without what is frozen in them: a credit that went and
// came back is frozen as its pitch is by then.
const decidedNow = `SELECT l.source_url, l.target_url, c.pitch_id, c.score, c.band, c.state, c.contested, c.lead, c.reasons FROM credit c JOIN link l ON l.id = c.link_id ORDER BY 1, 2`
const runnersUp = `SELECT link_id, pitch_id, score FROM assist ORDER BY 1, 2`

func everything(t *testing.T, st *store.Store) string {
	t.Helper()
	return testkit.Dump(t, st, credits, assists) + comeback(t, st)
}

// comeback is what undoing a change brings back.
func comeback(t *testing.T, st *store.Store) string {
	t.Helper()
	return testkit.Dump(t, st, decidedNow, runnersUp, keyed, domainsNow, claimsNow, `SELECT * FROM daily ORDER BY site_id, day`, `SELECT * FROM site_total`, `SELECT * FROM pitch_cohort ORDER BY 1, 2, 3, 4, 5`)
}

// work computes a change's preview.
func work(t *testing.T, st *store.Store, c store.RuleChange, err error) store.RuleChange {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := st.WorkChange(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	c, err = st.RuleChange(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func apply(t *testing.T, st *store.Store, c store.RuleChange) store.RuleChange {
	t.Helper()
	err := st.StartChange(t.Context(), admin, c.ID, false)
	return work(t, st, c, err)
}

func undo(t *testing.T, st *store.Store, c store.RuleChange) store.RuleChange {
	t.Helper()
	u, err := st.UndoChange(t.Context(), admin, c.ID)
	return work(t, st, u, err)
}

// changer makes random changes of the rules in the wide sense.
type changer struct {
	*history
}

func (c *changer) propose() (store.RuleChange, error) {
	ctx := c.t.Context()
	switch c.r.IntN(4) {
	case 0:
		r := c.st.Rules()
		r.CreditAt, r.SuggestAt = 70+c.r.IntN(30), 40+c.r.IntN(30)
		r.Weights.SameHost, r.Weights.TopicMatch = 40+c.r.IntN(40), c.r.IntN(30)
		return c.st.ProposeRules(ctx, admin, r)
	case 1:
		rows := []weburl.PlatformRow{
			{Host: "outlet.example", Subdomains: "author"}, {Host: "medium.com", Subdomains: "own"}, {Host: "substack.com", Subdomains: "front"},
			{Host: "other.example", Paths: []string{"/post-*"}}, {Host: "third.example", Subdomains: "own"},
		}
		edit := []store.PlatformEdit{store.PutPlatform, store.RemovePlatform, store.RestorePlatform}[c.r.IntN(3)]
		return c.st.ProposePlatform(ctx, admin, rows[c.r.IntN(len(rows))], edit)
	case 2:
		var list []pitches.Alias
		for _, host := range hosts {
			if c.r.IntN(3) == 0 {
				list = append(list, pitches.Alias{Key: host, From: []day.Day{day.None, c.day()}[c.r.IntN(2)]})
			}
		}
		return c.st.ProposeAliases(ctx, admin, c.outlet(), list)
	}
	return c.st.ProposeSubdomains(ctx, admin, c.outlet(), [][]string{nil, {"news"}, {"ann", "news"}}[c.r.IntN(3)])
}

func (c *changer) outlet() int64 {
	page, err := c.st.ListOutlets(c.t.Context(), store.OutletFilter{Site: c.site.ID})
	if err != nil || len(page.Rows) == 0 {
		return 1
	}
	return page.Rows[c.r.IntN(len(page.Rows))].ID
}

// TestChangesAreExact: after any history, a change does what its preview says,
// leaves a workspace in which a full run changes nothing, and undone gives back
// what was before. People's decisions never change.
func TestChangesAreExact(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			st, _ := open(t)
			h := &changer{history: &history{t: t, st: st, site: addSite(t, st), r: rand.New(rand.NewPCG(seed, 11))}}
			for range 4 {
				for range 12 {
					if err := h.step(); err != nil {
						t.Fatal(err)
					}
				}
				for range 3 {
					h.change()
				}
			}
		})
	}
}

const decided = `SELECT link_id, pitch_id, state, decided_by, owner_id, campaign FROM credit WHERE state IN ('confirmed', 'rejected') ORDER BY 1`

func (c *changer) change() {
	t, st := c.t, c.st
	proposed, err := c.propose()
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return // nothing to change, or not possible
	}
	before, former, decisions, rows := everything(t, st), comeback(t, st), testkit.Rows(t, st, decided), creditRows(t, st)
	ready := work(t, st, proposed, err)
	if now := everything(t, st); now != before {
		t.Fatalf("the preview of %q wrote\n%s\nbefore\n%s", ready.Note, now, before)
	}
	done := apply(t, st, ready)
	if done.State != store.ChangeApplied {
		t.Fatalf("%q is %s: %s", done.Note, done.State, done.Message)
	}
	whole(t, st)
	if want := ready.Preview.Diff; done.Outcome != want {
		t.Fatalf("%s %q did %+v, its preview said %+v", done.Kind, done.Note, done.Outcome, want)
	}
	if gained, lost := creditedBetween(rows, creditRows(t, st)); gained != done.Outcome.Gained || lost != done.Outcome.Lost {
		t.Fatalf("%q: %d credits came and %d went, the outcome says %+v", done.Note, gained, lost, done.Outcome)
	}
	if now := testkit.Rows(t, st, decided); st == nil || !keeps(decisions, now) {
		t.Fatalf("%q changed what people decided\n%s\nbefore\n%s", done.Note, now, decisions)
	}
	after := everything(t, st)
	if _, err := st.Attribute(t.Context(), c.site.ID, true, nil); err != nil {
		t.Fatal(err)
	}
	if now := everything(t, st); now != after {
		t.Fatalf("a full run after %q changed\n%s\nbefore\n%s", done.Note, now, after)
	}
	if c.r.IntN(2) == 0 {
		return
	}
	undone := undo(t, st, done)
	whole(t, st)
	if now := comeback(t, st); now != former {
		t.Fatalf("%s %q undone (%s) differs:\n%s", done.Kind, done.Note, undone.State, differences(former, now))
	}
}

func differences(before, now string) string {
	var out []string
	b, n := strings.Split(before, "\n"), strings.Split(now, "\n")
	for _, row := range b {
		if !slices.Contains(n, row) {
			out = append(out, "- "+row)
		}
	}
	for _, row := range n {
		if !slices.Contains(b, row) {
			out = append(out, "+ "+row)
		}
	}
	return strings.Join(out, "\n")
}

// keeps reports that every decision of before stands; a rejection may give way
// to a better proposal of another pitch, as it does when a pitch is logged.
func keeps(before, now string) bool {
	rows := strings.Split(now, "\n")
	for row := range strings.SplitSeq(before, "\n") {
		if strings.Contains(row, "confirmed") && !slices.Contains(rows, row) {
			return false
		}
	}
	return true
}

func creditRows(t *testing.T, st *store.Store) map[string]bool {
	out := map[string]bool{}
	for row := range strings.SplitSeq(testkit.Rows(t, st, `SELECT link_id FROM credit WHERE state IN ('auto', 'confirmed')`), "\n") {
		if row != "" {
			out[row] = true
		}
	}
	return out
}

func creditedBetween(before, after map[string]bool) (gained, lost int) {
	for id := range after {
		if !before[id] {
			gained++
		}
	}
	for id := range before {
		if !after[id] {
			lost++
		}
	}
	return gained, lost
}

func TestChangeOfThresholds(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "outlet.example", "2026-01-01")
	testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`) // what speaks of the link itself
	save(t, st, site, link("https://outlet.example/a", "2026-01-10"), with(link("https://news.outlet.example/b", "2027-06-20"), func(l *backlinks.Link) { l.Anchor = "here" }))
	r := st.Rules()
	r.CreditAt, r.SuggestAt = 99, 98
	proposed, err := st.ProposeRules(t.Context(), admin, r)
	ready := work(t, st, proposed, err)
	if ready.Preview.Lost != 1 || ready.Preview.Total() != 1 || len(ready.Preview.Examples) != 1 {
		t.Fatalf("preview %+v", ready.Preview)
	}
	if e := ready.Preview.Examples[0]; e.Change != store.Lost || e.Source != "https://outlet.example/a" || e.Before.Outlet != "outlet.example" || e.Before.Score < 85 {
		t.Errorf("example %+v", e)
	}
	save(t, st, site, link("https://outlet.example/c", "2026-01-10"))
	if err := st.StartChange(t.Context(), admin, ready.ID, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("applied what was computed before a link came in: %v", err)
	}
	if err := st.LookAgain(t.Context(), ready.ID); err != nil {
		t.Fatal(err)
	}
	again := work(t, st, ready, nil)
	if again.Preview.Lost != 2 {
		t.Errorf("second look %+v", again.Preview)
	}
	done := apply(t, st, again)
	if done.Version != 2 || st.Rules().Version != 2 || st.Rules().CreditAt != 99 {
		t.Errorf("version %d, rules %+v", done.Version, st.Rules())
	}
	if got := testkit.Rows(t, st, `SELECT DISTINCT state FROM credit`); strings.Contains(got, "auto") {
		t.Errorf("states %s", got)
	}
	other := st.Rules()
	other.GraceDays = 5
	proposed, err = st.ProposeRules(t.Context(), admin, other)
	stale := work(t, st, proposed, err)
	undone := undo(t, st, done)
	if undone.Version != 3 || undone.Undoes != done.ID || st.Rules().CreditAt != 85 {
		t.Errorf("undone %+v", undone)
	}
	if err := st.StartChange(t.Context(), admin, stale.ID, true); !fault.Is(err, fault.Conflict) {
		t.Errorf("applied a preview of other rules: %v", err)
	}
	if err := st.LookAgain(t.Context(), stale.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("looked at a change of rules that are no more: %v", err)
	}
	if _, err := st.UndoChange(t.Context(), admin, stale.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("undid what was never applied: %v", err)
	}
	if got := testkit.Rows(t, st, `SELECT DISTINCT rule_version FROM credit WHERE state = 'auto'`); got != "3" {
		t.Errorf("credits of version %s", got)
	}
}

// TestChangeGoesOn: a change cut off in the middle is finished by the next try,
// and what comes in meanwhile is decided by the new rules.
func TestChangeGoesOn(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	for i := range 30 {
		logPitch(t, st, site, fmt.Sprintf("paper%d.example", i), "2026-01-01")
		testkit.Exec(t, st, `UPDATE pitch SET anchor = 'Brand'`)
		save(t, st, site, link(fmt.Sprintf("https://paper%d.example/a", i), "2026-01-10"))
	}
	r := st.Rules()
	r.CreditAt = 100
	proposed, err := st.ProposeRules(t.Context(), admin, r)
	ready := work(t, st, proposed, err)
	if err := st.StartChange(t.Context(), admin, ready.ID, false); err != nil {
		t.Fatal(err)
	}
	testkit.Exec(t, st, `CREATE TRIGGER stop BEFORE DELETE ON rule_todo BEGIN SELECT RAISE(ABORT, 'cut off'); END`)
	if err := st.WorkChange(t.Context(), ready.ID); err == nil {
		t.Fatal("not cut off")
	}
	whole(t, st)
	if c, ok, err := st.ApplyingChange(t.Context()); err != nil || !ok || c.Version != 2 {
		t.Fatalf("%+v, %v, %v", c, ok, err)
	}
	save(t, st, site, link("https://paper3.example/b", "2026-01-10"))
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM credit WHERE state = 'auto'`); got != "29" {
		t.Errorf("%s credits after a link under the new rules, want 29: those of its outlet are decided, the others wait", got)
	}
	testkit.Exec(t, st, `DROP TRIGGER stop`)
	done := work(t, st, ready, nil)
	if done.State != store.ChangeApplied || testkit.Rows(t, st, `SELECT COUNT(*) FROM credit WHERE state = 'auto'`) != "0" {
		t.Errorf("%+v", done)
	}
	whole(t, st)
}

func TestPlatformChangeMovesPitches(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "ann.club.example", "2026-01-01")
	logPitch(t, st, site, "bob.club.example", "2026-01-02")
	_, err := st.SaveRefDomains(t.Context(), site.ID, []backlinks.RefDomain{{Domain: "club.example", Links: 9, FirstSeen: d("2025-12-01")}})
	if err != nil {
		t.Fatal(err)
	}
	save(t, st, site, link("https://ann.club.example/a", "2026-01-10"), link("https://bob.club.example/b", "2026-01-11"))
	credited := func() string { return testkit.Dump(t, st, decidedNow, runnersUp, keyed, domainsNow) }
	before := credited()
	proposed, err := st.ProposePlatform(t.Context(), admin, weburl.PlatformRow{Host: "club.example", Subdomains: "author"}, store.PutPlatform)
	ready := work(t, st, proposed, err)
	if ready.Preview.Pitches != 2 || ready.Preview.Rekeyed != 2 {
		t.Errorf("preview %+v", ready.Preview)
	}
	done := apply(t, st, ready)
	whole(t, st)
	if got := testkit.Rows(t, st, `SELECT o.key, o.scoped FROM pitch p JOIN outlet o ON o.id = p.outlet_id ORDER BY p.id`); got != "ann.club.example | 1\nbob.club.example | 1" {
		t.Errorf("outlets\n%s", got)
	}
	logged := logPitch(t, st, site, "ann.club.example", "2026-01-03")
	if logged.Outlet.Key != "ann.club.example" {
		t.Errorf("logged to %s", logged.Outlet.Key)
	}
	if err := st.DeletePitch(t.Context(), admin, logged.ID); err != nil {
		t.Fatal(err)
	}
	undo(t, st, done)
	whole(t, st)
	if now := credited(); now != before {
		t.Errorf("undone\n%s\nbefore\n%s", now, before)
	}
}

// TestSharedKeys: links on a host that shares keys with another platform are
// found by pitches to the author there.
func TestSharedKeys(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	logPitch(t, st, site, "x.com/ann", "2026-01-01")
	save(t, st, site, link("https://twitter.com/ann/status/1", "2026-01-10"), link("https://x.com/bob/status/2", "2026-01-10"))
	if got := testkit.Rows(t, st, `SELECT l.source_url FROM credit c JOIN link l ON l.id = c.link_id`); got != "https://twitter.com/ann/status/1" {
		t.Errorf("credited %q", got)
	}
	whole(t, st)
}

func TestProposalsAreChecked(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	p := logPitch(t, st, site, "outlet.example", "2026-01-01")
	rules := func(f func(*attribution.Rules)) error {
		r := st.Rules()
		f(&r)
		_, err := st.ProposeRules(t.Context(), admin, r)
		return err
	}
	aliases := func(list ...pitches.Alias) error {
		_, err := st.ProposeAliases(t.Context(), admin, p.OutletID, list)
		return err
	}
	off := func(list ...string) error {
		_, err := st.ProposeSubdomains(t.Context(), admin, p.OutletID, list)
		return err
	}
	platform := func(row weburl.PlatformRow, edit store.PlatformEdit) error {
		_, err := st.ProposePlatform(t.Context(), admin, row, edit)
		return err
	}
	for name, c := range map[string]struct {
		err   error
		field string
	}{
		"nothing changed":      {rules(func(*attribution.Rules) {}), ""},
		"threshold":            {rules(func(r *attribution.Rules) { r.CreditAt = 101 }), "credit_at"},
		"own key":              {aliases(pitches.Alias{Key: "www.outlet.example"}), "alias"},
		"a site of ours":       {aliases(pitches.Alias{Key: site.Host}), "alias"},
		"bare platform":        {aliases(pitches.Alias{Key: "medium.com"}), "alias"},
		"no address":           {aliases(pitches.Alias{Key: "nowhere"}), "alias"},
		"backwards":            {aliases(pitches.Alias{Key: "b.example", From: d("2026-02-01"), To: d("2026-01-01")}), "to"},
		"twice":                {aliases(pitches.Alias{Key: "b.example"}, pitches.Alias{Key: "b.example"}), "alias"},
		"no subdomain":         {off("jo bs"), "subdomain"},
		"whole outlet":         {off("outlet.example"), "subdomain"},
		"no platform":          {platform(weburl.PlatformRow{Host: "com"}, store.PutPlatform), "host"},
		"shares with nothing":  {platform(weburl.PlatformRow{Host: "b.example", SameAs: "c.example"}, store.PutPlatform), "same_as"},
		"others share with it": {platform(weburl.PlatformRow{Host: "x.com"}, store.RemovePlatform), "same_as"},
	} {
		if !fault.Is(c.err, fault.Invalid) || c.field != "" && fault.FieldsOf(c.err)[c.field] == "" {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}
