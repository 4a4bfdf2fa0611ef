package store

import (
	"strings"
	"testing"
)

// A site's runs are found by the index, however many there are.
func TestSyncQueriesUseTheIndex(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, query := range []string{lastDone,
		`SELECT ` + syncColumns + ` FROM sync_run WHERE site_id = $1 ORDER BY id DESC LIMIT 1`} {
		if plan := steps(t, s, query, 1); strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
