package weburl

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/fault"
)

func quote(s string) string { return fmt.Sprintf("%q", s) }

func TestPlatformTable(t *testing.T) {
	for _, c := range []struct {
		raw, key, domain, platform string
		scope                      Scope
	}{
		{"https://foo.substack.com/p/x", "foo.substack.com", "substack.com", "substack.com", ScopeHost},
		{"https://substack.com/@ann/note/1", "substack.com/@ann", "substack.com", "substack.com", ScopePath},
		{"https://substack.com/browse", "substack.com", "substack.com", "substack.com", ScopeBare},
		{"https://support.substack.com/x", "substack.com", "substack.com", "substack.com", ScopeBare},
		{"https://foo.wordpress.com/x", "foo.wordpress.com", "wordpress.com", "wordpress.com", ScopeHost},
		{"https://foo.blogspot.com/x", "foo.blogspot.com", "blogspot.com", "blogspot.*", ScopeHost},
		{"https://foo.blogspot.co.uk/x", "foo.blogspot.co.uk", "blogspot.co.uk", "blogspot.*", ScopeHost},
		{"https://foo.blogspot.de/x", "foo.blogspot.de", "blogspot.de", "blogspot.*", ScopeHost},
		{"https://foo.blogspot.com.br/x", "foo.blogspot.com.br", "blogspot.com.br", "blogspot.*", ScopeHost},
		{"https://www.blogspot.com/", "blogspot.com", "blogspot.com", "blogspot.*", ScopeBare},
		{"https://foo.blogspot.example.com/x", "example.com", "example.com", "", ScopeDomain},
		{"https://foo.squarespace.com/x", "foo.squarespace.com", "squarespace.com", "squarespace.com", ScopeHost},
		{"https://foo.wpengine.com/x", "foo.wpengine.com", "wpengine.com", "wpengine.com", ScopeHost},
		{"https://foo.wpenginepowered.com/x", "foo.wpenginepowered.com", "wpenginepowered.com", "wpenginepowered.com", ScopeHost},
		{"https://ann.medium.com/x", "ann.medium.com", "medium.com", "medium.com", ScopeHost},
		{"https://medium.com/Some-Publication/x", "medium.com/some-publication", "medium.com", "medium.com", ScopePath},
		{"https://medium.com/p/123", "medium.com", "medium.com", "medium.com", ScopeBare},
		{"https://medium.com/@", "medium.com/@", "medium.com", "medium.com", ScopePath},
		{"https://dev.to/ann/x", "dev.to/ann", "dev.to", "dev.to", ScopePath},
		{"https://dev.to/t/go", "dev.to", "dev.to", "dev.to", ScopeBare},
		{"https://fr.linkedin.com/in/Ann?x=1", "linkedin.com/in/ann", "linkedin.com", "linkedin.com", ScopePath},
		{"https://www.linkedin.com/pulse/some-article", "linkedin.com/pulse", "linkedin.com", "linkedin.com", ScopeBare},
		{"https://www.linkedin.com/in", "linkedin.com", "linkedin.com", "linkedin.com", ScopeBare},
		{"https://sites.google.com/view/x/home", "sites.google.com/view/x", "google.com", "sites.google.com", ScopePath},
		{"https://blog.google.com/x", "google.com", "google.com", "", ScopeDomain},
		{"https://github.com/org/repo", "github.com/org", "github.com", "github.com", ScopePath},
		{"https://gist.github.com/org/1", "github.com/org", "github.com", "github.com", ScopePath},
		{"https://docs.github.com/en/x", "docs.github.com", "github.com", "github.com", ScopeHost},
		{"https://m.youtube.com/@X/videos", "youtube.com/@x", "youtube.com", "youtube.com", ScopePath},
		{"https://youtube.com/watch?v=1", "youtube.com", "youtube.com", "youtube.com", ScopeBare},
		{"https://old.reddit.com/r/X/comments/1", "reddit.com/r/x", "reddit.com", "reddit.com", ScopePath},
		{"https://de.quora.com/profile/Ann-B", "quora.com/profile/ann-b", "quora.com", "quora.com", ScopePath},
		{"https://space.quora.com/x", "space.quora.com", "quora.com", "quora.com", ScopeHost},
		{"https://en-gb.facebook.com/x/posts/1", "facebook.com/x", "facebook.com", "facebook.com", ScopePath},
		{"https://facebook.com/groups/x/posts/1", "facebook.com/groups/x", "facebook.com", "facebook.com", ScopePath},
		{"https://facebook.com/profile.php?id=1", "facebook.com", "facebook.com", "facebook.com", ScopeBare},
		{"https://mobile.twitter.com/Ann/status/1", "x.com/ann", "twitter.com", "x.com", ScopePath},
		{"https://x.com:8443/Ann", "x.com/ann", "x.com", "x.com", ScopePath},
		{"https://www.pinterest.co.uk/ann/board", "pinterest.co.uk/ann", "pinterest.co.uk", "pinterest.*", ScopePath},
		{"https://foo.blog.fc2.com/x", "foo.blog.fc2.com", "fc2.com", "blog.fc2.com", ScopeHost},
		{"https://foo.github.io/x", "foo.github.io", "foo.github.io", "", ScopeDomain},
		{"https://a.b.example.co.uk/x", "example.co.uk", "example.co.uk", "", ScopeDomain},
		{"https://evilmedium.test/@ann", "evilmedium.test", "evilmedium.test", "", ScopeDomain},
		{"https://medium.com.evil.example/@ann", "evil.example", "evil.example", "", ScopeDomain},
	} {
		p, err := Default().Page(c.raw)
		want := OutletKey{c.key, c.scope, c.platform}
		if err != nil || p.Outlet != want || p.Domain != c.domain {
			t.Errorf("Page(%q): outlet %+v, domain %q, %v, want %+v, %q", c.raw, p.Outlet, p.Domain, err, want, c.domain)
		}
	}
}

