package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

const syncSettingsPath = "/settings/sync"

func (s *Server) syncSettingsRoutes() []Route {
	return []Route{
		{Method: get, Pattern: syncSettingsPath, Role: auth.Admin, Handler: s.showSyncSettings},
		{Method: post, Pattern: syncSettingsPath + "/budget", Role: auth.Admin, Handler: s.saveBudget},
		{Method: get, Pattern: syncSettingsPath + "/{id}", Role: auth.Admin, Handler: s.showSchedule},
		{Method: post, Pattern: syncSettingsPath + "/{id}", Role: auth.Admin, Handler: s.saveSchedule},
	}
}

// usualDays is what a schedule means by “as usual”.
func (s *Server) usualDays() int {
	return max(1, int(s.SyncEvery/(24*time.Hour)))
}

func (s *Server) showSyncSettings(w http.ResponseWriter, r *http.Request) error {
	return s.syncSettingsPage(w, r, http.StatusOK, nil)
}

// syncSettingsPage shows budget and schedules; change puts what was typed over it.
func (s *Server) syncSettingsPage(w http.ResponseWriter, r *http.Request, status int, change func(*templates.SyncSettings)) error {
	ctx := r.Context()
	b, err := s.Store.BudgetState(ctx)
	if err != nil {
		return err
	}
	sites, err := s.Store.Sites(ctx)
	if err != nil {
		return err
	}
	plans, err := s.Store.Schedules(ctx)
	if err != nil {
		return err
	}
	v := templates.SyncSettings{CSRF: s.csrfToken(w, r), Seen: seenBudget(b.SyncBudget), Month: strconv.Itoa(b.MonthUnits), Run: strconv.Itoa(b.RunUnits),
		Warn: strconv.Itoa(b.WarnPercent), Spent: grouped(b.Units) + " units spent this month", Notes: budgetNotes(b)}
	if s.SyncEvery <= 0 {
		v.Notes = append(v.Notes, templates.Note{Kind: "info", Title: "Nothing is synced by itself.", Text: "The server was started with --sync-every 0; schedules wait until that is changed."})
	}
	for _, site := range sites {
		plan := plans[site.ID]
		row := templates.ScheduleRow{Host: site.Host, Href: schedulePath(site.ID), When: s.planText(plan), Next: s.plannedNext(plan, s.Now())}
		if plan.Paused {
			row.State, row.StateText = "mute", "Paused"
		}
		v.Sites = append(v.Sites, row)
	}
	if change != nil {
		change(&v)
	}
	return s.show(w, r, Page{Title: "Sync settings", Nav: "settings", Status: status, Body: templates.SyncSettingsPage(v)})
}

func schedulePath(site int64) string { return fmt.Sprint(syncSettingsPath, "/", site) }

// seenBudget names what a form showed, so that saving it over something else is
// noticed.
func seenBudget(b store.SyncBudget) string {
	return fmt.Sprintf("%d.%d.%d", b.MonthUnits, b.RunUnits, b.WarnPercent)
}

func seenSchedule(c store.Schedule) string {
	return fmt.Sprintf("%d.%d.%d.%s.%t", c.Days, c.Weekday, c.Hour, c.Zone, c.Paused)
}

// saveBudget changes the caps. Somebody else's change in the meantime is shown
// instead of overwritten.
func (s *Server) saveBudget(w http.ResponseWriter, r *http.Request) error {
	now, err := s.Store.SyncBudget(r.Context())
	if err != nil {
		return err
	}
	if r.PostFormValue("seen") != seenBudget(now) {
		return s.syncSettingsPage(w, r, http.StatusConflict, func(v *templates.SyncSettings) {
			v.ErrorText = "Somebody changed the budget after you opened this page. Below is what is stored now: change it again if it is not right."
		})
	}
	errs := map[string]string{}
	read := func(name string) int {
		n, err := strconv.Atoi(strings.NewReplacer(",", "", " ", "", "\u00a0", "", "%", "").Replace(r.PostFormValue(name)))
		if err != nil {
			errs[name] = "A whole number, such as 60,000."
		}
		return n
	}
	next := store.SyncBudget{MonthUnits: read("month_units"), RunUnits: read("run_units"), WarnPercent: read("warn_percent")}
	if len(errs) == 0 {
		err = s.Store.SetSyncBudget(r.Context(), s.by(r), next)
		if gather(errs, err); err != nil && len(errs) == 0 {
			return err
		}
	}
	if len(errs) > 0 {
		return s.syncSettingsPage(w, r, http.StatusUnprocessableEntity, func(v *templates.SyncSettings) {
			v.Errors, v.Month, v.Run, v.Warn = errs, cut(r.PostFormValue("month_units"), 40), cut(r.PostFormValue("run_units"), 40), cut(r.PostFormValue("warn_percent"), 40)
		})
	}
	s.flash(r, templates.Toast{Text: "Budget saved"})
	return s.redirect(w, r, syncSettingsPath)
}

var everyDays = map[int]string{1: "Every day", 7: "Every week", 14: "Every two weeks", 28: "Every four weeks"}

