// Command run measures the built binary beside the yardsticks on generated
// files and prints Markdown tables with the bars that must hold. Programs are
// alternated and medians taken, so that only ratios within one run count.
//
//	go run ./internal/bench/run                  size M, imports and pages
//	go run ./internal/bench/run -sizes S,M,L     imports at every size, pages at the first
//	go run ./internal/bench/run -parts import    imports alone
//	go run ./internal/bench/run -parts import -profile cmd/server/default.pgo   what the compiler is told of hot code
//	go run ./internal/bench/run -sizes L -parts rerun -dir DIR   a change of the rules over all links
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// site is the one that the generated links point to.
const site = "brand.example"

type size struct {
	name           string
	pitches, links int
}

var sizes = []size{{"S", 1_000, 10_000}, {"M", 10_000, 100_000}, {"L", 100_000, 1_000_000}}

// bench is one run: where things are and how often to measure.
type bench struct {
	ctx  context.Context
	dir  string // scratch
	bin  string // built programs
	runs int
	seed int
	// profile is the file to gather profiles of the product in; "" for none.
	profile string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{ctx: ctx}
	names := flag.String("sizes", "M", "sizes to import, of S, M and L")
	parts := flag.String("parts", "import,web", "what to measure: import, web, rerun")
	dir := flag.String("dir", "", "scratch directory to keep; a temporary one when left out")
	flag.IntVar(&b.runs, "runs", 5, "runs of which the median is taken")
	flag.IntVar(&b.seed, "seed", 1, "seed of the workload")
	flag.StringVar(&b.profile, "profile", "", "file to write where the product's CPU time went; its figures are then worth nothing")
	flag.Parse()
	if err := b.measure(*names, *parts, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func (b *bench) measure(names, parts, dir string) error {
	var chosen []size
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(sizes, func(s size) bool { return s.name == name })
		if i < 0 {
			return fmt.Errorf("-sizes: %q is none of S, M, L", name)
		}
		chosen = append(chosen, sizes[i])
	}
	if b.dir = dir; dir == "" {
		temp, err := os.MkdirTemp("", "landed-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		b.dir = temp
	}
	if err := b.build(); err != nil {
		return err
	}
	fmt.Printf("%s, %d CPUs, medians of %d runs, seed %d.\n", runtime.Version(), runtime.NumCPU(), b.runs, b.seed)
	for _, s := range chosen {
		if err := b.generate(s); err != nil {
			return err
		}
		if strings.Contains(parts, "import") {
			if err := b.imports(s); err != nil {
				return fmt.Errorf("imports, size %s: %w", s.name, err)
			}
		}
	}
	if strings.Contains(parts, "rerun") {
		if err := b.rerun(chosen[0]); err != nil {
			return fmt.Errorf("re-attribution: %w", err)
		}
	}
	if strings.Contains(parts, "web") {
		if err := b.web(chosen[0]); err != nil {
			return fmt.Errorf("pages: %w", err)
		}
	}
	return b.gather()
}

// build makes the product as releases are made, and the yardsticks likewise.
func (b *bench) build() error {
	b.bin = filepath.Join(b.dir, "bin")
	for name, pkg := range map[string]string{
		"landed": "./cmd/server", "gen": "./internal/bench/gen", "yard-memory": "./internal/bench/yard-memory",
		"yard-sqlite": "./internal/bench/yard-sqlite", "yard-rows": "./internal/bench/yard-rows", "yard-web": "./internal/bench/yard-web",
	} {
		args := []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", b.program(name)}
		if b.profile != "" {
			args = append(args, "-tags", "profile", "-pgo", "off")
		}
		cmd := exec.CommandContext(b.ctx, "go", append(args, pkg)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}

// run is one of the built programs, to be started.
func (b *bench) run(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.ctx, b.program(program), args...)
	if b.profile != "" {
		cmd.Env = append(os.Environ(), "LANDED_PROFILE="+b.bin)
	}
	return cmd
}

// gathered is what the compiler is told of: SQLite and what leads to it. Told of
// more, it makes the binary larger than it may be.
const gathered = "landed/internal/store"

// gather makes one profile of those that the product's runs have left.
func (b *bench) gather() error {
	if b.profile == "" {
		return nil
	}
	all, err := filepath.Glob(filepath.Join(b.bin, "*.prof"))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("no profile was written")
	}
	cmd := exec.CommandContext(b.ctx, "go", append([]string{"tool", "pprof", "-proto", "-focus", gathered, "-output", b.profile}, all...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("merge %d profiles: %w\n%s", len(all), err, out)
	}
	return nil
}

func (b *bench) program(name string) string { return filepath.Join(b.bin, name) }

// file is a generated file of a size.
func (b *bench) file(s size, name string) string { return filepath.Join(b.dir, "size-"+s.name, name) }

func (b *bench) generate(s size) error {
	if _, err := os.Stat(b.file(s, "truth.csv")); err == nil {
		return nil // kept from a run before, with -dir
	}
	_, err := b.command("gen", "-links", strconv.Itoa(s.links), "-pitches", strconv.Itoa(s.pitches),
		"-seed", strconv.Itoa(b.seed), "-utf16", "-out", filepath.Dir(b.file(s, "x")))
	return err
}

// fresh is an empty scratch directory.
func (b *bench) fresh(name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}
