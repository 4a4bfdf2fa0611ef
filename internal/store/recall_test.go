package store_test

import (
	"testing"
	"time"

	"landed/internal/testkit"
)

// TestRecall holds what pages read again and again against writes on every way
// there is: by the same process, and by another one, which a second Store is to
// the database.
func TestRecall(t *testing.T) {
	dir := testkit.Dir(t)
	s, other := testkit.OpenStore(t, dir), testkit.OpenStore(t, dir)
	sites := func(want int) {
		t.Helper()
		for range 2 { // read, then from memory
			list, err := s.Sites(s.Recall(t.Context()))
			if err != nil || len(list) != want {
				t.Fatalf("%d sites, %v; want %d", len(list), err, want)
			}
		}
	}
	sites(0)
	if _, err := s.CreateSite(t.Context(), "a.example"); err != nil {
		t.Fatal(err)
	}
	sites(1)
	if _, err := other.CreateSite(t.Context(), "b.example"); err != nil {
		t.Fatal(err)
	}
	sites(2)
	ctx := s.Recall(t.Context())
	if list, err := s.Sites(ctx); err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	if _, err := s.CreateSite(ctx, "c.example"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Sites(ctx); err != nil || len(list) != 3 {
		t.Errorf("%d sites after a write under the same context, %v", len(list), err)
	}
}

func TestRecallOfSessions(t *testing.T) {
	s, clock := open(t)
	if err := s.CreateSession(t.Context(), "hash", []byte("data"), clock.Now().Add(time.Hour), 0, "", ""); err != nil {
		t.Fatal(err)
	}
	find := func(want bool) {
		t.Helper()
		for range 2 {
			data, _, found, err := s.FindSession(s.Recall(t.Context()), "hash")
			if err != nil || found != want || found && string(data) != "data" {
				t.Errorf("found %v %q, %v; want %v", found, data, err, want)
			}
		}
	}
	find(true)
	clock.Forward(time.Hour) // nobody writes when a session runs out
	find(false)
	clock.Forward(-time.Hour)
	find(true)
	if err := s.DeleteSession(t.Context(), "hash"); err != nil {
		t.Fatal(err)
	}
	find(false)
}
