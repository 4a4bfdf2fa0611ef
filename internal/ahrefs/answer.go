package ahrefs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"landed/internal/day"
)

const (
	maxDepth  = 32        // an answer needs three levels
	maxValues = 1_000_000 // numbers, strings, lists and objects of one answer
)

// fieldNames are all names that this package reads. One of them in another case
// makes an answer unusable.
var fieldNames = map[string]bool{
	"url_from": true, "url_to": true, "domain_rating_source": true, "anchor": true,
	"first_seen": true, "last_seen": true, "lost_on": true, "reason": true, "http_code": true, "is_dofollow": true,
	"domain": true, "domain_rating": true, "backlinks": true, "referring_domains": true,
	"organic_traffic": true, "organic_keywords": true,
	"refdomains": true, "all_backlinks": true, "new_backlinks": true, "lost_backlinks": true,
	"overview": true, "metrics": true, "error": true,

	"title": true, "source_page_author": true, "link_type": true, "is_nofollow": true, "is_ugc": true, "is_sponsored": true,
	"first_seen_link": true, "last_visited": true, "is_lost": true, "lost_reason": true, "drop_reason": true,
	"discovered_status": true, "ahrefs_rank_source": true, "links_to_target": true, "dofollow_links": true,
	"live": true, "live_refdomains": true, "org_traffic": true, "org_keywords": true, "date": true, "domain_ratings": true,
	"anchors": true, "limits_and_usage": true, "subscription": true, "usage_reset_date": true, "api_key_expiration_date": true,
	"units_limit_workspace": true, "units_usage_workspace": true, "units_limit_api_key": true, "units_usage_api_key": true,
}

// parse reads JSON more strictly than encoding/json does into a struct: there,
// "URL_FROM" fills the field of url_from and the last of two equal names wins,
// so that a field nobody asked for can overwrite the key of every row. Here both
// are errors. The result is made of map[string]any, []any, string,
// json.Number, bool and nil.
func parse(data []byte) (any, error) {
	if !json.Valid(data) {
		return nil, fmt.Errorf("not JSON, or cut short: it begins with %q", cut(string(data[:min(len(data), 200)]), 60))
	}
	p := parser{dec: json.NewDecoder(bytes.NewReader(data)), left: maxValues}
	p.dec.UseNumber()
	return p.value(0)
}

type parser struct {
	dec  *json.Decoder
	left int
}

func (p *parser) value(depth int) (any, error) {
	if p.left--; p.left < 0 {
		return nil, fmt.Errorf("more than %d values", maxValues)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	tok, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return p.object(depth)
	case json.Delim('['):
		return p.list(depth)
	}
	return tok, nil
}

func (p *parser) list(depth int) ([]any, error) {
	items := []any{}
	for p.dec.More() {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := p.dec.Token()
	return items, err
}

func (p *parser) object(depth int) (map[string]any, error) {
	fields := map[string]any{}
	seen := map[string]bool{}
	for p.dec.More() {
		tok, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := tok.(string) // in an object every other token is a name
		// Upper first: some letters (ſ, the Kelvin sign) fold to s and k only so.
		folded := strings.ToLower(strings.ToUpper(name))
		switch {
		case seen[folded]:
			return nil, fmt.Errorf("the name %q comes twice in one object", cut(name, 40))
		case folded != name && fieldNames[folded]:
			return nil, fmt.Errorf("the name %q is not in the expected case", cut(name, 40))
		}
		seen[folded] = true
		if fields[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := p.dec.Token()
	return fields, err
}

// listIn finds the list of an answer: bare, or under exactly one of names.
func listIn(answer any, names ...string) ([]any, error) {
	if list, ok := answer.([]any); ok {
		return list, nil
	}
	name, v, err := under(answer, names)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%q should be a list but is %s", name, describe(v))
	}
	return list, nil
}

// under is the value that an enveloping object has under exactly one of names.
func under(answer any, names []string) (name string, v any, err error) {
	fields, ok := answer.(map[string]any)
	if !ok {
		return "", nil, fmt.Errorf("expected a list under %s, got %s", strings.Join(names, " or "), describe(answer))
	}
	if fields["error"] != nil {
		return "", nil, fmt.Errorf("status 200 with an error: %s", describeError(fields["error"]))
	}
	for _, n := range names {
		got, has := fields[n]
		if has && name != "" {
			return "", nil, fmt.Errorf("both %q and %q are there", name, n)
		}
		if has {
			name, v = n, got
		}
	}
	if name == "" {
		return "", nil, fmt.Errorf("expected %s, got %s", strings.Join(names, " or "), describe(answer))
	}
	return name, v, nil
}

func describeError(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(cut(s, 200))
	}
	return describe(v)
}

// describe names what came, for the error that refuses it.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %q", cut(v, 40))
	case json.Number:
		return "the number " + cut(v.String(), 40)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		if len(v) == 0 {
			return "an empty object"
		}
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) > 6 {
			keys = append(keys[:6], "…")
		}
		for i, k := range keys {
			keys[i] = cut(k, 40)
		}
		return fmt.Sprintf("an object with %q", keys)
	}
	return fmt.Sprintf("%T", v)
}

