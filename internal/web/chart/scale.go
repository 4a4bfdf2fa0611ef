package chart

import (
	"math"
	"slices"
	"strconv"

	"landed/internal/day"
)

// ticks are about n round steps of 1, 2 or 5 times a power of ten that cover
// lo to hi. Ends that are (nearly) equal are widened, but not below zero from
// above it. With whole set the step is at least 1, for things that are counted.
func ticks(lo, hi float64, n int, whole bool) []float64 {
	if hi-lo < 1e-3 {
		hi++
		if lo--; lo < 0 && lo >= -1 {
			lo = 0
		}
	}
	raw := (hi - lo) / float64(n)
	p := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * p
	for _, m := range []float64{1, 2, 5} {
		if raw/p <= m+1e-9 {
			step = m * p
			break
		}
	}
	if whole {
		step = math.Max(1, math.Round(step))
	}
	first, last := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	var out []float64
	for i := first; i <= last; i++ {
		out = append(out, math.Round(i*step*1e6)/1e6)
	}
	return out
}

// implausible is beyond any figure that is ever read; without a limit the
// scale would run out of digits.
const implausible = 1e12

// clean sorts readings by day, keeps the last one of a day, and drops what is
// no (plausible) number or outside from..to (None: no limit).
func clean(points []Point, from, to day.Day) []Point {
	out := make([]Point, 0, len(points))
	for _, p := range points {
		if math.IsNaN(p.Value) || math.Abs(p.Value) > implausible || !p.Day.Known() ||
			from.Known() && p.Day < from || to.Known() && p.Day > to {
			continue
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Point) int { return int(a.Day) - int(b.Day) })
	kept := out[:0]
	for i, p := range out {
		if i+1 < len(out) && out[i+1].Day == p.Day {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// thin keeps one reading a week, counted back from the last, when there are
// too many to draw; then one in 30 days.
func thin(points []Point) []Point {
	for _, step := range []day.Day{7, 30, 90} {
		if len(points) <= maxPoints {
			break
		}
		last := points[len(points)-1].Day
		var kept []Point
		bucket := day.Day(-1)
		for _, p := range slices.Backward(points) {
			if b := (last - p.Day) / step; b != bucket {
				kept, bucket = append(kept, p), b
			}
		}
		slices.Reverse(kept)
		points = kept
	}
	return points
}

// segments cuts readings where neighbours are further apart than maxGap days;
// 0 means three times their median distance.
func segments(points []Point, maxGap int) [][]Point {
	if maxGap <= 0 {
		maxGap = 3 * usualStep(points)
	}
	var out [][]Point
	start := 0
	for i := 1; i <= len(points); i++ {
		if i == len(points) || int(points[i].Day-points[i-1].Day) > maxGap {
			out = append(out, points[start:i])
			start = i
		}
	}
	return out
}

func usualStep(points []Point) int {
	if len(points) < 2 {
		return 1
	}
	d := make([]int, len(points)-1)
	for i := range d {
		d[i] = int(points[i+1].Day - points[i].Day)
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// an xlabel is a text under the axis.
type xlabel struct {
	at   day.Day
	text string
}

// xlabels stand on month starts, every 1, 2, 3, 6 or 12 months; on days when
// the axis is shorter than two months.
func xlabels(from, to day.Day) []xlabel {
	var out []xlabel
	span := int(to - from)
	if span < 62 {
		step := max(1, (span+5)/6)
		for d := from; d <= to; d += day.Day(step) {
			out = append(out, xlabel{d, d.Time().Format("2 Jan")})
		}
		return out
	}
	every := 12
	switch months := float64(span) / 30.4; {
	case months <= 9:
		every = 1
	case months <= 18:
		every = 2
	case months <= 36:
		every = 3
	case months <= 72:
		every = 6
	}
	d := firstOfMonth(from)
	if d < from {
		d = nextMonth(d)
	}
	for ; d <= to; d = nextMonth(d) {
		t := d.Time()
		switch m := int(t.Month()) - 1; {
		case m == 0:
			out = append(out, xlabel{d, strconv.Itoa(t.Year())})
		case m%every == 0:
			out = append(out, xlabel{d, month(t)})
		}
	}
	return out
}
