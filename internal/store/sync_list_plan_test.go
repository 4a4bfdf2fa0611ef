package store

import (
	"strings"
	"testing"
)

func TestListsOfRunsUseTheIndex(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for query, index := range map[string]string{runsOfAll: "sync_run_started", runsOfSite: "sync_run_site_started"} {
		plan := steps(t, s, query, "9999", 1, "", 26, 1)
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, index) {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
