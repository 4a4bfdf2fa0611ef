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

// program is the command line: one line per command.
type program struct {
	Serve     serveCmd     `cmd:"" default:"withargs" help:"Serve the web pages and run the jobs (the default)."`
	Demo      demoCmd      `cmd:"" help:"Serve a throw-away workspace with sample data and a simulated provider."`
	Sync      syncCmd      `cmd:"" help:"Pull links, losses, referring domains and figures from Ahrefs."`
	Import    importCmd    `cmd:"" help:"Import a pitch list or a backlink export."`
	Attribute attributeCmd `cmd:"" help:"Match links with pitches again."`
	Export    exportCmd    `cmd:"" help:"Export pitches, links or credits."`
	User      userCmd      `cmd:"" help:"Accounts."`
	Site      siteCmd      `cmd:"" help:"Sites of ours."`
	Key       keyCmd       `cmd:"" help:"The master key that opens saved tokens."`
	Backup    backupCmd    `cmd:"" help:"Write a checked copy of the workspace."`
	Restore   restoreCmd   `cmd:"" help:"Put a backup in the place of the workspace."`
	Check     checkCmd     `cmd:"" help:"Look for damage and for figures that do not add up."`
	Version   versionCmd   `cmd:"" help:"Print which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program without the process around it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	command, err := config.Parse(&program{}, args, getenv, stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "landed: %v\nRun “landed --help” for the commands.\n", err)
		return exitUsage
	}
	a := &app{ctx: ctx, secrets: config.ReadSecrets(getenv), stdin: stdin, stdout: stdout, stderr: stderr}
	if err := command.Run(a); err != nil { // with its cause: whoever runs a command owns the machine
		fmt.Fprintf(stderr, "landed: %v\n", err)
		return exitFailed
	}
	return exitDone
}
