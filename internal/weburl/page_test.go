package weburl

import (
	"strings"
	"testing"

	"landed/internal/fault"
)

func TestPageKey(t *testing.T) {
	checkKeys(t, []keyCase{
		{"https://example.com", "example.com"},
		{"http://example.com/", "example.com"},
		{"https://www.example.com/a/b/", "example.com/a/b"},
		{"HTTPS://WWW.Example.COM:443/A/b", "example.com/A/b"},
		{"http://example.com:80/a", "example.com/a"},
		{"http://example.com:0080/a", "example.com/a"},
		{"https://example.com:8080/a", "example.com:8080/a"},
		{"example.com:8080/a", "example.com:8080/a"},
		{"example.com:/a", "example.com/a"},
		{"www.example.com/a", "example.com/a"},
		{"//example.com/a", "example.com/a"},
		{"https:/example.com/a", "example.com/a"},
		{"https:\\\\example.com\\a", "example.com/a"},
		{" \ufeffhttps://exa\nmple.com/a\t ", "example.com/a"},
		{"https://example.com./a", "example.com/a"},
		{"https://m.example.com/a", "example.com/a"},
		{"https://www.m.example.com/a", "example.com/a"},
		{"https://amp.example.com/a", "example.com/a"},
		{"https://mobile.example.com/a", "example.com/a"},
		{"https://m.com/a", "m.com/a"},
		{"https://www.co.uk/a", "www.co.uk/a"},
		{"https://example.com/a#top", "example.com/a"},
		{"https://example.com/a#", "example.com/a"},
		{"https://example.com/#!/a/b", "example.com#!/a/b"},
		{"https://example.com/#!", "example.com"},
		{"https://example.com/#\n!a", "example.com#!a"},
		{"https://example.com//a///b", "example.com/a/b"},
		{"https://example.com/a/./b/../c", "example.com/a/c"},
		{"https://example.com/a/%2e%2E/c", "example.com/c"},
		{"https://example.com/a//../b", "example.com/a/b"},
		{"https://example.com/../../a", "example.com/a"},
		{"https://example.com/index.html", "example.com"},
		{"https://example.com/a/index.htm", "example.com/a"},
		{"https://example.com/a/index.php?p=1", "example.com/a?p=1"},
		{"https://example.com/index.php/a", "example.com/index.php/a"},
		{"https://example.com/myindex.html", "example.com/myindex.html"},
		{"https://example.com/a/amp", "example.com/a"},
		{"https://example.com/a/amp/", "example.com/a"},
		{"https://example.com/a/index.html/amp/", "example.com/a"},
		{"https://example.com/camp", "example.com/camp"},
		{"https://example.com/a?amp=1", "example.com/a"},
		{"https://example.com/a?amp", "example.com/a"},
		{"https://example.com/a?", "example.com/a"},
		{"https://example.com?b=2&a=1", "example.com?a=1&b=2"},
		{"https://example.com/a/?b=2&&a=1&", "example.com/a?a=1&b=2"},
		{"https://example.com/a?x=2&x=1&a", "example.com/a?a&x=2&x=1"},
		{"https://example.com/a?utm_source=x&UTM_Medium=y&gclid=1&fbclid=2&mc_cid=3&igshid=4&ref=5&ref_src=6&spm=7&p=8", "example.com/a?p=8"},
		{"https://example.com/a?reference=1&spmx=2&mcx=3", "example.com/a?mcx=3&reference=1&spmx=2"},
		{"https://example.com/%7euser/%c3%a4/%2f", "example.com/~user/%C3%A4/%2F"},
		{"https://example.com/ä b", "example.com/%C3%A4%20b"},
		{"https://example.com/100%", "example.com/100%25"},
		{"https://example.com/%%34%31", "example.com/%2541"},
		{"https://example.com/a?q=<b>&r='", "example.com/a?q=%3Cb%3E&r=%27"},
		{"https://example.com/%40ann", "example.com/@ann"},
		{"https://MÜNCHEN.de/a", "xn--mnchen-3ya.de/a"},
		{"https://xn--Mnchen-3ya.de/a", "xn--mnchen-3ya.de/a"},
		{"https://ex%61mple.com/a", "example.com/a"},
		{"https://my_site.example.com/a", "my_site.example.com/a"},
		{"https://r3---sn.example.com/a", "r3---sn.example.com/a"},
		{"https://www.github.io/", "github.io"},
	})
}

