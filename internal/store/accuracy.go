package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"landed/internal/attribution"
	"landed/internal/day"
)

// Verdicts is how often people agreed with proposals of one kind.
type Verdicts struct{ Right, Wrong int }

// VerdictsByBand counts verdicts by the band of the proposal, see VerdictBands.
func (s *Store) VerdictsByBand(ctx context.Context, site int64) (map[string]Verdicts, error) {
	return s.countVerdicts(ctx, `SELECT band, is_right, COUNT(*) FROM verdict WHERE site_id = $1 GROUP BY band, is_right`, site)
}

// VerdictsByReason counts verdicts by the reasons of the proposal; a verdict is
// counted with each of them.
func (s *Store) VerdictsByReason(ctx context.Context, site int64) (map[string]Verdicts, error) {
	return s.countVerdicts(ctx, `SELECT code, is_right, COUNT(*) FROM verdict_reason WHERE site_id = $1 GROUP BY code, is_right`, site)
}

func (s *Store) countVerdicts(ctx context.Context, query string, site int64) (map[string]Verdicts, error) {
	out := map[string]Verdicts{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var key string
		var right bool
		var n int
		err := rows.Scan(&key, &right, &n)
		v := out[key]
		if right {
			v.Right += n
		} else {
			v.Wrong += n
		}
		out[key] = v
		return err
	}, query, site)
	return out, classify(err, "verdicts")
}

// OlderDecisions counts decisions on proposals of which the log does not say what
// they were: those of before it kept it.
func (s *Store) OlderDecisions(ctx context.Context, site int64) (int, error) {
	var n int
	// All of these few are read, whatever their site; that ids are above 0 puts their index in use.
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM decision d CROSS JOIN link l ON l.id = d.link_id
		WHERE d.link_id > 0 AND d.band_before = '' AND d.kind <> 'undo' AND d.from_state IN ('auto', 'suggested', 'possible') AND l.site_id = $1`, site).Scan(&n)
	return n, classify(err, "older decisions")
}

// ProposalScores counts proposals by score, where the score alone decides whether
// a link is credited automatically: those decided on, by whether people agreed,
// and those that nobody has decided on.
func (s *Store) ProposalScores(ctx context.Context, site int64) (right, wrong, open [101]int, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var score, n int
		var ok bool
		err := rows.Scan(&score, &ok, &n)
		if ok {
			right[min(max(score, 0), 100)] += n
		} else {
			wrong[min(max(score, 0), 100)] += n
		}
		return err
	}, `SELECT score, is_right, COUNT(*) FROM verdict WHERE site_id = $1 AND automatic = TRUE GROUP BY score, is_right`, site)
	if err == nil {
		err = each(ctx, s.read, func(rows *sql.Rows) error {
			var score, n int
			err := rows.Scan(&score, &n)
			open[min(max(score, 0), 100)] += n
			return err
		}, `SELECT c.score, COUNT(*) FROM credit c WHERE c.site_id = $1 AND `+automaticCredit+` GROUP BY c.score`, site)
	}
	return right, wrong, open, classify(err, "scores of proposals")
}

// SuggestedDays counts the links that wait for a person by the day on which they
// were first seen, oldest first; those without a day come first.
func (s *Store) SuggestedDays(ctx context.Context, site int64) (days []day.Day, n []int, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var on string
		var k int
		err := rows.Scan(&on, &k)
		days, n = append(days, dayOf(on)), append(n, k)
		return err
	}, `SELECT day, suggested FROM daily WHERE site_id = $1 AND suggested > 0 ORDER BY day`, site)
	return days, n, classify(err, "waiting suggestions")
}

// ProposalFilter says which proposals a list shows.
type ProposalFilter struct {
	Site  int64
	Open  bool             // not decided, and decided by the score alone
	Band  string           // of decided ones, see VerdictBands
	Code  attribution.Code // of decided ones
	Right bool             // with Only: those that people agreed with, else those that they did not
	Only  bool
	Score int // at least, of those that the score alone decides; 0 = all

	After string
	Back  bool
	Limit int
}

// ProposalRow is a proposal of the rules, and what became of it.
type ProposalRow struct {
	LinkID, PitchID int64
	Source, Title   string
	Subject, Outlet string // of the pitch
	Score           int
	Band            string
	FirstSeen       day.Day
	Decided         bool
	Right           bool
	At              time.Time // of the decision
	Who             string
	State           State // of an open one
}

// ProposalPage is one page of a list of proposals.
type ProposalPage struct {
	Rows       []ProposalRow
	Prev, Next string
	Total      Total
}

const proposalLimit = 50

// ListProposals lists the rows behind the figures of accuracy: decided ones by
// their decision, open ones by when the link was first seen, latest first.
func (s *Store) ListProposals(ctx context.Context, f ProposalFilter) (ProposalPage, error) {
	var page ProposalPage
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = proposalLimit
	}
	w, from, columns := f.where()
	count := fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d)`, from, w, countLimit+1)
	if err := s.read.QueryRowContext(ctx, count, w.args...).Scan(&page.Total.N); err != nil {
		return page, classify(err, "count proposals")
	}
	if page.Total.N > countLimit {
		page.Total = Total{countLimit, true}
	}
	err := s.keyset(ctx, w, f.After, f.Back, f.Limit, order{by: columns[0], id: columns[1]}, func(order string, limit int) ([]cursor, error) {
		page.Rows = page.Rows[:0]
		var at []cursor
		err := each(ctx, s.read, func(rows *sql.Rows) error {
			var r ProposalRow
			var place, seen, when string
			var id int64
			err := rows.Scan(&place, &id, &r.LinkID, &r.PitchID, &r.Source, &r.Title, &r.Subject, &r.Outlet, &r.Score, &r.Band, &seen, &r.Decided, &r.Right, &when, &r.Who, (*string)(&r.State))
			r.FirstSeen, r.At = dayOf(seen), instant(when)
			page.Rows, at = append(page.Rows, r), append(at, cursor{place, id})
			return err
		}, `SELECT `+columns[0]+`, `+columns[1]+`, l.id, p.id, l.source_url, l.title, p.subject, o.key, `+columns[2]+` FROM `+from+`
			JOIN link l ON l.id = `+columns[3]+` JOIN pitch p ON p.id = `+columns[4]+` JOIN outlet o ON o.id = p.outlet_id WHERE `+w.String()+order+fmt.Sprintf(` LIMIT %d`, limit), w.args...)
		return at, err
	}, func(keep int, reverse bool) { page.Rows = trim(page.Rows, keep, reverse) }, &page.Prev, &page.Next)
	return page, classify(err, "list proposals")
}

