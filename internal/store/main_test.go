package store_test

import (
	"testing"

	"landed/internal/store"
	"landed/internal/testkit"
)

// open gives an empty store and the clock it runs on.
func open(t *testing.T) (*store.Store, *testkit.Clock) {
	t.Helper()
	st, clock := testkit.Store(t), &testkit.Clock{}
	st.Now = clock.Now
	return st, clock
}

var admin = store.By{AccountID: 1, Name: "Maya", Address: "192.0.2.1", RequestID: "req_1"}
