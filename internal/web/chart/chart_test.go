package chart

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"landed/internal/day"
)

var update = flag.Bool("update", false, "write the golden files anew")

var start = day.Date(2025, time.January, 20)

// wave is a made-up course of n daily readings.
func wave(n int, base, rise float64) []Point {
	out := make([]Point, n)
	for i := range out {
		out[i] = Point{start + day.Day(i), base + rise*float64(i) + 3*math.Sin(float64(i)/9)}
	}
	return out
}

func marks(days ...int) []Mark {
	var out []Mark
	for i, d := range days {
		out = append(out, Mark{
			Day: start + day.Day(d), Lost: i%4 == 3,
			Outlet: fmt.Sprintf("outlet-%d.example", i), Title: "A pitch & its <title>",
			Note: "DR 64", Href: fmt.Sprintf("/pitches/%d", i),
		})
	}
	return out
}

func domains(n int) Line {
	return Line{
		ID: "rd", Title: "Referring domains", Now: "1,356", Delta: "+112 this quarter", Trend: 1,
		Points: wave(n, 800, .7), Marks: marks(3, 5, 40, 90, 91, 92, 200, 201, 202, 203, 204, 205),
		GroupHref: func(from, to day.Day, lost bool) string {
			return fmt.Sprintf("/backlinks?from=%s&to=%s&lost=%t", from, to, lost)
		},
		Ranges: []Range{{Label: "3m", Href: "?range=3m", Get: "/sites/1/chart/rd?range=3m"}, {Label: "12m", Href: "?range=12m", Get: "/sites/1/chart/rd?range=12m", Current: true}},
		CSV:    "?export=csv", Icons: "/static/icons.svg",
	}
}

func TestGolden(t *testing.T) {
	rating := Line{ID: "dr", Title: "Domain Rating", Now: "56.5", Format: Rating, Points: wave(120, 50, .02), Level: 3, Height: 160}
	gap := Line{ID: "gap", Title: "Referring domains", Points: append(wave(60, 40, .5), wave(200, 40, .5)[150:]...)}
	weekly := Line{ID: "weekly", Title: "Referring domains", Marks: marks(10, 30)}
	for i := range 40 {
		weekly.Points = append(weekly.Points, Point{start + day.Day(7*i), float64(100 + 3*i)})
	}
	rival := domains(90)
	rival.Others = []Series{{Name: "rival.example", Points: wave(90, 700, 2)}, {Name: "b.example", Points: wave(30, 900, 0)}}
	plain := domains(90)
	plain.Plain = true
	bars := Bars{ID: "place", Title: "Placements over time", Sub: "Landed per month, by outlet tier", Keys: []string{"Tier A", "Tier B", "Tier C"},
		Cols: []Col{{"Dec 2025", "Dec", []int{3, 2, 1}}, {"Jan 2026", "Jan", []int{0, 0, 0}}, {"Feb 2026", "Feb", []int{0, 7, 2}}}}
	for name, got := range map[string]string{
		"year": domains(365).HTML(), "rating": rating.HTML(), "gap": gap.HTML(), "weekly": weekly.HTML(),
		"rival": rival.HTML(), "plain": plain.HTML(), "bars": bars.HTML(),
		"empty":     Line{ID: "dr", Title: "Domain Rating", Format: Rating, Points: wave(2, 61, 0), Wait: "The next reading is on 25 Nov."}.HTML(),
		"none":      Line{ID: "dr", Title: "Domain Rating"}.HTML(),
		"bars-zero": Bars{ID: "p", Title: "Placements", Keys: []string{"A"}, Cols: []Col{{"Dec 2025", "Dec", []int{0}}}}.HTML(),
		"spark":     Spark([]float64{1, 4, 2, 8}),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got+"\n" != string(want) {
				t.Errorf("differs from %s; look at it, then run with -update\n%s", file, got)
			}
			wellFormed(t, got)
		})
	}
}

