package ahrefs

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The lists of the set "v3" have no offset. They are asked for in the order of a
// key of up to three fields, and the next page begins AT the key where the one
// before ended.
//
// A full page may have cut a run of rows with equal keys in two, so its last run
// is not delivered but asked for again: nothing is lost or doubled, whatever order
// the server gives equal rows, and the rows paid twice are those of one run,
// mostly one. If a run of the first field alone fills a page, it is split by the
// second field, then by the third. The last field makes a row's identity whole: rows that
// are equal in all fields are one link for us.
//
// Splitting by text relies on the server comparing text in the order in which it
// sorts it. Each page is therefore held against what was asked: it must be in
// order, and must begin with the row at which the one before ended. Otherwise it
// is refused as an unusable answer.

// keyKind is how a key's values compare.
type keyKind int

const (
	keyTime keyKind = iota
	keyInt
	keyText // in the server's order, which is not ours to check
)

// sortKey is one field of the order.
type sortKey struct {
	field string
	kind  keyKind
	desc  bool
}

func (k sortKey) order() string {
	if k.desc {
		return k.field + ":desc"
	}
	return k.field + ":asc"
}

// cursor is the place where a page begins: at the rows whose first keys are At, or
// after them. The zero cursor is the beginning. Deep asks for the order of all
// keys, see ask.lazy.
type cursor struct {
	At    []string `json:"k"`
	After bool     `json:"a,omitempty"`
	Deep  bool     `json:"d,omitempty"`
}

const (
	cursorMark = "v3."
	// maxCursor bounds what is stored for a page; two addresses of 2,000
	// characters fit well.
	maxCursor = 16 << 10
)

// sealed is a cursor with the question that it belongs to.
type sealed struct {
	Question string `json:"q"`
	cursor
}

// seal makes the opaque text of a cursor.
func (c cursor) seal(question string) (string, error) {
	b, err := json.Marshal(sealed{question, c})
	if err != nil {
		return "", err
	}
	s := cursorMark + base64.RawURLEncoding.EncodeToString(b)
	if len(s) > maxCursor {
		return "", fmt.Errorf("the row at which the page ends has addresses of more than %d characters", maxCursor/2)
	}
	return s, nil
}

var errCursor = errors.New("not a cursor of this request")

// openCursor reads what seal wrote. A cursor of another question would begin
// somewhere in the middle of this one, so it is refused.
func openCursor(s, question string, keys []sortKey) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	text, ok := strings.CutPrefix(s, cursorMark)
	if !ok || len(s) > maxCursor {
		return cursor{}, errCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return cursor{}, errCursor
	}
	var in sealed
	if json.Unmarshal(b, &in) != nil || in.Question != question {
		return cursor{}, errCursor
	}
	c := in.cursor
	if len(c.At) == 0 || len(c.At) > len(keys) || c.After && len(c.At) != len(keys) {
		return cursor{}, errCursor
	}
	for i, v := range c.At {
		if checkKey(keys[i], v) != nil {
			return cursor{}, errCursor
		}
	}
	return c, nil
}

// questionOf is a short name for a request without its page.
func questionOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// where is the condition for the rows from the cursor on.
func (c cursor) where(keys []sortKey) Where {
	if len(c.At) == 0 {
		return Where{}
	}
	return c.from(keys, 0)
}

func (c cursor) from(keys []sortKey, i int) Where {
	last := i == len(c.At)-1
	switch {
	case last && c.After:
		return keys[i].beyond(c.At[i])
	case last:
		return keys[i].at(c.At[i])
	}
	return Or(keys[i].beyond(c.At[i]), And(keys[i].same(c.At[i]), c.from(keys, i+1)))
}

// beyond, at and same are the comparisons of a key in its own direction and type.
func (k sortKey) beyond(v string) Where {
	if k.desc {
		return typed(k, v, Lt[json.Number], Lt[string])
	}
	return typed(k, v, Gt[json.Number], Gt[string])
}

func (k sortKey) at(v string) Where {
	if k.desc {
		return typed(k, v, Lte[json.Number], Lte[string])
	}
	return typed(k, v, Gte[json.Number], Gte[string])
}

func (k sortKey) same(v string) Where { return typed(k, v, Eq[json.Number], Eq[string]) }

func typed(k sortKey, v string, number func(string, json.Number) Where, text func(string, string) Where) Where {
	if k.kind == keyInt {
		return number(k.field, json.Number(v))
	}
	return text(k.field, v)
}

