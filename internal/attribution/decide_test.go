package attribution

import (
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// sent is the day on which the pitches of the tests go out unless they say
// otherwise; today is when the rules run.
var (
	sent  = day.Date(2026, time.March, 1)
	today = day.Date(2026, time.November, 1)
)

func page(t testing.TB, raw string) weburl.Page {
	t.Helper()
	p, err := weburl.Default().Page(raw)
	if err != nil {
		t.Fatalf("page %q: %v", raw, err)
	}
	return p
}

func linkFrom(t testing.TB, id int64, raw string) Link {
	t.Helper()
	return Link{
		ID: id, Source: page(t, raw), TargetKey: "oursite.example/report",
		Anchor: "a report", Kind: backlinks.KindText, FirstSeen: sent + 10,
	}
}

func pitchTo(t testing.TB, id int64, typed string) Pitch {
	t.Helper()
	p, err := weburl.Default().Outlet(typed)
	if err != nil {
		t.Fatalf("outlet %q: %v", typed, err)
	}
	sc := p.Outlet.Scope
	return Pitch{
		ID: id, OutletID: id, OwnerID: 1, Campaign: "spring",
		Host: p.Host, Key: p.Outlet.Key,
		Scoped:   sc == weburl.ScopeHost || sc == weburl.ScopePath,
		Unscoped: sc == weburl.ScopeBare,
		SentOn:   sent, Status: pitches.Pitched,
	}
}

func decideOne(t testing.TB, l Link, ps ...Pitch) Decision {
	t.Helper()
	return DefaultRules(today).Decide([]Link{l}, ps, nil)[0]
}

// parts is a candidate's reasons as code and points.
func parts(c Candidate) map[Code]int {
	m := make(map[Code]int)
	for _, r := range c.Reasons {
		m[r.Code] = r.Points
	}
	return m
}

// TestHostVectors has the vectors of the specification about which outlet a
// link comes from, each through the real keys of both sides.
func TestHostVectors(t *testing.T) {
	bbc := pitches.Alias{Key: "bbc.com"}
	for _, c := range []struct {
		name, outlet, source string
		alias                []pitches.Alias
		want                 Code // "" = no candidate
		points               int
	}{
		{"1 same host behind tracking and www", "https://www.Example.co.uk/write-for-us?utm_source=x", "http://example.co.uk/a/", nil, SameHost, 60},
		{"2 two authors of a host platform", "foo.substack.com", "https://bar.substack.com/p/x", nil, "", 0},
		{"2 the author himself", "foo.substack.com", "https://foo.substack.com/p/x", nil, PlatformScope, 55},
		{"3 two authors of a path platform", "medium.com/@ann", "https://medium.com/@bob/y", nil, "", 0},
		{"3 the author herself", "https://medium.com/@ann/x", "https://medium.com/@ann/y", nil, PlatformScope, 55},
		{"4 a platform with country endings", "foo.blogspot.co.uk", "https://bar.blogspot.co.uk/2026/x.html", nil, "", 0},
		{"5 amp host", "theguardian.com", "https://amp.theguardian.com/x", nil, SameHost, 60},
		{"6 amp cache", "example.com", "https://www-example-com.cdn.ampproject.org/v/s/www.example.com/p", nil, SameHost, 60},
		{"7 international name", "münchen.de", "https://xn--mnchen-3ya.de/a", nil, SameHost, 60},
		{"14 alias", "bbc.co.uk", "https://news.bbc.com/a", []pitches.Alias{bbc}, OutletAlias, 50},
		{"14 primary key beside an alias", "bbc.co.uk", "https://news.bbc.co.uk/a", []pitches.Alias{bbc}, SameDomain, 50},
		{"15 a longer name", "example.com", "https://evilexample.com/a", nil, "", 0},
		{"15 the name as a subdomain", "example.com", "https://example.com.evil.net/a", nil, "", 0},
		{"own domain of an author on a platform", "foo.substack.com", "https://bbc.com/a", []pitches.Alias{bbc}, OutletAlias, 50},
		{"other subdomain", "blog.example.com", "https://news.example.com/a", nil, SameDomain, 50},
		{"bare domain to subdomain", "example.com", "https://news.example.com/a", nil, SameDomain, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pitchTo(t, 7, c.outlet)
			p.Aliases = c.alias
			d := decideOne(t, linkFrom(t, 1, c.source), p)
			if c.want == "" {
				if d.Best.PitchID != 0 || d.Band != NoBand {
					t.Fatalf("matched: %+v", d)
				}
				return
			}
			if d.Best.PitchID != 7 || d.Best.Reasons[0].Code != c.want || d.Best.Reasons[0].Points != c.points {
				t.Fatalf("got %+v, want %s %d", d.Best, c.want, c.points)
			}
		})
	}
}

