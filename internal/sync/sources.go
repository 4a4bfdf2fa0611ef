package sync

import (
	"context"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
)

// The sources of a site's competitors are the last steps of its run, one for each
// competitor, so that neither a budget nor a competitor keeps the site's own links
// waiting. They are asked for every sourcesEvery days, because each request costs
// something even when it brings nothing: all at first, later those of which a link
// was found since, where the provider can be asked for that. The window begins
// checkDays before the last one ended: crawlers date back.
const sourcesEvery = 28

// sourceSteps are the steps of the competitors whose turn it is.
func (s *Syncer) sourceSteps(ctx context.Context, site store.Site, can abilities, marks map[string]day.Day) ([]store.SyncStep, error) {
	list, err := s.Store.Competitors(ctx, site.ID)
	if err != nil {
		return nil, err
	}
	today := day.Of(s.now())
	var steps []store.SyncStep
	for _, c := range list {
		of := store.SourceStep{Host: c.Host, Floor: c.Floor}
		mark, asked, err := s.sourcesKnown(ctx, site, of, marks)
		if err != nil {
			return nil, err
		}
		if asked.Known() && today-asked < sourcesEvery {
			continue
		}
		step := store.SyncStep{Name: of.String(), To: today}
		if can.rich() && can.watcher != nil && mark.Known() {
			step.From = min(mark+1-checkDays, today)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// sourcesKnown is up to which day the sources of a competitor are known, from its
// authority on or a lower one, and when they were last asked for.
func (s *Syncer) sourcesKnown(ctx context.Context, site store.Site, of store.SourceStep, marks map[string]day.Day) (mark, asked day.Day, err error) {
	names := map[string]bool{of.String(): true}
	for name, on := range marks {
		if m, ok := store.ParseSourceStep(name); ok && m.Host == of.Host && m.Floor <= of.Floor {
			mark = max(mark, on)
			names[name] = true
		}
	}
	for name := range names {
		past, err := s.Store.PastSteps(ctx, site.ID, name, 1)
		if err != nil {
			return mark, asked, err
		}
		if len(past) > 0 {
			asked = max(asked, past[0].To)
		}
	}
	return mark, asked, nil
}

// askSources sends the request of a page of sources.
func (p *pull) askSources(ctx context.Context, of store.SourceStep, step store.SyncStep, rows int) (page, error) {
	target := store.Competitor{Host: of.Host}.Target()
	if !step.From.Known() {
		return linkPage(p.Provider.AllLinks(ctx, target, of.Floor, step.Cursor))
	}
	if p.can.watcher == nil {
		return page{}, errGone
	}
	return linkPage(p.can.watcher.NewSources(ctx, backlinks.Window{Target: target, From: step.From, To: step.To, Cursor: step.Cursor, MaxRows: rows}, of.Floor))
}

// isSources reports whether a step pulls the sources of a competitor.
func isSources(step string) bool {
	_, ok := store.ParseSourceStep(step)
	return ok
}
