package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landed/internal/store"
	"landed/internal/testkit"
)

// A damaged database is found before anybody is served, and told with what to do.
func TestWholeFindsDamage(t *testing.T) {
	dir := t.TempDir()
	st := testkit.OpenStore(t, dir)
	if err := st.Whole(t.Context()); err != nil {
		t.Fatal("a fresh database:", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, store.FileName)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b[len(b)/2:] {
		b[len(b)/2+i] ^= 0x5a
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err = store.Open(t.Context(), dir)
	if err == nil {
		defer st.Close()
		err = st.Whole(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "landed restore") {
		t.Errorf("a damaged database: %v", err)
	}
}

// A look that runs out of time found nothing.
func TestWholeGivesUpInTime(t *testing.T) {
	st := testkit.Store(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := st.Whole(ctx); err != nil {
		t.Error(err)
	}
}