// Vector 16: what is no publication never gets a key, so it cannot match.
func TestRefusedSources(t *testing.T) {
	for _, raw := range []string{"http://192.0.2.7/a", "http://localhost/a", "https://user:pass@example.com/a"} {
		if p, err := weburl.Default().Page(raw); err == nil {
			t.Errorf("%s has the key %q", raw, p.Outlet.Key)
		}
	}
	// A source that came without a key matches nothing, not even a keyless outlet.
	if d := decideOne(t, Link{ID: 1, FirstSeen: sent}, Pitch{ID: 2, SentOn: sent, Status: pitches.Pitched}); d.Best.PitchID != 0 {
		t.Errorf("empty keys matched: %+v", d)
	}
}

// Vector 8, and both ways in which a link can be older than its pitch.
func TestPreexisting(t *testing.T) {
	for _, c := range []struct {
		name       string
		link, page day.Day
		want       bool
	}{
		{"10 days before", sent - 10, day.None, true},
		{"one day more than grace", sent - 4, day.None, true},
		{"grace", sent - 3, day.None, false},
		{"page older, link not dated", day.None, sent - 10, true},
		{"page older, link dated after", sent + 5, sent - 400, false},
		{"page younger", day.None, sent + 5, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := linkFrom(t, 1, "https://example.com/a")
			l.FirstSeen, l.PageFirstSeen = c.link, c.page
			p := pitchTo(t, 7, "example.com")
			p.Status = pitches.Accepted
			d := decideOne(t, l, p)
			_, got := parts(d.Best)[Preexisting]
			if got != c.want || got && (d.Best.Score != 30 || d.Band != NoBand) {
				t.Fatalf("%+v", d)
			}
		})
	}
}

func TestPreexistingIsNoRival(t *testing.T) {
	l := linkFrom(t, 1, "https://example.com/a")
	earlier, later := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
	later.SentOn, later.OwnerID = l.FirstSeen+30, 2
	d := decideOne(t, l, earlier, later)
	if d.Best.PitchID != 1 || parts(d.Best)[OnlyPitch] != 8 || d.Contested || len(d.Assists) > 0 {
		t.Fatalf("%+v", d)
	}
	// Even a hopeless pitch that was there in time goes before it.
	earlier.Bounced, l.UGC = true, backlinks.Yes
	if d := decideOne(t, l, earlier, later); d.Best.PitchID != 1 {
		t.Fatalf("%+v", d)
	}
	// A workspace with low thresholds gets no preexisting links either.
	r := DefaultRules(today)
	r.CreditAt, r.SuggestAt, r.PossibleAt = 20, 10, 5
	if d := r.Decide([]Link{l}, []Pitch{later}, nil)[0]; d.Band != NoBand || d.Best.PitchID != 2 {
		t.Fatalf("%+v", d)
	}
}

// Vector 9.
func TestTheLaterOfTwoPitches(t *testing.T) {
	l := linkFrom(t, 1, "https://example.com/a")
	early, late := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
	early.SentOn, late.SentOn = l.FirstSeen-40, l.FirstSeen-3
	d := decideOne(t, l, early, late)
	if d.Best.PitchID != 2 || d.Best.Score != 80 || d.Band != Suggested {
		t.Fatalf("%+v", d)
	}
	if len(d.Assists) != 1 || d.Assists[0].PitchID != 1 || d.Assists[0].Score != 72 {
		t.Fatalf("assists: %+v", d.Assists)
	}
}

func TestTies(t *testing.T) {
	l := linkFrom(t, 1, "https://example.com/a")
	a, b, c := pitchTo(t, 3, "example.com"), pitchTo(t, 2, "example.com"), pitchTo(t, 9, "example.com")
	c.SentOn = sent + 1
	if d := decideOne(t, l, a, b, c); d.Best.PitchID != 9 {
		t.Errorf("latest sent_on: got %d", d.Best.PitchID)
	}
	if d := decideOne(t, l, a, b); d.Best.PitchID != 2 {
		t.Errorf("lowest id: got %d", d.Best.PitchID)
	}
}

