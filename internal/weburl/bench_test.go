package weburl

import "testing"

func BenchmarkPage(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"plain", "https://example.com/2026/03/some-long-article-about-everything/"},
		{"www.co.uk", "http://www.example.co.uk/write-for-us/index.html"},
		{"query", "https://www.example.com/a/b?utm_source=x&utm_medium=y&p=8&a=1"},
		{"escapes", "https://www.example.com/%7euser/%c3%a4%c3%b6/a"},
		{"upper", "https://WWW.Example.com/A/b"},
		{"subdomain platform", "https://ann.substack.com/p/some-article"},
		{"path platform", "https://medium.com/@ann/some-article-123"},
		{"idn", "https://münchen.de/a"},
		{"amp cache", "https://www-example-com.cdn.ampproject.org/v/s/www.example.com/p?usqp=1"},
		{"refused", "http://127.0.0.1/x"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			t := Default()
			for b.Loop() {
				p, _ := t.Page(c.raw)
				sink = p
			}
		})
	}
}

func BenchmarkPageKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		key, _ = PageKey("https://example.com/2026/03/some-long-article-about-everything/")
	}
}

var (
	sink Page
	key  string
)
