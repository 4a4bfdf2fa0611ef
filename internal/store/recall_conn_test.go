package store

import (
	"database/sql/driver"
	"testing"
	"time"
)

// A new connection counts from where the first one began. What was known through
// that one must not be taken for what the new one says.
func TestRecallEndsWithItsConnection(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	open := func() bool {
		t.Helper()
		_, _, found, err := s.FindSession(s.Recall(t.Context()), "hash")
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if err := s.CreateSession(t.Context(), "hash", []byte("data"), s.Now().Add(time.Hour), 0, "", ""); err != nil {
		t.Fatal(err)
	}
	if !open() {
		t.Fatal("the session is not there")
	}
	_ = s.recall.conn.Raw(func(any) error { return driver.ErrBadConn }) // it broke
	if err := s.DeleteSession(t.Context(), "hash"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if open() {
			t.Error("an ended session was found again")
		}
	}
	if s.Recall(t.Context()) == t.Context() {
		t.Error("nothing is kept any more")
	}
}
