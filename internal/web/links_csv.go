package web

import (
	"encoding/csv"
	"mime"
	"net/http"
	"strconv"
	"time"

	"landed/internal/store"
)

func (s *Server) exportBacklinks(w http.ResponseWriter, r *http.Request) error {
	return s.exportLinks(w, r, "/backlinks", "backlinks")
}

func (s *Server) exportLost(w http.ResponseWriter, r *http.Request) error {
	return s.exportLinks(w, r, "/lost", "lost-links")
}

// exportLinks sends the current list as CSV, in its order.
func (s *Server) exportLinks(w http.ResponseWriter, r *http.Request, path, name string) error {
	site, err := s.site(w, r)
	if err != nil {
		return err
	}
	q, err := readLinkQuery(r, path, site.ID)
	if err != nil {
		return err
	}
	head := []string{"link_id", "source_url", "target_url", "title", "anchor", "rel", "kind", "authority", "authority_metric", "first_seen", "last_seen", "lost_on", "lost_reason",
		"lost_said", "state", "score", "pitch_id", "pitch_ref", "pitch", "outlet", "owner", "copy_of_link_id"}
	return s.sendCSV(w, r, name, site, head, func(row func(...string) error) error {
		return s.Store.EachListed(r.Context(), q.filter, func(l store.LinkRow) error {
			c, pitch, points := l.Credit, "", ""
			if c.PitchID != 0 {
				pitch, points = strconv.FormatInt(c.PitchID, 10), strconv.Itoa(c.Score)
			}
			return row(strconv.FormatInt(l.ID, 10), l.SourceURL, l.TargetURL, l.Title, l.Anchor, l.Rel, string(l.Kind), authorityText(l.Authority, string(l.Metric)), string(l.Metric),
				l.FirstSeen.String(), l.LastSeen.String(), l.LostOn.String(), string(l.LostReason), l.LostSaid, string(c.State), points, pitch, c.PitchRef, c.Subject, c.Outlet, c.Owner, copyOf(l.CopyOf))
		})
	})
}

// copyOf is the id of the placement's link; "" for what repeats none.
func copyOf(link int64) string {
	if link == 0 {
		return ""
	}
	return strconv.FormatInt(link, 10)
}

func authorityText(authority float64, metric string) string {
	if metric == "" || authority < 0 {
		return ""
	}
	return strconv.FormatFloat(authority, 'f', -1, 64)
}

// exportFor is how long an export may take to send; its pages have the server's
// usual time for answers.
const exportFor = 10 * time.Minute

// sendCSV streams rows as a download and notes it in the audit log. No cell can
// be read as a formula by a spreadsheet.
func (s *Server) sendCSV(w http.ResponseWriter, r *http.Request, name string, site store.Site, head []string, rows func(row func(...string) error) error) error {
	if err := s.Store.Audit(r.Context(), s.by(r), "exported", name+" of "+site.Host, cut(r.URL.RawQuery, 500)); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportFor)) // the deadline is of the real clock; what records answers in tests has none
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "landed-" + name + "-" + site.Host + ".csv"}))
	out := csv.NewWriter(w)
	err := out.Write(head)
	if err == nil {
		err = rows(func(cells ...string) error {
			for i := range cells {
				cells[i] = harmless(cells[i])
			}
			return out.Write(cells)
		})
	}
	if out.Flush(); err == nil {
		err = out.Error()
	}
	if err != nil {
		s.Log.Error("export cut", "id", visitOf(r.Context()).id, "err", err)
		panic(http.ErrAbortHandler) // the answer is under way: a cut connection shows that it is not whole
	}
	return nil
}
