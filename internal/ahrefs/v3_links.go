package ahrefs

import (
	"context"
	"slices"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// The fields of each list, a unit a row each (price.go). What is not stored and used
// is not asked for.
var (
	// newFields are all of the neutral record that a link which was just found has:
	// anchor, title and author, which attribution compares with a pitch and the
	// lists show; the kind, because a redirect or canonical is no placement; the
	// flags of rel; the authority; and the day the LINK was found, which pages
	// the list. is_dofollow would say less than the three flags it is made of.
	// first_seen (the source page's day), http_code and last_visited are left out:
	// that a link was just found says that its page answered and that it lives.
	newFields = []string{"url_from", "url_to", "anchor", "title", "source_page_author", "link_type",
		"is_nofollow", "is_ugc", "is_sponsored", "domain_rating_source", "first_seen_link"}

	// lostFields say when and why; the rest of a link is known from when it was
	// new. is_lost is paid as a condition already, and asked for so that a server
	// that ignores the condition cannot make a living link look lost.
	lostFields = []string{"url_from", "url_to", "last_seen", "lost_reason", "drop_reason", "is_lost"}

	// wholeLostFields are for a first contact, when the links are not known yet.
	wholeLostFields = append([]string{"anchor", "title", "source_page_author", "link_type",
		"is_nofollow", "is_ugc", "is_sponsored", "domain_rating_source", "first_seen_link"}, lostFields...)

	// restoredFields: that the link was verified as live after it had been lost is
	// all that changes.
	restoredFields = []string{"url_from", "url_to", "last_visited", "discovered_status", "is_lost"}

	// liveFields check placements: beside what newFields has, when the page was last
	// verified and what it answered.
	liveFields = append([]string{"last_visited", "http_code"}, newFields...)

	// sourceFields are for a competitor's sources, one link each. The rank orders
	// domains as the rating does, but hardly two have the same, so that it can page;
	// and it is a whole number, which a server finds equal to itself.
	sourceFields = []string{"url_from", "url_to", "anchor", "link_type", "is_nofollow", "domain_rating_source", "ahrefs_rank_source"}
)

func byLinkDate(field string) []sortKey {
	return []sortKey{{field: field, kind: keyTime}, {field: "url_from", kind: keyText}, {field: "url_to", kind: keyText}}
}

// linkAsk is a request to all-backlinks. aggregation is always said: the default
// leaves out links that it finds similar.
func linkAsk(t backlinks.Target, history, aggregation string) (ask, error) {
	q, err := v3Target(epAll, t)
	if err != nil {
		return ask{}, err
	}
	q.Set("history", history)
	q.Set("aggregation", aggregation)
	return ask{endpoint: epAll, envelope: "backlinks", params: q}, nil
}

// windowAsk asks for the links of which a date lies in the window. Links lost since
// its first day are in the report, so that one found and lost again is not missed.
func windowAsk(w backlinks.Window, field string, fields []string) (ask, error) {
	if err := checkWindow(epAll, w); err != nil {
		return ask{}, err
	}
	a, err := linkAsk(w.Target, "since:"+w.From.String(), "all")
	if err != nil {
		return ask{}, err
	}
	a.sel, a.keys = fields, byLinkDate(field)
	a.base, a.where = Gte(field, midnight(w.From)), Lt(field, midnight(w.To+1))
	return a, nil
}

func checkWindow(endpoint string, w backlinks.Window) error {
	if !w.From.Known() || !w.To.Known() || w.From > w.To {
		return refuse(endpoint, "the days from %q to %q are no window", w.From, w.To)
	}
	return nil
}

func midnight(d day.Day) string { return d.String() + "T00:00:00Z" }

func askNew(w backlinks.Window) (ask, error) { return windowAsk(w, "first_seen_link", newFields) }

func askLost(w backlinks.Window) (ask, error) {
	fields := lostFields
	if w.Whole {
		fields = wholeLostFields
	}
	a, err := windowAsk(w, "last_seen", fields)
	a.where = And(a.where, Eq("is_lost", true))
	return a, err
}

func askRestored(w backlinks.Window) (ask, error) {
	a, err := windowAsk(w, "last_visited", restoredFields)
	a.where = And(a.where, Eq("discovered_status", "linkrestored"), Eq("is_lost", false))
	return a, err
}

// askAll asks for everything live, in the order in which it was found.
func askAll(t backlinks.Target) (ask, error) {
	a, err := linkAsk(t, "live", "all")
	a.sel, a.keys = liveFields, byLinkDate("first_seen_link")
	return a, err
}

// askSources asks for one editorial link of each domain, best first. Were the kind
// not a condition, a domain could be shown by its redirect.
func askSources(t backlinks.Target, minAuthority int) (ask, error) {
	a, err := linkAsk(t, "live", "1_per_domain")
	a.sel = sourceFields
	// Keys of the domain, not of a link: a condition on links would let a domain
	// come again with its next link.
	a.keys = []sortKey{{field: "ahrefs_rank_source", kind: keyInt}, {field: "root_name_source", kind: keyText}}
	a.lazy = 1
	a.where = And(Gte("domain_rating_source", minAuthority), Or(Eq("link_type", "text"), Eq("link_type", "image")))
	return a, err
}

// askNewSources asks for the sources of which a link was found in the window. Its
// date costs a unit a row as a condition, and so comes with the row for nothing.
func askNewSources(w backlinks.Window, minAuthority int) (ask, error) {
	a, err := askSources(w.Target, minAuthority)
	if err == nil {
		err = checkWindow(epAll, w)
	}
	const found = "first_seen_link"
	a.sel = append(slices.Clone(a.sel), found)
	a.where = And(a.where, Gte(found, midnight(w.From)), Lt(found, midnight(w.To+1)))
	return a, err
}

func (v *v3) newLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	a, err := askNew(w)
	return v.linkPage(ctx, a, err, w.Cursor, w.MaxRows, func(r *row) backlinks.Link {
		l := readV3Link(r)
		r.within("first_seen_link", w)
		return l
	})
}

