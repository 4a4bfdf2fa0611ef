package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// landed is the binary in a process of its own: the test binary under its name.
func landed(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "landed"
	return cmd
}

// must runs a command of the binary to its end.
func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := landed(t, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("landed %s: %v %s", strings.Join(args, " "), err, err.(*exec.ExitError).Stderr)
	}
	return string(out)
}

const (
	durableUser   = "staff@example.com"
	durablePhrase = "a long enough phrase 48213"
)

// workspaceIn makes a workspace with one site and one person.
func workspaceIn(t *testing.T, dir string) {
	t.Helper()
	must(t, durablePhrase+"\n", "user", "add", durableUser, "--role", "admin", "--password-stdin", "--data", dir)
	must(t, "", "site", "add", "fern.example", "--data", dir)
}

// served is a server in a process of its own, with somebody signed in.
type served struct {
	t       *testing.T
	cmd     *exec.Cmd
	base    string
	cookies map[string]string
	csrf    string
}

var (
	addressSaid = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	csrfField   = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
)

func serve(t *testing.T, dir string) *served {
	t.Helper()
	s := &served{t: t, cmd: landed(t, "serve", "--addr", "127.0.0.1:0", "--data", dir), cookies: map[string]string{}}
	said, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout = s.cmd.Stderr
	if s.cmd.Stdout, err = nil, s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	lines := bufio.NewReader(said)
	for s.base == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal("the server did not say its address")
		}
		s.base = addressSaid.FindString(line)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	s.form("/signin")
	if code, _ := s.post("/signin", "email", durableUser, "password", durablePhrase); code != http.StatusSeeOther {
		t.Fatal("sign-in answered", code)
	}
	s.form("/pitches/new")
	return s
}

func (s *served) do(req *http.Request) (int, string, error) {
	var all []string
	for name, value := range s.cookies {
		all = append(all, name+"="+value)
	}
	req.Header.Set("Cookie", strings.Join(all, "; "))
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func (s *served) get(path string) (int, string) {
	s.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, s.base+path, nil)
	code, body, err := s.do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	return code, body
}

// form reads the token that a post needs.
func (s *served) form(path string) {
	s.t.Helper()
	code, body := s.get(path)
	m := csrfField.FindStringSubmatch(body)
	if m == nil {
		s.t.Fatalf("%s: %d, no form", path, code)
	}
	s.csrf = html.UnescapeString(m[1])
}

// post gives status 0 when the server went away.
func (s *served) post(path string, fields ...string) (int, string) {
	form := url.Values{"csrf": {s.csrf}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req, _ := http.NewRequest(http.MethodPost, s.base+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.base)
	code, body, err := s.do(req)
	if err != nil {
		return 0, ""
	}
	return code, body
}

func (s *served) log(subject string) (int, string) {
	return s.post("/pitches", "outlet", "moss.example", "subject", subject, "status", "pitched", "sent", "2026-01-02", "anyway", "1")
}

// subjects counts the stored pitches by each of their cells that begins with a word.
func subjects(t *testing.T, dir, word string) map[string]int {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(must(t, "", "export", "pitches", "--format", "csv", "--data", dir))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.HasPrefix(cell, word) {
				out[cell]++
			}
		}
	}
	return out
}

// kills is how often the server is killed: LANDED_KILLS, otherwise few.
func kills(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("LANDED_KILLS")); err == nil {
		return n
	}
	if testing.Short() {
		return 1
	}
	return 3
}

// A server that is killed while people save has lost nothing that it answered,
// has nothing twice, and is there again at once.
func TestKilledServerKeepsWhatItAnswered(t *testing.T) {
	dir := t.TempDir()
	workspaceIn(t, dir)
	var answered []string
	for round := range kills(t) {
		s := serve(t, dir)
		stop := make(chan struct{})
		timer := time.AfterFunc(time.Duration(50+37*(round%7))*time.Millisecond, func() {
			_ = s.cmd.Process.Signal(syscall.SIGKILL)
			close(stop)
		})
		for i := 0; ; i++ {
			subject := fmt.Sprintf("round %d pitch %d", round, i)
			code, body := s.log(subject)
			if code == http.StatusSeeOther || code == http.StatusOK {
				answered = append(answered, subject)
				continue
			}
			if code != 0 {
				t.Fatalf("a pitch was answered %d: %.300s", code, body)
			}
			break
		}
		timer.Stop()
		<-stop
		_ = s.cmd.Wait()
		must(t, "", "check", "--data", dir)
	}
	if len(answered) == 0 {
		t.Fatal("no pitch was saved before a kill")
	}
	stored := subjects(t, dir, "round")
	for _, subject := range answered {
		if stored[subject] != 1 {
			t.Errorf("%q was answered and is stored %d times", subject, stored[subject])
		}
	}
	for subject, n := range stored {
		if n != 1 {
			t.Errorf("%q is stored %d times", subject, n)
		}
	}
}

// A full disk refuses what would be lost, in words; reading goes on, and writing
// too as soon as there is space again, in the same process.
func TestFullDiskRefusesAndRecovers(t *testing.T) {
	mount := t.TempDir()
	if err := syscall.Mount("tmpfs", mount, "tmpfs", 0, "size=12m"); err != nil {
		t.Skip("a small disk needs the right to mount one:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(mount, syscall.MNT_DETACH) })
	dir := filepath.Join(mount, "data")
	workspaceIn(t, dir)
	s := serve(t, dir)
	if code, body := s.log("with space"); code != http.StatusSeeOther {
		t.Fatalf("with space: %d %.300s", code, body)
	}
	ballast := filepath.Join(mount, "ballast")
	fill(t, ballast)
	refused := 0
	for i := range 400 {
		code, body := s.log("full " + strconv.Itoa(i) + strings.Repeat(" of long words", 300))
		if code == http.StatusSeeOther {
			continue // the write-ahead log still had room in its pages
		}
		refused++
		if code < 500 || strings.Contains(body, "sqlite") || strings.Contains(body, dir) || !strings.Contains(body, "not saved") && !strings.Contains(strings.ToLower(body), "disk") && !strings.Contains(body, "Try again") {
			t.Fatalf("a full disk was answered %d: %s", code, body)
		}
		if code, _ := s.get("/pitches"); code != http.StatusOK {
			t.Fatalf("reading on a full disk: %d", code)
		}
		if refused == 3 {
			break
		}
	}
	if refused == 0 {
		t.Fatal("the disk never was full")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if code, body := s.log("with space again"); code != http.StatusSeeOther {
		t.Fatalf("with space again: %d %.300s", code, body)
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	must(t, "", "check", "--data", dir)
	stored := subjects(t, dir, "with")
	if stored["with space"] != 1 || stored["with space again"] != 1 {
		t.Errorf("stored: %d before, %d after", stored["with space"], stored["with space again"])
	}
}

// fill writes until nothing more goes on to the disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
}
