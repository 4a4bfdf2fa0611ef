package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// figures count what became of the links of one kind of case.
type figures struct {
	links           int // seen, those that are neither right nor wrong apart
	earned          int // by a pitch
	right, wrong    int // credited without a person
	toOther         int // of wrong: a pitch did earn it, another one
	offered         int // not credited, but suggested with the true pitch first
	beside          int // suggested, the true pitch among the runners-up
	asked           int // suggested in all: what a person has to decide
	told, toldFound int // of earned: those of which the records can tell, see link.told
	either, twice   int
}

func (f *figures) sum(g figures) {
	f.links += g.links
	f.earned += g.earned
	f.right += g.right
	f.wrong += g.wrong
	f.toOther += g.toOther
	f.offered += g.offered
	f.beside += g.beside
	f.asked += g.asked
	f.told += g.told
	f.toldFound += g.toldFound
	f.either += g.either
	f.twice += g.twice
}

func (f figures) missed() int { return f.earned - f.right - f.offered - f.beside }

func (f figures) precision() float64 { return ratio(f.right, f.right+f.wrong) }

// found is the recall of what is credited right or put before a person.
func (f figures) found() float64 { return ratio(f.right+f.offered+f.beside, f.earned) }

// foundOfTold is found, where the records can tell.
func (f figures) foundOfTold() float64 { return ratio(f.toldFound, f.told) }

func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// wilson is the 95 % interval of a of n.
func wilson(a, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(a)/float64(n), float64(n)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (mid-half)/(1+z*z/m)), min(1, (mid+half)/(1+z*z/m))
}

type tally struct {
	byStory map[string]*figures
	wrong   []string // examples
	missed  []string
	explain int // how many examples of each story to keep
	shown   map[string]int
}

func newTally() *tally {
	return &tally{byStory: map[string]*figures{}, shown: map[string]int{}}
}

func (t *tally) add(l *link, o *outcome) {
	f := t.byStory[l.story]
	if f == nil {
		f = &figures{}
		t.byStory[l.story] = f
	}
	f.twice += o.rows - 1
	if l.either {
		f.either++
		return
	}
	f.links++
	truth := ""
	if l.earned != nil {
		f.earned++
		truth = l.earned.ref
	}
	if o.band == "suggested" {
		f.asked++
	}
	found := truth != "" && (o.band == "credited" || o.band == "suggested") && o.ref == truth || o.band == "suggested" && o.others[truth]
	if truth != "" && l.told() {
		f.told++
		if found {
			f.toldFound++
		}
	}
	switch {
	case o.band == "credited" && truth != "" && o.ref == truth:
		f.right++
	case o.band == "credited":
		f.wrong++
		if truth != "" {
			f.toOther++
		}
		t.example(&t.wrong, "wrong", l, o, truth)
	case truth == "":
	case o.band == "suggested" && o.ref == truth:
		f.offered++
	case o.band == "suggested" && o.others[truth]:
		f.beside++
	default:
		t.example(&t.missed, "missed", l, o, truth)
	}
}

func (t *tally) example(into *[]string, what string, l *link, o *outcome, truth string) {
	key := what + l.story
	if t.shown[key]++; t.shown[key] > t.explain {
		return
	}
	pitch := ""
	if p := l.earned; p != nil {
		pitch = fmt.Sprintf(" pitch %s %s %q live %q", p.recorded, p.status, p.target, p.live)
	}
	*into = append(*into, fmt.Sprintf("%s [%s] %s -> %q seen %s, truth %q%s; says %q %s %d %s", what, l.story, l.page, l.target, l.seen(), truth, pitch, o.ref, o.band, o.score, o.reasons))
}

func (t *tally) total() figures {
	var all figures
	for _, f := range t.byStory {
		all.sum(*f)
	}
	return all
}

func splitSet(list string) map[string]bool {
	set := map[string]bool{}
	for s := range strings.SplitSeq(list, ",") {
		set[s] = true
	}
	return set
}

// print writes the table: the cases in which pitches earned links, most first,
// then those in which none did.
func (t *tally) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "case\tlinks\tearned\tcredited\twrong\tprecision of credited\trecall of credited\trecall of credited + suggested\tmissed\t")
	stories := slices.SortedFunc(maps.Keys(t.byStory), func(a, b string) int {
		x, y := t.byStory[a], t.byStory[b]
		return cmp.Or(cmp.Compare(y.earned, x.earned), cmp.Compare(y.links, x.links), cmp.Compare(a, b))
	})
	for _, s := range stories {
		if f := t.byStory[s]; f.links > 0 {
			fmt.Fprintln(w, row(s, *f))
		}
	}
	fmt.Fprintln(w, row("ALL", t.total()))
	w.Flush()
}

func row(name string, f figures) string {
	credited := f.right + f.wrong
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%d\t", name, f.links, f.earned, credited, f.wrong,
		share(f.right, credited), share(f.right, f.earned), share(f.right+f.offered+f.beside, f.earned), f.missed())
}

// share prints a rate with its interval; none under five.
func share(a, n int) string {
	if n < 5 {
		return "-"
	}
	low, high := wilson(a, n)
	return fmt.Sprintf("%.4f (%.4f-%.4f)", float64(a)/float64(n), low, high)
}

// merge adds the figures of another tally, and its examples.
func (t *tally) merge(o *tally) {
	for s, f := range o.byStory {
		if t.byStory[s] == nil {
			t.byStory[s] = &figures{}
		}
		t.byStory[s].sum(*f)
	}
	t.wrong, t.missed = append(t.wrong, o.wrong...), append(t.missed, o.missed...)
}
