package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/store"
	"landed/internal/testkit"
)

// v3Steps are the requests of the two chapters by step: the chapter, which of its
// requests is the step's first, and a field of its answer.
var v3Steps = []struct {
	step    string
	chapter int
	request int
	field   string
}{
	{Overview, 0, 2, "live"},
	{AuthorityHistory, 0, 4, "domain_rating"}, {RefDomainHistory, 0, 5, "date"},
	{NewLinks, 1, 3, "first_seen_link"}, {NewLinks, 1, 4, "url_from"},
	{LostLinks, 1, 6, "last_seen"},
	{Restored, 1, 8, "last_visited"}, {RefDomains, 0, 13, "domain"},
}

// v3Faults are in one of three classes: the client gets over them, the run fails, or
// the run fails for good.
func v3Faults(field string) []struct {
	name      string
	fault     ahrefstest.Fault
	tries     int
	fails     bool
	permanent bool
	says      string
} {
	type row = struct {
		name      string
		fault     ahrefstest.Fault
		tries     int
		fails     bool
		permanent bool
		says      string
	}
	bad := func(name string, f ahrefstest.Fault) row {
		return row{name: name, fault: f, tries: 1, fails: true, says: "cannot be used"}
	}
	return []row{
		{name: "429", fault: ahrefstest.TooMany(""), tries: 2},
		{name: "500", fault: ahrefstest.Status(500, "oops"), tries: 1},
		{name: "500 for long", fault: ahrefstest.Status(500, "oops"), tries: 4, fails: true, says: "server error"},
		{name: "breaks off for long", fault: ahrefstest.Drop(), tries: 4, fails: true, says: "could not be reached"},
		bad("cut JSON", ahrefstest.CutJSON()),
		bad("HTML", ahrefstest.HTML()),
		bad("wrong types", ahrefstest.WrongTypes(field)),
		bad("null", ahrefstest.Null()),
		bad("null list", ahrefstest.NullList()),
		bad("empty object", ahrefstest.EmptyObject()),
		bad("another case", ahrefstest.OtherCase(field)),
		bad("a field twice", ahrefstest.AddField(field, `"`+strings.ToUpper(field)+`":"x"`)),
		bad("without a field", ahrefstest.WithoutField(field)),
		bad("redirect", ahrefstest.Redirect("https://elsewhere.example/")),
		{name: "401", fault: ahrefstest.Status(401, "expired"), tries: 1, fails: true, permanent: true, says: "token"},
		{name: "402", fault: ahrefstest.Status(402, "units"), tries: 1, fails: true, permanent: true, says: "units are used up"},
		{name: "403", fault: ahrefstest.Status(403, "plan"), tries: 1, fails: true, permanent: true, says: "does not allow"},
	}
}

// v3Faultless is what a chapter without faults leaves, and its requests.
func v3Faultless(t *testing.T, chapter int) (rows string, requests int) {
	b := newV3(t, chapter)
	b.mustRun()
	return b.rows(), b.sent
}

func TestV3FaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs, one after the other")
	}
	want := [2]string{}
	for chapter := range want {
		want[chapter], _ = v3Faultless(t, chapter)
	}
	for _, at := range v3Steps {
		for _, f := range v3Faults(at.field) {
			t.Run(fmt.Sprintf("%s at request %d, %s", f.name, at.request, at.step), func(t *testing.T) {
				b := newV3(t, at.chapter)
				for i := range f.tries {
					b.srv.FaultAt(at.request+i, f.fault)
				}
				res, err := b.run()
				if (err != nil) != f.fails {
					t.Fatalf("error %v, want one: %v; %s", err, f.fails, b.stepsOf(res.Run))
				}
				if f.fails {
					checkFault(t, b, res, err, at.step, f.permanent, f.says)
					res = b.mustRun()
				}
				sameRows(t, b.rows(), want[at.chapter])
				if res.Run.Requests != b.sent || res.Resumed != f.fails {
					t.Errorf("%d requests counted, %d sent, resumed %v", res.Run.Requests, b.sent, res.Resumed)
				}
			})
		}
	}
}

func checkFault(t *testing.T, b *bench, res Result, err error, step string, permanent bool, says string) {
	t.Helper()
	f, ok := errors.AsType[*Failure](err)
	if !ok || f.Permanent() != permanent || res.Run.State != store.SyncFailed || !strings.Contains(res.Run.Message, says) {
		t.Errorf("permanent %v, %s: %s", !permanent, res.Run.State, res.Run.Message)
	}
	if s := res.Run.Step(step); s.State != store.SyncFailed {
		t.Errorf("%s is %s", step, s.State)
	}
	list, _, err := b.st.SyncRequests(t.Context(), res.Run.ID, 0, 1000)
	if err != nil || len(list) != b.sent || list[len(list)-1].OK || !strings.Contains(list[len(list)-1].Outcome, says) {
		t.Errorf("%d requests sent, the lines are %+v, %v", b.sent, list, err)
	}
	lost := testkit.Rows(t, b.st, `SELECT COUNT(*) FROM link WHERE lost_on <> '' AND lost_said = ''`)
	if lost != "0" {
		t.Errorf("%s links are lost without the provider's word", lost)
	}
}

// A hanging server and one that drips take the transport's time limits.
func TestV3HangAndDrip(t *testing.T) {
	want, _ := v3Faultless(t, 1)
	for name, f := range map[string]ahrefstest.Fault{"hang": ahrefstest.Hang(), "drip": ahrefstest.Drip(100 * time.Microsecond)} {
		for _, request := range []int{1, 4, 6, 8} {
			b := newV3(t, 1)
			b.srv.FaultAt(request, f)
			b.hasty = true
			b.mustRun()
			if sameRows(t, b.rows(), want); t.Failed() {
				t.Fatalf("%s at request %d", name, request)
			}
		}
	}
}

