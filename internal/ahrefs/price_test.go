package ahrefs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"landed/internal/backlinks"
)

// The figures that docs/ahrefs.md and the budget speak of.
func TestPrice(t *testing.T) {
	c := (&script{}).client(t, V3)
	for _, tt := range []struct {
		job             backlinks.Job
		rows            int
		requests, units int
	}{
		{backlinks.JobNewLinks, 0, 1, 50}, {backlinks.JobNewLinks, 4, 1, 50}, {backlinks.JobNewLinks, 50, 1, 550},
		{backlinks.JobNewLinks, 499, 1, 499 * 11},
		{backlinks.JobNewLinks, 500, 2, 500*11 + 50}, // the last row again, and the floor
		{backlinks.JobNewLinks, 998, 2, 999 * 11},
		{backlinks.JobNewLinks, 1000, 3, 1000*11 + 50},
		{backlinks.JobLostLinks, 8, 1, 50}, {backlinks.JobLostLinks, 10, 1, 60},
		{backlinks.JobRestoredLinks, 10, 1, 50},
		{backlinks.JobRefDomains, 100, 1, 400},
		{backlinks.JobAllLinks, 10, 1, 130},
		{backlinks.JobSources, 400, 1, 2800}, {backlinks.JobNewSources, 40, 1, 320},
		{backlinks.JobAnchors, 100, 1, 300},
		{backlinks.JobOverview, 0, 3, 150}, {backlinks.JobAuthority, 1, 1, 50}, {backlinks.JobLinkCounts, 1, 1, 50}, {backlinks.JobTraffic, 1, 1, 50},
		{backlinks.JobAuthorityHistory, 25, 1, 50}, {backlinks.JobAuthorityHistory, 105, 1, 210},
		{backlinks.JobRefDomainHistory, 8, 1, 50}, {backlinks.JobRefDomainHistory, 105, 1, 630},
		{backlinks.Job("other"), 1, 0, 0},
	} {
		if got := c.Price(tt.job, tt.rows); got != (backlinks.Cost{Requests: tt.requests, Units: tt.units}) {
			t.Errorf("%s of %d rows: %+v, want %d in %d", tt.job, tt.rows, got, tt.units, tt.requests)
		}
	}
	if n := c.PageRows(backlinks.JobOverview); n != 0 {
		t.Errorf("an overview has %d rows", n)
	}
}

// The price of many rows is what the pages then cost.
func TestPriceIsWhatPagesCost(t *testing.T) {
	for _, size := range []int{2, 3, 10} {
		for n := range 3*size + 2 {
			v := &vendor{t: t}
			for i := range n {
				v.rows = append(v.rows, v3Row(fmt.Sprintf("https://s%d.test/", i), "https://example.com/",
					fmt.Sprintf("2026-02-%02dT%02d:%02d:00Z", 1+i/1440, i/60%24, i%60)))
			}
			c := v.client(pageSize(size))
			var cost backlinks.Cost
			_, err := pages(t, n+2, func(cursor string) (backlinks.LinkPage, error) {
				w := month
				w.Cursor = cursor
				p, err := c.NewLinks(t.Context(), w)
				cost = cost.Add(p.Cost)
				return p, err
			})
			want := c.Price(backlinks.JobNewLinks, n)
			if err != nil || cost.Requests != want.Requests {
				t.Fatalf("%d rows in pages of %d: %d requests, the price says %d; %v", n, size, cost.Requests, want.Requests, err)
			}
		}
	}
}

// The vendor's own description of each field says its price where it is not 1.
func TestPricesAreTheContracts(t *testing.T) {
	dir := os.Getenv("LANDED_CONTRACTS_DIR")
	if dir == "" {
		dir = "../../../shared/contracts"
	}
	b, err := os.ReadFile(filepath.Join(dir, "ahrefs-v3.openapi.json"))
	if err != nil {
		t.Skip("no contract here: ", err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, Description string }
		}
		Components struct {
			Schemas map[string]struct {
				Properties map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	inWhere := regexp.MustCompile(`\*\*(\w+)\*\*(?: \((\d+) units\))?`)
	inSchema := regexp.MustCompile(`^\((\d+) units\)`)
	priced := func(endpoint, field, said string) {
		want, _ := strconv.Atoi(said)
		want = max(1, want)
		if got := unitsOfRow(endpoint, []string{field}); got != want {
			t.Errorf("%s: %s costs %d, the contract says %d", endpoint, field, got, want)
		}
	}
	for _, endpoint := range []string{epAll, epV3RefDomains, epAnchors, epRating, epStats, epMetrics, epRatingHistory, epRefHistory} {
		path, known := doc.Paths["/"+endpoint]
		if !known {
			t.Fatalf("%s is not in the contract", endpoint)
		}
		for _, p := range path["get"].Parameters {
			if p.Name == "where" {
				for _, m := range inWhere.FindAllStringSubmatch(p.Description, -1) {
					priced(endpoint, m[1], m[2])
				}
			}
		}
		n := 0
		for field, description := range fieldsOf(doc.Components.Schemas[strings.TrimPrefix(endpoint, "site-explorer/")].Properties) {
			n++
			said := ""
			if m := inSchema.FindStringSubmatch(description); m != nil {
				said = m[1]
			}
			priced(endpoint, field, said)
		}
		if whole := whole[endpoint]; whole != nil && n != len(whole) {
			t.Errorf("%s has %d fields, the price counts %d", endpoint, n, len(whole))
		}
	}
}

// fieldsOf are the fields of a schema with one envelope, by description.
func fieldsOf(envelope map[string]json.RawMessage) map[string]string {
	out := map[string]string{}
	for _, raw := range envelope {
		var s struct {
			Properties map[string]struct{ Description string }
			Items      struct {
				Properties map[string]struct{ Description string }
			}
		}
		if json.Unmarshal(raw, &s) != nil {
			continue
		}
		for name, p := range s.Properties {
			out[name] = p.Description
		}
		for name, p := range s.Items.Properties {
			out[name] = p.Description
		}
	}
	return out
}
