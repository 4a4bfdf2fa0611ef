// Command server is Landed: the web server and the command line in one binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"landed/internal/config"
)

// Exit codes, as docs/cli.md promises them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// app is what a command gets beside its own settings.
type app struct {
	ctx     context.Context // ends with SIGINT or SIGTERM
	secrets config.Secrets
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

// command is what every leaf of program can do.
type command interface{ Run(a *app) error }

// program is the command line: one line per command.
type program struct {
	Serve     serveCmd     `command:"serve" description:"Serve the web pages and run the jobs (the default)."`
	Demo      demoCmd      `command:"demo" description:"Serve a throw-away workspace with sample data and a simulated provider."`
	Sync      syncCmd      `command:"sync" description:"Pull links, losses, referring domains and figures from Ahrefs."`
	Import    importCmd    `command:"import" description:"Import a pitch list or a backlink export."`
	Attribute attributeCmd `command:"attribute" description:"Match links with pitches again."`
	Export    exportCmd    `command:"export" description:"Export pitches, links or credits."`
	User      userCmd      `command:"user" description:"Make, list and reset accounts."`
	Site      siteCmd      `command:"site" description:"Add and list our sites."`
	Key       keyCmd       `command:"key" description:"Make and rotate the master key that opens saved tokens."`
	Backup    backupCmd    `command:"backup" description:"Write a checked copy of the workspace."`
	Restore   restoreCmd   `command:"restore" description:"Put a backup in the place of the workspace."`
	Check     checkCmd     `command:"check" description:"Look for damage and for figures that do not add up."`
	Version   versionCmd   `command:"version" description:"Print which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	atEnd()
	os.Exit(code)
}

// atEnd is for builds that are looked into, see profile.go.
var atEnd = func() {}

// run is the whole program without the process around it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	chosen, err := config.Parse(&program{}, args, getenv, stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "landed: %v\nRun “landed --help” for the commands.\n", err)
		return exitUsage
	}
	a := &app{ctx: ctx, secrets: config.ReadSecrets(getenv), stdin: stdin, stdout: stdout, stderr: stderr}
	if err := chosen.Settings.(command).Run(a); err != nil { // with its cause: whoever runs a command owns the machine
		fmt.Fprintf(stderr, "landed: %v\n", err)
		return exitFailed
	}
	return exitDone
}
