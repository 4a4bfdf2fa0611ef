package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// phase is what one part of a change of the rules cost the server, and how fast
// its pages were meanwhile.
type phase struct {
	what      string
	wall, cpu time.Duration
	lists     []time.Duration
	dashes    []time.Duration
}

// rerun measures a change of a threshold over all links of one size, as an admin
// makes it: the preview, its application and its undoing, with pages being read
// all the while. The workspace is kept in the scratch directory.
func (b *bench) rerun(s size) error {
	data := filepath.Join(b.dir, "rerun")
	if _, err := os.Stat(filepath.Join(data, "landed.db")); err != nil {
		for _, args := range [][]string{
			{"site", "add", site, "--data", data},
			{"import", "pitches", b.file(s, "pitches.csv"), "--site", site, "--data", data},
			{"import", "links", b.file(s, "links.csv"), "--site", site, "--data", data},
		} {
			if _, err := b.command("landed", args...); err != nil {
				return err
			}
		}
	}
	if err := b.addUser(data); err != nil && !strings.Contains(err.Error(), "already") {
		return err
	}
	full, err := b.command("landed", "attribute", "--full", "--data", data)
	if err != nil {
		return err
	}
	srv, err := b.serve("landed", "serve", "--data", data)
	if err != nil {
		return err
	}
	defer srv.stop()
	if err := srv.signIn(); err != nil {
		return err
	}
	number, err := srv.site()
	if err != nil {
		return err
	}
	r := &rerunner{b: b, srv: srv, list: strings.ReplaceAll(urls.links, "{site}", number), dash: strings.ReplaceAll(urls.dashboard, "{site}", number)}
	if err := r.all(); err != nil {
		return err
	}
	peak, err := srv.memory("VmHWM")
	if err != nil {
		return err
	}
	t := newTable("what", "wall", "CPU", "list p50", "list p99", "dashboard p50", "dashboard p99")
	t.add("`attribute --full`, no server", seconds(full.wall.Seconds()), seconds(full.cpu.Seconds()), "", "", "", "")
	for _, p := range r.phases {
		t.add(p.what, seconds(p.wall.Seconds()), seconds(p.cpu.Seconds()), rank(p.lists, 50), rank(p.lists, 99), rank(p.dashes, 50), rank(p.dashes, 99))
	}
	t.print(fmt.Sprintf("Re-attribution, size %s: %d pitches, %d links", s.name, s.pitches, s.links))
	fmt.Printf("\nPeak RSS: %s of `attribute --full`, %s of the server, pages of the mapped database included.\n%s\n", megabytes(full.rss), megabytes(peak), r.said)
	return nil
}

func rank(all []time.Duration, percent int) string {
	if len(all) == 0 {
		return "–"
	}
	slices.Sort(all)
	return fmt.Sprintf("%.0f ms", all[(len(all)-1)*percent/100].Seconds()*1000)
}

type rerunner struct {
	b          *bench
	srv        *server
	list, dash string
	phases     []phase
	said       string
}

// rerunLimit is for one phase; a machine that needs longer has other work.
const rerunLimit = 40 * time.Minute

func (r *rerunner) all() error {
	quiet := time.Now()
	if err := r.while("pages alone", func() (bool, error) { return time.Since(quiet) > 10*time.Second, nil }); err != nil {
		return err
	}
	change, err := r.post("/settings/matching", "credit_at", "75")
	if err != nil {
		return err
	}
	if err := r.while("preview of a lower threshold", r.shows(change, "/apply")); err != nil {
		return err
	}
	page, err := r.srv.page(change, "")
	if err != nil {
		return err
	}
	r.said = "Preview: " + lead.FindString(string(page))
	if _, err := r.post(change+"/apply", "anyway", "1"); err != nil {
		return err
	}
	if err := r.while("apply", r.shows(change, "/undo")); err != nil {
		return err
	}
	undo, err := r.post(change+"/undo", "x", "")
	if err != nil {
		return err
	}
	return r.while("undo", r.shows(undo, "/undo"))
}

var lead = regexp.MustCompile(`It would change [^<.]*`)

// shows tells whether the page of a change offers an action by now.
func (r *rerunner) shows(change, action string) func() (bool, error) {
	return func() (bool, error) {
		page, err := r.srv.page(change, "")
		if err == nil && strings.Contains(string(page), "It stopped.") {
			err = fmt.Errorf("the change stopped")
		}
		return strings.Contains(string(page), `action="`+change+action), err
	}
}

// while reads pages in turn, as one person does who does not stop to read, until
// done says so.
func (r *rerunner) while(what string, done func() (bool, error)) error {
	p := phase{what: what}
	before, err := r.srv.cpu()
	if err != nil {
		return err
	}
	begun := time.Now()
	for asked := time.Now(); time.Since(begun) < rerunLimit; {
		for _, x := range []struct {
			path string
			into *[]time.Duration
		}{{r.list, &p.lists}, {r.dash, &p.dashes}} {
			at := time.Now()
			if err := r.srv.once(r.b.ctx, x.path); err != nil {
				return fmt.Errorf("%s during %s: %w", x.path, what, err)
			}
			*x.into = append(*x.into, time.Since(at))
			time.Sleep(50 * time.Millisecond)
		}
		if time.Since(asked) < time.Second {
			continue
		}
		asked = time.Now()
		over, err := done()
		if err != nil {
			return err
		}
		if over {
			after, err := r.srv.cpu()
			p.wall, p.cpu = time.Since(begun), after-before
			r.phases = append(r.phases, p)
			return err
		}
	}
	return fmt.Errorf("%s took longer than %s", what, rerunLimit)
}

// post sends a form with the page's token and gives where it leads.
func (r *rerunner) post(path, name, value string) (string, error) {
	page, err := r.srv.page("/settings/matching", "")
	if err != nil {
		return "", err
	}
	form := url.Values{name: {value}}
	for _, input := range hiddenField.FindAllString(string(page), -1) {
		if strings.Contains(input, `"csrf"`) {
			for _, a := range attribute.FindAllStringSubmatch(input, -1) {
				if a[1] == "value" {
					form.Set("csrf", a[2])
				}
			}
		}
	}
	req, err := http.NewRequestWithContext(r.b.ctx, http.MethodPost, r.srv.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", r.srv.base)
	req.Header.Set("Cookie", r.srv.cookie)
	res, err := r.srv.client.Do(req)
	if err != nil {
		return "", err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("%s answered %s", path, res.Status)
	}
	return res.Header.Get("Location"), nil
}
