package ahrefstest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// filter is a parsed where: whether a row passes, by its values.
type filter func(value func(name string) any) bool

// test is one condition on one value that is not null.
type test func(v any) bool

// askable says what kind of column a name is, and whether where may use it.
type askable func(name string) (kind, bool)

// parseWhere reads the JSON of the parameter where and the columns that it names.
//
//	{"and":[E,…]} {"or":[E,…]} {"not":E}
//	{"field":"anchor","is":["substring","x"]} {"field":"last_seen","is":"is_null"}
//	{"field":"languages","list_is":{"any":["eq","en"]}}
//
// A value that is null passes is_null alone, and neq does not let it through.
func parseWhere(raw string, ask askable) (filter, []string, error) {
	p := whereParser{ask: ask}
	f, err := p.expression(json.RawMessage(raw), 0)
	return f, p.names, err
}

type whereParser struct {
	ask   askable
	names []string
}

func (p *whereParser) expression(raw json.RawMessage, depth int) (filter, error) {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(raw, &in); err != nil || in == nil || depth > 20 {
		return nil, errors.New("bad where: not a JSON expression")
	}
	if _, is := in["field"]; is {
		return p.condition(in)
	}
	if len(in) != 1 {
		return nil, errors.New("bad where: an expression is one of and, or, not, or a condition on a field")
	}
	for word, body := range in {
		switch word {
		case "and", "or":
			return p.list(word, body, depth)
		case "not":
			f, err := p.expression(body, depth+1)
			return func(value func(string) any) bool { return !f(value) }, err
		}
	}
	return nil, errors.New("bad where: unknown word in an expression")
}

func (p *whereParser) list(word string, raw json.RawMessage, depth int) (filter, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) == 0 {
		return nil, fmt.Errorf("bad where: %s wants a list of expressions", word)
	}
	filters := make([]filter, len(parts))
	for i, part := range parts {
		f, err := p.expression(part, depth+1)
		if err != nil {
			return nil, err
		}
		filters[i] = f
	}
	every := word == "and"
	return func(value func(string) any) bool {
		for _, f := range filters {
			if f(value) != every {
				return !every
			}
		}
		return every
	}, nil
}

func (p *whereParser) condition(in map[string]json.RawMessage) (filter, error) {
	var name string
	if err := json.Unmarshal(in["field"], &name); err != nil || len(in) != 2 {
		return nil, errors.New("bad where: a condition is a field and is, or list_is")
	}
	k, allowed := p.ask(name)
	if !allowed {
		return nil, fmt.Errorf("bad where: column '%s' is not recognized in where", name)
	}
	p.names = append(p.names, name)
	if list := in["list_is"]; list != nil {
		return p.listCondition(name, k, list)
	}
	isList := k == texts || k == numbers
	t, err := parseTest(in["is"], k, isList)
	if err != nil {
		return nil, fmt.Errorf("bad where on %s: %w", name, err)
	}
	return func(value func(string) any) bool {
		v := value(name)
		if many, ok := v.(each); ok {
			return slices.ContainsFunc(many, t)
		}
		return t(v)
	}, nil
}

func (p *whereParser) listCondition(name string, k kind, raw json.RawMessage) (filter, error) {
	var in map[string]json.RawMessage
	_ = json.Unmarshal(raw, &in) // what is not an object is refused below
	item := text
	switch {
	case len(in) != 1 || k != texts && k != numbers:
		return nil, fmt.Errorf("bad where on %s: list_is wants a list column, and any or all", name)
	case k == numbers:
		item = number
	}
	for word, body := range in {
		t, err := parseTest(body, item, false)
		if err != nil || word != "any" && word != "all" {
			return nil, fmt.Errorf("bad where on %s: bad list_is", name)
		}
		return func(value func(string) any) bool {
			values := items(value(name))
			if word == "any" {
				return slices.ContainsFunc(values, t)
			}
			return !slices.ContainsFunc(values, func(v any) bool { return !t(v) })
		}, nil
	}
	return nil, nil // unreachable: the map has one entry
}

