package pitches

// ParseAmount reads an amount that a person typed, such as "350", "$1,234.50"
// or "250 EUR", into hundredths and the ISO 4217 code it names ("" for none).
// The error does not say more than that it is no amount, less than nothing or
// too large.
func ParseAmount(typed string) (cents int64, currency string, err error) { return parseAmount(typed) }

// Amount prints hundredths as a form shows them: "350.00", "" for none.
func Amount(cents int64) string { return amount(cents) }

// ParseTags reads tags parted by commas or semicolons, each once.
func ParseTags(typed string) []string { return splitTags(typed) }

// ParseURL reads a web address with or without scheme. The result is absolute;
// false when there is no usable host.
func ParseURL(typed string) (string, bool) { return parseURL(typed) }

// SameText reports whether two texts are the same but for case, accents, spaces
// and punctuation, as for two pitches with one subject.
func SameText(a, b string) bool { return fold(a) == fold(b) }
