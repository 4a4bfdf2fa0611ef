package pitches

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/weburl"
)

// NaturalKey is what makes a pitch of a list the same pitch when the list is
// imported again: site, outlet, whom it went to (the e-mail address, else the
// contact's name), its subject and the day it was sent. Lists without a subject
// often have one outlet several times, each for another page of ours; then the
// target page stands in for the subject. Status, notes, cost and all other
// dates may change between two imports.
func NaturalKey(p Pitch) string { return naturalKey(&p) }

func naturalKey(p *Pitch) string { return keysOf(p).of(person(p), p.SentOn.String()) }

// RefKey is the identity of a pitch whose list has ids of its own. The outlet
// is part of it: two lists may both count from 1, and a list that uses row
// numbers moves them when a row is put in.
func RefKey(p Pitch) string { return refKey(&p) }

func refKey(p *Pitch) string {
	if p.Ref == "" {
		return ""
	}
	return hash("r1", site(p), p.Outlet.Key, p.Ref)
}

// IDKey is the identity of a row that comes from our own export.
func IDKey(p Pitch) string { return idKey(&p) }

func idKey(p *Pitch) string {
	if p.ID == 0 {
		return ""
	}
	return hash("i1", site(p), p.Outlet.Key, strconv.FormatInt(p.ID, 10))
}

// anyDay stands for the sent date in weaker keys, which find a pitch whose date
// or contact was not known yet on one of the two sides.
const anyDay = "*"

// keys makes the natural key of a pitch and the weaker ones.
type keys struct{ site, outlet, topic string }

func keysOf(p *Pitch) keys { return keys{site(p), p.Outlet.Key, topic(p)} }

func (k keys) of(who, sent string) string { return hash("n1", k.site, k.outlet, who, k.topic, sent) }

func site(p *Pitch) string { return strconv.FormatInt(p.SiteID, 10) }

// person is the e-mail address, else the folded name.
func person(p *Pitch) string {
	if p.Email != "" {
		return strings.ToLower(p.Email)
	}
	return fold(p.Contact)
}

func topic(p *Pitch) string {
	if t := fold(p.Subject); t != "" {
		return t
	}
	if p.TargetURL == "" {
		return ""
	}
	if k, err := weburl.PageKey(p.TargetURL); err == nil {
		return "\x00" + k
	}
	return "\x00" + p.TargetURL
}

// weakKeys are the keys under which a pitch can also be found while its date or
// one of its two ways to name the person is missing.
func weakKeys(p *Pitch) []string {
	out := make([]string, 0, 4)
	keys := keysOf(p)
	for _, who := range people(p) {
		for _, sent := range []string{p.SentOn.String(), anyDay} {
			out = append(out, keys.of(who, sent))
		}
	}
	return out
}

func people(p *Pitch) []string {
	if name := fold(p.Contact); p.Email != "" && name != "" {
		return []string{strings.ToLower(p.Email), name}
	}
	return []string{person(p)}
}

// mayBeSame reports whether two pitches that share a weak key can be one: dates
// and addresses are equal, or one of the two is not known.
func mayBeSame(a, b *Pitch) bool {
	return eitherNone(a.SentOn, b.SentOn) && (a.Email == "" || b.Email == "" || strings.EqualFold(a.Email, b.Email))
}

func eitherNone(a, b day.Day) bool { return a == b || !a.Known() || !b.Known() }

// hash keeps keys short and free of what people typed.
func hash(kind string, parts ...string) string {
	var room [256]byte
	text := room[:0]
	for i, p := range parts {
		if i > 0 {
			text = append(text, '\x1f')
		}
		text = append(text, p...)
	}
	sum := sha256.Sum256(text)
	return string(hex.AppendEncode(append(room[:0], kind...), sum[:16]))
}

// Index finds pitches of one site by their keys, for Planner.Existing.
type Index struct {
	imported map[string]*Pitch // by ImportKey: what a list made, whatever became of it
	strong   map[string]*Pitch
	weak     map[string]*Pitch // nil where two pitches share the key
}

// NewIndex indexes pitches. Of two with the same key the first is found, so hand
// them over in the order of their numbers.
func NewIndex(all iter.Seq[*Pitch]) *Index {
	x := &Index{map[string]*Pitch{}, map[string]*Pitch{}, map[string]*Pitch{}}
	for p := range all {
		first(x.imported, p.ImportKey, p)
		for _, k := range []string{idKey(p), refKey(p), naturalKey(p)} {
			first(x.strong, k, p)
		}
		for _, k := range weakKeys(p) {
			if q, there := x.weak[k]; there && q != p {
				x.weak[k] = nil
			} else {
				x.weak[k] = p
			}
		}
	}
	return x
}

func first(m map[string]*Pitch, key string, p *Pitch) {
	if _, there := m[key]; key != "" && !there {
		m[key] = p
	}
}

// Empty reports that there is no pitch to be found.
func (x *Index) Empty() bool { return len(x.imported)+len(x.strong) == 0 }

// Find is the pitch with that key.
func (x *Index) Find(key string) (*Pitch, bool) {
	for _, m := range []map[string]*Pitch{x.imported, x.strong, x.weak} {
		if p := m[key]; p != nil {
			return p, true
		}
	}
	return nil, false
}
