package ahrefs

import (
	"strings"
	"testing"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
)

func TestRows(t *testing.T) {
	const from = `"url_from":"https://a.test/","url_to":"https://example.com/"`
	tests := map[string]struct {
		rows string
		want string // part of the error; "" = it is read
		then func(backlinks.Link) bool
	}{
		"bare minimum": {`[{` + from + `}]`, "", func(l backlinks.Link) bool {
			return l.Metric == backlinks.MetricNone && l.Nofollow == backlinks.Unknown && l.FirstSeen == day.None && l.HTTPCode == 0
		}},
		"nulls": {`[{` + from + `,"anchor":null,"domain_rating_source":null,"first_seen":null,"is_dofollow":null,"http_code":null}]`, "",
			func(l backlinks.Link) bool {
				return l.Metric == backlinks.MetricNone && l.Nofollow == backlinks.Unknown
			}},
		"DR 0":               {`[{` + from + `,"domain_rating_source":0}]`, "", func(l backlinks.Link) bool { return l.Metric == backlinks.DR }},
		"date":               {`[{` + from + `,"first_seen":"2026-03-01"}]`, "", seenOn(2026, 3, 1)},
		"UTC":                {`[{` + from + `,"first_seen":"2026-03-01T23:59:59Z"}]`, "", seenOn(2026, 3, 1)},
		"milliseconds":       {`[{` + from + `,"first_seen":"2026-03-01T23:59:59.999Z"}]`, "", seenOn(2026, 3, 1)},
		"west of Greenwich":  {`[{` + from + `,"first_seen":"2026-03-01T23:30:00-05:00"}]`, "", seenOn(2026, 3, 2)},
		"east of Greenwich":  {`[{` + from + `,"first_seen":"2026-03-01T01:30:00+02:00"}]`, "", seenOn(2026, 2, 28)},
		"no zone":            {`[{` + from + `,"first_seen":"2026-03-01 23:30:00"}]`, "", seenOn(2026, 3, 1)},
		"NUL":                {`[{` + from + `,"anchor":"a\u0000b"}]`, "", func(l backlinks.Link) bool { return l.Anchor == "a\uFFFDb" }},
		"markup is text":     {`[{` + from + `,"anchor":"<b>&amp;"}]`, "", func(l backlinks.Link) bool { return l.Anchor == "<b>&amp;" }},
		"not a date":         {`[{` + from + `,"first_seen":"yesterday"}]`, `row 1: first_seen is the text "yesterday"`, nil},
		"a date and more":    {`[{` + from + `,"first_seen":"2026-03-01Tnoon"}]`, "not a date", nil},
		"no such day":        {`[{` + from + `,"first_seen":"2026-02-30"}]`, "not a date", nil},
		"date as a number":   {`[{` + from + `,"first_seen":1772323200}]`, "the number 1772323200, not a text", nil},
		"DR as a text":       {`[{` + from + `,"domain_rating_source":"45"}]`, `the text "45", not a number`, nil},
		"DR 101":             {`[{` + from + `,"domain_rating_source":101}]`, "between 0 and 100", nil},
		"DR below 0":         {`[{` + from + `,"domain_rating_source":-1}]`, "between 0 and 100", nil},
		"DR endless":         {`[{` + from + `,"domain_rating_source":1e999}]`, "between 0 and 100", nil},
		"code of halves":     {`[{` + from + `,"http_code":200.5}]`, "not a whole number", nil},
		"follow as a number": {`[{` + from + `,"is_dofollow":1}]`, "not true or false", nil},
		"second row":         {`[{` + from + `},{"url_to":"https://example.com/"}]`, "row 2: url_from is missing", nil},
		"blank key":          {`[{"url_from":" ","url_to":"https://example.com/"}]`, "url_from is the text", nil},
		"null key":           {`[{"url_from":null,"url_to":"https://example.com/"}]`, "url_from is null", nil},
		"null row":           {`[null]`, "row 1 is null", nil},
		"long s":             {`[{` + from + `,"first_\u017feen":"2026-03-01"}]`, "not in the expected case", nil},
		"escaped twin":       {`[{` + from + `,"url\u005ffrom":"https://b.test/"}]`, "comes twice", nil},
		"twin deep inside":   {`[{` + from + `,"more":{"a":1,"A":2}}]`, "comes twice", nil},
		"two envelopes":      {`{"backlinks":[],"new_backlinks":[]}`, "both", nil},
		"deep":               {strings.Repeat("[", 50) + strings.Repeat("]", 50), "nested", nil},
		"endless depth":      {strings.Repeat("[", 1<<20), "not JSON", nil},
		"many values":        {`[` + strings.Repeat("0,", 1_000_001) + `0]`, "more than 1000000 values", nil},
	}
	for name, tt := range tests {
		links, err := decodeList([]byte(tt.rows), []string{"backlinks", "new_backlinks"}, readLink)
		switch {
		case tt.want != "":
			if err == nil || !strings.Contains(err.Error(), tt.want) || links != nil {
				t.Errorf("%s: %v, %v; want an error with %q", name, links, err, tt.want)
			}
		case err != nil || len(links) != 1 || !tt.then(links[0]):
			t.Errorf("%s: %+v, %v", name, links, err)
		}
	}
}

func seenOn(y int, m time.Month, d int) func(backlinks.Link) bool {
	return func(l backlinks.Link) bool { return l.FirstSeen == day.Date(y, m, d) }
}

