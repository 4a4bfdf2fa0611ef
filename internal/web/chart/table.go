package chart

import (
	"strconv"

	"landed/internal/day"
)

// table prints the curve by month, newest first: the last reading of the
// month, the change from the last reading before it, the placements landed.
// Months without a reading say so.
func (p *plot) table(w *buf) {
	w.s(`<details class="more"><summary>Show as table</summary><div class="tw" tabindex="0" role="group" aria-label="`).t(p.Title).
		s(` by month"><table class="t"><thead><tr><th scope="col">Month to</th><th scope="col" class="r">`).t(p.Title).
		s(`</th><th scope="col" class="r">Change</th><th scope="col" class="r">Placements landed</th></tr></thead><tbody>`)
	for m := firstOfMonth(p.To); nextMonth(m) > p.From; m = firstOfMonth(m - 1) {
		end := min(nextMonth(m)-1, p.To)
		i := p.lastUntil(end)
		if i < 0 || p.points[i].Day < m {
			w.s(`<tr><th scope="row">`, date(end), `</th><td class="r">no reading</td><td class="r"></td>`)
			p.landedCell(w, m, end)
			continue
		}
		pt := p.points[i]
		w.s(`<tr><th scope="row">`, date(pt.Day), `</th><td class="r">`, p.Format.value(pt.Value), `</td><td class="r">`)
		if before := p.lastUntil(m - 1); before >= 0 {
			w.s(p.Format.change(pt.Value - p.points[before].Value))
		}
		w.s(`</td>`)
		p.landedCell(w, m, end)
	}
	w.s(`</tbody></table></div></details>`)
}

// landedCell counts the placements between two days, and leads to them.
func (p *plot) landedCell(w *buf, from, to day.Day) {
	n := p.landedIn(from, to)
	if n == 0 || p.GroupHref == nil || p.Plain {
		w.s(`<td class="r">`).n(n).s(`</td></tr>`)
		return
	}
	w.s(`<td class="r"><a href="`).href(p.GroupHref(max(from, p.From), to, false)).s(`">`).n(n).s(`</a></td></tr>`)
}

// lastUntil is the index of the last reading up to a day, or -1.
func (p *plot) lastUntil(d day.Day) int {
	lo, hi := 0, len(p.points)
	for lo < hi {
		if mid := (lo + hi) / 2; p.points[mid].Day <= d {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

func (p *plot) landedIn(from, to day.Day) int {
	n := 0
	for _, m := range p.marks {
		if !m.Lost && m.Day >= from && m.Day <= to {
			n += m.count()
		}
	}
	return n
}

// art is the drawing of the empty state.
const art = `<svg class="art" viewBox="0 0 180 80" aria-hidden="true"><path d="M4 70h172" stroke="currentColor" stroke-opacity=".25" stroke-width="2" fill="none"></path><path d="M8 62 60 50l40 6 70-34" fill="none" stroke="currentColor" stroke-opacity=".45" stroke-width="2.5" stroke-linecap="round" stroke-dasharray="1 7"></path><path d="M100 38 118 56 100 74 82 56z" fill="none" stroke="currentColor" stroke-opacity=".6" stroke-width="2.5" stroke-dasharray="5 5"></path></svg>`

// tooFew prints caption and ranges, and the readings there are as a sentence.
func (p *plot) tooFew(w *buf) string {
	w.s(`<figure class="chart" id="`).t(p.ID).s(`">`)
	p.caption(w)
	w.s(`<div class="empty">`, art, `<p>A curve needs 3 points; `)
	switch len(p.points) {
	case 0:
		w.s(`there is no reading in this range yet.`)
	default:
		w.s(`so far there `)
		if len(p.points) == 1 {
			w.s(`is 1: `)
		} else {
			w.s(`are `, strconv.Itoa(len(p.points)), `: `)
		}
		for i, pt := range p.points {
			if i > 0 {
				w.s(`, `)
			}
			w.s(p.Format.value(pt.Value), ` on `, date(pt.Day))
		}
		w.s(`.`)
	}
	if p.Wait != "" {
		w.s(` `).t(p.Wait)
	}
	return string(w.s(`</p></div></figure>`).b)
}
