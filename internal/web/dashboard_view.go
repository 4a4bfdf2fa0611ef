package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/report"
	"landed/templates"

	"github.com/a-h/templ"
)

type templateBody = templ.Component

var periodNames = map[string]string{
	report.Quarter: "This quarter so far", report.LastQuarter: "Last quarter", report.Months3: "3 months", report.Months6: "6 months",
	report.Months12: "12 months", report.Months24: "24 months", report.All: "All of the time", report.Custom: "Days of your choice",
}

// daysText is "1 Oct to 24 Nov 2026", with the first year only where it differs.
func daysText(s report.Span) string {
	from := dayText(s.From, "2 Jan 2006")
	if s.From == s.To {
		return from
	}
	if s.From.Time().Year() == s.To.Time().Year() {
		from = dayText(s.From, "2 Jan")
	}
	return from + " to " + dayText(s.To, "2 Jan 2006")
}

// frame is the head of the page: what period, and what others there are.
func (q dashQuery) frame() templates.Dashboard {
	v := templates.Dashboard{Site: q.site.Host, Period: daysText(q.p.Span), Range: q.query.Get("range"), CSV: listAddress("/dashboard.csv", q.query)}
	v.From = templates.Field{ID: "p-from", Name: "from", Label: "From", Type: "date", Value: q.p.From.String(), Err: fieldError(q.err, "from")}
	v.To = templates.Field{ID: "p-to", Name: "to", Label: "To", Type: "date", Value: q.p.To.String(), Err: fieldError(q.err, "to")}
	if q.err != nil {
		v.From.Value, v.To.Value = q.query.Get("from"), q.query.Get("to")
		v.Error = sentence(q.err) + " The usual period is shown instead."
	}
	for _, name := range report.Periods {
		v.Periods = append(v.Periods, templates.PeriodLink{Label: periodNames[name], Href: q.at("p", name, "from", "", "to", ""), Current: q.p.Name == name})
	}
	if q.p.Before.Known() {
		v.Compared = daysText(q.p.Before)
	}
	return v
}

// fill puts the figures of the period into the page.
func (q dashQuery) fill(v *templates.Dashboard, d dashData, role auth.Role) {
	v.AsOf = instantTime(d.asOf)
	v.Title = "No new referring domains in this period"
	if n := d.now.Domains; n > 0 {
		v.Title = fmt.Sprintf("Outreach brought %s of %s", grouped(d.now.Outreach), counted(n, "new referring domain", "new referring domains"))
	}
	v.Placements = templates.Linked{Text: counted(d.now.Placements, "placement", "placements"), Href: rowsIn("/backlinks", q.p.Span, "placements", "1")}
	if n := d.now.Unconfirmed; n > 0 {
		v.Unconfirmed = templates.Linked{Text: grouped(n) + " not confirmed yet", Href: rowsIn("/backlinks", q.p.Span, "placements", "1", "unreviewed", "1")}
	}
	if n := d.now.Suggested; n > 0 {
		v.Waiting = templates.Linked{Text: counted(n, "more link waits", "more links wait") + " for review", Href: rowsIn("/backlinks", q.p.Span, "state", "suggested")}
	}
	f := d.sent
	v.KPIs = append(q.kpis(d, f), q.costs(f, role)...)
	v.Copies = []templates.WinTab{{Label: "Placements", Href: q.at("copies", ""), Current: !q.copies()}, {Label: "With copies", Href: q.at("copies", "1"), Current: q.copies()}}
	if q.copies() {
		v.KPIs = slices.Insert(v.KPIs, 1, q.copyKPI(d.now.Placements, d.copies))
	}
	for i := range v.KPIs {
		v.KPIs[i].Means += " As of " + v.AsOf.Text + " UTC."
	}
	v.Funnel, v.Delay = q.funnel(f), delayView(f)
	v.Split, v.SplitLabel = q.split(d.now)
	v.Bars = q.bars(d.months)
	v.Win, v.Earned = q.win(d.groups), q.earnedView(d.earned)
	v.LostAll = rowsIn("/lost", q.p.Span, "placements", "1")
	v.Lost = q.lostReasons(d.lost)
	usual := report.UsualDelay(report.Sum(d.year).Delays)
	v.Usual, v.Cohorts = counted(usual, "day", "days"), q.cohortRows(d, usual)
	src := chartSource{site: q.site, history: d.history, marks: d.marks, span: d.chart, page: q.at("range", "%"), current: q.rangeName()}
	v.RefDomains, v.Authority = src.refDomains(2), src.authority(2)
}

// against is the change from the time before, coloured by whether more is better.
func against(now, before int, p report.Period, better int) (change string, trend int, note string) {
	if !p.Before.Known() {
		return "", 0, ""
	}
	diff := now - before
	return diffText(diff), cmp.Compare(diff, 0) * better, "on " + beforeName(p)
}

