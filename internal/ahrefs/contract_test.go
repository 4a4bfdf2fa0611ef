// Checks made with a whole OpenAPI library, which .ci/run compiles neither for the
// race detector nor for fuzzing: either takes minutes and shows nothing here.
//go:build !nocontract

package ahrefs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
)

// contract reads the vendor's OpenAPI document, which is kept outside the project.
func contract(t *testing.T) []byte {
	t.Helper()
	dir := os.Getenv("LANDED_CONTRACTS_DIR")
	if dir == "" {
		dir = "../../../shared/contracts"
	}
	b, err := os.ReadFile(filepath.Join(dir, "ahrefs-v3.openapi.json"))
	if err != nil {
		t.Skip("no contract here:", err)
	}
	return b
}

// judge holds requests and answers against the contract.
type judge struct {
	validator validator.Validator
	document  map[string]any
}

// newJudge makes one correction: where a type is nullable and the enum beside it
// forgets null, as lost_reason, null counts as allowed. By the letter no live link
// could be answered.
func newJudge(t *testing.T) *judge {
	t.Helper()
	j := &judge{}
	if err := json.Unmarshal(contract(t), &j.document); err != nil {
		t.Fatal(err)
	}
	allowNull(j.document)
	raw, err := json.Marshal(j.document)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStrictMode(), config.WithLogger(slog.New(slog.DiscardHandler)))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	j.validator = v
	return j
}

func allowNull(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			allowNull(item)
		}
	case map[string]any:
		types, _ := v["type"].([]any)
		if enum, ok := v["enum"].([]any); ok && slices.Contains(types, any("null")) && !slices.Contains(enum, any(nil)) {
			v["enum"] = append(enum, nil)
		}
		for _, item := range v {
			allowNull(item)
		}
	}
}

// request gives what is wrong with a request.
func (j *judge) request(r *http.Request) []string {
	_, errs := j.validator.ValidateHttpRequest(r)
	return inWords(errs)
}

// answer gives what is wrong with an answer. The document requires no field at
// all, so that {} would do: the envelope and the selected fields are checked here.
func (j *judge) answer(r *http.Request, status int, header http.Header, body []byte) []string {
	_, errs := j.validator.ValidateHttpResponse(r, &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	})
	return append(inWords(errs), j.missing(r, status, body)...)
}

func inWords(errs []*errors.ValidationError) (out []string) {
	for _, e := range errs {
		said := e.Message + ": " + e.Reason
		for _, s := range e.SchemaValidationErrors {
			said += fmt.Sprintf(" [%s %s]", s.FieldPath, s.Reason)
		}
		out = append(out, said)
	}
	return out
}

// missing names what an answer should have and has not.
func (j *judge) missing(r *http.Request, status int, body []byte) []string {
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		return []string{"not an object: " + err.Error()}
	}
	if status != http.StatusOK {
		if said, _ := in["error"].(string); said == "" {
			return []string{"an error without a text"}
		}
		return nil
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	schemas := j.document["components"].(map[string]any)["schemas"].(map[string]any)
	envelope, schema := onlyProperty(schemas[name])
	content, ok := in[envelope]
	if !ok || len(in) != 1 {
		return []string{"the answer is not under " + envelope}
	}
	rows := []any{content}
	if items, isList := schema["items"].(map[string]any); isList {
		rows, _ = content.([]any)
		schema = items
	}
	want := slices.Sorted(maps.Keys(schema["properties"].(map[string]any)))
	if fields := r.URL.Query().Get("select"); fields != "" {
		want = slices.Compact(slices.Sorted(strings.SplitSeq(fields, ",")))
	}
	for i, row := range rows {
		fields, _ := row.(map[string]any)
		if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
			return []string{fmt.Sprintf("row %d has the fields %v, want %v", i, got, want)}
		}
	}
	return nil
}

func onlyProperty(schema any) (string, map[string]any) {
	for name, p := range schema.(map[string]any)["properties"].(map[string]any) {
		return name, p.(map[string]any)
	}
	return "", nil
}

