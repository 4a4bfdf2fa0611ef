package attribution

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var sentenceTests = []struct {
	r    Reason
	want string
}{
	{Reason{ExactLiveURL, 100, "example.com/a"}, "The link is on the page recorded as this pitch's live URL, example.com/a"},
	{Reason{SameHost, 60, "blog.example.com"}, "The link is on the outlet's own host blog.example.com"},
	{Reason{PlatformScope, 55, "ann.substack.com"}, "The link is on ann.substack.com, the author this pitch went to"},
	{Reason{SameDomain, 50, "news.example.com"}, "The link is on news.example.com, another host of the same outlet"},
	{Reason{OutletAlias, 50, "example.net"}, "The link is on example.net, another name of the outlet"},
	{Reason{InWindow, 20, "12"}, "First seen 12 days after the pitch"},
	{Reason{InWindow, 20, "1"}, "First seen 1 day after the pitch"},
	{Reason{InWindow, 20, "0"}, "First seen on the day of the pitch"},
	{Reason{InWindow, 20, "-2"}, "First seen 2 days before the pitch was dated, within the days of grace"},
	{Reason{InWindow, 12, "40 page"}, "The page was first seen 40 days after the pitch"},
	{Reason{InWindow, 12, "?"}, "First seen ?"},
	{Reason{Late, 0, "200"}, "First seen 200 days after the pitch: later than links from a pitch mostly come"},
	{Reason{Late, 10, "200"}, "First seen 200 days after the pitch: late, but the outlet had accepted"},
	{Reason{TargetExact, 15, "oursite.example/x"}, "It points to the page we asked for, oursite.example/x"},
	{Reason{TargetHome, 3, "oursite.example"}, "It points to the home page oursite.example, not to the page we asked for"},
	{Reason{TargetOther, 0, "oursite.example/y"}, "It points to oursite.example/y, not to the page we asked for"},
	{Reason{AuthorMatch, 10, "Ann Lee"}, "The page names Ann Lee, our contact, as its author"},
	{Reason{AnchorMatch, 8, "payroll report"}, "The anchor says “payroll report”, as we asked"},
	{Reason{TopicMatch, 8, "payroll, firms"}, "Title or anchor share rare words with the pitch: payroll, firms"},
	{Reason{AcceptedPitch, 12, "accepted"}, "The outlet accepted the pitch"},
	{Reason{AcceptedPitch, 12, "landed"}, "The pitch is marked as landed"},
	{Reason{RepliedPitch, 6, ""}, "The outlet replied to the pitch"},
	{Reason{DeclinedPitch, -20, ""}, "The outlet declined the pitch"},
	{Reason{DeclinedPitch, -20, "2026-11-04"}, "The outlet declined the pitch on 4 Nov 2026, before the link appeared"},
	{Reason{DeclinedPitch, -20, "soon"}, "The outlet declined the pitch on soon, before the link appeared"},
	{Reason{BouncedPitch, -30, ""}, "The e-mail of the pitch bounced"},
	{Reason{OnlyPitch, 8, ""}, "No other pitch could have earned it"},
	{Reason{UGCOrForum, -25, "rel=ugc"}, "The link is marked as written by a user (rel=ugc)"},
	{Reason{UGCOrForum, -25, "/forum"}, "The page lies under /forum, where users write"},
	{Reason{TemplatePage, -20, "/tag"}, "The page is a list or feed (/tag), not an article"},
	{Reason{TemplatePage, -20, "37"}, "37 pages of this outlet have the same anchor and target, as a template does"},
	{Reason{NotEditorial, 0, "redirect"}, "It is a redirect, not a link an editor placed in a text"},
	{Reason{NotEditorial, 0, "rss"}, "It is a feed entry, not a link an editor placed in a text"},
	{Reason{NotEditorial, 0, "canonical"}, "It is a canonical tag, not a link an editor placed in a text"},
	{Reason{NotEditorial, 0, "alternate"}, "It is an alternate-language tag, not a link an editor placed in a text"},
	{Reason{Preexisting, 0, "10"}, "The link was there 10 days before the pitch"},
	{Reason{Preexisting, 0, "400 page"}, "The page was there 400 days before the pitch"},
	{Reason{Preexisting, 0, ""}, "The link was there before the pitch"},
	{Reason{NoDate, 0, ""}, "The pitch has no sent date"},
	{Reason{NoDate, 0, "2026-11-24"}, "The pitch is dated 24 Nov 2026, in the future"},
	{Reason{UndatedLink, 0, ""}, "Nobody knows when the link appeared"},
	{Reason{UnscopedPlatform, 0, "medium.com"}, "Many authors write on medium.com, and the pitch names none of them"},
	{Reason{Unspecific, 0, ""}, "Nothing about the link itself points to this pitch, so a person decides"},
	{Reason{Doubted, 0, ""}, "Something speaks against it, so a person decides"},
	{Reason{OtherSection, 0, "jobs.example.com"}, "The link is on jobs.example.com, which is rarely written by editors"},
	{Reason{LinkedBefore, 0, ""}, "The outlet linked to us before it was first pitched, so it may link without being asked"},
	{Reason{ContestedRunnerUp, 0, "83"}, "Another pitch is about as likely, at 83%"},
	{Reason{Code("new_code"), 4, "x"}, "new_code: x"},
	{Reason{Code("new_code"), 4, ""}, "new_code"},
}

func TestSentence(t *testing.T) {
	said := make(map[Code]bool)
	for _, c := range sentenceTests {
		if got := Sentence(c.r); got != c.want {
			t.Errorf("%+v:\n got %q\nwant %q", c.r, got, c.want)
		}
		said[c.r.Code] = true
	}
	for _, c := range Codes {
		if !said[c] {
			t.Errorf("no sentence for %s", c)
		}
	}
}

// TestCodesIsComplete reads the constants from the source, so that a new code
// cannot be forgotten in Codes and so in the sentences.
func TestCodesIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		v, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); !ok || id.Name != "Code" {
			return true
		}
		text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil || !slices.Contains(Codes, Code(text)) {
			t.Errorf("%s is not in Codes", v.Names[0].Name)
		}
		n++
		return true
	})
	if n != len(Codes) || n == 0 {
		t.Errorf("%d constants, %d in Codes", n, len(Codes))
	}
}

// Sentences follow the house style: no full stop, nothing shouted or begged.
func TestSentenceStyle(t *testing.T) {
	for _, c := range sentenceTests {
		s := Sentence(c.r)
		if s == "" || strings.HasSuffix(s, ".") || strings.Contains(s, "!") || strings.Contains(s, "please") {
			t.Errorf("%q", s)
		}
	}
}

func TestStrength(t *testing.T) {
	for score, want := range map[int]string{100: "Strong", 85: "Strong", 84: "Likely", 60: "Likely", 59: "Weak", 0: "Weak"} {
		if got := Strength(score); got != want {
			t.Errorf("%d: %s", score, got)
		}
	}
}
