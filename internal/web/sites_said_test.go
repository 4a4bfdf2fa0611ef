package web

import (
	"strings"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// A reading of a history has only some of a snapshot's figures.
func TestFiguresThatWereNotSaid(t *testing.T) {
	n := backlinks.Snapshot{On: day.Date(2026, 3, 2), Provider: "ahrefs", Metric: backlinks.DR, Authority: -1, RefDomains: -1, Backlinks: -1, OrganicTraffic: -1, OrganicKeywords: -1}
	full := n
	full.Authority, full.RefDomains = 40, 12
	row := snapshotRow(n, []backlinks.Snapshot{full})
	if row.Authority != "–" || row.RefDomains != "–" || row.Backlinks != "–" || row.Traffic != "–" || row.Keywords != "–" || row.Change != "" {
		t.Errorf("%+v", row)
	}
	if got := strings.Join(snapshotCells(n), ","); got != "2026-03-02,ahrefs,,DR,,,," {
		t.Error(got)
	}
}
