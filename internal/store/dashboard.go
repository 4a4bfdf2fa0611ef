package store

import (
	"landed/internal/day"
)

// Mark is a credited placement on a chart: when it went live, or was lost.
type Mark struct {
	LinkID, PitchID int64
	On              day.Day
	Lost            bool
	Outlet, Subject string
	Authority       float64
	Confirmed       bool
}

// DomainRow is one referring domain of a list.
type DomainRow struct {
	Domain    string
	FirstSeen day.Day
	Class     string // outreach, unreviewed, organic
	Links     int    // stored here
	LiveLinks int
	SaidLinks int // as the provider counts; -1 = it has not said
	Authority float64
	Metric    string
	FirstLink int64
}

// DomainFilter says which referring domains a list shows.
type DomainFilter struct {
	Site     int64
	Class    string
	From, To day.Day
	Prefix   string
	After    string
	Back     bool
	Limit    int
}

// DomainPage is one page of referring domains.
type DomainPage struct {
	Rows       []DomainRow
	Prev, Next string
	Total      Total
}
