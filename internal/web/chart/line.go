package chart

import (
	"math"
	"strconv"

	"landed/internal/day"
)

// plot is a Line made ready to be drawn: what lies on the axis, and the scale.
type plot struct {
	Line
	points   []Point // cleaned, thinned
	runs     [][]Point
	others   [][]Point
	marks    []Mark
	ticks    []float64
	min, max float64
	h, ph    int // height of the svg, and of the plot inside it
	landed   int
	lost     int
}

// HTML prints the figure. With fewer than three readings it says so instead of
// drawing a curve that would claim a course.
func (l Line) HTML() string {
	p := newPlot(l)
	w := &buf{b: make([]byte, 0, 24<<10+48*len(p.points))}
	if len(p.points) < minPoints {
		return p.tooFew(w)
	}
	w.s(`<figure class="chart" id="`).t(p.ID).s(`"`)
	if !p.Plain {
		w.s(` data-chart`)
	}
	w.s(`>`)
	p.caption(w)
	p.drawing(w)
	p.legend(w)
	p.table(w)
	if !p.Plain {
		p.island(w)
	}
	return string(w.s(`</figure>`).b)
}

func newPlot(l Line) *plot {
	if l.Height <= 0 {
		l.Height = 230
	}
	if l.Level <= 0 {
		l.Level = 2
	}
	p := &plot{Line: l, points: thin(clean(l.Points, l.From, l.To)), h: l.Height, ph: l.Height - topPad - bottomPad}
	if len(p.points) < minPoints {
		return p
	}
	if !p.From.Known() {
		p.From = p.points[0].Day
	}
	if !p.To.Known() {
		p.To = p.points[len(p.points)-1].Day
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range p.Others {
		p.others = append(p.others, thin(clean(s.Points, p.From, p.To)))
	}
	for _, s := range append([][]Point{p.points}, p.others...) {
		for _, pt := range s {
			lo, hi = min(lo, pt.Value), max(hi, pt.Value)
		}
	}
	p.runs = segments(p.points, p.MaxGap)
	p.ticks = ticks(lo, hi, max(2, min(5, (p.ph+23)/47)), p.Format == Count)
	p.min, p.max = p.ticks[0], p.ticks[len(p.ticks)-1]
	for _, m := range sortedMarks(l.Marks) {
		if m.Day < p.From || m.Day > p.To {
			continue
		}
		p.marks = append(p.marks, m)
		if m.Lost {
			p.lost += m.count()
		} else {
			p.landed += m.count()
		}
	}
	return p
}

// x is a day's place on the axis in per cent.
func (p *plot) x(d day.Day) float64 { return float64(d-p.From) / float64(p.To-p.From) * 100 }

// y is a value's place in pixels from the top.
func (p *plot) y(v float64) float64 {
	return topPad + (1-(v-p.min)/(p.max-p.min))*float64(p.ph)
}

func (p *plot) caption(w *buf) {
	level := strconv.Itoa(p.Level)
	w.s(`<figcaption><div class="ttl"><h`, level, `>`).t(p.Title).s(`</h`, level, `>`)
	if p.Sub != "" {
		w.s(`<p class="sub">`).t(p.Sub).s(`</p>`)
	}
	if p.Now != "" {
		w.s(`<p class="now">`).t(p.Now)
		if p.Delta != "" {
			class := ""
			switch {
			case p.Trend > 0:
				class = ` class="up"`
			case p.Trend < 0:
				class = ` class="down"`
			}
			w.s(`<small`, class, `>`).t(p.Delta).s(`</small>`)
		}
		w.s(`</p>`)
	}
	w.s(`</div>`)
	if !p.Plain {
		p.switches(w)
	}
	w.s(`</figcaption>`)
}

// switches are the range links and the options menu.
func (p *plot) switches(w *buf) {
	few := len(p.points) < minPoints
	if few && len(p.Ranges) == 0 {
		return
	}
	w.s(`<div class="rowx no-print">`)
	if len(p.Ranges) > 0 {
		w.s(`<div class="seg" role="group" aria-label="Range of `).t(p.Title).s(`">`)
		for _, r := range p.Ranges {
			w.s(`<a href="`).href(r.Href).s(`"`)
			if r.Get != "" {
				w.s(` hx-get="`).t(r.Get).s(`" hx-target="#`).t(p.ID).s(`" hx-swap="outerHTML"`)
			}
			if r.Current {
				w.s(` aria-current="true"`)
			}
			w.s(`>`).t(r.Label).s(`</a>`)
		}
		w.s(`</div>`)
	}
	if few {
		w.s(`</div>`)
		return
	}
	w.s(`<button type="button" class="btn quiet ic s`)
	if p.CSV == "" { // all that is left in the menu needs script
		w.s(` js-only`)
	}
	w.s(`" aria-label="Options for `).t(p.Title).s(`" popovertarget="pop-`).t(p.ID).s(`">`)
	p.icon(w, "ellipsis")
	w.s(`</button><div class="pop" id="pop-`).t(p.ID).s(`" popover><button type="button" class="js-only" data-png>`)
	p.icon(w, "image")
	w.s(`Save as PNG</button>`)
	if p.CSV != "" {
		w.s(`<a href="`).href(p.CSV).s(`">`)
		p.icon(w, "download")
		w.s(`Export CSV</a>`)
	}
	w.s(`</div></div>`)
}

func (p *plot) icon(w *buf, name string) {
	if p.Icons != "" {
		w.s(`<svg class="i" aria-hidden="true"><use href="`).href(p.Icons).s(`#`, name, `"></use></svg>`)
	}
}

func (p *plot) drawing(w *buf) {
	role := "group"
	if p.Plain {
		role = "img"
	}
	w.s(`<div class="plot"><svg height="`).n(p.h).s(`" role="`, role, `" aria-label="`).t(p.summary()).s(`">`)
	for i, v := range p.ticks {
		class := "g"
		if i == 0 {
			class = "g g0"
		}
		w.s(`<line class="`, class, `" x1="0" x2="100%" y1="`).f(p.y(v), 1).s(`" y2="`).f(p.y(v), 1).s(`"></line>`)
	}
	p.curves(w)
	dates := xlabels(p.From, p.To)
	for i, v := range p.ticks {
		if y, ok := p.labelAt(i, dates); ok {
			w.s(`<text class="yl" x="0" y="`).f(y, 1).s(`">`, p.Format.value(v), `</text>`)
		}
	}
	for _, l := range dates {
		if x := p.x(l.at); x > 2 && x < 98 {
			w.s(`<text x="`).f(x, 2).s(`%" y="`).n(p.h-6).s(`" text-anchor="middle">`, l.text, `</text>`)
		}
	}
	w.s(`<g class="marks fine">`)
	p.printMarks(w, fine)
	w.s(`</g><g class="marks coarse">`)
	p.printMarks(w, coarse)
	w.s(`</g></svg></div>`)
}

// labelShare is how much of the axis a label of the scale takes at the left.
const labelShare = 6

// labelAt is the base line of a tick's label: on its grid line, or under it where
// the curve would run through it. ok is false when there is no room in either
// place. A count's zero needs no label.
func (p *plot) labelAt(tick int, dates []xlabel) (y float64, ok bool) {
	const above, under, tall = -5, 12, 10 // px from the line; the height of a digit and some air
	if tick == 0 && p.Format != Rating {
		return 0, false
	}
	line := p.y(p.ticks[tick])
	if base := line + above; p.clear(base-tall, base+3) {
		return base, true
	}
	if tick == 0 {
		for _, l := range dates {
			if x := p.x(l.at); x > 2 && x < labelShare+2 { // a date stands there
				return 0, false
			}
		}
	}
	base := line + under
	return base, p.clear(base-tall, base+3)
}

// clear reports whether no curve runs between two heights where labels stand.
func (p *plot) clear(top, bottom float64) bool {
	for _, s := range append([][]Point{p.points}, p.others...) {
		before := math.NaN()
		for _, pt := range s {
			y := p.y(pt.Value)
			low, high := min(y, before), max(y, before) // of the piece from the reading before
			if math.IsNaN(before) {
				low, high = y, y
			}
			if low <= bottom && high >= top {
				return false
			}
			if p.x(pt.Day) > labelShare {
				break
			}
			before = y
		}
	}
	return true
}

// summary is what a screen reader hears for the whole drawing.
func (p *plot) summary() string {
	first, last := p.points[0], p.points[len(p.points)-1]
	s := p.Title + ": from " + p.Format.value(first.Value) + " on " + date(first.Day) +
		" to " + p.Format.value(last.Value) + " on " + date(last.Day)
	if p.landed > 0 {
		s += ", " + plural(p.landed, "placement marked", "placements marked")
	}
	if p.lost > 0 {
		s += ", " + plural(p.lost, "lost link marked", "lost links marked")
	}
	if n := len(p.runs) - 1; n > 0 {
		s += ", " + plural(n, "gap without readings", "gaps without readings")
	}
	return s
}

// curves draws the area, the other series and the main curve, one path each
// however many readings there are.
func (p *plot) curves(w *buf) {
	w.s(`<svg viewBox="0 0 1000 `).n(p.h).s(`" width="100%" height="`).n(p.h).s(`" preserveAspectRatio="none" aria-hidden="true"><path class="ar" d="`)
	for _, run := range p.runs {
		p.path(w, run)
		w.s(`L`).f(p.x(run[len(run)-1].Day)*10, 1).s(` `).n(p.h-bottomPad).s(`L`).f(p.x(run[0].Day)*10, 1).s(` `).n(p.h - bottomPad).s(`z`)
	}
	w.s(`"></path>`)
	for i, s := range p.others {
		w.s(`<path class="ln l`).n(2 + i%3).s(`" d="`)
		for _, run := range segments(s, p.MaxGap) {
			p.path(w, run)
		}
		w.s(`"></path>`)
	}
	w.s(`<path class="ln" d="`)
	for _, run := range p.runs {
		p.path(w, run)
	}
	w.s(`"></path></svg>`)
	for _, run := range p.runs { // a reading alone between two gaps has no line to be seen by
		if len(run) == 1 {
			w.s(`<circle class="pt" cx="`).f(p.x(run[0].Day), 2).s(`%" cy="`).f(p.y(run[0].Value), 1).s(`" r="2.5"></circle>`)
		}
	}
}

func (p *plot) path(w *buf, run []Point) {
	for i, pt := range run {
		sep := "L"
		if i == 0 {
			sep = "M"
		}
		w.s(sep).f(p.x(pt.Day)*10, 1).s(` `).f(p.y(pt.Value), 1)
	}
}

func (p *plot) legend(w *buf) {
	w.s(`<ul class="legend"><li><span class="sw"></span>`).t(p.Title).s(`</li>`)
	for i, s := range p.Others {
		w.s(`<li><span class="sw l`).n(2 + i%3).s(`"></span>`).t(s.Name).s(`</li>`)
	}
	if p.landed > 0 {
		w.s(`<li><span class="dm-i"></span>Placement landed (`).n(p.landed).s(`)</li>`)
	}
	if p.lost > 0 {
		w.s(`<li><span class="dm-i lost"></span>Placement lost (`).n(p.lost).s(`)</li>`)
	}
	w.s(`</ul>`)
}

// island is the data the script needs for the crosshair. It holds numbers and
// one date only, so nothing in it can end the element early.
func (p *plot) island(w *buf) {
	w.s(`<script type="application/json">{"start":"`, p.From.String(), `","n":`).n(int(p.To - p.From))
	daily := p.points[0].Day == p.From && int(p.points[len(p.points)-1].Day-p.From) == len(p.points)-1
	if !daily {
		w.s(`,"x":[`)
		for i, pt := range p.points {
			if i > 0 {
				w.s(`,`)
			}
			w.n(int(pt.Day - p.From))
		}
		w.s(`]`)
	}
	w.s(`,"v":[`)
	for i, pt := range p.points {
		if i > 0 {
			w.s(`,`)
		}
		w.number(pt.Value)
	}
	w.s(`],"min":`).number(p.min).s(`,"max":`).number(p.max).s(`,"top":`).n(topPad).s(`,"ph":`).n(p.ph).s(`,"h":`).n(p.h - bottomPad)
	format := "n"
	if p.Format == Rating {
		format = "dr"
	}
	w.s(`,"fmt":"`, format, `"}</script>`)
}

// number writes at most one decimal, and none when it would be 0.
func (w *buf) number(v float64) *buf {
	w.b = strconv.AppendFloat(w.b, math.Round(v*10)/10, 'f', -1, 64)
	return w
}
