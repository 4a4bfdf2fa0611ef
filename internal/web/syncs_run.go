package web

import (
	"strconv"
	"strings"
	"time"

	"landed/internal/day"
	"landed/internal/store"
	"landed/templates"
)

// runView is one run with its steps. The button of a run that stopped has no
// form token yet.
func (s *Server) runView(run store.SyncRun, site store.Site) templates.SyncRun {
	v := templates.SyncRun{Title: "Sync of " + site.Host, State: syncStates[run.State][0], StateText: syncStates[run.State][1], Started: whenTime(run.StartedAt),
		Crumb: run.StartedAt.UTC().Format("2 Jan 2006, 15:04"), Ended: "."}
	if run.State.Open() {
		job := s.syncJob(run, false)
		if v.Events = job.Events; run.State != store.SyncWaiting { // the note says it already
			v.Live.Job = &job
		}
	} else if !run.FinishedAt.IsZero() {
		v.Ended = ", ended after " + clockTime(run.FinishedAt.Sub(run.StartedAt)) + "."
	}
	for _, st := range run.Steps {
		step := stepView(st)
		if st.State == store.SyncRunning && run.State != store.SyncRunning {
			step.State, step.StateText = "due", "Stopped here"
		}
		v.Live.Steps = append(v.Live.Steps, step)
	}
	v.Notes, v.Asked = runNotes(run, s.Now()), askedBy(run)
	if run.State == store.SyncDone {
		v.Facts = runFacts(run)
	}
	return v
}

func stepView(st store.SyncStep) templates.SyncStep {
	v := templates.SyncStep{Name: stepName(st.Name), Window: windowText(st), State: stepStates[st.State][0], StateText: stepStates[st.State][1],
		Rows: grouped(st.Rows), New: syncChange("+", st.New), Lost: syncChange("−", st.Lost), Requests: grouped(st.Requests), Units: unitsText(st.Units)}
	if v.StateText == "" {
		v.StateText = string(st.State)
	}
	if st.State == store.SyncQueued && st.Requests == 0 {
		v.Rows, v.Requests = "", ""
	}
	return v
}

// runNotes is the run's own message: what happened, what was kept, what comes
// next. A run that is asked for again still shows why it stopped.
func runNotes(run store.SyncRun, now time.Time) []templates.Note {
	n := templates.Note{Text: run.Message}
	if !run.CancelAt.IsZero() && run.State.Open() {
		return []templates.Note{{Kind: "info", Title: "It is being cancelled.", Text: run.CancelBy + " asked for it on " + whenTime(run.CancelAt).Text + ". It ends after the page it is at; what is saved stays."}}
	}
	switch run.State {
	case store.SyncWaiting:
		n.Kind, n.Title = "warn", waitText(run, now)+"."
	case store.SyncFailed:
		n.Kind, n.Title = "bad", "This sync failed."
	case store.SyncCancelled:
		n.Kind, n.Title = "info", "This sync was cancelled."
		if run.CancelBy != "" {
			n.Title = "This sync was cancelled by " + run.CancelBy + "."
		}
	default:
		if run.Message == "" {
			return nil
		}
		n.Kind, n.Title = "info", "It stopped before."
	}
	return []templates.Note{n}
}

// runAgain offers to go on with a run that stopped.
func (s *Server) runAgain(v *templates.SyncRun, run store.SyncRun) {
	if run.State != store.SyncWaiting && run.State != store.SyncFailed && run.State != store.SyncCancelled {
		return
	}
	v.Again = templates.PostButton{Action: "/sync", Label: "Sync again", Class: "pri", Icon: "refresh-cw",
		Hidden: []templates.Option{{Label: "site", Value: strconv.FormatInt(run.SiteID, 10)}}}
	if taken(run, s.Now()) {
		v.Again.Label = "Go on from here"
		v.Again.Hidden = append(v.Again.Hidden, templates.Option{Label: "back", Value: syncPath(run.ID)})
	}
}

// taken reports whether the next sync takes the run up where it stopped.
func taken(run store.SyncRun, now time.Time) bool {
	return run.ID != 0 && run.State != store.SyncDone && len(run.Steps) > 0 && now.Sub(run.StartedAt) < store.ResumeWithin
}

func runFacts(run store.SyncRun) []templates.Fact {
	credited := 0
	for _, st := range run.Steps {
		credited += st.Credited
	}
	facts := []templates.Fact{
		{Label: "New links", Value: grouped(newOf(run)), Href: ofSite("/backlinks", run.SiteID)},
		{Label: "Links lost", Value: grouped(lostOf(run)), Href: ofSite("/lost", run.SiteID)},
		{Label: "Matched with a pitch", Value: grouped(credited)},
		{Label: "New referring domains", Value: grouped(run.Step(stepDomains).New)},
		{Label: "Requests", Value: grouped(run.Requests)},
	}
	if all := run.Step(stepAll); run.EveryLink {
		facts = append(facts, templates.Fact{Label: "Missing from the full list for the first time", Value: grouped(all.Missed)})
	}
	if run.Units > 0 {
		facts = append(facts, templates.Fact{Label: "Units", Value: strings.TrimSpace(grouped(run.Units) + " " + expectedText(run))})
	}
	return facts
}

// expectedText is what a run was expected to cost.
func expectedText(run store.SyncRun) string {
	if run.Forecast.Units <= 0 {
		return ""
	}
	return "of ≈ " + grouped(run.Forecast.Units)
}

// askedBy says who or what began a run.
func askedBy(run store.SyncRun) string {
	what := ""
	if run.Years > 0 {
		what = ", for " + counted(run.Years, "year", "years") + " of history"
	}
	if run.EveryLink {
		what += ", to check every link"
	}
	switch {
	case run.Cause == store.CauseSchedule:
		return " by its schedule" + what
	case run.Cause == store.CauseCommand:
		return " from the command line" + what
	case run.Who != "":
		return " by " + run.Who + what
	}
	return what
}

func ofSite(path string, site int64) string { return path + "?site=" + strconv.FormatInt(site, 10) }

// leastSteps is how many lists and figures any sync asks for.
const leastSteps = 4

// askedAgain is how many whole days a sync asks for again, as package sync does.
const askedAgain = 3

// syncForecast goes by the last run that is done: a list's pages in proportion
// to the days that are asked for. Of a run that is taken up only the steps that
// are left count.
func syncForecast(x store.SiteSync, now time.Time) Forecast {
	steps := x.Done.Steps
	going := taken(x.Last, now)
	if going {
		steps = x.Last.Steps
	}
	if len(steps) == 0 {
		return Forecast{Requests: leastSteps, AtLeast: true}
	}
	f := Forecast{AtLeast: x.Done.ID == 0}
	for _, st := range steps {
		if going && st.State == store.SyncDone {
			continue
		}
		before, days := x.Done.Step(st.Name), 0
		switch {
		case going:
			days = int(st.To-st.From) + 1
		case before.To.Known():
			days = int(day.Of(now)-before.To) + askedAgain + 1
		}
		requests, units := before.Requests, before.Units
		if span := int(before.To-before.From) + 1; before.From.Known() && before.To.Known() && span > 0 && days > 0 {
			requests, units = (requests*days+span-1)/span, (units*days+span-1)/span
		}
		if going {
			requests, units = requests-st.Requests, units-st.Units
		}
		f.Requests, f.Units = f.Requests+max(requests, 1), f.Units+max(units, 0)
	}
	return f
}
