package chart

import (
	"strconv"
	"strings"
)

// HTML prints stacked columns. When all is zero it says so instead.
func (b Bars) HTML() string {
	if b.Height <= 0 {
		b.Height = 190
	}
	if b.Level <= 0 {
		b.Level = 2
	}
	if b.RowHead == "" {
		b.RowHead = "Month"
	}
	highest := 0
	for _, c := range b.Cols {
		highest = max(highest, c.sum())
	}
	level := strconv.Itoa(b.Level)
	w := &buf{b: make([]byte, 0, 1024+400*len(b.Cols))}
	w.s(`<figure class="chart" id="`).t(b.ID).s(`"><figcaption><div class="ttl"><h`, level, `>`).t(b.Title).s(`</h`, level, `>`)
	if b.Sub != "" {
		w.s(`<p class="sub">`).t(b.Sub).s(`</p>`)
	}
	w.s(`</div>`)
	if highest == 0 {
		if b.Empty == "" {
			b.Empty = "Nothing to show in this period."
		}
		return string(w.s(`</figcaption><div class="empty">`, art, `<p>`).t(b.Empty).s(`</p></div></figure>`).b)
	}
	w.s(`<ul class="legend">`)
	for i, k := range b.Keys {
		w.s(`<li><span class="sw sq k`).n(i + 1).s(`"></span>`).t(k).s(`</li>`)
	}
	w.s(`</ul></figcaption>`)
	b.drawing(w, ticks(0, float64(highest), 4, true))
	b.table(w)
	return string(w.s(`</figure>`).b)
}

func (c Col) sum() int {
	n := 0
	for _, v := range c.Values {
		n += v
	}
	return n
}

func (b Bars) drawing(w *buf, ticks []float64) {
	const top = 14
	ph := float64(b.Height - top - bottomPad)
	y := func(v float64) float64 { return top + ph - v/ticks[len(ticks)-1]*ph }
	w.s(`<div class="plot"><svg height="`).n(b.Height).s(`" role="img" aria-label="`).t(b.summary()).s(`">`)
	for i, v := range ticks {
		class := "g"
		if i == 0 {
			class = "g g0"
		}
		w.s(`<line class="`, class, `" x1="0" x2="100%" y1="`).f(y(v), 1).s(`" y2="`).f(y(v), 1).s(`"></line>`)
	}
	width := 100 / float64(len(b.Cols))
	for i, c := range b.Cols {
		b.column(w, c, float64(i)*width, width, y)
	}
	for _, v := range ticks[1:] {
		w.s(`<text class="yl" x="0" y="`).f(y(v)-4, 1).s(`">`, Count.value(v), `</text>`)
	}
	every := (len(b.Cols) + 15) / 16 // more than 16 labels run into one another
	for i, c := range b.Cols {
		if i%every == 0 {
			w.s(`<text x="`).f((float64(i)+.5)*width, 2).s(`%" y="`).n(b.Height - 6).s(`" text-anchor="middle">`).t(c.Short).s(`</text>`)
		}
	}
	w.s(`</svg></div>`)
}

// column stacks the parts of one column from the bottom up.
func (b Bars) column(w *buf, c Col, x, width float64, y func(float64) float64) {
	w.s(`<g>`)
	below := 0
	for k, v := range c.Values {
		if v <= 0 {
			continue
		}
		up, down := y(float64(below+v)), y(float64(below))
		below += v
		w.s(`<rect class="b`).n(k+1).s(`" x="`).f(x+width*.18, 2).s(`%" y="`).f(up, 1).
			s(`" width="`).f(width*.64, 2).s(`%" height="`).f(max(0, down-up-1), 1).s(`" rx="1.5"></rect>`)
	}
	w.s(`<title>`).t(c.Label + ": ")
	for k, v := range c.Values {
		if k > 0 {
			w.s(`, `)
		}
		if k < len(b.Keys) {
			w.t(b.Keys[k]).s(` `)
		}
		w.n(v)
	}
	w.s(`</title></g>`)
}

func (b Bars) summary() string {
	parts := make([]string, len(b.Cols))
	for i, c := range b.Cols {
		parts[i] = c.Label + " " + group(int64(c.sum()))
	}
	return b.Title + ". " + strings.Join(parts, ", ") + "."
}

func (b Bars) table(w *buf) {
	w.s(`<details class="more"><summary>Show as table</summary><div class="tw" tabindex="0" role="group" aria-label="`).t(b.Title).
		s(`"><table class="t"><thead><tr><th scope="col">`).t(b.RowHead).s(`</th>`)
	for _, k := range b.Keys {
		w.s(`<th scope="col" class="r">`).t(k).s(`</th>`)
	}
	w.s(`</tr></thead><tbody>`)
	for i, c := range b.Cols {
		w.s(`<tr><th scope="row">`)
		if i < len(b.Hrefs) && c.sum() > 0 {
			w.s(`<a href="`).href(b.Hrefs[i]).s(`">`).t(c.Label).s(`</a></th>`)
		} else {
			w.t(c.Label).s(`</th>`)
		}
		for _, v := range c.Values {
			w.s(`<td class="r">`, group(int64(v)), `</td>`)
		}
		w.s(`</tr>`)
	}
	w.s(`</tbody></table></div></details>`)
}

// Spark is a small curve without axes for a table cell. It carries no text:
// the figure has to stand beside it. Fewer than three values give "".
func Spark(values []float64) string {
	if len(values) < minPoints {
		return ""
	}
	lo, hi := values[0], values[0]
	for _, v := range values {
		lo, hi = min(lo, v), max(hi, v)
	}
	if hi == lo {
		hi++
	}
	w := &buf{}
	w.s(`<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><path d="`)
	for i, v := range values {
		sep := "L"
		if i == 0 {
			sep = "M"
		}
		w.s(sep).f(float64(i)/float64(len(values)-1)*100, 1).s(` `).f(22-(v-lo)/(hi-lo)*20, 1)
	}
	return string(w.s(`"></path></svg>`).b)
}
