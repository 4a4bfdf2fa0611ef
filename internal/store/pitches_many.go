package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"landed/internal/day"
	"landed/internal/pitches"
)

// filledByPitches are the tables that an import of pitches fills. When it is the
// first of a workspace their indexes are made afterwards, see filled.
var filledByPitches = []string{"outlet", "pitch", "pitch_event", "pitch_domain"}

// manyPitches is from where making the indexes anew is cheaper than keeping them
// row by row.
const manyPitches = 1000

// manyWriter is what a pitchWriter of many pitches has besides: it leaves to the
// end what costs less for all of them at once.
type manyWriter struct {
	idle    bool                  // the site has nothing that pitches could be matched with
	first   bool                  // the site had no pitch before this transaction
	all     []cohortPitch         // then all that it has now, for its cohorts
	cohorts map[cohortKey]*Cohort // instead of all if also idle: no link is credited to them
	claims  []pitchClaim          // rows of pitch_domain to be written
	dropped []string              // statements that make the indexes again
}

type pitchClaim struct{ domain, pitch int64 }

// compare orders as the table's key does.
func (c pitchClaim) compare(d pitchClaim) int {
	return cmp.Or(cmp.Compare(c.domain, d.domain), cmp.Compare(c.pitch, d.pitch))
}

// prepareMany is for an import of n pitches.
func (w *pitchWriter) prepareMany(n int) error {
	if n <= manyDomains {
		return nil
	}
	m := &manyWriter{claims: make([]pitchClaim, 0, n)}
	var linked, any, mine bool
	first, last := seenBetween(w.site, day.None, day.None)
	err := w.tx.QueryRowContext(w.ctx, `SELECT EXISTS (SELECT 1 FROM link WHERE seen BETWEEN $2 AND $3) OR EXISTS (SELECT 1 FROM refdomain WHERE seen BETWEEN $2 AND $3)
		OR EXISTS (SELECT 1 FROM credit WHERE site_id = $1) OR EXISTS (SELECT 1 FROM outlet_mark WHERE site_id = $1),
		EXISTS (SELECT 1 FROM pitch), EXISTS (SELECT 1 FROM pitch WHERE site_id = $1)`, w.site, first, last).Scan(&linked, &any, &mine)
	if err != nil {
		return err
	}
	m.idle, m.first, w.many = !linked, !mine, m
	w.outlets = make(map[string]*knownOutlet, n)
	if m.first && m.idle {
		m.cohorts = map[cohortKey]*Cohort{}
	} else if m.first {
		m.all = make([]cohortPitch, 0, n)
	}
	if !any && n >= manyPitches {
		if m.dropped, err = takeIndexes(w.ctx, w.tx, filledByPitches...); err != nil {
			return err
		}
	}
	return w.loadOutlets()
}

// takeIndexes drops the indexes of tables and gives the statements that make
// them again.
func takeIndexes(ctx context.Context, tx *sql.Tx, tables ...string) ([]string, error) {
	var names, again []string
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var name, ddl string
		err := rows.Scan(&name, &ddl)
		names, again = append(names, name), append(again, ddl)
		return err
	}, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN `+marks(1, len(tables)), anys(tables)...)
	for i := 0; err == nil && i < len(names); i++ {
		_, err = tx.ExecContext(ctx, `DROP INDEX `+names[i])
	}
	return again, err
}

// putIndexes makes indexes again that takeIndexes took.
func putIndexes(ctx context.Context, tx *sql.Tx, again []string) error {
	for _, ddl := range again {
		if _, err := tx.ExecContext(ctx, ddl); err != nil {
			return err
		}
	}
	return nil
}

// created notes one of a site's first pitches.
func (w *pitchWriter) created(p *pitches.Pitch) {
	if !p.SentOn.Known() || p.Status == pitches.Draft {
		return
	}
	sent := w.days.of(p.SentOn)
	c := cohortPitch{id: p.ID, key: newCohortKey(sent, p.OwnerID, p.OwnerName, p.Campaign), sent: sent, status: p.Status,
		replied: p.RepliedOn.Known(), cents: p.CostCents, currency: p.Currency}
	if w.many.idle {
		addToCohort(w.many.cohorts, &c)
	} else {
		w.many.all = append(w.many.all, c)
	}
}

// finishMany writes what was left to the end.
func (w *pitchWriter) finishMany() error {
	// In the order of the table's key, so that each row goes behind the last.
	slices.SortFunc(w.many.claims, pitchClaim.compare)
	for part := range slices.Chunk(w.many.claims, claimsAtOnce) {
		w.args = w.args[:0]
		for _, c := range part {
			w.args = append(w.args, c.domain, c.pitch)
		}
		insert := insertClaims
		if len(part) < claimsAtOnce {
			insert = claimRows(len(part))
		}
		if err := w.exec(insert, w.args...); err != nil {
			return err
		}
	}
	return nil
}

// claimsAtOnce is how many rows one statement inserts.
const claimsAtOnce = 32

var insertClaims = claimRows(claimsAtOnce)

func claimRows(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO pitch_domain (domain_id, pitch_id) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(marks(1+2*i, 2))
	}
	return b.String()
}

// createdEvents begins the timelines of the new pitches from first to last, whose
// ids follow each other; 0 is none.
func (w *pitchWriter) createdEvents(first, last int64) error {
	if w.many == nil || first == 0 {
		return nil
	}
	id, err := w.id("pitch_event")
	if err != nil {
		return err
	}
	w.ids["pitch_event"] = id + last - first
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO pitch_event (id, pitch_id, at, account_id, who, kind, from_value, to_value, note)
		SELECT id + $1, id, created_at, $2, $3, 'created', '', status, source FROM pitch WHERE id BETWEEN $4 AND $5 ORDER BY id`,
		id-first, w.by.AccountID, w.by.Name, first, last)
	return err
}
