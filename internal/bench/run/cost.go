package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cost is what a program used, as the kernel counted it.
type cost struct {
	wall, cpu time.Duration // cpu is user and system together
	rss       int64         // bytes, at its highest
	out       string
}

// command runs one of the built programs to its end. What the one before it left to
// be written to disk is written first, so that no program pays for another.
func (b *bench) command(program string, args ...string) (cost, error) {
	syscall.Sync()
	var out, errs bytes.Buffer
	cmd := b.run(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	begun := time.Now()
	err := cmd.Run()
	c := cost{wall: time.Since(begun), out: out.String()}
	if err != nil {
		return c, fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.rss = u.Maxrss * 1024
	}
	return c, nil
}

// and is the cost of two programs run one after the other.
func (c cost) and(d cost) cost {
	return cost{wall: c.wall + d.wall, cpu: c.cpu + d.cpu, rss: max(c.rss, d.rss)}
}

func median[T cmp.Ordered](all []T) T {
	s := slices.Sorted(slices.Values(all))
	if len(s) == 0 {
		var none T
		return none
	}
	return s[len(s)/2]
}

// middle takes the median of each figure by itself.
func middle(all []cost) cost {
	var c cost
	pick := func(f func(cost) time.Duration) time.Duration {
		var v []time.Duration
		for _, x := range all {
			v = append(v, f(x))
		}
		return median(v)
	}
	c.wall = pick(func(x cost) time.Duration { return x.wall })
	c.cpu = pick(func(x cost) time.Duration { return x.cpu })
	var rss []int64
	for _, x := range all {
		rss = append(rss, x.rss)
	}
	c.rss = median(rss)
	return c
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
