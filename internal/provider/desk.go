// Package provider keeps the connection to the provider of backlinks: which token
// is in use and where it comes from, the client made of it, and what the provider
// says of the token. What is saved in the settings counts from the next run on,
// without a restart.
package provider

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/secret"
	"landed/internal/store"
)

// Name is the provider that tokens are for.
const Name = ahrefs.Name

// Origin says where the token in use comes from.
type Origin string

const (
	None        Origin = ""
	Environment Origin = "environment" // wins
	Settings    Origin = "settings"
)

// Auto leaves it to the provider's answers which set of endpoints is spoken.
const Auto = string(ahrefs.Auto)

// Options are how a Desk is made. Store and Keys are needed.
type Options struct {
	Store *store.Store
	Keys  secret.Source

	Token     string        // of the environment: wins over a saved one
	BaseURL   string        // another server than the provider's own
	Endpoints string        // the set that counts while the settings choose none; "" = Auto
	PerMinute int           // 0 = the provider's limit
	MaxWait   time.Duration // as ahrefs.Options has it
	Log       *slog.Logger  // nil = silent
}

// Format keeps the token out of everything that prints options.
func (o Options) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "provider.Options{Token:[token]}")
}

// Desk hands out the client of the token in use. It is safe for concurrent use.
type Desk struct {
	o     Options
	gates ahrefs.Gates // outlive clients: a new one must not begin a minute of its own

	mu     sync.Mutex
	client *ahrefs.Client
	made   [sha256.Size]byte // of what client was made of
}

// Format keeps the token out of everything that prints a desk.
func (d *Desk) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "provider.Desk") }

// New makes a desk; it sends nothing. The error is a token of the environment or
// an address that cannot be right, or keys that cannot be used.
func New(o Options) (*Desk, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Endpoints == "" {
		o.Endpoints = Auto
	}
	o.Token = strings.TrimSpace(o.Token)
	if err := o.Keys.Check(); err != nil {
		return nil, err
	}
	d := &Desk{o: o}
	if o.Token != "" {
		if _, err := d.open(o.Token, o.Endpoints, o.MaxWait); err != nil {
			return nil, fmt.Errorf("LANDED_AHREFS_TOKEN: %w", err)
		}
	}
	return d, nil
}

// ErrNoToken is a fault: nothing can be asked.
var ErrNoToken = fault.New(fault.Conflict, "No API token is set. An admin enters one under Settings, Provider, or sets LANDED_AHREFS_TOKEN in the environment of the server.")

// Client is the client of the token in use, looked up anew at each call. The
// error is ErrNoToken, or says why the saved token does not open.
func (d *Desk) Client(ctx context.Context) (*ahrefs.Client, error) {
	p, err := d.o.Store.Provider(ctx, Name)
	if err != nil {
		return nil, err
	}
	token, _, err := d.token(ctx, p)
	if err != nil {
		return nil, err
	}
	set := d.endpoints(p)
	sum := sha256.Sum256([]byte(set + "\x00" + token))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil || d.made != sum {
		if d.client, err = d.open(token, set, d.o.MaxWait); err != nil {
			return nil, err
		}
		d.made = sum
	}
	return d.client, nil
}

func (d *Desk) endpoints(p store.Provider) string {
	if p.Endpoints != "" {
		return p.Endpoints
	}
	return d.o.Endpoints
}

// open makes a client; all of one token share its gate.
func (d *Desk) open(token, set string, maxWait time.Duration) (*ahrefs.Client, error) {
	return ahrefs.New(ahrefs.Options{BaseURL: d.o.BaseURL, Token: token, Set: ahrefs.Set(set), Gate: d.gates.For(token, d.o.PerMinute), MaxWait: maxWait, Log: d.o.Log})
}

// token is the one in use. A rotation may end between reading the row and reading
// the keys, so that the key is gone: then the row is another by now.
func (d *Desk) token(ctx context.Context, p store.Provider) (string, Origin, error) {
	if d.o.Token != "" {
		return d.o.Token, Environment, nil
	}
	for again := false; ; again = true {
		if p.Token.ID == 0 {
			return "", None, ErrNoToken
		}
		text, err := d.unseal(p.Token)
		if err == nil || again || !errors.Is(err, secret.ErrNoKey) {
			return text, Settings, err
		}
		if p, err = d.o.Store.Provider(ctx, Name); err != nil {
			return "", None, err
		}
	}
}

