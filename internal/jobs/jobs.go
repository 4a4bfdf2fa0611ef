// Package jobs runs long and scheduled work as River jobs that survive the end
// of the process. It is the only package that knows River.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

const (
	// River polls for jobs whose time has come; what this process enqueues is
	// fetched at once.
	pollEvery = 5 * time.Second

	jobLimit    = 3 * time.Hour // longer than any job may take by its own rules
	rescueAfter = jobLimit + time.Hour
	dueEvery    = time.Hour

	maxTries   = 5
	firstRetry = time.Minute

	// stopGrace is how long Stop waits for a job that has been told to stop.
	stopGrace = 5 * time.Second
)

// Work is what the jobs do. Each function must be safe to run again after it
// was cut off anywhere. What its error says decides what comes next: with a
// method RetryAt() time.Time in its chain the job is put off until then, with
// Permanent() bool or a fault that is somebody's to put right it is given up,
// and otherwise tried again, 5 times in all, from 60 s on.
type Work struct {
	Sync      func(ctx context.Context, site int64) error
	Import    func(ctx context.Context, id int64) error
	Attribute func(ctx context.Context, site int64) error
	Rules     func(ctx context.Context, change int64) error // what a change of the rules waits for

	// Due, asked at the start and every hour, gives the sites whose sync is due.
	// nil = no sync by itself: no provider is configured.
	Due func(ctx context.Context) ([]int64, error)

	// GaveUp, if not nil, is told of a job that will not be tried again: what it
	// was to do stays undone.
	GaveUp func(ctx context.Context, kind string, id int64, err error)

	Log *slog.Logger     // nil = silent
	Now func() time.Time // nil = time.Now; the queue itself runs on the machine's clock
}

// Kinds of jobs, as GaveUp names them.
const (
	KindSync      = "sync"
	KindImport    = "import"
	KindAttribute = "attribute"
	KindRules     = "rules"
	kindDue       = "sync_due"
)

// Client enqueues jobs and, once started, works them.
type Client struct {
	work   Work
	db     *sql.DB
	driver riverdriver.Driver[*sql.Tx]
	river  *river.Client[*sql.Tx]
	quit   context.Context // ends when Stop is called
	stop   context.CancelFunc
}

// Open connects to the database of the store and brings River's own tables up to
// date. Jobs can be enqueued; none is worked before Start. Close or Stop it
// before the store is closed.
func Open(ctx context.Context, path string, work Work) (*Client, error) {
	if work.Log == nil {
		work.Log = slog.New(slog.DiscardHandler)
	}
	if work.Now == nil {
		work.Now = time.Now
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // River's advice for SQLite: its parts would lock each other out
	c := &Client{work: work, db: db, driver: quietDriver{riversqlite.New(db)}}
	c.quit, c.stop = context.WithCancel(context.Background())
	if err := c.prepare(ctx); err != nil {
		c.stop()
		return nil, errors.Join(fmt.Errorf("job queue: %w", err), db.Close())
	}
	return c, nil
}

// dsn waits long for the lock, because an import may hold it for seconds, and
// syncs every commit to the disk: a job that was enqueued must be there after a
// power cut.
func dsn(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(1)", "cache_size(-2000)"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// quietDriver says that it cannot listen. River listens on SQLite by asking a
// table every 50 ms; without, it polls rarely and is told of an insert at once,
// as long as the insert is this client's own.
type quietDriver struct{ *riversqlite.Driver }

func (quietDriver) SupportsListener() bool     { return false }
func (quietDriver) SupportsListenNotify() bool { return false }

func (c *Client) prepare(ctx context.Context) error {
	quiet := slog.New(onlyWarnings{c.work.Log.Handler()})
	if err := migrate(ctx, c.driver, quiet); err != nil {
		return err
	}
	workers := river.NewWorkers()
	for _, err := range []error{
		river.AddWorkerSafely(workers, &worker[syncArgs]{client: c, do: c.work.Sync, quits: true}),
		river.AddWorkerSafely(workers, &worker[importArgs]{client: c, do: c.work.Import}),
		river.AddWorkerSafely(workers, &worker[attributeArgs]{client: c, do: c.work.Attribute, quits: true}),
		river.AddWorkerSafely(workers, &worker[rulesArgs]{client: c, do: c.work.Rules, quits: true}),
		river.AddWorkerSafely(workers, &worker[dueArgs]{client: c, do: c.enqueueDue}),
	} {
		if err != nil {
			return err
		}
	}
	var err error
	c.river, err = river.NewClient(c.driver, &river.Config{
		// A site's sync waits for the network, the rest works the database. One of
		// each at a time: SQLite has one writer and a token one pace.
		Queues:               map[string]river.QueueConfig{queueNet: {MaxWorkers: 1}, queueData: {MaxWorkers: 1}},
		Workers:              workers,
		PeriodicJobs:         c.periodic(),
		PollOnly:             true,
		FetchPollInterval:    pollEvery,
		FetchCooldown:        10 * time.Millisecond,
		JobTimeout:           jobLimit,
		RescueStuckJobsAfter: rescueAfter,
		MaxAttempts:          maxTries,
		Logger:               quiet,
		ReindexerSchedule:    never{}, // for PostgreSQL; SQLite's indexes do not bloat
	})
	return err
}

type never struct{}

func (never) Next(now time.Time) time.Time { return now.AddDate(100, 0, 0) }

func (c *Client) periodic() []*river.PeriodicJob {
	if c.work.Due == nil {
		return nil
	}
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(dueEvery),
		func() (river.JobArgs, *river.InsertOpts) { return dueArgs{}, nil }, nil)}
}

