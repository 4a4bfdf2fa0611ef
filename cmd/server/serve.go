package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"landed/internal/ahrefs"
	"landed/internal/auth"
	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/jobs"
	"landed/internal/provider"
	"landed/internal/store"
	"landed/internal/sync"
	"landed/internal/web"
)

type serveCmd struct{ config.Serve }

// Run serves until the process is told to end.
func (c *serveCmd) Run(a *app) error {
	lock, err := lockData(c.Data.Data)
	if err != nil {
		return err
	}
	defer lock.release()
	log := a.logger(c.LogLevel)
	return a.withStore(c.Data.Data, true, func(ctx context.Context, st *store.Store) error {
		short, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		if err := st.Whole(short); err != nil {
			return err
		}
		s := &service{app: a, settings: c.Serve, store: st, log: log}
		return s.run(ctx, func(string) {})
	})
}

func (a *app) logger(level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // the grammar allows only its words
	return web.NewLogger(a.stderr, l)
}

// service is a running Landed: pages, jobs and the provider.
type service struct {
	*app
	settings config.Serve
	store    *store.Store
	log      *slog.Logger
	pace     int // requests a minute to the provider; 0 = its limit

	provider *provider.Desk
	jobs     *jobs.Client
	opened   chan struct{} // closed once jobs is there, or never will be
}

const (
	lookWithin = time.Second      // for damage, before anybody is served
	stopWithin = 10 * time.Second // for requests under way when told to stop
	megabyte   = 1 << 20
	uploadKept = 24 * time.Hour
)

