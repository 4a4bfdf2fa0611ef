package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
)

// SyncRequest is one request of a run to the provider.
type SyncRequest struct {
	ID       int64     `json:"id"`
	Step     string    `json:"step"`
	At       time.Time `json:"at"` // when it was sent
	Endpoint string    `json:"endpoint"`
	Status   int       `json:"status,omitempty"` // HTTP status; 0 = no answer
	OK       bool      `json:"ok"`
	Outcome  string    `json:"outcome"` // in words
	Rows     int       `json:"rows"`
	Units    int       `json:"units"`
	Cached   bool      `json:"cached,omitempty"` // the provider had the answer ready and charged nothing
	Ms       int       `json:"ms"`
}

const requestColumns = `id, step, at, endpoint, status, ok, outcome, row_count, units, cached, ms`

const listRequests = `SELECT ` + requestColumns + ` FROM sync_request WHERE run_id = $1 AND id > $2 ORDER BY id LIMIT $3`

// SyncRequests lists the requests of a run in their order, those after an id (0 =
// from the first). next is what to pass as after for the page that follows; 0
// when there is none.
func (s *Store) SyncRequests(ctx context.Context, run, after int64, limit int) (list []SyncRequest, next int64, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) error {
		var r SyncRequest
		var at string
		err := rows.Scan(&r.ID, &r.Step, &at, &r.Endpoint, &r.Status, &r.OK, &r.Outcome, &r.Rows, &r.Units, &r.Cached, &r.Ms)
		r.At = instant(at)
		list = append(list, r)
		return err
	}, listRequests, run, after, limit+1)
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	return list, next, classify(err, "list the requests of a sync")
}

// spend notes what requests cost, for their step, run, site and month, and frees
// what was reserved for them.
func (s *Store) spend(ctx context.Context, tx *sql.Tx, run int64, step string, cost backlinks.Cost, requests []SyncRequest) error {
	for _, r := range requests {
		id, err := nextID(ctx, tx, "sync_request")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sync_request (id, run_id, step, at, endpoint, status, ok, outcome, row_count, units, cached, ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, id, run, step, stamp(r.At), r.Endpoint, r.Status, r.OK, r.Outcome, r.Rows, r.Units, r.Cached, r.Ms)
		if err != nil {
			return err
		}
	}
	if cost == (backlinks.Cost{}) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE sync_step SET requests = requests + $3, units = units + $4 WHERE run_id = $1 AND step = $2`, run, step, cost.Requests, cost.Units)
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE sync_run SET requests = requests + $2, units = units + $3, reserved_units = 0 WHERE id = $1`, run, cost.Requests, cost.Units)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO unit_month (month, site_id, requests, units) SELECT $2, site_id, $3, $4 FROM sync_run WHERE id = $1
			ON CONFLICT (month, site_id) DO UPDATE SET requests = unit_month.requests + excluded.requests, units = unit_month.units + excluded.units`,
			run, monthOf(s.Now()), cost.Requests, cost.Units)
	}
	return err
}

func monthOf(t time.Time) string { return t.UTC().Format("2006-01") }

// SiteUnits is what a site's syncs used up in a calendar month (UTC).
type SiteUnits struct {
	Month    string // 2026-03
	SiteID   int64
	Requests int
	Units    int
}

const (
	unitsOfAll  = `SELECT month, site_id, requests, units FROM unit_month WHERE month BETWEEN $1 AND $2 ORDER BY month, site_id`
	unitsOfSite = `SELECT month, site_id, requests, units FROM unit_month WHERE site_id = $3 AND month BETWEEN $1 AND $2 ORDER BY month`
)

// Units lists what was used up between two months ("2026-03"), both included, by
// month, then site; of one site or, with 0, of all. Months without a request are
// left out.
func (s *Store) Units(ctx context.Context, site int64, from, to string) ([]SiteUnits, error) {
	query, args := unitsOfAll, []any{from, to}
	if site != 0 {
		query, args = unitsOfSite, append(args, site)
	}
	var out []SiteUnits
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var u SiteUnits
		err := rows.Scan(&u.Month, &u.SiteID, &u.Requests, &u.Units)
		out = append(out, u)
		return err
	}, query, args...)
	return out, classify(err, "units by month")
}

// SyncBudget is how much syncs may cost. 0 = no cap.
type SyncBudget struct {
	MonthUnits  int `json:"month_units"`  // of all sites in a calendar month (UTC)
	RunUnits    int `json:"run_units"`    // of one sitting of a run
	WarnPercent int `json:"warn_percent"` // of MonthUnits from where to warn
}

// DefaultSyncBudget stops a first sync that would use up a third of a usual
// month's allowance (150,000 units) before anybody has looked at it.
var DefaultSyncBudget = SyncBudget{RunUnits: 50_000, WarnPercent: 80}

const budgetKey = "sync.budget"

// SyncBudget is the workspace's budget.
func (s *Store) SyncBudget(ctx context.Context) (SyncBudget, error) {
	b, err := budget(ctx, s.read)
	return b, classify(err, "read the sync budget")
}

func budget(ctx context.Context, q querier) (SyncBudget, error) {
	b := DefaultSyncBudget
	text, ok, err := config(ctx, q, budgetKey)
	if err == nil && ok {
		err = json.Unmarshal([]byte(text), &b)
	}
	return b, err
}

// SetSyncBudget changes the budget. Runs that wait for units may try again at once.
func (s *Store) SetSyncBudget(ctx context.Context, by By, b SyncBudget) error {
	for field, n := range map[string]int{"month_units": b.MonthUnits, "run_units": b.RunUnits} {
		if n < 0 || n > 1_000_000_000 {
			return fault.Field(field, "A cap is a number of units from 1 to 1,000,000,000, or 0 for none.")
		}
	}
	if b.WarnPercent < 1 || b.WarnPercent > 100 {
		return fault.Field("warn_percent", "The warning comes at 1 to 100 percent of the month’s cap.")
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return s.tx(ctx, "change the sync budget", func(tx *sql.Tx) error {
		before, _, err := config(ctx, tx, budgetKey)
		if err != nil || before == string(text) {
			return err
		}
		if err := setConfig(ctx, tx, budgetKey, string(text)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sync_run SET wait_until = $1 WHERE state = 'waiting' AND wait_for IN ('month', 'run')`, stamp(s.Now())); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "setting", budgetKey, before+" to "+string(text))
	})
}

