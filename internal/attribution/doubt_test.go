package attribution

import (
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
)

// What keeps a score of 85 and more from being credited without a person, by the
// careful rules; by the others the score alone decides.
func TestDoubt(t *testing.T) {
	const home, page = "oursite.example", "oursite.example/report"
	for _, c := range []struct {
		name string
		edit func(*Link, *Pitch)
		code Code // "" = credited
	}{
		{"the page asked for", func(*Link, *Pitch) {}, ""},
		{"the home page asked for", func(l *Link, p *Pitch) { l.TargetKey, p.TargetKey = home, home }, Unspecific},
		{"no page named", func(_ *Link, p *Pitch) { p.TargetKey = "" }, Unspecific},
		{"another page", func(_ *Link, p *Pitch) { p.TargetKey = page + "/x" }, Unspecific},
		{"another page by the contact", func(l *Link, p *Pitch) { p.TargetKey, p.Contact, l.Author = home, "Ann Lee", "Ann Lee" }, Unspecific},
		{"another page, the anchor", func(l *Link, p *Pitch) { p.TargetKey, p.Anchor, l.Anchor = home, "payroll errors", "payroll errors" }, ""},
		{"another page, the subject", func(l *Link, p *Pitch) {
			p.TargetKey, p.Subject, l.Title = home, "Payroll mistakes", "Mistakes in payroll"
		}, ""},
		{"marked as written by a user", func(l *Link, p *Pitch) { l.UGC, p.Anchor, l.Anchor = backlinks.Yes, "payroll", "payroll" }, Doubted},
		{"half a year later", func(l *Link, p *Pitch) { l.FirstSeen = p.SentOn + 181 }, Doubted},
		{"a host beside the publication", func(l *Link, _ *Pitch) { l.Source.Host = "jobs.example.com" }, OtherSection},
		{"that host was pitched", func(l *Link, p *Pitch) { l.Source.Host, p.Host = "jobs.example.com", "jobs.example.com" }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
			l.TargetKey, p.TargetKey, p.Status = page, page, pitches.Accepted
			c.edit(&l, &p)
			if d := decideOne(t, l, p); d.Band != Credited {
				t.Fatalf("the score alone: %+v", d)
			}
			d := CarefulRules(today).Decide([]Link{l}, []Pitch{p}, nil)[0]
			_, told := parts(d.Best)[c.code]
			want := Credited
			if c.code != "" {
				want = Suggested
			}
			if d.Best.Score < 85 || d.Band != want || told != (c.code != "") {
				t.Fatalf("%+v", d)
			}
		})
	}
}

func TestLinkedBefore(t *testing.T) {
	link := func(id int64, path string, seen day.Day) Link {
		l := linkFrom(t, id, "https://example.com/"+path)
		l.FirstSeen = seen
		return l
	}
	new := link(1, "a", sent+10)
	later := pitchTo(t, 8, "example.com")
	later.SentOn = sent + 8
	for _, c := range []struct {
		name  string
		other Link
		want  bool
	}{
		{"a year before", link(2, "b", sent-365), true},
		{"the day before grace", link(2, "b", sent-4), true},
		{"within grace", link(2, "b", sent-3), false},
		{"after the first pitch", link(2, "b", sent+2), false},
		{"the same page", link(2, "a", sent-365), false},
		{"no day", link(2, "b", day.None), false},
		{"no editor's link", func() Link { l := link(2, "b", sent-365); l.Kind = backlinks.KindRSS; return l }(), false},
		{"another outlet", func() Link { l := link(2, "b", sent-365); l.Source.Outlet.Key = "example.net"; return l }(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pitchTo(t, 7, "example.com")
			p.TargetKey = new.TargetKey
			for _, links := range [][]Link{{new, c.other}, {c.other, new}, {c.other, link(3, "c", sent+1), new, link(4, "d", sent-1)}} {
				for _, d := range CarefulRules(today).Decide(links, []Pitch{p, later}, nil) {
					if _, got := parts(d.Best)[LinkedBefore]; d.LinkID == 1 && (got != c.want || d.Band == Credited && c.want) {
						t.Errorf("%+v", d)
					}
				}
			}
		})
	}
}
