package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"landed/internal/auth"
	"landed/internal/provider"
	"landed/internal/store"
	"landed/templates"
)

// syncStates are the class and the word of a run's badge.
var syncStates = map[store.SyncState][2]string{
	store.SyncQueued: {"pitched", "Waiting for its turn"}, store.SyncRunning: {"pitched", "Running"}, store.SyncWaiting: {"due", "Put off"},
	store.SyncDone: {"good", "Done"}, store.SyncFailed: {"fail", "Failed"}, store.SyncCancelled: {"mute", "Cancelled"},
}

// stepStates are those of a step.
var stepStates = map[store.SyncState][2]string{
	store.SyncQueued: {"draft", "Not yet"}, store.SyncRunning: {"pitched", "Running"}, store.SyncDone: {"good", "Done"}, store.SyncFailed: {"fail", "Stopped here"},
}

// The steps of a run, as package sync names them.
const (
	stepNew     = "new_links"
	stepLost    = "lost_links"
	stepDomains = "refdomains"
	stepAll     = "all_links"
)

var syncSteps = map[string]string{"overview": "Overview", stepNew: "New links", stepLost: "Lost links", stepDomains: "Referring domains", stepAll: "All live links",
	"restored_links": "Links that came back", "authority_history": "History of the rating", "refdomain_history": "History of referring domains"}

// shortTime leaves the year out when it is this one.
func shortTime(t, now time.Time) templates.Time {
	if t.IsZero() {
		return templates.Time{}
	}
	out := whenTime(t)
	if t.UTC().Year() == now.UTC().Year() {
		out.Text = t.UTC().Format("2 Jan, 15:04")
	}
	return out
}

