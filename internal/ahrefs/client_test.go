package ahrefs

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/backlinks"
	"landed/internal/fault"
)

func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		o     Options
		field string
	}{
		"no token":           {Options{Token: " "}, "token"},
		"token of two":       {Options{Token: "abc def"}, "token"},
		"token with break":   {Options{Token: "abc\r\nX-Evil: 1"}, "token"},
		"token not ASCII":    {Options{Token: "abcé"}, "token"},
		"plain http":         {Options{Token: "abc", BaseURL: "http://api.example.com/v3"}, "base_url"},
		"password in it":     {Options{Token: "abc", BaseURL: "https://u:hunter2@api.example.com/v3"}, "base_url"},
		"no host":            {Options{Token: "abc", BaseURL: "https:///v3"}, "base_url"},
		"not an address":     {Options{Token: "abc", BaseURL: "https://api example.com:hunter2/v3"}, "base_url"},
		"another scheme":     {Options{Token: "abc", BaseURL: "ftp://127.0.0.1/v3"}, "base_url"},
		"unknown set":        {Options{Token: "abc", Set: "v9"}, "set"},
		"loopback lookalike": {Options{Token: "abc", BaseURL: "http://127.0.0.1.example.com/v3"}, "base_url"},
	}
	for name, tt := range tests {
		_, err := New(tt.o)
		if fault.FieldsOf(err)[tt.field] == "" || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "abc")) {
			t.Errorf("%s: a secret is in %v", name, err)
		}
	}
	for _, base := range []string{"", "https://proxy.example/ahrefs/v3", "http://127.0.0.1:99/v3", "http://[::1]:99", "http://localhost:99/"} {
		if _, err := New(Options{Token: " abc\n", BaseURL: base}); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
}

// With a server, a proxy and a transport that repeat the token wherever they can,
// it is in no error, sentence, log line or URL.
func TestTokenNeverShows(t *testing.T) {
	const token = "s3cr3t+token/with=signs&more"
	echo := func(status int, body string) http.RoundTripper {
		return handlerTransport{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://elsewhere.test/?token="+url.QueryEscape(token))
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})}
	}
	transports := map[string]http.RoundTripper{
		"url.Error": roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Get", URL: r.URL.String() + "&token=" + url.QueryEscape(token), Err: errors.New("refused: " + r.Header.Get("Authorization"))}
		}),
		"401 repeats it":     echo(401, `{"error":"the token `+token+` has expired"}`),
		"403 escapes it":     echo(403, `no access for `+url.QueryEscape(token)+` and `+url.PathEscape(token)),
		"400 quotes it":      echo(400, `{"error":{"message":"`+token+`"}}`),
		"429":                echo(429, token),
		"500":                echo(500, strings.Repeat("x", 290)+token),
		"redirect":           echo(302, token),
		"200 of text":        echo(200, "Bearer "+token),
		"200 cut at the key": echo(200, strings.Repeat("y", 50)+token),
		"200 with error":     echo(200, `{"error":"`+token+`"}`),
		"200 as a name":      echo(200, `{"`+token+`":1}`),
		"200 as a value":     echo(200, `[{"url_from":"https://a.test/","url_to":"https://b.test/","domain":"a.test","domain_rating":"`+strings.Repeat("z", 30)+token+`","first_seen":"`+strings.Repeat("z", 30)+token+`"}]`),
	}
	for name, tr := range transports {
		var logs bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
		var paths []string
		noted := roundTrip(func(r *http.Request) (*http.Response, error) {
			paths = append(paths, r.URL.String())
			return tr.RoundTrip(r)
		})
		_, _, c := setUp(t)
		o := Options{BaseURL: "https://proxy.example/v3", Token: token, HTTP: noted, Log: log, Now: c.Now, Sleep: c.Sleep, PerMinute: 1e6}
		client, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			_, _, err := op.run(t.Context(), client)
			if err == nil {
				t.Fatalf("%s: %s gave no error", name, op.name)
			}
			log.Error("failed", "error", err, "client", client, "options", o)
			text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %+v %#v", err, err, err, fault.Message(err), o, o, o, client, *client)
			for _, e := range []error{errors.Unwrap(err), err} {
				text += fmt.Sprintf("%+v %#v", e, e)
			}
			if leaks(text, token) {
				t.Errorf("%s, %s: the token shows in %s", name, op.name, text)
			}
		}
		if leaks(logs.String(), token) || leaks(strings.Join(paths, " "), token) {
			t.Errorf("%s: the token shows in the log or a URL:\n%s\n%s", name, logs.String(), paths)
		}
	}
}

// leaks looks for the token and for its first part, which cutting could leave.
func leaks(text, token string) bool {
	for _, s := range []string{token, url.QueryEscape(token), url.PathEscape(token), token[:6]} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

func TestSaidIsOneShortLine(t *testing.T) {
	srv, client, _ := setUp(t)
	srv.AlwaysFault("", ahrefstest.Status(400, "bad\r\ntarget \x1b[31m\u202e"+strings.Repeat("long ", 200)))
	_, err := client.NewLinks(t.Context(), month)
	e, _ := errors.AsType[*Error](err)
	if e == nil || !strings.HasPrefix(e.Said, "bad target [31m long") || len([]rune(e.Said)) > 300 {
		t.Fatalf("said %q", e.Said)
	}
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), "Ahrefs said: “bad target") {
		t.Errorf("%v: %s", fault.KindOf(err), fault.Message(err))
	}
}

// One client, many goroutines, with faults in between; for the race detector.
func TestConcurrentUse(t *testing.T) {
	srv, client, _ := setUp(t, func(o *Options) { o.PageSize = 1 })
	srv.FaultOn("", ahrefstest.TooMany("3"), ahrefstest.Status(500, ""), ahrefstest.Drop())
	var wg sync.WaitGroup
	for range 4 {
		for _, op := range operations {
			wg.Go(func() {
				if _, _, err := op.run(t.Context(), client); err != nil {
					t.Error(op.name, err)
				}
			})
		}
		wg.Go(func() {
			srv.World.Add(ahrefstest.Link{From: "https://n.test/", To: "https://example.com/", FirstSeen: month.From})
		})
	}
	wg.Wait()
}

func TestIdentity(t *testing.T) {
	srv, client, _ := setUp(t)
	if client.Name() != "ahrefs" || client.Set() != Playbook {
		t.Error(client.Name(), client.Set())
	}
	target := backlinks.Target{Host: "https://example.com/a b+c?q=é&r=%2F#f", Mode: backlinks.ModeExact}
	if _, err := client.AllLinks(t.Context(), target, 0, ""); kindOf(err) != BadRequest {
		t.Errorf("a target with a space: %v", err)
	}
	r := srv.Requests()[0]
	if r.Query.Get("target") != target.Host || !strings.Contains(r.RawQuery, "a%20b%2Bc") {
		t.Errorf("the target did not survive: %s", r.RawQuery)
	}
}
