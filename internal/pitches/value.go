package pitches

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/tabular"
	"landed/internal/weburl"
)

// maxCents is the largest cost taken: ten thousand million.
const maxCents = 1_000_000_000_000

var currencySigns = []struct{ sign, code string }{
	{"US$", "USD"}, {"A$", "AUD"}, {"C$", "CAD"}, {"NZ$", "NZD"}, {"R$", "BRL"}, {"HK$", "HKD"}, {"S$", "SGD"}, {"MX$", "MXN"},
	{"€", "EUR"}, {"£", "GBP"}, {"$", "USD"}, {"₹", "INR"}, {"₽", "RUB"}, {"₩", "KRW"}, {"₺", "TRY"}, {"₴", "UAH"}, {"zł", "PLN"}, {"Kč", "CZK"}, {"元", "CNY"}, {"円", "JPY"},
}

var currencyCodes = wordSet("USD", "EUR", "GBP", "AUD", "CAD", "NZD", "BRL", "HKD", "SGD", "MXN", "INR", "RUB", "KRW", "TRY", "UAH", "PLN", "CZK", "CNY", "RMB", "JPY", "CHF", "SEK", "NOK", "DKK", "HUF", "RON", "BGN", "ZAR", "AED", "SAR", "ILS", "THB", "IDR", "MYR", "PHP", "VND", "TWD", "ARS", "CLP", "COP", "PEN", "NGN", "KES", "EGP", "PKR", "BDT", "LKR", "ISK", "MAD")

var currencyWords = map[string]string{"EURO": "EUR", "EUROS": "EUR", "DOLLAR": "USD", "DOLLARS": "USD", "POUND": "GBP", "POUNDS": "GBP", "YUAN": "CNY", "RMB": "CNY"}

// currencyCode reads "usd", "€" or "euros" as an ISO 4217 code; "" when it is none.
func currencyCode(s string) string {
	u := strings.ToUpper(strings.Trim(s, " ."))
	if c := currencyWords[u]; c != "" {
		return c
	}
	if currencyCodes[u] {
		return u
	}
	for _, c := range currencySigns {
		if strings.ToUpper(c.sign) == u {
			return c.code
		}
	}
	return ""
}

var errAmount = errors.New("not an amount")

var amountParts = lazily(`^([^\d+-]*)([+-]?)([^\d]*)(\d[\d.,' \x{a0}\x{202f}]*)(.*)$`)

// parseAmount reads "$1,234.50", "250 EUR", "1.234,50 €" and "free" into cents
// and a currency code, "" when the cell names none.
func parseAmount(cell string) (cents int64, currency string, err error) {
	switch squash(cell) {
	case "free", "gratis", "gratuit", "gratuito", "kostenlos", "gratuite", "免费", "none", "":
		if strings.ContainsAny(cell, "0123456789") || cell == "" {
			break
		}
		return 0, "", nil
	}
	m := amountParts().FindStringSubmatch(cell)
	if m == nil {
		return 0, "", errAmount
	}
	for _, word := range []string{m[1] + m[3], m[5]} {
		word = strings.Trim(word, " \u00a0\u202f-,.")
		if word == "" {
			continue
		}
		c := currencyCode(word)
		if c == "" || currency != "" && c != currency {
			return 0, "", errAmount
		}
		currency = c
	}
	cents, err = parseCents(m[4])
	if m[2] == "-" && cents != 0 {
		return 0, "", errors.New("less than nothing")
	}
	return cents, currency, err
}

// parseCents reads digits with either decimal mark. A single mark before exactly
// three digits groups thousands ("1.500"), unless all before it is "0".
func parseCents(s string) (int64, error) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\'' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimRight(s, ".,")
	whole, frac := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		tail, mark := s[i+1:], s[i:i+1]
		other := strings.ContainsAny(s[:i], ".,") && !strings.Contains(s[:i], mark)
		if other || strings.Count(s, mark) == 1 && (len(tail) != 3 || strings.Trim(s[:i], "0") == "") {
			whole, frac = s[:i], tail
		}
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	for _, g := range groups[min(1, len(groups)):] {
		if len(g) < 2 || len(g) > 3 {
			return 0, errAmount
		}
	}
	v, err := strconv.ParseFloat(strings.Join(groups, "")+"."+frac+"0", 64)
	if err != nil {
		return 0, errAmount
	}
	c := math.Round(v * 100)
	if c > maxCents {
		return 0, errors.New("too large")
	}
	return int64(c), nil
}