// judged is a transport that holds all that passes against the contract.
type judged struct {
	t    *testing.T
	j    *judge
	next http.RoundTripper
	seen map[string]int // "200 site-explorer/anchors" → how often
}

func (g *judged) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, wrong := range g.j.request(r) {
		g.t.Errorf("request %s: %s", r.URL, wrong)
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	for _, wrong := range g.j.answer(r, resp.StatusCode, resp.Header, body) {
		g.t.Errorf("answer %d to %s: %s", resp.StatusCode, r.URL, wrong)
	}
	_, path, _ := strings.Cut(r.URL.Path, "/v3/")
	g.seen[fmt.Sprint(resp.StatusCode, " ", path)]++
	return resp, nil
}

// ask sends a question of the test's own.
func (g *judged) ask(path string, params url.Values) int {
	g.t.Helper()
	r := rawRequest(path, params)
	resp, err := g.RoundTrip(r)
	if err != nil {
		g.t.Fatal(err)
	}
	return resp.StatusCode
}

func rawRequest(path string, params url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://api.ahrefs.com/v3/"+path+"?"+strings.ReplaceAll(params.Encode(), "+", "%20"), nil)
	r.Header.Set("Authorization", "Bearer "+ahrefstest.Token)
	return r
}

// contractWorld has links of all kinds and all ends.
func contractWorld(now func() time.Time) *ahrefstest.World {
	w := ahrefstest.NewWorld(now)
	ahrefstest.Generate(w, ahrefstest.Load{Sites: 1, Before: 60, New: 20, Lost: 8, Back: 2, Weeks: 12, Start: day.Of(now()) - 84, Seed: 1})
	kinds := []string{"redirect", "frame", "text", "form", "canonical", "alternate", "rss", "image"}
	lost := []string{"removedfromhtml", "notcanonical", "noindex", "pageredirected", "pageerror", "lostredirect", "notfound"}
	drop := []string{"manual", "noratingunused", "notop", "tooold", "oldunavailable", "rescursive", "duplicate", "nxdomain",
		"malformed", "blockedport", "disallowed", "unlinked", "lowvalue"}
	for i := range max(len(kinds), len(lost), len(drop)) {
		l := ahrefstest.Link{From: fmt.Sprintf("http://k%d.test/", i), To: "https://" + ahrefstest.SiteName(0) + "/", Kind: kinds[i%len(kinds)],
			FirstSeen: day.Of(now()) - 40, UGC: i%2 == 0, Sponsored: i%3 == 0, Spam: i%4 == 0}
		w.Add(l)
		l.From, l.LostOn, l.LostReason = l.From+"lost", day.Of(now())-3, lost[i%len(lost)]
		w.Add(l)
		l.From, l.LostReason, l.DropReason = l.From+"drop", "", drop[i]
		w.Add(l)
	}
	return w
}

// rawQuestions are requests with everything that may be said in them.
func (j *judge) rawQuestions() map[string]url.Values {
	site := ahrefstest.SiteName(0)
	all := func(schema string) string {
		_, list := onlyProperty(j.document["components"].(map[string]any)["schemas"].(map[string]any)[schema])
		fields := slices.Sorted(maps.Keys(list["items"].(map[string]any)["properties"].(map[string]any)))
		return strings.Join(fields, ",")
	}
	window := func(grouping string) url.Values {
		return url.Values{"target": {site}, "date_from": {"2025-01-01"}, "date_to": {"2026-03-01"}, "history_grouping": {grouping}}
	}
	withMode := func(v url.Values) url.Values {
		v.Set("mode", "subdomains")
		v.Set("protocol", "both")
		return v
	}
	on := url.Values{"target": {site}, "date": {"2026-03-01"}}
	where := `{"and":[{"field":"first_seen","is":["gte","2020-01-01T00:00:00Z"]},{"not":{"field":"anchor","is":["eq","nothing"]}}]}`
	list := func(schema, history string) url.Values {
		return withMode(url.Values{"target": {site}, "select": {all(schema)}, "history": {history}, "where": {where}, "order_by": {"first_seen:desc"},
			"limit": {"1000"}, "timeout": {"30"}, "output": {"json"}})
	}
	grouped := list("all-backlinks", "all_time")
	grouped.Set("aggregation", "similar_links")
	return map[string]url.Values{
		epSite + "domain-rating":             on,
		epSite + "backlinks-stats":           withMode(maps.Clone(on)),
		epSite + "metrics":                   withMode(maps.Clone(on)),
		epSite + "domain-rating-history":     window("weekly"),
		epSite + "refdomains-history":        withMode(window("monthly")),
		epSite + "all-backlinks":             grouped,
		epSite + "refdomains":                list("refdomains", "since:2026-01-01"),
		epSite + "anchors":                   list("anchors", "live"),
		"subscription-info/limits-and-usage": {},
	}
}

