package attribution

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"landed/internal/day"
)

const (
	headline1 = "Payroll errors cost small firms 41,000 hours"
	phrase    = "the annual payroll error survey"
)

// article1 is a page of an outlet of its own with a telling title.
func article1(id int64, seen day.Day) Article {
	outlet := fmt.Sprintf("outlet%d.example", id)
	return Article{
		LinkID: id, Page: id, PageKey: outlet + "/a", Outlet: outlet, TargetKey: "oursite.example/report",
		Title: headline1, Anchor: "here", FirstSeen: seen,
	}
}

func TestCopies(t *testing.T) {
	title := func(id int64, seen day.Day, title string) Article {
		a := article1(id, seen)
		a.Title = title
		return a
	}
	anchor := func(id int64, seen day.Day, head, text string) Article {
		a := title(id, seen, head)
		a.Anchor = text
		return a
	}
	credited := func(a Article, pitch int64) Article { a.PitchID = pitch; return a }
	canonical := func(a Article, key string) Article { a.Canonical = key; return a }
	outlet := func(a Article, key string) Article { a.Outlet = key; return a }
	target := func(a Article, key string) Article { a.TargetKey = key; return a }
	for _, c := range []struct {
		name  string
		links []Article
		want  []Copy
	}{
		{"same title", []Article{article1(1, sent), article1(2, sent+1)}, []Copy{{2, 1, CopyTitle}}},
		{"the last day", []Article{article1(1, sent), article1(2, sent+3)}, []Copy{{2, 1, CopyTitle}}},
		{"a day too late", []Article{article1(1, sent), article1(2, sent+4)}, nil},
		{"no chain", []Article{article1(1, sent), article1(2, sent+3), article1(3, sent+6)}, []Copy{{2, 1, CopyTitle}}},
		{"same outlet", []Article{article1(1, sent), outlet(article1(2, sent), "outlet1.example")}, nil},
		{"no outlet", []Article{article1(1, sent), outlet(article1(2, sent), "")}, nil},
		{"no day", []Article{article1(1, sent), article1(2, day.None)}, nil},
		{"same day: the lower id", []Article{article1(5, sent), article1(2, sent)}, []Copy{{5, 2, CopyTitle}}},
		{"the site's name at the end", []Article{
			title(1, sent, headline1+" | The Daily Example"), title(2, sent, headline1+" - Example Finance - Business"), title(3, sent, headline1),
		}, []Copy{{2, 1, CopyTitle}, {3, 1, CopyTitle}}},
		{"a name before the headline", []Article{
			title(1, sent, "Ann Lee - "+headline1+" – Example"), title(2, sent, "ANN LEE — "+headline1),
		}, []Copy{{2, 1, CopyTitle}}},
		{"another headline", []Article{article1(1, sent), title(2, sent, "Payroll errors cost large firms 41,000 hours")}, nil},
		{"no titles", []Article{title(1, sent, ""), title(2, sent, "")}, nil},
		{"titles that say nothing", []Article{title(1, sent, "10 best tools of the year"), title(2, sent, "10 best tools of the year")}, nil},
		{"titles of common words", []Article{title(1, sent, "Home"), title(2, sent, "Home")}, nil},
		{"titles of our own names", []Article{
			title(1, sent, "Oursite Payroll: payroll made easy"), title(2, sent, "Oursite Payroll: payroll made easy"),
		}, nil},
		{"no spaces", []Article{title(1, sent, "給与計算の誤りが中小企業に与える影響 | 例"), title(2, sent, "給与計算の誤りが中小企業に与える影響")}, []Copy{{2, 1, CopyTitle}}},
		{"few letters without spaces", []Article{title(1, sent, "給与計算の誤り"), title(2, sent, "給与計算の誤り")}, nil},

		{"same anchor", []Article{anchor(1, sent, "", phrase), anchor(2, sent+2, "", "The annual payroll error survey.")}, []Copy{{2, 1, CopyAnchor}}},
		{"same anchor, another target", []Article{anchor(1, sent, "", phrase), target(anchor(2, sent, "", phrase), "oursite.example/x")}, nil},
		{"same anchor, a title of the same subject", []Article{
			anchor(1, sent, headline1, phrase), anchor(2, sent, "Small firms lose 41,000 hours to payroll", phrase),
		}, []Copy{{2, 1, CopyAnchor}}},
		{"same anchor, another subject", []Article{
			anchor(1, sent, headline1, phrase), anchor(2, sent, "Five startups that raised money in Berlin", phrase),
		}, nil},
		{"an anchor of a year", []Article{anchor(1, sent, "", phrase), anchor(2, sent+2, "", phrase), anchor(3, sent+300, "", phrase)}, nil},
		{"click here", []Article{anchor(1, sent, "", "click here for more"), anchor(2, sent, "", "click here for more")}, nil},
		{"an address", []Article{
			anchor(1, sent, "", "https://oursite.example/payroll-error-survey-annual"), anchor(2, sent, "", "https://oursite.example/payroll-error-survey-annual"),
		}, nil},
		{"an address in words", []Article{
			anchor(1, sent, "", "visit www.payroll-error-survey.example, website"), anchor(2, sent, "", "visit www.payroll-error-survey.example, website"),
		}, nil},
		{"our name", []Article{anchor(1, sent, "", "Oursite Payroll Software"), anchor(2, sent, "", "Oursite Payroll Software")}, nil},

		{"the credited one is the original", []Article{article1(1, sent), credited(article1(2, sent+2), 7), article1(3, sent+4)},
			[]Copy{{1, 2, CopyTitle}, {3, 2, CopyTitle}}},
		{"two pitches earned one each", []Article{credited(article1(1, sent), 7), credited(article1(2, sent+2), 8)}, nil},
		{"the nearest credited one", []Article{credited(article1(1, sent), 7), credited(article1(2, sent+3), 8), article1(3, sent+2)}, []Copy{{3, 2, CopyTitle}}},
		{"one pitch, two names of the outlet", []Article{credited(article1(1, sent), 7), credited(article1(2, sent+2), 7)}, []Copy{{2, 1, CopyTitle}}},

		{"canonical", []Article{title(1, sent, "a"), canonical(title(2, sent+90, "b"), "outlet1.example/a")}, []Copy{{2, 1, CopyCanonical}}},
		{"canonical within the outlet", []Article{article1(1, sent), canonical(outlet(title(2, day.None, ""), "outlet1.example"), "outlet1.example/a")}, []Copy{{2, 1, CopyCanonical}}},
		{"canonical of itself", []Article{canonical(article1(1, sent), "outlet1.example/a")}, nil},
		{"canonical elsewhere", []Article{canonical(article1(1, sent), "unknown.example/a")}, nil},
		{"canonical in a circle", []Article{canonical(title(1, sent, ""), "outlet2.example/a"), canonical(title(2, sent, ""), "outlet1.example/a")}, nil},
		{"canonical of a canonical", []Article{
			title(1, sent, ""), canonical(title(2, sent, ""), "outlet1.example/a"), canonical(title(3, sent, ""), "outlet2.example/a"),
		}, []Copy{{2, 1, CopyCanonical}, {3, 1, CopyCanonical}}},
		{"canonical of a copy", []Article{article1(1, sent), article1(2, sent+1), canonical(title(3, sent, ""), "outlet2.example/a")},
			[]Copy{{2, 1, CopyTitle}, {3, 1, CopyCanonical}}},
		{"canonical does not take a pitch's placement", []Article{article1(1, sent), canonical(credited(title(2, sent, ""), 7), "outlet1.example/a")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			own := []string{"oursite.example", "Oursite Payroll"}
			if c.name != "titles of our own names" && c.name != "our name" {
				own = own[:1]
			}
			if got := Copies(c.links, own); !slices.Equal(got, c.want) {
				t.Fatalf("%v, want %v", got, c.want)
			}
			slices.Reverse(c.links)
			if got := Copies(c.links, own); !slices.Equal(got, c.want) {
				t.Fatalf("reversed: %v, want %v", got, c.want)
			}
		})
	}
}

