package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/report"
	"landed/internal/store"
	"landed/internal/web/chart"
	"landed/static"
	"landed/templates"

	"github.com/go-chi/chi/v5"
)

// ranges are what charts of history can show; each ends today.
var ranges = []struct{ name, label, words string }{
	{report.Months3, "3m", "3 months"}, {report.Months6, "6m", "6 months"}, {report.Months12, "12m", "12 months"}, {report.Months24, "24m", "24 months"}, {report.All, "All", "all"},
}

func rangeOf(name, otherwise string) string {
	for _, r := range ranges {
		if r.name == name {
			return name
		}
	}
	return otherwise
}

func (q dashQuery) rangeName() string { return rangeOf(q.query.Get("range"), report.Months12) }

func (q dashQuery) chartSpan() report.Span { return rangeSpan(q.rangeName(), q.today, q.first) }

func rangeSpan(name string, today, first day.Day) report.Span {
	p, _ := report.Cut(name, "", "", today, first) // a named period cannot be wrong
	return p.Span
}

// markData are the placements that a chart marks: named one by one where they
// are few, counted by day where they are many.
type markData []chart.Mark

// loadMarks reads how many placements each day has, and then names only those
// that the chart has room to name.
func (s *Server) loadMarks(ctx context.Context, site int64, span report.Span) (markData, error) {
	byDay, err := s.Store.MarkDays(ctx, site, span.From, span.To)
	if err != nil {
		return nil, err
	}
	return s.nameMarks(ctx, site, span, byDay)
}

