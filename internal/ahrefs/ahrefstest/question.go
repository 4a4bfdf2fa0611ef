package ahrefstest

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
)

// record is one row by field name.
type record map[string]any

// endpoint is one path of the set: its fields with a sample of their type, and
// its parameters besides target, mode and select.
type endpoint struct {
	single bool
	window bool // date_from and date_to are required
	fields record
	rows   func(*World, question) []record
}

var linkFields = record{
	"url_from": "", "url_to": "", "domain_rating_source": 0.0, "anchor": "",
	"first_seen": "", "last_seen": "", "http_code": 0.0, "is_dofollow": true,
}

var lostFields = record{
	"url_from": "", "url_to": "", "domain_rating_source": 0.0, "anchor": "",
	"first_seen": "", "last_seen": "", "reason": "", "is_dofollow": true,
}

var endpoints = map[string]endpoint{
	"overview": {
		single: true,
		fields: record{"domain_rating": 0.0, "backlinks": 0.0, "referring_domains": 0.0, "organic_traffic": 0.0, "organic_keywords": 0.0},
		rows:   overviewRows,
	},
	"all-backlinks": {
		fields: linkFields,
		rows: func(w *World, q question) []record {
			today := w.Today()
			return linkRows(w.liveLinks(q.target, today), today)
		},
	},
	"new-backlinks": {
		window: true, fields: linkFields,
		rows: func(w *World, q question) []record {
			today := w.Today()
			return linkRows(w.newLinks(q.target, q.from, q.to, today), today)
		},
	},
	"lost-backlinks": {
		window: true, fields: lostFields,
		rows: func(w *World, q question) []record {
			today := w.Today()
			return linkRows(w.lostLinks(q.target, q.from, q.to, today), today)
		},
	},
	"referring-domains": {
		fields: record{"domain": "", "domain_rating": 0.0, "backlinks": 0.0, "first_seen": "", "last_seen": ""},
		rows:   domainRows,
	},
}

// stamp prints a day the way the fake serves all days: as a timestamp.
func stamp(d day.Day) any {
	if !d.Known() {
		return nil
	}
	return d.String() + "T00:00:00Z"
}

func linkRows(links []Link, today day.Day) []record {
	out := make([]record, 0, len(links))
	for _, l := range links {
		lastSeen, reason := today, any(nil)
		if !l.live(today) {
			lastSeen = l.LostOn
			if l.Reason != "" {
				reason = l.Reason
			}
		}
		out = append(out, record{
			"url_from": l.From, "url_to": l.To, "domain_rating_source": l.DR, "anchor": l.Anchor,
			"first_seen": stamp(l.FirstSeen), "last_seen": stamp(lastSeen),
			"http_code": float64(cmp.Or(l.HTTPCode, 200)), "is_dofollow": l.Dofollow, "reason": reason,
		})
	}
	return out
}

func domainRows(w *World, q question) []record {
	today := w.Today()
	var out []record
	for _, d := range w.refDomains(q.target, today) {
		out = append(out, record{
			"domain": d.domain, "domain_rating": d.dr, "backlinks": float64(d.backlinks),
			"first_seen": stamp(d.firstSeen), "last_seen": stamp(today),
		})
	}
	return out
}

func overviewRows(w *World, q question) []record {
	o := w.overview(q.target, w.Today())
	return []record{{
		"domain_rating": o.DomainRating, "backlinks": float64(o.Backlinks),
		"referring_domains": float64(o.ReferringDomains),
		"organic_traffic":   float64(o.OrganicTraffic), "organic_keywords": float64(o.OrganicKeywords),
	}}
}

// question is a checked query.
type question struct {
	target        target
	fields        []string
	where         func(record) bool
	order         string
	descending    bool
	from, to      day.Day
	limit, offset int
}

