package chart

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"landed/internal/day"
)

// A mark that stands for several counts as several, and is drawn as one.
func TestAMarkOfManyCountsAll(t *testing.T) {
	l := domains(120)
	l.Marks = []Mark{{Day: start + 3, Count: 12, Href: "/backlinks"}, {Day: start + 60, Outlet: "a.example", Href: "/pitches/1"}, {Day: start + 90, Count: 3, Lost: true}}
	got := l.HTML()
	for _, want := range []string{"12 placements landed", "Placement landed (13)", "3 links lost", "13 placements marked", ">12</text>", `aria-label="a.example, `} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(got, "and 12 more") {
		t.Error("placements without names are offered as more of some")
	}
}

// With only the named days filled in, the chart is the same as with all of them
// wherever it names anything.
func TestNamedDaysAreEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 60 {
		l := domains(30 + r.IntN(700))
		l.Marks = nil
		l.From, l.To = start, l.Points[len(l.Points)-1].Day
		perDay := map[day.Day]int{}
		for range r.IntN(300) {
			perDay[start+day.Day(r.IntN(len(l.Points)))]++
		}
		var days []Mark
		for d := l.From; d <= l.To; d++ {
			if perDay[d] > 0 {
				days = append(days, Mark{Day: d, Count: perDay[d], Href: "/list"})
			}
		}
		named := map[day.Day]bool{}
		for _, d := range NamedDays(l.From, l.To, days) {
			named[d] = true
		}
		full, part := l, l
		for _, m := range days {
			for i := range m.Count {
				full.Marks = append(full.Marks, Mark{Day: m.Day, Outlet: fmt.Sprintf("o%d.example", i), Href: "/p"})
				if named[m.Day] {
					part.Marks = append(part.Marks, full.Marks[len(full.Marks)-1])
				}
			}
			if !named[m.Day] {
				part.Marks = append(part.Marks, m)
			}
		}
		for _, share := range []float64{fine, coarse} {
			a, b := newPlot(full).groups(share), newPlot(part).groups(share)
			if len(a) != len(b) {
				t.Fatalf("%d groups, with named days alone %d", len(a), len(b))
			}
			for i := range a {
				_, all := several(a[i])
				_, some := several(b[i])
				if countOf(a[i]) != countOf(b[i]) || countOf(a[i]) <= namesAtMost && fmt.Sprint(all) != fmt.Sprint(some) {
					t.Fatalf("group %d: %v, with named days alone %v", i, all, some)
				}
			}
		}
		if len(named) > 50*namesAtMost+20*namesAtMost {
			t.Fatalf("%d days need names", len(named))
		}
	}
}