func (s *Server) nameMarks(ctx context.Context, site int64, span report.Span, byDay []store.MarkDay) (markData, error) {
	var out markData
	for _, lost := range []bool{false, true} {
		var counted []chart.Mark
		for _, m := range byDay {
			n := m.Landed
			if lost {
				n = m.Lost
			}
			if n > 0 && span.Has(m.Day) {
				counted = append(counted, chart.Mark{Day: m.Day, Lost: lost, Count: n})
			}
		}
		days := chart.NamedDays(span.From, span.To, counted)
		named, err := s.Store.MarksOn(ctx, site, days, lost)
		if err != nil {
			return nil, err
		}
		has := map[day.Day]bool{}
		for _, m := range named {
			has[m.On] = true
			out = append(out, markOf(m))
		}
		for _, m := range counted {
			if !has[m.Day] {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

func markOf(m store.Mark) chart.Mark {
	c := chart.Mark{Day: m.On, Lost: m.Lost, Outlet: m.Outlet, Title: m.Subject, Href: linkPath(m.LinkID)}
	if m.PitchID != 0 {
		c.Href = pitchPath(m.PitchID)
	}
	if c.Outlet == "" {
		c.Outlet = "A page"
	}
	var notes []string
	if m.Authority > 0 {
		notes = append(notes, fmt.Sprintf("DR %.0f", m.Authority))
	}
	if !m.Confirmed {
		notes = append(notes, "not confirmed yet")
	}
	c.Note = strings.Join(notes, " · ")
	return c
}

func marksHref(from, to day.Day, lost bool) string {
	if lost {
		return rowsIn("/lost", report.Span{From: from, To: to}, "placements", "1")
	}
	return rowsIn("/backlinks", report.Span{From: from, To: to}, "placements", "1")
}

// chartSource draws the charts of one site's history.
type chartSource struct {
	site    store.Site
	history store.History
	marks   markData
	span    report.Span
	page    string // address of the page for a range, with % in the place of the range
	current string // range
	other   bool   // not the site whose data are shown elsewhere: links say which
}

func (c chartSource) line(id, title string, format chart.Format, value func(store.Reading) float64, level int) chart.Line {
	l := chart.Line{ID: id, Title: title, Format: format, Level: level, Marks: c.marks, GroupHref: marksHref, Icons: static.URL("icons.svg"),
		CSV: fmt.Sprintf("/sites/%d/snapshots.csv", c.site.ID), Wait: "Each sync stores one reading a day."}
	if c.other {
		l.GroupHref = func(from, to day.Day, lost bool) string {
			return marksHref(from, to, lost) + fmt.Sprintf("&site=%d", c.site.ID)
		}
	}
	var rs []report.Reading
	for _, r := range c.history.Readings {
		if value(r) < 0 { // a day of which only the other figure is known
			continue
		}
		l.Points = append(l.Points, chart.Point{Day: r.Day, Value: value(r)})
		rs = append(rs, report.Reading{Day: r.Day, Value: value(r)})
	}
	for _, r := range ranges {
		l.Ranges = append(l.Ranges, chart.Range{Label: r.label, Href: strings.Replace(c.page, "%25", r.name, 1), Current: r.name == c.current,
			Get: fmt.Sprintf("/sites/%d/chart/%s?range=%s", c.site.ID, id, r.name)})
	}
	if len(rs) > 0 {
		last := rs[len(rs)-1]
		l.Now = valueText(format, last.Value)
		if diff, from, ok := report.Change(rs, c.span); ok {
			l.Delta, l.Trend = deltaText(format, diff)+" since "+longDay(from).Text, cmp.Compare(diff, 0)
		}
	}
	return l
}

func (c chartSource) refDomains(level int) string {
	l := c.line("rd", "Referring domains", chart.Count, func(r store.Reading) float64 { return float64(r.RefDomains) }, level)
	if c.history.Provider != "" {
		l.Sub = "As " + providerName(c.history.Provider) + " counts them"
	}
	return l.HTML()
}

func (c chartSource) authority(level int) string {
	title := "Domain Rating"
	if m := c.history.Metric; m != "" && m != "DR" {
		title = "Authority (" + string(m) + ")"
	}
	l := c.line("dr", title, chart.Rating, func(r store.Reading) float64 { return r.Authority }, level)
	if c.history.Provider != "" {
		l.Sub = "By " + providerName(c.history.Provider) + ". It moves for many reasons: marks say what went live then, not why it moved"
	}
	return l.HTML()
}

func valueText(f chart.Format, v float64) string {
	if f == chart.Rating {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return grouped(int(v))
}

func deltaText(f chart.Format, diff float64) string {
	abs := max(diff, -diff)
	text := valueText(f, abs)
	switch {
	case text == "0":
		return "0"
	case diff < 0:
		return "−" + text
	}
	return "+" + text
}

// showChart is one chart alone, for another range.
func (s *Server) showChart(w http.ResponseWriter, r *http.Request) error {
	site, err := s.pathSite(r)
	if err != nil {
		return err
	}
	figure := chi.URLParam(r, "figure")
	if figure != "dr" && figure != "rd" {
		return fault.New(fault.NotFound, "There is no chart %q.", cut(figure, 40))
	}
	if !isHTMX(r) { // opened by hand: the page of the site has the chart in its place
		return s.redirect(w, r, listAddress(fmt.Sprintf("/sites/%d", site.ID), keepParams(r.URL.Query(), []string{"range"})))
	}
	src, err := s.loadChart(w, r, site, report.Months12)
	if err != nil {
		return err
	}
	markup := src.refDomains
	if figure == "dr" {
		markup = src.authority
	}
	return s.part(w, r, http.StatusOK, templates.Figure(markup(2)))
}

// loadChart reads the history of a site for the range of the address.
func (s *Server) loadChart(w http.ResponseWriter, r *http.Request, site store.Site, otherwise string) (chartSource, error) {
	src := chartSource{site: site, current: rangeOf(r.URL.Query().Get("range"), otherwise), page: fmt.Sprintf("/sites/%d?range=%%25", site.ID)}
	current, _, err := s.currentSite(w, r)
	if err != nil {
		return src, err
	}
	src.other = current.ID != site.ID
	first, err := s.Store.FirstDay(r.Context(), site.ID)
	if err != nil {
		return src, err
	}
	src.span = rangeSpan(src.current, day.Of(s.Now()), first)
	if src.history, err = s.Store.History(r.Context(), site.ID, src.span.From, src.span.To); err != nil {
		return src, err
	}
	src.marks, err = s.loadMarks(r.Context(), site.ID, src.span)
	return src, err
}
