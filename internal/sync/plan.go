package sync

import (
	"cmp"
	"context"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
)

// The steps of a run.
const (
	Overview         = "overview"
	NewLinks         = "new_links"
	LostLinks        = "lost_links"
	RefDomains       = "refdomains"
	Restored         = "restored_links"
	AuthorityHistory = "authority_history"
	RefDomainHistory = "refdomain_history"
	AllLinks         = "all_links"
)

// How a plan is made for a provider with prices and history. docs/sync.md has the
// computation; in short, of a site with 50 new and 10 lost links a week:
//
//   - New and lost links have no price beside their rows, so they are asked for at
//     each run, from the day to which the run before has pulled whole.
//   - A day is whole when it was pulled at least settle after its end. A run at
//     6 o'clock so repeats the rows of 6 hours, which costs 3 % of the new links;
//     3 whole days each week, as for providers without a price, would cost 48 %.
//   - Whether that is enough is measured, not believed: the second run of a site
//     and then one each quarter looks checkDays further back (48 % of one week,
//     4 % over a quarter). If such a check brings up a link, links of the
//     site come late, and all runs look as far back until a check finds none.
//   - A request costs as much as 4 new links even if it brings nothing. Histories fill
//     the weeks between two askings, so they are asked for every fourth week, and
//     the links that came back with them. The whole overview, whose rating and count
//     of domains the histories have as well, comes once a quarter.
//   - All referring domains are asked for once. Later ones come with their links.
const (
	firstDays    = 365 // how far back the first run of a site looks
	overlap      = 3   // whole days that are asked for again from a provider without a price
	settle       = 6 * time.Hour
	checkDays    = 3
	checkEvery   = 84 // days
	historyEvery = 28
	wholeEvery   = 84
	historyYears = 2
	week         = 7
)

// abilities are what a provider can do beyond links; nil = it cannot.
type abilities struct {
	pricer    backlinks.Pricer
	historian backlinks.Historian
	restorer  backlinks.Restorer
	watcher   backlinks.SourceWatcher
	set       string
}

// rich reports whether the provider is asked by its prices.
func (a abilities) rich() bool { return a.pricer != nil && a.historian != nil }

func abilitiesOf(ctx context.Context, p backlinks.Provider) (a abilities, err error) {
	if a.pricer, _, err = backlinks.As[backlinks.Pricer](ctx, p); err == nil {
		a.historian, _, err = backlinks.As[backlinks.Historian](ctx, p)
	}
	if err == nil {
		a.restorer, _, err = backlinks.As[backlinks.Restorer](ctx, p)
	}
	if err == nil {
		a.watcher, _, err = backlinks.As[backlinks.SourceWatcher](ctx, p)
	}
	if s, ok := p.(interface{ Endpoints() string }); ok {
		a.set = s.Endpoints()
	}
	return a, err
}

// plan gives the steps of a new run. Years > 0 asks for so many years of history: of a
// site that was synced before, for nothing else. EveryLink adds the list of everything
// that lives, last: what the provider says of losses is then known.
//
// Windows end today: what is new today is worth showing, but only days that are
// whole count as pulled.
func (s *Syncer) plan(ctx context.Context, site store.Site, asked store.Asked) (Forecast, error) {
	years := asked.Years
	f := Forecast{}
	var err error
	if f.can, err = abilitiesOf(ctx, s.Provider); err != nil {
		return f, err
	}
	f.Endpoints = f.can.set
	marks, err := s.Store.SyncMarks(ctx, site.ID)
	if err != nil {
		return f, err
	}
	past := f.can.rich() && years > 0 && marks[NewLinks].Known()
	switch {
	case !f.can.rich():
		f.Steps = s.steps(marks)
	case past:
		f.Steps, err = s.pastSteps(ctx, site, years)
	default:
		f.Steps, err = s.cheapSteps(ctx, site, f.can, marks, years)
	}
	if err == nil && asked.EveryLink {
		err = checkListable(site)
		f.Steps = append(f.Steps, store.SyncStep{Name: AllLinks, To: day.Of(s.now())})
	}
	if err == nil && !past {
		var sources []store.SyncStep
		sources, err = s.sourceSteps(ctx, site, f.can, marks)
		f.Steps = append(f.Steps, sources...)
	}
	if err == nil {
		err = s.estimate(ctx, site, &f)
	}
	return f, err
}

func (s *Syncer) first() day.Day {
	if s.FirstDays > 0 {
		return day.Day(s.FirstDays)
	}
	return firstDays
}

