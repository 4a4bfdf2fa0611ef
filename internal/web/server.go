package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"landed/internal/auth"
	"landed/internal/provider"
	"landed/internal/store"
	"landed/templates"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
)

// Config is how the server is reached and how long a sign-in lasts.
type Config struct {
	BaseURL         *url.URL      // as people open it; the only source of links and redirects
	InsecureCookies bool          // plain http that is not this machine: cookies lose Secure and their prefix
	HSTS            bool          // tell browsers to use https alone for a year; only with an https BaseURL
	TrustedProxies  []string      // addresses or networks whose X-Forwarded-For is believed; none by default
	Idle            time.Duration // an unused session ends; 0 means 60 minutes
	Lifetime        time.Duration // any session ends; 0 means 12 hours
}

// Defaults of Config. OWASP suggests 15 to 30 minutes and 4 to 8 hours; this is
// a desk tool that is open beside others all day and holds no data of
// consumers, so a lunch break does not end a session and a working day does.
const (
	defaultIdle     = 60 * time.Minute
	defaultLifetime = 12 * time.Hour
)

// Deps is what the pages need. Hooks may be nil.
type Deps struct {
	Store  *store.Store
	Config Config
	Log    *slog.Logger
	Hasher *auth.Hasher
	Now    func() time.Time // nil means the store's clock

	DataDir   string // where uploads are kept; "" means beside the database
	MaxUpload int64  // largest upload in bytes; 0 means 10 MB
	// Enqueue starts an import as a job; nil runs it within the request.
	Enqueue func(ctx context.Context, importID int64) error
	// EnqueueRules starts what a change of the rules waits for as a job; nil does
	// it within the request.
	EnqueueRules func(ctx context.Context, change int64) error
	// EnqueueSync asks for a site's sync as a job; added is false when one is
	// queued or running already.
	EnqueueSync func(ctx context.Context, site int64) (added bool, err error)
	// Provider is what syncs ask; nil means that nothing can be asked, nor set.
	Provider *provider.Desk
	// Forecast says what a sync of a site is going to take, with years > 0 one that
	// brings so many years of history; nil goes by past runs.
	Forecast func(ctx context.Context, site int64, years int) (Forecast, error)
	// ForecastCheck says it of a sync that checks every link; nil = nobody can say.
	ForecastCheck func(ctx context.Context, site int64) (Forecast, error)
	// SyncEvery is the time between two syncs of a site; 0 means by hand only.
	SyncEvery time.Duration

	// Counts gives the numbers beside the navigation, by item ("review",
	// "lost"); nil counts in the store.
	Counts func(ctx context.Context, site int64) (map[string]int, error)
	// Sync gives the state of the last sync for the top bar; nil asks the store.
	Sync func(ctx context.Context, site int64) (templates.SyncState, error)
	// Healthy adds to what /healthz checks, such as the age of the last backup.
	Healthy func(ctx context.Context) error
}

// Server answers every request of the web pages.
type Server struct {
	Deps
	router    *chi.Mux
	access    map[string]auth.Role // of the GET routes without parameters, for the navigation
	sessions  *scs.SessionManager
	cookies   cookieNames
	proxies   proxies
	origin    *http.CrossOriginProtection
	throttle  *auth.Throttle
	costly    *auth.Buckets
	deviceKey []byte
	setupURL  string
	installed atomic.Bool
	health    healthState
	touching  sync.Map // hashes of sessions whose expiry is being moved on
}

// New makes the server. It fails on a configuration under which nobody could
// sign in, and on a route without a role. When no admin was ever made it issues
// a set-up link: print SetupURL.
func New(d Deps) (*Server, error) {
	s := &Server{Deps: d, router: chi.NewRouter()}
	if s.Now == nil {
		s.Now = d.Store.Now
	}
	if s.Counts == nil {
		s.Counts = s.navCounts
	}
	if s.Sync == nil {
		s.Sync = s.syncState
	}
	if s.Config.Idle == 0 {
		s.Config.Idle = defaultIdle
	}
	if s.Config.Lifetime == 0 {
		s.Config.Lifetime = defaultLifetime
	}
	var err error
	if s.cookies, err = chooseCookies(s.Config); err != nil {
		return nil, err
	}
	if s.origin, err = crossOrigin(s.Config.BaseURL); err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	ctx := context.Background()
	key, err := d.Store.ConfigOr(ctx, "device_key", auth.NewToken())
	if err != nil {
		return nil, fmt.Errorf("key of the device cookie: %w", err)
	}
	s.deviceKey = []byte(key)
	s.throttle = auth.NewThrottle(s.Now)
	s.costly = auth.NewBuckets(20, 3*time.Second, s.Now)
	s.sessions = s.newSessions()
	if err := s.openSetup(ctx); err != nil {
		return nil, err
	}
	return s, s.register(s.routes())
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// NewHTTPServer makes the HTTP server around a handler, with the time-outs that
// keep slow clients from holding connections. Uploads and event streams
// lengthen theirs per request.
func NewHTTPServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
