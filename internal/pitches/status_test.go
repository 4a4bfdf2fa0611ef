package pitches

import (
	"testing"

	"landed/internal/fault"
)

func TestMove(t *testing.T) {
	for _, c := range []struct {
		from, to Status
		note     string
		field    string // of the error, "" for none
	}{
		{Draft, Pitched, "", ""},
		{Pitched, Landed, "", ""},
		{Landed, Landed, "", ""},
		{Pitched, Declined, "", ""},
		{Landed, Withdrawn, "", ""},
		{Declined, NoReply, "", ""},
		{Pitched, Draft, "", "note"},
		{Landed, Replied, "", "note"},
		{Landed, Replied, "link is gone", ""},
		{Declined, Landed, "", "note"},
		{NoReply, Replied, "", "note"},
		{NoReply, Replied, "they wrote after all", ""},
		{"", Landed, "", ""},
		{Draft, "won", "", "status"},
		{Draft, "", "x", "status"},
	} {
		err := Move(c.from, c.to, c.note)
		if c.field == "" {
			if err != nil {
				t.Errorf("Move(%q, %q, %q): %v", c.from, c.to, c.note, err)
			}
			continue
		}
		if !fault.Is(err, fault.Invalid) || fault.FieldsOf(err)[c.field] == "" {
			t.Errorf("Move(%q, %q, %q) = %v, want a fault in %q", c.from, c.to, c.note, err, c.field)
		}
	}
}

func TestStatusesAreConsistent(t *testing.T) {
	for _, s := range Statuses {
		if !s.Valid() || s.Label() == string(s) {
			t.Errorf("%q: valid %v, label %q", s, s.Valid(), s.Label())
		}
		if s.Sent() == (s == Draft) {
			t.Errorf("%q: sent %v", s, s.Sent())
		}
	}
	closed := 0
	for _, s := range Statuses {
		if s.Closed() {
			closed++
		}
	}
	if closed != 3 || Status("x").Valid() || Status("x").Sent() || Status("").Closed() {
		t.Errorf("%d closed statuses", closed)
	}
	for _, ty := range Types {
		if ty.Label() == "Not said" {
			t.Errorf("type %q has no label", ty)
		}
	}
}
