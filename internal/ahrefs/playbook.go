package ahrefs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
)

const (
	epOverview   = "site-explorer/overview"
	epAll        = "site-explorer/all-backlinks"
	epNew        = "site-explorer/new-backlinks"
	epLost       = "site-explorer/lost-backlinks"
	epRefDomains = "site-explorer/referring-domains"
)

const (
	selectOverview   = "domain_rating,backlinks,referring_domains,organic_traffic,organic_keywords"
	selectAllExact   = "url_from,domain_rating_source,anchor,first_seen,last_seen,http_code,is_dofollow"
	selectAll        = "url_from,url_to,domain_rating_source,anchor,first_seen,last_seen,http_code,is_dofollow"
	selectSources    = "url_from,domain_rating_source,anchor,url_to,is_dofollow"
	selectNew        = "url_from,url_to,domain_rating_source,anchor,first_seen,is_dofollow"
	selectLost       = "url_from,url_to,domain_rating_source,anchor,last_seen,reason"
	selectRefDomains = "domain,domain_rating,backlinks,first_seen,last_seen"
)

const (
	rowsOfWindow = 200 // new and lost links
	rowsOfAll    = 500

	maxCount = 1 << 53 // beyond this a JSON number is not exact
)

// playbook is the endpoint set with new-backlinks and lost-backlinks.
//
// Its lists are paged by limit and offset over data that may change between two
// requests, so a row can come twice or slip by; callers upsert, and ask again for
// days that have only just ended. lost-backlinks documents no order_by.
type playbook struct {
	*caller
	pageSize int
}

// question is one request of the set.
type question struct {
	endpoint string
	query    url.Values
	limit    int
	names    []string // of the list in the answer
}

func (p *playbook) overview(ctx context.Context, t backlinks.Target, _ day.Day) (backlinks.Snapshot, backlinks.Cost, error) {
	q, err := targetQuery(epOverview, t)
	if err != nil {
		return backlinks.Snapshot{}, backlinks.Cost{}, err
	}
	q.Set("select", selectOverview)
	body, cost, err := p.get(ctx, epOverview, q)
	if err != nil {
		return backlinks.Snapshot{}, cost, err
	}
	s, err := readOverview(body)
	if err != nil {
		return backlinks.Snapshot{}, cost, p.unusable(epOverview, body, err)
	}
	s.On = day.Of(p.now())
	return s, cost, nil
}

func (p *playbook) newLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	q, err := windowQuery(epNew, w)
	if err != nil {
		return backlinks.LinkPage{}, err
	}
	q.Set("select", selectNew)
	q.Set("order_by", "first_seen:desc")
	ask := question{epNew, q, rowsOfWindow, []string{"backlinks", "new_backlinks"}}
	return p.links(ctx, ask, w.Cursor, readLink)
}

func (p *playbook) lostLinks(ctx context.Context, w backlinks.Window) (backlinks.LinkPage, error) {
	q, err := windowQuery(epLost, w)
	if err != nil {
		return backlinks.LinkPage{}, err
	}
	q.Set("select", selectLost)
	ask := question{epLost, q, rowsOfWindow, []string{"backlinks", "lost_backlinks"}}
	return p.links(ctx, ask, w.Cursor, readLost)
}

func (p *playbook) refDomains(ctx context.Context, t backlinks.Target, cursor string) (backlinks.RefDomainPage, error) {
	q, err := targetQuery(epRefDomains, t)
	if err != nil {
		return backlinks.RefDomainPage{}, err
	}
	q.Set("select", selectRefDomains)
	q.Set("order_by", "domain_rating:desc")
	ask := question{epRefDomains, q, rowsOfAll, []string{"refdomains", "referring_domains"}}
	domains, next, cost, err := list(ctx, p, ask, cursor, readRefDomain)
	return backlinks.RefDomainPage{Domains: domains, Next: next, Cost: cost}, err
}

// allLinks has three forms: sources from an authority on; the dofollow links to
// one URL, whose rows do not repeat that URL; and everything live. The last has
// no filter: a caller that compares it with what it knows would otherwise take
// every nofollow link for lost.
func (p *playbook) allLinks(ctx context.Context, t backlinks.Target, minAuthority int, cursor string) (backlinks.LinkPage, error) {
	q, err := targetQuery(epAll, t)
	if err != nil {
		return backlinks.LinkPage{}, err
	}
	q.Set("order_by", "domain_rating_source:desc")
	read := readLink
	switch {
	case minAuthority > 0:
		q.Set("select", selectSources)
		q.Set("where", fmt.Sprintf("domain_rating_source>=%d", minAuthority))
	case t.Mode == backlinks.ModeExact:
		q.Set("select", selectAllExact)
		q.Set("where", "is_dofollow=true")
		read = func(r *row) backlinks.Link { return readLinkTo(r, t.Host) }
	default:
		q.Set("select", selectAll)
	}
	ask := question{epAll, q, rowsOfAll, []string{"backlinks", "all_backlinks"}}
	page, err := p.links(ctx, ask, cursor, read)
	page.Links = slices.DeleteFunc(page.Links, func(l backlinks.Link) bool {
		return l.Authority < float64(minAuthority)
	})
	return page, err
}

