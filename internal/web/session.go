package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/templates"

	"github.com/alexedwards/scs/v2"
)

// cookieNames are the cookies that hold secrets, and whether they are Secure.
type cookieNames struct {
	session, form, device string
	secure                bool
}

// chooseCookies decides on the cookies' names and flags.
//
// They are __Host- and Secure, with two exceptions. On http://localhost (or
// another loopback host) they are neither: the connection does not leave the
// machine, Safari and most programs refuse to send Secure cookies over http,
// localhost or not, and a first try has to work without a switch. And with
// InsecureCookies, for a network one trusts. Any other http address is refused,
// because nobody could sign in there.
func chooseCookies(c Config) (cookieNames, error) {
	switch {
	case c.BaseURL == nil || c.BaseURL.Host == "" || c.BaseURL.Scheme != "http" && c.BaseURL.Scheme != "https":
		return cookieNames{}, errors.New("the base URL must be like https://landed.example.com")
	case c.BaseURL.Scheme == "https" && !c.InsecureCookies:
		return cookieNames{"__Host-landed", "__Host-landed-form", "__Host-landed-device", true}, nil
	case c.InsecureCookies || loopback(c.BaseURL.Hostname()):
		return cookieNames{"landed", "landed-form", "landed-device", false}, nil
	}
	return cookieNames{}, fmt.Errorf("browsers do not keep sign-ins on %s: use https, or set insecure cookies if you trust the network", c.BaseURL)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Keys of the session's values.
const (
	keyAccount = "account"
	keyEpoch   = "epoch"
	keyStarted = "started"
	keyFlash   = "flash"
)

func (s *Server) newSessions() *scs.SessionManager {
	// Not scs.New: it would bring encoding/gob into the binary, for a default that
	// is replaced, and start to sweep a store in memory that nobody uses.
	return &scs.SessionManager{
		Store:            sessionStore{s},
		Codec:            sessionCodec{s.Config.Lifetime},
		HashTokenInStore: true, // a stolen backup holds no live sign-ins
		Lifetime:         s.Config.Lifetime,
		// IdleTimeout stays 0: scs would write the session on every request. See sessionStore.
		Cookie:    scs.SessionCookie{Name: s.cookies.session, Secure: s.cookies.secure, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
		ErrorFunc: func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) },
	}
}

// sessionCodec keeps a session's values as JSON, by type, so that each comes back
// as what it was.
type sessionCodec struct{ lifetime time.Duration }

type sessionValues struct {
	Until   time.Time         `json:"until"`
	Numbers map[string]int64  `json:"numbers,omitempty"`
	Texts   map[string]string `json:"texts,omitempty"`
	Bytes   map[string][]byte `json:"bytes,omitempty"`
}

func (sessionCodec) Encode(until time.Time, values map[string]any) ([]byte, error) {
	v := sessionValues{until, map[string]int64{}, map[string]string{}, map[string][]byte{}}
	for key, value := range values {
		switch value := value.(type) {
		case int64:
			v.Numbers[key] = value
		case string:
			v.Texts[key] = value
		case []byte:
			v.Bytes[key] = value
		default:
			return nil, fmt.Errorf("the session value %q is a %T", key, value)
		}
	}
	return json.Marshal(v)
}

// Decode takes what it cannot read for an empty session, which asks for a new
// sign-in: versions up to 0.2.0 wrote them in another form.
func (c sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var v sessionValues
	values := map[string]any{}
	if json.Unmarshal(b, &v) != nil {
		return time.Now().Add(c.lifetime).UTC(), values, nil
	}
	for key, value := range v.Numbers {
		values[key] = value
	}
	for key, value := range v.Texts {
		values[key] = value
	}
	for key, value := range v.Bytes {
		values[key] = value
	}
	return v.Until, values, nil
}

// sessionStore is the store as scs wants it. The expiry in the database is the
// idle one; the absolute end is in the session's values.
type sessionStore struct{ s *Server }

const touchEvery = time.Minute

