package pitches

import (
	"slices"
	"testing"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		cell     string
		cents    int64
		currency string
	}{
		{"$1,234.50", 123450, "USD"}, {"250 EUR", 25000, "EUR"}, {"1.234,50 €", 123450, "EUR"}, {"350", 35000, ""},
		{"£99.9", 9990, "GBP"}, {"EUR 1.500", 150000, "EUR"}, {"1'250.00 CHF", 125000, "CHF"}, {"1 250,00 €", 125000, "EUR"},
		{"1\u202f250 €", 125000, "EUR"}, {"0.500", 50, ""}, {"0", 0, ""}, {"free", 0, ""}, {"Gratuit", 0, ""}, {"12.345.678", 1234567800, ""},
		{"US$ 20", 2000, "USD"}, {"$20 USD", 2000, "USD"}, {"100.", 10000, ""}, {"usd 5", 500, "USD"}, {"+5", 500, ""}, {"1,5", 150, ""},
		{"1,234,567.891", 123456789, ""},
	} {
		cents, currency, err := parseAmount(c.cell)
		if err != nil || cents != c.cents || currency != c.currency {
			t.Errorf("parseAmount(%q) = %d %q, %v; want %d %q", c.cell, cents, currency, err, c.cents, c.currency)
		}
	}
	for _, cell := range []string{"", "ask", "-5", "€ -12,50", "100-200", "$5 EUR", "12 apples", "1,2,3", "99999999999999", "1.2.3,4,5", "1e9"} {
		if cents, currency, err := parseAmount(cell); err == nil {
			t.Errorf("parseAmount(%q) = %d %q, want an error", cell, cents, currency)
		}
	}
}

func TestParseAuthority(t *testing.T) {
	for _, c := range []struct {
		cell, header string
		score        float64
		metric       string
		ok           bool
	}{
		{"91", "DA", 91, "DA", true}, {"40+", "DR", 40, "DR", true}, {"DA 69（…）；月访问量 12000", "DR", 69, "DA", true},
		{"DR: 55.5", "", 55.5, "DR", true}, {"55,5", "Domain Rating", 55.5, "DR", true}, {"0", "Authority", 0, "", true},
		{"Very High", "DA", 0, "", false}, {"1200", "DA", 0, "", false}, {"N/A", "DA", 0, "", false}, {"101", "DA", 0, "", false},
	} {
		score, metric, ok := parseAuthority(c.cell, c.header)
		if score != c.score || metric != c.metric || ok != c.ok {
			t.Errorf("parseAuthority(%q, %q) = %v %q %v", c.cell, c.header, score, metric, ok)
		}
	}
}

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/a?b=1#c":       "https://example.com/a?b=1#c",
		"example.com/a":                     "https://example.com/a",
		"see https://example.com/a. Thanks": "https://example.com/a",
		"HTTP://Example.com":                "HTTP://Example.com",
		"münchen.example":                   "https://münchen.example",
	} {
		if got, ok := parseURL(in); !ok || got != want {
			t.Errorf("parseURL(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "/a", "ask", "javascript:alert(1)", "ftp://example.com", "http://localhost/", "12.5", "a@example.com", "http://10.0.0.1/", "v1.2"} {
		if got, ok := parseURL(in); ok {
			t.Errorf("parseURL(%q) = %q, want none", in, got)
		}
	}
}

func TestSplitEmail(t *testing.T) {
	for in, want := range map[string][2]string{
		"Ann Lee <ann@example.com>":   {"Ann Lee", "ann@example.com"},
		"ann@example.com":             {"", "ann@example.com"},
		"mailto:ann@example.com":      {"", "ann@example.com"},
		"Ann (ann@example.com)":       {"Ann", "ann@example.com"},
		"ann@example.com / Ann":       {"Ann", "ann@example.com"},
		"Contact form":                {"Contact form", ""},
		"@ann":                        {"@ann", ""},
		"a@b.example; second@c.test.": {"second@c.test.", "a@b.example"},
	} {
		if rest, email := splitEmail(in); rest != want[0] || email != want[1] {
			t.Errorf("splitEmail(%q) = %q, %q; want %q", in, rest, email, want)
		}
	}
}

func TestSplitTags(t *testing.T) {
	if got := splitTags(" a, #b;c |a、 d e "); !slices.Equal(got, []string{"a", "b", "c", "d e"}) {
		t.Errorf("%q", got)
	}
}
