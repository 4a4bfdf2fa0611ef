package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// zip answers with what compress makes of a handler, for a browser that takes gzip.
func zip(method string, h http.HandlerFunc) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	compress(h).ServeHTTP(w, r)
	return w
}

func TestCompress(t *testing.T) {
	long := strings.Repeat("<p>Fern &amp; Moss</p>", 20_000)
	for name, tt := range map[string]struct {
		header  map[string]string
		status  int
		parts   []string
		encoded bool
	}{
		"nothing":              {status: 204},
		"short":                {parts: []string{"ok"}},
		"as short as it gets":  {parts: []string{long[:compressFrom-1]}},
		"a page":               {parts: []string{long[:20_000]}, encoded: true},
		"one write, not held":  {parts: []string{long}, encoded: true},
		"held, then too much":  {parts: []string{long[:60_000], long[:60_000], "end"}, encoded: true},
		"many small ones":      {parts: strings.SplitAfter(long, ">"), encoded: true},
		"an error page":        {status: 500, parts: []string{long[:2000]}, encoded: true},
		"encoded already":      {header: map[string]string{"Content-Encoding": "br"}, parts: []string{long[:2000], long}},
		"a part of a file":     {header: map[string]string{"Content-Range": "bytes 0-1/9"}, status: 206, parts: []string{long}},
		"with a length":        {header: map[string]string{"Content-Length": "2000"}, parts: []string{long[:2000]}, encoded: true},
		"a short one with one": {header: map[string]string{"Content-Length": "4"}, parts: []string{"four"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := zip("GET", func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}
				if tt.status != 0 {
					w.WriteHeader(tt.status)
				}
				for _, p := range tt.parts {
					if n, err := io.WriteString(w, p); n != len(p) || err != nil {
						t.Error(n, err)
					}
				}
			})
			want, body := strings.Join(tt.parts, ""), w.Body.Bytes()
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != tt.encoded {
				t.Errorf("gzip: %v", got)
			}
			if tt.encoded {
				if w.Header().Get("Content-Length") != "" || len(body) >= len(want) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
					t.Error(len(body), w.Header())
				}
				body = unzip(t, body)
			}
			if string(body) != want {
				t.Errorf("%d bytes came out of %d", len(body), len(want))
			}
			if w.Code != max(200, tt.status) || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Error(w.Code, w.Header())
			}
		})
	}
	if w := zip("HEAD", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, long) }); w.Header().Get("Content-Encoding") != "" {
		t.Error("HEAD was compressed")
	}
}

func unzip(t *testing.T, b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLengthIsBlurred(t *testing.T) {
	length := func(mark string) int {
		return zip("GET", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("Fern and Moss ", 200)+mark)
		}).Body.Len()
	}
	first, differ := length("aaaa"), false
	for range 20 {
		if length("aaaa") != first {
			t.Fatal("the same page has two lengths: averages give it away")
		}
	}
	for c := 'b'; c <= 'z'; c++ {
		differ = differ || length(strings.Repeat(string(c), 4)) != first
	}
	if !differ {
		t.Error("pages of one size have one length")
	}
}

func TestCompressedInPieces(t *testing.T) {
	w := zip("GET", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("a", 2000))
		if w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(*httptest.ResponseRecorder).Body.Len() > 0 {
			t.Error("something went out before it was asked for")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		io.WriteString(w, strings.Repeat("b", 2000))
	})
	if !w.Flushed || string(unzip(t, w.Body.Bytes())) != strings.Repeat("a", 2000)+strings.Repeat("b", 2000) {
		t.Error(w.Flushed, w.Body.Len())
	}
}

// A handler that fails late still gives a clean error: nothing of what is held is out.
func TestHeldAnswerIsDroppedByPanic(t *testing.T) {
	var w *httptest.ResponseRecorder
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic ended in compress")
			}
		}()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w = httptest.NewRecorder()
		compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("half a page", 1000))
			panic(errors.New("broken"))
		})).ServeHTTP(w, r)
	}()
	if w.Body.Len() > 0 || w.Header().Get("Content-Encoding") != "" {
		t.Error(w.Body.Len(), w.Header())
	}
}

func TestClientAddress(t *testing.T) {
	inner := []string{"10.0.0.0/8", "::1", "fe80::/10"}
	for _, tt := range []struct {
		proxies []string
		peer    string
		xff     []string
		want    string
	}{
		{nil, "192.0.2.10:1", []string{"198.51.100.7"}, "192.0.2.10"},
		{nil, "[::ffff:192.0.2.10]:1", nil, "192.0.2.10"},
		{nil, "[fe80::1%eth0]:1", nil, "fe80::1%eth0"},
		{nil, "192.0.2.10", nil, "192.0.2.10"},
		{nil, "@", nil, "invalid IP"},
		{inner, "@", []string{"198.51.100.7"}, "invalid IP"},
		{inner, "192.0.2.10:1", []string{"198.51.100.7"}, "192.0.2.10"},
		{inner, "10.0.0.1:1", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{inner, "[::ffff:10.0.0.1]:1", []string{"203.0.113.9,198.51.100.7 , 10.2.3.4,"}, "198.51.100.7"},
		{inner, "[fe80::1%eth0]:1", []string{"2001:db8::5"}, "2001:db8::5"},
		{inner, "10.0.0.1:1", []string{"198.51.100.7", "203.0.113.9", "10.0.0.9"}, "203.0.113.9"},
		{inner, "10.0.0.1:1", []string{"198.51.100.7, ::ffff:10.0.0.9"}, "198.51.100.7"},
		{inner, "10.0.0.1:1", []string{"198.51.100.7, unknown, 10.0.0.9"}, "invalid IP"},
		{inner, "10.0.0.1:1", []string{"10.0.0.8, 10.0.0.9"}, "invalid IP"},
		{inner, "10.0.0.1:1", nil, "invalid IP"},
	} {
		p, err := parseProxies(tt.proxies)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.peer, tt.xff
		if got := p.client(r).String(); got != tt.want {
			t.Errorf("%v %s %q: %s, want %s", tt.proxies, tt.peer, tt.xff, got, tt.want)
		}
	}
}
