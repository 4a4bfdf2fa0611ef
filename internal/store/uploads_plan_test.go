package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The list of imports and the look for the same file read by the key, not all rows.
func TestImportPlans(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for query, args := range map[string][]any{
		importsBefore: {9, 20}, importedBefore: {9, 0, "d", 1, "links"}, uploadsSince: {stamp(time.Now())},
	} {
		var plan []string
		err := each(t.Context(), s.read, func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		}, `EXPLAIN QUERY PLAN `+query, args...)
		if got := strings.Join(plan, "; "); err != nil || !strings.HasPrefix(got, "SEARCH import USING ") || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s: %v\n%s", got, err, query)
		}
	}
}
