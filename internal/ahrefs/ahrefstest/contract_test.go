package ahrefstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// published is the part of the vendor's OpenAPI that names fields and prices.
type published struct {
	Paths map[string]struct {
		Get struct {
			Parameters []struct{ Name, Description string }
		}
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct {
				Items struct {
					Properties map[string]struct{ Description string }
				}
			}
		}
	}
}

var (
	askedColumn = regexp.MustCompile(`(?m)^\*\*(\w+)\*\*(?: \((\d+) units\))?: .*\s*\ntype: (\S+)`)
	unitsOfText = regexp.MustCompile(`^\((\d+) units\)`)
)

// kindsInWords are the types as the contract writes them.
var kindsInWords = map[string]kind{
	"string": text, "integer": number, "float": number, "boolean": truth, "datetime": moments, "date": date,
	"array(string)": texts, "array(url)": texts, "array(integer)": numbers,
}

// The tables must have the contract's fields, types and prices: no more, no less.
func TestColumnsAreThoseOfTheContract(t *testing.T) {
	dir := os.Getenv("LANDED_CONTRACTS_DIR")
	if dir == "" {
		dir = "../../../../shared/contracts"
	}
	raw, err := os.ReadFile(filepath.Join(dir, "ahrefs-v3.openapi.json"))
	if err != nil {
		t.Skip("no contract here:", err)
	}
	var doc published
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	compareColumns(t, doc, "all-backlinks", "backlinks", backlinkColumns)
	compareColumns(t, doc, "refdomains", "refdomains", refdomainColumns)
	compareColumns(t, doc, "anchors", "anchors", anchorColumns)
}

func compareColumns[T any](t *testing.T, doc published, path, key string, own table[T]) {
	t.Helper()
	said := map[string]string{} // name → use and price
	for name, p := range doc.Components.Schemas[path].Properties[key].Items.Properties {
		said[name] = "select at " + price(unitsOfText.FindStringSubmatch(p.Description))
	}
	for _, p := range doc.Paths["/site-explorer/"+path].Get.Parameters {
		if p.Name != "where" {
			continue
		}
		for _, m := range askedColumn.FindAllStringSubmatch(p.Description, -1) {
			said[m[1]] += " where at " + price(m[1:3]) + fmt.Sprint(" as ", kindsInWords[m[3]])
		}
	}
	have := map[string]string{}
	for name, c := range own {
		units := strconv.Itoa(max(1, c.price))
		if c.use != whereOnly {
			have[name] = "select at " + units
		}
		if c.use != selectOnly {
			have[name] += " where at " + units + fmt.Sprint(" as ", c.kind)
		}
	}
	if len(said) < 10 {
		t.Fatalf("%s: only %d fields read from the contract", path, len(said))
	}
	names := slices.Collect(maps.Keys(said))
	for name := range have {
		if said[name] == "" {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if have[name] != said[name] {
			t.Errorf("%s %s: %q, the contract says %q", path, name, have[name], said[name])
		}
	}
}

// price is the second submatch, or 1.
func price(m []string) string {
	if len(m) < 2 || m[1] == "" {
		return "1"
	}
	return m[1]
}
