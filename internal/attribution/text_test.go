package attribution

import (
	"strings"
	"testing"
)

func TestAppendFolded(t *testing.T) {
	for in, want := range map[string]string{
		"":                              " ",
		"  --  ":                        " ",
		"The Payroll Report":            " the payroll report ",
		"Founder’s don't rock'n'roll":   " founders dont rocknroll ",
		"9,000 payslips, 3.5% in 2,026": " 9000 payslips 35 in 2026 ",
		"1, 2":                          " 1 2 ",
		"Größe ÅNGSTRÖM Łódź Ørsted æ":  " grosse angstrom lodz orsted ae ",
		"İstanbul ılık":                 " istanbul ilik ",
		"ΟΔΟΣ οδός":                     " οδοσ οδοσ ",
		"ｆｕｌｌ ﬁve":                      " full five ",
		"a\xff\xfeb":                    " a b ",
		"\u00ad":                        " ",
	} {
		if got := string(appendFolded(nil, in, false)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := string(appendFolded(nil, "reports class gas rules’", true)); got != " report class gas rule " {
		t.Errorf("stemmed: %q", got)
	}
}

func TestAuthorMatch(t *testing.T) {
	for _, c := range []struct {
		contact, author string
		want            bool
	}{
		{"Ann Lee", "Ann Lee", true},
		{"Ann Lee", "LEE, ann", true},
		{"Zoë Ångström", "Zoe Angstrom", true},
		{"Dr. Ann M. Lee (Example Times)", "Ann Lee", true},
		{"Ann Lee", "By Ann Lee and Bob Ray", true},
		{"Ann Lee", "Ann Ray", false},
		{"Ann", "Ann", false},
		{"Ann", "Ann Lee", false},
		{"Ann L.", "Ann Lee", false},
		{"Ann Ann", "Ann Lee", false},
		{"", "Ann Lee", false},
		{"Ann Lee", "", false},
		{"News desk", "News desk", false},
		{"Editorial team", "Editorial Team", false},
		{"山田太郎", "山田太郎", true},
		{"山田", "山田太郎", false},
		{"김민수", "김민수", true},
		{"Madonna", "Madonna", false},
	} {
		if got := sameName(nameWords(c.contact), nameWords(c.author)); got != c.want {
			t.Errorf("%q, %q: %v", c.contact, c.author, got)
		}
	}
}

func TestAnchorAndTopic(t *testing.T) {
	for _, c := range []struct {
		name                   string
		asked, subject         string
		anchor, title          string
		wantAnchor, wantShared string
	}{
		{name: "equal but for case", asked: "Payroll report", anchor: "payroll REPORT", wantAnchor: "Payroll report"},
		{name: "within", asked: "payroll report", anchor: "see the payroll report here", wantAnchor: "payroll report"},
		{name: "not within words", asked: "pay", anchor: "payroll"},
		{name: "not in another order", asked: "payroll report", anchor: "report payroll"},
		{name: "less than was asked", asked: "payroll report", anchor: "report"},
		{name: "nothing asked", asked: " - ", anchor: "a - b"},
		{name: "two rare words", subject: "Why payroll mistakes cost firms", title: "Firms and their payroll", wantShared: "payroll, firms"},
		{name: "one rare word", subject: "Why payroll mistakes cost firms", title: "Payroll"},
		{name: "the same word twice", subject: "Payroll payroll payrolls", title: "payroll payrolls"},
		{name: "one in title, one in anchor", subject: "payroll mistakes", title: "Payroll", anchor: "mistake", wantShared: "payroll, mistakes"},
		{name: "common words", subject: "Guest post about your best article ideas", title: "guest post about your best article ideas"},
		{name: "common words of other languages", subject: "Warum nicht durch unsere zwischen", title: "warum nicht durch unsere zwischen"},
		{name: "short words", subject: "tax law act", title: "tax law act"},
		{name: "numbers", subject: "9,000 people in 41 of 350 towns", title: "350 of 9000", wantShared: "9000, 350"},
		{name: "years are not rare", subject: "State of payroll 2026", title: "State of 2026"},
		{name: "accents", subject: "Größenwahn und Übermut", title: "UBERMUT GROSSENWAHN", wantShared: "grossenwahn, ubermut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 1, "example.com")
			p.Anchor, p.Subject, l.Anchor, l.Title = c.asked, c.subject, c.anchor, c.title
			var anchor, shared string
			for _, r := range decideOne(t, l, p).Best.Reasons {
				switch r.Code {
				case AnchorMatch:
					anchor = r.Detail
				case TopicMatch:
					shared = r.Detail
				}
			}
			if anchor != c.wantAnchor || shared != c.wantShared {
				t.Fatalf("anchor %q shared %q", anchor, shared)
			}
		})
	}
}

// The word lists are looked up with folded words, so they must be folded.
func TestWordListsAreFolded(t *testing.T) {
	for _, set := range []map[string]bool{commonWords, notNames} {
		for w := range set {
			if got := strings.TrimSpace(string(appendFolded(nil, w, false))); got != w {
				t.Errorf("%q folds to %q", w, got)
			}
		}
	}
	for w := range commonWords {
		if len(w) < 4 {
			t.Errorf("%q is too short to be rare anyway", w)
		}
	}
}

func nameWords(s string) [][]byte {
	var n name
	n.read(s)
	return n.words
}
