package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"landed/internal/store"
	"landed/templates"

	"github.com/a-h/templ"
)

// How often a run is looked at, and after what time a stream ends. The browser
// opens the next one by itself; a short one does not hold up the end of the
// server.
const (
	syncPoll   = 500 * time.Millisecond
	syncStream = 30 * time.Second
)

// runEvents is the address of a run's stream. It names the state that the page
// shows, so that a change on the way is not missed. inList is for the list of
// all syncs.
func runEvents(run store.SyncRun, inList bool) string {
	q := url.Values{"state": {string(run.State)}}
	if inList {
		q.Set("in", "list")
	}
	return syncPath(run.ID) + "/events?" + q.Encode()
}

// streamSyncRun sends what a run has done as it changes, at most twice a second,
// and when it goes over into another state an event that fetches the page anew.
func (s *Server) streamSyncRun(w http.ResponseWriter, r *http.Request) error {
	run, site, err := s.syncRun(r)
	if err != nil {
		return err
	}
	inList := r.URL.Query().Get("in") == "list"
	shown := store.SyncState(r.URL.Query().Get("state"))
	if shown == "" {
		shown = run.State
	}
	w.Header().Set("Content-Type", "text/event-stream")
	tick, end := time.NewTicker(syncPoll), time.NewTimer(syncStream)
	defer tick.Stop()
	defer end.Stop()
	sent := ""
	for {
		if run.State != shown || !run.State.Open() {
			return sendEvent(w, r, "done", ended(run, inList))
		}
		if now := fmt.Sprintf("%+v", run); now != sent {
			sent = now
			if err := sendEvent(w, r, "progress", s.liveView(run, site, inList)); err != nil {
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
		if run, err = s.Store.Run(r.Context(), run.ID); err != nil {
			s.Log.Error("sync progress", "id", visitOf(r.Context()).id, "err", err)
			return nil // the stream is under way; the browser opens another one
		}
	}
}

func (s *Server) liveView(run store.SyncRun, site store.Site, inList bool) templ.Component {
	if inList {
		return templates.JobState(s.syncJob(run, true))
	}
	return templates.SyncSteps(s.runView(run, site).Live)
}

func ended(run store.SyncRun, inList bool) templ.Component {
	if inList {
		return templates.SyncEnded("/sync", "#sync")
	}
	return templates.SyncEnded(syncPath(run.ID), "#run")
}