// Vector 13, and the other ways to a cap.
func TestCaps(t *testing.T) {
	tomorrow := func(p *Pitch, l *Link) { p.SentOn, l.FirstSeen = today+1, today }
	undated := func(p *Pitch, _ *Link) { p.SentOn = day.None }
	for _, c := range []struct {
		name  string
		edit  func(*Pitch, *Link)
		code  Code
		score int
		band  Band
	}{
		{"13 dated tomorrow", tomorrow, NoDate, 84, Suggested},
		{"no sent date", undated, NoDate, 84, Suggested},
		{"link without any date", func(_ *Pitch, l *Link) { l.FirstSeen = day.None }, UndatedLink, 95, Suggested},
		{"bare platform pitch", func(p *Pitch, _ *Link) { p.Unscoped = true }, UnscopedPlatform, 59, Possible},
		{"bare platform page", func(_ *Pitch, l *Link) { l.Source.Outlet.Scope = weburl.ScopeBare }, UnscopedPlatform, 59, Possible},
		{"not editorial", func(_ *Pitch, l *Link) { l.Kind = backlinks.KindRedirect }, NotEditorial, 100, Suggested},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
			p.Status, p.TargetKey = pitches.Accepted, l.TargetKey // 60+20+15+12+8
			c.edit(&p, &l)
			d := decideOne(t, l, p)
			if _, ok := parts(d.Best)[c.code]; !ok || d.Best.Score != c.score || d.Band != c.band {
				t.Fatalf("%+v", d)
			}
			// None of these is credited by moving the thresholds either.
			r := DefaultRules(today)
			r.CreditAt, r.SuggestAt = 50, 40
			if d := r.Decide([]Link{l}, []Pitch{p}, nil)[0]; d.Band != Suggested {
				t.Fatalf("low thresholds: %+v", d)
			}
		})
	}
}

func TestAPitchOfTodayHasADate(t *testing.T) {
	l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
	p.SentOn, l.FirstSeen = today, today
	if d := decideOne(t, l, p); d.Band != Credited {
		t.Errorf("%+v", d)
	}
	// Without a day to compare with, no date is in the future.
	p.SentOn = today + 2
	if d := DefaultRules(day.None).Decide([]Link{l}, []Pitch{p}, nil)[0]; d.Band != Credited {
		t.Errorf("no today: %+v", d)
	}
}

func TestEveryNonEditorialKindAsks(t *testing.T) {
	for _, k := range []backlinks.Kind{
		backlinks.KindRedirect, backlinks.KindCanonical, backlinks.KindAlternate,
		backlinks.KindRSS, backlinks.KindForm, backlinks.KindFrame,
	} {
		l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
		l.Kind = k
		if d := decideOne(t, l, p); d.Best.Score != 88 || d.Band != Suggested {
			t.Errorf("%s: %+v", k, d)
		}
		p.LiveKey = l.Source.Key()
		if d := decideOne(t, l, p); d.Best.Score != 100 || d.Band != Suggested {
			t.Errorf("%s with the live URL: %+v", k, d)
		}
	}
}

func TestExactLiveURL(t *testing.T) {
	l := linkFrom(t, 1, "https://elsewhere.example.net/story?utm_source=x")
	live := pitchTo(t, 7, "example.com")
	live.LiveKey, live.LiveOutlet = l.Source.Key(), l.Source.Outlet.Key
	live.SentOn, live.Bounced, live.Unscoped = l.FirstSeen+300, true, true
	other := pitchTo(t, 8, "example.net")
	other.OwnerID, other.Status, other.TargetKey = 2, pitches.Accepted, l.TargetKey
	other.Anchor, other.SentOn = "report", l.FirstSeen // 50+20+15+8+12 = 105

	d := decideOne(t, l, other, live)
	if d.Best.PitchID != 7 || d.Best.Score != 100 || d.Band != Credited || d.Contested || len(d.Best.Reasons) != 1 {
		t.Fatalf("a recorded live URL settles it: %+v", d)
	}
	if len(d.Assists) != 1 || d.Assists[0].PitchID != 8 || d.Assists[0].Score != 100 {
		t.Fatalf("assists: %+v", d.Assists)
	}
	// A score of 100 and the later date do not go before a recorded live URL.
	live.SentOn = other.SentOn - 60
	if d := decideOne(t, l, other, live); d.Best.PitchID != 7 || d.Contested {
		t.Fatalf("older than its rival: %+v", d)
	}
	// The same pitch has no claim on another page of that outlet.
	if d := decideOne(t, linkFrom(t, 2, "https://elsewhere.example.net/other"), live); d.Best.PitchID != 0 {
		t.Fatalf("other page: %+v", d)
	}
	// Two owners who recorded the same page contest each other.
	other.LiveKey = live.LiveKey
	if d := decideOne(t, l, other, live); !d.Contested || d.Band != Suggested {
		t.Fatalf("two live URLs: %+v", d)
	}
	live.Status = pitches.Draft
	if d := decideOne(t, l, live); d.Best.PitchID != 0 {
		t.Fatalf("a draft was matched: %+v", d)
	}
}

