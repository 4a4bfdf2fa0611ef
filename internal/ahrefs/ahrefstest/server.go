package ahrefstest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Token is the token that a new Server accepts.
const Token = "ahrefstest-token-0123456789"

// Server is the fake as a http.Handler. The exported fields are set before the
// first request; methods may be called at any time.
type Server struct {
	World *World

	// Now is the clock of the minute limit; nil = time.Now. It is apart from the
	// World's clock, which a demo moves by months.
	Now          func() time.Time
	PerMinute    int // requests let through in any 60 s; 0 = no limit
	MonthlyUnits int // units in a calendar month of the World's clock; 0 = no limit
	MaxRows      int // the highest limit that a request may ask for
	NoUnits      bool
	// Envelope names the key over an endpoint's answer, e.g. "backlinks" for
	// "all-backlinks"; "" serves it bare. nil = the keys of DefaultEnvelope.
	Envelope func(endpoint string) string

	// What follows is for V3 alone; MonthlyUnits is the workspace's allowance.
	Sets       Sets
	Plan       Plan
	KeyUnits   int           // units that one key may use in a month; 0 = no limit
	KeyExpires time.Time     // by the World's clock; zero = never, shown as a year ahead
	CacheFor   time.Duration // by the World's clock; 0 = nothing is cached
	// Throttle, when set, refuses a request with 429 by the load of the moment: the
	// time by Now and the requests let through in the last minute.
	Throttle    func(at time.Time, inLastMinute int) bool
	ShuffleTies bool // rows that order_by leaves equal change places with each request

	mu       sync.Mutex
	tokens   map[string]bool // token -> still valid
	recent   []time.Time     // requests let through
	used     map[string]int  // month -> units
	requests []Request
	faultsAt map[int]Fault
	faultsOn map[string][]Fault
	always   map[string]Fault
	cache    map[string]cached
	http     *http.Server
	addr     string
}

// Request is what the server saw and answered. The token is not kept.
type Request struct {
	Method, Path, RawQuery string
	Query                  url.Values
	Authorized             bool
	Header                 http.Header // without Authorization
	At                     time.Time   // by Server.Now

	Endpoint string // "site-explorer/all-backlinks"
	// What was answered in the end, after a fault. Before the answer it is 0.
	Status int // 0 = nothing was sent
	Rows   int
	Row    int    // units a row, V3
	Price  int    // units without the cache
	Units  int    // units charged
	Cache  string // hit, miss or no_cache, V3
}

// New makes a server that is a handler only.
func New(w *World) *Server {
	return &Server{
		World: w, Now: time.Now, PerMinute: 60, MonthlyUnits: 150_000, MaxRows: 1000,
		tokens: map[string]bool{Token: true}, used: map[string]int{},
		Plan: Standard, CacheFor: 10 * time.Minute, cache: map[string]cached{},
		faultsAt: map[int]Fault{}, faultsOn: map[string][]Fault{}, always: map[string]Fault{},
	}
}

// NewServer makes a server that listens on a free port of this machine until
// Close. It panics when there is none.
func NewServer(w *World) *Server {
	s := New(w)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("ahrefstest: " + err.Error())
	}
	s.addr = l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.http.Serve(l) }()
	return s
}

// URL is the base URL for a client.
func (s *Server) URL() string { return "http://" + s.addr + "/v3" }

// Close ends the listener and cuts the connections, hanging ones too.
func (s *Server) Close() {
	if s.http != nil {
		_ = s.http.Close()
	}
}

// AllowToken makes a further token valid.
func (s *Server) AllowToken(token string) { s.setToken(token, true) }

// ExpireToken makes a token known but no longer valid.
func (s *Server) ExpireToken(token string) { s.setToken(token, false) }

func (s *Server) setToken(token string, valid bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = valid
}

// Requests are all requests so far, in order, refused ones too.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// UnitsUsed is the sum of the running month.
func (s *Server) UnitsUsed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used[s.month()]
}

func (s *Server) month() string { return s.World.Today().String()[:len("2006-01")] }

// ServeHTTP answers under any prefix that ends in /v3.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, path, found := strings.Cut(r.URL.Path, "/v3/")
	n, fault := s.record(r, path)
	answer := s.answer(r, path, found)
	seen := &witness{ResponseWriter: w, settle: func(status int) { s.settle(n, status, answer) }}
	defer seen.end()
	w = seen
	if fault != nil {
		fault(w, r, answer)
		return
	}
	answer.write(w, r)
}

