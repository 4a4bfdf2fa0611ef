package ahrefstest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"landed/internal/day"
)

// v3Endpoint is one path of the set V3: its parameters besides target, which
// each but limits-and-usage wants, its envelope's key and its answer.
type v3Endpoint struct {
	key      string
	required []string
	optional []string
	free     bool
	answer   func(*asked) (reply, error)
}

// asked is a checked request to V3.
type asked struct {
	params url.Values
	world  *World
	now    time.Time
	seed   uint64 // orders rows that order_by does not
	target target
	way    string // http or https; "" = both
	span   span
	group  string // of history: daily, weekly or monthly
	from   day.Day
	to     day.Day
	limit  int
}

// reply is the content under the key, and what it is priced by.
type reply struct {
	content any
	rows    int
	price   int // units a row
}

var choices = map[string][]string{
	"mode": {"exact", "prefix", "domain", "subdomains"}, "protocol": {"both", "http", "https"},
	"aggregation": {"similar_links", "1_per_domain", "all"}, "history_grouping": {"daily", "weekly", "monthly"},
	"volume_mode": {"monthly", "average"}, "traffic_mode": {"static", "adaptive"},
	"output": {"json"}, // the vendor has more; the fake has not
}

// parseAsked checks a query against an endpoint. cap is the plan's limit of rows, 0 = none.
func parseAsked(ep v3Endpoint, raw string, today day.Day) (*asked, error) {
	if strings.ContainsAny(raw, " \"<>\\^`{|}") || strings.ContainsFunc(raw, func(r rune) bool { return r > '~' }) {
		return nil, errors.New("bad request: the query is not percent-encoded")
	}
	params, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errors.New("bad request: the query cannot be read")
	}
	if err := checkParams(ep, params); err != nil {
		return nil, err
	}
	q := &asked{params: params, group: params.Get("history_grouping"), way: params.Get("protocol")}
	if q.way == "both" {
		q.way = ""
	}
	for _, read := range []func() error{q.readTarget, q.readHistory, func() error { return q.readDates(today) }} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func checkParams(ep v3Endpoint, params url.Values) error {
	for name, values := range params {
		if name != "output" && !slices.Contains(ep.required, name) && !slices.Contains(ep.optional, name) {
			return fmt.Errorf("bad request: unexpected parameter '%s'", name)
		}
		if len(values) != 1 {
			return fmt.Errorf("bad request: parameter '%s' is repeated", name)
		}
		if of := choices[name]; of != nil && !slices.Contains(of, values[0]) {
			return fmt.Errorf("bad request: bad %s '%s'", name, values[0])
		}
		if name == "timeout" {
			if _, err := strconv.Atoi(values[0]); err != nil {
				return errors.New("bad request: bad timeout")
			}
		}
	}
	for _, name := range ep.required {
		if params.Get(name) == "" {
			return fmt.Errorf("bad request: missing required parameter '%s'", name)
		}
	}
	return nil
}

// readTarget reads what to ask about. The mode domain is the host alone, and
// subdomains, the default, includes it: not what the set Playbook calls domain.
func (q *asked) readTarget() error {
	raw := q.params.Get("target")
	if raw == "" {
		return nil // the endpoint has no target
	}
	mode := q.params.Get("mode")
	t, ok := parseTarget(raw, "exact")
	if !ok || !strings.Contains(t.host, ".") {
		return errors.New("bad request: bad target")
	}
	switch mode {
	case "exact", "prefix":
		t.mode = mode
	case "domain":
		t.mode = "host"
	default:
		t.mode = "domain"
	}
	q.target = t
	return nil
}

func (q *asked) readHistory() error {
	h := q.params.Get("history")
	since, isSince := strings.CutPrefix(h, "since:")
	switch {
	case h == "" || h == "all_time":
	case h == "live":
		q.span.live = true
	case isSince:
		t, err := time.Parse(time.DateOnly, since)
		if err != nil {
			return fmt.Errorf("bad request: bad history '%s'", h)
		}
		q.span.since = t
	default:
		return fmt.Errorf("bad request: bad history '%s'", h)
	}
	return nil
}

// readDates reads date as date_to, and clips both to today.
func (q *asked) readDates(today day.Day) error {
	q.to = today
	for name, into := range map[string]*day.Day{"date": &q.to, "date_to": &q.to, "date_from": &q.from} {
		s := q.params.Get(name)
		if s == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return fmt.Errorf("bad request: bad %s '%s'", name, s)
		}
		*into = day.Of(t)
	}
	if q.from > q.to {
		return errors.New("bad request: date_from is after date_to")
	}
	q.to = min(q.to, today)
	return nil
}

