package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const cpuRequests = 400

// pair is one figure of the product and of the yardstick, run by run.
type pair struct{ ours, yard []float64 }

func (p *pair) add(ours, yard float64) { p.ours, p.yard = append(p.ours, ours), append(p.yard, yard) }

// pages is what the web part measured.
type pages struct {
	start, list, dashboard, deep pair
	filtered                     []pair
	tail                         map[int]*pair // p99 in milliseconds, by connections
	rate                         pair
	idle, peak                   pair
	failed                       int
	wire                         []string
}

var connections = []int{1, 16, 64}

// web measures pages over the links of one size.
func (b *bench) web(s size) error {
	data, err := b.fresh("web")
	if err != nil {
		return err
	}
	yard := filepath.Join(data, "yard.db")
	data = filepath.Join(data, "data")
	for _, c := range [][]string{
		{"yard-web", "-fill", "-db", yard, "-pitches", b.file(s, "pitches.csv"), "-links", b.file(s, "links.csv")},
		{"landed", "site", "add", site, "--data", data},
		{"landed", "import", "pitches", b.file(s, "pitches.csv"), "--site", site, "--data", data},
		{"landed", "import", "links", b.file(s, "links.csv"), "--site", site, "--data", data},
	} {
		if _, err := b.command(c[0], c[1:]...); err != nil {
			return err
		}
	}
	if err := b.addUser(data); err != nil {
		return err
	}
	after, err := dayOfRow(b.file(s, "links.csv"), s.links*9/10)
	if err != nil {
		return err
	}
	m := &pages{tail: map[int]*pair{}, filtered: make([]pair, len(urls.filtered))}
	for _, n := range connections {
		m.tail[n] = &pair{}
	}
	for i := range b.runs {
		if err := b.webOnce(data, yard, after, i == 0, m); err != nil {
			return err
		}
	}
	info, err := os.Stat(b.program("landed"))
	if err != nil {
		return err
	}
	m.print(s, info.Size())
	return nil
}

// webOnce starts both servers anew and measures each figure on one, then the other.
func (b *bench) webOnce(data, yardFile, after string, first bool, m *pages) error {
	ours, err := b.serve("landed", "serve", "--data", data)
	if err != nil {
		return err
	}
	defer ours.stop()
	yard, err := b.serve("yard-web", "-db", yardFile)
	if err != nil {
		return err
	}
	defer yard.stop()
	m.start.add(ours.start.Seconds()*1000, yard.start.Seconds()*1000)
	time.Sleep(2 * time.Second) // what a start left to do is done by then
	if err := both(ours, yard, &m.idle, func(s *server, _ bool) (float64, error) { return s.megabytes("VmRSS") }); err != nil {
		return err
	}
	if err := ours.signIn(); err != nil {
		return err
	}
	number, err := ours.site()
	if err != nil {
		return err
	}
	address := func(template string) string {
		return strings.NewReplacer("{site}", number, "{after}", urls.cursor(after)).Replace(template)
	}
	if err := costs(ours, yard, address, m); err != nil {
		return err
	}
	if first {
		if err := m.overTheWire(ours, address); err != nil {
			return err
		}
	}
	if err := b.press(ours, yard, address, m); err != nil {
		return err
	}
	return both(ours, yard, &m.peak, func(s *server, _ bool) (float64, error) { return s.megabytes("VmHWM") })
}

// both takes a figure of the product, then of the yardstick.
func both(ours, yard *server, into *pair, f func(s *server, isYard bool) (float64, error)) error {
	a, err := f(ours, false)
	if err != nil {
		return err
	}
	b, err := f(yard, true)
	if err != nil {
		return err
	}
	into.add(a, b)
	return nil
}

func (s *server) megabytes(key string) (float64, error) {
	n, err := s.memory(key)
	return float64(n) / 1e6, err
}