func TestLostReasons(t *testing.T) {
	tests := []struct {
		fields string
		reason backlinks.LostReason
		said   string
		on     string
	}{
		{`"reason":"broken","last_seen":"2026-02-05T10:00:00Z"`, backlinks.PageGone, "broken", "2026-02-05"},
		{`"reason":"noindex","last_seen":"2026-02-05"`, backlinks.NoIndex, "noindex", "2026-02-05"},
		{`"reason":"redirect","last_seen":"2026-02-05"`, backlinks.Redirected, "redirect", "2026-02-05"},
		{`"reason":"link_removed","last_seen":"2026-02-05"`, backlinks.LinkRemoved, "link_removed", "2026-02-05"},
		{`"reason":"Link_Removed","last_seen":"2026-02-05"`, backlinks.LinkRemoved, "Link_Removed", "2026-02-05"},
		{`"reason":"eaten by a dog","last_seen":"2026-02-05"`, backlinks.LostReasonUnsaid, "eaten by a dog", "2026-02-05"},
		{`"reason":null,"last_seen":null`, backlinks.LostReasonUnsaid, "", ""},
		{`"reason":"broken","last_seen":"2026-02-05","lost_on":"2026-02-09"`, backlinks.PageGone, "broken", "2026-02-09"},
	}
	for _, tt := range tests {
		body := `{"lost_backlinks":[{"url_from":"https://a.test/","url_to":"https://example.com/",` + tt.fields + `}]}`
		links, err := decodeList([]byte(body), []string{"lost_backlinks"}, readLost)
		if err != nil {
			t.Errorf("%s: %v", tt.fields, err)
			continue
		}
		l := links[0]
		if l.LostReason != tt.reason || l.LostSaid != tt.said || l.LostOn.String() != tt.on || !l.Lost() {
			t.Errorf("%s: %+v", tt.fields, l)
		}
	}
}

func TestReadOverview(t *testing.T) {
	tests := map[string]struct {
		body, want string // want: part of the error
		figures    [4]int64
	}{
		"bare":           {`{"domain_rating":42.1,"backlinks":7,"referring_domains":3,"organic_traffic":0,"organic_keywords":9}`, "", [4]int64{7, 3, 0, 9}},
		"metrics":        {`{"metrics":{"domain_rating":42,"backlinks":7.0,"referring_domains":3}}`, "", [4]int64{7, 3, -1, -1}},
		"nulls":          {`{"overview":{"domain_rating":42,"backlinks":null,"referring_domains":3}}`, "", [4]int64{-1, 3, -1, -1}},
		"all null":       {`{"domain_rating":null,"backlinks":null}`, "no figure at all", [4]int64{}},
		"no DR":          {`{"overview":{"backlinks":3}}`, "domain_rating is missing", [4]int64{}},
		"empty inside":   {`{"overview":{}}`, "domain_rating is missing", [4]int64{}},
		"a list":         {`[{"domain_rating":42}]`, "a list of 1", [4]int64{}},
		"list inside":    {`{"overview":[]}`, "should be an object", [4]int64{}},
		"half a link":    {`{"domain_rating":42,"backlinks":1.5}`, "not a whole number", [4]int64{}},
		"below zero":     {`{"domain_rating":42,"backlinks":-1}`, "between 0", [4]int64{}},
		"too many":       {`{"domain_rating":42,"backlinks":1e300}`, "between 0", [4]int64{}},
		"figure as text": {`{"domain_rating":"42"}`, "not a number", [4]int64{}},
		"with an error":  {`{"domain_rating":42,"error":"stale"}`, "status 200 with an error", [4]int64{}},
		"capitals":       {`{"Domain_Rating":42}`, "expected case", [4]int64{}},
	}
	for name, tt := range tests {
		s, err := readOverview([]byte(tt.body))
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %+v, %v; want an error with %q", name, s, err, tt.want)
			}
			continue
		}
		if got := [4]int64{s.Backlinks, s.RefDomains, s.OrganicTraffic, s.OrganicKeywords}; err != nil || got != tt.figures || s.Metric != backlinks.DR {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// Whatever comes, reading neither panics nor gives a record without its key, and
// only an answer with an empty list gives no rows without an error.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"backlinks":[]}`, `{"backlinks":null}`, `{"error":"no"}`, `<html>`, `[{"url_from":"a"`,
		`{"new_backlinks":[{"url_from":"https://a.test/","url_to":"https://b.test/","domain_rating_source":3.5,"first_seen":"2026-03-01T00:00:00Z","is_dofollow":true}]}`,
		`{"lost_backlinks":[{"url_from":"https://a.test/","url_to":"https://b.test/","last_seen":"2026-03-01","reason":"broken"}]}`,
		`[{"url_from":"a","URL_FROM":"b"}]`, `{"refdomains":[{"domain":"a.test","domain_rating":1,"backlinks":2}]}`,
		`{"metrics":{"domain_rating":1,"backlinks":2}}`, `{"overview":{"domain_rating":null}}`,
	} {
		f.Add([]byte(s))
	}
	names := []string{"backlinks", "new_backlinks", "lost_backlinks", "refdomains"}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, read := range []func(*row) backlinks.Link{readLink, readLost} {
			links, err := decodeList(body, names, read)
			if err != nil && links != nil {
				t.Error("rows beside an error")
			}
			if err == nil && len(links) == 0 && !strings.Contains(strings.Join(strings.Fields(string(body)), ""), "[]") {
				t.Error("no rows and no error, but no empty list came")
			}
			for _, l := range links {
				if strings.TrimSpace(l.SourceURL) == "" || l.TargetURL == "" || l.Authority < 0 || l.Authority > 100 {
					t.Errorf("%+v", l)
				}
			}
		}
		domains, err := decodeList(body, names, readRefDomain)
		for _, d := range domains {
			if d.Domain == "" || d.Links < 0 || err != nil {
				t.Errorf("%+v, %v", d, err)
			}
		}
		if s, err := readOverview(body); err == nil && (s.Authority < 0 || s.Authority > 100 || s.Backlinks < -1) {
			t.Errorf("%+v", s)
		}
	})
}
