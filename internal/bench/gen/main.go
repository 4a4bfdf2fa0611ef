// Command gen writes a made-up backlink export in the columns of Ahrefs, the
// pitch list beside it, and the truth: which pitch earned which link by the
// rules of attribution. The same flags write the same bytes on any machine.
//
//	go run ./internal/bench/gen -links 100000 -pitches 10000 -seed 1 -out DIR [-utf16]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var o options
	flag.IntVar(&o.links, "links", 100_000, "backlinks to write")
	flag.IntVar(&o.pitches, "pitches", 10_000, "pitches to write")
	flag.Uint64Var(&o.seed, "seed", 1, "seed")
	flag.StringVar(&o.out, "out", "", "directory to write to; made when missing")
	flag.BoolVar(&o.utf16, "utf16", false, "write the same links as UTF-16LE with tabs as well")
	flag.Parse()
	if o.out == "" || flag.NArg() > 0 || o.links < 1 || o.pitches < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(o); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

type options struct {
	links, pitches int
	seed           uint64
	out            string
	utf16          bool
}

// The files of one workload.
const (
	linksCSV   = "links.csv"
	linksUTF16 = "links-utf16.csv" // named .csv as the real export is, with tabs inside
	pitchesCSV = "pitches.csv"
	truthCSV   = "truth.csv"
)

func generate(o options) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	w := newWorld(o.seed, o.pitches)
	if err := writePitches(filepath.Join(o.out, pitchesCSV), w); err != nil {
		return err
	}
	truth, err := create(filepath.Join(o.out, truthCSV), plainCSV)
	if err != nil {
		return err
	}
	outs := []*table{}
	csv, err := create(filepath.Join(o.out, linksCSV), quotedCSV)
	if err != nil {
		return err
	}
	outs = append(outs, csv)
	if o.utf16 {
		tsv, err := create(filepath.Join(o.out, linksUTF16), utf16TSV)
		if err != nil {
			return err
		}
		outs = append(outs, tsv)
	}
	truth.row([]string{"source_url", "target_url", "pitch_ref", "band", "why"})
	for _, out := range outs {
		out.row(columns)
	}
	for i := range o.links {
		l := w.link(i, o.links)
		cells := l.cells()
		for _, out := range outs {
			out.row(cells)
		}
		truth.row([]string{l.source, l.target, l.ref, l.band, l.why})
	}
	for _, t := range append(outs, truth) {
		if err := t.close(); err != nil {
			return err
		}
	}
	return nil
}