func (d *Desk) unseal(x store.SealedSecret) (string, error) {
	ring, err := d.o.Keys.Ring()
	if err == nil {
		var text string
		if text, err = ring.Open(secret.Sealed{KeyID: x.KeyID, Text: x.Sealed}, secret.Row{Purpose: x.Purpose, ID: x.ID}); err == nil {
			return text, nil
		}
	}
	switch {
	case errors.Is(err, secret.ErrNoKey):
		return "", fault.Wrap(err, fault.Unavailable, "The saved token cannot be opened: its master key (%s) is not in %s. Put the key back, or enter the token again.", x.KeyID, d.o.Keys.Where())
	case errors.Is(err, secret.ErrBroken):
		return "", fault.Wrap(err, fault.Unavailable, "The saved token cannot be opened: what is stored of it was changed. Enter the token again.")
	}
	return "", fault.Wrap(err, fault.Unavailable, "The saved token cannot be opened: %s.", strings.TrimSuffix(fault.Message(err), "."))
}

// Rotate seals everything with a new master key.
func Rotate(ctx context.Context, st *store.Store, keys secret.Source) (done secret.Rotation, changed int, err error) {
	done, err = keys.Rotate(func(ring secret.Ring) error {
		var err error
		changed, err = st.ResealSecrets(ctx, store.CommandLine, func(x store.SealedSecret) (string, string, error) {
			row := secret.Row{Purpose: x.Purpose, ID: x.ID}
			text, err := ring.Open(secret.Sealed{KeyID: x.KeyID, Text: x.Sealed}, row)
			if err != nil {
				return "", "", fault.Wrap(err, fault.Unavailable, "its master key is %s", x.KeyID)
			}
			if x.KeyID == ring.Current() {
				return x.KeyID, x.Sealed, nil
			}
			sealed, err := ring.Seal(text, row)
			return sealed.KeyID, sealed.Text, err
		})
		return err
	})
	return done, changed, err
}

// Report is what the provider said of a token when it was last asked.
type Report struct {
	Set     string             `json:"set"`               // the set of endpoints that is spoken
	Account *backlinks.Account `json:"account,omitempty"` // nil where the set has no word on it
	Problem string             `json:"problem,omitempty"` // why the test failed; "" when the token works
}

// State is everything that pages show of the provider.
type State struct {
	store.Provider
	Origin    Origin
	TokenEnd  string // last four characters of the token in use; "" of a very short one
	Problem   string // why the saved token cannot be used
	Endpoints string // auto or a set
	Default   string // what counts when the settings choose none
	Detected  string // the set in use, as far as it is known
	BaseURL   string
	Report    *Report // nil when the token in use was never tested
}

// Ready reports whether something can be asked.
func (s State) Ready() bool { return s.Origin != None && s.Problem == "" }

// State reads the settings. A token that does not open is no error: State says so.
func (d *Desk) State(ctx context.Context) (State, error) {
	p, err := d.o.Store.Provider(ctx, Name)
	if err != nil {
		return State{}, err
	}
	s := State{Provider: p, Endpoints: d.endpoints(p), Default: d.o.Endpoints, BaseURL: d.o.BaseURL}
	token, origin, err := d.token(ctx, p)
	if s.Origin = origin; err != nil && !errors.Is(err, ErrNoToken) {
		s.Origin, s.Problem = Settings, fault.Message(err)
	}
	s.TokenEnd = lastFour(token)
	if p.Test != "" {
		r := Report{}
		if err := json.Unmarshal([]byte(p.Test), &r); err != nil {
			return s, fmt.Errorf("test of the provider: %w", err)
		}
		s.Report, s.Detected = &r, r.Set
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client != nil && d.made == sha256.Sum256([]byte(s.Endpoints+"\x00"+token)) {
		if set := string(d.client.Set()); set != Auto {
			s.Detected = set
		}
	}
	return s, nil
}

// lastFour shows so little of a long token that it stays secret.
func lastFour(token string) string {
	if len(token) <= 12 {
		return ""
	}
	return token[len(token)-4:]
}
