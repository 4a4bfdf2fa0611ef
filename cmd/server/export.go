package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"landed/internal/attribution"
	"landed/internal/backlinks"
	"landed/internal/config"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
)

type exportCmd struct{ config.Export }

// Run writes one row per pitch or link. The columns are an interface: new ones
// go to the end.
func (c *exportCmd) Run(a *app) error {
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		var site int64
		if c.Site != "" {
			s, err := st.SiteByHost(ctx, c.Site)
			if err != nil {
				return err
			}
			site = s.ID
		}
		if err := st.Audit(ctx, store.CommandLine, "exported", c.Args.What, c.Site); err != nil {
			return err
		}
		out, err := a.output(c.Out)
		if err != nil {
			return err
		}
		buf := bufio.NewWriterSize(out, 1<<16)
		rows := newRowWriter(buf, c.Format)
		switch c.Args.What {
		case "pitches":
			err = exportPitches(ctx, st, site, rows)
		case "links":
			err = exportLinks(ctx, st, site, rows)
		case "credits":
			err = exportCredits(ctx, st, site, rows)
		}
		if err == nil {
			err = rows.end()
		}
		if err == nil {
			err = buf.Flush()
		}
		return out.finish(err)
	})
}

var linkHeader = []string{"link_id", "source_url", "target_url", "anchor", "rel", "authority", "authority_metric", "first_seen", "last_seen", "lost_on", "lost_reason",
	"site", "source_domain", "title", "author", "kind", "http_code", "lost_reason_said", "provider", "unkeyed_reason"}

func exportLinks(ctx context.Context, st *store.Store, site int64, rows *rowWriter) error {
	hosts, err := siteHosts(ctx, st)
	if err != nil {
		return err
	}
	if err := rows.begin(linkHeader); err != nil {
		return err
	}
	return st.EachLink(ctx, site, func(l store.LinkRow) error {
		return rows.write(id(l.ID), l.SourceURL, l.TargetURL, l.Anchor, l.Rel, authority(l), string(l.Metric), l.FirstSeen.String(), l.LastSeen.String(),
			l.LostOn.String(), string(l.LostReason), hosts[l.SiteID], l.Domain, l.Title, l.Author, string(l.Kind), optional(l.HTTPCode), l.LostSaid, l.Provider, l.Unkeyed)
	})
}

var creditHeader = []string{"link_id", "source_url", "target_url", "first_seen", "lost_on", "pitch_id", "pitch_ref", "outlet", "score", "band", "state", "reasons",
	"site", "owner", "contested"}

func exportCredits(ctx context.Context, st *store.Store, site int64, rows *rowWriter) error {
	hosts, err := siteHosts(ctx, st)
	if err != nil {
		return err
	}
	if err := rows.begin(creditHeader); err != nil {
		return err
	}
	return st.EachLink(ctx, site, func(l store.LinkRow) error {
		c := l.Credit
		pitch, score := "", ""
		if c.PitchID != 0 {
			pitch, score = id(c.PitchID), strconv.Itoa(c.Score)
		}
		state := string(c.State)
		if c.State == store.StatePossible {
			state = "" // folded away: nothing is asked of anybody
		}
		return rows.write(id(l.ID), l.SourceURL, l.TargetURL, l.FirstSeen.String(), l.LostOn.String(), pitch, c.PitchRef, c.Outlet, score,
			string(c.Band), state, reasonsText(c.Reasons), hosts[l.SiteID], c.Owner, contested(c))
	})
}

func exportPitches(ctx context.Context, st *store.Store, site int64, rows *rowWriter) error {
	hosts, err := siteHosts(ctx, st)
	if err != nil {
		return err
	}
	if err := rows.begin(append(pitches.ExportHeader(true), "site")); err != nil {
		return err
	}
	return st.EachPitch(ctx, site, func(p pitches.Pitch) error {
		return rows.write(append(pitches.ExportCells(&p, true), hosts[p.SiteID])...)
	})
}

func siteHosts(ctx context.Context, st *store.Store) (map[int64]string, error) {
	sites, err := st.Sites(ctx)
	out := map[int64]string{}
	for _, s := range sites {
		out[s.ID] = s.Host
	}
	return out, err
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func optional(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func authority(l store.LinkRow) string {
	if l.Metric == backlinks.MetricNone {
		return ""
	}
	return strconv.FormatFloat(l.Authority, 'f', -1, 64)
}

func contested(c store.Credit) string {
	if c.Contested {
		return "yes"
	}
	return ""
}

// reasonsText is "same_host +60; in_window +20 (12)", as signed points that add up.
func reasonsText(rs []attribution.Reason) string {
	b := []byte(nil)
	for i, r := range rs {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = append(b, r.Code...)
		b = append(b, ' ')
		if r.Points >= 0 {
			b = append(b, '+')
		}
		b = strconv.AppendInt(b, int64(r.Points), 10)
		if r.Detail != "" {
			b = append(append(append(b, " ("...), r.Detail...), ')')
		}
	}
	return string(b)
}

// rowWriter prints rows as CSV, guarded against spreadsheet formulas, or as a
// JSON list of objects.
type rowWriter struct {
	to     io.Writer
	csv    *csv.Writer // nil for JSON
	header []string
	keys   [][]byte
	n      int
	line   []byte
}

func newRowWriter(to io.Writer, format string) *rowWriter {
	w := &rowWriter{to: to}
	if format == "csv" {
		w.csv = csv.NewWriter(to)
	}
	return w
}

func (w *rowWriter) begin(header []string) error {
	w.header = header
	if w.csv != nil {
		return w.csv.Write(header)
	}
	for _, h := range header {
		key, err := json.Marshal(h)
		if err != nil {
			return err
		}
		w.keys = append(w.keys, key)
	}
	_, err := io.WriteString(w.to, "[")
	return err
}

func (w *rowWriter) write(cells ...string) error {
	w.n++
	if w.csv != nil {
		for i, c := range cells {
			cells[i] = tabular.Safe(c)
		}
		return w.csv.Write(cells)
	}
	w.line = w.line[:0]
	if w.n > 1 {
		w.line = append(w.line, ',')
	}
	w.line = append(w.line, "\n{"...)
	for i, c := range cells {
		if i > 0 {
			w.line = append(w.line, ", "...)
		}
		value, err := json.Marshal(c)
		if err != nil {
			return err
		}
		w.line = append(append(append(w.line, w.keys[i]...), ": "...), value...)
	}
	w.line = append(w.line, '}')
	_, err := w.to.Write(w.line)
	return err
}

func (w *rowWriter) end() error {
	if w.csv != nil {
		w.csv.Flush()
		return w.csv.Error()
	}
	_, err := io.WriteString(w.to, "\n]\n")
	return err
}
