package backlinks

import (
	"context"

	"landed/internal/day"
)

// Mode says how much of a target counts.
type Mode string

const (
	ModeExact      Mode = "exact"
	ModePrefix     Mode = "prefix"
	ModeDomain     Mode = "domain"
	ModeSubdomains Mode = "subdomains"
)

// Target is what a provider is asked about.
type Target struct {
	Host string // "example.com", or a URL in the modes exact and prefix
	Mode Mode
}

// Window asks for one page of links between two days, both included. Cursor is
// empty at first, then what the page before gave as Next. MaxRows, when > 0,
// lowers the rows of the page, so that it cannot cost more than is left to spend.
type Window struct {
	Target   Target
	From, To day.Day
	Cursor   string
	MaxRows  int
}

// LinkPage is one answer of a provider. Next is "" after the last page, so a
// window is complete only when a page came with an empty Next.
type LinkPage struct {
	Links []Link
	Next  string
	Cost  Cost
}

// RefDomainPage is the same for referring domains.
type RefDomainPage struct {
	Domains []RefDomain
	Next    string
	Cost    Cost
}

// Cost is what one or more requests used up.
type Cost struct {
	Requests int
	Units    int // the provider's own unit; 0 when it does not say
}

// Add sums two costs.
func (c Cost) Add(o Cost) Cost {
	return Cost{Requests: c.Requests + o.Requests, Units: c.Units + o.Units}
}

// Provider is a source of backlinks. Each call is one request (retries apart),
// so that a sync can save after each page and go on from there.
type Provider interface {
	Name() string
	Overview(ctx context.Context, t Target, on day.Day) (Snapshot, Cost, error)
	NewLinks(ctx context.Context, w Window) (LinkPage, error)
	LostLinks(ctx context.Context, w Window) (LinkPage, error)
	RefDomains(ctx context.Context, t Target, cursor string) (RefDomainPage, error)
	// AllLinks asks for the live links to a target, best authority first;
	// minAuthority > 0 leaves weaker sources out.
	AllLinks(ctx context.Context, t Target, minAuthority int, cursor string) (LinkPage, error)
}

// Reading is a target's figures on one day of its past. What was not asked for,
// or was not said, is -1.
type Reading struct {
	On         day.Day
	Authority  float64
	RefDomains int
}

// Historian is a Provider that knows a target's past. Each call is one request
// and gives weekly readings between two days, oldest first.
type Historian interface {
	AuthorityHistory(ctx context.Context, t Target, from, to day.Day) ([]Reading, Cost, error)
	RefDomainHistory(ctx context.Context, t Target, from, to day.Day) ([]Reading, Cost, error)
}

// Account is what a provider says about the token in use. Counts are -1 where
// it does not say or knows no limit; days are None where it does not say.
type Account struct {
	Plan          string
	UnitsLimit    int64 // of the workspace, until ResetOn
	UnitsUsed     int64
	KeyUnitsLimit int64 // of the key alone
	KeyUnitsUsed  int64
	ResetOn       day.Day
	KeyExpiresOn  day.Day
}

// Accountant is a Provider that can be asked about its token, free of units.
type Accountant interface {
	Account(ctx context.Context) (Account, Cost, error)
}

// Job is what a request is for.
type Job string

const (
	JobNewLinks         Job = "new_links"
	JobLostLinks        Job = "lost_links"
	JobRefDomains       Job = "refdomains"
	JobOverview         Job = "overview"
	JobAuthorityHistory Job = "authority_history"
	JobRefDomainHistory Job = "refdomain_history"
	JobAllLinks         Job = "all_links"
)

// Pricer is a Provider whose prices are known before a request is sent.
type Pricer interface {
	// Price is what getting rows rows of a job costs, in requests and units, an
	// answer that is not kept ready by the provider supposed.
	Price(job Job, rows int) Cost
	// PageRows is the most rows that one request of a job gives.
	PageRows(job Job) int
}