// where gives the conditions, the table, and what to read of it: the place in
// the order, the rest of a row, and the ids of link and pitch.
func (f ProposalFilter) where() (w *where, from string, columns [5]string) {
	w = &where{}
	if f.Open {
		w.add(`c.site_id = ?`, f.Site)
		w.add(automaticCredit)
		w.add(`c.score >= ?`, f.Score)
		return w, `credit c`, [5]string{`c.first_seen`, `c.link_id`, `c.score, c.band, l.first_seen, FALSE, FALSE, '', '', c.state`, `c.link_id`, `c.pitch_id`}
	}
	w.add(`v.site_id = ?`, f.Site)
	if f.Band != "" {
		w.add(`v.band = ?`, f.Band)
	}
	if f.Only {
		w.add(`v.is_right = ?`, f.Right)
	}
	if f.Score > 0 {
		w.add(`v.automatic = TRUE AND v.score >= ?`, f.Score)
	}
	if f.Code != "" {
		w.add(`v.decision_id IN (SELECT r.decision_id FROM verdict_reason r WHERE r.site_id = ? AND r.code = ?)`, f.Site, string(f.Code))
	}
	return w, `verdict v JOIN decision d ON d.id = v.decision_id`, [5]string{`v.at`, `v.decision_id`, `v.score, v.band, l.first_seen, TRUE, v.is_right, d.at, d.who, ''`, `v.link_id`, `v.pitch_id`}
}
