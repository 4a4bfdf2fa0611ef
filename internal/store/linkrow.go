package store

import (
	"fmt"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/weburl"
)

// linkRow is a link as its row holds it. Its days stay text, as in the table.
type linkRow struct {
	id, site, page, domainID, keyID                 int64
	source, target, anchor, title, author, kind     string
	rel                                             int64
	authority                                       float64
	metric                                          string
	httpCode                                        int64
	firstSeen, pageFirstSeen, lastSeen              string
	lostOn, lostReason, lostSaid, provider, unkeyed string

	// Not stored, and only set on rows made from incoming links:
	domain string       // the referring domain
	from   *weburl.Page // the source, on those of a first import that a pitch may claim
}

const linkColumns = `id, site_id, page_id, domain_id, key_id, source_url, target_url, anchor, title, author, kind, rel,
	authority, metric, http_code, first_seen, page_first_seen, last_seen, lost_on, lost_reason, lost_said, provider, unkeyed`

// bind binds linkColumns, and seen.
func (r *linkRow) bind(b *bulk) {
	b.ints(r.id, r.site, r.page, r.domainID, r.keyID)
	b.texts(r.source, r.target, r.anchor, r.title, r.author, r.kind)
	b.ints(r.rel)
	b.real(r.authority)
	b.texts(r.metric)
	b.ints(r.httpCode)
	b.texts(r.firstSeen, r.pageFirstSeen, r.lastSeen, r.lostOn, r.lostReason, r.lostSaid, r.provider, r.unkeyed)
	b.ints(seenOf(r.site, r.firstSeen))
}

// read reads linkColumns.
func (r *linkRow) read(c *columns) {
	r.id, r.site, r.page, r.domainID, r.keyID = c.int(), c.int(), c.int(), c.int(), c.int()
	r.source, r.target, r.anchor, r.title, r.author, r.kind = c.text(), c.text(), c.text(), c.text(), c.text(), c.text()
	r.rel, r.authority, r.metric, r.httpCode = c.int(), c.real(), c.text(), c.int()
	r.firstSeen, r.pageFirstSeen, r.lastSeen, r.lostOn = c.text(), c.text(), c.text(), c.text()
	r.lostReason, r.lostSaid, r.provider, r.unkeyed = c.text(), c.text(), c.text(), c.text()
}

func packRel(l *backlinks.Link) int64 {
	return int64(l.Nofollow) + 3*int64(l.UGC) + 9*int64(l.Sponsored)
}

func unpackRel(n int64) (nofollow, ugc, sponsored backlinks.Tri) {
	return backlinks.Tri(n % 3), backlinks.Tri(n / 3 % 3), backlinks.Tri(n / 9 % 3)
}

// relText prints a packed rel for exports and screens.
func relText(n int64) string { return backlinks.RelText(unpackRel(n)) }

// dayText keeps the text of days already printed: a file has few different days
// and many rows.
type dayText map[day.Day]string

func (t dayText) of(d day.Day) string {
	if d == day.None {
		return ""
	}
	s, ok := t[d]
	if !ok {
		s = d.String()
		t[d] = s
	}
	return s
}

// linkRowOf keys an incoming link. A source without an outlet key is kept with
// the reason; its identity is then its raw URL.
func (w *linkWriter) linkRowOf(l *backlinks.Link) *linkRow {
	r := w.newRow()
	*r = linkRow{site: w.site, source: l.SourceURL, target: l.TargetURL, anchor: l.Anchor, title: l.Title,
		author: l.Author, kind: string(l.Kind), rel: packRel(l), authority: l.Authority, metric: string(l.Metric),
		httpCode: int64(l.HTTPCode), firstSeen: w.days.of(l.FirstSeen), pageFirstSeen: w.days.of(l.PageFirstSeen),
		lastSeen: w.days.of(max(l.LastSeen, l.FirstSeen)), lostOn: w.days.of(l.LostOn),
		lostReason: string(l.LostReason), lostSaid: l.LostSaid, provider: l.Provider}
	if r.lostOn == "" && r.lostReason != "" {
		r.lostOn = r.lastSeen // the provider says lost but not when: not before it was last seen
	}
	if p, err := w.attr.set.platforms.Page(l.SourceURL); err != nil {
		r.unkeyed = strings.TrimSuffix(fmt.Sprint(err), ".")
		w.sourceKey = append(w.sourceKey[:0], l.SourceURL...)
	} else {
		w.sourceKey = p.AppendKey(w.sourceKey[:0])
		r.domain, r.domainID, r.keyID = p.Domain, domainID(w.site, p.Domain), keyHash(p.Outlet.Key)
		if w.first != nil && w.attr.claimed[r.domainID] {
			page := p // so that the others' need no memory
			r.from = &page
		}
	}
	h := pageHash(w.site, w.sourceKey)
	r.page = hashID(h)
	r.id = hashID(hashText(h, w.targets.of(l.TargetURL)))
	return r
}