func (v *v3) lostLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	a, err := askLost(w)
	return v.linkPage(ctx, a, err, w.Cursor, w.MaxRows, func(r *row) backlinks.Link {
		l := readV3Lost(r)
		r.within("last_seen", w)
		return l
	})
}

func (v *v3) restoredLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	a, err := askRestored(w)
	return v.linkPage(ctx, a, err, w.Cursor, w.MaxRows, func(r *row) backlinks.Link {
		l := readV3Link(r)
		r.within("last_visited", w)
		r.must("is_lost", false)
		if said := r.text("discovered_status"); said != "linkrestored" {
			r.fail("discovered_status", "is %s where linkrestored was asked for", describe(said))
		}
		return l
	})
}

func (v *v3) allLinks(ctx context.Context, t backlinks.Target, minAuthority int, cursor string) (backlinks.LinkPage, error) {
	if minAuthority > 0 {
		a, err := askSources(t, minAuthority)
		return v.linkPage(ctx, a, err, cursor, 0, readSource(minAuthority))
	}
	a, err := askAll(t)
	return v.linkPage(ctx, a, err, cursor, 0, readV3Link)
}

func (v *v3) newSources(ctx context.Context, w backlinks.Window, minAuthority int) (backlinks.LinkPage, error) {
	a, err := askNewSources(w, minAuthority)
	read := readSource(minAuthority)
	return v.linkPage(ctx, a, err, w.Cursor, w.MaxRows, func(r *row) backlinks.Link {
		l := read(r)
		r.within("first_seen_link", w)
		return l
	})
}

func readSource(minAuthority int) func(*row) backlinks.Link {
	return func(r *row) backlinks.Link {
		l := readV3Link(r)
		if l.Authority < float64(minAuthority) {
			r.fail("domain_rating_source", "is %g where at least %d was asked for", l.Authority, minAuthority)
		}
		return l
	}
}

func (v *v3) linkPage(ctx context.Context, a ask, err error, cursor string, most int, read func(*row) backlinks.Link) (backlinks.LinkPage, error) {
	if err != nil {
		return backlinks.LinkPage{}, err
	}
	links, next, cost, err := page(ctx, v, a, cursor, most, read)
	return backlinks.LinkPage{Links: once(links), Next: next, Cost: cost}, err
}

