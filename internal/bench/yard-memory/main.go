// Command yard-memory reads both files and matches in memory on one core. It is
// the least that an import can cost.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"

	"landed/internal/bench/yard"
)

func main() {
	pitches := flag.String("pitches", "", "pitch list")
	links := flag.String("links", "", "backlink export")
	truth := flag.String("truth", "", "truth to compare with; costs time")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	out, err := match(*pitches, *links, *truth)
	if err != nil {
		fmt.Fprintln(os.Stderr, "yard-memory:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(out)
}

func match(pitches, links, truth string) (yard.Outcome, error) {
	out := yard.Outcome{Wrong: -1}
	m, err := yard.ReadPitches(pitches)
	if err != nil {
		return out, err
	}
	var refs []string
	err = yard.Links(links, func(l *yard.Link) {
		ref := m.Match(l)
		if out.Links++; ref != "" {
			out.Matched++
		}
		if truth != "" {
			refs = append(refs, ref)
		}
	})
	if err == nil && truth != "" {
		out.Wrong, err = yard.Wrong(truth, refs)
	}
	return out, err
}