// pageRows is the most rows that one request of a job gives; 0 when it is not a
// list of this set.
func (p *playbook) pageRows(job backlinks.Job) int {
	switch job {
	case backlinks.JobNewLinks, backlinks.JobLostLinks:
		return p.lowered(rowsOfWindow)
	case backlinks.JobRefDomains, backlinks.JobAllLinks, backlinks.JobSources:
		return p.lowered(rowsOfAll)
	}
	return 0
}

func (p *playbook) lowered(rows int) int {
	if p.pageSize > 0 {
		return min(rows, p.pageSize)
	}
	return rows
}

func (p *playbook) links(ctx context.Context, ask question, cursor string, read func(*row) backlinks.Link) (backlinks.LinkPage, error) {
	links, next, cost, err := list(ctx, p, ask, cursor, read)
	return backlinks.LinkPage{Links: links, Next: next, Cost: cost}, err
}

// list asks for one page and reads it. A page with at least as many rows as were
// asked for may have a successor; a shorter one is the last.
func list[T any](ctx context.Context, p *playbook, ask question, cursor string, read func(*row) T) ([]T, string, backlinks.Cost, error) {
	offset, err := offsetOf(ask.endpoint, cursor)
	if err != nil {
		return nil, "", backlinks.Cost{}, err
	}
	ask.limit = p.lowered(ask.limit)
	ask.query.Set("limit", strconv.Itoa(ask.limit))
	ask.query.Set("offset", strconv.Itoa(offset))
	body, cost, err := p.get(ctx, ask.endpoint, ask.query)
	if err != nil {
		return nil, "", cost, err
	}
	rows, err := decodeList(body, ask.names, read)
	if err != nil {
		return nil, "", cost, p.unusable(ask.endpoint, body, err)
	}
	// A server that sends everything at once is bearable on the first page, where
	// the next request then comes back empty; later it is ignoring the offset,
	// and paging on would never end.
	if len(rows) > ask.limit && offset > 0 {
		return nil, "", cost, p.unusable(ask.endpoint, body, fmt.Errorf("%d rows where %d were asked for", len(rows), ask.limit))
	}
	next := ""
	if len(rows) >= ask.limit {
		next = strconv.Itoa(offset + len(rows))
	}
	return rows, next, cost, nil
}

// decodeList reads a whole answer of a list endpoint.
func decodeList[T any](body []byte, names []string, read func(*row) T) ([]T, error) {
	answer, err := parse(body)
	if err != nil {
		return nil, err
	}
	rows, err := listIn(answer, names...)
	if err != nil {
		return nil, err
	}
	return readRows(rows, read)
}

// unusable is the error for a body that cannot be read. err may quote the body in
// part; if that repeats the token, a part of the token could be in it.
func (c *caller) unusable(endpoint string, body []byte, err error) *Error {
	if text := string(body); c.scrub(text) != text {
		err = errors.New("it repeats the token, so it is not shown")
	}
	return &Error{Kind: BadAnswer, Status: http.StatusOK, Endpoint: endpoint, Err: c.scrub.err(err)}
}

func refuse(endpoint, format string, args ...any) *Error {
	return &Error{Kind: BadRequest, Endpoint: endpoint, Err: fmt.Errorf(format, args...)}
}

func offsetOf(endpoint, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(cursor, 10, 31)
	if err != nil {
		return 0, refuse(endpoint, "%q is not a cursor of this provider", cut(cursor, 40))
	}
	return int(n), nil
}

// targetQuery refuses the mode subdomains, which this set does not have: domain in
// its place would count something else without saying so.
func targetQuery(endpoint string, t backlinks.Target) (url.Values, error) {
	target := strings.TrimSpace(t.Host)
	if target == "" {
		return nil, refuse(endpoint, "the target is empty")
	}
	switch t.Mode {
	case backlinks.ModeExact, backlinks.ModePrefix, backlinks.ModeDomain:
	default:
		return nil, refuse(endpoint, "the mode %q is not one of exact, prefix and domain", string(t.Mode))
	}
	return url.Values{"target": {target}, "mode": {string(t.Mode)}}, nil
}

