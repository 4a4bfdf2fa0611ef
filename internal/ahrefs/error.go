package ahrefs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"landed/internal/fault"
)

// Kind says what went wrong between us and Ahrefs.
type Kind int

const (
	// BadRequest is a target, mode or window that Ahrefs (status 400) or this
	// package (status 0, nothing was sent) refuses.
	BadRequest Kind = iota + 1
	Unauthorized
	UnitsExhausted // 402, or a 403 that speaks of units: the month's are used up, or the key's cap is reached
	Forbidden      // 403: not in the plan
	NotFound       // 404: this endpoint is not served, perhaps because the other endpoint set is
	RateLimited    // 429, or a wait of our own that exceeds Options.MaxWait
	Server         // 5xx
	Network        // no whole answer came
	// BadAnswer is a 200 without the promised content, a redirect, or too much
	// of an answer. It must never be read as "no links".
	BadAnswer
	// NotServed is something that the endpoint set in use does not have; nothing
	// was sent.
	NotServed
)

var kindNames = map[Kind]string{
	BadRequest: "bad request", Unauthorized: "token refused", UnitsExhausted: "units used up",
	Forbidden: "forbidden", NotFound: "not found", RateLimited: "too many requests",
	Server: "server error", Network: "network error", BadAnswer: "unusable answer", NotServed: "not served",
}

func (k Kind) String() string { return kindNames[k] }

// Error is every failure of this package except the end of the caller's own
// context. It is also a fault (see Fault), so fault.KindOf and fault.Message
// work on it. No part of it holds the token.
type Error struct {
	Kind     Kind
	Status   int    // HTTP status; 0 when no answer came
	Endpoint string // "site-explorer/overview"
	Said     string // the provider's error text on one line, at most 300 characters; may be ""
	// RetryAfter is how long to leave this token alone; 0 when asking again
	// later will not help or any later time will do.
	RetryAfter time.Duration
	Err        error // what this package saw, for the log
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ahrefs %s: %s", e.Endpoint, e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	if e.Said != "" {
		fmt.Fprintf(&b, ": provider said %q", e.Said)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the fault, then the cause, to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Fault()}
	}
	return []error{e.Fault(), e.Err}
}

// Fault is the same failure for people. A refused token is Unavailable and not
// Unauthorized: that kind means that the reader of the page is not signed in.
func (e *Error) Fault() *fault.Error {
	kind := fault.Unavailable
	if e.Kind == BadRequest {
		kind = fault.Invalid
	}
	msg := e.sentence()
	if e.Said != "" {
		msg += fmt.Sprintf(" Ahrefs said: “%s”.", strings.TrimRight(e.Said, "."))
	} else if e.Err != nil && (e.Kind == BadAnswer || e.Kind == BadRequest) {
		msg += fmt.Sprintf(" Detail: %v.", e.Err)
	}
	return fault.New(kind, "%s", msg)
}

func (e *Error) sentence() string {
	switch e.Kind {
	case BadRequest:
		return "Ahrefs cannot be asked this: check the target and its mode."
	case Unauthorized:
		return "Ahrefs does not accept the API token: it is wrong or has expired. Enter a new one in the settings."
	case UnitsExhausted:
		return "The month’s Ahrefs API units are used up. Syncing goes on when they are renewed."
	case Forbidden:
		return "The Ahrefs plan or the token’s own cap does not allow this request."
	case NotFound:
		return "Ahrefs does not serve this request. The account may use the other endpoint set."
	case RateLimited:
		return fmt.Sprintf("Ahrefs allows no further requests for now; the next try is in %s.", roundUp(e.RetryAfter))
	case Server:
		return "Ahrefs had a server error."
	case Network:
		return "Ahrefs could not be reached, or its answer broke off."
	case BadAnswer:
		return "Ahrefs sent an answer that cannot be used, so nothing was changed."
	case NotServed:
		return "The Ahrefs endpoint set in use does not have this."
	}
	return "The request to Ahrefs failed."
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// retryable reports whether asking again may help.
func (e *Error) retryable() bool {
	return e.Kind == RateLimited || e.Kind == Server || e.Kind == Network
}

// kindOfStatus maps a status other than 200. Statuses that the provider does not
// document are never retried.
func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusPaymentRequired:
		return UnitsExhausted
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500:
		return Server
	case status >= 400:
		return BadRequest
	}
	return BadAnswer
}

// scrubber takes the token out of foreign text in the spellings in which a
// server, a proxy or *url.Error would echo it.
type scrubber func(string) string

func newScrubber(token string) scrubber {
	quoted, _ := json.Marshal(token) // a string always marshals
	r := strings.NewReplacer(
		token, "[token]",
		url.QueryEscape(token), "[token]",
		url.PathEscape(token), "[token]",
		strings.Trim(string(quoted), `"`), "[token]",
	)
	return r.Replace
}

// err keeps an error's text without the token. The error itself is not kept:
// it may hold a request, whose header holds the token.
func (s scrubber) err(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(s(err.Error()))
}

// said makes foreign text fit for one line of a log or page. The token is taken
// out before the text is cut, so that no part of it stays.
func (s scrubber) said(text string) string {
	text = s(strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(text), " "), 300)
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// saidIn is the error text of an error answer: {"error":"text"}, a message in an
// object under error, or the body itself when it is not JSON.
func saidIn(body []byte) string {
	var in map[string]any
	if json.Unmarshal(body, &in) != nil {
		return string(body)
	}
	for _, key := range []string{"error", "message", "detail"} {
		switch v := in[key].(type) {
		case string:
			return v
		case map[string]any:
			if m, ok := v["message"].(string); ok {
				return m
			}
		}
	}
	return ""
}