func TestContested(t *testing.T) {
	for _, c := range []struct {
		name    string
		edit    func(*Pitch)
		want    bool
		careful bool // what the careful rules say
	}{
		{"same owner and campaign", func(*Pitch) {}, false, true},
		{"other owner", func(p *Pitch) { p.OwnerID = 2 }, true, true},
		{"other campaign", func(p *Pitch) { p.Campaign = "autumn" }, true, true},
		{"other owner, 6 points behind", func(p *Pitch) { p.OwnerID, p.Status = 2, pitches.Replied }, false, true},
		{"15 points behind", func(p *Pitch) { p.TargetKey = "oursite.example/x" }, false, true},
		{"21 points behind", func(p *Pitch) { p.TargetKey, p.Status = "oursite.example/x", pitches.Replied }, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := linkFrom(t, 1, "https://example.com/a")
			a, b := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
			l.Source.Host = "news.example.com"
			a.Status, b.Status = pitches.Accepted, pitches.Accepted // 50+20+15+12 each
			a.TargetKey, b.TargetKey = l.TargetKey, l.TargetKey
			c.edit(&b)
			for contested, r := range map[*bool]Rules{&c.want: DefaultRules(today), &c.careful: CarefulRules(today)} {
				d := r.Decide([]Link{l}, []Pitch{a, b}, nil)[0]
				want := Credited
				if *contested {
					want = Suggested
				}
				_, reason := parts(d.Best)[ContestedRunnerUp]
				if d.Contested != *contested || reason != *contested || d.Band != want || len(d.Assists) != 1 {
					t.Errorf("careful %d: %+v", r.Careful, d)
				}
			}
		})
	}
	t.Run("a runner-up behind one of the same owner", func(t *testing.T) {
		l := linkFrom(t, 1, "https://example.com/a")
		a, b, c := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com"), pitchTo(t, 3, "example.com")
		a.Status, b.Status, c.Status = pitches.Accepted, pitches.Accepted, pitches.Accepted
		a.TargetKey, b.TargetKey = "oursite.example/x", "oursite.example/x" // 92 all, c with the older date
		c.OwnerID, c.SentOn = 2, sent-5
		if d := decideOne(t, l, a, b, c); !d.Contested || d.Best.PitchID != 1 {
			t.Fatalf("%+v", d)
		}
	})
	t.Run("as far behind as the setting says", func(t *testing.T) {
		l := linkFrom(t, 1, "https://example.com/a")
		a, b := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
		a.Status, b.Status, b.OwnerID = pitches.Accepted, pitches.Replied, 2 // 92, 86
		for within, want := range map[int]bool{5: false, 6: true} {
			r := DefaultRules(today)
			r.ContestedWithin = within
			if d := r.Decide([]Link{l}, []Pitch{a, b}, nil)[0]; d.Contested != want {
				t.Errorf("within %d: %+v", within, d)
			}
		}
	})
	t.Run("not among weak ones", func(t *testing.T) {
		l := linkFrom(t, 1, "https://news.example.com/a")
		l.FirstSeen = sent + 300
		a, b := pitchTo(t, 1, "example.com"), pitchTo(t, 2, "example.com")
		b.OwnerID = 2
		if d := decideOne(t, l, a, b); d.Contested || d.Band != Possible {
			t.Fatalf("%+v", d)
		}
	})
}
