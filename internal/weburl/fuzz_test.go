package weburl

import (
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"landed/internal/fault"
)

var seeds = []string{
	"https://www.example.com/a/b/?utm_source=x&b=2&a=1#top",
	"http://m.example.co.uk:8080//a/../index.html/amp/?amp=1",
	"https://example.com/%%34%31/%2e%2E/\\a?=&&x=%e4#!/b#",
	"https://www-example-com.cdn.ampproject.org/v/s/www.example.com/p?usqp=1",
	"https://my--site-example-com.translate.goog/?_x_tr_sl=de&_x_tr_hp=a-&_x_tr_enc=1",
	"https://webcache.googleusercontent.com/search?q=cache:AbC:www.example.com/p+x",
	"https://web.archive.org/web/2026/https://web.archive.org/web/2025/http://example.com/",
	"https://translate.google.com/translate?u=https%3A%2F%2Fexample.com%2F",
	"MÜNCHEN.de/ä b", "xn--mnchen-3ya.de", "日本語。ｊｐ", "ex%61mple.com", "https://www.blogspot.com./",
	"Ann <ann@example.com>", "medium.com/@Ann/x", "www.linkedin.com/pulse/x", "twitter.com:81/Ann",
	"https://user:pass@example.com", "javascript:alert(1)", "java\tscript:alert(1)", "0x7f.1", "[::1]", "localhost", "\xff", "",
	"https://web.archive.org/web/1?x=/a.b/c", "https://cdn.ampproject.org/?a=/s/example.com",
}

// checkPage holds for every page that any input gives.
func checkPage(t *testing.T, raw string, p Page) {
	t.Helper()
	key := p.Key()
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			t.Fatalf("%q: byte %#x in the key %q", raw, key[i], key)
		}
	}
	if again, err := PageKey("https://" + key); err != nil || again != key {
		t.Fatalf("%q: the key of the key %q is %q, %v", raw, key, again, err)
	}
	if again, err := Default().Page(key); err != nil || again != p {
		t.Fatalf("%q: %+v, from its key without scheme %+v, %v", raw, p, again, err)
	}
	if err := checkHost(p.Host); err != nil {
		t.Fatalf("%q: host %q: %v", raw, p.Host, err)
	}
	if h, err := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false)).ToASCII(p.Host); err != nil || h != p.Host {
		t.Fatalf("%q: the host %q is %q by IDNA, %v", raw, p.Host, h, err)
	}
	if p.Host != p.Domain && !strings.HasSuffix(p.Host, "."+p.Domain) {
		t.Fatalf("%q: host %q is not within %q", raw, p.Host, p.Domain)
	}
	if p.Outlet.Key == "" || p.Outlet.Key != strings.ToLower(p.Outlet.Key) || strings.ContainsAny(p.Outlet.Key, "?#") {
		t.Fatalf("%q: outlet key %q", raw, p.Outlet.Key)
	}
	if !strings.HasPrefix(key, p.Host) || !strings.HasSuffix(key, p.Path) {
		t.Fatalf("%q: key %q of %q and %q", raw, key, p.Host, p.Path)
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := Default().Page(raw)
		key, err2 := PageKey(raw)
		if (err == nil) != (err2 == nil) || key != p.Key() {
			t.Fatalf("%q: PageKey %q, %v, Page %q, %v", raw, key, err2, p.Key(), err)
		}
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		checkPage(t, raw, p)
		if a, ok := fastAddress(raw); ok {
			if b, err := slowAddress(raw); err != nil || a != b {
				t.Fatalf("%q: fast %+v, slow %+v, %v", raw, a, b, err)
			}
		}
	})
}

func FuzzOutlet(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		p, err := Default().Outlet(typed)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", typed, err)
			}
			return
		}
		checkPage(t, typed, p)
		if q, err := Default().Outlet(p.Outlet.Key); err != nil || q.Outlet != p.Outlet {
			t.Fatalf("%q: outlet %+v, typed again %+v, %v", typed, p.Outlet, q.Outlet, err)
		}
	})
}

func FuzzSafeHref(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Add("https://example.com\\@evil.example/")
	f.Add("https://example.com＠evil.example/")
	f.Fuzz(func(t *testing.T, raw string) {
		if shown := Display(raw); strings.ContainsFunc(shown, invisible) {
			t.Fatalf("%q: Display gives %q", raw, shown)
		}
		href, ok := SafeHref(raw)
		if !ok {
			if href != "" {
				t.Fatalf("%q: refused, yet %q", raw, href)
			}
			return
		}
		rest, secure := strings.CutPrefix(href, "https://")
		if !secure {
			if rest, ok = strings.CutPrefix(href, "http://"); !ok {
				t.Fatalf("%q: href %q", raw, href)
			}
		}
		if strings.ContainsAny(href, "\"'<>` \\\x00\t\r\n\x7f") {
			t.Fatalf("%q: href %q", raw, href)
		}
		host := strings.FieldsFunc("."+rest, func(r rune) bool { return strings.ContainsRune("/?#", r) })[0]
		if strings.ContainsAny(host, "@%[") || len(host) < 4 {
			t.Fatalf("%q: host %q of %q", raw, host, href)
		}
		if again, ok := SafeHref(href); !ok || again != href {
			t.Fatalf("%q: href %q, again %q, %t", raw, href, again, ok)
		}
	})
}