func TestPageKeyOfCopies(t *testing.T) {
	checkKeys(t, []keyCase{
		{"https://www-example-com.cdn.ampproject.org/v/s/www.example.com/p?amp_js_v=0.1&usqp=x&q=1", "example.com/p?q=1"},
		{"https://cdn.ampproject.org/c/amp.example.com/p/amp/", "example.com/p"},
		{"https://cdn.ampproject.org/v0.js", "cdn.ampproject.org/v0.js"},
		{"https://www.google.co.uk/amp/s/www.example.com/p", "example.com/p"},
		{"https://google.example.com/amp/s/www.example.com/p", "google.example.com/amp/s/www.example.com/p"},
		{"https://www-example-com.translate.goog/p?q=1&_x_tr_sl=de&_x_tr_tl=en", "example.com/p?q=1"},
		{"https://my--site-example-com.translate.goog/?_x_tr_sl=de", "my-site.example.com"},
		{"https://translate.google.com/translate?sl=de&u=https%3A%2F%2Fwww.example.com%2Fp%3Fa%3D1", "example.com/p?a=1"},
		{"https://webcache.googleusercontent.com/search?q=cache:AbCdEf123456:www.example.com/p+some+words&hl=en", "example.com/p"},
		{"https://webcache.googleusercontent.com/search?q=cache:http://example.com/p", "example.com/p"},
		{"https://web.archive.org/web/20260301120000if_/http://www.example.com:80/p?a=1", "example.com/p?a=1"},
		{"https://web.archive.org/web/2026/https://www-example-com.cdn.ampproject.org/c/s/www.example.com/p", "example.com/p"},
		{"https://web.archive.org/about", "web.archive.org/about"},
		{"https://web.archive.org/web/2026/http://localhost/p", "web.archive.org/web/2026/http:/localhost/p"},
	})
}

type keyCase struct{ raw, want string }

func checkKeys(t *testing.T, cases []keyCase) {
	t.Helper()
	for _, c := range cases {
		got, err := PageKey(c.raw)
		if err != nil || got != c.want {
			t.Errorf("PageKey(%q) = %q, %v, want %q", c.raw, got, err, c.want)
			continue
		}
		p, err := Default().Page(c.raw)
		if err != nil || p.Key() != got {
			t.Errorf("Page(%q).Key() = %q, %v, want %q", c.raw, p.Key(), err, got)
		}
		if b := p.AppendKey([]byte("x")); string(b) != "x"+got {
			t.Errorf("Page(%q).AppendKey() appends %q, want %q", c.raw, b[1:], got)
		}
		if again, err := PageKey("https://" + got); err != nil || again != got {
			t.Errorf("key of the key %q is %q, %v", got, again, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, raw := range []string{
		"", " ", "https://", "https:///", "/path", "?q", "#x", "@ann", ":80",
		"http://127.0.0.1/x", "http://[::1]/x", "::1", "http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/",
		"http://example.1/", "http://1.2.3.08/", "http://１２７.0.0.1/", "192.168.0.1", "192.168.0.1:80",
		"localhost", "http://localhost:3000/x", "http://a.localhost/", "http://localhost./",
		"https://user:pass@example.com/", "https://user@example.com/", "user:pass@example.com", "https://@example.com/",
		"co.uk", "https://co.uk/x", "com", "https://example/x", "公司.cn",
		"http://exa mple.com/", "http://exam<ple.com/", "http://example.com%00.evil.example/", "http://a..example.com/",
		"http://.example.com/", "http://example.com../", "http://xn--a.com/", "http://\u00ad.com/", "http://example.com＠evil.example/",
		"http://" + strings.Repeat("a", 64) + ".com/", "http://" + strings.Repeat("a.", 130) + "com/",
		"http://example.com:99999/", "http://example.com:8a/", "http://\xff.com/",
		"ftp://example.com/", "javascript:alert(1)", "mailto:x", "data:text/html,x", "file:///etc/passwd",
		"https://example.com/" + strings.Repeat("a", maxURL), "https://example.com/" + strings.Repeat("ä", maxURL/3),
	} {
		p, err := Default().Page(raw)
		if err == nil {
			t.Errorf("Page(%.60q) = %q, want a refusal", raw, p.Key())
			continue
		}
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("Page(%.60q): %v is not fault.Invalid", raw, err)
		}
		if raw != "" && len(raw) < 60 && !strings.Contains(err.Error(), strings.Trim(quote(raw), `"`)) {
			t.Errorf("Page(%q): %v does not name the input", raw, err)
		}
		if _, err := PageKey(raw); err == nil {
			t.Errorf("PageKey(%.60q): no refusal", raw)
		}
	}
	// Only an e-mail address may have an @ before the host, only when typed.
	if _, err := Default().Page("ann@example.com"); err == nil {
		t.Error("Page took an e-mail address")
	}
}

func TestOutletTyped(t *testing.T) {
	for _, c := range []struct {
		typed, key string
		scope      Scope
	}{
		{"example.com", "example.com", ScopeDomain},
		{" Example.COM. ", "example.com", ScopeDomain},
		{"www.example.com:8080", "example.com", ScopeDomain},
		{"https://news.example.co.uk/write-for-us", "example.co.uk", ScopeDomain},
		{"example.com/about", "example.com", ScopeDomain},
		{"ann@example.com", "example.com", ScopeDomain},
		{"Ann <ann@mail.example.com>", "example.com", ScopeDomain},
		{"mailto:ann@example.com?subject=x", "example.com", ScopeDomain},
		{"ann@gmail.com", "gmail.com", ScopeBare},
		{"<https://example.com/x>", "example.com", ScopeDomain},
		{"münchen.de", "xn--mnchen-3ya.de", ScopeDomain},
		{"reddit.com/r/x", "reddit.com/r/x", ScopePath},
		{"Medium.com/@Ann", "medium.com/@ann", ScopePath},
		{"www.medium.com/@ann", "medium.com/@ann", ScopePath},
		{"medium.com", "medium.com", ScopeBare},
		{"foo.github.io", "foo.github.io", ScopeDomain},
		{"github.io", "github.io", ScopeBare},
	} {
		p, err := Default().Outlet(c.typed)
		if err != nil || p.Outlet.Key != c.key || p.Outlet.Scope != c.scope {
			t.Errorf("Outlet(%q) = %+v, %v, want %s %s", c.typed, p.Outlet, err, c.scope, c.key)
		}
	}
	for _, typed := range []string{"", "ann@", "@ann", "ann@localhost", "ann@10.0.0.1", "user:pass@example.com", "https://user:pass@example.com", "a@b@example.com", "our friends at the paper"} {
		p, err := Default().Outlet(typed)
		if err == nil {
			t.Errorf("Outlet(%q) = %+v, want a refusal", typed, p)
		} else if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), typed) {
			t.Errorf("Outlet(%q): error %v", typed, err)
		}
	}
}

