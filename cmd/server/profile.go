//go:build profile

package main

import (
	"os"
	"runtime/pprof"
)

// A binary built with the tag "profile" writes where its CPU time went into a file
// of the directory LANDED_PROFILE. default.pgo is made of such files: see
// CONTRIBUTING.md.
func init() {
	dir := os.Getenv("LANDED_PROFILE")
	if dir == "" {
		return
	}
	f, err := os.CreateTemp(dir, "landed-*.prof")
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		panic(err)
	}
	atEnd = func() {
		pprof.StopCPUProfile()
		f.Close()
	}
}
