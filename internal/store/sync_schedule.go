package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"landed/internal/fault"
)

// Schedule is when a site is synced by itself.
type Schedule struct {
	SiteID  int64
	Days    int // between two syncs: 1, 7, 14 or 28; 0 = the workspace's usual
	Weekday time.Weekday
	Hour    int    // 0 to 23
	Zone    string // IANA name, such as Europe/Vienna
	Paused  bool
	NextAt  time.Time // zero = not planned yet: due when the site has never been synced
}

// ScheduleDays are the distances that a Schedule may have.
var ScheduleDays = []int{1, 7, 14, 28}

// Next is the first time after t at which the schedule has its weekday and hour;
// every two or four weeks, the one that is that long after t, or up to six days
// less. usual stands in for Days 0. An hour that the clocks skip is the one after it.
func (c Schedule) Next(t time.Time, usual int) time.Time {
	days := c.Days
	if days == 0 {
		days = usual
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC // a name that this system has forgotten
	}
	from := t
	if days > 7 {
		from = t.AddDate(0, 0, days-7)
	}
	local := from.In(zone)
	for i := 0; ; i++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+i, c.Hour, 0, 0, 0, zone)
		if at.After(from) && (days < 7 || at.Weekday() == c.Weekday) {
			return at.UTC()
		}
	}
}

const scheduleColumns = `site_id, days, weekday, hour, zone, paused, next_at`

func scanSchedule(row scanner) (Schedule, error) {
	var c Schedule
	var weekday int
	var next string
	err := row.Scan(&c.SiteID, &c.Days, &weekday, &c.Hour, &c.Zone, &c.Paused, &next)
	c.Weekday, c.NextAt = time.Weekday(weekday), instant(next)
	return c, err
}

const (
	scheduleOf  = `SELECT ` + scheduleColumns + ` FROM sync_schedule WHERE site_id = $1`
	scheduleDue = `SELECT ` + scheduleColumns + ` FROM sync_schedule WHERE NOT paused AND next_at <= $1 ORDER BY next_at LIMIT $2`
	lastStarted = `SELECT started_at FROM sync_run WHERE site_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 1`
	waitingDue  = `SELECT site_id FROM sync_run WHERE state = 'waiting' AND wait_until <> '' AND wait_until <= $1 ORDER BY wait_until`
)

// Schedule is a site's schedule.
func (s *Store) Schedule(ctx context.Context, site int64) (Schedule, error) {
	c, err := scanSchedule(s.read.QueryRowContext(ctx, scheduleOf, site))
	if err == sql.ErrNoRows {
		return c, fault.New(fault.NotFound, "There is no site %d.", site)
	}
	return c, classify(err, "sync schedule")
}

// Schedules are the schedules of all sites, by site.
func (s *Store) Schedules(ctx context.Context) (map[int64]Schedule, error) {
	out := map[int64]Schedule{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		c, err := scanSchedule(rows)
		out[c.SiteID] = c
		return err
	}, `SELECT `+scheduleColumns+` FROM sync_schedule`)
	return out, classify(err, "sync schedules")
}

func (c Schedule) validate() error {
	bad := map[string]string{}
	if c.Days != 0 && !slices.Contains(ScheduleDays, c.Days) {
		bad["days"] = "Choose how often: daily, weekly, every two or every four weeks."
	}
	if c.Weekday < time.Sunday || c.Weekday > time.Saturday {
		bad["weekday"] = "Choose a day of the week."
	}
	if c.Hour < 0 || c.Hour > 23 {
		bad["hour"] = "An hour is a number from 0 to 23."
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		bad["zone"] = "There is no time zone of this name; they look like Europe/Vienna."
	}
	if len(bad) > 0 {
		return &fault.Error{Kind: fault.Invalid, Message: "The schedule was not saved.", Fields: bad}
	}
	return nil
}

// SetSchedule changes a site's schedule and plans its next sync; usual is the
// number of days that Days 0 stands for.
func (s *Store) SetSchedule(ctx context.Context, by By, c Schedule, usual int) (Schedule, error) {
	if err := c.validate(); err != nil {
		return c, err
	}
	c.NextAt = c.Next(s.Now(), usual)
	err := s.tx(ctx, "change the sync schedule", func(tx *sql.Tx) error {
		var host string
		if err := tx.QueryRowContext(ctx, `SELECT host FROM site WHERE id = $1`, c.SiteID).Scan(&host); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE sync_schedule SET days = $2, weekday = $3, hour = $4, zone = $5, paused = $6, next_at = $7 WHERE site_id = $1`,
			c.SiteID, c.Days, int(c.Weekday), c.Hour, c.Zone, c.Paused, stamp(c.NextAt))
		if err != nil {
			return err
		}
		what := stamp(c.NextAt)
		if c.Paused {
			what = "paused"
		}
		return s.audit(ctx, tx, by, "sync_schedule", host, what)
	})
	return c, err
}

const (
	dueAtOnce = 10_000         // sites
	justDone  = 24 * time.Hour // a slot this soon after a sync is left out
)

// DueSyncs asks for the runs that are due now, and plans the next of each of
// these sites. After an outage a site has one run, however many it missed, and
// none when it was synced within the last day (daily ones: quarter of a day).
// Runs that waited for their time, the new month's units among them, come too. The
// sites are those whose run somebody has to begin.
func (s *Store) DueSyncs(ctx context.Context, usual int) ([]int64, error) {
	now := s.Now()
	var due []Schedule
	var out []int64
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		c, err := scanSchedule(rows)
		due = append(due, c)
		return err
	}, scheduleDue, stamp(now), dueAtOnce)
	if err == nil {
		err = each(ctx, s.read, func(rows *sql.Rows) error {
			var site int64
			err := rows.Scan(&site)
			out = append(out, site)
			return err
		}, waitingDue, stamp(now))
	}
	if err != nil {
		return nil, classify(err, "syncs that are due")
	}
	for _, c := range due {
		begin, err := s.planSync(ctx, c, now, usual)
		if err != nil {
			return out, err
		}
		if begin && !slices.Contains(out, c.SiteID) {
			out = append(out, c.SiteID)
		}
	}
	return out, nil
}

// planSync moves a due schedule on and asks for its run, unless there is none to
// be had. The run is asked for first: cut off in between, it is asked for again,
// which changes nothing.
func (s *Store) planSync(ctx context.Context, c Schedule, now time.Time, usual int) (begin bool, err error) {
	var done string
	err = s.read.QueryRowContext(ctx, lastStarted, c.SiteID).Scan(&done)
	if err != nil && err != sql.ErrNoRows {
		return false, classify(err, "last finished sync")
	}
	days := c.Days
	if days == 0 {
		days = usual
	}
	recent := justDone
	if days < 7 {
		recent = time.Duration(days) * justDone / 4
	}
	last := instant(done)
	switch {
	case !c.NextAt.IsZero() || last.IsZero():
		begin = now.Sub(last) >= recent
	case now.Sub(last) >= time.Duration(days)*24*time.Hour: // a site from before there were schedules
		begin = true
	}
	if begin {
		if _, _, err := s.AskRun(ctx, c.SiteID, Asked{Cause: CauseSchedule}); err != nil {
			return false, err
		}
	}
	return begin, s.tx(ctx, "plan the next sync", func(tx *sql.Tx) error {
		// Unless somebody has changed the schedule in the meantime.
		_, err := tx.ExecContext(ctx, `UPDATE sync_schedule SET next_at = $2 WHERE site_id = $1 AND next_at = $3`, c.SiteID, stamp(c.Next(now, usual)), stamp(c.NextAt))
		return err
	})
}
