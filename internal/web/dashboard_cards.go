package web

import (
	"fmt"
	"strconv"

	"landed/internal/backlinks"
	"landed/internal/report"
	"landed/internal/web/chart"
	"landed/templates"
)

func (q dashQuery) funnel(f report.Funnel) []templates.FunnelStep {
	if f.Sent == 0 {
		return nil
	}
	step := func(label string, n int, stage string) templates.FunnelStep {
		return templates.FunnelStep{Label: label, Value: grouped(n), Percent: int(report.Rate{Part: n, Of: f.Sent}.Percent() + 0.5), Href: q.pitches("stage", stage)}
	}
	return []templates.FunnelStep{step("Pitched", f.Sent, "sent"), step("Replied", f.Replied, "replied"), step("Accepted", f.Accepted, "accepted"), step("Placed", f.Placed, "placed")}
}

// delayView says how long links took, and how many pitches have none so far.
func delayView(f report.Funnel) templates.Delay {
	t := report.Delay(f)
	var v templates.Delay
	rest := fmt.Sprintf("%s of %s no link so far.", grouped(t.Censored.Part), counted(t.Censored.Of, "pitch has", "pitches have"))
	if !t.Known() {
		v.Text = "How long links take is said from 5 placements on. " + rest
		return v
	}
	v.Text = fmt.Sprintf("Half of the %s pitches with a link had it within %s. %s", grouped(t.N), counted(t.Median, "day", "days"), rest)
	for i, n := range []int{t.Low, t.Median, t.High} {
		v.Facts = append(v.Facts, templates.Fact{Label: []string{"A quarter within", "Half within", "Three quarters within"}[i], Value: counted(n, "day", "days")})
	}
	return v
}

func (q dashQuery) split(f report.Figures) ([]templates.SplitPart, string) {
	s := f.Split()
	if s.Total() == 0 {
		return nil, ""
	}
	pct := s.Percents()
	part := func(label, class string, n, percent int, bar string, mark bool) templates.SplitPart {
		return templates.SplitPart{Label: label, Value: grouped(n), Href: rowsIn("/domains", q.p.Span, "class", class), Percent: percent, Class: bar, Mark: mark}
	}
	return []templates.SplitPart{
			part("Outreach", "outreach", s.Outreach, pct.Outreach, "ok", true),
			part("Unreviewed", "unreviewed", s.Unreviewed, pct.Unreviewed, "k2", false),
			part("Organic", "organic", s.Organic, pct.Organic, "k3", false),
		}, fmt.Sprintf("Of %s, outreach brought %s, %s are unreviewed, %s organic", counted(s.Total(), "new referring domain", "new referring domains"),
			grouped(s.Outreach), grouped(s.Unreviewed), grouped(s.Organic))
}

func (q dashQuery) bars(months []report.MonthFigures) string {
	b := chart.Bars{ID: "place", Title: "Placements over time", Sub: "By the month in which they were first seen", Keys: []string{"Confirmed", "Not confirmed yet"},
		Empty: "No placement was seen in these months."}
	for _, m := range months {
		b.Cols = append(b.Cols, chart.Col{Label: monthText(m.From), Short: monthShort(m.From), Values: []int{m.Placements - m.Unconfirmed, m.Unconfirmed}})
		b.Hrefs = append(b.Hrefs, rowsIn("/backlinks", m.Span, "placements", "1"))
	}
	return b.HTML()
}

const winRows = 20

// win compares who sent the pitches of the period, or their campaigns.
func (q dashQuery) win(list []report.Group) templates.Win {
	v := templates.Win{By: "p", Head: "Person"}
	if q.query.Get("by") == "c" {
		v.By, v.Head = "c", "Campaign"
	}
	for _, t := range []struct{ by, label string }{{"p", "Person"}, {"c", "Campaign"}} {
		v.Tabs = append(v.Tabs, templates.WinTab{Label: t.label, Current: t.by == v.By, Href: q.at("by", t.by), Get: listAddress("/dashboard/win", q.query, "by", t.by)})
	}
	if len(list) > winRows {
		v.More = fmt.Sprintf("The %d of %d with most pitches. ", winRows, len(list))
		list = list[:winRows]
	}
	for _, g := range list {
		only := []string{"campaign", g.Name}
		row := templates.WinRow{Name: g.Name}
		switch {
		case v.By == "c" && g.Name == "":
			row.Name, only = "No campaign", []string{"nocampaign", "1"}
		case v.By == "c":
		case g.ID != 0:
			row.Person, only = person(g.ID, g.Name), []string{"owner", strconv.FormatInt(g.ID, 10)}
		case g.Name == "":
			row.Name, only = "Nobody", []string{"owner", "none"}
		default:
			row.Person, only = person(0, g.Name), []string{"person", g.Name}
		}
		row.Sent = templates.Linked{Text: grouped(g.Sent), Href: q.pitches(append(only, "stage", "sent")...)}
		row.Placed = templates.Linked{Text: grouped(g.Placed), Href: q.pitches(append(only, "stage", "placed")...)}
		if r := g.Rate(); r.Known() {
			row.Rate = percent(r.Part, r.Of)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (q dashQuery) lostReasons(n map[backlinks.LostReason]int) (list []templates.LostReasonCount) {
	all := 0
	for _, k := range n {
		all += k
	}
	add := func(reason backlinks.LostReason, k int) {
		list = append(list, templates.LostReasonCount{Label: lostLabel(reason), N: grouped(k), Percent: report.Rate{Part: k, Of: all}.Percent(),
			Href: rowsIn("/lost", q.p.Span, "placements", "1", "reason", string(reason))})
	}
	for _, r := range lostReasons {
		if k := n[r.reason]; k > 0 {
			add(r.reason, k)
		}
	}
	if k := n[backlinks.LostNone]; k > 0 {
		add(backlinks.LostNone, k)
	}
	return list
}

// cohortRows are the months of sending, latest first.
func (q dashQuery) cohortRows(d dashData, usual int) (list []templates.CohortRow) {
	months := report.ByMonth(d.bars, d.year, usual, q.today)
	any := false
	for i := len(months) - 1; i >= 0; i-- {
		m := months[i]
		any = any || m.Sent > 0
		row := templates.CohortRow{Month: monthText(m.From), Open: m.Open, Sent: templates.Linked{Text: grouped(m.Sent)}, Placed: templates.Linked{Text: grouped(m.Placed)}}
		if m.Sent > 0 {
			row.Sent.Href, row.Placed.Href = rowsIn("/pitches", m.Span, "stage", "sent"), rowsIn("/pitches", m.Span, "stage", "placed")
		}
		if r := m.Rate(); r.Known() {
			row.Rate, row.Percent = percent(r.Part, r.Of), r.Percent()
		}
		list = append(list, row)
	}
	if !any {
		return nil
	}
	return list
}
