package web

import (
	"fmt"
	"net/http"
	"net/url"

	"landed/internal/store"
	"landed/templates"

	"github.com/a-h/templ"
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

// streamSyncRun sends what a run has done, and when it goes over into another
// state an event that fetches the page anew.
func (s *Server) streamSyncRun(w http.ResponseWriter, r *http.Request) error {
	inList := r.URL.Query().Get("in") == "list"
	shown := store.SyncState(r.URL.Query().Get("state"))
	return s.stream(w, r, func() (look, error) {
		run, site, err := s.syncRun(r)
		if err != nil {
			return look{}, err
		}
		if shown == "" {
			shown = run.State
		}
		if run.State != shown || !run.State.Open() {
			return look{over: true, show: ended(run, inList)}, nil
		}
		return look{seen: fmt.Sprintf("%+v", run), show: s.liveView(run, site, inList)}, nil
	})
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
