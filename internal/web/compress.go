package web

import (
	"bytes"
	"compress/gzip"
	"hash/maphash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	compressFrom = 1024     // bytes; shorter answers fit one packet either way
	compressHold = 64 << 10 // bytes; as much is held back before the first of them goes out
	// The level is the last one that costs little: a list of 66 kB takes 0.2 ms and
	// becomes 10.4 kB; the default takes three times as long for 0.8 kB less.
	compressLevel = 2
)

var gzips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, compressLevel)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

// compress answers with gzip whoever takes it.
func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Method == http.MethodHead || !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		z := &zipped{ResponseWriter: w}
		// After a panic nothing of what is held goes out, so that there is an error page instead.
		next.ServeHTTP(z, r)
		z.close()
	})
}

// takesGzip reads a header such as "br;q=1.0, gzip;q=0.8".
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, weighted := strings.Cut(weight, "=")
		f, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !weighted || err == nil && f > 0
	}
	return false
}

// zipped is an answer that is compressed if it is long enough. Status and body
// wait until that is known.
type zipped struct {
	http.ResponseWriter
	status int           // 0 until the handler chose one
	held   *bytes.Buffer // what waits; nil when nothing does
	begun  bool
	gzip   *gzip.Writer // nil after the beginning means that the answer goes out as it is
}

func (z *zipped) WriteHeader(code int) {
	switch {
	case code < 200 || z.begun:
		z.ResponseWriter.WriteHeader(code)
	case z.status == 0:
		z.status = code
	}
}

func (z *zipped) Write(b []byte) (int, error) {
	if z.begun {
		return z.body().Write(b)
	}
	if z.held == nil {
		z.held = pageBuffers.Get().(*bytes.Buffer)
		z.held.Reset()
	}
	if z.held.Len()+len(b) <= compressHold {
		return z.held.Write(b)
	}
	if err := z.begin(b); err != nil {
		return 0, err
	}
	return z.body().Write(b)
}

// body is where bytes go once the answer has begun.
func (z *zipped) body() io.Writer {
	if z.gzip != nil {
		return z.gzip
	}
	return z.ResponseWriter
}

// begin sends the header and what was held. next is what follows at once.
func (z *zipped) begin(next []byte) error {
	if z.begun {
		return nil
	}
	z.begun = true
	var held []byte
	if z.held != nil {
		held = z.held.Bytes()
		defer pageBuffers.Put(z.held)
		z.held = nil
	}
	h := z.Header()
	if len(held)+len(next) >= compressFrom && h.Get("Content-Encoding") == "" && h.Get("Content-Range") == "" {
		if h.Get("Content-Type") == "" { // net/http would look at compressed bytes
			h.Set("Content-Type", http.DetectContentType(slices.Concat(held, next)))
		}
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		z.gzip = gzips.Get().(*gzip.Writer)
		z.gzip.Reset(z.ResponseWriter)
		z.gzip.Comment = blur(held, next)
	}
	if z.status != 0 {
		z.ResponseWriter.WriteHeader(z.status)
	}
	if len(held) == 0 {
		return nil
	}
	_, err := z.body().Write(held)
	return err
}

// close sends what is left. A client that went away is nobody's error.
func (z *zipped) close() {
	if z.begin(nil) != nil || z.gzip == nil {
		return
	}
	_ = z.gzip.Close()
	z.gzip.Reset(nil) // the pool must not keep the connection alive
	gzips.Put(z.gzip)
}

// FlushError sends what there is so far, for http.ResponseController.
func (z *zipped) FlushError() error {
	if err := z.begin(nil); err != nil {
		return err
	}
	if z.gzip != nil {
		if err := z.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(z.ResponseWriter).Flush()
}

func (z *zipped) Unwrap() http.ResponseWriter { return z.ResponseWriter }

var blurSeed = maphash.MakeSeed()

// blur is a comment of 1 to 32 bytes. It blurs the length of an answer, from which
// a secret of the page could be guessed when an attacker controls another part
// of it. The same page gives the same length, since an average over many requests
// would cancel what is random in each.
func blur(parts ...[]byte) string {
	var sum maphash.Hash
	sum.SetSeed(blurSeed)
	for _, p := range parts {
		_, _ = sum.Write(p)
	}
	return strings.Repeat("-", 1+int(sum.Sum64()%32))
}