// row reads the fields of one object by exact name and keeps the first error. A
// field that is absent or null is "not reported", except for keys.
type row struct {
	fields map[string]any
	err    error
}

// readRows turns a list of objects into records; one bad row spoils the answer,
// because a row that cannot be read is a link that would look lost.
func readRows[T any](list []any, read func(*row) T) ([]T, error) {
	out := make([]T, 0, len(list))
	for i, v := range list {
		fields, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("row %d is %s", i+1, describe(v))
		}
		r := &row{fields: fields}
		record := read(r)
		if r.err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, r.err)
		}
		out = append(out, record)
	}
	return out, nil
}

func (r *row) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...))
	}
}

// key is a text that must be there.
func (r *row) key(name string) string {
	v, has := r.fields[name]
	s, ok := v.(string)
	switch {
	case !has:
		r.fail(name, "is missing; there is %s", describe(r.fields))
	case !ok || strings.TrimSpace(s) == "":
		r.fail(name, "is %s", describe(v))
	}
	return clean(s)
}

func (r *row) text(name string) string {
	v := r.fields[name]
	s, ok := v.(string)
	if v != nil && !ok {
		r.fail(name, "is %s, not a text", describe(v))
	}
	return clean(s)
}

// clean replaces NUL, which JSON can hold and databases cannot.
func clean(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

// flag is a bool; known is false when it is not reported.
func (r *row) flag(name string) (b, known bool) {
	v := r.fields[name]
	b, ok := v.(bool)
	if v != nil && !ok {
		r.fail(name, "is %s, not true or false", describe(v))
	}
	return b, ok
}

// number is a number from 0 to most; known is false when it is not reported.
func (r *row) number(name string, most float64) (f float64, known bool) {
	v := r.fields[name]
	if v == nil {
		return 0, false
	}
	n, ok := v.(json.Number)
	if !ok {
		r.fail(name, "is %s, not a number", describe(v))
		return 0, false
	}
	f, err := n.Float64()
	if err != nil || f < 0 || f > most {
		r.fail(name, "is %s, which is not between 0 and %g", describe(v), most)
		return 0, false
	}
	return f, true
}

// count is a whole number from 0 to most; known is false when it is not reported.
func (r *row) count(name string, most int64) (n int64, known bool) {
	f, known := r.number(name, float64(most))
	if f != math.Trunc(f) {
		r.fail(name, "is %g, not a whole number", f)
	}
	return int64(f), known
}

var errNotDate = errors.New("not a date")

// date is the UTC day of a date or timestamp; None when it is not reported.
func (r *row) date(name string) day.Day {
	s := r.text(name)
	d, err := utcDay(s)
	if err != nil {
		r.fail(name, "is %s, not a date", describe(s))
	}
	return d
}

// utcDay reads "2026-03-01", a timestamp with a zone, or one without (then UTC).
// A timestamp with an offset may fall on another day in UTC.
func utcDay(s string) (day.Day, error) {
	if s == "" {
		return day.None, nil
	}
	t, err := parseTime(s)
	if err != nil {
		return day.None, err
	}
	return day.Of(t), nil
}

// parseTime reads what utcDay reads.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{
		time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04:05Z07:00",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errNotDate
}
