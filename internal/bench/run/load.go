package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is what a server gave under a number of connections.
type load struct {
	perSecond float64
	p99       time.Duration
	errors    int
}

const loadTime = 4 * time.Second

// press keeps conns connections busy. wrk takes less of the machine than a loop
// in Go, so it is used where it is installed, for every program of a run alike.
func (s *server) press(ctx context.Context, path string, conns int) (load, error) {
	if wrk, err := exec.LookPath("wrk"); err == nil {
		return s.wrk(ctx, wrk, path, conns)
	}
	return s.loop(ctx, path, conns)
}

var (
	wrkRate   = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkTail   = regexp.MustCompile(`99%\s+([\d.]+(?:us|ms|s|m))`)
	wrkErrors = regexp.MustCompile(`Non-2xx or 3xx responses:\s+(\d+)`)
	wrkSocket = regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`)
)

func (s *server) wrk(ctx context.Context, wrk, path string, conns int) (load, error) {
	args := []string{"-t1", "-c" + strconv.Itoa(conns), "-d" + strconv.Itoa(int(loadTime.Seconds())) + "s", "--latency"}
	if s.cookie != "" {
		args = append(args, "-H", "Cookie: "+s.cookie)
	}
	out, err := exec.CommandContext(ctx, wrk, append(args, s.base+path)...).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	rate, tail := wrkRate.FindSubmatch(out), wrkTail.FindSubmatch(out)
	if rate == nil || tail == nil {
		return load{}, fmt.Errorf("wrk said: %s", out)
	}
	var l load
	if l.perSecond, err = strconv.ParseFloat(string(rate[1]), 64); err != nil {
		return l, err
	}
	if l.p99, err = time.ParseDuration(string(tail[1])); err != nil {
		return l, err
	}
	for _, counts := range [][][]byte{wrkErrors.FindSubmatch(out), wrkSocket.FindSubmatch(out)} {
		for _, c := range counts[min(1, len(counts)):] {
			n, err := strconv.Atoi(string(c))
			if err != nil {
				return l, err
			}
			l.errors += n
		}
	}
	return l, nil
}

func (s *server) loop(ctx context.Context, path string, conns int) (load, error) {
	ctx, stop := context.WithTimeout(ctx, loadTime)
	defer stop()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		times []time.Duration
		l     load
	)
	for range conns {
		wg.Go(func() {
			var mine []time.Duration
			failed := 0
			for ctx.Err() == nil {
				begun := time.Now()
				switch err := s.once(ctx, path); {
				case err == nil:
					mine = append(mine, time.Since(begun))
				case ctx.Err() == nil:
					failed++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
			l.errors += failed
		})
	}
	wg.Wait()
	if len(times) == 0 {
		return l, fmt.Errorf("%s: no answer from %s", s.name, path)
	}
	slices.Sort(times)
	l.perSecond = float64(len(times)) / loadTime.Seconds()
	l.p99 = times[len(times)*99/100]
	return l, nil
}

func (s *server) once(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return err
	}
	if s.cookie != "" {
		req.Header.Set("Cookie", s.cookie)
	}
	r, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", r.Status)
	}
	return nil
}
