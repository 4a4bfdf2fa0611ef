package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Browser talks to a handler and keeps cookies and the form token, as a
// person's browser does. Unlike net/http/cookiejar it keeps Secure cookies on
// http, as browsers do for localhost.
type Browser struct {
	t       testing.TB
	handler http.Handler
	Cookies map[string]*http.Cookie
	CSRF    string // of the last page that had a form
	Addr    string // remote address of the next requests
	Origin  string // sent with unsafe methods
}

// Request is one request of a Browser.
type Request struct {
	Method string // GET unless Form or Body is set
	Path   string
	Form   url.Values // sent with the token of the last page unless it has "csrf"
	HTMX   bool
	Header map[string]string
	Body   io.Reader // instead of Form
}

// Response is what came back, with the whole body.
type Response struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   string
}

// NewBrowser makes a browser without cookies.
func NewBrowser(t testing.TB, h http.Handler) *Browser {
	return &Browser{t: t, handler: h, Cookies: map[string]*http.Cookie{}, Addr: "192.0.2.10:40000", Origin: "http://landed.example"}
}

// Get loads a page.
func (b *Browser) Get(path string) *Response { return b.Do(Request{Path: path}) }

// Post sends a form.
func (b *Browser) Post(path string, fields ...string) *Response {
	return b.Do(Request{Method: http.MethodPost, Path: path, Form: Form(fields...)})
}

// Form makes form values of names and values in turn.
func Form(fields ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return v
}

// Do sends a request. Redirects are not followed.
func (b *Browser) Do(q Request) *Response {
	b.t.Helper()
	r := b.build(q)
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	return b.keep(rec)
}

func (b *Browser) build(q Request) *http.Request {
	body := q.Body
	if q.Form != nil {
		form := url.Values{}
		for k, v := range q.Form {
			form[k] = v
		}
		if !form.Has("csrf") {
			form.Set("csrf", b.CSRF)
		}
		body = strings.NewReader(form.Encode())
	}
	if q.Method == "" {
		q.Method = http.MethodGet
		if body != nil {
			q.Method = http.MethodPost
		}
	}
	r := httptest.NewRequest(q.Method, "http://landed.example"+q.Path, body)
	r.RemoteAddr = b.Addr
	if q.Form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if q.Method != http.MethodGet && q.Method != http.MethodHead && b.Origin != "" {
		r.Header.Set("Origin", b.Origin)
	}
	if q.HTMX {
		r.Header.Set("HX-Request", "true")
	}
	for k, v := range q.Header {
		r.Header.Set(k, v)
	}
	for _, c := range b.Cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *Browser) keep(rec *httptest.ResponseRecorder) *Response {
	res := rec.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
			continue
		}
		b.Cookies[c.Name] = c
	}
	out := &Response{t: b.t, Status: res.StatusCode, Header: res.Header, Body: rec.Body.String()}
	if i := strings.Index(out.Body, `name="csrf" value="`); i >= 0 {
		b.CSRF, _, _ = strings.Cut(out.Body[i+len(`name="csrf" value="`):], `"`)
	}
	return out
}

// Want fails the test unless the status is as said.
func (r *Response) Want(status int) *Response {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("status %d, want %d; location %q\n%s", r.Status, status, r.Header.Get("Location"), short(r.Body))
	}
	return r
}

// To fails the test unless the answer is a 303 to location.
func (r *Response) To(location string) *Response {
	r.t.Helper()
	r.Want(http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != location {
		r.t.Fatalf("sent to %q, want %q", got, location)
	}
	return r
}

// Has fails the test unless the body contains every text.
func (r *Response) Has(texts ...string) *Response {
	r.t.Helper()
	for _, s := range texts {
		if !strings.Contains(r.Body, s) {
			r.t.Fatalf("%q is not in the answer (%d):\n%s", s, r.Status, short(r.Body))
		}
	}
	return r
}

// Lacks fails the test if the body contains one of the texts.
func (r *Response) Lacks(texts ...string) *Response {
	r.t.Helper()
	for _, s := range texts {
		if strings.Contains(r.Body, s) {
			r.t.Fatalf("%q is in the answer (%d)", s, r.Status)
		}
	}
	return r
}

// Text is the text of the first element a CSS selector finds, with single
// spaces; it fails the test when there is none.
func (r *Response) Text(selector string) string {
	r.t.Helper()
	s := r.Find(selector)
	if s.Length() == 0 {
		r.t.Fatalf("no %s in the answer (%d):\n%s", selector, r.Status, short(r.Body))
	}
	return strings.Join(strings.Fields(s.First().Text()), " ")
}

// Find selects elements of the answer.
func (r *Response) Find(selector string) *goquery.Selection {
	r.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.Body))
	if err != nil {
		r.t.Fatal(err)
	}
	return doc.Find(selector)
}

func short(s string) string {
	if len(s) > 1500 {
		return s[:1500] + "…"
	}
	return s
}
