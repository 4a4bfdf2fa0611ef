// Package chart prints charts as SVG inside a whole <figure>: caption, range
// links, plot, legend, the same figures as a table, and the data for the
// crosshair. It is pure: the same model gives the same bytes, and every text
// of the model is escaped here.
//
// Curves are stretched by the browser (nested viewBox without aspect ratio);
// everything else has its x in per cent and its y in pixels, so that texts and
// marks keep their shape at any width without script. Nothing needs a style
// attribute, so a strict Content-Security-Policy holds.
package chart

import "landed/internal/day"

// Format says how values are written.
type Format int

const (
	Count  Format = iota // 1,356
	Rating               // 56.5, a score from 0 to 100
)

// A Point is one reading. Days without a reading are left out, or have NaN:
// they are never drawn as zero.
type Point struct {
	Day   day.Day
	Value float64
}

// A Series is a further curve beside the main one, drawn thin.
type Series struct {
	Name   string
	Points []Point
}

// A Mark is one placement on the curve: landed (filled) or lost (hollow).
type Mark struct {
	Day    day.Day
	Lost   bool
	Outlet string // heading of its card: "example.com"
	Title  string // the pitch
	Note   string // "DR 78 · Ana Example"; may be empty
	Href   string // the pitch's page
	// Count is how many placements of that day the mark stands for; 0 means 1.
	// Above 1 the texts and Href are left empty; GroupHref leads to a list.
	Count int
}

// A Range is one link of the range switch.
type Range struct {
	Label   string // "12m"
	Href    string // works without script: "?range=12m"
	Get     string // htmx gets the figure alone from here; "" for a plain link
	Current bool
}

// Line is a curve over days with marks on it.
type Line struct {
	ID    string // of the figure, unique in the page; htmx swaps it by this
	Title string // "Domain Rating"
	Sub   string // small text under the title, may be empty
	Now   string // the latest figure as text: "56.5"
	Delta string // "+3.9 in 12 months", may be empty
	Trend int    // colour of Delta: above 0 good, below 0 bad, 0 neither

	Points []Point // any order; two readings of a day: the last one counts
	Others []Series
	Format Format

	// From and To are the first and last day of the x axis. None means the
	// first and last reading of the main series. Points and marks outside are
	// not drawn.
	From, To day.Day
	// MaxGap is how many days two neighbouring readings may be apart and still
	// be joined. 0 means three times the usual distance of this series.
	MaxGap int

	Marks []Mark
	// GroupHref is the address of several marks printed as one (their first and
	// last day). Nil means the page of the first of them.
	GroupHref func(from, to day.Day, lost bool) string

	Ranges []Range
	CSV    string // address of the CSV export, may be empty
	Icons  string // address of the icon sprite, for the options button
	Wait   string // said beside "needs 3 points": "The next reading is on 25 Nov."
	Height int    // of the plot in CSS pixels; 0 means 230
	Level  int    // of the heading; 0 means 2
	// Plain leaves out links, menu and data for script: for printed and shared
	// reports.
	Plain bool
}

// Bars is a chart of stacked columns, at most three parts each.
type Bars struct {
	ID, Title, Sub string
	Keys           []string // names of the parts, bottom first
	Cols           []Col
	Hrefs          []string // of the rows behind each column, linked from the table; may be nil
	RowHead        string   // head of the table's first column; "" means "Month"
	Empty          string   // said when all is zero; "" means "Nothing to show in this period."
	Height         int      // 0 means 190
	Level          int      // 0 means 2
}

// A Col is one column; Values stand in the order of Bars.Keys.
type Col struct {
	Label  string // "November 2026"
	Short  string // "Nov", under the column
	Values []int
}

const (
	minPoints = 3   // fewer is no curve
	maxPoints = 750 // more than daily for two years only costs bytes
	topPad    = 18  // px above the plot, for the highest label and mark
	bottomPad = 24  // px under it, for the x labels
)
