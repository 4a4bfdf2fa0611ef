package chart

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"landed/internal/day"
)

// Diamonds do not cover one another, however the marks lie; many at the right
// edge, where the news is, are the usual case.
func TestDiamondsDoNotPileUp(t *testing.T) {
	from := day.Date(2025, 11, 22)
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := Line{ID: "x", From: from, To: from + 365}
		for d := day.Day(0); d <= 365; d += 7 {
			l.Points = append(l.Points, Point{from + d, 400 + float64(d)})
		}
		for i := range 60 {
			d := day.Day(r.IntN(366))
			if i%2 == 0 {
				d = 365 - day.Day(r.IntN(25))
			}
			l.Marks = append(l.Marks, Mark{Day: from + d, Lost: r.IntN(3) == 0, Outlet: "example.com"})
		}
		p := newPlot(l)
		for _, share := range []float64{fine, coarse} {
			var at []spot
			for _, g := range p.groups(share) {
				mid := g[0]
				mid.Day = middle(g)
				at = append(at, p.free(spot{p.x(mid.Day), p.y(p.valueAt(mid))}, at, share))
			}
			for i, a := range at {
				for _, b := range at[:i] {
					if math.Abs(a.x-b.x) < share*100-.6 && math.Abs(a.y-b.y) < 16.9 {
						t.Fatalf("seed %d: diamonds at %v and %v", seed, a, b)
					}
				}
				if a.y < 0 || a.y > float64(p.h) {
					t.Errorf("seed %d: a diamond at %v is outside", seed, a)
				}
			}
		}
	}
}

var scaleLabel = regexp.MustCompile(`class="yl" x="0" y="([0-9.]+)"`)

// A label of the scale never stands on the curve.
func TestLabelsKeepOffTheCurve(t *testing.T) {
	from := day.Date(2026, 1, 1)
	for start := 40.0; start < 50; start += .5 {
		l := Line{ID: "x", Title: "DR", Format: Rating}
		for d := range 200 {
			l.Points = append(l.Points, Point{from + day.Day(d), start + float64(d)/20})
		}
		p := newPlot(l)
		labels := scaleLabel.FindAllStringSubmatch(l.HTML(), -1)
		if len(labels) < len(p.ticks)-1 {
			t.Errorf("from %v: %d labels for %d ticks", start, len(labels), len(p.ticks))
		}
		for _, m := range labels {
			base, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			for _, pt := range p.points[:5] {
				if y := p.y(pt.Value); y > base-9 && y < base+2 {
					t.Errorf("from %v: the curve runs at %.0f through the label at %.0f", start, y, base)
				}
			}
		}
	}
}