// clockTime writes how long something took: "0:48", "1:02:03".
func clockTime(d time.Duration) string {
	n := int(max(d, 0).Round(time.Second) / time.Second)
	if n < 3600 {
		return fmt.Sprintf("%d:%02d", n/60, n%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}

// syncChange writes a count as a change, with nothing for none.
func syncChange(sign string, n int) string {
	if n == 0 {
		return ""
	}
	return sign + grouped(n)
}

// unitsText is a provider's own unit; it says none where none was said.
func unitsText(n int) string {
	if n == 0 {
		return ""
	}
	return grouped(n)
}

func (s *Server) syncSites(ctx context.Context, v *templates.SyncPage, all []store.SiteSync, schedules map[int64]store.Schedule, current store.Site) {
	now := s.Now()
	for i, x := range all {
		plan := schedules[x.Site.ID]
		row := templates.SyncSite{Host: x.Site.Host, State: "draft", StateText: "Never synced", Last: shortTime(x.Done.FinishedAt, now), Next: s.nextSync(x, plan, now, !v.NoToken)}
		if x.Last.ID != 0 {
			row.Href, row.State, row.StateText = syncPath(x.Last.ID), syncStates[x.Last.State][0], syncStates[x.Last.State][1]
		}
		cost := syncForecast(x, now)
		if i < forecastSites || x.Site.ID == current.ID {
			cost = s.forecast(ctx, x)
		}
		row.Cost = cost.String()
		if !v.NoToken && s.SyncEvery > 0 {
			row.Plan = s.planText(plan)
		}
		button := templates.PostButton{Action: "/sync", CSRF: v.CSRF, Label: cost.label("Sync now"), Icon: "refresh-cw",
			Hidden: []templates.Option{{Label: "site", Value: strconv.FormatInt(x.Site.ID, 10)}}}
		if x.Site.ID == current.ID {
			v.Site, v.Last, v.Next = x.Site.Host, row.Last, nextText(x, row, !v.NoToken)
		}
		switch {
		case v.NoToken:
		case x.Site.ID == current.ID:
			button.Class = "pri"
			v.Now, v.Check = button, s.checkButton(ctx, x, v.CSRF)
		default:
			button.Class, button.Label, button.Aria, button.Icon = "s", "Sync now", "Sync now: "+x.Site.Host, ""
			row.Now = button
		}
		if !v.NoToken {
			row.History = "/sync/history?of=" + strconv.FormatInt(x.Site.ID, 10)
		}
		v.Sites = append(v.Sites, row)
		if x.Last.State.Open() {
			title := "Syncing "
			if x.Last.State != store.SyncRunning {
				title = "Sync of "
			}
			v.Jobs = append(v.Jobs, templates.SyncJob{ID: fmt.Sprint("job-", x.Last.ID), Title: title + x.Site.Host, Href: syncPath(x.Last.ID), Job: s.syncJob(x.Last, true),
				Stop: stopButton(x.Last, x.Site.Host, v.CSRF, "/sync")})
		}
	}
}

// nextText says in the lead when the next sync comes, and what it takes.
func nextText(x store.SiteSync, row templates.SyncSite, ready bool) string {
	switch {
	case !ready:
		return ""
	case x.Last.State == store.SyncQueued || x.Last.State == store.SyncRunning:
		return "A sync is under way."
	case row.Next.ISO != "":
		return "Next one " + row.Next.Text + ", " + row.Cost + "."
	}
	return "A sync takes " + row.Cost + "."
}

// nextSync is when a site's sync begins by itself.
func (s *Server) nextSync(x store.SiteSync, plan store.Schedule, now time.Time, ready bool) templates.Time {
	switch {
	case !ready:
		return templates.Time{Text: "–"}
	case x.Last.State == store.SyncQueued || x.Last.State == store.SyncRunning:
		return templates.Time{Text: "Now"}
	case x.Last.State == store.SyncWaiting && x.Last.WaitUntil.After(now):
		return shortTime(x.Last.WaitUntil, now)
	}
	return s.plannedNext(plan, now)
}

// plannedNext is the next time of a schedule.
func (s *Server) plannedNext(plan store.Schedule, now time.Time) templates.Time {
	switch {
	case s.SyncEvery <= 0:
		return templates.Time{Text: "By hand only"}
	case plan.Paused:
		return templates.Time{Text: "Paused"}
	case !plan.NextAt.After(now):
		return templates.Time{Text: "Within the hour"}
	}
	return shortTime(plan.NextAt, now)
}

// waitText says why a run stands still, and until when.
func waitText(run store.SyncRun, now time.Time) string {
	switch {
	case run.WaitUntil.IsZero():
		return "Waiting until it is started again"
	case !run.WaitUntil.After(now):
		return "It goes on in a moment"
	}
	return "Waiting until " + run.WaitUntil.UTC().Format("15:04:05 UTC, 2 Jan 2006")
}

// syncJob is the progress of a run that has not ended. inList picks the stream.
func (s *Server) syncJob(run store.SyncRun, inList bool) templates.Job {
	j := templates.Job{ID: fmt.Sprint("job-", run.ID, "-state"), Max: len(run.Steps), Events: runEvents(run, inList), Help: "You can leave this page: the sync goes on."}
	name := ""
	for _, st := range run.Steps {
		if st.State == store.SyncDone {
			j.Value++
		} else if name == "" {
			name = fmt.Sprintf("%s, step %d of %d", stepName(st.Name), j.Value+1, j.Max)
			if st.Rows > 0 {
				j.Of = counted(st.Rows, "row", "rows") + ", "
			}
		}
	}
	j.Of += spent(run)
	switch run.State {
	case store.SyncQueued:
		j.Title, j.Help = "Waiting for its turn", "It starts by itself. One sync runs at a time, because all share the provider’s pace."
	case store.SyncWaiting:
		j.Title, j.Help = waitText(run, s.Now()), run.Message
	default:
		j.Title = cmp.Or(name, "Finishing")
	}
	return j
}

// spent is what a run has cost so far.
func spent(run store.SyncRun) string {
	out := counted(run.Requests, "request", "requests")
	if run.Units > 0 {
		out += ", " + counted(run.Units, "unit", "units")
	}
	return out
}

func stepName(name string) string {
	if of, ok := store.ParseSourceStep(name); ok {
		return "Sources of " + of.Host
	}
	return cmp.Or(syncSteps[name], name)
}

// syncSource describes the provider. Only admins see what could tell a token.
func (s *Server) syncSource(from provider.State, u *store.Account) (facts []templates.Fact, pace string) {
	if !from.Ready() {
		return nil, ""
	}
	add := func(label, value string, mono bool) {
		if value != "" {
			facts = append(facts, templates.Fact{Label: label, Value: value, Mono: mono})
		}
	}
	add("Provider", providerName(from.Name), false)
	add("Endpoints", endpointsText(from), false)
	if u.Role.AtLeast(auth.Admin) {
		if from.TokenEnd != "" {
			add("Token", "ends in …"+from.TokenEnd, true)
		}
		add("Address", from.BaseURL, true)
	}
	if s.SyncEvery <= 0 {
		add("Schedule", "By hand only", false)
	}
	return facts, "Estimates go by the provider’s prices and by past syncs. At most 60 requests a minute are sent, and a sync that was cut off goes on where it stopped."
}

// endpointsText names the set that is spoken.
func endpointsText(from provider.State) string {
	switch {
	case from.Endpoints != provider.Auto:
		return from.Endpoints
	case from.Detected == "":
		return "Found out at the first request"
	}
	return from.Detected + ", found out by itself"
}

// syncRuns is a page of the list of runs.
func (s *Server) syncRuns(all []store.SiteSync, runs []store.SyncRun, l runList, next int64) templates.SyncRuns {
	hosts := map[int64]string{}
	v := templates.SyncRuns{Month: l.monthText(), Filter: []templates.View{{Label: "All", Href: runList{month: l.month}.path(), Current: l.of == 0}},
		Empty: templates.Empty{Title: "No sync yet", Text: "Each one will be listed here with what it found and what it took.", Level: 3}}
	if l != (runList{}) {
		v.Empty = templates.Empty{Title: "No sync here", Text: "No run matches this address.", Level: 3, Action: templates.Link{Label: "Show all runs", Href: "/sync"}}
	}
	for _, x := range all {
		hosts[x.Site.ID] = x.Site.Host
		v.Filter = append(v.Filter, templates.View{Label: x.Site.Host, Href: runList{of: x.Site.ID, month: l.month}.path(), Current: l.of == x.Site.ID})
	}
	if len(all) < 2 {
		v.Filter = nil
	}
	for _, run := range runs {
		v.Rows = append(v.Rows, s.runRow(run, hosts[run.SiteID]))
	}
	if next != 0 {
		v.Pager.Older = runList{of: l.of, month: l.month, before: next}.path()
	}
	if l.before != 0 {
		v.Pager.Newer, v.Pager.NewerLabel = runList{of: l.of, month: l.month}.path(), "Newest"
	}
	return v
}

// runList is which runs are listed.
type runList struct {
	of     int64  // site; 0 = all
	before int64  // run that the page before ended with; 0 = the first page
	month  string // in which they began; "" = any
}

func (l runList) path() string {
	q := url.Values{}
	if l.of != 0 {
		q.Set("of", strconv.FormatInt(l.of, 10))
	}
	if l.month != "" {
		q.Set("month", l.month)
	}
	if l.before != 0 {
		q.Set("before", strconv.FormatInt(l.before, 10))
	}
	if len(q) == 0 {
		return "/sync"
	}
	return "/sync?" + q.Encode()
}

func (l runList) monthText() string {
	t, err := time.Parse("2006-01", l.month)
	if err != nil {
		return ""
	}
	return t.Format("January 2006")
}

func (s *Server) runRow(run store.SyncRun, host string) templates.SyncRunRow {
	row := templates.SyncRunRow{Href: syncPath(run.ID), Site: host, When: shortTime(run.StartedAt, s.Now()), State: syncStates[run.State][0], StateText: syncStates[run.State][1],
		New: syncChange("+", newOf(run)), Lost: syncChange("−", lostOf(run)), Domains: syncChange("+", run.Step(stepDomains).New),
		Requests: grouped(run.Requests), Units: unitsText(run.Units), Of: expectedText(run), Message: run.Message}
	if !run.FinishedAt.IsZero() && !run.State.Open() {
		row.Took = clockTime(run.FinishedAt.Sub(run.StartedAt))
	}
	return row
}

// newOf counts the links that a run brought, whichever list had them.
func newOf(run store.SyncRun) int {
	return run.Step(stepNew).New + run.Step(stepLost).New + run.Step(stepAll).New
}

func lostOf(run store.SyncRun) int {
	return run.Step(stepNew).Lost + run.Step(stepLost).Lost + run.Step(stepAll).Lost
}

func windowText(st store.SyncStep) string {
	if !st.From.Known() || !st.To.Known() {
		return ""
	}
	return st.From.Time().Format("2 Jan 2006") + " to " + st.To.Time().Format("2 Jan 2006")
}