const epSite = "site-explorer/"

func contractFake(t *testing.T) (*judge, *ahrefstest.Server, *judged) {
	t.Helper()
	j := newJudge(t)
	s := ahrefstest.New(contractWorld(func() time.Time { return monday }))
	s.Sets, s.PerMinute, s.MonthlyUnits, s.Plan, s.CacheFor = ahrefstest.V3, 0, 0, ahrefstest.Enterprise, 0
	return j, s, &judged{t, j, handlerTransport{s}, map[string]int{}}
}

func TestFakeKeepsTheContract(t *testing.T) {
	j, s, g := contractFake(t)
	for path, params := range j.rawQuestions() {
		if status := g.ask(path, params); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
		for _, f := range []ahrefstest.Fault{ahrefstest.Status(400, "bad"), ahrefstest.Status(500, "oops"), ahrefstest.TooMany("")} {
			s.FaultOn("", f)
			g.ask(path, params)
		}
		s.PerMinute = 1
		g.ask(path, params)
		g.ask(path, params) // 429 of its own
		s.PerMinute = 0
		s.ExpireToken(ahrefstest.Token)
		g.ask(path, params)
		s.AllowToken(ahrefstest.Token)
		s.Plan.Without = []string{path}
		g.ask(path, params)
		s.Plan.Without = nil
		for _, status := range []int{200, 400, 401, 403, 429, 500} {
			if g.seen[fmt.Sprint(status, " ", path)] == 0 {
				t.Errorf("%s never answered %d", path, status)
			}
		}
	}
	for _, r := range s.Requests() {
		if r.Status == 200 && r.Rows == 0 {
			t.Errorf("%s answered no row, which shows nothing", r.Endpoint)
		}
	}
	s.MonthlyUnits = 1
	if status := g.ask(epSite+"anchors", j.rawQuestions()[epSite+"anchors"]); status != 403 {
		t.Errorf("without units: %d", status)
	}
}

