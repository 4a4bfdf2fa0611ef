// Command accuracy measures how often attribution is right. It makes up
// workspaces of which it knows the truth (which pitch earned which link, if
// any), carries them through the real readers and the real store, and compares.
//
//	go run ./internal/bench/accuracy [-careful] [-seeds 10] [-seed 1] [-outlets 1500] [-explain 0] [-enforce]
//
// assume.go has what it assumes about the world; docs/accuracy.md explains the
// figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

// The aims.
const (
	aimPrecision = 0.995 // of what is credited without a person
	aimFound     = 0.99  // of what pitches earned: credited right or suggested
)

func main() {
	var o options
	flag.IntVar(&o.seeds, "seeds", 10, "worlds to make")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the first world; the others follow")
	flag.IntVar(&o.outlets, "outlets", 1500, "outlets that are pitched in each world")
	flag.IntVar(&o.explain, "explain", 0, "examples to print of each way to be wrong")
	flag.BoolVar(&o.careful, "careful", false, "by the careful rules instead of the defaults of the specification")
	enforce := flag.Bool("enforce", false, "exit with 1 when an aim is missed: precision, and recall where the records can tell")
	flag.Parse()
	if flag.NArg() > 0 || o.seeds < 1 || o.outlets < 1 {
		flag.Usage()
		os.Exit(2)
	}
	all, err := measure(context.Background(), o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
	if *enforce && (all.precision() < aimPrecision || all.foundOfTold() < aimFound) {
		os.Exit(1)
	}
}

type options struct {
	seeds, outlets, explain int
	careful                 bool
	seed                    uint64
}

func measure(ctx context.Context, o options, out io.Writer) (figures, error) {
	t := newTally()
	for i := range o.seeds {
		one := newTally()
		if i == 0 {
			one.explain = o.explain // one world has examples enough
		}
		w := newWorld(o.seed+uint64(i), o.outlets)
		if err := run(ctx, w, o.careful, one); err != nil {
			return figures{}, fmt.Errorf("seed %d: %w", o.seed+uint64(i), err)
		}
		f := one.total()
		fmt.Fprintf(out, "seed %d: %d pitches, %d links, %d earned; precision of credited %.4f, recall of credited + suggested %.4f\n",
			o.seed+uint64(i), len(w.pitches), f.links, f.earned, f.precision(), f.found())
		t.merge(one)
	}
	fmt.Fprintln(out)
	t.print(out)
	all := t.total()
	fmt.Fprintf(out, "\nAims: precision of credited %.3f: %s. Recall of credited + suggested %.2f: %s.\n",
		aimPrecision, met(all.precision(), aimPrecision), aimFound, met(all.found(), aimFound))
	fmt.Fprintf(out, "Where the records can tell, recall of credited + suggested is %s: %s.\n", share(all.toldFound, all.told), met(all.foundOfTold(), aimFound))
	fmt.Fprintf(out, "%d of %d links wait for a person; of %d wrong credits %d belong to another pitch; %d links were stored twice; %d list pages of placements are not counted.\n",
		all.asked, all.links, all.wrong, all.toOther, all.twice, all.either)
	for _, e := range append(t.wrong, t.missed...) {
		fmt.Fprintln(out, e)
	}
	return all, nil
}

func met(have, aim float64) string {
	if have >= aim {
		return "met"
	}
	return "MISSED"
}
