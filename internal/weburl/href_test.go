package weburl

import (
	"strings"
	"testing"
)

func TestSafeHref(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/a?b=1#c":                   "https://example.com/a?b=1#c",
		" HTTP://Example.com ":                          "http://Example.com",
		"https://example.com:8080/":                     "https://example.com:8080/",
		"https://münchen.de/ä":                          "https://münchen.de/ä",
		`https://example.com/Flooring Supply?"<x>`:      "https://example.com/Flooring%20Supply?%22%3Cx%3E",
		"https://medium.com/@ann":                       "https://medium.com/@ann",
		"https://example.com/?u=javascript:alert(1)":    "https://example.com/?u=javascript:alert(1)",
		"https://web.archive.org/web/1/http://a.test/x": "https://web.archive.org/web/1/http://a.test/x",
		"https://example.com/a\\b":                      "https://example.com/a%5Cb",
	} {
		if got, ok := SafeHref(raw); !ok || got != want {
			t.Errorf("SafeHref(%q) = %q, %t, want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{
		"", "example.com", "//example.com", "/a", "a",
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x00javascript:alert(1)",
		"java\x00script:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)", "javascript&colon;alert(1)",
		"&#106;avascript:alert(1)", "javascript://example.com/%0aalert(1)", "java\u00adscript:alert(1)", "ｊavascript:alert(1)",
		"data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd",
		"blob:https://example.com/1", "view-source:https://example.com", "filesystem:https://example.com/x", "ftp://example.com/", "mailto:ann@example.com", "about:blank",
		"https:example.com", "https:/example.com", "https:\\\\example.com", "https:///example.com", "http&#58;//example.com",
		"https://user:pass@example.com/", "https://example.com@evil.example/", "https://example.com\\@evil.example/", "https://example.com%40evil.example/",
		"https://example.com%2f@evil.example", "https://example.com＠evil.example/", "https://exam\nple.com/", "https://example.com/a\r\nb", "https://example.com/\x00",
		"https://exa mple.com/", "https://\u202eexample.com/", "https://example.com/\u202egnp.exe", "https://example.com/\xff",
		"http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://localhost/", "https://", "https://?x", "https://example.com:x/",
		"https://example.com/" + strings.Repeat("a", maxURL),
	} {
		if got, ok := SafeHref(raw); ok {
			t.Errorf("SafeHref(%.60q) = %q, want none", raw, got)
		}
	}
}

func TestDisplay(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"https://www.example.com/", "example.com"},
		{"http://Example.com/A/b/?q=1#x", "example.com/A/b/?q=1#x"},
		{"https://m.example.com:8080/a", "m.example.com:8080/a"},
		{"www.example.com", "example.com"},
		{"www.com", "www.com"},
		{"https://xn--mnchen-3ya.de/x", "münchen.de/x"},
		{"https://MÜNCHEN.de", "münchen.de"},
		{"https://日本語のサイト.jp/", "日本語のサイト.jp"},
		{"https://пример.рф", "пример.рф"},
		{"https://почта.com", "почта.com"},
		{"https://exаmple.com/", "xn--exmple-4nf.com"}, // Cyrillic а among Latin letters
		{"https://аррӏе.com/", "xn--80ak6aa92e.com"},   // lookalikes alone
		{"https://i❤.ws/", "xn--i-7iq.ws"},             // a symbol
		{"https://example.com/a\u202eb", "example.com/a\ufffdb"},
		{"https://user:pass@example.com/", "https://user:pass@example.com/"},
		{"javascript:alert(1)", "javascript:alert(1)"},
		{"not a url\x00", "not a url\ufffd"},
		{"\xffabc", "\ufffdabc"},
	} {
		if got := Display(c.raw); got != c.want {
			t.Errorf("Display(%q) = %q, want %q", c.raw, got, c.want)
		}
	}
}
