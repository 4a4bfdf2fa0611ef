package ahrefs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"landed/internal/backlinks"
)

const (
	rowsUnsaid     = 500 // rows asked for at once before the plan's limit is known
	maxLowerings   = 4   // refused limits that one call learns from
	maxWhereLength = 6 << 10
)

// ask is a request for a list of the set "v3". Its price is computed from the same
// fields that it sends.
type ask struct {
	endpoint string
	envelope string
	params   url.Values // target, mode, history, aggregation
	sel      []string
	where    Where
	// base is the part of where that the cursor's condition implies, left out on
	// later pages.
	base Where
	keys []sortKey
	// lazy, when > 0, is how many of keys order the list. The others have a price
	// and are asked for only where a run of equal rows fills a page.
	lazy int
}

// at is the request for the page at a cursor: with all keys if it needs them.
func (a ask) at(c cursor) ask {
	if a.lazy > 0 && len(c.At) <= a.lazy && !c.Deep {
		a.keys = a.keys[:a.lazy]
	}
	for _, k := range a.keys {
		if !slices.Contains(a.sel, k.field) {
			a.sel = append(slices.Clone(a.sel), k.field)
		}
	}
	return a
}

// fields are all that the request of a first page names, and pays.
func (a ask) fields() []string {
	a = a.at(cursor{})
	out := slices.Concat(a.sel, a.where.Fields(), a.base.Fields())
	for _, k := range a.keys {
		out = append(out, k.field)
	}
	return out
}

// question identifies the list whatever the page.
func (a ask) question() string {
	return questionOf(a.endpoint, a.params.Encode(), And(a.base, a.where).String(), a.order(), strings.Join(a.sel, ","))
}

func (a ask) order() string {
	out := make([]string, len(a.keys))
	for i, k := range a.keys {
		out[i] = k.order()
	}
	return strings.Join(out, ",")
}

// query is the request of one page.
func (a ask) query(at cursor, limit int) (url.Values, error) {
	from := at.where(a.keys)
	if from.none() {
		from = a.base
	}
	where := And(from, a.where).String()
	if len(where) > maxWhereLength {
		return nil, fmt.Errorf("the condition of the next page has %d characters, more than an address can hold", len(where))
	}
	q := url.Values{}
	for k, v := range a.params {
		q[k] = v
	}
	q.Set("select", strings.Join(a.sel, ","))
	q.Set("order_by", a.order())
	q.Set("limit", strconv.Itoa(limit))
	if where != "" {
		q.Set("where", where)
	}
	return q, nil
}

// keyed is a record with the values of the keys that its row had.
type keyed[T any] struct {
	record T
	key    rowKey
}

// page gets one page of a list. most > 0 lowers its rows.
func page[T any](ctx context.Context, v *v3, a ask, text string, most int, read func(*row) T) ([]T, string, backlinks.Cost, error) {
	var cost backlinks.Cost
	question := a.question()
	at, err := openCursor(text, question, a.keys)
	if err != nil {
		return nil, "", cost, refuse(a.endpoint, "%q is %w", cut(text, 40), err)
	}
	one := a.at(at)
	for try := 1; ; try++ {
		limit := v.rowsAtOnce(most)
		q, err := one.query(at, limit)
		if err != nil {
			return nil, "", cost, refuse(a.endpoint, "%w", err)
		}
		body, c, err := v.get(ctx, a.endpoint, q)
		cost = cost.Add(c)
		if allowed := refusedRows(err, limit); allowed > 0 && try <= maxLowerings {
			v.gate.learnRows(allowed)
			continue
		}
		if err != nil {
			return nil, "", cost, err
		}
		rows, next, err := cutPage(one, body, at, limit, len(one.keys) == len(a.keys), read)
		if err != nil {
			return nil, "", cost, v.unusable(a.endpoint, body, err)
		}
		if len(next.At) == 0 {
			return rows, "", cost, nil
		}
		s, err := next.seal(question)
		if err != nil {
			return nil, "", cost, v.unusable(a.endpoint, body, err)
		}
		return rows, s, cost, nil
	}
}

// cutPage reads a page and takes off the rows that the next one brings again. A
// zero cursor says that there is no next page.
func cutPage[T any](a ask, body []byte, at cursor, limit int, whole bool, read func(*row) T) ([]T, cursor, error) {
	list, err := rowsIn(body, a.envelope)
	if err != nil {
		return nil, cursor{}, err
	}
	if len(list) > limit {
		return nil, cursor{}, fmt.Errorf("%d rows where %d were asked for", len(list), limit)
	}
	rows, err := readRows(list, func(r *row) keyed[T] { return keyed[T]{key: readKey(r, a.keys), record: read(r)} })
	if err != nil {
		return nil, cursor{}, err
	}
	keys := make([]rowKey, len(rows))
	out := make([]T, len(rows))
	for i, r := range rows {
		keys[i], out[i] = r.key, r.record
	}
	if err := at.check(a.keys, keys); err != nil {
		return nil, cursor{}, err
	}
	if !mayGoOn(len(rows), limit) {
		return out, cursor{}, nil
	}
	n, next, err := at.split(a.keys, keys, whole)
	if errors.Is(err, errOneRun) {
		return nil, next, nil // nothing of it: ordered by all keys, it comes again
	}
	return out[:n], next, err
}

// mayGoOn reports whether a page of n rows may have a successor. A page shorter
// than the limit has none, unless its length is the limit of a plan: a server that
// cuts to that without a word must not make the rest look absent.
func mayGoOn(n, limit int) bool {
	return n > 0 && (n >= limit || slices.ContainsFunc(planRows, func(p planLimit) bool { return p.rows == n }))
}

// rowsAtOnce is the limit of the next request.
func (v *v3) rowsAtOnce(most int) int {
	n := v.gate.rowsKnown()
	if n == 0 {
		n = rowsUnsaid
	}
	if v.pageSize > 0 {
		n = min(n, v.pageSize)
	}
	if most > 0 {
		n = min(n, most)
	}
	return n
}

var (
	aboutRows  = regexp.MustCompile(`(?i)\b(rows?|results|limit)\b`)
	aboutUnits = regexp.MustCompile(`(?i)\bunits?\b`)
	numbers    = regexp.MustCompile(`\b\d{1,3}(?:[, ]\d{3})+\b|\b\d+\b`)
)

// refusedRows is how many rows a refused limit of asked rows says are allowed; 0
// when that is not what the error is about. Of the numbers in the text it is the
// largest below what was asked for, because such a text repeats that as well. A
// text on units is about another limit.
func refusedRows(err error, asked int) int {
	e, ok := err.(*Error)
	if !ok || e.Status != http.StatusBadRequest && e.Status != http.StatusForbidden {
		return 0
	}
	if !aboutRows.MatchString(e.Said) || aboutUnits.MatchString(e.Said) {
		return 0
	}
	best := 0
	for _, s := range numbers.FindAllString(e.Said, -1) {
		n, err := strconv.Atoi(strings.NewReplacer(",", "", " ", "").Replace(s))
		if err == nil && n < asked {
			best = max(best, n)
		}
	}
	return best
}