// items is a list value, or the lists of many rows put together.
func items(v any) []any {
	var out []any
	switch v := v.(type) {
	case []string:
		for _, s := range v {
			out = append(out, s)
		}
	case []int:
		for _, n := range v {
			out = append(out, n)
		}
	case each:
		for _, one := range v {
			out = append(out, items(one)...)
		}
	}
	return out
}

// parseTest reads ["gte",30], "is_null" or "empty".
func parseTest(raw json.RawMessage, k kind, isList bool) (test, error) {
	var word string
	var pair []any
	if json.Unmarshal(raw, &word) != nil {
		if json.Unmarshal(raw, &pair) != nil || len(pair) == 0 {
			return nil, errors.New("is wants an operator")
		}
		word, _ = pair[0].(string)
	}
	switch {
	case word == "is_null" && len(pair) < 2:
		return func(v any) bool { return v == nil }, nil
	case word == "empty" && len(pair) < 2 && (k == text || isList):
		return func(v any) bool { return v == "" || isList && len(items(v)) == 0 }, nil
	case len(pair) != 2 || isList:
		return nil, fmt.Errorf("operator %q does not fit", word)
	}
	want, err := literal(pair[1], k)
	if err != nil {
		return nil, err
	}
	if t, ok := comparison(word, want, k); ok {
		return t, nil
	}
	return textTest(word, pair[1], k)
}

// literal checks that a value of JSON is of the column's kind.
func literal(v any, k kind) (any, error) {
	switch v := v.(type) {
	case float64:
		if k == number {
			return v, nil
		}
	case bool:
		if k == truth {
			return v, nil
		}
	case string:
		if k == moments || k == date {
			return parseMoment(v)
		}
		if k == text {
			return v, nil
		}
	}
	return nil, fmt.Errorf("the value %v is of the wrong type", v)
}

func parseMoment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", s)
}

var comparisons = map[string]func(c int) bool{
	"eq": func(c int) bool { return c == 0 }, "neq": func(c int) bool { return c != 0 },
	"gt": func(c int) bool { return c > 0 }, "gte": func(c int) bool { return c >= 0 },
	"lt": func(c int) bool { return c < 0 }, "lte": func(c int) bool { return c <= 0 },
}

func comparison(word string, want any, k kind) (test, bool) {
	holds, known := comparisons[word]
	if !known || k == truth && word != "eq" && word != "neq" {
		return nil, false
	}
	return func(v any) bool { return v != nil && holds(order(typed(v, k), want)) }, true
}

// typed makes a cell comparable with a literal.
func typed(v any, k kind) any {
	if s, ok := v.(string); ok && (k == moments || k == date) {
		t, _ := parseMoment(s) // the columns print valid timestamps
		return t
	}
	if n, ok := v.(int); ok {
		return float64(n)
	}
	return v
}

// order compares two values of one kind; null comes first.
func order(a, b any) int {
	switch a := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return -1
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return cmp.Compare(a, b)
		}
	case bool:
		if b, ok := b.(bool); ok && a != b {
			if b {
				return -1
			}
			return 1
		}
		return 0
	}
	if b == nil {
		return 1
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func textTest(word string, value any, k kind) (test, error) {
	want, ok := value.(string)
	if !ok || k != text {
		return nil, fmt.Errorf("operator %q does not fit the column", word)
	}
	var on func(s string) bool
	switch word {
	case "substring":
		on = func(s string) bool { return strings.Contains(s, want) }
	case "isubstring":
		want = strings.ToLower(want)
		on = func(s string) bool { return strings.Contains(strings.ToLower(s), want) }
	case "prefix":
		on = func(s string) bool { return strings.HasPrefix(s, want) }
	case "suffix":
		on = func(s string) bool { return strings.HasSuffix(s, want) }
	case "regex":
		re, err := regexp.Compile(want)
		if err != nil {
			return nil, errors.New("bad regex")
		}
		on = re.MatchString
	default:
		return nil, fmt.Errorf("unknown operator %q", word)
	}
	return func(v any) bool {
		s, ok := v.(string)
		return ok && on(s)
	}, nil
}