// newRow is one of many that were made at once: to make each by itself takes several
// times as long.
func (w *linkWriter) newRow() *linkRow {
	if len(w.rows) == 0 {
		w.rows = make([]linkRow, 96)
	}
	r := &w.rows[0]
	w.rows = w.rows[1:]
	return r
}

// targetKeys keeps the page keys of our own few pages.
type targetKeys map[string]string

// of is the page key of a URL, or what stands there instead of one.
func (t targetKeys) of(url string) string {
	k, ok := t[url]
	if !ok {
		if k = keyOrRaw(url); len(t) < 10_000 {
			t[url] = k
		}
	}
	return k
}

func keyOrRaw(url string) string {
	k, err := weburl.PageKey(url)
	if err != nil {
		return url
	}
	return k
}

// sameKeys reports whether a stored row is the link that r is, rather than one
// whose hash happens to be the same.
func (r *linkRow) sameKeys(stored *linkRow) bool {
	same := func(a, b string) bool { return a == b || keyOrRaw(a) == keyOrRaw(b) }
	return r.site == stored.site && same(r.source, stored.source) && same(r.target, stored.target)
}

// evidence is the last day on which the row's state was seen.
func (r *linkRow) evidence() string { return max(r.lastSeen, r.lostOn) }

// lost reports whether the link is gone.
func (r *linkRow) lost() bool { return r.lostOn != "" }

// linkChange says what merging made of a row.
type linkChange struct {
	any        bool // something stored differs
	matters    bool // something that attribution reads differs
	lost       bool
	reinstated bool
	fields     []linkField
}

type linkField struct{ name, from, to string }

// merge takes over what in knows of the link: the earliest first_seen, the
// latest last_seen, and from the record with the later evidence its anchor, rel
// and figures. A link is lost only while no later day has seen it live, so the
// order in which reports arrive does not matter.
func (r *linkRow) merge(in *linkRow) linkChange {
	var c linkChange
	wasLost, newer, tie := r.lost(), in.evidence() > r.evidence(), in.evidence() == r.evidence()
	c.first(&r.firstSeen, in.firstSeen)
	c.first(&r.pageFirstSeen, in.pageFirstSeen)
	for _, f := range []struct {
		name     string
		mine, it *string
	}{{"anchor", &r.anchor, &in.anchor}, {"", &r.title, &in.title}, {"", &r.author, &in.author}, {"kind", &r.kind, &in.kind}} {
		c.text(f.name, f.mine, *f.it, newer, tie)
	}
	c.rel(&r.rel, in.rel, newer)
	if in.metric != "" && (r.metric == "" || newer && in.metric == r.metric) && (r.authority != in.authority || r.metric != in.metric) {
		r.authority, r.metric, c.any = in.authority, in.metric, true
	}
	if in.httpCode != 0 && r.httpCode != in.httpCode && (newer || r.httpCode == 0) {
		r.httpCode, c.any = in.httpCode, true
	}
	if in.lastSeen > r.lastSeen {
		r.lastSeen, c.any = in.lastSeen, true
	}
	// A provider's word comes before our own finding, which is later than the loss.
	if in.lostOn > r.lostOn || r.lostSaid == backlinks.SaidUnlisted && in.lostOn != "" && in.lostOn >= r.lastSeen {
		r.lostOn, r.lostReason, r.lostSaid, c.any = in.lostOn, in.lostReason, in.lostSaid, true
	}
	if r.lostOn != "" && r.lastSeen > r.lostOn {
		r.lostOn, r.lostReason, r.lostSaid, c.any = "", "", "", true
	}
	c.lost, c.reinstated = !wasLost && r.lost(), wasLost && !r.lost()
	return c
}

func (c *linkChange) first(mine *string, in string) {
	if in != "" && (*mine == "" || in < *mine) {
		*mine, c.any, c.matters = in, true, true
	}
}

// text takes the newer word; of two equally new ones the lesser, so that a file
// that has a link twice ends the same however often it is read.
func (c *linkChange) text(name string, mine *string, in string, newer, tie bool) {
	if in == "" || in == *mine || *mine != "" && !newer && !(tie && in < *mine) {
		return
	}
	if name != "" && *mine != "" && newer {
		c.fields = append(c.fields, linkField{name, *mine, in})
	}
	*mine, c.any, c.matters = in, true, true
}

func (c *linkChange) rel(mine *int64, in int64, newer bool) {
	merged := int64(0)
	for _, unit := range []int64{1, 3, 9} {
		have, it := *mine/unit%3, in/unit%3
		if it != 0 && (have == 0 || newer) {
			have = it
		}
		merged += have * unit
	}
	if merged == *mine {
		return
	}
	if from, to := relText(*mine), relText(merged); newer && from != "" && from != to {
		c.fields = append(c.fields, linkField{"rel", from, to})
	}
	*mine, c.any, c.matters = merged, true, true
}