// planText is a schedule in words: "Every week, Mondays at 06:00, UTC".
func (s *Server) planText(c store.Schedule) string {
	days := c.Days
	if days == 0 {
		days = s.usualDays()
	}
	text := everyDays[days]
	if text == "" {
		text = "Every " + counted(days, "day", "days")
	}
	if days >= 7 {
		text += ", " + c.Weekday.String() + "s"
	}
	return fmt.Sprintf("%s at %02d:00, %s", text, c.Hour, c.Zone)
}

func (s *Server) showSchedule(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	return s.schedulePage(w, r, http.StatusOK, site, nil)
}

func (s *Server) schedulePage(w http.ResponseWriter, r *http.Request, status int, site store.Site, change func(*templates.ScheduleForm)) error {
	c, err := s.Store.Schedule(r.Context(), site.ID)
	if err != nil {
		return err
	}
	v := templates.ScheduleForm{CSRF: s.csrfToken(w, r), Action: schedulePath(site.ID), Seen: seenSchedule(c), Host: site.Host,
		Next: "Next sync: " + s.plannedNext(c, s.Now()).Text + " (UTC).", Days: strconv.Itoa(c.Days), Weekday: strconv.Itoa(int(c.Weekday)), Hour: strconv.Itoa(c.Hour), Zone: c.Zone, Paused: c.Paused,
		DayChoice: []templates.Option{{Value: "0", Label: "As usual: every " + counted(s.usualDays(), "day", "days")}}, Zones: commonZones}
	for _, n := range store.ScheduleDays {
		v.DayChoice = append(v.DayChoice, templates.Option{Value: strconv.Itoa(n), Label: everyDays[n]})
	}
	for i := range 7 { // a week begins on Monday
		d := time.Weekday((i + 1) % 7)
		v.WeekdayChoice = append(v.WeekdayChoice, templates.Option{Value: strconv.Itoa(int(d)), Label: d.String()})
	}
	for h := range 24 {
		v.HourList = append(v.HourList, templates.Option{Value: strconv.Itoa(h), Label: fmt.Sprintf("%02d:00", h)})
	}
	if change != nil {
		change(&v)
	}
	return s.show(w, r, Page{Title: "Schedule of " + site.Host, Nav: "settings", Narrow: true, Status: status, Body: templates.ScheduleFormPage(v)})
}

var commonZones = []templates.Option{{Value: "UTC"}, {Value: "Europe/London"}, {Value: "Europe/Paris"}, {Value: "Europe/Berlin"}, {Value: "Europe/Vienna"}, {Value: "Europe/Athens"},
	{Value: "America/New_York"}, {Value: "America/Chicago"}, {Value: "America/Denver"}, {Value: "America/Los_Angeles"}, {Value: "America/Sao_Paulo"}, {Value: "Asia/Dubai"},
	{Value: "Asia/Kolkata"}, {Value: "Asia/Singapore"}, {Value: "Asia/Tokyo"}, {Value: "Australia/Sydney"}}

func (s *Server) saveSchedule(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	now, err := s.Store.Schedule(r.Context(), site.ID)
	if err != nil {
		return err
	}
	if r.PostFormValue("seen") != seenSchedule(now) {
		return s.schedulePage(w, r, http.StatusConflict, site, func(v *templates.ScheduleForm) {
			v.ErrorText = "Somebody changed this schedule after you opened this page. Below is what is stored now: change it again if it is not right."
		})
	}
	number := func(name string) int {
		n, err := strconv.Atoi(r.PostFormValue(name))
		if err != nil {
			return -1 // the store has the words
		}
		return n
	}
	next := store.Schedule{SiteID: site.ID, Days: number("days"), Weekday: time.Weekday(number("weekday")), Hour: number("hour"),
		Zone: strings.TrimSpace(cut(r.PostFormValue("zone"), 100)), Paused: r.PostFormValue("paused") != ""}
	_, err = s.Store.SetSchedule(r.Context(), s.by(r), next, s.usualDays())
	if errs := fault.FieldsOf(err); len(errs) > 0 {
		return s.schedulePage(w, r, http.StatusUnprocessableEntity, site, func(v *templates.ScheduleForm) {
			v.Errors, v.Zone, v.Paused = errs, next.Zone, next.Paused
			v.Days, v.Weekday, v.Hour = strconv.Itoa(next.Days), strconv.Itoa(int(next.Weekday)), strconv.Itoa(next.Hour)
		})
	}
	if err != nil {
		return err
	}
	s.flash(r, templates.Toast{Text: "Schedule of " + site.Host + " saved"})
	return s.redirect(w, r, syncSettingsPath)
}

// accountText is what the provider itself said of the allowance.
func accountText(a backlinks.Account, at time.Time) string {
	if a.UnitsLimit < 0 || a.UnitsUsed < 0 {
		return ""
	}
	out := fmt.Sprintf("Account: %s of %s units left on %s", grouped(int(max(a.UnitsLimit-a.UnitsUsed, 0))), grouped(int(a.UnitsLimit)), whenTime(at).Text)
	if a.ResetOn.Known() {
		out += ", resets " + longDay(a.ResetOn).Text
	}
	return out + "."
}
