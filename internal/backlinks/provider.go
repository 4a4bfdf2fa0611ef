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
//
// Whole asks LostLinks for all that NewLinks gives of a link, and not only for
// which link was lost when and why: for a target whose links are not known yet.
type Window struct {
	Target   Target
	From, To day.Day
	Cursor   string
	MaxRows  int
	Whole    bool
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
	// AllLinks asks for the live links to a target. With minAuthority > 0 it leaves
	// weaker sources out, may give only one link of each source domain, and comes
	// best source first; without, the order is the provider's own.
	AllLinks(ctx context.Context, t Target, minAuthority int, cursor string) (LinkPage, error)
}

// Reading is a target's figures on one day of its past. What was not asked for,
// or was not said, is -1. Metric is the scale of the provider's Authority, also
// where that is not said: readings of both kinds make up one history.
type Reading struct {
	On         day.Day
	Authority  float64
	Metric     Metric
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
	JobSources          Job = "sources"        // AllLinks with minAuthority
	JobNewSources       Job = "new_sources"    // SourceWatcher
	JobRestoredLinks    Job = "restored_links" // Restorer
	JobAnchors          Job = "anchors"        // Anchorer

	// The parts of an overview, see Snapshotter.
	JobAuthority  Job = "authority"
	JobLinkCounts Job = "link_counts"
	JobTraffic    Job = "traffic"
)

// Pricer is a Provider whose prices are known before a request is sent.
type Pricer interface {
	// Price is what getting rows rows of a job costs, in requests and units, an
	// answer that is not kept ready by the provider supposed.
	Price(job Job, rows int) Cost
	// PageRows is the most rows that one request of a job gives.
	PageRows(job Job) int
}

// Parts are the parts of a Snapshot that a provider sells apart; they can be added.
type Parts uint8

const (
	AuthorityPart Parts = 1 << iota // Authority and Metric
	LinkPart                        // Backlinks and RefDomains
	TrafficPart                     // OrganicTraffic and OrganicKeywords

	AllParts = AuthorityPart | LinkPart | TrafficPart
)

// Snapshotter is a Provider whose overview can be had in parts, one request each.
// The counts of a part that was not asked for are -1, its Metric is MetricNone.
type Snapshotter interface {
	Snapshot(ctx context.Context, t Target, on day.Day, parts Parts) (Snapshot, Cost, error)
}

// Restorer is a Provider that knows which links came back after they had been
// lost. They are those verified as live in the window.
type Restorer interface {
	RestoredLinks(ctx context.Context, w Window) (LinkPage, error)
}

// DomainWatcher is a Provider that can be asked for only the referring domains
// whose first link was found in the window.
type DomainWatcher interface {
	NewRefDomains(ctx context.Context, w Window) (RefDomainPage, error)
}

// SourceWatcher is a Provider that can be asked for only those sources, as AllLinks
// with minAuthority gives them, of which a link was found in the window. A domain
// that had linked before may be among them with a further link.
type SourceWatcher interface {
	NewSources(ctx context.Context, w Window, minAuthority int) (LinkPage, error)
}

// Anchor is a text that links to a target.
type Anchor struct {
	Text     string
	Links    int
	Dofollow int // of Links
}

// AnchorPage is one answer of an Anchorer.
type AnchorPage struct {
	Anchors []Anchor
	Next    string
	Cost    Cost
}

// Anchorer is a Provider that counts anchor texts, the most used first.
type Anchorer interface {
	Anchors(ctx context.Context, t Target, cursor string) (AnchorPage, error)
}

// Chooser is a Provider that speaks one of several dialects, and may have to ask
// which. Choose gives the provider of the dialect in use: it has the methods of
// Historian and so on only if the dialect has them.
type Chooser interface {
	Choose(ctx context.Context) (Provider, error)
}

// As gives p as T, an interface such as Historian; ok is false when the provider
// cannot do that. An error says that it could not be found out.
func As[T any](ctx context.Context, p Provider) (t T, ok bool, err error) {
	if c, chooses := p.(Chooser); chooses {
		if p, err = c.Choose(ctx); err != nil {
			return t, false, err
		}
	}
	t, ok = p.(T)
	return t, ok, nil
}