// once keeps one row of each pair of pages: a source can link to a page twice, by
// text and by image, which is one link for us. An editorial kind stands for it
// rather than a canonical, else the row that came first.
func once(links []backlinks.Link) []backlinks.Link {
	type pair struct{ from, to string }
	at := make(map[pair]int, len(links))
	out := links[:0]
	for _, l := range links {
		p := pair{l.SourceURL, l.TargetURL}
		i, known := at[p]
		switch {
		case !known:
			at[p] = len(out)
			out = append(out, l)
		case l.Kind.Editorial() && !out[i].Kind.Editorial():
			out[i] = l
		}
	}
	return out
}

// within refuses a row from outside the window: the server has not understood the
// condition, and all that it sent may be something else.
func (r *row) within(name string, w backlinks.Window) {
	if d := r.date(name); d < w.From || d > w.To {
		r.fail(name, "is %s, outside %s to %s", d, w.From, w.To)
	}
}

// must refuses a row whose flag is known to be other than asked for.
func (r *row) must(name string, want bool) {
	if b, known := r.flag(name); !known || b != want {
		r.fail(name, "is %s where %t was asked for", describe(r.fields[name]), want)
	}
}

var linkKinds = map[string]backlinks.Kind{
	"text": backlinks.KindText, "image": backlinks.KindImage, "redirect": backlinks.KindRedirect,
	"frame": backlinks.KindFrame, "form": backlinks.KindForm, "canonical": backlinks.KindCanonical,
	"alternate": backlinks.KindAlternate, "rss": backlinks.KindRSS,
}

// readV3Link reads a row of all-backlinks, whichever fields were asked for.
func readV3Link(r *row) backlinks.Link {
	l := backlinks.Link{
		SourceURL: r.key("url_from"),
		TargetURL: r.key("url_to"),
		Anchor:    r.text("anchor"),
		Title:     r.text("title"),
		Author:    r.text("source_page_author"),
		Kind:      linkKinds[strings.ToLower(r.text("link_type"))],
		Nofollow:  r.tri("is_nofollow"),
		UGC:       r.tri("is_ugc"),
		Sponsored: r.tri("is_sponsored"),
		FirstSeen: r.date("first_seen_link"),
		LastSeen:  r.date("last_visited"),
		Provider:  Name,
	}
	if dr, known := r.number("domain_rating_source", 100); known {
		l.Authority, l.Metric = dr, backlinks.DR
	}
	code, _ := r.count("http_code", 999)
	l.HTTPCode = int(code)
	return l
}

func (r *row) tri(name string) backlinks.Tri {
	b, known := r.flag(name)
	if !known {
		return backlinks.Unknown
	}
	return backlinks.TriOf(b)
}

var v3LostReasons = map[string]backlinks.LostReason{
	"removedfromhtml": backlinks.LinkRemoved,
	"notfound":        backlinks.PageGone,
	"noindex":         backlinks.NoIndex,
	"pageredirected":  backlinks.Redirected,
	"lostredirect":    backlinks.Redirected,
	"notcanonical":    backlinks.NotCanonical,
	"pageerror":       backlinks.PageError,
}

// readV3Lost reads a row of a lost link. A reason for the loss is an act on the
// page and counts before a drop_reason, which only says that the index let it go.
func readV3Lost(r *row) backlinks.Link {
	l := readV3Link(r)
	r.must("is_lost", true)
	l.LostOn = r.needDay("last_seen")
	lost, drop := strings.TrimSpace(r.text("lost_reason")), strings.TrimSpace(r.text("drop_reason"))
	l.LostReason, l.LostSaid = backlinks.LostReasonUnsaid, lost
	switch {
	case lost != "":
		if known, ok := v3LostReasons[strings.ToLower(lost)]; ok {
			l.LostReason = known
		}
	case drop != "":
		l.LostReason, l.LostSaid = backlinks.IndexDropped, drop
	}
	return l
}
