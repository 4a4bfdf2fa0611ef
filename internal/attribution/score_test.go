package attribution

import (
	"fmt"
	"maps"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// TestParts has one row for each part of the score: what the link and the
// pitch say, and what the part is worth. nowhere = the part must not appear.
func TestParts(t *testing.T) {
	const nowhere = 1000
	seen := func(days int) func(*Link, *Pitch) {
		return func(l *Link, p *Pitch) { l.FirstSeen = p.SentOn + day.Day(days) }
	}
	late := func(s pitches.Status) func(*Link, *Pitch) {
		return func(l *Link, p *Pitch) { l.FirstSeen, p.Status = p.SentOn+181, s }
	}
	target := func(link, asked string) func(*Link, *Pitch) {
		return func(l *Link, p *Pitch) { l.TargetKey, p.TargetKey = link, asked }
	}
	status := func(s pitches.Status) func(*Link, *Pitch) {
		return func(_ *Link, p *Pitch) { p.Status = s }
	}
	declined := func(days int) func(*Link, *Pitch) {
		return func(l *Link, p *Pitch) {
			p.Status = pitches.Declined
			if days != nowhere {
				p.ClosedOn = l.FirstSeen + day.Day(days)
			}
		}
	}
	for _, c := range []struct {
		name   string
		edit   func(*Link, *Pitch)
		code   Code
		points int
		detail string
	}{
		{"grace", seen(-3), InWindow, 20, "-3"},
		{"same day", seen(0), InWindow, 20, "0"},
		{"30 days", seen(30), InWindow, 20, "30"},
		{"31 days", seen(31), InWindow, 12, "31"},
		{"90 days", seen(90), InWindow, 12, "90"},
		{"91 days", seen(91), InWindow, 5, "91"},
		{"180 days", seen(180), InWindow, 5, "180"},
		{"181 days", late(pitches.Pitched), Late, 0, "181"},
		{"181 days, accepted", late(pitches.Accepted), Late, 10, "181"},
		{"181 days, landed", late(pitches.Landed), Late, 10, "181"},
		{"no window before grace", seen(-4), InWindow, nowhere, ""},
		{"page's day", func(l *Link, _ *Pitch) { l.FirstSeen, l.PageFirstSeen = day.None, sent+4 }, InWindow, 20, "4 page"},
		{"no day of the link", func(l *Link, _ *Pitch) { l.FirstSeen = day.None }, InWindow, nowhere, ""},
		{"no day of the pitch", func(_ *Link, p *Pitch) { p.SentOn = day.None }, InWindow, nowhere, ""},

		{"target", target("oursite.example/x", "oursite.example/x"), TargetExact, 15, "oursite.example/x"},
		{"home asked for", target("oursite.example", "oursite.example"), TargetExact, 15, "oursite.example"},
		{"home instead", target("oursite.example", "oursite.example/x"), TargetHome, 3, "oursite.example"},
		{"other", target("oursite.example/y", "oursite.example/x"), TargetOther, 0, "oursite.example/y"},
		{"a query is no home page", target("oursite.example?p=1", "oursite.example/x"), TargetOther, 0, "oursite.example?p=1"},
		{"any target", target("oursite.example", ""), TargetHome, nowhere, ""},

		{"accepted", status(pitches.Accepted), AcceptedPitch, 12, "accepted"},
		{"landed", status(pitches.Landed), AcceptedPitch, 12, "landed"},
		{"replied", status(pitches.Replied), RepliedPitch, 6, ""},
		{"no reply", status(pitches.NoReply), RepliedPitch, nowhere, ""},
		{"declined before", declined(-1), DeclinedPitch, -20, (sent + 9).String()},
		{"declined some day", declined(nowhere), DeclinedPitch, -20, ""},
		{"declined the day it was seen", declined(0), DeclinedPitch, nowhere, ""},
		{"declined after", declined(5), DeclinedPitch, nowhere, ""},
		{"bounced", func(_ *Link, p *Pitch) { p.Bounced = true }, BouncedPitch, -30, ""},
		{"bounced stands for declined", func(l *Link, p *Pitch) { declined(-1)(l, p); p.Bounced = true }, DeclinedPitch, nowhere, ""},

		{"only pitch", seen(0), OnlyPitch, 8, ""},
		{"rel=ugc", func(l *Link, _ *Pitch) { l.UGC = backlinks.Yes }, UGCOrForum, -25, "rel=ugc"},
		{"ugc not reported", func(l *Link, _ *Pitch) { l.UGC = backlinks.Unknown }, UGCOrForum, nowhere, ""},
		{"forum", func(l *Link, _ *Pitch) { l.Source.Path = "/Forum/t/12" }, UGCOrForum, -25, "/forum"},
		{"tag page", func(l *Link, _ *Pitch) { l.Source.Path = "/tag/money" }, TemplatePage, -20, "/tag"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
			c.edit(&l, &p)
			d := decideOne(t, l, p)
			got := Reason{Points: nowhere}
			for _, r := range d.Best.Reasons {
				if r.Code == c.code {
					got = r
				}
			}
			if got.Points != c.points || got.Detail != c.detail {
				t.Fatalf("%s: got %d %q, want %d %q in %+v", c.code, got.Points, got.Detail, c.points, c.detail, d)
			}
		})
	}
}

