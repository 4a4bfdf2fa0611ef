package store

import (
	"math/rand/v2"
	"strings"
	"testing"

	"landed/internal/fault"
)

// Ids order as the beginnings of names do, and the range of a prefix has the ids of
// all names that begin with it, and of no other where it says so.
func TestDomainIDs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"", "-", "z", "~", "\x00", "\xff\xff\xff\xff\xff", "eb.example", "ea.example", "e.example", "earn.example", "earnest.example", "e_a.example", "bücher.example", "[2001:db8::1]", "192.0.2.7"}
	for range 3000 {
		name := make([]byte, 1+r.IntN(7))
		for i := range name {
			name[i] = usualBytes[r.IntN(len(usualBytes))]
			if r.IntN(20) == 0 {
				name[i] = byte(r.IntN(256))
			}
		}
		names = append(names, string(name))
	}
	usual := func(name string) bool { return strings.Trim(name, usualBytes) == "" }
	inside := 0
	for i, name := range names {
		id := domainID(1+int64(i%3), name)
		if id <= 0 {
			t.Fatalf("%q has the id %d", name, id)
		}
		other := names[r.IntN(len(names))]
		if a, b := domainBegin(name, 0), domainBegin(other, 0); usual(name) && usual(other) && (a < b && name >= other || a > b && name <= other) {
			t.Errorf("%q and %q: %d, %d", name, other, a, b)
		}
		for _, prefix := range []string{"", name[:len(name)/2], name, name + "a", other, other[:min(2, len(other))], other[:min(1, len(other))]} {
			from, to, exact := domainIDs(prefix)
			begins, within := strings.HasPrefix(name, prefix), from <= id && id <= to
			if begins && !within || exact && within && !begins {
				t.Errorf("%q begins with %q: %v; its id is in the range: %v, exact %v", name, prefix, begins, within, exact)
			}
			if within && exact {
				inside++
			}
		}
	}
	if inside < len(names) {
		t.Errorf("%d exact ranges had a name", inside)
	}
	for prefix, want := range map[string]bool{"": true, "e": true, "ea": true, "x-1": true, "_dmz": true, "earne": false, "ü": false, "a~": false} {
		if _, _, exact := domainIDs(prefix); exact != want {
			t.Errorf("%q: exact %v", prefix, exact)
		}
	}
	if from, to, _ := domainIDs(""); from != 1 || to < domainID(1, "zzzz") {
		t.Errorf("all ids are %d to %d", from, to)
	}
	if err := sameDomain("a.example", "b.example"); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
}
