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
// name is shorter than what ids keep of it, as long, longer, or a whole one; and so do
// lists of domains. Another site has links from domains of the same names.
func TestDomainsByTheirBeginning(t *testing.T) {
	st, _ := open(t)
	site := addSite(t, st)
	second, err := st.CreateSite(t.Context(), "second.example")
	if err != nil {
		t.Fatal(err)
	}
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
	save(t, st, second, links[:900]...)
	for _, f := range []store.LinkFilter{{Domain: "e"}, {Domain: "ea"}, {Domain: "ear"}, {Domain: "EAST"}, {Domain: "easte"}, {Domain: "ea~"}, {Domain: "eé"}, {Domain: "earnes"}, {Domain: "earnest"}, {Domain: "earnest-"}, {Domain: "earnest-1"},
		{Domain: "early.example"}, {Domain: "early.example", Exact: true}, {Domain: "e.example", Exact: true}, {Domain: "eb"}, {Domain: "f"}, {Domain: " "}, {Domain: "https://early.example/9"}} {
		name := strings.TrimSpace(strings.ToLower(f.Domain))
		if strings.Contains(name, "/") {
			name = "early.example"
		}
		want := testkit.Rows(t, st, `SELECT l.id FROM link l JOIN refdomain r ON r.id = l.domain_id WHERE substr(r.domain, 1, $1) = $2 AND (NOT $3 OR r.domain = $2) AND r.site_id = $4 ORDER BY l.first_seen DESC, l.id DESC`,
			len(name), name, f.Exact, site.ID)
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
		if f.Exact {
			if row, err := st.Domain(t.Context(), site.ID, name); err != nil || row.Domain != name || row.Links != len(got) {
				t.Errorf("%s: %+v, %v", name, row, err)
			}
			continue
		}
		want = testkit.Rows(t, st, `SELECT domain FROM refdomain WHERE substr(domain, 1, $1) = $2 AND site_id = $3 ORDER BY first_seen DESC, id DESC`, len(name), name, site.ID)
		got = got[:0]
		err := st.EachDomain(t.Context(), store.DomainFilter{Site: site.ID, Prefix: name}, func(d store.DomainRow) error {
			got = append(got, d.Domain)
			return nil
		})
		if err != nil || strings.Join(got, "\n") != want {
			t.Errorf("%q: %d domains, want %d, %v", name, len(got), strings.Count(want, "\n")+1, err)
		}
	}
}