func parseQuestion(ep endpoint, raw string, maxRows int) (question, error) {
	if strings.ContainsAny(raw, " \"<>\\^`{|}") || strings.ContainsFunc(raw, func(r rune) bool { return r > '~' }) {
		return question{}, errors.New("bad target encoding: the query is not percent-encoded")
	}
	params, err := url.ParseQuery(raw)
	if err != nil {
		return question{}, errors.New("bad target encoding")
	}
	if err := checkNames(ep, params); err != nil {
		return question{}, err
	}
	q := question{limit: maxRows, where: func(record) bool { return true }}
	var ok bool
	if q.target, ok = parseTarget(params.Get("target"), params.Get("mode")); !ok {
		return question{}, errors.New("bad target or mode")
	}
	q.fields = strings.Split(params.Get("select"), ",")
	for _, f := range q.fields {
		if _, known := ep.fields[f]; !known {
			return question{}, fmt.Errorf("unknown column %q in select", f)
		}
	}
	for _, read := range []func(endpoint, url.Values, int) error{q.readPaging, q.readOrder, q.readWhere, q.readWindow} {
		if err := read(ep, params, maxRows); err != nil {
			return question{}, err
		}
	}
	return q, nil
}

func checkNames(ep endpoint, params url.Values) error {
	required := []string{"target", "mode", "select"}
	allowed := required
	if ep.window {
		required = append(required, "date_from", "date_to")
		allowed = required
	}
	if !ep.single {
		allowed = append(slices.Clone(allowed), "where", "order_by", "limit", "offset")
	}
	for name, values := range params {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("unknown parameter %q", name)
		}
		if len(values) != 1 {
			return fmt.Errorf("parameter %q is repeated", name)
		}
	}
	for _, name := range required {
		if params.Get(name) == "" {
			return fmt.Errorf("missing parameter %q", name)
		}
	}
	return nil
}

func (q *question) readPaging(_ endpoint, params url.Values, maxRows int) error {
	if s := params.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxRows {
			return fmt.Errorf("limit must be from 1 to %d", maxRows)
		}
		q.limit = n
	}
	if s := params.Get("offset"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("bad offset")
		}
		q.offset = n
	}
	return nil
}

func (q *question) readOrder(ep endpoint, params url.Values, _ int) error {
	s := params.Get("order_by")
	if s == "" {
		return nil
	}
	name, direction, _ := strings.Cut(s, ":")
	if _, known := ep.fields[name]; !known || (direction != "asc" && direction != "desc") {
		return fmt.Errorf("bad order_by %q", s)
	}
	q.order, q.descending = name, direction == "desc"
	return nil
}

func (q *question) readWindow(ep endpoint, params url.Values, _ int) error {
	if !ep.window {
		return nil
	}
	var err1, err2 error
	q.from, err1 = day.Parse(params.Get("date_from"))
	q.to, err2 = day.Parse(params.Get("date_to"))
	if err1 != nil || err2 != nil || q.from > q.to {
		return errors.New("bad date_from or date_to")
	}
	return nil
}

// readWhere reads one plain expression: field, operator, value.
func (q *question) readWhere(ep endpoint, params url.Values, _ int) error {
	s := params.Get("where")
	if s == "" {
		return nil
	}
	for _, op := range []string{"!=", ">=", "<=", "=", ">", "<"} { // the longer ones first
		name, value, found := strings.Cut(s, op)
		if !found {
			continue
		}
		want, err := sameType(ep.fields[name], value)
		if err != nil {
			break
		}
		q.where = func(r record) bool { return holds(compare(r[name], want), op) }
		return nil
	}
	return fmt.Errorf("bad where %q", s)
}

// sameType reads text as a value of the sample's type.
func sameType(sample any, text string) (any, error) {
	switch sample.(type) {
	case float64:
		return strconv.ParseFloat(text, 64)
	case bool:
		return strconv.ParseBool(text)
	case string:
		return text, nil
	}
	return nil, errors.New("unknown column")
}

func holds(c int, op string) bool {
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case ">=":
		return c >= 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c < 0
}

// compare orders two values of one field; null comes first.
func compare(a, b any) int {
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// page filters, sorts, cuts and selects.
func (q *question) page(rows []record) ([]record, error) {
	rows = slices.DeleteFunc(rows, func(r record) bool { return !q.where(r) })
	if q.order != "" {
		slices.SortStableFunc(rows, func(a, b record) int {
			c := compare(a[q.order], b[q.order])
			if q.descending {
				return -c
			}
			return c
		})
	}
	from := min(q.offset, len(rows))
	rows = rows[from:min(from+q.limit, len(rows))]
	out := make([]record, 0, len(rows))
	for _, r := range rows {
		picked := record{}
		for _, f := range q.fields {
			picked[f] = r[f]
		}
		out = append(out, picked)
	}
	return out, nil
}