// The vectors of the attribution rules that concern addresses alone.
func TestAttributionVectors(t *testing.T) {
	same := func(n, a, b string, outlet, host, page bool) {
		t.Helper()
		p, err := Default().Outlet(a)
		if err != nil {
			t.Fatalf("vector %s: %v", n, err)
		}
		q, err := Default().Page(b)
		if err != nil {
			t.Fatalf("vector %s: %v", n, err)
		}
		if (p.Outlet.Key == q.Outlet.Key) != outlet || (p.Host == q.Host) != host || (p.Key() == q.Key()) != page {
			t.Errorf("vector %s: %+v and %+v, want same outlet %t, host %t, page %t", n, p, q, outlet, host, page)
		}
	}
	same("1", "https://www.Example.co.uk/write-for-us?utm_source=x", "http://example.co.uk/a/", true, true, false)
	same("2", "foo.substack.com", "https://bar.substack.com/p/x", false, false, false)
	same("2b", "foo.substack.com", "https://www.foo.substack.com/p/x", true, true, false)
	same("3", "medium.com/@ann/x", "https://medium.com/@bob/y", false, true, false)
	same("3b", "medium.com/@ann/x", "https://www.medium.com/%40Ann/y", true, true, false)
	same("4", "foo.blogspot.co.uk", "http://bar.blogspot.co.uk/2026/03/x.html", false, false, false)
	same("5", "example.com/x", "https://amp.example.com/x", true, true, true)
	same("6", "example.com/p", "https://www-example-com.cdn.ampproject.org/v/s/www.example.com/p", true, true, true)
	same("7", "münchen.de", "https://xn--mnchen-3ya.de/", true, true, true)
	same("14", "example.co.uk", "https://news.example.co.uk/x", true, false, false)
	same("14b", "example.com", "https://news.example.co.uk/x", false, false, false)
	same("15", "example.com", "https://evilexample.com/", false, false, false)
	same("15b", "example.com", "https://example.com.evil.example/", false, false, false)
	same("15c", "example.com", "https://evil.example/example.com", false, false, false)
	// 16 is TestRefusals.
}