// wellFormed finds elements that are not closed, scripts and styles that a
// strict policy would block.
func wellFormed(t *testing.T, markup string) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %v", open)
			}
			return
		case html.StartTagToken:
			tok := z.Token()
			open = append(open, tok.Data)
			for _, a := range tok.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s %s=%q>", tok.Data, a.Key, a.Val)
				}
				if a.Key == "type" && tok.Data == "script" && a.Val != "application/json" {
					t.Errorf("script of type %s", a.Val)
				}
			}
		case html.EndTagToken:
			tag := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Fatalf("</%s> closes %v", tag, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func TestGapsAreNotDrawn(t *testing.T) {
	points := append(wave(60, 140, .5), wave(200, 140, .5)[150:]...)
	points[10].Value = math.NaN() // one missing day is joined, ninety are not
	p := newPlot(Line{Points: points})
	if len(p.runs) != 2 || len(p.runs[0]) != 59 || len(p.runs[1]) != 50 {
		t.Fatalf("runs: %d", len(p.runs))
	}
	if p.min <= 0 {
		t.Errorf("the scale starts at %v: a missing day became a zero", p.min)
	}
	w := &buf{}
	p.curves(w)
	main := regexp.MustCompile(`<path class="ln" d="([^"]*)"`).FindStringSubmatch(string(w.b))[1]
	if n := strings.Count(main, "M"); n != 2 {
		t.Errorf("the curve has %d parts, want 2", n)
	}
	if strings.Contains(string(w.b), "NaN") {
		t.Error("NaN in the drawing")
	}
}

func TestSparseReadingsAreJoined(t *testing.T) {
	var weekly []Point
	for i := range 20 {
		weekly = append(weekly, Point{start + day.Day(7*i), float64(i)})
	}
	if p := newPlot(Line{Points: weekly}); len(p.runs) != 1 {
		t.Errorf("weekly readings fell into %d parts", len(p.runs))
	}
	if p := newPlot(Line{Points: weekly, MaxGap: 5}); len(p.runs) != 20 {
		t.Errorf("MaxGap was not used: %d parts", len(p.runs))
	}
}

func TestFewPointsAreNoCurve(t *testing.T) {
	for n := range 3 {
		got := Line{ID: "x", Title: "T", Points: wave(n, 5, 0), Marks: marks(0, 1)}.HTML()
		if strings.Contains(got, "<svg viewBox=\"0 0 1000") || !strings.Contains(got, "needs 3 points") {
			t.Errorf("%d points: %s", n, got)
		}
	}
	// three readings, but only two in the range that is asked for
	if got := (Line{Points: wave(3, 5, 0), From: start + 1}).HTML(); !strings.Contains(got, "needs 3 points") {
		t.Error("readings outside the range were counted")
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		whole  bool
		want   string
	}{
		{34.6, 57.8, false, "[30 40 50 60]"},
		{869, 1491, true, "[800 1000 1200 1400 1600]"},
		{0, 20, true, "[0 5 10 15 20]"},
		{0, 1, true, "[0 1]"},
		{0, 1, false, "[0 0.5 1]"},
		{5, 5, true, "[4 5 6]"},
		{0, 0, true, "[0 1]"},
		{56.1, 56.4, false, "[56.1 56.2 56.3 56.4]"},
		{1e6, 3e6, true, "[1e+06 1.5e+06 2e+06 2.5e+06 3e+06]"},
	} {
		if got := fmt.Sprint(ticks(c.lo, c.hi, 4, c.whole)); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count.value(1356), "1,356"}, {Count.value(1234567), "1,234,567"}, {Count.value(999.6), "1,000"}, {Count.value(-1200), "−1,200"},
		{Rating.value(56.54), "56.5"}, {Rating.value(52), "52"}, {Rating.value(51.96), "52"},
		{Count.change(112), "+112"}, {Count.change(-3), "−3"}, {Count.change(0), "0"}, {Rating.change(-.04), "0"}, {Rating.change(3.9), "+3.9"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLongHistoryIsThinned(t *testing.T) {
	points := wave(3650, 100, .2)
	p := newPlot(Line{Points: points})
	if n := len(p.points); n > maxPoints || n < 400 {
		t.Errorf("%d points drawn", n)
	}
	if p.points[len(p.points)-1] != points[len(points)-1] {
		t.Error("the latest reading was thinned away")
	}
	if len(p.runs) != 1 {
		t.Errorf("thinning tore the curve into %d parts", len(p.runs))
	}
}

func TestMarks(t *testing.T) {
	l := domains(365)
	l.Marks = append(l.Marks, Mark{Day: start - 1, Outlet: "too-early.example"}, Mark{Day: start + 400, Outlet: "too-late.example"})
	got := l.HTML()
	if strings.Contains(got, "too-early") || strings.Contains(got, "too-late") {
		t.Error("marks outside the axis were printed")
	}
	if !strings.Contains(got, "9 placements marked, 3 lost links marked") {
		t.Error("marks are miscounted: " + newPlot(l).summary())
	}
	drawn, _, _ := strings.Cut(got, "</svg></div>") // the table has links too
	few, coarse, _ := strings.Cut(drawn, "marks coarse")
	if strings.Count(coarse, "<a href") >= strings.Count(few, "<a href") {
		t.Error("the coarse grouping has no fewer marks than the fine one")
	}
	if !strings.Contains(got, `href="/backlinks?from=2025-01-23&amp;to=2025-01-25&amp;lost=false"`) {
		t.Error("no group links to its list")
	}
}

func TestForeignTextIsEscaped(t *testing.T) {
	evil := `"><script>alert(1)</script><b x='`
	l := Line{
		ID: "x", Title: evil, Sub: evil, Now: evil, Delta: evil, CSV: "javascript:alert(1)", Wait: evil, Points: wave(10, 5, 1),
		Marks:  []Mark{{Day: start + 3, Outlet: evil, Title: evil + "|" + evil, Note: evil, Href: "javascript:alert(1)"}},
		Others: []Series{{Name: evil, Points: wave(10, 5, 1)}},
		Ranges: []Range{{Label: evil, Href: "data:text/html,x"}},
	}
	few, bars := l, Bars{ID: "b", Title: evil, Sub: evil, Keys: []string{evil}, Cols: []Col{{evil, evil, []int{1}}}, RowHead: evil}
	few.Points = nil
	for _, got := range []string{l.HTML(), few.HTML(), bars.HTML()} {
		if strings.Contains(got, "<script>") || strings.Contains(got, "<b x") || strings.Contains(got, "javascript:") || strings.Contains(got, "data:text") {
			t.Errorf("not escaped: %s", got)
		}
		wellFormed(t, got)
	}
}

func FuzzLine(f *testing.F) {
	f.Add(uint8(3), 1.0, 2.0, int16(5), int16(0))
	f.Add(uint8(200), math.Inf(1), -5.0, int16(-5), int16(40))
	f.Add(uint8(9), 1e300, -1e300, int16(1000), int16(1))
	f.Fuzz(func(t *testing.T, n uint8, a, b float64, at, gap int16) {
		var points []Point
		for i := range int(n) {
			v := a
			if i%3 == 1 {
				v = b
			}
			points = append(points, Point{start + day.Day(i*(1+i%5)), v})
		}
		got := Line{ID: "x", Title: "T", Points: points, MaxGap: int(gap), Marks: []Mark{{Day: start + day.Day(at), Outlet: "a.example", Href: "/"}}}.HTML()
		wellFormed(t, got)
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
			t.Errorf("no number: %s", got)
		}
	})
}

func BenchmarkLine730(b *testing.B) {
	l := domains(730)
	for b.Loop() {
		l.HTML()
	}
}
