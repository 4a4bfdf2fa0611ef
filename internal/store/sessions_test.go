package store_test

import (
	"testing"
	"time"

	"landed/internal/fault"
	"landed/internal/testkit"
)

func TestSessions(t *testing.T) {
	st, clock := open(t)
	ctx := t.Context()
	expires := clock.Now().Add(time.Hour)
	if err := st.CreateSession(ctx, "a", []byte("one"), expires, 7, "192.0.2.1", "Browser"); err != nil {
		t.Fatal(err)
	}
	_ = st.CreateSession(ctx, "b", []byte("two"), expires, 8, "", "")
	if err := st.UpdateSession(ctx, "a", []byte("changed"), expires); err != nil {
		t.Fatal(err)
	}
	data, at, found, err := st.FindSession(ctx, "a")
	if string(data) != "changed" || !at.Equal(expires) || !found || err != nil {
		t.Fatal(string(data), at, found, err)
	}
	mine, err := st.Sessions(ctx, 7)
	if err != nil || len(mine) != 1 || mine[0].Address != "192.0.2.1" || mine[0].Agent != "Browser" || !mine[0].StartedAt.Equal(clock.Now()) {
		t.Errorf("%+v %v", mine, err)
	}
	if err := st.EndSession(ctx, admin, 7, "b"); !fault.Is(err, fault.NotFound) {
		t.Error("ended somebody else's session:", err)
	}
	if err := st.EndSession(ctx, admin, 7, "a"); err != nil {
		t.Error(err)
	}
	// A request that was under way must not bring the session back.
	if err := st.UpdateSession(ctx, "a", []byte("late"), expires); err != nil {
		t.Error(err)
	}
	if _, _, found, _ := st.FindSession(ctx, "a"); found {
		t.Error("an ended session came back")
	}
	clock.Forward(59 * time.Minute)
	_ = st.TouchSession(ctx, "b", clock.Now().Add(time.Hour))
	clock.Forward(59 * time.Minute)
	if _, _, found, _ := st.FindSession(ctx, "b"); !found {
		t.Error("a used session ended")
	}
	clock.Forward(time.Minute)
	if _, _, found, _ := st.FindSession(ctx, "b"); found {
		t.Error("an idle session goes on")
	}
	if err := st.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM session`); got != "0" {
		t.Error(got, "sessions are left")
	}
	_ = st.CreateSession(ctx, "c", []byte("x"), clock.Now().Add(time.Hour), 1, "", "")
	if err := st.DeleteSession(ctx, "c"); err != nil || testkit.Rows(t, st, `SELECT COUNT(*) FROM session`) != "0" {
		t.Error(err)
	}
}

func TestProbeWrites(t *testing.T) {
	st, _ := open(t)
	for range 2 {
		if err := st.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM session`); got != "1" {
		t.Error("no write took place")
	}
	st.Close()
	if st.Probe(t.Context()) == nil {
		t.Error("a closed database is said to work")
	}
}
