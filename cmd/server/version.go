package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"landed/internal/config"
)

// version is set by the release build: -ldflags "-X main.version=0.2.0".
var version = "0.2.0-dev"

type versionCmd struct{ config.Version }

// Run prints the version, the commit where the build knows it, and the toolchain.
func (c *versionCmd) Run(a *app) error {
	_, err := fmt.Fprintf(a.stdout, "landed %s%s %s %s/%s\n", version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	out := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			out = " " + s.Value[:12] + out
		case s.Key == "vcs.modified" && s.Value == "true":
			out += "+changes"
		}
	}
	return out
}
