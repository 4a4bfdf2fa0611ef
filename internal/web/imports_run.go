package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/store"
	"landed/templates"
)

// outcome is what is read back of an intake result of either kind.
type outcome struct {
	Read      int `json:"read"`
	New       int `json:"new"`
	Updated   int `json:"updated"` // pitches
	Changed   int `json:"changed"` // links
	Same      int `json:"same"`
	Duplicate int `json:"duplicate"`
	Repeats   int `json:"repeats"`
	Skipped   int `json:"skipped"`
	Warnings  int `json:"warnings"`
	Notes     int `json:"notes"`
	Lost      int `json:"lost"`
	NewLost   int `json:"new_lost"`

	Refused intake.Refusals     `json:"refused"`
	Damage  intake.Refusals     `json:"damage"`
	Credits store.CreditChanges `json:"credits"`
}

func outcomeOf(m store.Import) (outcome, error) {
	var o outcome
	if m.Outcome == "" {
		return o, nil
	}
	if err := json.Unmarshal([]byte(m.Outcome), &o); err != nil {
		return o, fmt.Errorf("outcome of import %d: %w", m.ID, err)
	}
	return o, nil
}

// runImport starts the import as a job. A second press of the button leads to
// the one that runs.
func (s *Server) runImport(w http.ResponseWriter, r *http.Request) error {
	m, setup, _, err := s.openImport(r)
	if err != nil {
		return err
	}
	ctx, path := r.Context(), importPath(m.ID)
	if editable(m) && !setup.Ready {
		return s.redirect(w, r, path+"/map")
	}
	err = s.Store.MoveImport(ctx, m.ID, intake.Queued, "", intake.Uploaded, intake.Failed)
	if fault.Is(err, fault.Conflict) {
		return s.redirect(w, r, path)
	}
	if err != nil {
		return err
	}
	if err := s.Store.Audit(ctx, s.by(r), "import_started", m.FileName, m.Kind); err != nil {
		return err
	}
	if err := s.enqueue(r, m.ID); err != nil {
		s.Log.Error("import not started", "id", visitOf(ctx).id, "import", m.ID, "err", err)
	}
	return s.redirect(w, r, path)
}

// enqueue hands an import to the jobs, or runs it here where there are none.
// One that cannot be handed over has failed and may be tried again.
func (s *Server) enqueue(r *http.Request, id int64) error {
	if s.Enqueue == nil {
		return intake.Run(r.Context(), s.Store, s.dataDir(), id)
	}
	err := s.Enqueue(r.Context(), id)
	if err != nil {
		if end := s.Store.FinishImport(r.Context(), id, intake.Failed, nil, "The import could not be started. Try again in a minute."); end != nil {
			return end
		}
	}
	return err
}

// showImport is where an import stands: running, or how it ended.
func (s *Server) showImport(w http.ResponseWriter, r *http.Request) error {
	m, setup, _, err := s.openImport(r)
	if err != nil {
		return err
	}
	if m.State == intake.Uploaded {
		next := "/map"
		if setup.Ready {
			next = "/check"
		}
		return s.redirect(w, r, importPath(m.ID)+next)
	}
	v := templates.ImportResult{CSRF: s.csrfToken(w, r), Kind: m.Kind, File: m.FileName}
	p := Page{Nav: "imports"}
	switch m.State {
	case intake.Done, intake.Failed:
		o, err := outcomeOf(m)
		if err != nil {
			return err
		}
		s.resultView(r, &v, m, o)
	default:
		job := s.importJob(m, setup)
		job.Events = importPath(m.ID) + "/events"
		v.Title, v.Lead, v.Job = "Importing", "You can leave this page: the import goes on.", &job
		p.SSE, p.Refresh = true, 3
	}
	p.Title, p.Body = v.Title, templates.ImportResultPage(v)
	return s.show(w, r, p)
}

// importJob is the progress of an import that has not ended.
func (s *Server) importJob(m store.Import, setup intake.Setup) templates.Job {
	job := templates.Job{ID: "import-job", Title: "Waiting for its turn", Max: setup.Rows}
	rows, runs := intake.Progress(s.Store, m.ID)
	if runs || m.State == intake.Running {
		job.Title, job.Value = "Saving rows", min(max(rows, m.Progress), setup.Rows)
		job.Of = fmt.Sprintf("%s of %s", grouped(job.Value), counted(setup.Rows, "row", "rows"))
		if job.Value == setup.Rows {
			job.Title = "Matching links and pitches"
		}
	}
	return job
}

// streamImport sends how far an import is.
func (s *Server) streamImport(w http.ResponseWriter, r *http.Request) error {
	return s.stream(w, r, func() (look, error) {
		m, setup, _, err := s.openImport(r)
		if err != nil {
			return look{}, err
		}
		if m.State == intake.Uploaded {
			return look{}, fault.New(fault.NotFound, "This import has not been started.")
		}
		job := s.importJob(m, setup)
		if m.State == intake.Done || m.State == intake.Failed {
			job = templates.Job{ID: job.ID, Title: "Done"}
			return look{over: true, show: templates.ImportEnded(job, importPath(m.ID))}, nil
		}
		return look{seen: fmt.Sprint(job.Title, job.Of), show: templates.JobState(job)}, nil
	})
}
