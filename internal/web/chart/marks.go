package chart

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
)

// sortedMarks puts the landed ones before the lost ones, each by day.
func sortedMarks(marks []Mark) []Mark {
	out := slices.Clone(marks)
	slices.SortStableFunc(out, func(a, b Mark) int {
		if a.Lost != b.Lost {
			if b.Lost {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Day, b.Day)
	})
	return out
}

func byKind(sorted []Mark) (landed, lost []Mark) {
	n := slices.IndexFunc(sorted, func(m Mark) bool { return m.Lost })
	if n < 0 {
		n = len(sorted)
	}
	return sorted[:n], sorted[n:]
}

// groups puts marks of one kind together that would cover one another: a mark
// joins the group before it when it is less than a share of the axis from its
// middle. So the middles of neighbours are that far apart, and no group spans
// twice as much. Two groupings are printed, and the width of the plot chooses
// in CSS.
func (p *plot) groups(share float64) [][]Mark {
	apart := day.Day(bucket(p.From, p.To, share))
	run := func(of []Mark) (first, rest []Mark) { // the groups are parts of p.marks: nothing is copied
		n := 1
		for n < len(of) && of[n].Day-middle(of[:n]) < apart {
			n++
		}
		return of[:n], of[n:]
	}
	landed, lost := byKind(p.marks)
	out := make([][]Mark, 0, 64)
	var g []Mark
	for len(landed)+len(lost) > 0 {
		if len(lost) == 0 || len(landed) > 0 && landed[0].Day <= lost[0].Day {
			g, landed = run(landed)
		} else {
			g, lost = run(lost)
		}
		out = append(out, g)
	}
	return out
}

// middle is the day that a group is drawn at.
func middle(g []Mark) day.Day { return g[0].Day + (g[len(g)-1].Day-g[0].Day)/2 }

// Shares of the axis that one diamond takes, on a wide and on a narrow plot.
const fine, coarse = 0.022, 0.07

func bucket(from, to day.Day, share float64) int {
	return max(1, int(math.Round(float64(to-from+1)*share)))
}

func (m Mark) count() int { return max(1, m.Count) }

func countOf(g []Mark) int {
	n := 0
	for _, m := range g {
		n += m.count()
	}
	return n
}

// namesAtMost is up to how many placements are named in the card of a group.
const namesAtMost = 5

// NamedDays picks, of marks that stand for all placements of a day each, the
// days whose placements are named one by one on an axis from one day to another:
// those of groups so small that the card names all of them. So a page needs no
// more than a few names however many placements there are.
func NamedDays(from, to day.Day, marks []Mark) []day.Day {
	p := &plot{Line: Line{From: from, To: to}, marks: sortedMarks(marks)}
	named := map[day.Day]bool{}
	for _, share := range []float64{fine, coarse} {
		for _, g := range p.groups(share) {
			if countOf(g) > namesAtMost {
				continue
			}
			for _, m := range g {
				named[m.Day] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(named))
}

func (p *plot) printMarks(w *buf, share float64) {
	var taken []spot
	for _, g := range p.groups(share) {
		mid := g[(len(g)-1)/2]
		mid.Day = middle(g)
		at := p.free(spot{p.x(mid.Day), p.y(p.valueAt(mid))}, taken, share)
		taken = append(taken, at)
		p.printMark(w, g, mid, at)
	}
}

// A spot is where a diamond is drawn: x in per cent, y in pixels.
type spot struct{ x, y float64 }

// free moves a mark up from those it would cover, or down where there is no room
// above: a landed and a lost one of the same days are two groups at one place.
func (p *plot) free(s spot, taken []spot, share float64) spot {
	const apart = 17 // px: two halves of a large diamond, nearly
	covers := func(y float64) bool {
		return slices.ContainsFunc(taken, func(t spot) bool { return math.Abs(s.x-t.x) < share*100 && math.Abs(y-t.y) < apart })
	}
	for up := 0.0; up <= s.y; up += apart {
		if !covers(s.y - up) {
			return spot{s.x, s.y - up}
		}
	}
	for down := s.y + apart; down < float64(p.h-bottomPad); down += apart {
		if !covers(down) {
			return spot{s.x, down}
		}
	}
	return s
}

// printMark prints one diamond: a link to its pitch, or to the list of the
// pitches it stands for.
func (p *plot) printMark(w *buf, g []Mark, mid Mark, at spot) {
	href, size, class := mid.Href, "6.5", "mk"
	title, lines := single(mid)
	if n := countOf(g); n > 1 {
		if size = "9"; n > 9 {
			size = "11" // room for two digits
		}
		title, lines = several(g)
		if href = g[0].Href; p.GroupHref != nil {
			href = p.GroupHref(g[0].Day, g[len(g)-1].Day, mid.Lost)
		}
	}
	if mid.Lost {
		class = "mk lost"
	}
	if p.Plain {
		w.s(`<g><title>`).t(title + ", " + strings.Join(lines, ", ")).s(`</title>`)
		p.diamond(w, at, class, size, countOf(g))
		w.s(`</g>`)
		return
	}
	w.s(`<a href="`).href(href).s(`" data-i="`).n(p.nearest(mid)).s(`" data-t="`).t(title).
		s(`" data-m="`).t(strings.Join(lines, "|")).s(`" aria-label="`).t(title + ", " + strings.Join(lines, ", ")).s(`">`)
	p.diamond(w, at, class, size, countOf(g))
	w.s(`</a>`)
}

func (p *plot) diamond(w *buf, at spot, class, size string, count int) {
	w.s(`<svg class="`, class, `" x="`).f(at.x, 2).s(`%" y="`).f(at.y, 1).s(`" overflow="visible"><circle class="hit" r="12"></circle>`)
	w.s(`<path d="M0-`, size, `L`, size, ` 0 0 `, size, `-`, size, ` 0z"></path>`)
	if count > 1 {
		w.s(`<text y="3.4">`).n(count).s(`</text>`)
	}
	w.s(`</svg>`)
}

func single(m Mark) (title string, lines []string) {
	title = m.Outlet
	if m.Lost {
		title = "Lost: " + title
	}
	for _, s := range []string{m.Title, m.Note, date(m.Day)} {
		if s != "" {
			lines = append(lines, oneLine(s))
		}
	}
	return title, lines
}

func several(g []Mark) (title string, lines []string) {
	n := countOf(g)
	title = strconv.Itoa(n) + " placements landed"
	if g[0].Lost {
		title = strconv.Itoa(n) + " links lost"
	}
	if named := g[:min(namesAtMost, len(g))]; !slices.ContainsFunc(named, func(m Mark) bool { return m.Outlet == "" }) {
		for _, m := range named {
			lines = append(lines, oneLine(m.Outlet))
		}
		if more := n - countOf(named); more > 0 {
			lines = append(lines, "and "+strconv.Itoa(more)+" more")
		}
	}
	when := date(g[0].Day)
	if last := g[len(g)-1].Day; last != g[0].Day {
		when += " to " + date(last)
	}
	return title, append(lines, when)
}

// oneLine keeps a text from being cut at the sign that parts the lines of the
// card.
func oneLine(s string) string { return strings.ReplaceAll(s, "|", "¦") }

// nearest is the index of the reading closest to a mark's day.
func (p *plot) nearest(m Mark) int {
	i, found := slices.BinarySearchFunc(p.points, m, func(pt Point, m Mark) int { return cmp.Compare(pt.Day, m.Day) })
	switch {
	case found || i == 0:
		return i
	case i == len(p.points) || m.Day-p.points[i-1].Day <= p.points[i].Day-m.Day:
		return i - 1
	}
	return i
}

// valueAt is the height of the curve under a mark, so that diamonds sit on the
// line also between two readings; inside a gap it is that of the nearest one.
func (p *plot) valueAt(m Mark) float64 {
	for _, run := range p.runs {
		if m.Day < run[0].Day || m.Day > run[len(run)-1].Day {
			continue
		}
		i, found := slices.BinarySearchFunc(run, m, func(pt Point, m Mark) int { return cmp.Compare(pt.Day, m.Day) })
		if found {
			return run[i].Value
		}
		a, b := run[i-1], run[i]
		return a.Value + (b.Value-a.Value)*float64(m.Day-a.Day)/float64(b.Day-a.Day)
	}
	return p.points[p.nearest(m)].Value
}