// BudgetState is how the month stands.
type BudgetState struct {
	SyncBudget
	Month    string // 2026-03
	Requests int
	Units    int  // spent in the month
	Left     int  // -1 = no cap
	Warn     bool // Units have reached WarnPercent of the cap
	ResetsAt time.Time
}

// BudgetState reads how the running month stands.
func (s *Store) BudgetState(ctx context.Context) (BudgetState, error) {
	b, err := s.budgetState(ctx, s.read)
	return b, classify(err, "units of the month")
}

const unitsOfMonth = `SELECT COALESCE(SUM(requests), 0), COALESCE(SUM(units), 0) FROM unit_month WHERE month = $1`

func (s *Store) budgetState(ctx context.Context, q querier) (BudgetState, error) {
	now := s.Now().UTC()
	b := BudgetState{Month: monthOf(now), Left: -1, ResetsAt: time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)}
	var err error
	if b.SyncBudget, err = budget(ctx, q); err != nil {
		return b, err
	}
	if err := q.QueryRowContext(ctx, unitsOfMonth, b.Month).Scan(&b.Requests, &b.Units); err != nil {
		return b, err
	}
	if b.MonthUnits > 0 {
		b.Left = max(0, b.MonthUnits-b.Units)
		b.Warn = b.Units*100 >= b.MonthUnits*b.WarnPercent
	}
	return b, nil
}

// Reserve sets units aside for a run's next request. price says what it may cost
// at most when left are to be had (-1 = no cap), and whether that is enough to
// ask at all; if not, why is the cap that stands in the way. Two processes cannot
// both take the last units: what is reserved counts as spent until the request's
// page is saved.
func (s *Store) Reserve(ctx context.Context, run int64, price func(left int) (units int, ok bool)) (why SyncWait, err error) {
	b, err := s.SyncBudget(ctx)
	if err != nil {
		return "", err
	}
	if b.MonthUnits == 0 && b.RunUnits == 0 { // the usual case of a cap of none needs no write
		price(-1)
		return "", nil
	}
	err = s.tx(ctx, "reserve units", func(tx *sql.Tx) error {
		state, err := s.budgetState(ctx, tx)
		if err != nil {
			return err
		}
		var units, limit, from, others int
		err = tx.QueryRowContext(ctx, reserveLeft, run).Scan(&units, &limit, &from, &others)
		if err != nil {
			return err
		}
		left, what := -1, SyncWait("")
		if state.Left >= 0 {
			left, what = max(0, state.Left-others), WaitMonth
		}
		if mine := max(0, limit-(units-from)); limit > 0 && (left < 0 || mine < left) {
			left, what = mine, WaitRun
		}
		n, ok := price(left)
		if why = ""; !ok {
			why = what
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE sync_run SET reserved_units = $2 WHERE id = $1`, run, n)
		return err
	})
	return why, err
}

const reserveLeft = `SELECT units, cap_units, cap_from, (SELECT COALESCE(SUM(reserved_units), 0) FROM sync_run o WHERE o.state = 'running' AND o.id <> $1) FROM sync_run WHERE id = $1`

const (
	pastOf = `SELECT p.from_on, p.to_on, p.settled_on, p.row_count, p.late_count FROM sync_run r CROSS JOIN sync_step p WHERE r.site_id = $1 AND r.state = 'done'
		AND p.run_id = r.id AND p.step = $2`
	pastRows   = pastOf + ` ORDER BY r.id DESC LIMIT $3`
	pastChecks = pastOf + ` AND p.from_on < p.settled_on ORDER BY r.id DESC LIMIT $3`
)

// PastStep is what a step of a finished run brought.
type PastStep struct {
	From, To, Settled day.Day
	Rows, Late        int
}

// PastSteps are a step's last finished runs of a site, the newest first: what a
// forecast goes by.
func (s *Store) PastSteps(ctx context.Context, site int64, step string, limit int) ([]PastStep, error) {
	return s.pastSteps(ctx, pastRows, site, step, limit)
}

// LastCheck is the newest finished run of a step that asked for settled days
// again; ok is false when none has.
func (s *Store) LastCheck(ctx context.Context, site int64, step string) (last PastStep, ok bool, err error) {
	list, err := s.pastSteps(ctx, pastChecks, site, step, 1)
	if len(list) > 0 {
		last, ok = list[0], true
	}
	return last, ok, err
}

func (s *Store) pastSteps(ctx context.Context, query string, site int64, step string, limit int) ([]PastStep, error) {
	var out []PastStep
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var p PastStep
		var from, to, settled string
		err := rows.Scan(&from, &to, &settled, &p.Rows, &p.Late)
		p.From, p.To, p.Settled = dayOf(from), dayOf(to), dayOf(settled)
		out = append(out, p)
		return err
	}, query, site, step, limit)
	return out, classify(err, "past syncs")
}