func checkKey(k sortKey, v string) error {
	var err error
	switch k.kind {
	case keyTime:
		_, err = parseTime(v)
	case keyInt:
		_, err = strconv.ParseInt(v, 10, 64)
	}
	if err != nil {
		return fmt.Errorf("%s is %s", k.field, describe(v))
	}
	return nil
}

// compareKeys orders two values of a key in its own direction; for text it only
// knows equal (0) from not.
func compareKeys(k sortKey, a, b string) int {
	n := 0
	switch k.kind {
	case keyText:
		if a != b {
			n = 1
		}
		return n
	case keyTime:
		s, _ := parseTime(a) // both have been checked
		t, _ := parseTime(b)
		n = s.Compare(t)
	case keyInt:
		x, _ := strconv.ParseInt(a, 10, 64)
		y, _ := strconv.ParseInt(b, 10, 64)
		n = int(min(1, max(-1, x-y)))
	}
	if k.desc {
		return -n
	}
	return n
}

// rowKey is a row's values of the keys.
type rowKey []string

// readKey takes the keys of a row, which must have them all.
func readKey(r *row, keys []sortKey) rowKey {
	out := make(rowKey, len(keys))
	for i, k := range keys {
		switch k.kind {
		case keyInt:
			n, known := r.count(k.field, maxCount)
			if !known {
				r.fail(k.field, "is missing; there is %s", describe(r.fields))
			}
			out[i] = strconv.FormatInt(n, 10)
		case keyTime:
			// As it came: the server must find it equal to its own value.
			if out[i] = r.key(k.field); r.err == nil {
				if err := checkKey(k, out[i]); err != nil {
					r.fail(k.field, "is %s, not a time", describe(out[i]))
				}
			}
		case keyText:
			if _, ok := r.fields[k.field].(string); !ok {
				r.key(k.field)
			}
			out[i] = r.text(k.field)
		}
	}
	return out
}

// samePrefix reports whether a row has the first keys at.
func samePrefix(keys []sortKey, a, at rowKey) bool {
	for i, v := range at {
		if compareKeys(keys[i], a[i], v) != 0 {
			return false
		}
	}
	return true
}

// check refuses a page that is not what was asked: out of order, or not beginning
// where the page before it ended. An empty page is one of the latter: the row at
// the border must come again.
func (c cursor) check(keys []sortKey, rows []rowKey) error {
	for i := 1; i < len(rows); i++ {
		if compareKeys(keys[0], rows[i-1][0], rows[i][0]) > 0 {
			return fmt.Errorf("rows %d and %d are not in the order %s", i, i+1, keys[0].order())
		}
	}
	switch {
	case len(c.At) == 0:
	case c.After:
		if len(rows) > 0 && (compareKeys(keys[0], c.At[0], rows[0][0]) > 0 || samePrefix(keys, rows[0], c.At)) {
			return errors.New("the page does not begin after the row at which the one before ended")
		}
	case len(rows) == 0 || !samePrefix(keys, rows[0], c.At):
		return errors.New("the page does not begin with the row at which the one before ended")
	}
	return nil
}

// errOneRun is a full page whose rows are equal in all keys that it is ordered by.
var errOneRun = errors.New("one run of equal keys fills the page")

// split says how many rows of a full page are delivered, and where the next page
// begins. whole says that keys are all that the list has, so that rows which
// are equal in them are the same.
func (c cursor) split(keys []sortKey, rows []rowKey, whole bool) (deliver int, next cursor, err error) {
	last := rows[len(rows)-1]
	for level := 1; level <= len(keys); level++ {
		run := len(rows) - 1
		for run > 0 && samePrefix(keys, rows[run-1], last[:level]) {
			run--
		}
		if run == 0 {
			continue
		}
		for _, r := range rows[:run] {
			if samePrefix(keys, r, last[:level]) {
				return 0, cursor{}, fmt.Errorf("rows are not in the order %s", keys[level-1].order())
			}
		}
		next = cursor{At: last[:level]}
		deliver = run
		break
	}
	switch {
	case deliver == 0 && !whole:
		return 0, cursor{At: last, Deep: true}, errOneRun
	case deliver == 0:
		// Every row is the same link.
		deliver, next = len(rows), cursor{At: last, After: true}
	}
	if len(next.At) == len(c.At) && next.After == c.After && samePrefix(keys, next.At, c.At) {
		return 0, cursor{}, errors.New("the page ends where it began, so the next one would be the same")
	}
	return deliver, next, nil
}
