package ahrefs

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
)

func TestV3Operations(t *testing.T) {
	for _, op := range v3Operations {
		t.Run(op.name, func(t *testing.T) {
			s := op.script()
			got, cost, err := op.run(t.Context(), s.client(t, V3))
			if err != nil {
				t.Fatal(err)
			}
			if asked := s.queries(); !slices.Equal(asked, op.asks) {
				t.Errorf("asked\n%s, want\n%s", strings.Join(asked, "\n"), strings.Join(op.asks, "\n"))
			}
			if !reflect.DeepEqual(got, op.want) {
				t.Errorf("got\n%+v, want\n%+v", got, op.want)
			}
			if n := len(op.asks); cost != (backlinks.Cost{Requests: n, Units: 50 * n}) {
				t.Errorf("cost %+v", cost)
			}
		})
	}
}

// What is not the promised answer is an error, never "nothing there".
func TestV3UnusableAnswers(t *testing.T) {
	for _, op := range v3Operations {
		bodies := map[string]string{
			"nothing": "", "HTML": "<!doctype html>", "null": "null", "an empty object": "{}", "an empty list": "[]",
			"an error": `{"error":"try later"}`, "cut short": `{"backlinks":[{"url_from":"https://a`,
			"null in its place":    `{"backlinks":null,"refdomains":null,"domain_rating":null,"domain_ratings":null,"anchors":null,"limits_and_usage":null,"metrics":null}`,
			"an object of objects": `{"metrics":{},"limits_and_usage":{},"domain_rating":{}}`,
		}
		if op.list != "" {
			bodies["rows that are no objects"] = `{"` + op.list + `":[1]}`
			bodies["empty rows"] = `{"` + op.list + `":[{}]}`
			bodies["a null row"] = `{"` + op.list + `":[null]}`
			bodies["an envelope in capitals"] = `{"` + strings.ToUpper(op.list) + `":[]}`
		}
		for name, body := range bodies {
			t.Run(op.name+" "+name, func(t *testing.T) {
				s := &script{answers: map[string]string{}}
				for endpoint := range v3Answers {
					s.answers[endpoint] = body
				}
				s.answers["all-backlinks"] = body
				got, _, err := op.run(t.Context(), s.client(t, V3))
				checkKind(t, err, BadAnswer)
				if v := reflect.ValueOf(got); v.Kind() == reflect.Slice && v.Len() > 0 {
					t.Errorf("got %v beside the error", got)
				}
			})
		}
	}
}

// Each field in another case, of another type or twice makes the answer unusable.
func TestV3SpoiltFields(t *testing.T) {
	for _, op := range v3Operations {
		if op.list == "" {
			continue
		}
		answers := op.script().answers
		name := op.asks[0][strings.IndexByte(op.asks[0], '/')+1 : strings.IndexByte(op.asks[0], ' ')]
		for field := range fieldNames {
			if field == op.list || !strings.Contains(answers[name], `"`+field+`":`) {
				continue
			}
			for how, to := range map[string]string{
				"in capitals": `"` + strings.ToUpper(field) + `":`, "as a list": `"` + field + `":[1],"rest":`, "twice": `"` + field + `":null,"` + field + `":`,
			} {
				t.Run(op.name+" "+field+" "+how, func(t *testing.T) {
					s := &script{answers: map[string]string{name: strings.ReplaceAll(answers[name], `"`+field+`":`, to)}}
					_, _, err := op.run(t.Context(), s.client(t, V3))
					if how == "as a list" && err == nil && !strings.Contains(op.asks[0], field) {
						return // not asked for, so not read
					}
					checkKind(t, err, BadAnswer)
				})
			}
		}
	}
}

// The case trap only works for names that are listed.
func TestV3FieldNamesAreGuarded(t *testing.T) {
	for _, fields := range [][]string{newFields, wholeLostFields, restoredFields, liveFields, sourceFields, domainFields,
		{"anchor", "links_to_target", "dofollow_links"}} {
		for _, f := range fields {
			if !fieldNames[f] {
				t.Errorf("%s is not in fieldNames", f)
			}
		}
	}
}

func TestV3Losses(t *testing.T) {
	for _, tt := range []struct {
		lost, drop string
		want       backlinks.LostReason
		said       string
	}{
		{`"removedfromhtml"`, `null`, backlinks.LinkRemoved, "removedfromhtml"},
		{`"notcanonical"`, `null`, backlinks.NotCanonical, "notcanonical"},
		{`"noindex"`, `null`, backlinks.NoIndex, "noindex"},
		{`"pageredirected"`, `null`, backlinks.Redirected, "pageredirected"},
		{`"pageerror"`, `null`, backlinks.PageError, "pageerror"},
		{`"lostredirect"`, `null`, backlinks.Redirected, "lostredirect"},
		{`"notfound"`, `"tooold"`, backlinks.PageGone, "notfound"},
		{`null`, `"tooold"`, backlinks.IndexDropped, "tooold"},
		{`null`, `null`, backlinks.LostReasonUnsaid, ""},
		{`"vanished"`, `null`, backlinks.LostReasonUnsaid, "vanished"},
	} {
		row := strings.NewReplacer(`"removedfromhtml"`, tt.lost, `"drop_reason":null`, `"drop_reason":`+tt.drop).Replace(v3LostRow)
		s := &script{answers: linkAnswer(row)}
		p, err := s.client(t, V3).LostLinks(t.Context(), week)
		if err != nil || len(p.Links) != 1 || p.Links[0].LostReason != tt.want || p.Links[0].LostSaid != tt.said || !p.Links[0].Lost() {
			t.Errorf("%s, %s: %+v, %v", tt.lost, tt.drop, p.Links, err)
		}
	}
}