// steps are those for a provider without a price.
func (s *Syncer) steps(marks map[string]day.Day) []store.SyncStep {
	today := day.Of(s.now())
	window := func(name string) store.SyncStep {
		from := today - s.first()
		if mark, ok := marks[name]; ok {
			from = min(mark+1-overlap, today)
		}
		return store.SyncStep{Name: name, From: from, To: today}
	}
	return []store.SyncStep{{Name: Overview}, window(NewLinks), window(LostLinks), {Name: RefDomains}}
}

// cheapSteps are those for a provider with prices. On first contact the cheap ones
// that fill the charts come first, so that a budget that ends the run leaves them.
func (s *Syncer) cheapSteps(ctx context.Context, site store.Site, can abilities, marks map[string]day.Day, years int) ([]store.SyncStep, error) {
	today := day.Of(s.now())
	var first, regular, late []store.SyncStep
	if today-marks[Overview] >= wholeEvery {
		first = append(first, store.SyncStep{Name: Overview, To: today})
	}
	if years == 0 {
		years = historyYears
	}
	for _, name := range []string{AuthorityHistory, RefDomainHistory} {
		from := today.Time().AddDate(-years, 0, 0)
		step := store.SyncStep{Name: name, From: day.Of(from), To: today}
		if mark := marks[name]; mark.Known() {
			// The mark is the last reading; the next one is a week later.
			if step.From = mark + week; today-mark < historyEvery {
				continue
			}
		}
		first = append(first, step)
	}
	check, err := s.checkDue(ctx, site, today)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{NewLinks, LostLinks} {
		step := store.SyncStep{Name: name, From: today - s.first(), To: today}
		if mark := marks[name]; mark.Known() {
			step.Settled = min(mark+1, today)
			if step.From = step.Settled; check {
				step.From -= checkDays
			}
		}
		regular = append(regular, step)
	}
	// Asked for by its date and not by the mark, which an empty list leaves alone.
	asked, err := s.Store.PastSteps(ctx, site.ID, Restored, 1)
	if err != nil {
		return nil, err
	}
	if can.restorer != nil && marks[NewLinks].Known() && (len(asked) == 0 || today-asked[0].To >= historyEvery) {
		from := cmp.Or(marks[Restored], marks[RefDomains], today-s.first()) // RefDomains has the day of the first contact
		late = append(late, store.SyncStep{Name: Restored, From: from, To: today})
	}
	if !marks[RefDomains].Known() {
		late = append(late, store.SyncStep{Name: RefDomains, To: today})
	}
	return append(append(first, regular...), late...), nil
}

// checkDue reports whether the run is to look at settled days again.
func (s *Syncer) checkDue(ctx context.Context, site store.Site, today day.Day) (bool, error) {
	last, ok, err := s.Store.LastCheck(ctx, site.ID, NewLinks)
	return !ok || last.Late > 0 || today-last.To >= checkEvery, err
}

// pastSteps ask for the history before what is known.
func (s *Syncer) pastSteps(ctx context.Context, site store.Site, years int) ([]store.SyncStep, error) {
	today := day.Of(s.now())
	known, err := s.Store.History(ctx, site.ID, today, today)
	from, to := day.Of(today.Time().AddDate(-years, 0, 0)), today
	if known.First.Known() {
		to = known.First - 1
	}
	if err != nil || from > to {
		return nil, err
	}
	return []store.SyncStep{{Name: AuthorityHistory, From: from, To: to}, {Name: RefDomainHistory, From: from, To: to}}, nil
}

// mark is the day up to which a step is whole once its last page is saved.
//
// A list of links that came without a row moves nothing: an empty answer may be a
// mistake of the provider's, and if it is none, asking for its days once more brings
// no row that would have to be paid.
func (p *pull) mark(step store.SyncStep, a page) day.Day {
	if (step.Name == NewLinks || step.Name == LostLinks || step.Name == Restored || isSources(step.Name)) && step.Rows+a.rows == 0 {
		return day.None
	}
	if !p.can.rich() {
		if step.To.Known() {
			return step.To - 1
		}
		return day.None
	}
	switch {
	case step.Name == NewLinks, step.Name == LostLinks, isSources(step.Name):
		return min(step.To, day.Of(p.run.StartedAt.Add(-settle))-1)
	case step.Name == AuthorityHistory, step.Name == RefDomainHistory:
		if n := len(a.readings); n > 0 {
			return a.readings[n-1].On
		}
	}
	return step.To
}