// The judge must be able to find fault, or the tests beside this one show nothing.
func TestJudgeSeesWhatBreaksTheContract(t *testing.T) {
	j, s, _ := contractFake(t)
	questions := j.rawQuestions()
	faults := map[string]ahrefstest.Fault{
		"all-backlinks a date that is none":   ahrefstest.Mangle(replace(`"first_seen_link":"20`, `"first_seen_link":"x20`)),
		"all-backlinks a list for a text":     ahrefstest.WrongTypes("anchor"),
		"all-backlinks text for a number":     ahrefstest.Mangle(replace(`"http_code":200`, `"http_code":"200"`)),
		"all-backlinks an unknown kind":       ahrefstest.Mangle(replace(`"link_type":"text"`, `"link_type":"texts"`)),
		"all-backlinks an unknown reason":     ahrefstest.Mangle(replace(`"lost_reason":"noindex"`, `"lost_reason":"bored"`)),
		"all-backlinks null for a text":       ahrefstest.Mangle(replace(`"link_type":"text"`, `"link_type":null`)),
		"all-backlinks another case":          ahrefstest.OtherCase("url_from"),
		"all-backlinks a field more":          ahrefstest.AddField("url_to", `"colour":"red"`),
		"all-backlinks a field less":          ahrefstest.Mangle(replace(`"is_lost":false,`, "")),
		"all-backlinks null":                  ahrefstest.Null(),
		"all-backlinks nothing":               ahrefstest.EmptyObject(),
		"all-backlinks null for the list":     ahrefstest.NullList(),
		"all-backlinks HTML":                  ahrefstest.HTML(),
		"refdomains a rating as text":         ahrefstest.WrongTypes("domain_rating"),
		"domain-rating-history no date":       ahrefstest.WithoutField("date"),
		"metrics half a visitor":              ahrefstest.Mangle(replace(`"org_traffic":1`, `"org_traffic":0.1`)),
		"limits-and-usage a sum as text":      ahrefstest.WrongTypes("units_usage_api_key"),
		"limits-and-usage an unknown status":  ahrefstest.Status(418, "tea"),
		"anchors an error that says nothing":  ahrefstest.Mangle(func(a *ahrefstest.Answer) { a.Status, a.Body = 500, []byte(`{}`) }),
		"anchors an error of the wrong shape": ahrefstest.Mangle(func(a *ahrefstest.Answer) { a.Status, a.Body = 500, []byte(`{"error":{"code":1}}`) }),
	}
	for name, fault := range faults {
		endpoint, _, _ := strings.Cut(name, " ")
		for path, params := range questions {
			if !strings.HasSuffix(path, "/"+endpoint) {
				continue
			}
			s.FaultOn("", fault)
			r := rawRequest(path, params)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if wrong := j.answer(r, w.Code, w.Result().Header, w.Body.Bytes()); len(wrong) == 0 {
				t.Errorf("%s: nothing is found wrong with %d %.300s", name, w.Code, w.Body)
			}
		}
	}
	for name, change := range map[string]func(url.Values){
		"an unknown parameter": func(v url.Values) { v.Set("offset", "0") },
		"no target":            func(v url.Values) { v.Del("target") },
		"no select":            func(v url.Values) { v.Del("select") },
		"a limit that is none": func(v url.Values) { v.Set("limit", "many") },
		"an unknown mode":      func(v url.Values) { v.Set("mode", "host") },
		"an unknown grouping":  func(v url.Values) { v.Set("aggregation", "some") },
	} {
		params := maps.Clone(questions[epSite+"all-backlinks"])
		change(params)
		if wrong := j.request(rawRequest(epSite+"all-backlinks", params)); len(wrong) == 0 {
			t.Errorf("a request with %s passes", name)
		}
	}
}

func replace(old, new string) func(*ahrefstest.Answer) {
	return func(a *ahrefstest.Answer) { a.Body = bytes.Replace(a.Body, []byte(old), []byte(new), 1) }
}

// Every operation of the client, and pages that begin at a key.
func TestClientKeepsTheContract(t *testing.T) {
	_, s, g := contractFake(t)
	for n := range 30 {
		s.World.Add(ahrefstest.Link{From: fmt.Sprintf("https://page%d.test/%%C3%%A9?a=1&b=%d", n%7, n), To: "https://www.example.com/", DR: 50, Anchor: "a “word” & more",
			FirstSeen: week.From + day.Day(n%7), LostOn: []day.Day{day.None, week.To}[n%2], Reason: "noindex", Dofollow: true})
	}
	c := &clock{now: monday}
	client, err := New(Options{Token: ahrefstest.Token, Set: V3, HTTP: g, Now: c.Now, Sleep: c.Sleep, PerMinute: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range v3Operations {
		if _, cost, err := op.run(t.Context(), client); err != nil || cost.Requests == 0 {
			t.Errorf("%s: %d requests, %v", op.name, cost.Requests, err)
		}
	}
	if len(g.seen) != len(v3Paths) {
		t.Errorf("the client's operations asked %v, not all of %v", g.seen, v3Paths)
	}
	before, got := len(s.Requests()), 0
	w := week
	for w.MaxRows = 4; ; {
		p, err := client.NewLinks(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if got += len(p.Links); p.Next == "" {
			break
		}
		w.Cursor = p.Next
	}
	if pages := len(s.Requests()) - before; got != 30 || pages < 8 {
		t.Errorf("%d links in %d pages", got, pages)
	}
}