// FindCtx reads a session and moves its idle expiry on, at most once a minute,
// without the rest of its data: so a request that runs beside a sign-out cannot
// bring the session back. A failing write (a full disk) does not keep anybody
// from reading.
func (x sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, expires, found, err := x.s.Store.FindSession(ctx, token)
	if err != nil || !found {
		return nil, false, err
	}
	visitOf(ctx).token = token
	if until := x.s.Now().Add(x.s.Config.Idle); until.Sub(expires) >= touchEvery {
		// One request does it; those beside it would wait for one writer in turn.
		if _, under := x.s.touching.LoadOrStore(token, true); !under {
			err := x.s.Store.TouchSession(ctx, token, until)
			x.s.touching.Delete(token)
			if err != nil {
				x.s.Log.Warn("session not touched", "err", err)
			}
		}
	}
	return data, true, nil
}

// CommitCtx stores a session. One that this request found is updated only: if
// it was ended meanwhile it stays ended.
func (x sessionStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	v := visitOf(ctx)
	until := x.s.Now().Add(x.s.Config.Idle)
	if token != v.token {
		v.token = token
		return x.s.Store.CreateSession(ctx, token, data, until, v.opens, address(v), v.agent)
	}
	err := x.s.Store.UpdateSession(ctx, token, data, until)
	if err != nil && v.safe {
		x.s.Log.Warn("session not stored", "err", err) // a page that reads need not fail for it
		return nil
	}
	return err
}

func (x sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return x.s.Store.DeleteSession(ctx, token)
}

// The methods without a context belong to the interface; scs does not call them.

func (x sessionStore) Find(token string) ([]byte, bool, error) {
	return x.FindCtx(context.Background(), token)
}

func (x sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, data, expiry)
}

func (x sessionStore) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }

// loadAccount finds out who is signed in. A session of an earlier epoch, of a
// closed account or past its lifetime is ended.
func (s *Server) loadAccount(r *http.Request) {
	ctx := r.Context()
	id := s.sessions.GetInt64(ctx, keyAccount)
	if id == 0 {
		return
	}
	a, err := s.Store.Account(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		s.Log.Error("account of a session", "id", visitOf(ctx).id, "err", err)
		return
	}
	started := time.Unix(s.sessions.GetInt64(ctx, keyStarted), 0)
	if err != nil || a.Disabled || a.Epoch != s.sessions.GetInt64(ctx, keyEpoch) || s.Now().Sub(started) >= s.Config.Lifetime {
		if err := s.sessions.Destroy(ctx); err != nil {
			s.Log.Warn("session not ended", "err", err)
		}
		return
	}
	visitOf(ctx).account = &a
}

// signIn opens a session for an account, with a new token whatever came along.
func (s *Server) signIn(r *http.Request, a store.Account) error {
	ctx := r.Context()
	v := visitOf(ctx)
	if err := s.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	v.opens = a.ID
	s.sessions.Put(ctx, keyAccount, a.ID)
	s.sessions.Put(ctx, keyEpoch, a.Epoch)
	s.sessions.Put(ctx, keyStarted, s.Now().Unix())
	v.account = &a
	return nil
}

// currentUser is who is signed in, or nil. On a route that needs a role it is
// never nil.
func (s *Server) currentUser(r *http.Request) *store.Account {
	return visitOf(r.Context()).account
}

// by is who does this, for the audit log.
func (s *Server) by(r *http.Request) store.By {
	v := visitOf(r.Context())
	by := store.By{Address: address(v), RequestID: v.id}
	if v.account != nil {
		by.AccountID, by.Name = v.account.ID, v.account.Name
	}
	return by
}

func address(v *visit) string {
	if v.addr.IsValid() {
		return v.addr.String()
	}
	return ""
}

// flash keeps a toast for the page that a redirect leads to.
func (s *Server) flash(r *http.Request, t templates.Toast) {
	if s.currentUser(r) == nil {
		return // there is no session to keep it in
	}
	b, err := json.Marshal(append(s.peekFlash(r), t))
	if err == nil {
		s.sessions.Put(r.Context(), keyFlash, b)
	}
}

// toast says what was just done: with the fragment for HTMX, else on the page
// that the redirect leads to.
func (s *Server) toast(w http.ResponseWriter, r *http.Request, t templates.Toast) {
	if isHTMX(r) {
		s.triggerToast(w, t)
		return
	}
	s.flash(r, t)
}

func (s *Server) peekFlash(r *http.Request) (list []templates.Toast) {
	_ = json.Unmarshal(s.sessions.GetBytes(r.Context(), keyFlash), &list) // nothing there is no JSON
	return list
}

func (s *Server) takeFlash(r *http.Request) []templates.Toast {
	list := s.peekFlash(r)
	s.sessions.Remove(r.Context(), keyFlash)
	return list
}
