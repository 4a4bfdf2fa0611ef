package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestScheduleNext(t *testing.T) {
	for _, tt := range []struct {
		days, usual int
		weekday     time.Weekday
		hour        int
		zone        string
		from, want  string
	}{
		{7, 0, time.Monday, 6, "UTC", "2026-03-01T09:00:00Z", "2026-03-02T06:00:00Z"},
		{7, 0, time.Monday, 6, "UTC", "2026-03-02T06:00:00Z", "2026-03-09T06:00:00Z"},
		{0, 7, time.Sunday, 10, "UTC", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"},
		{0, 1, time.Sunday, 8, "UTC", "2026-03-01T09:00:00Z", "2026-03-02T08:00:00Z"},
		{14, 7, time.Monday, 6, "UTC", "2026-03-02T06:00:00Z", "2026-03-16T06:00:00Z"},
		{14, 7, time.Monday, 6, "UTC", "2026-03-03T00:00:00Z", "2026-03-16T06:00:00Z"},
		{28, 7, time.Friday, 23, "UTC", "2026-03-06T23:00:01Z", "2026-04-03T23:00:00Z"},
		{7, 0, time.Monday, 6, "Europe/Vienna", "2026-03-27T09:00:00Z", "2026-03-30T04:00:00Z"},       // the clocks go forward on the 29th
		{7, 0, time.Sunday, 2, "Europe/Vienna", "2026-03-27T09:00:00Z", "2026-03-29T01:00:00Z"},       // an hour that is skipped
		{7, 0, time.Monday, 6, "America/Los_Angeles", "2026-03-02T13:30:00Z", "2026-03-02T14:00:00Z"}, // still Monday there
		{7, 0, time.Monday, 6, "Gone/Forgotten", "2026-03-01T09:00:00Z", "2026-03-02T06:00:00Z"},
	} {
		from, _ := time.Parse(time.RFC3339, tt.from)
		c := store.Schedule{Days: tt.days, Weekday: tt.weekday, Hour: tt.hour, Zone: tt.zone}
		if got := c.Next(from, tt.usual).Format(time.RFC3339); got != tt.want {
			t.Errorf("%+v after %s: %s, want %s", c, tt.from, got, tt.want)
		}
	}
}

func TestSetSchedule(t *testing.T) {
	st, _, site := syncedSite(t)
	c, err := st.SetSchedule(t.Context(), store.CommandLine, store.Schedule{SiteID: site, Days: 7, Weekday: time.Friday, Hour: 4, Zone: "Europe/Vienna"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	got, err := st.Schedule(t.Context(), site)
	if err != nil || got != c || got.NextAt.Format(time.RFC3339) != "2026-03-06T03:00:00Z" {
		t.Errorf("%+v, %v", got, err)
	}
	all, err := st.Schedules(t.Context())
	if err != nil || len(all) != 1 || all[site] != c {
		t.Errorf("%+v, %v", all, err)
	}
	if log, err := st.AuditLog(t.Context(), 0, 1); err != nil || log[0].Action != "sync_schedule" || log[0].Subject != "example.com" {
		t.Errorf("%+v, %v", log, err)
	}
	for field, bad := range map[string]store.Schedule{
		"days": {Days: 3, Zone: "UTC"}, "weekday": {Weekday: 7, Zone: "UTC"}, "hour": {Hour: 24, Zone: "UTC"}, "zone": {Zone: "Vienna"},
	} {
		bad.SiteID = site
		_, err := st.SetSchedule(t.Context(), store.CommandLine, bad, 7)
		if f := fault.FieldsOf(err); !fault.Is(err, fault.Invalid) || f[field] == "" || len(f) != 1 {
			t.Errorf("%s: %v %v", field, err, f)
		}
	}
	if _, err := st.SetSchedule(t.Context(), store.CommandLine, store.Schedule{SiteID: 99, Zone: "UTC"}, 7); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown site: %v", err)
	}
}

func TestDueSyncs(t *testing.T) {
	st, clock, site := syncedSite(t)
	due := func() string {
		t.Helper()
		ids, err := st.DueSyncs(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		c, err := st.Schedule(t.Context(), site)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(ids, " next ", c.NextAt.Format("01-02 15"))
	}
	check := func(when, want string) {
		t.Helper()
		if got := due(); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	run := func() {
		t.Helper()
		finishRun(t, st, startRun(t, st, site).ID, store.SyncEnd{State: store.SyncDone})
	}
	check("a new site is synced at once", "[1] next 03-02 06")
	if got := testkit.Rows(t, st, `SELECT state, cause FROM sync_run`); got != "queued | schedule" {
		t.Errorf("asked for: %s", got)
	}
	check("asked again", "[] next 03-02 06")
	run()
	clock.Forward(22 * time.Hour) // Monday 07:00
	check("a slot within a day of a sync", "[] next 03-09 06")
	clock.Forward(7 * 24 * time.Hour)
	check("the next one", "[1] next 03-16 06")
	run()
	clock.Forward(100 * 24 * time.Hour)
	check("after an outage of many slots", "[1] next 06-22 06")
	check("only once", "[] next 06-22 06")
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM sync_run WHERE state = 'queued'`); got != "1" {
		t.Errorf("%s runs", got)
	}
	run()
	if _, err := st.SetSchedule(t.Context(), store.CommandLine, store.Schedule{SiteID: site, Zone: "UTC", Hour: 6, Weekday: time.Monday, Paused: true}, 7); err != nil {
		t.Fatal(err)
	}
	clock.Forward(30 * 24 * time.Hour)
	check("paused", "[] next 06-22 06")
}

// What waits for units is begun again when there are new ones.
func TestWaitingForUnitsIsDue(t *testing.T) {
	st, clock, site := syncedSite(t)
	if _, err := st.SetSchedule(t.Context(), store.CommandLine, store.Schedule{SiteID: site, Zone: "UTC", Paused: true}, 7); err != nil {
		t.Fatal(err)
	}
	run := startRun(t, st, site)
	finishRun(t, st, run.ID, store.SyncEnd{State: store.SyncWaiting, WaitFor: store.WaitMonth, WaitUntil: testkit.Start.Add(48 * time.Hour), Message: "Spent."})
	if ids, err := st.DueSyncs(t.Context(), 7); err != nil || len(ids) != 0 {
		t.Errorf("%v, %v", ids, err)
	}
	if err := st.SetSyncBudget(t.Context(), store.CommandLine, store.SyncBudget{MonthUnits: 10, WarnPercent: 80}); err != nil {
		t.Fatal(err)
	}
	if ids, err := st.DueSyncs(t.Context(), 7); err != nil || len(ids) != 1 {
		t.Errorf("after the cap was raised: %v, %v", ids, err)
	}
	clock.Forward(time.Minute)
	if again, err := st.ResumeRun(t.Context(), run.ID, 500); err != nil || again.WaitFor != "" || again.CapUnits != 500 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestCancelRun(t *testing.T) {
	for state, want := range map[store.SyncState]string{
		store.SyncRunning:   "running | 2026-03-01T09:00:00Z | Ann | ",
		store.SyncQueued:    "cancelled | 2026-03-01T09:00:00Z | Ann | It was cancelled",
		store.SyncWaiting:   "cancelled | 2026-03-01T09:00:00Z | Ann | It was cancelled",
		store.SyncDone:      "conflict",
		store.SyncFailed:    "conflict",
		store.SyncCancelled: "conflict",
	} {
		st, _, site := syncedSite(t)
		run := startRun(t, st, site)
		if state != store.SyncRunning {
			finishRun(t, st, run.ID, store.SyncEnd{State: state})
		}
		_, err := st.CancelRun(t.Context(), store.By{Name: "Ann"}, run.ID)
		if want == "conflict" {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", state, err)
			}
			continue
		}
		if got := testkit.Rows(t, st, `SELECT state, cancel_at, cancel_by, message FROM sync_run`); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %v", state, got, err)
		}
		if asked, err := st.CancelAsked(t.Context(), run.ID); err != nil || !asked {
			t.Errorf("%s: %v, %v", state, asked, err)
		}
	}
}
