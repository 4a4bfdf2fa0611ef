package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

// lostWords are the provider's own words for a loss that say more than the
// neutral reason.
var lostWords = map[string]string{
	"removedfromhtml": "Link taken out of the page", "notfound": "Page not found", "pageredirected": "Page redirects elsewhere",
	"lostredirect": "Redirect to you is gone", "noindex": "Page set to noindex", "notcanonical": "Page has another canonical",
	backlinks.SaidUnlisted: "Not in two full lists", "pageerror": "Server error at last visit", "tooold": "Dropped: too old", "disallowed": "Dropped: blocked for crawlers", "nxdomain": "Domain gone",
}

// lostReasons are the neutral reasons in the order in which lists name them.
var lostReasons = []struct {
	reason backlinks.LostReason
	label  string
}{
	{backlinks.LinkRemoved, "Link taken out of the page"}, {backlinks.PageGone, "Page not found"}, {backlinks.Redirected, "Page redirects elsewhere"},
	{backlinks.NoIndex, "Page set to noindex"}, {backlinks.NotCanonical, "Page has another canonical"}, {backlinks.PageError, "Server error at last visit"},
	{backlinks.IndexDropped, "Dropped from the index"}, {backlinks.LostReasonUnsaid, "No reason given"},
}

func lostLabel(r backlinks.LostReason) string {
	for _, l := range lostReasons {
		if l.reason == r {
			return l.label
		}
	}
	if r == backlinks.LostNone {
		return "No reason given"
	}
	return string(r)
}

// lostText is why a link was lost and, when that is not the same word, what the
// provider said.
func lostText(r backlinks.LostReason, said, provider string) (text, sub string) {
	text = lostLabel(r)
	if w, ok := lostWords[strings.ToLower(said)]; ok && r != backlinks.LostReasonUnsaid {
		text = w
	}
	switch {
	case r == backlinks.IndexDropped:
		sub = "The index let it go; the page may still link to you"
	case r == backlinks.PageError:
		sub = "It may come back"
	}
	if said != "" && sub == "" {
		sub = providerName(provider) + " says “" + said + "”"
	}
	return text, sub
}

func providerName(p string) string {
	switch p {
	case "":
		return "The source"
	case "ahrefs":
		return "Ahrefs"
	}
	return strings.ToUpper(p[:1]) + p[1:]
}

// shownDay is "24 Nov 2026", or "not known".
func shownDay(d day.Day) templates.Time {
	if !d.Known() {
		return templates.Time{Text: "not known"}
	}
	return longDay(d)
}

func relTags(rel string) (tags []templates.RelTag) {
	for w := range strings.FieldsSeq(rel) {
		tags = append(tags, templates.RelTag{Text: w, Follow: w == "dofollow"})
	}
	return tags
}

// targetPath is a page of ours without its host, as the site is known.
func targetPath(target string) string {
	_, rest, ok := strings.Cut(target, "://")
	if !ok {
		return weburl.Display(target)
	}
	i := strings.IndexAny(rest, "/?")
	if i < 0 {
		return "/"
	}
	path, _, _ := strings.Cut(rest[i:], "#")
	return path
}

func linkPath(id int64) string { return "/links/" + strconv.FormatInt(id, 10) }
func creditTitle(c store.Credit) string {
	switch {
	case c.Subject != "":
		return c.Subject
	case c.Outlet != "":
		return "Pitch to " + weburl.Display(c.Outlet)
	}
	return "Pitch " + strconv.FormatInt(c.PitchID, 10)
}

// stateWords say in a row where the attribution stands.
var stateWords = map[store.State]string{
	store.StateAuto: "not confirmed", store.StateConfirmed: "confirmed", store.StateSuggested: "suggested", store.StatePossible: "possible",
}

// noPitch is what stands where a pitch would.
func noPitch(st store.State) string {
	switch {
	case st == store.StateRejected:
		return "Not ours."
	case st.Marked():
		word := markWord(st)
		return strings.ToUpper(word[:1]) + word[1:] + "."
	}
	return "No pitch."
}

func linkItem(r *store.LinkRow) templates.LinkItem {
	it := templates.LinkItem{ID: strconv.FormatInt(r.ID, 10), Href: linkPath(r.ID), Title: r.Title, URL: weburl.Display(r.SourceURL),
		Anchor: r.Anchor, Target: targetPath(r.TargetURL), Rel: relTags(r.Rel), First: shownDay(r.FirstSeen),
		None: noPitch(r.Credit.State)}
	it.URLHref, _ = weburl.SafeHref(r.SourceURL)
	if it.Title == "" { // its address stands in for it: the second line need not repeat that
		it.Title = it.URL
		it.URL, _, _ = strings.Cut(it.URL, "/")
	}
	it.DR, it.Band = drText(r.Authority, string(r.Metric))
	if r.LostOn.Known() {
		it.Lost, it.Gone = shownDay(r.LostOn), "Lost "+shownDay(r.LostOn).Text
		it.Reason, it.Said = lostText(r.LostReason, r.LostSaid, r.Provider)
		if r.FirstSeen.Known() {
			it.After = "after " + counted(int(r.LostOn-r.FirstSeen), "day", "days")
		}
	}
	if c := r.Credit; c.PitchID != 0 {
		it.Pitch, it.PitchHref, it.Owner = creditTitle(c), pitchPath(c.PitchID), c.Owner
		it.Why = templates.Why{Href: it.Href, Conf: confidenceOf(c.Score), State: stateWords[c.State]}
	}
	return it
}

