package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// How often a run or import is looked at, and after what time a stream ends. The
// browser opens the next one by itself; a short one does not hold up the end of
// the server.
const (
	livePoll   = 500 * time.Millisecond
	liveStream = 30 * time.Second
)

// look is what a stream finds when it looks.
type look struct {
	seen string          // changes with what is shown
	over bool            // the last event: it fetches the result
	show templ.Component // the event's data
}

// stream sends what is found as it changes, at most twice a second, and an event
// "done" at the end. An error of the first look is answered as a page's.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, find func() (look, error)) error {
	now, err := find()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	tick, end := time.NewTicker(livePoll), time.NewTimer(liveStream)
	defer tick.Stop()
	defer end.Stop()
	for sent := ""; ; {
		if now.over {
			return sendEvent(w, r, "done", now.show)
		}
		if now.seen != sent {
			sent = now.seen
			if err := sendEvent(w, r, "progress", now.show); err != nil {
				return err
			}
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
		}
		if now, err = find(); err != nil {
			s.Log.Error("progress", "id", visitOf(r.Context()).id, "route", pattern(r), "err", err)
			return nil // the stream is under way; the browser opens another one
		}
	}
}

// sendEvent sends one server-sent event whose data is HTML.
func sendEvent(w http.ResponseWriter, r *http.Request, name string, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, strings.ReplaceAll(b.String(), "\n", "\ndata: "))
	return http.NewResponseController(w).Flush()
}