var authorityNumber = lazily(`(?:^|[^\d.,])(\d{1,3}(?:[.,]\d+)?)(?:[^\d.,]|[.,]\D|[.,]?$)`)

// parseAuthority reads a score of 0 to 100 out of "91", "40+", "DA 69 (…)" or
// "DR: 55". The metric is "DA", "DR" or what the column's name says, "" when
// neither does. False when there is no such number.
func parseAuthority(cell, header string) (score float64, metric string, ok bool) {
	metric = metricIn(cell)
	if metric == "" {
		metric = metricIn(header)
	}
	m := authorityNumber().FindStringSubmatch(cell)
	if m == nil {
		return 0, "", false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", "."), 64)
	if err != nil || v > 100 {
		return 0, "", false
	}
	return v, metric, true
}

func metricIn(s string) string {
	f := fold(s)
	for w := range strings.FieldsSeq(f) {
		switch w {
		case "da", "dr", "ur", "tf", "as":
			return strings.ToUpper(w)
		}
	}
	for _, m := range [...][2]string{{"domain authority", "DA"}, {"domain rating", "DR"}, {"trust flow", "TF"}, {"authority score", "AS"}} {
		if strings.Contains(f, m[0]) {
			return m[1]
		}
	}
	return ""
}

// splitTags reads a list of tags; each once, in the order given.
func splitTags(cell string) []string {
	var out []string
	for _, t := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|\n，；、", r) }) {
		if t = strings.TrimPrefix(trim(t), "#"); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

var urlInText = lazily(`(?i:https?://)[^\s<>"]+`)

// parseURL reads a web address out of a cell: with or without scheme, or the
// first one in a text. The result is absolute and has a usable host.
func parseURL(cell string) (string, bool) {
	if u, ok := absolute(cell); ok {
		return u, true
	}
	if m := urlInText().FindString(cell); m != "" && m != cell {
		return absolute(strings.TrimRight(m, ".,;:)]}"))
	}
	return "", false
}

func absolute(s string) (string, bool) {
	if strings.ContainsAny(s, " \t\r\n") || len(s) > maxURL {
		return "", false
	}
	switch {
	case plainAddress(s), schemeCell().MatchString(s):
	case plainDomain(s), domainCell().MatchString(s):
		s = "https://" + s
	default:
		return "", false
	}
	if _, err := url.Parse(s); err != nil {
		return "", false
	}
	_, err := weburl.PageKey(s)
	return s, err == nil
}

// samePage reports whether two addresses are the same page.
func samePage(a, b string) bool {
	if a == b {
		return true
	}
	ka, errA := weburl.PageKey(a)
	kb, errB := weburl.PageKey(b)
	return errA == nil && errB == nil && ka == kb
}

var emailInText = lazily(`[^\s@<>,;:()\[\]"']+@[^\s@<>,;:()\[\]"'/]+\.[^\s@<>,;:()\[\]"'/.]{2,}`)

// splitEmail takes the first e-mail address out of a text: "Ann Lee
// <ann@example.com>" is "Ann Lee" and "ann@example.com".
func splitEmail(cell string) (rest, email string) {
	if plainEmail(cell) {
		return "", cell
	}
	if strings.IndexByte(cell, '@') < 0 {
		return cell, ""
	}
	at := emailInText().FindStringIndex(cell)
	if at == nil {
		return cell, ""
	}
	email = cell[at[0]:at[1]]
	rest = strings.TrimSuffix(cell[:at[0]], "mailto:") + cell[at[1]:]
	rest = strings.NewReplacer("<>", "", "()", "", "[]", "", `""`, "").Replace(rest)
	return strings.Trim(rest, " \t\r\n,;:/|-<>()\"'"), email
}

// null reports a cell that only says that there is no value.
func null(cell string) bool {
	if tabular.Null(cell) {
		return true
	}
	if foldsLonger(cell, len("unknown")) { // than any of these words
		return false
	}
	switch fold(cell) {
	case "tbd", "tba", "tbc", "unknown", "n a", "na", "xx", "无", "keine", "aucun", "ninguno", "nessuno", "nenhum", "geen":
		return true
	}
	return false
}
