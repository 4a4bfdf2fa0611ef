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
	for _, query := range []string{lastDone, listRequests, unitsOfAll, unitsOfSite, unitsOfMonth, scheduleOf, scheduleDue, waitingDue, reserveLeft, lastStarted, pastRows, pastChecks, comparable, sizeKnown, sizeSaid,
		`SELECT ` + syncColumns + ` FROM sync_run WHERE site_id = $1 ORDER BY id DESC LIMIT 1`} {
		plan := steps(t, s, query, 1, 2, 3, 4, 5)
		plan = strings.ReplaceAll(plan, "SCAN o USING INDEX sync_run_running", "") // has the running runs alone
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
