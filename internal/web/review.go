package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"
)

func (s *Server) reviewRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/review", Role: auth.Staff, Handler: s.showReview},
		{Method: get, Pattern: "/review/pitches", Role: auth.Staff, Handler: s.findReviewPitches},
		{Method: get, Pattern: "/review/unpitched", Role: auth.Staff, Handler: s.listUnpitched},
		{Method: post, Pattern: "/review/decide", Role: auth.Staff, Handler: s.decideReview},
		{Method: post, Pattern: "/review/undo", Role: auth.Staff, Handler: s.undoReview},
		{Method: get, Pattern: "/review/all", Role: auth.Staff, Handler: s.showDecideAll},
		{Method: post, Pattern: "/review/all", Role: auth.Staff, Handler: s.decideAll},
		{Method: post, Pattern: "/review/all/{id}/undo", Role: auth.Staff, Handler: s.undoAll},
		{Method: get, Pattern: "/domains/marks", Role: auth.Viewer, Handler: s.listMarks},
		{Method: post, Pattern: "/domains/marks", Role: auth.Staff, Handler: s.markOutlet},
		{Method: post, Pattern: "/domains/marks/{id}/end", Role: auth.Staff, Handler: s.endMark},
		{Method: get, Pattern: "/settings/decisions", Role: auth.Admin, Handler: s.listDecisions},
		{Method: get, Pattern: "/settings/decisions.csv", Role: auth.Admin, Handler: s.exportDecisions, Costly: true},
	}
}

// reviewQuery is the address of the queue: its filters, the link that is looked
// at, the pitch it is looked at with, and how many links there were at first.
type reviewQuery struct {
	params url.Values
	filter store.ReviewFilter
	link   int64
	pitch  int64
	of     int
}

var reviewParams = []string{"mine", "q", "band", "from", "to"}

// reviewBands are the bands as the address names them. The limits are the
// workspace's.
var reviewBands = []templates.Option{{Value: "", Label: "Any match"}, {Value: "strong", Label: "Strong, held back"}, {Value: "likely", Label: "Likely"},
	{Value: "contested", Label: "Contested"}, {Value: "possible", Label: "Faint"}}

func (s *Server) readReview(r *http.Request, site store.Site) (reviewQuery, error) {
	in := r.URL.Query()
	q := reviewQuery{params: keepParams(in, reviewParams), filter: store.ReviewFilter{Site: site.ID}, link: positive(in.Get("link")), pitch: positive(in.Get("pitch"))}
	if n, err := strconv.Atoi(in.Get("of")); err == nil && n > 0 && n < 1e7 {
		q.of = n
	}
	f := &q.filter
	if in.Get("mine") != "" {
		f.Owner = s.currentUser(r).ID
	}
	f.Outlet = strings.TrimSpace(q.params.Get("q"))
	switch band := in.Get("band"); band {
	case "":
	case "strong":
		f.MinScore = s.Store.Rules().CreditAt
	case "likely":
		f.MaxScore = s.Store.Rules().CreditAt - 1
	case "contested":
		f.Contested = true
	case "possible":
		f.Possible = true
	default:
		return q, fault.New(fault.Invalid, "There are no matches called %q.", cut(band, 40))
	}
	var err error
	f.From, f.To, err = readPeriod(in)
	return q, err
}

// at is an address below /review with the filters and further parameters.
func (q reviewQuery) at(path string, more ...string) string {
	if q.of > 0 {
		more = append(more, "of", strconv.Itoa(q.of))
	}
	return listAddress(path, q.params, more...)
}

func (s *Server) showReview(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err == nil {
		err = s.reviewPage(w, r, q, http.StatusOK, nil, nil)
	}
	if invalid(err) && q.filter.Outlet != "" { // half a domain is no error while it is typed
		return s.reviewNoOutlet(w, r, q, err)
	}
	return err
}

// reviewPage answers the queue at a link, or at its top. next, if not nil, are
// links to go to when that one does not wait: the first of them that does.
func (s *Server) reviewPage(w http.ResponseWriter, r *http.Request, q reviewQuery, code int, note *templates.Note, next []int64) error {
	v, err := s.reviewView(w, r, q, next)
	if err != nil {
		return err
	}
	v.Note = note
	if isHTMX(r) {
		counts, err := s.Counts(r.Context(), q.filter.Site)
		if err != nil {
			return err
		}
		v.Waiting = counts["review"]
	}
	return s.show(w, r, Page{Title: "Review", Nav: "review", Status: code, Body: templates.ReviewBody(v), Part: templates.ReviewPart(v)})
}

func (s *Server) reviewNoOutlet(w http.ResponseWriter, r *http.Request, q reviewQuery, cause error) error {
	v := s.reviewFrame(w, r, q, store.Total{})
	v.Empty = templates.Empty{Title: "No such outlet", Text: fault.Message(cause) + " Type a whole domain.", Action: templates.Link{Label: "Clear filters", Href: "/review"}}
	return s.show(w, r, Page{Title: "Review", Nav: "review", Status: http.StatusUnprocessableEntity, Body: templates.ReviewBody(v), Part: templates.ReviewPart(v)})
}