// Two links of one page are one article, first seen on the first day of either.
func TestLinksOfOnePageAreOneArticle(t *testing.T) {
	a, b, c := article1(1, sent+9), article1(2, sent), article1(3, sent+1)
	b.Page, b.PageKey, b.Outlet, b.TargetKey, b.PitchID = a.Page, a.PageKey, a.Outlet, "oursite.example/x", 7
	want := []Copy{{3, 1, CopyTitle}}
	if got := Copies([]Article{a, b, c}, nil); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// randomArticles draws from few values, so that texts, days and outlets meet.
func randomArticles(seed uint64) []Article {
	r := rand.New(rand.NewPCG(seed, 5))
	one := func(from ...string) string { return from[r.IntN(len(from))] }
	out := make([]Article, r.IntN(14))
	for i := range out {
		page := int64(r.IntN(10))
		a := Article{
			LinkID: int64(i + 1), Page: page, Outlet: fmt.Sprintf("o%d.example", page%5), PageKey: fmt.Sprintf("o%d.example/%d", page%5, page),
			TargetKey: one("oursite.example", "oursite.example/x"), FirstSeen: sent + day.Day(r.IntN(10)), PitchID: int64(r.IntN(3)),
			Title:  one("", headline1, headline1+" | Example", "Berlin startups raising money quickly", "Home"),
			Anchor: one("", "here", phrase, "berlin startups payroll survey"),
		}
		if r.IntN(6) == 0 {
			a.FirstSeen = day.None
		}
		if r.IntN(5) == 0 {
			n := r.IntN(12)
			a.Canonical = fmt.Sprintf("o%d.example/%d", n%5, n)
		}
		out[i] = a
	}
	return out
}

func TestCopiesHold(t *testing.T) {
	count := map[CopyReason]int{}
	for seed := range uint64(4000) {
		links := randomArticles(seed)
		got := Copies(links, nil)
		originalOf := make(map[int64]int64, len(got))
		for i, c := range got {
			count[c.By]++
			if i > 0 && got[i-1].Page >= c.Page {
				t.Fatalf("seed %d: not sorted or twice: %v", seed, got)
			}
			originalOf[c.Page] = c.Original
		}
		for _, c := range got {
			if _, ok := originalOf[c.Original]; ok || c.Page == c.Original {
				t.Fatalf("seed %d: the original of %v is a copy", seed, c)
			}
			checkCopy(t, links, c)
		}
		r := rand.New(rand.NewPCG(seed, 6))
		r.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
		if again := Copies(links, nil); !reflect.DeepEqual(again, got) {
			t.Fatalf("seed %d: another order gives %v, not %v", seed, again, got)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	for _, by := range []CopyReason{CopyCanonical, CopyTitle, CopyAnchor} {
		if count[by] < 100 {
			t.Errorf("only %d copies by %s", count[by], by)
		}
	}
}

// checkCopy says in other words what a copy by its text must be.
func checkCopy(t *testing.T, links []Article, c Copy) {
	t.Helper()
	facts := func(page int64) (seen day.Day, pitches []int64, outlet string) {
		seen = day.None
		for _, l := range links {
			if l.Page != page {
				continue
			}
			if outlet = l.Outlet; l.FirstSeen.Known() && (!seen.Known() || l.FirstSeen < seen) {
				seen = l.FirstSeen
			}
			if l.PitchID != 0 {
				pitches = append(pitches, l.PitchID)
			}
		}
		return seen, pitches, outlet
	}
	seen, ps, outlet := facts(c.Page)
	from, originals, other := facts(c.Original)
	if c.By == CopyCanonical {
		return
	}
	if !seen.Known() || !from.Known() || max(int(seen)-int(from), int(from)-int(seen)) > CopyDays || outlet == other {
		t.Errorf("%v: seen %v on %s, the original %v on %s", c, seen, outlet, from, other)
	}
	if len(ps) > 0 && !slices.ContainsFunc(ps, func(p int64) bool { return slices.Contains(originals, p) }) {
		t.Errorf("%v takes a placement from pitch %v", c, ps)
	}
}

// BenchmarkCopies is a site with 100,000 pages, a tenth of them copies, and one
// outlet that has the same text on 20,000.
func BenchmarkCopies(b *testing.B) {
	var links []Article
	for i := range int64(100_000) {
		a := article1(i, sent+day.Day(i%700))
		a.Title = fmt.Sprintf("Payroll errors cost %d firms dearly, says survey | Outlet %d", 1000+i/10*10, i)
		if i%5 == 0 {
			a.Outlet, a.Title, a.Anchor = "outlet0.example", headline1, phrase
		}
		links = append(links, a)
	}
	b.ReportAllocs()
	for b.Loop() {
		Copies(links, []string{"oursite.example"})
	}
}

// Whatever SaysEnough denies, no link is compared by.
func TestSaysEnough(t *testing.T) {
	texts := NewCopyTexts([]string{"oursite.example"})
	for text, want := range map[string]bool{
		"":                               false,
		"étude complète":                 false,
		"Brand’s numbers":                false,
		"worth a look 🙂":                 false,
		"étude complète des salaires":    true,
		"payroll errors among ferns":     true,
		"with these other reports":       false,
		"https://oursite.example/report": false,
		"労働時間に関する調査報告書":                  true,
		"調査報告":                           false,
	} {
		if got := SaysEnough(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if _, compared := texts.Of("", text, "oursite.example/report"); compared != "" && !want {
			t.Errorf("%q is compared", text)
		}
	}
	if _, compared := texts.Of("", "oursite.example payroll survey", ""); compared != "" || SaysEnough("oursite.example payroll survey") {
		t.Error("an address says something")
	}
}
