package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"landed/internal/fault"
)

// dataLock keeps a second server, or a restore, off a workspace that is served.
// Other commands do not take it: SQLite lets them work beside the server.
type dataLock struct{ file *os.File }

// lockData takes the lock of dir, or says that somebody has it. The kernel
// frees it when the process ends, however that happens.
func lockData(dir string) (*dataLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "landed.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.New(fault.Conflict, "another landed serves the workspace in %s; stop it first", dir)
	}
	return &dataLock{f}, nil
}

func (l *dataLock) release() { l.file.Close() }
