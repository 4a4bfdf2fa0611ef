package attribution

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// anchor is what is compared of an anchor, "" when it says too little. Anchors
// repeat, so each is folded once.
func (g *grouping) anchor(s string) string {
	if len(s) < shortest {
		return ""
	}
	text, ok := g.anchors[s]
	if !ok {
		t, rare := g.plain(s)
		if enough(rare) {
			text = t
		}
		g.anchors[s] = text
	}
	return text
}

// shortest is the length of a text that can have three rare words, in bytes.
const shortest = 3*3 + 2

// sameSubject reports that the titles of two pages do not speak against one
// article: one of them is unknown, or half of the shorter one's rare words are
// in both.
func (g *grouping) sameSubject(a, o *article) bool {
	few, many := g.subject(a), g.subject(o)
	if len(few) > len(many) {
		few, many = many, few
	}
	shared := 0
	for _, w := range few {
		if slices.Contains(many, w) {
			shared++
		}
	}
	return shared*2 >= len(few)
}

// subject is the rare words of a page's title, found when first asked for.
func (g *grouping) subject(a *article) []string {
	if a.subject == nil && a.fullTitle != "" {
		_, a.subject = g.plain(a.fullTitle)
	}
	return a.subject
}

// titleBreaks part a headline from the name of its site.
var titleBreaks = strings.NewReplacer(" - ", "\x00", " | ", "\x00", " – ", "\x00", " — ", "\x00", " · ", "\x00", " • ", "\x00", " » ", "\x00", " :: ", "\x00")

// headline is the title without the site's name at its end, folded: the
// shortest beginning that says enough. It is "" when none does.
func (g *grouping) headline(title string) string {
	parts := strings.Split(titleBreaks.Replace(title), "\x00")
	for n := range parts {
		if text, rare := g.plain(strings.Join(parts[:n+1], " ")); enough(rare) {
			return text
		}
	}
	return ""
}

// mostWords bounds the texts that are compared: no headline has more.
const mostWords = 60

// plain folds a text without the addresses in it and lists its rare words.
func (g *grouping) plain(s string) (string, []string) {
	if strings.ContainsAny(s, "/@.") || len(s) >= 2*mostWords { // else it has no address, and no more words
		var kept []string
		for w := range strings.FieldsSeq(s) {
			if len(kept) < mostWords && !address(w) {
				kept = append(kept, w)
			}
		}
		s = strings.Join(kept, " ")
	}
	g.folded = appendFolded(g.folded[:0], s, false)
	text := string(g.folded)
	return text, g.rareWords(text)
}

// address reports a word that is a web or mail address rather than a word.
func address(w string) bool {
	w = strings.Trim(w, `.,;:!?()[]{}"'“”‘’`)
	if strings.ContainsAny(w, "/@") {
		return true
	}
	i := strings.LastIndexByte(w, '.')
	return i > 0 && i+2 < len(w) && !digit(w[i-1]) && !digit(w[i+1])
}

// rareWords are those that the topic of a pitch is matched by, without the
// site's own names.
func (g *grouping) rareWords(folded string) []string {
	out := make([]string, 0, 8)
	for w := range strings.FieldsSeq(folded) {
		if stem := singular(w); rareWord(w) && !g.own[stem] && !slices.Contains(out, stem) {
			out = append(out, stem)
		}
	}
	return out
}

// enough reports that equal texts with these rare words are hardly written
// twice: three words, or a long one of a script that writes no spaces.
func enough(rare []string) bool {
	if len(rare) >= 3 {
		return true
	}
	for _, w := range rare {
		if unspaced([]byte(w)) && utf8.RuneCountInString(w) >= 10 {
			return true
		}
	}
	return false
}

func ownWords(names []string) map[string]bool {
	set := make(map[string]bool)
	for _, n := range names {
		for w := range strings.FieldsSeq(string(appendFolded(nil, n, false))) {
			set[singular(w)] = true
		}
	}
	return set
}

// SaysEnough reports whether [Copies] may compare by a text, whatever the names of
// the site.
func SaysEnough(text string) bool {
	if len(text) < shortest {
		return false
	}
	var g grouping
	_, rare := g.plain(text)
	return enough(rare)
}

// CopyTexts tells which links Copies may find to have a text in common, without
// looking at all of them at once. own is that of Copies.
type CopyTexts struct{ g grouping }

// NewCopyTexts makes one for a site; it may be used for any number of links.
func NewCopyTexts(own []string) *CopyTexts {
	return &CopyTexts{grouping{own: ownWords(own), anchors: make(map[string]string)}}
}

// Of gives what is compared of a link's title, and of its anchor with its
// target. "" says too little to be compared.
func (c *CopyTexts) Of(title, anchor, targetKey string) (headline, text string) {
	if title != "" {
		headline = c.g.headline(title)
	}
	if len(c.g.anchors) > 10_000 {
		clear(c.g.anchors)
	}
	if text = c.g.anchor(anchor); text != "" {
		text += "\x00" + targetKey
	}
	return headline, text
}