// countText is "1 link", "1,284 links".
func countText(t store.Total, one, many string) string {
	if t.N == 1 && !t.AtLeast {
		return "1 " + one
	}
	return totalText(t) + " " + many
}

// listPager leads to the neighbours of a page. params are those of the list.
func listPager(path string, params url.Values, prev, next, text string) templates.Pager {
	p := templates.Pager{Text: text}
	if prev != "" {
		p.Newer = listAddress(path, params, "after", prev, "back", "1")
	}
	if next != "" {
		p.Older = listAddress(path, params, "after", next)
	}
	return p
}

func linkListView(q linkQuery, page store.LinkPage) templates.LinkList {
	v := templates.LinkList{Label: "Backlinks", Lost: q.filter.Lost, Chips: linkChips(q), Clear: q.cleared(), Export: listAddress(q.path+".csv", q.params)}
	one, many := "link", "links"
	if q.filter.Placements {
		one, many = "placement", "placements"
	}
	if v.Lost {
		v.Label, one, many = "Lost links", "lost "+one, "lost "+many
	}
	v.Pager = listPager(q.path, q.params, page.Prev, page.Next, countText(page.Total, one, many))
	v.Rows = make([]templates.LinkItem, len(page.Rows))
	for i := range page.Rows {
		v.Rows[i] = linkItem(&page.Rows[i])
	}
	v.Empty = linkEmpty(q, len(v.Chips) > 0)
	return v
}

// cleared is the list without filters, in the same view.
func (q linkQuery) cleared() string {
	return listAddress(q.path, keepParams(q.params, []string{"state", "placements", "unreviewed"}))
}

func linkEmpty(q linkQuery, filtered bool) templates.Empty {
	switch {
	case filtered:
		return templates.Empty{Title: "No link matches these filters", Text: "Take one filter away, or clear them all.", Action: templates.Link{Label: "Clear filters", Href: q.cleared()}}
	case q.filter.State == store.StateSuggested:
		return templates.Empty{Title: "Nothing waits for you", Text: "Every link found on an outlet you pitched has been decided on. New ones show here after the next sync."}
	case q.filter.Lost:
		return templates.Empty{Title: "No link lost", Text: "Links that vanish show here, with the reason the source gives."}
	case q.filter.Credited || q.filter.Placements || q.filter.State != "":
		return templates.Empty{Title: "No such link yet", Text: "Links move here as they are credited to pitches or decided on.", Action: templates.Link{Label: "All backlinks", Href: "/backlinks"}}
	}
	return templates.Empty{Title: "No links yet", Text: "Links show here after the first sync, or after an export of your link tool is imported."}
}

// linkChips repeat the filters of a list, each with the list without it.
func linkChips(q linkQuery) (chips []templates.Chip) {
	add := func(label string, change ...string) {
		chips = append(chips, templates.Chip{Label: label, Href: q.with(change...)})
	}
	f := q.filter
	if f.Domain != "" && f.Exact {
		add("Domain "+weburl.Display(f.Domain), "domain", "")
	} else if f.Domain != "" {
		add("Domain begins with "+f.Domain, "q", "")
	}
	if f.MinDR > 0 {
		add(fmt.Sprintf("DR %d and up", f.MinDR), "dr", "")
	}
	if f.Follow {
		add("dofollow only", "rel", "")
	}
	if f.Live {
		add("Live only", "live", "")
	}
	if f.Pitch != 0 {
		add(fmt.Sprintf("Pitch %d", f.Pitch), "pitch", "")
	}
	if f.Reason != "" {
		add(lostLabel(f.Reason), "reason", "")
	}
	what := "First seen"
	if f.Lost {
		what = "Lost"
	}
	if p := periodText(f.From, f.To); p != "" {
		add(what+" "+p, "from", "", "to", "")
	}
	return chips
}

// periodText is "1 Jan 2026 to 31 Mar 2026", "from …", "until …" or "".
func periodText(from, to day.Day) string {
	switch {
	case from.Known() && to.Known():
		return shownDay(from).Text + " to " + shownDay(to).Text
	case from.Known():
		return "from " + shownDay(from).Text
	case to.Known():
		return "until " + shownDay(to).Text
	}
	return ""
}

// hiddenParams are the parameters that a filter form has no control for.
func hiddenParams(params url.Values, names ...string) (list []templates.Option) {
	for _, n := range names {
		if v := params.Get(n); v != "" {
			list = append(list, templates.Option{Label: n, Value: v})
		}
	}
	return list
}

