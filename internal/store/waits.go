package store

import (
	"context"
	"database/sql"

	"landed/internal/day"
)

// PitchWait is how long an accepted pitch waited for its first link, or waits.
type PitchWait struct {
	Authority float64 // of the link, or of the outlet that has not linked
	Metric    string
	SentOn    day.Day
	SeenOn    day.Day // None while it waits
}

// waitsAtMost is how many of the latest cases of either kind are looked at: what
// is usual now, at a price that does not grow.
const waitsAtMost = 2000

// PitchWaits lists how long the latest placements of a site took, and how long
// its accepted pitches without a link have waited.
func (s *Store) PitchWaits(ctx context.Context, site int64) ([]PitchWait, error) {
	at := map[int64]int{}
	var out []PitchWait
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var pitch int64
		var w PitchWait
		var sent, seen string
		if err := rows.Scan(&pitch, &sent, &seen, &w.Authority, &w.Metric); err != nil {
			return err
		}
		w.SentOn, w.SeenOn = dayOf(sent), dayOf(seen)
		if i, ok := at[pitch]; ok { // the rows go back in time: this one was earlier
			out[i] = w
			return nil
		}
		at[pitch] = len(out)
		out = append(out, w)
		return nil
	}, `SELECT c.pitch_id, c.sent_on, c.first_seen, l.authority, l.metric FROM credit c JOIN link l ON l.id = c.link_id
		WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed') AND c.first_seen > '' AND c.lead AND c.sent_on <> '' ORDER BY c.first_seen DESC, c.link_id DESC LIMIT $2`, site, waitsAtMost)
	if err != nil {
		return nil, classify(err, "times to link")
	}
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var w PitchWait
		var sent string
		err := rows.Scan(&sent, &w.Authority, &w.Metric)
		w.SentOn = dayOf(sent)
		out = append(out, w)
		return err
	}, `SELECT p.sent_on, o.authority, o.metric FROM pitch p JOIN outlet o ON o.id = p.outlet_id WHERE p.site_id = $1 AND p.deleted_at = '' AND p.status = 'accepted'
		AND p.sent_on > '' AND NOT `+hasCredit+` ORDER BY p.sent_on DESC, p.id DESC LIMIT $2`, site, waitsAtMost)
	return out, classify(err, "pitches without a link")
}

// Overdue says since when accepted pitches without a link are overdue: sent
// before the day, by the outlet's Domain Rating. None is never.
type Overdue struct {
	From70, From50, Below50, Unknown day.Day
}

// where adds the condition to a list of pitches.
func (o *Overdue) where(w *where) {
	w.add(`p.status = 'accepted' AND p.sent_on > '' AND NOT ` + hasCredit)
	w.add(`p.sent_on < CASE WHEN o.metric <> 'DR' THEN ? WHEN o.authority >= 70 THEN ? WHEN o.authority >= 50 THEN ? ELSE ? END`,
		o.Unknown.String(), o.From70.String(), o.From50.String(), o.Below50.String())
}
