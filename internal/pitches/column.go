package pitches

import (
	"strings"

	"landed/internal/day"
	"landed/internal/tabular"
)

// column is a ColumnMap as rows are read by it, with what would otherwise be
// found out anew for every cell.
type column struct {
	ColumnMap
	label  string // as messages speak of it
	order  tabular.DateOrder
	day    func(*Pitch) *day.Day // where a date goes; nil for other fields
	outlet bool                  // its name speaks for an outlet's address
	json   bool                  // it has the extras of our own export
}

func newColumn(m ColumnMap) *column {
	c := &column{ColumnMap: m, label: m.name(), order: m.DateOrder.tabular(), outlet: claimsOutlet(m.Header), json: squash(m.Header) == "extrajson"}
	for _, f := range dayFields {
		if f.field == m.Field {
			c.day = f.of
		}
	}
	return c
}

// column is the first column that goes to f, as Mapping.Column finds it.
func (pl *Planner) column(f Field) (*column, bool) {
	c := pl.byField[f]
	return c, c != nil
}

// memo remembers what the same text gave before: a list has few status words
// and few pages of ours. It stays small where each row has another text.
type memo[V any] map[string]V

// mostMemos and longestMemo bound what a memo keeps, in texts and bytes of a text.
const mostMemos, longestMemo = 4096, 512

func (m memo[V]) of(text string, find func(string) V) V {
	v, ok := m[text]
	if !ok {
		if v = find(text); len(m) < mostMemos && len(text) <= longestMemo {
			m[strings.Clone(text)] = v
		}
	}
	return v
}

// statusWord is what a status cell says.
type statusWord struct {
	status  Status
	known   bool
	whole   bool // no word of the cell is lost
	bounced bool
}

// statusOf reads a status cell.
func (pl *Planner) statusOf(raw string) statusWord {
	return pl.statuses.of(raw, func(raw string) statusWord {
		var w statusWord
		w.status, w.known = pl.Mapping.Status(raw)
		_, chosen := pl.Mapping.StatusMap[statusKey(raw)]
		w.whole = w.known && (chosen || statusByWord(fold(raw)) != "" || fold(raw) == "")
		w.bounced = bouncedWord(raw)
		return w
	})
}

// targetPage is what a cell with a page of ours says.
type targetPage struct {
	raw, url string // raw with the site's host before a path
	ok       bool   // url is one
	foreign  bool   // it is not on the site
	usable   bool   // Validate takes it
}

var homeWords = wordSet("home", "homepage", "accueil", "startseite", "inicio", "hauptseite", "首页", "主页")

func (pl *Planner) target(raw string) targetPage {
	path := raw
	if homeWords[squash(raw)] {
		path = "/"
	}
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && len(pl.SiteHosts) > 0 {
		raw = "https://" + hostOf(pl.SiteHosts[0]) + path
	}
	t := targetPage{raw: raw}
	if t.url, t.ok = parseURL(raw); t.ok {
		t.foreign = len(pl.own) > 0 && !isOwn(hostOf(t.url), pl.own)
		t.usable = usableURL(t.url)
	}
	return t
}
