package auth

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landed/internal/fault"
)

var cheap = Params{Memory: 64, Iterations: 1, Parallelism: 1}

func TestRoles(t *testing.T) {
	if !Admin.AtLeast(Viewer) || !Manager.AtLeast(Staff) || Viewer.AtLeast(Staff) {
		t.Error("roles are not in order")
	}
	if Admin.AtLeast(NoRole) || NoRole.AtLeast(Anyone) || NoRole.AtLeast(NoRole) {
		t.Error("a forgotten role must be refused")
	}
	for _, r := range Roles {
		if got, ok := ParseRole(r.String()); !ok || got != r || r.Label() == "" {
			t.Errorf("%d reads back as %d, %v", r, got, ok)
		}
	}
	for _, s := range []string{"", "root", "Admin", "anyone"} {
		if _, ok := ParseRole(s); ok {
			t.Errorf("%q was taken for a role", s)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	own := []string{"Maya Okafor", "maya@fern.example", "links.fern.example"}
	for _, tt := range []struct {
		password string
		ok       bool
	}{
		{"grey otter likes rain", true},
		{"the eagle has landed twice today", true}, // the product's name within a sentence
		{strings.Repeat("x", 14), false},
		{"fourteen chars", false},
		{"fifteen chars ok", true},
		{"  spaces count  ", true},
		{"ひつじがいっぴきひつじがにひき", true}, // 15 characters, no Latin letter
		{"839104726350981", true}, // digits alone: no rule on kinds of characters
		{"!§$%&/()=?#+*~<", true},
		{strings.Repeat("grey otters like rain. ", 12)[:256], true},
		{strings.Repeat("é long one ", 30), false}, // over 256 bytes
		{"Password Password", false},
		{"correct-horse-battery-staple", false},
		{"aaaaaaaaaaaaaaaaaaaa", false},
		{"!!!!!!!!!!!!!!!!!!!!", false},
		{"abcabcabcabcabcabc", false},
		{"123456789012345", false},
		{"098765432109876", false},
		{"qwertyuiopasdfghj", false},
		{"landedlandedlanded", false},
		{"Landed-Landed-2026", false},
		{"maya@fern.example", false},
		{"MayaOkafor1234567890", false},
		{"nul in\x00the middle of it", false},
		{"bad \xff\xfe bytes in here", false},
	} {
		err := CheckPassword(tt.password, own...)
		if (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.password, err)
		}
		if err != nil && (fault.KindOf(err) != fault.Invalid || fault.FieldsOf(err)["password"] == "") {
			t.Errorf("%q: not a fault of the field: %#v", tt.password, err)
		}
	}
	for w := range common() {
		if len([]rune(w)) < MinPassword {
			t.Errorf("common.txt: %q falls by its length already", w)
		}
	}
}

func TestHash(t *testing.T) {
	ctx := t.Context()
	h, err := NewHasher(cheap)
	if err != nil {
		t.Fatal(err)
	}
	phc, err := h.Hash(ctx, "cafe\u0301 au lait, please")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(phc, err)
	}
	for _, tt := range []struct {
		password, hash string
		ok             bool
	}{
		{"cafe\u0301 au lait, please", phc, true},
		{"caf\u00e9 au lait, please", phc, true}, // composed: the same to the eye
		{"cafe\u0301 au lait, please ", phc, false},
		{"", phc, false},
		{"", "", false},
		{"anything", "", false},
	} {
		ok, again, err := h.Verify(ctx, tt.password, tt.hash)
		if err != nil || ok != tt.ok || again {
			t.Errorf("%q: %v %v %v", tt.password, ok, again, err)
		}
	}
	dearer, _ := NewHasher(Params{Memory: 128, Iterations: 1, Parallelism: 1})
	if ok, again, err := dearer.Verify(ctx, "caf\u00e9 au lait, please", phc); !ok || !again || err != nil {
		t.Error("a hash with lower costs was not to be made again", ok, again, err)
	}
	if ok, again, _ := dearer.Verify(ctx, "wrong", phc); ok || again {
		t.Error("a wrong password asked for a new hash")
	}
	if _, _, err := h.Verify(ctx, "x", "$2a$10$not-argon"); err == nil {
		t.Error("a broken hash gave no error")
	}
}

func TestDefaultParamsAreOWASPs(t *testing.T) {
	if DefaultParams != (Params{Memory: 19456, Iterations: 2, Parallelism: 1}) {
		t.Error(DefaultParams)
	}
}

func TestHashWaitsForASlotOrTheContext(t *testing.T) {
	h, _ := NewHasher(cheap)
	for range atOnce {
		if err := h.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); err != context.Canceled {
		t.Error("a third hash ran:", err)
	}
	h.leave()
	if _, err := h.Hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b || len(a) != 43 || HashToken(a) == HashToken(b) || strings.Contains(HashToken(a), a) {
		t.Error(a, b)
	}
}

