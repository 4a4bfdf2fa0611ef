package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"landed/internal/auth"
	"landed/internal/fault"
)

// csrfToken is the token that every form of this page has to send, as the
// field "csrf" or the header X-CSRF-Token. It is a hash of a random cookie and
// of who is signed in. It is not taken from the session, so that a form that
// was open when a session ended can still be sent after signing in again; a
// sign-out ends it, and another account has another one.
func (s *Server) csrfToken(w http.ResponseWriter, r *http.Request) string {
	v := visitOf(r.Context())
	if v.secret == "" {
		v.secret = auth.NewToken()
		s.setSecret(w, s.cookies.form, v.secret, 0)
	}
	return v.csrf()
}

func (v *visit) csrf() string {
	var id int64
	if v.account != nil {
		id = v.account.ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "landed form %s %d", v.secret, id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// checkForm refuses a write that another site had a hand in, and text that no
// form of ours can send.
func (s *Server) checkForm(r *http.Request) error {
	if err := s.origin.Check(r); err != nil {
		return fault.Wrap(errForm{err}, fault.Forbidden, "The request came from another site. Open Landed and do it there.")
	}
	if err := parseForm(r); err != nil {
		return err
	}
	sent := r.Header.Get("X-CSRF-Token")
	if sent == "" {
		sent = r.PostForm.Get("csrf")
	}
	v := visitOf(r.Context())
	if v.secret == "" || subtle.ConstantTimeCompare([]byte(sent), []byte(v.csrf())) != 1 {
		return fault.Wrap(errForm{errors.New("no or another form token")}, fault.Forbidden, "It is out of date. Go back, reload the page and send it again.")
	}
	for name, values := range r.PostForm {
		for _, x := range values {
			if strings.ContainsRune(x, 0) || !utf8.ValidString(x) {
				return fault.Field(name, "The text has a character that cannot be kept. Type it again.")
			}
		}
	}
	return nil
}

// errForm marks a request that was refused for where it came from, not for who
// sent it.
type errForm struct{ error }

// crossOrigin trusts our own address besides the Host of the request, which a
// proxy may have rewritten.
func crossOrigin(base *url.URL) (*http.CrossOriginProtection, error) {
	c := http.NewCrossOriginProtection()
	origin := url.URL{Scheme: base.Scheme, Host: base.Host}
	return c, c.AddTrustedOrigin(origin.String())
}

// parseForm reads the body. Files over a megabyte go to temporary files, which
// net/http removes after the request.
func parseForm(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return fault.Wrap(err, fault.TooLarge, "That is too large.")
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The form did not arrive whole. Send it again.")
	}
	return nil
}

// setSecret sets a cookie that scripts cannot read. age 0 lasts as long as the
// browser is open.
func (s *Server) setSecret(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		Secure: s.cookies.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// setPreference keeps a choice that is no secret; the theme is set by script too.
func (s *Server) setPreference(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
		Secure: s.cookies.secure, SameSite: http.SameSiteLaxMode})
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// theme is "light", "dark" or "" for the system's.
func theme(r *http.Request) string {
	if t := cookie(r, "theme"); t == "light" || t == "dark" {
		return t
	}
	return ""
}

const deviceFor = 180 * 24 * time.Hour

// rememberDevice marks the browser as one that has signed in to email, so that
// a stranger's guesses at the account do not lock it out.
func (s *Server) rememberDevice(w http.ResponseWriter, email string) {
	id := auth.NewToken()
	s.setSecret(w, s.cookies.device, id+"."+s.deviceMark(id, email), deviceFor)
}

// device is the id of the browser if it has signed in to email before, else "".
func (s *Server) device(r *http.Request, email string) string {
	id, mark, ok := strings.Cut(cookie(r, s.cookies.device), ".")
	if !ok || subtle.ConstantTimeCompare([]byte(mark), []byte(s.deviceMark(id, email))) != 1 {
		return ""
	}
	return id
}

func (s *Server) deviceMark(id, email string) string {
	m := hmac.New(sha256.New, s.deviceKey)
	fmt.Fprintf(m, "%s %s", id, email)
	return hex.EncodeToString(m.Sum(nil))
}