// readLimit holds the limit against the plan. Without a limit the answer is
// what the plan allows, at most the default of 1,000.
func (q *asked) readLimit(plan Plan) error {
	q.limit = 1000
	if plan.Rows > 0 {
		q.limit = min(q.limit, plan.Rows)
	}
	s := q.params.Get("limit")
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return fmt.Errorf("bad request: bad limit '%s'", s)
	}
	if plan.Rows > 0 && n > plan.Rows {
		return fmt.Errorf("limit is too large: your plan (%s) allows at most %d rows per request", plan.Name, plan.Rows)
	}
	q.limit = n
	return nil
}

// links are the links of the target in the period.
func (q *asked) links() []*backlink {
	all := q.world.backlinks(q.target, q.now)
	return slices.DeleteFunc(all, func(b *backlink) bool {
		return !q.span.holds(b) || q.way != "" && b.toWay != q.way
	})
}

// choose answers select, where and order_by over the rows, and prices them.
func choose[T any](q *asked, t table[T], rows []T, after func([]T) []T) (reply, error) {
	names, err := selected(q, t)
	if err != nil {
		return reply{}, err
	}
	paid := slices.Clone(names)
	if raw, given := q.params["where"]; given {
		pass, used, err := parseWhere(raw[0], func(name string) (kind, bool) {
			c, known := t[name]
			return c.kind, known && c.use != selectOnly
		})
		if err != nil {
			return reply{}, err
		}
		paid = append(paid, used...)
		rows = slices.DeleteFunc(rows, func(r T) bool {
			return !pass(func(name string) any { return t[name].of(r) })
		})
	}
	rows = after(rows)
	used, err := sortRows(q, t, rows)
	if err != nil {
		return reply{}, err
	}
	rows = rows[:min(q.limit, len(rows))]
	out := make([]record, 0, len(rows))
	for _, r := range rows {
		picked := record{}
		for _, name := range names {
			picked[name] = t[name].of(r)
		}
		out = append(out, picked)
	}
	return reply{content: out, rows: len(out), price: t.price(append(paid, used...))}, nil
}

func (t table[T]) price(names []string) int {
	slices.Sort(names)
	sum := 0
	for _, name := range slices.Compact(names) {
		sum += max(1, t[name].price)
	}
	return sum
}

func selected[T any](q *asked, t table[T]) ([]string, error) {
	names := strings.Split(q.params.Get("select"), ",")
	for _, name := range names {
		c, known := t[name]
		if !known || c.use == whereOnly {
			return nil, fmt.Errorf("bad select: column '%s' not found", name)
		}
		if name == "link_group_count" && q.params.Get("aggregation") == "all" {
			return nil, errors.New("bad select: link_group_count cannot be used with aggregation 'all'")
		}
	}
	return names, nil
}

// sortRows sorts by order_by. Rows that it leaves equal come in an order of
// their own that is nobody's to rely on.
func sortRows[T any](q *asked, t table[T], rows []T) ([]string, error) {
	type key struct {
		name string
		down bool
	}
	var keys []key
	var names []string
	if raw := q.params.Get("order_by"); raw != "" {
		for part := range strings.SplitSeq(raw, ",") {
			name, way, _ := strings.Cut(part, ":")
			c, known := t[name]
			if !known || c.use == whereOnly || c.plain || way != "" && way != "asc" && way != "desc" {
				return nil, fmt.Errorf("bad order_by '%s'", part)
			}
			keys = append(keys, key{name, way == "desc"})
			names = append(names, name)
		}
	}
	type sortable struct {
		row    T
		values []any
		tie    uint64
	}
	sorted := make([]sortable, len(rows))
	for i, r := range rows {
		sorted[i] = sortable{row: r, tie: hashOf(strconv.Itoa(i), strconv.FormatUint(q.seed, 10))}
		for _, k := range keys {
			sorted[i].values = append(sorted[i].values, typed(t[k.name].of(r), t[k.name].kind))
		}
	}
	slices.SortStableFunc(sorted, func(a, b sortable) int {
		for i, k := range keys {
			if c := order(a.values[i], b.values[i]); c != 0 {
				if k.down {
					return -c
				}
				return c
			}
		}
		if a.tie < b.tie {
			return -1
		}
		return 1
	})
	for i := range sorted {
		rows[i] = sorted[i].row
	}
	return names, nil
}
