package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a started program that answers on base.
type server struct {
	name   string
	base   string
	cookie string // signs in; "" for a yardstick
	start  time.Duration
	cmd    *exec.Cmd
	log    bytes.Buffer
	done   chan error
	client *http.Client
}

// serve starts a program with a free address at the end of its arguments, and
// waits for the first 200 of its health page.
func (b *bench) serve(program string, args ...string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	s := &server{name: program, base: "http://" + addr, done: make(chan error, 1), client: &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}}
	s.cmd = b.run(program, append(args, "--addr", addr)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.done <- s.cmd.Wait() }()
	for time.Since(begun) < 20*time.Second {
		select {
		case err := <-s.done:
			return nil, fmt.Errorf("%s ended at its start: %v\n%s", program, err, s.log.String())
		default:
		}
		if r, err := http.Get(s.base + urls.health); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				s.start = time.Since(begun)
				return s, nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s does not answer %s with 200\n%s", program, urls.health, s.log.String())
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		return err
	case <-time.After(15 * time.Second):
		s.cmd.Process.Kill()
		<-s.done
		return fmt.Errorf("%s did not stop within 15 s", s.name)
	}
}

// get asks for a page with the session and returns what came over the wire.
func (s *server) get(path, encoding string) (*http.Response, []byte, error) {
	return s.ask(path, encoding, "")
}

// ask is get; target, if not "", is the part of the page that HTMX would swap.
func (s *server) ask(path, encoding, target string) (*http.Response, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, nil, err
	}
	if target != "" {
		req.Header.Set("HX-Request", "true")
		req.Header.Set("HX-Target", target)
	}
	if s.cookie != "" {
		req.Header.Set("Cookie", s.cookie)
	}
	if encoding != "" {
		req.Header.Set("Accept-Encoding", encoding)
	}
	r, err := s.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return r, body, err
}

// page is get for what must be there.
func (s *server) page(path, encoding string) ([]byte, error) {
	r, body, err := s.get(path, encoding)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: GET %s: %s", s.name, path, r.Status)
	}
	return body, nil
}

// ticksPerSecond is what Linux counts CPU time of a process in.
const ticksPerSecond = 100

// cpu is the user and system time that the process used so far.
func (s *server) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // the name before it may hold blanks
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, fmt.Errorf("cannot read /proc/%d/stat", s.cmd.Process.Pid)
	}
	user, err := strconv.Atoi(f[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(f[12])
	return time.Duration(user+system) * time.Second / ticksPerSecond, err
}

// memory reads a figure such as VmRSS or VmHWM, in bytes.
func (s *server) memory(key string) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/%d/status", key, s.cmd.Process.Pid)
}

// cpuPerRequest asks for a page n times in a row.
func (s *server) cpuPerRequest(path string, n int) (time.Duration, error) {
	for range n / 10 { // warm caches and connections
		if _, err := s.page(path, "identity"); err != nil {
			return 0, err
		}
	}
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	for range n {
		if _, err := s.page(path, "identity"); err != nil {
			return 0, err
		}
	}
	after, err := s.cpu()
	return (after - before) / time.Duration(n), err
}
