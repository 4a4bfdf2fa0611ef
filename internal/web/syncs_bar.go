package web

import (
	"context"

	"landed/internal/day"
	"landed/internal/store"
	"landed/templates"
)

// lostDays is for how long a lost placement counts as waiting for a person.
const lostDays = 30

// navCounts are the numbers beside the navigation: links to review, and
// placements lost lately.
func (s *Server) navCounts(ctx context.Context, site int64) (map[string]int, error) {
	if site == 0 {
		return nil, nil
	}
	all, err := s.Store.Totals(ctx, site)
	if err != nil {
		return nil, err
	}
	today := day.Of(s.Now())
	lost, err := s.Store.CountLostPlacements(ctx, site, today-lostDays+1, today)
	if err != nil {
		return nil, err
	}
	return map[string]int{"review": all.Suggested, "lost": lost}, nil
}

// syncState is the last sync of a site for the top bar; a site that never had
// one shows nothing.
func (s *Server) syncState(ctx context.Context, site int64) (templates.SyncState, error) {
	run, ok, err := s.Store.LastRun(ctx, site)
	if err != nil || !ok {
		return templates.SyncState{}, err
	}
	v := templates.SyncState{Href: "/sync"}
	switch run.State {
	case store.SyncDone:
		at := run.FinishedAt.UTC()
		v.Text, v.Title = "Synced "+shortTime(at, s.Now()).Text, "Last full sync "+whenTime(at).Title
		if day.Of(at) == day.Of(s.Now()) {
			v.Text = "Synced " + at.Format("15:04")
		}
	case store.SyncFailed:
		v.Text, v.Title, v.Bad = "Sync failed", "The sync of "+whenTime(run.StartedAt).Title+" failed", true
	case store.SyncWaiting:
		v.Text, v.Title = "Sync waiting", waitText(run, s.Now())
	case store.SyncCancelled:
		v.Text, v.Title = "Sync cancelled", "The sync of "+whenTime(run.StartedAt).Title+" was cancelled"
	default:
		v.Text, v.Title = "Syncing…", "Asked for or started "+whenTime(run.StartedAt).Title
	}
	return v, nil
}
