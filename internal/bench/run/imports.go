package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// imported is what one size cost, run by run.
type imported struct {
	memory, memory16, sqlite, rows         []cost
	preview, whole, links, links16, second []cost
	export                                 []string // files of credits to hold against the truth
}

// imports measures reading, matching and storing the files of one size.
func (b *bench) imports(s size) error {
	var m imported
	for i := range b.runs {
		if err := b.importOnce(s, i, &m); err != nil {
			return err
		}
	}
	t := newTable("", "what", "wall", "CPU", "peak RSS", "against", "ratio, wall / CPU", "bar")
	row := func(id, what string, got, yard []cost, against string, most float64) {
		g := middle(got)
		ratios, verdict := "", ""
		if yard != nil {
			y := middle(yard)
			w, c := ratio(g.wall, y.wall), ratio(g.cpu, y.cpu)
			ratios = times(w) + " / " + times(c)
			if most > 0 {
				verdict = bar(max(w, c), most, "%.2f ×")
			}
		}
		t.add(id, what, seconds(g.wall.Seconds()), seconds(g.cpu.Seconds()), megabytes(g.rss), against, ratios, verdict)
	}
	stored := map[string]float64{"S": 1.5, "M": 1.5, "L": 1.3}[s.name]
	row("", "yard-memory, UTF-8", m.memory, nil, "", 0)
	row("", "yard-memory, UTF-16", m.memory16, m.memory, "UTF-8", 0)
	row("", "yard-sqlite", m.sqlite, m.memory, "yard-memory", 0)
	row("", "yard-memory, and yard-rows storing", m.rows, m.memory, "yard-memory", 0)
	row("B1", "`import links --dry-run`", m.preview, m.memory, "yard-memory (goal 2 ×)", 0)
	row("B2-4", "`import pitches` and `import links`", m.whole, m.sqlite, "yard-sqlite", stored)
	row("", "the same", m.whole, m.rows, "yard-memory and yard-rows", 0)
	row("", "of that, `import links`", m.links, nil, "", 0)
	row("B6", "`import links`, UTF-16", m.links16, m.links, "UTF-8", 1.3)
	row("B7", "`import links` once more", m.second, m.links, "the first time", 1)
	t.print(fmt.Sprintf("Imports, size %s: %d pitches, %d links", s.name, s.pitches, s.links))
	if s.name == "L" {
		fmt.Printf("\nB5 peak RSS of the import: %s, bar %s\n", megabytes(middle(m.whole).rss), bar(float64(middle(m.whole).rss)/1e6, 400, "%.0f MB"))
	}
	for i, file := range m.export {
		v, err := compare(b.file(s, "truth.csv"), file)
		if err != nil {
			return err
		}
		fmt.Printf("\nA1 %s: %s\n", []string{"UTF-8", "UTF-16"}[i], v)
	}
	return nil
}

// importOnce runs every program once, yardsticks and product in turn.
func (b *bench) importOnce(s size, i int, m *imported) error {
	pitches, csv, tsv := b.file(s, "pitches.csv"), b.file(s, "links.csv"), b.file(s, "links-utf16.csv")
	data, err := b.fresh("data")
	if err != nil {
		return err
	}
	data16, err := b.fresh("data16")
	if err != nil {
		return err
	}
	yards, err := b.fresh("yard")
	if err != nil {
		return err
	}
	for _, d := range []string{data, data16} {
		if _, err := b.command("landed", "site", "add", site, "--data", d); err != nil {
			return err
		}
	}
	list := func(d string) []string {
		return []string{"landed", "import", "pitches", pitches, "--site", site, "--data", d}
	}
	links := func(d, file string, more ...string) []string {
		return append([]string{"landed", "import", "links", file, "--site", site, "--data", d}, more...)
	}
	var pitchCost, linkCost cost
	steps := []struct {
		args []string
		keep func(cost)
	}{
		{[]string{"yard-memory", "-pitches", pitches, "-links", csv}, func(c cost) { m.memory = append(m.memory, c) }},
		{list(data), func(c cost) { pitchCost = c }},
		{links(data, csv, "--dry-run"), func(c cost) { m.preview = append(m.preview, c) }},
		{[]string{"yard-sqlite", "-pitches", pitches, "-links", csv, "-db", filepath.Join(yards, "yard.db")}, func(c cost) { m.sqlite = append(m.sqlite, c) }},
		{links(data, csv), func(c cost) { linkCost = c; m.links = append(m.links, c) }},
		{[]string{"yard-memory", "-pitches", pitches, "-links", tsv}, func(c cost) { m.memory16 = append(m.memory16, c) }},
		{links(data, csv), func(c cost) { m.second = append(m.second, c) }},
		{list(data16), func(cost) {}},
		{links(data16, tsv), func(c cost) { m.links16 = append(m.links16, c) }},
	}
	for _, step := range steps {
		c, err := b.command(step.args[0], step.args[1:]...)
		if err != nil {
			return err
		}
		step.keep(c)
	}
	m.whole = append(m.whole, pitchCost.and(linkCost))
	rows, err := b.storing(filepath.Join(data, "landed.db"), filepath.Join(yards, "rows.db"))
	if err != nil {
		return err
	}
	m.rows = append(m.rows, m.memory[i].and(rows))
	if i > 0 {
		return nil
	}
	for j, d := range []string{data, data16} {
		file := filepath.Join(b.dir, fmt.Sprintf("credits-%d.csv", j))
		if _, err := b.command("landed", "export", "credits", "--format", "csv", "--data", d, "--out", file); err != nil {
			return err
		}
		m.export = append(m.export, file)
	}
	return nil
}

// storing is what yard-rows says that storing took, without reading the rows
// before. Its memory holds them all and says nothing.
func (b *bench) storing(from, file string) (cost, error) {
	c, err := b.command("yard-rows", "-from", from, "-db", file)
	if err != nil {
		return c, err
	}
	var said struct{ Wall, CPU float64 }
	err = json.Unmarshal([]byte(c.out), &said)
	return cost{wall: time.Duration(said.Wall * float64(time.Second)), cpu: time.Duration(said.CPU * float64(time.Second))}, err
}
