package attribution

// Index finds the pitches that may claim links of an outlet key. It is read
// only once made, and safe for concurrent use.
type Index struct {
	flat  []Pitch // grouped by key
	spans map[string]span
}

type span struct{ from, to int }

// NewIndex indexes the pitches of one site. It keeps copies of them.
func NewIndex(pitches []Pitch) *Index {
	x := &Index{spans: make(map[string]span, len(pitches))}
	total := 0
	var keys [4]string // most pitches have few keys
	for i := range pitches {
		for _, k := range appendKeys(keys[:0], &pitches[i]) {
			s := x.spans[k]
			s.to++
			x.spans[k] = s
			total++
		}
	}
	at := 0
	for k, s := range x.spans {
		x.spans[k] = span{at, at} // to grows as the group is filled
		at += s.to
	}
	x.flat = make([]Pitch, total)
	for i := range pitches {
		for _, k := range appendKeys(keys[:0], &pitches[i]) {
			s := x.spans[k]
			x.flat[s.to] = pitches[i]
			s.to++
			x.spans[k] = s
		}
	}
	return x
}

// For lists the pitches that may claim links of an outlet key, in the order in
// which NewIndex got them: what Decide wants as candidates. The caller must
// not change them.
func (x *Index) For(key string) []Pitch {
	s := x.spans[key]
	return x.flat[s.from:s.to:s.to]
}

// Has reports whether any pitch may claim links of an outlet key.
func (x *Index) Has(key string) bool {
	_, ok := x.spans[key]
	return ok
}

// Keys lists the outlet keys whose links p may claim, each once: its own, its
// aliases' whatever their dates, and that of its live URL. When a pitch
// changes, the links of its old and of its new Keys are to be decided again.
func Keys(p Pitch) []string { return appendKeys(nil, &p) }

func appendKeys(keys []string, p *Pitch) []string {
	add := func(k string) {
		if k == "" {
			return
		}
		for _, have := range keys {
			if have == k {
				return
			}
		}
		keys = append(keys, k)
	}
	add(p.Key)
	for i := range p.Aliases {
		add(p.Aliases[i].Key)
	}
	if p.LiveKey != "" {
		add(p.LiveOutlet)
	}
	return keys
}
