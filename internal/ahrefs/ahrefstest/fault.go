package ahrefstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Fault answers in place of the honest answer, which it gets and may mangle.
type Fault func(w http.ResponseWriter, r *http.Request, honest Answer)

// FaultAt makes the n-th request to the server (from 1) go wrong.
func (s *Server) FaultAt(n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultsAt[n] = f
}

// FaultOn makes the next requests to an endpoint ("new-backlinks"; "" = any) go
// wrong, one after the other.
func (s *Server) FaultOn(endpoint string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultsOn[endpoint] = append(s.faultsOn[endpoint], faults...)
}

// AlwaysFault makes every request to an endpoint ("" = any) go wrong; nil ends it.
func (s *Server) AlwaysFault(endpoint string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[endpoint] = f
}

// Status refuses with a status and {"error":"text"}.
func Status(status int, text string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Answer) {
		refusal(status, "%s", text).write(w, r)
	}
}

// TooMany is a 429; retryAfter "" sends no such header.
func TooMany(retryAfter string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Answer) {
		a := refusal(http.StatusTooManyRequests, "too many requests")
		if retryAfter != "" {
			a.Header.Set("Retry-After", retryAfter)
		}
		a.write(w, r)
	}
}

// Redirect sends elsewhere.
func Redirect(to string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Answer) {
		http.Redirect(w, r, to, http.StatusFound)
	}
}

// Hang never answers; it ends when the client gives up.
func Hang() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ Answer) { <-r.Context().Done() }
}

// Drip sends the true answer one byte each pause.
func Drip(pause time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest Answer) {
		for _, b := range honest.Body {
			if _, err := w.Write([]byte{b}); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// Drop promises the whole answer, sends half and cuts the connection.
func Drop() Fault {
	return func(w http.ResponseWriter, _ *http.Request, honest Answer) {
		w.Header().Set("Content-Length", fmt.Sprint(len(honest.Body)))
		_, _ = w.Write(honest.Body[:len(honest.Body)/2])
		// Unless something arrives, Go's transport sends the request again by itself.
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Body answers 200 with this text in place of the honest one.
func Body(contentType, text string) Fault {
	return Mangle(func(a *Answer) {
		a.Header.Set("Content-Type", contentType)
		a.Body = []byte(text)
	})
}

// Mangle changes the honest answer.
func Mangle(change func(*Answer)) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest Answer) {
		change(&honest)
		honest.write(w, r)
	}
}

// HTML is a page with status 200, as a proxy or a sign-in wall sends it.
func HTML() Fault {
	return Body("text/html; charset=utf-8", "<!doctype html><title>Please wait</title><p>Checking your browser.")
}

// Null answers null; EmptyObject answers {}.
func Null() Fault        { return Body("application/json", "null") }
func EmptyObject() Fault { return Body("application/json", "{}") }

// CutJSON sends the first half of the true answer as if it were whole.
func CutJSON() Fault {
	return Mangle(func(a *Answer) { a.Body = a.Body[:len(a.Body)/2] })
}

// NullList puts null in place of the list or object under the envelope's key.
func NullList() Fault {
	return Mangle(func(a *Answer) {
		if key, _, found := bytes.Cut(a.Body, []byte(":")); found {
			a.Body = append(bytes.Clone(key), ":null}"...)
		}
	})
}

// EmptyList puts an empty list under the envelope's key.
func EmptyList() Fault {
	return Mangle(func(a *Answer) {
		if key, _, found := bytes.Cut(a.Body, []byte(":")); found {
			a.Body = append(bytes.Clone(key), ":[]}"...)
		}
	})
}

// SamePage answers with what the first request that met this very fault had.
func SamePage() Fault {
	var mu sync.Mutex
	var first []byte
	return Mangle(func(a *Answer) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = a.Body
		}
		a.Body = first
	})
}

// DoubleRows sends the rows of a list twice in one answer.
func DoubleRows() Fault {
	return Mangle(func(a *Answer) {
		from, to := bytes.IndexByte(a.Body, '['), bytes.LastIndexByte(a.Body, ']')
		if from < 0 || to <= from+1 {
			return
		}
		rows := bytes.Clone(a.Body[from+1 : to])
		a.Body = bytes.Join([][]byte{a.Body[:to], rows}, []byte(","))
		a.Body = append(a.Body, "]}"...)
	})
}

// WrongTypes turns the value of a field into a list.
func WrongTypes(field string) Fault {
	value := regexp.MustCompile(`"` + regexp.QuoteMeta(field) + `":("[^"]*"|[^",}\]]+)`)
	return Mangle(func(a *Answer) {
		a.Body = value.ReplaceAll(a.Body, []byte(`"`+field+`":["wrong"]`))
	})
}

// WithoutField renames a field in every row, so that it is missing.
func WithoutField(field string) Fault {
	return rename(`"`+field+`":`, `"x_`+field+`":`)
}

// OtherCase writes a field in capitals.
func OtherCase(field string) Fault {
	return rename(`"`+field+`":`, `"`+strings.ToUpper(field)+`":`)
}

// AddField puts a further field, e.g. `"URL_FROM":"x"`, in front of a field.
func AddField(before, field string) Fault {
	return rename(`"`+before+`":`, field+`,"`+before+`":`)
}

func rename(old, new string) Fault {
	return Mangle(func(a *Answer) { a.Body = bytes.ReplaceAll(a.Body, []byte(old), []byte(new)) })
}

// Huge answers an empty list and n bytes of blanks, gzipped to little if the client
// takes gzip. Cut anywhere, it is still valid JSON that says "nothing".
func Huge(n int) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Answer) {
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(strings.Repeat(" ", 1<<16))
		write := w.Write
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			write = z.Write
		}
		_, _ = write([]byte(`[]`))
		for sent := 0; sent < n; sent += len(chunk) {
			if _, err := write(chunk); err != nil {
				return
			}
		}
	}
}
