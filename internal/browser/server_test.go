package browser

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a running Landed and what it printed about itself.
type server struct {
	base     string // "http://127.0.0.1:41234"
	setup    string // the set-up link, while there is no account
	password string // of every account of the demo
	accounts map[string]string

	cmd   *exec.Cmd
	logs  *lines
	ended chan struct{} // closed when the process is over
	how   error         // then: how it ended
}

// startWithin covers the demo's year of data on a busy machine.
const startWithin = 90 * time.Second

var (
	saysBase     = regexp.MustCompile(`^Landed is at (http://\S+)`)
	saysSetup    = regexp.MustCompile(`^\s+(http://\S+/setup\S+)`)
	saysAccount  = regexp.MustCompile(`^\s+(viewer|staff|manager|admin)\s+(\S+@\S+)`)
	saysPassword = regexp.MustCompile(`^with the password: (.+)$`)
)

// start runs a command that serves and returns once it has printed the last line
// that matters.
func start(last *regexp.Regexp, args ...string) (*server, error) {
	s := &server{accounts: map[string]string{}, logs: &lines{}, ended: make(chan struct{}), cmd: exec.Command(binary, args...)}
	s.cmd.Env = append(os.Environ(), "LANDED_AHREFS_TOKEN=")
	s.cmd.Stderr = s.logs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	go s.read(bufio.NewScanner(out), last, ready)
	select {
	case <-ready:
	case <-time.After(startWithin):
	}
	go func() { // not before: it closes what is read from
		s.how = s.cmd.Wait()
		close(s.ended)
	}()
	if s.base == "" {
		s.stop()
		return nil, fmt.Errorf("landed %s did not start:\n%s", strings.Join(args, " "), s.logs)
	}
	return s, nil
}

func (s *server) read(out *bufio.Scanner, last *regexp.Regexp, ready chan struct{}) {
	say := sync.OnceFunc(func() { close(ready) })
	defer say() // it ended; or, later, once more for nothing
	base := ""
	for out.Scan() {
		line := out.Text()
		if m := saysBase.FindStringSubmatch(line); m != nil {
			base = m[1]
		} else if m := saysSetup.FindStringSubmatch(line); m != nil {
			s.setup = m[1]
		} else if m := saysAccount.FindStringSubmatch(line); m != nil && s.accounts[m[1]] == "" {
			s.accounts[m[1]] = m[2]
		} else if m := saysPassword.FindStringSubmatch(line); m != nil {
			s.password = m[1]
		}
		if s.base == "" && last.MatchString(line) {
			s.base = base
			say()
		}
	}
}

// stop ends the server as Ctrl+C does and waits for it.
func (s *server) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
	}
}

// died says how the server ended before it was told to, and its last words.
func (s *server) died() error {
	select {
	case <-s.ended:
		said := s.logs.String()
		return fmt.Errorf("the server ended early: %v\n%s", s.how, said[max(0, len(said)-4000):])
	default:
		return nil
	}
}

// serve runs a server on a workspace of its own: an empty one, or with words
// before it the one that these commands make.
func serve(t *testing.T, addr string, before ...[]string) *server {
	t.Helper()
	dir, last := t.TempDir(), saysSetup
	for _, args := range before {
		cmd := exec.Command(binary, append(args, "--data", dir)...)
		cmd.Stdin = strings.NewReader(adminPassword + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("landed %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		last = saysBase
	}
	s, err := start(last, "serve", "--data", dir, "--addr", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("the server said:\n%s", s.logs)
		}
	})
	return s
}

// The administrator of workspaces that the tests make.
const (
	adminEmail    = "ada@fern.example"
	adminPassword = "nine quiet lanterns"
)

// lines keeps what a server logs.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