// record notes the request and gives its number and the fault that is due for it.
func (s *Server) record(r *http.Request, path string) (int, Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	header := r.Header.Clone()
	header.Del("Authorization")
	s.requests = append(s.requests, Request{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Query: r.URL.Query(),
		Authorized: s.tokens[bearer(r)], Header: header, At: s.Now(), Endpoint: path,
	})
	n := len(s.requests)
	if f := s.faultsAt[n]; f != nil {
		return n, f
	}
	endpoint := path[strings.LastIndexByte(path, '/')+1:]
	for _, name := range []string{endpoint, ""} {
		if queue := s.faultsOn[name]; len(queue) > 0 {
			s.faultsOn[name] = queue[1:]
			return n, queue[0]
		}
		if f := s.always[name]; f != nil {
			return n, f
		}
	}
	return n, nil
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

// Answer is what an honest server would send; a Fault may change it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	cost   cost
	charge func() // for when the answer goes out, V3
}

func refusal(status int, format string, args ...any) Answer {
	body, _ := json.Marshal(map[string]string{"error": fmt.Sprintf(format, args...)})
	return Answer{Status: status, Header: http.Header{}, Body: body}
}

func (a Answer) write(w http.ResponseWriter, r *http.Request) {
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	body := a.Body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // a Buffer does not fail
		_ = z.Close()
		body = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}

// answer is the honest answer: token, pace, question, units, in this order.
func (s *Server) answer(r *http.Request, path string, found bool) Answer {
	if a, refused := s.admit(r); refused {
		return a
	}
	if found && s.Sets.v3(path, r.URL.Query()) {
		return s.answerV3(r, path)
	}
	name, ok := strings.CutPrefix(path, "site-explorer/")
	ep, known := endpoints[name]
	if !found || !ok || !known || s.Sets == V3 {
		return refusal(http.StatusNotFound, "endpoint not found")
	}
	if r.Method != http.MethodGet {
		return refusal(http.StatusMethodNotAllowed, "method not allowed")
	}
	q, err := parseQuestion(ep, r.URL.RawQuery, s.MaxRows)
	if err != nil {
		return refusal(http.StatusBadRequest, "%v", err)
	}
	rows := ep.rows(s.World, q)
	rows, err = q.page(rows)
	if err != nil {
		return refusal(http.StatusBadRequest, "%v", err)
	}
	units := unitsFor(len(rows))
	if !s.charge(units) {
		return refusal(http.StatusPaymentRequired, "monthly units are exhausted")
	}
	a := Answer{Status: http.StatusOK, Header: http.Header{}, Body: s.body(name, ep, rows)}
	a.cost = cost{rows: len(rows), price: units, units: units}
	a.Header.Set("X-Api-Rows", strconv.Itoa(len(rows)))
	if !s.NoUnits {
		a.Header.Set("X-Api-Units-Cost-Total", strconv.Itoa(units))
		a.Header.Set("X-Api-Units-Cost-Total-Actual", strconv.Itoa(units))
	}
	return a
}

// admit checks the token and the limit of requests in any 60 seconds.
func (s *Server) admit(r *http.Request) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch valid, known := s.tokens[bearer(r)]; {
	case !known:
		return refusal(http.StatusUnauthorized, "invalid token"), true
	case !valid:
		return refusal(http.StatusUnauthorized, "token has expired"), true
	}
	if s.Sets != Playbook && !s.KeyExpires.IsZero() && !s.World.now().Before(s.KeyExpires) {
		return refusal(http.StatusUnauthorized, "API key has expired"), true
	}
	now := s.Now()
	for len(s.recent) > 0 && now.Sub(s.recent[0]) >= time.Minute {
		s.recent = s.recent[1:]
	}
	if s.PerMinute > 0 && len(s.recent) >= s.PerMinute {
		return refusal(http.StatusTooManyRequests, "too many requests"), true
	}
	if s.Throttle != nil && s.Throttle(now, len(s.recent)) {
		return refusal(http.StatusTooManyRequests, "too many requests: the API is under load"), true
	}
	s.recent = append(s.recent, now)
	return Answer{}, false
}

// unitsFor prices a request at 2 to 5 units, by its rows.
func unitsFor(rows int) int { return 2 + min(3, rows/150) }

func (s *Server) charge(units int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	month := s.month()
	if s.MonthlyUnits > 0 && s.used[month]+units > s.MonthlyUnits {
		return false
	}
	s.used[month] += units
	return true
}

// DefaultEnvelope is the key over an endpoint's answer.
func DefaultEnvelope(endpoint string) string {
	return map[string]string{
		"overview": "overview", "all-backlinks": "backlinks", "new-backlinks": "new_backlinks",
		"lost-backlinks": "lost_backlinks", "referring-domains": "referring_domains",
	}[endpoint]
}

func (s *Server) body(name string, ep endpoint, rows []record) []byte {
	var content any = rows
	if ep.single {
		content = rows[0]
	}
	envelope := s.Envelope
	if envelope == nil {
		envelope = DefaultEnvelope
	}
	if key := envelope(name); key != "" {
		content = map[string]any{key: content}
	}
	body, err := json.Marshal(content)
	if err != nil {
		panic("ahrefstest: " + err.Error()) // only a NaN in the World can do it
	}
	return body
}
