package auth

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"landed/internal/fault"
)

// Limits of a password: characters at least, since there is no second factor
// (OWASP ASVS 5.0, 6.2), and bytes at most, checked before any hashing.
const (
	MinPassword = 15
	MaxPassword = 256
)

//go:embed common.txt
var commonText string

// common holds passwords of MinPassword characters or more that stand in
// published lists of leaked ones; shorter ones fall by their length.
var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonText) {
		m[squeeze(line)] = true
	}
	return m
})

// CheckPassword says in a fault of field "password" why a new password is not
// taken. own are the words that are too easy to guess here: the person's name
// and address, the host names of the workspace. There are no rules on kinds of
// characters, and nothing is trimmed.
func CheckPassword(password string, own ...string) error {
	switch {
	case strings.ContainsRune(password, 0):
		return fault.Field("password", "A password cannot have a NUL character.")
	case !utf8.ValidString(password):
		return fault.Field("password", "The password did not arrive as valid text. Type it again.")
	case len(password) > MaxPassword:
		return fault.Field("password", "Use a password of 256 bytes or less.")
	case utf8.RuneCountInString(password) < MinPassword:
		return fault.Field("password", "Use 15 characters or more. A short sentence works well.")
	}
	s := squeeze(password)
	if common()[s] || repeated(s) || keyboardRun(s) {
		return fault.Field("password", "That password is on the lists attackers try first. Use a short sentence of your own.")
	}
	if rest, found := without(s, own); found && (len(rest) < 8 || keyboardRun(rest) || repeated(rest)) {
		return fault.Field("password", "That is mostly your own name, your company's or “Landed”. Use other words.")
	}
	return nil
}

// squeeze keeps letters and digits, in lower case: "Pass word-Pass word" is no
// better than without the decoration. A password of symbols alone stays itself.
func squeeze(s string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	if kept == "" {
		return strings.TrimSpace(s)
	}
	return kept
}

// repeated reports whether s is one piece of up to 5 characters over and over.
func repeated(s string) bool {
	r := []rune(s)
	for n := 1; n <= 5 && n*2 <= len(r); n++ {
		same := true
		for i := n; i < len(r) && same; i++ {
			same = r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	return false
}

// keyboardRun reports whether s follows the digits, the alphabet or the
// keyboard's rows without a gap, forwards or backwards.
func keyboardRun(s string) bool {
	for _, row := range []string{"01234567890123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		"1234567890qwertyuiopasdfghjklzxcvbnm1234567890qwertyuiop", "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p"} {
		if strings.Contains(row, s) || strings.Contains(reverse(row), s) {
			return true
		}
	}
	return false
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// without cuts the words of own, and the product's name, out of s.
func without(s string, own []string) (rest string, found bool) {
	rest = s
	for _, text := range append([]string{"landed"}, own...) {
		for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(word) >= 3 && strings.Contains(rest, word) {
				rest, found = strings.ReplaceAll(rest, word, ""), true
			}
		}
	}
	return rest, found
}
