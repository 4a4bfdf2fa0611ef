package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"landed/internal/auth"
	"landed/static"

	"github.com/go-chi/chi/v5"
)

// Route is one address of the application.
type Route struct {
	Method  string
	Pattern string // as chi reads it: "/pitches/{id}"
	// Role is the least role that may come in. Without one the server does not
	// start; auth.Anyone is for pages before the sign-in.
	Role    auth.Role
	Handler func(http.ResponseWriter, *http.Request) error

	Body   int64 // largest body in bytes; 0 means 64 kB. More than that also lengthens the time to send it
	Costly bool  // imports, exports, syncs: 20 at once for a person, then one every 3 s
	Stream bool  // server-sent events: not compressed, no write time-out, nothing from memory
	Raw    bool  // neither session nor form token: static files, health
}

const get, post = http.MethodGet, http.MethodPost

// routes is every address there is. HEAD is answered by the GET route.
func (s *Server) routes() []Route {
	return slices.Concat(
		s.accountRoutes(),
		s.syncRoutes(),
		s.providerRoutes(),
		s.syncSettingsRoutes(),
		s.pitchRoutes(),
		s.importRoutes(),
		s.linkRoutes(),
		s.competitorRoutes(),
		s.reviewRoutes(),
		s.dashboardRoutes(),
		s.accuracyRoutes(),
		s.ruleRoutes(),
	)
}

// accountRoutes are the sign-in, the set-up, the settings of accounts and what
// every page needs.
func (s *Server) accountRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/healthz", Role: auth.Anyone, Handler: s.showHealth, Raw: true},
		{Method: get, Pattern: static.Prefix + "*", Role: auth.Anyone, Handler: serveStatic, Raw: true},

		{Method: get, Pattern: "/signin", Role: auth.Anyone, Handler: s.showSignIn},
		{Method: post, Pattern: "/signin", Role: auth.Anyone, Handler: s.createSession},
		{Method: post, Pattern: "/signout", Role: auth.Anyone, Handler: s.endSession},
		{Method: get, Pattern: "/setup", Role: auth.Anyone, Handler: s.showSetup},
		{Method: post, Pattern: "/setup/account", Role: auth.Anyone, Handler: s.createFirstAdmin},
		{Method: get, Pattern: "/invite/{token}", Role: auth.Anyone, Handler: s.showInvite},
		{Method: post, Pattern: "/invite/{token}", Role: auth.Anyone, Handler: s.acceptInvite},

		{Method: get, Pattern: "/", Role: auth.Viewer, Handler: s.goHome},
		{Method: get, Pattern: "/menu", Role: auth.Viewer, Handler: s.showMenu},
		{Method: get, Pattern: "/settings", Role: auth.Viewer, Handler: s.showOwnSettings},
		{Method: post, Pattern: "/settings/name", Role: auth.Viewer, Handler: s.saveOwnName},
		{Method: post, Pattern: "/settings/look", Role: auth.Viewer, Handler: s.saveLook},
		{Method: post, Pattern: "/settings/password", Role: auth.Viewer, Handler: s.changePassword},
		{Method: post, Pattern: "/settings/sessions/end", Role: auth.Viewer, Handler: s.endOwnSession},
		{Method: post, Pattern: "/settings/sessions/end-others", Role: auth.Viewer, Handler: s.endOtherSessions},

		{Method: get, Pattern: "/setup/site", Role: auth.Admin, Handler: s.showSetupSite},
		{Method: post, Pattern: "/setup/site", Role: auth.Admin, Handler: s.createFirstSite},
		{Method: get, Pattern: "/settings/users", Role: auth.Admin, Handler: s.listUsers},
		{Method: post, Pattern: "/settings/users", Role: auth.Admin, Handler: s.inviteUser},
		{Method: post, Pattern: "/settings/users/{id}/role", Role: auth.Admin, Handler: s.setUserRole},
		{Method: post, Pattern: "/settings/users/{id}/link", Role: auth.Admin, Handler: s.createPasswordLink},
		{Method: post, Pattern: "/settings/users/{id}/end-sessions", Role: auth.Admin, Handler: s.endUserSessions},
		{Method: post, Pattern: "/settings/users/{id}/disable", Role: auth.Admin, Handler: s.disableUser},
		{Method: post, Pattern: "/settings/users/{id}/enable", Role: auth.Admin, Handler: s.enableUser},
		{Method: get, Pattern: "/settings/audit", Role: auth.Admin, Handler: s.listAudit},
		{Method: get, Pattern: "/settings/audit.csv", Role: auth.Admin, Handler: s.exportAudit, Costly: true},
	}
}

// register puts the routes on the router. All of it is refused when one has no
// role, so that a forgotten one is never served.
func (s *Server) register(routes []Route) error {
	for _, rt := range routes {
		if rt.Role == auth.NoRole || rt.Handler == nil {
			return fmt.Errorf("route %s %s has no role or no handler", rt.Method, rt.Pattern)
		}
	}
	var err error
	if s.proxies, err = parseProxies(s.Config.TrustedProxies); err != nil {
		return err
	}
	s.router.Use(s.begin, s.secure)
	s.access = map[string]auth.Role{}
	for _, rt := range routes {
		s.router.Method(rt.Method, rt.Pattern, s.chain(rt))
		if rt.Method == get && !strings.ContainsAny(rt.Pattern, "{*") {
			s.access[rt.Pattern] = rt.Role
		}
	}
	missing := func(code int) http.Handler {
		return s.chain(Route{Role: auth.Anyone, Handler: func(w http.ResponseWriter, r *http.Request) error {
			return status(code)
		}})
	}
	s.router.NotFound(missing(http.StatusNotFound).ServeHTTP)
	s.router.MethodNotAllowed(missing(http.StatusMethodNotAllowed).ServeHTTP)
	return nil
}

// pattern is the matched route, for logs: paths can hold secrets.
func pattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		return c.RoutePattern()
	}
	return ""
}

func serveStatic(w http.ResponseWriter, r *http.Request) error {
	static.Handler().ServeHTTP(w, r)
	return nil
}