// diffText is "+9", "−3" or "0".
func diffText(diff int) string {
	switch {
	case diff > 0:
		return "+" + grouped(diff)
	case diff < 0:
		return "−" + grouped(-diff)
	}
	return "0"
}

func beforeName(p report.Period) string {
	switch p.Name {
	case report.Quarter:
		return "last quarter by that day"
	case report.LastQuarter:
		return "the quarter before"
	case report.Custom:
		return "the days before"
	}
	return "the " + strings.TrimSuffix(p.Name, "m") + " months before"
}

func (q dashQuery) kpis(d dashData, f report.Funnel) []templates.KPI {
	placed := templates.KPI{ID: "k-pl", Label: "Placements", Value: grouped(d.now.Placements), Href: rowsIn("/backlinks", q.p.Span, "placements", "1"),
		Means: "Pages first seen linking to you in the period, with a link that is credited to a pitch by the rules or by a person."}
	placed.Change, placed.Trend, placed.Note = against(d.now.Placements, d.before.Placements, q.p, 1)
	links := templates.KPI{ID: "k-li", Label: "New links", Value: grouped(d.now.Links), Href: rowsIn("/backlinks", q.p.Span),
		Means: "Links first seen in the period, whoever earned them. A link is one page linking to one page of yours."}
	links.Change, links.Trend, links.Note = against(d.now.Links, d.before.Links, q.p, 1)
	domains := templates.KPI{ID: "k-rd", Label: "New referring domains", Value: grouped(d.now.Domains), Href: rowsIn("/domains", q.p.Span),
		Means: "Domains whose first link to you was seen in the period."}
	domains.Change, domains.Trend, domains.Note = against(d.now.Domains, d.before.Domains, q.p, 1)
	share := report.Rate{Part: d.now.Outreach, Of: d.now.Domains}
	outreach := templates.KPI{ID: "k-or", Label: "From outreach", Value: rate(share), Href: rowsIn("/domains", q.p.Span, "class", "outreach"),
		Note: fmt.Sprintf("%s of %s", grouped(share.Part), counted(share.Of, "domain", "domains")), Means: "Of the new referring domains, those whose first link is credited to a pitch. No share is printed under 5 domains."}
	won := templates.KPI{ID: "k-wr", Label: "Placement rate", Value: rate(f.Rate()), Href: q.pitches("stage", "placed"),
		Note: fmt.Sprintf("%s of %s sent", grouped(f.Placed), counted(f.Sent, "pitch", "pitches")), Means: "Of the pitches sent in the period, those with a credited link by now. Links take time, so the rate of late pitches still rises. No rate is printed under 5 pitches."}
	lost := templates.KPI{ID: "k-lo", Label: "Placements lost", Value: grouped(d.now.Lost), Href: rowsIn("/lost", q.p.Span, "placements", "1"),
		Means: "Pages with a credited link that the provider reported lost in the period, whenever they had gone live."}
	lost.Change, lost.Trend, lost.Note = against(d.now.Lost, d.before.Lost, q.p, -1)
	return []templates.KPI{placed, links, domains, outreach, won, lost}
}

// rate is "17.4%", or a dash under report.MinCases.
func rate(r report.Rate) string {
	if !r.Known() {
		return "–"
	}
	return percent(r.Part, r.Of)
}

// pitches is the address of the pitches sent in the period.
func (q dashQuery) pitches(more ...string) string { return rowsIn("/pitches", q.p.Span, more...) }

// costs are shown from managers up, and only where a cost was recorded.
func (q dashQuery) costs(f report.Funnel, role auth.Role) []templates.KPI {
	c := report.CostOf(f)
	if len(c.Spent) == 0 || !role.AtLeast(auth.Manager) {
		return nil
	}
	var spent []string
	for _, m := range c.Spent {
		spent = append(spent, money(m.Cents, m.Currency))
	}
	note := strings.Join(spent, " and ") + " spent"
	if len(spent) > 1 {
		note += "; currencies are not added up"
	}
	per := templates.KPI{ID: "k-cp", Label: "Cost per placement", Value: "–", Href: q.pitches("stage", "placed"), Note: note,
		Means: "The cost recorded on the pitches sent in the period, divided by those of them with a placement. Pitches without a cost count as free. Nothing is divided under 5 placements."}
	if c.Placements {
		per.Value = money(c.PerPlacement.Cents, c.PerPlacement.Currency)
	}
	if c.Live {
		per.Note += ", " + money(c.PerLive.Cents, c.PerLive.Currency) + " per live followed link"
		per.Means += " The same cost is also divided by the " + counted(f.Live, "link", "links") + " credited to these pitches that are live and followed today."
	}
	return []templates.KPI{per}
}

func monthText(d day.Day) string { return d.Time().Format("January 2006") }

// monthShort is "Mar", and the year for a January.
func monthShort(d day.Day) string {
	if t := d.Time(); t.Month() == time.January {
		return t.Format("2006")
	}
	return d.Time().Format("Jan")
}