func backlinksView(q linkQuery, site store.Site, t store.Figures, total store.Total, marked bool) templates.LinksPage {
	f := q.filter
	v := templates.LinksPage{From: f.From.String(), To: f.To.String(), Rel: q.params.Get("rel"), Live: q.params.Get("live"), DR: q.params.Get("dr"),
		Filters: templates.Filters{Action: q.path, Label: "Domain, or how it begins", Query: q.params.Get("q"), Placeholder: "Domain begins with …",
			Hidden: hiddenParams(q.params, "state", "placements", "unreviewed", "domain", "pitch")},
		DRs: []templates.Option{{Value: "", Label: "Any DR"}, {Value: "70", Label: "DR 70 and up"}, {Value: "50", Label: "DR 50 and up"}, {Value: "30", Label: "DR 30 and up"}}}
	if v.DR != "" && !slices.ContainsFunc(v.DRs, func(o templates.Option) bool { return o.Value == v.DR }) {
		v.DRs = append(v.DRs, templates.Option{Value: v.DR, Label: "DR " + v.DR + " and up"})
	}
	view := func(label, href string, n int, current bool) {
		x := templates.View{Label: label, Href: href, Current: current}
		if n >= 0 {
			x.Count = grouped(n)
		}
		v.Views = append(v.Views, x)
	}
	plain := !f.Credited && !f.Placements && f.State == ""
	view("All", "/backlinks", t.LinksNew, plain)
	view("Credited", "/backlinks?state=credited", t.Credited, f.Credited && !f.Placements)
	view("Placements", "/backlinks?placements=1", t.Placements, f.Placements)
	view("Suggested", "/backlinks?state=suggested", t.Suggested, f.State == store.StateSuggested)
	view("Confirmed", "/backlinks?state=confirmed", t.Confirmed, f.State == store.StateConfirmed)
	view("Not ours", "/backlinks?state=rejected", -1, f.State == store.StateRejected)
	view("No pitch", "/backlinks?state=none", -1, f.State == "none")
	for _, o := range markOptions { // shown apart, and only once somebody marked something
		if f.State.Marked() || marked {
			view(o.Label, "/backlinks?state="+o.Value, -1, string(f.State) == o.Value)
		}
	}
	switch {
	case f.State == store.StateSuggested:
		v.Lead = templates.Strong(countText(total, "link", "links"), "found on outlets you pitched. Say which pitch earned each one.")
	case f.Placements:
		v.Lead = templates.Strong(countText(total, "placement", "placements")+".", notConfirmed(t.Unconfirmed, f))
	case plain && len(linkChips(q)) == 0:
		v.Lead = templates.Strong(countText(total, "link", "links"), fmt.Sprintf("to %s. %s come from your pitches, %s wait for review.", site.Host, grouped(t.Credited), grouped(t.Suggested)))
	default:
		v.Lead = templates.Strong(countText(total, "link", "links"), fmt.Sprintf("of %s to %s.", grouped(t.LinksNew), site.Host))
	}
	return v
}

func notConfirmed(n int, f store.LinkFilter) string {
	if f.Unreviewed {
		return "No person has confirmed them yet."
	}
	return fmt.Sprintf("A placement is a page with one or more credited links. Of all time, %s are not confirmed yet.", grouped(n))
}

func lostView(q linkQuery, site store.Site, t store.Figures, total store.Total) templates.LostPage {
	f := q.filter
	v := templates.LostPage{Placements: f.Placements, Reason: string(f.Reason), From: f.From.String(), To: f.To.String(),
		Options: []templates.Option{{Value: "", Label: "Any reason"}},
		Filters: templates.Filters{Action: q.path, Label: "Domain, or how it begins", Query: q.params.Get("q"), Placeholder: "Domain begins with …",
			Hidden: hiddenParams(q.params, "state", "placements", "unreviewed", "domain", "pitch", "dr", "rel")},
		Views: []templates.View{{Label: "All lost", Href: "/lost", Count: grouped(t.LinksLost), Current: !f.Placements},
			{Label: "Placements", Href: "/lost?placements=1", Count: grouped(t.PlacementsLost), Current: f.Placements}}}
	for _, r := range lostReasons {
		v.Options = append(v.Options, templates.Option{Value: string(r.reason), Label: r.label})
	}
	if f.Placements {
		v.Lead = templates.Strong(countText(total, "placement", "placements"), "lost. The pitches stay landed; what they won is gone for now.")
	} else {
		v.Lead = templates.Strong(countText(total, "link", "links"), fmt.Sprintf("to %s lost. Your pitches lost %s in all.", site.Host, counted(t.PlacementsLost, "placement", "placements")))
	}
	return v
}

func lostReasonCounts(q linkQuery, n map[backlinks.LostReason]int) (list []templates.LostReasonCount) {
	all := 0
	for _, k := range n {
		all += k
	}
	for _, r := range lostReasons {
		if k := n[r.reason]; k > 0 {
			list = append(list, templates.LostReasonCount{Label: r.label, Href: q.with("reason", string(r.reason)), N: grouped(k), Percent: 100 * float64(k) / float64(all)})
		}
	}
	return list
}
