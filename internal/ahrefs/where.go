package ahrefs

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Where is a condition on the rows of a list in the set "v3", written as the JSON
// of the parameter where. It is built from typed parts only: no text that came
// from elsewhere can become syntax. The zero Where is no condition.
type Where struct {
	join  string // "and", "or", "not"; "" for a single field
	parts []Where
	field string
	is    any
}

// Value is what a field is compared with. A json.Number is written as a number.
type Value interface {
	~string | ~bool | ~int | ~int64 | ~float64
}

func compare[V Value](field, op string, v V) Where {
	return Where{field: field, is: []any{op, v}}
}

// Eq, Neq, Gt, Gte, Lt and Lte compare a field with a value of its own type.
func Eq[V Value](field string, v V) Where  { return compare(field, "eq", v) }
func Neq[V Value](field string, v V) Where { return compare(field, "neq", v) }
func Gt[V Value](field string, v V) Where  { return compare(field, "gt", v) }
func Gte[V Value](field string, v V) Where { return compare(field, "gte", v) }
func Lt[V Value](field string, v V) Where  { return compare(field, "lt", v) }
func Lte[V Value](field string, v V) Where { return compare(field, "lte", v) }

// Substring, ISubstring (whatever the case), Prefix, Suffix and Regex look into a text.
func Substring(field, s string) Where  { return compare(field, "substring", s) }
func ISubstring(field, s string) Where { return compare(field, "isubstring", s) }
func Prefix(field, s string) Where     { return compare(field, "prefix", s) }
func Suffix(field, s string) Where     { return compare(field, "suffix", s) }
func Regex(field, s string) Where      { return compare(field, "regex", s) }

// Empty and IsNull ask for the absence of a value.
func Empty(field string) Where  { return Where{field: field, is: "empty"} }
func IsNull(field string) Where { return Where{field: field, is: "is_null"} }

// And holds when all of parts hold; parts that are no condition do not count.
func And(parts ...Where) Where { return joined("and", parts) }

// Or holds when one of parts holds.
func Or(parts ...Where) Where { return joined("or", parts) }

// Not holds when w does not.
func Not(w Where) Where { return Where{join: "not", parts: []Where{w}} }

func joined(join string, parts []Where) Where {
	parts = slices.DeleteFunc(slices.Clone(parts), Where.none)
	if len(parts) == 1 {
		return parts[0]
	}
	if len(parts) == 0 {
		return Where{}
	}
	return Where{join: join, parts: parts}
}

func (w Where) none() bool { return w.join == "" && w.field == "" }

// Fields are the names of the fields in the condition, which have a price each.
func (w Where) Fields() []string {
	if w.join == "" && w.field != "" {
		return []string{w.field}
	}
	var out []string
	for _, p := range w.parts {
		out = append(out, p.Fields()...)
	}
	return out
}

// tree is the expression as encoding/json writes it.
func (w Where) tree() any {
	switch w.join {
	case "":
		return struct {
			Field string `json:"field"`
			Is    any    `json:"is"`
		}{w.field, w.is}
	case "not":
		return map[string]any{"not": w.parts[0].tree()}
	}
	parts := make([]any, len(w.parts))
	for i, p := range w.parts {
		parts[i] = p.tree()
	}
	return map[string]any{w.join: parts}
}

// String is the value of the parameter where; "" when there is no condition.
func (w Where) String() string {
	if w.none() {
		return ""
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // "&" in an address need not become six characters of the query
	if err := e.Encode(w.tree()); err != nil {
		panic("ahrefs: " + err.Error()) // a NaN; no caller has one
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
