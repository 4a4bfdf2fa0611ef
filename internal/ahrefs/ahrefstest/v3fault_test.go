package ahrefstest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var v3Questions = map[string]string{
	"site-explorer/domain-rating":         "domain_rating target=example.com&date=2026-02-15",
	"site-explorer/backlinks-stats":       "live target=example.com&date=2026-02-15",
	"site-explorer/metrics":               "org_traffic target=example.com&date=2026-02-15",
	"site-explorer/domain-rating-history": "date target=example.com&date_from=2026-01-01",
	"site-explorer/refdomains-history":    "date target=example.com&date_from=2026-01-01",
	"site-explorer/all-backlinks":         "url_from target=example.com&select=url_from,url_to",
	"site-explorer/refdomains":            "domain target=example.com&select=domain",
	"site-explorer/anchors":               "anchor target=example.com&select=anchor",
	limitsPath:                            "subscription ",
}

// Every fault spoils every endpoint, over a real connection; what did not go out
// with 200 costs nothing.
func TestFaultsOnEveryV3Endpoint(t *testing.T) {
	now := feb
	s := NewServer(v3World(&now))
	t.Cleanup(s.Close)
	s.Sets, s.PerMinute, s.CacheFor = V3, 0, 0
	faults := map[string]func(field string) Fault{
		"429": func(string) Fault { return TooMany("") }, "500": func(string) Fault { return Status(500, "oops") },
		"402": func(string) Fault { return Status(402, "units") }, "403": func(string) Fault { return Status(403, "plan") },
		"redirect": func(string) Fault { return Redirect("https://elsewhere.example/") }, "hang": func(string) Fault { return Hang() },
		"drip": func(string) Fault { return Drip(time.Hour) }, "drop": func(string) Fault { return Drop() }, "cut": func(string) Fault { return CutJSON() },
		"html": func(string) Fault { return HTML() }, "null": func(string) Fault { return Null() }, "{}": func(string) Fault { return EmptyObject() },
		"null list": func(string) Fault { return NullList() }, "empty list": func(string) Fault { return EmptyList() },
		"wrong type": WrongTypes, "missing": WithoutField, "case": OtherCase,
	}
	for path, asked := range v3Questions {
		field, query, _ := strings.Cut(asked, " ")
		honest := s.fetch(t, path, query, false)
		if !strings.HasPrefix(honest, "200 ") || !json.Valid([]byte(honest[4:])) {
			t.Fatalf("%s: %s", path, honest)
		}
		for name, fault := range faults {
			before := s.UnitsUsed()
			s.FaultOn(path[strings.LastIndexByte(path, '/')+1:], fault(field))
			got := s.fetch(t, path, query, name == "hang" || name == "drip")
			if got == honest {
				t.Errorf("%s with %s is as without", path, name)
			}
			requests := s.Requests()
			sent := requests[len(requests)-1].Status == 200 && path != limitsPath
			if charged := s.UnitsUsed() > before; charged != sent {
				t.Errorf("%s with %s: %.20s, charged %v", path, name, got, charged)
			}
		}
		if got := s.fetch(t, path, query, false); path != limitsPath && got != honest {
			t.Errorf("%s after the faults: %s", path, got)
		}
	}
}

// fetch gives status and body, or what arrived of it; impatient after 50 ms.
func (s *Server) fetch(t *testing.T, path, query string, impatient bool) string {
	t.Helper()
	patience := time.Minute
	if impatient {
		patience = 50 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/"+path+"?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+Token)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	out := resp.Status[:4] + string(body)
	if err != nil {
		out += " " + err.Error()
	}
	return out
}

func TestPagesThatRepeat(t *testing.T) {
	now := feb
	s := newV3(&now)
	ask := func(limit string) string {
		return sources(t, askV3(s, links, "target", "example.com", "select", "url_from", "order_by", "domain_rating_source", "limit", limit))
	}
	s.AlwaysFault("all-backlinks", SamePage())
	if a, b := ask("2"), ask("3"); a != "51" || b != "51" {
		t.Errorf("the same page: %s, %s", a, b)
	}
	s.AlwaysFault("all-backlinks", DoubleRows())
	if got := ask("2"); got != "5151" {
		t.Errorf("rows twice: %s", got)
	}
}

// The generator's world is the same each time, and has what was ordered of it.
func TestGenerate(t *testing.T) {
	now := feb
	load := Load{Sites: 3, Before: 40, New: 50, Lost: 10, Back: 2, Weeks: 4, Start: NewWorld(func() time.Time { return now }).Today() - 28, Seed: 7}
	var bodies []string
	for range 2 {
		s := newV3(&now)
		s.World = NewWorld(func() time.Time { return now })
		Generate(s.World, load)
		for site, want := range map[string]int{SiteName(0): 240, SiteName(2): 240, SiteName(3): 0} {
			w := askV3(s, links, "target", site, "select", "url_from,first_seen_link,last_seen", "aggregation", "all", "order_by", "url_from")
			r := s.Requests()[len(s.Requests())-1]
			if r.Rows != want {
				t.Errorf("%s has %d links, want %d", site, r.Rows, want)
			}
			if site == SiteName(0) {
				bodies = append(bodies, w.Body.String())
			}
		}
		askV3(s, links, "target", SiteName(1), "select", "url_from", "aggregation", "all", "history", "since:2026-01-18", "where", `{"field":"is_lost","is":["eq",true]}`)
		if r := s.Requests()[len(s.Requests())-1]; r.Rows < 30 || r.Rows > 40 {
			t.Errorf("%d links lost, 40 less those that came back are wanted", r.Rows)
		}
	}
	if bodies[0] != bodies[1] {
		t.Error("two worlds of one seed differ")
	}
}