// The same page again, an empty one and one in disorder in place of each request.
func TestV3StrangePages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs, one after the other")
	}
	for chapter := range 2 {
		plain := newV3(t, chapter)
		plain.mustRun()
		want, links, requests := plain.rows(), plain.links(), plain.sent
		for n := 1; n <= requests; n++ {
			var first []byte
			for name, f := range map[string]ahrefstest.Fault{
				"empty list": ahrefstest.Mangle(func(a *ahrefstest.Answer) { a.Body = emptied(a.Body) }),
				"page before": ahrefstest.Mangle(func(a *ahrefstest.Answer) {
					if first != nil {
						a.Body = first
					}
				}),
			} {
				b := newV3(t, chapter)
				first = nil
				b.srv.FaultAt(max(1, n-1), ahrefstest.Mangle(func(a *ahrefstest.Answer) { first = a.Body }))
				b.srv.FaultAt(n, f)
				res, err := b.run()
				if err != nil && (res.Run.State != store.SyncFailed || res.Run.Message == "") {
					t.Errorf("%s at %d: %+v", name, n, res.Run)
				}
				// An empty history of a new site, or a list of domains, is one that may be.
				if s := lastStep(res.Run, n, b); name == "empty list" && err == nil && s != NewLinks && s != LostLinks && s != Restored {
					continue
				}
				if b.mustRun(); err == nil { // what was not believed is asked for again
					b.mustRun()
				}
				if name == "empty list" && chapter == 0 && err == nil {
					// Links that came as lost before they came as new have no event of their loss.
					if b.links() != links {
						t.Errorf("request %d: %s\nwant\n%s", n, b.links(), links)
					}
					continue
				}
				if name == "empty list" && err == nil && lastStep(res.Run, n, b) == Restored {
					b.clock.forward(chapterLength) // asked for as seldom as ever
					b.mustRun()
					if b.links() != links {
						t.Errorf("request %d: %s\nwant\n%s", n, b.links(), links)
					}
					continue
				}
				if sameRows(t, b.rows(), want); t.Failed() {
					t.Fatalf("%s at request %d of chapter %d, %v", name, n, chapter, err)
				}
			}
		}
	}
}

// lastStep is the step that request n belonged to.
func lastStep(run store.SyncRun, n int, b *bench) string {
	list, _, err := b.st.SyncRequests(context.Background(), run.ID, 0, n)
	if err != nil || len(list) < n {
		return ""
	}
	return list[n-1].Step
}

// emptied takes the rows out of an answer's list.
func emptied(body []byte) []byte {
	text := string(body)
	from, to := strings.IndexByte(text, '['), strings.LastIndexByte(text, ']')
	if from < 0 || to < from {
		return body
	}
	return []byte(text[:from+1] + text[to:])
}

func TestV3FaultAtEachRequest(t *testing.T) {
	t.Parallel()
	for chapter := range 2 {
		want, requests := v3Faultless(t, chapter)
		for n := 1; n <= requests; n++ {
			b := newV3(t, chapter)
			b.srv.FaultAt(n, ahrefstest.EmptyObject())
			if _, err := b.run(); err == nil {
				t.Fatalf("request %d: no error", n)
			}
			res := b.mustRun()
			sameRows(t, b.rows(), want)
			again := 1
			if chapter == 0 && n <= 3 {
				again = n // the three parts of the overview are one page
			}
			if b.sent != requests+again || res.Run.Requests != requests+again {
				t.Errorf("request %d: %d requests sent, %d counted, want %d", n, b.sent, res.Run.Requests, requests+again)
			}
		}
	}
}

func TestV3KilledBetweenAnyTwoRequests(t *testing.T) {
	t.Parallel()
	for chapter := range 2 {
		want, requests := v3Faultless(t, chapter)
		for n := 1; n <= requests; n++ {
			b := newV3(t, chapter)
			ctx, cancel := context.WithCancel(t.Context())
			b.beforeRequest = func(at int) {
				if at == n {
					cancel()
				}
			}
			b.sync.Store = dying{b.st}
			if res, err := b.sync.Run(ctx, b.site.ID, nil); !errors.Is(err, context.Canceled) || res.Run.State != store.SyncRunning {
				t.Fatalf("%s, %v", res.Run.State, err)
			}
			b.beforeRequest = nil
			if err := b.connect(useV3); err != nil {
				t.Fatal(err)
			}
			if res := b.mustRun(); !res.Resumed {
				t.Error("a new run was started")
			}
			if sameRows(t, b.rows(), want); t.Failed() {
				t.Fatalf("request %d of chapter %d", n, chapter)
			}
		}
	}
}

func TestV3KilledWhileSaving(t *testing.T) {
	t.Parallel()
	want, requests := v3Faultless(t, 0)
	for n := 1; n <= requests-2; n++ { // pages: the overview is three requests
		for _, saved := range []bool{false, true} {
			b := newV3(t, 0)
			b.sync.Store = &cutOff{dying: dying{b.st}, at: n, saved: saved}
			if _, err := b.run(); err == nil {
				t.Fatal("no error")
			}
			if err := b.connect(useV3); err != nil {
				t.Fatal(err)
			}
			b.mustRun()
			if sameRows(t, b.rows(), want); t.Failed() {
				t.Fatalf("page %d, saved %v", n, saved)
			}
		}
	}
}
