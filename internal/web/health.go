package web

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// healthState keeps the last answer for a moment, so that nobody can make the
// disk busy by asking.
type healthState struct {
	mu sync.Mutex
	at time.Time
	ok bool
}

const healthFor = 5 * time.Second

// showHealth says whether the database can be read and written, and nothing else.
func (s *Server) showHealth(w http.ResponseWriter, r *http.Request) error {
	h := &s.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := s.Now(); h.at.IsZero() || now.Sub(h.at) >= healthFor {
		err := s.Store.Probe(r.Context())
		if err == nil && s.Healthy != nil {
			err = s.Healthy(r.Context())
		}
		if err != nil {
			s.Log.Error("health check", "id", visitOf(r.Context()).id, "err", err)
		}
		h.at, h.ok = now, err == nil
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !h.ok {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "not ok\n")
		return nil
	}
	_, _ = io.WriteString(w, "ok\n")
	return nil
}