// The queue shows some links before and more after the one that is looked at.
const queueBefore, queueAfter = 4, 20

// queueAround is the part of the queue around a link, and where in it that stands;
// -1 when it does not wait.
func (s *Server) queueAround(r *http.Request, q reviewQuery, link int64) (rows []store.QueueRow, at int, err error) {
	ctx := r.Context()
	var place *store.Place
	if link != 0 {
		p, _, err := s.Store.PlaceOf(ctx, link)
		if err != nil {
			return nil, 0, err
		}
		place = &p
		if rows, err = s.Store.Queue(ctx, q.filter, place, true, queueBefore+1); err != nil {
			return nil, 0, err
		}
		slices.Reverse(rows)
		if len(rows) > queueBefore {
			rows = rows[1:]
		}
	}
	before := len(rows)
	if place != nil { // the link itself, if it waits under this filter
		p := place.Before()
		place = &p
	}
	after, err := s.Store.Queue(ctx, q.filter, place, false, queueAfter)
	rows = append(rows, after...)
	at = slices.IndexFunc(rows, func(x store.QueueRow) bool { return x.LinkID == link })
	if link == 0 && len(rows) > 0 {
		at = before
	}
	return rows, at, err
}

// reviewView gathers the queue and the case that is looked at.
func (s *Server) reviewView(w http.ResponseWriter, r *http.Request, q reviewQuery, next []int64) (templates.ReviewPage, error) {
	ctx := r.Context()
	total, err := s.Store.CountQueue(ctx, q.filter)
	if err != nil {
		return templates.ReviewPage{}, err
	}
	if q.of < total.N {
		q.of = total.N
	}
	link := q.link
	for _, id := range next {
		if _, ok, err := s.Store.PlaceOf(ctx, id); err != nil {
			return templates.ReviewPage{}, err
		} else if ok {
			link = id
			break
		}
	}
	rows, at, err := s.queueAround(r, q, link)
	if err != nil {
		return templates.ReviewPage{}, err
	}
	if link != 0 && at < 0 && next != nil { // decided meanwhile: from the top
		if rows, at, err = s.queueAround(r, q, 0); err != nil {
			return templates.ReviewPage{}, err
		}
		link = 0
	}
	if link == 0 && at >= 0 {
		link = rows[at].LinkID
	}
	v := s.reviewFrame(w, r, q, total)
	for i, row := range rows {
		v.Queue = append(v.Queue, queueItem(q, row, i == at))
	}
	if link == 0 {
		v.Empty = reviewEmpty(q)
		return v, s.reviewUndo(r, &v, q)
	}
	if v.Case, err = s.reviewCase(r, q, link, skipTo(rows, at)); err != nil {
		return v, err
	}
	v.Case.CSRF = v.CSRF
	return v, s.reviewUndo(r, &v, q)
}

// skipTo is the link after the one at a place in the queue; after the last one
// shown it is the first one shown, 0 when there is no other.
func skipTo(rows []store.QueueRow, at int) int64 {
	switch {
	case at >= 0 && at+1 < len(rows):
		return rows[at+1].LinkID
	case len(rows) > 0 && at != 0:
		return rows[0].LinkID
	}
	return 0
}

// findReviewPitches answers the search of the reassign dialog.
func (s *Server) findReviewPitches(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := s.readReview(r, site)
	if err != nil {
		return err
	}
	typed := r.URL.Query().Get("typed")
	l, err := s.Store.Link(r.Context(), q.link)
	if err != nil {
		return err
	}
	if !isHTMX(r) {
		return s.redirect(w, r, listAddress(linkPath(l.ID)+"/pitches", nil, "q", cut(typed, 200)))
	}
	c := templates.ReviewCase{ID: strconv.FormatInt(l.ID, 10), Version: strconv.FormatInt(l.Credit.Version, 10), Decide: q.at("/review/decide"), CSRF: s.csrfToken(w, r)}
	if c.Search, err = s.foundPitches(r, l, typed); err != nil {
		return err
	}
	return s.part(w, r, http.StatusOK, templates.ReviewFound(c))
}

// listUnpitched lists links from known outlets that no pitch explains.
func (s *Server) listUnpitched(w http.ResponseWriter, r *http.Request) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	found, err := s.Store.ListUnpitched(r.Context(), site.ID, r.URL.Query().Get("after"), 50)
	if err != nil {
		return err
	}
	v := templates.UnpitchedPage{CSRF: s.csrfToken(w, r), Views: reviewViews(reviewQuery{}, "unpitched"), Back: r.URL.RequestURI()}
	for _, l := range found.Rows {
		v.Rows = append(v.Rows, linkItem(&l))
		v.Outlets = append(v.Outlets, l.Outlet)
	}
	v.Pager = templates.Pager{Text: counted(len(found.Rows), "link", "links") + " on this page", OlderLabel: "Look further back"}
	if found.Next != "" {
		v.Pager.Older = listAddress("/review/unpitched", nil, "after", found.Next)
	}
	return s.show(w, r, Page{Title: "Review", Nav: "review", Body: templates.UnpitchedBody(v), Part: templates.UnpitchedList(v)})
}