// An outlet key typed again is the same outlet: it is what aliases store.
func TestOutletKeyTypedAgain(t *testing.T) {
	for _, row := range Default().Rows() {
		host := strings.Replace(row.Host, "*", "co.uk", 1)
		for _, raw := range []string{host, "ann." + host, host + "/@ann/x", host + "/ann/x", host + "/r/x", host + "/in/x"} {
			p, err := Default().Outlet(raw)
			if err != nil {
				t.Errorf("Outlet(%q): %v", raw, err)
				continue
			}
			q, err := Default().Outlet(p.Outlet.Key)
			if err != nil || q.Outlet != p.Outlet {
				t.Errorf("Outlet(%q) = %+v, typed again %+v, %v", raw, p.Outlet, q.Outlet, err)
			}
		}
	}
	if n := len(Default().Rows()); n < 60 {
		t.Errorf("the table has %d rows", n)
	}
}

func TestEditedTable(t *testing.T) {
	table, err := NewPlatforms([]PlatformRow{
		{Host: "WWW.Blogs.Example", Subdomains: "author", Paths: []string{"/People/*", "/~*"}, Reserved: []string{"Help"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]OutletKey{
		"https://ann.blogs.example/x":       {"ann.blogs.example", ScopeHost, "blogs.example"},
		"https://help.blogs.example/x":      {"blogs.example", ScopeBare, "blogs.example"},
		"https://blogs.example/people/Ann":  {"blogs.example/people/ann", ScopePath, "blogs.example"},
		"https://blogs.example/%7Eann/":     {"blogs.example/~ann", ScopePath, "blogs.example"},
		"https://blogs.example/people?id=1": {"blogs.example", ScopeBare, "blogs.example"},
		"https://medium.com/@ann":           {"medium.com", ScopeDomain, ""},
	} {
		if p, err := table.Page(raw); err != nil || p.Outlet != want {
			t.Errorf("Page(%q) = %+v, %v, want %+v", raw, p.Outlet, err, want)
		}
	}
	for _, rows := range [][]PlatformRow{
		{{Host: ""}}, {{Host: "com"}}, {{Host: "example.com/x"}}, {{Host: "*.example.com"}},
		{{Host: "example.com", Subdomains: "all"}},
		{{Host: "example.com", Paths: []string{"in/*"}}}, {{Host: "example.com", Paths: []string{"/"}}},
		{{Host: "example.com"}, {Host: "www.example.com"}},
		{{Host: "example.com", SameAs: "example.net"}},
		{{Host: "example.com", SameAs: "blogs.*"}, {Host: "blogs.*"}},
	} {
		if _, err := NewPlatforms(rows); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), rows[0].Host) {
			t.Errorf("NewPlatforms(%+v): %v", rows, err)
		}
	}
	rows := Default().Rows()
	rows[0].Reserved[0] = "changed"
	if Default().Rows()[0].Reserved[0] == "changed" {
		t.Error("Rows lets the shipped table be changed")
	}
	if _, err := NewPlatforms(Default().Rows()); err != nil {
		t.Errorf("the rows of a table make no table: %v", err)
	}
}
