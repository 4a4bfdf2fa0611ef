package store_test

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/store"
	"landed/internal/testkit"
)

// Lists narrowed by how a domain begins show exactly the links that do, whether the
// name is shorter than what links keep of it, as long, longer, or a whole one.
func TestDomainsByTheirBeginning(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	var links []backlinks.Link
	for i := range 700 {
		for _, host := range []string{"earnest-%d.example", "eastern-%d.example", "early.example", "eb-%d.example", "e.example"} {
			if strings.Contains(host, "%") {
				host = fmt.Sprintf(host, i)
			}
			links = append(links, link(fmt.Sprintf("https://%s/%d", host, i), fmt.Sprintf("2026-01-%02d", 1+i%28)))
		}
	}
	links = append(links, link("https://192.0.2.7/page", "2026-02-01"), link("not an address", "2026-02-02"))
	save(t, st, site, links...)
	for _, f := range []store.LinkFilter{{Domain: "e"}, {Domain: "ea"}, {Domain: "EAST"}, {Domain: "earnes"}, {Domain: "earnest"}, {Domain: "earnest-"}, {Domain: "earnest-1"},
		{Domain: "early.example"}, {Domain: "early.example", Exact: true}, {Domain: "e.example", Exact: true}, {Domain: "eb"}, {Domain: "f"}, {Domain: " "}, {Domain: "https://early.example/9"}} {
		name := strings.TrimSpace(strings.ToLower(f.Domain))
		if strings.Contains(name, "/") {
			name = "early.example"
		}
		want := testkit.Rows(t, st, `SELECT l.id FROM link l JOIN refdomain r ON r.id = l.domain_id WHERE substr(r.domain, 1, $1) = $2 AND (NOT $3 OR r.domain = $2) ORDER BY l.first_seen DESC, l.id DESC`,
			len(name), name, f.Exact)
		var got []string
		f.Site, f.Limit = site.ID, 500
		for {
			page, err := st.ListLinks(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Rows {
				got = append(got, fmt.Sprint(r.ID))
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%q, exact %v: %d links, want %d", f.Domain, f.Exact, len(got), strings.Count(want, "\n")+1)
		}
	}
}