func windowQuery(endpoint string, w backlinks.Window) (url.Values, error) {
	if !w.From.Known() || !w.To.Known() || w.From > w.To {
		return nil, refuse(endpoint, "the days from %q to %q are no window", w.From, w.To)
	}
	q, err := targetQuery(endpoint, w.Target)
	if err != nil {
		return nil, err
	}
	q.Set("date_from", w.From.String())
	q.Set("date_to", w.To.String())
	return q, nil
}

// readOverview accepts the figures bare or under overview or metrics.
func readOverview(body []byte) (backlinks.Snapshot, error) {
	answer, err := parse(body)
	if err != nil {
		return backlinks.Snapshot{}, err
	}
	fields, _ := answer.(map[string]any)
	if _, bare := fields["domain_rating"]; !bare || fields["error"] != nil {
		name, v, err := under(answer, []string{"overview", "metrics"})
		if err != nil {
			return backlinks.Snapshot{}, err
		}
		var ok bool
		if fields, ok = v.(map[string]any); !ok {
			return backlinks.Snapshot{}, fmt.Errorf("%q should be an object but is %s", name, describe(v))
		}
	}
	return overviewOf(&row{fields: fields})
}

func overviewOf(r *row) (backlinks.Snapshot, error) {
	if _, has := r.fields["domain_rating"]; !has {
		r.fail("domain_rating", "is missing; there is %s", describe(r.fields))
	}
	s := backlinks.Snapshot{Provider: Name}
	some := false
	if dr, known := r.number("domain_rating", 100); known {
		s.Authority, s.Metric, some = dr, backlinks.DR, true
	}
	for _, f := range []struct {
		name string
		to   *int64
	}{
		{"backlinks", &s.Backlinks}, {"referring_domains", &s.RefDomains},
		{"organic_traffic", &s.OrganicTraffic}, {"organic_keywords", &s.OrganicKeywords},
	} {
		n, known := r.count(f.name, maxCount)
		if *f.to = n; !known {
			*f.to = -1
		}
		some = some || known
	}
	if r.err == nil && !some {
		r.fail("overview", "has no figure at all")
	}
	return s, r.err
}

// readLink reads a row that says which page it links to.
func readLink(r *row) backlinks.Link { return readLinkTo(r, r.key("url_to")) }

func readLinkTo(r *row, to string) backlinks.Link {
	l := backlinks.Link{
		SourceURL: r.key("url_from"),
		TargetURL: to,
		Anchor:    r.text("anchor"),
		// This set has one first_seen. It is the link's: new-backlinks lists
		// links by it.
		FirstSeen: r.date("first_seen"),
		LastSeen:  r.date("last_seen"),
		Provider:  Name,
	}
	if dr, known := r.number("domain_rating_source", 100); known {
		l.Authority, l.Metric = dr, backlinks.DR
	}
	if follow, known := r.flag("is_dofollow"); known {
		l.Nofollow = backlinks.TriOf(!follow)
	}
	code, _ := r.count("http_code", 999)
	l.HTTPCode = int(code)
	return l
}

var lostReasons = map[string]backlinks.LostReason{
	"broken":       backlinks.PageGone,
	"noindex":      backlinks.NoIndex,
	"redirect":     backlinks.Redirected,
	"link_removed": backlinks.LinkRemoved,
}

// readLost reads a row of lost-backlinks. It is lost even if neither day nor reason
// is given, so LostReason is never empty.
func readLost(r *row) backlinks.Link {
	l := readLink(r)
	if l.LostOn = r.date("lost_on"); !l.LostOn.Known() {
		l.LostOn = l.LastSeen
	}
	l.LostSaid = r.text("reason")
	l.LostReason = lostReasons[strings.ToLower(strings.TrimSpace(l.LostSaid))]
	if l.LostReason == backlinks.LostNone {
		l.LostReason = backlinks.LostReasonUnsaid
	}
	return l
}

func readRefDomain(r *row) backlinks.RefDomain {
	d := backlinks.RefDomain{
		Domain:    r.key("domain"),
		FirstSeen: r.date("first_seen"),
		LastSeen:  r.date("last_seen"),
	}
	if dr, known := r.number("domain_rating", 100); known {
		d.Authority, d.Metric = dr, backlinks.DR
	}
	n, _ := r.count("backlinks", maxCount)
	d.Links = int(n)
	return d
}
