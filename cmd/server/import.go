package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"landed/internal/config"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/store"
)

// maxRows bounds a file on the command line, where there is no upload limit.
const maxRows = 5_000_000

// roomy lets the collector of a command that ends soon run less often, within
// what the smallest machine has: for the first time when there are some 190 MB, which
// imports of 100,000 links do not need. It saves a fifth of their CPU time. done ends
// that.
func roomy() (done func()) {
	const weight, most = 96 << 20, 1 << 30
	// Never touched, so that the machine need not have it; but it counts as used
	// when the collector decides when to begin.
	ballast := make([]byte, weight)
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(most + weight)
	return func() { runtime.KeepAlive(ballast) }
}

type importCmd struct {
	Pitches importPitchesCmd `command:"pitches" description:"Import a pitch list (CSV, TSV, semicolons)."`
	Links   importLinksCmd   `command:"links" description:"Import a backlink export of Ahrefs."`
}

type importPitchesCmd struct{ config.Import }

// Run recognises the list, matches its columns and saves its pitches. What a
// person would be asked on the web (the order of dates) is an error here.
func (c *importPitchesCmd) Run(a *app) error {
	defer roomy()()
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		site, err := st.SiteByHost(ctx, c.Site)
		if err != nil {
			return err
		}
		file, err := a.rereadable(c.Args.File)
		if err != nil {
			return err
		}
		defer file.Close()
		if short(file, shortList) {
			st.Alone()
		}
		list, err := intake.Inspect(ctx, st, site, file, maxRows)
		if err == nil {
			_, err = file.Seek(0, io.SeekStart)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args.File, err)
		}
		out, err := intake.Pitches(ctx, st, store.CommandLine, site, file, intake.PitchesOptions{
			Mapping: list.Mapping, DryRun: c.DryRun, MaxRows: maxRows, Rows: list.Rows, File: filepath.Base(c.Args.File), Today: day.Of(st.Now())})
		if len(fault.FieldsOf(err)) > 0 {
			return fmt.Errorf("%s: %w The browser asks about this; here the list must say it, with names such as Outlet and dates such as 2026-04-30", c.Args.File, err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args.File, err)
		}
		if err := imported(ctx, st, c.Import, "pitches"); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(a.stdout, out)
		}
		fmt.Fprintln(a.stdout, out.Sentence())
		printCredits(a.stdout, out.Credits)
		printRefused(a.stdout, out.Refused)
		return nil
	})
}

type importLinksCmd struct{ config.Import }

// Run reads a backlink export and saves its links.
func (c *importLinksCmd) Run(a *app) error {
	defer roomy()()
	return a.withStore(c.Data.Data, false, func(ctx context.Context, st *store.Store) error {
		site, err := st.SiteByHost(ctx, c.Site)
		if err != nil {
			return err
		}
		file, err := a.input(c.Args.File)
		if err != nil {
			return err
		}
		defer file.Close()
		if f, ok := file.(*os.File); ok && short(f, shortExport) {
			st.Alone()
		}
		out, err := intake.Links(ctx, st, site, file, intake.LinksOptions{DryRun: c.DryRun, MaxRows: maxRows})
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args.File, err)
		}
		if err := imported(ctx, st, c.Import, "links"); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(a.stdout, out)
		}
		fmt.Fprintf(a.stdout, "%s\n%s\n", out.Format, out.Sentence())
		if out.NewLost > 0 {
			fmt.Fprintf(a.stdout, "%d of the new links are lost already.\n", out.NewLost)
		}
		if out.Lost+out.Reinstated > 0 {
			fmt.Fprintf(a.stdout, "%d were lost since, %d came back.\n", out.Lost, out.Reinstated)
		}
		printCredits(a.stdout, out.Credits)
		printRefused(a.stdout, out.Refused)
		return nil
	})
}

// Files that are imported in less time than whoever opens the workspace meanwhile is
// ready to wait, which is 10 s: 100,000 links are 46 MB and take 3 s, 100,000 pitches
// are 21 MB and take 4 s. Rows count besides, since as many bytes of short ones take
// three times as long.
const shortExport, shortList, fewRows = 100 << 20, 30 << 20, 250_000

// short reports whether a file is no larger than most bytes and has few rows, if they
// are like its first ones. Where it is read from next does not change.
func short(f *os.File, most int64) bool {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > most {
		return false
	}
	begin := make([]byte, 64<<10)
	n, err := f.ReadAt(begin, 0)
	rows := int64(max(bytes.Count(begin[:n], []byte("\n")), bytes.Count(begin[:n], []byte("\r"))))
	return (err == nil || err == io.EOF) && rows*info.Size() <= fewRows*int64(n)
}

// imported writes an import of the command line into the audit log.
func imported(ctx context.Context, st *store.Store, c config.Import, kind string) error {
	if c.DryRun {
		return nil
	}
	return st.Audit(ctx, store.CommandLine, "imported", filepath.Base(c.Args.File), kind+" of "+c.Site)
}

func printCredits(w io.Writer, c store.CreditChanges) {
	fmt.Fprintf(w, "Links credited: %d; suggested for review: %d", c.Credited, c.Suggested)
	if c.Moved+c.Cleared > 0 {
		fmt.Fprintf(w, "; moved to another pitch: %d; no longer credited or suggested: %d", c.Moved, c.Cleared)
	}
	fmt.Fprintln(w, ".")
}

// printedRefusals keeps a file that is wrong throughout from filling the screen.
const printedRefusals = 20

func printRefused(w io.Writer, r intake.Refusals) {
	for i, f := range r.Rows {
		if i == printedRefusals {
			fmt.Fprintf(w, "… and %d more (--json has the first %d).\n", r.Count-i, len(r.Rows))
			return
		}
		fmt.Fprintf(w, "Refused: line %d", f.Line)
		if f.Column != "" {
			fmt.Fprintf(w, ", %s", f.Column)
		}
		if f.Value != "" {
			fmt.Fprintf(w, " (%q)", f.Value)
		}
		fmt.Fprintf(w, ": %s\n", f.Reason)
	}
}
