package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"landed/internal/store"
	"landed/templates"
)

var changeStates = map[store.ChangeState][2]string{
	store.ChangeLooking: {"due", "Being computed"}, store.ChangeReady: {"due", "Waits"}, store.ChangeApplying: {"replied", "Being applied"},
	store.ChangeApplied: {"good", "Applied"}, store.ChangeFailed: {"lost", "Stopped"},
}

// changeHistory is the latest changes, of one outlet or of all settings.
func (s *Server) changeHistory(r *http.Request, outlet int64) ([]templates.ChangeRow, error) {
	list, err := s.Store.RuleChanges(r.Context(), outlet, 0, 30)
	var out []templates.ChangeRow
	for _, c := range list {
		row := templates.ChangeRow{Version: "–", What: c.Subject + ": " + strings.ReplaceAll(c.Note, "\n", "; "), Href: changePath(c.ID), Who: c.Who,
			Badge: changeStates[c.State][0], State: changeStates[c.State][1], When: whenTime(c.CreatedAt), Result: diffWords(c.Preview.Diff)}
		if c.Version != 0 {
			row.Version, row.Result = strconv.FormatInt(c.Version, 10), diffWords(c.Outcome)
		}
		if c.AppliedBy != "" {
			row.Who, row.When = c.AppliedBy, whenTime(c.AppliedAt)
		}
		out = append(out, row)
	}
	return out, err
}

func diffWords(d store.Diff) string {
	return fmt.Sprintf("+%s −%s, %s moved", grouped(d.Gained), grouped(d.Lost), grouped(d.Moved))
}