// A server that ignores a condition must not make living links look lost, nor lost
// ones restored.
func TestV3IgnoredConditions(t *testing.T) {
	for name, row := range map[string]string{
		"lives":        strings.Replace(v3LostRow, `"is_lost":true`, `"is_lost":false`, 1),
		"does not say": strings.Replace(v3LostRow, `,"is_lost":true`, ``, 1),
		"no day":       strings.Replace(v3LostRow, `"2026-02-24T06:00:00Z"`, `null`, 1),
		"another day":  strings.Replace(v3LostRow, `2026-02-24`, `2026-01-24`, 1),
	} {
		_, err := (&script{answers: linkAnswer(row)}).client(t, V3).LostLinks(t.Context(), week)
		checkKind(t, err, BadAnswer)
		_ = name
	}
	lost := strings.Replace(v3LinkRow, `"is_lost":false`, `"is_lost":true`, 1)
	_, err := (&script{answers: linkAnswer(lost)}).client(t, V3).RestoredLinks(t.Context(), week)
	checkKind(t, err, BadAnswer)
	_, err = (&script{answers: linkAnswer(v3LinkRow)}).client(t, V3).AllLinks(t.Context(), site, 80, "")
	checkKind(t, err, BadAnswer)
}

// first_seen is the page's day and must not date a link, also where it is there.
func TestV3DatesTheLinkNotThePage(t *testing.T) {
	row := strings.Replace(v3LinkRow, `"first_seen_link"`, `"first_seen":"2019-01-01T00:00:00Z","first_seen_link"`, 1)
	p, err := (&script{answers: linkAnswer(row)}).client(t, V3).NewLinks(t.Context(), week)
	if err != nil || p.Links[0].FirstSeen != day.Date(2026, 2, 28) {
		t.Error(p.Links, err)
	}
}

func TestV3Kinds(t *testing.T) {
	for _, kind := range []backlinks.Kind{backlinks.KindText, backlinks.KindImage, backlinks.KindRedirect, backlinks.KindFrame,
		backlinks.KindForm, backlinks.KindCanonical, backlinks.KindAlternate, backlinks.KindRSS, backlinks.KindUnknown} {
		row := strings.Replace(v3LinkRow, `"image"`, `"`+string(kind)+`"`, 1)
		p, err := (&script{answers: linkAnswer(row)}).client(t, V3).NewLinks(t.Context(), week)
		if err != nil || p.Links[0].Kind != kind {
			t.Error(kind, p.Links, err)
		}
	}
}

// A page that links to ours by rel=canonical and by text is one link, the text.
func TestV3OneLinkOfAPair(t *testing.T) {
	canonical := strings.Replace(v3LinkRow, `"image"`, `"canonical"`, 1)
	text := strings.Replace(v3LinkRow, `"image"`, `"text"`, 1)
	p, err := (&script{answers: linkAnswer(canonical + "," + text + "," + canonical)}).client(t, V3).NewLinks(t.Context(), week)
	if err != nil || len(p.Links) != 1 || p.Links[0].Kind != backlinks.KindText {
		t.Error(p.Links, err)
	}
}

func TestV3RefusesWhatItCannotAsk(t *testing.T) {
	s := &script{}
	c := s.client(t, V3)
	for _, w := range []backlinks.Window{
		{Target: site, From: week.To, To: week.From}, {Target: site, To: week.To},
		{Target: backlinks.Target{Host: " ", Mode: backlinks.ModeDomain}, From: week.From, To: week.To},
		{Target: backlinks.Target{Host: "example.com", Mode: "all"}, From: week.From, To: week.To},
	} {
		_, err := c.NewLinks(t.Context(), w)
		checkKind(t, err, BadRequest)
		_, err = c.LostLinks(t.Context(), w)
		checkKind(t, err, BadRequest)
		_, err = c.NewRefDomains(t.Context(), w)
		checkKind(t, err, BadRequest)
		_, _, err = c.AuthorityHistory(t.Context(), w.Target, w.From, w.To)
		checkKind(t, err, BadRequest)
	}
	if len(s.asked) > 0 {
		t.Error("something was sent")
	}
}

func TestUsedUpUnitsIn403(t *testing.T) {
	s := &script{status: 403, answers: map[string]string{"all-backlinks": `{"error":"API units limit reached"}`}}
	_, err := s.client(t, V3).NewLinks(t.Context(), week)
	checkKind(t, err, UnitsExhausted)
	s.answers["all-backlinks"] = `{"error":"your plan does not include this endpoint"}`
	_, err = s.client(t, V3).NewLinks(t.Context(), week)
	checkKind(t, err, Forbidden)
}

func FuzzV3Answers(f *testing.F) {
	for _, body := range v3Answers {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"backlinks":[` + v3LinkRow + `]}`))
	f.Add([]byte(`{"backlinks":[` + v3LostRow + `,` + v3LostRow + `]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, _ := askLost(week)
		rows, next, err := cutPage(a, body, cursor{}, 2, true, readV3Lost)
		for _, l := range rows {
			if err == nil && (l.SourceURL == "" || l.TargetURL == "" || !l.LostOn.Known()) {
				t.Fatalf("a loss without its key: %+v", l)
			}
		}
		if err == nil && len(next.At) > 0 && len(rows) == 0 {
			t.Fatal("a page that gives nothing and goes on")
		}
		a, _ = askNew(week)
		_, _, _ = cutPage(a, body, cursor{At: []string{"2026-02-24T06:00:00Z"}}, 500, true, readV3Link)
		_, _ = readAccount(body)
		if r, err := objectIn(body, "metrics"); err == nil {
			readStats(r, &backlinks.Snapshot{})
		}
	})
}
