// Command sync measures what syncs cost: requests and units, beside the least that
// the price model allows, and time at 60 requests a minute. The provider is the
// simulated one, and its clock moves by sleeping alone, so that weeks take seconds.
//
//	go run ./internal/bench/sync                         1, 10 and 100 sites for 12 weeks
//	go run ./internal/bench/sync -sites 1000 -weeks 12   takes some minutes
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	sites := flag.String("sites", "1,10,100", "how many sites, separated by commas")
	weeks := flag.Int("weeks", 12, "weeks after the first contact")
	flag.Parse()
	if err := print(ctx, *sites, *weeks); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func print(ctx context.Context, sites string, weeks int) error {
	fmt.Printf("%d new and %d lost links a week and site, %d weeks after the first contact.\n\n", newLinks, lostLinks, weeks)
	fmt.Println("| sites | units a site and week | F1: of 760 | least | ratio | requests a site and week | F2: of 4 | least | longest week | F3: of its requests at 60 a minute | 429 | F4: rows stored for nothing new, units |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for text := range strings.SplitSeq(sites, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-sites: %q is no number", text)
		}
		r, err := measure(ctx, n, weeks)
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %.0f | %.2f | %.0f | %.3f | %.2f | %.2f | %.2f | %s | %.3f | %d | %s, %.0f |\n", n, r.units, r.units/modelUnits, r.leastUnits, r.units/r.leastUnits,
			r.requests, r.requests/modelRequests, r.leastRequests, r.longest.Round(1e9), r.pace, r.refused, map[bool]string{true: "none", false: "**some**"}[r.quiet], r.idleUnits)
		fmt.Fprintf(os.Stderr, "%d sites: first contact %.0f units and %.1f requests a site\n", n, r.firstUnits, r.firstRequests)
	}
	return nil
}
