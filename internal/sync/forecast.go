package sync

import (
	"context"
	"slices"

	"landed/internal/backlinks"
	"landed/internal/store"
)

// Forecast is what the next sync of a site will do and cost.
type Forecast struct {
	Steps     []store.SyncStep // Rows, Requests and Units are what is expected
	Endpoints string           // the provider's endpoint set, where it has several
	Priced    bool             // the provider says its prices
	// Unknown names the steps for whose rows nothing speaks yet: they cost at least
	// what is counted for them.
	Unknown []string
	can     abilities
}

// Cost is the sum of the steps.
func (f Forecast) Cost() (c backlinks.Cost) {
	for _, s := range f.Steps {
		c = c.Add(backlinks.Cost{Requests: s.Requests, Units: s.Units})
	}
	return c
}

// cost is Cost as a run notes it: -1 where something is unknown.
func (f Forecast) cost() backlinks.Cost {
	if !f.Priced || len(f.Unknown) > 0 {
		return backlinks.Cost{Requests: -1, Units: -1}
	}
	return f.Cost()
}

// Forecast says what a sync of the site would do and cost now. years is as in
// store.Asked. It may ask the provider which endpoint set it has, free of units.
func (s *Syncer) Forecast(ctx context.Context, site int64, years int) (Forecast, error) {
	return s.ForecastAsked(ctx, site, store.Asked{Years: years})
}

// ForecastAsked is Forecast for whatever can be asked for.
func (s *Syncer) ForecastAsked(ctx context.Context, site int64, asked store.Asked) (Forecast, error) {
	of, err := s.Store.Site(ctx, site)
	if err != nil {
		return Forecast{}, err
	}
	return s.plan(ctx, of, asked)
}

// pastRuns is how many runs a forecast looks back on.
const pastRuns = 8

// estimate fills in the rows that a step brings, from what it brought a day lately,
// and their price.
func (s *Syncer) estimate(ctx context.Context, site store.Site, f *Forecast) error {
	if f.Priced = f.can.pricer != nil && f.can.rich(); !f.Priced {
		return nil
	}
	for i := range f.Steps {
		step := &f.Steps[i]
		known := true
		switch step.Name {
		case Overview:
			step.Rows = 1
		case AllLinks:
			var err error
			if step.Rows, known, err = s.listed(ctx, site); err != nil {
				return err
			}
		case AuthorityHistory, RefDomainHistory:
			step.Rows = int(step.To-step.From)/week + 1
		default:
			past, err := s.Store.PastSteps(ctx, site.ID, step.Name, pastRuns)
			if err != nil {
				return err
			}
			step.Rows, known = expected(*step, past)
		}
		c := f.can.pricer.Price(job(*step), step.Rows)
		if step.Requests, step.Units = c.Requests, c.Units; !known {
			f.Unknown = append(f.Unknown, step.Name)
		}
	}
	return nil
}

// expected is how many rows a step brings if it goes on like the past ones.
func expected(step store.SyncStep, past []store.PastStep) (rows int, known bool) {
	if step.Name == Restored {
		if len(past) == 0 {
			return 0, true // hardly any: the price of a request covers 10
		}
		return past[0].Rows, true
	}
	if isSources(step.Name) {
		// What a whole list brought says nothing of what is new, nor the other way round.
		past = slices.DeleteFunc(past, func(p store.PastStep) bool { return p.From.Known() != step.From.Known() })
	}
	if len(past) == 0 {
		return 0, false
	}
	if !step.From.Known() {
		return past[0].Rows, true
	}
	sum, days := 0, 0
	for _, p := range past {
		sum += p.Rows
		days += int(p.To-p.From) + 1
	}
	return (sum*(int(step.To-step.From)+1) + days - 1) / days, true
}

// job is what a step's requests are called in price lists; steps bear the names of
// jobs.
func job(step store.SyncStep) backlinks.Job {
	switch {
	case !isSources(step.Name):
		return backlinks.Job(step.Name)
	case step.From.Known():
		return backlinks.JobNewSources
	}
	return backlinks.JobSources
}