type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) forward(d time.Duration) { c.at.Add(int64(d)) }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func TestThrottleAccount(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now)
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 48 {
		all.Go(func() {
			if th.Try("maya@fern.example", "") == 0 {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 10 {
		t.Fatalf("%d of 48 parallel tries passed, want 10", passed.Load())
	}
	if w := th.Try("maya@fern.example", ""); w <= 11*time.Second || w > 12*time.Second {
		t.Errorf("wait %s", w)
	}
	if th.Try("tom@fern.example", "") != 0 {
		t.Error("another account was held up")
	}
	if th.Try("maya@fern.example", "known-browser") != 0 {
		t.Error("a known browser was locked out by a stranger")
	}
	c.forward(12 * time.Second)
	if th.Try("maya@fern.example", "") != 0 || th.Try("maya@fern.example", "") == 0 {
		t.Error("want one try after 12 s")
	}
	c.forward(12 * time.Second)
	if th.Try("maya@fern.example", "") != 0 {
		t.Error("refused tries must not count")
	}
	th.Succeeded("maya@fern.example", "")
	for i := range 10 {
		if th.Try("maya@fern.example", "") != 0 {
			t.Fatalf("try %d after a success was refused", i)
		}
	}
}

func TestThrottleAddress(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now)
	take := func(s string) bool { return th.Address(netip.MustParseAddr(s)) == 0 }
	for i := range 100 {
		if !take(fmt.Sprintf("2001:db8:0:1::%x", i+1)) {
			t.Fatalf("request %d refused", i)
		}
	}
	if take("2001:db8:0:1:ffff::1") {
		t.Error("another address of the same /64 has its own bucket")
	}
	if !take("2001:db8:0:2::1") || !take("192.0.2.1") {
		t.Error("other clients were held up")
	}
	c.forward(500 * time.Millisecond)
	if !take("2001:db8:0:1::1") || take("2001:db8:0:1::1") {
		t.Error("want one request after half a second")
	}
	if addressKey(netip.MustParseAddr("::ffff:192.0.2.1")) != addressKey(netip.MustParseAddr("192.0.2.1")) {
		t.Error("a mapped address is another client")
	}
	if addressKey(netip.Addr{}) == "" {
		t.Error("no key for a missing address")
	}
}

func TestBucketsStayBounded(t *testing.T) {
	c := newClock()
	b := NewBuckets(1, time.Hour, c.now)
	b.Take("first")
	b.Take("kept")
	for i := range maxKeys - 1 {
		b.Take(fmt.Sprint(i))
		if b.Take("kept") == 0 {
			t.Fatal("the key in use was dropped")
		}
	}
	if b.Len() != maxKeys {
		t.Errorf("%d keys", b.Len())
	}
	if b.Take("first") != 0 {
		t.Error("the oldest key is still there")
	}
}

var evil = []string{"", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
	"/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "https:evil.example", "https://evil.example",
	"HTTPS:///evil.example", "//user:pw@evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x",
	" //evil.example", " /today", "/%2f/evil.example", "/%2Fevil.example", "/%5cevil.example", "/%0d%0aevil", "/\x00", "today", "?a=b", "#x",
	"evil.example/today", "/a\u2028\xff", "/%zz"}

func TestSafeNext(t *testing.T) {
	for _, s := range evil {
		if got := SafeNext(s); got != "/" {
			t.Errorf("SafeNext(%q) = %q", s, got)
		}
	}
	for _, s := range []string{"/", "/pitches", "/pitches?status=landed&q=a%20b", "/domains/b%C3%BCcher.example", "/pitches?next=//x.example"} {
		if got := SafeNext(s); got != s {
			t.Errorf("SafeNext(%q) = %q", s, got)
		}
	}
	if got := SafeNext("/a/b#frag"); got != "/a/b" {
		t.Errorf("fragment kept: %q", got)
	}
}

func FuzzSafeNext(f *testing.F) {
	for _, s := range evil {
		f.Add(s)
	}
	f.Add("/pitches?status=landed")
	base, _ := url.Parse("https://landed.example/signin")
	f.Fuzz(func(t *testing.T, s string) {
		got := SafeNext(s)
		// What a browser does first: trim, drop TAB, CR and LF, read \ as /.
		seen := strings.NewReplacer("\t", "", "\r", "", "\n", "", "\\", "/").Replace(strings.Trim(got, " \x00\x1f"))
		u, err := base.Parse(seen)
		if err != nil || u.Scheme != "https" || u.Host != "landed.example" || u.User != nil || !strings.HasPrefix(got, "/") || strings.HasPrefix(seen, "//") {
			t.Fatalf("SafeNext(%q) = %q leads to %v (%v)", s, got, u, err)
		}
	})
}

func TestIdentity(t *testing.T) {
	for in, want := range map[string]string{" Maya@Fern.Example ": "maya@fern.example", "admin@localhost": "admin@localhost",
		"": "", "maya": "", "@x": "", "a@b@c": "", "a b@c.example": "", "Maya <maya@fern.example>": "", "a@b\x00c": "", "a@.example": ""} {
		got, err := CleanEmail(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("CleanEmail(%q) = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{" Inês  Duarte ": "Inês  Duarte", "": "", "  ": "", "a\nb": "", strings.Repeat("é", 101): ""} {
		got, err := CleanName(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("CleanName(%q) = %q, %v", in, got, err)
		}
	}
}
