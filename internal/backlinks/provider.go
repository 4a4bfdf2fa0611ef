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
// empty at first, then what the page before gave as Next.
type Window struct {
	Target   Target
	From, To day.Day
	Cursor   string
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
