package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"landed/internal/store"
	"landed/templates"
)

// auditWords are the actions as people read them; others are shown as they are.
var auditWords = map[string]string{
	"signin": "signed in", "signin_failed": "failed to sign in", "signout": "signed out",
	"account_created": "created an account", "account_invited": "invited", "account_role": "changed the role of",
	"account_enabled": "activated", "account_disabled": "deactivated", "account_name": "changed the name of",
	"password_changed": "changed the password of", "password_set": "set a password for", "password_link": "made a password link for",
	"sessions_ended": "ended all sessions of", "session_ended": "ended a session", "site_created": "added the site", "setting": "changed the setting",
	"audit_exported": "exported the audit log", "import_started": "imported", "sync_started": "started a sync of",
	"token_saved": "saved the token of", "token_removed": "removed the token of", "provider_endpoints": "chose the endpoints of", "provider_tested": "tested the connection to",
	"key_rotated": "changed the master key", "imported": "imported", "exported": "exported", "pitches_exported": "exported pitches of",
	"restored": "restored the backup", "backup": "wrote the backup",
	"sync_cancel": "cancelled a sync of", "sync_schedule": "changed the schedule of",
}

func auditRows(list []store.AuditEntry) (rows []templates.AuditRow) {
	for _, e := range list {
		row := templates.AuditRow{When: whenTime(e.At), Actor: e.Actor, Action: e.Action, Subject: e.Subject, Detail: e.Detail, Address: e.Address, RequestID: e.RequestID}
		if w, ok := auditWords[e.Action]; ok {
			row.Action = w
		}
		if row.Actor == "" {
			row.Actor = "Somebody"
		}
		rows = append(rows, row)
	}
	return rows
}

const auditPage = 100

// listAudit shows the audit log, the newest first, in pages by ?before=ID.
func (s *Server) listAudit(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // anything else starts at the newest
	list, err := s.Store.AuditLog(r.Context(), before, auditPage+1)
	if err != nil {
		return err
	}
	v := templates.AuditLog{}
	if len(list) > auditPage {
		list = list[:auditPage]
		v.Older = "/settings/audit?before=" + strconv.FormatInt(list[auditPage-1].ID, 10)
	}
	v.Newest, v.Rows = before > 0, auditRows(list)
	return s.show(w, r, Page{Title: "Audit log", Nav: "settings", Body: templates.AuditPage(v)})
}

// exportAudit sends the whole log as CSV, read in pages.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request) error {
	if err := s.Store.Audit(r.Context(), s.by(r), "audit_exported", "", ""); err != nil {
		return err
	}
	list, err := s.Store.AuditLog(r.Context(), 0, 1000)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="landed-audit.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"id", "at", "actor", "address", "request", "action", "subject", "detail"}) // Error below says
	for len(list) > 0 {
		for _, e := range list {
			_ = out.Write([]string{strconv.FormatInt(e.ID, 10), e.At.Format(time.RFC3339), harmless(e.Actor), harmless(e.Address), e.RequestID,
				e.Action, harmless(e.Subject), harmless(e.Detail)})
		}
		if list, err = s.Store.AuditLog(r.Context(), list[len(list)-1].ID, 1000); err != nil {
			s.Log.Error("audit export cut", "id", visitOf(r.Context()).id, "err", err)
			panic(http.ErrAbortHandler) // the answer is under way: a cut connection shows that it is not whole
		}
	}
	out.Flush()
	return nil
}

// harmless keeps a spreadsheet from reading a cell as a formula.
func harmless(cell string) string {
	if cell != "" {
		switch cell[0] {
		case '=', '+', '-', '@', '\t', '\r', '\n', 0:
			return "'" + cell
		}
	}
	return cell
}
