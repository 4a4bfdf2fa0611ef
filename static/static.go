// Package static holds the style sheet, scripts, icons and fonts of the web
// pages. The readable sources stand in this directory; what is sent is in
// dist/, minified, compressed and named by a hash of the content, so that a
// browser may keep it for good.
//
// After editing a source, or upgrading a vendored file, build again:
//
//	go generate ./static
package static

//go:generate go run -C ../tools ./assets ../static

import (
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// What has a compressed form is in the program in those forms alone; a client that
// takes neither gets the gzip one unpacked.
//
//go:embed dist/*.br dist/*.gz dist/*.woff2
var dist embed.FS

// Prefix is the path under which Handler has to be mounted.
const Prefix = "/static/"

// Vendored scripts by the name URL takes. Their file names carry the version,
// so that an upgrade is visible; change it here and in VENDORED.md.
const (
	HTMX = "vendor/htmx-2.0.11.min.js"
	SSE  = "vendor/htmx-ext-sse-2.2.4.min.js" // only pages with a running job load it
)

type asset struct {
	file   string // name in dist/ and in the address
	mime   string
	br, gz bool // compressed forms stand beside file as file.br, file.gz
}

// served finds an asset by the last part of its address.
var served = func() map[string]asset {
	m := make(map[string]asset, len(assets))
	for _, a := range assets {
		m[a.file] = a
	}
	return m
}()

// URL is the address of an asset by its name in this directory: URL("app.css")
// is "/static/app.2bbc97722a.css". A name that does not exist panics, since
// only constants are passed and a test renders every page.
func URL(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("static: no asset " + name)
	}
	return Prefix + a.file
}

// Handler answers GET and HEAD below Prefix with the compressed form the
// browser accepts. An unknown or outdated hash is 404, never a stale file.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := served[strings.TrimPrefix(r.URL.Path, Prefix)]
		switch {
		case !ok:
			http.NotFound(w, r)
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mime)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		name, tag := a.file, a.file
		if a.br || a.gz {
			h.Set("Vary", "Accept-Encoding")
			if enc := a.encoding(r.Header.Get("Accept-Encoding")); enc != "" {
				h.Set("Content-Encoding", enc)
				name += suffix[enc]
				tag += suffix[enc]
			}
		}
		h.Set("ETag", `"`+tag+`"`)
		if r.Header.Get("If-None-Match") == `"`+tag+`"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		send(w, r, name, a.gz && name == a.file)
	})
}

var suffix = map[string]string{"br": ".br", "gzip": ".gz"}

// send writes a file of dist/, or, with unpack, what its gzip form holds. It does
// without http.ServeContent, whose ranges and type sniffing mean nothing for
// compressed forms.
func send(w http.ResponseWriter, r *http.Request, name string, unpack bool) {
	missing := func() { http.Error(w, "asset missing", http.StatusInternalServerError) }
	if unpack {
		name += suffix["gzip"]
	}
	f, err := dist.Open("dist/" + name)
	if err != nil { // the manifest and dist/ are written together: cannot be
		missing()
		return
	}
	defer f.Close()
	var from io.Reader = f
	if unpack {
		if from, err = gzip.NewReader(f); err != nil {
			missing()
			return
		}
	} else if info, err := f.Stat(); err == nil {
		w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, from) // the browser went away: nobody left to tell
	}
}

// encoding is "br", "gzip" or "" by what the browser accepts. Anything with
// q=0 is refused by it; other weights do not matter, br is always smallest.
func (a asset) encoding(accept string) string {
	accepts := func(enc string) bool {
		for part := range strings.SplitSeq(accept, ",") {
			name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.EqualFold(strings.TrimSpace(name), enc) {
				return !refused(q)
			}
		}
		return false
	}
	switch {
	case a.br && accepts("br"):
		return "br"
	case a.gz && accepts("gzip"):
		return "gzip"
	}
	return ""
}

// refused reports whether a weight such as "q=0" or "q=0.000" is zero.
func refused(q string) bool {
	v, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(q), " ", ""), "q=")
	if !ok {
		return false
	}
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && f == 0
}
