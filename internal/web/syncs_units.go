package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"landed/internal/store"
	"landed/internal/web/chart"
	"landed/templates"
)

// unitMonths is how far back the chart of units goes, the running month included.
const unitMonths = 12

// unitsView is what syncs have cost; nil while nothing was ever asked.
func (s *Server) unitsView(ctx context.Context, all []store.SiteSync) (*templates.SyncUnits, store.BudgetState, error) {
	b, err := s.Store.BudgetState(ctx)
	if err != nil {
		return nil, b, err
	}
	now := s.Now().UTC()
	first := time.Date(now.Year(), now.Month()-unitMonths+1, 1, 0, 0, 0, 0, time.UTC)
	list, err := s.Store.Units(ctx, 0, first.Format("2006-01"), b.Month)
	if err != nil || len(list) == 0 {
		return nil, b, err
	}
	v := &templates.SyncUnits{Spent: grouped(b.Units), Month: now.Format("January 2006"), Of: "units spent; no cap is set"}
	if b.MonthUnits > 0 {
		v.Of = "units of your cap of " + grouped(b.MonthUnits)
		v.Shares = []templates.Share{{Percent: min(100, float64(b.Units)*100/float64(b.MonthUnits))}}
		if b.Warn {
			v.Shares[0].Class = "bad"
		}
	}
	spent := unitSums(list, b.Month)
	hosts := map[int64]string{}
	for _, x := range all {
		hosts[x.Site.ID] = x.Site.Host
	}
	for _, u := range spent {
		v.Sites = append(v.Sites, templates.SyncSiteUnits{Host: hosts[u.site],
			Month: linkedUnits(u.month, runsHref(u.site, b.Month)), MonthR: grouped(u.monthRequests),
			Year: linkedUnits(u.year, runsHref(u.site, "")), YearR: grouped(u.yearRequests)})
	}
	v.Chart = unitsChart(list, spent, hosts, first)
	return v, b, nil
}

func linkedUnits(n int, href string) templates.Linked {
	return templates.Linked{Text: grouped(n), Href: href}
}

// siteSpent is what one site's syncs used up.
type siteSpent struct {
	site                        int64
	month, year                 int
	monthRequests, yearRequests int
}

// unitSums adds up by site, the costliest of the year first.
func unitSums(list []store.SiteUnits, month string) (out []siteSpent) {
	at := map[int64]int{}
	for _, u := range list {
		i, ok := at[u.SiteID]
		if !ok {
			i = len(out)
			at[u.SiteID], out = i, append(out, siteSpent{site: u.SiteID})
		}
		out[i].year, out[i].yearRequests = out[i].year+u.Units, out[i].yearRequests+u.Requests
		if u.Month == month {
			out[i].month, out[i].monthRequests = u.Units, u.Requests
		}
	}
	slices.SortStableFunc(out, func(a, b siteSpent) int {
		return cmp.Or(cmp.Compare(b.year, a.year), cmp.Compare(b.yearRequests, a.yearRequests))
	})
	return out
}

// unitsChart stacks a month's units by site: the two costliest and the others.
func unitsChart(list []store.SiteUnits, spent []siteSpent, hosts map[int64]string, first time.Time) string {
	bars := chart.Bars{ID: "units", Title: "Units by month", Sub: "What syncs spent, by calendar month (UTC)", Empty: "The provider has not said yet what its answers cost."}
	part := map[int64]int{}
	for i, u := range spent {
		part[u.site] = min(i, 2)
		switch {
		case i < 2 || len(spent) == 3:
			bars.Keys = append(bars.Keys, hosts[u.site])
		case i == 2:
			bars.Keys = append(bars.Keys, counted(len(spent)-2, "other site", "other sites"))
		}
	}
	at := map[string]int{}
	for i := range unitMonths {
		m := first.AddDate(0, i, 0)
		short := m.Format("Jan")
		if m.Month() == time.January {
			short = m.Format("2006")
		}
		at[m.Format("2006-01")] = i
		bars.Cols = append(bars.Cols, chart.Col{Label: m.Format("January 2006"), Short: short, Values: make([]int, len(bars.Keys))})
		bars.Hrefs = append(bars.Hrefs, runsHref(0, m.Format("2006-01")))
	}
	for _, u := range list {
		if i, ok := at[u.Month]; ok {
			bars.Cols[i].Values[part[u.SiteID]] += u.Units
		}
	}
	return bars.HTML()
}

// runsHref is the list of runs of a site (0 = of all) that began in a month ("" =
// in any).
func runsHref(site int64, month string) string {
	q := url.Values{}
	if site != 0 {
		q.Set("of", strconv.FormatInt(site, 10))
	}
	if month != "" {
		q.Set("month", month)
	}
	if len(q) == 0 {
		return "/sync#rn"
	}
	return "/sync?" + q.Encode() + "#rn"
}

// budgetNotes warn when the month's units go to their end.
func budgetNotes(b store.BudgetState) []templates.Note {
	if !b.Warn {
		return nil
	}
	until := b.ResetsAt.Format("2 January 2006")
	if b.Left == 0 {
		return []templates.Note{{Kind: "bad", Title: "The month’s units are spent.",
			Text: fmt.Sprintf("%s of %s. Syncs wait until %s, or until the cap is raised.", grouped(b.Units), grouped(b.MonthUnits), until)}}
	}
	return []templates.Note{{Kind: "warn", Title: fmt.Sprintf("%d%% of the month’s units are spent.", b.Units*100/b.MonthUnits),
		Text: fmt.Sprintf("%s of %s; %s are left until %s. A sync that needs more waits until then.", grouped(b.Units), grouped(b.MonthUnits), grouped(b.Left), until)}}
}
