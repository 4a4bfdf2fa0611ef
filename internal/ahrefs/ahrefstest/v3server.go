package ahrefstest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Sets says which endpoint sets a Server speaks.
type Sets int

const (
	Playbook Sets = iota // the set that the project was ordered against
	V3                   // the set of the vendor's published OpenAPI
	Both
)

// v3 says which set a request is for. Only all-backlinks is in both: there, what
// the other set does not know tells them apart.
func (s Sets) v3(path string, query url.Values) bool {
	if s != Both {
		return s == V3
	}
	if path == "site-explorer/all-backlinks" {
		return query.Has("history") || query.Has("aggregation") || query.Has("protocol") ||
			strings.HasPrefix(query.Get("where"), "{") || query.Get("mode") == "subdomains"
	}
	_, other := endpoints[strings.TrimPrefix(path, "site-explorer/")]
	return !other
}

// Plan is a subscription.
type Plan struct {
	Name    string
	Rows    int      // rows a request at most; 0 = no limit
	Without []string // endpoints ("anchors") that it does not include
}

// The vendor's plans.
var (
	Lite       = Plan{Name: "Lite", Rows: 100}
	Standard   = Plan{Name: "Standard", Rows: 250}
	Advanced   = Plan{Name: "Advanced", Rows: 500}
	Enterprise = Plan{Name: "Enterprise"}
)

func (p Plan) includes(path string) bool {
	for _, name := range p.Without {
		if path == name || strings.HasSuffix(path, "/"+name) {
			return false
		}
	}
	return true
}

const (
	leastPrice  = 50  // units of a request that is not free
	freeRows    = 100 // of a free target
	costRowKey  = "X-Api-Units-Cost-Row"
	costKey     = "X-Api-Units-Cost-Total"
	costPaidKey = "X-Api-Units-Cost-Total-Actual"
)

// freeTargets cost nothing, so that a key can be tried.
var freeTargets = map[string]bool{"ahrefs.com": true, "yep.com": true, "firehose.com": true}

// cost is what an answer is priced and charged at.
type cost struct {
	rows, row, price, units int
	cache                   string
}

// cached is an answer kept, as long as the World is the same.
type cached struct {
	until   time.Time
	version int
	answer  Answer
}

// answerV3 is the honest answer of V3, after the token and the pace were found right.
func (s *Server) answerV3(r *http.Request, path string) Answer {
	ep, known := v3Endpoints[path]
	switch {
	case !known:
		return refusal(http.StatusNotFound, "endpoint not found")
	case r.Method != http.MethodGet:
		return refusal(http.StatusMethodNotAllowed, "method not allowed")
	case !s.Plan.includes(path):
		return refusal(http.StatusForbidden, "your plan (%s) does not include this endpoint", s.Plan.Name)
	}
	q, err := parseAsked(ep, r.URL.RawQuery, s.World.Today())
	if err != nil {
		return refusal(http.StatusBadRequest, "%v", err)
	}
	if ep.free {
		return s.ok(ep, reply{content: s.usage(bearer(r)), rows: 1}, cost{rows: 1, cache: "no_cache"})
	}
	plan := s.Plan
	gratis := freeTargets[q.target.host]
	if gratis {
		plan.Rows = freeRows
	}
	if err := q.readLimit(plan); err != nil {
		return refusal(http.StatusBadRequest, "%v", err)
	}
	key := bearer(r) + " " + path + "?" + q.params.Encode() // Encode sorts the names
	if a, hit := s.fromCache(key); hit {
		return a
	}
	q.world, q.now = s.World, s.World.now().UTC()
	if s.ShuffleTies {
		q.seed = uint64(len(s.Requests()))
	}
	rep, err := ep.answer(q)
	if err != nil {
		return refusal(http.StatusBadRequest, "%v", err)
	}
	c := cost{rows: rep.rows, row: rep.price, price: max(leastPrice, rep.rows*rep.price), cache: "no_cache"}
	if gratis {
		c.price = 0
	}
	c.units = c.price
	return s.sell(key, bearer(r), s.ok(ep, rep, c))
}

// ok prints an answer with its headers.
func (s *Server) ok(ep v3Endpoint, rep reply, c cost) Answer {
	body, err := json.Marshal(map[string]any{ep.key: rep.content})
	if err != nil {
		panic("ahrefstest: " + err.Error()) // only a NaN in the World can do it
	}
	a := Answer{Status: http.StatusOK, Header: http.Header{}, Body: body, cost: c}
	a.printCost()
	return a
}

func (a *Answer) printCost() {
	a.Header.Set("X-Api-Rows", strconv.Itoa(a.cost.rows))
	a.Header.Set(costRowKey, strconv.Itoa(a.cost.row))
	a.Header.Set(costKey, strconv.Itoa(a.cost.price))
	a.Header.Set(costPaidKey, strconv.Itoa(a.cost.units))
	a.Header.Set("X-Api-Cache", a.cost.cache)
}

// fromCache gives a kept answer, free of units.
func (s *Server) fromCache(key string) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, found := s.cache[key]
	if !found || s.World.now().After(kept.until) || kept.version != s.World.edition() {
		return Answer{}, false
	}
	a := kept.answer
	a.Header = a.Header.Clone()
	a.cost.units, a.cost.cache = 0, "hit"
	a.printCost()
	return a, true
}

// edition changes with the content of the World.
func (w *World) edition() int {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.version
}

// sell holds an answer's price against the allowances. It is charged to the
// workspace and the key, and kept, when it goes out.
func (s *Server) sell(key, token string, a Answer) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	month, units := s.month(), a.cost.units
	own := month + " " + token
	switch {
	case s.MonthlyUnits > 0 && s.used[month]+units > s.MonthlyUnits:
		return refusal(http.StatusForbidden, "API units limit reached: the units of the workspace are used up until the usage reset date")
	case s.KeyUnits > 0 && s.used[own]+units > s.KeyUnits:
		return refusal(http.StatusForbidden, "API units limit reached: this API key has used up its units")
	}
	if s.CacheFor > 0 {
		a.cost.cache = "miss"
		a.printCost()
	}
	kept := a
	kept.Header = a.Header.Clone()
	a.charge = func() {
		s.used[month] += units
		s.used[own] += units
		if s.CacheFor > 0 {
			s.cache[key] = cached{until: s.World.now().Add(s.CacheFor), version: s.World.edition(), answer: kept}
		}
	}
	return a
}

// ClearCache forgets the kept answers.
func (s *Server) ClearCache() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cache)
}

// witness sees which status goes out, before the client does.
type witness struct {
	http.ResponseWriter
	status int
	settle func(status int)
}

func (w *witness) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.settle(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *witness) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets a fault flush.
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end is for an answer that never began.
func (w *witness) end() {
	if w.status == 0 {
		w.settle(0)
	}
}

// settle completes the record of request n.
func (s *Server) settle(n, status int, a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.requests[n-1]
	r.Status = status
	if status != http.StatusOK {
		return
	}
	if a.charge != nil {
		a.charge()
	}
	r.Rows, r.Row, r.Price, r.Units, r.Cache = a.cost.rows, a.cost.row, a.cost.price, a.cost.units, a.cost.cache
}
