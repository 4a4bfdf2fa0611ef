package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params are the costs of one argon2id hash.
type Params struct {
	Memory      uint32 // KiB
	Iterations  uint32
	Parallelism uint8
}

// DefaultParams follow OWASP's password storage sheet: 19 MiB, two passes, one lane.
var DefaultParams = Params{Memory: 19456, Iterations: 2, Parallelism: 1}

// atOnce bounds the hashes that run at the same time. Each takes 19 MiB, and
// without a bound 200 parallel sign-ins would take 4 GB.
const atOnce = 2

// Hasher makes and checks password hashes, at most two at once.
type Hasher struct {
	params argon2id.Params
	slots  chan struct{}
	decoy  string // hash of a password nobody has, so that an unknown account costs the same
}

// NewHasher makes a Hasher with the given costs; tests pass small ones.
func NewHasher(p Params) (*Hasher, error) {
	h := &Hasher{
		params: argon2id.Params{Memory: p.Memory, Iterations: p.Iterations, Parallelism: p.Parallelism, SaltLength: 16, KeyLength: 32},
		slots:  make(chan struct{}, atOnce),
	}
	// Checking a password costs the same whatever the stored key is, so the decoy
	// need not be computed: a start without 19 MiB and 25 ms for it.
	salt, key := make([]byte, h.params.SaltLength), make([]byte, h.params.KeyLength)
	rand.Read(salt) // crypto/rand never fails
	rand.Read(key)
	b64 := base64.RawStdEncoding.EncodeToString
	h.decoy = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Iterations, p.Parallelism, b64(salt), b64(key))
	if _, _, _, err := argon2id.DecodeHash(h.decoy); err != nil {
		return nil, fmt.Errorf("decoy hash: %w", err)
	}
	return h, nil
}

// Hash gives the PHC string of a password ("$argon2id$v=19$m=…"). It waits for
// a free slot, or ends with ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return argon2id.CreateHash(normal(password), &h.params)
}

// Verify reports whether the password is the one that was hashed, and whether
// its hash was made with lower costs than today's and should be made anew. An
// empty hash (no such account, or no password yet) is never right, and takes
// as long as a wrong password does.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, rehash bool, err error) {
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	known := hash != ""
	if !known {
		hash = h.decoy
	}
	ok, p, err := argon2id.CheckHash(normal(password), hash)
	if err != nil {
		return false, false, fmt.Errorf("stored password hash: %w", err)
	}
	weaker := p.Memory < h.params.Memory || p.Iterations < h.params.Iterations || p.Parallelism < h.params.Parallelism
	return ok && known, ok && known && weaker, nil
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) leave() { <-h.slots }

// normal makes the two ways of writing é the same: which one arrives depends on
// the keyboard and the system. Nothing is trimmed or cut.
func normal(password string) string { return norm.NFC.String(password) }