// run listens, says where to ready, and returns when all has stopped: first the
// listener, then the jobs; the store is the caller's to close, last.
func (s *service) run(ctx context.Context, ready func(base string)) error {
	// A page takes little memory, but many at once take it together; without a
	// limit the collector lets the heap grow as if the machine were its own.
	if debug.SetMemoryLimit(-1) > 1<<40 {
		debug.SetMemoryLimit(64 * megabyte)
	}
	listener, err := net.Listen("tcp", s.settings.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	defer listener.Close()
	base, err := s.base(listener.Addr())
	if err != nil {
		return err
	}
	if s.provider, err = s.desk(s.store, s.settings.Data.Data, s.settings.AhrefsEndpoints, s.pace, longWait, s.log); err != nil {
		return err
	}
	s.opened = make(chan struct{})
	handler, err := s.pages(base)
	if err != nil {
		return err
	}
	server := web.NewHTTPServer(s.settings.Addr, handler, s.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(s.stdout, "Landed is at %s\n", base)
	if link := handler.SetupURL(); link != "" {
		fmt.Fprintf(s.stdout, "No account yet. Make the first one here within 30 minutes:\n  %s\n", link)
	}
	if s.settings.InsecureCookies {
		s.log.Warn("cookies go over plain http: anybody on the way can take over a session (--insecure-cookies)")
	}
	ready(base.String())
	err = s.work(ctx, failed)
	if s.jobs == nil {
		close(s.opened) // or requests would wait for it, and the end for them
	}
	if ctx.Err() != nil { // told to stop, perhaps while it still began: what that cut off is no failure
		err = nil
		s.log.Info("stopping")
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, server.Shutdown(end))
	if s.jobs != nil {
		err = errors.Join(err, s.jobs.Stop(end))
	}
	return err
}

// work opens the queue, works its jobs and waits until it is told to stop or the
// server failed. Pages are served before that, since few of them need the queue.
func (s *service) work(ctx context.Context, failed <-chan error) error {
	if err := s.openJobs(ctx); err != nil {
		return err
	}
	close(s.opened)
	if err := s.jobs.Start(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	calm()
	go s.clean(ctx)
	go func() { _ = s.provider.FindOut(ctx) }() // for forecasts; a sync finds out by itself
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// queue is where pages put jobs. It opens a moment after the first page is served.
func (s *service) queue(ctx context.Context) (*jobs.Client, error) {
	select {
	case <-s.opened:
		if s.jobs == nil {
			return nil, fault.New(fault.Unavailable, "The server is stopping. Try again in a moment.")
		}
		return s.jobs, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// calm gives back what a start took and a server does not need, and then has
// the collector come by half as often as it would: what a page leaves behind is
// little beside what stays, and to look through that took a fourth of a page's time.
func calm() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// base is the address that people use, by the port that was really opened.
func (s *service) base(on net.Addr) (*url.URL, error) {
	text := s.settings.BaseURL
	if text == "" {
		host, _, err := net.SplitHostPort(s.settings.Addr)
		if err != nil {
			return nil, fmt.Errorf("--addr: %w", err)
		}
		_, port, err := net.SplitHostPort(on.String())
		if err != nil {
			return nil, fmt.Errorf("--addr: %w", err)
		}
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		text = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil {
		return nil, fmt.Errorf("--base-url: %w", err)
	}
	return u, nil
}

func (s *service) pages(base *url.URL) (*web.Server, error) {
	hasher, err := auth.NewHasher(auth.DefaultParams)
	if err != nil {
		return nil, err
	}
	d := web.Deps{Store: s.store, Log: s.log, Hasher: hasher, DataDir: s.settings.Data.Data, MaxUpload: s.settings.MaxUpload * megabyte,
		Config: web.Config{BaseURL: base, InsecureCookies: s.settings.InsecureCookies, HSTS: s.settings.HSTS, TrustedProxies: s.settings.TrustedProxies,
			Idle: s.settings.SessionIdle, Lifetime: s.settings.SessionLifetime},
		EnqueueRules: func(ctx context.Context, id int64) error {
			q, err := s.queue(ctx)
			if err == nil {
				_, err = q.EnqueueRules(ctx, id)
			}
			return err
		},
		Enqueue: func(ctx context.Context, id int64) error {
			q, err := s.queue(ctx)
			if err == nil {
				_, err = q.EnqueueImport(ctx, id)
			}
			return err
		},
		EnqueueSync: func(ctx context.Context, site int64) (bool, error) {
			q, err := s.queue(ctx)
			if err != nil {
				return false, err
			}
			return q.EnqueueSync(ctx, site)
		},
		Provider: s.provider, SyncEvery: s.settings.SyncEvery}
	d.Forecast = func(ctx context.Context, site int64, years int) (web.Forecast, error) {
		return s.forecast(ctx, site, store.Asked{Years: years})
	}
	d.ForecastCheck = func(ctx context.Context, site int64) (web.Forecast, error) {
		return s.forecast(ctx, site, store.Asked{EveryLink: true})
	}
	return web.New(d)
}

// longWait is from where a job is put off instead of holding a worker.
const longWait = 20 * time.Second

func (s *service) openJobs(ctx context.Context) error {
	work := jobs.Work{Log: s.log, Now: s.store.Now,
		Import: func(ctx context.Context, id int64) error { return intake.Run(ctx, s.store, s.settings.Data.Data, id) },
		Rules:  s.store.WorkChange,
		GaveUp: s.gaveUp,
		Attribute: func(ctx context.Context, site int64) error {
			_, err := s.store.Attribute(ctx, site, true, nil)
			return err
		},
		Sync: s.sync}
	if s.settings.SyncEvery > 0 {
		work.Due = s.due
	}
	var err error
	s.jobs, err = jobs.Open(ctx, filepath.Join(s.settings.Data.Data, store.FileName), work)
	return err
}

// sync begins a site's run with the token that is in use now. One that waits for
// units is no job meanwhile: due brings it back when there are new ones.
func (s *service) sync(ctx context.Context, site int64) error {
	client, err := s.provider.Client(ctx)
	if err != nil {
		return err
	}
	run := &sync.Syncer{Store: s.store, Provider: client, Now: s.store.Now, Log: s.log, LockDir: s.settings.Data.Data}
	_, err = run.RunAsked(ctx, site)
	if w, waits := errors.AsType[*sync.Waiting](err); waits && w.For.Budget() || errors.Is(err, sync.ErrCancelled) {
		return nil
	}
	return err
}

// forecast reckons by the provider's prices, for pages: nothing is sent, so that it
// is not known before the first answer said which set of endpoints there is.
func (s *service) forecast(ctx context.Context, site int64, asked store.Asked) (web.Forecast, error) {
	client, err := s.provider.Client(ctx)
	if err != nil || client.Set() == ahrefs.Auto {
		return web.Forecast{}, err
	}
	run := &sync.Syncer{Store: s.store, Provider: client, Now: s.store.Now, Log: s.log}
	f, err := run.ForecastAsked(ctx, site, asked)
	if err != nil || !f.Priced {
		return web.Forecast{}, err
	}
	cost := f.Cost()
	return web.Forecast{Requests: cost.Requests, Units: cost.Units, AtLeast: len(f.Unknown) > 0, Known: true}, nil
}

// due lists the sites to sync; none while there is nothing to ask with.
func (s *service) due(ctx context.Context) ([]int64, error) {
	state, err := s.provider.State(ctx)
	if err != nil || !state.Ready() {
		return nil, err
	}
	return s.store.DueSyncs(ctx, max(1, int(s.settings.SyncEvery/(24*time.Hour))))
}

// gaveUp notes on a change of the rules that its job ended without it.
func (s *service) gaveUp(ctx context.Context, kind string, id int64, err error) {
	if kind != jobs.KindRules {
		return
	}
	if end := s.store.FailChange(context.WithoutCancel(ctx), id, fault.Message(err)); end != nil {
		s.log.Error("change of the rules not marked as failed", "change", id, "err", end)
	}
}

// clean removes uploads that no import needs any more, now and once a day. At
// the start nobody is uploading, so that what a crash left goes at once.
func (s *service) clean(ctx context.Context) {
	for spare := time.Duration(0); ; spare = uploadKept {
		if err := intake.CleanUploads(ctx, s.store, s.settings.Data.Data, spare); err != nil && ctx.Err() == nil {
			s.log.Warn("uploads were not cleaned", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
	}
}
