package static

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	for _, c := range []struct{ accept, want string }{
		{"gzip, deflate, br, zstd", "br"},
		{"gzip", "gzip"},
		{"br;q=0, gzip;q=0.5", "gzip"},
		{"br; q=0.0, gzip; q=0", ""},
		{"BR", "br"},
		{"identity", ""},
		{"", ""},
		{"*", ""},
	} {
		res := get(t, "GET", URL("app.css"), "Accept-Encoding", c.accept)
		if got := res.Header.Get("Content-Encoding"); got != c.want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", c.accept, got, c.want)
		}
		if res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: no Vary", c.accept)
		}
	}
	if enc := get(t, "GET", URL("vendor/inter-latin-wght-normal.woff2"), "Accept-Encoding", "br, gzip").Header.Get("Content-Encoding"); enc != "" {
		t.Errorf("a font was compressed again: %q", enc)
	}
}

// A client that takes no compression gets what the name is the hash of, and the
// gzip form holds the same.
func TestGzipIsTheSameFile(t *testing.T) {
	for name, a := range assets {
		res := get(t, "GET", URL(name))
		raw := body(t, res.Body)
		if h := sha256.Sum256([]byte(raw)); res.StatusCode != 200 || !strings.Contains(a.file, hex.EncodeToString(h[:5])) {
			t.Errorf("%s: %d, its content does not match the hash in %s", name, res.StatusCode, a.file)
		}
		if !a.gz {
			continue
		}
		z, err := gzip.NewReader(get(t, "GET", URL(name), "Accept-Encoding", "gzip").Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if body(t, z) != raw {
			t.Errorf("%s: the gzip form differs", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	css := URL("app.css")
	first := get(t, "GET", css)
	for _, c := range []struct {
		method, path string
		header       []string
		want         int
	}{
		{"GET", css, nil, 200},
		{"HEAD", css, nil, 200},
		{"POST", css, nil, 405},
		{"GET", css, []string{"If-None-Match", first.Header.Get("ETag")}, 304},
		{"GET", "/static/app.css", nil, 404},
		{"GET", "/static/app.0000000000.css", nil, 404},
		{"GET", "/static/../static.go", nil, 404},
		{"GET", css + ".br", nil, 404},
		{"GET", "/static/", nil, 404},
	} {
		res := get(t, c.method, c.path, c.header...)
		if res.StatusCode != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, res.StatusCode, c.want)
		}
		if cc := res.Header.Get("Cache-Control"); (res.StatusCode < 400) != strings.Contains(cc, "immutable") {
			t.Errorf("%s %s: status %d with Cache-Control %q", c.method, c.path, res.StatusCode, cc)
		}
		if c.method == "HEAD" && body(t, res.Body) != "" {
			t.Error("HEAD sent a body")
		}
	}
}

// Every url() of the style sheet has to be a file that is served, and nothing
// may be loaded from elsewhere.
func TestStyleSheetPointsAtServedFiles(t *testing.T) {
	sheet := body(t, get(t, "GET", URL("app.css")).Body)
	found := 0
	for _, m := range regexp.MustCompile(`url\(([^)"']+)\)`).FindAllStringSubmatch(sheet, -1) {
		found++
		if res := get(t, "GET", Prefix+m[1]); res.StatusCode != 200 {
			t.Errorf("url(%s): %d", m[1], res.StatusCode)
		}
	}
	if found != 4 {
		t.Errorf("%d fonts in the style sheet, want 4", found)
	}
	if strings.Contains(sheet, "://") && regexp.MustCompile(`url\("?https?:`).MatchString(sheet) {
		t.Error("the style sheet loads something from elsewhere")
	}
	if n := strings.Count(sheet, "font-display:swap"); n != 4 {
		t.Errorf("font-display:swap stands %d times, want 4", n)
	}
}

// dist/ is committed, so it can be behind its sources.
func TestDistIsBuiltFromTheSources(t *testing.T) {
	var names []string
	for _, p := range []string{"*.css", "*.js", "*.svg", "vendor/*.js", "vendor/*.woff2", "vendor/LICENSE-*.txt"} {
		m, err := filepath.Glob(p)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, m...)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(n), len(b))
		h.Write(b)
	}
	if hex.EncodeToString(h.Sum(nil)) != sourceHash {
		t.Error("static/ was edited after dist/ was built: run go generate ./static")
	}
}

// What a first visit loads, without page and fonts, as a browser gets it.
func TestFirstVisitStaysSmall(t *testing.T) {
	total := 0
	for _, name := range []string{"app.css", "app.js", "icons.svg", "favicon.svg", HTMX} {
		b, err := fs.ReadFile(dist, "dist/"+assets[name].file+".br")
		if err != nil {
			t.Fatal(err)
		}
		total += len(b)
	}
	t.Logf("%d bytes", total)
	if total > 32<<10 {
		t.Errorf("%d bytes, want at most %d", total, 32<<10)
	}
}

func TestURLPanicsOnUnknownName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("nope.css")
}
