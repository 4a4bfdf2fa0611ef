package attribution

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Texts are compared as folded words: lower case, without diacritics, each
// followed by a space and the whole begun by one, so that " rare " is found in
// " a rare word " and never inside another word.

// pitchText is the text of a pitch, folded when it is first needed. Its memory is
// used again for another pitch.
type pitchText struct {
	done    bool
	anchor  []byte   // folded, empty when none was asked for
	rare    [][]byte // rare words of the subject, stemmed and with their spaces
	shown   [][]byte // the same words, as folded
	contact name

	folded, stems []byte // the subject, of which shown and rare are parts

	// Links of one outlet tend to share the same words with a pitch, so the
	// list of the last ones is kept: lastSet has a bit for each word of rare.
	lastSet uint64
	last    string
}

// mostRare bounds the rare words of a subject, by the bits of lastSet.
const mostRare = 64

func (t *pitchText) reset() {
	*t = pitchText{anchor: t.anchor[:0], rare: t.rare[:0], shown: t.shown[:0], contact: t.contact, folded: t.folded, stems: t.stems}
}

func (t *pitchText) read(p *Pitch) {
	if t.done {
		return
	}
	t.done = true
	if t.anchor = appendFolded(t.anchor[:0], p.Anchor, false); len(t.anchor) == 1 { // no word
		t.anchor = t.anchor[:0]
	}
	t.contact.read(p.Contact)
	if p.Subject != "" {
		t.readSubject(p.Subject)
	}
}

// readSubject goes through the subject as it is shown and as it is compared,
// word by word: cutting a plural never drops a word.
func (t *pitchText) readSubject(subject string) {
	n := len(subject) + 2 // for the spaces around it
	t.folded = appendFolded(slices.Grow(t.folded[:0], n), subject, false)
	t.stems = appendFolded(slices.Grow(t.stems[:0], n), subject, true)
	at := 0 // the space before the next stem
	for w := range bytes.FieldsSeq(t.folded) {
		end := at + 1 + len(singular(w))
		stem := t.stems[at : end+1 : end+1] // with both spaces
		at = end
		if rareWord(string(w)) && len(t.rare) < mostRare && !hasWord(t.rare, stem) {
			t.rare, t.shown = append(t.rare, stem), append(t.shown, w)
		}
	}
}

// linkText is the text of the current link; its buffers are used again.
type linkText struct {
	anchorDone, topicDone, authorDone bool
	anchor, topic                     []byte
	author                            name
}

func (t *linkText) reset() {
	*t = linkText{anchor: t.anchor[:0], topic: t.topic[:0], author: t.author}
}

// words weighs the text parts.
func (s *run) words(l *Link, f *scored) {
	p, t, w := f.pitch, &s.facts.text, &s.rules.Weights
	p.text.read(p.Pitch)
	if len(p.text.contact.words) > 0 && l.Author != "" {
		if !t.authorDone {
			t.author.read(l.Author)
			t.authorDone = true
		}
		if sameName(p.text.contact.words, t.author.words) {
			f.add(AuthorMatch, w.AuthorMatch, strings.TrimSpace(l.Author))
		}
	}
	if len(p.text.anchor) > 0 {
		if !t.anchorDone {
			t.anchor, t.anchorDone = appendFolded(t.anchor, l.Anchor, false), true
		}
		if bytes.Contains(t.anchor, p.text.anchor) {
			f.add(AnchorMatch, w.AnchorMatch, strings.TrimSpace(p.Anchor))
		}
	}
	if len(p.text.rare) < 2 {
		return
	}
	if !t.topicDone {
		t.topic = appendFolded(t.topic, l.Title, true)
		t.topic, t.topicDone = appendFolded(t.topic, l.Anchor, true), true
	}
	if shared := sharedWords(&p.text, t.topic); shared != "" {
		f.add(TopicMatch, w.TopicMatch, shared)
	}
}

// sharedWords lists the pitch's rare words in text, or "" for fewer than two.
func sharedWords(p *pitchText, text []byte) string {
	var set uint64
	for i, w := range p.rare {
		if bytes.Contains(text, w) {
			set |= 1 << i
		}
	}
	if bits.OnesCount64(set) < 2 {
		return ""
	}
	if set != p.lastSet {
		var words [][]byte
		for i, w := range p.shown {
			if set&(1<<i) != 0 {
				words = append(words, w)
			}
		}
		p.lastSet, p.last = set, string(bytes.Join(words, []byte(", ")))
	}
	return p.last
}