// TestSums adds whole scores up by hand.
func TestSums(t *testing.T) {
	l, p := linkFrom(t, 1, "https://blog.example.com/a"), pitchTo(t, 7, "blog.example.com")
	l.Title, l.Author, l.Anchor = "Payroll mistakes cost firms 41,000 hours", "Zoë Ångström", "the Payroll Report"
	p.TargetKey, p.Subject = "oursite.example/other", "41,000 hours lost to payroll mistakes"
	p.Contact, p.Anchor, p.Status = "Angstrom, Zoe", "payroll report", pitches.Replied
	p.SentOn = l.FirstSeen - 100
	d := decideOne(t, l, p)
	want := map[Code]int{
		SameHost: 60, InWindow: 5, TargetOther: 0, AuthorMatch: 10, AnchorMatch: 8, TopicMatch: 8,
		RepliedPitch: 6, OnlyPitch: 8,
	}
	if !maps.Equal(parts(d.Best), want) || d.Best.Score != 100 || d.Band != Credited {
		t.Fatalf("%+v", d)
	}
	l.UGC, p.Bounced = backlinks.Yes, true // 105-25-30
	if d := decideOne(t, l, p); d.Best.Score != 50 || d.Band != Possible {
		t.Fatalf("%+v", d)
	}
	l.Source.Path, p.Anchor, p.Contact, p.Subject, p.Status = "/tag/x", "", "", "", pitches.Declined
	if d := decideOne(t, l, p); d.Best.Score != 0 || d.Band != NoBand { // 60+5+0+8-30-25-20
		t.Fatalf("below zero: %+v", d)
	}
}

func TestBands(t *testing.T) {
	r := DefaultRules(today)
	for score, want := range map[int]Band{
		100: Credited, 85: Credited, 84: Suggested, 60: Suggested, 59: Possible, 35: Possible, 34: NoBand, 0: NoBand,
	} {
		if got := r.band(score); got != want {
			t.Errorf("%d: %s, want %s", score, got, want)
		}
	}
}

func TestTemplatePages(t *testing.T) {
	for _, c := range []struct {
		name  string
		pages int
		edit  func(i int, l *Link)
		want  int // links that are called a template
	}{
		{"20 pages", 20, func(int, *Link) {}, 0},
		{"21 pages", 21, func(int, *Link) {}, 21},
		{"another anchor", 21, func(i int, l *Link) { l.Anchor = fmt.Sprint("a", i/20) }, 0},
		{"another target", 21, func(i int, l *Link) { l.TargetKey = fmt.Sprint("oursite.example/", i/20) }, 0},
		{"spaces around the anchor", 21, func(i int, l *Link) { l.Anchor += "  "[:i%3] }, 21},
		{"one page many times", 25, func(i int, l *Link) { l.Source.Path = fmt.Sprint("/p", i%20) }, 0},
		{"two outlets", 40, func(i int, l *Link) { l.Source.Outlet.Key += "xy"[i/20 : i/20+1] }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var links []Link
			p := pitchTo(t, 1, "example.com")
			for i := range c.pages {
				l := linkFrom(t, int64(i+1), "https://example.com/a")
				l.Source = weburl.Page{
					Host: "example.com", Domain: "example.com",
					Outlet: weburl.OutletKey{Key: "example.com"}, Path: fmt.Sprint("/p", i),
				}
				c.edit(i, &l)
				links = append(links, l)
			}
			p.Aliases = []pitches.Alias{{Key: "example.comx"}, {Key: "example.comy"}}
			got := 0
			for _, d := range DefaultRules(today).Decide(links, []Pitch{p}, nil) {
				if pts, ok := parts(d.Best)[TemplatePage]; ok && pts == -20 {
					got++
				}
			}
			if got != c.want {
				t.Fatalf("%d links of a template, want %d", got, c.want)
			}
		})
	}
}
