package web

import (
	"context"
	"fmt"

	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/report"
	"landed/internal/store"
	"landed/templates"
)

func (s *Server) pitchWaits(ctx context.Context, site int64) ([]report.Wait, error) {
	list, err := s.Store.PitchWaits(ctx, site)
	out := make([]report.Wait, len(list))
	for i, w := range list {
		until := w.SeenOn
		if !until.Known() {
			until = s.today()
		}
		out[i] = report.Wait{Class: report.DRClass(w.Authority, w.Metric), Days: max(0, int(until-w.SentOn)), Seen: w.SeenOn.Known()}
	}
	return out, err
}

// pitchFilter is the filter of a list; that of overdue pitches is found out first.
func (s *Server) pitchFilter(ctx context.Context, q pitchQuery, site, me int64) (store.PitchFilter, error) {
	f := q.filter(site, me, s.today())
	if !q.Overdue {
		return f, nil
	}
	waits, err := s.pitchWaits(ctx, site)
	if err != nil {
		return f, err
	}
	before := func(class string) day.Day {
		if n := report.UsualOf(waits, class).Limit(); n > 0 {
			return s.today() - day.Day(n)
		}
		return day.None
	}
	f.Overdue = &store.Overdue{From70: before("a"), From50: before("b"), Below50: before("c"), Unknown: before("")}
	return f, nil
}

var classNames = map[string]string{"a": "outlets of DR 70 and more", "b": "outlets of DR 50 to 69", "c": "outlets below DR 50", "": "all outlets"}

// overdueNote says on the page of an accepted pitch without a link how long links
// usually take; nil where that is not known.
func (s *Server) overdueNote(ctx context.Context, p *pitches.Pitch, links int) (*templates.Note, error) {
	if p.Status != pitches.Accepted || links > 0 || !p.SentOn.Known() {
		return nil, nil
	}
	waits, err := s.pitchWaits(ctx, p.SiteID)
	if err != nil {
		return nil, err
	}
	u := report.UsualOf(waits, report.DRClass(p.Outlet.Authority, string(p.Outlet.Metric)))
	if !u.Known() {
		return nil, nil
	}
	since := max(0, int(s.today()-p.SentOn))
	note := &templates.Note{Kind: "info", Title: fmt.Sprintf("Accepted, no link seen in %s", counted(since, "day", "days"))}
	if since > u.Limit() {
		note.Kind, note.Title = "warn", note.Title+": overdue"
	}
	note.Text = fmt.Sprintf("Half of the accepted pitches to %s had their link seen within %s of the pitch", classNames[u.Class], counted(u.Median, "day", "days"))
	if u.High >= 0 {
		note.Text += fmt.Sprintf(", three of four within %s", counted(u.High, "day", "days"))
	}
	note.Text += fmt.Sprintf(" (%s; %s still waiting).", counted(u.Seen, "link", "links"), grouped(u.Open))
	return note, nil
}