// costs measures the CPU time of single requests.
func costs(ours, yard *server, address func(string) string, m *pages) error {
	type figure struct {
		ours, yard string
		into       *pair
	}
	figures := []figure{
		{urls.links, urls.yardLinks, &m.list}, {urls.dashboard, urls.yardDashboard, &m.dashboard}, {urls.deep, urls.yardLinks, &m.deep},
	}
	for i, path := range urls.filtered {
		figures = append(figures, figure{path, urls.yardLinks, &m.filtered[i]})
	}
	for _, f := range figures {
		err := both(ours, yard, f.into, func(s *server, isYard bool) (float64, error) {
			path := address(f.ours)
			if isYard {
				path = f.yard
			}
			d, err := s.cpuPerRequest(path, cpuRequests)
			return d.Seconds() * 1000, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// press measures throughput and tails, and ends with 64 connections on the dashboard for the peak of memory.
func (b *bench) press(ours, yard *server, address func(string) string, m *pages) error {
	for _, n := range connections {
		err := both(ours, yard, m.tail[n], func(s *server, isYard bool) (float64, error) {
			path := address(urls.links)
			if isYard {
				path = urls.yardLinks
			}
			l, err := s.press(b.ctx, path, n)
			m.failed += l.errors
			if n == 16 && isYard {
				m.rate.yard = append(m.rate.yard, l.perSecond)
			} else if n == 16 {
				m.rate.ours = append(m.rate.ours, l.perSecond)
			}
			return l.p99.Seconds() * 1000, err
		})
		if err != nil {
			return err
		}
	}
	for _, s := range []*server{ours, yard} {
		path := urls.yardDashboard
		if s == ours {
			path = address(urls.dashboard)
		}
		l, err := s.press(b.ctx, path, 64)
		if err != nil {
			return err
		}
		m.failed += l.errors
	}
	return nil
}

// overTheWire counts what a browser loads on a first and on later visits. Fonts
// that only the style sheet names are not in it; a browser loads them after the first paint.
// Nor is HTMX, which the script fetches when somebody begins to use the page.
func (m *pages) overTheWire(s *server, address func(string) string) error {
	const encodings = "gzip, deflate, br, zstd"
	for _, p := range []struct{ id, name, path string }{{"D1", "links", urls.links}, {"D3", "dashboard", urls.dashboard}} {
		markup, err := s.page(address(p.path), "identity")
		if err != nil {
			return err
		}
		body, err := s.page(address(p.path), encodings)
		if err != nil {
			return err
		}
		total, requests := int64(len(body)), 1
		for _, a := range assets(markup) {
			r, asset, err := s.get(a, encodings)
			if err != nil {
				return err
			}
			if r.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answered %s", a, r.Status)
			}
			total += int64(len(asset))
			requests++
		}
		m.wire = append(m.wire, fmt.Sprintf("%s first visit, %s: %s in %d requests (%s); the page alone %s, %s uncompressed",
			p.id, p.name, kilobytes(total), requests, bar(float64(total)/1e3, 32, "%.0f kB"), kilobytes(int64(len(body))), kilobytes(int64(len(markup)))))
	}
	_, body, err := s.ask(address(urls.deep), encodings, "list")
	if err != nil {
		return err
	}
	m.wire = append(m.wire, fmt.Sprintf("D2 a further page of links, as HTMX fetches it: %s (%s)", kilobytes(int64(len(body))), bar(float64(len(body))/1e3, 8, "%.0f kB")))
	return nil
}

// dayOfRow is the day of the n-th newest link.
func dayOfRow(links string, n int) (string, error) {
	var days []string
	err := columns(links, []string{"First seen"}, func(c []string) { days = append(days, c[0][:min(10, len(c[0]))]) })
	if err != nil || n >= len(days) {
		return "", fmt.Errorf("row %d of %d links: %w", n, len(days), err)
	}
	slices.SortFunc(days, func(a, b string) int { return strings.Compare(b, a) })
	return days[n], nil
}

func (m *pages) print(s size, binary int64) {
	t := newTable("", "what", "landed", "yard-web", "ratio", "bar or goal")
	row := func(id, what string, p pair, unit, verdict string) {
		a, b := median(p.ours), median(p.yard)
		t.add(id, what, fmt.Sprintf("%.2f %s", a, unit), fmt.Sprintf("%.2f %s", b, unit), times(a/max(b, 1e-9)), verdict)
	}
	list := median(m.list.ours)
	most := func(p pair, limit float64) string { return bar(median(p.ours), limit, "%.2f") }
	row("C1", "links, first page, CPU a request", m.list, "ms", "goal ≤ 2.5 ×")
	row("C2", "links, 16 connections", m.rate, "a second", "goal ≥ 0.5 ×")
	for _, n := range connections {
		row("C3", fmt.Sprintf("links, p99 at %d", n), *m.tail[n], "ms", "goal ≤ 2 ×")
	}
	row("C4", "dashboard, CPU a request", m.dashboard, "ms", "goal ≤ 2.5 ×")
	row("C5", "links, 9 of 10 in, CPU a request", m.deep, "ms", "first page × 2: "+most(m.deep, 2*list))
	for i, path := range urls.filtered {
		row("C5", "`"+path+"`, CPU a request", m.filtered[i], "ms", "first page × 2: "+most(m.filtered[i], 2*list))
	}
	row("E1", "start to first 200", m.start, "ms", "goal ≤ 2 ×; "+most(m.start, 68))
	row("E2", "idle RSS", m.idle, "MB", most(m.idle, 27))
	row("E3", "peak RSS of it all", m.peak, "MB", most(m.peak, 100))
	t.print(fmt.Sprintf("Pages over %d links", s.links))
	fmt.Printf("\n%d failed requests. E4 binary %s, %s.\n", m.failed, megabytes(binary), bar(float64(binary)/1e6, 22, "%.0f MB"))
	for _, w := range m.wire {
		fmt.Printf("\n%s\n", w)
	}
}
