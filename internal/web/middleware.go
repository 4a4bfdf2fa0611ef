package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"

	"github.com/go-chi/chi/v5"
)

// visit is what one request carries besides itself.
type visit struct {
	id      string // request id
	addr    netip.Addr
	account *store.Account // nil when nobody is signed in
	token   string         // hash of the session that came along and is open
	opens   int64          // account that a new session belongs to
	secret  string         // of the form cookie, "" until one is needed
	agent   string
	safe    bool  // GET, HEAD
	limit   int64 // of the body, in bytes
}

type visitKey struct{}

// visitOf is the visit of a context; outside a request an empty one.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

func requestID() string {
	b := make([]byte, 10)
	rand.Read(b)
	return "req_" + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// begin gives the request its id, logs it when it is done and keeps a panic
// from ending the process.
func (s *Server) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		v := &visit{id: requestID(), addr: s.proxies.client(r), agent: cut(r.UserAgent(), 200),
			safe: r.Method == http.MethodGet || r.Method == http.MethodHead}
		if c, err := r.Cookie(s.cookies.form); err == nil && len(c.Value) == len(auth.NewToken()) {
			v.secret = c.Value
		}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		if r.Method == http.MethodHead { // the table has none: HEAD is GET without its body
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		t := &tally{ResponseWriter: w}
		defer s.done(t, r, v, start)
		next.ServeHTTP(t, r)
	})
}

// tally notes what became of an answer, for the log.
type tally struct {
	http.ResponseWriter
	status int // 0 until the header is out
	bytes  int64
}

func (t *tally) WriteHeader(code int) {
	if t.status == 0 && code >= 200 { // 1xx come before the answer
		t.status = code
	}
	t.ResponseWriter.WriteHeader(code)
}

func (t *tally) Write(b []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	n, err := t.ResponseWriter.Write(b)
	t.bytes += int64(n)
	return n, err
}

func (t *tally) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (s *Server) done(w *tally, r *http.Request, v *visit, start time.Time) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p) // net/http closes the connection without a word
		}
		s.Log.Error("panic", "id", v.id, "method", r.Method, "route", pattern(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if w.status != 0 {
			panic(http.ErrAbortHandler) // half an answer is out: a cut connection is the only way to say so
		}
		v.account = nil // whatever failed, the plain error page needs none of it
		w.Header().Del("Content-Encoding")
		s.fail(w, r, errors.New("panic"))
	}
	level := slog.LevelInfo
	if w.status >= 500 {
		level = slog.LevelWarn
	}
	s.Log.Log(r.Context(), level, "request", "id", v.id, "method", r.Method, "route", pattern(r), "status", w.status,
		"bytes", w.bytes, "ms", time.Since(start).Milliseconds(), "addr", v.addr)
}

// contentPolicy allows nothing but our own files. data: and blob: are for
// charts saved as pictures.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// secure sets the headers that every answer has, errors included.
func (s *Server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // outlets must not learn our host
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.Config.HSTS && s.Config.BaseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("Cache-Control", "no-store") // static files set their own
		next.ServeHTTP(w, r)
	})
}

const normalBody = 64 << 10

// chain wraps a route's handler in all that stands between it and the router.
func (s *Server) chain(rt Route) http.Handler {
	if rt.Raw {
		return s.adapt(rt.Handler)
	}
	h := s.adapt(func(w http.ResponseWriter, r *http.Request) error {
		s.loadAccount(r)
		if err := s.admit(w, r, rt); err != nil {
			return err
		}
		return rt.Handler(w, r)
	})
	h = s.sessions.LoadAndSave(h)
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "HX-Request")
		limit := rt.Body
		control := http.NewResponseController(w)
		if limit == 0 {
			limit = normalBody
		}
		if limit > normalBody {
			_ = control.SetReadDeadline(time.Now().Add(10 * time.Minute)) // a connection that cannot keeps the server's
		}
		if rt.Stream {
			_ = control.SetWriteDeadline(time.Time{})
		}
		v := visitOf(r.Context())
		v.limit = limit
		if v.safe && !rt.Stream {
			r = r.WithContext(s.Store.Recall(r.Context()))
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		h.ServeHTTP(w, r)
	})
	if rt.Stream {
		return limited
	}
	return compress(limited)
}

// admit lets a request through to its handler, or says why not: by role, then
// by rate, then by where the form came from. The body is read last, so that
// strangers cannot make us read much.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, rt Route) error {
	v := visitOf(r.Context())
	switch {
	case rt.Role == auth.Anyone:
	case v.account == nil:
		return fault.New(fault.Unauthorized, "You are signed out.")
	case !v.account.Role.AtLeast(rt.Role):
		return fault.New(fault.Forbidden, "Your role does not allow this.")
	}
	if rt.Role == auth.Anyone && !v.safe {
		if wait := s.throttle.Address(v.addr); wait > 0 {
			return tooMany(w, wait)
		}
	}
	if rt.Costly && v.account != nil {
		if wait := s.costly.Take(fmt.Sprint(v.account.ID)); wait > 0 {
			return tooMany(w, wait)
		}
	}
	if v.safe {
		return nil
	}
	return s.checkForm(r)
}

// tooMany says how long to wait, in the header and in words.
func tooMany(w http.ResponseWriter, wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", fmt.Sprint(seconds))
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	return fault.New(fault.TooMany, "Too many tries. Wait %d %s, then try again.", seconds, unit)
}

func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