// rareWord reports whether a folded word says something about a subject: a
// number of three or more digits that is not a year of our time, or a word of
// four or more letters that is not on the list of common ones.
func rareWord(w string) bool {
	if strings.Trim(w, "0123456789") == "" {
		return len(w) >= 3 && (len(w) != 4 || w < "1990" || w > "2049")
	}
	return utf8.RuneCountInString(w) >= 4 && !commonWords[w]
}

// singular cuts a plural s, the one ending that most of our languages share.
// Words that only look like plurals lose it on both sides.
func singular[T string | []byte](w T) T {
	if n := len(w); n >= 5 && w[n-1] == 's' && w[n-2] != 's' {
		return w[:n-1]
	}
	return w
}

// name has the distinct words of a name without initials, titles and the words
// that desks are called by ("News desk" is nobody's name). Its memory is used
// again by the next read.
type name struct {
	folded []byte
	words  [][]byte // parts of folded
}

func (n *name) read(s string) {
	n.folded = appendFolded(n.folded[:0], s, false)
	n.words = n.words[:0]
	for rest := n.folded[1:]; len(rest) > 0; {
		end := bytes.IndexByte(rest, ' ')
		w := rest[:end]
		rest = rest[end+1:]
		if utf8.RuneCount(w) > 1 && !notNames[string(w)] && !hasWord(n.words, w) {
			n.words = append(n.words, w)
		}
	}
}

func hasWord(words [][]byte, w []byte) bool {
	for _, o := range words {
		if bytes.Equal(o, w) {
			return true
		}
	}
	return false
}

// sameName compares names in any order of their words. One may say more than
// the other (a middle name, a publication), but two words must be common: a
// shared first name is no match. Names in scripts that write no spaces are one
// word and must be equal.
func sameName(a, b [][]byte) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 || len(a) == 1 && (len(b) != 1 || !unspaced(a[0])) {
		return false
	}
	for _, w := range a {
		if !hasWord(b, w) {
			return false
		}
	}
	return true
}

// unspaced reports a whole name in Han, kana or Hangul. After folding a Hangul
// syllable is two or three letters, so that three letters may be one syllable;
// equality of the whole makes up for it.
func unspaced(w []byte) bool {
	for _, r := range string(w) {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) && !kanaMark(r) {
			return false
		}
	}
	return utf8.RuneCount(w) >= 3
}

// kanaMark reports the voicing marks that decomposition splits off kana, and
// the mark of a long vowel, none of which belongs to a script.
func kanaMark(r rune) bool { return r == '\u3099' || r == '\u309a' || r == 'ー' }

// appendFolded appends the folded words of s to b, which is empty or ends in a
// space. Apostrophes within words and separators within numbers are dropped:
// "Ann’s 1,500" is "anns 1500". stem also cuts plurals.
func appendFolded(b []byte, s string, stem bool) []byte {
	if len(b) == 0 {
		b = append(b, ' ')
	}
	if !ascii(s) {
		s = norm.NFKD.String(strings.ToValidUTF8(s, " ")) // behind a byte that is no letter, norm leaves some as they are
	}
	start := len(b) // of the current word
	end := func() {
		if len(b) == start {
			return
		}
		if stem {
			b = b[:start+len(singular(b[start:]))]
		}
		b = append(b, ' ')
		start = len(b)
	}
	for i, r := range s {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b = append(b, byte(r))
		case 'A' <= r && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		case r >= utf8.RuneSelf && wordRune(r):
			b = appendLetter(b, r)
		case silent(r, s, i):
		default:
			end()
		}
	}
	end()
	return b
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// silent reports an apostrophe, a soft hyphen, or a point or comma between two
// digits.
func silent(r rune, s string, i int) bool {
	switch r {
	case '\'', '’', 'ʼ', '`', '\u00ad', '\u200d', '\u200c':
		return true
	case '.', ',':
		return i > 0 && i+1 < len(s) && digit(s[i-1]) && digit(s[i+1])
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// appendLetter appends a letter beyond ASCII. Decomposition has split accents
// off, which are dropped; vowel signs of other scripts are kept. The letters
// in the switch have no decomposition.
func appendLetter(b []byte, r rune) []byte {
	if r >= 0x300 && r <= 0x36f {
		return b
	}
	switch r = unicode.ToLower(r); r {
	case 'ø':
		return append(b, 'o')
	case 'ł':
		return append(b, 'l')
	case 'đ', 'ð':
		return append(b, 'd')
	case 'ı':
		return append(b, 'i')
	case 'þ':
		return append(b, "th"...)
	case 'ß':
		return append(b, "ss"...)
	case 'æ':
		return append(b, "ae"...)
	case 'œ':
		return append(b, "oe"...)
	case 'ς':
		r = 'σ'
	}
	return utf8.AppendRune(b, r)
}
