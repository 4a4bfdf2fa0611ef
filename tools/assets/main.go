// Command assets builds what the server sends from the readable sources in
// static/: minified, named by a hash of their content, compressed once with
// brotli and gzip at their best levels. It writes static/dist/ and
// static/manifest.go, which are committed, so that neither the build nor the
// start of the server has anything to compress or hash.
//
//	go generate ./static
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

// An asset is one file as the server sends it.
type asset struct {
	name   string // logical, as templates ask for it: "app.css", "vendor/x.js"
	hashed string // file name in dist/ and in the address: "app.1a2b3c4d5e.css"
	mime   string
	body   []byte
	br, gz bool
}

var mimes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: assets path/to/static")
	}
	if err := build(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func build(root string) error {
	sources, err := read(root)
	if err != nil {
		return err
	}
	hash := sum(sources) // first: the minifiers work in place
	list, err := finish(sources)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "dist")
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for i := range list {
		if err := list[i].write(dist); err != nil {
			return err
		}
	}
	return writeManifest(filepath.Join(root, "manifest.go"), list, hash)
}

// read loads every source by its path under root. The licence texts of what is
// vendored become one file, because they have to travel with it.
func read(root string) (map[string][]byte, error) {
	sources := map[string][]byte{}
	for _, pattern := range []string{"*.css", "*.js", "*.svg", "vendor/*.js", "vendor/*.woff2", "vendor/LICENSE-*.txt"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				return nil, err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return nil, err
			}
			sources[filepath.ToSlash(rel)] = b
		}
	}
	return sources, nil
}

// sum is one hash over all sources; a test in package static compares it, to
// find sources that were edited without building again.
func sum(sources map[string][]byte) string {
	h := sha256.New()
	for _, name := range sorted(sources) {
		fmt.Fprintf(h, "%s %d\n", name, len(sources[name]))
		h.Write(sources[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// finish turns sources into assets. Style sheets come last: the fonts they
// name must have their hashed names first.
func finish(sources map[string][]byte) ([]asset, error) {
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	var list []asset
	var licences bytes.Buffer
	names := sorted(sources)
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range names {
		body := sources[name]
		switch ext := filepath.Ext(name); {
		case ext == ".txt":
			fmt.Fprintf(&licences, "%s\n\n%s\n\n", strings.TrimSuffix(filepath.Base(name), ext), body)
			continue
		case ext == ".css":
			var err error
			if body, err = m.Bytes("text/css", pointAtHashed(body, list)); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		case ext == ".js" && !strings.HasPrefix(name, "vendor/"):
			var err error
			if body, err = m.Bytes("text/javascript", body); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		case ext == ".svg":
			body = bytes.ReplaceAll(bytes.TrimSpace(body), []byte(" />"), []byte("/>"))
		}
		list = append(list, newAsset(name, body))
	}
	list = append(list, newAsset("LICENSES.txt", licences.Bytes()))
	slices.SortFunc(list, func(a, b asset) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

func rank(name string) int {
	if strings.HasSuffix(name, ".css") {
		return 1
	}
	return 0
}

// pointAtHashed replaces url(vendor/x.woff2) by the hashed name, which stands
// beside the style sheet in the address space.
func pointAtHashed(sheet []byte, built []asset) []byte {
	for _, a := range built {
		sheet = bytes.ReplaceAll(sheet, []byte("url("+a.name+")"), []byte("url("+a.hashed+")"))
	}
	return sheet
}

func newAsset(name string, body []byte) asset {
	h := sha256.Sum256(body)
	ext := filepath.Ext(name)
	base := strings.TrimSuffix(filepath.Base(name), ext)
	return asset{
		name:   name,
		hashed: base + "." + hex.EncodeToString(h[:5]) + ext,
		mime:   mimes[ext],
		body:   body,
	}
}

// write puts the file and, where they are smaller, its compressed forms into
// dir. Fonts are compressed already.
func (a *asset) write(dir string) error {
	path := filepath.Join(dir, a.hashed)
	if err := os.WriteFile(path, a.body, 0o644); err != nil {
		return err
	}
	if a.mime == mimes[".woff2"] {
		return nil
	}
	var br, gz bytes.Buffer
	bw := brotli.NewWriterOptions(&br, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 22})
	zw, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{bw, zw} {
		if _, err := w.Write(a.body); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	if a.br = br.Len() < len(a.body); a.br {
		if err := os.WriteFile(path+".br", br.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if a.gz = gz.Len() < len(a.body); a.gz {
		if err := os.WriteFile(path+".gz", gz.Bytes(), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%-52s %7d  br %6d  gz %6d\n", a.hashed, len(a.body), br.Len(), gz.Len())
	return nil
}

func writeManifest(path string, list []asset, sources string) error {
	var b bytes.Buffer
	b.WriteString("// Code generated by tools/assets; DO NOT EDIT.\n\npackage static\n\n")
	fmt.Fprintf(&b, "// sourceHash is over the sources dist/ was built from.\nconst sourceHash = %q\n\n", sources)
	b.WriteString("var assets = map[string]asset{\n")
	for _, a := range list {
		fmt.Fprintf(&b, "%q: {file: %q, mime: %q, br: %t, gz: %t},\n", a.name, a.hashed, a.mime, a.br, a.gz)
	}
	b.WriteString("}\n")
	out, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(path, out, 0o644)
}

func sorted(m map[string][]byte) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