// migrate runs River's migrations when one is missing; to see that none is takes
// three small reads.
func migrate(ctx context.Context, driver riverdriver.Driver[*sql.Tx], log *slog.Logger) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
	if err != nil {
		return err
	}
	have, err := m.ExistingVersions(ctx)
	if err != nil {
		return err
	}
	all := m.AllVersions()
	if len(have) > 0 && have[len(have)-1].Version == all[len(all)-1].Version {
		return nil
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Start works jobs until Stop. A job that a process left behind when it died is
// taken up at once: the data directory has one server, so at this moment
// nobody is working on it.
func (c *Client) Start(ctx context.Context) error {
	if err := c.rescue(ctx); err != nil {
		return fmt.Errorf("job queue: take up what was left behind: %w", err)
	}
	// River would cut all jobs off, even one that saves, when this context ends.
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil || c.work.Due == nil {
		return err
	}
	// Not by RunOnStart: River's own inserts wait for the next poll.
	_, err := c.enqueue(ctx, dueArgs{}, true)
	return err
}

func (c *Client) rescue(ctx context.Context) error {
	exec := c.driver.GetExecutor()
	now := time.Now().UTC()
	left, err := exec.JobGetStuck(ctx, &riverdriver.JobGetStuckParams{Max: 1000, StuckHorizon: now})
	if err != nil || len(left) == 0 {
		return err
	}
	p := &riverdriver.JobRescueManyParams{StuckHorizon: now}
	for _, job := range left {
		p.ID = append(p.ID, job.ID)
		p.Error = append(p.Error, fmt.Appendf(nil, `{"at":%q,"attempt":%d,"error":"the server ended while the job ran","trace":""}`, now.Format(time.RFC3339Nano), job.Attempt))
		p.FinalizedAt = append(p.FinalizedAt, nil)
		p.ScheduledAt = append(p.ScheduledAt, now)
		p.State = append(p.State, string(rivertype.JobStateAvailable))
		c.work.Log.WarnContext(ctx, "job left behind is taken up again", "kind", job.Kind, "job", job.ID)
	}
	_, err = exec.JobRescueMany(ctx, p)
	return err
}

// Stop ends the work: a running sync stops after the page it is at, other jobs
// have 5 s to finish and are then cut off; both go on after the next Start. When
// ctx ends before, running jobs are cut off at once. The client cannot be used
// afterwards.
func (c *Client) Stop(ctx context.Context) error {
	c.stop()
	soft, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	err := c.river.Stop(soft)
	if err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		err = c.river.StopAndCancel(hard)
	}
	return errors.Join(err, c.db.Close())
}

// Close gives up a client that was never started.
func (c *Client) Close() error {
	c.stop()
	return c.db.Close()
}

// EnqueueSync asks for a site's sync, durably. One that is waiting for its time
// is brought forward. added is false when the sync was queued or running already.
func (c *Client) EnqueueSync(ctx context.Context, site int64) (added bool, err error) {
	return c.enqueue(ctx, syncArgs{Site: site}, true)
}

// EnqueueImport asks for an uploaded file to be imported, durably.
func (c *Client) EnqueueImport(ctx context.Context, id int64) (added bool, err error) {
	return c.enqueue(ctx, importArgs{Import: id}, true)
}

// EnqueueAttribute asks for a site's links to be attributed anew, durably.
func (c *Client) EnqueueAttribute(ctx context.Context, site int64) (added bool, err error) {
	return c.enqueue(ctx, attributeArgs{Site: site}, true)
}

// EnqueueRules asks for what a change of the rules waits for, durably: its
// preview, or its application.
func (c *Client) EnqueueRules(ctx context.Context, change int64) (added bool, err error) {
	return c.enqueue(ctx, rulesArgs{Change: change}, true)
}

var notYetDone = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
	rivertype.JobStateRetryable, rivertype.JobStateScheduled}

func (c *Client) enqueue(ctx context.Context, args river.JobArgs, forward bool) (added bool, err error) {
	res, err := c.river.Insert(ctx, args, nil)
	if err != nil {
		return false, fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	waits := []rivertype.JobState{rivertype.JobStateRetryable, rivertype.JobStateScheduled}
	if forward && res.UniqueSkippedAsDuplicate && slices.Contains(waits, res.Job.State) {
		if _, err := c.river.JobRetry(ctx, res.Job.ID); err != nil {
			return false, fmt.Errorf("bring %s forward: %w", args.Kind(), err)
		}
		// It is the insert, again of nothing new, that wakes the worker.
		_, err := c.river.Insert(ctx, args, nil)
		return true, err
	}
	return !res.UniqueSkippedAsDuplicate, nil
}

// enqueueDue is the work of the hourly job.
func (c *Client) enqueueDue(ctx context.Context, _ int64) error {
	if c.work.Due == nil {
		return nil
	}
	sites, err := c.work.Due(ctx)
	for _, site := range sites {
		if _, more := c.enqueue(ctx, syncArgs{Site: site}, false); more != nil {
			err = errors.Join(err, more)
		}
	}
	return err
}
