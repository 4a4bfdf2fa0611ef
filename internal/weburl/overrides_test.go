package weburl

import (
	"testing"

	"landed/internal/fault"
)

func TestOverrides(t *testing.T) {
	with := func(o ...Override) *Platforms {
		t.Helper()
		p, err := Default().With(o)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	key := func(p *Platforms, raw string) string {
		t.Helper()
		page, err := p.Page(raw)
		if err != nil {
			t.Fatal(err)
		}
		return page.Outlet.Key
	}
	added := with(Override{PlatformRow: PlatformRow{Host: "Club.example", Subdomains: "own", Paths: []string{"/@*"}}})
	removed := with(Override{PlatformRow: PlatformRow{Host: "medium.com"}, Removed: true})
	changed := with(Override{PlatformRow: PlatformRow{Host: "substack.com", Subdomains: "front"}})
	for _, c := range []struct {
		table *Platforms
		raw   string
		want  string
	}{
		{added, "https://club.example/@ann/x", "club.example/@ann"},
		{Default(), "https://club.example/@ann/x", "club.example"},
		{removed, "https://medium.com/@ann/x", "medium.com"},
		{changed, "https://ann.substack.com/p/x", "substack.com"},
		{added, "https://ann.substack.com/p/x", "ann.substack.com"},
	} {
		if got := key(c.table, c.raw); got != c.want {
			t.Errorf("%s is %s, want %s", c.raw, got, c.want)
		}
	}
	if _, err := Default().With([]Override{{PlatformRow: PlatformRow{Host: "x.com"}, Removed: true}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a row went that others share the keys of: %v", err)
	}
	same := with(Override{PlatformRow: PlatformRow{Host: "nothing.example"}, Removed: true})
	if differ := Rekeyed(Default(), same); differ("nothing.example") || differ("medium.com") {
		t.Error("equal tables key differently")
	}
	for _, c := range []struct {
		table  *Platforms
		domain string
		want   bool
	}{
		{added, "club.example", true}, {added, "medium.com", false}, {removed, "medium.com", true}, {removed, "substack.com", false},
		{with(Override{PlatformRow: PlatformRow{Host: "blogspot.*"}, Removed: true}), "blogspot.co.uk", true},
		{with(Override{PlatformRow: PlatformRow{Host: "blogspot.*"}, Removed: true}), "ann.blogspot.com", true},
		{with(Override{PlatformRow: PlatformRow{Host: "github.io", Subdomains: "author"}}), "ann.github.io", true},
		{with(Override{PlatformRow: PlatformRow{Host: "github.io", Subdomains: "author"}}), "github.com", false},
		{with(Override{PlatformRow: PlatformRow{Host: "sites.google.com"}, Removed: true}), "google.com", true},
	} {
		if got := Rekeyed(Default(), c.table)(c.domain); got != c.want {
			t.Errorf("%s: %v", c.domain, got)
		}
		if got := Rekeyed(c.table, Default())(c.domain); got != c.want {
			t.Errorf("%s the other way: %v", c.domain, got)
		}
	}
}

func TestCheckPlatform(t *testing.T) {
	for _, c := range []struct {
		row   PlatformRow
		field string
	}{
		{PlatformRow{Host: " Club.Example "}, ""},
		{PlatformRow{Host: "club.*", Paths: []string{"/@*"}}, ""},
		{PlatformRow{Host: "github.io", Subdomains: "author"}, ""},
		{PlatformRow{Host: ""}, "host"},
		{PlatformRow{Host: "https://club.example/x"}, "host"},
		{PlatformRow{Host: "*.club.example"}, "host"},
		{PlatformRow{Host: "co.uk"}, "host"},
		{PlatformRow{Host: "com"}, "host"},
		{PlatformRow{Host: "192.0.2.1"}, "host"},
		{PlatformRow{Host: "club.example", Subdomains: "sometimes"}, "subdomains"},
		{PlatformRow{Host: "club.example", Paths: []string{"@*"}}, "paths"},
		{PlatformRow{Host: "club.example", Paths: []string{"/a//b"}}, "paths"},
	} {
		row, err := CheckPlatform(c.row)
		if c.field == "" {
			if err != nil {
				t.Errorf("%+v: %v", c.row, err)
			} else if _, err := Default().With([]Override{{PlatformRow: row}}); err != nil {
				t.Errorf("%+v is no row: %v", row, err)
			}
			continue
		}
		if fault.FieldsOf(err)[c.field] == "" {
			t.Errorf("%+v: %v, want field %s", c.row, err, c.field)
		}
	}
}
