package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"
)

var decisionParams = []string{"who", "kind", "in", "from", "to"}

// readDecisionFilter reads the address of the log of decisions.
func readDecisionFilter(r *http.Request) (store.DecisionFilter, url.Values, error) {
	in := r.URL.Query()
	params := keepParams(in, decisionParams)
	f := store.DecisionFilter{Account: positive(in.Get("who")), Site: positive(in.Get("in")), Kind: store.DecisionKind(in.Get("kind")), After: cut(in.Get("after"), 80)}
	known := f.Kind == ""
	for _, k := range decisionKinds {
		known = known || k == f.Kind
	}
	if !known {
		return f, params, fault.New(fault.Invalid, "There are no decisions called %q.", cut(string(f.Kind), 40))
	}
	var err error
	f.From, f.To, err = readPeriod(in)
	return f, params, err
}

// listDecisions shows what people decided, on all sites, newest first.
func (s *Server) listDecisions(w http.ResponseWriter, r *http.Request) error {
	f, params, err := readDecisionFilter(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	list, next, err := s.Store.ListDecisions(ctx, f)
	if err != nil {
		return err
	}
	people, err := s.Store.Accounts(ctx, s.Config.Idle)
	if err != nil {
		return err
	}
	sites, err := s.Store.Sites(ctx)
	if err != nil {
		return err
	}
	v := templates.DecisionLog{Who: params.Get("who"), Kind: params.Get("kind"), In: params.Get("in"), From: f.From.String(), To: f.To.String(),
		People: append([]templates.Option{{Label: "Everyone"}}, ownerOptions(people, f.Account)...), Kinds: []templates.Option{{Label: "Any decision"}}, Sites: []templates.Option{{Label: "All sites"}},
		Export: listAddress("/settings/decisions.csv", params), Filtered: len(params) > 0}
	for _, k := range decisionKinds {
		v.Kinds = append(v.Kinds, templates.Option{Value: string(k), Label: kindWord(k)})
	}
	for _, x := range sites {
		v.Sites = append(v.Sites, templates.Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Host})
	}
	for _, d := range list {
		v.Rows = append(v.Rows, decisionRow(d))
	}
	if f.After != "" {
		v.Newest = listAddress("/settings/decisions", params)
	}
	if next != "" {
		v.Older = listAddress("/settings/decisions", params, "after", next)
	}
	return s.show(w, r, Page{Title: "Decisions", Nav: "settings", Body: templates.DecisionLogBody(v)})
}

func decisionRow(d store.LoggedDecision) templates.DecisionRow {
	row := templates.DecisionRow{When: whenTime(d.At), Who: d.Who, What: kindWord(d.Kind), Link: weburl.Display(d.SourceURL), LinkHref: linkPath(d.LinkID), Site: d.Site, Note: d.Note, Undone: d.Undone,
		From: logState(d.From, d.FromPitch, d.FromSubject), To: logState(d.To, d.ToPitch, d.ToSubject)}
	if d.Batch != 0 {
		row.Batch = "at once, no. " + strconv.FormatInt(d.Batch, 10)
	}
	if d.Band != "" {
		row.Proposed = d.Band + " " + strconv.Itoa(d.Score) + "%"
	}
	return row
}

func logState(st store.State, pitch int64, subject string) templates.Link {
	l := templates.Link{Label: stateText(st, 0)}
	if pitch != 0 {
		l.Href = pitchPath(pitch)
		l.Label += ": " + creditTitle(store.Credit{PitchID: pitch, Subject: subject})
	}
	return l
}

// exportDecisions sends the log as CSV, read in pages.
func (s *Server) exportDecisions(w http.ResponseWriter, r *http.Request) error {
	f, _, err := readDecisionFilter(r)
	if err != nil {
		return err
	}
	f.Limit, f.After = 1000, ""
	head := []string{"decision_id", "at", "who", "decision", "site", "source_url", "target_url", "link_id", "from_state", "from_pitch", "to_state", "to_pitch", "proposed_band", "proposed_score",
		"rule_version", "batch", "undone", "note"}
	return s.sendCSV(w, r, "decisions", store.Site{Host: "all-sites"}, head, func(row func(...string) error) error {
		for {
			list, next, err := s.Store.ListDecisions(r.Context(), f)
			if err != nil {
				return err
			}
			for _, d := range list {
				number := func(n int64) string {
					if n == 0 {
						return ""
					}
					return strconv.FormatInt(n, 10)
				}
				if err := row(number(d.ID), d.At.Format(time.RFC3339), d.Who, string(d.Kind), d.Site, d.SourceURL, d.TargetURL, number(d.LinkID), string(d.From), number(d.FromPitch),
					string(d.To), number(d.ToPitch), d.Band, strconv.Itoa(d.Score), strconv.Itoa(d.Rules), number(d.Batch), strconv.FormatBool(d.Undone), d.Note); err != nil {
					return err
				}
			}
			if f.After = next; next == "" {
				return nil
			}
		}
	})
}

// pitchDecisions is what people decided on the links of a pitch, newest first.
func pitchDecisions(pitch int64, list []store.Decision) (out []templates.Event) {
	for _, d := range list {
		e := decidedWords[d.Kind]
		switch {
		case d.ToPitch == pitch && d.Kind != store.Undo:
			e.Text = "a link is this pitch’s"
		case d.FromPitch == pitch && d.ToPitch != 0:
			e.Text = "a link was moved to pitch " + strconv.FormatInt(d.ToPitch, 10)
		case d.Kind == store.Undo:
			e.Text = "a decision on a link was taken back"
		default:
			e.Text = "a link is not this pitch’s"
		}
		e.Href = linkPath(d.LinkID)
		e.Time, e.Sub, e.Quote = instantTime(d.At), d.Who, d.Note
		out = append(out, e)
	}
	return out
}
