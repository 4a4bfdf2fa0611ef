// Package secret seals what the database may not hold in the clear, such as the
// token of a provider, and keeps the master key that opens it outside of the
// database. It knows neither what is sealed nor where it is stored.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"landed/internal/fault"
)

// ErrNoKey marks that the key something was sealed with is not at hand.
var ErrNoKey = errors.New("the key is not at hand")

// ErrBroken marks what no key opens: it was changed, cut, or belongs elsewhere.
var ErrBroken = errors.New("the sealed text was changed or belongs to another row")

const keySize = 32 // AES-256

// key is one master key. No way of printing shows more than its id.
type key struct {
	raw [keySize]byte
	id  string // the first 8 hex digits of a hash; tells keys apart and nothing about them
}

// Format keeps the key out of everything that prints it.
func (k key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "key "+k.id) }

func newKey() key {
	var raw [keySize]byte
	_, _ = rand.Read(raw[:]) // never fails: it ends the process instead
	return keyOf(raw)
}

func keyOf(raw [keySize]byte) key {
	sum := sha256.Sum256(append([]byte("landed key id\x00"), raw[:]...))
	return key{raw: raw, id: hex.EncodeToString(sum[:4])}
}

// NewKeyText makes a key as LANDED_MASTER_KEY and the key file spell it.
func NewKeyText() string { return newKey().text() }

func (k key) text() string { return base64.RawURLEncoding.EncodeToString(k.raw[:]) }

// parseKey reads 32 bytes in hex or base64, with or without padding. The text is
// in no error: it may be a key with one letter too many.
func parseKey(text string) (key, error) {
	var raw []byte
	var err error
	switch trimmed := strings.TrimRight(text, "="); {
	case len(text) == 2*keySize:
		raw, err = hex.DecodeString(text)
	case strings.ContainsAny(trimmed, "+/"):
		raw, err = base64.RawStdEncoding.DecodeString(trimmed)
	default:
		raw, err = base64.RawURLEncoding.DecodeString(trimmed)
	}
	if err != nil || len(raw) != keySize {
		return key{}, fault.New(fault.Invalid, "a master key is 32 random bytes in hex or base64; “landed key new” prints one")
	}
	return keyOf([keySize]byte(raw)), nil
}

// Ring holds the keys at hand. The first one seals; all of them open, so that a
// rotation can be cut off anywhere.
type Ring struct{ keys []key }

// Format keeps the keys out of everything that prints a ring.
func (r Ring) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "keys "+strings.Join(append([]string{r.Current()}, r.Spare()...), ", "))
}

// parseRing reads keys parted by white space or commas; the rest of a line after # is a comment.
func parseRing(text string) (Ring, error) {
	var r Ring
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for word := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c <= ' ' }) {
			k, err := parseKey(word)
			if err != nil {
				return Ring{}, err
			}
			if !slices.ContainsFunc(r.keys, func(o key) bool { return o.id == k.id }) {
				r.keys = append(r.keys, k)
			}
		}
	}
	if len(r.keys) == 0 {
		return Ring{}, fault.New(fault.Invalid, "there is no master key in it; “landed key new” prints one")
	}
	return r, nil
}

// Current is the id of the key that seals; "" of an empty ring.
func (r Ring) Current() string {
	if len(r.keys) == 0 {
		return ""
	}
	return r.keys[0].id
}

// Spare are the ids of the keys that only open.
func (r Ring) Spare() (ids []string) {
	for _, k := range r.keys[min(1, len(r.keys)):] {
		ids = append(ids, k.id)
	}
	return ids
}

// Row is where a sealed text belongs. It is bound into the seal, so that a text
// copied to another row, or used for another purpose, does not open.
type Row struct {
	Purpose string
	ID      int64
}

// Sealed is a text that only its key opens: AES-256-GCM with a random nonce.
type Sealed struct {
	KeyID string
	Text  string // base64 of nonce and ciphertext
}

// Seal seals text for a row.
func (r Ring) Seal(text string, row Row) (Sealed, error) {
	if len(r.keys) == 0 {
		return Sealed{}, ErrNoKey
	}
	aead, err := r.keys[0].aead()
	if err != nil {
		return Sealed{}, err
	}
	id := r.keys[0].id
	return Sealed{KeyID: id, Text: base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, []byte(text), bound(row, id)))}, nil
}

// Open opens what Seal sealed for the same row. The error is ErrNoKey or
// ErrBroken.
func (r Ring) Open(s Sealed, row Row) (string, error) {
	at := slices.IndexFunc(r.keys, func(k key) bool { return k.id == s.KeyID })
	if at < 0 {
		return "", ErrNoKey
	}
	aead, err := r.keys[at].aead()
	if err != nil {
		return "", err
	}
	raw, err := base64.RawURLEncoding.DecodeString(s.Text)
	if err != nil {
		return "", ErrBroken
	}
	text, err := aead.Open(nil, nil, raw, bound(row, s.KeyID))
	if err != nil {
		return "", ErrBroken
	}
	return string(text), nil
}

// aead has a random nonce of 96 bits in front of each text. That is safe for 2^32
// texts of a key; a workspace seals a handful.
func (k key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.raw[:])
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func bound(row Row, keyID string) []byte {
	return fmt.Appendf(nil, "landed sealed 1\x00%q\x00%d\x00%s", row.Purpose, row.ID, keyID)
}
